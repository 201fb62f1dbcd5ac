"""Returns and compounding. Percent returns are in percent: 4.5 means four and a half percent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rotascope.analytics.arrays import FloatArray, require_known, require_positive
from rotascope.model.errors import MissingDataError


def pct_change(base: float, end: float) -> float:
    """Return the change from one level to another, in percent.

    >>> round(pct_change(2481.91, 2689.05), 3)
    8.346
    """
    require_positive(np.array([base, end]), "price return")
    return 100.0 * (end / base - 1.0)


def leg_growth(returns: Sequence[FloatArray], weights: Sequence[FloatArray] | None = None) -> FloatArray:
    """Return the growth factor of one leg in each period: 1 + the mean return of its members.

    returns: one array of shape (n,) for each member, percent. weights: the same shapes, or None for the
    plain mean. The leg is rebalanced to these weights every period. Output: shape (n,), 1.02 for 2%.
    """
    stacked = np.vstack([require_known(r, "portfolio return") for r in returns])
    if weights is None:
        return np.asarray(1.0 + stacked.mean(axis=0) / 100.0)
    w = np.vstack([require_known(x, "portfolio weight") for x in weights])
    if (w < 0).any() or (w.sum(axis=0) <= 0).any():
        raise MissingDataError("Weights are zero or more, and one of each period is greater than zero.")
    return np.asarray(1.0 + (stacked * w).sum(axis=0) / w.sum(axis=0) / 100.0)


def compound(returns: Sequence[FloatArray]) -> float:
    """Return the compounded return of an equally weighted, rebalanced leg, in percent.

    A spread of two portfolios is never compounded as one series of differences: compound each leg,
    then subtract (`compound_legs`). Compounding HML as if it were a leg is more than twenty points off
    in a bad year.

    >>> compound([np.array([10.0, -10.0])])
    -1.0
    """
    return float(round(100.0 * (np.prod(leg_growth(returns)) - 1.0), 12))


def compound_legs(first: Sequence[FloatArray], second: Sequence[FloatArray]) -> float:
    """Return the compounded return of the first leg minus that of the second, in points."""
    return compound(first) - compound(second)


def return_drawdown(returns: FloatArray) -> float:
    """Return the deepest fall of wealth below its running peak, a ratio in (-1, 0].

    returns: shape (n,), percent. Wealth starts at 1, and the start counts as a peak.

    >>> round(return_drawdown(np.array([-10.0, 5.0])), 12)
    -0.1
    """
    wealth = np.concatenate([[1.0], np.cumprod(1.0 + require_known(returns, "drawdown") / 100.0)])
    return float((wealth / np.maximum.accumulate(wealth) - 1.0).min())
