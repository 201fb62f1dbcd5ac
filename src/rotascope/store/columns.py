"""Columns of values as Parquet, written and read by DuckDB in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from rotascope.model.errors import StoreError
from rotascope.store.series import DateArray, FloatArray, SeriesBlock

ROW_GROUP = 32_768  # rows; measured: the fastest for one series of a file with three thousand

DISTINCT = (
    4_000  # in a row group; with more, values are kept as they are: smaller and faster than a dictionary
)
FEW = 24  # blocks up to which their names stand in the statement; beyond, a table of them is joined

# Texts stand in the statements as quoted literals: the engine's bound parameters would import pandas, where
# it is installed, and that takes longer than all else here. Names are written as enumerations, which Parquet
# keeps as plain text: building a dictionary of the same few names for each row takes as long as the values.
# The rows come in order already, and one thread keeps it: sorting them takes longer than writing them.
_COPY = """
COPY (
  SELECT {series} AS series, {field} AS field, d.day::DATE AS date,
         CASE WHEN isnan(d.value) THEN NULL ELSE d.value END AS value, {ref} AS ref
  FROM data AS d{joins}
) TO {path} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {rows},
  DICTIONARY_SIZE_LIMIT {distinct}, KV_METADATA {{rotascope: {note}}})
"""
_READ = """
SELECT date, value{ref} FROM read_parquet({path}) WHERE series = {series} AND field = {field} ORDER BY date
"""
_SUMMARY = """
SELECT series, field, min(date), max(date), count(*), count(*) - count(value)
FROM read_parquet({path}) GROUP BY ALL ORDER BY ALL
"""


def connect() -> duckdb.DuckDBPyConnection:
    """Return an in-memory engine with one thread (equal input, equal bytes) that fetches no extensions."""
    engine = duckdb.connect(
        ":memory:",
        config={
            "threads": 1,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    engine.execute("SET parquet_metadata_cache = true")  # many reads of one file parse its footer once
    return engine


def write_columns(
    engine: duckdb.DuckDBPyConnection, blocks: Sequence[SeriesBlock], path: Path, note: str
) -> None:
    """Write blocks, sorted by series and field, each with ascending dates, as one Parquet file.

    Columns: series VARCHAR, field VARCHAR, date DATE, value DOUBLE (NULL is unknown), ref VARCHAR.
    NaN becomes NULL, minus zero becomes zero, all else is kept bit by bit. `note` is kept in the file's
    metadata. Equal arguments give equal bytes.
    """
    known = {ref: i for i, ref in enumerate(sorted({r for b in blocks for r in b.refs or () if r}))}
    data = {
        "name": np.repeat(np.arange(len(blocks), dtype=np.int32), [len(b) for b in blocks]),
        # DuckDB takes no datetime64[D]
        "day": np.concatenate([b.dates.astype("datetime64[us]") for b in blocks]),
        # Parquet's dictionaries hold 0.0 and -0.0 to be the same and keep the first; so let there be one zero
        "value": np.concatenate([np.asarray(b.values, dtype=np.float64) for b in blocks]) + 0.0,
    }
    if known:
        data["ref"] = np.concatenate([_codes(b, known) for b in blocks])
    try:
        parts = {**_named(engine, blocks), **_referred(engine, known)}
        joins = parts.pop("names", "") + parts.pop("refs", "")
        engine.register("data", data)
        sizes = {"rows": ROW_GROUP, "distinct": DISTINCT}
        engine.execute(_COPY.format(**parts, **sizes, joins=joins, path=quote(path), note=quote(note)))
    finally:
        engine.unregister("data")
        engine.execute("DROP TABLE IF EXISTS names; DROP TABLE IF EXISTS refs")


def _named(engine: duckdb.DuckDBPyConnection, blocks: Sequence[SeriesBlock]) -> dict[str, str]:
    """Return the expressions for the columns series and field, and the join they need, if any."""
    texts = {
        "series": [b.meta.series for b in blocks],
        "field": [str(b.meta.field) for b in blocks],
    }
    kinds = {name: f"ENUM({_literals(sorted(set(column)))})" for name, column in texts.items()}
    if len(blocks) <= FEW:
        return {name: _case(column, kinds[name]) for name, column in texts.items()}
    _fill(engine, "names", kinds, list(zip(*texts.values(), strict=True)))
    return {"series": "n.series", "field": "n.field", "names": " JOIN names AS n ON n.i = d.name"}


def _case(column: Sequence[str], kind: str) -> str:
    """Return an expression for the name of a row. Each name is cast by itself, once and not for each row."""
    names = [f"{quote(text)}::{kind}" for text in column]
    cases = (f"WHEN {i} THEN {name}" for i, name in enumerate(names))
    return f"CASE d.name {' '.join(cases)} END" if len(set(column)) > 1 else names[0]


def _referred(engine: duckdb.DuckDBPyConnection, known: Mapping[str, int]) -> dict[str, str]:
    """Return the expression for the column ref, and the join it needs, if any."""
    if not known:
        return {"ref": "NULL::VARCHAR"}
    _fill(engine, "refs", {"ref": "VARCHAR"}, [(ref,) for ref in known])
    return {"ref": "r.ref", "refs": " LEFT JOIN refs AS r ON r.i = d.ref"}


def read_columns(
    engine: duckdb.DuckDBPyConnection, path: Path, series: str, field: str, *, refs: bool
) -> tuple[DateArray, FloatArray, tuple[str, ...] | None]:
    """Return dates, values and row references of one series and field, by date.

    dates: shape (n,), datetime64[D]. values: shape (n,), float64, NaN where unknown. The arrays are
    read-only, so they can be shared. References are None unless asked for.
    Raises: StoreError if the file cannot be read.
    """
    try:
        query = _READ.format(
            ref=", ref" if refs else "", path=quote(path), series=quote(series), field=quote(field)
        )
        found = engine.execute(query).fetchnumpy()
    except duckdb.Error as error:
        raise damaged(path, str(error)) from error
    dates: DateArray = found["date"].astype("datetime64[D]")
    values: FloatArray = np.ma.filled(found["value"].astype(np.float64), np.nan)
    dates.flags.writeable = values.flags.writeable = False
    return dates, values, tuple(_texts(found["ref"])) if refs else None


def summarise(
    engine: duckdb.DuckDBPyConnection, path: Path
) -> dict[tuple[str, str], tuple[object, object, int, int]]:
    """Return first date, last date, rows and unknown rows for each series and field in a file.

    Raises: StoreError if the file cannot be read.
    """
    try:
        rows = engine.execute(_SUMMARY.format(path=quote(path))).fetchall()
    except duckdb.Error as error:
        raise damaged(path, str(error)) from error
    return {(r[0], r[1]): (r[2], r[3], r[4], r[5]) for r in rows}


def damaged(path: Path, why: str) -> StoreError:
    """Return the error for a file of the store that cannot be used."""
    return StoreError(
        f"{path.name} in {path.parent} is missing or damaged: {why.splitlines()[0]}.",
        fix="Restore it from a copy, or import the file it came from into a new data folder.",
    )


def quote(text: object) -> str:
    """Return a text as a literal of SQL.

    >>> quote("Moody's")
    "'Moody''s'"
    """
    return "'" + str(text).replace("'", "''") + "'"


def _fill(
    engine: duckdb.DuckDBPyConnection, table: str, kinds: Mapping[str, str], rows: Sequence[tuple[str, ...]]
) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {table} (i INT, {columns})")
    values = (f"({i}, {_literals(row)})" for i, row in enumerate(rows))
    engine.execute(f"INSERT INTO {table} VALUES {', '.join(values)}")


def _literals(texts: Iterable[str]) -> str:
    return ", ".join(map(quote, texts))


def _codes(block: SeriesBlock, known: Mapping[str, int]) -> npt.NDArray[np.int32]:
    if block.refs is None:
        return np.full(len(block), -1, dtype=np.int32)
    return np.array([known.get(r, -1) for r in block.refs], dtype=np.int32)


def _texts(column: npt.NDArray[np.object_]) -> list[str]:
    filled = np.ma.filled(column.astype(object), "")  # a column with NULLs comes as a masked array
    return [str(text) for text in filled]
