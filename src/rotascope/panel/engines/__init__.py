"""Engines that run a measure. All give the same answer; they differ in speed and in what they hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from rotascope.model.errors import BadInputError
from rotascope.panel.result import PanelResult
from rotascope.panel.tables import PanelTables

_SPARK = re.compile(r"spark://[^\s/:]+:\d+|local(\[(\d+|\*)\])?")
ALLOWED = "duckdb, arrays, reference, spark://HOST:PORT or local[N]"


class Engine(Protocol):
    """One opened panel. Close it, or use it as a context manager."""

    name: str

    def run(self, measure: str, **parameters: int) -> PanelResult:
        """Run one measure and return its rows."""
        ...

    def write(self, measure: str, folder: Path, **parameters: int) -> str:
        """Run one measure into a new folder of Parquet files, and return the text that ran.

        The rows are in no order. An existing folder is refused; a failed run leaves no folder.
        """
        ...

    def write_all(
        self, folders: Mapping[str, Path], parameters: Mapping[str, Mapping[str, int]] | None = None
    ) -> dict[str, str]:
        """Run several measures, each into its own new folder, and return the texts that ran.

        folders, parameters: by the name of the measure. arrays reads the prices once for all of them.
        """
        ...

    def close(self) -> None:
        """Let go of the panel."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_engine(
    name: str, tables: PanelTables, *, threads: int = 1, memory: str = "1500MB", check: bool = True
) -> Engine:
    """Open a panel on an engine.

    name: `duckdb`; `arrays` (the two large measures only, fastest on one machine); `reference` (slow plain
    Python); `spark://HOST:PORT` or `local[N]`, which need the extra `spark`. threads, memory: of duckdb and
    arrays; equal input gives equal bits on duckdb with one thread, on arrays with any. check: look for
    faults in the tables first; leave it out only for tables that were opened with it before.
    Raises BadInputError for another name, missing tables, faults in them, or a missing extra.
    """
    if name == "duckdb":
        from rotascope.panel.engines.duckdb_engine import DuckDBEngine

        return DuckDBEngine(tables, threads=threads, memory=memory, check=check)
    if name == "arrays":
        from rotascope.panel.engines.array_engine import ArrayEngine

        return ArrayEngine(tables, threads=threads, memory=memory, check=check)
    if name == "reference":
        from rotascope.panel.engines.reference import ReferenceEngine

        return ReferenceEngine(tables, check=check)
    if _SPARK.fullmatch(name):
        from rotascope.panel.engines.spark_engine import SparkEngine

        return SparkEngine(tables, name, check=check)
    raise BadInputError(f"There is no engine {name!r}.", fix=f"Use {ALLOWED}.")
