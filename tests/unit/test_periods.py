"""Periods by name: their windows, by a wall calendar and by the rules of every month of a century."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope.app import wiring
from rotascope.app.periods import window_of_period
from rotascope.app.workflows import choose_window
from rotascope.ingest import calendar
from rotascope.model.errors import BadWindowError

LATER = date(2026, 11, 23)  # a Monday

BY_HAND = [
    ("2026-01", LATER, "2025-12-31", "2026-01-30"),
    ("2026-02", LATER, "2026-01-30", "2026-02-27"),
    ("2025-Q4", LATER, "2025-09-30", "2025-12-31"),
    ("2025q1", LATER, "2024-12-31", "2025-03-31"),
    (" 2025 ", LATER, "2024-12-31", "2025-12-31"),
    ("2026-W05", LATER, "2026-01-23", "2026-01-30"),
    ("2026-W01", LATER, "2025-12-26", "2026-01-02"),  # its Thursday is the first of January
    ("ytd", date(2026, 2, 9), "2025-12-31", "2026-02-09"),
    ("QTD", date(2026, 5, 6), "2026-03-31", "2026-05-06"),
    ("mtd", date(2026, 5, 6), "2026-04-30", "2026-05-06"),
    ("2026", date(2026, 2, 9), "2025-12-31", "2026-02-09"),  # it is still running
    ("2026-02", date(2026, 2, 8), "2026-01-30", "2026-02-06"),  # a Sunday stands on Friday's close
    ("last-month", date(2026, 1, 1), "2025-11-28", "2025-12-31"),
    ("last-quarter", date(2026, 2, 9), "2025-09-30", "2025-12-31"),
    ("last-year", date(2026, 2, 9), "2024-12-31", "2025-12-31"),
    ("last-week", date(2026, 2, 9), "2026-01-30", "2026-02-06"),
]


@pytest.mark.parametrize(("text", "as_of", "start", "end"), BY_HAND)
def test_windows_by_the_wall_calendar(text: str, as_of: date, start: str, end: str) -> None:
    window = window_of_period(text, as_of)
    assert (str(window.start), str(window.end)) == (start, end)
    assert window.base == "prior_close"


@pytest.mark.parametrize(
    ("text", "as_of", "words"),
    [
        ("2026-13", LATER, ("2026-13", "2026-Q1", "last-month")),
        ("2026-Q5", LATER, ("2026-Q5", "2026-Q1")),
        ("2026-W60", LATER, ("2026-W60", "2026-W05")),
        ("january", LATER, ("january", "2026-01")),
        ("last-decade", LATER, ("last-decade", "last-year")),
        ("month", LATER, ("month", "last-month")),
        ("", LATER, ("is no period", "ytd")),
        ("2026-12", LATER, ("2026-12", "2026-11-23", "has begun")),
        ("mtd", date(2026, 2, 1), ("mtd", "2026-02-01")),  # a Sunday: no session of February yet
        ("1900", LATER, ("1900", "1926-01-01")),
    ],
)
def test_what_is_no_period_is_refused_by_name(text: str, as_of: date, words: tuple[str, ...]) -> None:
    with pytest.raises(BadWindowError) as caught:
        window_of_period(text, as_of)
    shown = f"{caught.value} {caught.value.fix}"
    assert all(word in shown for word in words), shown


def test_without_a_day_the_close_of_today_is_not_counted_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "today", lambda: LATER)
    assert window_of_period("mtd").end == date(2026, 11, 20)


def test_on_the_first_day_of_a_month_it_has_no_close_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "today", lambda: date(2026, 12, 1))
    with pytest.raises(BadWindowError, match="no session up to 2026-11-30"):
        window_of_period("mtd")
    assert window_of_period("last-month").end == date(2026, 11, 30)


@given(st.integers(1927, 2025), st.integers(1, 12))
def test_months_follow_each_other_without_gap_or_overlap(year: int, month: int) -> None:
    window = window_of_period(f"{year}-{month:02}", LATER)
    after = window_of_period(f"{year + month // 12}-{month % 12 + 1:02}", LATER)
    assert window.end == after.start
    following = calendar.next_session(window.end + timedelta(days=1))
    assert (window.end.year, window.end.month) == (year, month) != (following.year, following.month)


@given(st.integers(1927, 2025))
def test_a_year_is_its_quarters_and_a_quarter_its_months(year: int) -> None:
    whole = window_of_period(str(year), LATER)
    quarters = [window_of_period(f"{year}-Q{q}", LATER) for q in (1, 2, 3, 4)]
    months = [window_of_period(f"{year}-{m:02}", LATER) for m in range(1, 13)]
    assert (
        (whole.start, whole.end) == (quarters[0].start, quarters[-1].end) == (months[0].start, months[-1].end)
    )
    assert [q.end for q in quarters] == [m.end for m in months[2::3]]


def test_dates_and_a_name_exclude_each_other() -> None:
    with pytest.raises(BadWindowError, match="its own dates"):
        choose_window(date(2026, 1, 2), None, "2026-01", LATER)
    with pytest.raises(BadWindowError, match="one is missing"):
        choose_window(date(2026, 1, 2), None, None, LATER)
    with pytest.raises(BadWindowError, match="no window"):
        choose_window(None, None, None, LATER)
    assert choose_window(None, None, "2026-01", LATER, "open").base == "open"
