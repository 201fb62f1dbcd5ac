"""Sums over windows of rows, and shares of windows in which one leg came out ahead of another."""

from __future__ import annotations

import numpy as np

from rotascope.analytics.arrays import DateArray, FloatArray
from rotascope.model.errors import MissingDataError

TIE = 1e-12  # sums that differ by less, in logs, are ties: no rounding of a sum may decide who won


def window_sums(values: FloatArray, length: int) -> FloatArray:
    """Return the sum of each `length` rows that follow one another, shape (n - length + 1,) or (.., k).

    values: shape (n,) or (n, k), n >= length >= 1. A window that touches an unknown row is NaN, and no other.

    The rows are cut into stretches of `length`. A window is the end of one stretch and the beginning of the
    next, both running sums inside their stretch, so that nothing but the rows of the window is added. The
    difference of two running sums over everything would carry the rounding of a price of a million into the
    years in which it is a thousandth.

    >>> window_sums(np.array([1e16, 1.0, 2.0, 3.0]), 2).tolist()[1:]
    [3.0, 5.0]
    """
    n = len(values)
    if not 1 <= length <= n:
        raise MissingDataError(f"A window of {length} rows does not fit into {n} rows.")
    rest = values.shape[1:]
    padded = np.zeros((-(-n // length) * length, *rest))
    padded[:n] = values
    stretches = padded.reshape(-1, length, *rest)
    begins = np.cumsum(stretches, axis=1).reshape(padded.shape)
    ends = np.cumsum(stretches[:, ::-1], axis=1)[:, ::-1].reshape(padded.shape)
    ends[::length] = 0.0  # a window that is one whole stretch has no end of an earlier one
    return np.asarray(begins[length - 1 : n] + ends[: n - length + 1])


def rolling_wins(
    dates: DateArray, log_gaps: FloatArray, months: int, end_after: np.datetime64 | None = None
) -> tuple[int, int]:
    """Return how many windows of `months` periods were won, and how many there are.

    log_gaps: shape (n,), the log growth of the first leg minus that of the second in each period; a window
    is won if its sum is greater than TIE. dates: shape (n,), ends of the periods. Windows ending on or before
    `end_after` are left out. There may be no window at all: (0, 0). Raises MissingDataError for windows
    shorter than one period.
    """
    if months < 1:
        raise MissingDataError(f"A window of {months} periods is none; it has one or more.")
    if log_gaps.size < months:
        return 0, 0
    sums = window_sums(log_gaps, months)
    ends = dates[months - 1 :]
    kept = sums if end_after is None else sums[ends > end_after]
    return int((kept > TIE).sum()), int(kept.size)
