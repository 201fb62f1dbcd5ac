"""Random price histories: whatever the prices, the gates see the planted defect and nothing else."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotascope.ingest import calendar
from rotascope.ingest.quality import GATES, GateContext, collapse_duplicates
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field, Frequency, SeriesMeta
from rotascope.model.units import Unit
from rotascope.store.series import SeriesBlock

TODAY = date(2026, 1, 30)
Floats = npt.NDArray[np.float64]
SEEDS = st.integers(0, 2**32 - 1)
STARTS = st.floats(8.0, 450.0)


def history(seed: int, start: float, n: int) -> tuple[Floats, Floats, list[int]]:
    """Return raw closes in cents, the same adjusted for dividends, and the rows of the dividends.

    Dividends of 0.1% to 1% are paid every 60 to 66 rows. A close before a dividend d on row r is multiplied
    by 1 - d / close[r - 1], as vendors do.
    """
    random = np.random.default_rng(seed)
    raw = np.round(start * np.exp(np.cumsum(random.normal(0.0003, 0.012, n))), 2)
    factor = np.ones(n)
    rows = []
    row = int(random.integers(20, 60))
    while row < n - 5:
        factor[:row] *= 1.0 - np.round(raw[row - 1] * random.uniform(0.001, 0.01), 3) / raw[row - 1]
        rows.append(row)
        row += int(random.integers(60, 67))
    return raw, raw * factor, rows


def close_of(prices: Floats) -> SeriesBlock:
    """Return prices in single precision as a daily close that ends today."""
    dates = calendar.sessions(date(1990, 1, 1), TODAY)[-len(prices) :]
    meta = SeriesMeta("IWM", Field.CLOSE, Unit.USD, Frequency.DAILY, "test")
    return SeriesBlock(meta, dates, prices.astype(np.float32).astype(np.float64))


def check(prices: Floats) -> list[Finding]:
    return GATES["adjustment_switch"]([close_of(prices)], GateContext(today=TODAY))


@settings(max_examples=60, deadline=None)
@given(SEEDS, STARTS, st.integers(500, 1500))
def test_sound_histories_pass(seed: int, start: float, n: int) -> None:
    raw, adjusted, _ = history(seed, start, n)
    assert check(raw) == []
    assert check(adjusted) == []


@settings(max_examples=60, deadline=None)
@given(SEEDS, STARTS, st.integers(500, 1500), st.sampled_from([2.0, 3.0, 4.0, 5.0, 10.0, 20.0, 1.5, 0.125]))
def test_splits_pass(seed: int, start: float, n: int, ratio: float) -> None:
    raw, _, _ = history(seed, start, n)
    assert check(np.r_[raw[: n // 2] / ratio, raw[n // 2 :]]) == []


@pytest.mark.parametrize("start", [8.0, 20.0, 100.0, 400.0])
def test_a_switch_is_seen_where_it_is(start: float) -> None:
    """Fixed histories, since a fingerprint may fail now and then: 49 of 50 have to be seen.

    A vendor that stops adjusting leaves the factors of the dividends before. One missed dividend may hide:
    the raw end is then hardly longer than between two dividends. So two are missed at least.
    """
    seen = 0
    for seed in range(50):
        raw, adjusted, dividends = history(seed, start, 700 + 10 * seed)
        switch = dividends[-3 - seed % 3]
        prices = np.r_[adjusted[:switch] * (raw[switch] / adjusted[switch]), raw[switch:]]
        planted = close_of(prices).dates[switch].item()
        for finding in check(prices):
            assert finding.code == "adjustment_switch" and finding.first is not None
            days = sorted((planted, finding.first))
            assert calendar.count(days[0], days[1]) - 1 <= 3
            seen += 1
    assert seen >= 49


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from([0.0, 1.0, 2.0, float("nan")])), min_size=1, max_size=30
    )
)
def test_duplicates_lose_no_row_in_silence(rows: list[tuple[int, float]]) -> None:
    dates = np.datetime64("2026-01-01") + np.array([d for d, _ in rows])
    kept, values, findings = collapse_duplicates(dates, np.array([v for _, v in rows]))
    # The plain reference: what each date says, as text so that a blank equals a blank.
    said: dict[int, set[str]] = {}
    for day, value in rows:
        said.setdefault(day, set()).add(str(value))
    agreed = sorted(day for day, texts in said.items() if len(texts) == 1)
    assert (kept - np.datetime64("2026-01-01")).astype(int).tolist() == agreed
    assert [str(v) for v in values] == [next(iter(said[day])) for day in agreed]
    rejected = [f for f in findings if f.severity is Severity.REJECTED]
    assert len(rejected) == len(said) - len(agreed)
    assert len(kept) + sum(f.count for f in findings) == len(rows)
