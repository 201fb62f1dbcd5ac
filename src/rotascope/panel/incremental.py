"""Adding a session to a panel without computing the others again.

The state is the closes of the last sessions, as many as the longest window needs. A new session is written
behind them, the oldest one is let go, and the texts of one session (`rotation_day`, `breadth_day`) run on
what is held. The cost is that of one window, however long the history is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from rotascope.model.errors import BadInputError, BadWindowError
from rotascope.panel.engines.common import Closing, new_folder
from rotascope.panel.engines.duckdb_engine import connect, create_views, quote, run_on
from rotascope.panel.measures import find_measure
from rotascope.panel.result import PanelResult
from rotascope.panel.tables import COLUMNS, PanelTables, check_tables

SESSIONS = 252
_ONE_DAY = ("rotation_day", "breadth_day")


class PanelState(Closing):
    """The last `sessions` sessions of a panel, in memory. Open with `begin` or `load`."""

    def __init__(self, tables: PanelTables, *, sessions: int | None, threads: int = 1, memory: str = "1GB"):
        sources = tables.sources()
        self._database = connect(threads, memory)
        create_views(self._database, sources, "_file")
        (last,) = self._one("SELECT max(day_number) FROM calendar_file")
        if last is None:
            raise BadInputError(
                "The panel's calendar has no sessions.", fix="Write one row for each session."
            )
        (held,) = self._one("SELECT count(*) FROM calendar_file")
        self.last, self.sessions = int(last), held if sessions is None else sessions
        after = self.last - self.sessions
        for table, day in (("prices", "day"), ("benchmark", "day"), ("calendar", "day_number")):
            self._database.execute(
                f"CREATE TABLE {table} AS SELECT * FROM {table}_file WHERE {day} > {after}"
            )
        self._database.execute("CREATE TABLE members AS SELECT * FROM members_file")

    @classmethod
    def begin(
        cls, tables: PanelTables, *, sessions: int = SESSIONS, threads: int = 1, memory: str = "1GB"
    ) -> PanelState:
        """Keep the last `sessions` sessions of a whole panel, and check them."""
        state = cls(tables, sessions=sessions, threads=threads, memory=memory)
        check_tables(lambda text: state._database.execute(text).fetchall())
        return state

    @classmethod
    def load(cls, folder: Path, *, threads: int = 1, memory: str = "1GB") -> PanelState:
        """Read a state that `save` wrote."""
        tables = PanelTables(*(folder / f"{name}.parquet" for name in COLUMNS))
        (sessions,) = connect(1, "64MB").execute(
            f"SELECT sessions FROM read_parquet({quote(folder / 'state.parquet')})"
        ).fetchone() or (None,)
        return cls(tables, sessions=sessions, threads=threads, memory=memory)

    def save(self, folder: Path) -> None:
        """Write the state into a new folder, which appears only once it is complete."""
        with new_folder(folder) as part:
            for name in COLUMNS:
                target = quote(part / f"{name}.parquet")
                self._database.execute(f"COPY (SELECT * FROM {name}) TO {target} (FORMAT parquet)")
            note = f"SELECT {self.sessions} AS sessions"
            self._database.execute(f"COPY ({note}) TO {quote(part / 'state.parquet')} (FORMAT parquet)")

    def add(self, day: int, on: date, closes: Mapping[Any, float | None], benchmark: float | None) -> None:
        """Add the next session.

        day: its number, one more than the last. closes: security to close; None, or no entry, is no price.
        Raises BadInputError, and changes nothing, for another session number, a close that is not positive,
        or a date that is not after the last.
        """
        if day != self.last + 1:
            raise BadInputError(
                f"Session {day} does not follow session {self.last}.", fix="Add sessions one by one."
            )
        known = {s: c for s, c in closes.items() if c is not None and not np.isnan(c)}
        bad = [s for s, c in known.items() if c <= 0]
        if bad or (benchmark is not None and benchmark <= 0):
            raise BadInputError(f"Session {day}: a close is positive; look at {bad[:3] or 'the benchmark'}.")
        (before,) = self._one("SELECT max(date) FROM calendar")
        if on <= before:
            raise BadInputError(f"Session {day} on {on} is not after {before}.", fix="Give its date.")
        self._append(day, on, known, benchmark)
        self.last = day

    def _append(self, day: int, on: date, known: Mapping[Any, float], benchmark: float | None) -> None:
        names = np.array(list(known), dtype=object if any(isinstance(s, str) for s in known) else None)
        new = {"security": names, "close": np.array(list(known.values()), dtype=np.float64)}
        db = self._database
        db.execute("BEGIN")
        try:
            if known:
                db.register("new", new)
                db.execute(f"INSERT INTO prices SELECT security, {day}, close FROM new")
            level = "NULL" if benchmark is None or np.isnan(benchmark) else repr(float(benchmark))
            db.execute(f"INSERT INTO benchmark VALUES ({day}, {level})")
            db.execute(f"INSERT INTO calendar VALUES ({day}, DATE '{on.isoformat()}')")
            for table, column in (("prices", "day"), ("benchmark", "day"), ("calendar", "day_number")):
                db.execute(f"DELETE FROM {table} WHERE {column} <= {day - self.sessions}")
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise
        finally:
            if known:
                db.unregister("new")

    def run(self, measure: str, **parameters: int) -> PanelResult:
        """Run `rotation_day` or `breadth_day` at the last session.

        Raises BadWindowError if a window is longer than what is held.
        """
        if measure not in _ONE_DAY:
            raise BadWindowError(f"A state answers {' and '.join(_ONE_DAY)}, not {measure}.")
        settled = find_measure(measure).settle({**parameters, "day": self.last})
        needed = sessions_needed(measure, settled)
        if needed > self.sessions:
            raise BadWindowError(
                f"{measure} needs {needed} sessions and the state holds {self.sessions}.",
                fix=f"Begin it with sessions={needed}.",
            )
        return run_on(self._database, "duckdb", measure, settled)

    def close(self) -> None:
        """Let go of the state."""
        self._database.close()

    def _one(self, text: str) -> tuple[Any, ...]:
        found = self._database.execute(text).fetchone()
        assert found is not None
        return found


def sessions_needed(measure: str, settled: Mapping[str, int]) -> int:
    """Return how many sessions the answer at the last one depends on.

    >>> sessions_needed("rotation_day", {"trend": 63, "momentum": 21})
    83
    """
    if measure == "rotation_day":
        return settled["trend"] + settled["momentum"] - 1
    return max(2, settled["short"], settled["long"], settled["beat"] + 1, settled["extreme"])
