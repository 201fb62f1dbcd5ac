"""What the outlook sections share: how much they may say, whether the window lies in the past, and dates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rotascope.facts.columns import Column
from rotascope.facts.metrics.events import PRINT, QUARTER_END, coming, scheduled
from rotascope.ingest import calendar
from rotascope.model.documents import Entity, Inline
from rotascope.model.errors import NotAvailableError
from rotascope.model.facts import Fact
from rotascope.model.observations import Field
from rotascope.report.prose import Piece
from rotascope.report.sections.rarity import is_slight
from rotascope.report.story import Story

LIVE_SESSIONS = 63  # a window that closed longer ago is judged by what came after it
LEAST_AHEAD = 20  # sessions that a test needs between the report and the day it is read
_NAMES = {
    "fomc": "the decision of the Federal Reserve",
    "cpi": "consumer prices",
    "employment": "the employment report",
    "earnings_season": "the earnings season",
    "reconstitution": "the reconstitution of the Russell indices",
    "option_expiry": "the expiry of options",
    QUARTER_END: "the quarter",
    PRINT: "the next value",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that could be said, and how much it matters: about one for what is just worth saying.

    It is written only if it is chosen, because what a sentence uses becomes part of the report.
    """

    weight: float
    write: Callable[[], Inline]


def best(found: Sequence[Candidate | None], most: int) -> list[Inline]:
    """Return the sentences that matter most, largest first; ties keep their order."""
    there = sorted((c for c in found if c is not None), key=lambda c: -c.weight)
    return [c.write() for c in there[:most]]


def most_of(story: Story, most: int) -> int:
    """Return how many sentences a section may have: a quiet window is told in fewer words."""
    own = [*story.styles[:1], *story.sizes[:1]]
    quiet = bool(own) and all(is_slight(story, pair) for pair in own)
    return 1 if quiet else most


def is_past(story: Story) -> bool:
    """Say whether the window closed so long before the report that what followed is known."""
    end = story.window.end + timedelta(days=1)
    return end <= story.as_of and calendar.count(end, story.as_of) > LIVE_SESSIONS


def event_name(story: Story, fact: Fact, kind: str, text: str = "") -> Piece:
    """Return the name of an event, bound to its date: the rule on names and numbers holds for it."""
    series = fact.series[0]
    name = text or _NAMES[kind]
    known = story.prose.entities.get(series)
    names = known.names if known else ()
    story.prose.entities[series] = Entity(series, tuple(dict.fromkeys((*names, name))), series, "")
    return Piece(name, "name", {"ref": series})


def judged_on(story: Story) -> Fact | None:
    """Return the day on which a test of today's reading can be read: the end of a quarter, far enough off."""
    for event in coming(story.desk, QUARTER_END):
        if calendar.count(story.as_of, event.date) > LEAST_AHEAD:
            return scheduled(story.desk, event)
    return None


def months_in(story: Story) -> int | None:
    """Return the length of the window in calendar months, or None where it does not run from one month's last
    session to another's."""
    ends = [calendar.previous_session(d) for d in (story.window.start, story.window.end)]
    if any(d != calendar.previous_session(month_end(d)) for d in ends):
        return None
    return (ends[1].year - ends[0].year) * 12 + ends[1].month - ends[0].month or None


def month_end(day: date, later: int = 0) -> date:
    """Return the last day of the month of a day, or of the month so many months later."""
    months = day.year * 12 + day.month + later
    return date(months // 12, months % 12 + 1, 1) - timedelta(days=1)


def one_snapshot(story: Story, fact: Fact) -> bool:
    """Say whether a fact rests on the same snapshots as the article: rows of two may not share a report."""
    for each in story.desk.closure([fact]):
        for item in story.desk.inputs_of(each):
            if isinstance(item, Column) and not _same_snapshot(story, item):
                return False
    return True


def _same_snapshot(story: Story, column: Column) -> bool:
    meta = column.data.meta
    if meta.field in (Field.SESSION, Field.SCHEDULED):
        return True
    try:
        return story.desk.series(meta.series, meta.field).snapshot == column.data.snapshot
    except NotAvailableError:
        return False
