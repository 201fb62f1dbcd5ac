"""Related tickers: the last close and its change, with its date."""

from __future__ import annotations

from datetime import timedelta

from rotascope.ingest.calendar import previous_session
from rotascope.model.facts import Fact, Window
from rotascope.report.parts import Parts, TablePart, heading, paragraph
from rotascope.report.prose import day, number
from rotascope.report.story import Story


def write(story: Story) -> Parts:
    """Quote the last close known as of the report's date; these are closes, not live prices."""
    p = story.prose
    rows = []
    for series in story.desk.universe.tickers:
        found = _last_close(story, series)
        if found is None:
            continue
        level, change = found
        names = story.desk.universe.instrument(series).names
        rows.append(
            (
                p.cell(p.name(series, series if series in names else 0)),
                p.cell(number(level)),
                p.cell(number(change, "signed", decimals=2) if change else "not available"),
                p.cell(day(level, "end_used", "short")),
            )
        )
    parts: Parts = [heading("Related tickers")]
    if not rows:
        return [*parts, paragraph(story.missing("No closes near {as_of} are in the data."))]
    table = TablePart(
        caption=p.say(
            "Last closes known on {as_of}, and the change from the close before", as_of=story.report_day()
        ),
        header=tuple(p.cell(t) for t in ("Name", "Close", "Change", "Date")),
        rows=tuple(rows),
    )
    return [*parts, table]


def _last_close(story: Story, series: str) -> tuple[Fact, Fact | None] | None:
    """Return the last close of the two sessions up to the report's date, and its change if that is known."""
    last = previous_session(story.as_of)
    for end in (last, previous_session(last - timedelta(days=1))):
        window = Window(previous_session(end - timedelta(days=1)), end)
        level = story.maybe("level", series, window=window)
        if level is not None:
            return level, story.maybe("price_return", series, window=window)
    return None
