"""DuckDB, in memory over Parquet: the engine of one machine."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb

from rotascope.model.errors import BadInputError
from rotascope.panel.engines.common import OneByOne, new_folder
from rotascope.panel.measures import find_measure
from rotascope.panel.result import PanelResult, from_columns
from rotascope.panel.tables import COLUMNS, PanelTables, check_tables


def connect(threads: int, memory: str, spill: str | None = None) -> duckdb.DuckDBPyConnection:
    """Return an in-memory database that fetches no extensions.

    memory: the most its buffers may take. spill: the folder for what does not fit.
    """
    return duckdb.connect(
        ":memory:",
        config={
            "threads": threads,
            "memory_limit": memory,
            "temp_directory": spill or "",  # the default would be the folder that the program was started in
            "preserve_insertion_order": False,  # the order of rows is not part of an answer; keeping it costs
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )


def quote(text: object) -> str:
    """Return a text as a literal of SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def create_views(database: duckdb.DuckDBPyConnection, sources: dict[str, str], suffix: str = "") -> None:
    """Create a view of each table, its name with the suffix. Raises BadInputError if a column is missing."""
    for table, columns in COLUMNS.items():
        source = quote(sources[table])
        try:
            database.execute(f"CREATE VIEW {table}{suffix} AS SELECT {columns} FROM read_parquet({source})")
        except duckdb.Error as failed:
            why = str(failed).splitlines()[0]
            raise BadInputError(
                f"The panel's table {table} at {sources[table]} cannot be read: {why}",
                fix="PanelTables says which columns it has.",
            ) from failed


class DuckDBEngine(OneByOne):
    """A panel opened by DuckDB. What does not fit into `memory` goes to a temporary folder on disk."""

    name = "duckdb"

    def __init__(self, tables: PanelTables, *, threads: int = 1, memory: str = "1500MB", check: bool = True):
        sources = tables.sources()
        self._spill = tempfile.TemporaryDirectory(prefix="rotascope-panel-")
        self._database = connect(threads, memory, self._spill.name)
        try:
            create_views(self._database, sources)
            if check:
                check_tables(self.query)
        except BaseException:
            self.close()
            raise

    def query(self, text: str) -> Sequence[Sequence[object]]:
        """Return the rows of any text over the four tables."""
        return self._database.execute(text).fetchall()

    def run(self, measure: str, **parameters: int) -> PanelResult:
        """Run one measure and return its rows. Shape and order: see PanelResult."""
        return run_on(self._database, self.name, measure, parameters)

    def write(self, measure: str, folder: Path, **parameters: int) -> str:
        """Run one measure into a new folder of Parquet files, and return the text that ran."""
        chosen = find_measure(measure)
        text = chosen.text(chosen.settle(parameters))
        with new_folder(folder) as part:
            target = quote(part / "rows.parquet")
            self._database.execute(f"COPY ({text}) TO {target} (FORMAT parquet)")
        return text

    def close(self) -> None:
        """Close the database and remove what it put on disk."""
        self._database.close()
        self._spill.cleanup()


def run_on(
    database: duckdb.DuckDBPyConnection, engine: str, measure: str, parameters: dict[str, int]
) -> PanelResult:
    """Run one measure on any DuckDB database that has the four tables."""
    chosen = find_measure(measure)
    settled = chosen.settle(parameters)
    text = chosen.text(settled)
    return from_columns(chosen, text, settled, engine, database.execute(text).fetchnumpy())
