"""One window among all windows of its length: how large, how often, how lately."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rotascope.analytics.arrays import DateArray, FloatArray, month_ends, require_positive
from rotascope.model.errors import MissingDataError


@dataclass(frozen=True, slots=True)
class Windows:
    """The value of each window and the date on which it ends, oldest first; the last is the current one.

    ends: shape (n,), datetime64[D]. values: shape (n,), percent for one series, points for a spread.
    independent: how many windows fit without overlap.
    """

    ends: DateArray
    values: FloatArray
    independent: int

    def rank(self) -> int:
        """Return 1 for the largest value, counting from the top."""
        return int((self.values > self.values[-1]).sum()) + 1

    def percentile(self) -> float:
        """Return the share of windows with a value no greater than the current one, 0..100."""
        return float(100.0 * (self.values <= self.values[-1]).sum() / self.values.size)

    def last_as_large(self) -> np.datetime64:
        """Return the end of the latest earlier window whose value was at least as great.

        Raises MissingDataError if the current window is the largest of all.
        """
        earlier = np.flatnonzero(self.values[:-1] >= self.values[-1])
        if earlier.size == 0:
            raise MissingDataError("No earlier window is as large.")
        found: np.datetime64 = self.ends[earlier[-1]]
        return found


def session_windows(dates: DateArray, a: FloatArray, b: FloatArray | None, length: int) -> Windows:
    """Return all windows of `length` sessions: the return of a, minus that of b if given.

    dates, a, b: shape (n,), positive levels on common dates; n > length.
    """
    if length < 1 or dates.size <= length:
        raise MissingDataError(f"A window of {length} sessions needs more than {dates.size} closes.")
    values = _change(a, length)
    if b is not None:
        values = values - _change(b, length)
    return Windows(dates[length:], values, (dates.size - 1) // length)


def month_windows(dates: DateArray, a: FloatArray, b: FloatArray | None) -> Windows:
    """Return the value of each calendar month, from the last close of the month before to its own.

    A month whose predecessor is missing has no value.
    """
    ends = month_ends(dates)
    if ends.size < 2:
        raise MissingDataError("A month needs the last close of the month before it.")
    at = dates[ends]
    values = _change(require_positive(a, "levels")[ends], 1)
    if b is not None:
        values = values - _change(require_positive(b, "levels")[ends], 1)
    months = at.astype("datetime64[M]").astype(np.int64)
    follows = np.diff(months) == 1
    if not follows.any():
        raise MissingDataError("A month needs the last close of the month before it.")
    return Windows(at[1:][follows], values[follows], int(follows.sum()))


def _change(levels: FloatArray, length: int) -> FloatArray:
    require_positive(levels, "levels")
    return np.asarray(100.0 * (levels[length:] / levels[:-length] - 1.0))
