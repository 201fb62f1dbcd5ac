"""Pure spreads: value with size held fixed, and size with style held fixed, on French's sorts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rotascope.facts import params as read
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import Metric, metric
from rotascope.facts.metrics.factors import inside
from rotascope.model.errors import UnknownNameError
from rotascope.model.facts import Fact, Window
from rotascope.model.units import Unit

_SORTS = ("2x3", "5x5")
_GRID = {
    "grid": "2x3: halves by size, thirds by book to market; or 5x5: fifths by both (2x3)",
}
_TAKES = "nothing, or the two portfolios"


def corner(desk: Desk, grid: str, name: str) -> str:
    """Return the portfolio in a corner of a sort: small_value, small_growth, big_value or big_growth."""
    found = desk.universe.roles["pure"][grid][name]
    return str(found)


def _pure(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any],
    first: str, second: str,
) -> Fact:  # fmt: skip
    if len(series) not in (0, 2):
        raise UnknownNameError(f"{m.name} takes {m.takes}; {len(series)} series were given.")
    grid = read.choice(params, "grid", "2x3", _SORTS)
    legs = series or (corner(desk, grid, first), corner(desk, grid, second))
    columns, used = inside(desk, legs, window)
    return desk.make(
        m.name, legs, "compound_legs", columns, params={"split": 1}, unit=m.unit, decimals=m.decimals,
        window=used,
    )  # fmt: skip


_LEGS = "each leg compounded, then subtracted: "


@metric("value_minus_growth_small", Unit.PP, 2, _TAKES, _LEGS + "small value - small growth", **_GRID)
def value_minus_growth_small(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """Value within small companies: the total return of cheap small shares minus that of expensive small
    ones, over whole months. Size is the same on both sides."""
    return _pure(m, desk, series, window, params, "small_value", "small_growth")


@metric("value_minus_growth_big", Unit.PP, 2, _TAKES, _LEGS + "big value - big growth", **_GRID)
def value_minus_growth_big(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """Value within big companies: the total return of cheap big shares minus that of expensive big ones,
    over whole months. Size is the same on both sides."""
    return _pure(m, desk, series, window, params, "big_value", "big_growth")


@metric("small_minus_large_value", Unit.PP, 2, _TAKES, _LEGS + "small value - big value", **_GRID)
def small_minus_large_value(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """Size within value: the total return of small cheap shares minus that of big cheap ones, over whole
    months. Style is the same on both sides."""
    return _pure(m, desk, series, window, params, "small_value", "big_value")


@metric("small_minus_large_growth", Unit.PP, 2, _TAKES, _LEGS + "small growth - big growth", **_GRID)
def small_minus_large_growth(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """Size within growth: the total return of small expensive shares minus that of big expensive ones, over
    whole months. Style is the same on both sides."""
    return _pure(m, desk, series, window, params, "small_growth", "big_growth")
