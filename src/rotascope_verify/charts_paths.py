"""The operations of charts: from rows to the columns of a path. docs/bundle-format.md, "Charts"."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from rotascope_verify.failures import CheckError, quote
from rotascope_verify.ops import MANY, Call, common_levels
from rotascope_verify.ops_engine_grid import check_params, common_positive, grid_names, grid_values
from rotascope_verify.ops_engine_rotation import Trail
from rotascope_verify.ops_paths import log_path, turning_eras, windows_won
from rotascope_verify.reading import round12

PathColumns = dict[str, list[Any]]
PathRun = Callable[[Call], PathColumns]
BIN_EDGE = 1e-9  # no rounding of a value decides on which side of an edge it falls
MAX_BINS = 600


@dataclass(frozen=True, slots=True)
class PathSpec:
    """An operation of charts: its function, the least and the greatest number of inputs."""

    run: PathRun
    rows: tuple[int, int]


PATH_OPS: dict[str, PathSpec] = {}


def path_operation(name: str, low: int, high: int) -> Callable[[PathRun], PathRun]:
    """Register an operation of charts."""

    def add(run: PathRun) -> PathRun:
        PATH_OPS[name] = PathSpec(run, (low, high))
        return run

    return add


def run_path(name: object, call: Call) -> PathColumns:
    """Return the columns of a path, numbers rounded to 12 digits. Raises CheckError (path-failed)."""
    spec = PATH_OPS.get(name) if isinstance(name, str) else None
    if spec is None:
        raise CheckError(f"there is no operation of charts {quote(name)}", "path-failed")
    low, high = spec.rows
    if not low <= len(call.rows) <= high:
        raise CheckError(f"{name} takes {low} to {high} inputs, not {len(call.rows)}", "path-failed")
    try:
        found = spec.run(call)
    except CheckError as error:
        raise CheckError(f"{name}: {error.what}", "path-failed") from None
    except (ArithmeticError, ValueError, TypeError, LookupError) as error:
        raise CheckError(f"{name}: {type(error).__name__}: {error}", "path-failed") from None
    return {key: [round12(v) if isinstance(v, float) else v for v in column] for key, column in found.items()}


def _thinned(call: Call, days: Sequence[str], values: Sequence[float]) -> PathColumns:
    """Keep every k-th point, counted from the first, and the last."""
    if not days:
        raise CheckError("there is no point")
    keep = list(range(0, len(days), call.whole("thin", 1)))
    if keep[-1] != len(days) - 1:
        keep.append(len(days) - 1)
    return {"date": [days[i] for i in keep], "value": [values[i] for i in keep]}


@path_operation("rebased", 1, 1)
def path_rebased(call: Call) -> PathColumns:
    """Levels as a multiple of the first, which is 100."""
    check_params(call, "thin")
    days, (levels,) = common_positive(call)
    return _thinned(call, days, [100 * x / levels[0] for x in levels])


@path_operation("cumulative_spread", 2, 2)
def path_cumulative_spread(call: Call) -> PathColumns:
    """The growth of A since the first common date less that of B, in points."""
    check_params(call, "thin")
    days, (a, b) = common_positive(call)
    return _thinned(call, days, [100 * (x / a[0] - y / b[0]) for x, y in zip(a, b, strict=True)])


@path_operation("ratio_path", 2, 2)
def path_ratio(call: Call) -> PathColumns:
    """A over B."""
    check_params(call, "thin")
    days, (a, b) = common_positive(call)
    return _thinned(call, days, [x / y for x, y in zip(a, b, strict=True)])


@path_operation("rotation_tail", 2, 2)
def path_rotation_tail(call: Call) -> PathColumns:
    """Strength and momentum at the last point and at earlier ones, some sessions apart."""
    check_params(call, "trend momentum step points")
    trend, momentum = call.whole("trend", 2), call.whole("momentum", 2)
    step, points = call.whole("step", 1), call.whole("points", 2, 100)
    days, levels = common_levels(call)
    trail = call.remember("rotation_trail", lambda: Trail(*levels))
    at = [len(days) - 1 - back * step for back in range(points - 1, -1, -1)]
    if at[0] < 0:
        raise CheckError("the tail is longer than the history")
    found = [trail.point(i, trend, momentum) for i in at]
    return {
        "date": [days[i] for i in at],
        "strength": [x for x, _ in found],
        "momentum": [y for _, y in found],
    }


@path_operation("window_values", 1, 2)
def path_window_values(call: Call) -> PathColumns:
    """How many values of a grid lie in each bin."""
    check_params(call, "bin", grid_names(call, "sessions", "months", "rows"))
    width = call.number("bin")
    if width <= 0:
        raise CheckError("params.bin must be greater than zero")
    _, values = grid_values(call)
    bins = [math.floor(v / width + BIN_EDGE) for v in values]
    low, high = min(bins), max(bins)
    if high - low >= MAX_BINS:
        raise CheckError("there are too many bins")
    counts = [0] * (high - low + 1)
    for number in bins:
        counts[number - low] += 1
    edges = [float(j * width) for j in range(low, high + 2)]
    return {"from": edges[:-1], "to": edges[1:], "count": counts}


@path_operation("rolling_share_path", 1, MANY)
def path_rolling_share(call: Call) -> PathColumns:
    """The share of windows won among the last q, at the end of each window."""
    rule = call.choice("rule", "log_sum", "legs")
    check_params(call, "months rule trailing thin", ["split"] if rule == "legs" else [])
    months, trailing = call.whole("months", 1), call.whole("trailing", 1)
    windows = windows_won(call, rule, months)
    total = list(accumulate((won for _, won in windows), initial=0))
    ends = range(trailing, len(windows) + 1)
    shares = [(total[i] - total[i - trailing]) / trailing for i in ends]
    return _thinned(call, [windows[i - 1][0] for i in ends], shares)


def _era_rule(call: Call, *names: str) -> str:
    rule = call.choice("rule", "log_sum", "legs", "weighted_legs")
    check_params(call, "rule", [*names, *(["split"] if rule != "log_sum" else [])])
    return rule


@path_operation("era_path", 1, MANY)
def path_era(call: Call) -> PathColumns:
    """The path that eras are found on."""
    days, path = log_path(call, _era_rule(call, "thin"))
    return _thinned(call, days, path)


@path_operation("era_spans", 1, MANY)
def path_era_spans(call: Call) -> PathColumns:
    """From when to when each era lasted, and which way it went."""
    rule = _era_rule(call, "threshold", "from")
    threshold, after = call.number("threshold"), call.day("from")
    if threshold <= 0 or not after:
        raise CheckError("params.threshold must be greater than zero, and params.from a date")
    eras = [era for era in turning_eras(call, rule, threshold) if era[0] > after]
    if not eras:
        raise CheckError("there is no era")
    return {
        "from": [start for start, _, _, _ in eras],
        "to": [end for _, end, _, _ in eras],
        "direction": ["up" if way > 0 else "down" for _, _, _, way in eras],
    }


def _period(day: str, by: str) -> str:
    if by == "months":
        return day[:7]
    date = datetime.date.fromisoformat(day)
    return (date - datetime.timedelta(days=date.weekday())).isoformat()


@path_operation("levels", 1, 1)
def path_levels(call: Call) -> PathColumns:
    """Known values times a scale, as they are or added up by weeks or months."""
    check_params(call, "scale by")
    by, scale = call.choice("by", "rows", "weeks", "months"), call.number("scale")
    days, values = call.rows[0].known()
    scaled = [x * scale for x in values]
    if not days:
        raise CheckError("every value is unknown")
    if by == "rows":
        return {"date": list(days), "value": scaled}
    groups: dict[str, list[tuple[str, float]]] = {}
    for day, value in zip(days, scaled, strict=True):
        groups.setdefault(_period(day, by), []).append((day, value))
    return {
        "date": [rows[-1][0] for rows in groups.values()],
        "value": [math.fsum(v for _, v in rows) for rows in groups.values()],
    }
