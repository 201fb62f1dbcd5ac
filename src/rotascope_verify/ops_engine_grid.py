"""What the operations of the rotation engine share: strict parameters, values of a grid, exact running sums.

docs/bundle-format.md, "Operations of the rotation engine".
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate

from rotascope_verify.failures import CheckError, quote
from rotascope_verify.ops import Call, common_levels
from rotascope_verify.ops_windows import rank_windows

SUM_BITS = 100  # running sums are kept in units of the largest value / 2 ** 100
CLOSE = 1e-9  # above an average, off the centre of a rotation: by more than this


def check_params(call: Call, names: str, more: Iterable[str] = ()) -> None:
    """Require exactly these parameters: none is optional, none has a default. Raises CheckError."""
    need = {*names.split(), *more}
    if missing := sorted(need - call.params.keys()):
        raise CheckError(f"params lack {', '.join(missing)}")
    if extra := sorted(call.params.keys() - need):
        raise CheckError(f"params.{quote(extra[0])} does not belong to this recipe")


def real_day(call: Call, key: str) -> str:
    """Return a date parameter that must be given."""
    day = call.day(key)
    if not day:
        raise CheckError(f"params.{key} is not a date YYYY-MM-DD")
    return day


def first_inputs(call: Call, count: int) -> Call:
    """Return the same call with its first observation inputs only."""
    return replace(call, wants=call.wants[:count], rows=call.rows[:count])


def common_positive(call: Call) -> tuple[list[str], list[list[float]]]:
    """Return common dates and values of inputs that are levels; there is one date at least."""
    days, levels = common_levels(call)
    if not days:
        raise CheckError("the inputs have no common date with known values")
    check_positive(*levels)
    return days, levels


def check_positive(*columns: Sequence[float]) -> None:
    """Levels must be positive."""
    if any(min(column, default=1.0) <= 0 for column in columns):
        raise CheckError("levels must be positive")


def grid_names(call: Call, *allowed: str) -> list[str]:
    """Return the names of the parameters that say what the grid is."""
    return ["grid", "length"] if call.choice("grid", *allowed) == "sessions" else ["grid"]


def grid_values(call: Call) -> tuple[list[str], list[float]]:
    """Return the dates and the values of a grid, oldest first, one at least."""
    if call.params["grid"] != "rows":
        days, values, _ = rank_windows(call)
        return days, values
    days, columns = common_levels(call)
    if not days:
        raise CheckError("there is no value")
    if len(columns) == 1:
        return days, columns[0]
    return days, call.remember("rows_gap", lambda: [a - b for a, b in zip(*columns, strict=True)])


def grid_key(call: Call) -> tuple[object, object]:
    """Return what tells one grid from another over the same inputs."""
    return call.params["grid"], call.params.get("length")


class RunningSums:
    """Sums of any stretch of a list of finite numbers, free of the drift of running binary sums."""

    def __init__(self, values: Sequence[float]) -> None:
        top = max(map(abs, values), default=0.0)
        self._shift = SUM_BITS - math.frexp(top)[1]
        whole = (int(math.ldexp(x, self._shift)) for x in values)
        self._at = list(accumulate(whole, initial=0))

    def total(self, start: int, end: int) -> float:
        """Return the sum of values[start:end]."""
        return math.ldexp(float(self._at[end] - self._at[start]), -self._shift)

    def mean(self, start: int, end: int) -> float:
        """Return the mean of values[start:end], not empty."""
        return self.total(start, end) / (end - start)


def mean_of(values: Sequence[float]) -> float:
    """Return the mean of some numbers; of none there is no mean."""
    if not values:
        raise CheckError("there is nothing to take a mean of")
    return math.fsum(values) / len(values)


def deviation_of(values: Sequence[float]) -> float:
    """Return the root of the mean squared distance from the mean (divisor n)."""
    middle = mean_of(values)
    return math.sqrt(mean_of([(x - middle) * (x - middle) for x in values]))
