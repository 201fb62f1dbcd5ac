"""Sessions of the New York Stock Exchange since 1926, by rule into the future.

A session is a day on which the exchange traded at all: Saturday mornings until May 1952 count, a day
cut short counts. The table is built at the first call, not at import. Dates outside the years of the
table raise `BadWindowError`: nothing is guessed.

Future years follow the rules as they stand today. A closure that no rule foresees (a funeral, a storm)
is not in the table until it is written there.
"""

from __future__ import annotations

from datetime import date, time
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rotascope.ingest.calendar_rules import LAST_SATURDAY_SESSION, holidays, short_sessions
from rotascope.ingest.calendar_table import special_closures, special_short_sessions
from rotascope.model.errors import BadWindowError
from rotascope.store.series import DateArray, to_date, to_day

FIRST = date(1926, 1, 1)
LAST = date(2100, 12, 31)
NOON = time(12)

BoolArray = npt.NDArray[np.bool_]

_SATURDAY, _SUNDAY = 5, 6
_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday


class _Table(NamedTuple):
    first: np.datetime64
    open: BoolArray  # per calendar day since `first`
    sessions: DateArray
    early: dict[date, time]


@cache
def _table() -> _Table:
    first = to_day(FIRST)
    days = np.arange(first, to_day(LAST) + 1)
    weekday = (days.astype(np.int64) + _EPOCH_WEEKDAY) % 7
    is_open = (weekday < _SATURDAY) | ((weekday == _SATURDAY) & (days <= to_day(LAST_SATURDAY_SESSION)))
    base = FIRST.toordinal()
    # The New Year of the year after the table may not reach back into it: it never moves to a Friday.
    closed = [d.toordinal() - base for year in range(FIRST.year, LAST.year + 1) for d in holidays(year)]
    closed += [d.toordinal() - base for d in special_closures()]
    is_open[closed] = False
    early = dict(special_short_sessions())
    for year in range(FIRST.year, LAST.year + 1):
        early.update(short_sessions(year))
    early = {d: t for d, t in early.items() if is_open[d.toordinal() - base]}
    sessions = days[is_open]
    is_open.flags.writeable = False
    sessions.flags.writeable = False
    return _Table(first, is_open, sessions, early)


def _inside(day: date, name: str) -> np.datetime64:
    if not FIRST <= day <= LAST:
        raise BadWindowError(
            f"The {name} {day} is outside the calendar of the New York Stock Exchange, "
            f"which knows {FIRST} to {LAST}.",
            fix=f"Choose a date from {FIRST} to {LAST}.",
        )
    return to_day(day)


def _range(start: date, end: date) -> tuple[int, int]:
    first, last = _inside(start, "start"), _inside(end, "end")
    if first > last:
        raise BadWindowError(f"The start {start} is after the end {end}.", fix="Exchange the two dates.")
    found = np.searchsorted(_table().sessions, np.array([first, last + np.timedelta64(1, "D")]))
    return int(found[0]), int(found[1])


def sessions(start: date, end: date) -> DateArray:
    """Return the sessions from `start` to `end`, both included.

    Returns: shape (n,), datetime64[D], ascending, n may be 0. A read-only view; copy it to change it.
    Raises: BadWindowError for dates outside the calendar, or a start after the end.

    >>> sessions(date(2026, 1, 1), date(2026, 1, 5)).astype(str).tolist()
    ['2026-01-02', '2026-01-05']
    """
    i, j = _range(start, end)
    return _table().sessions[i:j]


def count(start: date, end: date) -> int:
    """Return how many sessions lie from `start` to `end`, both included. Errors as in `sessions`."""
    i, j = _range(start, end)
    return j - i


def is_session(day: date) -> bool:
    """Return whether the exchange traded, or is due to trade, on a day. Errors as in `sessions`."""
    _inside(day, "date")
    return bool(_table().open[day.toordinal() - FIRST.toordinal()])


def previous_session(day: date) -> date:
    """Return the last session on or before a day. BadWindowError if the calendar has none."""
    found = np.searchsorted(_table().sessions, _inside(day, "date"), side="right")
    if found == 0:
        raise BadWindowError(
            f"The calendar starts on {FIRST} and has no session on or before {day}.",
            fix=f"Choose a date from {to_date(_table().sessions[0])}.",
        )
    return to_date(_table().sessions[found - 1])


def next_session(day: date) -> date:
    """Return the first session on or after a day. BadWindowError if the calendar has none."""
    found = np.searchsorted(_table().sessions, _inside(day, "date"))
    if found == len(_table().sessions):
        raise BadWindowError(
            f"The calendar ends on {LAST} and has no session on or after {day}.",
            fix=f"Choose a date to {to_date(_table().sessions[-1])}.",
        )
    return to_date(_table().sessions[found])


def early_close(day: date) -> time | None:
    """Return the time at which a session ended, or is due to end, before the regular hour of its years.

    New York time. Saturday sessions ended at noon. None for a session of full length and for a day
    without a session. The regular end was 15:00, from 1952-09-29 15:30, from October 1974 16:00.
    Raises: BadWindowError for a day outside the calendar.

    >>> early_close(date(2026, 11, 27))
    datetime.time(13, 0)
    """
    if not is_session(day):
        return None
    return NOON if day.weekday() == _SATURDAY else _table().early.get(day)


def session_mask(days: DateArray) -> BoolArray:
    """Return for each day whether it is a session.

    Parameters: days, shape (n,), datetime64[D], in any order. Returns: shape (n,).
    Raises: BadWindowError naming the first day outside the calendar (NaT included).
    """
    table = _table()
    offset = (days - table.first).astype(np.int64)
    outside = (offset < 0) | (offset >= len(table.open))
    if outside.any():
        worst = days[np.argmax(outside)]
        raise BadWindowError(
            f"The date {worst} is outside the calendar of the New York Stock Exchange, "
            f"which knows {FIRST} to {LAST}.",
            fix=f"Choose dates from {FIRST} to {LAST}.",
        )
    return table.open[offset]
