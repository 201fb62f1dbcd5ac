"""Adding a session to a panel without computing the others again.

The state is the closes of the last sessions, as many as the longest window needs. A new session is put behind
them and the oldest is let go; the measures of one session (`rotation_day`, `breadth_day`) are computed from
what is held. The cost is that of one window, however long the history is. On disk a session costs the bytes
of its closes, written behind the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from rotascope.model.errors import BadInputError, BadWindowError
from rotascope.panel.engines.common import Closing
from rotascope.panel.engines.duckdb_engine import connect, create_views
from rotascope.panel.kernels import BoolArray, BreadthLengths, FloatArray
from rotascope.panel.measures import find_measure
from rotascope.panel.one_day import breadth_day, rotation_day, sessions_needed
from rotascope.panel.result import Column, PanelResult, from_columns
from rotascope.panel.state_files import OPEN_END, Held, StateFiles, read_state, write_state
from rotascope.panel.tables import PanelTables, check_tables

SESSIONS = 252
_ONE_DAY = ("rotation_day", "breadth_day")
_SPARE = 64  # rows kept free behind those held, so that most additions move nothing


class PanelState(Closing):
    """The last `sessions` sessions of a panel, in memory. Get one from `begin`, `load` or `open`.

    last: the number of the last session. sessions: how many are kept. A security that comes later is taken in
    with its first close; the spells of members are those of the tables that the state began with.
    """

    def __init__(self, held: Held, sessions: int, files: StateFiles | None = None):
        self.last, self.sessions = held.last, sessions
        self._names, self._spells, self._dates = held.names, held.spells, held.dates
        self._column = {name: i for i, name in enumerate(held.names)}
        self._files = files
        self._begin, self._end = 0, 0
        self._closes, self._index = np.empty((0, 0)), np.empty(0)
        self._make_room(held.closes[-sessions:], held.index[-sessions:], len(held.names))

    @classmethod
    def begin(
        cls, tables: PanelTables, *, sessions: int = SESSIONS, threads: int = 1, memory: str = "1GB"
    ) -> PanelState:
        """Keep the last `sessions` sessions of a whole panel, and check them."""
        return cls(_held(tables, sessions, threads, memory), sessions)

    @classmethod
    def load(cls, folder: Path) -> PanelState:
        """Read a state that `save` wrote. Sessions added to it are in memory only."""
        return cls(*read_state(folder))

    @classmethod
    def open(cls, folder: Path) -> PanelState:
        """Read a state that `save` wrote, and write each session that is added behind the others there.

        Close it, or use it as a context manager. Raises BadInputError while another process has it open.
        """
        files = StateFiles(folder)
        try:
            return cls(*read_state(folder), files)
        except BaseException:
            files.close()
            raise

    def save(self, folder: Path) -> None:
        """Write the state into a new folder, which appears only once it is complete."""
        closes, index = self._held()
        write_state(
            folder,
            Held(self._names, closes, index, self._spells, self.last, self._dates[-len(index) :]),
            self.sessions,
        )

    def add(self, day: int, on: date, closes: Mapping[Any, float | None], benchmark: float | None) -> None:
        """Add the next session.

        day: its number, one more than the last. closes: security to close; None, or no entry, is no price.
        Raises BadInputError, and changes nothing, for another session number, a close that is not positive,
        a security that is neither a text nor a whole number, as the others are, or a date that is not after
        the last.
        """
        if day != self.last + 1:
            raise BadInputError(
                f"Session {day} does not follow session {self.last}.", fix="Add sessions one by one."
            )
        values = np.array(list(closes.values()), dtype=np.float64)  # None becomes NaN
        level = math.nan if benchmark is None else float(benchmark)
        wrong = (values <= 0) | np.isinf(values)
        if wrong.any() or level <= 0 or math.isinf(level):
            bad = [s for s, is_wrong in zip(closes, wrong.tolist(), strict=True) if is_wrong]
            raise BadInputError(f"Session {day}: a close is positive; look at {bad[:3] or 'the benchmark'}.")
        before = date.fromordinal(self._dates[-1])
        if on <= before:
            raise BadInputError(f"Session {day} on {on} is not after {before}.", fix="Give its date.")
        self._append(day, on, closes, values, level)

    def _append(
        self, day: int, on: date, closes: Mapping[Any, float | None], values: FloatArray, level: float
    ) -> None:
        known = ~np.isnan(values)
        new = self._new_names(s for s, is_known in zip(closes, known.tolist(), strict=True) if is_known)
        column = (
            {**self._column, **{s: len(self._names) + i for i, s in enumerate(new)}} if new else self._column
        )
        row = np.full(len(column), np.nan)
        places = np.array([column.get(s, -1) for s in closes], dtype=np.intp)
        row[places[known]] = values[known]
        if self._files is not None:
            self._files.append(day, on.toordinal(), level, row, new)
        self._names, self._column = [*self._names, *new] if new else self._names, column
        if self._end == len(self._closes) or row.size > self._closes.shape[1]:
            self._make_room(*self._held(), row.size)
        self._closes[self._end], self._index[self._end] = row, level
        self._end += 1
        self._begin = max(self._begin, self._end - self.sessions)
        self._dates.append(on.toordinal())
        self.last = day

    def _new_names(self, given: Iterable[Any]) -> list[Any]:
        new = [s for s in given if s not in self._column]
        texts = any(isinstance(s, str) for s in (self._names or new)[:1])
        for s in new:
            whole = isinstance(s, (int, np.integer)) and not isinstance(s, bool)
            if not (isinstance(s, str) if texts else whole):
                kind = "a text" if texts else "a whole number"
                raise BadInputError(
                    f"The security {s!r} is not {kind}, as the others are.", fix="Name it as the panel does."
                )
        return [s if texts else int(s) for s in new]

    def _held(self) -> tuple[FloatArray, FloatArray]:
        """Return the closes, shape (n, k), and the benchmark, shape (n,), of the sessions held."""
        return self._closes[self._begin : self._end], self._index[self._begin : self._end]

    def _make_room(self, closes: FloatArray, index: FloatArray, width: int) -> None:
        """Move the sessions held to the front of new arrays with rows to spare."""
        n, k = closes.shape
        room = np.empty((n + _SPARE, width))
        room[:n, :k] = closes
        room[:n, k:] = np.nan
        levels = np.empty(n + _SPARE)
        levels[:n] = index
        self._closes, self._index, self._begin, self._end = room, levels, 0, n

    def run(self, measure: str, **parameters: int) -> PanelResult:
        """Run `rotation_day` or `breadth_day` at the last session.

        Raises BadWindowError if a window is longer than what is held.
        """
        if measure not in _ONE_DAY:
            raise BadWindowError(f"A state answers {' and '.join(_ONE_DAY)}, not {measure}.")
        chosen = find_measure(measure)
        settled = chosen.settle({**parameters, "day": self.last})
        needed = sessions_needed(measure, settled)
        if needed > self.sessions:
            raise BadWindowError(
                f"{measure} needs {needed} sessions and the state holds {self.sessions}.",
                fix=f"Begin it with sessions={needed}.",
            )
        windows = {name: value for name, value in settled.items() if name != "day"}
        raw = self._rotation(windows) if measure == "rotation_day" else self._breadth(windows)
        return from_columns(chosen, chosen.text(settled), settled, "state", raw)

    def _rotation(self, windows: Mapping[str, int]) -> dict[str, Column]:
        found = rotation_day(*self._held(), windows["trend"], windows["momentum"])
        known = np.flatnonzero(~np.isnan(found["strength"]))
        texts = any(isinstance(s, str) for s in self._names[:1])
        names = np.array(self._names, dtype=object if texts else np.int64)
        return {
            "day": np.full(known.size, self.last),
            "security": names[known],
            **{name: values[known] for name, values in found.items()},
        }

    def _breadth(self, windows: Mapping[str, int]) -> dict[str, Column]:
        closes, index = self._held()
        counts = breadth_day(closes, self._members(), index, BreadthLengths(**windows))
        return {"day": np.array([self.last]), **{name: np.array([n]) for name, n in counts.items()}}

    def _members(self) -> BoolArray:
        column, first, last = self._spells.T
        mask = np.zeros(len(self._names), dtype=bool)
        mask[column[(first <= self.last) & (last >= self.last)]] = True
        return mask

    def close(self) -> None:
        """Let go of the state, and of its files if it was opened there."""
        if self._files is not None:
            self._files.close()


def _held(tables: PanelTables, sessions: int, threads: int, memory: str) -> Held:
    """Return the last sessions of a panel, checked."""
    with connect(threads, memory) as database:
        create_views(database, tables.sources(), "_file")
        last = _one(database, "SELECT max(day_number) FROM calendar_file")
        if last is None:
            raise BadInputError(
                "The panel's calendar has no sessions.", fix="Write one row for each session."
            )
        for table, day in (("prices", "day"), ("benchmark", "day"), ("calendar", "day_number")):
            after = f"WHERE {day} > {last - sessions}"
            database.execute(f"CREATE TABLE {table} AS SELECT * FROM {table}_file {after}")
        database.execute("CREATE TABLE members AS SELECT * FROM members_file")
        check_tables(lambda text: database.execute(text).fetchall())
        database.execute(
            "CREATE TABLE names AS SELECT security, row_number() OVER (ORDER BY security) - 1 AS i "
            "FROM (SELECT security FROM prices UNION SELECT security FROM members)"
        )
        dates = database.execute("SELECT date FROM calendar ORDER BY day_number").fetchall()
        return _arrays(database, int(last), [on.toordinal() for (on,) in dates])


def _arrays(database: duckdb.DuckDBPyConnection, last: int, dates: list[int]) -> Held:
    names = [s for (s,) in database.execute("SELECT security FROM names ORDER BY i").fetchall()]
    first = last - len(dates) + 1
    closes, index = np.full((len(dates), len(names)), np.nan), np.full(len(dates), np.nan)
    rows = database.execute(
        "SELECT p.day, n.i, p.close FROM prices p JOIN names n ON n.security = p.security "
        "WHERE p.close IS NOT NULL"
    ).fetchnumpy()
    closes[rows["day"] - first, rows["i"]] = rows["close"]
    rows = database.execute("SELECT day, close FROM benchmark WHERE close IS NOT NULL").fetchnumpy()
    index[rows["day"] - first] = rows["close"]
    spells = database.execute(
        "SELECT n.i, CAST(m.first_day AS BIGINT) AS first_day, "
        f"coalesce(CAST(m.last_day AS BIGINT), {OPEN_END}) AS last_day "
        "FROM members m JOIN names n ON n.security = m.security ORDER BY ALL"
    ).fetchnumpy()
    found = np.column_stack([np.asarray(c, dtype=np.int64) for c in spells.values()])
    return Held(names, closes, index, found, last, dates)


def _one(database: duckdb.DuckDBPyConnection, text: str) -> Any:
    (found,) = database.execute(text).fetchone() or (None,)
    return found
