"""The past dates most like the end of the window, and what followed them, beside what usually follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rotascope.facts.build import Desk
from rotascope.facts.catalogue import Metric, metric
from rotascope.facts.metrics.engine_rows import (
    FIELD,
    SINCE,
    field_of,
    full_history,
    shared_dates,
    value_field,
)
from rotascope.facts.metrics.prices import need
from rotascope.model.errors import NotAvailableError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.series import to_date

_TWO = "two series: the first against the second"
_PARAMS = {
    "count": "how many precedents at most (10)",
    "apart": "sessions between two of them, and before the end (63)",
    "length": "sessions over which spreads and changes are taken (those of the window)",
    "rate": "series of the rate measure, or none (the ten-year yield)",
    "volatility": "series of the volatility measure, or none (the VIX)",
    "breadth": "a list of members for share above their 50-session average, or none (none)",
    "since": SINCE,
    "field": FIELD,
}
_INDEX = {"index": "which precedent, from 0, nearest first (0)"}
_HORIZON = {"horizon": "sessions looked ahead: 21, 63, 126, 252 are one, three, six and twelve months (21)"}


def _optional(desk: Desk, params: Mapping[str, Any], key: str, role: tuple[str, ...]) -> str | None:
    """Return the series of a measure: the one named, or the first of its role with data; None for none."""
    named = params.get(key)
    if named == "none":
        return None
    if named:
        return str(named)
    return next((s for s in role if desk.has(s, value_field(desk, s))), None)


def _members(desk: Desk, params: Mapping[str, Any]) -> list[str]:
    said = str(params.get("breadth", "none"))
    if said == "none":
        return []
    table = desk.universe.roles["breadth"]
    return list(desk.universe.role("breadth", said)) if said in table else said.split(",")


def _vector(
    desk: Desk, pair: tuple[str, ...], params: Mapping[str, Any], length: int
) -> tuple[list[str], list[Field], list[dict[str, Any]]]:
    """Return the series that the measures need, their fields, and the measures themselves.

    The spread over the window; equal against cap weight, a measure of breadth from two funds; the change of
    the rate; the level of volatility; and, if asked for, the share of members above their average.
    """
    names, fields = list(pair), [field_of(params)] * 2
    measures: list[dict[str, Any]] = [{"kind": "spread", "inputs": [0, 1], "length": length}]

    def add(name: str, field: Field) -> int:
        if (name, field) in zip(names, fields, strict=True):
            return list(zip(names, fields, strict=True)).index((name, field))
        names.append(name)
        fields.append(field)
        return len(names) - 1

    weighting = [
        desk.first_available(desk.universe.role("weighting", w), fields[0]) for w in ("equal", "cap")
    ]
    if all(weighting) and set(weighting) != set(pair):
        places = [add(str(w), fields[0]) for w in weighting]
        measures.append({"kind": "spread", "inputs": places, "length": length})
    rate = _optional(desk, params, "rate", desk.universe.role("rates", "ten_year"))
    if rate:
        measures.append({"kind": "change", "inputs": [add(rate, value_field(desk, rate))], "length": length})
    volatility = _optional(desk, params, "volatility", ("VIXCLS", "VIX"))
    if volatility:
        measures.append({"kind": "level", "inputs": [add(volatility, value_field(desk, volatility))]})
    members = [add(s, fields[0]) for s in _members(desk, params)]
    if members:
        measures.append({"kind": "breadth", "inputs": members, "length": 50})
    return names, fields, measures


def _nearest(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    pair = need(m, series, 2)
    length = int(params.get("length", 0)) or _length(desk, pair, window, params)
    names, fields, measures = _vector(desk, pair, params, length)
    columns = full_history(desk, names, fields, window, params.get("since"))
    last = to_date(shared_dates(columns)[-1])
    recipe: dict[str, Any] = {
        "measures": measures,
        "count": int(params.get("count", 10)),
        "apart": int(params.get("apart", 63)),
        "want": want,
    }
    if want in ("date", "distance"):
        recipe["index"] = int(params.get("index", 0))
    elif want not in ("found", "looked_at", "left_out"):
        recipe["horizon"] = int(params.get("horizon", 21))
    used = Window(window.start, window.end, "prior_close", None, last)
    return desk.make(
        m.name, pair, "nearest", columns, params=recipe, unit=m.unit, decimals=m.decimals, window=used
    )


def _length(desk: Desk, pair: tuple[str, ...], window: Window, params: Mapping[str, Any]) -> int:
    """Return how many sessions the window holds, from its base to its end."""
    dates = shared_dates(full_history(desk, pair, [field_of(params)] * 2, window))
    length = int((dates > np.datetime64(window.start, "D")).sum())
    if not 0 < length < dates.size:
        raise NotAvailableError(f"{pair[0]} and {pair[1]} do not share closes from {window.start} on.")
    return length


@metric("nearest_date", Unit.DATE, 0, _TWO, "date of a precedent", **_PARAMS, **_INDEX)
def nearest_date(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """A past date on which spread, breadth, rates and volatility stood most as they do at the end of the
    window. One episode counts once."""
    return _nearest(m, desk, series, window, params, "date")


@metric(
    "nearest_distance",
    Unit.RATIO,
    2,
    _TWO,
    "root mean squared difference in standard deviations",
    **_PARAMS,
    **_INDEX,
)
def nearest_distance(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How far that precedent is from today: 1 means one standard deviation in each measure."""
    return _nearest(m, desk, series, window, params, "distance")


@metric("nearest_count", Unit.COUNT, 0, _TWO, "number of precedents", **_PARAMS)
def nearest_count(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many precedents there are, each at least so many sessions from the others."""
    return _nearest(m, desk, series, window, params, "found")


@metric("nearest_counted", Unit.COUNT, 0, _TWO, "those whose sequel is in the data", **_PARAMS, **_HORIZON)
def nearest_counted(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many of them have a known sequel of the horizon's length."""
    return _nearest(m, desk, series, window, params, "counted")


@metric(
    "nearest_ahead", Unit.COUNT, 0, _TWO, "those after which the first series gained", **_PARAMS, **_HORIZON
)
def nearest_ahead(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """After how many of them the first series beat the second over the horizon."""
    return _nearest(m, desk, series, window, params, "ahead")


@metric("nearest_hit_rate", Unit.SHARE, 0, _TWO, "their share", **_PARAMS, **_HORIZON)
def nearest_hit_rate(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The share of precedents after which the first series beat the second. Print it with nearest_counted
    and with nearest_base_rate."""
    return _nearest(m, desk, series, window, params, "hit_rate")


@metric("nearest_mean", Unit.PP, 2, _TWO, "mean spread over the horizon after them", **_PARAMS, **_HORIZON)
def nearest_mean(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The mean spread over the horizon after the precedents."""
    return _nearest(m, desk, series, window, params, "mean")


@metric("nearest_lowest", Unit.PP, 2, _TWO, "smallest of these spreads", **_PARAMS, **_HORIZON)
def nearest_lowest(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The smallest spread that followed a precedent."""
    return _nearest(m, desk, series, window, params, "lowest")


@metric("nearest_highest", Unit.PP, 2, _TWO, "largest of these spreads", **_PARAMS, **_HORIZON)
def nearest_highest(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The largest spread that followed a precedent."""
    return _nearest(m, desk, series, window, params, "highest")


@metric(
    "nearest_base_rate",
    Unit.SHARE,
    0,
    _TWO,
    "share of all dates after which it gained",
    **_PARAMS,
    **_HORIZON,
)
def nearest_base_rate(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The share of all dates, like today or not, after which the first series beat the second: what a
    precedent has to beat."""
    return _nearest(m, desk, series, window, params, "base_hit_rate")


@metric(
    "nearest_base_mean",
    Unit.PP,
    2,
    _TWO,
    "mean spread over the horizon after any date",
    **_PARAMS,
    **_HORIZON,
)
def nearest_base_mean(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The mean spread over the horizon after any date."""
    return _nearest(m, desk, series, window, params, "base_mean")


@metric(
    "nearest_base_windows",
    Unit.COUNT,
    0,
    _TWO,
    "dates behind the base rate, without overlap",
    **_PARAMS,
    **_HORIZON,
)
def nearest_base_windows(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many horizons fit into the history without overlap."""
    return _nearest(m, desk, series, window, params, "base_independent")
