"""Dates that lie ahead, as facts: what was known on a day, and nothing else."""

from __future__ import annotations

from datetime import date, timedelta
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope.facts.build import Desk
from rotascope.facts.catalogue import find_metric
from rotascope.facts.columns import Column
from rotascope.facts.metrics.events import QUARTER_END, coming, scheduled
from rotascope.ingest import calendar
from rotascope.ingest.events import KINDS
from rotascope.model.errors import NotAvailableError, UnknownNameError
from rotascope.model.facts import Fact, Window
from rotascope.model.universe import load_universe


def desk(as_of: date) -> Desk:
    return Desk(mock.Mock(), load_universe("us"), as_of)


def next_one(as_of: date, kind: str, **params: int) -> Fact:
    window = Window(as_of - timedelta(days=7), as_of)
    return find_metric("event_date").fact(desk(as_of), (kind,), window, **params)


@pytest.mark.parametrize(
    ("as_of", "kind", "expected"),
    [
        (date(2026, 2, 10), "fomc", 20260318),  # the Federal Reserve's own schedule
        (date(2026, 3, 17), "fomc", 20260318),
        (date(2026, 3, 18), "fomc", 20260429),  # what falls on the day itself does not lie ahead
        (date(2026, 2, 3), "employment", 20260306),  # put off the day before, no new date yet
        (date(2026, 2, 4), "employment", 20260211),  # the new date was published
        (date(2026, 2, 3), "cpi", 20260211),
        (date(2026, 2, 4), "cpi", 20260213),
        (date(1990, 1, 2), "option_expiry", 19900119),  # third Friday
        (date(2025, 4, 1), "option_expiry", 20250417),  # Good Friday moves it
        (date(1930, 1, 2), QUARTER_END, 19300331),
        (date(2024, 2, 1), QUARTER_END, 20240328),  # Good Friday was the 29th, then a weekend
        (date(2024, 3, 28), QUARTER_END, 20240628),
    ],
)
def test_the_next_event(as_of: date, kind: str, expected: int) -> None:
    fact = next_one(as_of, kind)
    assert fact.value == expected
    assert fact.unit == "date"
    assert fact.display.replace("-", "") == str(expected)


def test_the_fact_rests_on_a_row_of_the_day_on_which_the_date_became_known() -> None:
    made = desk(date(2026, 2, 10))
    (meeting, *_) = coming(made, "fomc")
    fact = scheduled(made, meeting)
    (row,) = made.inputs_of(fact)
    assert isinstance(row, Column)
    assert fact.series == ("EVENT.FOMC.2026-03-18",)
    assert row.dates.astype(str).tolist() == ["2024-08-09"]  # the press release of the tentative schedule
    assert made.sources[fact.sources[0]].publisher == "Federal Reserve"
    assert fact.window is not None
    assert fact.window.end_used == date(2024, 8, 9)
    assert "FOMC meeting, 17-18 March 2026" in fact.notes[0]


def test_a_date_that_is_not_confirmed_says_so() -> None:
    fact = next_one(date(2026, 9, 20), "employment")
    assert fact.value == 20261002
    assert "Expected, not confirmed." in fact.notes


def test_what_became_known_later_is_refused() -> None:
    (meeting, *_) = [e for e in coming(desk(date(2026, 2, 10)), "fomc", within=700) if e.date.year == 2027]
    with pytest.raises(NotAvailableError, match="known from 2024-08-09"):
        scheduled(desk(date(2024, 8, 8)), meeting)


def test_of_two_entries_for_one_day_the_later_known_one_stands() -> None:
    ahead = coming(desk(date(2026, 6, 1)), "reconstitution")
    assert [e.date for e in ahead] == [date(2026, 6, 26), date(2026, 11, 13), date(2026, 12, 11)]


@pytest.mark.parametrize("wrong", [(), ("fed",), ("fomc", "cpi")])
def test_a_kind_that_is_none_is_refused(wrong: tuple[str, ...]) -> None:
    window = Window(date(2026, 2, 2), date(2026, 2, 9))
    with pytest.raises(UnknownNameError, match="fomc"):
        find_metric("event_date").fact(desk(date(2026, 2, 10)), wrong, window)


def test_a_list_that_ends_is_not_an_absence_of_events() -> None:
    with pytest.raises(NotAvailableError, match="not an absence"):
        next_one(date(1999, 2, 10), "fomc")
    with pytest.raises(NotAvailableError, match="number 9"):
        next_one(date(2026, 2, 10), "fomc", index=9)


@given(st.dates(date(1926, 3, 1), date(2090, 12, 31)), st.sampled_from([*KINDS, QUARTER_END]))
def test_nothing_is_seen_before_it_was_known(as_of: date, kind: str) -> None:
    ahead = coming(desk(as_of), kind, within=200)
    assert [e.date for e in ahead] == sorted({e.date for e in ahead})
    for event in ahead:
        assert as_of < event.date <= as_of + timedelta(days=200)
        assert event.known_from <= as_of


@given(st.dates(date(1926, 3, 1), date(2090, 12, 31)))
def test_a_quarter_ends_with_its_last_session(as_of: date) -> None:
    first = coming(desk(as_of), QUARTER_END)[0].date
    assert calendar.is_session(first)
    assert first.month in (3, 6, 9, 12)
    assert calendar.next_session(first + timedelta(days=1)).month != first.month


def test_sessions_since_by_hand() -> None:
    """The close of Friday 30 January 2026, seen on Tuesday 10 February: two weeks of five less three days."""
    metric = find_metric("sessions_since")
    made = desk(date(2026, 2, 10))
    assert metric.fact(made, (), Window(date(2025, 12, 31), date(2026, 1, 30))).value == 7
    with pytest.raises(NotAvailableError):
        metric.fact(made, (), Window(date(2025, 12, 31), date(2026, 2, 10)))
    with pytest.raises(UnknownNameError):
        metric.fact(made, ("RUT",), Window(date(2025, 12, 31), date(2026, 1, 30)))
