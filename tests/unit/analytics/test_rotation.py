"""Relative rotation, against the formula written out and against pandas."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from rotascope.analytics.rolling import rolling_mean
from rotascope.analytics.rotation import (
    STABILITY_GRID,
    Quadrant,
    Rotation,
    RotationParameters,
    last_quadrant,
    quadrant_of,
    quadrant_stability,
    relative_strength,
    rotation,
)
from rotascope.model.errors import BadInputError, MissingDataError

SHORT = RotationParameters(trend=3, momentum=2, step=1)


def walk(seed: int, rows: int, columns: int | None = None) -> np.ndarray:
    shape = (rows,) if columns is None else (rows, columns)
    steps = np.random.default_rng(seed).normal(0.0, 0.01, shape)
    return 100.0 * np.exp(np.cumsum(steps, axis=0))


def test_a_point_by_hand() -> None:
    # line: ln of 1, 1, 1.1, 1.21 in tenths of L = ln 1.1: 0 0 1 2
    asset = np.array([1.0, 1.0, 1.1, 1.21])
    found = rotation(asset, np.ones(4), SHORT)
    # strength: 1 - 1/3 = 2/3 of L, then 2 - 1 = 1 of L; momentum: 1 - (1 + 2/3) / 2 = 1/6 of L
    assert np.isnan(found.strength[:2]).all()
    assert found.strength[2] == pytest.approx(100 * 1.1 ** (2 / 3))
    assert found.strength[3] == pytest.approx(110.0)
    assert np.isnan(found.momentum[:3]).all()
    assert found.momentum[3] == pytest.approx(100 * 1.1 ** (1 / 6))
    assert found.quadrant() is Quadrant.LEADING
    assert found.distance[3] == pytest.approx(math.hypot(10.0, 100 * 1.1 ** (1 / 6) - 100))


def test_all_points_against_pandas() -> None:
    asset, benchmark = walk(1, 400, 3), walk(2, 400)
    parameters = RotationParameters(50, 12)
    found = rotation(asset, benchmark, parameters)
    line = pd.DataFrame(np.log(asset / benchmark[:, None]))
    strong = line - line.rolling(50).mean()
    gain = strong - strong.rolling(12).mean()
    np.testing.assert_allclose(found.strength, 100 * np.exp(strong), rtol=1e-11)
    np.testing.assert_allclose(found.momentum, 100 * np.exp(gain), rtol=1e-11)


def test_columns_equal_single_lines() -> None:
    asset, benchmark = walk(3, 150, 2), walk(4, 150)
    both = rotation(asset, benchmark)
    for j in range(2):
        alone = rotation(np.ascontiguousarray(asset[:, j]), benchmark)
        np.testing.assert_array_equal(both.strength[:, j], alone.strength)
        np.testing.assert_array_equal(both.momentum[:, j], alone.momentum)


def test_rows_needed_is_exactly_enough() -> None:
    asset, benchmark = walk(5, 200), walk(6, 200)
    rows = SHORT.rows_needed
    assert rows == 4
    assert rotation(asset[:rows], benchmark[:rows], SHORT).quadrant() is not None
    assert rotation(asset[: rows - 1], benchmark[: rows - 1], SHORT).quadrant() is None
    assert rotation(asset[:1], benchmark[:1], SHORT).quadrant() is None
    assert last_quadrant(asset, benchmark, SHORT) is rotation(asset, benchmark, SHORT).quadrant()


def test_the_four_quadrants_and_the_axes() -> None:
    assert quadrant_of(101, 101) is Quadrant.LEADING
    assert quadrant_of(101, 99) is Quadrant.WEAKENING
    assert quadrant_of(99, 99) is Quadrant.LAGGING
    assert quadrant_of(99, 101) is Quadrant.IMPROVING
    assert quadrant_of(100, 99) is Quadrant.WEAKENING
    assert quadrant_of(99, 100) is Quadrant.IMPROVING
    assert quadrant_of(100, 100) is Quadrant.CENTRE
    assert quadrant_of(math.nan, 100) is None


@pytest.mark.parametrize(
    ("right", "up", "bearing"),
    [(0, 1, 0), (1, 1, 45), (1, 0, 90), (0, -1, 180), (-1, 0, 270), (-1, 1, 315)],
)
def test_heading_is_a_compass_bearing(right: float, up: float, bearing: float) -> None:
    found = Rotation(np.array([100.0, 100 + right]), np.array([100.0, 100.0 + up]), SHORT)
    assert np.isnan(found.heading[0])
    assert found.heading[1] == pytest.approx(bearing)
    assert found.velocity[1] == pytest.approx(math.hypot(right, up))


def test_a_point_that_rests_has_no_heading() -> None:
    found = rotation(np.full(30, 7.0), np.full(30, 3.0), SHORT)
    assert found.velocity[-1] == 0.0
    assert np.isnan(found.heading[-1])
    assert found.quadrant() is Quadrant.CENTRE


def test_tail_is_spaced_by_step_and_newest_last() -> None:
    asset, benchmark = walk(7, 60), walk(8, 60)
    found = rotation(asset, benchmark, RotationParameters(10, 5, step=4))
    tail = found.tail(3)
    assert tail.shape == (3, 2)
    np.testing.assert_array_equal(tail[:, 0], found.strength[[-9, -5, -1]])
    np.testing.assert_array_equal(tail[:, 1], found.momentum[[-9, -5, -1]])
    with pytest.raises(MissingDataError, match="longer history"):
        found.tail(13)
    with pytest.raises(MissingDataError, match="longer history"):
        found.tail(99)


def test_stability_counts_agreement_over_the_grid() -> None:
    steady = np.exp(0.001 * np.arange(400.0) ** 1.3)
    found = quadrant_stability(steady, np.ones(400))
    assert found.quadrant is Quadrant.LEADING
    assert (found.agreeing, found.settings, found.unknown) == (len(STABILITY_GRID), 20, 0)
    assert found.share == 1.0


def test_stability_leaves_out_settings_without_data() -> None:
    asset, benchmark = walk(9, 100), walk(10, 100)
    found = quadrant_stability(asset, benchmark)
    fits = [p for p in STABILITY_GRID if p.rows_needed <= 100]
    agreeing = sum(rotation(asset, benchmark, p).quadrant() is found.quadrant for p in fits)
    assert (found.settings, found.unknown) == (len(fits), 20 - len(fits))
    assert found.agreeing == agreeing
    with pytest.raises(MissingDataError, match="too few"):
        quadrant_stability(asset[:20], benchmark[:20])


def test_relative_strength_starts_at_100() -> None:
    line = relative_strength(np.array([2.0, 3.0]), np.array([10.0, 12.0]))
    assert line.tolist() == pytest.approx([100.0, 125.0])


@pytest.mark.parametrize("bad", [np.nan, 0.0, -1.0])
def test_a_gap_or_a_level_of_zero_is_refused(bad: float) -> None:
    asset = np.array([1.0, bad, 1.0])
    for a, b in [(asset, np.ones(3)), (np.ones(3), asset)]:
        with pytest.raises(MissingDataError):
            rotation(a, b, SHORT)


def test_bad_parameters_and_shapes_are_refused() -> None:
    for kwargs in ({"trend": 1}, {"momentum": 0}, {"step": 0}):
        with pytest.raises(BadInputError):
            RotationParameters(**kwargs)
    with pytest.raises(BadInputError, match="align"):
        rotation(np.ones(3), np.ones(4), SHORT)


def test_rolling_mean_is_unknown_where_a_row_of_its_window_is() -> None:
    found = rolling_mean(np.array([np.nan, 1.0, 3.0, 5.0, np.nan, 7.0, 9.0]), 2)
    assert np.isnan(found[[0, 1, 4, 5]]).all()
    assert found[[2, 3, 6]].tolist() == [2.0, 4.0, 8.0]
    assert np.isnan(rolling_mean(np.full(3, np.nan), 2)).all()
