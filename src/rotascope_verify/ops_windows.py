"""Operations on levels: ranks among windows, runs of sessions, extreme days, what followed before."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from itertools import pairwise

from rotascope_verify.failures import CheckError
from rotascope_verify.ops import Call, common_levels, operation
from rotascope_verify.reading import day_number


def _positive_levels(call: Call) -> tuple[list[str], list[list[float]]]:
    days, levels = common_levels(call)
    if any(min(column, default=1.0) <= 0 for column in levels):
        raise CheckError("levels must be positive")
    return days, levels


def _gain(column: list[float], i: int, j: int) -> float:
    return 100 * (column[j] / column[i] - 1)


def _session_windows(call: Call, length: int) -> tuple[list[str], list[float]]:
    """Return the end date and the value of each window of `length` sessions."""
    days, levels = _positive_levels(call)
    pairs = [[100 * (b / a - 1) for a, b in zip(c, c[length:], strict=False)] for c in levels]
    values = pairs[0] if len(pairs) == 1 else [a - b for a, b in zip(*pairs, strict=True)]
    return days[length:], values


def _month_ends(call: Call) -> tuple[list[int], list[str], list[list[float]]]:
    """Return month numbers (12 * year + month), the last common date of each, and the levels then."""
    days, levels = _positive_levels(call)
    last = {12 * int(d[:4]) + int(d[5:7]): i for i, d in enumerate(days)}
    rows = list(last.values())
    return list(last), [days[i] for i in rows], [[column[i] for i in rows] for column in levels]


def _month_windows(call: Call) -> tuple[list[int], list[str], list[float]]:
    """Return month number, end date and value of each pair of neighbouring months; gaps give none."""
    months, days, levels = _month_ends(call)
    ends = [i for i in range(1, len(months)) if months[i] == months[i - 1] + 1]
    values = [_gain(levels[0], i - 1, i) for i in ends]
    if len(levels) == 2:
        values = [v - _gain(levels[1], i - 1, i) for v, i in zip(values, ends, strict=True)]
    return [months[i] for i in ends], [days[i] for i in ends], values


def rank_windows(call: Call) -> tuple[list[str], list[float], int]:
    """Return end dates and values of the windows of a `window_rank`, and the number of independent ones."""
    if call.choice("grid", "sessions", "months") == "sessions":
        n = call.whole("length", 1)
        days, values = call.remember("sessions", lambda: _session_windows(call, n), n)
        independent = (len(values) + n - 1) // n
    else:
        if call.params.get("length") not in (None, 1):
            raise CheckError("the grid of months has windows of one month only")
        _, days, values = call.remember("months", lambda: _month_windows(call))
        independent = len(values)
    if not values:
        raise CheckError("there is no window")
    return days, values, independent


@operation("window_rank", "grid length want", rows=(1, 2))
def op_window_rank(call: Call) -> float:
    """Where the last window stands among all windows."""
    want = call.choice(
        "want", "rank", "percentile", "percentile_below", "count", "independent", "last_as_large"
    )
    days, values, independent = rank_windows(call)
    current, count = values[-1], len(values)
    if want == "last_as_large":
        found = next((i for i in range(count - 2, -1, -1) if values[i] >= current), None)
        if found is None:
            raise CheckError("no earlier window is as large")
        return day_number(days[found])
    ordered = call.remember("ordered", lambda: sorted(values), call.params["grid"], call.params.get("length"))
    answers = {
        "rank": 1 + count - bisect_right(ordered, current),
        "percentile": 100 * bisect_right(ordered, current) / count,
        "percentile_below": 100 * (count - bisect_left(ordered, current)) / count,
        "count": count,
        "independent": independent,
    }
    return answers[want]


def _sessions_won(call: Call, kind: str) -> tuple[list[str], list[bool]]:
    days, (a, b) = common_levels(call)
    if kind == "levels":
        days, (a, b) = _positive_levels(call)
        days = days[1:]
        a, b = ([y / x - 1 for x, y in pairwise(c)] for c in (a, b))
    return days, [x > y for x, y in zip(a, b, strict=True)]


def _longest_run(won: list[bool]) -> int:
    longest = run = 0
    for ok in won:
        run = run + 1 if ok else 0
        longest = max(longest, run)
    return longest


@operation("streak", "kind want k", rows=(2, 2))
def op_streak(call: Call) -> float:
    """Runs and counts of the sessions on which A's return is greater than B's."""
    kind = call.choice("kind", "levels", "returns")
    want = call.choice(
        "want", "from_start", "first_failure", "longest", "wins", "sessions", "wins_last", "wins_first"
    )
    days, won = call.remember("streak", lambda: _sessions_won(call, kind), kind)
    if not won:
        raise CheckError("there is no session")
    first_lost = won.index(False) if False in won else None
    if want == "first_failure":
        if first_lost is None:
            raise CheckError("every session is won")
        return day_number(days[first_lost])
    if want in ("wins_last", "wins_first"):
        k = call.whole("k", 1, len(won))
        return sum(won[-k:] if want == "wins_last" else won[:k])
    if want == "from_start":
        return len(won) if first_lost is None else first_lost
    return {"longest": _longest_run(won), "wins": sum(won), "sessions": len(won)}[want]


@operation("extreme_day", "want", rows=(2, 2))
def op_extreme_day(call: Call) -> float:
    """The session with the largest or smallest spread of A over B, and the spread without the largest."""
    want = call.choice("want", "max_value", "max_date", "min_value", "min_date", "without_max")
    days, levels = _positive_levels(call)
    if len(days) < 2:
        raise CheckError("there is no session")
    a, b = ([y / x for x, y in pairwise(c)] for c in levels)
    spreads = [100 * (x - y) for x, y in zip(a, b, strict=True)]
    top, bottom = spreads.index(max(spreads)), spreads.index(min(spreads))
    if want == "without_max":
        if len(spreads) < 2:
            raise CheckError("there is no other session")
        rest_a, rest_b = (math.prod(c[:top]) * math.prod(c[top + 1 :]) for c in (a, b))
        return 100 * (rest_a - rest_b)
    chosen = top if want.startswith("max") else bottom
    return day_number(days[chosen + 1]) if want.endswith("date") else spreads[chosen]


@operation("precedents", "at_least horizon want", rows=(2, 2))
def op_precedents(call: Call) -> float:
    """Earlier months with a spread at least as large (or as small), and what followed them."""
    want = call.choice("want", "count", "counted", "ahead", "mean")
    x, horizon = call.number("at_least"), call.whole("horizon", 0)
    ends, _, values = call.remember("months", lambda: _month_windows(call))
    if not ends:
        raise CheckError("there is no month")
    found = [m for m, v in zip(ends[:-1], values[:-1], strict=True) if (v <= x if x < 0 else v >= x)]
    if want == "count":
        return len(found)
    if horizon == 0:
        raise CheckError("what followed needs a horizon of a month or more")
    months, _, (a, b) = call.remember("month_ends", lambda: _month_ends(call))
    later = []
    for month in found:
        i, j = bisect_left(months, month), bisect_left(months, month + horizon)
        if j < len(months) and months[j] == month + horizon:
            later.append(100 * (a[j] / a[i] - b[j] / b[i]))
    if want == "mean":
        if not later:
            raise CheckError("no month qualifies")
        return math.fsum(later) / len(later)
    return len(later) if want == "counted" else sum(v > 0 for v in later)
