"""Holidays and short sessions of the New York Stock Exchange that follow a rule, each with its years."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
DAY = timedelta(days=1)

LAST_SATURDAY_SESSION = date(1952, 5, 24)  # the summer suspension that began then became permanent
ONE = time(13)
TWO = time(14)


def nth_weekday(year: int, month: int, weekday: int, n: int) -> date:
    """Return the n-th `weekday` (Monday is 0) of a month, n from 1; n = -1 is the last one.

    >>> nth_weekday(2026, 1, MONDAY, 3)
    datetime.date(2026, 1, 19)
    """
    if n < 0:
        last = date(year + month // 12, month % 12 + 1, 1) - DAY
        return last - DAY * ((last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + DAY * ((weekday - first.weekday()) % 7 + 7 * (n - 1))


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (Butcher, 1876).

    >>> easter(2024)
    datetime.date(2024, 3, 31)
    """
    century, in_century = divmod(year, 100)
    golden = year % 19
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - correction + 15) % 30
    to_sunday = (32 + 2 * (century % 4) + 2 * (in_century // 4) - epact - in_century % 4) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def observed(day: date, *, friday: bool) -> date:
    """Move a holiday on Sunday to Monday and, where `friday`, one on Saturday to Friday.

    Without `friday` a Saturday holiday only closes that Saturday.
    """
    if day.weekday() == SUNDAY:
        return day + DAY
    if day.weekday() == SATURDAY and friday:
        return day - DAY
    return day


def thanksgiving(year: int) -> date:
    """Return Thanksgiving: the last Thursday, one week earlier 1939-1941, the fourth Thursday since 1942."""
    if year >= 1942:
        return nth_weekday(year, 11, THURSDAY, 4)
    last = nth_weekday(year, 11, THURSDAY, -1)
    return last - 7 * DAY if year >= 1939 else last


def holidays(year: int) -> Iterator[date]:
    """Yield the days of a year on which a rule closes the exchange; some fall on weekends."""
    # A Saturday New Year is not moved: it would close the last day of the old year's accounts.
    yield observed(date(year, 1, 1), friday=False)
    if year >= 1998:
        yield nth_weekday(year, 1, MONDAY, 3)  # Martin Luther King Jr. Day
    if year <= 1953:
        yield observed(date(year, 2, 12), friday=False)  # Lincoln's Birthday
    yield easter(year) - 2 * DAY  # Good Friday
    yield from _washington_and_memorial(year)
    if year >= 2022:
        yield observed(date(year, 6, 19), friday=True)  # Juneteenth
    # While Saturdays were sessions, and in 1953 still, a Saturday holiday took nothing from Friday.
    yield observed(date(year, 7, 4), friday=year >= 1954)
    yield nth_weekday(year, 9, MONDAY, 1)  # Labor Day
    if year <= 1953:
        yield observed(date(year, 10, 12), friday=False)  # Columbus Day
    if year <= 1968 or year in (1972, 1976, 1980):
        yield nth_weekday(year, 11, MONDAY, 1) + DAY  # Election Day; in the end for presidents only
    if 1934 <= year <= 1953:
        yield observed(date(year, 11, 11), friday=False)  # Armistice Day
    yield thanksgiving(year)
    yield observed(date(year, 12, 25), friday=year >= 1954)


def _washington_and_memorial(year: int) -> Iterator[date]:
    if year >= 1971:  # the Uniform Monday Holiday Act
        yield nth_weekday(year, 2, MONDAY, 3)
        yield nth_weekday(year, 5, MONDAY, -1)
        return
    yield observed(date(year, 2, 22), friday=year >= 1964)
    # Friday 1970-05-29 was a session although Memorial Day fell on the Saturday after it.
    yield observed(date(year, 5, 30), friday=1964 <= year < 1970)


def short_sessions(year: int) -> Iterator[tuple[date, time]]:
    """Yield the days of a year that end early by rule, with the time; some may be no session at all."""
    if year >= 1992:
        yield thanksgiving(year) + DAY, (ONE if year >= 1993 else TWO)
    eve = date(year, 12, 24)
    if year >= 1990 and eve.weekday() <= THURSDAY:
        yield eve, (ONE if year >= 1993 else TWO)
    if year >= 1995:
        yield from _around_independence_day(year)


def _around_independence_day(year: int) -> Iterator[tuple[date, time]]:
    before = date(year, 7, 3)
    if before.weekday() in (MONDAY, TUESDAY, THURSDAY) or (before.weekday() == WEDNESDAY and year >= 2013):
        yield before, ONE
    if before.weekday() == WEDNESDAY and year < 2013:  # the Friday after a Thursday holiday was short instead
        yield before + 2 * DAY, ONE
