"""Closures and short sessions of the New York Stock Exchange that follow no rule, each with its reason.

The dates are those of the exchange's own list of special closings, and after 2010 of its notices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from typing import NamedTuple

DAILY, SATURDAYS, WEDNESDAYS = "daily", "Saturdays", "Wednesdays"
_WEEKDAY = {SATURDAYS: 5, WEDNESDAYS: 2}


class Closure(NamedTuple):
    """No session from `first` to `last` (the same day if empty), or only on one weekday between them."""

    first: str
    last: str
    reason: str
    days: str = DAILY


class Short(NamedTuple):
    """Each session from `first` to `last` (the same day if empty) ended at `close`, New York time."""

    first: str
    last: str
    close: str
    reason: str


CLOSURES: tuple[Closure, ...] = (
    Closure("1926-05-29", "", "Saturday before Decoration Day"),
    Closure("1926-07-03", "", "Saturday before Independence Day"),
    Closure("1926-09-04", "", "Saturday before Labor Day"),
    Closure("1927-06-13", "", "parade for Charles Lindbergh"),
    Closure("1928-04-07", "", "backlog of paperwork"),
    Closure("1928-04-21", "", "backlog of paperwork"),
    Closure("1928-05-05", "1928-05-26", "backlog of paperwork", SATURDAYS),
    Closure("1928-11-24", "", "backlog of paperwork"),
    Closure("1929-02-09", "", "backlog of paperwork"),
    Closure("1929-02-23", "", "Saturday after Washington's Birthday"),
    Closure("1929-03-30", "", "Saturday after Good Friday"),
    Closure("1929-08-31", "", "Saturday before Labor Day"),
    Closure("1929-11-01", "1929-11-02", "backlog after the crash"),
    Closure("1929-11-09", "1929-11-23", "backlog after the crash", SATURDAYS),
    Closure("1929-11-29", "1929-11-30", "backlog after the crash"),
    Closure("1930-04-19", "", "Saturday after Good Friday"),
    Closure("1930-05-31", "", "Saturday after Decoration Day"),
    Closure("1930-07-05", "", "Saturday after Independence Day"),
    Closure("1930-08-30", "", "Saturday before Labor Day"),
    Closure("1931-09-05", "", "Saturday before Labor Day"),
    Closure("1931-12-26", "", "Saturday after Christmas"),
    Closure("1932-07-02", "", "Saturday before Independence Day"),
    Closure("1933-01-07", "", "funeral of Calvin Coolidge"),
    Closure("1933-03-04", "", "bank holiday of the State of New York"),
    Closure("1933-03-06", "1933-03-14", "national bank holiday"),
    Closure("1933-07-29", "1933-09-02", "volume of trading", SATURDAYS),
    Closure("1936-12-26", "", "Saturday after Christmas"),
    Closure("1937-05-29", "", "Saturday before Decoration Day"),
    Closure("1937-07-03", "", "Saturday before Independence Day"),
    Closure("1944-08-19", "1944-09-02", "summer Saturdays", SATURDAYS),
    Closure("1945-04-14", "", "mourning for Franklin D. Roosevelt"),
    Closure("1945-07-07", "1945-09-01", "summer Saturdays", SATURDAYS),
    Closure("1945-08-15", "1945-08-16", "end of the war with Japan"),
    Closure("1945-10-13", "", "Saturday after Columbus Day"),
    Closure("1945-10-27", "", "Navy Day"),
    Closure("1945-12-24", "", "Christmas Eve"),
    Closure("1946-02-23", "", "Saturday after Washington's Birthday"),
    Closure("1946-05-25", "", "railroad strike"),
    Closure("1946-06-01", "1946-09-28", "summer Saturdays", SATURDAYS),
    Closure("1947-05-31", "1947-09-27", "summer Saturdays", SATURDAYS),
    Closure("1948-01-03", "", "snowstorm"),
    Closure("1948-05-29", "1948-09-25", "summer Saturdays", SATURDAYS),
    Closure("1949-05-28", "1949-09-24", "summer Saturdays", SATURDAYS),
    Closure("1949-12-24", "", "Christmas Eve"),
    Closure("1950-06-03", "1950-09-30", "summer Saturdays", SATURDAYS),
    Closure("1950-12-23", "", "Saturday before Christmas Eve"),
    Closure("1951-06-02", "1951-09-29", "summer Saturdays", SATURDAYS),
    Closure("1956-12-24", "", "Christmas Eve"),
    Closure("1958-12-26", "", "day after Christmas"),
    Closure("1961-05-29", "", "day before Decoration Day"),
    Closure("1963-11-25", "", "funeral of John F. Kennedy"),
    Closure("1968-02-12", "", "Lincoln's Birthday, to catch up with paperwork"),
    Closure("1968-04-09", "", "mourning for Martin Luther King Jr."),
    # Four-day weeks of the paperwork crisis: Wednesdays, but in a week with a holiday none.
    Closure("1968-06-12", "1968-06-26", "paperwork crisis", WEDNESDAYS),
    Closure("1968-07-05", "", "day after Independence Day, paperwork crisis"),
    Closure("1968-07-10", "1968-08-28", "paperwork crisis", WEDNESDAYS),
    Closure("1968-09-11", "1968-10-30", "paperwork crisis", WEDNESDAYS),
    Closure("1968-11-11", "", "Veterans Day, paperwork crisis"),
    Closure("1968-11-20", "", "paperwork crisis"),
    Closure("1968-12-04", "1968-12-18", "paperwork crisis", WEDNESDAYS),
    Closure("1969-02-10", "", "snowstorm"),
    Closure("1969-03-31", "", "funeral of Dwight D. Eisenhower"),
    Closure("1969-07-21", "", "first landing on the Moon"),
    Closure("1972-12-28", "", "funeral of Harry S. Truman"),
    Closure("1973-01-25", "", "funeral of Lyndon B. Johnson"),
    Closure("1977-07-14", "", "blackout of New York City"),
    Closure("1985-09-27", "", "hurricane Gloria"),
    Closure("1994-04-27", "", "funeral of Richard Nixon"),
    Closure("2001-09-11", "2001-09-14", "attack on the World Trade Center"),
    Closure("2004-06-11", "", "mourning for Ronald Reagan"),
    Closure("2007-01-02", "", "mourning for Gerald Ford"),
    Closure("2012-10-29", "2012-10-30", "hurricane Sandy"),
    Closure("2018-12-05", "", "mourning for George H. W. Bush"),
    Closure("2025-01-09", "", "mourning for Jimmy Carter"),
)

SHORT: tuple[Short, ...] = (
    Short("1928-05-21", "1928-05-25", "14:00", "backlog of paperwork"),
    Short("1929-11-06", "1929-11-22", "13:00", "backlog after the crash"),
    Short("1930-03-11", "", "12:30", "funeral of William Howard Taft"),
    Short("1933-07-26", "1933-07-28", "14:00", "volume of trading"),
    Short("1933-08-04", "", "12:30", "gas fumes on the trading floor"),
    Short("1933-09-13", "", "12:00", "parade of the National Recovery Administration"),
    Short("1951-12-24", "", "13:00", "Christmas Eve"),
    Short("1963-11-22", "", "14:07", "assassination of John F. Kennedy"),
    Short("1964-10-23", "", "14:00", "funeral of Herbert Hoover"),
    Short("1966-01-06", "1966-01-14", "14:00", "transit strike"),
    Short("1967-02-07", "", "14:00", "snowstorm"),
    Short("1967-08-08", "1967-08-18", "14:00", "backlog of paperwork"),
    Short("1968-01-22", "1968-03-01", "14:00", "backlog of paperwork"),
    Short("1969-01-02", "1969-07-03", "14:00", "paperwork crisis"),
    Short("1969-07-07", "1969-09-26", "14:30", "paperwork crisis"),
    Short("1969-09-29", "1970-05-01", "15:00", "paperwork crisis"),
    Short("1974-12-24", "", "14:00", "Christmas Eve"),
    Short("1975-02-12", "", "14:30", "snowstorm"),
    Short("1975-12-24", "", "14:00", "Christmas Eve"),
    Short("1976-08-09", "", "15:00", "hurricane watch"),
    Short("1978-02-06", "", "14:00", "snowstorm"),
    Short("1981-03-30", "", "15:17", "attempt on the life of Ronald Reagan"),
    Short("1981-09-09", "", "15:28", "power failure"),
    Short("1987-10-23", "1987-10-30", "14:00", "volume after the crash"),
    Short("1987-11-02", "1987-11-04", "14:30", "volume after the crash"),
    Short("1987-11-05", "1987-11-06", "15:00", "volume after the crash"),
    Short("1987-11-09", "1987-11-11", "15:30", "volume after the crash"),
    Short("1994-02-11", "", "14:30", "snowstorm"),
    Short("1996-01-08", "", "14:00", "snowstorm"),
    Short("1997-10-27", "", "15:30", "circuit breaker"),
    Short("1997-12-26", "", "13:00", "day after Christmas"),
    Short("2003-12-26", "", "13:00", "day after Christmas"),
    Short("2005-06-01", "", "15:56", "failure of communication systems"),
)


def _days(first: str, last: str) -> Iterator[date]:
    day = date.fromisoformat(first)
    end = date.fromisoformat(last or first)
    while day <= end:
        yield day
        day += timedelta(days=1)


def special_closures(table: Sequence[Closure] = CLOSURES) -> Iterator[date]:
    """Yield each day of the table of closures; some fall on Sundays."""
    for row in table:
        weekday = _WEEKDAY.get(row.days)
        yield from (d for d in _days(row.first, row.last) if weekday is None or d.weekday() == weekday)


def special_short_sessions(table: Sequence[Short] = SHORT) -> Iterator[tuple[date, time]]:
    """Yield each day of the table of short sessions with its closing time; some are no sessions."""
    for row in table:
        close = time.fromisoformat(row.close)
        yield from ((day, close) for day in _days(row.first, row.last) if day.weekday() < 5)
