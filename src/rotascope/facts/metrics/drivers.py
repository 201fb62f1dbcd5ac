"""Does a candidate driver fit the move? Words of fit, never of cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from rotascope.analytics.arrays import month_ends
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import Metric, metric
from rotascope.facts.columns import Column
from rotascope.facts.metrics.engine_rows import (
    FIELD,
    SINCE,
    field_of,
    full_history,
    length_inside,
    shared_dates,
    value_field,
)
from rotascope.facts.metrics.prices import need
from rotascope.facts.ops_engine_grid import known
from rotascope.ingest import calendar
from rotascope.model.errors import BadWindowError, NotAvailableError, UnknownNameError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field, Standing
from rotascope.model.units import Unit
from rotascope.store.series import DateArray, to_date

_TWO = "two series: the first against the second"
_PARAMS = {
    "driver": "a candidate of the universe's drivers table (ten_year_yield)",
    "lookback": "changes before the window on which the relation is measured (252; 120 months)",
    "since": SINCE,
    "field": FIELD,
}
_LOOKBACK = {"sessions": 252, "months": 120}


def candidates(desk: Desk) -> list[str]:
    """Return the names of the candidates whose series are in the database, in the universe's order."""
    table = desk.universe.roles["drivers"]
    return [name for name in table if _series_of(desk, table[name]) is not None]


def _series_of(desk: Desk, said: Mapping[str, Any]) -> tuple[str, ...] | None:
    for names in said["series"]:
        if all(_usable(desk, n) for n in names):
            return tuple(names)
    return None


def _usable(desk: Desk, name: str) -> bool:
    field = value_field(desk, name)
    return desk.has(name, field) and desk.series(name, field).source.standing is Standing.DATABASE


def _find(desk: Desk, params: Mapping[str, Any]) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    table = desk.universe.roles["drivers"]
    name = str(params.get("driver", "ten_year_yield"))
    if name not in table:
        raise UnknownNameError(f"There is no candidate '{name}'.", fix=f"Candidates: {', '.join(table)}.")
    found = _series_of(desk, table[name])
    if found is None:
        wanted = ", or ".join(" and ".join(names) for names in table[name]["series"])
        raise NotAvailableError(
            f"No series for {table[name]['label']} is in the database as of {desk.as_of}.",
            fix=f"Import {wanted}.",
        )
    return table[name], found


def _driver(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    pair = need(m, series, 2)
    said, candidate = _find(desk, params)
    names = [*pair, *candidate]
    fields = [*[field_of(params)] * 2, *(value_field(desk, n) for n in candidate)]
    if said["grid"] == "months":
        columns = _monthly(desk, names, fields, window, params.get("since"))
        dates = _month_rows(columns)
    else:
        columns = full_history(desk, names, fields, window, params.get("since"))
        dates = shared_dates(columns)
    length = length_inside(dates, window)
    base, end = to_date(dates[-1 - length]), to_date(dates[-1])
    if said["grid"] == "months":
        _refuse_other_months(names[-1], base, end, window)
    recipe: dict[str, Any] = {
        "grid": said["grid"],
        "candidate": said["candidate"],
        "window": length,
        "lookback": int(params.get("lookback", _LOOKBACK[said["grid"]])),
        "want": want,
    }
    if said["candidate"] == "difference":
        recipe["scale"] = said["scale"]
    proxy = said.get("proxies", {}).get(candidate[0])
    notes = [f"{candidate[0]} is {proxy}."] if proxy else []
    unit = Unit(said["unit"]) if want == "change" else m.unit
    return desk.make(
        m.name, tuple(names), "driver", columns, params=recipe, unit=unit, decimals=m.decimals,
        window=Window(window.start, window.end, "prior_close", base, end), notes=notes,
    )  # fmt: skip


def _refuse_other_months(name: str, base: date, end: date, window: Window) -> None:
    for used, asked in ((base, window.start), (end, window.end)):
        if (used.year, used.month) != (asked.year, asked.month):
            raise BadWindowError(
                f"{name} is monthly, and has no value for the month of {asked} as of this date.",
                fix="Choose whole months, and an as-of date after the last of them.",
            )


def _monthly(
    desk: Desk, names: Sequence[str], fields: Sequence[Field], window: Window, since: str | None
) -> list[Column]:
    """Return all rows up to the end of the window, of the candidate up to the end of its month.

    A value of a month is dated on its last day, which may follow its last session by a day or two. It is
    taken where the window runs through that session, and the as-of date lies behind that day.
    """
    month_end = (window.end.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    whole = calendar.previous_session(month_end) <= window.end and month_end <= desk.as_of
    limit = month_end if whole else window.end
    floor = date.fromisoformat(since) if since else None
    limits = [window.end] * 2 + [limit] * (len(names) - 2)
    columns = [desk.column(n, f, floor, last) for n, f, last in zip(names, fields, limits, strict=True)]
    start = max(to_date(c.dates[0]) for c in columns)
    return [desk.column(n, f, start, last) for n, f, last in zip(names, fields, limits, strict=True)]


def _month_rows(columns: Sequence[Column]) -> DateArray:
    """Return the last dates of the first series in the months that all series have."""
    dates = known(columns[0])[0]
    ends = dates[month_ends(dates)]
    shared = ends.astype("datetime64[M]")
    for column in columns[1:]:
        shared = np.intersect1d(shared, known(column)[0].astype("datetime64[M]"))
    if shared.size == 0:
        raise NotAvailableError("The series have no month in common.")
    return ends[np.isin(ends.astype("datetime64[M]"), shared)]


@metric("driver_change", Unit.BP, 1, _TWO, "change of the candidate over the window", **_PARAMS)
def driver_change(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How much the candidate moved over the window: a yield or spread in basis points, a price in percent."""
    return _driver(m, desk, series, window, params, "change")


@metric(
    "driver_percentile", Unit.PERCENTILE, 1, _TWO, "share of its changes of that length no greater", **_PARAMS
)
def driver_percentile(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How unusual that change is among all changes of the candidate over as many sessions. Windows
    overlap."""
    return _driver(m, desk, series, window, params, "percentile")


@metric("driver_beta", Unit.RATIO, 3, _TWO, "covariance / variance of the candidate", **_PARAMS)
def driver_beta(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """Points of log spread for each unit of the candidate, measured on the changes before the window only."""
    return _driver(m, desk, series, window, params, "beta")


@metric("driver_correlation", Unit.RATIO, 2, _TWO, "correlation of the same changes", **_PARAMS)
def driver_correlation(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The correlation of spread and candidate before the window."""
    return _driver(m, desk, series, window, params, "correlation")


@metric("driver_t", Unit.RATIO, 1, _TWO, "t value of that correlation", **_PARAMS)
def driver_t(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The t value of that correlation; 2 in size or more is asked for."""
    return _driver(m, desk, series, window, params, "t")


@metric("driver_pairs", Unit.COUNT, 0, _TWO, "changes behind the relation", **_PARAMS)
def driver_pairs(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many changes the relation is measured on; 60 or more are asked for."""
    return _driver(m, desk, series, window, params, "pairs")


@metric("driver_implied", Unit.PP, 2, _TWO, "beta * change of the candidate", **_PARAMS)
def driver_implied(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The spread that the earlier relation would have gone with, given how the candidate moved, in log
    points."""
    return _driver(m, desk, series, window, params, "implied")


@metric("driver_actual", Unit.PP, 2, _TWO, "100 * ln of the relative line's change", **_PARAMS)
def driver_actual(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The spread itself in log points, to stand beside driver_implied. Its sign is that of the spread of
    returns."""
    return _driver(m, desk, series, window, params, "actual")


@metric("driver_verdict", Unit.COUNT, 0, _TWO, "1 consistent, -1 inconsistent, 0 too little data", **_PARAMS)
def driver_verdict(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """Whether the candidate fits: 1 if the earlier correlation is told from none and the implied spread
    has the sign of the actual one, -1 if not, 0 if there is too little data. A candidate that fits need
    not have made the move."""
    return _driver(m, desk, series, window, params, "verdict")
