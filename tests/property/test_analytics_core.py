"""The kernels against slow plain references, and against pandas, on random inputs."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotascope.analytics import eras, precedents, returns, rolling, streaks, windows

fixed = settings(derandomize=True, deadline=None)
percents = st.lists(st.integers(-5000, 9000).map(lambda n: n / 100), min_size=1, max_size=60)
prices = st.lists(st.integers(1, 10_000).map(lambda n: n / 100), min_size=2, max_size=80)


def sessions(count: int, step: int = 1) -> np.ndarray:
    return np.datetime64("2001-01-02") + np.arange(count) * np.timedelta64(step, "D")


@fixed
@given(percents)
def test_compound_is_the_product_of_pandas(found: list[float]) -> None:
    expected = ((1 + pd.Series(found) / 100).prod() - 1) * 100
    assert returns.compound([np.array(found)]) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@fixed
@given(percents)
def test_drawdown_is_that_of_pandas(found: list[float]) -> None:
    wealth = pd.concat([pd.Series([1.0]), (1 + pd.Series(found) / 100).cumprod()])
    expected = float((wealth / wealth.cummax() - 1).min())
    assert returns.return_drawdown(np.array(found)) == pytest.approx(expected, abs=1e-12)
    assert -1 < returns.return_drawdown(np.array(found)) <= 0


@fixed
@given(st.lists(st.integers(-10, 10), min_size=1, max_size=60), st.integers(1, 12), st.integers(0, 70))
def test_rolling_wins_against_every_window_by_itself(gaps: list[int], months: int, cut: int) -> None:
    """Whole numbers, so that ties are exact."""
    dates = sessions(len(gaps))
    after = dates[0] + np.timedelta64(cut, "D")
    every = [(sum(gaps[i : i + months]), dates[i + months - 1]) for i in range(len(gaps) - months + 1)]
    kept = [total for total, end in every if end > after]
    expected = (sum(t > 0 for t in kept), len(kept))
    assert rolling.rolling_wins(dates, np.array(gaps, dtype=float), months, after) == expected


@fixed
@given(
    st.lists(st.integers(-40, 40).map(lambda n: n / 100), min_size=1, max_size=80),
    st.sampled_from([0.1, 0.3]),
)
def test_turning_points_alternate_and_are_extremes(gaps: list[float], threshold: float) -> None:
    path = np.concatenate([[0.0], np.cumsum(gaps)])
    found = eras.zigzag(path, threshold)
    assert found == sorted(found)
    for a, b in itertools.pairwise(found):
        stretch = path[a : b + 1]
        assert abs(path[b] - path[a]) >= threshold - 1e-12
        # one end is the lowest, the other the highest point of the stretch between them
        assert {path[a], path[b]} == {stretch.min(), stretch.max()}
    for a, b, c in zip(found, found[1:], found[2:], strict=False):
        assert (path[b] - path[a]) * (path[c] - path[b]) < 0
    if not found:
        high = np.maximum.accumulate(path) - path
        low = path - np.minimum.accumulate(path)
        assert max(high.max(), low.max()) < threshold + 1e-12


@fixed
@given(prices, st.integers(1, 10))
def test_windows_of_sessions_are_those_of_pandas(levels: list[float], length: int) -> None:
    if len(levels) <= length:
        return
    found = windows.session_windows(sessions(len(levels)), np.array(levels), None, length)
    expected = (pd.Series(levels).pct_change(length) * 100).dropna()
    assert found.values == pytest.approx(expected.to_numpy(), rel=1e-9, abs=1e-9)
    assert found.rank() == 1 + sum(v > found.values[-1] for v in found.values[:-1])
    assert 0 < found.percentile() <= 100


@fixed
@given(prices, st.integers(3, 20))
def test_windows_of_months_are_those_of_pandas(levels: list[float], step: int) -> None:
    dates = sessions(len(levels), step)
    ends = pd.Series(levels, index=pd.DatetimeIndex(dates)).resample("ME").last()
    expected = (ends.pct_change() * 100).dropna()
    if len(expected) == 0:
        return
    found = windows.month_windows(dates, np.array(levels), None)
    assert found.values == pytest.approx(expected.to_numpy(), rel=1e-9, abs=1e-9)


@fixed
@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_runs_against_the_text_of_them(won: list[bool]) -> None:
    text = "".join("w" if w else "l" for w in won)
    assert streaks.longest(np.array(won)) == max(map(len, text.split("l")))
    assert streaks.from_start(np.array(won)) == len(text.split("l")[0])


@fixed
@given(prices, prices)
def test_a_spread_turned_round_has_the_other_sign(first: list[float], second: list[float]) -> None:
    count = min(len(first), len(second))
    a, b = np.array(first[:count]), np.array(second[:count])
    assert streaks.session_spreads(a, b) == pytest.approx(-streaks.session_spreads(b, a))


@fixed
@given(prices, st.integers(0, 40), st.integers(1, 5))
def test_precedents_against_a_plain_walk(levels: list[float], threshold: int, horizon: int) -> None:
    """One level a month, against something that never moves."""
    months = np.datetime64("1990-01") + np.arange(len(levels))
    dates = (months + 1).astype("datetime64[D]") - 1
    found = precedents.month_precedents(
        dates, np.array(levels), np.ones(len(levels)), float(threshold), horizon
    )
    hits, later = 0, []
    for i in range(1, len(levels) - 1):
        if 100.0 * (levels[i] / levels[i - 1] - 1.0) - 0.0 >= threshold:
            hits += 1
            if i + horizon < len(levels):
                later.append(100 * (levels[i + horizon] / levels[i] - 1))
    assert found.count == hits
    assert found.later == pytest.approx(later, abs=1e-9)


@fixed
@given(st.lists(st.tuples(st.integers(-50, 90), st.integers(-50, 90)), min_size=1, max_size=40))
def test_compounding_legs_is_not_compounding_differences(pairs: list[tuple[int, int]]) -> None:
    """Leg by leg is the difference of two wealths; only without a second leg is it the same thing."""
    a, b = (np.array([p[i] for p in pairs], dtype=float) for i in (0, 1))
    expected = 100 * (math.prod(1 + x / 100 for x in a) - math.prod(1 + x / 100 for x in b))
    assert returns.compound_legs([a], [b]) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert returns.compound_legs([a], [np.zeros(len(a))]) == pytest.approx(returns.compound([a]), abs=1e-9)
