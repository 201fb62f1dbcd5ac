"""Daily prices in the shapes that people have."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from reader_files import findings, keys, meta, read, rows

from rotascope.ingest.readers import recognise
from rotascope.model.findings import Severity
from rotascope.model.observations import Field, Frequency
from rotascope.model.units import Unit


def test_columns_are_found_by_name_in_any_order_and_case() -> None:
    parsed = read(
        "RUT.csv",
        "date,adj_close,close,high,low,open,volume\n2026-01-02,9,10,12,8,11,100\n2026-01-05,10,11,13,9,12,200\n",
    )
    assert rows(parsed, "RUT", Field.OPEN) == {"2026-01-02": 11, "2026-01-05": 12}
    assert rows(parsed, "RUT", Field.HIGH) == {"2026-01-02": 12, "2026-01-05": 13}
    assert rows(parsed, "RUT", Field.LOW) == {"2026-01-02": 8, "2026-01-05": 9}
    assert rows(parsed, "RUT", Field.CLOSE) == {"2026-01-02": 10, "2026-01-05": 11}
    assert rows(parsed, "RUT", Field.ADJUSTED_CLOSE) == {"2026-01-02": 9, "2026-01-05": 10}
    assert rows(parsed, "RUT", Field.VOLUME) == {"2026-01-02": 100, "2026-01-05": 200}
    assert parsed.findings == []
    assert meta(parsed, "RUT", Field.CLOSE).unit is Unit.INDEX_LEVEL
    assert meta(parsed, "RUT", Field.VOLUME).unit is Unit.SHARES


@pytest.mark.parametrize(
    ("name", "series", "unit"),
    [
        ("etfs/IWM.csv", "IWM", Unit.USD),
        ("etfs/_IRX.csv", "IRX", Unit.PERCENT),
        ("^GSPC.csv", "GSPC", Unit.INDEX_LEVEL),
        ("BRK.B.csv", "BRK.B", Unit.USD),
        ("aapl__vendor.csv", "AAPL", Unit.USD),
        ("^MYINDEX.csv", "MYINDEX", Unit.INDEX_LEVEL),
    ],
)
def test_the_series_is_the_name_of_the_file(name: str, series: str, unit: Unit) -> None:
    parsed = read(name, "Date,Close,Adj Close\n2026-01-02,10,9\n")
    assert keys(parsed) == {(series, "close"), (series, "adjusted_close")}
    assert meta(parsed, series, Field.CLOSE).unit is unit


def test_a_ticker_column_makes_one_series_each() -> None:
    parsed = read(
        "all.csv",
        "date,ticker,close,adjusted_close\n2026-01-02,SPY,1,1\n2026-01-02,iwm,5,4\n2026-01-05,SPY,2,2\n"
        "2026-01-05, iwm ,6,5\n2026-01-06,,6,5\n",
    )
    assert rows(parsed, "SPY", Field.CLOSE) == {"2026-01-02": 1, "2026-01-05": 2}
    assert rows(parsed, "IWM", Field.ADJUSTED_CLOSE) == {"2026-01-02": 4, "2026-01-05": 5}
    assert findings(parsed) == {"no_ticker": [6]}


def test_spellings_of_one_ticker_are_one_series() -> None:
    parsed = read("all.csv", "date,symbol,close\n2026-01-05,SPY,2\n2026-01-02,spy,1\n2026-01-06,^spy,3\n")
    assert rows(parsed, "SPY", Field.CLOSE) == {"2026-01-02": 1, "2026-01-05": 2, "2026-01-06": 3}


def test_a_column_that_comes_twice_is_read_once_and_said() -> None:
    parsed = read("closes.csv", "Date,SPY,^SPY\n2026-01-02,1,2\n")
    assert rows(parsed, "SPY", Field.ADJUSTED_CLOSE) == {"2026-01-02": 1}
    assert "repeated_column" in findings(parsed)


def test_a_wide_table_has_a_series_for_each_column() -> None:
    parsed = read("closes.csv", "Date,SPY,BRK.B\n2026-01-02,1,\n2026-01-05,2,7\n")
    assert rows(parsed, "SPY", Field.ADJUSTED_CLOSE) == {"2026-01-02": 1, "2026-01-05": 2}
    assert rows(parsed, "BRK.B", Field.ADJUSTED_CLOSE) == {"2026-01-05": 7}
    assert set(findings(parsed)) == {"assumed_adjusted_close"}


def test_three_line_headers_hold_adjusted_closes() -> None:
    parsed = read("IWD.csv", "Price,Close,Open,Volume\nTicker,IWD,IWD,IWD\nDate,,,\n2026-01-02,100.5,99,7\n")
    assert rows(parsed, "IWD", Field.ADJUSTED_CLOSE) == {"2026-01-02": 100.5}
    assert rows(parsed, "IWD", Field.VOLUME) == {"2026-01-02": 7}
    assert keys(parsed) == {("IWD", "adjusted_close"), ("IWD", "volume")}, "an adjusted open is no open"
    assert [f.severity for f in parsed.findings if f.code == "auto_adjusted_close"] == [Severity.INFO]


def test_three_line_headers_with_both_closes_and_several_tickers() -> None:
    parsed = read(
        "prices.csv",
        "Price,Adj Close,Adj Close,Close,Close\nTicker,SPY,^RUT,SPY,^RUT\nDate,,,,\n2026-01-02,9,5,10,5\n",
    )
    assert rows(parsed, "SPY", Field.CLOSE) == {"2026-01-02": 10}
    assert rows(parsed, "SPY", Field.ADJUSTED_CLOSE) == {"2026-01-02": 9}
    assert rows(parsed, "RUT", Field.CLOSE) == {"2026-01-02": 5}


def test_stooq_funds_are_adjusted_and_indices_are_not() -> None:
    body = "Date,Open,High,Low,Close,Volume\r\n2005-02-25,53,54,52,53.5,27945535.35362\r\n"
    fund = read("iwm_us_d__x.csv", body)
    assert keys(fund) == {("IWM", "adjusted_close"), ("IWM", "volume")}
    assert rows(fund, "IWM", Field.VOLUME) == {"2005-02-25": 27945535.35362}
    assert fund.source.publisher == "Stooq"
    index = read("caret_spx_d.csv", body)
    assert rows(index, "SPX", Field.CLOSE) == {"2005-02-25": 53.5}
    assert ("SPX", "adjusted_close") not in keys(index)


def test_stooq_rows_without_volume_keep_their_prices() -> None:
    text = "Date,Open,High,Low,Close,Volume\n1789-05-01,0.51,0.51,0.51,0.51\n1950-01-03,16,17,15,16.7,7e5\n"
    parsed = read("caret_spx_d.csv", text)
    assert rows(parsed, "SPX", Field.CLOSE) == {"1789-05-01": 0.51, "1950-01-03": 16.7}
    assert rows(parsed, "SPX", Field.VOLUME) == {"1950-01-03": 700000}
    assert findings(parsed) == {"short_rows": [None]}


def test_bulk_stooq_tables() -> None:
    text = (
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n"
        "SPY.US,D,20050225,000000,1,2,0.5,1.5,10,0\nSPY.US,D,20050228,000000,1,2,0.5,1.6,10,0\n"
    )
    parsed = read("spy.us.txt", text)
    assert rows(parsed, "SPY", Field.ADJUSTED_CLOSE) == {"2005-02-25": 1.5, "2005-02-28": 1.6}


def test_dates_are_those_of_the_exchange() -> None:
    text = "Datetime,Close,Adj Close\n2022-01-03 00:00:00+08:00,4.4,3.5\n2022-01-04 00:00:00+08:00,4.5,3.6\n"
    parsed = read("X.csv", text)
    assert list(rows(parsed, "X", Field.CLOSE)) == ["2022-01-03", "2022-01-04"]


@pytest.mark.parametrize(
    "text",
    [
        "Datetime,Close\n2026-05-26 10:00:00-04:00,1\n2026-05-26 10:15:00-04:00,2\n",
        'Datetime,Close\n"2026-05-26 10:00:00-04:00","1,000.5"\n"2026-05-26 10:15:00-04:00","2"\n',
    ],
)
def test_several_rows_a_day_are_refused(text: str) -> None:
    parsed = read("EA-15m.csv", text)
    assert parsed.blocks == [] and parsed.findings[0].code == "intraday_prices"
    assert parsed.findings[0].severity is Severity.REJECTED


def test_weekly_bars_are_dated_on_the_last_day_and_open_ones_refused() -> None:
    days = ["2026-08-03", "2026-08-10", "2026-08-17", "2026-08-24", "2026-08-31"]
    parsed = read("X.csv", "Date,Close\n" + "".join(f"{day},{at}\n" for at, day in enumerate(days)))
    assert list(rows(parsed, "X", Field.CLOSE)) == ["2026-08-09", "2026-08-16", "2026-08-23", "2026-08-30"]
    assert meta(parsed, "X", Field.CLOSE).frequency is Frequency.WEEKLY
    assert "period_not_over" in findings(parsed)


def test_bad_rows_are_named_and_good_rows_stay() -> None:
    text = (
        "Date,Close,Volume\n"  # line 1
        "2026-01-02,1,10\n"
        "\n"
        "2026-01-05,x,10\n"  # 4: no number
        "2026-02-30,1,10\n"  # 5: no date
        "2026-01-06\n"  # 6: no close
        "2026-01-07,2\n"
        "2026-01-08,2,10,9\n"  # 8: too many
        "2027-01-04,2,10\n"  # 9: the future
        "2026-01-09,inf,10\n"  # 10: not finite
        "2026-01-12,1_0,10\n"  # 11: not how numbers are written in files
        "2026-01-13,null,10\n"
        "2026-01-14,3,\n"
        "2026-01-151,3,1\n"  # 14: no date
    )
    parsed = read("X.csv", text)
    assert rows(parsed, "X", Field.CLOSE) == {"2026-01-02": 1, "2026-01-07": 2, "2026-01-14": 3}
    found = findings(parsed)
    assert found["unreadable_number"] == [4, 10, 11]
    assert found["unreadable_date"] == [5, 14]
    assert found["too_few_columns"] == [6]
    assert found["too_many_columns"] == [8]
    assert found["future_date"] == [9]
    assert parsed.rows_read == 12
    rejected = [f for f in parsed.findings if f.severity is Severity.REJECTED]
    assert all(f.file == "X.csv" and f.row for f in rejected)


def test_numbers_as_people_write_them() -> None:
    text = 'Date,Close/Last,Volume\n01/30/2026,"$1,234.50","1,000"\n01/29/2026,$12.5,"2,000"\n'
    parsed = read("X.csv", text)
    assert rows(parsed, "X", Field.CLOSE) == {"2026-01-29": 12.5, "2026-01-30": 1234.5}
    assert rows(parsed, "X", Field.VOLUME) == {"2026-01-29": 2000, "2026-01-30": 1000}


def test_an_order_of_day_and_month_that_nothing_settles_is_not_guessed() -> None:
    parsed = read("X.csv", "Date,Close\n01/02/2026,1\n03/04/2026,2\n")
    assert parsed.blocks == [] and findings(parsed) == {"unreadable_date": [2, 3]}
    settled = read("X.csv", "Date,Close\n01/02/2026,1\n13/04/2026,2\n")
    assert rows(settled, "X", Field.CLOSE) == {"2026-02-01": 1, "2026-04-13": 2}


def test_equal_rows_of_a_date_become_one_and_contradicting_ones_none() -> None:
    text = "Date,Close\n2026-01-05,2\n2026-01-02,1\n2026-01-05,2\n2026-01-06,3\n2026-01-06,4\n"
    parsed = read("X.csv", text)
    assert rows(parsed, "X", Field.CLOSE) == {"2026-01-02": 1, "2026-01-05": 2}
    assert len(findings(parsed)["duplicate_dates"]) == 2


def test_events_are_stored_on_their_days_only() -> None:
    text = (
        "Date,Close,Adj Close,Dividends,Stock Splits,Capital Gains\n"
        "2026-01-02,1,1,0.0,0.0,0\n2026-01-05,1,1,0.25,0.0,0\n2026-01-06,1,1,0.0,4.0,0\n"
    )
    parsed = read("X.csv", text)
    assert rows(parsed, "X", Field.DIVIDEND) == {"2026-01-05": 0.25}
    assert rows(parsed, "X", Field.SPLIT) == {"2026-01-06": 4}
    assert meta(parsed, "X", Field.SPLIT).unit is Unit.RATIO
    assert findings(parsed) == {"columns_not_stored": [None]}


def test_prices_in_other_currencies_are_not_called_dollars() -> None:
    parsed = read("VOD.L.csv", "Date,Close,Adj Close\n2026-01-02,70,69\n")
    told = meta(parsed, "VOD.L", Field.CLOSE)
    assert told.unit is Unit.INDEX_LEVEL and told.attributes["currency"] == "GBp"
    assert "not_in_dollars" in findings(parsed)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_line_ends_and_delimiters(encoding: str, end: str, delimiter: str) -> None:
    lines = ["Date,Close,Volume", "2026-01-02,1.5,10", "2026-01-05,2.5,", ""]
    parsed = read("X.csv", end.join(lines).replace(",", delimiter).encode(encoding))
    assert rows(parsed, "X", Field.CLOSE) == {"2026-01-02": 1.5, "2026-01-05": 2.5}
    assert rows(parsed, "X", Field.VOLUME) == {"2026-01-02": 10}


def _parquet(query: str, folder: Path) -> bytes:
    path = folder / "made.parquet"
    duckdb.connect().execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    return path.read_bytes()


def test_parquet_with_prices_of_one_security(tmp_path: Path) -> None:
    query = 'SELECT TIMESTAMP \'2026-01-02 00:00:00\' AS "Date", 1.5::FLOAT AS "Close", 7::BIGINT AS volume'
    parsed = read("spy.parquet", _parquet(query, tmp_path))
    assert rows(parsed, "SPY", Field.CLOSE) == {"2026-01-02": 1.5}
    assert rows(parsed, "SPY", Field.VOLUME) == {"2026-01-02": 7}


def test_wide_and_long_parquet(tmp_path: Path) -> None:
    values = "(VALUES (DATE '2026-01-02', 1.0, NULL), (DATE '2026-01-05', 2.0, 3.0))"
    wide = f'SELECT * FROM {values} t("Date", A, B)'
    parsed = read("wide.parquet", _parquet(wide, tmp_path))
    assert rows(parsed, "A", Field.ADJUSTED_CLOSE) == {"2026-01-02": 1, "2026-01-05": 2}
    assert rows(parsed, "B", Field.ADJUSTED_CLOSE) == {"2026-01-05": 3}
    long = "SELECT '2026-01-02' AS date, 'A' AS ticker, 1.0 AS close UNION ALL SELECT NULL, 'B', 2.0"
    parsed = read("long.parquet", _parquet(long, tmp_path))
    assert keys(parsed) == {("A", "close")} and findings(parsed) == {"unreadable_row": [2]}


def test_a_damaged_parquet_file_is_not_recognised() -> None:
    assert recognise(Path("x.parquet"), b"PAR1 and nothing else PAR1") is None


def test_a_day_that_has_not_come_where_the_file_was_fetched() -> None:
    now = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
    parsed = read("X.csv", "Date,Close\n2026-01-05,1\n2026-01-06,2\n", now=now)
    assert rows(parsed, "X", Field.CLOSE) == {"2026-01-05": 1}
    assert findings(parsed)["future_date"] == [3]


@pytest.mark.market
@pytest.mark.parametrize("name", ["etfs/IWM.csv", "indices/RUT.csv", "stocks/AAPL.csv", "etfs/_IRX.csv"])
def test_real_files_have_the_numbers_that_pandas_reads(market: Path, name: str) -> None:
    data = (market / name).read_bytes()
    parsed = read(name, data)
    frame = pd.read_csv(io.BytesIO(data))
    frame.columns = [c.lower().replace("_", "").replace(" ", "") for c in frame.columns]
    for field in (Field.OPEN, Field.CLOSE, Field.VOLUME, Field.ADJUSTED_CLOSE):
        block = next(b for b in parsed.blocks if b.meta.field is field)
        assert list(map(str, block.dates)) == list(frame["date"])
        expected = frame["adjclose" if field is Field.ADJUSTED_CLOSE else str(field)].to_numpy(np.float64)
        assert np.allclose(block.values, expected, rtol=1e-15, atol=0), field


@pytest.mark.market
def test_the_real_wide_panel(market: Path) -> None:
    path = market / "panel" / "sp500_daily_prices__timothee.parquet"
    parsed = read(path.name, path.read_bytes())
    assert len(parsed.blocks) == 498
    newest = duckdb.connect().execute(f"SELECT AAPL FROM '{path}' ORDER BY \"Date\" DESC LIMIT 1").fetchone()
    assert newest is not None
    assert list(rows(parsed, "AAPL", Field.ADJUSTED_CLOSE).values())[-1] == newest[0]
