"""Operations that walk along returns: rolling windows and eras between turning points."""

from __future__ import annotations

import math
from itertools import accumulate

from rotascope_verify.failures import CheckError
from rotascope_verify.ops import MANY, MAX_WORK, Call, equal_dates, mean_factors, operation, split_legs
from rotascope_verify.reading import day_number

TIE = 1e-12  # sums of logs that differ by less are equal


def _one_leg(call: Call) -> tuple[tuple[str, ...], list[float]]:
    days, legs = equal_dates(call)
    if len(legs) != 1:
        raise CheckError("rule log_sum takes one input")
    return days, [math.log(1 + x / 100) for x in legs[0]]


def _two_legs(call: Call) -> tuple[tuple[str, ...], list[float], list[float]]:
    days, legs = equal_dates(call)
    first, others = split_legs(call, legs)
    return days, mean_factors(first), mean_factors(others)


def windows_won(call: Call, rule: str, months: int) -> list[tuple[str, bool]]:
    """Return for each window its last date and whether it is won."""
    if rule == "log_sum":
        days, logs = _one_leg(call)
    else:
        days, a, b = _two_legs(call)
    count = len(days) - months + 1
    if count * months > MAX_WORK:
        raise CheckError("too many windows to recompute")
    if rule == "log_sum":
        won = [math.fsum(logs[i : i + months]) > TIE for i in range(count)]
    else:
        legs = [[math.log(math.prod(c[i : i + months])) for i in range(count)] for c in (a, b)]
        won = [x - y > TIE for x, y in zip(*legs, strict=True)]
    return list(zip(days[months - 1 :], won, strict=True))


@operation("rolling_share", "months rule split end_after want", rows=(1, MANY))
def op_rolling_share(call: Call) -> float:
    """Share of the windows of m consecutive rows that are won, or their number."""
    months, rule = call.whole("months", 1), call.choice("rule", "log_sum", "legs")
    want, after = call.choice("want", "share", "count"), call.day("end_after")
    windows = call.remember(
        "rolling", lambda: windows_won(call, rule, months), rule, months, call.params.get("split")
    )
    won = [ok for day, ok in windows if day > after]
    if want == "count":
        return len(won)
    if not won:
        raise CheckError("there is no window")
    return sum(won) / len(won)


def _weighted_factors(returns: list[tuple[float, ...]], weights: list[tuple[float, ...]]) -> list[float]:
    out = []
    for r, w in zip(zip(*returns, strict=True), zip(*weights, strict=True), strict=True):
        total = math.fsum(w)
        if total <= 0 or min(w) < 0:
            raise CheckError("weights must not be negative and must sum to more than zero")
        out.append(1 + math.fsum(x * y for x, y in zip(r, w, strict=True)) / total / 100)
    return out


def log_path(call: Call, rule: str) -> tuple[tuple[str, ...], list[float]]:
    """Return the dates of path points (the first one twice: p0 has the first date) and the path in logs."""
    if rule == "log_sum":
        days, steps = _one_leg(call)
    else:
        if rule == "legs":
            days, a, b = _two_legs(call)
        else:
            days, columns = equal_dates(call)
            half = len(columns) // 2
            if len(columns) % 2:
                raise CheckError("weighted_legs takes as many weights as returns")
            returns, others = split_legs(call, columns[:half])
            k = len(returns)
            a = _weighted_factors(returns, columns[half : half + k])
            b = _weighted_factors(others, columns[half + k :])
        steps = [math.log(x) - math.log(y) for x, y in zip(a, b, strict=True)]
    return (days[0], *days), list(accumulate(steps, initial=0.0))


def find_pivots(path: list[float], threshold: float) -> list[int]:
    """Return the indexes of the turning points of a zigzag.

    A point is a pivot once the path has turned from it by `threshold` or more. Before the first
    pivot the fall from the highest point is checked before the rise from the lowest.

    >>> find_pivots([0.0, 1.0, 0.5, 2.0, 0.9, 1.0, 2.5], 1.0)
    [0, 3, 4]
    """
    pivots: list[int] = []
    high = low = 0
    rising: bool | None = None
    for i in range(1, len(path)):
        # All points after an extreme and before i lie less than the threshold from it,
        # so at the moment a pivot is confirmed, i itself is the next extreme so far.
        high = i if path[i] > path[high] else high
        low = i if path[i] < path[low] else low
        if rising is not False and path[high] - path[i] >= threshold:
            pivots.append(high)
            rising, low = False, i
        elif rising is not True and path[i] - path[low] >= threshold:
            pivots.append(low)
            rising, high = True, i
    return pivots


def turning_eras(call: Call, rule: str, threshold: float) -> list[tuple[str, str, int, int]]:
    """Return (start date, end date, months, direction) of each era."""
    days, path = log_path(call, rule)
    pivots = find_pivots(path, threshold)
    ends = [*pivots[1:], len(path) - 1][: len(pivots)]
    return [
        (days[i], days[j], j - i, 1 if path[j] > path[i] else -1) for i, j in zip(pivots, ends, strict=True)
    ]


@operation("eras", "threshold rule split want index from", rows=(1, MANY))
def op_eras(call: Call) -> float:
    """Eras between turning points of a path: how many, or a property of one."""
    rule = call.choice("rule", "log_sum", "legs", "weighted_legs")
    want = call.choice("want", "count", "years", "start", "end", "direction")
    threshold, after = call.number("threshold"), call.day("from")
    if threshold <= 0:
        raise CheckError("params.threshold must be greater than zero")
    eras = call.remember(
        "eras", lambda: turning_eras(call, rule, threshold), rule, threshold, call.params.get("split")
    )
    eras = [era for era in eras if era[0] > after]
    if want == "count":
        return len(eras)
    index = call.whole("index", -1, max(len(eras) - 1, 0))
    if not eras:
        raise CheckError("there is no era")
    start, end, months, direction = eras[index]
    if want in ("start", "end"):
        return day_number(start if want == "start" else end)
    return months / 12 if want == "years" else direction
