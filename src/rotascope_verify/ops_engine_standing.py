"""Engine operations: lines that move together, standings of sums and dispersions, triggers.

docs/bundle-format.md.
"""

from __future__ import annotations

import itertools
import math
import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from rotascope_verify.failures import CheckError
from rotascope_verify.observations import Rows
from rotascope_verify.ops import MANY, Call, all_known, common_levels, operation
from rotascope_verify.ops_engine_grid import check_params, check_positive, mean_of

TWO_INPUTS = ("ratio", "gap")
KINDS = (*TWO_INPUTS, "log", "difference", "value", "sum")
LEAST, LEAST_BEFORE = 20, 60
ONE = 1e-9


@dataclass(frozen=True)
class Pairs:
    """Changes of two sides, oldest first, and for each the dates of the rows before and after it."""

    x: list[float]
    y: list[float]
    before: list[str]
    after: list[str]
    last_day: str


def _month_grid(call: Call) -> tuple[list[int], list[str], list[list[float]]]:
    """Return month numbers, the first input's date in them and every input's last value."""
    latest: list[dict[int, tuple[str, float]]] = []
    for rows in call.rows:
        cells: dict[int, tuple[str, float]] = {}
        for day, value in zip(*rows.known(), strict=True):
            cells[int(day[:4]) * 12 + int(day[5:7])] = (day, value)
        latest.append(cells)
    months = sorted(set(latest[0]).intersection(*latest[1:]))
    if len(months) < 2:
        raise CheckError("the inputs have fewer than two months in common")
    return months, [latest[0][m][0] for m in months], [[c[m][1] for m in months] for c in latest]


def _session_grid(call: Call) -> tuple[list[int], list[str], list[list[float]]]:
    step = call.whole("step", 1)
    days, columns = common_levels(call)
    first = (len(days) - 1) % step if days else 0
    kept = days[first::step]
    return list(range(len(kept))), kept, [c[first::step] for c in columns]


def _side(kind: str, days: list[str], columns: list[list[float]], source: Rows) -> list[float]:
    """Return the change of one side on each row after the first."""
    a = columns[0]
    if kind == "sum":
        own, cells = source.known()
        ends = [bisect_right(own, d) for d in days]
        return [math.fsum(cells[i:j]) for i, j in itertools.pairwise(ends)]
    if kind == "value":
        return a[1:]
    if kind == "log" or kind == "ratio":
        check_positive(*columns)
        steps = [[math.log(z / v) for v, z in itertools.pairwise(c)] for c in columns]
        return (
            [100 * s for s in steps[0]]
            if kind == "log"
            else [100 * (p - q) for p, q in zip(*steps, strict=True)]
        )
    level = a if kind == "difference" else [p - q for p, q in zip(*columns, strict=True)]
    return [z - v for v, z in itertools.pairwise(level)]


def co_pairs(call: Call) -> Pairs:
    """Return the changes of both sides that count."""
    first, second = call.choice("first", *KINDS), call.choice("second", *KINDS)
    grid = call.choice("grid", "sessions", "months")
    split = 1 + (first in TWO_INPUTS)
    if len(call.rows) != split + 1 + (second in TWO_INPUTS):
        raise CheckError(f"{first} and {second} do not take {len(call.rows)} inputs")
    wrong = "sum" if grid == "months" else "value"
    if wrong in (first, second):
        raise CheckError(f"{wrong} does not go with the grid of {grid}")

    def make() -> Pairs:
        places, days, columns = _month_grid(call) if grid == "months" else _session_grid(call)
        if len(days) < 2:
            raise CheckError("there is no change")
        x = _side(first, days, columns[:split], call.rows[0])
        y = _side(second, days, columns[split:], call.rows[split])
        keep = [i for i in range(len(x)) if places[i + 1] == places[i] + 1]
        return Pairs(
            [x[i] for i in keep],
            [y[i] for i in keep],
            [days[i] for i in keep],
            [days[i + 1] for i in keep],
            days[-1],
        )

    return call.remember("co_pairs", make, first, second, grid, call.params.get("step"))


def co_dates(call: Call) -> tuple[str | None, str]:
    """Return the dates that a window of a co_movement has."""
    pairs = co_pairs(call)
    at = max(len(pairs.x) - call.whole("last", 1), 0)
    return (pairs.before[at] if at < len(pairs.x) else None), pairs.last_day


def _pearson(x: list[float], y: list[float], least: int) -> float:
    n = len(x)
    if n < least:
        raise CheckError(f"{n} pairs are fewer than {least}")
    mx, my = mean_of(x), mean_of(y)
    dx, dy = [v - mx for v in x], [v - my for v in y]
    xx, yy = math.fsum(v * v for v in dx), math.fsum(v * v for v in dy)
    for total, values in ((xx, x), (yy, y)):
        if total <= n * (1e-12 * max(abs(v) for v in values)) ** 2:
            raise CheckError("a side does not vary")
    return math.fsum(p * q for p, q in zip(dx, dy, strict=True)) / math.sqrt(xx * yy)


def _artanh(r: float) -> float:
    if 1 - abs(r) < ONE:
        raise CheckError("a correlation of one has no interval")
    return math.atanh(r)


@operation("co_movement", "first second grid step last level want", rows=(2, 4))
def op_co_movement(call: Call) -> float:
    """How two sides moved together in the last pairs, and before them."""
    want = call.choice("want", "correlation", "low", "high", "earlier", "shift", "pairs", "earlier_pairs")
    more = ["step"] if call.choice("grid", "sessions", "months") == "sessions" else []
    check_params(call, "first second grid last want", more + (["level"] if want in ("low", "high") else []))
    pairs = co_pairs(call)
    m = min(call.whole("last", 1), len(pairs.x))
    at = len(pairs.x) - m
    if want in ("pairs", "earlier_pairs"):
        return m if want == "pairs" else at
    if want == "earlier":
        return _pearson(pairs.x[:at], pairs.y[:at], LEAST_BEFORE)
    r = _pearson(pairs.x[at:], pairs.y[at:], LEAST)
    if want == "correlation":
        return r
    if want == "shift":
        long_run = _pearson(pairs.x[:at], pairs.y[:at], LEAST_BEFORE)
        return (_artanh(r) - _artanh(long_run)) / math.sqrt(1 / (m - 3) + 1 / (at - 3))
    level = call.number("level")
    if not 0 < level < 1:
        raise CheckError("params.level must lie between 0 and 1")
    reach = statistics.NormalDist().inv_cdf((1 + level) / 2) / math.sqrt(m - 3)
    return math.tanh(_artanh(r) + (reach if want == "high" else -reach))


def _standing(values: list[float], length: int, want: str) -> float:
    """Return where the last of some values stands among them."""
    if want in ("count", "independent"):
        return len(values) if want == "count" else math.ceil(len(values) / length)
    tie = 1e-9 * max(1.0, abs(values[-1]))
    ordered = sorted(values)
    no_greater = bisect_right(ordered, values[-1] + tie)
    no_smaller = len(values) - bisect_left(ordered, values[-1] - tie)
    return 100 * (no_greater if want == "percentile" else no_smaller) / len(values)


@operation("sum_windows", "length want", rows=(2, 2))
def op_sum_windows(call: Call) -> float:
    """Where the sum over the last sessions stands among the sums over as many sessions in a row."""
    check_params(call, "length want")
    if call.wants[1].field != "session":
        raise CheckError("the second input is not a calendar of sessions (field session)")
    want = call.choice("want", "percentile", "percentile_below", "count", "independent")
    days = call.rows[1].days
    n = call.whole("length", 1)
    if n > len(days):
        raise CheckError(f"there are no {n} sessions in a row")

    def make() -> list[float | None]:
        cells = dict(zip(*call.rows[0].known(), strict=True))
        runs = ([cells[d] for d in days[i : i + n] if d in cells] for i in range(len(days) - n + 1))
        return [math.fsum(run) if run else None for run in runs]

    sums = call.remember("sum_windows", make, n)
    if sums[-1] is None:
        raise CheckError("no value of the last run is known")
    return _standing([s for s in sums if s is not None], n, want)


@operation("return_windows", "length want", rows=(1, 1))
def op_return_windows(call: Call) -> float:
    """Where the return over the last rows stands among the returns over as many rows in a row."""
    check_params(call, "length want")
    want = call.choice("want", "percentile", "percentile_below", "count", "independent")
    factors = [1 + x / 100 for x in all_known(call.rows[0])]
    n = call.whole("length", 1)
    if n > len(factors):
        raise CheckError("there are no so many rows in a row")
    check_positive(factors)

    def make() -> list[float]:
        return [100 * (math.prod(factors[i : i + n]) - 1) for i in range(len(factors) - n + 1)]

    return _standing(call.remember("return_windows", make, n), n, want)


@operation("dispersion_windows", "grid length want", rows=(2, MANY))
def op_dispersion_windows(call: Call) -> float:
    """How far apart the inputs' returns were over the last window, among all windows."""
    grid = call.choice("grid", "sessions", "months")
    check_params(call, "grid want", ["length"] if grid == "sessions" else [])
    want = call.choice("want", "percentile", "percentile_below", "count", "independent", "median")
    n = call.whole("length", 1) if grid == "sessions" else 1
    values = call.remember("apart", _apart(call, grid, n), grid, n)
    if not values:
        raise CheckError("there is no window")
    return statistics.median(values) if want == "median" else _standing(values, n, want)


def _apart(call: Call, grid: str, n: int) -> Callable[[], list[float]]:
    """Return a function that gives the standard deviation of the returns over each window."""

    def make() -> list[float]:
        days, levels = common_levels(call)
        check_positive(*levels)
        if grid == "sessions":
            ends = [(i - n, i) for i in range(n, len(days))]
        else:
            last = {int(d[:4]) * 12 + int(d[5:7]): i for i, d in enumerate(days)}
            ends = [(i, last[month + 1]) for month, i in last.items() if month + 1 in last]
        out = []
        for i, j in ends:
            returns = [100 * (c[j] / c[i] - 1) for c in levels]
            middle = math.fsum(returns) / len(returns)
            out.append(math.sqrt(math.fsum((r - middle) ** 2 for r in returns) / len(returns)))
        return out

    return make


@operation("trigger", "test than", facts=(1, 1))
def op_trigger(call: Call) -> float:
    """A number that a fact has not passed yet."""
    check_params(call, "test than")
    now, than = call.facts[0].value, call.number("than")
    if now > than if call.choice("test", "above", "below") == "above" else now < than:
        raise CheckError("the value has passed it already")
    return than
