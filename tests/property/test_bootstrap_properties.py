"""What must hold of the stationary bootstrap whatever the data, block length and chunk are."""

from __future__ import annotations

import math
import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rotascope.analytics import bootstrap

ROWS, LENGTH, COUNT, SEED = (
    st.integers(1, 40),
    st.floats(1.0, 30.0),
    st.integers(1, 12),
    st.integers(0, 2**40),
)


def plain_rows(rows: int, length: float, replications: int, seed: int) -> list[list[int]]:
    """Return row numbers as the module states them, one number at a time, with the standard library only."""
    draw = random.Random(seed).random
    out = []
    for _ in range(replications):
        taken: list[int] = []
        while len(taken) < rows:
            u, v = draw(), draw()
            start = math.floor(u * rows)
            size = 1 if length == 1.0 else 1 + math.floor(math.log1p(-v) / math.log1p(-1 / length))
            taken += [(start + i) % rows for i in range(min(size, rows - len(taken)))]
        out.append(taken)
    return out


@given(ROWS, LENGTH, COUNT, SEED, st.integers(1, 50), st.integers(1, 200))
def test_rows_are_those_of_the_plain_reading(
    rows: int, length: float, count: int, seed: int, blocks: int, chunk: int
) -> None:
    expected = plain_rows(rows, length, count, seed)
    found = bootstrap.resample(rows, length, count, bootstrap.stream(seed), chunk)
    assert np.concatenate(list(found)).tolist() == expected
    small = bootstrap.draw_blocks(rows, length, count, bootstrap.stream(seed), blocks)
    assert sum(b.first.size for b in small) == count


@given(ROWS, LENGTH, COUNT, SEED, st.data())
def test_fast_means_and_counts_equal_the_plain_reading(
    rows: int, length: float, count: int, seed: int, data: st.DataObject
) -> None:
    values = data.draw(arrays(np.float64, rows, elements=st.floats(-1e3, 1e3)))
    expected = [values[r].mean() for r in plain_rows(rows, length, count, seed)]
    found = bootstrap.bootstrap_means(values, length, count, bootstrap.stream(seed))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    general = bootstrap.bootstrap_statistic(
        values, lambda rows: rows.mean(axis=1), length, count, bootstrap.stream(seed)
    )
    np.testing.assert_allclose(general, expected, rtol=1e-9, atol=1e-9)
    hits = values > 0
    counts = bootstrap.bootstrap_counts(hits, length, count, bootstrap.stream(seed))
    assert counts.tolist() == [int(hits[r].sum()) for r in plain_rows(rows, length, count, seed)]


@given(ROWS, LENGTH, SEED, st.integers(1, 40))
def test_the_chunk_does_not_matter(rows: int, length: float, seed: int, chunk: int) -> None:
    def blocks(size: int) -> tuple[list[int], list[int]]:
        found = list(bootstrap.draw_blocks(rows, length, 7, bootstrap.stream(seed), size))
        return (
            np.concatenate([b.starts for b in found]).tolist(),
            np.concatenate([b.lengths for b in found]).tolist(),
        )

    assert blocks(chunk) == blocks(10_000)


@given(arrays(np.float64, st.integers(10, 60), elements=st.floats(-100, 100)), st.floats(0.01, 100.0))
def test_block_length_is_within_bounds_and_without_unit(values: np.ndarray, scale: float) -> None:
    found = bootstrap.optimal_block_length(values)
    cap = np.ceil(min(3 * np.sqrt(values.size), values.size / 3))
    assert 1.0 <= found.stationary <= cap
    assert 1.0 <= found.circular <= cap
    if values.std() > 1e-3:
        again = bootstrap.optimal_block_length(values * scale)
        np.testing.assert_allclose(again.stationary, found.stationary, rtol=1e-6)
