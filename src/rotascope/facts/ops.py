"""The operations that recipes name: parameters and inputs in, one number out.

docs/bundle-format.md defines each; the independent verifier implements the same page by itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from rotascope.analytics import eras as era_kernels
from rotascope.analytics import precedents, returns, rolling, streaks, windows
from rotascope.analytics.arrays import common, require_known, require_positive
from rotascope.facts.columns import Column
from rotascope.model.errors import MissingDataError
from rotascope.model.facts import Fact
from rotascope.model.numerals import as_number
from rotascope.store.series import DateArray, FloatArray, to_date

Params = Mapping[str, Any]
Inputs = Sequence[Column | Fact]
Op = Callable[[Params, Inputs], float]

OPS: dict[str, Op] = {}


def op(name: str) -> Callable[[Op], Op]:
    """Register an operation under the name that recipes use."""

    def register(function: Op) -> Op:
        OPS[name] = function
        return function

    return register


def columns(inputs: Inputs) -> list[Column]:
    """Return the observation inputs, in order."""
    return [i for i in inputs if isinstance(i, Column)]


def values(inputs: Inputs) -> list[float]:
    """Return the values of the fact inputs, in order."""
    return [i.value for i in inputs if isinstance(i, Fact)]


def _single(column: Column) -> float:
    return float(require_known(column.values, f"{column.data.meta.series} {column.data.meta.field}")[0])


def _pair(inputs: Inputs) -> tuple[DateArray, FloatArray, FloatArray]:
    a, b = columns(inputs)
    return common((a.dates, a.values), (b.dates, b.values))


@op("observed")
def _observed(params: Params, inputs: Inputs) -> float:
    return _single(columns(inputs)[0]) * float(params.get("scale", 1))


@op("pct_change")
def _pct_change(params: Params, inputs: Inputs) -> float:
    a, b = columns(inputs)
    return returns.pct_change(_single(a), _single(b))


@op("change")
def _change(params: Params, inputs: Inputs) -> float:
    a, b = columns(inputs)
    return (_single(b) - _single(a)) * float(params.get("scale", 1))


@op("difference")
def _difference(params: Params, inputs: Inputs) -> float:
    a, b = values(inputs)
    return (a - b) * float(params.get("scale", 1))


@op("ratio")
def _ratio(params: Params, inputs: Inputs) -> float:
    a, b = values(inputs)
    if b == 0:
        raise MissingDataError("A ratio to zero has no value.")
    return a / b


@op("relative_fall")
def _relative_fall(params: Params, inputs: Inputs) -> float:
    (log,) = values(inputs)
    return -math.expm1(-log)


@op("sum_values")
def _sum_values(params: Params, inputs: Inputs) -> float:
    known = [v for v in columns(inputs)[0].values.tolist() if not math.isnan(v)]
    if not known:
        raise MissingDataError("Every value of the window is unknown.")
    return math.fsum(known) * float(params.get("scale", 1))


@op("count_missing")
def _count_missing(params: Params, inputs: Inputs) -> float:
    data, sessions = columns(inputs)
    known = data.dates[~np.isnan(data.values)]
    missing = sessions.dates[~np.isin(sessions.dates, known)]
    if params["want"] == "count":
        return float(missing.size)
    index = int(params["index"])
    if not 0 <= index < missing.size:
        raise MissingDataError(
            f"There are {missing.size} unknown sessions; number {index} is not among them."
        )
    return float(as_number(to_date(missing[index])))


@op("count_rows")
def _count_rows(params: Params, inputs: Inputs) -> float:
    return float((~np.isnan(columns(inputs)[0].values)).sum())


@op("compound")
def _compound(params: Params, inputs: Inputs) -> float:
    return returns.compound([c.values for c in aligned(inputs)])


@op("compound_legs")
def _compound_legs(params: Params, inputs: Inputs) -> float:
    members = [c.values for c in aligned(inputs)]
    split = int(params["split"])
    return returns.compound_legs(members[:split], members[split:])


@op("return_drawdown")
def _return_drawdown(params: Params, inputs: Inputs) -> float:
    return returns.return_drawdown(columns(inputs)[0].values)


@op("rolling_share")
def _rolling_share(params: Params, inputs: Inputs) -> float:
    after = np.datetime64(params["end_after"], "D") if params.get("end_after") else None
    members = aligned(inputs)
    won, total = rolling.rolling_wins(
        members[0].dates, log_gaps(params, members), int(params["months"]), after
    )
    if params["want"] == "count":
        return float(total)
    if total == 0:
        raise MissingDataError(f"There is no window of {params['months']} periods to take a share of.")
    return won / total


@op("eras")
def _eras(params: Params, inputs: Inputs) -> float:
    members = aligned(inputs)
    dates = members[0].dates
    _, found = era_kernels.eras(log_gaps(params, members), float(params["threshold"]))
    if params.get("from"):
        floor = np.datetime64(params["from"], "D")
        found = [e for e in found if era_kernels.point_date(dates, e.start) > floor]
    want = params["want"]
    if want == "count":
        return float(len(found))
    index = int(params["index"])
    if not -len(found) <= index < len(found):
        raise MissingDataError(f"There are {len(found)} eras; number {index} is not among them.")
    era = found[index]
    if want == "years":
        return era.years
    if want == "direction":
        return float(era.direction)
    point = era.start if want == "start" else era.end
    return float(as_number(to_date(era_kernels.point_date(dates, point))))


@op("window_rank")
def _window_rank(params: Params, inputs: Inputs) -> float:
    cols = columns(inputs)
    if len(cols) == 2:
        dates, a, b = _pair(inputs)
        second: FloatArray | None = b
    else:
        known = ~np.isnan(cols[0].values)
        dates, a, second = cols[0].dates[known], cols[0].values[known], None
    if params["grid"] == "months":
        found = windows.month_windows(dates, a, second)
    else:
        found = windows.session_windows(dates, a, second, int(params["length"]))
    return _from_windows(found, str(params["want"]))


def _from_windows(found: windows.Windows, want: str) -> float:
    if want == "last_as_large":
        return float(as_number(to_date(found.last_as_large())))
    answers: dict[str, Callable[[], float]] = {
        "rank": found.rank,
        "percentile": found.percentile,
        "percentile_below": lambda: (
            100.0 * float((found.values >= found.values[-1]).sum()) / found.values.size
        ),
        "count": lambda: found.values.size,
        "independent": lambda: found.independent,
    }
    return float(answers[want]())


@op("streak")
def _streak(params: Params, inputs: Inputs) -> float:
    dates, a, b = _pair(inputs)
    if params["kind"] == "levels":
        dates, a, b = dates[1:], streaks.session_returns(a), streaks.session_returns(b)
    won = a > b
    if won.size == 0:
        raise MissingDataError("The window holds no session on which the two could be compared.")
    want = params["want"]
    k = int(params["k"]) if want in ("wins_last", "wins_first") else 1
    if not 1 <= k <= won.size:
        raise MissingDataError(f"k is {k}, and the window has {won.size} sessions: choose 1 to {won.size}.")
    if want == "first_failure":
        return float(as_number(to_date(dates[streaks.first_failure(won)])))
    answers: dict[str, Callable[[], int]] = {
        "from_start": lambda: streaks.from_start(won),
        "longest": lambda: streaks.longest(won),
        "wins": lambda: int(won.sum()),
        "sessions": lambda: int(won.size),
        "wins_last": lambda: int(won[-k:].sum()),
        "wins_first": lambda: int(won[:k].sum()),
    }
    return float(answers[want]())


@op("extreme_day")
def _extreme_day(params: Params, inputs: Inputs) -> float:
    dates, a, b = _pair(inputs)
    want = str(params["want"])
    if want == "without_max":
        return streaks.without_largest(a, b)
    spread = streaks.session_spreads(a, b)
    at = int(np.argmax(spread) if want.startswith("max") else np.argmin(spread))
    return float(spread[at]) if want.endswith("value") else float(as_number(to_date(dates[1:][at])))


@op("precedents")
def _precedents(params: Params, inputs: Inputs) -> float:
    dates, a, b = _pair(inputs)
    found = precedents.month_precedents(dates, a, b, float(params["at_least"]), int(params["horizon"]))
    want = params["want"]
    if want == "count":
        return float(found.count)
    if int(params["horizon"]) < 1:
        raise MissingDataError("What followed needs a horizon of one month or more.")
    if want == "counted":
        return float(found.later.size)
    if want == "ahead":
        return float((found.later > 0).sum())
    if found.later.size == 0:
        raise MissingDataError("No earlier month of this kind has a known sequel of that length.")
    return float(found.later.mean())


@op("parameter")
def _parameter(params: Params, inputs: Inputs) -> float:
    (fact,) = [i for i in inputs if isinstance(i, Fact)]
    value = fact.recipe.params[params["path"]]
    return float(as_number(date.fromisoformat(value)) if isinstance(value, str) else value)


@op("window_date")
def _window_date(params: Params, inputs: Inputs) -> float:
    (fact,) = [i for i in inputs if isinstance(i, Fact)]
    day = getattr(fact.window, str(params["path"]), None)
    if day is None:
        raise MissingDataError(f"The fact {fact.id} has no window with a {params['path']}.")
    return float(as_number(day))


@op("count_where")
def _count_where(params: Params, inputs: Inputs) -> float:
    than = float(params.get("than", 0))
    tests: dict[str, Callable[[float], bool]] = {
        "positive": lambda v: v > 0,
        "negative": lambda v: v < 0,
        "above": lambda v: v > than,
        "below": lambda v: v < than,
    }
    return float(sum(tests[params["test"]](v) for v in values(inputs)))


@op("rank_of")
def _rank_of(params: Params, inputs: Inputs) -> float:
    found = values(inputs)
    return float(1 + sum(v > found[int(params["index"])] for v in found))


@op("extreme")
def _extreme(params: Params, inputs: Inputs) -> float:
    found = np.array(values(inputs))
    kinds: dict[str, Callable[[], Any]] = {
        "max": found.max,
        "min": found.min,
        "range": lambda: found.max() - found.min(),
        "median": lambda: np.median(found),
    }
    return float(kinds[params["want"]]())


@op("count_facts")
def _count_facts(params: Params, inputs: Inputs) -> float:
    return float(len(values(inputs)))


def aligned(inputs: Inputs) -> list[Column]:
    """Return the columns, refusing inputs whose dates differ: a gap in one leg is not filled from another."""
    found = columns(inputs)
    first = found[0]
    for other in found[1:]:
        if len(other) != len(first) or (other.dates != first.dates).any():
            raise MissingDataError(
                f"{first.data.meta.series} and {other.data.meta.series} have different dates between "
                f"{first.dates[0]} and {first.dates[-1]}."
            )
    return found


def log_gaps(params: Params, members: list[Column]) -> FloatArray:
    """Return the log growth of the first leg minus that of the second, for each period."""
    rule = params["rule"]
    arrays = [require_known(c.values, c.data.meta.series) for c in members]
    if rule == "log_sum":
        return np.asarray(np.log(require_positive(1.0 + arrays[0] / 100.0, "growth")))
    split = int(params["split"])
    if rule == "legs":
        first, second = returns.leg_growth(arrays[:split]), returns.leg_growth(arrays[split:])
    else:
        half = len(arrays) // 2
        member_returns, weights = arrays[:half], arrays[half:]
        first = returns.leg_growth(member_returns[:split], weights[:split])
        second = returns.leg_growth(member_returns[split:], weights[split:])
    return np.asarray(np.log(require_positive(first, "growth")) - np.log(require_positive(second, "growth")))


from rotascope.facts import ops_engine, ops_sequels  # noqa: E402, F401  they register their operations
