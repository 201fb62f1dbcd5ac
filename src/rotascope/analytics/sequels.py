"""What followed earlier windows of one length, of a spread of levels or of one series of returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rotascope.analytics.arrays import DateArray, FloatArray, month_ends, require_known, require_positive

SLACK = 1e-9  # a bound that binary arithmetic misses by a hair is still met


@dataclass(frozen=True, slots=True)
class Sequels:
    """Windows whose sequel is in the data, oldest first; all arrays have the shape (n,).

    place: month or row in which each window ends, as a running number. value: what the window gave.
    later: what the time after it gave. Both in points for a spread, in percent for returns.
    """

    place: npt.NDArray[np.int64]
    value: FloatArray
    later: FloatArray

    def beyond(self, at_least: float | None) -> Sequels:
        """Return the windows with a value of `at_least` or more (a negative bound: or less); None for all."""
        if at_least is None:
            return self
        hit = self.value <= at_least + SLACK if at_least < 0 else self.value >= at_least - SLACK
        return Sequels(self.place[hit], self.value[hit], self.later[hit])

    def ahead(self) -> int:
        """Return after how many of them the sequel was positive."""
        return int((self.later > SLACK).sum())

    def independent(self, apart: int) -> int:
        """Return how many can be taken, from the oldest on, that end at least `apart` places apart."""
        taken, last = 0, None
        for place in self.place.tolist():
            if last is None or place - last >= apart:
                taken, last = taken + 1, place
        return taken


def of_spread(dates: DateArray, a: FloatArray, b: FloatArray, length: int, horizon: int) -> Sequels:
    """Return the windows of `length` calendar months of A over B, with the `horizon` months after each.

    dates, a, b: shape (n,), ascending, levels, positive and known. A month is its last date here; a window
    needs the month at each of its two ends, not those between. Raises MissingDataError for levels that are
    not positive.
    """
    ends = month_ends(dates)
    first, second = require_positive(a, "levels")[ends], require_positive(b, "levels")[ends]
    months = dates[ends].astype("datetime64[M]").astype(np.int64)
    row = {int(m): i for i, m in enumerate(months)}
    found = [m for m in row if m - length in row and m + horizon in row]
    base, here, later = (np.array([row[m + k] for m in found], dtype=np.intp) for k in (-length, 0, horizon))

    def gap(i: npt.NDArray[np.intp], j: npt.NDArray[np.intp]) -> FloatArray:
        return np.asarray(100.0 * (first[j] / first[i] - second[j] / second[i]))

    return Sequels(np.array(found, dtype=np.int64), gap(base, here), gap(here, later))


def of_returns(values: FloatArray, length: int, horizon: int) -> Sequels:
    """Return the windows of `length` rows of percent returns, with the `horizon` rows after each.

    values: shape (n,), percent (4.5 is 4.5%), each above -100. Both are compounded.
    Raises MissingDataError if a value is unknown; gaps are not filled here.

    >>> found = of_returns(np.array([10.0, -50.0, 20.0]), 1, 1)
    >>> found.value.round(6).tolist(), found.later.round(6).tolist()
    ([10.0, -50.0], [-50.0, 20.0])
    """
    growth = require_positive(1.0 + require_known(values, "the returns") / 100.0, "growth")
    place = np.arange(length, growth.size - horizon + 1, dtype=np.int64)

    def over(start: int, count: int) -> FloatArray:
        rows = [growth[start + i : start + i + count].prod() for i in range(place.size)]
        return 100.0 * (np.array(rows, dtype=np.float64) - 1.0)

    return Sequels(place, over(0, length), over(length, horizon))
