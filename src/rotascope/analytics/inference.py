"""How unusual, and how sure: percentiles of windows, t values, many tests at once, deflated Sharpe ratios."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import e, sqrt
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from rotascope.analytics.arrays import FloatArray, require_known
from rotascope.analytics.counting import by_column, earlier_no_greater, no_greater
from rotascope.model.errors import BadInputError, MissingDataError

BoolArray = npt.NDArray[np.bool_]
EULER_GAMMA = 0.5772156649015329


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a value stands. percentile: share of windows no greater, 0..100; rank: 1 is the largest.

    count: windows looked at, overlapping ones included. independent: how many fit without overlap.
    """

    percentile: float
    rank: int
    count: int
    independent: int


@dataclass(frozen=True, slots=True)
class TValue:
    """A mean, its standard error, and their ratio. lags: autocovariances that the error takes in."""

    mean: float
    standard_error: float
    t: float
    lags: int


@dataclass(frozen=True, slots=True)
class DeflatedSharpe:
    """The chance, 0..1, that a Sharpe ratio is above the best that luck gives in so many trials.

    hurdle: that best, expected, per period. probability near 1: skill is likely; 0.5: as good as luck.
    """

    probability: float
    hurdle: float
    sharpe: float


def window_returns(levels: FloatArray, length: int) -> FloatArray:
    """Return 100 * (x[t] / x[t - length] - 1) for every window; shape (n - length,) or (n - length, k).

    levels: shape (n,) or (n, k), positive. A window that touches an unknown level is unknown.
    """
    if length < 1 or len(levels) <= length:
        raise MissingDataError(f"A window of {length} sessions needs more than {len(levels)} closes.")
    return np.asarray(100.0 * (levels[length:] / levels[:-length] - 1.0))


def standing(windows: FloatArray, value: float, overlap: int = 1) -> Standing:
    """Return where a value stands among windows of `overlap` sessions that begin on every session.

    windows: shape (n,), known. With n overlapping windows over n + overlap - 1 sessions,
    floor((n + overlap - 1) / overlap) are independent.

    >>> standing(np.array([1.0, 4.0, 2.0, 3.0]), 3.0, overlap=2)
    Standing(percentile=75.0, rank=2, count=4, independent=2)
    """
    require_known(windows, "windows")
    if overlap < 1:
        raise BadInputError(f"An overlap of {overlap} sessions is impossible; 1 means no overlap.")
    share = 100.0 * float((windows <= value).sum()) / windows.size
    rank = int((windows > value).sum()) + 1
    return Standing(share, rank, windows.size, (windows.size + overlap - 1) // overlap)


def standing_where(windows: FloatArray, value: float, where: BoolArray, overlap: int = 1) -> Standing:
    """Return where a value stands among the windows of one regime, or since a date.

    where: shape (n,), true for the windows that count. The independent ones are counted over the whole list:
    the oldest that counts is taken, then each next one that begins `overlap` sessions or more after the last
    one taken. Runs are not counted one by one: two that lie closer than a window is long share its sessions.
    """
    found = standing(windows[where], value, overlap)
    return replace(found, independent=_apart(np.flatnonzero(where), overlap))


def _apart(places: npt.NDArray[np.intp], least: int) -> int:
    """Return how many places are left if each is to stand `least` or more after the last one kept."""
    kept, at = 0, 0
    while at < places.size:
        kept, at = kept + 1, int(np.searchsorted(places, places[at] + least))
    return kept


def all_percentiles(values: FloatArray) -> FloatArray:
    """Return the percentile of every window among all windows, later ones included; shapes as given.

    values: shape (n,) or (n, k), each column by itself; an unknown window is left out and stays unknown.
    This looks ahead: it describes a whole history and dates nothing. See `expanding_percentiles`.

    >>> all_percentiles(np.array([1.0, 4.0, 2.0, 2.0])).tolist()
    [25.0, 100.0, 75.0, 75.0]
    """
    return by_column(values, _percentiles)


def expanding_percentiles(values: FloatArray, minimum: int = 1) -> FloatArray:
    """Return, at every row, the percentile of its value among the values up to and including that row.

    values: shape (n,) or (n, k); unknown ones are left out. Rows with fewer than `minimum` known values so
    far are NaN. Later rows never change an earlier one. Cost: see `counting.earlier_no_greater`.

    >>> expanding_percentiles(np.array([1.0, 4.0, 2.0, 2.0])).tolist()
    [100.0, 100.0, 66.66666666666667, 75.0]
    """
    out = by_column(values, _expanding)
    if minimum > 1:
        out[np.cumsum(~np.isnan(values), axis=0) < minimum] = np.nan
    return out


def newey_west(values: FloatArray, lags: int | None = None) -> TValue:
    """Return the mean of a series with a t value that allows for autocorrelation (Newey and West 1987).

    values: shape (n,), n >= 2, known. The variance is sum over |k| <= lags of (1 - |k| / (lags + 1)) times
    the autocovariance (divisor n), over n; no small-sample factor. lags None: the rule of thumb of Newey and
    West (1994), floor(4 * (n / 100) ** (2 / 9)). For overlapping windows of h sessions use at least h - 1.

    For [1, 2, 3, 4] and no lag: mean 2.5, variance 1.25 / 4, t = 2.5 / 0.559 = 4.472.

    >>> round(newey_west(np.array([1.0, 2.0, 3.0, 4.0]), lags=0).t, 3)
    4.472
    """
    n = require_known(values, "t value").size
    reach = int(np.floor(4.0 * (n / 100.0) ** (2.0 / 9.0))) if lags is None else lags
    if n < 2 or not 0 <= reach < n:
        raise MissingDataError(f"{reach} lags do not fit into {n} values.")
    centred = values - values.mean()
    long_run = float(centred @ centred) / n
    for k in range(1, reach + 1):
        long_run += 2.0 * (1.0 - k / (reach + 1.0)) * float(centred[k:] @ centred[:-k]) / n
    if long_run <= 0.0:
        raise MissingDataError("The values do not vary; a t value needs a standard error above zero.")
    error = sqrt(long_run / n)
    mean = float(values.mean())
    return TValue(mean, error, mean / error, reach)


def two_sided_p(t: float) -> float:
    """Return the two-sided p value of a t value under the normal law.

    >>> round(two_sided_p(-1.959964), 6)
    0.05
    """
    return float(2.0 * NormalDist().cdf(-abs(t)))


def holm(p_values: FloatArray) -> FloatArray:
    """Return p values corrected for their number, Holm (1979): the chance of a single false alarm is held.

    p_values: shape (m,), each in [0, 1]. The i-th smallest is multiplied by m - i + 1, then made monotone
    upwards and cut at 1. [0.01, 0.04, 0.03] gives [0.03, 0.06, 0.06].

    >>> holm(np.array([0.01, 0.04, 0.03])).round(6).tolist()
    [0.03, 0.06, 0.06]
    """
    m, order = _ordered(p_values)
    raised = np.maximum.accumulate(p_values[order] * (m - np.arange(m)))
    return _put_back(np.minimum(raised, 1.0), order)


def benjamini_hochberg(p_values: FloatArray) -> FloatArray:
    """Return p values corrected by Benjamini and Hochberg (1995): the share of false alarms is held.

    p_values: shape (m,), each in [0, 1]. The i-th smallest is multiplied by m / i, then made monotone
    downwards. [0.01, 0.04, 0.03] gives [0.03, 0.04, 0.04].

    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03])).round(6).tolist()
    [0.03, 0.04, 0.04]
    """
    m, order = _ordered(p_values)
    raised = p_values[order] * m / (np.arange(m) + 1)
    return _put_back(np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0), order)


def deflated_sharpe(returns: FloatArray, trial_variance: float, trials: int) -> DeflatedSharpe:
    """Return the deflated Sharpe ratio of the best of several trials (Bailey and Lopez de Prado 2014).

    returns: shape (n,), n >= 3, per period, in excess of cash. trial_variance: variance across all trials
    of their Sharpe ratios per period. trials: how many were tried, honestly counted, independent ones.
    Skewness and kurtosis are population moments (normal: 0 and 3). One trial has a hurdle of zero.
    """
    require_known(returns, "Sharpe ratio")
    if returns.size < 3:
        raise MissingDataError(f"A Sharpe ratio needs 3 returns or more; there are {returns.size}.")
    z = returns - returns.mean()
    spread = sqrt(float((z**2).mean()))
    if spread <= 1e-12 * max(float(np.abs(returns).max()), 1e-300):
        raise MissingDataError(
            "The returns do not vary; a Sharpe ratio needs a standard deviation above zero."
        )
    skew, kurtosis = float((z**3).mean()) / spread**3, float((z**4).mean()) / spread**4
    sharpe = float(returns.mean()) / float(returns.std(ddof=1))
    return deflated_sharpe_of(sharpe, returns.size, skew, kurtosis, trial_variance, trials)


def deflated_sharpe_of(
    sharpe: float, periods: int, skew: float, kurtosis: float, trial_variance: float, trials: int
) -> DeflatedSharpe:
    """Return the deflated Sharpe ratio from its moments; all ratios and their variance are per period.

    The example of the paper: 2.5 a year over 1,250 days of which 250 make a year, skewness -3,
    kurtosis 10, and 100 trials with a variance of 0.5 in yearly terms, has a hurdle of 0.1132 and 90.0%.

    >>> found = deflated_sharpe_of(2.5 / 250**0.5, 1250, -3.0, 10.0, 0.5 / 250, 100)
    >>> round(found.hurdle, 4), round(found.probability, 4)
    (0.1132, 0.9004)
    """
    if trials < 1 or trial_variance < 0:
        raise BadInputError(f"{trials} trials with a variance of {trial_variance} are impossible.")
    hurdle = sqrt(trial_variance) * expected_best(trials)
    width = 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe**2
    if width <= 0.0:
        raise BadInputError(f"A skewness of {skew} and a kurtosis of {kurtosis} are impossible together.")
    score = (sharpe - hurdle) * sqrt(periods - 1.0) / sqrt(width)
    return DeflatedSharpe(NormalDist().cdf(score), hurdle, sharpe)


def expected_best(trials: int) -> float:
    """Return the expected largest of so many standard normal draws, by the paper's approximation."""
    if trials == 1:
        return 0.0
    inverse = NormalDist().inv_cdf
    return (1.0 - EULER_GAMMA) * inverse(1.0 - 1.0 / trials) + EULER_GAMMA * inverse(1.0 - 1.0 / (trials * e))


def _percentiles(values: FloatArray) -> FloatArray:
    return np.asarray(100.0 * no_greater(values) / values.size)


def _expanding(values: FloatArray) -> FloatArray:
    return np.asarray(100.0 * (earlier_no_greater(values) + 1) / (np.arange(values.size) + 1))


def _ordered(p_values: FloatArray) -> tuple[int, npt.NDArray[np.intp]]:
    require_known(p_values, "p values")
    if (p_values < 0).any() or (p_values > 1).any():
        raise BadInputError("A p value lies between 0 and 1.")
    return p_values.size, np.argsort(p_values, kind="stable")


def _put_back(ordered: FloatArray, order: npt.NDArray[np.intp]) -> FloatArray:
    out = np.empty_like(ordered)
    out[order] = ordered
    return out
