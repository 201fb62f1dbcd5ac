"""The arrays of the panel against slow plain references, and the same however they lie in memory.

Sums and counts have the same bits everywhere. Logarithms may differ in the last place between memory orders
on some processors, so points are compared to thirteen digits.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotascope.analytics import rolling
from rotascope.panel import kernels, one_day
from rotascope.panel.kernels import BreadthLengths

PRICE = st.floats(-6, 9).map(lambda x: 10.0**x)
CELL = st.one_of(PRICE, PRICE, PRICE, st.just(math.nan))
# few different closes, so that ties are frequent
CLOSE = st.sampled_from([math.nan, 50.0, 99.0, 100.0, 100.0, 101.0, 121.0])
LENGTH = st.integers(1, 9)


@st.composite
def tables(draw: st.DrawFn, cell: st.SearchStrategy[float] = CLOSE) -> np.ndarray:
    """Return closes, shape (n, k)."""
    n, k = draw(st.integers(1, 20)), draw(st.integers(1, 5))
    rows = draw(st.lists(st.lists(cell, min_size=k, max_size=k), min_size=n, max_size=n))
    return np.array(rows)


@given(st.lists(PRICE, min_size=1, max_size=70), st.lists(st.integers(1, 70), min_size=1, max_size=3))
def test_sums_of_windows_against_fractions(values: list[float], lengths: list[int]) -> None:
    """Only rows of the window are added: the error is that of adding these positive numbers, and no more."""
    fitting = [length for length in lengths if length <= len(values)]
    if not fitting:
        return
    column = np.array(values)[:, None]
    for length, found in zip(fitting, rolling.sums_of_windows(column, fitting), strict=True):
        assert found.shape == (len(values) - length + 1, 1)
        for i, total in enumerate(found[:, 0].tolist()):
            exact = sum(map(Fraction, values[i : i + length]))
            assert abs(Fraction(total) / exact - 1) <= 14 * Fraction(2) ** -53


def test_a_million_leaves_nothing_in_the_thousandths() -> None:
    values = np.concatenate([np.full(7, 1e9), np.full(7, 0.001), [0.0011]])[:, None]
    (found,) = rolling.sums_of_windows(values, (5,))
    assert found[-1, 0] == pytest.approx(0.0051, rel=1e-15)


@given(tables(CELL), st.integers(0, 30))
def test_a_sum_has_the_same_bits_wherever_it_stands(table: np.ndarray, before: int) -> None:
    n = len(table)
    (alone,) = rolling.sums_of_windows(table, (n,))
    longer = np.concatenate([np.full((before, table.shape[1]), 7.0), table, table[:1]])
    (among,) = rolling.sums_of_windows(longer, (n,))
    for other in (
        among[before],
        rolling.last_sum(table),
        rolling.sums_of_windows(np.asfortranarray(table), (n,))[0][0],
    ):
        assert alone[0].tobytes() == other.tobytes()
    assert (np.isnan(alone[0]) == np.isnan(table).any(axis=0)).all()


@given(tables(CELL), LENGTH)
def test_extremes_of_windows_against_plain_ones(table: np.ndarray, length: int) -> None:
    if length > len(table):
        return
    for pick, plain in ((np.maximum, max), (np.minimum, min)):
        found = rolling.window_extremes(table, length, pick)
        for column, values in zip(found.T.tolist(), table.T.tolist(), strict=True):
            windows = [values[i : i + length] for i in range(len(values) - length + 1)]
            expected = [math.nan if any(map(math.isnan, w)) else plain(w) for w in windows]
            np.testing.assert_array_equal(column, expected)


def with_strips(cells: int, work):  # type: ignore[no-untyped-def]
    """Return what some work gives when strips have so many cells."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "STRIP", cells)
        return work()


@settings(deadline=None)
@given(tables(), st.integers(1, 60), st.lists(LENGTH, min_size=4, max_size=4), st.randoms())
def test_strips_and_memory_order_change_nothing(table, cells: int, lengths: list[int], chance) -> None:  # type: ignore[no-untyped-def]
    index = np.array([chance.choice([math.nan, 100.0, 101.0, 99.5]) for _ in table])
    members = np.array([[chance.random() < 0.7 for _ in row] for row in table])
    trend, momentum = max(lengths[0], 2), max(lengths[1], 2)
    windows = BreadthLengths(lengths[0], lengths[1], lengths[2], max(lengths[3], 2))
    points = kernels.rotation(table, index, trend, momentum)
    counts = kernels.breadth(table, members, index, windows)
    turned = np.asfortranarray(table)
    other = with_strips(cells, lambda: kernels.rotation(turned, index, trend, momentum))
    for a, b in zip(points, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13)
    again = with_strips(cells, lambda: kernels.breadth(turned, members, index, windows))
    for name, values in counts.items():
        assert values.tolist() == again[name].tolist(), name
    on_the_day = one_day.breadth_day(table, members[-1], index, windows)
    assert on_the_day == {name: values[-1] for name, values in counts.items()}
    day = one_day.rotation_day(table, index, trend, momentum)
    for name, whole in zip(("strength", "momentum"), points, strict=True):
        np.testing.assert_allclose(day[name], whole[-1], rtol=1e-13)


def test_more_securities_than_a_byte_counts() -> None:
    """Counts of a strip are added up in bytes; 700 that all rose are 700."""
    closes = np.vstack([np.full(700, 1.0), np.full(700, 2.0)])
    found = kernels.breadth(closes, np.ones((2, 700), dtype=bool), np.ones(2), BreadthLengths(1, 2, 1, 2))
    assert found["advancers"].tolist() == [0, 700]
    assert found["above_long"].tolist() == found["highs"].tolist() == found["beating"].tolist() == [0, 700]
    assert found["counted_short"].tolist() == [700, 700] and found["above_short"].tolist() == [0, 0]


def test_rotation_by_hand() -> None:
    """A line that rises 21% in the last of three sessions, windows of 2: 1.21 ** 0.5, then 1.21 ** 0.25."""
    strength, momentum = kernels.rotation(np.array([[100.0], [100.0], [121.0]]), np.full(3, 50.0), 2, 2)
    np.testing.assert_allclose(strength[:, 0], [math.nan, 100.0, 110.0], rtol=1e-14)
    np.testing.assert_allclose(momentum[:, 0], [math.nan, math.nan, 104.88088481701515], rtol=1e-14)
