"""Percentiles by counting; t values and corrections against statsmodels; the paper's own Sharpe example."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from statsmodels.stats.multitest import multipletests

from rotascope.analytics import inference
from rotascope.model.errors import BadInputError, MissingDataError

TIED = arrays(np.float64, st.integers(1, 70), elements=st.integers(-4, 4).map(float))
P_VALUES = arrays(np.float64, st.integers(1, 25), elements=st.floats(0.0, 1.0))


def test_standing_by_hand() -> None:
    windows = np.array([5.0, 1.0, 3.0, 3.0, 2.0])
    found = inference.standing(windows, 3.0, overlap=2)
    assert (found.percentile, found.rank, found.count) == (80.0, 2, 5)
    assert found.independent == 3  # six sessions hold three windows of two


@pytest.mark.parametrize(
    ("sessions", "length"), [(n, k) for n in (3, 10, 11, 12, 63) for k in (1, 2, 5) if n > k]
)
def test_independent_windows_are_those_that_fit(sessions: int, length: int) -> None:
    windows = inference.window_returns(np.arange(1.0, sessions + 2), length)
    assert windows.size == sessions - length + 1
    assert inference.standing(windows, 0.0, length).independent == sessions // length


def test_standing_within_a_regime_by_hand() -> None:
    windows = np.arange(10.0)
    where = np.array([1, 1, 1, 0, 0, 1, 1, 1, 1, 1], dtype=bool)
    found = inference.standing_where(windows, 6.0, where, overlap=2)
    # values 0 1 2 5 6 7 8 9: five of eight are no greater, three are greater; 0, 2, 5, 7, 9 stand two apart
    assert (found.percentile, found.rank, found.count, found.independent) == (62.5, 4, 8, 5)
    with pytest.raises(MissingDataError):
        inference.standing_where(windows, 6.0, np.zeros(10, dtype=bool))


def test_window_returns_by_hand() -> None:
    assert inference.window_returns(np.array([100.0, 110.0, 99.0]), 1) == pytest.approx([10.0, -10.0])
    assert inference.window_returns(np.array([[100.0, 1.0], [110.0, np.nan]]), 1)[0, 0] == pytest.approx(10)
    with pytest.raises(MissingDataError):
        inference.window_returns(np.ones(3), 3)


@given(TIED)
def test_expanding_percentiles_equal_counting(values: np.ndarray) -> None:
    expected = [100.0 * (values[: i + 1] <= values[i]).sum() / (i + 1) for i in range(values.size)]
    np.testing.assert_allclose(inference.expanding_percentiles(values), expected, rtol=1e-14)


@given(TIED)
def test_all_percentiles_against_scipy(values: np.ndarray) -> None:
    expected = [stats.percentileofscore(values, v, kind="weak") for v in values]
    np.testing.assert_allclose(inference.all_percentiles(values), expected, rtol=1e-14)


@given(TIED, st.integers(1, 10))
def test_later_values_do_not_change_expanding_percentiles(values: np.ndarray, cut: int) -> None:
    part = inference.expanding_percentiles(values[:-cut])
    np.testing.assert_array_equal(inference.expanding_percentiles(values)[:-cut], part)


def test_unknown_values_are_left_out_of_both() -> None:
    values = np.array([np.nan, 3.0, np.nan, 1.0, 2.0])
    np.testing.assert_allclose(
        inference.expanding_percentiles(values), [np.nan, 100.0, np.nan, 50.0, 100 * 2 / 3]
    )
    np.testing.assert_allclose(
        inference.expanding_percentiles(values, minimum=3), [np.nan] * 4 + [100 * 2 / 3]
    )
    np.testing.assert_allclose(inference.all_percentiles(values), [np.nan, 100.0, np.nan, 100 / 3, 200 / 3])
    table = np.column_stack([values, values[::-1]])
    np.testing.assert_array_equal(
        inference.expanding_percentiles(table)[:, 0], inference.expanding_percentiles(values)
    )
    assert np.isnan(inference.all_percentiles(np.full(3, np.nan))).all()


@pytest.mark.parametrize("lags", [None, 0, 1, 4, 20])
@pytest.mark.parametrize("n", [30, 257, 1000])
def test_newey_west_against_statsmodels(n: int, lags: int | None) -> None:
    rng = np.random.default_rng(n)
    values = np.convolve(rng.standard_normal(n + 4), np.ones(5) / 5, "valid") + 0.05
    reach = int(np.floor(4 * (n / 100) ** (2 / 9))) if lags is None else lags
    theirs = sm.OLS(values, np.ones(n)).fit(cov_type="HAC", cov_kwds={"maxlags": reach})
    mine = inference.newey_west(values, lags)
    assert mine.lags == reach
    assert mine.t == pytest.approx(float(theirs.tvalues[0]), rel=1e-10)
    assert mine.standard_error == pytest.approx(float(theirs.bse[0]), rel=1e-10)


def test_newey_west_refuses_what_has_no_answer() -> None:
    with pytest.raises(MissingDataError, match="do not fit"):
        inference.newey_west(np.ones(3), 3)
    with pytest.raises(MissingDataError, match="do not vary"):
        inference.newey_west(np.ones(30), 2)
    with pytest.raises(MissingDataError, match="unknown"):
        inference.newey_west(np.array([1.0, np.nan, 2.0]))


@given(st.floats(-6, 6))
def test_p_value_against_scipy(t: float) -> None:
    assert inference.two_sided_p(t) == pytest.approx(2 * stats.norm.sf(abs(t)), rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(P_VALUES)
def test_corrections_against_statsmodels(p: np.ndarray) -> None:
    np.testing.assert_allclose(inference.holm(p), multipletests(p, method="holm")[1], rtol=1e-12)
    np.testing.assert_allclose(
        inference.benjamini_hochberg(p), multipletests(p, method="fdr_bh")[1], rtol=1e-12
    )


def test_p_values_out_of_range_are_refused() -> None:
    for bad in ([1.1], [-0.1]):
        with pytest.raises(BadInputError):
            inference.holm(np.array(bad))
    with pytest.raises(MissingDataError):
        inference.benjamini_hochberg(np.array([0.1, np.nan]))


def test_deflated_sharpe_of_the_paper() -> None:
    # Bailey and Lopez de Prado (2014): hurdle 0.1132 a day, deflated 0.9004; with 46 trials and normal
    # returns 0.9505, and with all 88 trials counted under the assumption of normal returns 0.9385 or so
    found = inference.deflated_sharpe_of(2.5 / 250**0.5, 1250, -3.0, 10.0, 0.5 / 250, 100)
    assert found.hurdle == pytest.approx(0.1132, abs=5e-5)
    assert found.probability == pytest.approx(0.9004, abs=5e-5)
    fewer = inference.deflated_sharpe_of(2.5 / 250**0.5, 1250, -3.0, 10.0, 0.5 / 250, 46)
    assert fewer.probability == pytest.approx(0.9505, abs=5e-5)


def test_deflated_sharpe_from_returns_uses_population_moments() -> None:
    r = np.random.default_rng(0).standard_t(4, 500) * 0.01 + 0.0008
    sharpe = r.mean() / r.std(ddof=1)
    direct = inference.deflated_sharpe(r, 0.001, 12)
    moments = inference.deflated_sharpe_of(
        sharpe, 500, float(stats.skew(r)), float(stats.kurtosis(r, fisher=False)), 0.001, 12
    )
    assert direct.probability == pytest.approx(moments.probability, rel=1e-9)
    assert direct.sharpe == pytest.approx(sharpe)


def test_one_trial_has_no_hurdle_and_more_trials_raise_it() -> None:
    r = np.random.default_rng(1).normal(0.001, 0.01, 400)
    found = [inference.deflated_sharpe(r, 0.002, n) for n in (1, 2, 10, 1000)]
    assert found[0].hurdle == 0.0
    assert [f.hurdle for f in found] == sorted(f.hurdle for f in found)
    assert found[0].probability > found[-1].probability


def test_expected_best_against_simulation() -> None:
    draws = np.random.default_rng(2).standard_normal((20_000, 50)).max(axis=1)
    assert inference.expected_best(50) == pytest.approx(draws.mean(), abs=0.03)


def test_deflated_sharpe_refuses_what_has_no_answer() -> None:
    with pytest.raises(MissingDataError):
        inference.deflated_sharpe(np.ones(30), 0.1, 3)
    with pytest.raises(MissingDataError):
        inference.deflated_sharpe(np.array([0.1, 0.2]), 0.1, 3)
    with pytest.raises(BadInputError):
        inference.deflated_sharpe_of(0.1, 100, 0.0, 3.0, 0.1, 0)
    with pytest.raises(BadInputError):
        inference.deflated_sharpe_of(1.0, 100, 5.0, 3.0, 0.1, 2)
