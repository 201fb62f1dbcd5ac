"""The past dates most like today, by a stated distance, and what followed them.

Each measure is standardised by its mean and standard deviation over rows up to today. The distance of a past
row is the root of the mean squared difference over the measures: 1.0 says that they differ by one standard
deviation each. Rows are taken nearest first, and a row closer than `apart` sessions to one already taken, or
to today, is passed over, so that one episode counts once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rotascope.analytics.arrays import FloatArray, require_positive
from rotascope.model.errors import BadInputError, MissingDataError

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Nearest:
    """rows: shape (m,), nearest first; distances: shape (m,). looked_at: rows compared; left_out: rows with a
    missing measure."""

    rows: IntArray
    distances: FloatArray
    looked_at: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Sequel:
    """What followed over one horizon, in points of the first leg over the second.

    found: precedents; counted: those whose sequel has ended by today. hit_rate: share of them with a
    positive sequel. base_*: the same over every row whose sequel has ended, with `base_independent` that do
    not overlap. All rates are NaN where nothing could be counted.
    """

    horizon: int
    found: int
    counted: int
    hit_rate: float
    mean: float
    base_count: int
    base_independent: int
    base_hit_rate: float
    base_mean: float


def nearest_rows(measures: FloatArray, today: int, *, count: int, apart: int) -> Nearest:
    """Return the past rows most like row `today`, at least `apart` rows from it and from each other.

    measures: shape (n, k), one row per session in date order; rows after `today` are not looked at. A row
    with a missing measure is left out and counted; today's must be known. A measure that never varied is
    refused.
    """
    if not 0 <= today < len(measures) or count < 1 or apart < 1:
        raise BadInputError(f"Row {today} of {len(measures)}, {count} precedents, {apart} apart: impossible.")
    past = measures[: today + 1]
    known = np.asarray(~np.isnan(past).any(axis=1))
    if not known[today]:
        raise MissingDataError(f"{int(np.isnan(past[today]).sum())} of today's measures are unknown.")
    mean, scale = past[known].mean(axis=0), past[known].std(axis=0)
    if (scale <= 1e-12 * np.maximum(1.0, np.abs(mean))).any():
        raise MissingDataError("A measure that does not vary cannot be standardised.")
    candidates = np.flatnonzero(known[: max(today - apart + 1, 0)])
    gaps = (past[candidates] - past[today]) / scale
    distance = np.sqrt((gaps**2).mean(axis=1))
    taken = _apart(candidates[np.argsort(distance, kind="stable")], count, apart)
    where = np.searchsorted(candidates, taken)
    return Nearest(taken, distance[where], candidates.size, int((~known).sum()))


def what_followed(
    first: FloatArray, second: FloatArray, found: Nearest, today: int, horizons: Sequence[int]
) -> list[Sequel]:
    """Return, per horizon in rows, what followed the precedents and what followed any row at all.

    first, second: shape (n,), positive levels of the two legs on the rows of the measures. A sequel is
    100 * (first[i + h] / first[i] - second[i + h] / second[i]) and counts if i + h <= today.
    """
    a, b = require_positive(first[: today + 1], "levels"), require_positive(second[: today + 1], "levels")
    return [_sequel(a, b, found.rows, h) for h in horizons]


def _sequel(a: FloatArray, b: FloatArray, rows: IntArray, horizon: int) -> Sequel:
    if horizon < 1:
        raise BadInputError(f"A horizon of {horizon} rows has no sequel.")
    after = 100.0 * (a[horizon:] / a[:-horizon] - b[horizon:] / b[:-horizon])
    mine = after[rows[rows < after.size]]
    return Sequel(
        horizon,
        rows.size,
        mine.size,
        _mean((mine > 0).astype(np.float64)),
        _mean(mine),
        after.size,
        (after.size + horizon - 1) // horizon,
        _mean((after > 0).astype(np.float64)),
        _mean(after),
    )


def _apart(ordered: IntArray, count: int, apart: int) -> IntArray:
    taken: list[int] = []
    for row in ordered.tolist():
        if all(abs(row - other) >= apart for other in taken):
            taken.append(row)
            if len(taken) == count:
                break
    return np.array(taken, dtype=np.int64)


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if values.size else float("nan")
