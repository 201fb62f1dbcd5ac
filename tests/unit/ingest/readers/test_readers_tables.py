"""The fast path of delimited files against the plain one that reads row by row."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reader_files import NOW

from rotascope.ingest.readers.base import Context
from rotascope.ingest.readers.careful import careful_table
from rotascope.ingest.readers.dates import day_order, frequency_of, month_ends, parse_day, period_ends
from rotascope.ingest.readers.table import Layout, Table, number, read_table
from rotascope.model.observations import Frequency

LAYOUT = Layout(",", 4, 1, 0, (1, 3), 2, required=(0, 1, 2))

good_days = st.dates(date(1900, 1, 1), date(2026, 8, 31)).map(str)
numbers = st.one_of(
    st.floats(-1e12, 1e12).map(repr),
    st.integers(-(10**15), 10**15).map(str),
    st.just("1e3"),
    st.just(" 4.5 "),
)
_NUMBERS = [
    "",
    " ",
    "null",
    "NaN",
    ".",
    "x",
    "-",
    "inf",
    "-Infinity",
    "1_0",
    "1e400",
    "0x10",
    "$5",
    "--1",
    "1,5",
]
_DAYS = ["2026-02-30", "2026-01-02T00:00:00Z", "20260102", "2026-1-5", "02/03/2026", "é", "'3'"]
odd = st.sampled_from([*_NUMBERS, *_DAYS])
tickers = st.sampled_from(["SPY", "IWM", "brk.b", ""])
mostly_numbers = st.one_of(numbers, numbers, st.sampled_from(_NUMBERS))
mostly_days = st.one_of(good_days, good_days, st.sampled_from(_DAYS))
lines = st.one_of(
    st.tuples(mostly_days, mostly_numbers, tickers, mostly_numbers).map(",".join),
    st.lists(st.one_of(odd, numbers, good_days), min_size=0, max_size=6).map(",".join),
)


def _rows(table: Table) -> list[tuple[int, str, str, list[float]]]:
    labels = [table.labels[code] for code in table.codes] if table.codes is not None else []
    return sorted(
        (int(row), str(day), label, [float(table.numbers[at][i]) for at in LAYOUT.numbers])
        for i, (row, day, label) in enumerate(zip(table.rows, table.dates, labels, strict=True))
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(lines, max_size=12))
def test_the_fast_path_reads_what_the_plain_one_reads(body: list[str]) -> None:
    data = ("date,a,ticker,b\n" + "\n".join(body)).encode()
    fast_context, plain_context = Context(Path("x.csv"), data, NOW), Context(Path("x.csv"), data, NOW)
    fast = read_table(fast_context, LAYOUT)
    cells = [(at, line.split(",")) for at, line in enumerate(body, start=2)]
    plain = careful_table(plain_context, LAYOUT, cells)
    assert repr(_rows(fast)) == repr(_rows(plain))
    told = [sorted((f.code, f.row) for f in c.findings) for c in (fast_context, plain_context)]
    assert told[0] == told[1]
    assert fast.rows_read == plain.rows_read == len(fast.rows) + len(fast_context.findings)


def test_a_million_cells_with_one_bad_one_name_its_line() -> None:
    body = [f"{date(1900, 1, 1) + timedelta(days=at % 40000)},1.5,SPY,2" for at in range(30_000)]
    body[20_000] = "1950-01-01,oops,SPY,2"
    context = Context(Path("x.csv"), ("h,h,h,h\n" + "\n".join(body)).encode(), NOW)
    table = read_table(context, LAYOUT)
    assert len(table.rows) == 29_999
    assert [(f.code, f.row) for f in context.findings] == [("unreadable_number", 20_002)]


def test_of_many_bad_rows_the_first_are_named_and_the_rest_counted() -> None:
    context = Context(Path("x.csv"), ("d,a,t,b\n" + "x,1,SPY,2\n" * 1000).encode(), NOW)
    read_table(context, LAYOUT)
    parsed = context.finish(context.source("file:", "local file"), [], 1000)
    assert sum(f.count for f in parsed.findings) == 1000
    assert len(parsed.findings) < 50


def test_a_header_without_rows_gives_nothing() -> None:
    for data in (b"", b"date,a,ticker,b", b"date,a,ticker,b\n\n\n"):
        context = Context(Path("x.csv"), data, NOW)
        assert len(read_table(context, LAYOUT).rows) == 0 and context.findings == []


def test_stray_quotation_marks() -> None:
    context = Context(Path("x.csv"), b'd,a,t,b\n2026-01-02,1,"SP,2\n2026-01-05,1,SPY,2\n', NOW)
    assert read_table(context, LAYOUT).labels == ["SP", "SPY"], "a mark that closes nowhere is left out"
    context = Context(Path("x.csv"), b'd,a,t,b\n2026-01-02,"1,000",SPY,2\n2026-01-05,1,"SPY,2\n', NOW)
    table = read_table(context, LAYOUT)
    assert table.numbers[1].tolist() == [1000.0]
    assert [f.code for f in context.findings] == ["too_few_columns"]
    text = b'd,a,t,b\n2026-01-02,"1"0,SPY,2\n2026-01-05,"1,000",SPY,2\n'
    context = Context(Path("x.csv"), text, NOW)
    assert read_table(context, LAYOUT).rows.tolist() == [3], "reading goes on"
    assert [(f.code, f.row) for f in context.findings] == [("too_few_columns", 2)]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1,234.5", 1234.5),
        ("$12", 12.0),
        ("-0", 0.0),
        ("+1e3", 1000.0),
        ("12,34", None),
        ("١٢", 12.0),
        ("1 2", None),
    ],
)
def test_numbers(cell: str, value: float | None) -> None:
    assert number(cell) == value


def test_days_in_words_and_figures() -> None:
    for text in ("2026-07-17", "2026/7/17", "20260717", "Jul 17, 2026", "17-Jul-2026", "July 17, 2026"):
        assert parse_day(text) == date(2026, 7, 17), text
    assert parse_day("07/17/2026", "month_first") == date(2026, 7, 17)
    for text in ("", "17", "2026-13-01", "07/17/2026", "yesterday", "2026-07-17x"):
        assert parse_day(text) is None, text
    assert day_order(["13/01/2026", "01/13/2026"]) == "unknown", "both cannot be"


@given(st.lists(st.dates(date(1800, 1, 1), date(2100, 12, 31)), min_size=1, max_size=50))
def test_month_ends_are_the_days_before_the_first(days: list[date]) -> None:
    ends = month_ends(np.array(days, dtype="datetime64[D]")).tolist()
    for day, end in zip(days, ends, strict=True):
        assert (end + timedelta(days=1)).day == 1 and (end.year, end.month) == (day.year, day.month)


def test_only_period_starts_move() -> None:
    thursdays = np.array(["2026-07-09", "2026-07-16", "2026-07-23"], dtype="datetime64[D]")
    assert frequency_of(thursdays) is Frequency.WEEKLY
    assert np.array_equal(period_ends(thursdays, Frequency.WEEKLY), thursdays)
    mondays = thursdays - np.timedelta64(3, "D")
    assert list(map(str, period_ends(mondays, Frequency.WEEKLY))) == [
        "2026-07-12",
        "2026-07-19",
        "2026-07-26",
    ]
    quarters = np.array(["2025-10-01", "2026-01-01", "2026-04-01"], dtype="datetime64[D]")
    assert frequency_of(quarters) is Frequency.QUARTERLY
    assert list(map(str, period_ends(quarters, Frequency.QUARTERLY))) == [
        "2025-12-31",
        "2026-03-31",
        "2026-06-30",
    ]
