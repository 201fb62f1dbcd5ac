"""Questions over many securities: from series of the store, or from files, to the rows of one measure."""

from __future__ import annotations

import os
import re
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rotascope.model.errors import BadInputError, BadWindowError, NotAvailableError

if TYPE_CHECKING:
    from rotascope.app.settings import Settings
    from rotascope.panel import PanelResult, PanelTables
    from rotascope.store.reader import Reader

_MASTER = re.compile(r"spark://([^\s/:]+):(\d+)")
_CONNECT_SECONDS = 5.0
_DAYS = ("day", "start")  # parameters that are session numbers: people give dates


@dataclass(frozen=True, slots=True)
class PanelRequest:
    """What to ask, and of what.

    Either `series` of the store (closes from `start` to `end` as known on `as_of`), or files: `prices`
    (security, date, close), `members` (security, first_date, last_date; none: all are members throughout) and
    `benchmark` (date, close), each CSV or Parquet. `benchmark` may name a series in both cases.
    parameters: of the measure; days as dates.
    """

    measure: str
    benchmark: str
    start: date
    end: date
    series: tuple[str, ...] = ()
    prices: Path | None = None
    members: Path | None = None
    as_of: date | None = None
    engine: str = "duckdb"
    parameters: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class PanelAnswer:
    """The rows, with the sessions that their day numbers mean, and what a reader should know of them."""

    result: PanelResult
    days: Mapping[int, date]
    notes: tuple[str, ...]

    def columns(self) -> dict[str, list[object]]:
        """Return the columns with days as dates; None where unknown."""
        names = list(self.result.columns)
        rows = self.result.rows()
        out: dict[str, list[object]] = {n: [row[i] for row in rows] for i, n in enumerate(names)}
        out["day"] = [self.days[int(str(n))].isoformat() for n in out["day"]]
        return out

    def as_json(self) -> dict[str, Any]:
        """Return everything as one object, the text that ran included."""
        return {
            "measure": self.result.name,
            "engine": self.result.engine,
            "parameters": dict(self.result.parameters),
            "sql": self.result.sql,
            "notes": list(self.notes),
            "columns": self.columns(),
        }


def run_panel(
    settings: Settings, request: PanelRequest, *, progress: Callable[[str], None] = lambda _: None
) -> PanelAnswer:
    """Run one measure over a panel and return its rows.

    Raises: BadInputError for files, an engine or a parameter that cannot be used; NotAvailableError if a
    series has no closes between the dates; BadWindowError for dates reversed or outside the calendar.
    """
    from rotascope.panel import find_measure, open_engine

    measure = find_measure(request.measure)
    if request.start >= request.end:
        raise BadWindowError(
            f"The panel runs from {request.start} to {request.end}.", fix="The start comes before the end."
        )
    refuse_silent_master(request.engine)
    sessions = _sessions(request)
    days = dict(enumerate(sessions, 1))
    numbers = _numbers(request.parameters or {}, sessions)
    measure.settle(numbers)  # refuse a parameter before any work is done
    with tempfile.TemporaryDirectory(prefix="rotascope-panel-") as scratch:
        progress("gathering prices")
        tables, notes = _tables(settings, request, Path(scratch))
        progress(f"asking {request.engine}")
        # the arrays give the same bits with any number of threads; others do with one
        threads = (os.cpu_count() or 1) if request.engine == "arrays" else 1
        with open_engine(request.engine, tables, threads=threads) as engine:
            return PanelAnswer(engine.run(request.measure, **numbers), days, notes)


def refuse_silent_master(engine: str) -> None:
    """Raise BadInputError if nothing listens where a Spark master should be; Spark would try for long."""
    found = _MASTER.fullmatch(engine)
    if found is None:
        return
    try:
        socket.create_connection((found[1], int(found[2])), timeout=_CONNECT_SECONDS).close()
    except OSError as error:
        raise BadInputError(
            f"No Spark master answers at {engine}: {error.strerror or error}.",
            fix="Start it, correct the address, or use --engine duckdb.",
        ) from error


def _sessions(request: PanelRequest) -> list[date]:
    from rotascope.ingest import calendar

    found: list[date] = calendar.sessions(request.start, request.end).tolist()
    if not found:
        raise BadWindowError(f"There is no session from {request.start} to {request.end}.")
    return found


def _numbers(given: Mapping[str, str], sessions: Sequence[date]) -> dict[str, int]:
    """Return parameters as whole numbers; a date becomes the number of its session."""
    places = {day.isoformat(): i for i, day in enumerate(sessions, 1)}
    out = {}
    for name, text in given.items():
        if name in _DAYS and not text.lstrip("-").isdigit():
            if text not in places:
                raise BadWindowError(
                    f"{name} is '{text}', which is no session from {sessions[0]} to {sessions[-1]}.",
                    fix="Give a session as YYYY-MM-DD.",
                )
            out[name] = places[text]
            continue
        try:
            out[name] = int(text)
        except ValueError:
            raise BadInputError(f"{name} is '{text}', which is no whole number.") from None
    return out


def _tables(settings: Settings, request: PanelRequest, scratch: Path) -> tuple[PanelTables, tuple[str, ...]]:
    import numpy as np

    from rotascope.panel import build_panel

    if bool(request.series) == bool(request.prices):
        raise BadInputError("A panel needs prices.", fix="Name series of the store, or --prices FILE.")
    notes = []
    with _gathered(settings, request, scratch) as (prices, members, benchmark):
        if request.members is None:
            notes.append("Everyone counts as a member throughout: the figures are those of survivors.")
        sessions = np.array(_sessions(request), dtype="datetime64[D]")
        tables = build_panel(scratch / "panel", sessions, prices=prices, members=members, benchmark=benchmark)
    return tables, tuple(notes)


@contextmanager
def _gathered(settings: Settings, request: PanelRequest, scratch: Path) -> Iterator[tuple[Path, Path, Path]]:
    """Yield Parquet files of prices, members and benchmark between the dates."""
    import duckdb

    from rotascope.app import wiring

    with (
        duckdb.connect(":memory:", config={"threads": 1}) as database,
        wiring.open_reader(settings) as reader,
    ):
        if request.prices is not None:
            _copy(database, request.prices, scratch / "prices.parquet", "security, date, close", request)
        else:
            _write(database, scratch / "prices.parquet", reader, request.series, request, keyed=True)
        if request.members is not None:
            _copy(
                database,
                request.members,
                scratch / "members.parquet",
                "security, first_date, last_date",
                None,
            )
        else:
            prices, members = scratch / "prices.parquet", scratch / "members.parquet"
            everyone = (
                f"SELECT DISTINCT security, DATE '{request.start}' AS first_date, NULL::DATE AS last_date"
            )
            database.execute(f"COPY ({everyone} FROM '{prices}') TO '{members}' (FORMAT parquet)")
        if Path(request.benchmark).is_file():
            _copy(database, Path(request.benchmark), scratch / "benchmark.parquet", "date, close", request)
        else:
            _write(
                database, scratch / "benchmark.parquet", reader, (request.benchmark,), request, keyed=False
            )
        yield tuple(scratch / f"{n}.parquet" for n in ("prices", "members", "benchmark"))  # type: ignore[misc]


def _copy(database: Any, path: Path, out: Path, columns: str, between: PanelRequest | None) -> None:
    """Write the rows of a CSV or Parquet file that lie between the dates as Parquet."""
    import duckdb

    if not path.is_file():
        raise BadInputError(f"There is no file {path}.", fix=f"Give CSV or Parquet with {columns}.")
    source = str(path).replace("'", "''")
    where = f" WHERE date BETWEEN DATE '{between.start}' AND DATE '{between.end}'" if between else ""
    try:
        database.execute(f"COPY (SELECT {columns} FROM '{source}'{where}) TO '{out}' (FORMAT parquet)")
    except duckdb.Error as failed:
        why = str(failed).splitlines()[0]
        raise BadInputError(f"{path} cannot be read: {why}", fix=f"It needs {columns}.") from failed


def _write(
    database: Any, out: Path, reader: Reader, names: Sequence[str], request: PanelRequest, *, keyed: bool
) -> None:
    """Write the closes of series of the store as Parquet."""
    import numpy as np

    from rotascope.app import wiring
    from rotascope.model.observations import Field

    as_of = request.as_of or wiring.today()
    days, values, labels = [], [], []
    for name in names:
        data = reader.read(name, Field.CLOSE, as_of=as_of, start=request.start, end=request.end)
        days.append(data.dates)
        values.append(data.values)
        labels += [name] * len(data)
    if not labels:
        raise NotAvailableError(f"There are no closes from {request.start} to {request.end}.")
    table = {"d": np.concatenate(days).astype("datetime64[us]"), "close": np.concatenate(values)}
    key = ""
    if keyed:
        table["security"] = np.array(labels, dtype=object)
        key = "security, "
    database.register("gathered", table)
    database.execute(
        f"COPY (SELECT {key}CAST(d AS DATE) AS date, close FROM gathered) TO '{out}' (FORMAT parquet)"
    )
    database.unregister("gathered")
