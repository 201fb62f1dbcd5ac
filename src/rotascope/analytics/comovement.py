"""How two lines moved together: a correlation, its interval, and whether it has shifted."""

from __future__ import annotations

from dataclasses import dataclass
from math import atanh, sqrt, tanh
from statistics import NormalDist

import numpy as np

from rotascope.analytics.arrays import FloatArray
from rotascope.model.errors import BadInputError, MissingDataError

LEAST_PAIRS = 20  # fewer pairs give an interval that says nothing
LEAST_EARLIER = 60
_CERTAIN = 1e-9  # a correlation this close to one has no interval


def correlation(x: FloatArray, y: FloatArray) -> float:
    """Return Pearson's correlation of pairs; shapes (n,), all known.

    Raises: MissingDataError if there is no pair or one side does not vary.

    >>> round(correlation(np.array([1.0, 2.0, 3.0]), np.array([2.0, 1.0, 3.0])), 12)
    0.5
    """
    if x.shape != y.shape:
        raise BadInputError(f"{x.size} and {y.size} values are not pairs.")
    for side in (x, y):
        if side.size == 0 or _sum_of_squares(side) <= side.size * (1e-12 * float(np.abs(side).max())) ** 2:
            raise MissingDataError("One side did not vary, so there is no correlation.")
    dx, dy = x - x.mean(), y - y.mean()
    found = float((dx * dy).sum()) / sqrt(_sum_of_squares(x) * _sum_of_squares(y))
    return max(-1.0, min(1.0, found))


def _sum_of_squares(values: FloatArray) -> float:
    return float(((values - values.mean()) ** 2).sum())


@dataclass(frozen=True, slots=True)
class CoMovement:
    """The last pairs of two lines, and those before them.

    x, y: shape (n,), changes on the same dates, oldest first. last: how many pairs are looked at; all where
    there are fewer. The interval is Fisher's, for pairs that do not overlap and are independent.
    """

    x: FloatArray
    y: FloatArray
    last: int

    @property
    def pairs(self) -> int:
        """How many pairs are looked at."""
        return min(self.last, self.x.size)

    @property
    def earlier_pairs(self) -> int:
        """How many pairs lie before them."""
        return self.x.size - self.pairs

    def correlation(self) -> float:
        """The correlation of the pairs looked at. Raises MissingDataError below 20 pairs."""
        if self.pairs < LEAST_PAIRS:
            raise MissingDataError(f"A correlation needs {LEAST_PAIRS} pairs, and there are {self.pairs}.")
        return correlation(self.x[-self.pairs :], self.y[-self.pairs :])

    def earlier(self) -> float:
        """The correlation of all pairs before those. Raises MissingDataError below 60 of them."""
        if self.earlier_pairs < LEAST_EARLIER:
            raise MissingDataError(
                f"The long run needs {LEAST_EARLIER} pairs before, and there are {self.earlier_pairs}."
            )
        return correlation(self.x[: self.earlier_pairs], self.y[: self.earlier_pairs])

    def interval(self, level: float) -> tuple[float, float]:
        """Return the ends of Fisher's interval that holds the correlation in a share `level` of samples."""
        if not 0.0 < level < 1.0:
            raise BadInputError(f"The level is {level}.", fix="It lies between 0 and 1, such as 0.95.")
        centre = _fisher(self.correlation())
        reach = NormalDist().inv_cdf((1.0 + level) / 2.0) / sqrt(self.pairs - 3)
        return tanh(centre - reach), tanh(centre + reach)

    def shift(self) -> float:
        """Return the distance from the correlation of the pairs before, in standard errors of Fisher's z."""
        gap = _fisher(self.correlation()) - _fisher(self.earlier())
        return gap / sqrt(1.0 / (self.pairs - 3) + 1.0 / (self.earlier_pairs - 3))


def _fisher(r: float) -> float:
    if 1.0 - abs(r) < _CERTAIN:
        raise MissingDataError("The two lines are one; a correlation of one has no interval.")
    return atanh(r)
