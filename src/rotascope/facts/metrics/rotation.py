"""Relative strength and relative rotation: who leads, since when, and where the lead is heading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rotascope.analytics.rotation import STABILITY_GRID, RotationParameters
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import Metric, metric
from rotascope.facts.metrics.engine_rows import (
    FIELD,
    field_of,
    full_history,
    last_rows,
    length_inside,
    shared_dates,
)
from rotascope.model.errors import MissingDataError, UnknownNameError
from rotascope.model.facts import Fact, Window
from rotascope.model.units import Unit
from rotascope.store.series import to_date

_TAKES = "two series: the first against the second; or one, against the broad market"
_DEFAULT = RotationParameters()
_SETTING = {
    "trend": f"sessions of the trend average ({_DEFAULT.trend})",
    "momentum": f"sessions of the momentum average ({_DEFAULT.momentum})",
    "back": "look this many sessions before the end of the window (0)",
    "field": FIELD,
}
_STEP = {"step": f"sessions over which the move is taken ({_DEFAULT.step})"}
_MOVES = ("heading", "velocity")
_SHARES = ("stability", "agreeing", "settings", "unknown")


def against(desk: Desk, series: tuple[str, ...], m: Metric) -> tuple[str, str]:
    """Return the series and its benchmark: the broad market where none is named."""
    if len(series) == 2:
        return series[0], series[1]
    broad = desk.first_available(desk.universe.role("weighting", "cap"))
    if len(series) != 1 or broad is None:
        raise UnknownNameError(
            f"{m.name} takes {m.takes}; {len(series)} series were given.",
            fix=f"For example: rotascope fact {m.name} XLK SPY.",
        )
    return series[0], broad


@metric(
    "relative_strength",
    Unit.INDEX_LEVEL,
    2,
    _TAKES,
    "100 * growth of the first / that of the second",
    field=FIELD,
)
def relative_strength(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The relative strength line at the end of the window, 100 at its base. Above 100 the first series
    gained on the second."""
    pair = against(desk, series, m)
    history = full_history(desk, pair, [field_of(params)] * 2, window)
    inside = length_inside(shared_dates(history), window)
    columns = last_rows(desk, history, inside + 1)
    dates = shared_dates(columns)
    used = Window(window.start, window.end, "prior_close", to_date(dates[0]), to_date(dates[-1]))
    return desk.make(
        m.name,
        pair,
        "relative_strength",
        columns,
        unit=m.unit,
        decimals=m.decimals,
        window=used,
    )


def _rotation(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    pair = against(desk, series, m)
    recipe: dict[str, Any] = {
        "trend": int(params.get("trend", _DEFAULT.trend)),
        "momentum": int(params.get("momentum", _DEFAULT.momentum)),
        "back": int(params.get("back", 0)),
        "want": want,
    }
    need = RotationParameters(recipe["trend"], recipe["momentum"]).rows_needed
    if want in _MOVES:
        recipe["step"] = int(params.get("step", _DEFAULT.step))
        need += recipe["step"]
    if want in _SHARES:
        recipe["grid"] = [[p.trend, p.momentum] for p in STABILITY_GRID]
        need = max(need, *(p.rows_needed for p in STABILITY_GRID))
    history = full_history(desk, pair, [field_of(params)] * 2, window)
    columns = last_rows(desk, history, need + recipe["back"])
    dates = shared_dates(columns)
    if not 0 <= recipe["back"] < dates.size:
        raise MissingDataError(
            f"There are {dates.size} sessions, and {recipe['back']} before the last are asked for."
        )
    end = to_date(dates[-1 - recipe["back"]])
    used = Window(window.start, window.end, "prior_close", None, end)
    return desk.make(
        m.name,
        pair,
        "rotation",
        columns,
        params=recipe,
        unit=m.unit,
        decimals=m.decimals,
        window=used,
    )


@metric(
    "rotation_strength", Unit.INDEX_LEVEL, 2, _TAKES, "100 * relative line / its trend average", **_SETTING
)
def rotation_strength(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How far the relative strength line stands above (over 100) or below its own trend, by Rotascope's
    formula; it is not that of any commercial chart."""
    return _rotation(m, desk, series, window, params, "strength")


@metric("rotation_momentum", Unit.INDEX_LEVEL, 2, _TAKES, "100 * strength / its average", **_SETTING)
def rotation_momentum(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How far strength stands above (over 100) or below its own recent average."""
    return _rotation(m, desk, series, window, params, "momentum")


@metric(
    "rotation_quadrant", Unit.COUNT, 0, _TAKES,
    "1 leading, 2 weakening, 3 lagging, 4 improving, 0 at the centre", **_SETTING,
)  # fmt: skip
def rotation_quadrant(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The quadrant of relative rotation as a code. Print it with rotation_stability: with other averages
    it may be another."""
    return _rotation(m, desk, series, window, params, "quadrant")


@metric("rotation_heading", Unit.RATIO, 0, _TAKES, "bearing of the last move in degrees", **_SETTING, **_STEP)
def rotation_heading(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """Where the point is heading, in degrees: 0 gains momentum, 90 gains strength; between them it gains
    both."""
    return _rotation(m, desk, series, window, params, "heading")


@metric("rotation_distance", Unit.INDEX_LEVEL, 2, _TAKES, "distance from the centre", **_SETTING)
def rotation_distance(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How far the point is from the centre, in points. Near the centre a quadrant says little."""
    return _rotation(m, desk, series, window, params, "distance")


@metric("rotation_velocity", Unit.INDEX_LEVEL, 2, _TAKES, "length of the last move", **_SETTING, **_STEP)
def rotation_velocity(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How far the point moved over the last step, in points."""
    return _rotation(m, desk, series, window, params, "velocity")


@metric(
    "rotation_stability", Unit.SHARE, 0, _TAKES, "share of settings that give the same quadrant", **_SETTING
)
def rotation_stability(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """In what share of reasonable settings of the averages the point lies in the same quadrant. The
    settings are listed in the recipe."""
    return _rotation(m, desk, series, window, params, "stability")


@metric("rotation_settings", Unit.COUNT, 0, _TAKES, "number of settings with an answer", **_SETTING)
def rotation_settings(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many settings rotation_stability looked at; those that need a longer history are left out."""
    return _rotation(m, desk, series, window, params, "settings")


_FALL = "one series, or two for their ratio"


def _drawdown(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    if len(series) not in (1, 2):
        raise UnknownNameError(f"{m.name} takes {m.takes}; {len(series)} series were given.")
    history = full_history(desk, series, [field_of(params)] * len(series), window, params.get("since"))
    dates = shared_dates(history)
    columns = history if "since" in params else last_rows(desk, history, length_inside(dates, window) + 1)
    dates = shared_dates(columns)
    used = Window(window.start, window.end, "prior_close", to_date(dates[0]), to_date(dates[-1]))
    return desk.make(
        m.name, series, "drawdown", columns, params={"want": want}, unit=m.unit, decimals=m.decimals,
        window=used,
    )  # fmt: skip


_FALL_PARAMS = {"since": "start here instead of at the base of the window", "field": FIELD}


@metric("drawdown", Unit.SHARE, 1, _FALL, "min(level / running peak - 1)", **_FALL_PARAMS)
def drawdown(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The deepest fall from a peak inside the window, of a series or of the ratio of two; the base counts
    as a peak."""
    return _drawdown(m, desk, series, window, params, "deepest")


@metric("drawdown_now", Unit.SHARE, 1, _FALL, "last level / running peak - 1", **_FALL_PARAMS)
def drawdown_now(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How far the end of the window is below its highest point so far."""
    return _drawdown(m, desk, series, window, params, "current")


@metric("drawdown_peak", Unit.DATE, 0, _FALL, "date of the peak before the deepest fall", **_FALL_PARAMS)
def drawdown_peak(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """When the deepest fall of the window began."""
    return _drawdown(m, desk, series, window, params, "peak")


@metric("drawdown_trough", Unit.DATE, 0, _FALL, "date of the lowest point", **_FALL_PARAMS)
def drawdown_trough(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """When the deepest fall of the window reached its bottom."""
    return _drawdown(m, desk, series, window, params, "trough")
