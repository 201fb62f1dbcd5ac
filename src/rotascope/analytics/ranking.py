"""Sectors side by side: ranks, how far apart they are, and whether leadership persists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rotascope.analytics.arrays import FloatArray, require_known
from rotascope.model.errors import BadInputError, MissingDataError


@dataclass(frozen=True, slots=True)
class Dispersion:
    """How far apart the returns of one window are, in points.

    standard_deviation: across names, divisor k. spread: best minus worst.
    mean_gap: mean distance from the mean.
    """

    standard_deviation: float
    spread: float
    mean_gap: float


@dataclass(frozen=True, slots=True)
class GroupGap:
    """Mean return of two groups, percent, and their difference, points."""

    first: float
    second: float

    @property
    def gap(self) -> float:
        """Return the first mean minus the second, in points."""
        return self.first - self.second


def ranks(values: FloatArray) -> FloatArray:
    """Return the rank of each value, 1 for the largest; equal values share the mean of their ranks.

    values: shape (k,), known.

    >>> ranks(np.array([2.0, 5.0, 2.0])).tolist()
    [2.5, 1.0, 2.5]
    """
    require_known(values, "ranks")
    ordered = np.sort(values)
    greater = values.size - ordered.searchsorted(values, side="right")
    equal = ordered.searchsorted(values, side="right") - ordered.searchsorted(values, side="left")
    return np.asarray(greater + (equal + 1) / 2.0)


def rank_correlation(before: FloatArray, after: FloatArray) -> float:
    """Return Spearman's correlation of the ranks in two windows: 1 if leadership is the same, -1 if reversed.

    before, after: shape (k,), k >= 2, the same names in the same order. Ties share ranks. Raises
    MissingDataError if all values of a window are equal.

    Orders 1 2 3 and 1 3 2: squared differences sum to 2, so 1 - 6 * 2 / (3 * 8) = 0.5.

    >>> rank_correlation(np.array([3.0, 2.0, 1.0]), np.array([3.0, 1.0, 2.0]))
    0.5
    """
    if before.shape != after.shape or before.size < 2:
        raise BadInputError(f"{before.size} and {after.size} values have no rank correlation.")
    x, y = (r - r.mean() for r in (ranks(before), ranks(after)))
    scale = float(x @ x) * float(y @ y)
    if scale == 0.0:
        raise MissingDataError("All values of a window are equal: there is no order to compare.")
    return float(round(float(x @ y) / scale**0.5, 12))


def dispersion(values: FloatArray) -> Dispersion:
    """Return how far apart the returns of one window are.

    values: shape (k,), percent, known. [1, 3]: standard deviation 1, spread 2, mean gap 1.

    >>> dispersion(np.array([1.0, 3.0]))
    Dispersion(standard_deviation=1.0, spread=2.0, mean_gap=1.0)
    """
    require_known(values, "dispersion")
    centre = values.mean()
    return Dispersion(
        float(values.std()), float(values.max() - values.min()), float(np.abs(values - centre).mean())
    )


def group_gap(values: FloatArray, first: list[int], second: list[int]) -> GroupGap:
    """Return the mean return of two groups of names, given by position (cyclical and defensive, say).

    >>> group_gap(np.array([4.0, 2.0, -1.0]), [0, 1], [2]).gap
    4.0
    """
    if not first or not second or set(first) & set(second):
        raise BadInputError("Two groups need at least one name each and none in common.")
    return GroupGap(
        float(require_known(values[first], "first group").mean()),
        float(require_known(values[second], "second group").mean()),
    )
