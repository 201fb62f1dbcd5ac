"""Base rates: what followed such months, how often size paid over ten years, how long eras lasted."""

from __future__ import annotations

from rotascope.report.charts import record, valuation
from rotascope.report.parts import Parts, heading, paragraph
from rotascope.report.sections.long_record import ten_years
from rotascope.report.sections.precedents import sequels
from rotascope.report.sections.size_eras import era_chart, eras_told
from rotascope.report.story import Story


def write(story: Story) -> Parts:
    """What history says: sequels of such months, ten-year windows, eras."""
    parts: Parts = [heading("Historical precedent", 3)]
    drawn = {ten_years: record.chart, eras_told: era_chart}
    for make in (sequels, ten_years, eras_told):
        text = story.prose.join(*make(story))
        if text.text:
            parts.append(paragraph(text))
            parts += drawn[make](story) if make in drawn else []
    parts += valuation.chart(story)
    if len(parts) == 1:
        parts.append(paragraph(story.missing("No history long enough is available as of {as_of}.")))
    return parts
