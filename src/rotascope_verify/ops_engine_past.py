"""Engine operations that hold today against the past: nearest days, and a driver. docs/bundle-format.md."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from dataclasses import dataclass

from rotascope_verify.failures import CheckError, quote
from rotascope_verify.ops import MAX_WORK, Call, common_levels, operation
from rotascope_verify.ops_engine_grid import (
    CLOSE,
    RunningSums,
    check_params,
    check_positive,
    deviation_of,
    mean_of,
)
from rotascope_verify.reading import as_list, as_object, as_whole, check_keys, day_number

MAX_MEASURES = 100
LEAST_PAIRS = 60
SEQUEL_WANTS = (
    "counted",
    "ahead",
    "base_count",
    "base_independent",
    "hit_rate",
    "base_hit_rate",
    "mean",
    "lowest",
    "highest",
    "base_mean",
)

Measure = tuple[str, tuple[int, ...], int]
Cells = list[float | None]


def read_measures(call: Call) -> tuple[Measure, ...]:
    """Return the measures of `nearest`: kind, positions of inputs, length (0 for level)."""
    items = as_list(call.params.get("measures"), "params.measures")
    if not 1 <= len(items) <= MAX_MEASURES:
        raise CheckError(f"params.measures has {len(items)} measures, not 1 to {MAX_MEASURES}")
    out = []
    for item in items:
        obj = as_object(item, "a measure")
        kind = obj.get("kind")
        if kind not in ("spread", "return", "change", "level", "breadth") or not isinstance(kind, str):
            raise CheckError(f"{quote(kind)} is not a kind of measure")
        check_keys(obj, "kind inputs" if kind == "level" else "kind inputs length")
        places = tuple(
            as_whole(i, "a position of an input", 0, len(call.rows) - 1)
            for i in as_list(obj["inputs"], "inputs")
        )
        if not places or (kind != "breadth" and len(places) != (2 if kind == "spread" else 1)):
            raise CheckError(f"a measure {kind} has {len(places)} inputs")
        length = 0 if kind == "level" else as_whole(obj["length"], "length", 1, 1_000_000)
        out.append((kind, places, length))
    return tuple(out)


def measure_cells(measure: Measure, columns: list[list[float]]) -> Cells:
    """Return a measure on each row, None before it is known."""
    kind, places, n = measure
    used = [columns[i] for i in places]
    if kind == "level":
        return list(used[0])
    if kind != "change":
        check_positive(*used)
    gap: Cells = [None] * min(n - 1 if kind == "breadth" else n, len(used[0]))
    if kind == "breadth":
        shares = [0] * (len(used[0]) - len(gap))
        for x in used:
            sums = RunningSums(x)
            for i in range(len(shares)):
                shares[i] += x[i + n - 1] > sums.mean(i, i + n) * (1 + CLOSE)
        return gap + [s / len(used) for s in shares]
    ends = [list(zip(x, x[n:], strict=False)) for x in used]
    if kind == "change":
        return gap + [b - a for a, b in ends[0]]
    if kind == "return":
        return gap + [100 * (b / a - 1) for a, b in ends[0]]
    return gap + [100 * (b / a - d / c) for (a, b), (c, d) in zip(*ends, strict=True)]


@dataclass(frozen=True)
class Neighbours:
    """Rows like today, nearest first: positions and distances; how many were looked at, how many unknown."""

    taken: list[tuple[float, int]]
    looked_at: int
    left_out: int


def find_nearest(
    columns: list[list[float]], measures: tuple[Measure, ...], count: int, apart: int
) -> Neighbours:
    """Return the rows most like the last one, none closer than `apart` rows to another or to the last."""
    rows = len(columns[0])
    if rows * sum(len(m[1]) for m in measures) > MAX_WORK:
        raise CheckError("too many measures to recompute")
    table = [measure_cells(m, columns) for m in measures]
    known = [t for t in range(rows) if all(cells[t] is not None for cells in table)]
    if not known or known[-1] != rows - 1:
        raise CheckError("a measure of today is unknown")
    squares = [0.0] * len(known)
    for cells in table:
        values = [x for x in (cells[t] for t in known) if x is not None]
        scale = deviation_of(values)
        if scale <= 1e-12 * max(1.0, abs(mean_of(values))):
            raise CheckError("a measure never changes")
        for i, x in enumerate(values):
            step = (x - values[-1]) / scale
            squares[i] += step * step
    candidates = [
        (math.sqrt(s / len(measures)), t)
        for t, s in zip(known, squares, strict=True)
        if t <= rows - 1 - apart
    ]
    taken: list[tuple[float, int]] = []
    places: list[int] = []
    for item in sorted(candidates):
        if len(taken) == count:
            break
        i = bisect_left(places, item[1])
        if all(abs(item[1] - other) >= apart for other in places[max(i - 1, 0) : i + 1]):
            taken.append(item)
            insort(places, item[1])
    return Neighbours(taken, len(candidates), rows - len(known))


@operation("nearest", "measures count apart index horizon want", rows=(2, 1000))
def op_nearest(call: Call) -> float:
    """The days most like today by some measures, and what A did against B after them."""
    want = call.choice("want", "date", "distance", "found", "looked_at", "left_out", *SEQUEL_WANTS)
    more = ["index"] if want in ("date", "distance") else ["horizon"] if want in SEQUEL_WANTS else []
    check_params(call, "measures count apart want", more)
    measures = read_measures(call)
    count, apart = call.whole("count", 1), call.whole("apart", 1)
    days, columns = common_levels(call)
    if not days:
        raise CheckError("the inputs have no common date with known values")
    found = call.remember(
        "nearest", lambda: find_nearest(columns, measures, count, apart), measures, count, apart
    )
    if want in SEQUEL_WANTS:
        return _sequel(call, want, columns, [t for _, t in found.taken])
    if want in ("date", "distance"):
        index = call.whole("index", 0)
        if index >= len(found.taken):
            raise CheckError(f"only {len(found.taken)} rows are found")
        distance, t = found.taken[index]
        return day_number(days[t]) if want == "date" else distance
    return {"found": len(found.taken), "looked_at": found.looked_at, "left_out": found.left_out}[want]


def _sequel(call: Call, want: str, columns: list[list[float]], taken: list[int]) -> float:
    """Return what followed the rows that were taken, or every row."""
    h = call.whole("horizon", 1)
    a, b = columns[:2]
    if h >= len(a):
        raise CheckError("the horizon is longer than the data")
    check_positive(a, b)
    base = call.remember(
        "sequels",
        lambda: [100 * (z / x - w / y) for x, z, y, w in zip(a, a[h:], b, b[h:], strict=False)],
        h,
    )
    rows = base if want.startswith("base") else [base[t] for t in taken if t < len(base)]
    kind = want.removeprefix("base_")
    if kind in ("count", "counted", "independent"):
        return len(rows) if kind != "independent" else -(-len(rows) // h)
    ahead = sum(x > 0 for x in rows)
    if kind == "ahead":
        return ahead
    if not rows:
        raise CheckError("no row has a sequel")
    if kind == "hit_rate":
        return ahead / len(rows)
    return {"mean": mean_of(rows), "lowest": min(rows), "highest": max(rows)}[kind]


@dataclass(frozen=True)
class Changes:
    """Changes between neighbours of the grid. x: of the candidate; y: of A over B, in points.

    dates: A's date on each row of the grid; level: the candidate there. whole: whether the last changes
    reach back over the window without a gap.
    """

    dates: list[str]
    level: list[float]
    x: list[float]
    y: list[float]
    steps: list[int]  # the row of the grid on which each change ends


def _month_rows(call: Call) -> tuple[list[int], list[str], list[list[float]]]:
    """Return the months that all inputs have, A's date in them, and the last known values."""
    tables = [
        {12 * int(d[:4]) + int(d[5:7]): (d, v) for d, v in zip(*rows.known(), strict=True)}
        for rows in call.rows
    ]
    months = [m for m in tables[0] if all(m in table for table in tables[1:])]
    return months, [tables[0][m][0] for m in months], [[t[m][1] for m in months] for t in tables]


def driver_changes(call: Call, grid: str, log: bool) -> Changes:
    """Return the changes of the candidate and of the pair, with a scale of 1 for differences."""
    if grid == "months":
        places, dates, columns = call.remember("driver_months", lambda: _month_rows(call))
    else:
        dates, columns = common_levels(call)
        places = list(range(len(dates)))
    a, b, level = columns[:3]
    check_positive(a, b)
    if len(columns) == 4:
        level = [c - d for c, d in zip(level, columns[3], strict=True)]
    if log:
        check_positive(level)
    steps = [i for i in range(1, len(places)) if places[i] == places[i - 1] + 1]
    y = [100 * (math.log(a[i] / a[i - 1]) - math.log(b[i] / b[i - 1])) for i in steps]
    if log:
        x = [100 * math.log(level[i] / level[i - 1]) for i in steps]
    else:
        x = [level[i] - level[i - 1] for i in steps]
    return Changes(dates, level, x, y, steps)


@dataclass(frozen=True)
class Fit:
    """A straight line through pairs of changes; `t` is infinite where they lie on it."""

    beta: float
    correlation: float
    t: float


def fit_line(x: list[float], y: list[float]) -> Fit | None:
    """Return the line through pairs, or None where there is too little data."""
    n = len(x)
    if n < LEAST_PAIRS:
        return None
    mx, my = mean_of(x), mean_of(y)
    dx, dy = [v - mx for v in x], [v - my for v in y]
    xx, yy = math.fsum(v * v for v in dx), math.fsum(v * v for v in dy)
    if any(s <= n * (1e-12 * max(map(abs, v))) ** 2 for s, v in ((xx, x), (yy, y))):
        return None
    xy = math.fsum(p * q for p, q in zip(dx, dy, strict=True))
    correlation = xy / math.sqrt(xx * yy)
    rest = 1 - correlation * correlation
    t = math.inf if rest <= 1e-15 else correlation * math.sqrt((n - 2) / rest)
    return Fit(xy / xx, correlation, t)


def _driver_percentile(x: list[float], w: int) -> float:
    sums = RunningSums(x)
    runs = [sums.total(i, i + w) for i in range(len(x) - w + 1)]
    last = runs[-1]
    limit = last + 1e-9 * max(1.0, abs(last))
    return 100 * sum(u <= limit for u in runs) / len(runs)


@operation("driver", "grid candidate scale window lookback want", rows=(3, 4))
def op_driver(call: Call) -> float:
    """Whether the change of a candidate fits what A did against B."""
    want = call.choice(
        "want",
        *("change", "percentile", "beta", "correlation", "t", "pairs", "implied", "actual", "verdict"),
    )
    log = call.choice("candidate", "difference", "log") == "log"
    check_params(call, "grid candidate window lookback want", [] if log else ["scale"])
    grid, w, b = call.choice("grid", "sessions", "months"), call.whole("window", 1), call.whole("lookback", 1)
    if log and len(call.rows) == 4:
        raise CheckError("a candidate in logs is one input")
    scale = 1.0 if log else call.number("scale")
    data = call.remember("driver", lambda: driver_changes(call, grid, log), grid, log)
    if len(data.x) <= w:
        raise CheckError("there are no more changes than params.window")
    last = len(data.dates) - 1
    if data.steps[-w:] != list(range(last - w + 1, last + 1)):
        raise CheckError("the months of the window are not neighbours")
    if want == "change":
        now, then = data.level[-1], data.level[-1 - w]
        return 100 * (now / then - 1) if log else (now - then) * scale
    x = call.remember("driver_x", lambda: [v * scale for v in data.x], grid, log, scale)
    if want == "percentile":
        return call.remember("driver_percentile", lambda: _driver_percentile(x, w), grid, log, scale, w)
    actual, moved = math.fsum(data.y[-w:]), math.fsum(x[-w:])
    if want == "actual":
        return actual
    start = max(len(x) - w - b, 0)
    if want == "pairs":
        return len(x) - w - start
    fit = call.remember("driver_fit", lambda: fit_line(x[start:-w], data.y[start:-w]), grid, log, scale, w, b)
    return _judge(want, fit, moved, actual)


def _judge(want: str, fit: Fit | None, moved: float, actual: float) -> float:
    """Return what the fitted line says of the window."""
    if fit is None:
        if want == "verdict":
            return 0
        raise CheckError("there is too little data for a fit")
    implied = fit.beta * moved
    if want == "verdict":
        moves = min(abs(implied), abs(actual)) > 1e-9  # what rounding leaves of a change has no sign
        return 1 if abs(fit.t) >= 2 and moves and implied * actual > 0 else -1
    if want == "t" and math.isinf(fit.t):
        raise CheckError("the pairs lie on a line")
    return {"beta": fit.beta, "correlation": fit.correlation, "t": fit.t, "implied": implied}[want]
