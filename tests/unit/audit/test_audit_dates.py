"""Dates in texts, seen from Tuesday 10 February 2026."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope.audit.dates import find_dates

TODAY = date(2026, 2, 10)


@pytest.mark.parametrize(
    ("text", "grain", "first", "last"),
    [
        ("on Nov. 3, 2025", "day", "2025-11-03", "2025-11-03"),
        ("on 3 November 2025", "day", "2025-11-03", "2025-11-03"),
        ("on February 3", "day", "2026-02-03", "2026-02-03"),
        ("on March 3", "day", "2025-03-03", "2025-03-03"),
        ("on 2026-01-30", "day", "2026-01-30", "2026-01-30"),
        ("in January", "month", "2026-01-01", "2026-01-31"),
        ("January's gain", "month", "2026-01-01", "2026-01-31"),
        ("in January 2025", "month", "2025-01-01", "2025-01-31"),
        ("since November", "month", "2025-11-01", "2025-11-30"),
        ("in May", "month", "2025-05-01", "2025-05-31"),
        ("in 2025", "year", "2025-01-01", "2025-12-31"),
        ("the fourth quarter", "quarter", "2025-10-01", "2025-12-31"),
        ("in Q1 2025", "quarter", "2025-01-01", "2025-03-31"),
        ("year to date", "to_date", "2026-01-01", "2026-02-10"),
        ("so far this year", "to_date", "2026-01-01", "2026-02-10"),
        ("on Monday", "day", "2026-02-09", "2026-02-09"),
        ("last week", "week", "2026-02-02", "2026-02-08"),
        ("last month", "month", "2026-01-01", "2026-01-31"),
        ("the past 12 months", "to_date", "2025-02-11", "2026-02-10"),
        ("the week ended Feb. 6", "week", "2026-02-02", "2026-02-06"),
    ],
)
def test_dates(text: str, grain: str, first: str, last: str) -> None:
    (found,) = find_dates(text, TODAY)
    assert (found.grain, found.first.isoformat(), found.last.isoformat()) == (grain, first, last)


@pytest.mark.parametrize(
    "text", ["it may rise", "march on", "2,026 points", "$2026", "2026%", "31 February 2026"]
)
def test_no_dates(text: str) -> None:
    assert [d for d in find_dates(text, TODAY) if d.grain == "day"] == []
    assert not any(d.text.lower() in ("may", "march") for d in find_dates(text, TODAY))


def test_a_range_shares_its_year() -> None:
    one, other = find_dates("from January 2 to February 9, 2025", TODAY)
    assert (one.first, other.last) == (date(2025, 1, 2), date(2025, 2, 9))


def test_the_last_week_of_a_weekend_has_just_ended() -> None:
    (found,) = find_dates("last week", date(2026, 2, 7))
    assert (found.first, found.last) == (date(2026, 2, 2), date(2026, 2, 7))


@given(st.dates(date(1930, 1, 1), date(2026, 2, 10)))
def test_a_full_date_is_read_as_itself(day: date) -> None:
    for text in (f"{day:%B} {day.day}, {day.year}", f"{day.day} {day:%B} {day.year}", day.isoformat()):
        (found,) = find_dates(f"on {text}.", TODAY)
        assert (found.first, found.last, found.grain) == (day, day, "day")


@given(st.text(max_size=150), st.dates(date(1930, 1, 1), date(2030, 1, 1)))
def test_any_text(text: str, today: date) -> None:
    for found in find_dates(text, today):
        assert found.first <= found.last
        assert text[found.start : found.end] == found.text
