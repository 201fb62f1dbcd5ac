"""Rows for the metrics of the rotation engine: which closes a recipe needs, and the window they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np

from rotascope.analytics.arrays import month_ends
from rotascope.facts.build import Desk
from rotascope.facts.columns import Column
from rotascope.facts.metrics.unusual import is_calendar_month
from rotascope.facts.ops_engine_grid import known
from rotascope.ingest import calendar
from rotascope.model.errors import BadWindowError, MissingDataError, NotAvailableError, UnknownNameError
from rotascope.model.facts import Window
from rotascope.model.observations import Field
from rotascope.store.series import DateArray, to_date

FIELD = "close, or adjusted_close for total returns"
GRID = "months or sessions; by default months where the window is one calendar month; rows for returns"
SINCE = "leave out rows before this date"


def field_of(params: Mapping[str, Any]) -> Field:
    """Return the field that the levels are read from: closes, unless adjusted closes are asked for."""
    said = str(params.get("field", Field.CLOSE))
    if said not in (Field.CLOSE, Field.ADJUSTED_CLOSE):
        raise UnknownNameError(f"Levels are not read from '{said}'.", fix="Choose close or adjusted_close.")
    return Field(said)


def value_field(desk: Desk, name: str) -> Field:
    """Return the field that holds a series: its closes, or its values where it has no closes."""
    return Field.CLOSE if desk.has(name, Field.CLOSE) else Field.VALUE


def full_history(
    desk: Desk, names: Sequence[str], fields: Sequence[Field], window: Window, since: str | None = None
) -> list[Column]:
    """Return all rows of each series from the first date that all have to the last close of the window.

    Raises NotAvailableError if a series ends long before the end of the window.
    """
    last = min(to_date(desk.point(n, f, window.end).dates[0]) for n, f in zip(names, fields, strict=True))
    floor = date.fromisoformat(since) if since else None
    columns = [desk.column(n, f, floor, last) for n, f in zip(names, fields, strict=True)]
    start = max(to_date(c.dates[0]) for c in columns)
    return [desk.column(n, f, start, last) for n, f in zip(names, fields, strict=True)]


def shared_dates(columns: Sequence[Column]) -> DateArray:
    """Return the dates on which every column has a known value, at least one. Read-only."""
    return _shared_dates(tuple(columns))


@lru_cache(maxsize=128)  # a handful of facts in a row is about the same columns
def _shared_dates(columns: tuple[Column, ...]) -> DateArray:
    dates, _ = known(columns[0])
    for column in columns[1:]:
        dates = _in_both(dates, known(column)[0])
    if dates.size == 0:
        names = ", ".join(c.data.meta.series for c in columns)
        raise NotAvailableError(f"There is no date on which all have a value: {names}.")
    dates.flags.writeable = False
    return dates


def _in_both(a: DateArray, b: DateArray) -> DateArray:
    """Return the dates that are in both of two ascending arrays, by a table of days: no sorting is needed."""
    if a.size == 0 or b.size == 0:
        return a[:0]
    first, last = min(a[0], b[0]), max(a[-1], b[-1])
    there = np.zeros((last - first).astype(np.int64) + 1, dtype=np.bool_)
    there[(b - first).astype(np.int64)] = True
    shared: DateArray = a[there[(a - first).astype(np.int64)]]
    return shared


def last_rows(desk: Desk, columns: Sequence[Column], need: int) -> list[Column]:
    """Return the rows of the last `need` shared dates, or of all where there are fewer.

    Raises MissingDataError if these dates skip sessions.
    """
    dates = shared_dates(columns)[-need:]
    first, last = to_date(dates[0]), to_date(dates[-1])
    sessions = calendar.count(first, last)
    if dates.size < sessions:
        names = " and ".join(c.data.meta.series for c in columns)
        raise MissingDataError(
            f"{names} share {dates.size} closes from {first} to {last}, and there were {sessions} sessions. "
            "Gaps are not filled."
        )
    return between(desk, columns, first, last)


def between(desk: Desk, columns: Sequence[Column], first: date, last: date) -> list[Column]:
    """Return the rows of the same series and fields between two dates."""
    return [desk.column(c.data.meta.series, c.data.meta.field, first, last) for c in columns]


def length_inside(dates: DateArray, window: Window) -> int:
    """Return how many changes of shared dates the window holds. Raises BadWindowError if there is none."""
    day = np.datetime64(window.start, "D")
    base = int(np.searchsorted(dates, day, "right")) - 1
    if base < 0 or base == dates.size - 1:
        raise BadWindowError(
            f"The series share values from {dates[0]} to {dates[-1]}; the window {window.start} to "
            f"{window.end} holds no change of them.",
            fix="Start the window later, or let it end later.",
        )
    return dates.size - 1 - base


def whole_months(desk: Desk, columns: Sequence[Column], window: Window) -> list[Column]:
    """Return the columns cut at the last complete month, so that a month just begun is not a month."""
    dates = shared_dates(columns)
    last = to_date(dates[-1])
    if last == calendar.previous_session(_month_end(last)):
        return list(columns)
    ends = month_ends(dates)[:-1]
    if ends.size == 0:
        raise NotAvailableError(f"There is no complete month up to {window.end}.")
    return between(desk, columns, to_date(columns[0].dates[0]), to_date(dates[ends[-1]]))


def _month_end(day: date) -> date:
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def grid_rows(
    desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> tuple[list[Column], dict[str, Any], Window]:
    """Return the history of one series or two, the grid as recipe parameters, and the window used.

    For values of all months, or of all sessions, up to the end of the window. A month just begun is left out.
    """
    columns, periods = _history(desk, series, window, params)
    grid = "rows" if periods else str(params.get("grid", "months"))
    if grid == "months":
        columns = whole_months(desk, columns, window)
    recipe = {"grid": grid, **({"length": int(params.get("length", 1))} if grid == "sessions" else {})}
    dates = shared_dates(columns)
    return columns, recipe, Window(
        window.start, window.end, "prior_close", to_date(dates[0]), to_date(dates[-1])
    )  # fmt: skip


def current_rows(
    desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> tuple[list[Column], dict[str, Any], Window]:
    """Return the same where the window itself is the last value of the grid.

    Raises BadWindowError if months are asked for and the window is not one calendar month.
    """
    columns, periods = _history(desk, series, window, params)
    dates = shared_dates(columns)
    if periods:
        used = Window(window.start, window.end, "prior_close", None, to_date(dates[-1]))
        return columns, {"grid": "rows"}, used
    length = length_inside(dates, window)
    base = to_date(dates[-1 - length])
    used = Window(window.start, window.end, "prior_close", base, to_date(dates[-1]))
    grid = str(params.get("grid") or ("months" if is_calendar_month(used) else "sessions"))
    if grid == "sessions":
        return columns, {"grid": grid, "length": length}, used
    if not is_calendar_month(used):
        raise BadWindowError(
            f"The window {used.start_used} to {used.end_used} is not one calendar month.",
            fix="Use grid=sessions, or a window from one month's last session to the next one's.",
        )
    return columns, {"grid": grid}, used


def _history(
    desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> tuple[list[Column], bool]:
    """Return the history of one series or two, and whether they hold values of periods, not levels."""
    if len(series) not in (1, 2):
        raise UnknownNameError(f"One series or two are needed; {len(series)} were given.")
    if params.get("grid") not in (None, "months", "sessions", "rows"):
        raise UnknownNameError(f"There is no grid '{params['grid']}'.", fix="Choose months or sessions.")
    field = field_of(params)
    periods = params.get("grid") == "rows" or not any(desk.has(s, field) for s in series)
    chosen = Field.VALUE if periods else field
    return full_history(desk, series, [chosen] * len(series), window, params.get("since")), periods
