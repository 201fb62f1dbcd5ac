"""Betas, correlations and verdicts, against pandas and scipy and by rule."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from rotascope.analytics.drivers import Verdict, judge, rolling_relation, t_of_correlation
from rotascope.model.errors import BadInputError, MissingDataError


def pair(seed: int, n: int, beta: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 0.05, n)
    return beta * x + rng.normal(0, 0.1, n), x


@pytest.mark.parametrize("length", [3, 20, 90])
def test_rolling_relation_against_pandas(length: int) -> None:
    y, x = pair(1, 90, 2.0)
    beta, correlation = rolling_relation(y, x, length)
    frame = pd.DataFrame({"y": y, "x": x})
    expected = frame["y"].rolling(length).cov(frame["x"]) / frame["x"].rolling(length).var()
    np.testing.assert_allclose(beta, expected, rtol=1e-8)
    np.testing.assert_allclose(correlation, frame["y"].rolling(length).corr(frame["x"]), rtol=1e-8)


def test_gaps_and_flat_stretches_are_unknown() -> None:
    y, x = pair(2, 40, 1.0)
    y[10] = np.nan
    x[20:35] = 0.1
    beta, correlation = rolling_relation(y, x, 5)
    assert np.isnan(beta[10:15]).all() and not np.isnan(beta[15])
    assert np.isnan(beta[24:35]).all() and np.isnan(correlation[24:35]).all()
    assert np.isnan(rolling_relation(y[:3], x[:3], 5)[0]).all()


@given(st.floats(-0.99, 0.99), st.integers(3, 500))
def test_t_of_a_correlation_gives_the_p_value_of_scipy(r: float, n: int) -> None:
    t = t_of_correlation(r, n)
    expected = stats.beta(n / 2 - 1, n / 2 - 1, loc=-1, scale=2).sf(abs(r)) * 2
    assert 2 * stats.t(n - 2).sf(abs(t)) == pytest.approx(expected, rel=1e-6, abs=1e-12)


def test_t_of_a_perfect_correlation() -> None:
    assert t_of_correlation(1.0, 10) == math.inf
    assert t_of_correlation(-1.0, 10) == -math.inf
    with pytest.raises(MissingDataError):
        t_of_correlation(0.5, 2)


def test_verdicts() -> None:
    y, x = pair(3, 300, 3.0)
    x[-20:], y[-20:] = 0.02, 0.3
    good = judge(y, x, 20)
    assert good.verdict is Verdict.CONSISTENT
    assert good.change == pytest.approx(0.4)
    assert good.actual == pytest.approx(6.0)
    fit = stats.linregress(x[28:280], y[28:280])
    assert good.pairs == 252
    assert good.beta == pytest.approx(fit.slope)
    assert good.correlation == pytest.approx(fit.rvalue)
    assert good.t == pytest.approx(fit.slope / fit.stderr)
    assert good.implied == pytest.approx(fit.slope * 0.4)
    assert judge(np.where(np.arange(300) < 280, y, -0.3), x, 20).verdict is Verdict.INCONSISTENT
    none = judge(np.random.default_rng(9).normal(0, 1, 300), x, 20)
    assert abs(none.t) < 2
    assert none.verdict is Verdict.INCONSISTENT


def test_too_little_data() -> None:
    y, x = pair(4, 79, 3.0)
    few = judge(y, x, 20)
    assert (few.verdict, few.pairs) == (Verdict.TOO_LITTLE, 59)
    assert math.isnan(few.beta)
    y, x = pair(5, 200, 3.0)
    hole = x.copy()
    hole[-3] = np.nan
    assert judge(y, hole, 20).verdict is Verdict.TOO_LITTLE
    assert judge(hole, x, 20).verdict is Verdict.TOO_LITTLE
    assert judge(y, np.where(np.arange(200) < 180, 0.0, x), 20).verdict is Verdict.TOO_LITTLE


def test_the_move_itself_does_not_make_its_explanation() -> None:
    y, x = pair(6, 300, 1.0)
    moved_y, moved_x = y.copy(), x.copy()
    moved_y[-20:] += 5.0
    moved_x[-20:] += 9.0
    before, after = judge(y, x, 20), judge(moved_y, moved_x, 20)
    assert (before.beta, before.t, before.pairs) == (after.beta, after.t, after.pairs)


def test_percentile_of_the_change() -> None:
    y, x = pair(7, 100, 1.0)
    x[-10:] = 1.0
    assert judge(y, x, 10).percentile == 100.0
    x[-10:] = -1.0
    # 91 windows of ten, of which the last is the lowest
    assert judge(y, x, 10).percentile == pytest.approx(100 / 91)


def test_bad_arguments_are_refused() -> None:
    y, x = pair(8, 30, 1.0)
    with pytest.raises(BadInputError):
        judge(y, x[:-1], 5)
    with pytest.raises(BadInputError):
        judge(y, x, 30)
    with pytest.raises(BadInputError):
        rolling_relation(y, x, 2)


def test_a_candidate_that_ends_where_it_began_is_not_consistent() -> None:
    """0.1 + 0.2 - 0.3 is not nothing to a computer; its sign must decide nothing."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=300)
    spread = 2.0 * x + rng.normal(scale=0.1, size=300)
    x[-3:] = (0.1, 0.2, -0.30000000000000004)
    for rounding in (0.0, 1e-15, -1e-15):
        x[-1] = -0.3 + rounding
        found = judge(spread, x, 3)
        assert abs(found.implied) < 1e-9
        assert found.verdict is Verdict.INCONSISTENT
