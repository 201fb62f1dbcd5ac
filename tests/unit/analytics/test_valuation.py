"""Valuation gaps, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from rotascope.analytics.valuation import level_percentile, valuation_gap
from rotascope.model.errors import MissingDataError

DATES = np.array(["2021-06-30", "2022-06-30", "2023-06-30", "2024-06-30"], dtype="datetime64[D]")


def test_gap_of_book_to_market_by_hand() -> None:
    value, growth = np.array([0.9, 1.2, 0.8, 1.0]), np.array([0.3, 0.2, 0.4, 0.25])
    found = valuation_gap((DATES, value), (DATES, growth))
    # times: 3, 6, 2, 4: three of four are no greater than 4; the last one as wide was 6
    assert found.times == pytest.approx(4.0)
    assert found.log_gap == pytest.approx(np.log(4.0))
    assert (found.percentile, found.count) == (75.0, 4)
    assert found.median_times == pytest.approx(12**0.5)
    assert found.wider_since == np.datetime64("2022-06-30")
    assert found.date == DATES[-1]


def test_a_gap_below_one_is_wider_downwards() -> None:
    found = valuation_gap((DATES, np.array([0.1, 0.9, 0.4, 0.5])), (DATES, np.ones(4)))
    assert found.wider_since == np.datetime64("2023-06-30")
    widest = valuation_gap((DATES, np.array([0.6, 0.9, 0.7, 0.5])), (DATES, np.ones(4)))
    assert widest.wider_since is None


def test_dates_of_one_leg_only_are_left_out() -> None:
    first = np.array([2.0, np.nan, 3.0, 2.0])
    found = valuation_gap((DATES, first), (DATES[1:], np.array([1.0, 1.0, np.nan])))
    assert (found.count, found.date) == (1, np.datetime64("2023-06-30"))
    with pytest.raises(MissingDataError, match="in common"):
        valuation_gap((DATES[:1], first[:1]), (DATES[1:], np.ones(3)))


def test_a_ratio_of_zero_or_less_has_no_gap() -> None:
    for bad in (0.0, -4.0):
        with pytest.raises(MissingDataError):
            valuation_gap((DATES, np.array([1.0, bad, 1.0, 1.0])), (DATES, np.ones(4)))


def test_percentile_of_one_ratio() -> None:
    assert level_percentile(np.array([30.0, 10.0, np.nan, 20.0, 25.0])) == 75.0
    for bad in ([], [1.0, np.nan]):
        with pytest.raises(MissingDataError):
            level_percentile(np.array(bad))
