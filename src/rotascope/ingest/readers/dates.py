"""Dates as files write them, and the last days of the periods that values describe."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

import numpy as np

from rotascope.model.observations import Frequency
from rotascope.store.series import DateArray

Order = Literal["day_first", "month_first", "unknown"]

_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T].*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0)?")
_SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T].*)?")
_NAMED = ("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%d-%b-%y")


def day_order(cells: Iterable[str]) -> Order:
    """Return whether dates such as 30/01/2026 put the day or the month first.

    One number above 12 settles it for all cells. If none is, or both places have one, the order is
    unknown, and such dates are not guessed.

    >>> day_order(["01/02/2026", "01/30/2026"]), day_order(["01/02/2026"])
    ('month_first', 'unknown')
    """
    first = second = 0
    for cell in cells:
        if found := _SLASHED.fullmatch(cell.strip()):
            first = max(first, int(found.group(1)))
            second = max(second, int(found.group(2)))
    if first > 12 >= second:
        return "day_first"
    return "month_first" if second > 12 >= first else "unknown"


def parse_day(cell: str, order: Order = "unknown") -> date | None:
    """Return the calendar day a cell states, or None. A time of day and its zone are left out.

    The day is the one written: ``2022-01-03 00:00:00+08:00`` is 3 January, where the exchange is.

    >>> parse_day("2022-01-03 00:00:00+08:00"), parse_day("Jul 17, 2026"), parse_day("2026-02-30")
    (datetime.date(2022, 1, 3), datetime.date(2026, 7, 17), None)
    """
    cell = cell.strip().strip('"')
    numbers: tuple[int, int, int] | None = None
    if found := _ISO.fullmatch(cell) or _COMPACT.fullmatch(cell):
        numbers = (int(found.group(1)), int(found.group(2)), int(found.group(3)))
    elif (found := _SLASHED.fullmatch(cell)) and order != "unknown":
        a, b, year = int(found.group(1)), int(found.group(2)), int(found.group(3))
        numbers = (year, b, a) if order == "day_first" else (year, a, b)
    if numbers is None:
        return _parse_named(cell)
    try:
        return date(*numbers)
    except ValueError:
        return None


def _parse_named(cell: str) -> date | None:
    if not re.search(r"[A-Za-z]{3}", cell):
        return None
    for style in _NAMED:
        try:
            return datetime.strptime(cell, style).date()
        except ValueError:
            continue
    return None


def month_ends(dates: DateArray) -> DateArray:
    """Return the last calendar day of each date's month."""
    return _day_before(dates.astype("datetime64[M]") + 1)


def quarter_ends(dates: DateArray) -> DateArray:
    """Return the last calendar day of the three months that begin with each date's month."""
    return _day_before(dates.astype("datetime64[M]") + 3)


def year_ends(dates: DateArray) -> DateArray:
    """Return 31 December of each date's year."""
    return _day_before(dates.astype("datetime64[Y]") + 1)


def _day_before(periods: DateArray) -> DateArray:
    days = periods.astype("datetime64[D]").astype(np.int64) - 1
    return days.astype("datetime64[D]")


def frequency_of(dates: DateArray) -> Frequency:
    """Return how often a series has a value, from the middle gap between its dates, in any order.

    With fewer than three dates the answer is daily: a file of daily prices may hold a single day.
    """
    gaps = np.diff(dates).astype(np.int64)
    if bool(np.any(gaps <= 0)):
        gaps = np.diff(np.unique(dates)).astype(np.int64)
    if len(gaps) < 2:
        return Frequency.DAILY
    gap = float(np.median(gaps))
    for limit, frequency in (
        (4.5, Frequency.DAILY),
        (10.0, Frequency.WEEKLY),
        (45.0, Frequency.MONTHLY),
        (120.0, Frequency.QUARTERLY),
    ):
        if gap < limit:
            return frequency
    return Frequency.ANNUAL


def period_ends(dates: DateArray, frequency: Frequency) -> DateArray:
    """Return dates moved from the first to the last day of their period.

    Only period starts are moved: dates that all stand on the first day of a month (monthly,
    quarterly, annual), or all on a Monday (weekly; the period ends on the Sunday). Other dates, such
    as the Thursdays of weekly mortgage rates, are when the value was stated and stay.
    """
    firsts = bool(np.all(dates == dates.astype("datetime64[M]").astype("datetime64[D]")))
    if frequency is Frequency.WEEKLY:
        # 1970-01-01 was a Thursday, so day numbers that leave 4 are Mondays.
        mondays = bool(np.all(dates.astype(np.int64) % 7 == 4))
        return dates + np.timedelta64(6, "D") if mondays else dates
    if not firsts:
        return dates
    if frequency is Frequency.MONTHLY:
        return month_ends(dates)
    if frequency is Frequency.QUARTERLY:
        return quarter_ends(dates)
    return year_ends(dates) if frequency is Frequency.ANNUAL else dates
