"""What followed earlier months that looked like this one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rotascope.analytics.arrays import DateArray, FloatArray, month_ends, require_positive


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

    A negative threshold looks for months at or below it. The last month is the current one and never its
    own precedent. The later spread runs from the end of the month over `horizon` months.
    """
    ends = month_ends(dates)
    level_a, level_b = require_positive(a, "levels")[ends], require_positive(b, "levels")[ends]
    months = dates[ends].astype("datetime64[M]").astype(np.int64)
    spread = 100.0 * (level_a[1:] / level_a[:-1] - level_b[1:] / level_b[:-1])
    hit = spread >= at_least if at_least >= 0 else spread <= at_least
    hit &= np.diff(months) == 1
    chosen = np.flatnonzero(hit[:-1]) + 1
    position = {int(m): i for i, m in enumerate(months)}
    pairs = [(i, position[int(months[i]) + horizon]) for i in chosen if int(months[i]) + horizon in position]
    later = [100.0 * (level_a[j] / level_a[i] - level_b[j] / level_b[i]) for i, j in pairs]
    return Precedents(int(chosen.size), np.array(later if horizon else [], dtype=np.float64))
