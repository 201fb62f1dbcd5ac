"""Engine operations on several pairs, on members of an index as of a day, and on sums of single rows.

docs/bundle-format.md, `spread_range`, `member_breadth` and `sum_rows`.
"""

from __future__ import annotations

import math
import statistics
from itertools import pairwise

from rotascope_verify.failures import CheckError, quote
from rotascope_verify.ops import MANY, Call, operation
from rotascope_verify.ops_engine_grid import CLOSE, check_params, common_positive, mean_of, real_day
from rotascope_verify.reading import day_number

RANGE_TIE = 1e-9  # points: ranges that differ by no more are as large
RANGE_WANTS = ("value", "median", "percentile", "rank", "count", "independent", "last_as_large")
MEMBER_WANTS = ("share", "coverage", "hits", "counted", "members", "left_out")


def _range_stretches(call: Call, days: list[str]) -> list[tuple[int, int]]:
    """Return first and last position of each window of the grid, oldest first."""
    if call.choice("grid", "sessions", "months") == "sessions":
        check_params(call, "grid length want")
        h = call.whole("length", 1)
        return [(i - h, i) for i in range(h, len(days))]
    check_params(call, "grid want")
    last = {12 * int(d[:4]) + int(d[5:7]): i for i, d in enumerate(days)}
    return [(last[m], last[n]) for m, n in pairwise(last) if n == m + 1]


def _pair_ranges(call: Call) -> tuple[list[tuple[str, str]], list[float]]:
    """Return base and end date of each window, and how far the spreads of the pairs lie apart in it."""
    days, levels = common_positive(call)
    pairs = list(zip(levels[::2], levels[1::2], strict=True))
    stretches = _range_stretches(call, days)
    if not stretches:
        raise CheckError("there is no window")
    out = []
    for i, j in stretches:
        spreads = [100 * (a[j] / a[i] - 1) - 100 * (b[j] / b[i] - 1) for a, b in pairs]
        out.append(max(spreads) - min(spreads))
    return [(days[i], days[j]) for i, j in stretches], out


def range_windows(call: Call) -> tuple[list[tuple[str, str]], list[float]]:
    """Return the windows of a `spread_range`, once for all facts about them. Raises CheckError."""
    if len(call.rows) % 2:
        raise CheckError("the inputs are not pairs")
    return call.remember(
        "spread_range", lambda: _pair_ranges(call), call.params.get("grid"), call.params.get("length")
    )


@operation("spread_range", "grid length want", rows=(4, MANY))
def op_spread_range(call: Call) -> float:
    """How far the spreads of several pairs lie apart, and how unusual that is."""
    want = call.choice("want", *RANGE_WANTS)
    windows, found = range_windows(call)
    now, count = found[-1], len(found)
    if want == "last_as_large":
        at = next((i for i in range(count - 2, -1, -1) if found[i] >= now - RANGE_TIE), None)
        if at is None:
            raise CheckError("no earlier window is as large")
        return day_number(windows[at][1])
    step = call.whole("length", 1) if call.params["grid"] == "sessions" else 1
    answers = {
        "value": now,
        "median": statistics.median(found),
        "percentile": 100 * sum(r <= now + RANGE_TIE for r in found) / count,
        "rank": 1 + sum(r > now + RANGE_TIE for r in found),
        "count": count,
        "independent": (count + step - 1) // step,
    }
    return answers[want]


def _members_inside(call: Call, closes: int, on: str) -> set[str]:
    """Return the names whose membership has the state 1 on a day."""
    name = call.params.get("list")
    if not isinstance(name, str) or not name:
        raise CheckError("params.list is not a name")
    prefix, seen, inside = f"MEMBER.{name}.", set(), set()
    for want, rows in zip(call.wants[closes:], call.rows[closes:], strict=True):
        if not want.series.startswith(prefix) or want.series in seen:
            raise CheckError(f"{quote(want.series)} is not one membership of {quote(name)}")
        seen.add(want.series)
        days, values = rows.known()
        if any(v not in (0, 1) for v in values):
            raise CheckError("a membership is neither 0 nor 1")
        state = [v for d, v in zip(days, values, strict=True) if d <= on]
        if state and state[-1] == 1:
            inside.add(want.series.removeprefix(prefix))
    return inside


def _member_hits(call: Call, closes: int, on: str, inside: set[str]) -> tuple[int, int]:
    """Return how many members are above where they stood, and how many can be counted."""
    measure, n = call.choice("measure", "up", "above_average"), call.whole("length", 1)
    known = [dict(zip(*rows.known(), strict=True)) for rows in call.rows[:closes]]
    grid = sorted(d for d in set().union(*known) if d <= on)
    if not grid or grid[-1] != on:
        raise CheckError(f"no close is known on {on}")
    need = n + 1 if measure == "up" else n
    if len(grid) < need:
        raise CheckError(f"{need} sessions are needed, there are {len(grid)}")
    hits = counted = 0
    for want, table in zip(call.wants[:closes], known, strict=True):
        if want.series not in inside:
            continue
        dates = [grid[-need], on] if measure == "up" else grid[-need:]
        if any(d not in table for d in dates):
            continue
        counted += 1
        x = [table[d] for d in dates]
        hits += x[-1] > (x[0] if measure == "up" else mean_of(x) * (1 + CLOSE))
    return hits, counted


@operation("member_breadth", "list closes on measure length want", rows=(2, MANY))
def op_member_breadth(call: Call) -> float:
    """How many of those that were members on a day rose, or stand above their average."""
    check_params(call, "list closes on measure length want")
    want = call.choice("want", *MEMBER_WANTS)
    on, closes = real_day(call, "on"), call.whole("closes", 1, len(call.rows) - 1)
    inside = _members_inside(call, closes, on)
    hits, counted = _member_hits(call, closes, on, inside)
    if want in ("share", "coverage"):
        of = counted if want == "share" else len(inside)
        if of == 0:
            raise CheckError("no member can be counted")
        return (hits if want == "share" else counted) / of
    whole = {"hits": hits, "counted": counted, "members": len(inside), "left_out": len(inside) - counted}
    return whole[want]


@operation("sum_rows", "", rows=(1, MANY))
def op_sum_rows(call: Call) -> float:
    """The sum of single rows; unknown ones are left out."""
    if any(len(rows.values) != 1 for rows in call.rows):
        raise CheckError("an input has not one row")
    known = [v for rows in call.rows for v in rows.values if v is not None]
    if not known:
        raise CheckError("every value is unknown")
    return math.fsum(known)
