"""Operations on how lines move together, and on where a sum or a dispersion stands; and triggers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from rotascope.analytics.arrays import require_positive
from rotascope.analytics.comovement import CoMovement
from rotascope.facts.columns import Column
from rotascope.facts.ops import Inputs, Params, columns, op, values
from rotascope.facts.ops_engine_grid import by_month, known, on_common_dates, pick
from rotascope.model.errors import BadInputError, MissingDataError
from rotascope.store.series import DateArray, FloatArray

SIDES = {"ratio": 2, "gap": 2, "log": 1, "difference": 1, "value": 1, "sum": 1}
TIE = 1e-9


@op("co_movement")
def _co_movement(params: Params, inputs: Inputs) -> float:
    found = CoMovement(*co_changes(params, columns(inputs)), int(params["last"]))
    if found.last < 1:
        raise BadInputError(f"last is {found.last}; at least one change is looked at.")
    return pick(
        params["want"],
        {
            "correlation": found.correlation,
            "low": lambda: found.interval(float(params["level"]))[0],
            "high": lambda: found.interval(float(params["level"]))[1],
            "earlier": found.earlier,
            "shift": found.shift,
            "pairs": lambda: found.pairs,
            "earlier_pairs": lambda: found.earlier_pairs,
        },
    )


def co_changes(params: Params, cols: Sequence[Column]) -> tuple[FloatArray, FloatArray]:
    """Return the changes of both sides, as docs/bundle-format.md says under co_movement; shapes (n,)."""
    kinds = [str(params["first"]), str(params["second"])]
    for kind in kinds:
        if kind not in SIDES:
            raise BadInputError(f"There is no side '{kind}'.", fix=f"Choose one of {', '.join(SIDES)}.")
    at = SIDES[kinds[0]]
    if at + SIDES[kinds[1]] != len(cols):
        raise BadInputError(f"{' and '.join(kinds)} do not take {len(cols)} inputs.")
    dates, found, keep = _grid(params, cols)
    if dates.size < 2:
        raise MissingDataError("There is no change to look at.")
    sides = [
        _side(kinds[0], dates, found[:at], cols[:at]),
        _side(kinds[1], dates, found[at:], cols[at:]),
    ]
    return sides[0][keep], sides[1][keep]


def _grid(
    params: Params, cols: Sequence[Column]
) -> tuple[DateArray, list[FloatArray], np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Return the rows of the grid, and which changes between them count."""
    if params["grid"] == "months":
        if "sum" in (params["first"], params["second"]):
            raise BadInputError("Sums are taken between sessions.", fix="Use grid sessions.")
        dates, found = by_month(cols)
        return dates, found, np.diff(dates.astype("datetime64[M]").astype(np.int64)) == 1
    if "value" in (params["first"], params["second"]):
        raise BadInputError("Values of periods belong to months.", fix="Use grid months.")
    dates, found = on_common_dates(cols)
    step = int(params["step"])
    if step < 1:
        raise BadInputError(f"step is {step}; it is 1 or more.")
    rows = np.arange(dates.size - 1, -1, -step)[::-1]
    return dates[rows], [v[rows] for v in found], np.ones(max(rows.size - 1, 0), dtype=np.bool_)


def _side(kind: str, dates: DateArray, found: list[FloatArray], cols: Sequence[Column]) -> FloatArray:
    if kind in ("ratio", "log"):
        paths = [np.log(require_positive(v, "levels")) for v in found]
        return np.asarray(100.0 * sum(s * np.diff(p) for s, p in zip((1.0, -1.0), paths, strict=False)))
    if kind == "value":
        return found[0][1:]
    if kind == "sum":
        return _sums_between(dates, cols[0])
    return np.asarray(np.diff(found[0]) if kind == "difference" else np.diff(found[0] - found[1]))


def _sums_between(dates: DateArray, column: Column) -> FloatArray:
    """Return the sum of the known values after each date up to the next one."""
    days, cells = known(column)
    ends = np.searchsorted(days, dates, "right")
    return np.array([math.fsum(cells[a:b].tolist()) for a, b in itertools.pairwise(ends)], dtype=np.float64)


@op("sum_windows")
def _sum_windows(params: Params, inputs: Inputs) -> float:
    column, sessions = columns(inputs)
    length, days = int(params["length"]), sessions.dates
    if not 1 <= length <= days.size:
        raise MissingDataError(f"There are {days.size} sessions, not {length} in a row.")
    cells, is_known = np.zeros(days.size), np.zeros(days.size, dtype=np.bool_)
    own, found = known(column)
    inside = np.isin(own, days)
    at = np.searchsorted(days, own[inside])
    cells[at], is_known[at] = found[inside], True
    sums = np.asarray(np.lib.stride_tricks.sliding_window_view(cells, length).sum(axis=1))
    has = np.asarray(np.lib.stride_tricks.sliding_window_view(is_known, length).any(axis=1))
    if not has[-1]:
        raise MissingDataError("Every value of the last window is unknown.")
    return _standing(sums[has], int(has.sum() - 1) // length + 1, params["want"])


@op("dispersion_windows")
def _dispersion_windows(params: Params, inputs: Inputs) -> float:
    cols = columns(inputs)
    if len(cols) < 2:
        raise BadInputError("A dispersion needs two inputs or more.")
    dates, found = on_common_dates(cols)
    levels = np.array([require_positive(v, "levels") for v in found])
    if params["grid"] == "months":
        ends = np.flatnonzero(np.append(np.diff(dates.astype("datetime64[M]")).astype(int) != 0, True))
        months = dates[ends].astype("datetime64[M]").astype(np.int64)
        returns = 100.0 * (levels[:, ends[1:]] / levels[:, ends[:-1]] - 1.0)
        returns, length = returns[:, np.diff(months) == 1], 1
    elif params["grid"] == "sessions":
        length = int(params["length"])
        if not 1 <= length < dates.size:
            raise MissingDataError(f"A window of {length} sessions needs more than {dates.size} closes.")
        returns = 100.0 * (levels[:, length:] / levels[:, :-length] - 1.0)
    else:
        raise BadInputError(f"There is no grid '{params['grid']}'.", fix="Choose sessions or months.")
    if returns.shape[1] == 0:
        raise MissingDataError("There is no window.")
    apart = np.asarray(returns.std(axis=0))
    if params["want"] == "median":
        return float(np.median(apart))
    return _standing(apart, (apart.size - 1) // length + 1, params["want"])


@op("return_windows")
def _return_windows(params: Params, inputs: Inputs) -> float:
    (column,) = columns(inputs)
    growth = np.log(require_positive(1.0 + column.values / 100.0, "growth"))
    length = int(params["length"])
    if not 1 <= length <= growth.size:
        raise MissingDataError(f"There are {growth.size} periods, not {length} in a row.")
    runs = np.lib.stride_tricks.sliding_window_view(growth, length).sum(axis=1)
    found = np.asarray(100.0 * np.expm1(runs))
    return _standing(found, (found.size - 1) // length + 1, params["want"])


def _standing(found: FloatArray, independent: int, want: object) -> float:
    last = float(found[-1])
    tie = TIE * max(1.0, abs(last))
    return pick(
        want,
        {
            "percentile": lambda: 100.0 * float((found <= last + tie).sum()) / found.size,
            "percentile_below": lambda: 100.0 * float((found >= last - tie).sum()) / found.size,
            "count": lambda: found.size,
            "independent": lambda: independent,
        },
    )


@op("trigger")
def _trigger(params: Params, inputs: Inputs) -> float:
    (now,) = values(inputs)
    than = float(params["than"])
    crossed = {"above": now > than, "below": now < than}.get(str(params["test"]))
    if crossed is None:
        raise BadInputError(f"A trigger tests above or below, not '{params['test']}'.")
    if crossed:
        raise MissingDataError(
            f"The value is {now}, so a trigger {params['test']} {than} is crossed already."
        )
    return than
