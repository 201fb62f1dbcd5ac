"""Counts of values no greater, against counting them one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotascope.analytics import counting

FEW = st.sampled_from([-1.0, -0.0, 0.0, 2.0, math.inf, -math.inf])
VALUES = st.lists(st.one_of(FEW, st.floats(allow_nan=False)), max_size=90)


@settings(deadline=None)
@given(VALUES, st.integers(1, 1500))
def test_counts_against_plain_counting(values: list[float], most_blocks: int) -> None:
    """With blocks of every length: `most_blocks` makes them longer than n^(1/3) asks for."""
    row = np.array(values, dtype=np.float64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "_MOST_BLOCKS", most_blocks)
        earlier = counting.earlier_no_greater(row)
    assert earlier.tolist() == [sum(x <= value for x in values[:i]) for i, value in enumerate(values)]
    assert counting.no_greater(row).tolist() == [sum(x <= value for x in values) for value in values]


@pytest.mark.parametrize("n", [255, 256, 257, 1000, 4097])
@pytest.mark.parametrize("kinds", [2, 300, 10**9])
def test_long_rows_in_order_reversed_and_mixed(n: int, kinds: int) -> None:
    mixed = np.random.default_rng(n).integers(0, kinds, n).astype(np.float64)
    for row in (mixed, np.sort(mixed), np.sort(mixed)[::-1]):
        table = row[None, :] <= row[:, None]
        np.testing.assert_array_equal(counting.no_greater(row), table.sum(axis=1))
        np.testing.assert_array_equal(counting.earlier_no_greater(row), np.tril(table, -1).sum(axis=1))


def test_blocks_of_more_rows_than_a_byte_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_MOST_BLOCKS", 2)
    row = np.arange(1000.0)
    assert counting.earlier_no_greater(row).tolist() == list(range(1000))
    assert not counting.earlier_no_greater(row[::-1]).any()


def test_columns_keep_their_gaps() -> None:
    table = np.array([[1.0, np.nan], [np.nan, np.nan], [3.0, np.nan]])
    found = counting.by_column(table, lambda known: known * 10.0)
    np.testing.assert_array_equal(found, [[10.0, np.nan], [np.nan, np.nan], [30.0, np.nan]])
    assert counting.by_column(np.empty((0, 2)), lambda known: known).shape == (0, 2)
