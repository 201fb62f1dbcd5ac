"""The four tables of a panel, as Parquet files, and the checks that every engine makes on them first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rotascope.model.errors import BadInputError

# A missing close is NULL, or NaN in files that other programs wrote; from here on it is NULL.
COLUMNS = {
    "prices": "security, CAST(day AS INTEGER) AS day, "
    "CASE WHEN isnan(CAST(close AS DOUBLE)) THEN NULL ELSE CAST(close AS DOUBLE) END AS close",
    "members": "security, CAST(first_day AS INTEGER) AS first_day, CAST(last_day AS INTEGER) AS last_day",
    "benchmark": "CAST(day AS INTEGER) AS day, "
    "CASE WHEN isnan(CAST(close AS DOUBLE)) THEN NULL ELSE CAST(close AS DOUBLE) END AS close",
    "calendar": "CAST(day_number AS INTEGER) AS day_number, CAST(date AS DATE) AS date",
}

# Each text counts what must not be there. They are in the same subset of SQL as the measures.
CHECKS = {
    "calendar: {} session numbers are there twice, or missing; they run without a gap":
        "SELECT count(*) - count(DISTINCT day_number)"
        " + max(day_number) - min(day_number) + 1 - count(DISTINCT day_number) AS n FROM calendar",
    "prices: {} closes are zero or negative; a price is positive":
        "SELECT count(*) AS n FROM prices WHERE close <= 0",
    "prices: {} rows have no security or no day, or a day that is no session of the calendar":
        "SELECT count(*) AS n FROM prices p LEFT JOIN calendar c ON c.day_number = p.day"
        " WHERE p.security IS NULL OR c.day_number IS NULL",
    "prices: {} times a security has a second row for one session; one row says its close":
        "SELECT count(*) AS n FROM (SELECT security, day FROM prices GROUP BY security, day"
        " HAVING count(*) > 1) x",
    "benchmark: {} closes are zero or negative; a level is positive":
        "SELECT count(*) AS n FROM benchmark WHERE close <= 0",
    "benchmark: {} sessions have a second row; one row says its close":
        "SELECT count(*) - count(DISTINCT day) AS n FROM benchmark",
    "members: {} rows have no security or no first day, or end before they begin":
        "SELECT count(*) AS n FROM members WHERE security IS NULL OR first_day IS NULL"
        " OR last_day < first_day",
    "members: {} spells begin before an earlier spell of the same security has ended":
        "SELECT count(*) AS n FROM (SELECT first_day, lag(coalesce(last_day, 2147483647))"
        " OVER (PARTITION BY security ORDER BY first_day, last_day) AS ended FROM members) x"
        " WHERE ended >= first_day",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PanelTables:
    """Where the tables are: a Parquet file, or a folder of them, for each.

    prices: security (a number or a text), day, close; a session without a row, or with a NULL close, has no
    price. members: security, first_day, last_day; both days inclusive, last_day NULL while it lasts; one row
    for each spell, so that a security can leave and come back. benchmark: day, close. calendar: day_number,
    date, one row for each session. A day is a session number of the calendar, so that neighbouring sessions
    differ by one. Closes of one currency and one kind of return.
    """

    prices: Path
    members: Path
    benchmark: Path
    calendar: Path

    def sources(self) -> dict[str, str]:
        """Return for each table the path that engines read: the file, or all Parquet files of a folder.

        Raises BadInputError if one of them is missing.
        """
        found = {}
        for name in COLUMNS:
            path: Path = getattr(self, name)
            if not path.exists():
                raise BadInputError(f"The panel's table {name} is not at {path}.", fix="Write it as Parquet.")
            found[name] = str(path / "*.parquet") if path.is_dir() else str(path)
        return found


def check_tables(query: Callable[[str], Sequence[Sequence[object]]]) -> None:
    """Raise BadInputError with every fault of the tables that an engine has opened.

    query: runs a text on the engine and returns its rows.
    """
    # one text for all: on a cluster every text has a price of its own
    text = " UNION ALL ".join(f"SELECT {i} AS i, n FROM ({t}) c{i}" for i, t in enumerate(CHECKS.values()))
    messages = list(CHECKS)
    faults = [messages[int(str(i))].format(n) for i, n in sorted(query(text)) if n]  # type: ignore[type-var]
    if faults:
        raise BadInputError("The panel cannot be used. " + "; ".join(faults) + ".", fix="Correct the tables.")
