"""Shares of rolling windows in which one leg came out ahead of another."""

from __future__ import annotations

import numpy as np

from rotascope.analytics.arrays import DateArray, FloatArray
from rotascope.model.errors import MissingDataError

TIE = 1e-12  # sums that differ by less, in logs, are ties: no rounding of a sum may decide who won


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
    path = np.concatenate([[0.0], np.cumsum(log_gaps)])
    sums = path[months:] - path[:-months]
    ends = dates[months - 1 :]
    kept = sums if end_after is None else sums[ends > end_after]
    return int((kept > TIE).sum()), int(kept.size)
