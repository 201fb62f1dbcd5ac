"""The kernels behind the first metrics, by hand: small numbers whose answer can be worked out on paper."""

from __future__ import annotations

import numpy as np
import pytest

from rotascope.analytics import eras, precedents, returns, rolling, streaks, windows
from rotascope.analytics.arrays import common, month_ends
from rotascope.model.errors import MissingDataError

NAN = float("nan")


def days(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[D]")


def values(*numbers: float) -> np.ndarray:
    return np.array(numbers, dtype=np.float64)


def test_percent_change() -> None:
    assert returns.pct_change(80.0, 100.0) == 25.0
    assert returns.pct_change(100.0, 80.0) == pytest.approx(-20.0)


@pytest.mark.parametrize("pair", [(0.0, 1.0), (1.0, 0.0), (-1.0, 1.0), (NAN, 1.0), (1.0, NAN)])
def test_a_level_that_is_not_positive_has_no_return(pair: tuple[float, float]) -> None:
    with pytest.raises(MissingDataError):
        returns.pct_change(*pair)


def test_compounding_rebalances_to_the_mean() -> None:
    """(10, 0) and (0, 10): each month the mean is 5, so 1.05 * 1.05 - 1 = 10.25 percent."""
    assert returns.compound([values(10, 0), values(0, 10)]) == pytest.approx(10.25)
    assert returns.compound([values(10, -10)]) == pytest.approx(-1.0)


def test_a_spread_is_compounded_leg_by_leg() -> None:
    """+10, +10 against 0, +10: 21 - 10 = 11 points. The differences 10, 0 as one series would give 10."""
    assert returns.compound_legs([values(10, 10)], [values(0, 10)]) == pytest.approx(11.0)
    assert returns.compound([values(10, 0)]) == pytest.approx(10.0)


def test_weights_are_those_of_each_period() -> None:
    """3 to 1 in the first month: (3 * 4 + 1 * 0) / 4 = 3; equal in the second: 5."""
    growth = returns.leg_growth([values(4, 10), values(0, 0)], [values(3, 1), values(1, 1)])
    assert growth == pytest.approx([1.03, 1.05])


@pytest.mark.parametrize("weights", [[values(0.0), values(0.0)], [values(2.0), values(-1.0)]])
def test_weights_must_weigh(weights: list[np.ndarray]) -> None:
    with pytest.raises(MissingDataError):
        returns.leg_growth([values(1.0), values(2.0)], weights)


def test_the_start_counts_as_a_peak() -> None:
    """Wealth 1, 0.8, 0.88, 1.1, 0.99: the deepest fall is the first, from the start."""
    assert returns.return_drawdown(values(-20, 10, 25, -10)) == pytest.approx(-0.2)
    assert returns.return_drawdown(values(1, 2, 3)) == 0.0


def test_rolling_windows() -> None:
    """+1, -1, +1, +1: sums of two are 0, 0, 2. A tie is not a win."""
    month = days("2000-01-31", "2000-02-29", "2000-03-31", "2000-04-30")
    gaps = values(1, -1, 1, 1)
    assert rolling.rolling_wins(month, gaps, 2) == (1, 3)
    assert rolling.rolling_wins(month, gaps, 2, np.datetime64("2000-03-31")) == (1, 1)
    assert rolling.rolling_wins(month, gaps, 2, np.datetime64("2000-04-30")) == (0, 0)
    assert rolling.rolling_wins(month, gaps, 5) == (0, 0)


def test_rounding_does_not_decide_a_tie() -> None:
    """0.1 + 0.2 - 0.3 is zero on paper and 5.6e-17 in binary."""
    month = days("2000-01-31", "2000-02-29", "2000-03-31")
    assert rolling.rolling_wins(month, values(0.1, 0.2, -0.3), 3) == (0, 1)


@pytest.mark.parametrize(
    ("path", "pivots"),
    [
        ([0, 1, 0.5, 2, 0.9, 1, 2.5], [0, 3, 4]),  # up 2, down 1.1, up 1.6
        ([0, -1, -2, -1], [0, 2]),  # a fall from the start, then a turn
        ([0, 0.5, 0.2, 0.6], []),  # never a full turn
        ([0, 1, 1, 0], [0, 1]),  # of equal highs the first
    ],
)
def test_turning_points(path: list[float], pivots: list[int]) -> None:
    assert eras.zigzag(values(*path), 1.0) == pivots


def test_eras_run_from_turn_to_turn_and_the_last_is_open() -> None:
    """Path 0, 1, 2, 1, 0, 1: turns at 0 (low), 2 (high), 4 (low, since 5 is a full turn above it)."""
    _, found = eras.eras(values(1, 1, -1, -1, 1), 1.0)
    assert [(e.start, e.end, e.direction) for e in found] == [(0, 2, 1), (2, 4, -1), (4, 5, 1)]
    assert found[0].years == pytest.approx(2 / 12)
    ends = days("2000-01-31", "2000-02-29", "2000-03-31", "2000-04-30", "2000-05-31")
    assert str(eras.point_date(ends, 0)) == str(eras.point_date(ends, 1)) == "2000-01-31"
    assert str(eras.point_date(ends, 4)) == "2000-04-30"


def test_windows_of_sessions() -> None:
    """Levels 100, 110, 99, 108.9: changes over one session are +10, -10, +10."""
    dates = days("2000-01-03", "2000-01-04", "2000-01-05", "2000-01-06")
    found = windows.session_windows(dates, values(100, 110, 99, 108.9), None, 1)
    assert found.values == pytest.approx([10, -10, 10])
    assert found.rank() in (1, 2)  # equal on paper; rounding may tell the first from the last
    assert found.independent == 3
    two = windows.session_windows(dates, values(100, 110, 99, 120), values(1, 1, 1, 1), 2)
    assert two.values == pytest.approx([-1.0, 100 * (120 / 110 - 1)])
    assert (two.rank(), two.percentile(), two.independent) == (1, 100.0, 1)


def test_windows_of_months_skip_a_missing_month() -> None:
    """January to February is a month; February to April is none, April to May is one again."""
    dates = days("2000-01-31", "2000-02-28", "2000-02-29", "2000-04-28", "2000-05-31")
    found = windows.month_windows(dates, values(100, 1, 110, 50, 45), None)
    assert found.values == pytest.approx([10.0, -10.0])
    assert [str(d) for d in found.ends] == ["2000-02-29", "2000-05-31"]
    assert (found.rank(), found.percentile(), found.independent) == (2, 50.0, 2)
    assert str(found.last_as_large()) == "2000-02-29"
    with pytest.raises(MissingDataError):
        windows.month_windows(days("2000-01-31", "2000-03-31"), values(1, 2), None)


def test_the_largest_window_of_all_has_no_predecessor() -> None:
    found = windows.session_windows(
        days("2000-01-03", "2000-01-04", "2000-01-05"), values(1, 1.1, 2), None, 1
    )
    with pytest.raises(MissingDataError, match="No earlier window"):
        found.last_as_large()


def test_streaks() -> None:
    won = np.array([True, True, False, True, True, True, False])
    assert streaks.from_start(won) == 2
    assert streaks.first_failure(won) == 2
    assert streaks.longest(won) == 3
    assert streaks.from_start(np.array([True, True])) == 2
    assert streaks.longest(np.array([False])) == 0
    with pytest.raises(MissingDataError):
        streaks.first_failure(np.array([True, True]))


def test_the_spread_without_its_largest_day() -> None:
    """A: +10, +50, -10; B: flat. Without the second day 1.1 * 0.9 = 0.99: one point behind."""
    a, b = values(100, 110, 165, 148.5), values(5, 5, 5, 5)
    assert streaks.session_spreads(a, b) == pytest.approx([10, 50, -10])
    assert streaks.without_largest(a, b) == pytest.approx(-1.0)
    with pytest.raises(MissingDataError):
        streaks.without_largest(values(1, 2), values(1, 1))
    with pytest.raises(MissingDataError):
        streaks.session_spreads(values(1), values(1))


def test_precedents() -> None:
    """B never moves. A: +10, +2, +20, -50, +10 (the current month). At 5 or more: the first and the third."""
    dates = days("2000-01-31", "2000-02-29", "2000-03-31", "2000-04-28", "2000-05-31", "2000-06-30")
    a = values(100, 110, 112.2, 134.64, 67.32, 74.052)
    b = np.ones(6)
    found = precedents.month_precedents(dates, a, b, 5.0, 1)
    assert found.count == 2
    assert found.later == pytest.approx([2.0, -50.0])
    six = precedents.month_precedents(dates, a, b, 5.0, 4)
    assert six.count == 2
    assert six.later == pytest.approx(
        [100 * (74.052 / 110 - 1)]
    )  # only the first has four months ahead of it
    falls = precedents.month_precedents(dates, a, b, -5.0, 1)
    assert falls.count == 1
    assert falls.later == pytest.approx([10.0])


def test_common_dates_leave_out_what_one_side_does_not_know() -> None:
    left = (days("2000-01-03", "2000-01-04", "2000-01-05"), values(1, NAN, 3))
    right = (days("2000-01-04", "2000-01-05", "2000-01-06"), values(4, 5, 6))
    dates, a, b = common(left, right)
    assert [str(d) for d in dates] == ["2000-01-05"]
    assert (a.tolist(), b.tolist()) == ([3.0], [5.0])


def test_month_ends() -> None:
    assert month_ends(days("2026-01-02", "2026-01-30", "2026-02-02")).tolist() == [1, 2]
    assert month_ends(days("2025-01-31", "2026-01-30")).tolist() == [0, 1]
