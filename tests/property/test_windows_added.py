"""Windows added one by one, or in batches, give what the whole history gives."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from rotascope.analytics import incremental, inference, windows
from rotascope.analytics.incremental import Ranks, WindowHistory
from rotascope.model.errors import BadInputError, MissingDataError

# few different levels, so that equal windows are frequent
LEVEL = st.one_of(st.integers(1, 4).map(float), st.floats(0.5, 2000.0))
VALUES = st.lists(st.one_of(st.integers(-3, 3).map(float), st.floats(-50, 50), st.just(np.nan)), max_size=80)
FIRST = np.datetime64("2020-01-01")


def batches(values: np.ndarray, cuts: list[int]) -> list[slice]:
    """Return slices that cover all values, cut at random places; some are empty."""
    places = sorted(min(c, len(values)) for c in cuts)
    return [slice(i, j) for i, j in zip([0, *places], [*places, len(values)], strict=True)]


@settings(deadline=None)
@given(VALUES, st.lists(st.integers(0, 80), max_size=6))
def test_percentiles_are_those_of_everything_at_once(drawn: list[float], cuts: list[int]) -> None:
    values = np.array(drawn, dtype=np.float64)
    ranks = Ranks()
    found = np.concatenate([ranks.add(values[part]) for part in batches(values, cuts)])
    np.testing.assert_array_equal(found, inference.expanding_percentiles(values))
    known = values[~np.isnan(values)]
    assert ranks.count == known.size
    for value in (*known[:5].tolist(), 0.0, 1000.0):
        if known.size:
            assert ranks.standing(value, 5) == inference.standing(known, value, 5)
            assert ranks.standing(value).percentile == pytest.approx(
                stats.percentileofscore(known, value, kind="weak"), rel=1e-12, abs=1e-12
            )


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 1000), st.integers(1, 40))
def test_runs_stay_few_and_sorted(count: int, batch: int) -> None:
    """The bound that the cost rests on: each run is more than twice as long as the next."""
    ranks = Ranks()
    values = np.random.default_rng(count).normal(size=count)
    for i in range(0, count, batch):
        ranks.add(values[i : i + batch])
    sizes = [run.size for run in ranks._runs]
    assert sum(sizes) == count
    assert all(a > 2 * b for a, b in pairwise(sizes))
    assert all((np.diff(run) >= 0).all() for run in ranks._runs)


@settings(deadline=None)
@given(
    st.lists(st.tuples(LEVEL, LEVEL), min_size=2, max_size=60),
    st.booleans(),
    st.integers(1, 12),
    st.lists(st.integers(0, 60), max_size=5),
)
def test_windows_are_those_of_the_whole_history(
    levels: list[tuple[float, float]], spread: bool, length: int, cuts: list[int]
) -> None:
    a, b = np.array(levels).T
    dates = FIRST + np.arange(len(a))
    history, parts = WindowHistory(length), []
    for part in batches(a, cuts):
        if a[part].size:
            parts.append(history.add(dates[part], a[part], b[part] if spread else None))
    ends, values, percentiles, as_large = (
        np.concatenate([getattr(p, name) for p in parts])
        for name in ("ends", "values", "percentiles", "last_as_large")
    )
    if len(a) <= length:
        assert not values.size and history.count == 0
        with pytest.raises(MissingDataError):
            history.standing()
        return
    whole = windows.session_windows(dates, a, b if spread else None, length)
    assert ends.tolist() == whole.ends.tolist()
    np.testing.assert_array_equal(values, whole.values)
    np.testing.assert_array_equal(percentiles, inference.expanding_percentiles(whole.values))
    told = history.standing()
    assert (told.rank, told.percentile, told.independent) == (
        whole.rank(),
        whole.percentile(),
        whole.independent,
    )
    for i, found in enumerate(as_large):
        earlier = [e for e, v in zip(ends[:i], values[:i], strict=True) if v >= values[i]]
        assert found == earlier[-1] if earlier else np.isnat(found)


def test_a_bad_addition_changes_nothing() -> None:
    history = WindowHistory(2)
    dates = FIRST + np.arange(9)
    history.add(dates[:4], np.array([1.0, 2.0, 3.0, 4.0]))
    good = np.array([5.0, 6.0])
    for bad in (
        lambda: history.add(dates[3:5], good),
        lambda: history.add(dates[[5, 4]], good),
        lambda: history.add(dates[[4, 4]], good),
        lambda: history.add(dates[4:6], np.array([5.0, np.nan])),
        lambda: history.add(dates[4:6], np.array([5.0, 0.0])),
        lambda: history.add(dates[4:6], good, good),
        lambda: history.add(dates[4:7], good),
        lambda: history.add(dates[:0], good[:0]),
    ):
        with pytest.raises((BadInputError, MissingDataError)):
            bad()
    # 3/1 and 4/2 were there; 5/3 and 6/4 follow as if nothing had happened
    np.testing.assert_allclose(history.add(dates[4:6], good).values, [200 / 3, 50.0])
    assert history.count == 4 and history.standing().rank == 4
    with pytest.raises(BadInputError):
        WindowHistory(0)
    with pytest.raises(BadInputError, match="one row of values"):
        Ranks().add(np.ones((2, 2)))
    with pytest.raises(MissingDataError):
        Ranks().standing(1.0)


def test_the_cost_is_that_of_the_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: the values that are sorted again for 1,000 new windows on 50,000."""
    ranks, rng = Ranks(), np.random.default_rng(3)
    ranks.add(rng.normal(size=50_000))
    touched = 0
    plain = np.sort

    def counted(values: np.ndarray, **more: str) -> np.ndarray:
        nonlocal touched
        touched += values.size
        return plain(values, **more)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(incremental.np, "sort", counted)
    for value in rng.normal(size=1_000):
        ranks.add(np.array([value]))
    assert touched < 1_000 * 2 * np.log2(51_000)
