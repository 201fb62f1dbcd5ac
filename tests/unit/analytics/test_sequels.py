"""What followed earlier windows: by hand, and against a slow search over a table."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope.analytics.sequels import of_returns, of_spread
from rotascope.model.errors import MissingDataError


def month_days(*months: str) -> np.ndarray:
    return np.array([f"{m}-28" for m in months], dtype="datetime64[D]")


def test_a_spread_by_hand() -> None:
    """
    January to April, A: 100 110 99 99, B: 100 100 100 110.
    Windows of one month: February +10, March -10, April -10 points.
    Sequels of one month: after February -10, after March -10; April's is not in the data.
    """
    days = month_days("2001-01", "2001-02", "2001-03", "2001-04")
    found = of_spread(days, np.array([100.0, 110, 99, 99]), np.array([100.0, 100, 100, 110]), 1, 1)
    assert found.value.round(9).tolist() == [10, -10]
    assert found.later.round(9).tolist() == [-10, -10]
    assert found.ahead() == 0
    assert found.beyond(10.0).value.size == 1
    assert found.beyond(-10.0).value.size == 1
    assert found.beyond(10.1).value.size == 0
    assert found.beyond(None).value.size == 2


def test_a_month_without_data_takes_away_only_the_windows_that_end_on_it() -> None:
    """May is missing: what ends in April has no sequel of one month; April to June is no window of one."""
    days = month_days("2001-03", "2001-04", "2001-06", "2001-07")
    a, b = np.array([1.0, 2, 4, 8]), np.ones(4)
    assert of_spread(days, a, b, 1, 1).value.size == 0
    found = of_spread(days, a, b, 1, 2)  # March to April, then April to June: 100% and 100%
    assert (found.value.tolist(), found.later.tolist()) == ([100], [100])
    assert of_spread(days, a, b, 2, 1).value.tolist() == [100]  # April to June, then June to July


def test_returns_by_hand() -> None:
    """Growth 1.1, 0.5, 1.2, 1.25: windows of two rows 0.55 and 0.6; the row after them gives 20% and 25%."""
    found = of_returns(np.array([10.0, -50.0, 20.0, 25.0]), 2, 1)
    assert found.value.round(9).tolist() == [-45, -40]
    assert found.later.round(9).tolist() == [20, 25]
    assert found.place.tolist() == [2, 3]
    assert found.ahead() == 2


@pytest.mark.parametrize(
    ("apart", "expected"),
    [(1, 6), (2, 3), (3, 2), (6, 1), (100, 1)],
)
def test_independent_windows_stand_apart(apart: int, expected: int) -> None:
    """Eight rows, windows of one with a sequel of two: they end at rows 1 to 6."""
    assert of_returns(np.ones(8), 1, 2).independent(apart) == expected


@pytest.mark.parametrize("bad", [float("nan"), -100.0, -150.0])
def test_returns_that_are_unknown_or_total_losses_are_refused(bad: float) -> None:
    with pytest.raises(MissingDataError):
        of_returns(np.array([1.0, bad, 1.0]), 1, 1)


def test_levels_that_are_not_positive_are_refused() -> None:
    with pytest.raises(MissingDataError):
        of_spread(month_days("2001-01", "2001-02"), np.array([1.0, 0.0]), np.ones(2), 1, 1)


@given(
    st.lists(st.floats(-60, 120, allow_nan=False), min_size=1, max_size=30),
    st.integers(1, 5),
    st.integers(1, 5),
)
def test_returns_agree_with_a_slow_search(values: list[float], length: int, horizon: int) -> None:
    found = of_returns(np.array(values, dtype=np.float64), length, horizon)
    expected = []
    for end in range(length, len(values) - horizon + 1):
        inside = math.prod(1 + v / 100 for v in values[end - length : end])
        after = math.prod(1 + v / 100 for v in values[end : end + horizon])
        expected.append((end, 100 * (inside - 1), 100 * (after - 1)))
    assert found.place.tolist() == [e[0] for e in expected]
    assert np.allclose(found.value, [e[1] for e in expected])
    assert np.allclose(found.later, [e[2] for e in expected])


@given(
    st.lists(st.tuples(st.integers(1, 40), st.floats(1, 100), st.floats(1, 100)), min_size=2, max_size=40),
    st.integers(1, 4),
    st.integers(1, 4),
)
def test_spreads_agree_with_a_table(rows: list[tuple[int, float, float]], length: int, horizon: int) -> None:
    days = np.datetime64("2001-01-01") + np.cumsum([r[0] for r in rows]).astype("timedelta64[D]")
    a, b = (np.array([r[i] for r in rows]) for i in (1, 2))
    table = pd.DataFrame({"a": a, "b": b}, index=pd.DatetimeIndex(days))
    ends = table.groupby(table.index.to_period("M")).last()
    expected = []
    for month in ends.index:
        if month - length in ends.index and month + horizon in ends.index:
            base, here, later = ends.loc[month - length], ends.loc[month], ends.loc[month + horizon]
            expected.append(
                (
                    100 * (here.a / base.a - here.b / base.b),
                    100 * (later.a / here.a - later.b / here.b),
                )
            )
    found = of_spread(days, a, b, length, horizon)
    assert np.allclose(found.value, [e[0] for e in expected])
    assert np.allclose(found.later, [e[1] for e in expected])
