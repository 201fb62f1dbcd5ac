"""Related tickers: the last close and its change, with its date."""

from __future__ import annotations

from datetime import timedelta

from rotascope.ingest.calendar import previous_session
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.report.parts import Parts, TablePart, heading, paragraph
from rotascope.report.prose import day, number
from rotascope.report.story import Story
from rotascope.store.series import to_date


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
        near = story.missing("No closes near {as_of} are in the data.")
        return [*parts, paragraph(story.prose.join(near, _late(story)))]
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


def _late(story: Story) -> Inline | None:
    """Say how old the newest close of the broad index is: what is late is called late."""
    for series in story.desk.universe.role("indices", "broad"):
        if not story.desk.has(series):
            continue
        last = to_date(story.desk.series(series, Field.CLOSE).dates[-1])
        level = story.maybe("level", series, window=Window(last - timedelta(days=1), last))
        if level is not None:
            p = story.prose
            return p.say(
                "The newest close of the {name}, {x}, is that of {d}; it is late.",
                name=p.name(series),
                x=number(level),
                d=day(level, "end_used"),
            )
    return None
