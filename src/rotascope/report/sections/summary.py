"""The key information in short: performance, sector pattern, drivers, and what to monitor."""

from __future__ import annotations

from rotascope.report.parts import Parts, heading, paragraph
from rotascope.report.sections import monitoring
from rotascope.report.sections.summary_drivers import fits
from rotascope.report.sections.summary_performance import readings, table
from rotascope.report.sections.summary_sectors import pattern
from rotascope.report.story import Story


def write(story: Story) -> Parts:
    """Return the parts that the data gives; none at all where there is not even one index."""
    rows = [r for r in readings(story) if r is not None]
    if not rows:
        return []
    parts: Parts = [heading("Key information summary"), heading("Performance", 3), table(story, rows)]
    for title, text in (("Sector pattern", pattern(story)), ("Drivers", fits(story))):
        if text.text:
            parts += [heading(title, 3), paragraph(text)]
    return [*parts, heading("Monitoring priorities", 3), *monitoring.write(story)]
