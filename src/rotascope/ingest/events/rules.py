"""Dates that follow a rule: option expiries, earnings seasons, Russell's June reconstitution, minutes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from rotascope.ingest import calendar
from rotascope.ingest.calendar_rules import FRIDAY, nth_weekday

RUSSELL_FROM = 2018
"""The first June of the rule below; before, the day was the last Friday with exceptions."""
QUARTERLY = (3, 6, 9, 12)
MINUTES_AFTER = timedelta(weeks=3)

_CBOE = ("Cboe", "https://www.cboe.com/about/hours/us-options/")
_RUSSELL = (
    "FTSE Russell",
    "https://www.lseg.com/en/ftse-russell/russell-reconstitution",
)
_SEASON = ("rule of this project", "")


def option_expiry(year: int, month: int) -> date:
    """Return the day on which a month's standard equity options expire: the third Friday.

    Where the exchange is closed that Friday it is the session before, most often the Thursday.

    >>> option_expiry(2026, 1), option_expiry(2025, 4)
    (datetime.date(2026, 1, 16), datetime.date(2025, 4, 17))
    """
    return calendar.previous_session(nth_weekday(year, month, FRIDAY, 3))


def russell_june(year: int) -> date:
    """Return the day at whose close Russell's indices are reconstituted in June: the fourth Friday.

    >>> russell_june(2026)
    datetime.date(2026, 6, 26)
    """
    return calendar.previous_session(nth_weekday(year, 6, FRIDAY, 4))


def minutes_day(decision: date) -> date:
    """Return the day on which the minutes of a meeting are due: three weeks after its decision.

    >>> minutes_day(date(2026, 1, 28))
    datetime.date(2026, 2, 18)
    """
    return decision + MINUTES_AFTER


def season(year: int, quarter: int) -> tuple[date, date]:
    """Return the first and last day of the season in which the companies report a calendar quarter.

    By this project's rule, since nobody sets it: from the second Monday after the quarter's end, when the
    large banks begin, to the Friday of the sixth week from there, when most large companies have reported.

    >>> season(2025, 4)
    (datetime.date(2026, 1, 12), datetime.date(2026, 2, 20))
    """
    first = date(year + quarter // 4, quarter % 4 * 3 + 1, 1)
    begin = nth_weekday(first.year, first.month, 0, 2)
    return begin, begin + timedelta(weeks=5, days=4)


def between(start: date, end: date) -> Iterator[dict[str, Any]]:
    """Yield the events of all rules from `start` to `end`, as arguments of an event.

    A rule is known long before its dates: they count as known from the first of January of the year before.
    """
    for year in range(max(start.year - 1, calendar.FIRST.year), min(end.year, calendar.LAST.year) + 1):
        for event in _of_year(year):
            if start <= event["date"] <= end:
                yield {"known_from": date(year - 1, 1, 1), **event}


def _of_year(year: int) -> Iterator[dict[str, Any]]:
    if year >= 1983:  # third Fridays have been the rule for equity and index options at least since then
        for month in range(1, 13):
            yield _expiry(year, month)
    if year >= RUSSELL_FROM:
        day = russell_june(year)
        yield {
            "date": day,
            "kind": "reconstitution",
            "title": f"Russell US indices, June {year}",
            "source": _RUSSELL[0],
            "url": _RUSSELL[1],
            "note": "by rule: fourth Friday in June, after the close",
        }
    if year >= 2000:
        yield from _seasons(year)


def _expiry(year: int, month: int) -> dict[str, Any]:
    day = option_expiry(year, month)
    third = nth_weekday(year, month, FRIDAY, 3)
    quarterly = month in QUARTERLY
    moved = f", moved from {third}, when the exchange is closed" if day != third else ""
    return {
        "date": day,
        "kind": "option_expiry",
        "title": f"{'Quarterly' if quarterly else 'Monthly'} option expiry",
        "source": _CBOE[0],
        "url": _CBOE[1],
        "note": f"by rule: third Friday{moved}" + ("; index futures expire too" if quarterly else ""),
    }


def _seasons(year: int) -> Iterator[dict[str, Any]]:
    for quarter in (1, 2, 3, 4):
        begin, last = season(year, quarter)
        for day, word in ((begin, "begins"), (last, "is mostly over")):
            yield {
                "date": day,
                "kind": "earnings_season",
                "title": f"Earnings season for the {('first', 'second', 'third', 'fourth')[quarter - 1]} "
                f"quarter of {year} {word}",
                "source": _SEASON[0],
                "url": _SEASON[1],
                "note": "by rule: six weeks from the second Monday after it; companies choose their days",
                "status": "unconfirmed",
            }
