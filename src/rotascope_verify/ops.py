"""The operations of recipes: what each computes from its inputs. docs/bundle-format.md, "Operations".

An operation is registered by name with the parameters it knows. It gets a Call and returns a float.
What it cannot compute it refuses with CheckError; the caller turns arithmetic errors into the same.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, TypeVar, cast

from rotascope_verify.failures import CheckError, quote
from rotascope_verify.observations import Rows, RowsInput
from rotascope_verify.reading import as_number, as_whole, day_number, is_day

T = TypeVar("T")
MAX_COUNT = 1_000_000  # bound of counts and indexes in parameters
MAX_WORK = 30_000_000  # values one windowed operation may visit


@dataclass(frozen=True, slots=True)
class FactInput:
    """An input that is another fact: its recomputed value (12 significant digits), window and parameters."""

    id: str
    value: float
    window: dict[str, str]
    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One run of an operation. `memo` is shared by all runs, so that sibling facts reuse windows."""

    params: dict[str, Any]
    wants: tuple[RowsInput, ...]
    rows: tuple[Rows, ...]
    facts: tuple[FactInput, ...]
    memo: dict[Any, Any]

    def number(self, key: str, default: float | None = None) -> float:
        """Return a numeric parameter."""
        value = self.params.get(key)
        if value is None and default is not None:
            return default
        return as_number(value, f"params.{key}")

    def whole(self, key: str, low: int, high: int = MAX_COUNT) -> int:
        """Return an integer parameter."""
        return as_whole(self.params.get(key), f"params.{key}", low, high)

    def choice(self, key: str, *allowed: str) -> str:
        """Return a parameter that is one of a few words."""
        value = self.params.get(key)
        if value not in allowed or not isinstance(value, str):
            raise CheckError(f"params.{key} is {quote(value)}, not one of {', '.join(allowed)}")
        return value

    def day(self, key: str) -> str:
        """Return a date parameter; empty if it is not given."""
        value = self.params.get(key)
        if value is None:
            return ""
        if not isinstance(value, str) or not is_day(value):
            raise CheckError(f"params.{key} is {quote(value)}, not a date YYYY-MM-DD")
        return value

    def remember(self, name: str, make: Callable[[], T], *extra: Any) -> T:
        """Return a value derived from all inputs (and `extra`), computed once for all facts."""
        key = (name, tuple((w.series, w.field, w.first, w.last) for w in self.wants), extra)
        if key not in self.memo:
            self.memo[key] = make()
        return cast(T, self.memo[key])


Op = Callable[[Call], float]


@dataclass(frozen=True, slots=True)
class OpSpec:
    """An operation: its function, its parameters, and how many inputs of which kind it takes."""

    run: Op
    params: frozenset[str]
    rows: tuple[int, int]
    facts: tuple[int, int]


OPS: dict[str, OpSpec] = {}
MANY = 100_000


def operation(
    name: str, params: str = "", *, rows: tuple[int, int] = (0, 0), facts: tuple[int, int] = (0, 0)
) -> Callable[[Op], Op]:
    """Register an operation under its name, with the least and the greatest number of inputs."""

    def add(run: Op) -> Op:
        OPS[name] = OpSpec(run, frozenset(params.split()), rows, facts)
        return run

    return add


def run_op(name: str, call: Call) -> float:
    """Return the value of an operation, finite. Raises CheckError (code op-unknown or op-failed)."""
    spec = OPS.get(name)
    if spec is None:
        raise CheckError(f"there is no operation {quote(name)}", "op-unknown")
    if unknown := sorted(call.params.keys() - spec.params):
        raise CheckError(f"{name} has no parameters {quote(', '.join(unknown))}", "op-failed")
    for got, (low, high), kind in (
        (len(call.rows), spec.rows, "observation inputs"),
        (len(call.facts), spec.facts, "input facts"),
    ):
        if not low <= got <= high:
            raise CheckError(f"{name} takes {low} to {high} {kind}, not {got}", "op-failed")
    try:
        value = float(spec.run(call))
    except CheckError as error:
        raise CheckError(f"{name}: {error.what}", "op-failed") from None
    except (ArithmeticError, ValueError, TypeError, LookupError) as error:
        raise CheckError(f"{name}: {type(error).__name__}: {error}", "op-failed") from None
    if not math.isfinite(value):
        raise CheckError(f"{name} gives no finite number", "op-failed")
    return value


# Reading inputs


def one_value(rows: Rows) -> float:
    """Return the value of an input that must be a single row with a known value."""
    if len(rows.values) != 1:
        raise CheckError(f"an input has {len(rows.values)} rows, not 1")
    value = rows.values[0]
    if value is None:
        raise CheckError(f"the value on {rows.days[0]} is unknown")
    return value


def all_known(rows: Rows) -> tuple[float, ...]:
    """Return the values of an input that must have rows, all with a known value."""
    if not rows.values:
        raise CheckError("an input has no rows")
    values = rows.known()[1]
    if len(values) != len(rows.values):
        gap = next(d for d, v in zip(rows.days, rows.values, strict=True) if v is None)
        raise CheckError(f"the value on {gap} is unknown ({len(values)} of {len(rows.values)} are known)")
    return values


def equal_dates(call: Call) -> tuple[tuple[str, ...], list[tuple[float, ...]]]:
    """Return the dates that all inputs share, and their values; other dates are an error."""
    days = call.rows[0].days
    if any(rows.days != days for rows in call.rows):
        raise CheckError("the inputs have different dates")
    return days, [all_known(rows) for rows in call.rows]


def common_levels(call: Call) -> tuple[list[str], list[list[float]]]:
    """Return the dates on which all inputs have a known value, and those values."""

    def make() -> tuple[list[str], list[list[float]]]:
        known = [rows.known() for rows in call.rows]
        if all(days == known[0][0] for days, _ in known):
            return list(known[0][0]), [list(values) for _, values in known]
        tables = [dict(zip(days, values, strict=True)) for days, values in known]
        shared = [d for d in known[0][0] if all(d in table for table in tables[1:])]
        return shared, [[table[d] for d in shared] for table in tables]

    return call.remember("common", make)


def mean_factors(legs: list[tuple[float, ...]]) -> list[float]:
    """Return 1 + mean / 100 over the legs for each date."""
    n = len(legs)
    return [1 + math.fsum(row) / n / 100 for row in zip(*legs, strict=True)]


def split_legs(call: Call, legs: list[Any]) -> tuple[list[Any], list[Any]]:
    """Return the first `split` legs and the others; both must have one at least."""
    k = call.whole("split", 1, max(len(legs) - 1, 1))
    if len(legs) < 2:
        raise CheckError("two legs need two inputs at least")
    return legs[:k], legs[k:]


# Values of rows


@operation("observed", "scale", rows=(1, 1))
def op_observed(call: Call) -> float:
    """x * scale."""
    return one_value(call.rows[0]) * call.number("scale", 1)


@operation("pct_change", rows=(2, 2))
def op_pct_change(call: Call) -> float:
    """100 * (b / a - 1) of positive a and b."""
    a, b = (one_value(rows) for rows in call.rows)
    if a <= 0 or b <= 0:
        raise CheckError("both values must be positive")
    return 100 * (b / a - 1)


@operation("change", "scale", rows=(2, 2))
def op_change(call: Call) -> float:
    """(b - a) * scale."""
    a, b = (one_value(rows) for rows in call.rows)
    return (b - a) * call.number("scale", 1)


@operation("sum_values", "scale", rows=(1, 1))
def op_sum_values(call: Call) -> float:
    """Sum of the known values * scale."""
    values = call.rows[0].known()[1]
    if not values:
        raise CheckError("no value is known")
    return math.fsum(values) * call.number("scale", 1)


@operation("count_rows", rows=(1, 1))
def op_count_rows(call: Call) -> float:
    """Number of rows with a known value."""
    return len(call.rows[0].known()[1])


@operation("count_missing", "want index", rows=(2, 2))
def op_count_missing(call: Call) -> float:
    """Sessions without a known value: how many, or the date of one of them."""
    if call.wants[1].field != "session":
        raise CheckError("the second input is not a calendar of sessions (field session)")
    want = call.choice("want", "count", "date")
    known = set(call.rows[0].known()[0])
    sessions = [d for d, v in zip(*call.rows[1].known(), strict=True) if v != 0]
    missing = [d for d in sessions if d not in known]
    if want == "count":
        return len(missing)
    return day_number(missing[call.whole("index", 0, max(len(missing) - 1, 0))])


@operation("compound", rows=(1, MANY))
def op_compound(call: Call) -> float:
    """Percent return of the mean of the inputs, compounded over their dates."""
    _, legs = equal_dates(call)
    return 100 * (math.prod(mean_factors(legs)) - 1)


@operation("compound_legs", "split", rows=(2, MANY))
def op_compound_legs(call: Call) -> float:
    """compound(first legs) - compound(other legs), in points."""
    _, legs = equal_dates(call)
    first, others = split_legs(call, legs)
    return 100 * (math.prod(mean_factors(first)) - 1) - 100 * (math.prod(mean_factors(others)) - 1)


@operation("return_drawdown", rows=(1, 1))
def op_return_drawdown(call: Call) -> float:
    """Lowest wealth / running peak - 1; wealth starts at 1, and the start is a peak too."""
    wealth = list(accumulate((1 + x / 100 for x in all_known(call.rows[0])), lambda a, b: a * b, initial=1.0))
    peaks = accumulate(wealth, max)
    return min(w / p - 1 for w, p in zip(wealth, peaks, strict=True))


# Values of facts


@operation("difference", "scale", facts=(2, 2))
def op_difference(call: Call) -> float:
    """(a - b) * scale."""
    return (call.facts[0].value - call.facts[1].value) * call.number("scale", 1)


@operation("ratio", facts=(2, 2))
def op_ratio(call: Call) -> float:
    """a / b."""
    return call.facts[0].value / call.facts[1].value


@operation("relative_fall", facts=(1, 1))
def op_relative_fall(call: Call) -> float:
    """1 - exp(-a)."""
    return 1.0 - math.exp(-call.facts[0].value)


@operation("parameter", "path", facts=(1, 1))
def op_parameter(call: Call) -> float:
    """A parameter of the input fact's recipe; a date as YYYYMMDD."""
    path, fact = call.params.get("path"), call.facts[0]
    if not isinstance(path, str) or path not in fact.params:
        raise CheckError(f"the recipe of {quote(fact.id)} has no parameter {quote(path)}")
    value = fact.params[path]
    if isinstance(value, str) and is_day(value):
        return day_number(value)
    return as_number(value, f"parameter {quote(path)}")


@operation("window_date", "path", facts=(1, 1))
def op_window_date(call: Call) -> float:
    """A date of the input fact's window, as YYYYMMDD."""
    path = call.choice("path", "start", "end", "start_used", "end_used")
    if path not in call.facts[0].window:
        raise CheckError(f"the window of {quote(call.facts[0].id)} has no {path}")
    return day_number(call.facts[0].window[path])


@operation("count_where", "test than", facts=(1, MANY))
def op_count_where(call: Call) -> float:
    """How many values pass a strict test."""
    test = call.choice("test", "positive", "negative", "above", "below")
    than = call.number("than") if test in ("above", "below") else 0.0
    if test in ("positive", "above"):
        return sum(f.value > than for f in call.facts)
    return sum(f.value < than for f in call.facts)


@operation("rank_of", "index", facts=(1, MANY))
def op_rank_of(call: Call) -> float:
    """1 + number of facts with a greater value than fact `index`."""
    own = call.facts[call.whole("index", 0, len(call.facts) - 1)].value
    return 1 + sum(f.value > own for f in call.facts)


@operation("extreme", "want", facts=(1, MANY))
def op_extreme(call: Call) -> float:
    """Maximum, minimum, range or median of the values."""
    want = call.choice("want", "max", "min", "range", "median")
    values = [f.value for f in call.facts]
    if want == "median":
        return statistics.median(values)
    low, high = min(values), max(values)
    return {"max": high, "min": low, "range": high - low}[want]


@operation("count_facts", facts=(1, MANY))
def op_count_facts(call: Call) -> float:
    """Number of input facts."""
    return len(call.facts)
