"""Windows that are added to a history at a cost that is a matter of the new ones, not of the history.

What is kept are the values seen so far, in sorted runs of which each is more than twice as long as the next:
a new value is merged into a longer run about log2(n) times in all, and looked up in as many. The answers are
those of `inference` and `windows` over the whole history, in the same bits.

Two answers are not here, because one more window changes all of them: the percentiles of *earlier* windows in
the whole history (`inference.all_percentiles`), and the block length of the bootstrap, whose autocorrelations
are taken around a mean that moves and up to a lag that the data choose. They are computed again when asked
for.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from rotascope.analytics.arrays import DateArray, FloatArray, require_positive
from rotascope.analytics.counting import earlier_no_greater
from rotascope.analytics.inference import Standing
from rotascope.model.errors import BadInputError, MissingDataError

IntArray = npt.NDArray[np.int64]


@dataclass
class Ranks:
    """How many values seen so far are no greater than a value.

    >>> ranks = Ranks()
    >>> ranks.add(np.array([1.0, 4.0])).tolist(), ranks.add(np.array([2.0, 2.0])).tolist()
    ([100.0, 100.0], [66.66666666666667, 75.0])
    >>> ranks.standing(2.0)
    Standing(percentile=75.0, rank=2, count=4, independent=4)
    """

    count: int = 0
    _runs: list[FloatArray] = field(default_factory=list)

    def add(self, values: FloatArray) -> FloatArray:
        """Add values in order, and return the percentile of each among those up to and including it.

        values: shape (m,); unknown ones are left out and have no percentile. The result is that of
        `inference.expanding_percentiles` over everything, for the last m rows.
        """
        if values.ndim != 1:
            raise BadInputError(
                f"The values have {values.ndim} dimensions; one row of values is added.",
                fix="Add one series.",
            )
        known = ~np.isnan(values)
        new = values[known]
        before = self.no_greater(new) + (earlier_no_greater(new) if new.size > 1 else 0)
        out = np.full(values.shape, np.nan)
        out[known] = 100.0 * (before + 1) / (self.count + np.arange(new.size) + 1)
        self.count += new.size
        self._merge(np.sort(new))
        return out

    def no_greater(self, values: FloatArray) -> IntArray:
        """Return how many of the values seen are no greater, for each; shape as given."""
        found = np.zeros(values.shape, dtype=np.int64)
        for run in self._runs:
            found += run.searchsorted(values, side="right")
        return found

    def standing(self, value: float, overlap: int = 1) -> Standing:
        """Return where a value stands among those seen; see `inference.standing`."""
        if overlap < 1:
            raise BadInputError(f"An overlap of {overlap} sessions is impossible; 1 means no overlap.")
        if not self.count:
            raise MissingDataError("No window has been seen yet.")
        if np.isnan(value):
            raise MissingDataError("An unknown value stands nowhere.")
        below = int(self.no_greater(np.array([value]))[0])
        share = 100.0 * below / self.count
        return Standing(share, self.count - below + 1, self.count, (self.count + overlap - 1) // overlap)

    def _merge(self, run: FloatArray) -> None:
        while self._runs and self._runs[-1].size <= 2 * run.size:
            run = np.sort(np.concatenate([self._runs.pop(), run]), kind="stable")  # two runs: one merge
        if run.size:
            self._runs.append(run)


@dataclass(frozen=True, slots=True)
class Added:
    """What new sessions brought, one row for each window that ends in one of them.

    ends: shape (m,), datetime64[D]. values: percent for one series, points for a spread. percentiles: each
    among the windows up to and including it, 0..100. last_as_large: end of the latest earlier window whose
    value was at least as great, NaT if there is none.
    """

    ends: DateArray
    values: FloatArray
    percentiles: FloatArray
    last_as_large: DateArray


class WindowHistory:
    """All windows of `length` sessions of a series, or of the spread of two, so far.

    Nothing of the history is kept but its sorted values, the last `length` closes, and the windows that no
    later one has exceeded: one of those is the last as large as whatever comes next.

    >>> history = WindowHistory(1)
    >>> days = np.arange("2026-01-05", "2026-01-09", dtype="datetime64[D]")
    >>> history.add(days[:3], np.array([100.0, 110.0, 104.5])).values.round(6).tolist()
    [10.0, -5.0]
    >>> found = history.add(days[3:], np.array([106.59]))
    >>> found.percentiles.round(6).tolist(), found.last_as_large.astype(str).tolist()
    ([66.666667], ['2026-01-06'])
    """

    def __init__(self, length: int):
        if length < 1:
            raise BadInputError(f"A window of {length} sessions is impossible; one is the shortest.")
        self.length = length
        self.last: np.datetime64 | None = None
        self._ranks = Ranks()
        self._dates: DateArray = np.empty(0, dtype="datetime64[D]")
        self._legs: tuple[FloatArray, ...] = ()
        self._largest: list[tuple[float, np.datetime64]] = []  # values fall; equal ones: the later stays
        self._value: float | None = None

    @property
    def count(self) -> int:
        """How many windows there are."""
        return self._ranks.count

    def add(self, dates: DateArray, a: FloatArray, b: FloatArray | None = None) -> Added:
        """Add sessions: the return of a, minus that of b if given, for each window that ends in them.

        dates, a, b: shape (m,), m >= 1, ascending and after those before; levels positive, on common dates.
        b is given always or never. Raises BadInputError or MissingDataError, and changes nothing, if not.
        """
        legs = (a,) if b is None else (a, b)
        self._refuse(dates, legs)
        known = zip(self._legs or (np.empty(0),) * len(legs), legs, strict=True)
        levels = tuple(np.concatenate(pair) for pair in known)
        ends = np.concatenate([self._dates, dates])[self.length :]
        changes = [_change(leg, self.length) for leg in levels]
        values = changes[0] if b is None else changes[0] - changes[1]
        self._legs = tuple(leg[-self.length :].copy() for leg in levels)
        self._dates = np.concatenate([self._dates, dates])[-self.length :]
        self.last = dates[-1]
        percentiles = self._ranks.add(values)
        return Added(ends, values, percentiles, self._as_large(ends, values))

    def standing(self) -> Standing:
        """Return where the last window stands among all; see `inference.standing`.

        Raises MissingDataError before the first window.
        """
        if self._value is None:
            raise MissingDataError(f"A window of {self.length} sessions needs {self.length + 1} closes.")
        return self._ranks.standing(self._value, self.length)

    def _refuse(self, dates: DateArray, legs: tuple[FloatArray, ...]) -> None:
        if not dates.size or any(leg.shape != dates.shape for leg in legs) or dates.ndim != 1:
            shapes = ", ".join(str(x.shape) for x in (dates, *legs))
            raise BadInputError(
                f"Dates and levels have the shapes {shapes}.", fix="Give a level for each date."
            )
        if self._legs and len(legs) != len(self._legs):
            raise BadInputError("The second leg is given always or never.", fix="Begin another history.")
        row = dates if self.last is None else np.concatenate([[self.last], dates])
        if not (row[1:] > row[:-1]).all():
            raise BadInputError(
                f"The dates from {dates[0]} to {dates[-1]} do not follow {self.last} one by one.",
                fix="Add sessions in order, each once.",
            )
        for leg in legs:
            require_positive(leg, "levels")

    def _as_large(self, ends: DateArray, values: FloatArray) -> DateArray:
        found = []
        for end, value in zip(ends, values.tolist(), strict=True):
            while self._largest and self._largest[-1][0] < value:
                self._largest.pop()
            found.append(self._largest[-1][1] if self._largest else np.datetime64("NaT", "D"))
            if self._largest and self._largest[-1][0] == value:
                self._largest.pop()
            self._largest.append((value, end))
            self._value = value
        return np.array(found, dtype="datetime64[D]")


def _change(levels: FloatArray, length: int) -> FloatArray:
    """Return the change over `length` rows, percent, shape (max(n - length, 0),)."""
    return np.asarray(100.0 * (levels[length:] / levels[: max(levels.size - length, 0)] - 1.0))
