"""Engine operations on where a pair, or many members, stand: rotation and breadth. docs/bundle-format.md."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import Any

from rotascope_verify.failures import CheckError
from rotascope_verify.ops import MANY, Call, common_levels, operation
from rotascope_verify.ops_engine_grid import (
    CLOSE,
    RunningSums,
    check_params,
    check_positive,
    mean_of,
    real_day,
)
from rotascope_verify.reading import as_list, as_whole

MAX_SETTINGS = 10_000  # pairs of a stability grid
MAX_STEPS = 2_000_000  # distances from a trend that one fact may need
STILL = 1e-9  # a move that is shorter has no direction
GRID_WANTS = ("stability", "agreeing", "settings", "unknown")
STEP_WANTS = ("heading", "velocity")

Point = tuple[float, float]


class Trail:
    """The path of a pair: strength and momentum at any position, for any pair of lengths."""

    def __init__(self, a: list[float], b: list[float]) -> None:
        good = [x > 0 and y > 0 for x, y in zip(a, b, strict=True)]
        # only the levels that are used must be positive, so the others hold a place
        logs = [math.log(x / y) if ok else 0.0 for x, y, ok in zip(a, b, good, strict=True)]
        self._logs, self._sums = logs, RunningSums(logs)
        self._bad = list(accumulate((not ok for ok in good), initial=0))

    def __len__(self) -> int:
        return len(self._logs)

    def off_trend(self, i: int, trend: int) -> float:
        """Return s[i]: the log at i less its mean over the last `trend` positions."""
        if i < trend - 1:
            raise CheckError(f"a trend of {trend} needs more sessions than there are")
        if self._bad[i + 1] > self._bad[i - trend + 1]:
            raise CheckError("levels must be positive")
        return self._logs[i] - self._sums.mean(i - trend + 1, i + 1)

    def strength(self, i: int, trend: int) -> float:
        """Return 100 * exp(s[i])."""
        return 100 * math.exp(self.off_trend(i, trend))

    def point(self, i: int, trend: int, momentum: int) -> Point:
        """Return strength and momentum at i."""
        if i < trend + momentum - 2:
            raise CheckError(f"lengths of {trend} and {momentum} need more sessions than there are")
        if momentum > MAX_STEPS:
            raise CheckError("too many sessions to recompute")
        recent = [self.off_trend(j, trend) for j in range(i - momentum + 1, i + 1)]
        return 100 * math.exp(recent[-1]), 100 * math.exp(recent[-1] - mean_of(recent))


def quadrant_of(point: Point) -> int:
    """Return 0 in the centre, 1 leading, 2 weakening, 3 lagging, 4 improving."""
    if all(abs(x - 100) < CLOSE for x in point):
        return 0
    strong, gaining = (x >= 100 - CLOSE for x in point)
    if strong:
        return 1 if gaining else 2
    return 4 if gaining else 3


def _grid_pairs(call: Call) -> list[tuple[int, int]]:
    out = []
    for item in as_list(call.params.get("grid"), "params.grid"):
        pair = as_list(item, "a pair of params.grid")
        if len(pair) != 2:
            raise CheckError("a pair of params.grid must be two whole numbers")
        out.append((as_whole(pair[0], "a trend", 2, MANY), as_whole(pair[1], "a momentum", 2, MANY)))
    if len(out) > MAX_SETTINGS or sum(m for _, m in set(out)) > MAX_STEPS:
        raise CheckError("params.grid is too much to recompute")
    return out


@operation("rotation", "trend momentum back step grid want", rows=(2, 2))
def op_rotation(call: Call) -> float:
    """Relative strength and momentum of A over B, around a centre of 100."""
    want = call.choice("want", "strength", "momentum", "distance", "quadrant", *STEP_WANTS, *GRID_WANTS)
    more = ["step"] if want in STEP_WANTS else ["grid"] if want in GRID_WANTS else []
    check_params(call, "trend momentum back want", more)
    n, m, back = call.whole("trend", 2), call.whole("momentum", 2), call.whole("back", 0)
    trail = call.remember("rotation_trail", lambda: Trail(*common_levels(call)[1]))
    t = len(trail) - 1 - back
    if t < 0:
        raise CheckError("there are fewer sessions than params.back")
    if want == "strength":
        return trail.strength(t, n)
    if want in GRID_WANTS:
        return _stability(call, trail, t, want, (n, m))
    now = trail.point(t, n, m)
    if want in ("momentum", "quadrant"):
        return now[1] if want == "momentum" else quadrant_of(now)
    if want == "distance":
        return math.hypot(now[0] - 100, now[1] - 100)
    then = trail.point(t - call.whole("step", 1), n, m)
    x, y = now[0] - then[0], now[1] - then[1]
    if want == "velocity":
        return math.hypot(x, y)
    if math.hypot(x, y) < STILL:
        raise CheckError("the pair did not move")
    degrees = math.degrees(math.atan2(x, y)) % 360
    return degrees if degrees < 360 else 0.0  # the remainder of a hair below zero rounds to 360


def _stability(call: Call, trail: Trail, t: int, want: str, own: tuple[int, int]) -> float:
    """Return how many settings of the grid are known at t, or agree with the fact's own."""
    pairs = _grid_pairs(call)
    known = [(n, m) for n, m in pairs if t >= n + m - 2]
    home = quadrant_of(trail.point(t, *own))
    if not known:
        raise CheckError("no setting of params.grid is known")
    if want in ("settings", "unknown"):
        return len(known) if want == "settings" else len(pairs) - len(known)

    def agreeing() -> int:
        same = {pair: quadrant_of(trail.point(t, *pair)) == home for pair in set(known)}
        return sum(same[pair] for pair in known)

    count = call.remember("rotation_agreeing", agreeing, t, own, tuple(pairs))
    return count if want == "agreeing" else count / len(known)


MEASURES: dict[str, tuple[str, ...]] = {
    "up": ("counted", "left_out", "share", "advancers", "decliners", "net", "line"),
    "above_average": ("counted", "left_out", "share"),
    "beating": ("counted", "left_out", "share"),
    "highs_lows": ("counted", "left_out", "highs", "lows", "net"),
}


def _sessions(call: Call, on: str) -> list[str]:
    """Return every date up to `on` on which some input has a known value."""

    def make() -> list[str]:
        return sorted(set().union(*(rows.known()[0] for rows in call.rows)))

    days = call.remember("breadth_days", make)
    days = days[: bisect_right(days, on)]
    if not days or days[-1] != on:
        raise CheckError(f"no input has a known value on {on}")
    return days


def _recent(rows: Any, wanted: tuple[str, ...]) -> tuple[float, ...] | None:
    """Return the values on neighbouring sessions; None if one of them is unknown."""
    days, values = rows.known()
    end = bisect_right(days, wanted[-1])
    start = end - len(wanted)
    if start < 0 or days[start:end] != wanted:
        return None
    found: tuple[float, ...] = values[start:end]
    check_positive(found)
    return found


def _on_days(rows: Any, wanted: tuple[str, ...]) -> tuple[float, ...] | None:
    """Return the values on some dates; None if one of them is unknown."""
    days, values = rows.known()
    out = []
    for day in wanted:
        i = bisect_left(days, day)
        if i == len(days) or days[i] != day:
            return None
        out.append(values[i])
    check_positive(out)
    return tuple(out)


def _tally(call: Call, measure: str, on: str, n: int) -> tuple[int, int, int]:
    """Return how many members count, how many are up (above, beating, high), how many down (low)."""
    days = _sessions(call, on)
    if len(days) < {"up": 2, "beating": n + 1}.get(measure, n):
        raise CheckError("there are fewer sessions than the measure needs")
    members = call.rows[:-1] if measure == "beating" else call.rows
    counted = up = down = 0
    better: Callable[[tuple[float, ...]], int]
    if measure == "beating":
        ends = (days[-1 - n], days[-1])
        index = _on_days(call.rows[-1], ends)
        if index is None:
            raise CheckError("the index lacks a value")
        bar = index[1] / index[0] - 1
        cells = [_on_days(rows, ends) for rows in members]
        better = lambda x: int((x[1] / x[0] - 1) - bar > 0)  # noqa: E731
    else:
        wanted = tuple(days[-2:] if measure == "up" else days[-n:])
        cells = [_recent(rows, wanted) for rows in members]
        better = {"up": _moved, "above_average": _above, "highs_lows": _at_extreme}[measure]
    for cell in cells:
        if cell is not None:
            counted += 1
            sign = better(cell)
            up, down = up + (sign > 0), down + (sign < 0)
    return counted, up, down


def _moved(x: tuple[float, ...]) -> int:
    change = x[1] / x[0] - 1
    return (change > 0) - (change < 0)


def _above(x: tuple[float, ...]) -> int:
    return int(x[-1] > mean_of(x) * (1 + CLOSE))


def _at_extreme(x: tuple[float, ...]) -> int:
    return int(x[-1] > max(x[:-1])) - int(x[-1] < min(x[:-1]))


def _line(call: Call, on: str) -> int:
    """Return the sum over all sessions of members up less members down."""
    days = _sessions(call, on)
    if len(days) < 2:
        raise CheckError("there are fewer sessions than the measure needs")
    place = {day: i for i, day in enumerate(days)}
    total = 0
    for rows in call.rows:
        before, at = 0.0, -2
        for day, value in zip(*rows.known(), strict=True):
            i = place.get(day)
            if i is None:
                break  # the date is after `on`
            if i == at + 1:
                check_positive((before, value))
                total += _moved((before, value))
            before, at = value, i
    return total


@operation("breadth", "measure on length want", rows=(1, MANY))
def op_breadth(call: Call) -> float:
    """How many members rose, stand above their average, beat an index, or are at a high or low."""
    measure = call.choice("measure", *MEASURES)
    want = call.choice("want", *MEASURES[measure])
    check_params(call, "measure on want", [] if measure == "up" else ["length"])
    on = real_day(call, "on")
    n = 0 if measure == "up" else call.whole("length", 2 if measure == "highs_lows" else 1)
    members = len(call.rows) - (measure == "beating")
    if members < 1:
        raise CheckError("there is no member beside the index")
    if want == "line":
        return call.remember("breadth_line", lambda: _line(call, on), on)
    counted, up, down = call.remember("breadth", lambda: _tally(call, measure, on, n), measure, on, n)
    if want == "share":
        if not counted:
            raise CheckError("no member counts")
        return up / counted
    answers = {"counted": counted, "left_out": members - counted, "net": up - down}
    return answers.get(want, up if want in ("advancers", "highs") else down)
