"""Rotation rules and their walk, by hand, session by session in plain Python, and without a look ahead."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rotascope.analytics import signals
from rotascope.analytics.bootstrap import stream
from rotascope.analytics.rotation import RotationParameters
from rotascope.model.errors import BadInputError, MissingDataError

STEPS = arrays(np.float64, 30, elements=st.floats(-0.1, 0.1))
WEIGHTS = arrays(np.float64, 30, elements=st.floats(0, 1))


def plain_walk(w: np.ndarray, a: np.ndarray, b: np.ndarray, cost_bp: float) -> list[float]:
    """Keep two holdings in money, trade at each close, pay from the whole."""
    wealth, out = 1.0, []
    held = None
    for t in range(len(w) - 1):
        traded = 1.0 if held is None else 2 * abs(w[t] - held)
        before = wealth
        wealth *= 1 - cost_bp / 10_000 * traded
        one, other = wealth * w[t] * a[t + 1] / a[t], wealth * (1 - w[t]) * b[t + 1] / b[t]
        wealth = one + other
        held = one / wealth
        out.append(wealth / before - 1)
    return out


@given(STEPS, STEPS, WEIGHTS, st.floats(0, 50))
def test_walk_equals_keeping_holdings(
    one: np.ndarray, two: np.ndarray, weights: np.ndarray, cost: float
) -> None:
    a, b = np.exp(np.cumsum(one)), np.exp(np.cumsum(two))
    found = signals.walk(weights, a, b, cost)
    np.testing.assert_allclose(found.net, plain_walk(weights, a, b, cost), atol=1e-12)
    assert found.growth == pytest.approx(np.prod(1 + found.net))


@given(STEPS, STEPS, WEIGHTS)
def test_the_last_weight_and_later_rows_change_no_earlier_return(
    one: np.ndarray, two: np.ndarray, weights: np.ndarray
) -> None:
    a, b = np.exp(np.cumsum(one)), np.exp(np.cumsum(two))
    whole = signals.walk(weights, a, b, 10.0).net
    np.testing.assert_array_equal(whole[:19], signals.walk(weights[:20], a[:20], b[:20], 10.0).net)
    changed = weights.copy()
    changed[-1] = 1.0 - changed[-1]
    np.testing.assert_array_equal(whole, signals.walk(changed, a, b, 10.0).net)


def test_holding_pays_once_and_earns_the_leg() -> None:
    a, b = np.array([100.0, 110.0, 99.0]), np.array([50.0, 50.0, 55.0])
    held = signals.walk(signals.constant_rule(3, 1.0), a, b, 10.0)
    np.testing.assert_allclose(held.net, [1.1 * 0.999 - 1, -0.1])
    assert held.turnover == 1.0
    half = signals.walk(signals.constant_rule(3, 0.5), a, b, 0.0)
    np.testing.assert_allclose(half.net, [0.05, 0.0], atol=1e-12)
    # after the first session 0.55 of 1.05 sits in the first leg
    assert half.turnover == pytest.approx(1.0 + 0.55 / 1.05 - 0.5)


@given(STEPS, STEPS, st.integers(1, 12))
def test_rules_do_not_look_ahead(one: np.ndarray, two: np.ndarray, cut: int) -> None:
    a, b = np.exp(np.cumsum(one)), np.exp(np.cumsum(two))
    share = np.clip(0.5 + 5 * one, 0, 1)
    for rule in (
        lambda n: signals.momentum_rule(a[:n], b[:n], 4),
        lambda n: signals.rotation_rule(a[:n], b[:n], RotationParameters(5, 3)),
        lambda n: signals.thrust_rule(share[:n], 0.4, 0.6, 3),
    ):
        np.testing.assert_array_equal(rule(30)[: 30 - cut], rule(30 - cut))


def test_momentum_rule_by_hand() -> None:
    found = signals.momentum_rule(np.array([1.0, 2.0, 2.0, 1.0]), np.ones(4), 1)
    assert np.isnan(found[0])
    assert found[1:].tolist() == [1.0, 0.0, 0.0]
    assert np.isnan(signals.momentum_rule(np.ones(3), np.ones(3), 5)).all()


def test_thrust_rule_by_hand() -> None:
    share = np.array([0.7, 0.3, 0.5, 0.7, 0.5, np.nan, 0.3, 0.5, 0.5, 0.7])
    found = signals.thrust_rule(share, 0.3, 0.7, within=2)
    # the first 0.7 has no low before it; the last comes three sessions after its low
    assert found.tolist() == [0, 0, 0, 1, 1, 1, 0, 0, 0, 0]


def judged(weights: np.ndarray, a: np.ndarray, b: np.ndarray, shuffles: int = 199) -> signals.Judgement:
    return signals.judge_rule(
        weights, a, b, cost_bp=5.0, trial_variance=0.001, trials=4, shuffles=shuffles, rng=stream(1)
    )


def test_foresight_beats_every_shuffle_and_chance_does_not() -> None:
    rng = np.random.default_rng(0)
    a, b = (np.exp(np.cumsum(rng.normal(0, 0.01, 400))) for _ in range(2))
    ahead = np.append((a[1:] / a[:-1] > b[1:] / b[:-1]).astype(float), 0.0)
    best = judged(ahead, a, b)
    assert best.shuffled_share == pytest.approx(1 / 200)
    assert best.deflated.probability > 0.999
    assert min(best.against_first, best.against_second, best.against_half) > 0
    luck = [judged((rng.random(400) < 0.5).astype(float), a, b, 99).shuffled_share for _ in range(40)]
    assert 0.3 < np.mean(luck) < 0.7


def test_excess_figures_by_hand() -> None:
    rng = np.random.default_rng(1)
    a, b = (np.exp(np.cumsum(rng.normal(0, 0.01, 60))) for _ in range(2))
    weights = np.concatenate([np.full(10, np.nan), (rng.random(50) < 0.5).astype(float)])
    found = judged(weights, a, b, 9)
    mine = signals.walk(weights[10:], a[10:], b[10:], 5.0)
    first = signals.walk(np.ones(50), a[10:], b[10:], 5.0)
    assert found.against_first == pytest.approx(100 * (mine.net.mean() - first.net.mean()))
    assert found.turnover == mine.turnover
    excess = signals.excess_over_half(weights, a, b, 5.0)
    assert found.against_half == pytest.approx(100 * excess.mean())
    assert found.deflated.sharpe == pytest.approx(signals.sharpe(excess))


def test_trial_variance() -> None:
    one, two = np.array([0.0, 0.02]), np.array([-0.01, 0.03])
    ratios = [0.01 / 0.02**1 * 2**0.5, 0.01 / 0.04 * 2**0.5]
    assert signals.trial_variance([one, two]) == pytest.approx(np.var(ratios, ddof=1))
    assert signals.trial_variance([one]) == 0.0
    assert signals.yearly(0.1, 252) == pytest.approx(1.5874507866)


def test_bad_arguments_are_refused() -> None:
    ones = np.ones(5)
    with pytest.raises(BadInputError):
        signals.walk(ones[:4], ones, ones, 1.0)
    with pytest.raises(BadInputError):
        signals.walk(2 * ones, ones, ones, 1.0)
    with pytest.raises(BadInputError):
        signals.walk(ones, ones, ones, -1.0)
    with pytest.raises(MissingDataError):
        signals.walk(np.full(5, np.nan), ones, ones, 1.0)
    with pytest.raises(BadInputError):
        signals.thrust_rule(ones, 0.7, 0.3, 2)
    with pytest.raises(MissingDataError):
        judged(np.full(5, np.nan), ones, ones)
    with pytest.raises(MissingDataError):
        signals.sharpe(ones)
