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

_SMALL = 2_000_000  # bytes below which several threads cost more than they bring

_WORDS, _FOUR_DIGITS = np.datetime64("1900-01-01", "D"), np.datetime64("1000-01-01", "D")


@cache
def _connection(threads: int) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config={"threads": threads} if threads else {})


def cursor(size: int | None = None) -> duckdb.DuckDBPyConnection:
    """Return a cursor on the in-memory engine that all readers share; `size`: bytes that it will read."""
    return _connection(1 if size is not None and size < _SMALL else 0).cursor()


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
    types = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    with spilled(body, ".csv") as path:
        relation = (
            f"read_csv('{path}', auto_detect=false, header=false, delim='{_escaped(layout.delimiter)}', "
            f"quote='', escape='', null_padding={str(ragged).lower()}, nullstr=[{_blanks()}], "
            f"columns={{{types}}})"
        )
        try:
            style, timed = _date_style(body, layout)
            return convert(relation, names, layout, DATE_FORMS[style], timed=timed, underscores=b"_" in body)
        except duckdb.Error:
            return None


def convert_regular(body: bytes, layout: Layout) -> Converted | None:
    """Convert text as `convert_text` does, in one pass; None unless each line is as plain as can be.

    Plain: as many cells as the header, dates such as 2026-01-30, cells that are numbers or blank. Row i is
    line i of `body`. Rows without a date or a name, or with a number that is not finite, are bad.
    """
    first = body[: body.find(b"\n")].decode(errors="replace").split(layout.delimiter)
    dated = layout.date < len(first) and re.fullmatch(r"\d{4}-\d\d-\d\d", first[layout.date])
    if not dated or b"_" in body:
        return None
    with spilled(body, ".csv") as path:
        # most files leave a cell empty where they have no value, and comparing each cell with all other
        # spellings takes a third of the time
        engine = cursor(len(body))
        return _convert_typed(engine, path, layout, "''") or _convert_typed(engine, path, layout, _blanks())


def _convert_typed(
    engine: duckdb.DuckDBPyConnection, path: str, layout: Layout, blanks: str
) -> Converted | None:
    """Convert as `convert_regular` does; None too if a value is not finite and `blanks` are not all."""
    kinds = dict.fromkeys(range(layout.columns), "VARCHAR")
    kinds |= dict.fromkeys(layout.numbers, "DOUBLE") | {layout.date: "DATE"}
    types = ", ".join(f"'c{at}': '{kind}'" for at, kind in kinds.items())
    wanted = dict.fromkeys([layout.date, *([] if layout.text is None else [layout.text]), *layout.numbers])
    query = (
        f"SELECT {', '.join(f'c{at}' for at in wanted)} FROM read_csv('{path}', auto_detect=false, "
        f"header=false, delim='{_escaped(layout.delimiter)}', quote='', escape='', "
        f"dateformat='%Y-%m-%d', nullstr=[{blanks}], columns={{{types}}})"
    )
    try:
        got = engine.execute(query).fetchnumpy()
    except duckdb.Error:
        return None
    dates: DateArray = np.ma.getdata(got[f"c{layout.date}"]).astype("datetime64[D]")
    # the engine reads words such as `epoch` as 1900-01-01, and 1-1-1 as a day of the year 1: a second look
    bad = np.ma.getmaskarray(got[f"c{layout.date}"]) | (dates == _WORDS) | (dates < _FOUR_DIGITS)
    numbers = {}
    for at in layout.numbers:
        column = got[f"c{at}"]
        numbers[at] = _filled(column)
        finite = np.isfinite(np.ma.getdata(column))
        if not finite.all() and not (finite := finite | np.ma.getmaskarray(column)).all():
            bad |= ~finite
            if blanks != _blanks():
                return None
    labels, codes = _labelled(got[f"c{layout.text}"], bad) if layout.text is not None else ([], None)
    return Converted(dates, numbers, bad, labels, codes, False)


def _labelled(column: Any, bad: BoolArray) -> tuple[list[str], IntArray]:
    """Return the distinct texts of a column and the place of each row's; rows without one become bad."""
    every = np.ma.getdata(column)
    # rows of one name mostly stand together: a name is looked at once in each run of it
    starts = np.flatnonzero(np.r_[np.ones(min(1, len(every)), dtype=np.bool_), every[1:] != every[:-1]])
    texts = every[starts].tolist()
    plain = {text: "" if text is None else str(text).strip() for text in dict.fromkeys(texts)}
    labels = sorted({label for label in plain.values() if label})
    place = {label: at for at, label in enumerate(labels)}
    place_of = {text: place.get(label, -1) for text, label in plain.items()}
    found = np.fromiter(map(place_of.__getitem__, texts), dtype=np.int64, count=len(texts))
    codes = np.repeat(found, np.diff(starts, append=len(every)))
    bad |= (codes < 0) | np.ma.getmaskarray(column)
    return labels, codes


@cache
def _blanks() -> str:
    """Return the spellings of a missing value as a list of the engine."""
    forms = sorted({form for text in BLANKS for form in (text, text.upper(), text.capitalize())} | {"NaN"})
    return ", ".join(map(repr, forms))


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
    out: FloatArray = np.ma.getdata(column).astype(np.float64, copy=False)
    mask = np.ma.getmask(column)
    return out if mask is np.ma.nomask or not mask.any() else np.where(mask, np.nan, out)
