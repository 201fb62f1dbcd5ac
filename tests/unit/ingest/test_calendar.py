"""Sessions of New York, held against an independent calendar and against dates printed by hand."""

from __future__ import annotations

import warnings
from datetime import date, time, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope.ingest import calendar
from rotascope.model.errors import BadWindowError

INSIDE = st.dates(date(1926, 1, 1), date(2100, 12, 31))


@pytest.fixture(scope="module")
def oracle() -> dict[date, time]:
    """Return the closing time of each session from 1926 to 2030 by pandas_market_calendars."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        markets: Any = pytest.importorskip("pandas_market_calendars")
        table = markets.get_calendar("NYSE").schedule("1926-01-01", "2030-12-31", tz="America/New_York")
        return {day.date(): close.time() for day, close in table["market_close"].items()}


def regular_close(day: date) -> time:
    """Return the end of a full session as the oracle has it.

    It moves the end to 16:00 with the start of 1974 instead of October; no session of those months was short.
    """
    if day.weekday() == 5 or day >= date(1974, 1, 1):
        return time(16)
    return time(15, 30) if day >= date(1952, 9, 29) else time(15)


# The oracle's code begins this row of short days on August 9; the exchange's list of special closings, which
# its documentation quotes, says "Early Closes 14:00 on Aug 8-18, 1967 (Tue-Fri): Backlog catch up".
DISAGREE = {date(1967, 8, 8): time(14)}


def test_sessions_equal_the_oracle(oracle: dict[date, time]) -> None:
    ours = calendar.sessions(date(1926, 1, 1), date(2030, 12, 31)).tolist()
    assert ours == sorted(oracle)


def test_early_closes_equal_the_oracle(oracle: dict[date, time]) -> None:
    theirs = {day: close for day, close in oracle.items() if close != regular_close(day)}
    ours = {day: close for day in oracle if (close := calendar.early_close(day)) is not None}
    assert {d: t for d, t in ours.items() if theirs.get(d) != t} == DISAGREE
    assert theirs.keys() <= ours.keys()


def test_the_holidays_of_2026_as_the_exchange_published_them() -> None:
    closed = ["01-01", "01-19", "02-16", "04-03", "05-25", "06-19", "07-03", "09-07", "11-26", "12-25"]
    weekdays = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    ours = [d.strftime("%m-%d") for d in weekdays if d.weekday() < 5 and not calendar.is_session(d)]
    assert ours == closed
    short = [d.strftime("%m-%d") for d in weekdays if calendar.early_close(d) is not None]
    assert short == ["11-27", "12-24"]


@pytest.mark.parametrize(
    ("year", "sessions"),
    [(1987, 253), (1968, 226), (2001, 248), (2012, 250), (2023, 250), (2024, 252), (2025, 250), (2026, 251)],
)
def test_sessions_in_a_year(year: int, sessions: int) -> None:
    assert calendar.count(date(year, 1, 1), date(year, 12, 31)) == sessions


@pytest.mark.parametrize(
    "day",
    [
        "1927-06-13",  # parade for Lindbergh
        "1933-03-06",  # bank holiday
        "1933-03-14",
        "1939-11-23",  # Thanksgiving, a week early
        "1945-08-15",  # end of the war
        "1963-11-25",  # funeral of a president
        "1968-06-12",  # the first Wednesday off
        "1968-11-05",  # Election Day
        "1977-07-14",  # blackout
        "1985-09-27",  # hurricane Gloria
        "2001-09-11",
        "2001-09-14",
        "2012-10-29",  # hurricane Sandy
        "2018-12-05",
        "2025-01-09",
        "2021-12-24",  # Christmas on a Saturday
        "2022-06-20",  # Juneteenth on a Sunday
        "2023-01-02",  # New Year on a Sunday
        "1952-05-31",  # a Saturday of the last summer suspension
    ],
)
def test_closed(day: str) -> None:
    assert not calendar.is_session(date.fromisoformat(day))
    assert calendar.early_close(date.fromisoformat(day)) is None


@pytest.mark.parametrize(
    "day",
    [
        "1929-10-29",
        "1939-11-30",  # the last Thursday, when Thanksgiving was a week earlier
        "1952-05-24",  # the last Saturday session
        "1970-05-29",  # the Friday before a Saturday Memorial Day
        "1997-01-20",  # Martin Luther King Jr. Day, a year before it closed the exchange
        "2001-09-10",
        "2001-09-17",
        "2010-12-31",  # the Friday before a Saturday New Year
        "2021-06-18",  # Juneteenth was not yet a holiday
    ],
)
def test_open(day: str) -> None:
    assert calendar.is_session(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("day", "close"),
    [
        ("1929-11-02", None),  # closed
        ("1937-01-09", time(12)),  # a Saturday
        ("1963-11-22", time(14, 7)),
        ("1992-11-27", time(14)),
        ("1993-11-26", time(13)),
        ("2002-07-03", None),  # the Friday after was short
        ("2002-07-05", time(13)),
        ("2013-07-03", time(13)),
        ("2026-12-24", time(13)),
        ("2026-12-23", None),
    ],
)
def test_early_close(day: str, close: time | None) -> None:
    assert calendar.early_close(date.fromisoformat(day)) == close


def test_the_session_before_and_after() -> None:
    assert calendar.previous_session(date(2026, 1, 30)) == date(2026, 1, 30)
    assert calendar.previous_session(date(2026, 1, 19)) == date(2026, 1, 16)  # a holiday on Monday
    assert calendar.next_session(date(2026, 1, 17)) == date(2026, 1, 20)
    assert calendar.next_session(date(1926, 1, 1)) == date(1926, 1, 2)


@pytest.mark.parametrize("day", [date(1925, 12, 31), date(2101, 1, 1), date.min, date.max])
def test_outside_the_calendar(day: date) -> None:
    for ask in (calendar.is_session, calendar.previous_session, calendar.next_session, calendar.early_close):
        with pytest.raises(BadWindowError, match=r"1926-01-01 to 2100-12-31") as caught:
            ask(day)
        assert str(day) in str(caught.value)
    with pytest.raises(BadWindowError):
        calendar.sessions(day, day)
    with pytest.raises(BadWindowError, match="1926-01-01 to 2100-12-31"):
        calendar.session_mask(np.array([day], dtype="datetime64[D]"))


def test_no_session_before_the_first_one() -> None:
    with pytest.raises(BadWindowError, match="1926-01-02"):
        calendar.previous_session(date(1926, 1, 1))


def test_a_start_after_the_end() -> None:
    with pytest.raises(BadWindowError, match="2026-02-01 is after the end 2026-01-31"):
        calendar.count(date(2026, 2, 1), date(2026, 1, 31))


def test_nat_is_not_a_day() -> None:
    with pytest.raises(BadWindowError, match="NaT"):
        calendar.session_mask(np.array(["2026-01-02", "NaT"], dtype="datetime64[D]"))


def test_the_table_cannot_be_changed_by_a_caller() -> None:
    days = calendar.sessions(date(2026, 1, 1), date(2026, 1, 31))
    with pytest.raises(ValueError, match="read-only"):
        days[0] = days[1]


@given(INSIDE, INSIDE)
def test_all_questions_agree(a: date, b: date) -> None:
    start, end = min(a, b), max(a, b)
    days = calendar.sessions(start, end)
    assert len(days) == calendar.count(start, end)
    assert calendar.session_mask(days).all()
    if len(days):
        assert calendar.next_session(start) == days[0].item()
        assert calendar.previous_session(end) == days[-1].item()
        assert start <= days[0].item() and days[-1].item() <= end


@given(INSIDE)
def test_a_week_by_one_day_at_a_time(day: date) -> None:
    week = [d for n in range(7) if (d := day + timedelta(days=n)) <= calendar.LAST]
    expected = [d for d in week if calendar.is_session(d)]
    assert calendar.sessions(week[0], week[-1]).tolist() == expected
    assert all(d.weekday() < 5 or (d.weekday() == 5 and d.year <= 1952) for d in expected)
    if len(week) == 7 and day > date(1933, 4, 1) and not date(2001, 9, 5) <= day <= date(2001, 9, 17):
        assert len(expected) >= 3  # since the bank holiday and but for 2001 no seven days had fewer
