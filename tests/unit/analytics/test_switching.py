"""The Hamilton filter and its fit, against Hamilton (1989), statsmodels and a sum over all paths."""

from __future__ import annotations

import ast
import importlib.util
import itertools
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from rotascope.analytics import hamilton, switching
from rotascope.model.errors import BadInputError, MissingDataError

MODEL = switching.SwitchingModel(
    transition=np.array([[0.9, 0.1], [0.25, 0.75]]),
    means=np.array([-0.5, 1.0]),
    variances=np.array([0.5, 1.5]),
    ar=np.array([0.3, -0.1]),
)


def simulate(seed: int, n: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    states = [0]
    for _ in range(n - 1):
        states.append(int(rng.random() < (0.95 if states[-1] else 0.05)))
    return np.where(np.array(states) == 1, 1.5, -0.5) + rng.normal(0, 0.6, n)


@pytest.fixture(scope="module")
def gnp() -> np.ndarray:
    """Growth of real US GNP as in Hamilton (1989): a literal in the tests that statsmodels ships."""
    found = importlib.util.find_spec("statsmodels.tsa.regime_switching.tests.test_markov_autoregression")
    if found is None or found.origin is None:
        pytest.skip("this statsmodels comes without its tests, which hold the series")
    for node in ast.parse(Path(found.origin).read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "rgnp":
            return np.array(ast.literal_eval(node.value), dtype=np.float64)
    pytest.skip("the tests of this statsmodels no longer hold the series")


def test_hamilton_1989(gnp: np.ndarray) -> None:
    found = switching.fit_switching(gnp, order=4)
    assert found.converged
    assert found.log_likelihood == pytest.approx(-181.26339, abs=5e-6)
    # the estimates of EViews that statsmodels tests against
    np.testing.assert_allclose(found.model.means, [-0.358811, 1.163516], atol=2e-5)
    np.testing.assert_allclose(found.model.transition[:, 0], [0.754673, 0.095915], atol=2e-5)
    np.testing.assert_allclose(found.model.ar, [0.013486, -0.057521, -0.246983, -0.212923], atol=2e-5)
    np.testing.assert_allclose(found.model.variances, np.exp(-0.262658) ** 2, atol=2e-5)
    assert switching.log_likelihood(gnp, found.model) == pytest.approx(found.log_likelihood, abs=1e-9)


def test_filtered_probabilities_against_statsmodels(gnp: np.ndarray) -> None:
    from statsmodels.tsa.regime_switching.markov_autoregression import MarkovAutoregression

    fit = switching.fit_switching(gnp, order=4).model
    theirs = MarkovAutoregression(gnp, k_regimes=2, order=4, switching_ar=False)
    params = np.r_[fit.transition[:, 0], fit.means, fit.variances[0], fit.ar]
    smooth = theirs.filter(params)
    mine = switching.filtered_probabilities(gnp, fit)
    assert np.isnan(mine[:4]).all()
    np.testing.assert_allclose(mine[4:], smooth.filtered_marginal_probabilities, atol=1e-8)
    assert switching.log_likelihood(gnp, fit) == pytest.approx(smooth.llf, abs=1e-8)


def test_likelihood_equals_the_sum_over_all_paths() -> None:
    y = np.random.default_rng(0).normal(0.3, 1.0, 8)
    order, p = 2, MODEL.transition
    long_run = np.array([p[1, 0], p[0, 1]]) / (p[1, 0] + p[0, 1])
    total, last = 0.0, np.zeros(2)
    for path in itertools.product((0, 1), repeat=y.size):
        chance = long_run[path[0]] * np.prod([p[a, b] for a, b in itertools.pairwise(path)])
        for t in range(order, y.size):
            lags = sum(MODEL.ar[i] * (y[t - 1 - i] - MODEL.means[path[t - 1 - i]]) for i in range(order))
            mean = MODEL.means[path[t]] + lags
            chance *= stats.norm.pdf(y[t], mean, MODEL.variances[path[t]] ** 0.5)
        total += chance
        last[path[-1]] += chance
    assert switching.log_likelihood(y, MODEL) == pytest.approx(np.log(total), rel=1e-12)
    found = switching.filtered_probabilities(y, MODEL)
    np.testing.assert_allclose(found[-1], last / total, rtol=1e-10)
    np.testing.assert_allclose(found[order:].sum(axis=1), 1.0)


def test_three_regimes_without_lags_sum_over_all_paths() -> None:
    model = switching.SwitchingModel(
        np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.1, 0.3, 0.6]]),
        np.array([-1.0, 0.0, 2.0]),
        np.array([1.0, 0.3, 2.0]),
        np.zeros(0),
    )
    y = np.random.default_rng(1).normal(0, 1, 6)
    values, vectors = np.linalg.eig(model.transition.T)
    long_run = np.real(vectors[:, np.argmax(np.real(values))])
    long_run /= long_run.sum()
    total = sum(
        long_run[path[0]]
        * np.prod([model.transition[a, b] for a, b in itertools.pairwise(path)])
        * np.prod(stats.norm.pdf(y, model.means[list(path)], model.variances[list(path)] ** 0.5))
        for path in itertools.product(range(3), repeat=y.size)
    )
    assert switching.log_likelihood(y, model) == pytest.approx(np.log(total), rel=1e-12)


@pytest.mark.parametrize("switching_variance", [False, True])
def test_fit_against_statsmodels(switching_variance: bool) -> None:
    from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

    y = simulate(3, 400)
    theirs = MarkovRegression(y, k_regimes=2, switching_variance=switching_variance)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        best = theirs.fit(search_reps=5, disp=False)
    mine = switching.fit_switching(y, switching_variance=switching_variance)
    assert mine.converged
    assert mine.log_likelihood >= best.llf - 1e-5
    assert mine.log_likelihood == pytest.approx(best.llf, abs=1e-3)
    assert (np.diff(mine.model.means) > 0).all()


def test_units_do_not_matter() -> None:
    y = simulate(4, 200)
    one, other = switching.fit_switching(y), switching.fit_switching(1000.0 * y - 7.0)
    np.testing.assert_allclose(other.model.means, 1000.0 * one.model.means - 7.0, rtol=1e-4)
    np.testing.assert_allclose(other.model.transition, one.model.transition, atol=1e-5)
    assert other.log_likelihood == pytest.approx(one.log_likelihood - 200 * np.log(1000.0), abs=1e-4)


def test_filtered_probabilities_do_not_look_ahead() -> None:
    y = simulate(5, 120)
    whole = switching.filtered_probabilities(y, MODEL)
    for cut in (1, 30, 100):
        np.testing.assert_array_equal(whole[:-cut], switching.filtered_probabilities(y[:-cut], MODEL))


def test_walk_forward_does_not_look_ahead() -> None:
    y = simulate(6, 200)
    whole = switching.walk_forward(y, minimum=100, every=25)
    assert np.isnan(whole[:100]).all()
    changed = y.copy()
    changed[160:] += 50.0
    for other in (
        switching.walk_forward(y[:160], minimum=100, every=25),
        switching.walk_forward(changed, minimum=100, every=25)[:160],
    ):
        np.testing.assert_array_equal(whole[:160], other)
    known = whole[~np.isnan(whole)]
    assert known.size > 50
    assert ((known >= 0) & (known <= 1)).all()


def test_a_state_that_shrinks_to_a_point_is_not_a_result() -> None:
    y = np.random.default_rng(7).normal(0, 1, 60)
    y[:6] = 5.0
    found = switching.fit_switching(y, switching_variance=True)
    if found.model.variances.min() < 1e-3 * y.var():
        assert not found.converged
        assert "shrank" in found.reason


def test_what_cannot_be_fitted_is_refused() -> None:
    with pytest.raises(MissingDataError, match="too few"):
        switching.fit_switching(np.arange(10.0))
    with pytest.raises(MissingDataError, match="do not vary"):
        switching.fit_switching(np.full(100, 0.3))
    with pytest.raises(MissingDataError, match="unknown"):
        switching.fit_switching(np.full(100, np.nan))
    for kwargs in ({"regimes": 1}, {"order": -1}, {"starts": 0}):
        with pytest.raises(BadInputError):
            switching.fit_switching(np.arange(100.0), **kwargs)
    with pytest.raises(BadInputError):
        switching.walk_forward(np.arange(100.0), minimum=0, every=1)


def test_a_state_left_for_good_has_no_share_at_all() -> None:
    """By hand: the second state is left with 2/9 and never entered, so the first holds everything."""
    chain = np.array([[[1.0, 0.0], [2 / 9, 7 / 9]]])
    assert switching.long_run_shares(chain).tolist() == [[1.0, 0.0]]
    three = np.array([[[0.5, 0.5, 0.0], [0.25, 0.75, 0.0], [0.1, 0.2, 0.7]]])
    assert switching.long_run_shares(three)[0, 2] == 0.0
    np.testing.assert_allclose(switching.long_run_shares(three)[0, :2], [1 / 3, 2 / 3], rtol=1e-15)


@pytest.mark.parametrize(
    "chain",
    [
        [[1.0, 0.0], [0.0, 1.0]],
        [[1.0, 0.0, 0.0], [0.5, 0.0, 0.5], [0.0, 0.0, 1.0]],
        [[0.5, 0.5, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.1, 0.9], [0.0, 0.0, 0.9, 0.1]],
    ],
)
def test_a_chain_that_does_not_say_how_it_starts_is_refused(chain: list[list[float]]) -> None:
    model = switching.SwitchingModel(np.array(chain), np.zeros(len(chain)), np.ones(len(chain)), np.zeros(0))
    for ask in (switching.log_likelihood, switching.filtered_probabilities):
        with pytest.raises(BadInputError, match="never left"):
            ask(np.array([0.1, 0.2]), model)


@pytest.mark.parametrize("states", [2, 3, 4])
def test_long_run_shares_against_powers_of_the_chain(states: int) -> None:
    """A walk of a million steps forgets where it began. Chances span four orders of magnitude."""
    rng = np.random.default_rng(states)
    chains = 10.0 ** rng.uniform(-4, 0, (200, states, states))
    chains /= chains.sum(axis=2, keepdims=True)
    far = np.linalg.matrix_power(chains, 2**20)
    found = switching.long_run_shares(chains)
    np.testing.assert_allclose(found, far[:, 0] / far[:, 0].sum(axis=1, keepdims=True), rtol=1e-6)
    np.testing.assert_allclose((found[:, None] @ chains)[:, 0], found, rtol=1e-13)


def test_a_search_may_wander_to_the_edge() -> None:
    """Chances of a fit never underflow to zero: the search is not stopped by a chain without a start."""
    shape = switching._Shape(2, 0, False)
    far = shape.unpack(np.array([[2000.0, -2000.0, 0.0, 1.0, 0.0]]))
    assert (far.transition > 0).all()
    assert np.isfinite(switching.long_run_shares(far.transition)).all()


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 4),
    st.integers(1, 400),
    st.integers(0, 2**32 - 1),
    st.sampled_from([1.0, 30.0, 3000.0]),
    st.sampled_from([1.0, 5.0, 40.0]),
)
def test_products_in_any_grouping_equal_the_filter(
    states: int, rows: int, seed: int, tail: float, reluctance: float
) -> None:
    """The fast likelihood against sums of logs, row by row; with outliers, and states that hardly change."""
    rng = np.random.default_rng(seed)
    shape = switching._Shape(states, 0, True)
    size = states * (states - 1) + 2 * states
    chains = shape.unpack(
        rng.normal(0, reluctance, (3, size))
        * np.r_[np.ones(size - 2 * states), np.ones(2 * states) / reluctance]
    )
    values = rng.normal(0, 1, rows)
    values[rng.random(rows) < 0.02] *= tail
    expected = [reference(values, chains, b) for b in range(3)]
    np.testing.assert_allclose(hamilton.log_likelihoods(values, chains), expected, rtol=1e-11, atol=1e-9)


def reference(values: np.ndarray, chains: hamilton.Chains, at: int) -> float:
    """Return a log likelihood from sums of logs, one row after the other; nothing underflows."""
    with np.errstate(divide="ignore"):
        step = np.log(chains.transition[at])
        state = np.log(hamilton.long_run_shares(chains.transition)[at])
    deviation = chains.variances[at] ** 0.5
    for t, value in enumerate(values):
        if t:
            state = special.logsumexp(state[:, None] + step, axis=0)
        state = state + stats.norm.logpdf(value, chains.means[at], deviation)
    return float(special.logsumexp(state))


def test_what_no_path_explains_is_minus_infinity_and_no_warning() -> None:
    chains = hamilton.Chains(
        np.array([[[1e-200, 1.0 - 1e-200], [1e-200, 1.0 - 1e-200]]]),
        np.array([[-1e3, 1e3]]),
        np.array([[1e-2, 1e-2]]),
        np.zeros((1, 0)),
    )
    found = hamilton.log_likelihoods(np.full(64, -1e3), chains)
    assert found[0] == -np.inf or found[0] == pytest.approx(
        64 * (np.log(1e-200) + 0.5 * np.log(100 / (2 * np.pi)))
    )
