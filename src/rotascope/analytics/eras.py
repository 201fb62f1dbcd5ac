"""Eras of leadership: the stretches between the turning points of a relative path (zigzag)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rotascope.analytics.arrays import DateArray, FloatArray


@dataclass(frozen=True, slots=True)
class Era:
    """One stretch of leadership. `start` and `end` index the path; direction is +1 (rising) or -1."""

    start: int
    end: int
    direction: int

    @property
    def years(self) -> float:
        """Length in years of twelve periods."""
        return (self.end - self.start) / 12.0


def zigzag(path: FloatArray, threshold: float) -> list[int]:
    """Return the indices of the turning points of a path.

    A point is a turning point once the path has moved `threshold` or more away from it in the other
    direction; the last one is therefore known only in hindsight. path: shape (n,), in logs, so 0.3 is
    a relative move of about 35 percent up or 26 percent down.
    """
    pivots: list[int] = []
    high = low = 0
    direction = 0
    for i, value in enumerate(path):
        high = i if value > path[high] else high
        low = i if value < path[low] else low
        if direction >= 0 and path[high] - value >= threshold:
            pivots.append(high)
            direction, low, high = -1, i, i
        elif direction <= 0 and value - path[low] >= threshold:
            pivots.append(low)
            direction, low, high = 1, i, i
    return pivots


def eras(log_gaps: FloatArray, threshold: float) -> tuple[FloatArray, list[Era]]:
    """Return the path and the eras between its turning points; the last era is still open.

    log_gaps: shape (n,), log growth of the first leg minus that of the second. The path has n + 1 points
    and starts at 0.
    """
    path = np.concatenate([[0.0], np.cumsum(log_gaps)])
    pivots = zigzag(path, threshold)
    ends = [*pivots[1:], len(path) - 1]
    found = (
        [Era(a, b, 1 if path[b] > path[a] else -1) for a, b in zip(pivots, ends, strict=True)]
        if pivots
        else []
    )
    return path, found


def point_date(dates: DateArray, index: int) -> np.datetime64:
    """Return the date of a path point; the start of the path carries the first date."""
    found: np.datetime64 = dates[max(index - 1, 0)]
    return found
