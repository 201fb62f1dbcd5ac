"""Correlations with their interval and their shift, by hand and against scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from rotascope.analytics.comovement import CoMovement, correlation
from rotascope.model.errors import BadInputError, MissingDataError


def drawn(seed: int, n: int, link: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(n)
    return x, link * x + rng.standard_normal(n)


def test_by_hand() -> None:
    # deviations -1.5 -0.5 0.5 1.5 and -0.5 -1.5 1.5 0.5: products four times 0.75; squares sum to 5 and 5
    assert correlation(np.array([1.0, 2, 3, 4]), np.array([2.0, 1, 4, 3])) == pytest.approx(0.6)


def test_interval_by_hand() -> None:
    """28 pairs with r = 0.6: z = 0.693147, its error is 1/5, so z lies from 0.301154 to 1.085140."""
    x, y = np.array([1.0, 2, 3, 4] * 7), np.array([2.0, 1, 4, 3] * 7)
    low, high = CoMovement(x, y, 28).interval(0.95)
    assert low == pytest.approx(math.tanh(0.693147 - 0.391993), abs=1e-5)
    assert high == pytest.approx(math.tanh(0.693147 + 0.391993), abs=1e-5)


@given(st.integers(0, 10_000), st.integers(20, 300), st.floats(-2, 2))
def test_as_scipy(seed: int, n: int, link: float) -> None:
    x, y = drawn(seed, n, link)
    found, other = CoMovement(x, y, n), stats.pearsonr(x, y)
    assert found.correlation() == pytest.approx(other.statistic, abs=1e-12)
    interval = other.confidence_interval(0.9)
    assert found.interval(0.9) == pytest.approx((interval.low, interval.high), abs=1e-9)


@given(st.integers(0, 10_000), st.floats(0.01, 100), st.floats(-50, 50))
def test_scale_and_place_do_not_matter(seed: int, scale: float, place: float) -> None:
    x, y = drawn(seed, 90, 0.5)
    assert correlation(scale * x + place, y) == pytest.approx(correlation(x, y), abs=1e-9)
    assert correlation(-x, y) == pytest.approx(-correlation(x, y), abs=1e-12)


@given(st.integers(0, 10_000), st.integers(1, 60))
def test_earlier_pairs_never_matter_for_the_last(seed: int, more: int) -> None:
    x, y = drawn(seed, 120, 0.4)
    longer = CoMovement(np.append(np.full(more, 9.0), x), np.append(np.full(more, -3.0), y), 120)
    assert longer.correlation() == CoMovement(x, y, 120).correlation()
    assert (longer.pairs, longer.earlier_pairs) == (120, more)


def test_shift_by_hand() -> None:
    """The same pairs before and after have not shifted; a turned sign is far off."""
    x, y = np.array([1.0, 2, 3, 4] * 20), np.array([2.0, 1, 4, 3] * 20)
    same = CoMovement(np.tile(x, 2), np.tile(y, 2), 80)
    assert same.shift() == pytest.approx(0.0, abs=1e-12)
    turned = CoMovement(np.tile(x, 2), np.concatenate([-y, y]), 80)
    assert turned.shift() == pytest.approx(2 * math.atanh(0.6) / math.sqrt(2 / 77))


def test_refusals() -> None:
    x, y = drawn(1, 100, 0.5)
    with pytest.raises(MissingDataError, match="20 pairs"):
        CoMovement(x, y, 19).correlation()
    with pytest.raises(MissingDataError, match="60 pairs before"):
        CoMovement(x, y, 41).earlier()
    with pytest.raises(MissingDataError, match="no interval"):
        CoMovement(x, x, 100).interval(0.95)
    with pytest.raises(MissingDataError, match="did not vary"):
        CoMovement(np.full(30, 0.1), y[:30], 30).correlation()
    with pytest.raises(BadInputError, match="level"):
        CoMovement(x, y, 100).interval(1.0)
    with pytest.raises(BadInputError, match="pairs"):
        correlation(x, y[:-1])
