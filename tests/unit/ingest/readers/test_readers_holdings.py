"""Holdings and flows of funds."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from reader_files import findings, keys, meta, read, rows

from rotascope.model.findings import Severity
from rotascope.model.observations import Field
from rotascope.model.units import Unit

HEAD = (
    "\ufeffiShares Russell 2000 ETF\n"
    'Fund Holdings as of,"May 05, 2026"\n'
    'Inception Date,"May 22, 2000"\n'
    'Shares Outstanding,"278,750,000.00"\n'
    'Stock,"-"\n'
    "\xa0\n"
)
TABLE = (
    "Ticker,Name,Sector,Asset Class,Market Value,Weight (%),Notional Value,Quantity,Price,Location\n"
    '"BE","BLOOM CORP","Industrials","Equity","1,532,594,919.50","60.5","1","5,190,838.00","295.25","US"\n'
    '"ADRO","CHINOOK INC","Health Care","Equity","1,000.00","39.5","1","2.00","5","US"\n'
    '"ADRO","CHINOOK INC CVR","Health Care","Equity","0.10","0.00","1","1.00","5","US"\n'
    '"-","OMNIAB $12.50 VESTING","Health Care","Equity","0.10","0.00","1","1.00","5","US"\n'
)
FOOT = '\xa0\n"The content contained herein is owned or licensed by BlackRock, Inc."\nThis, that, and, more\n'


def test_holdings_as_ishares_serves_them() -> None:
    parsed = read("IWM_holdings_2026-05-05.csv", HEAD + TABLE + FOOT)
    assert rows(parsed, "HOLD.IWM.BE", Field.WEIGHT) == {"2026-05-05": 60.5}
    assert rows(parsed, "HOLD.IWM.BE", Field.MARKET_VALUE) == {"2026-05-05": 1532594919.5}
    assert rows(parsed, "HOLD.IWM.BE", Field.SHARES) == {"2026-05-05": 5190838}
    assert rows(parsed, "IWM", Field.SHARES) == {"2026-05-05": 278750000}
    told = meta(parsed, "HOLD.IWM.BE", Field.WEIGHT)
    assert told.unit is Unit.PERCENT
    assert dict(told.attributes) == {
        "name": "BLOOM CORP",
        "sector": "Industrials",
        "asset_class": "Equity",
        "country": "US",
    }
    assert {s for s, _ in keys(parsed)} == {
        "IWM",
        "HOLD.IWM.BE",
        "HOLD.IWM.ADRO",
        "HOLD.IWM.ADRO.CHINOOK_INC_CVR",
        "HOLD.IWM.OMNIAB_12_50_VESTING",
    }
    assert findings(parsed) == {"holdings_named": [None]} and parsed.rows_read == 4


def test_holdings_without_a_date_are_refused_until_it_is_given() -> None:
    parsed = read("IWM_holdings_late2025.csv", "\ufeff" + TABLE)
    assert parsed.blocks == []
    (finding,) = parsed.findings
    assert finding.code == "undated_holdings" and finding.severity is Severity.REJECTED
    assert "--date" in finding.message
    dated = read("IWM_holdings_late2025.csv", "\ufeff" + TABLE, day=date(2025, 11, 24))
    assert rows(dated, "HOLD.IWM.BE", Field.WEIGHT) == {"2025-11-24": 60.5}


def test_the_date_in_the_file_comes_before_the_option() -> None:
    parsed = read("IWM_holdings.csv", HEAD + TABLE, day=date(2025, 1, 1))
    assert rows(parsed, "HOLD.IWM.BE", Field.WEIGHT) == {"2026-05-05": 60.5}


def test_bad_rows_of_holdings_are_named() -> None:
    text = HEAD + TABLE.replace('"39.5"', '"many"').replace('"60.5"', '"20"') + '"X","Y"\n'
    parsed = read("IWM_holdings.csv", text)
    assert findings(parsed)["unreadable_number"] == [9]
    assert findings(parsed)["too_few_columns"] == [12]
    assert "weights_off" in findings(parsed)


def test_json_lists_of_holdings() -> None:
    small_print = "Past performance is not a reliable indicator of future performance. " * 3
    told = [
        {"ticker": "NVDA", "name": "NVIDIA CORP", "sector": "Information Technology", "weight": 99.9},
        {"ticker": "NAN", "name": "nan", "sector": "Health Care", "weight": 0.0},
        {"ticker": "NAN", "name": small_print, "sector": "Health Care", "weight": 0.0},
        {"ticker": "-", "name": "US DOLLAR", "sector": "Cash", "weight": 0.1},
    ]
    parsed = read("SPY.json", json.dumps(told), day=date(2025, 11, 24))
    assert keys(parsed) == {("HOLD.SPY.NVDA", "weight"), ("HOLD.SPY.US_DOLLAR", "weight")}
    assert findings(parsed)["unnamed_holding"] == [2, 3] and "date_given" in findings(parsed)
    assert read("SPY.json", json.dumps(told)).blocks == []


def test_flows_keep_blanks_as_unknown() -> None:
    parsed = read(
        "flows.csv", "date,ticker,flow_usd\n2026-01-02,IWM,-110800000\n2026-01-05,IWM,\n2026-01-02,SPY,5\n"
    )
    assert rows(parsed, "IWM", Field.FLOW) == {"2026-01-02": -110800000, "2026-01-05": None}
    assert rows(parsed, "SPY", Field.FLOW) == {"2026-01-02": 5}
    assert meta(parsed, "IWM", Field.FLOW).unit is Unit.USD


def test_shares_and_their_price() -> None:
    parsed = read(
        "shares.csv", "date,ticker,shares,price\n2026-03-30,AGG,1398800000,99.04\n2026-03-31,AGG,,\n"
    )
    assert rows(parsed, "AGG", Field.SHARES) == {"2026-03-30": 1398800000, "2026-03-31": None}
    assert rows(parsed, "AGG", Field.NAV) == {"2026-03-30": 99.04, "2026-03-31": None}
    alone = read("IWM_shares__x.csv", "Date,shares_outstanding\n2026-03-04,281800000.0\n")
    assert rows(alone, "IWM", Field.SHARES) == {"2026-03-04": 281800000}
    assert meta(alone, "IWM", Field.SHARES).unit is Unit.SHARES


@pytest.mark.market
def test_real_holdings(market: Path) -> None:
    path = market / "holdings" / "IWM_holdings_2026-05-05.csv"
    parsed = read(path.name, path.read_bytes())
    assert rows(parsed, "HOLD.IWM.BE", Field.SHARES) == {"2026-05-05": 5190838}
    assert rows(parsed, "IWM", Field.SHARES) == {"2026-05-05": 278750000}
    weights = [float(b.values[0]) for b in parsed.blocks if b.meta.field is Field.WEIGHT]
    lines = path.read_text("utf-8-sig").splitlines()
    assert len(weights) == sum(line.count('","') == 14 for line in lines)
    assert np.isclose(sum(weights), 100, atol=1)
