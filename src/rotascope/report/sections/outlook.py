"""What the outlook sections share: the leads that are judged, whether they lie in the past, dates, base rates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from rotascope.facts.columns import Column
from rotascope.facts.metrics.events import PRINT, QUARTER_END, coming, scheduled
from rotascope.facts.metrics.lists import parameter_of
from rotascope.facts.metrics.sequels import trigger_of
from rotascope.ingest import calendar
from rotascope.model.documents import Entity, Inline
from rotascope.model.errors import NotAvailableError
from rotascope.model.facts import Fact
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.report.prose import Piece
from rotascope.report.sections.history import round_threshold
from rotascope.report.sections.opening import SLIGHT_BELOW, short_names
from rotascope.report.sections.rarity import leader_first
from rotascope.report.story import Pair, Story
from rotascope.report.words import is_flat

LIVE_SESSIONS = 63  # a window that closed longer ago is judged by what came after it
LEAST_AHEAD = 20  # sessions that a test needs between the report and the day it is read
HORIZONS = (3, 12)  # months; the section on history reads others
LEAST_LEAD = 1.0  # points, or percent of a factor; what follows a smaller one is not looked up
_LEAST_CASES = 5
# Standard errors between a share and the base rate, on cases that do not overlap. The bar is low; the text gives
# the counts, and never calls the difference proven.
_TOLD_FROM = 1.2
_TOLD_GAP = 0.08  # and as a share of the cases
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

Choice = int | str


@dataclass(frozen=True, slots=True)
class Lead:
    """One lead: a spread whose first leg was ahead, or a factor with the sign that it has.

    names: which name of each series the text uses.
    """

    kind: str
    fact: Fact
    names: tuple[Choice, ...]

    @property
    def paired(self) -> bool:
        """Whether two series are compared."""
        return len(self.names) == 2


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
    quiet = bool(own) and all(_is_slight(story, pair) for pair in own)
    return 1 if quiet else most


def _is_slight(story: Story, pair: Pair) -> bool:
    percentile = story.maybe("window_percentile", *leader_first(pair))
    return percentile is not None and percentile.value < SLIGHT_BELOW


def called(story: Story, lead: Lead, leg: int, of: Piece | None = None, role: str = "") -> Inline:
    """Return the name of one side of a lead, with the article that an index takes."""
    p = story.prose
    series = lead.fact.series[leg]
    article = "the " if story.desk.universe.instrument(series).kind == "index" else ""
    return p.say(article + "{x}", x=p.name(series, choice_of(lead, leg), of=of, role=role))


def choice_of(lead: Lead, leg: int) -> Choice:
    """Return which name of a side is used: the big companies are "large ones" only after the small ones."""
    chosen = lead.names[leg]
    return "large companies" if chosen == "large ones" and leg == 0 else chosen


def leads(story: Story) -> list[Lead]:
    """Return the leads in style and in size, as far as the data gives them; else that between two indices."""
    style = _of_pairs(story, "style", story.styles) or _of_factor("style", story.value_factor)
    size = (
        _of_pairs(story, "size", story.sizes) or _of_indices(story) or _of_factor("size", story.size_factor)
    )
    found = [lead for lead in (style, size) if lead is not None]
    return [lead for lead in found if not is_flat(lead.fact)]


def _of_pairs(story: Story, kind: str, pairs: Sequence[Pair]) -> Lead | None:
    return of_pair(story, kind, pairs[0]) if pairs else None


def of_pair(story: Story, kind: str, pair: Pair) -> Lead:
    """Return the lead of a family's pair, the leg that was ahead in front."""
    names = short_names(story, pair)
    first = pair.spread.value >= 0
    fact = pair.spread if first else story.fact("return_spread", *leader_first(pair))
    return Lead(kind, fact, names if first else names[::-1])


def _of_factor(kind: str, fact: Fact | None) -> Lead | None:
    return None if fact is None else Lead(kind, fact, (0,))


def _of_indices(story: Story) -> Lead | None:
    """Return the lead between the small and the broad index, or between the two indices that there are."""
    roles = story.desk.universe
    legs = [roles.role("indices", "small")[0], roles.role("indices", "broad")[0]]
    spread = story.maybe("return_spread", *legs)
    if spread is None and len(story.indices) == 2 and story.size_factor is None:
        legs = [f.series[0] for f in story.indices]
        spread = story.maybe("return_spread", *legs)
    if spread is None:
        return None
    fact = spread if spread.value >= 0 else story.fact("return_spread", *legs[::-1])
    return Lead("size" if legs[0] in roles.role("indices", "small") else "index", fact, (0, 0))


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


# Base rates


@dataclass(frozen=True, slots=True)
class BaseRate:
    """What followed windows like this one. `surprise`: standard errors from the share of all windows, on cases
    that do not overlap; positive where the lead was built on more often."""

    limit: Fact
    counted: Fact
    ahead: Fact
    share: Fact
    independent: Fact
    base: Fact
    surprise: float


def base_rate(story: Story, lead: Lead) -> BaseRate | None:
    """Return the most telling base rate of a lead, from its own record or else from that of the factor.

    Of the horizons the one counts at which the sequels of such leads differ most from those of all windows. The
    factor is not asked to contradict what the lead's own record says. None where the cases are few or what
    followed is ordinary, or where the window is not made of whole months.
    """
    length = months_in(story)
    if length is None or length > HORIZONS[-1] or abs(lead.fact.value) < LEAST_LEAD:
        return None
    seen: list[BaseRate] = []
    for series, value in _records(story, lead):
        bound = math.copysign(round_threshold(value), value)
        found = [_at_horizon(story, series, bound, length, horizon) for horizon in HORIZONS]
        rates = [r for r in found if r is not None]
        told = [r for r in rates if _is_told(r) and all(r.surprise * s.surprise > 0 for s in seen)]
        if told:
            return max(told, key=lambda r: abs(r.surprise))
        seen += rates
    return None


def _is_told(rate: BaseRate) -> bool:
    return abs(rate.surprise) >= _TOLD_FROM and abs(rate.share.value - rate.base.value) >= _TOLD_GAP


def _records(story: Story, lead: Lead) -> list[tuple[tuple[str, ...], float]]:
    """Return the series whose past is asked, each with the lead in its own sign."""
    own = [(lead.fact.series, lead.fact.value)]
    factor = story.desk.universe.roles["french"].get({"style": "value_factor"}.get(lead.kind, "size_factor"))
    if not lead.paired or lead.kind == "index":
        return own
    return [*own, ((str(factor),), math.copysign(lead.fact.value, 1 if first_role(story, lead) else -1))]


def first_role(story: Story, lead: Lead) -> bool:
    """Say whether value, or small companies, are the side in front."""
    if not lead.paired:
        return lead.fact.value > 0
    families = story.desk.universe.families
    if lead.kind == "style":
        return any(lead.fact.series[0] in family.value for family in families)
    small = {s for family in families for s in family.small}
    return lead.fact.series[0] in small | set(story.desk.universe.role("indices", "small"))


def owner(story: Story, lead: Lead, *, front: bool = True) -> str:
    """Return in plain words whose lead it is, or who is behind; empty for a lead between two indices."""
    front = first_role(story, lead) is front
    words = {
        "style": ("value shares", "growth shares"),
        "size": ("small companies", "big companies"),
    }.get(lead.kind, ("", ""))
    return words[0] if front else words[1]


def _at_horizon(
    story: Story, series: Sequence[str], bound: float, length: int, horizon: int
) -> BaseRate | None:
    plain: dict[str, Any] = {"length": length, "horizon": horizon}
    settings: dict[str, Any] = {**plain, "at_least": bound}
    counted = story.maybe("sequels_counted", *series, **settings)
    if counted is None or counted.value < _LEAST_CASES or not one_snapshot(story, counted):
        return None
    share = story.fact("sequels_share", *series, **settings)
    base = story.fact("sequels_share", *series, **plain)
    independent = story.fact("sequels_independent", *series, **settings)
    error = math.sqrt(base.value * (1 - base.value) / independent.value)
    if error == 0:
        return None
    unit = Unit.PP if len(series) == 2 else Unit.PERCENT
    return BaseRate(
        limit=parameter_of(story.desk, counted, "at_least", unit),
        counted=counted,
        ahead=story.fact("sequels_ahead", *series, **settings),
        share=share,
        independent=independent,
        base=base,
        surprise=(share.value - base.value) / error * (1 if bound > 0 else -1),
    )


def half_of(story: Story, lead: Lead) -> Fact | None:
    """Return the level at which half of a lead is gone, rounded as it is printed; None for small leads."""
    if abs(lead.fact.value) < 1:
        return None
    test = "below" if lead.fact.value > 0 else "above"
    return trigger_of(story.desk, lead.fact, test, round(lead.fact.value / 2, 1))
