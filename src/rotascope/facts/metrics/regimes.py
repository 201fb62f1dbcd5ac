"""Which state the market is in: by a rule, by a Markov chain, and since which change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np

from rotascope.analytics import changepoints, switching
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import Metric, metric
from rotascope.facts.metrics.engine_rows import FIELD, GRID, SINCE, current_rows, grid_rows, value_field
from rotascope.facts.metrics.prices import need
from rotascope.facts.ops_engine_grid import grid_values, known
from rotascope.model.errors import MissingDataError, NotAvailableError, UnknownNameError
from rotascope.model.facts import Fact, Window
from rotascope.model.units import Unit
from rotascope.store.series import FloatArray, to_date

_TAKES = "one series (its return) or two (their spread)"
_RULE = {
    "rule": "percentile, direction or hysteresis (percentile)",
    "low": "percentile: at or below it is low (33.3)",
    "high": "percentile: above it is high (66.7)",
    "minimum": "percentile: values needed before the first state (252)",
    "length": "direction: rows over which the change is taken (63)",
    "band": "direction: a change within it is flat, in the unit of the series (0)",
    "enter": "hysteresis: stressed from this value on",
    "leave": "hysteresis: calm again below this value",
}


def regime_of(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rule and its parameters as a recipe names them. Raises UnknownNameError."""
    rule = str(params.get("rule", "percentile"))
    if rule == "percentile":
        return {
            "rule": rule,
            "low": float(params.get("low", 33.3)),
            "high": float(params.get("high", 66.7)),
            "minimum": int(params.get("minimum", 252)),
        }
    if rule == "direction":
        return {"rule": rule, "length": int(params.get("length", 63)), "band": float(params.get("band", 0.0))}
    if rule != "hysteresis":
        raise UnknownNameError(
            f"There is no rule '{rule}'.", fix="Choose percentile, direction or hysteresis."
        )
    if "enter" not in params or "leave" not in params:
        raise UnknownNameError(
            "A regime with hysteresis needs the values at which it begins and ends.",
            fix="For example: rule=hysteresis enter=30 leave=20.",
        )
    return {"rule": rule, "enter": float(params["enter"]), "leave": float(params["leave"])}


def _state(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    (name,) = need(m, series, 1)
    field = value_field(desk, name)
    end = to_date(desk.point(name, field, window.end).dates[0])
    since = date.fromisoformat(params["since"]) if params.get("since") else None
    column = desk.column(name, field, since, end)
    used = Window(window.start, window.end, "prior_close", None, to_date(known(column)[0][-1]))
    recipe = {**regime_of(params), "want": want}
    return desk.make(
        m.name, series, "state", [column], params=recipe, unit=m.unit, decimals=m.decimals, window=used
    )


@metric(
    "regime_state", Unit.COUNT, 0, "one series, such as the VIX or a yield",
    "0 low, 1 middle, 2 high; 0 falling, 1 flat, 2 rising; 0 calm, 1 stressed", since=SINCE, **_RULE,
)  # fmt: skip
def regime_state(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The state of the last value, as a code, by a rule that uses no later value."""
    return _state(m, desk, series, window, params, "state")


@metric("regime_age", Unit.COUNT, 0, "one series", "rows in a row with that state", since=SINCE, **_RULE)
def regime_age(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """For how many values in a row, the last included, that state has held."""
    return _state(m, desk, series, window, params, "age")


_WITHIN = "one series or two, then the series that names the regime"
_WITHIN_PARAMS = {"grid": GRID, "since": SINCE, "field": FIELD, **_RULE}


def _within(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    if len(series) not in (2, 3):
        raise UnknownNameError(f"{m.name} takes {m.takes}; {len(series)} series were given.")
    *legs, regime = series
    columns, recipe, used = current_rows(desk, tuple(legs), window, params)
    if recipe["grid"] == "rows":
        raise UnknownNameError("Windows within a regime need levels.", fix="Use series with closes.")
    assert used.end_used is not None
    field = value_field(desk, regime)
    desk.point(regime, field, used.end_used)  # refuses a regime that is stale
    state = desk.column(regime, field, None, used.end_used)
    recipe |= {"regime": regime_of(params), "want": want}
    return desk.make(
        m.name, tuple(legs), "regime_rank", [*columns, state], params=recipe, unit=m.unit,
        decimals=m.decimals, window=used,
    )  # fmt: skip


@metric(
    "regime_percentile", Unit.PERCENTILE, 1, _WITHIN, "share of such windows no greater", **_WITHIN_PARAMS
)
def regime_percentile(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The percentile of the window among the windows of its length that ended in the same regime."""
    return _within(m, desk, series, window, params, "percentile")


@metric("regime_windows", Unit.COUNT, 0, _WITHIN, "number of such windows", **_WITHIN_PARAMS)
def regime_windows(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many windows of this length ended in the same regime. On a grid of sessions they overlap."""
    return _within(m, desk, series, window, params, "count")


@metric("regime_independent_windows", Unit.COUNT, 0, _WITHIN, "those without overlap", **_WITHIN_PARAMS)
def regime_independent_windows(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many of these windows fit without overlap."""
    return _within(m, desk, series, window, params, "independent")


_GRID = {
    "grid": "months, sessions, or rows for series that hold values (months)",
    "length": "sessions of one window, on a grid of sessions (1)",
    "since": SINCE,
    "field": FIELD,
}
_CHAIN = {
    **_GRID,
    "order": "lagged values in the mean (0)",
    "switching_variance": "yes or no: does each state have a variance of its own (yes)",
}


@lru_cache(maxsize=16)
def _fit(values: bytes, order: int, own: bool) -> switching.SwitchingFit:
    """Fit once for all facts about one chain: the search takes most of a second."""
    return switching.fit_switching(
        np.frombuffer(values, dtype=np.float64), order=order, switching_variance=own
    )


def _fitted(values: FloatArray, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a chain of two states fitted to the values, rounded so that they are the same
    on every machine. Raises MissingDataError if the search did not converge."""
    own = str(params.get("switching_variance", "yes")).lower() in ("yes", "true", "1")
    fit = _fit(values.tobytes(), int(params.get("order", 0)), own)
    if not fit.converged:
        raise MissingDataError(f"The chain did not converge ({fit.reason}), so there is no regime to state.")
    stay, back = (float(f"{fit.model.transition[i, 0]:.6g}") for i in (0, 1))
    return {
        "transition": [[stay, round(1.0 - stay, 12)], [back, round(1.0 - back, 12)]],
        "means": [float(f"{v:.6g}") for v in fit.model.means],
        "variances": [float(f"{v:.6g}") for v in fit.model.variances],
        "ar": [float(f"{v:.6g}") for v in fit.model.ar],
    }


def _chain(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    columns, recipe, used = grid_rows(desk, series, window, params)
    recipe |= {**_fitted(grid_values(recipe, columns).values, params), "want": want}
    if want == "probability":
        recipe["state"] = 1
    notes = [
        "The chain was fitted on all values up to the end of the window; its parameters are in the recipe."
    ]
    return desk.make(
        m.name, series, "switching", columns, params=recipe, unit=m.unit, decimals=m.decimals, window=used,
        notes=notes,
    )  # fmt: skip


@metric(
    "regime_probability", Unit.SHARE, 0, _TAKES, "filtered chance of the state with the higher mean", **_CHAIN
)
def regime_probability(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The chance, as known at the end of the window, that a Markov chain of two states is in the one with
    the higher mean. A search that does not converge gives no fact."""
    return _chain(m, desk, series, window, params, "probability")


@metric("regime_log_likelihood", Unit.RATIO, 2, _TAKES, "log likelihood of that chain", **_CHAIN)
def regime_log_likelihood(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The log likelihood of the values under that chain."""
    return _chain(m, desk, series, window, params, "log_likelihood")


_BREAK = {
    **_GRID,
    "penalty": "squared error that one more change must save (3 * noise variance * ln n)",
    "least": "values that a segment must have (12 months, or 63 sessions)",
}


def _breaks(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    columns, recipe, used = grid_rows(desk, series, window, params)
    values = grid_values(recipe, columns).values
    usual = changepoints.default_penalty(values) if values.size > 2 else 0.0
    least = 63 if recipe["grid"] == "sessions" else 12
    recipe |= {
        "penalty": float(params.get("penalty", f"{usual:.6g}")),
        "least": int(params.get("least", least)),
        "want": want,
    }
    if values.size < recipe["least"]:
        raise NotAvailableError(f"{values.size} values are too few for segments of {recipe['least']}.")
    unit = Unit.PERCENT if m.unit is Unit.PP and len(series) == 1 else m.unit
    notes = [
        "Change points are found in hindsight: with more data they may move, and none was known on its date."
    ]
    return desk.make(
        m.name, series, "changepoints", columns, params=recipe, unit=unit, decimals=m.decimals, window=used,
        notes=notes,
    )  # fmt: skip


@metric("change_point_count", Unit.COUNT, 0, _TAKES, "changes of the mean, least squares + penalty", **_BREAK)
def change_point_count(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How often the mean spread changed its level, by least squares with a penalty for each change."""
    return _breaks(m, desk, series, window, params, "count")


@metric("last_change_point", Unit.DATE, 0, _TAKES, "end of the first window of the last segment", **_BREAK)
def last_change_point(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """When the mean spread last changed its level."""
    return _breaks(m, desk, series, window, params, "last_change")


@metric("mean_since_change", Unit.PP, 2, _TAKES, "mean of the last segment", **_BREAK)
def mean_since_change(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The mean spread of one window since the last change point, or of all where there is none."""
    return _breaks(m, desk, series, window, params, "last_mean")


@metric("mean_before_change", Unit.PP, 2, _TAKES, "mean of the segment before", **_BREAK)
def mean_before_change(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The mean spread of one window in the segment before the last change point."""
    return _breaks(m, desk, series, window, params, "mean_before")
