"""Breadth on a table small enough to count by hand, and against pandas on a larger one."""

from __future__ import annotations

import csv
import math
from datetime import date, datetime
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from rotascope.analytics import breadth
from rotascope.model.errors import BadInputError, MissingDataError

NAN = np.nan
CLOSES = np.array(
    [
        [10.0, 20.0, 30.0, NAN],
        [11.0, 20.0, 29.0, 5.0],
        [12.0, NAN, 28.0, 6.0],
        [13.0, 22.0, 31.0, 7.0],
    ]
)
ALL = np.ones(CLOSES.shape, dtype=bool)


def test_share_up_by_hand() -> None:
    found = breadth.share_up(CLOSES, ALL)
    # session 1: up, same, down, no base; session 2: up, gap, down, up; session 3: up, gap, up, up
    np.testing.assert_allclose(found.share, [NAN, 1 / 3, 2 / 3, 1.0])
    assert found.counted.tolist() == [0, 3, 3, 3]
    assert found.left_out.tolist() == [4, 1, 1, 1]


def test_a_name_counts_only_while_it_is_a_member() -> None:
    members = ALL.copy()
    members[3, 0] = False
    members[:3, 3] = False
    found = breadth.share_up(CLOSES, members)
    np.testing.assert_allclose(found.share, [NAN, 1 / 3, 1 / 2, 1.0])
    assert found.counted.tolist() == [0, 3, 2, 2]
    assert found.left_out.tolist() == [3, 0, 1, 1]


def test_above_average_needs_every_close() -> None:
    found = breadth.share_above_average(CLOSES, ALL, 2)
    # averages of two: 10.5 20 29.5 - | 11.5 - 28.5 5.5 | 12.5 - 29.5 6.5
    np.testing.assert_allclose(found.share, [NAN, 1 / 3, 2 / 3, 1.0])
    assert found.left_out.tolist() == [4, 1, 1, 1]


def test_a_flat_price_is_not_above_its_own_average() -> None:
    closes = np.full((300, 1), 10.1)
    found = breadth.share_above_average(closes, np.ones((300, 1), dtype=bool), 50)
    assert found.share[-1] == 0.0


def test_beating_the_index_is_strict_and_needs_the_index() -> None:
    index = np.array([100.0, 110.0, 110.0, NAN])
    found = breadth.share_beating(CLOSES, ALL, index, 1)
    # session 1: index +10%: names +10% (a tie), 0, -; session 2: index 0: names up, gap, down, up
    np.testing.assert_allclose(found.share, [NAN, 0.0, 2 / 3, NAN])
    assert found.counted.tolist() == [0, 3, 3, 0]
    with pytest.raises(BadInputError):
        breadth.share_beating(CLOSES, ALL, index[:2], 1)


def test_highs_and_lows_by_hand() -> None:
    found = breadth.highs_lows(CLOSES, ALL, 3)
    # session 2: 12 > 11, 10 high; 28 < 29 low; session 3: 13 high; 31 > 28, 29 high; 7 > 6, 5 high
    assert found.highs.tolist() == [0, 0, 1, 3]
    assert found.lows.tolist() == [0, 0, 1, 0]
    assert found.net.tolist() == [0, 0, 0, 3]
    assert found.counted.tolist() == [0, 0, 2, 3]
    assert found.left_out.tolist() == [4, 4, 2, 1]


def test_advance_decline_by_hand() -> None:
    found = breadth.advance_decline(CLOSES, ALL)
    assert found.advancers.tolist() == [0, 1, 2, 3]
    assert found.decliners.tolist() == [0, 1, 1, 0]
    assert found.line.tolist() == [0, 0, 1, 4]


@pytest.mark.parametrize("length", [2, 3, 5, 8, 21])
def test_against_pandas(length: int) -> None:
    rng = np.random.default_rng(length)
    closes = 50 * np.exp(np.cumsum(rng.normal(0, 0.02, (120, 9)), axis=0))
    closes[rng.random(closes.shape) < 0.02] = NAN
    members = rng.random(closes.shape) < 0.9
    frame = pd.DataFrame(closes)

    average = frame.rolling(length).mean()
    counts = members & average.notna().to_numpy()
    above = breadth.share_above_average(closes, members, length)
    assert above.counted.tolist() == counts.sum(axis=1).tolist()
    hits = (counts & (frame > average).to_numpy()).sum(axis=1)
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(above.share, hits / counts.sum(axis=1))

    top = frame.shift(1).rolling(length - 1).max()
    bottom = frame.shift(1).rolling(length - 1).min()
    counts = members & top.notna().to_numpy() & frame.notna().to_numpy()
    found = breadth.highs_lows(closes, members, length)
    assert found.highs.tolist() == (counts & (frame > top).to_numpy()).sum(axis=1).tolist()
    assert found.lows.tolist() == (counts & (frame < bottom).to_numpy()).sum(axis=1).tolist()
    assert found.counted.tolist() == counts.sum(axis=1).tolist()


def test_bad_shapes_lengths_and_prices_are_refused() -> None:
    with pytest.raises(BadInputError):
        breadth.share_up(CLOSES, ALL[:2])
    with pytest.raises(BadInputError):
        breadth.advance_decline(CLOSES[:, 0], ALL[:, 0])
    with pytest.raises(MissingDataError, match="does not fit"):
        breadth.share_above_average(CLOSES, ALL, 5)
    with pytest.raises(MissingDataError, match="does not fit"):
        breadth.highs_lows(CLOSES, ALL, 1)
    with pytest.raises(MissingDataError, match="positive"):
        breadth.share_up(np.zeros((2, 1)), np.ones((2, 1), dtype=bool))


@pytest.mark.market
def test_real_members_point_in_time_against_a_plain_loop(market: Path) -> None:
    days, tickers, closes = _panel(market / "panel" / "sp500_daily_prices__timothee.parquet")
    members = _members(market / "panel" / "sp500_ticker_start_end__fja.csv", days, tickers)
    up = breadth.share_up(closes, members)
    above = breadth.share_above_average(closes, members, 50)
    for t in (60, 251, len(days) - 1):
        one = [
            c for c in range(len(tickers)) if members[t, c] and not np.isnan(closes[t - 1 : t + 1, c]).any()
        ]
        assert up.share[t] == pytest.approx(sum(closes[t, c] > closes[t - 1, c] for c in one) / len(one))
        assert up.left_out[t] == members[t].sum() - len(one)
        fifty = [c for c in one if not np.isnan(closes[t - 49 : t + 1, c]).any()]
        hits = sum(closes[t, c] > math.fsum(closes[t - 49 : t + 1, c]) / 50 for c in fifty)
        assert above.share[t] == pytest.approx(hits / len(fifty))
    assert 0 < members.sum(axis=1).min() < len(tickers)


def _panel(file: Path) -> tuple[list[date], list[str], np.ndarray]:
    found = duckdb.connect().execute("SELECT * FROM read_parquet(?)", [str(file)])
    names = [d[0] for d in found.description]
    rows = found.fetchall()
    at = next(i for i, v in enumerate(rows[0]) if isinstance(v, date))
    rows = sorted(rows, key=lambda r: r[at])
    table = [[NAN if v is None else float(v) for i, v in enumerate(r) if i != at] for r in rows]
    days = [r[at].date() if isinstance(r[at], datetime) else r[at] for r in rows]
    return days, [n for i, n in enumerate(names) if i != at], np.array(table)


def _members(file: Path, days: list[date], tickers: list[str]) -> np.ndarray:
    out = np.zeros((len(days), len(tickers)), dtype=bool)
    with file.open(newline="") as rows:
        for row in csv.DictReader(rows):
            if row["ticker"] in tickers:
                ends = row["end_date"] or "9999-12-31"
                inside = [row["start_date"] <= d.isoformat() < ends for d in days]
                out[:, tickers.index(row["ticker"])] |= inside
    return out
