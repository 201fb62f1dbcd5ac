"""How much cheaper one leg is than the other, and how unusual a ratio is in its own history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from rotascope.facts.build import Desk
from rotascope.facts.catalogue import Metric, metric
from rotascope.facts.metrics.engine_rows import SINCE, full_history, shared_dates
from rotascope.facts.metrics.prices import need
from rotascope.model.errors import UnknownNameError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.series import to_date

_LEGS = "two ratios of one kind; or nothing, for book to market of big value and big growth"
_PARAMS = {"since": SINCE}


def _gap(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    if not series:
        legs = [
            desk.first_available(desk.universe.role("valuation", k), Field.VALUE) for k in ("value", "growth")
        ]
        series = tuple(s for s in legs if s)
    pair = need(m, series, 2)
    columns = full_history(desk, pair, [Field.VALUE] * 2, window, params.get("since"))
    kinds = {c.data.meta.unit for c in columns}
    if len(kinds) > 1:
        raise UnknownNameError(
            f"{pair[0]} and {pair[1]} are not ratios of one kind.", fix="Name two of one unit."
        )
    used = Window(window.start, window.end, "prior_close", None, to_date(shared_dates(columns)[-1]))
    return desk.make(
        m.name,
        pair,
        "ratio_gap",
        columns,
        params={"want": want},
        unit=m.unit,
        decimals=m.decimals,
        window=used,
    )


@metric("valuation_gap", Unit.RATIO, 2, _LEGS, "first ratio / second ratio", **_PARAMS)
def valuation_gap(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many times the first ratio is the second, on the last date that both have. For book to market:
    how much cheaper the first leg is."""
    return _gap(m, desk, series, window, params, "times")


@metric("valuation_percentile", Unit.PERCENTILE, 0, _LEGS, "share of dates with a gap no wider", **_PARAMS)
def valuation_percentile(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The percentile of that gap in its own history."""
    return _gap(m, desk, series, window, params, "percentile")


@metric("valuation_gap_median", Unit.RATIO, 2, _LEGS, "median of the gap", **_PARAMS)
def valuation_gap_median(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The median of the gap over its history."""
    return _gap(m, desk, series, window, params, "median_times")


@metric("valuation_gap_count", Unit.COUNT, 0, _LEGS, "dates in that history", **_PARAMS)
def valuation_gap_count(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many dates the history of the gap has."""
    return _gap(m, desk, series, window, params, "count")


@metric("valuation_wider_since", Unit.DATE, 0, _LEGS, "latest earlier date with a gap as wide", **_PARAMS)
def valuation_wider_since(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """When the gap was last as wide as now, in the same direction."""
    return _gap(m, desk, series, window, params, "wider_since")


_ONE = "one series of values, such as a price-earnings ratio or a yield"


def _level(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    (name,) = need(m, series, 1)
    end = to_date(desk.point(name, Field.VALUE, window.end).dates[0])
    since = date.fromisoformat(params["since"]) if params.get("since") else None
    column = desk.column(name, Field.VALUE, since, end)
    unit = column.data.meta.unit if want == "median" else m.unit
    used = Window(window.start, window.end, "prior_close", None, end)
    return desk.make(
        m.name, series, "level_percentile", [column], params={"want": want}, unit=unit, decimals=m.decimals,
        window=used,
    )  # fmt: skip


@metric("level_percentile", Unit.PERCENTILE, 0, _ONE, "share of values no greater", **_PARAMS)
def level_percentile(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The percentile of the last value among all values of the series up to it."""
    return _level(m, desk, series, window, params, "percentile")


@metric("level_median", Unit.RATIO, 2, _ONE, "median of the values", **_PARAMS)
def level_median(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The median of the series up to the end of the window, in its own unit."""
    return _level(m, desk, series, window, params, "median")


@metric("level_last_as_large", Unit.DATE, 0, _ONE, "latest earlier date with a value as large", **_PARAMS)
def level_last_as_large(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """When the series was last as high as at the end of the window."""
    return _level(m, desk, series, window, params, "last_as_large")
