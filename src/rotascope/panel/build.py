"""From tables with dates to the tables of a panel, whose days are the session numbers of one calendar."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from rotascope.model.errors import BadInputError
from rotascope.panel.engines.common import new_folder
from rotascope.panel.engines.duckdb_engine import connect, quote
from rotascope.panel.tables import PanelTables

_TEXTS = {
    "calendar": "SELECT day_number, date FROM calendar ORDER BY day_number",
    "benchmark": "SELECT c.day_number AS day, b.close FROM benchmark b JOIN calendar c ON c.date = b.date"
    " ORDER BY day",
    # A spell begins with its first session and ends with its last; one without a session is none.
    "members": "SELECT security, first_day,"
    " CASE WHEN last_date IS NOT NULL THEN last_day END AS last_day FROM ("
    " SELECT security, last_date,"
    " (SELECT min(day_number) FROM calendar WHERE date >= first_date) AS first_day,"
    " (SELECT max(day_number) FROM calendar WHERE date <= last_date) AS last_day FROM members)"
    " WHERE first_day IS NOT NULL AND (last_date IS NULL OR last_day >= first_day) ORDER BY ALL",
    "prices": "SELECT p.security, c.day_number AS day, p.close FROM prices p"
    " JOIN calendar c ON c.date = p.date ORDER BY security, day",
}  # fmt: skip
# What the files with dates must have.
_INPUTS = {
    "prices": "security, CAST(date AS DATE) AS date, CAST(close AS DOUBLE) AS close",
    "members": "security, CAST(first_date AS DATE) AS first_date, CAST(last_date AS DATE) AS last_date",
    "benchmark": "CAST(date AS DATE) AS date, CAST(close AS DOUBLE) AS close",
}


def build_panel(
    folder: Path,
    sessions: npt.NDArray[np.datetime64],
    *,
    prices: Path,
    members: Path,
    benchmark: Path,
    memory: str = "1500MB",
) -> PanelTables:
    """Write a panel into a new folder and return its tables, prices sorted by security.

    sessions: every session of the calendar, shape (n,), ascending; the first gets the number 1. prices:
    Parquet with security, date, close. members: security, first_date, last_date, both inclusive, last_date
    NULL while it lasts. benchmark: date, close. Raises BadInputError, and leaves no folder, if a file has not
    these columns or a price or level is dated on a day that is no session.
    """
    with (
        new_folder(folder) as part,
        tempfile.TemporaryDirectory(prefix="rotascope-panel-") as spill,
        connect(1, memory, spill) as database,
    ):
        numbers = np.arange(1, sessions.size + 1, dtype=np.int32)
        database.register("days", {"n": numbers, "stamp": sessions.astype("datetime64[us]")})
        database.execute(
            "CREATE TABLE calendar AS SELECT n AS day_number, CAST(stamp AS DATE) AS date FROM days"
        )
        for name, path in (("prices", prices), ("members", members), ("benchmark", benchmark)):
            _open(database, name, path)
        for name in ("prices", "benchmark"):
            _refuse_other_days(database, name)
        for name, text in _TEXTS.items():
            database.execute(f"COPY ({text}) TO {quote(part / f'{name}.parquet')} (FORMAT parquet)")
    return PanelTables(*(folder / f"{n}.parquet" for n in ("prices", "members", "benchmark", "calendar")))


def _open(database: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    try:
        database.execute(f"CREATE VIEW {name} AS SELECT {_INPUTS[name]} FROM read_parquet({quote(path)})")
    except duckdb.Error as failed:
        why = str(failed).splitlines()[0]
        raise BadInputError(
            f"The table {name} at {path} cannot be read: {why}", fix=f"It needs {_INPUTS[name]}."
        ) from failed


def _refuse_other_days(database: duckdb.DuckDBPyConnection, name: str) -> None:
    found = database.execute(
        f"SELECT count(*), min(t.date) FROM {name} t LEFT JOIN calendar c ON c.date = t.date "
        "WHERE c.date IS NULL"
    ).fetchone()
    if found is not None and found[0]:
        raise BadInputError(
            f"{name}: {found[0]} rows are dated on a day that is no session, or have no date; "
            f"the first is {found[1]}.",
            fix="Correct the dates, or give the calendar of their exchange.",
        )
