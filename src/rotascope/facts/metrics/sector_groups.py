"""Sectors as groups: how far apart they are, whether leadership persists, and what the largest names add."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from rotascope.facts.build import Desk, same_window
from rotascope.facts.catalogue import Metric, find_metric, metric
from rotascope.facts.columns import Column
from rotascope.facts.metrics.lists import members
from rotascope.facts.metrics.prices import need
from rotascope.facts.metrics.unusual import is_calendar_month, is_calendar_year
from rotascope.ingest import calendar
from rotascope.model.errors import NotAvailableError, UnknownNameError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.series import to_date

_OF = {"of": "the sectors by default; or the series to compare, separated by commas"}
_STALE_DAYS = 5
_KIND = {"kind": "price_return or total_return"}


def returns_of(desk: Desk, names: Sequence[str], window: Window, params: Mapping[str, Any]) -> list[Fact]:
    """Return the returns of series over one window, all between closes of the same days.

    Raises NotAvailableError if one has no closes for it, MissingDataError if their days differ.
    """
    leg = find_metric(str(params.get("kind", "price_return")))
    found = [leg.fact(desk, (name,), window) for name in names]
    same_window(found)
    return found


def _with_closes(desk: Desk, windows: Sequence[Window], params: Mapping[str, Any]) -> list[str]:
    """Return the members that have closes for all windows. Those named must all be there."""
    found = []
    for name in members(desk, params):
        try:
            for window in windows:
                returns_of(desk, [name], window, params)
        except NotAvailableError:
            if params.get("of"):
                raise
            continue
        found.append(name)
    if len(found) < 2:
        raise NotAvailableError(f"Fewer than two members have closes from {windows[0].start} on.")
    return found


def _listed(
    m: Metric, desk: Desk, window: Window, params: Mapping[str, Any], recipe: Mapping[str, Any]
) -> Fact:
    found = returns_of(desk, _with_closes(desk, [window], params), window, params)
    return desk.make(
        m.name,
        (),
        "dispersion",
        found,
        params=recipe,
        unit=m.unit,
        decimals=m.decimals,
        window=found[0].window,
    )


@metric(
    "sector_dispersion", Unit.PP, 2, "nothing", "standard deviation of the members' returns", **_OF, **_KIND
)
def sector_dispersion(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How far apart the sectors are: the standard deviation of their returns over the window, each
    counted once."""
    return _listed(m, desk, window, params, {"want": "standard_deviation"})


@metric("sector_mean_gap", Unit.PP, 2, "nothing", "mean distance from the mean return", **_OF, **_KIND)
def sector_mean_gap(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The mean distance of a sector's return from the mean of all."""
    return _listed(m, desk, window, params, {"want": "mean_gap"})


def window_before(window: Window) -> Window:
    """Return the window before: the month or year before where the window is one, else as many sessions."""
    assert window.start_used is not None and window.end_used is not None
    end = window.start_used
    if is_calendar_month(window):
        return Window(calendar.previous_session(end.replace(day=1) - timedelta(days=1)), end)
    if is_calendar_year(window):
        return Window(calendar.previous_session(date(end.year - 1, 12, 31)), end)
    length = calendar.count(end, window.end_used) - 1
    days = calendar.sessions(end - timedelta(days=2 * length + 15), end)
    return Window(to_date(days[-1 - length]), end)


@metric(
    "sector_rank_persistence",
    Unit.RATIO,
    2,
    "nothing",
    "rank correlation with the window before",
    **_OF,
    **_KIND,
)
def sector_rank_persistence(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """Whether leadership persists: Spearman's correlation of the sectors' returns in the window before
    with those in the window. 1 is the same order, -1 the reverse, 0 no relation."""
    (any_leg,) = returns_of(desk, _with_closes(desk, [window], params)[:1], window, params)
    assert any_leg.window is not None
    earlier = window_before(any_leg.window)
    names = _with_closes(desk, [earlier, window], params)
    before, after = (returns_of(desk, names, w, params) for w in (earlier, window))
    note = f"The window before runs from {earlier.start} to {earlier.end}."
    return desk.make(
        m.name, (), "rank_correlation", [*before, *after], unit=m.unit, decimals=m.decimals,
        window=after[0].window, notes=[note],
    )  # fmt: skip


_GROUPS = {
    "first": "a group of the universe",
    "second": "another group, or rest for the sectors that are not in the first",
    **_KIND,
}


def _group(desk: Desk, name: str) -> list[str]:
    table = desk.universe.roles["groups"]
    if name not in table:
        raise UnknownNameError(f"There is no group '{name}'.", fix=f"Groups: {', '.join(table)}.")
    return list(desk.universe.role("groups", name))


def group_facts(
    desk: Desk, name: str, window: Window, first: str, second: str, want: str, params: Mapping[str, Any]
) -> Fact:
    """Return the mean return of one of two groups of sectors, or the gap between them, as a fact.

    Raises NotAvailableError if a member has no closes for the window: groups are never quietly smaller.
    """
    one = _group(desk, first)
    other = (
        [s for s in desk.universe.role("sectors", "order") if s not in one]
        if second == "rest"
        else _group(desk, second)
    )
    if set(one) & set(other):
        raise UnknownNameError(
            f"{first} and {second} share {', '.join(sorted(set(one) & set(other)))}.",
            fix="Compare groups that have no sector in common, or the first with the rest.",
        )
    found = returns_of(desk, [*one, *other], window, params)
    unit = Unit.PP if want == "gap" else Unit.PERCENT
    return desk.make(
        name, (), "group_gap", found, params={"split": len(one), "want": want}, unit=unit, decimals=2,
        window=found[0].window,
    )  # fmt: skip


@metric("cyclical_minus_defensive", Unit.PP, 2, "nothing", "mean(cyclical) - mean(defensive)", **_KIND)
def cyclical_minus_defensive(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The mean return of the cyclical sectors minus that of the defensive ones, each sector counted once."""
    return group_facts(desk, m.name, window, "cyclical", "defensive", "gap", params)


@metric("rate_sensitive_minus_rest", Unit.PP, 2, "nothing", "mean(rate-sensitive) - mean(others)", **_KIND)
def rate_sensitive_minus_rest(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The mean return of the rate-sensitive sectors minus that of the others."""
    return group_facts(desk, m.name, window, "rate_sensitive", "rest", "gap", params)


@metric("group_spread", Unit.PP, 2, "nothing", "mean(first) - mean(second)", **_GROUPS)
def group_spread(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The mean return of one group of sectors minus that of another."""
    first, second = str(params.get("first", "cyclical")), str(params.get("second", "defensive"))
    return group_facts(desk, m.name, window, first, second, "gap", params)


@metric("group_return", Unit.PERCENT, 2, "nothing", "mean of the members' returns", group="its name", **_KIND)
def group_return(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The mean return of a group of sectors, each counted once."""
    name = str(params.get("group", "cyclical"))
    return group_facts(desk, m.name, window, name, "rest", "first", params)


_FUND = "one fund with holdings"
_NAMES = {"of": "the names, separated by commas (the seven mega-caps)", **_KIND}


def _weight(desk: Desk, fund: str, name: str, window: Window) -> Column:
    """Return the weight of one holding at the base of the window, or of a few days before it."""
    held = f"HOLD.{fund}.{name}"
    found = desk.column(held, Field.WEIGHT, window.start - timedelta(days=_STALE_DAYS), window.start)
    return Column(found.data, found.hi - 1, found.hi)


def _contribution(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    """Return what some of a fund's names added. Weights are those at the base of the window, and are held."""
    (fund,) = need(m, series, 1)
    said = params.get("of")
    names = str(said).split(",") if said else list(desk.universe.role("mega_caps", "members"))
    weights = [_weight(desk, fund, name, window) for name in names]
    days = {to_date(c.dates[0]) for c in weights}
    if len(days) > 1:
        raise NotAvailableError(
            f"The weights of {fund} are of several days: {', '.join(map(str, sorted(days)))}."
        )
    (day,) = days
    at_base = [
        desk.make(
            "holding_weight", (c.data.meta.series,), "observed", [c], unit=Unit.PERCENT, decimals=2,
            window=Window(window.start, window.end, "prior_close", None, day),
        )
        for c in weights
    ]  # fmt: skip
    found = returns_of(desk, [*names, fund], window, params)
    return desk.make(
        m.name, (fund,), "contribution", [*at_base, *found], params={"want": want}, unit=m.unit,
        decimals=m.decimals, window=found[-1].window,
    )  # fmt: skip


@metric("contribution_points", Unit.PP, 2, _FUND, "sum of weight * return", **_NAMES)
def contribution_points(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many points of the fund's return some of its names added, by their weights at the base of the
    window."""
    return _contribution(m, desk, series, window, params, "points")


@metric("return_without", Unit.PERCENT, 2, _FUND, "(return - contribution) / (1 - weight)", **_NAMES)
def return_without(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """What the fund would have returned without these names, their weight spread over the others."""
    return _contribution(m, desk, series, window, params, "without")


@metric("weight_of_names", Unit.PERCENT, 1, _FUND, "sum of weights at the base", **_NAMES)
def weight_of_names(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The weight of these names in the fund at the base of the window."""
    return _contribution(m, desk, series, window, params, "weight")
