"""Means and sums over windows are as exact as the rows inside them, whatever came before.

The oracle is `math.fsum`, which rounds once. Prices span fifteen orders of magnitude: an index from before a
currency reform beside the years after it.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotascope.analytics import breadth, drivers, inference, rolling
from rotascope.model.errors import MissingDataError

PRICE = st.floats(-6, 9).map(lambda x: 10.0**x)
CELL = st.one_of(PRICE, PRICE, PRICE, st.just(float("nan")))


def plain(values: list[float], length: int) -> list[float]:
    """Return the sums of all windows, each by itself and rounded once."""
    return [math.fsum(values[i : i + length]) for i in range(len(values) - length + 1)]


@given(st.lists(CELL, min_size=1, max_size=60), st.integers(1, 25))
def test_averages_of_closes_against_fsum(closes: list[float], length: int) -> None:
    if length > len(closes):
        with pytest.raises(MissingDataError):
            breadth.rolling_average(np.array(closes)[:, None], length)
        return
    table = np.column_stack([closes, closes[::-1]])
    for column, own in zip(breadth.rolling_average(table, length).T, (closes, closes[::-1]), strict=True):
        assert np.isnan(column[: length - 1]).all()
        expected = [total / length for total in plain(own, length)]
        np.testing.assert_allclose(column[length - 1 :], expected, rtol=1e-14)


@given(st.lists(PRICE, min_size=2, max_size=60), st.integers(2, 25))
def test_who_is_above_the_average_against_fsum(closes: list[float], length: int) -> None:
    if length > len(closes):
        return
    found = breadth.share_above_average(
        np.array(closes)[:, None], np.ones((len(closes), 1), dtype=bool), length
    ).share
    for i, total in enumerate(plain(closes, length)):
        ratio = closes[i + length - 1] / (total / length)
        if abs(ratio - 1.0 - breadth.ON_AVERAGE) > 1e-12:
            assert found[i + length - 1] == float(ratio > 1.0 + breadth.ON_AVERAGE)


@given(st.lists(st.floats(-40, 40), min_size=1, max_size=60), st.integers(1, 25))
def test_means_of_logs_against_fsum(line: list[float], length: int) -> None:
    found = rolling.rolling_mean(np.array(line), length)
    if length > len(line):
        assert np.isnan(found).all()
        return
    expected = [total / length for total in plain(line, length)]
    np.testing.assert_allclose(found[length - 1 :], expected, rtol=1e-13, atol=1e-13)


@given(st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=80), st.integers(1, 30))
def test_sums_of_whole_numbers_are_exact(values: list[int], length: int) -> None:
    if length <= len(values):
        found = rolling.window_sums(np.array(values, dtype=np.float64), length)
        assert found.tolist() == [sum(values[i : i + length]) for i in range(len(values) - length + 1)]


def test_what_running_sums_get_wrong() -> None:
    """A price of a billion, then thousandths: the difference of two running sums loses half of the digits,
    and the rolling mean of pandas, which carries a running sum with a correction, is no oracle here."""
    closes = np.concatenate([np.full(5, 1e9), np.full(5, 0.001), [0.0011]])
    (exact,) = breadth.rolling_average(closes[:, None], 5)[-1]
    assert exact == pytest.approx(0.00102, rel=1e-14)
    total = np.cumsum(closes)
    assert abs((total[-1] - total[-6]) / 5 / 0.00102 - 1.0) > 1e-4
    assert pd.Series(closes).rolling(5).mean().iloc[-1] == pytest.approx(0.00102, rel=1e-2)


@given(st.lists(st.integers(-60, 60).map(lambda n: n / 10), min_size=3, max_size=60), st.integers(1, 8))
def test_equal_changes_share_a_percentile(steps: list[float], window: int) -> None:
    """Tenths are not binary fractions; which of two equal sums is a rounding larger must not count."""
    if len(steps) <= window:
        return
    tenths = [round(10 * s) for s in steps]
    sums = [sum(tenths[i : i + window]) for i in range(len(tenths) - window + 1)]
    expected = 100.0 * sum(s <= sums[-1] for s in sums) / len(sums)
    assert drivers.change_percentile(np.array(steps), window) == expected


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=14), st.integers(1, 5))
def test_independent_windows_of_a_regime_are_the_most_that_fit(where: list[bool], overlap: int) -> None:
    """Against every subset: no choice of windows that do not overlap is larger."""
    if not any(where):
        return
    places = [i for i, ok in enumerate(where) if ok]

    def most(at: int, free: int) -> int:
        if at == len(places):
            return 0
        skip = most(at + 1, free)
        return max(skip, 1 + most(at + 1, places[at] + overlap)) if places[at] >= free else skip

    found = inference.standing_where(np.arange(len(where), dtype=float), 0.0, np.array(where), overlap)
    assert found.independent == most(0, 0)
