"""The readings that an article is written from, gathered once, each with what limits it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rotascope.facts.build import Desk
from rotascope.facts.catalogue import find_metric
from rotascope.model.documents import Inline
from rotascope.model.errors import BadWindowError, MissingDataError, NotAvailableError, UnknownNameError
from rotascope.model.facts import Fact, Window
from rotascope.model.numerals import render_date
from rotascope.model.press import CheckedArticle
from rotascope.model.universe import Family
from rotascope.report.case import Case
from rotascope.report.prose import Piece, Prose

_NEAR = 7  # days between the ends of a window of sessions and those of the months that stand for it
MISSING = (NotAvailableError, MissingDataError, UnknownNameError, BadWindowError)


@dataclass(frozen=True, slots=True)
class Pair:
    """One family's reading of a style or a size: the spread and its two legs."""

    family: Family
    spread: Fact
    first: Fact
    second: Fact


@dataclass(slots=True)
class Story:
    """Everything the sections share. A reading that the data does not give is empty or None."""

    desk: Desk
    prose: Prose
    window: Window
    case: Case | None = None
    indices: list[Fact] = field(default_factory=list)
    styles: list[Pair] = field(default_factory=list)
    sizes: list[Pair] = field(default_factory=list)
    sectors: list[Fact] = field(default_factory=list)
    value_factor: Fact | None = None
    size_factor: Fact | None = None
    market_factor: Fact | None = None
    objections: list[Inline] = field(default_factory=list)
    watch: list[Inline] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    press: tuple[CheckedArticle, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the data say nothing of who led: no index, pair, sector or factor covers the window."""
        readings = (self.indices, self.styles, self.sizes, self.sectors)
        factors = (self.value_factor, self.size_factor, self.market_factor)
        return not any(readings) and all(f is None for f in factors)

    @property
    def as_of(self) -> date:
        """The day the article looks from."""
        return self.desk.as_of

    @property
    def flow_fund(self) -> str:
        """The small-company fund whose flows are read: the universe names it under flows."""
        return str(self.desk.universe.roles["flows"]["small"])

    @property
    def broad_index(self) -> str:
        """The series of the broad index."""
        return self.desk.universe.role("indices", "broad")[0]

    @property
    def broad_move(self) -> Fact | None:
        """What the broad index did over the window, or None where its closes do not cover it."""
        return next((f for f in self.indices if f.series[0] == self.broad_index), None)

    @property
    def size_indices(self) -> tuple[str, str]:
        """The index of small companies and the broad one."""
        roles = self.desk.universe
        return roles.role("indices", "small")[0], self.broad_index

    def covers(self, fact: Fact) -> bool:
        """Whether a fact's own dates are those of the window, give or take a week."""
        own = fact.window
        if own is None or own.start_used is None or own.end_used is None:
            return False
        days = (own.start_used - self.window.start).days, (own.end_used - self.window.end).days
        return max(abs(d) for d in days) <= _NEAR

    def fact(self, metric: str, *series: str, window: Window | None = None, **params: Any) -> Fact:
        """Make a fact over the article's window, or another one that is named."""
        return find_metric(metric).fact(self.desk, tuple(series), window or self.window, **params)

    def maybe(self, metric: str, *series: str, window: Window | None = None, **params: Any) -> Fact | None:
        """Make a fact, or return None where the data does not give it."""
        return attempt(lambda: self.fact(metric, *series, window=window, **params))

    def report_day(self, path: str = "as_of", style: str = "long") -> Piece:
        """Return a date of the report itself: as_of, window.start or window.end."""
        days = {"as_of": self.as_of, "window.start": self.window.start, "window.end": self.window.end}
        return Piece(render_date(days[path], style), "date", {"ref": "report", "path": path, "style": style})

    def missing(self, template: str) -> Inline:
        """Say in one line that something is not available; `{as_of}` is the report's date."""
        return self.prose.say(template, as_of=self.report_day())


def attempt(make: Callable[[], Fact]) -> Fact | None:
    """Return a fact, or None where the data does not give it."""
    try:
        return make()
    except MISSING:
        return None


def gather(desk: Desk, prose: Prose, window: Window, case: Case | None) -> Story:
    """Read everything that the opening paragraphs and the choice of a title depend on."""
    with desk.looking_at(window):
        return _gather(Story(desk, prose, window, case))


def _gather(story: Story) -> Story:
    roles = story.desk.universe
    story.indices = _present(story, "price_return", roles.role("indices", "all"))
    story.styles = _pairs(story, "value_minus_growth", "value", "growth")
    story.sizes = _pairs(story, "small_minus_large", "small", "large")
    story.sectors = _present(story, "price_return", roles.role("sectors", "order"))
    readings = (story.indices, story.styles, story.sizes, story.sectors)
    for name in ("value", "size", "market"):
        fact = story.maybe("factor_return", roles.roles["french"][f"{name}_factor"])
        if fact is not None and (story.covers(fact) or not any(readings)):  # else two windows would be mixed
            setattr(story, f"{name}_factor", fact)
    return story


def _present(story: Story, metric: str, names: Sequence[str]) -> list[Fact]:
    found = (story.maybe(metric, name) for name in names)
    return [f for f in found if f is not None]


def _pairs(story: Story, metric: str, first_role: str, second_role: str) -> list[Pair]:
    pairs = []
    for family in story.desk.universe.families:
        first = story.desk.first_available(getattr(family, first_role))
        second = story.desk.first_available(getattr(family, second_role))
        spread = story.maybe(metric, first, second) if first and second else None
        if spread is None:
            continue
        legs = [f for f in story.desk.inputs_of(spread) if isinstance(f, Fact)]
        pairs.append(Pair(family, spread, legs[0], legs[1]))
    return pairs
