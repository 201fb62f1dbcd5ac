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


def session_spreads(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return how far a outran b from each close to the next, in points; shape (n - 1,).

    a, b: shape (n,), positive levels on common dates. Raises MissingDataError if there is no session.
    """
    require_positive(a, "levels")
    require_positive(b, "levels")
    if a.size < 2:
        raise MissingDataError("The window holds no session on which the two could be compared.")
    return np.asarray(100.0 * (a[1:] / a[:-1] - b[1:] / b[:-1]))


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

    a, b: shape (n,), positive levels on common dates. Raises MissingDataError if there are fewer than two
    sessions, because nothing would be left.
    """
    spreads = session_spreads(a, b)
    if spreads.size < 2:
        raise MissingDataError("The window holds one session; without it there is nothing to compound.")
    keep = np.arange(spreads.size) != int(np.argmax(spreads))
    growth_a, growth_b = a[1:] / a[:-1], b[1:] / b[:-1]
    return float(100.0 * (np.prod(growth_a[keep]) - np.prod(growth_b[keep])))
