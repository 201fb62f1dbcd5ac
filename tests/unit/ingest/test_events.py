"""The event calendar: rules by hand, what was public when, and files with mistakes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope.ingest import calendar
from rotascope.ingest.events import KINDS, events
from rotascope.ingest.events.event import published, read_events
from rotascope.ingest.events.rules import minutes_day, option_expiry, russell_june, season
from rotascope.model.errors import BadInputError, BadWindowError, UnknownNameError


def titles(start: date, end: date, as_of: date, *kinds: str) -> list[tuple[str, str]]:
    return [(str(e.date), e.title) for e in events(start, end, as_of=as_of, kinds=kinds or None)]


@pytest.mark.parametrize(
    ("year", "month", "expected"),
    [
        (2026, 1, date(2026, 1, 16)),  # the first was a Thursday
        (2026, 5, date(2026, 5, 15)),  # the first was a Friday: the earliest third Friday there is
        (2026, 8, date(2026, 8, 21)),  # the first was a Saturday: the latest
        (2025, 4, date(2025, 4, 17)),  # 18 April was Good Friday
        (2026, 6, date(2026, 6, 18)),  # 19 June is Juneteenth
        (2022, 4, date(2022, 4, 14)),  # 15 April was Good Friday
    ],
)
def test_option_expiry(year: int, month: int, expected: date) -> None:
    assert option_expiry(year, month) == expected


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        # as FTSE Russell announced them
        (2018, date(2018, 6, 22)),
        (2022, date(2022, 6, 24)),
        (2024, date(2024, 6, 28)),
        (2025, date(2025, 6, 27)),
        (2026, date(2026, 6, 26)),
    ],
)
def test_russell_in_june(year: int, expected: date) -> None:
    assert russell_june(year) == expected


def test_minutes_and_seasons() -> None:
    assert minutes_day(date(2024, 1, 31)) == date(2024, 2, 21)  # published on that day
    assert minutes_day(date(2025, 7, 30)) == date(2025, 8, 20)  # likewise
    # October 2025 began on a Wednesday: Mondays on the 6th and 13th; the 13th plus five weeks is 17 November
    assert season(2025, 3) == (date(2025, 10, 13), date(2025, 11, 21))


@given(st.integers(1984, 2099), st.integers(1, 12))
def test_an_expiry_is_a_session_and_at_most_one_session_before_its_friday(year: int, month: int) -> None:
    day = option_expiry(year, month)
    assert calendar.is_session(day)
    assert 14 <= day.day <= 21
    third = next(d for d in (date(year, month, n) for n in range(15, 22)) if d.weekday() == 4)
    assert day == third or (not calendar.is_session(third) and day == third - timedelta(days=1))


def test_meetings_are_wednesdays_and_eight_a_year() -> None:
    meetings = [e.date for e in published() if e.kind == "fomc"]
    # All on Wednesdays but one: the election of 2024 moved the meeting of November by a day.
    assert [d for d in meetings if d.weekday() != 2] == [date(2024, 11, 7)]
    for year in (2024, 2025, 2026, 2027):
        assert sum(d.year == year for d in meetings) == 8
    assert len(set(meetings)) == len(meetings)


def test_releases_fall_on_weekdays_and_one_stands_for_each_month() -> None:
    for kind in ("cpi", "employment"):
        standing = [e for e in published() if e.kind == kind and e.withdrawn is None]
        assert all(e.date.weekday() < 5 for e in standing)
        assert len({e.title for e in standing}) == len(standing)
        # 24 months less October 2025, for which neither report came out
        assert len(standing) == 23
        assert not any("October 2025" in e.title for e in standing)


def test_a_moved_release_is_seen_where_it_was_expected_at_the_time() -> None:
    month = (date(2026, 2, 1), date(2026, 2, 28))
    jobs = "Employment Situation for January 2026"
    assert titles(*month, date(2026, 1, 30), "employment") == [("2026-02-06", jobs)]
    assert titles(*month, date(2026, 2, 3), "employment") == []  # put off, no new day yet
    assert titles(*month, date(2026, 2, 4), "employment") == [("2026-02-11", jobs)]
    prices = "Consumer Price Index for January 2026"
    assert titles(*month, date(2026, 2, 3), "cpi") == [("2026-02-11", prices)]
    assert titles(*month, date(2026, 2, 4), "cpi") == [("2026-02-13", prices)]


def test_nothing_that_is_shown_speaks_of_what_came_later() -> None:
    for event in published():
        if event.withdrawn is not None:
            assert "moved" not in event.note and "not published" not in event.note
    seen = events(date(2026, 2, 1), date(2026, 2, 28), as_of=date(2026, 1, 30))
    assert not any("2026-02-1" in e.note for e in seen)


def test_the_second_reconstitution_of_2026_stands_twice_once_both_sources_were_out() -> None:
    late = (date(2026, 10, 1), date(2026, 12, 31))

    def seen(as_of: date) -> list[tuple[str, str]]:
        found = events(*late, as_of=as_of, kinds=["reconstitution"])
        assert all(e.status == "unconfirmed" and e.url for e in found)
        return [(str(e.date), e.source.split(",")[0]) for e in found]

    assert seen(date(2025, 1, 1)) == []
    assert seen(date(2026, 1, 30)) == [("2026-11-13", "FTSE Russell")]
    assert seen(date(2026, 2, 16)) == [("2026-11-13", "FTSE Russell"), ("2026-12-11", "FTSE Russell")]


def test_the_schedule_of_2027_was_not_known_before_september_2025() -> None:
    spring = (date(2027, 3, 1), date(2027, 3, 31))
    assert titles(*spring, date(2025, 9, 4), "fomc") == []
    assert titles(*spring, date(2025, 9, 5), "fomc") == [("2027-03-17", "FOMC meeting, 16-17 March 2027")]
    # January 2027 was already in the list of August 2024
    assert len(titles(date(2027, 1, 1), date(2027, 1, 31), date(2024, 8, 9), "fomc")) == 1


def test_minutes_follow_their_meeting_unless_another_day_was_published() -> None:
    autumn = (date(2024, 11, 20), date(2024, 12, 5))
    before = events(*autumn, as_of=date(2024, 11, 20), kinds=["fomc_minutes"])
    assert [(str(e.date), e.status) for e in before] == [("2024-11-28", "unconfirmed")]
    after = events(*autumn, as_of=date(2024, 11, 26), kinds=["fomc_minutes"])
    assert [(str(e.date), e.status) for e in after] == [("2024-11-26", "confirmed")]


@given(
    st.dates(date(2000, 1, 1), date(2030, 12, 31)),
    st.integers(0, 400),
    st.dates(date(1999, 1, 1), date(2031, 12, 31)),
)
def test_nothing_is_visible_before_it_was_public(start: date, days: int, as_of: date) -> None:
    end = start + timedelta(days=days)
    found = events(start, end, as_of=as_of)
    assert found == sorted(found, key=lambda e: e.date)
    for event in found:
        assert start <= event.date <= end
        assert event.known_from <= as_of
        assert event.withdrawn is None or as_of < event.withdrawn
        assert event.kind in KINDS and event.title and event.source


def test_a_window_equals_the_sum_of_its_parts() -> None:
    as_of = date(2026, 3, 1)
    whole = events(date(2025, 1, 1), date(2026, 12, 31), as_of=as_of)
    parts = [e for y in (2025, 2026) for e in events(date(y, 1, 1), date(y, 12, 31), as_of=as_of)]
    assert whole == parts


def test_wrong_questions_are_named() -> None:
    with pytest.raises(BadWindowError, match="2026-02-01 is after the end 2026-01-01"):
        events(date(2026, 2, 1), date(2026, 1, 1), as_of=date(2026, 1, 1))
    with pytest.raises(UnknownNameError, match=r"'opex'.*option_expiry"):
        events(date(2026, 1, 1), date(2026, 1, 2), as_of=date(2026, 1, 1), kinds=["opex"])


GOOD = {"date": date(2026, 1, 2), "kind": "cpi", "title": "x", "source": "s", "known_from": date(2026, 1, 1)}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source": "t"}, "no source or kind"),
        ({"kind": "opex"}, "no source or kind"),
        ({"colour": "red"}, "colour"),
        ({"date": "2026-01-02"}, "date that is none"),
        ({"known_from": None}, "date that is none"),
        ({"status": "likely"}, "'likely'"),
        ({"withdrawn": date(2026, 1, 1)}, "withdrawn before it was known"),
    ],
)
def test_a_file_that_is_not_written_as_it_should_be_is_refused(change: dict[str, object], said: str) -> None:
    assert len(read_events({"sources": {"s": {"name": "S"}}, "event": [GOOD]}, "f")) == 1
    with pytest.raises(BadInputError, match=said):
        read_events({"sources": {"s": {"name": "S"}}, "event": [{**GOOD, **change}]}, "f")
