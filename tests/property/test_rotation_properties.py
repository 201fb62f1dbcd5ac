"""What must hold of relative rotation whatever the prices are."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rotascope.analytics.rotation import Quadrant, RotationParameters, rotation

PARAMETERS = st.builds(RotationParameters, st.integers(2, 12), st.integers(2, 8), st.integers(1, 3))
ROWS = st.integers(24, 60)


@st.composite
def levels(draw: st.DrawFn, count: int = 2) -> list[np.ndarray]:
    rows = draw(ROWS)
    steps = arrays(np.float64, rows, elements=st.floats(-0.2, 0.2))
    return [50.0 * np.exp(np.cumsum(draw(steps))) for _ in range(count)]


@given(levels(), PARAMETERS, st.integers(1, 20))
def test_future_rows_never_change_the_past(
    legs: list[np.ndarray], parameters: RotationParameters, cut: int
) -> None:
    asset, benchmark = legs
    whole = rotation(asset, benchmark, parameters)
    part = rotation(asset[:-cut], benchmark[:-cut], parameters)
    for name in ("strength", "momentum", "heading", "velocity", "distance"):
        np.testing.assert_array_equal(getattr(whole, name)[:-cut], getattr(part, name))


@given(levels(), PARAMETERS, st.integers(1, 10))
def test_rows_before_those_a_point_needs_do_not_matter(
    legs: list[np.ndarray], parameters: RotationParameters, cut: int
) -> None:
    asset, benchmark = legs
    whole = rotation(asset, benchmark, parameters)
    late = rotation(asset[cut:], benchmark[cut:], parameters)
    if not np.isnan(late.momentum[-1]):
        np.testing.assert_allclose(late.strength[-1], whole.strength[-1], rtol=1e-10)
        np.testing.assert_allclose(late.momentum[-1], whole.momentum[-1], rtol=1e-10)


@given(levels(3), PARAMETERS, st.floats(1e-4, 1e4), st.floats(1e-4, 1e4))
def test_scale_and_currency_do_not_matter(
    legs: list[np.ndarray], parameters: RotationParameters, one: float, other: float
) -> None:
    asset, benchmark, currency = legs
    plain = rotation(asset, benchmark, parameters)
    for turned in (
        rotation(one * asset, other * benchmark, parameters),
        rotation(asset * currency, benchmark * currency, parameters),
    ):
        np.testing.assert_allclose(turned.strength, plain.strength, rtol=1e-9)
        np.testing.assert_allclose(turned.momentum, plain.momentum, rtol=1e-9)


@given(levels(), PARAMETERS)
def test_swapping_the_legs_mirrors_the_point_in_the_centre(
    legs: list[np.ndarray], parameters: RotationParameters
) -> None:
    asset, benchmark = legs
    one, other = rotation(asset, benchmark, parameters), rotation(benchmark, asset, parameters)
    np.testing.assert_allclose(one.strength, 1e4 / other.strength, rtol=1e-9)
    np.testing.assert_allclose(one.momentum, 1e4 / other.momentum, rtol=1e-9)


@given(levels(1), PARAMETERS, st.floats(1e-3, 1e3))
def test_a_benchmark_against_itself_sits_at_the_centre(
    legs: list[np.ndarray], parameters: RotationParameters, scale: float
) -> None:
    (benchmark,) = legs
    same = rotation(benchmark, benchmark, parameters)
    assert set(same.strength[parameters.trend - 1 :].tolist()) == {100.0}
    assert set(same.momentum[parameters.rows_needed - 1 :].tolist()) == {100.0}
    scaled = rotation(scale * benchmark, benchmark, parameters)
    assert scaled.quadrant() is Quadrant.CENTRE


@settings(deadline=None)
@given(
    st.integers(2, 60),
    st.integers(2, 30),
    st.floats(1.2, 12.0),
    st.floats(0.001, 0.3),
    st.floats(0.0, 6.28),
)
def test_a_sine_wave_circles_clockwise(
    trend: int, momentum: int, ratio: float, size: float, phase: float
) -> None:
    period = momentum * ratio + 1.0  # longer than the momentum average, as the formula promises
    rows = int(4 * period) + trend + momentum
    asset = np.exp(size * np.sin(2.0 * np.pi * np.arange(rows) / period + phase))
    found = rotation(asset, np.ones(rows), RotationParameters(trend, momentum))
    x, y = (np.log(v[~np.isnan(found.momentum)] / 100.0) for v in (found.strength, found.momentum))
    if np.abs(x).max() < 1e-3 * size:
        return  # the trend average happens to hold whole periods: nothing of the wave is left to circle
    turn = x[:-1] * y[1:] - x[1:] * y[:-1]  # negative: clockwise, with momentum upwards
    assert (turn < 0).all()
    assert {found.quadrant(i) for i in range(-int(period), 0)} >= (
        {Quadrant.LEADING, Quadrant.WEAKENING, Quadrant.LAGGING, Quadrant.IMPROVING} if period > 40 else set()
    )
