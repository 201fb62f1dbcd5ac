"""How much of an index is in how few names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rotascope.analytics.arrays import FloatArray, require_known
from rotascope.model.errors import BadInputError, MissingDataError


@dataclass(frozen=True, slots=True)
class Concentration:
    """herfindahl: sum of squared shares, 1/k..1. effective: 1 / herfindahl, names of equal weight that are as
    concentrated. counted, left_out: names with and without a known weight."""

    herfindahl: float
    effective: float
    counted: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Contribution:
    """points: shape (k,), weight times return, in points of index return. total: their sum.

    residual: the index return less the total, in points: cash, costs, changes of members, or stale weights.
    """

    points: FloatArray
    total: float
    residual: float


def concentration(weights: FloatArray) -> Concentration:
    """Return the Herfindahl index and the effective number of names.

    weights: shape (k,), zero or more, in any unit (they are divided by their sum); NaN is left out and
    counted. Weights 50, 25, 25: shares squared sum to 0.375, so 2.67 names.

    >>> round(concentration(np.array([50.0, 25.0, 25.0])).effective, 2)
    2.67
    """
    shares, left_out = _shares(weights)
    herfindahl = float((shares**2).sum())
    return Concentration(herfindahl, 1.0 / herfindahl, shares.size, left_out)


def top_share(weights: FloatArray, names: int) -> float:
    """Return the share, 0..1, of the largest `names` of the known weights.

    >>> top_share(np.array([50.0, 25.0, 25.0]), 2)
    0.75
    """
    shares, _ = _shares(weights)
    if not 1 <= names <= shares.size:
        raise BadInputError(f"The largest {names} of {shares.size} names cannot be taken.")
    return float(np.sort(shares)[-names:].sum())


def contribution(weights: FloatArray, returns: FloatArray, index_return: float) -> Contribution:
    """Return what each name adds to the index return over one window.

    weights: shape (k,), percent of the index at the start of the window, held and not rebalanced.
    returns: shape (k,), percent over the window. index_return: percent. All known.

    60% that gains 10% and 40% that loses 5% add 6.0 and -2.0 points; an index return of 4.1% leaves 0.1.

    >>> found = contribution(np.array([60.0, 40.0]), np.array([10.0, -5.0]), 4.1)
    >>> found.points.tolist(), round(found.residual, 12)
    ([6.0, -2.0], 0.1)
    """
    points = require_known(weights, "weights") * require_known(returns, "returns") / 100.0
    total = float(points.sum())
    return Contribution(points, total, index_return - total)


def return_without(weights: FloatArray, returns: FloatArray, names: npt.NDArray[np.bool_]) -> float:
    """Return the return, in percent, of the index without some names, their weight spread over the others.

    weights: shape (k,), at the start of the window; returns: shape (k,), percent; names: true for those left
    out (say, the mega-caps). Raises MissingDataError if no weight remains.

    >>> return_without(np.array([60.0, 40.0]), np.array([10.0, -5.0]), np.array([True, False]))
    -5.0
    """
    w, r = require_known(weights, "weights")[~names], require_known(returns, "returns")[~names]
    if w.sum() <= 0:
        raise MissingDataError("No weight is left once these names are taken out.")
    return float((w * r).sum() / w.sum())


def _shares(weights: FloatArray) -> tuple[FloatArray, int]:
    known = weights[~np.isnan(weights)]
    if (known < 0).any():
        raise BadInputError(f"A weight of {known.min()} is impossible; weights are zero or more.")
    if known.size == 0 or known.sum() <= 0:
        raise MissingDataError("No weight above zero is known.")
    return known / known.sum(), int(weights.size - known.size)
