"""Session by session: who was ahead, for how long, and on which day it mattered most."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rotascope.analytics.arrays import FloatArray, require_positive
from rotascope.model.errors import MissingDataError

BoolArray = npt.NDArray[np.bool_]


def session_returns(levels: FloatArray) -> FloatArray:
    """Return the change from each close to the next, as a ratio; shape (n - 1,)."""
    require_positive(levels, "levels")
    return np.asarray(levels[1:] / levels[:-1] - 1.0)


def from_start(won: BoolArray) -> int:
    """Return how many sessions were won before the first one that was not."""
    lost = np.flatnonzero(~won)
    return int(lost[0]) if lost.size else int(won.size)


def first_failure(won: BoolArray) -> int:
    """Return the index of the first session not won; MissingDataError if all were won."""
    lost = np.flatnonzero(~won)
    if lost.size == 0:
        raise MissingDataError("Every session of the window was won.")
    return int(lost[0])


def longest(won: BoolArray) -> int:
    """Return the length of the longest run of sessions won."""
    best = run = 0
    for hit in won:
        run = run + 1 if hit else 0
        best = max(best, run)
    return best


def without_largest(a: FloatArray, b: FloatArray) -> float:
    """Return the spread of both compounded legs, in points, leaving out the session with the largest gap.

    a, b: shape (n,), positive levels on common dates, n >= 3.
    """
    growth_a, growth_b = 1.0 + session_returns(a), 1.0 + session_returns(b)
    keep = np.arange(growth_a.size) != int(np.argmax(growth_a - growth_b))
    return float(100.0 * (np.prod(growth_a[keep]) - np.prod(growth_b[keep])))
