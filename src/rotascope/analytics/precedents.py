"""What followed earlier months that looked like this one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rotascope.analytics.arrays import DateArray, FloatArray, month_ends, require_positive
from rotascope.model.errors import MissingDataError


@dataclass(frozen=True, slots=True)
class Precedents:
    """Earlier months beyond a threshold.

    count: how many. later: shape (counted,), the spread over the months that followed, in points, for
    those months whose future is in the data.
    """

    count: int
    later: FloatArray


def month_precedents(
    dates: DateArray, a: FloatArray, b: FloatArray, at_least: float, horizon: int
) -> Precedents:
    """Find the earlier months in which a beat b by `at_least` points or more, and what followed.

    A negative threshold looks for months at or below it. The last month with a spread is the current one and
    never its own precedent. The later spread runs from the end of the month over `horizon` months.
    Raises MissingDataError if no two neighbouring months are there, or for a negative horizon.
    """
    ends = month_ends(dates)
    if horizon < 0:
        raise MissingDataError(f"The horizon is {horizon} months; it looks ahead, so it is zero or more.")
    level_a, level_b = require_positive(a, "levels")[ends], require_positive(b, "levels")[ends]
    months = dates[ends].astype("datetime64[M]").astype(np.int64)
    follows = np.diff(months) == 1
    if not follows.any():
        raise MissingDataError("A month needs the last close of the month before it.")
    spread = 100.0 * (level_a[1:] / level_a[:-1] - 1.0) - 100.0 * (level_b[1:] / level_b[:-1] - 1.0)
    hit = spread >= at_least if at_least >= 0 else spread <= at_least
    earlier = np.flatnonzero(follows)[:-1]
    chosen = earlier[hit[earlier]] + 1
    position = {int(m): i for i, m in enumerate(months)}
    pairs = [(i, position[int(months[i]) + horizon]) for i in chosen if int(months[i]) + horizon in position]
    later = [100.0 * (level_a[j] / level_a[i] - level_b[j] / level_b[i]) for i, j in pairs]
    return Precedents(int(chosen.size), np.array(later if horizon else [], dtype=np.float64))
