"""Session by session: streaks, sessions won, and the one day that mattered most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np

from rotascope.facts import params as read
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import Metric, metric
from rotascope.facts.columns import Column
from rotascope.facts.metrics.prices import need
from rotascope.ingest import calendar
from rotascope.model.errors import MissingDataError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.series import to_date

_TWO = "two series: the first against the second"


def paired_closes(desk: Desk, series: Sequence[str], window: Window) -> tuple[list[Column], Window]:
    """Return the closes of both series from the base to the end, and the window actually used."""
    base = [desk.point(s, Field.CLOSE, window.start) for s in series]
    ends = [desk.point(s, Field.CLOSE, window.end) for s in series]
    first, last = max(to_date(b.dates[0]) for b in base), min(to_date(e.dates[0]) for e in ends)
    used = Window(window.start, window.end, "prior_close", first, last)
    columns = [desk.column(s, Field.CLOSE, first, last) for s in series]
    for column in columns:
        _refuse_gaps(column)
    return columns, used


def _refuse_gaps(column: Column) -> None:
    """Refuse closes that skip sessions: the change across a gap is not the change of a session."""
    first, last = to_date(column.dates[0]), to_date(column.dates[-1])
    expected = calendar.count(first, last)
    known = int((~np.isnan(column.values)).sum())
    if known < expected:
        raise MissingDataError(
            f"{column.data.meta.series} has {known} closes from {first} to {last}, and there were {expected} "
            "sessions. Gaps are not filled."
        )


def _streak(m: Metric, desk: Desk, series: tuple[str, ...], window: Window, want: str, **params: Any) -> Fact:
    need(m, series, 2)
    kind = read.choice(params, "kind", "levels", ("levels", "returns"))
    if kind == "returns":
        after = window.start + timedelta(days=1)
        columns = [desk.column(s, Field.VALUE, after, window.end) for s in series]
        used = Window(window.start, window.end)
    else:
        columns, used = paired_closes(desk, series, window)
    params.pop("kind", None)
    return desk.make(
        m.name,
        series,
        "streak",
        columns,
        params={"kind": kind, "want": want, **params},
        unit=m.unit,
        decimals=m.decimals,
        window=used,
    )


_KIND = "levels (closes) or returns (series that hold each day's percent change)"


@metric(
    "outperformance_streak", Unit.SESSIONS, 0, _TWO, "sessions won before the first one not won", kind=_KIND
)
def outperformance_streak(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many sessions in a row, from the start of the window, the first series beat the second."""
    return _streak(m, desk, series, window, "from_start", **params)


@metric("streak_broken_on", Unit.DATE, 0, _TWO, "date of the first session not won", kind=_KIND)
def streak_broken_on(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The first session of the window on which the first series did not beat the second."""
    return _streak(m, desk, series, window, "first_failure", **params)


@metric("longest_streak", Unit.SESSIONS, 0, _TWO, "longest run of sessions won", kind=_KIND)
def longest_streak(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The longest run of sessions in the window on which the first series beat the second."""
    return _streak(m, desk, series, window, "longest", **params)


@metric("sessions_won", Unit.COUNT, 0, _TWO, "number of sessions won", kind=_KIND)
def sessions_won(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """On how many sessions of the window the first series beat the second."""
    return _streak(m, desk, series, window, "wins", **params)


@metric("sessions_counted", Unit.COUNT, 0, _TWO, "number of sessions compared", kind=_KIND)
def sessions_counted(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many sessions of the window have a value for both series."""
    return _streak(m, desk, series, window, "sessions", **params)


@metric("sessions_won_last", Unit.COUNT, 0, _TWO, "sessions won among the last k", k="how many sessions")
def sessions_won_last(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """On how many of the last k sessions of the window the first series beat the second."""
    return _streak(m, desk, series, window, "wins_last", k=read.whole(params, "k", 5, 1))


def _day(m: Metric, desk: Desk, series: tuple[str, ...], window: Window, want: str) -> Fact:
    columns, used = paired_closes(desk, need(m, series, 2), window)
    return desk.make(
        m.name,
        series,
        "extreme_day",
        columns,
        params={"want": want},
        unit=m.unit,
        decimals=m.decimals,
        window=used,
    )


@metric("largest_day", Unit.PP, 2, _TWO, "largest spread of one session")
def largest_day(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The largest spread of a single session in the window."""
    return _day(m, desk, series, window, "max_value")


@metric("largest_day_on", Unit.DATE, 0, _TWO, "date of the largest spread of one session")
def largest_day_on(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The session with the largest spread in the window."""
    return _day(m, desk, series, window, "max_date")


@metric("spread_without_largest_day", Unit.PP, 3, _TWO, "both legs compounded without that session")
def spread_without_largest_day(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """What the spread would have been without its largest session."""
    return _day(m, desk, series, window, "without_max")
