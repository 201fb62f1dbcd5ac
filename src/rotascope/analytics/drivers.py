"""Does a candidate driver fit the move? Change, beta, correlation, percentile, and a verdict by rule.

The words are about fit, never about cause: a candidate that is consistent with a move need not have made it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import inf, sqrt

import numpy as np

from rotascope.analytics.arrays import FloatArray, require_known
from rotascope.analytics.inference import standing
from rotascope.analytics.rolling import window_sums
from rotascope.model.errors import BadInputError, MissingDataError

# Fewer pairs than this say nothing about a relation.
LEAST_PAIRS = 60
# A correlation counts as told from none if its t value is this large.
NO_MOVE = 1e-9  # points
LEAST_T = 2.0
# Changes that differ by less are equal: rounding, not the market, set them apart.
TIE = 1e-9


class Verdict(StrEnum):
    """What the rule says of a candidate."""

    CONSISTENT = "consistent"
    INCONSISTENT = "inconsistent"
    TOO_LITTLE = "too little data"


@dataclass(frozen=True, slots=True)
class Driver:
    """One candidate over one window.

    change: of the candidate over the window, in its own unit. percentile: of that change among all changes
    of the same length up to now, 0..100, NaN if there is no earlier one. beta: points of spread per unit of
    candidate, over the pairs before the window. correlation: of the same pairs. t: of the correlation.
    implied: beta * change, points. actual: the spread over the window, points. All NaN with too little data.
    """

    change: float
    percentile: float
    beta: float
    correlation: float
    t: float
    pairs: int
    implied: float
    actual: float
    verdict: Verdict
    reason: str


def rolling_relation(spread: FloatArray, candidate: FloatArray, length: int) -> tuple[FloatArray, FloatArray]:
    """Return the beta and the correlation of the last `length` pairs, at each row; shapes (n,).

    spread: shape (n,), points per period. candidate: shape (n,), change per period, its unit. NaN until there
    are `length` pairs in a row without a gap, and where the candidate (or, for the correlation, either) does
    not vary. beta = covariance / variance of the candidate.
    """
    if spread.shape != candidate.shape or length < 3:
        raise BadInputError(f"{spread.size} and {candidate.size} rows with a window of {length} do not fit.")
    beta, correlation = np.full(spread.shape, np.nan), np.full(spread.shape, np.nan)
    if spread.size < length:
        return beta, correlation
    y, x = (np.lib.stride_tricks.sliding_window_view(v, length) for v in (spread, candidate))
    dy, dx = y - y.mean(axis=1, keepdims=True), x - x.mean(axis=1, keepdims=True)
    xy, xx, yy = (dx * dy).sum(axis=1), (dx**2).sum(axis=1), (dy**2).sum(axis=1)
    varies = xx > length * (1e-12 * np.abs(x).max(axis=1)) ** 2
    both = varies & (yy > length * (1e-12 * np.abs(y).max(axis=1)) ** 2)
    beta[length - 1 :] = np.divide(xy, xx, out=np.full(xx.shape, np.nan), where=varies)
    root = np.sqrt(xx) * np.sqrt(yy)  # the product itself may underflow
    correlation[length - 1 :] = np.divide(xy, root, out=np.full(xx.shape, np.nan), where=both)
    return beta, correlation


def judge(spread: FloatArray, candidate: FloatArray, window: int, lookback: int = 252) -> Driver:
    """Return the verdict on one candidate for the last `window` periods.

    spread: shape (n,), points per period, first leg minus second. candidate: shape (n,), change per period
    in its unit, same dates; NaN in either leaves the pair out. The relation is measured on the last
    `lookback` known pairs before the window, so that the move itself cannot make its own explanation.

    Too little data: fewer than 60 such pairs, a gap inside the window, or a side that did not vary.
    Consistent: the correlation has |t| >= 2, and beta times the change has the sign of the actual move.
    Inconsistent: all else; a candidate that did not move, but for what rounding leaves of a change, goes with
    nothing.
    """
    if spread.shape != candidate.shape or not 1 <= window < spread.size:
        raise BadInputError(f"{spread.size} and {candidate.size} rows, window {window}: they do not fit.")
    actual, change = float(spread[-window:].sum()), float(candidate[-window:].sum())
    known = ~(np.isnan(spread[:-window]) | np.isnan(candidate[:-window]))
    y, x = spread[:-window][known][-lookback:], candidate[:-window][known][-lookback:]
    share = change_percentile(candidate, window)
    nothing = (change, share, np.nan, np.nan, np.nan, y.size, np.nan, actual, Verdict.TOO_LITTLE)
    if np.isnan(actual) or np.isnan(change):
        return Driver(*nothing, "a value inside the window is unknown")
    if y.size < LEAST_PAIRS:
        return Driver(*nothing, "too few pairs before the window")
    beta, correlation = (float(v[-1]) for v in rolling_relation(y, x, y.size))
    if np.isnan(correlation):
        return Driver(*nothing, "one side did not vary before the window")
    t = t_of_correlation(correlation, y.size)
    verdict, reason = _verdict(t, beta * change, actual)
    return Driver(change, share, beta, correlation, t, y.size, beta * change, actual, verdict, reason)


def t_of_correlation(correlation: float, pairs: int) -> float:
    """Return r * sqrt((n - 2) / (1 - r ** 2)), infinite for a perfect relation.

    >>> t_of_correlation(0.6, 18)
    3.0
    """
    if pairs < 3:
        raise MissingDataError(f"A correlation of {pairs} pairs has no t value; 3 or more are needed.")
    rest = 1.0 - correlation**2
    return correlation * sqrt((pairs - 2) / rest) if rest > 1e-15 else correlation * inf


def _verdict(t: float, implied: float, actual: float) -> tuple[Verdict, str]:
    if abs(t) < LEAST_T:
        return Verdict.INCONSISTENT, "no relation to speak of before the window"
    if min(abs(implied), abs(actual)) <= NO_MOVE:
        return Verdict.INCONSISTENT, "one side did not move in the window"
    if implied * actual > 0:
        return Verdict.CONSISTENT, "its change, times beta, has the sign of the move"
    return Verdict.INCONSISTENT, "its change, times beta, does not have the sign of the move"


def change_percentile(candidate: FloatArray, window: int) -> float:
    """Return the percentile of the last change over `window` periods among all of that length, 0..100.

    candidate: shape (n,), change per period; unknown ones are left out. Changes no greater than the last one
    count, and so do those greater by no more than rounding (TIE). NaN if a change inside the window is
    unknown, or if there is no earlier window.
    """
    known = require_known(candidate[~np.isnan(candidate)], "candidate")
    if np.isnan(candidate[-window:]).any() or known.size <= window:
        return float("nan")
    changes = window_sums(known, window)
    last = float(changes[-1])
    return standing(changes, last + TIE * max(1.0, abs(last)), window).percentile
