"""The operations of charts: from columns of observations to the columns that are drawn.

docs/bundle-format.md, "Charts", defines each. They give lists of dates (YYYY-MM-DD), numbers (rounded to
12 significant digits) or words, equally long.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from rotascope.analytics import eras as era_kernels
from rotascope.analytics.arrays import require_positive
from rotascope.analytics.rolling import TIE, window_sums
from rotascope.analytics.rotation import RotationParameters, rotation
from rotascope.facts.columns import Column
from rotascope.facts.ops import aligned, log_gaps
from rotascope.facts.ops_engine_grid import grid_values, known, on_common_dates
from rotascope.model.errors import MissingDataError
from rotascope.store.series import DateArray, FloatArray

Params = Mapping[str, Any]
Drawn = dict[str, list[Any]]
PathOp = Callable[[Params, Sequence[Column]], Drawn]
PATHS: dict[str, PathOp] = {}
_EDGE = 1e-9  # of a bin: no rounding of a value may decide on which side of an edge it falls
_MONDAY = 3  # days from the epoch, a Thursday, back to the Monday of its week


def path(name: str) -> Callable[[PathOp], PathOp]:
    """Register an operation under the name that charts.json uses."""

    def register(function: PathOp) -> PathOp:
        PATHS[name] = function
        return function

    return register


def day_texts(dates: DateArray) -> list[str]:
    """Return dates as YYYY-MM-DD."""
    found: list[str] = np.datetime_as_string(dates, unit="D").tolist()
    return found


def rounded(values: FloatArray) -> list[float]:
    """Return values with 12 significant digits; never a negative zero."""
    return [float(f"{v:.12g}") + 0.0 for v in values.tolist()]


def _thin(params: Params, dates: DateArray, values: FloatArray) -> Drawn:
    """Keep every k-th point and the last."""
    keep = np.arange(dates.size) % int(params["thin"]) == 0
    keep[-1] = True
    return {"date": day_texts(dates[keep]), "value": rounded(values[keep])}


@path("rebased")
def _rebased(params: Params, columns: Sequence[Column]) -> Drawn:
    dates, values = known(columns[0])
    require_positive(values, columns[0].data.meta.series)
    return _thin(params, dates, 100.0 * values / values[0])


@path("cumulative_spread")
def _cumulative_spread(params: Params, columns: Sequence[Column]) -> Drawn:
    dates, (a, b) = on_common_dates(columns)
    a, b = require_positive(a, "levels"), require_positive(b, "levels")
    return _thin(params, dates, 100.0 * (a / a[0] - b / b[0]))


@path("ratio_path")
def _ratio_path(params: Params, columns: Sequence[Column]) -> Drawn:
    dates, (a, b) = on_common_dates(columns)
    return _thin(params, dates, require_positive(a, "ratios") / require_positive(b, "ratios"))


@path("rotation_tail")
def _rotation_tail(params: Params, columns: Sequence[Column]) -> Drawn:
    dates, (a, b) = on_common_dates(columns)
    step, points = int(params["step"]), int(params["points"])
    chosen = RotationParameters(int(params["trend"]), int(params["momentum"]), step)
    need = chosen.rows_needed + step * (points - 1)
    if dates.size < need:
        raise MissingDataError(f"A tail of {points} points needs {need} sessions; there are {dates.size}.")
    tail = rotation(a[-need:], b[-need:], chosen).tail(points)
    at = dates[::-step][:points][::-1]
    return {"date": day_texts(at), "strength": rounded(tail[:, 0]), "momentum": rounded(tail[:, 1])}


@path("window_values")
def _window_values(params: Params, columns: Sequence[Column]) -> Drawn:
    width = float(params["bin"])
    bins = np.floor(grid_values(params, columns).values / width + _EDGE).astype(np.int64)
    numbers = np.arange(bins.min(), bins.max() + 1)
    counts = np.bincount(bins - bins.min(), minlength=numbers.size)
    return {
        "from": rounded(numbers * width),
        "to": rounded((numbers + 1) * width),
        "count": [int(n) for n in counts],
    }


@path("rolling_share_path")
def _rolling_share_path(params: Params, columns: Sequence[Column]) -> Drawn:
    members, months, trailing = aligned(columns), int(params["months"]), int(params["trailing"])
    gaps = log_gaps(params, members)
    if gaps.size < months + trailing - 1:
        raise MissingDataError(f"{gaps.size} periods are too few for {trailing} windows of {months}.")
    won = (window_sums(gaps, months) > TIE).astype(np.float64)
    shares = np.convolve(won, np.ones(trailing), "valid") / trailing
    return _thin(params, members[0].dates[months + trailing - 2 :], shares)


def _era_points(columns: Sequence[Column]) -> DateArray:
    dates = aligned(columns)[0].dates
    return np.concatenate([dates[:1], dates])


@path("era_path")
def _era_path(params: Params, columns: Sequence[Column]) -> Drawn:
    gaps = log_gaps(params, aligned(columns))
    return _thin(params, _era_points(columns), np.concatenate([[0.0], np.cumsum(gaps)]))


@path("era_spans")
def _era_spans(params: Params, columns: Sequence[Column]) -> Drawn:
    at = _era_points(columns)
    _, found = era_kernels.eras(log_gaps(params, aligned(columns)), float(params["threshold"]))
    spans = [e for e in found if at[e.start] > np.datetime64(params["from"], "D")]
    if not spans:
        raise MissingDataError("No era begins that late.")
    return {
        "from": day_texts(at[[e.start for e in spans]]),
        "to": day_texts(at[[e.end for e in spans]]),
        "direction": ["up" if e.direction > 0 else "down" for e in spans],
    }


@path("levels")
def _levels(params: Params, columns: Sequence[Column]) -> Drawn:
    dates, values = known(columns[0])
    if dates.size == 0:
        raise MissingDataError(f"{columns[0].data.meta.series}: every value is unknown.")
    scaled = values * float(params["scale"])
    if params["by"] != "rows":
        days = dates.astype(np.int64)
        key = (days + _MONDAY) // 7 if params["by"] == "weeks" else dates.astype("datetime64[M]")
        begins = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
        scaled = np.add.reduceat(scaled, begins)
        dates = dates[np.append(begins[1:], dates.size) - 1]
    return {"date": day_texts(dates), "value": rounded(scaled)}
