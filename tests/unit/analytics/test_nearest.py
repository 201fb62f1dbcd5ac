"""Nearest past rows, against a plain search, by hand, and without a look ahead."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rotascope.analytics.nearest import Nearest, nearest_rows, what_followed
from rotascope.model.errors import BadInputError, MissingDataError


def test_distance_by_hand() -> None:
    # column 0: mean 0, deviation 2 over 2 -2 2 -2; column 1: mean 5, deviation 1 over 4 6 6 4
    measures = np.array([[2.0, 4.0], [-2.0, 6.0], [2.0, 6.0], [-2.0, 4.0]])
    found = nearest_rows(measures, 3, count=5, apart=1)
    # from row 3: row 0 is two deviations off in the first measure, row 1 in the second, row 2 in both
    assert found.rows.tolist() == [0, 1, 2]
    np.testing.assert_allclose(found.distances, [2**0.5, 2**0.5, 2.0])
    assert (found.looked_at, found.left_out) == (3, 0)


def plain(measures: np.ndarray, today: int, count: int, apart: int) -> list[int]:
    past = [i for i in range(today + 1) if not np.isnan(measures[i]).any()]
    size = measures.shape[1]
    means = [math.fsum(measures[i, k] for i in past) / len(past) for k in range(size)]
    scales = [
        (math.fsum((measures[i, k] - means[k]) ** 2 for i in past) / len(past)) ** 0.5 for k in range(size)
    ]
    distances = {
        i: math.fsum(((measures[i, k] - measures[today, k]) / scales[k]) ** 2 for k in range(size)) / size
        for i in past
        if today - i >= apart
    }
    taken: list[int] = []
    while len(taken) < count:
        free = [i for i in distances if all(abs(i - j) >= apart for j in taken)]
        if not free:
            break
        taken.append(min(free, key=lambda i: (distances[i], i)))
    return taken


@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 9), st.integers(20, 40))
def test_equals_a_plain_search(seed: int, count: int, apart: int, today: int) -> None:
    rng = np.random.default_rng(seed)
    measures = rng.normal(0, 1, (45, 3)) * np.array([1.0, 100.0, 0.01])
    measures[rng.random(45) < 0.1] = np.nan
    measures[today] = rng.normal(0, 1, 3)
    found = nearest_rows(measures, today, count=count, apart=apart)
    assert found.rows.tolist() == plain(measures, today, count, apart)
    assert (np.diff(np.sort(found.rows)) >= apart).all()
    assert (today - found.rows >= apart).all()


@given(arrays(np.float64, (30, 2), elements=st.floats(-5, 5)), st.floats(-1e6, 1e6))
def test_later_rows_do_not_matter(measures: np.ndarray, other: float) -> None:
    measures = measures + np.random.default_rng(0).normal(0, 1, measures.shape)
    changed = measures.copy()
    changed[21:] = other
    one, two = (nearest_rows(m, 20, count=3, apart=2) for m in (measures, changed))
    np.testing.assert_array_equal(one.rows, two.rows)
    np.testing.assert_array_equal(one.distances, two.distances)
    level = np.exp(0.01 * measures[:, 0])
    longer = np.where(np.arange(30) > 20, 1e9, level)
    assert str(what_followed(level, level[::-1], one, 20, [1, 5])) == str(
        what_followed(longer, np.concatenate([level[::-1][:21], level[:9]]), two, 20, [1, 5])
    )


def test_sequels_by_hand() -> None:
    first = np.array([100.0, 110.0, 121.0, 121.0, 100.0])
    second = np.full(5, 50.0)
    found = Nearest(np.array([0, 3, 2]), np.zeros(3), 5, 0)
    one, three = what_followed(first, second, found, 4, [1, 3])
    # over one row: +10, from row 3 -17.36, from row 2 0 (no hit); of all four: 10 10 0 -17.36
    assert (one.found, one.counted, one.base_count, one.base_independent) == (3, 3, 4, 4)
    last = 100 * (100 / 121 - 1)
    assert one.hit_rate == pytest.approx(1 / 3)
    assert one.mean == pytest.approx((10 + last) / 3)
    assert (one.base_hit_rate, one.base_mean) == (0.5, pytest.approx((20 + last) / 4))
    # over three rows only row 0 has ended: 121 / 100; of all: rows 0 and 1
    assert (three.counted, three.hit_rate, three.mean) == (1, 1.0, pytest.approx(21.0))
    assert (three.base_count, three.base_independent) == (2, 1)


def test_a_horizon_beyond_the_data_counts_nothing() -> None:
    found = Nearest(np.array([0]), np.zeros(1), 1, 0)
    (late,) = what_followed(np.ones(3), np.ones(3), found, 2, [7])
    assert (late.counted, late.base_count) == (0, 0)
    assert math.isnan(late.hit_rate) and math.isnan(late.base_mean)


def test_bad_arguments_are_refused() -> None:
    measures = np.random.default_rng(0).normal(0, 1, (10, 2))
    for kwargs in ({"count": 0, "apart": 1}, {"count": 1, "apart": 0}):
        with pytest.raises(BadInputError):
            nearest_rows(measures, 9, **kwargs)
    with pytest.raises(BadInputError):
        nearest_rows(measures, 10, count=1, apart=1)
    measures[9, 1] = np.nan
    with pytest.raises(MissingDataError, match="unknown"):
        nearest_rows(measures, 9, count=1, apart=1)
    measures[:, 1] = 0.1
    with pytest.raises(MissingDataError, match="vary"):
        nearest_rows(measures, 9, count=1, apart=1)
    with pytest.raises(BadInputError):
        what_followed(np.ones(3), np.ones(3), Nearest(np.array([0]), np.zeros(1), 1, 0), 2, [0])
