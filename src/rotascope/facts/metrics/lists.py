"""Facts about lists of facts: ranks, counts and extremes, and facts about a fact's own settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rotascope.facts.build import Desk
from rotascope.facts.catalogue import Metric, find_metric, metric
from rotascope.model.errors import NotAvailableError, UnknownNameError
from rotascope.model.facts import Fact, Window
from rotascope.model.units import Unit

_OF = {"of": "the sectors by default; or the series to compare, separated by commas"}


def members(desk: Desk, params: Mapping[str, Any]) -> list[str]:
    """Return the series to compare: those named, or the sectors of the universe that have data."""
    named = params.get("of")
    if named:
        return named.split(",") if isinstance(named, str) else list(named)
    return [s for s in desk.universe.role("sectors", "order") if desk.has(s)]


def _returns(desk: Desk, params: Mapping[str, Any], window: Window) -> list[Fact]:
    """Return the members' returns. Named members must all be there; sectors without closes are left out,
    because some sectors are younger than the others."""
    leg = find_metric("price_return")
    found = []
    for name in members(desk, params):
        try:
            found.append(leg.fact(desk, (name,), window))
        except NotAvailableError:
            if params.get("of"):
                raise
    if not found:
        raise NotAvailableError(f"No member has closes from {window.start} to {window.end}.")
    return found


@metric("return_rank", Unit.RANK, 0, "one series", "1 + number of members with a greater return", **_OF)
def return_rank(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The rank of a series by price return among the members; 1 is the best."""
    found = _returns(desk, params, window)
    names = [f.series[0] for f in found]
    if len(series) != 1 or series[0] not in names:
        raise UnknownNameError(
            f"return_rank takes one of: {', '.join(names)}.", fix="Name one of them, or set of=A,B,C."
        )
    return desk.make(
        m.name,
        series,
        "rank_of",
        found,
        params={"index": names.index(series[0])},
        unit=m.unit,
        decimals=m.decimals,
        window=window,
    )


def count_of(desk: Desk, facts: Sequence[Fact], name: str = "members_counted") -> Fact:
    """Return how many facts there are, as a fact."""
    return desk.make(name, (), "count_facts", facts, unit=Unit.COUNT, decimals=0, window=facts[0].window)


def count_where(desk: Desk, facts: Sequence[Fact], test: str, than: float | None = None) -> Fact:
    """Return how many facts pass a test (positive, negative, above, below), as a fact."""
    params: dict[str, Any] = {"test": test} if than is None else {"test": test, "than": than}
    return desk.make(
        f"members_{test}", (), "count_where", facts, params=params, unit=Unit.COUNT, decimals=0,
        window=facts[0].window,
    )  # fmt: skip


def extreme_of(desk: Desk, facts: Sequence[Fact], want: str, unit: Unit | None = None) -> Fact:
    """Return the max, min, range or median of facts, as a fact. A range of percents is in points."""
    own = facts[0].unit
    chosen = unit or (Unit.PP if want == "range" and own is Unit.PERCENT else own)
    return desk.make(
        f"{want}_of_members", (), "extreme", facts, params={"want": want}, unit=chosen, decimals=1,
        window=facts[0].window,
    )  # fmt: skip


def parameter_of(desk: Desk, fact: Fact, path: str, unit: Unit, decimals: int = 0) -> Fact:
    """Return a setting of another fact's recipe as a fact, so that a text can print it."""
    return desk.make(
        f"parameter_{path}", fact.series, "parameter", [fact], params={"path": path}, unit=unit,
        decimals=decimals, window=fact.window,
    )  # fmt: skip


def difference_of(desk: Desk, name: str, a: Fact, b: Fact, decimals: int = 1) -> Fact:
    """Return a - b as a fact. A difference of percents is in points."""
    unit = Unit.PP if a.unit is Unit.PERCENT else a.unit
    return desk.make(
        name, (*a.series, *b.series), "difference", [a, b], unit=unit, decimals=decimals, window=a.window
    )


@metric("members_positive", Unit.COUNT, 0, "nothing", "number of members with a positive return", **_OF)
def members_positive(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many members rose."""
    return count_where(desk, _returns(desk, params, window), "positive")


@metric("return_range", Unit.PP, 1, "nothing", "best return - worst return", **_OF)
def return_range(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The distance between the best and the worst member, in points."""
    return extreme_of(desk, _returns(desk, params, window), "range")
