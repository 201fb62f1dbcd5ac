"""Files without a fault, and with a single one: the one-pass reader against the one that goes row by row."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rotascope.ingest.readers import engine
from rotascope.ingest.readers.base import Context
from rotascope.ingest.readers.careful import careful_table
from rotascope.ingest.readers.layout import Layout, Table
from rotascope.ingest.readers.table import read_table

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
LAYOUT = Layout(",", 4, 1, 0, (1, 3), 2, required=(0, 1, 2))
days = st.dates(date(1900, 1, 1), date(2026, 8, 31)).map(str)
values = st.one_of(
    st.floats(-1e9, 1e9, allow_subnormal=False).map(repr),
    st.integers(-(10**12), 10**12).map(str),
    st.sampled_from(["", "1e3", "-0.0", "+4.5", "0.1", "007", ".5", "5."]),
)
tickers = st.sampled_from(["SPY", "BRK.B", "spy", "Ünion", "A B", "IWM "])
good = st.tuples(days, values, tickers, values)
odd_value = st.sampled_from(
    [
        "NaN",
        "nan",
        "null",
        ".",
        "-",
        "inf",
        "-Infinity",
        "x",
        "1_0",
        "1e400",
        "1,0",
        "$5",
        " 4.5 ",
        " ",
        "0x10",
        "1d",
    ]
)
odd_day = st.sampled_from(
    [
        "2026-1-2",
        " 2026-01-02",
        "2026-01-02 ",
        "20260102",
        "2026-02-30",
        "",
        "x",
        "2026-01-02 BC",
        "infinity",
        "2026-01-02 09:30:00",
        "2026-01-02T00:00",
        "02026-01-02",
        "epoch",
        "-infinity",
        "1-1-1",
        "1900-01-01",
        "0001-01-01",
        "2026/01/02",
    ]
)
faulty = st.one_of(
    st.tuples(odd_day, values, tickers, values),
    st.tuples(days, odd_value, tickers, values),
    st.tuples(days, values, st.sampled_from(["", " ", "null", "NaN"]), odd_value),
)


def contents(table: Table) -> list[tuple[object, ...]]:
    """Return the rows of a table in the order of their lines."""
    names = [table.labels[c] for c in table.codes] if table.codes is not None else [""] * len(table.rows)
    found = [
        (int(line), str(day), name.strip(), *(repr(float(table.numbers[at][i])) for at in LAYOUT.numbers))
        for i, (line, day, name) in enumerate(zip(table.rows, table.dates, names, strict=True))
    ]
    return sorted(found)


def both(rows: list[tuple[str, ...]]) -> None:
    lines = [",".join(row) for row in rows]
    fast, plain = (Context(Path("x.csv"), "\n".join(["h,h,h,h", *lines, ""]).encode(), NOW) for _ in range(2))
    found = read_table(fast, LAYOUT)
    cells = [(at, line.split(",")) for at, line in enumerate(lines, start=2)]
    expected = careful_table(plain, LAYOUT, cells)
    assert contents(found) == contents(expected)
    assert found.rows_read == expected.rows_read
    assert sorted((f.code, f.row) for f in fast.findings) == sorted((f.code, f.row) for f in plain.findings)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(good, min_size=1, max_size=12))
def test_faultless_rows_are_read_alike(rows: list[tuple[str, ...]]) -> None:
    both(rows)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(good, min_size=1, max_size=6), faulty, st.lists(good, max_size=6))
def test_a_single_fault_is_read_alike(
    before: list[tuple[str, ...]], fault: tuple[str, ...], after: list[tuple[str, ...]]
) -> None:
    both([*before, fault, *after])


def test_the_one_pass_reader_is_the_one_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain file takes one pass; the test above would prove little otherwise."""
    monkeypatch.setattr("rotascope.ingest.readers.table.convert_text", lambda *_, **__: None)
    body = b"h,h,h,h\n2026-01-02,1.5,SPY,\n2026-01-05,2,IWM,7\n"
    table = read_table(Context(Path("x.csv"), body, NOW), LAYOUT)
    assert [row[1:] for row in contents(table)] == [
        ("2026-01-02", "SPY", "1.5", "nan"),
        ("2026-01-05", "IWM", "2.0", "7.0"),
    ]
    assert engine.convert_regular(b"02/01/2026,1,SPY,1\n", LAYOUT) is None
    assert np.array_equal(table.rows, [2, 3])
