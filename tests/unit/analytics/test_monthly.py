"""Rules by month: no hindsight, costs, and what turning their months does."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotascope.analytics import monthly
from rotascope.model.errors import BadInputError, MissingDataError


def sessions(count: int) -> np.ndarray:
    """Return weekdays from the start of 2020."""
    days = np.arange(np.datetime64("2020-01-01"), np.datetime64("2020-01-01") + 2 * count)
    return days[np.is_busday(days)][:count]


def line(seed: int, count: int) -> np.ndarray:
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).standard_normal(count) * 0.01))


def states_of(rule: str, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    if rule == "momentum":
        return monthly.momentum_states(a, b, 15, 3)
    if rule == "crossing":
        return monthly.crossing_states(a, b, 10, 5)
    return monthly.thrust_states([a, b], 5, 0.0, 1.0, 10)


@pytest.mark.parametrize("rule", ["momentum", "crossing", "thrust"])
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), cut=st.integers(120, 299), shock=st.floats(0.01, 100))
def test_what_comes_later_never_changes_a_position(rule: str, seed: int, cut: int, shock: float) -> None:
    """Whatever is put in place of the last sessions, months that ended before hold what they held."""
    days, a, b = sessions(300), line(seed, 300), line(seed + 1, 300)
    other = a.copy()
    other[cut:] *= shock
    before = monthly.by_month(days, states_of(rule, a, b), a, b)
    after = monthly.by_month(days, states_of(rule, other, b), other, b)
    ended = before.ends < days[cut]
    np.testing.assert_array_equal(before.weights[ended], after.weights[ended])
    short = monthly.by_month(days[:cut], states_of(rule, a[:cut], b[:cut]), a[:cut], b[:cut])
    whole = int(ended.sum())
    np.testing.assert_array_equal(short.weights[:whole], before.weights[:whole])


@settings(max_examples=40, deadline=None)
@given(
    weights=st.lists(st.sampled_from([0.0, 1.0]), min_size=4, max_size=30),
    seed=st.integers(0, 10_000),
    cost=st.sampled_from([0.0, 25.0, 300.0]),
)
def test_walking_agrees_with_a_ledger(weights: list[float], seed: int, cost: float) -> None:
    """Money in two accounts, moved at each month's end: the slow way round."""
    n = len(weights)
    a, b = line(seed, n), line(seed + 7, n)
    days = np.array([date(2000 + i // 12, i % 12 + 1, 28) for i in range(n)], dtype="datetime64[D]")
    held = monthly.Held(days, np.array(weights), a, b)
    fee, wealth = cost / 10_000, 1.0
    grown = []
    one = two = 0.0
    for i in range(n - 1):
        start = wealth
        # in shares of wealth, as the rule states costs: set up once, then both sides of each move
        moved = abs(weights[i] - (one / wealth if i else 0.0))
        wealth *= 1 - (fee if i == 0 else 2 * fee * moved)
        one, two = wealth * weights[i], wealth * (1 - weights[i])
        one, two = one * a[i + 1] / a[i], two * b[i + 1] / b[i]
        wealth = one + two
        grown.append(wealth / start - 1)
    np.testing.assert_allclose(held.net(held.weights, cost), grown, rtol=0, atol=1e-12)


@settings(max_examples=30, deadline=None)
@given(
    weights=st.lists(st.sampled_from([0.0, 1.0]), min_size=5, max_size=20),
    seed=st.integers(0, 10_000),
)
def test_turning_by_brute_force(weights: list[float], seed: int) -> None:
    """Without costs the mean is that of the leg held in each month, so each turn can be added up."""
    n = len(weights)
    a, b = line(seed, n), line(seed + 3, n)
    days = np.array([date(2000 + i // 12, i % 12 + 1, 28) for i in range(n)], dtype="datetime64[D]")
    held = monthly.Held(days, np.array(weights), a, b)
    up_a, up_b = np.diff(a) / a[:-1], np.diff(b) / b[:-1]
    w = weights[:-1]
    means = [
        sum((up_a if w[(i - s) % len(w)] else up_b)[i] for i in range(len(w))) / len(w) for s in range(len(w))
    ]
    worse = sum(m < means[0] - 1e-12 for m in means[1:]) / (len(w) - 1)
    assert held.beaten(0.0) == pytest.approx(worse)


def test_a_perfect_rule_beats_every_turn_and_a_steady_one_none() -> None:
    days = np.array([date(2000 + i // 12, i % 12 + 1, 28) for i in range(25)], dtype="datetime64[D]")
    a = line(5, 25)
    rises = np.append(np.diff(a) > 0, False).astype(float)
    flat = np.ones(25)
    assert monthly.Held(days, rises, a, flat).beaten(0.0) == 1.0
    assert monthly.Held(days, rises, a, flat).hit_rate() == 1.0
    assert monthly.Held(days, np.ones(25), a, flat).beaten(0.0) == 0.0


def test_what_is_refused() -> None:
    days, a, b = sessions(300), line(1, 300), line(2, 300)
    with pytest.raises(BadInputError):
        monthly.momentum_states(a, b, 5, 5)
    with pytest.raises(BadInputError):
        monthly.thrust_states([], 5, 0.2, 0.8, 10)
    with pytest.raises(BadInputError):
        monthly.thrust_states([a], 5, 0.8, 0.2, 10)
    with pytest.raises(MissingDataError, match="three are needed"):
        monthly.by_month(days[:70], monthly.momentum_states(a, b, 40, 0)[:70], a[:70], b[:70])
    gap = (days < np.datetime64("2020-05-01")) | (days >= np.datetime64("2020-06-01"))
    with pytest.raises(MissingDataError, match="calendar month"):
        monthly.by_month(days[gap], monthly.momentum_states(a, b, 5, 0)[gap], a[gap], b[gap])
    with pytest.raises(MissingDataError, match="vary"):
        monthly.moments(np.zeros(5))
    long = np.arange("1800-01", "2000-01", dtype="datetime64[M]").astype("datetime64[D]")
    many = monthly.Held(long, np.ones(long.size), np.ones(long.size), np.ones(long.size))
    with pytest.raises(BadInputError, match="too many"):
        many.beaten(0.0)
