"""Dates and stretches of time that a text names, in the calendar of the day it appeared."""

from __future__ import annotations

import calendar as months
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

Grain = Literal["day", "week", "month", "quarter", "year", "to_date"]

_NAMES = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?|"
    r"Aug(?:ust|\.)?|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_YEAR = r"(?:19|20)\d{2}"
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("iso", rf"(?P<y>{_YEAR})-(?P<m>\d{{2}})-(?P<d>\d{{2}})(?!\d)"),
    ("slash", rf"(?P<m>\d{{1,2}})/(?P<d>\d{{1,2}})/(?P<y>{_YEAR})(?!\d)"),
    ("day", rf"(?P<mon>{_MONTH})\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?![\d,.]*\d|%)(?:,?\s(?P<y>{_YEAR})\b)?"),
    ("day", rf"(?P<mon>{_MONTH})\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,\s(?P<y>{_YEAR})\b"),
    ("day", (
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|"
        rf"th)?\s(?:of\s)?(?P<mon>{_MONTH})(?![a-z])(?:,?\s(?P<y>{_YEAR})\b)?"
    )),
    ("month", rf"(?P<mon>{_MONTH})(?:,?\s|\sof\s)(?P<y>{_YEAR})\b"),
    ("quarter", rf"Q(?P<q>[1-4])(?:\s(?:of\s)?(?P<y>{_YEAR}))?\b"),
    ("quarter", rf"(?P<qw>first|second|third|fourth)[- ]quarter(?:\s(?:of\s)?(?P<y>{_YEAR})\b)?"),
    ("ytd", (
        rf"year[- ]to[- ]date|YTD\b|so far (?:this year|in {_YEAR})|since the (?:start|beginning) of "
        rf"(?:the year|{_YEAR})|since (?:the )?year-end|since (?:the end of )?last year"
    )),
    ("mtd", r"month[- ]to[- ]date|MTD\b|so far this month"),
    ("wtd", r"week[- ]to[- ]date|WTD\b|so far this week"),
    ("week_ended", (
        rf"(?:the )?week (?:ended|ending|to|through)(?: on)? (?:(?:{'|'.join(_WEEKDAYS)}),? "
        rf")?(?P<mon>{_MONTH})\s(?P<d>\d{{1,2}})(?:,?\s(?P<y>{_YEAR})\b)?"
    )),
    ("last_week", r"(?:last|the previous|the past|past) week"),
    ("this_week", r"this week|the week|on the week"),
    ("last_month", r"(?:last|the previous|the past|past) month"),
    ("this_month", r"this month|on the month"),
    ("last_quarter", r"last quarter"),
    ("last_year", r"last year"),
    ("this_year", r"this year"),
    ("trailing", (
        r"(?:(?:over|in|during|for) )?(?:the )?(?:past|last|trailing|previous) (?P<n>\d{1,3}|two|"
        r"three|four|five|six|nine|ten|twelve) (?P<unit>months|years)"
    )),
    ("weekday", rf"(?P<wd>{'|'.join(_WEEKDAYS)})(?:’s|'s)?\b"),
    ("today", r"today\b|on the day\b"),
    ("yesterday", r"yesterday\b"),
    ("month_alone", rf"(?P<mon>{_MONTH})(?![a-z])"),
    ("year", rf"(?<![\d,.$])(?P<y>{_YEAR})(?![\d%])(?!,\d|\.\d)"),
)  # fmt: skip
_COMPILED = tuple(
    (
        name,
        re.compile(
            rf"(?<![A-Za-z0-9]){p}",
            re.IGNORECASE if name not in ("day", "month", "month_alone", "weekday", "week_ended") else 0,
        ),
    )
    for name, p in _PATTERNS
)
_WORD_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "nine": 9, "ten": 10, "twelve": 12}
# "May" and "March" are also verbs: alone they count as months only where the words before say so
_BEFORE_MONTH = re.compile(
    r"\b(?:in|since|during|of|from|through|until|by|last|this|late|early|mid|end|and|to|for|over|[-–])[\s-]$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class When:
    """A stretch of time that a text names, `first` to `last`, both included; it stands at [start, end).

    grain: `day` for one day, `to_date` for what runs to the day of the article. stated_year: one is printed.
    """

    start: int
    end: int
    text: str
    grain: Grain
    first: date
    last: date
    stated_year: bool = False
    trailing: bool = False


def find_dates(text: str, published: date) -> list[When]:
    """Return the dates of a text from left to right. Without a year, the last such date up to `published`."""
    out: list[When] = []
    at = 0
    while at < len(text):
        if not text[at].isalnum() or (at and text[at - 1].isalnum()):
            at += 1
            continue
        found = next(
            (
                w
                for name, p in _COMPILED
                if (m := p.match(text, at)) and (w := _read(name, m, text, published))
            ),
            None,
        )
        if found is None or (out and found.start < out[-1].end):
            at += 1
            continue
        out.append(found)
        at = found.end
    return _shared_years(out, text, published)


def _shared_years(found: list[When], text: str, published: date) -> list[When]:
    """Give "January 2 to February 9, 2026" and "January and March 2025" one year, where that makes sense."""
    for i in range(len(found) - 2, -1, -1):
        one, after = found[i], found[i + 1]
        joined = re.fullmatch(
            r"\s*(?:to|through|and|until|-|–|or|,)\s*(?:the\s)?", text[one.end : after.start]
        )
        if joined and after.stated_year and not one.stated_year and one.grain in ("day", "month"):
            shift = _with_year(one, after.first.year)
            if shift is not None and shift.first <= after.last:
                found[i] = shift
    return found


def _with_year(when: When, year: int) -> When | None:
    try:
        first, last = when.first.replace(year=year), when.last.replace(year=year)
    except ValueError:
        return None
    return replace(when, first=first, last=last, stated_year=True)


def _read(name: str, found: re.Match[str], text: str, published: date) -> When | None:
    groups = found.groupdict()
    try:
        read = _span(name, groups, found, text, published)
    except ValueError:  # 31 February
        return None
    if read is None:
        return None
    grain, first, last = read
    stated = bool(groups.get("y"))
    return When(found.start(), found.end(), found[0], grain, first, last, stated, name == "trailing")


def _span(
    name: str, g: dict[str, str | None], found: re.Match[str], text: str, today: date
) -> tuple[Grain, date, date] | None:
    if name in ("iso", "slash"):
        day = date(int(g["y"] or 0), int(g["m"] or 0), int(g["d"] or 0))
        return "day", day, day
    if name in ("day", "week_ended"):
        day = _day(int(g["d"] or 0), _month(g["mon"]), g["y"], today)
        return ("day", day, day) if name == "day" else ("week", day - timedelta(days=day.weekday()), day)
    if name in ("month", "month_alone"):
        if (
            name == "month_alone"
            and (g["mon"] or "").lower() in ("may", "march", "mar")
            and not _BEFORE_MONTH.search(text[: found.start()])
            and not text[found.end() :].startswith(("’s", "'s"))
        ):
            return None
        year = int(g["y"] or 0) if g.get("y") else _last_year_of(_month(g["mon"]), today)
        return "month", *_month_span(year, _month(g["mon"]))
    if name == "quarter":
        quarter = int(g.get("q") or 0) or _QUARTERS[(g.get("qw") or "").lower()]
        year = int(g["y"] or 0) or (today.year if 3 * quarter - 2 <= today.month else today.year - 1)
        return "quarter", date(year, 3 * quarter - 2, 1), _month_span(year, 3 * quarter)[1]
    if name == "year":
        year = int(g["y"] or 0)
        return "year", date(year, 1, 1), date(year, 12, 31)
    if name == "weekday":
        back = (today.weekday() - _WEEKDAYS.index(g["wd"] or "")) % 7
        day = today - timedelta(days=back)
        return "day", day, day
    return _relative(name, g, today)


def _relative(name: str, g: dict[str, str | None], today: date) -> tuple[Grain, date, date] | None:
    monday = today - timedelta(days=today.weekday())
    if name in ("today", "yesterday"):
        day = today if name == "today" else today - timedelta(days=1)
        return "day", day, day
    if name in ("ytd", "this_year"):
        return "to_date", date(today.year, 1, 1), today
    if name in ("mtd", "this_month"):
        return "to_date", today.replace(day=1), today
    if name in ("wtd", "this_week"):
        if today.weekday() == 0:  # a week that has hardly begun is not what an article of Monday means
            return "week", monday - timedelta(days=7), monday - timedelta(days=1)
        return "week", monday, today
    if name == "last_week":
        if today.weekday() >= 5:  # at a weekend the last week is the one that has just ended
            return "week", monday, today
        return "week", monday - timedelta(days=7), monday - timedelta(days=1)
    if name == "last_month":
        last = today.replace(day=1) - timedelta(days=1)
        return "month", last.replace(day=1), last
    if name == "last_quarter":
        last = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1) - timedelta(days=1)
        return "quarter", date(last.year, last.month - 2, 1), last
    if name == "last_year":
        return "year", date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)
    number = _WORD_NUMBERS.get((g["n"] or "").lower()) or int(g["n"] or 0)
    count = number * (12 if (g["unit"] or "").startswith("year") else 1)
    month = today.year * 12 + today.month - 1 - count
    year, at = divmod(month, 12)
    if year < 1900:
        return None
    last_day = months.monthrange(year, at + 1)[1]
    return "to_date", date(year, at + 1, min(today.day, last_day)) + timedelta(days=1), today


def _month(name: str | None) -> int:
    lower = (name or "").lower()[:3]
    return next(i for i, full in enumerate(_NAMES, 1) if full.startswith(lower))


def _month_span(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, months.monthrange(year, month)[1])


def _last_year_of(month: int, today: date) -> int:
    return today.year if month <= today.month else today.year - 1


def _day(day: int, month: int, year: str | None, today: date) -> date:
    if year:
        return date(int(year), month, day)
    found = date(today.year, month, day)
    return found if found <= today else date(today.year - 1, month, day)
