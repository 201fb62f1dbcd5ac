"""Periods by name: `2026-01`, `2025-Q4`, `2025`, `2026-W05`, `ytd`, `last-month` and the like."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from rotascope.app import wiring
from rotascope.ingest import calendar
from rotascope.model.errors import BadWindowError
from rotascope.model.facts import Window

_DAY = timedelta(days=1)
_MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}
_TO_DATE = {"mtd": "month", "qtd": "quarter", "ytd": "year"}
_KINDS = "2026, 2026-Q1, 2026-01, 2026-W05, ytd, qtd, mtd, last-year, last-quarter, last-month, last-week"


def window_of_period(text: str, as_of: date | None = None) -> Window:
    """Return the window of a period: from the last close before it to its last close.

    as_of: the day the reader stands on; a period that is still running ends at its last session up to then.
    Without it that day is today, and the last session is the one before, whose close is known for certain.
    Raises: BadWindowError for other words, for a period that has not begun, and outside the calendar.

    >>> window = window_of_period("2026-01", date(2026, 2, 10))
    >>> str(window.start), str(window.end)
    ('2025-12-31', '2026-01-30')
    """
    known = as_of or wiring.today() - _DAY
    first, after = _bounds(text, as_of or wiring.today())
    last = min(after - _DAY, known)
    if last < first or not calendar.count(first, last):
        raise BadWindowError(
            f"The period '{text}' has no session up to {known}.",
            fix="Choose one that has begun, or a later --as-of.",
        )
    return Window(calendar.previous_session(first - _DAY), calendar.previous_session(last))


def _bounds(text: str, today: date) -> tuple[date, date]:
    """Return the first day of the period and the first day after it."""
    name = text.strip().lower()
    for pattern, read in _WRITTEN:
        if found := re.fullmatch(pattern, name):
            try:
                return read(*map(int, found.groups()))
            except ValueError:
                break
    if name in _TO_DATE:
        return _span(today, _MONTHS_OF[_TO_DATE[name]])
    kind = name.removeprefix("last-")
    if name == "last-week":
        return _week(*(today - 7 * _DAY).isocalendar()[:2])
    if name != kind and kind in _MONTHS_OF:
        return _span(_span(today, _MONTHS_OF[kind])[0] - _DAY, _MONTHS_OF[kind])
    raise BadWindowError(f"'{text}' is no period.", fix=f"Write one of these ways: {_KINDS}.")


def _span(day: date, months: int) -> tuple[date, date]:
    """Return the month, quarter or year (1, 3, 12 months) that a day lies in."""
    month = (day.month - 1) // months * months + 1
    following = month + months
    return date(day.year, month, 1), date(day.year + following // 13, (following - 1) % 12 + 1, 1)


def _month(year: int, month: int) -> tuple[date, date]:
    return _span(date(year, month, 1), 1)


def _quarter(year: int, quarter: int) -> tuple[date, date]:
    return _span(date(year, 3 * quarter, 1), 3)


def _year(year: int) -> tuple[date, date]:
    return _span(date(year, 1, 1), 12)


def _week(year: int, week: int) -> tuple[date, date]:
    monday = date.fromisocalendar(year, week, 1)
    return monday, monday + 7 * _DAY


_WRITTEN: tuple[tuple[str, Callable[..., tuple[date, date]]], ...] = (
    (r"(\d{4})-(\d{2})", _month),
    (r"(\d{4})-?q(\d)", _quarter),
    (r"(\d{4})", _year),
    (r"(\d{4})-?w(\d{2})", _week),
)
