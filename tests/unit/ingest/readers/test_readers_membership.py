"""Tables of who was a member of an index when."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from reader_files import findings, keys, meta, read, rows

from rotascope.model.units import Unit

HEAD = "ticker,start_date,end_date\n"


def test_a_name_is_in_from_its_first_day_and_out_on_its_last() -> None:
    parsed = read(
        "sp500_ticker_start_end__x.csv", HEAD + "A,2000-06-05,\nB,1996-01-02,1997-01-15\nB,2015-03-23,\n"
    )
    assert keys(parsed) == {("MEMBER.SP500.A", "value"), ("MEMBER.SP500.B", "value")}
    assert rows(parsed, "MEMBER.SP500.A") == {"2000-06-05": 1.0}
    assert rows(parsed, "MEMBER.SP500.B") == {"1996-01-02": 1.0, "1997-01-15": 0.0, "2015-03-23": 1.0}
    assert meta(parsed, "MEMBER.SP500.A").unit is Unit.COUNT
    assert meta(parsed, "MEMBER.SP500.A").vintage is None
    assert parsed.rows_read == 3
    assert findings(parsed) == {}


def test_back_on_the_day_it_left_is_never_out() -> None:
    parsed = read("dj.csv", HEAD + "A,2000-01-03,2001-01-03\nA,2001-01-03,2002-01-03\n")
    assert rows(parsed, "MEMBER.DJ.A") == {"2000-01-03": 1.0, "2001-01-03": 1.0, "2002-01-03": 0.0}


def test_share_classes_are_called_as_their_prices_are() -> None:
    parsed = read("sp500.csv", HEAD + "BRK.B,2010-02-16,\nbf.b,1996-01-02,\n")
    assert keys(parsed) == {("MEMBER.SP500.BRK-B", "value"), ("MEMBER.SP500.BF-B", "value")}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("A,2000-13-05,", "unreadable_row"),
        (",2000-06-05,", "unreadable_row"),
        ("A,2000-06-05,soon", "unreadable_row"),
        ("A,2000-06-05,2000-06-05", "reversed_dates"),
        ("A,2000-06-05,1999-06-05", "reversed_dates"),
        ("A,2000-06-05", "too_few_columns"),
        ("A,2099-06-05,", "future_date"),
        ("B,1998-01-02,1999-01-04", "overlapping_rows"),
        ("B,1990-01-02,", "overlapping_rows"),
    ],
)
def test_rows_that_cannot_be_are_findings(line: str, code: str) -> None:
    """The sound row beside them comes in as it would alone."""
    parsed = read("sp500.csv", HEAD + "B,1996-01-02,2001-01-02\n" + line + "\n")
    assert rows(parsed, "MEMBER.SP500.B") == {"1996-01-02": 1.0, "2001-01-02": 0.0}
    assert findings(parsed) == {code: [3]}
    assert keys(parsed) == {("MEMBER.SP500.B", "value")}


def test_a_day_out_that_lies_ahead_is_not_known_to_come() -> None:
    parsed = read("sp500.csv", HEAD + "A,2000-06-05,2099-01-02\n")
    assert rows(parsed, "MEMBER.SP500.A") == {"2000-06-05": 1.0}


def test_a_table_without_any_sound_row() -> None:
    parsed = read("sp500.csv", HEAD + "A,never,\n")
    assert parsed.blocks == []
    assert "unreadable_file" in findings(parsed)


def test_columns_may_stand_in_any_order_among_others() -> None:
    parsed = read("sp500.csv", "End Date,name,Ticker,Start Date\n,Agilent,A,2000-06-05\n")
    assert rows(parsed, "MEMBER.SP500.A") == {"2000-06-05": 1.0}


def test_the_real_list_counts_as_a_plain_reading_of_it(market: Path) -> None:
    """On any day as many are in as rows of the file hold that day, counted line by line."""
    path = market / "panel" / "sp500_ticker_start_end__fja.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        lines = [(row["start_date"], row["end_date"] or "9999-12-31") for row in csv.DictReader(handle)]
    parsed = read(path.name, path.read_bytes(), now=datetime(2026, 9, 1, tzinfo=UTC))
    assert findings(parsed) == {}
    for day in ("1996-01-02", "2000-01-03", "2008-09-15", "2020-12-18", "2020-12-21", "2024-06-28"):
        on = np.datetime64(day, "D")
        states = [b.values[b.dates <= on] for b in parsed.blocks]
        inside = sum(1 for state in states if state.size and state[-1] == 1.0)
        assert inside == sum(first <= day < end for first, end in lines), day
    assert date.fromisoformat("2020-12-21") in rows_as_dates(parsed.blocks, "MEMBER.SP500.TSLA")


def rows_as_dates(blocks: list, series: str) -> list[date]:  # type: ignore[type-arg]
    found: list[date] = next(b.dates for b in blocks if b.meta.series == series).tolist()
    return found
