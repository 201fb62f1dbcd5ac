"""Tables are worked on in parts; wherever the seams are, the results have the same bits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotascope.analytics import breadth, rolling
from rotascope.analytics.rotation import RotationParameters, rotation

SIZES = st.tuples(st.integers(1, 60), st.integers(1, 9))


@given(SIZES, st.integers(0, 20), st.integers(1, 40), st.integers(1, 5))
def test_parts_cover_each_result_once(shape: tuple[int, int], before: int, tile: int, width: int) -> None:
    seen = np.zeros(shape, dtype=int)
    with cut(tile, width):
        for start, end, columns in rolling.tiles(shape, before):
            assert start >= before
            assert columns.stop - columns.start <= max(width, 1)
            seen[start:end, columns] += 1
    assert (seen[:before] == 0).all()
    assert (seen[before:] == 1).all()


@settings(deadline=None)
@given(SIZES, st.integers(1, 40), st.integers(1, 5), st.integers(2, 9), st.integers(0, 2**32 - 1))
def test_seams_change_nothing(shape: tuple[int, int], tile: int, width: int, length: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    levels = np.exp(rng.normal(0, 1, shape))
    closes = np.where(rng.random(shape) < 0.05, math.nan, np.round(levels, 1) + 0.1)
    members = rng.random(shape) < 0.9
    index = np.exp(rng.normal(0, 1, shape[0]))
    chosen = RotationParameters(trend=length, momentum=3)

    def everything() -> list[np.ndarray]:
        points = rotation(levels, index, chosen)
        if length > shape[0]:
            return [points.strength, points.momentum]
        above = breadth.share_above_average(closes, members, length)
        reach = breadth.highs_lows(closes, members, length)
        return [
            points.strength, points.momentum, above.share, above.counted, above.left_out,
            reach.highs, reach.lows, reach.counted, reach.left_out,
        ]  # fmt: skip

    whole = everything()
    with cut(tile, width):
        for one, other in zip(whole, everything(), strict=True):
            np.testing.assert_array_equal(one, other)


@contextmanager
def cut(tile: int, width: int) -> Iterator[None]:
    """Cut tables into small parts inside the `with` block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rolling, "TILE", tile)
        patch.setattr(rolling, "MOST_COLUMNS", width)
        yield
