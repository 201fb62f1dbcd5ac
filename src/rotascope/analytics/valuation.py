"""Valuation spreads: how much dearer one leg is than the other, and how unusual that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rotascope.analytics.arrays import DateArray, FloatArray, common, require_positive
from rotascope.analytics.inference import standing
from rotascope.model.errors import MissingDataError


@dataclass(frozen=True, slots=True)
class ValuationGap:
    """The gap between two ratios on the last common date, and its place in their common history.

    times: first / second. log_gap: its natural logarithm. percentile: share of dates with a gap no greater,
    0..100, the last included. count: dates. wider_since: the latest earlier date with a gap at least as wide
    (in the same direction), None if there is none. median_times: of the history.
    """

    date: np.datetime64
    times: float
    log_gap: float
    percentile: float
    count: int
    median_times: float
    wider_since: np.datetime64 | None


def valuation_gap(first: tuple[DateArray, FloatArray], second: tuple[DateArray, FloatArray]) -> ValuationGap:
    """Return the gap of two valuation ratios: book to market of value over that of growth, say.

    Each leg: dates (n,) and ratios (n,), positive, the same ratio for both, rows up to the as-of date only.
    A high gap of book to market means that the first leg is cheap; of price to earnings, that it is dear.
    Dates that only one leg has are left out. Raises MissingDataError at a ratio of zero or less: it has no
    log.
    """
    dates, a, b = common(first, second)
    if dates.size == 0:
        raise MissingDataError("The two ratios have no date in common.")
    gaps = np.log(require_positive(a, "ratio")) - np.log(require_positive(b, "ratio"))
    last = float(gaps[-1])
    place = standing(gaps, last)
    wider = np.flatnonzero(gaps[:-1] >= last if last >= 0 else gaps[:-1] <= last)
    since = dates[wider[-1]] if wider.size else None
    median = float(np.exp(np.median(gaps)))
    return ValuationGap(dates[-1], float(np.exp(last)), last, place.percentile, place.count, median, since)


def level_percentile(values: FloatArray) -> float:
    """Return the percentile, 0..100, of the last value of one ratio (CAPE, say) in its own history.

    values: shape (n,); dates without a value are left out, but the last must be known.

    >>> level_percentile(np.array([10.0, np.nan, 30.0, 20.0]))
    66.66666666666667
    """
    if values.size == 0 or np.isnan(values[-1]):
        raise MissingDataError("The last value of the ratio is unknown.")
    return standing(values[~np.isnan(values)], float(values[-1])).percentile
