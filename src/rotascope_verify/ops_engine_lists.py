"""Engine operations on a list of values: of facts, of weights, of one path. docs/bundle-format.md."""

from __future__ import annotations

import math
import statistics
from itertools import accumulate

from rotascope_verify.failures import CheckError
from rotascope_verify.ops import MANY, Call, common_levels, operation
from rotascope_verify.ops_engine_grid import (
    check_params,
    check_positive,
    common_positive,
    deviation_of,
    mean_of,
)
from rotascope_verify.reading import day_number

SAME_LOG = 1e-12


def doubled_ranks(values: list[float]) -> list[int]:
    """Return twice the rank of each value, whole because equal values share the mean of their ranks.

    >>> doubled_ranks([5.0, 7.0, 5.0])
    [5, 2, 5]
    """
    order = sorted(range(len(values)), key=lambda i: -values[i])
    out = [0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for i in order[start:end]:
            out[i] = start + 1 + end
        start = end
    return out


@operation("rank_correlation", facts=(4, MANY))
def op_rank_correlation(call: Call) -> float:
    """Spearman's correlation of the first half of the values with the second."""
    k, odd = divmod(len(call.facts), 2)
    if odd:
        raise CheckError("two lists of the same length need an even number of facts")
    values = [f.value for f in call.facts]
    x, y = doubled_ranks(values[:k]), doubled_ranks(values[k:])
    # k ranks have the mean (k + 1) / 2, so these distances are whole numbers and nothing is rounded
    dx, dy = [r - k - 1 for r in x], [r - k - 1 for r in y]
    xx, yy = sum(d * d for d in dx), sum(d * d for d in dy)
    if xx == 0 or yy == 0:
        raise CheckError("all values of a list are equal")
    return round(sum(a * b for a, b in zip(dx, dy, strict=True)) / math.sqrt(xx * yy), 12)


@operation("dispersion", "want", facts=(2, MANY))
def op_dispersion(call: Call) -> float:
    """How far the values lie apart."""
    check_params(call, "want")
    want = call.choice("want", "standard_deviation", "range", "mean_gap")
    values = [f.value for f in call.facts]
    if want == "range":
        return max(values) - min(values)
    if want == "standard_deviation":
        return deviation_of(values)
    middle = mean_of(values)
    return mean_of([abs(x - middle) for x in values])


@operation("group_gap", "split want", facts=(2, MANY))
def op_group_gap(call: Call) -> float:
    """Mean of the first values, of the others, or the first less the second."""
    check_params(call, "split want")
    want = call.choice("want", "first", "second", "gap")
    values = [f.value for f in call.facts]
    j = call.whole("split", 1, len(values) - 1)
    first, second = mean_of(values[:j]), mean_of(values[j:])
    return {"first": first, "second": second, "gap": first - second}[want]


@operation("effective_number", "names want", rows=(1, MANY))
def op_effective_number(call: Call) -> float:
    """How concentrated weights are."""
    want = call.choice("want", "effective", "herfindahl", "top_share", "counted", "left_out")
    check_params(call, "want", ["names"] if want == "top_share" else [])
    if any(len(rows.values) != 1 for rows in call.rows):
        raise CheckError("every input must have exactly one row")
    weights = [w for rows in call.rows for w in rows.known()[1]]
    total = math.fsum(weights)
    if min(weights, default=0.0) < 0 or total <= 0:
        raise CheckError("weights must not be negative and must sum to more than zero")
    parts = sorted((w / total for w in weights), reverse=True)
    if want == "top_share":
        return math.fsum(parts[: call.whole("names", 1, len(parts))])
    herfindahl = math.fsum(p * p for p in parts)
    answers = {
        "effective": 1 / herfindahl,
        "herfindahl": herfindahl,
        "counted": len(weights),
        "left_out": len(call.rows) - len(weights),
    }
    return answers[want]


@operation("contribution", "want", facts=(3, MANY))
def op_contribution(call: Call) -> float:
    """What some members added to an index return, and what it was without them."""
    check_params(call, "want")
    want = call.choice("want", "points", "residual", "without", "weight")
    k, odd = divmod(len(call.facts), 2)
    if not odd:
        raise CheckError("as many returns as weights and then the index return make an odd number of facts")
    values = [f.value for f in call.facts]
    weight = math.fsum(values[:k])
    points = math.fsum(w * r / 100 for w, r in zip(values[:k], values[k : 2 * k], strict=True))
    residual = values[-1] - points
    if want != "without":
        return {"points": points, "residual": residual, "weight": weight}[want]
    if weight >= 100:
        raise CheckError("nothing of the index is left without these members")
    return residual / (1 - weight / 100)


@operation("product", "scale", facts=(2, 2))
def op_product(call: Call) -> float:
    """a * b * scale."""
    check_params(call, "scale")
    return call.facts[0].value * call.facts[1].value * call.number("scale")


@operation("adjusted_p", "index method", facts=(1, MANY))
def op_adjusted_p(call: Call) -> float:
    """Two-sided p value of one t value, corrected for all that were looked at."""
    check_params(call, "index method")
    k = len(call.facts)
    method, index = call.choice("method", "none", "holm", "benjamini_hochberg"), call.whole("index", 0, k - 1)
    chances = [math.erfc(abs(f.value) / math.sqrt(2)) for f in call.facts]
    if method == "none":
        return chances[index]
    order = sorted(range(k), key=lambda i: chances[i])  # keeps equal ones in the order of the inputs
    place = order.index(index)
    if method == "holm":
        return max(min(1.0, (k - i) * chances[order[i]]) for i in range(place + 1))
    return min(min(1.0, k * chances[order[i]] / (i + 1)) for i in range(place, k))


@operation("extreme_row", "by offset scale want", rows=(2, 2))
def op_extreme_row(call: Call) -> float:
    """The session at a distance from the one with the most extreme value."""
    if call.wants[1].field != "session":
        raise CheckError("the second input is not a calendar of sessions (field session)")
    want = call.choice("want", "value", "date")
    check_params(call, "by offset want", ["scale"] if want == "value" else [])
    by = call.choice("by", "max", "min", "abs")
    size = {"max": lambda x: x, "min": lambda x: -x, "abs": abs}[by]
    known = dict(zip(*call.rows[0].known(), strict=True))
    days = call.rows[1].days
    found = [(i, size(known[day])) for i, day in enumerate(days) if day in known]
    if not found:
        raise CheckError("no value is known on a session")
    at = max(found, key=lambda item: item[1])[0] + call.whole("offset", -MANY, MANY)
    if not 0 <= at < len(days) or days[at] not in known:
        raise CheckError("there is no known value that far from the extreme session")
    return day_number(days[at]) if want == "date" else known[days[at]] * call.number("scale")


@operation("level_percentile", "want", rows=(1, 1))
def op_level_percentile(call: Call) -> float:
    """Where the last value stands among all known values of a series."""
    check_params(call, "want")
    want = call.choice("want", "percentile", "count", "median", "last_as_large")
    rows = call.rows[0]
    if not rows.values or rows.values[-1] is None:
        raise CheckError("the last value is unknown")
    days, values = rows.known()
    last = values[-1]
    if want == "last_as_large":
        return day_number(_latest(days, [x >= last for x in values]))
    if want == "median":
        return statistics.median(values)
    return len(values) if want == "count" else 100 * sum(x <= last for x in values) / len(values)


def _latest(days: list[str] | tuple[str, ...], good: list[bool]) -> str:
    """Return the latest date before the last one that is good."""
    for i in range(len(good) - 2, -1, -1):
        if good[i]:
            return days[i]
    raise CheckError("there is no such earlier date")


@operation("ratio_gap", "want", rows=(2, 2))
def op_ratio_gap(call: Call) -> float:
    """The ratio of two series in logs, and where its last value stands."""
    check_params(call, "want")
    want = call.choice("want", "times", "log_gap", "median_times", "percentile", "count", "wider_since")
    days, (a, b) = common_positive(call)
    gaps = call.remember("log_gaps", lambda: [math.log(x) - math.log(y) for x, y in zip(a, b, strict=True)])
    last = gaps[-1]
    if want == "wider_since":
        wide = [z >= last - SAME_LOG if last >= 0 else z <= last + SAME_LOG for z in gaps]
        return day_number(_latest(days, wide))
    if want == "median_times":
        return math.exp(statistics.median(gaps))
    if want == "percentile":
        return 100 * sum(z <= last + SAME_LOG for z in gaps) / len(gaps)
    return {"times": a[-1] / b[-1], "log_gap": last, "count": len(gaps)}[want]


@operation("drawdown", "want", rows=(1, 2))
def op_drawdown(call: Call) -> float:
    """The fall of a path, or of the ratio of two, below its highest point so far."""
    check_params(call, "want")
    want = call.choice("want", "deepest", "current", "peak", "trough")
    days, columns = common_positive(call)
    path = columns[0]
    if len(columns) == 2:
        path = [x / y for x, y in zip(*columns, strict=True)]
        check_positive(path)  # a ratio can be too small for a number
    falls = [x / top - 1 for x, top in zip(path, accumulate(path, max), strict=True)]
    if want == "current":
        return falls[-1]
    trough = falls.index(min(falls))
    if want == "deepest":
        return falls[trough]
    return day_number(days[trough if want == "trough" else path.index(max(path[: trough + 1]))])


@operation("relative_strength", rows=(2, 2))
def op_relative_strength(call: Call) -> float:
    """Growth of A over growth of B since the first common date, which is 100."""
    days, (a, b) = common_levels(call)
    if not days:
        raise CheckError("the inputs have no common date with known values")
    check_positive([a[0], a[-1], b[0], b[-1]])
    return 100 * (a[-1] / a[0]) / (b[-1] / b[0])
