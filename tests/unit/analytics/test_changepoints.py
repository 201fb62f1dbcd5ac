"""Change points, against a search over every segmentation and by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rotascope.analytics import changepoints
from rotascope.model.errors import BadInputError, MissingDataError

SHORT = arrays(np.float64, st.integers(4, 10), elements=st.integers(-5, 5).map(float))


def cost_of(values: np.ndarray, changes: tuple[int, ...]) -> float:
    return sum(float(((p - p.mean()) ** 2).sum()) for p in np.split(values, changes))


@given(SHORT, st.floats(0.1, 20.0), st.integers(1, 4))
def test_pelt_is_the_best_of_all_segmentations(values: np.ndarray, penalty: float, least: int) -> None:
    rows = range(1, values.size)
    best = min(
        cost_of(values, c) + penalty * len(c)
        for k in range(values.size)
        for c in itertools.combinations(rows, k)
        if (np.diff([0, *c, values.size]) >= least).all()
    )
    found = changepoints.pelt(values, penalty, least)
    assert found.cost + penalty * len(found.changes) == pytest.approx(best, abs=1e-9)
    assert (np.diff([0, *found.changes, values.size]) >= least).all()


@given(SHORT, st.floats(0.1, 20.0), st.integers(1, 4))
def test_binary_segmentation_never_beats_pelt(values: np.ndarray, penalty: float, least: int) -> None:
    exact, greedy = (
        rule(values, penalty, least) for rule in (changepoints.pelt, changepoints.binary_segmentation)
    )
    total = exact.cost + penalty * len(exact.changes)
    assert greedy.cost + penalty * len(greedy.changes) >= total - 1e-9
    assert (np.diff([0, *greedy.changes, values.size]) >= least).all()


def reference(values: np.ndarray, penalty: float, least: int) -> float:
    """Return the best total by dynamic programming over every start, without pruning."""
    best = [-penalty] + [np.inf] * values.size
    for end in range(least, values.size + 1):
        for start in (0, *range(least, end - least + 1)):
            if start <= end - least:
                part = values[start:end]
                total = best[start] + float(((part - part.mean()) ** 2).sum()) + penalty
                best[end] = min(best[end], total)
    return best[-1]


@pytest.mark.parametrize("seed", range(6))
def test_pruning_loses_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(0, 1, 150) + 2.0 * np.cumsum(rng.random(150) < 0.03)
    for least in (1, 2, 7):
        for penalty in (1.0, 6.0, 30.0):
            found = changepoints.pelt(values, penalty, least)
            total = found.cost + penalty * len(found.changes)
            assert total == pytest.approx(reference(values, penalty, least), rel=1e-9)


def test_a_clear_change_is_dated_and_its_means_given() -> None:
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(0, 1, 200), rng.normal(4, 1, 150), rng.normal(1, 1, 250)])
    for rule in (changepoints.pelt, changepoints.binary_segmentation):
        found = rule(values)
        assert len(found.changes) == 2
        assert abs(found.changes[0] - 200) <= 3
        assert abs(found.changes[1] - 350) <= 3
        assert found.means == pytest.approx((0.0, 4.0, 1.0), abs=0.3)
        assert found.penalty == pytest.approx(changepoints.default_penalty(values))


def test_noise_seldom_shows_a_change() -> None:
    rng = np.random.default_rng(1)
    assert sum(len(changepoints.pelt(rng.normal(0, 1, 500)).changes) for _ in range(20)) <= 2


def test_noise_variance_is_hardly_touched_by_changes() -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(0, 2, 5000)
    assert changepoints.noise_variance(values) == pytest.approx(4.0, rel=0.05)
    values[2500:] += 100.0
    assert changepoints.noise_variance(values) == pytest.approx(4.0, rel=0.05)


def test_online_alarm_by_hand() -> None:
    # learned from 1, -1, 1, -1: mean 0, deviation 1; then 3, 3: up is 2.5, then 5 > 4
    values = np.array([1.0, -1.0, 1.0, -1.0, 0.0, 3.0, 3.0, 9.0])
    (alarm,) = changepoints.online_changes(values, drift=0.5, threshold=4.0, learn=4)
    assert (alarm.called, alarm.began, alarm.direction) == (6, 5, 1)
    (down,) = changepoints.online_changes(-values, drift=0.5, threshold=4.0, learn=4)
    assert (down.called, down.direction) == (6, -1)


@given(arrays(np.float64, st.integers(20, 80), elements=st.integers(-6, 6).map(float)), st.integers(1, 15))
def test_online_alarms_never_change_with_more_data(values: np.ndarray, cut: int) -> None:
    whole = changepoints.online_changes(values, learn=5, threshold=3.0)
    part = changepoints.online_changes(values[:-cut], learn=5, threshold=3.0)
    assert [a for a in whole if a.called < values.size - cut] == part
    assert all(a.began <= a.called for a in whole)


def test_online_learns_again_after_an_alarm() -> None:
    rng = np.random.default_rng(3)
    values = np.concatenate([rng.normal(0, 1, 300), rng.normal(3, 1, 300), rng.normal(0, 1, 300)])
    found = changepoints.online_changes(values, threshold=8.0)
    near = [a for a in found if 300 <= a.called < 320 or 600 <= a.called < 620]
    assert [a.direction for a in near] == [1, -1]


def test_bad_arguments_are_refused() -> None:
    values = np.arange(10.0)
    with pytest.raises(BadInputError):
        changepoints.pelt(values, -1.0)
    with pytest.raises(MissingDataError):
        changepoints.pelt(values, 1.0, least=11)
    with pytest.raises(MissingDataError):
        changepoints.binary_segmentation(np.array([1.0, np.nan, 2.0]), 1.0)
    with pytest.raises(MissingDataError):
        changepoints.noise_variance(np.array([1.0, 2.0]))
    with pytest.raises(BadInputError):
        changepoints.online_changes(values, learn=1)
    assert changepoints.online_changes(np.ones(50), learn=5) == []
