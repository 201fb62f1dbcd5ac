"""Small tables drawn as text: a panel going in, rows coming out.

    day | bench |  A |  B          a row is a session; `-` is a session without a price (a NULL);
      1 |   100 | 10 | 20          `.` is a session without a row at all

Members are written as `A 1-, B 1-2, B 5-`: a security and its first and last session.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from rotascope.panel import PanelResult, PanelTables

FIRST_DATE = date(2024, 1, 1)
NO_ROW, NULL = ".", "-"


def cells(text: str) -> list[list[str]]:
    """Return the cells of a drawn table, header first."""
    return [[c.strip() for c in line.split("|")] for line in text.strip().splitlines()]


def draw_panel(folder: Path, text: str, members: str = "") -> PanelTables:
    """Write a drawn panel as Parquet. Without a list of members everyone is one throughout."""
    header, *body = cells(text)
    days = [int(row[0]) for row in body]
    prices = [
        (name, day, _number(row[i]))
        for i, name in enumerate(header[2:], start=2)
        for day, row in zip(days, body, strict=True)
        if row[i] != NO_ROW
    ]
    index = [(day, _number(row[1])) for day, row in zip(days, body, strict=True) if row[1] != NO_ROW]
    spells = _spells(members) if members else [(name, min(days), None) for name in header[2:]]
    return write_panel(folder, prices, spells, index, days)


def write_panel(
    folder: Path,
    prices: list[tuple[str, int, float | None]],
    members: list[tuple[str, int, int | None]],
    index: list[tuple[int, float | None]],
    days: list[int],
) -> PanelTables:
    """Write the four tables into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    dates = [(day, (FIRST_DATE + timedelta(days=day)).isoformat()) for day in days]
    with duckdb.connect(":memory:") as database:
        for name, columns, rows in (
            ("prices", "security VARCHAR, day INTEGER, close DOUBLE", prices),
            ("members", "security VARCHAR, first_day INTEGER, last_day INTEGER", members),
            ("benchmark", "day INTEGER, close DOUBLE", index),
            ("calendar", "day_number INTEGER, date DATE", dates),
        ):
            database.execute(f"CREATE TABLE {name} ({columns})")
            if rows:
                database.execute(f"INSERT INTO {name} VALUES {', '.join(_literal(r) for r in rows)}")
            database.execute(f"COPY {name} TO '{folder / name}.parquet' (FORMAT parquet)")
    return PanelTables(*(folder / f"{n}.parquet" for n in ("prices", "members", "benchmark", "calendar")))


def same(result: PanelResult, expected: str) -> None:
    """Fail unless the result has exactly the drawn rows; numbers to one part in a billion."""
    header, *body = cells(expected)
    assert list(result.columns) == header
    found = result.rows()
    assert len(found) == len(body), f"{len(found)} rows, drawn are {len(body)}: {found}"
    for got, drawn in zip(found, body, strict=True):
        for name, value, cell in zip(header, got, drawn, strict=True):
            if cell == NULL:
                assert value is None, f"{name} is {value!r}, drawn is nothing: {got}"
            elif isinstance(value, str):
                assert value == cell, got
            else:
                assert value == pytest.approx(float(cell), rel=1e-9, abs=1e-9), (name, got, drawn)


def _spells(text: str) -> list[tuple[str, int, int | None]]:
    found = []
    for part in text.split(","):
        name, days = part.split()
        first, last = days.split("-")
        found.append((name, int(first), int(last) if last else None))
    return found


def _number(cell: str) -> float | None:
    return None if cell == NULL else float(cell)


def _literal(row: tuple[object, ...]) -> str:
    return "(" + ", ".join(_value(v) for v in row) + ")"


def _value(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, float) and value != value:
        return "'NaN'::DOUBLE"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(value)
