"""Operations on several pairs at once, on the members of an index as of a day, and on sums of single rows."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rotascope.analytics import windows
from rotascope.analytics.arrays import require_positive
from rotascope.facts.columns import Column
from rotascope.facts.ops import Inputs, Params, columns, op
from rotascope.facts.ops_engine_grid import as_day, known, on_common_dates, pick
from rotascope.model.errors import BadInputError, MissingDataError
from rotascope.store.series import FloatArray

TIE = 1e-9  # points: ranges that differ by no more are as large
BoolArray = npt.NDArray[np.bool_]


def ranges(params: Params, inputs: Sequence[Column]) -> windows.Windows:
    """Return how far the spreads of pairs (A1, B1, A2, B2, ..) lie apart in each window, in points.

    Raises MissingDataError if the pairs share no window.
    """
    if len(inputs) < 4 or len(inputs) % 2:
        raise BadInputError(f"{len(inputs)} series are not two pairs or more.")
    dates, levels = on_common_dates(inputs)
    for level in levels:
        require_positive(level, "levels")
    pairs = list(zip(levels[::2], levels[1::2], strict=True))
    if params["grid"] == "months":
        found = [windows.month_windows(dates, a, b) for a, b in pairs]
    elif params["grid"] == "sessions":
        found = [windows.session_windows(dates, a, b, int(params["length"])) for a, b in pairs]
    else:
        raise BadInputError(f"There is no grid '{params['grid']}' here.", fix="Choose sessions or months.")
    spreads = np.array([w.values for w in found])
    return windows.Windows(found[0].ends, spreads.max(axis=0) - spreads.min(axis=0), found[0].independent)


@op("spread_range")
def _spread_range(params: Params, inputs: Inputs) -> float:
    found = ranges(params, columns(inputs))
    values, now = found.values, float(found.values[-1])

    def last_as_large() -> float:
        earlier = np.flatnonzero(values[:-1] >= now - TIE)
        if earlier.size == 0:
            raise MissingDataError("No earlier window is as large.")
        return as_day(found.ends[earlier[-1]])

    return pick(
        params["want"],
        {
            "value": lambda: now,
            "median": lambda: float(np.median(values)),
            "percentile": lambda: 100.0 * float((values <= now + TIE).sum()) / values.size,
            "rank": lambda: 1 + int((values > now + TIE).sum()),
            "count": lambda: values.size,
            "independent": lambda: found.independent,
            "last_as_large": last_as_large,
        },
    )


def members_on(name: str, memberships: Sequence[Column], on: str) -> set[str]:
    """Return the names that were members of a list on a day (YYYY-MM-DD), by the rows given.

    Raises BadInputError if a row is neither 0 nor 1 or a series is not a membership of the list, or twice.
    """
    prefix, inside, seen = f"MEMBER.{name}.", set(), set()
    for column in memberships:
        series = column.data.meta.series
        dates, values = known(column)
        if not name or not series.startswith(prefix) or series in seen:
            raise BadInputError(f"{series} is not a membership of '{name}', or stands there twice.")
        if not np.isin(values, (0.0, 1.0)).all():
            raise BadInputError(f"{series} has a value that is neither 0 nor 1.")
        seen.add(series)
        state = values[dates <= np.datetime64(on, "D")]
        if state.size and state[-1] == 1.0:
            inside.add(series.removeprefix(prefix))
    return inside


@op("member_breadth")
def _member_breadth(params: Params, inputs: Inputs) -> float:
    cols, closes, on = columns(inputs), int(params["closes"]), str(params["on"])
    if not 1 <= closes < len(cols):
        raise BadInputError(f"{closes} closes of {len(cols)} inputs leave no membership.")
    inside = members_on(str(params["list"]), cols[closes:], on)
    hit, counts = _hits(params, cols[:closes], on)
    part = np.array([c.data.meta.series in inside for c in cols[:closes]])
    hits, counted = int((hit & counts & part).sum()), int((counts & part).sum())

    def over(a: int, b: int) -> float:
        if b == 0:
            raise MissingDataError(f"No member can be counted on {on}.")
        return a / b

    return pick(
        params["want"],
        {
            "share": lambda: over(hits, counted),
            "coverage": lambda: over(counted, len(inside)),
            "hits": lambda: hits,
            "counted": lambda: counted,
            "members": lambda: len(inside),
            "left_out": lambda: len(inside) - counted,
        },
    )


def _hits(params: Params, closes: Sequence[Column], on: str) -> tuple[BoolArray, BoolArray]:
    """Return which series are hits at `on`, and which have the closes it takes; shapes (k,)."""
    measure, length = params["measure"], int(params["length"])
    if measure not in ("up", "above_average") or length < 1:
        raise BadInputError(f"There is no measure '{measure}' over {length} sessions.")
    table = _table(closes, on)
    need = length + 1 if measure == "up" else length
    if table.shape[0] < need:
        raise MissingDataError(f"{need} sessions are needed, there are {table.shape[0]}.")
    last = table[-need:]
    used = last[[0, -1]] if measure == "up" else last
    counts = np.asarray(~np.isnan(used).any(axis=0))
    with np.errstate(invalid="ignore"):
        hit = last[-1] > (last[0] if measure == "up" else last.mean(axis=0) * (1.0 + 1e-9))
    return np.asarray(hit & counts), counts


def _table(closes: Sequence[Column], on: str) -> FloatArray:
    """Return the closes on every date up to `on` on which some series has one; shape (sessions, series)."""
    rows = [known(c) for c in closes]
    day = np.datetime64(on, "D")
    grid = np.unique(np.concatenate([d for d, _ in rows]))
    grid = grid[grid <= day]
    if grid.size == 0 or grid[-1] != day:
        raise MissingDataError(f"No close is known on {on}.")
    out = np.full((grid.size, len(rows)), np.nan)
    for k, (dates, values) in enumerate(rows):
        keep = dates <= day
        out[np.searchsorted(grid, dates[keep]), k] = values[keep]
    return out


@op("sum_rows")
def _sum_rows(params: Params, inputs: Inputs) -> float:
    cells = [c.values for c in columns(inputs)]
    if any(v.size != 1 for v in cells):
        raise BadInputError("An input of this sum has not one row.")
    sound = [float(v[0]) for v in cells if not np.isnan(v[0])]
    if not sound:
        raise MissingDataError("Every value is unknown.")
    return math.fsum(sound)
