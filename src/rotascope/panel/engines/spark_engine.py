"""Spark, for panels that one machine does not hold. Needs the extra `spark` and Java 17 or newer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rotascope.model.errors import BadInputError
from rotascope.panel.engines.common import OneByOne, new_folder
from rotascope.panel.measures import find_measure
from rotascope.panel.result import PanelResult, from_rows
from rotascope.panel.tables import COLUMNS, PanelTables, check_tables

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # Faults such as a division by zero stop the run, as on DuckDB, whatever the version's default.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    # The benchmark, the calendar and the members are small beside the prices.
    "spark.sql.adaptive.enabled": "true",
}


def _session(master: str, settings: dict[str, str]) -> tuple[SparkSession, bool]:
    """Return a session, and whether it was started here. One that runs already is used as it is."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as missing:
        raise BadInputError(
            f"The engine {master} needs pyspark, which is not installed.",
            fix="Install the extra: pip install 'rotascope[spark]' (and Java 17 or newer), or use duckdb.",
        ) from missing
    running = SparkSession.getActiveSession()
    if running is not None:
        there = running.sparkContext.master
        if there != master:
            raise BadInputError(
                f"A Spark session at {there} is open; {master} cannot be opened beside it.",
                fix="Close it first.",
            )
        for name, value in settings.items():
            if name.startswith("spark.sql."):
                running.conf.set(name, value)
        return running, False
    builder: Any = SparkSession.builder.appName("rotascope panel").master(master)
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        session: SparkSession = builder.getOrCreate()
    except Exception as failed:  # the gateway raises several kinds, some without a class of their own
        raise BadInputError(
            f"Spark at {master} did not start: {str(failed).splitlines()[0]}",
            fix="Look whether Java 17 or newer is installed and the master runs at this address.",
        ) from failed
    return session, True


class SparkEngine(OneByOne):
    """A panel opened by Spark. The tables must be at the same path on the driver and on every worker.

    master: `spark://HOST:PORT` or `local[N]`. settings: Spark's own, added to SETTINGS.
    """

    name = "spark"

    def __init__(
        self,
        tables: PanelTables,
        master: str,
        *,
        check: bool = True,
        settings: dict[str, str] | None = None,
    ):
        sources = tables.sources()
        self._session, self._owned = _session(master, SETTINGS | (settings or {}))
        self._session.sparkContext.setLogLevel("ERROR")
        for table, columns in COLUMNS.items():
            self._session.read.parquet(sources[table]).createOrReplaceTempView(f"{table}_file")
            self._session.sql(f"SELECT {columns} FROM {table}_file").createOrReplaceTempView(table)
        if check:
            check_tables(self.query)

    def query(self, text: str) -> Sequence[Sequence[object]]:
        """Return the rows of any text over the four tables."""
        return [tuple(row) for row in self._session.sql(text).collect()]

    def run(self, measure: str, **parameters: int) -> PanelResult:
        """Run one measure and collect its rows here. For millions of rows use `write`."""
        chosen = find_measure(measure)
        settled = chosen.settle(parameters)
        text = chosen.text(settled)
        return from_rows(chosen, text, settled, self.name, self.query(text))

    def write(self, measure: str, folder: Path, **parameters: int) -> str:
        """Run one measure into a new folder of Parquet files, and return the text that ran.

        The workers write: the folder must be on storage that they and the driver share.
        """
        chosen = find_measure(measure)
        text = chosen.text(chosen.settle(parameters))
        with new_folder(folder) as part:
            self._session.sql(text).write.mode("overwrite").parquet(str(part))
        return text

    def close(self) -> None:
        """Stop the session, and with it the executors, if this engine started it."""
        if self._owned:
            self._session.stop()
