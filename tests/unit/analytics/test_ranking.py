"""Ranks and dispersion, against scipy and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from rotascope.analytics import ranking
from rotascope.model.errors import BadInputError, MissingDataError

TIED = arrays(np.float64, st.integers(2, 25), elements=st.integers(-4, 4).map(float))


@given(TIED)
def test_ranks_against_scipy(values: np.ndarray) -> None:
    np.testing.assert_array_equal(ranking.ranks(values), stats.rankdata(-values))


@given(TIED, st.data())
def test_rank_correlation_against_scipy(before: np.ndarray, data: st.DataObject) -> None:
    after = data.draw(arrays(np.float64, before.size, elements=st.integers(-4, 4).map(float)))
    if np.ptp(before) == 0 or np.ptp(after) == 0:
        with pytest.raises(MissingDataError):
            ranking.rank_correlation(before, after)
        return
    expected = stats.spearmanr(before, after).statistic
    assert ranking.rank_correlation(before, after) == pytest.approx(expected, abs=1e-9)


def test_dispersion_by_hand() -> None:
    found = ranking.dispersion(np.array([14.0, 2.0, -1.0, 1.0]))
    # mean 4; distances 10 2 5 3; squares 100 4 25 9
    assert found.spread == 15.0
    assert found.mean_gap == 5.0
    assert found.standard_deviation == pytest.approx(34.5**0.5)


def test_groups() -> None:
    found = ranking.group_gap(np.array([6.0, 2.0, 1.0, -3.0]), [0, 1], [2, 3])
    assert (found.first, found.second, found.gap) == (4.0, -1.0, 5.0)
    for first, second in [([], [1]), ([0], []), ([0, 1], [1])]:
        with pytest.raises(BadInputError):
            ranking.group_gap(np.ones(3), first, second)


def test_gaps_and_wrong_sizes_are_refused() -> None:
    with pytest.raises(MissingDataError):
        ranking.ranks(np.array([1.0, np.nan]))
    with pytest.raises(BadInputError):
        ranking.rank_correlation(np.ones(3), np.ones(4))
    with pytest.raises(BadInputError):
        ranking.rank_correlation(np.ones(1), np.ones(1))
