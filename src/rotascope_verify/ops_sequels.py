"""What followed earlier windows of one length. docs/bundle-format.md, "Operations"."""

from __future__ import annotations

import math
from collections.abc import Callable

from rotascope_verify.failures import CheckError
from rotascope_verify.ops import Call, all_known, common_levels, operation

SEQUEL_SLACK = 1e-9  # a bound that binary arithmetic misses by a hair is still met


def _month_lines(call: Call) -> tuple[list[int], Callable[[int, int], float]]:
    """Return the months of the grid, and the spread of A over B in points between the ends of two of them."""
    days, levels = common_levels(call)
    if len(levels) != 2:
        raise CheckError("a grid of months takes two inputs")
    if not days or any(min(column) <= 0 for column in levels):
        raise CheckError("levels must be positive, on one common date at least")
    last = {12 * int(d[:4]) + int(d[5:7]): i for i, d in enumerate(days)}
    a, b = ({m: column[i] for m, i in last.items()} for column in levels)
    return list(last), lambda i, j: 100 * (a[j] / a[i] - b[j] / b[i])


def _row_lines(call: Call) -> tuple[list[int], Callable[[int, int], float]]:
    """Return the places between rows, and the compounded return in percent from one place to another."""
    if len(call.rows) != 1:
        raise CheckError("a grid of rows takes one input")
    growth = [1 + x / 100 for x in all_known(call.rows[0])]
    if min(growth) <= 0:
        raise CheckError("a return of -100 percent or less has no sequel")
    return list(range(len(growth) + 1)), lambda i, j: 100 * (math.prod(growth[i:j]) - 1)


def _sequels(call: Call, grid: str, length: int, horizon: int) -> list[tuple[int, float, float]]:
    """Return place, value and sequel of each window whose sequel is in the data, oldest first."""
    places, moved = _month_lines(call) if grid == "months" else _row_lines(call)
    there = set(places)
    return [
        (i, moved(i - length, i), moved(i, i + horizon))
        for i in places
        if i - length in there and i + horizon in there
    ]


@operation("sequels", "grid length horizon at_least want", rows=(1, 2))
def op_sequels(call: Call) -> float:
    """What followed windows of one length, all of them or those beyond a bound."""
    grid = call.choice("grid", "months", "rows")
    want = call.choice("want", "counted", "ahead", "share", "independent")
    length, horizon = call.whole("length", 1), call.whole("horizon", 1)
    found = call.remember("sequels", lambda: _sequels(call, grid, length, horizon), grid, length, horizon)
    if "at_least" in call.params:
        x = call.number("at_least")
        found = [
            row for row in found if (row[1] <= x + SEQUEL_SLACK if x < 0 else row[1] >= x - SEQUEL_SLACK)
        ]
    if want == "independent":
        taken: list[int] = []
        for place, _, _ in found:
            if not taken or place - taken[-1] >= length + horizon:
                taken.append(place)
        return len(taken)
    ahead = sum(later > SEQUEL_SLACK for _, _, later in found)
    if want == "share" and not found:
        raise CheckError("no window has a known sequel")
    if want == "share":
        return ahead / len(found)
    return len(found) if want == "counted" else ahead
