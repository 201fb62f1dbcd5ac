"""Engine operations on rules that hold one of two legs, and on how many rules were tried.

docs/bundle-format.md, `signal` and `deflated_sharpe`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

from rotascope_verify.failures import CheckError
from rotascope_verify.ops import MANY, Call, operation
from rotascope_verify.ops_engine_grid import CLOSE, RunningSums, check_params, common_positive, mean_of
from rotascope_verify.ops_engine_rotation import Trail

SIGNAL_TIE = 1e-12  # logs, returns and means that differ by no more are equal
EULER = 0.5772156649015329
LEAST_MONTHS = 3
MOST_TURNS = 4_000_000  # months times turns that one fact may need
SIGNAL_RULES = {
    "momentum": "long skip",
    "crossing": "trend momentum",
    "thrust": "length low high within",
}
SIGNAL_WANTS = (
    *("mean_excess", "against_first", "against_second", "sharpe", "sharpe_year", "t", "skewness", "kurtosis"),
    *("beaten", "hit_rate", "exposure", "trades", "position", "count"),
)


@dataclass(frozen=True, slots=True)
class HeldMonths:
    """The rule by month: ends of months (with the last), weights (with the last), returns of both legs."""

    ends: list[str]
    weights: list[int]
    a: list[float]
    b: list[float]


def _signal_momentum(call: Call, levels: list[list[float]]) -> tuple[list[int], int]:
    length, skip = call.whole("long", 1), call.whole("skip", 0)
    if skip >= length:
        raise CheckError("params.skip is not smaller than params.long")
    if len(levels) not in (2, 4):
        raise CheckError("this rule takes two inputs or four")
    line = [math.log(x / y) for x, y in zip(*levels[-2:], strict=True)]
    n = len(line)
    states = [int(line[t - skip] - line[t - length] > SIGNAL_TIE) for t in range(length, n)]
    return [0] * min(length, n) + states, length


def _signal_crossing(call: Call, levels: list[list[float]]) -> tuple[list[int], int]:
    trend, fast = call.whole("trend", 2), call.whole("momentum", 2)
    if len(levels) != 2:
        raise CheckError("this rule takes two inputs")
    n, first = len(levels[0]), trend + fast - 2
    if n <= first:
        raise CheckError("there are too few sessions for this rule")
    trail = Trail(*levels)
    off = [trail.off_trend(i, trend) for i in range(trend - 1, n)]
    sums = RunningSums(off)
    late = range(fast - 1, len(off))
    return [0] * first + [int(off[i] - sums.mean(i - fast + 1, i + 1) > SIGNAL_TIE) for i in late], first


def _signal_thrust(call: Call, levels: list[list[float]]) -> tuple[list[int], int]:
    n, within = call.whole("length", 1), call.whole("within", 1)
    low, high = call.number("low"), call.number("high")
    if not 0 <= low < high <= 1:
        raise CheckError("params.low and params.high are not 0 <= low < high <= 1")
    members = levels[2:]
    if not members:
        raise CheckError("this rule takes members after the two legs")
    sums = [RunningSums(x) for x in members]
    out, state, last_low = [0] * min(n - 1, len(levels[0])), 0, -within - 1
    for t in range(n - 1, len(levels[0])):
        above = sum(x[t] > s.mean(t - n + 1, t + 1) * (1 + CLOSE) for x, s in zip(members, sums, strict=True))
        share = above / len(members)
        if share <= low:
            state, last_low = 0, t
        elif share >= high and last_low >= 0 and t - last_low <= within:
            state = 1
        out.append(state)
    return out, n - 1


_SIGNAL_STATES: dict[str, Callable[[Call, list[list[float]]], tuple[list[int], int]]] = {
    "momentum": _signal_momentum,
    "crossing": _signal_crossing,
    "thrust": _signal_thrust,
}


def _signal_held(call: Call, rule: str) -> HeldMonths:
    days, levels = common_positive(call)
    states, known = _SIGNAL_STATES[rule](call, levels)
    last = {12 * int(d[:4]) + int(d[5:7]): i for i, d in enumerate(days)}
    months = list(last)
    if any(later != month + 1 for month, later in pairwise(months)):
        raise CheckError("a calendar month is missing")
    rows = [i for i in last.values() if i >= known]
    if len(rows) < LEAST_MONTHS + 1:
        raise CheckError("the rule holds for too few months")
    a, b = ([x[j] / x[i] - 1 for i, j in pairwise(rows)] for x in levels[:2])
    return HeldMonths([days[i] for i in rows], [states[i] for i in rows], a, b)


def _signal_key(call: Call, rule: str) -> tuple[object, ...]:
    return rule, *(call.params[name] for name in SIGNAL_RULES[rule].split())


def held_months(call: Call) -> HeldMonths:
    """Return the rule by month, once for all facts about it. Raises CheckError."""
    rule = call.choice("rule", *SIGNAL_RULES)
    check_params(
        call, f"rule cost want {SIGNAL_RULES[rule]}", ["lags"] if call.params.get("want") == "t" else []
    )
    return call.remember("signal", lambda: _signal_held(call, rule), *_signal_key(call, rule))


def net_returns(weights: list[float], a: list[float], b: list[float], cost: float) -> list[float]:
    """Return what weights of the first leg earn after costs, a ratio for each month."""
    out: list[float] = []
    drifted = 0.0
    for i, (u, x, y) in enumerate(zip(weights, a, b, strict=True)):
        gross = u * x + (1 - u) * y
        paid = 2 * cost * abs(u - drifted) if i else cost
        out.append((1 + gross) * (1 - paid) - 1)
        drifted = u * (1 + x) / (1 + gross)
    return out


def _signal_beaten(held: HeldMonths, cost: float) -> float:
    n = len(held.a)
    if n * (n - 1) > MOST_TURNS:
        raise CheckError("too many months to turn")
    w: list[float] = [float(x) for x in held.weights[:-1]]
    own = mean_of(net_returns(w, held.a, held.b, cost))
    turned = (mean_of(net_returns(w[-s:] + w[:-s], held.a, held.b, cost)) for s in range(1, n))
    return sum(m < own - SIGNAL_TIE for m in turned) / (n - 1)


def _excess_moments(e: list[float]) -> tuple[float, float, float, float]:
    """Return the mean, and the central moments 2 to 4, of values that vary."""
    middle = mean_of(e)
    d = [x - middle for x in e]
    if max(map(abs, d)) <= SIGNAL_TIE:
        raise CheckError("the excess returns do not vary")
    m2, m3, m4 = (mean_of([x**k for x in d]) for k in (2, 3, 4))
    return middle, m2, m3, m4


def _excess_t(e: list[float], lags: int) -> float:
    middle, n = mean_of(e), len(e)
    d = [x - middle for x in e]
    c = [math.fsum(d[i] * d[i - k] for i in range(k, n)) / n for k in range(lags + 1)]
    variance = c[0] + 2 * math.fsum((1 - k / (lags + 1)) * c[k] for k in range(1, lags + 1))
    if variance <= 0:
        raise CheckError("the variance is not greater than zero")
    return middle / math.sqrt(variance / n)


def _about_excess(call: Call, e: list[float], want: str) -> float:
    """Return a want that needs the excess returns to vary."""
    lags = call.whole("lags", 0, len(e) - 1) if want == "t" else 0
    middle, m2, m3, m4 = _excess_moments(e)
    if want == "t":
        return _excess_t(e, lags)
    if want == "skewness":
        return float(m3 / m2**1.5)
    if want == "kurtosis":
        return m4 / (m2 * m2)
    ratio = middle / math.sqrt(m2 * len(e) / (len(e) - 1))
    return ratio * math.sqrt(12) if want == "sharpe_year" else ratio


@operation("signal", "rule long skip trend momentum length low high within cost lags want", rows=(2, MANY))
def op_signal(call: Call) -> float:
    """A rule that holds one of two legs by month: what it earned, and against what."""
    want = call.choice("want", *SIGNAL_WANTS)
    held = held_months(call)
    cost = call.number("cost") / 10_000
    if cost < 0:
        raise CheckError("params.cost is negative")
    n, w = len(held.a), held.weights
    if want in ("count", "position", "trades"):
        return {"count": n, "position": w[-1], "trades": sum(x != y for x, y in pairwise(w[:-1]))}[want]
    if want == "exposure":
        return sum(w[:-1]) / n
    if want == "hit_rate":
        return sum((2 * u - 1) * (x - y) > SIGNAL_TIE for u, x, y in zip(w, held.a, held.b, strict=False)) / n
    if want == "beaten":
        key = _signal_key(call, str(call.params["rule"]))
        return call.remember("signal_beaten", lambda: _signal_beaten(held, cost), *key, cost)
    net = net_returns([float(x) for x in w[:-1]], held.a, held.b, cost)
    other = {"against_first": 1.0, "against_second": 0.0}.get(want, 0.5)
    rival = net_returns([other] * n, held.a, held.b, cost)
    e = [x - y for x, y in zip(net, rival, strict=True)]
    if want in ("mean_excess", "against_first", "against_second"):
        return 1200 * mean_of(e)
    return _about_excess(call, e, want)


@operation("deflated_sharpe", "index want", facts=(5, MANY))
def op_deflated_sharpe(call: Call) -> float:
    """The chance that the best of as many rules without any merit does as well."""
    check_params(call, "index want")
    want = call.choice("want", "p", "hurdle")
    *ratios, n, skewness, kurtosis = (f.value for f in call.facts)
    k = len(ratios)
    x = ratios[call.whole("index", 0, k - 1)]
    middle = mean_of(ratios)
    spread = math.sqrt(math.fsum((s - middle) ** 2 for s in ratios) / (k - 1))
    q = NormalDist().inv_cdf
    hurdle = spread * ((1 - EULER) * q(1 - 1 / k) + EULER * q(1 - 1 / (k * math.e)))
    if n <= 1:
        raise CheckError("there are too few months")
    under = 1 - skewness * x + (kurtosis - 1) / 4 * x * x
    if under <= 0:
        raise CheckError("the root is not of a positive number")
    z = (x - hurdle) * math.sqrt(n - 1) / math.sqrt(under)
    return hurdle if want == "hurdle" else math.erfc(z / math.sqrt(2)) / 2
