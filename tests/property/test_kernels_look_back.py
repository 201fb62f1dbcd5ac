"""Later rows never change what a kernel said of earlier ones; units and currencies do not matter.

Rotation, breadth, regimes, expanding percentiles, online changes, nearest rows, rules and the Markov filter
have such tests of their own, beside their other tests.
"""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rotascope.analytics import drivers, eras, inference, returns, rolling, streaks, valuation, windows
from rotascope.analytics.rotation import relative_strength

CUT = st.integers(1, 15)
LENGTH = st.integers(1, 8)


def drawn(draw: st.DrawFn, rows: int, size: float) -> np.ndarray:
    return draw(arrays(np.float64, rows, elements=st.floats(-size, size)))


@st.composite
def legs(draw: st.DrawFn, count: int = 2) -> list[np.ndarray]:
    """Return levels on common dates, 30 rows or more."""
    rows = draw(st.integers(30, 60))
    return [80.0 * np.exp(np.cumsum(drawn(draw, rows, 0.2))) for _ in range(count)]


def days(rows: int) -> np.ndarray:
    return np.datetime64("2001-01-02") + np.arange(rows) * np.timedelta64(9, "D")


@given(legs(), CUT, LENGTH)
def test_windows(pair: list[np.ndarray], cut: int, length: int) -> None:
    a, b = pair
    dates = days(a.size)
    whole = windows.session_windows(dates, a, b, length)
    part = windows.session_windows(dates[:-cut], a[:-cut], b[:-cut], length)
    np.testing.assert_array_equal(whole.values[: part.values.size], part.values)
    np.testing.assert_array_equal(whole.ends[: part.ends.size], part.ends)
    months, earlier = (
        windows.month_windows(d, x, y) for d, x, y in ((dates, a, b), (dates[:-cut], a[:-cut], b[:-cut]))
    )
    done = earlier.ends.size - 1  # the last month of the shorter history may not be over
    np.testing.assert_array_equal(months.values[:done], earlier.values[:done])
    returned = inference.window_returns(a, length)
    np.testing.assert_array_equal(
        returned[: a.size - cut - length], inference.window_returns(a[:-cut], length)
    )


@given(st.data(), CUT, LENGTH)
def test_sums_relations_and_turning_points(data: st.DataObject, cut: int, length: int) -> None:
    rows = data.draw(st.integers(30, 60))
    y, x = (drawn(data.draw, rows, 5.0) for _ in range(2))
    np.testing.assert_array_equal(
        rolling.window_sums(y, length)[:-cut], rolling.window_sums(y[:-cut], length)
    )
    for whole, part in zip(
        drivers.rolling_relation(y, x, length + 2),
        drivers.rolling_relation(y[:-cut], x[:-cut], length + 2),
        strict=True,
    ):
        np.testing.assert_array_equal(whole[:-cut], part)
    path = np.cumsum(y) / 10.0
    known = eras.zigzag(path[:-cut], 0.5)
    assert eras.zigzag(path, 0.5)[: len(known)] == known  # a pivot that is confirmed stays
    won = y > x
    if not won[:-cut].all():
        assert streaks.from_start(won) == streaks.from_start(won[:-cut])


@given(legs(), CUT)
def test_lines(pair: list[np.ndarray], cut: int) -> None:
    a, b = pair
    np.testing.assert_array_equal(relative_strength(a, b)[:-cut], relative_strength(a[:-cut], b[:-cut]))
    np.testing.assert_array_equal(
        streaks.session_spreads(a, b)[:-cut], streaks.session_spreads(a[:-cut], b[:-cut])
    )
    changes = 100.0 * (a[1:] / a[:-1] - 1.0)
    assert returns.return_drawdown(changes) <= returns.return_drawdown(changes[:-cut])


@given(legs(3), st.floats(1e-4, 1e4), st.floats(1e-4, 1e4), LENGTH)
def test_units_and_currencies(three: list[np.ndarray], one: float, other: float, length: int) -> None:
    """In another unit every return is the same; in another currency every ratio of the legs is."""
    a, b, currency = three
    dates = days(a.size)
    plain = windows.session_windows(dates, a, b, length)
    scaled = windows.session_windows(dates, one * a, other * b, length)
    np.testing.assert_allclose(scaled.values, plain.values, rtol=1e-9, atol=1e-9)
    line = relative_strength(a, b)
    for turned in (relative_strength(one * a, other * b), relative_strength(a * currency, b * currency)):
        np.testing.assert_allclose(turned, line, rtol=1e-9)
    gap = valuation.valuation_gap((dates, a), (dates, b))
    turned_gap = valuation.valuation_gap((dates, one * a), (dates, one * b))
    assert np.isclose(gap.log_gap, turned_gap.log_gap, atol=1e-9)


@given(st.data(), st.sampled_from([0.01, 100.0, 1e6]))
def test_units_of_a_relation(data: st.DataObject, unit: float) -> None:
    whole = arrays(np.float64, 40, elements=st.integers(-9, 9).map(float))
    spread, moves = data.draw(whole), data.draw(whole)
    beta, correlation = drivers.rolling_relation(spread, moves, 20)
    in_unit = drivers.rolling_relation(unit * spread, moves / unit, 20)
    np.testing.assert_allclose(in_unit[0], beta * unit**2, rtol=1e-9)
    np.testing.assert_allclose(in_unit[1], correlation, rtol=1e-9, atol=1e-12)


@given(legs(1), LENGTH)
def test_a_benchmark_against_itself(one: list[np.ndarray], length: int) -> None:
    (a,) = one
    assert not windows.session_windows(days(a.size), a, a, length).values.any()
    assert set(relative_strength(a, a).tolist()) == {100.0}
    assert not streaks.session_spreads(a, a).any()


def test_the_widest_since_a_date() -> None:
    """By hand. Returns over one session: 10, 20, 5, 12; 12 is the widest since the 20 of the third day."""
    a = np.array([100.0, 110.0, 132.0, 138.6, 155.232])
    dates = days(5)
    found = windows.session_windows(dates, a, np.ones(5), 1)
    assert found.last_as_large() == dates[2]
    # the other way round, a fall of 12 points: the widest gap in favour of the second leg since that day
    turned = windows.session_windows(dates, np.ones(5), a, 1)
    assert turned.rank() == 3
    assert turned.last_as_large() == dates[3]  # in favour of the first leg, the day before is wider
