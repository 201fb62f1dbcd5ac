"""The measures of one session, `rotation_day` and `breadth_day`, from the sessions that end with it.

The kernels are those of the whole history, and a window's sum has the same bits wherever the window stands,
so the newest session comes out as the engine `arrays` gives it: counts exactly, points to the last place or
two of a logarithm.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rotascope.analytics.rolling import last_sum
from rotascope.panel import kernels
from rotascope.panel.kernels import ROUNDING, BoolArray, BreadthLengths, FloatArray
from rotascope.panel.result import Column


def sessions_needed(measure: str, settled: Mapping[str, int]) -> int:
    """Return how many sessions the answer at the last one depends on.

    >>> sessions_needed("rotation_day", {"trend": 63, "momentum": 21})
    83
    """
    if measure == "rotation_day":
        return settled["trend"] + settled["momentum"] - 1
    return max(2, settled["short"], settled["long"], settled["beat"] + 1, settled["extreme"])


def rotation_day(closes: FloatArray, index: FloatArray, trend: int, momentum: int) -> dict[str, Column]:
    """Return the columns of `rotation_day` at the last row, without day and security, shape (k,) each.

    closes: shape (n, k), NaN where there is no close; n may be less than a window, which is then unknown.
    index: shape (n,). Unknown numbers are NaN and unknown quadrants None; a security without strength has no
    row in the measure, and is left out by whoever knows its name.
    """
    needed = trend + momentum - 1
    strength, gain = (
        found[-1] for found in kernels.rotation(closes[-needed:], index[-needed:], trend, momentum)
    )
    x, y = strength - 100.0, gain - 100.0
    ahead, rising = x >= -ROUNDING, y >= -ROUNDING
    quadrant = np.full(x.shape, "lagging", dtype=object)
    quadrant[rising] = "improving"
    quadrant[ahead] = "weakening"
    quadrant[ahead & rising] = "leading"
    quadrant[(abs(x) < ROUNDING) & (abs(y) < ROUNDING)] = "centre"
    quadrant[np.isnan(y)] = None
    distance = np.sqrt(x * x + y * y)
    return {"strength": strength, "momentum": gain, "distance": distance, "quadrant": quadrant}


def breadth_day(
    closes: FloatArray, members: BoolArray, index: FloatArray, lengths: BreadthLengths
) -> dict[str, int]:
    """Return the counts of `breadth` at the last row.

    closes: shape (n, k), NaN where there is no close; index: shape (n,); members: shape (k,), of that
    session. A window longer than n counts nobody.
    """
    now, n = closes[-1], len(closes)
    known = now == now
    found: dict[str, Any] = {"members": members}
    if n > 1:
        before = closes[-2]
        found["moved"] = known & (before == before)
        found["advancers"], found["decliners"] = now > before, now < before
    for name, length in (("short", lengths.short), ("long", lengths.long)):
        if length <= n:
            mean = last_sum(closes[n - length :]) / length
            found[f"counted_{name}"] = mean == mean
            found[f"above_{name}"] = now > mean * (1.0 + ROUNDING)
    if lengths.beat < n:
        past = n - 1 - lengths.beat
        gap = (now / closes[past] - 1.0) - (index[-1] / index[past] - 1.0)
        found["compared"], found["beating"] = gap == gap, gap > 0
    if lengths.extreme <= n:
        window = closes[n - lengths.extreme : -1]
        top, bottom = window.max(axis=0), window.min(axis=0)
        found["ranged"] = known & (top == top)
        found["highs"], found["lows"] = now > top, now < bottom
    return {
        name: int(np.count_nonzero(found[name] & members)) if name in found else 0 for name in kernels.COUNTS
    }
