"""How a window is called: a calendar month or year by its name, anything else by its two dates."""

from __future__ import annotations

from datetime import date, timedelta

from rotascope.facts.metrics.unusual import is_calendar_month, is_calendar_year
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact, Window
from rotascope.report.prose import day
from rotascope.report.story import Story


def when_of(story: Story, fact: Fact | None) -> Inline:
    """Name the window: a calendar month or year by its name, anything else by its two dates."""
    p = story.prose
    if fact is not None and fact.window is not None and fact.window.start_used is not None:
        if is_month(fact.window):
            return p.say("{month}", month=day(fact, "end_used", "month"))
        if is_year(fact.window):
            return p.say("{year}", year=day(fact, "end_used", "year"))
        return p.say("{a} to {b}", a=day(fact, "start_used"), b=day(fact, "end_used"))
    return p.say("{a} to {b}", a=story.report_day("window.start"), b=story.report_day("window.end"))


def in_or_after(fact: Fact) -> str:
    """Return the end of a title: " in {when}" for a month or year, which has a name, ", {when}" for two dates."""
    return " in {when}" if is_period(fact) else ", {when}"


def is_month(window: Window) -> bool:
    """Say whether a window is one calendar month, by sessions or, as for a factor, by the last days of months."""
    a, b = window.start_used, window.end_used
    if a is None or b is None:
        return False
    next_month = (a + timedelta(days=1)).day == 1 and b == _month_end(a + timedelta(days=1))
    return next_month or is_calendar_month(window)


def is_year(window: Window) -> bool:
    """Say whether a window is one calendar year, by sessions or by the last days of years."""
    a, b = window.start_used, window.end_used
    if a is None or b is None:
        return False
    return (a, b) == (date(a.year, 12, 31), date(a.year + 1, 12, 31)) or is_calendar_year(window)


def _month_end(day_: date) -> date:
    return (day_.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def is_period(fact: Fact) -> bool:
    """Say whether the window is a calendar month or year, which has a name."""
    return fact.window is not None and (is_month(fact.window) or is_year(fact.window))
