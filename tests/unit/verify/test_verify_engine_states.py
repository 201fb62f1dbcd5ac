"""States by a rule, switching models and changes of a mean, by hand and against slow references."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_verify_ops import days, fails, run

from rotascope_verify.ops_engine_states import counts_so_far
from rotascope_verify.ops_engine_switching import find_changes, stationary_chances

near = pytest.approx
ROWS = {"grid": "rows"}


def test_state_by_direction() -> None:
    # steps 1 1 0 0.5 with a band of 0.6: rising rising flat flat
    x = days(1, 2, 3, None, 3, 3.5)
    rule = {"rule": "direction", "length": 1, "band": 0.6}
    assert run("state", x, want="state", **rule) == 1
    assert run("state", x, want="age", **rule) == 2
    assert run("state", x, want="state", **(rule | {"band": 0.4})) == 2
    assert run("state", x, want="age", **(rule | {"band": 0.4})) == 1
    # over two rows: 2, 1, 0.5; exactly the band is flat
    assert run("state", x, want="state", **(rule | {"length": 2, "band": 0.5})) == 1
    assert run("state", days(3, 1), want="state", **(rule | {"band": 0})) == 0
    for bad in ({"length": 5}, {"length": 0}, {"band": -1}, {"band": None}, {"low": 1}, {"length": 10**50}):
        fails("state", x, want="state", **(rule | bad))


def test_state_by_percentile() -> None:
    # the last of 5 1 4 2 3 is at least as large as three of five; before: 100, 50, 66.7, 50
    x = days(5, 1, 4, 2, 3)
    for low, high, state, age in ((20, 60, 1, 2), (20, 59, 2, 1), (60, 80, 0, 2)):
        rule = {"rule": "percentile", "low": low, "high": high, "minimum": 1}
        assert run("state", x, want="state", **rule) == state
        assert run("state", x, want="age", **rule) == age
    rule = {"rule": "percentile", "low": 60, "high": 80, "minimum": 5}
    assert run("state", x, want="age", **rule) == 1  # unknown before the fifth row
    bad: dict[str, Any]
    for bad in ({"minimum": 6}, {"minimum": 0}, {"low": 0}, {"high": 100}, {"low": 80}, {"low": "1"}):
        fails("state", x, want="state", **(rule | bad))


@given(st.lists(st.integers(-3, 3).map(float), max_size=30))
def test_counts_so_far(values: list[float]) -> None:
    expected = [sum(y <= x for y in values[: i + 1]) for i, x in enumerate(values)]
    assert counts_so_far(tuple(values)) == expected


def test_state_by_hysteresis() -> None:
    rule = {"rule": "hysteresis", "enter": 5, "leave": 3}  # calm, stressed three times, calm twice
    assert run("state", days(1, 5, 4, 3, 2, 4), want="state", **rule) == 0
    assert run("state", days(1, 5, 4, 3, 2, 4), want="age", **rule) == 2
    assert run("state", days(1, 5, 4, 3), want="state", **rule) == 1
    assert run("state", days(1, 5, 4, 3), want="age", **rule) == 3
    assert "leave" in fails("state", days(1), want="state", rule="hysteresis", enter=3, leave=5)
    fails("state", {}, want="state", **rule)
    fails("state", days(1), want="state", rule=["hysteresis"], enter=5, leave=3)
    fails("state", days(1), want="state", rule="hysteresis", enter=5, leave=math.nan)


def test_regime_rank() -> None:
    # windows of one: 100 50 100 50, with the states 1 1 0 1; the last one's state has 100 50 50
    a, s = days(1, 2, 3, 6, 9), days(0, 1, 1, 0, 1)
    regime = {"rule": "hysteresis", "enter": 1, "leave": 1}
    one = {"grid": "sessions", "length": 1, "regime": regime}
    for want, value in (("rank", 2), ("percentile", 200 / 3), ("count", 3), ("independent", 3)):
        assert run("regime_rank", a, s, want=want, **one) == near(value)
    # windows of two: 200 each, states 1 0 1: the third stands two places after the first
    assert run("regime_rank", a, s, want="independent", **(one | {"length": 2})) == 2
    # against a flat B the values are the same; with one less B the first window is left out
    assert run("regime_rank", a, days(4, 4, 4, 4, 4), s, want="count", **one) == 3
    # the state of a window is the latest known before it: only on day 3 and 4, so 1 (day 3) and 0, 0
    late = {"2026-01-03": 1.0, "2026-01-04": 0.0, "2026-01-05": None}
    assert run("regime_rank", a, late, want="count", **one) == 2
    assert run("regime_rank", a, late, want="rank", **one) == 2
    # windows of two that count: numbers 0 1 2 4 5 of 0..5; taken are 0, 2 and 4. Of three: 0 1 3 4 of 0..4,
    # where 0 and 3 are taken
    long, signal = days(1, 2, 3, 4, 5, 6, 7, 8), days(0, 0, 1, 1, 1, 0, 1, 1)
    assert run("regime_rank", long, signal, want="independent", **(one | {"length": 2})) == 3
    assert run("regime_rank", long, signal, want="independent", **(one | {"length": 3})) == 2
    for bad in (
        {"regime": {"rule": "hysteresis", "enter": 1}},
        {"regime": regime | {"want": "state"}},
        {"regime": "hysteresis"},
        {"regime": None},
        {"regime": {"rule": "direction", "length": 5, "band": 0}},
        {"grid": "rows"},
        {"grid": "months"},
        {"length": 5},
    ):
        fails("regime_rank", a, s, want="rank", **(one | bad))


MODEL: dict[str, Any] = {
    "transition": [[0.9, 0.1], [0.2, 0.8]],
    "means": [0, 2],
    "variances": [1, 1],
    "ar": [],
} | ROWS


def test_switching_by_hand() -> None:
    # the chain keeps (2/3, 1/3). At y = 0 the densities are as 1 to e^-2
    first = 2 / (2 + math.exp(-2))
    assert run("switching", days(0), want="probability", state=0, **MODEL) == near(first)
    assert run("switching", days(0), want="probability", state=1, **MODEL) == near(1 - first)
    density = (2 / 3 + math.exp(-2) / 3) / math.sqrt(2 * math.pi)
    assert run("switching", days(0), want="log_likelihood", **MODEL) == near(math.log(density))
    # then y = 2: before it state 0 has 0.9 first + 0.2 (1 - first), and the densities are as e^-2 to 1
    before = 0.9 * first + 0.2 * (1 - first)
    second = before * math.exp(-2) / (before * math.exp(-2) + 1 - before)
    assert run("switching", days(0, None, 2), want="probability", state=0, **MODEL) == near(second)
    assert run("switching", days(0, None, 2), want="count", **MODEL) == 2
    # 1e6 standard deviations off: each density is taken as 1e-300
    far = run("switching", days(1e6, 1e6), want="log_likelihood", **MODEL)
    assert far == near(2 * math.log(1e-300))


def slow_likelihood(y: list[float], model: dict[str, Any]) -> tuple[list[float], float]:
    """Sum over every path of states."""
    k, p = len(model["means"]), len(model["ar"])
    pi, chances = stationary_chances(model["transition"]), model["transition"]
    ends, total, start = [0.0] * k, 0.0, 0.0
    for path in itertools.product(range(k), repeat=len(y)):
        weight = pi[path[0]] * math.prod(chances[i][j] for i, j in itertools.pairwise(path))
        start += weight
        for t in range(p, len(y)):
            s = path[t]
            mean = model["means"][s] + sum(
                a * (y[t - i] - model["means"][path[t - i]]) for i, a in enumerate(model["ar"], 1)
            )
            v = model["variances"][s]
            weight *= math.exp(-((y[t] - mean) ** 2) / (2 * v)) / math.sqrt(2 * math.pi * v)
        ends[path[-1]] += weight
        total += weight
    assert start == near(1)
    return [x / total for x in ends], math.log(total)


@pytest.mark.parametrize("ar", [[], [0.5], [0.3, -0.2], [0.1, 0.2, -0.3]])
@pytest.mark.parametrize("k", [2, 3])
def test_switching_against_all_paths(k: int, ar: list[float]) -> None:
    model: dict[str, Any] = {
        "transition": [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]] if k == 3 else [[0.6, 0.4], [1, 0]],
        "means": [0.5, -1, 2][:k],
        "variances": [1, 2.5, 0.3][:k],
        "ar": ar,
    }
    y = [0.3, -1.2, 2.2, 0.1, -0.4, 1.9]
    ends, total = slow_likelihood(y, model)
    for state in range(k):
        got = run("switching", days(*y), want="probability", state=state, **model, **ROWS)
        assert got == near(ends[state])
    assert run("switching", days(*y), want="log_likelihood", **model, **ROWS) == near(total)


def test_stationary_chances() -> None:
    # p = p P by hand: 0.1 a = 0.2 b
    assert stationary_chances(((0.9, 0.1), (0.2, 0.8))) == near([2 / 3, 1 / 3])
    # a state that is left for good has no chance; a cycle has equal ones
    assert stationary_chances(((0.5, 0.5), (0.0, 1.0))) == [0, 1]
    assert stationary_chances(((0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0))) == near([1 / 3] * 3)


def test_switching_refuses() -> None:
    good = MODEL | {"want": "log_likelihood"}
    for bad in (
        {"transition": [[1, 0], [0, 1]]},  # two distributions
        {"transition": [[0.9, 0.2], [0.2, 0.8]]},
        {"transition": [[1.5, -0.5], [0.2, 0.8]]},
        {"transition": [[1]], "means": [0], "variances": [1]},
        {"transition": [[0.2] * 5] * 5, "means": [0] * 5, "variances": [1] * 5},
        {"transition": [[0.001] * 1000] * 1000},
        {"transition": [[0.9, 0.1]]},
        {"transition": 1},
        {"means": [0]},
        {"means": [0, None]},
        {"means": [0, 10**400]},
        {"variances": [1, 0]},
        {"ar": [0.1] * 5},
        {"ar": [0.1] * 3},  # no value is left
        {"ar": 0.1},
        {"state": 0},
        {"want": "probability"},
        {"want": "probability", "state": 2},
        {"want": "probability", "state": True},
    ):
        fails("switching", days(0, 1, 2), **(good | bad))


def slow_changes(v: list[float], penalty: float, least: int) -> list[int]:
    """Compare every start of the last segment, as the format tells it."""
    n, mean = len(v), math.fsum(v) / len(v)
    e = [x - mean for x in v]
    s_at = list(itertools.accumulate(e, initial=0.0))
    q_at = list(itertools.accumulate((x * x for x in e), initial=0.0))
    best, back = [-penalty] + [math.inf] * n, [0] * (n + 1)
    for t in range(least, n + 1):
        for s in [0, *range(least, t - least + 1)]:
            gap = s_at[t] - s_at[s]
            cost = max(0.0, q_at[t] - q_at[s] - gap * gap / (t - s))
            if best[s] + cost + penalty < best[t]:
                best[t], back[t] = best[s] + cost + penalty, s
    out, t = [], n
    while t:
        t = back[t]
        out.append(t)
    return sorted(s for s in out if s)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([-2.0, -0.5, 0.0, 0.1, 1.0, 3.0]), min_size=1, max_size=220),
    st.sampled_from([0.0, 0.5, 2.0, 9.0]),
    st.integers(1, 4),
)
def test_changes_skip_nothing(v: list[float], penalty: float, least: int) -> None:
    if len(v) >= least:
        assert find_changes(v, penalty, least) == slow_changes(v, penalty, least)


def test_changepoints_by_hand() -> None:
    # one change saves 6 * 25 = 150
    v = days(0, 0, 0, 10, 10, 10)
    least: dict[str, Any] = {"least": 1} | ROWS
    for want, value in (("count", 1), ("last_change", 20260104), ("last_mean", 10), ("mean_before", 0)):
        assert run("changepoints", v, penalty=149, want=want, **least) == value
    assert run("changepoints", v, penalty=151, want="count", **least) == 0
    assert run("changepoints", v, penalty=151, want="last_mean", **least) == 5
    for want in ("last_change", "mean_before"):
        assert "no change" in fails("changepoints", v, penalty=151, want=want, **least)
    # three changes; the segment before the last is 5 5
    steps = days(0, 0, 9, 9, 5, 5, 1, 1)
    assert run("changepoints", steps, penalty=1, want="count", **least) == 3
    assert run("changepoints", steps, penalty=1, want="mean_before", **least) == 5
    assert run("changepoints", v, penalty=1, want="count", grid="rows", least=4) == 0
    for bad in ({"penalty": -1}, {"least": 7}, {"least": 0}, {"penalty": None}, {"penalty": math.inf}):
        fails("changepoints", v, want="count", **({"penalty": 1} | least | bad))
