"""The stationary bootstrap and its block length, against arch."""

from __future__ import annotations

import random

import numpy as np
import pytest
from arch.bootstrap import StationaryBootstrap
from arch.bootstrap import optimal_block_length as arch_block_length

from rotascope.analytics import bootstrap
from rotascope.model.errors import BadInputError, MissingDataError


def ar1(rng: np.random.Generator, n: int, phi: float) -> np.ndarray:
    x = rng.standard_normal(n)
    for i in range(1, n):
        x[i] += phi * x[i - 1]
    return x


def test_block_length_of_the_published_series() -> None:
    # published with arch for a first-order autoregression of 0.3: 13.635665 and 15.60894
    draws = np.random.RandomState(0).standard_normal(10_100)
    for i in range(1, draws.size):
        draws[i] += 0.3 * draws[i - 1]
    found = bootstrap.optimal_block_length(draws[100:])
    assert found.stationary == pytest.approx(13.635665, abs=5e-7)
    assert found.circular == pytest.approx(15.60894, abs=5e-6)


@pytest.mark.parametrize("n", [12, 20, 50, 300, 4000])
@pytest.mark.parametrize("phi", [0.0, 0.5, 0.95, -0.6])
def test_block_length_against_arch(n: int, phi: float) -> None:
    x = ar1(np.random.default_rng(n), n, phi)
    expected = arch_block_length(x).to_numpy()[0]
    found = bootstrap.optimal_block_length(x)
    assert found.stationary == pytest.approx(max(expected[0], 1.0), rel=1e-9)
    assert found.circular == pytest.approx(max(expected[1], 1.0), rel=1e-9)


def test_a_constant_series_needs_no_blocks() -> None:
    assert bootstrap.optimal_block_length(np.full(100, 0.1)).stationary == 1.0
    with pytest.raises(MissingDataError, match="10 or more"):
        bootstrap.optimal_block_length(np.arange(9.0))


def test_stream_gives_the_numbers_of_the_standard_library() -> None:
    plain = random.Random(20260130)
    assert bootstrap.stream(20260130).random(1000).tolist() == [plain.random() for _ in range(1000)]


def test_the_same_seed_gives_the_same_interval() -> None:
    x = ar1(np.random.default_rng(1), 300, 0.3)
    one, two, other = (
        bootstrap.percentile_interval(x, 0.5, 500, bootstrap.stream(seed)) for seed in (1, 1, 2)
    )
    assert one == two
    assert one != other


@pytest.mark.parametrize("length", [1.0, 4.0, 25.0])
def test_distribution_of_the_mean_against_arch(length: float) -> None:
    x = ar1(np.random.default_rng(2), 400, 0.6)
    mine = bootstrap.bootstrap_means(x, length, 6000, bootstrap.stream(3))
    theirs = StationaryBootstrap(length, x, seed=np.random.default_rng(4)).apply(lambda z: z.mean(), 6000)
    spread = theirs.std()
    assert mine.mean() == pytest.approx(x.mean(), abs=5 * spread / 6000**0.5)
    assert mine.std() == pytest.approx(spread, rel=0.05)
    np.testing.assert_allclose(
        np.quantile(mine, [0.05, 0.95]), np.quantile(theirs, [0.05, 0.95]), atol=0.1 * spread
    )


def test_variance_of_the_mean_against_the_formula() -> None:
    # Politis and Romano (1994), lemma 1, with p = 1 / block length and circular autocovariances c(k):
    # n * variance of the mean = c(0) + 2 * sum of (1 - k / n) * (1 - p) ** k * c(k)
    x, length = ar1(np.random.default_rng(5), 60, 0.5), 7.0
    n, z = x.size, x - x.mean()
    circular = [float(z @ np.roll(z, -k)) / n for k in range(n)]
    tail = sum((1 - k / n) * (1 - 1 / length) ** k * circular[k] for k in range(1, n))
    found = bootstrap.bootstrap_means(x, length, 40_000, bootstrap.stream(6)).var()
    assert found == pytest.approx((circular[0] + 2 * tail) / n, rel=0.04)


def test_interval_by_hand() -> None:
    replicated = np.arange(101.0)
    found = bootstrap.interval(40.0, replicated, 5.0, level=0.9)
    assert (found.estimate, found.low, found.high) == (40.0, pytest.approx(5.0), pytest.approx(95.0))
    assert found.standard_error == pytest.approx(replicated.std(ddof=1))
    assert found.replications == 101
    for level in (0.0, 1.0, 1.5):
        with pytest.raises(BadInputError):
            bootstrap.interval(0.0, replicated, 1.0, level)


def test_percentile_interval_of_extremes_is_a_point() -> None:
    x = ar1(np.random.default_rng(7), 200, 0.0)
    top = bootstrap.percentile_interval(x, 99.0, 100, bootstrap.stream(1))
    assert (top.estimate, top.low, top.high) == (100.0, 100.0, 100.0)


def test_mean_interval_covers_the_mean_about_as_often_as_it_says() -> None:
    rng, hits = np.random.default_rng(8), 0
    for i in range(200):
        x = ar1(rng, 300, 0.3)
        found = bootstrap.mean_interval(x, 300, bootstrap.stream(i))
        hits += found.low <= 0.0 <= found.high
    assert 160 <= hits <= 192  # 90 percent of 200 are 180; its own standard deviation is 4.2


def test_bad_arguments_are_refused() -> None:
    rng = bootstrap.stream(0)
    with pytest.raises(BadInputError):
        bootstrap.bootstrap_means(np.ones(5), 0.5, 10, rng)
    with pytest.raises(BadInputError):
        bootstrap.bootstrap_means(np.ones(5), float("nan"), 10, rng)
    with pytest.raises(BadInputError):
        bootstrap.bootstrap_means(np.ones(5), 2.0, 0, rng)
    with pytest.raises(MissingDataError):
        bootstrap.bootstrap_means(np.array([1.0, np.nan]), 2.0, 10, rng)
    with pytest.raises(MissingDataError):
        bootstrap.bootstrap_counts(np.zeros(0, dtype=bool), 2.0, 10, rng)
