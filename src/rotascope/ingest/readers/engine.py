"""Columns converted by DuckDB, all of one column at once."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from rotascope.ingest.readers.base import BoolArray, IntArray
from rotascope.ingest.readers.careful import order_of
from rotascope.ingest.readers.layout import BLANKS, Layout
from rotascope.store.series import DateArray, FloatArray


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:")


def cursor() -> duckdb.DuckDBPyConnection:
    """Return a cursor on the one in-memory engine that all readers share."""
    return _connection().cursor()


@contextmanager
def spilled(data: bytes, suffix: str) -> Iterator[str]:
    """Give the bytes a file name, quoted for SQL, for as long as the engine reads them.

    The engine reads files only, and the bytes that were hashed must be the bytes that are parsed.
    """
    handle, name = tempfile.mkstemp(prefix="rotascope-", suffix=suffix)
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        yield str(path).replace("'", "''")
    finally:
        path.unlink(missing_ok=True)


@dataclass(slots=True)
class Converted:
    """Converted columns; where `bad` is true a row did not convert and its values say nothing."""

    dates: DateArray
    numbers: dict[int, FloatArray]
    bad: BoolArray
    labels: list[str]
    codes: IntArray | None
    intraday: bool


DATE_FORMS = {
    # The day is what stands before the time. Anything else after ten characters is not a date.
    "iso": "CASE WHEN length(CAST({0} AS VARCHAR)) = 10 OR CAST({0} AS VARCHAR)[11] IN (' ', 'T') "
    "THEN TRY_CAST(CAST({0} AS VARCHAR)[1:10] AS DATE) END",
    "compact": "CAST(CASE WHEN length({0}) = 8 THEN TRY_STRPTIME({0}, '%Y%m%d') END AS DATE)",
    "day_first": "CAST(TRY_STRPTIME({0}, '%d/%m/%Y') AS DATE)",
    "month_first": "CAST(TRY_STRPTIME({0}, '%m/%d/%Y') AS DATE)",
}


def _date_style(body: bytes, layout: Layout) -> tuple[str, bool]:
    """Return how the file writes dates, and whether with a time of day.

    Judged by its first row; dates with slashes are looked at all, to learn which part is the month.
    """
    first = body[: body.find(b"\n")].decode(errors="replace").split(layout.delimiter)
    cell = first[layout.date].strip() if layout.date < len(first) else ""
    if re.fullmatch(r"\d{8}", cell):
        return "compact", False
    if re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4}", cell):
        rows = body.decode(errors="replace").split("\n")
        order = order_of((row.split(layout.delimiter) for row in rows), layout.date)
        return ("iso" if order == "unknown" else order), False
    return "iso", len(cell) > 10


def convert_text(body: bytes, layout: Layout, *, ragged: bool) -> Converted | None:
    """Convert delimited text without quotes and without its header; None if the engine refuses it.

    With `ragged` rows may end early; without it the engine refuses text with a row of another length.
    """
    names = [f"c{at}" for at in range(layout.columns)]
    blanks = sorted({form for text in BLANKS for form in (text, text.upper(), text.capitalize())} | {"NaN"})
    types = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    nulls = ", ".join(map(repr, blanks))
    with spilled(body, ".csv") as path:
        relation = (
            f"read_csv('{path}', auto_detect=false, header=false, delim='{_escaped(layout.delimiter)}', "
            f"quote='', escape='', null_padding={str(ragged).lower()}, nullstr=[{nulls}], "
            f"columns={{{types}}})"
        )
        try:
            style, timed = _date_style(body, layout)
            return convert(relation, names, layout, DATE_FORMS[style], timed=timed, underscores=b"_" in body)
        except duckdb.Error:
            return None


def _escaped(delimiter: str) -> str:
    return "\\t" if delimiter == "\t" else delimiter


def convert(
    relation: str,
    names: Sequence[str],
    layout: Layout,
    day: str,
    *,
    timed: bool = True,
    underscores: bool = False,
) -> Converted:
    """Convert columns in the engine; a row is bad if a cell that is not blank did not convert.

    `day` is the engine's expression for the date; `timed` says that dates may have times of day,
    `underscores` that cells may have some: the engine would read 1_0 as ten.
    """
    date_column = names[layout.date]
    parts = [f"{day.format(date_column)} AS d"]
    wrong = ["d IS NULL"]
    for at in layout.numbers:
        value = f"TRY_CAST({names[at]} AS DOUBLE)"
        if underscores:
            value = f"CASE WHEN NOT contains({names[at]}, '_') THEN {value} END"
        parts.append(f"{value} AS v{at}, {names[at]} IS NULL AS n{at}")
        wrong.append(f"(NOT n{at} AND (v{at} IS NULL OR NOT isfinite(v{at})))")
    text = layout.text
    join, label = "", ""
    if text is not None:
        parts.append(f"trim(CAST({names[text]} AS VARCHAR)) AS t")
        labels_from = (
            f"SELECT DISTINCT trim(CAST({names[text]} AS VARCHAR)) AS t FROM {relation} "
            f"WHERE {names[text]} IS NOT NULL"
        )
        coded = f"SELECT t, row_number() OVER (ORDER BY t) - 1 AS code FROM ({labels_from})"
        join = f" LEFT JOIN ({coded}) USING (t)"
        label, wrong = ", coalesce(code, -1) AS code", [*wrong, "t IS NULL"]
    values = "".join(f", v{at}" for at in layout.numbers)
    place = "row_number() OVER () AS n, " if join else ""
    inner = f"SELECT {place}{', '.join(parts)} FROM {relation}"
    query = f"SELECT d{values}, ({' OR '.join(wrong)}) AS bad{label} FROM ({inner}){join}"
    engine = cursor()
    got = engine.execute(query + (" ORDER BY n" if join else "")).fetchnumpy()
    labels = (
        [str(row[0]) for row in engine.execute(labels_from + " ORDER BY t").fetchall()]
        if text is not None
        else []
    )
    return Converted(
        dates=np.ma.getdata(got["d"]).astype("datetime64[D]"),
        numbers={at: _filled(got[f"v{at}"]) for at in layout.numbers},
        bad=np.ma.getdata(got["bad"]).astype(np.bool_),
        labels=labels,
        codes=np.ma.getdata(got["code"]).astype(np.int64) if text is not None else None,
        intraday=timed
        and _intraday(engine, relation, date_column, names[text] if text is not None else None),
    )


def _intraday(engine: duckdb.DuckDBPyConnection, relation: str, date_column: str, text: str | None) -> bool:
    """Return whether some day has rows of one ticker at several times of day."""
    stamp = f"CAST({date_column} AS VARCHAR)"
    group = f"{text}, " if text else ""
    row = engine.execute(
        f"SELECT max(k) FROM (SELECT count(DISTINCT {stamp}[11:19]) AS k FROM {relation} "
        f"GROUP BY {group}{stamp}[1:10])"
    ).fetchone()
    return bool(row and row[0] and row[0] > 1)


def _filled(column: Any) -> FloatArray:
    out: FloatArray = np.ma.filled(column.astype(np.float64), np.nan)
    return out
