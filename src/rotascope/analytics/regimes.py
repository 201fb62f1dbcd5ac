"""Regimes by a rule. Each state uses data up to its own date; the rule is stated, not fitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rotascope.analytics.arrays import FloatArray
from rotascope.analytics.inference import expanding_percentiles
from rotascope.model.errors import BadInputError

IntArray = npt.NDArray[np.int64]
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class States:
    """A state per session. codes: shape (n,), an index into `names`, or -1 where the state is unknown."""

    codes: IntArray
    names: tuple[str, ...]

    def name(self, at: int = -1) -> str | None:
        """Return the name of the state of one session; None if it is unknown."""
        code = int(self.codes[at])
        return None if code == UNKNOWN else self.names[code]

    def age(self) -> int:
        """Return for how many sessions in a row, the last included, the last state has held."""
        other = np.flatnonzero(self.codes != self.codes[-1])
        return int(self.codes.size - (other[-1] + 1 if other.size else 0))


def direction_states(values: FloatArray, length: int, band: float) -> States:
    """Return whether a series rose or fell by more than `band` over the last `length` sessions.

    values: shape (n,), any unit; band: same unit, >= 0. States: falling, flat, rising. The first `length`
    sessions and changes from or to a missing value are unknown.

    >>> direction_states(np.array([4.0, 4.1, 4.6, 4.5]), 1, 0.25).codes.tolist()
    [-1, 1, 2, 1]
    """
    if length < 1 or band < 0:
        raise BadInputError(f"A change over {length} sessions with a band of {band} has no direction.")
    change = np.full(values.shape, np.nan)
    change[length:] = values[length:] - values[:-length]
    codes = np.where(change > band, 2, np.where(change < -band, 0, 1))
    return States(_known(codes, change), ("falling", "flat", "rising"))


def percentile_states(
    values: FloatArray, low: float = 100 / 3, high: float = 200 / 3, minimum: int = 252
) -> States:
    """Return low, middle or high by the percentile of each value among those up to and including it.

    values: shape (n,). low, high: percentiles 0..100; a value at or below `low` is low, one above `high` is
    high. Unknown for missing values and until `minimum` values are known. No later value matters.
    """
    if not 0.0 < low < high < 100.0:
        raise BadInputError(f"Cuts at {low} and {high} are not ascending percentiles.")
    share = expanding_percentiles(values, minimum)
    codes = np.where(share <= low, 0, np.where(share > high, 2, 1))
    return States(_known(codes, share), ("low", "middle", "high"))


def hysteresis_states(values: FloatArray, enter: float, leave: float) -> States:
    """Return calm or stressed: stressed from a value >= enter until one < leave.

    values: shape (n,), any unit (VIX, a spread). leave <= enter. A missing value is unknown and leaves the
    memory as it was.

    >>> hysteresis_states(np.array([10.0, 31.0, 25.0, 19.0]), 30.0, 20.0).codes.tolist()
    [0, 1, 1, 0]
    """
    if leave > enter:
        raise BadInputError(f"A state entered at {enter} cannot be left at {leave}, which is higher.")
    codes = np.full(values.shape, UNKNOWN, dtype=np.int64)
    stressed = False
    for i, value in enumerate(values.tolist()):
        if value == value:
            stressed = value >= (leave if stressed else enter)
            codes[i] = int(stressed)
    return States(codes, ("calm", "stressed"))


def _known(codes: IntArray, source: FloatArray) -> IntArray:
    return np.where(np.isnan(source), UNKNOWN, codes).astype(np.int64)
