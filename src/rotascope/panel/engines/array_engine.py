"""The two large measures, relative rotation and breadth, as arrays: the fastest way on one machine.

DuckDB reads the files in blocks of securities; each block is one dense array of sessions, so the memory is a
matter of the block and not of the panel. Files sorted by security are read once; others once for each block.
As many blocks are in work as there are threads, and none looks at another: the same bits come out of any
number of threads. Whoever wants both measures asks for both at once and pays for the reading once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

import duckdb
import numpy as np

from rotascope.model.errors import BadInputError
from rotascope.panel import kernels
from rotascope.panel.engines.common import Closing, new_folder
from rotascope.panel.engines.duckdb_engine import DuckDBEngine, connect, quote
from rotascope.panel.kernels import BoolArray, FloatArray, IntArray
from rotascope.panel.measures import find_measure
from rotascope.panel.result import Column, PanelResult, from_columns
from rotascope.panel.tables import PanelTables

BLOCK = 100  # securities: with 5,000 sessions an array of a block is 4 MB, near a processor's cache
T = TypeVar("T")


class ArrayEngine(Closing):
    """A panel read in blocks. Knows `rotation` and `breadth`; other measures are refused."""

    name = "arrays"
    measures = ("rotation", "breadth")

    def __init__(self, tables: PanelTables, *, threads: int = 1, memory: str = "1500MB", check: bool = True):
        self._tables = tables
        self._threads = threads
        self._engine = DuckDBEngine(tables, threads=threads, memory=memory, check=check)
        try:
            self._read()
        except BaseException:
            self.close()
            raise

    def _read(self) -> None:
        """Read all but the prices."""
        days = np.array([d for (d,) in self._engine.query("SELECT day_number FROM calendar ORDER BY 1")])
        if not days.size:
            raise BadInputError(
                "The panel's calendar has no sessions.", fix="Write one row for each session."
            )
        self._first, self._sessions = int(days[0]), days.size
        self._names: list[Any] = [
            s
            for (s,) in self._engine.query(
                "SELECT security FROM prices GROUP BY security "
                "UNION SELECT security FROM members ORDER BY security"
            )
        ]
        self._spells: dict[Any, list[tuple[int, int | None]]] = {}
        for name, begin, end in self._engine.query("SELECT security, first_day, last_day FROM members"):
            self._spells.setdefault(name, []).append((begin, end))  # type: ignore[arg-type]
        self._index = np.full(days.size, np.nan)
        for day, close in self._engine.query(
            "SELECT b.day, b.close FROM benchmark b JOIN calendar c ON c.day_number = b.day "
            "WHERE b.close IS NOT NULL"
        ):
            self._index[day - self._first] = close  # type: ignore[operator]

    def run(self, measure: str, **parameters: int) -> PanelResult:
        """Run one measure and return its rows. `sql` is the text whose definition the arrays follow."""
        settled, text = self._settle(measure, parameters)
        raw = self._breadth(settled) if measure == "breadth" else self._rotation(settled)
        return from_columns(find_measure(measure), text, settled, self.name, raw)

    def write(self, measure: str, folder: Path, **parameters: int) -> str:
        """Run one measure into a new folder of Parquet files, one a block, and return the text it follows."""
        return self.write_all({measure: folder}, {measure: parameters})[measure]

    def write_all(
        self, folders: Mapping[str, Path], parameters: Mapping[str, Mapping[str, int]] | None = None
    ) -> dict[str, str]:
        """Run measures into new folders, reading the prices once, and return the texts that they follow.

        folders, parameters: by the name of the measure. A failed run leaves no folder.
        """
        given = parameters or {}
        settled, texts = {}, {}
        for measure in folders:
            settled[measure], texts[measure] = self._settle(measure, given.get(measure, {}))
        with ExitStack() as end:
            parts = {m: end.enter_context(new_folder(folder)) for m, folder in folders.items()}
            total = self._no_counts()
            for counts in self._each(partial(self._write_block, parts, settled)):
                _add(total, counts)
            if "breadth" in parts:
                _write(total, parts["breadth"] / "rows.parquet")
        return texts

    def _write_block(
        self,
        parts: Mapping[str, Path],
        settled: Mapping[str, dict[str, int]],
        block: list[Any],
        i: int,
        database: duckdb.DuckDBPyConnection,
    ) -> Mapping[str, IntArray]:
        """Write the points of a block, and return its counts; those of them that are wanted."""
        closes = self._closes(block, database)
        if "rotation" in parts:
            points = self._points(block, closes, settled["rotation"])
            _write(points, parts["rotation"] / f"rows-{i:05}.parquet", database)
        return self._counts(block, closes, settled["breadth"]) if "breadth" in parts else {}

    def close(self) -> None:
        """Close the database."""
        self._engine.close()

    def _settle(self, measure: str, parameters: Mapping[str, int]) -> tuple[dict[str, int], str]:
        chosen = find_measure(measure)
        if measure not in self.measures:
            raise BadInputError(
                f"The engine arrays does not know {measure}; it knows {' and '.join(self.measures)}.",
                fix="Use duckdb.",
            )
        settled = chosen.settle(parameters)
        return settled, chosen.text(settled)

    def _each(self, work: Callable[[list[Any], int, duckdb.DuckDBPyConnection], T]) -> Iterator[T]:
        """Do the work on every block, in order; as many at a time as there are threads."""
        blocks = [self._names[i : i + BLOCK] for i in range(0, len(self._names), BLOCK)]

        idle: SimpleQueue[duckdb.DuckDBPyConnection] = SimpleQueue()

        def run(i: int) -> T:
            database = idle.get()
            try:
                return work(blocks[i], i, database)
            finally:
                idle.put(database)

        with ExitStack() as end:
            for _ in range(self._threads):
                database = end.enter_context(connect(1, "256MB"))
                database.execute("SET parquet_metadata_cache = true")  # each block looks into every file
                idle.put(database)
            pool = end.enter_context(ThreadPoolExecutor(self._threads))
            yield from pool.map(run, range(len(blocks)))

    def _closes(self, block: list[Any], database: duckdb.DuckDBPyConnection) -> FloatArray:
        """Return the closes of a block, shape (k, sessions), NaN where there is none."""
        source = quote(self._tables.sources()["prices"])
        texts = isinstance(block[0], str)
        low, high = (quote(b) if texts else str(b) for b in (block[0], block[-1]))
        row, join = "p.security", ""
        if texts:  # numbers are looked up in the sorted block below, which is cheaper than a join
            numbered = ", ".join(f"({quote(b)}, {i})" for i, b in enumerate(block))
            row, join = "n.i", f"JOIN (VALUES {numbered}) n(security, i) ON n.security = p.security"
        found = database.execute(
            f"SELECT {row} AS row, CAST(p.day AS INTEGER) - {self._first} AS t, "
            f"CAST(p.close AS DOUBLE) AS close "
            f"FROM read_parquet({source}) p {join} WHERE p.security BETWEEN {low} AND {high}"
        ).fetchnumpy()
        rows = _data(found["row"])
        i = rows if texts else np.searchsorted(np.array(block), rows)
        return _dense(i, _data(found["t"]), np.ma.filled(found["close"], np.nan), len(block), self._sessions)

    def _members(self, block: list[Any]) -> BoolArray:
        at = {name: i for i, name in enumerate(block)}
        mask = np.zeros((len(block), self._sessions), dtype=bool)
        for name in block:
            for first, last in self._spells.get(name, ()):
                begin = max(0, first - self._first)
                mask[at[name], begin : None if last is None else max(0, last - self._first + 1)] = True
        return mask

    def _points(self, block: list[Any], closes: FloatArray, settled: dict[str, int]) -> dict[str, Column]:
        found = kernels.rotation(closes.T, self._index, **settled)
        strength, momentum = (values.T for values in found)
        known = ~np.isnan(strength)
        names = np.array(block, dtype=object if isinstance(block[0], str) else None)
        days = np.arange(self._first, self._first + self._sessions, dtype=np.int32)
        return {
            "day": np.broadcast_to(days, known.shape)[known],
            "security": np.repeat(names, np.count_nonzero(known, axis=1)),
            "strength": strength[known],
            "momentum": momentum[known],
        }

    def _counts(
        self, block: list[Any], closes: FloatArray, settled: dict[str, int]
    ) -> Mapping[str, IntArray]:
        lengths = kernels.BreadthLengths(**settled)
        return kernels.breadth(closes.T, self._members(block).T, self._index, lengths)

    def _rotation(self, settled: dict[str, int]) -> dict[str, Column]:
        def one(block: list[Any], _: int, database: duckdb.DuckDBPyConnection) -> dict[str, Column]:
            return self._points(block, self._closes(block, database), settled)

        parts = list(self._each(one))
        if not parts:
            return {name: np.empty(0) for name in find_measure("rotation").columns}
        return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}

    def _breadth(self, settled: dict[str, int]) -> dict[str, Column]:
        def one(block: list[Any], _: int, database: duckdb.DuckDBPyConnection) -> Mapping[str, IntArray]:
            return self._counts(block, self._closes(block, database), settled)

        total = self._no_counts()
        for counts in self._each(one):
            _add(total, counts)
        return total

    def _no_counts(self) -> dict[str, Column]:
        """Return the columns of `breadth` before anyone is counted."""
        columns = find_measure("breadth").columns
        total: dict[str, Column] = {name: np.zeros(self._sessions, dtype=np.int64) for name in columns}
        total["day"] = np.arange(self._first, self._first + self._sessions)
        return total


def _add(total: dict[str, Column], counts: Mapping[str, IntArray]) -> None:
    for name, found in counts.items():
        total[name] += found


def _dense(i: Column, t: Column, close: FloatArray, count: int, sessions: int) -> FloatArray:
    """Return closes by row and session, NaN where no row says one."""
    if close.size == count * sessions:
        in_order = (t.reshape(count, sessions) == np.arange(sessions)).all()
        if in_order and (i.reshape(count, sessions) == np.arange(count)[:, None]).all():
            return close.reshape(count, sessions)
    closes = np.full((count, sessions), np.nan)
    closes[i, t] = close
    return closes


def _data(values: Column) -> Column:
    return values.data if isinstance(values, np.ma.MaskedArray) else values


def _write(columns: dict[str, Column], path: Path, database: duckdb.DuckDBPyConnection | None = None) -> None:
    """Write columns as one Parquet file; an unknown number becomes NULL."""
    engine = database or connect(1, "256MB")
    fields = ", ".join(
        f"CASE WHEN isnan({n}) THEN NULL ELSE {n} END AS {n}" if c.dtype.kind == "f" else n
        for n, c in columns.items()
    )
    engine.register("found", columns)
    # a dictionary of days or measures would not be smaller than they are, and looking for one costs a third
    options = "FORMAT parquet, DICTIONARY_SIZE_LIMIT 1000"
    engine.execute(f"COPY (SELECT {fields} FROM found) TO {quote(path)} ({options})")
    engine.unregister("found")
