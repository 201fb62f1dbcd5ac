"""How sure: intervals of percentiles by the stationary bootstrap, and t values of mean spreads."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor
from typing import Any

from rotascope.facts.build import Desk
from rotascope.facts.catalogue import Metric, metric
from rotascope.facts.metrics.engine_rows import FIELD, GRID, SINCE, current_rows, grid_rows
from rotascope.facts.ops_engine_grid import grid_values
from rotascope.model.errors import UnknownNameError
from rotascope.model.facts import Fact, Window
from rotascope.model.units import Unit

_TAKES = "one series (its return) or two (their spread)"
_BOOTSTRAP = {
    "grid": GRID,
    "since": SINCE,
    "seed": "start of the random numbers (1)",
    "replications": "how often the history is drawn again, 100 to 1000 (1000)",
    "block_length": "mean length of a block in windows, or auto (auto)",
    "level": "share of the replications inside of the interval (0.9)",
    "field": FIELD,
}
_MEAN = {
    "grid": "months, sessions, or rows for series that hold returns (months)",
    "length": "sessions of one window, on a grid of sessions (1)",
    "since": SINCE,
    "lags": "autocovariances taken in (rule of thumb of Newey and West; at least length - 1)",
    "field": FIELD,
}


def _bootstrap(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    columns, recipe, used = current_rows(desk, series, window, params)
    length = str(params.get("block_length", "auto"))
    recipe |= {
        "seed": int(params.get("seed", 1)),
        "replications": int(params.get("replications", 1000)),
        "block_length": length if length == "auto" else float(length),
        "level": float(params.get("level", 0.9)),
        "want": want,
    }
    return desk.make(
        m.name, series, "bootstrap_window", columns, params=recipe, unit=m.unit, decimals=m.decimals,
        window=used,
    )  # fmt: skip


@metric(
    "percentile_interval_low", Unit.PERCENTILE, 0, _TAKES, "lower end, stationary bootstrap", **_BOOTSTRAP
)
def percentile_interval_low(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The lower end of the interval in which the percentile of the window lies in most histories drawn again
    from this one, in blocks. A wide interval says that the history is short for the question."""
    return _bootstrap(m, desk, series, window, params, "low")


@metric(
    "percentile_interval_high", Unit.PERCENTILE, 0, _TAKES, "upper end, stationary bootstrap", **_BOOTSTRAP
)
def percentile_interval_high(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The upper end of that interval."""
    return _bootstrap(m, desk, series, window, params, "high")


@metric("bootstrap_block_length", Unit.RATIO, 1, _TAKES, "mean block length used, in windows", **_BOOTSTRAP)
def bootstrap_block_length(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The mean length of the blocks behind the interval, in windows: by the rule of Politis and White, as
    corrected, unless it was given."""
    return _bootstrap(m, desk, series, window, params, "block_length")


@metric(
    "optimal_block_length", Unit.RATIO, 1, _TAKES, "Politis and White, corrected", grid=_MEAN["grid"],
    length=_MEAN["length"], since=SINCE, field=FIELD, kind="stationary or circular (stationary)",
)  # fmt: skip
def optimal_block_length(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The mean block length that the dependence of the values asks for, in values."""
    columns, recipe, used = grid_rows(desk, series, window, params)
    recipe |= {"of": "values", "want": str(params.get("kind", "stationary"))}
    return desk.make(
        m.name,
        series,
        "block_length",
        columns,
        params=recipe,
        unit=m.unit,
        decimals=m.decimals,
        window=used,
    )


def rule_of_thumb(count: int) -> int:
    """Return the lags of Newey and West (1994) for so many values: floor(4 * (n / 100) ** (2 / 9))."""
    return floor(4.0 * float((count / 100.0) ** (2.0 / 9.0)))


def _newey_west(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    columns, recipe, used = grid_rows(desk, series, window, params)
    count = grid_values(recipe, columns).values.size
    lags = max(rule_of_thumb(count), int(recipe.get("length", 1)) - 1)
    recipe |= {"lags": int(params.get("lags", lags)), "want": want}
    unit = Unit.PERCENT if want == "mean" and len(series) == 1 else m.unit
    return desk.make(
        m.name,
        series,
        "newey_west",
        columns,
        params=recipe,
        unit=unit,
        decimals=m.decimals,
        window=used,
    )


@metric("mean_spread", Unit.PP, 2, _TAKES, "mean of all windows", **_MEAN)
def mean_spread(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The mean spread of a month (or of another window) over the whole history up to the end of the
    window."""
    return _newey_west(m, desk, series, window, params, "mean")


@metric("mean_spread_t", Unit.RATIO, 2, _TAKES, "mean / standard error, Newey and West", **_MEAN)
def mean_spread_t(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The t value of that mean, with an error that allows for autocorrelation. Beyond 2 in size the mean is
    told from zero, if it is the only one looked at."""
    return _newey_west(m, desk, series, window, params, "t")


@metric("mean_spread_count", Unit.COUNT, 0, _TAKES, "number of windows", **_MEAN)
def mean_spread_count(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many windows the mean is taken over."""
    return _newey_west(m, desk, series, window, params, "count")


def adjusted_p_of(desk: Desk, t_values: list[Fact], index: int, method: str) -> Fact:
    """Return the p value of one t value, corrected for all that were looked at, as a fact.

    method: none, holm, or benjamini_hochberg. All t values looked at belong in the list, also the dull ones.
    """
    if method not in ("none", "holm", "benjamini_hochberg"):
        raise UnknownNameError(
            f"There is no correction '{method}'.", fix="Choose none, holm or benjamini_hochberg."
        )
    chosen = t_values[index]
    return desk.make(
        "adjusted_p", chosen.series, "adjusted_p", t_values, params={"index": index, "method": method},
        unit=Unit.RATIO, decimals=3, window=chosen.window,
    )  # fmt: skip


@metric(
    "spread_p_value", Unit.RATIO, 3, "two series, or the first and second leg of each spread looked at",
    "p of the t value, corrected for their number",
    method="holm, benjamini_hochberg or none (holm)", **_MEAN,
)  # fmt: skip
def spread_p_value(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The chance of a mean spread as far from zero by luck, for the first pair named, corrected for the
    number of pairs named."""
    from rotascope.facts.catalogue import find_metric

    if len(series) < 2 or len(series) % 2:
        raise UnknownNameError(f"{m.name} takes {m.takes}; {len(series)} series were given.")
    rest = {k: v for k, v in params.items() if k != "method"}
    pairs = [series[i : i + 2] for i in range(0, len(series), 2)]
    t_values = [find_metric("mean_spread_t").fact(desk, pair, window, **rest) for pair in pairs]
    return adjusted_p_of(desk, t_values, 0, str(params.get("method", "holm")))
