"""Dates that lie ahead, as facts: each rests on a row dated with the day on which the date became known.

An event is a series of its own, `EVENT.KIND.YYYY-MM-DD`, with one row of the field `scheduled`. So nothing
that was announced later can be seen, and a date in a text can be checked like any other number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np

from rotascope.facts import params as read
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import Metric, metric
from rotascope.facts.columns import Column
from rotascope.facts.freshness import freshness
from rotascope.ingest import calendar
from rotascope.ingest.events import KINDS, Event, events
from rotascope.model.errors import NotAvailableError, UnknownNameError
from rotascope.model.facts import Fact, Window
from rotascope.model.numerals import as_number
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.model.units import Unit
from rotascope.store.series import SeriesData, to_date, to_day

QUARTER_END = "quarter_end"
PRINT = "print"  # the next value of a series that comes by the week, month or quarter
AHEAD = 366  # days in which an event is looked for; rules reach further than anyone plans
_TITLES = {
    "fomc": "schedule of FOMC meetings",
    "fomc_minutes": "schedule of FOMC meetings",
    "cpi": "schedule of the Consumer Price Index",
    "employment": "schedule of the Employment Situation",
    "earnings_season": "earnings seasons, by rule",
    "reconstitution": "reconstitution of the Russell US indices",
    "option_expiry": "option expiries, by rule",
    QUARTER_END: "last sessions of quarters, by rule",
    PRINT: "due dates of periodic values, by rule",
}
_OWN_RULE = "rule of this project"


def series_of(event: Event) -> str:
    """Return the series that holds an event: its kind and its date."""
    return f"EVENT.{event.kind.upper()}.{event.date.isoformat()}"


def coming(desk: Desk, kind: str, *, within: int = AHEAD) -> list[Event]:
    """Return the events of a kind after the as-of date, soonest first, as they were known on that date.

    `quarter_end` is the last session of a calendar quarter, by the exchange's rules; the other kinds are
    those of the event calendar. Of several entries for one day the one that was known last stands.
    """
    first, last = desk.as_of + timedelta(days=1), desk.as_of + timedelta(days=within)
    if kind == QUARTER_END:
        return _quarter_ends(first, last)
    found = events(first, min(last, calendar.LAST), as_of=desk.as_of, kinds=[kind])
    by_day = {e.date: e for e in sorted(found, key=lambda e: e.known_from)}
    return [by_day[day] for day in sorted(by_day)]


def _quarter_ends(first: date, last: date) -> list[Event]:
    out = []
    for year in range(first.year, last.year + 1):
        for month in (3, 6, 9, 12):
            end = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
            day = calendar.previous_session(end)
            if first <= day <= last:
                title = f"Last session of the quarter, {day.isoformat()}"
                out.append(Event(day, QUARTER_END, title, _OWN_RULE, date(year - 1, 1, 1)))
    return out


def due_print(desk: Desk, series: str, field: Field) -> Event | None:
    """Return when the next value of a series is due, by this project's rule: a period after its last one.

    None where that day is past, where the series is daily or without a schedule, or where it is not there.
    """
    if not desk.has(series, field):
        return None
    data = desk.series(series, field)
    last = to_date(data.dates[-1])
    if data.meta.frequency in (Frequency.DAILY, Frequency.IRREGULAR):
        return None
    due = freshness(data.meta.frequency, last, desk.as_of).due
    if due is None or due <= desk.as_of:
        return None
    title = f"Next value of {series} after {last.isoformat()}"
    return Event(
        due, PRINT, title, _OWN_RULE, last, "by rule: one period after the last value", "", "unconfirmed"
    )


def scheduled(desk: Desk, event: Event) -> Fact:
    """Return the date of an event as a fact. Its window ends on the day on which the date became known.

    Raises NotAvailableError if the date was not known on the desk's as-of date.
    """
    if not event.visible(desk.as_of):
        raise NotAvailableError(
            f"{event.title} was not known to be on {event.date} as of {desk.as_of}.",
            fix=f"It was known from {event.known_from}.",
        )
    source = _source(event)
    meta = SeriesMeta(series_of(event), Field.SCHEDULED, Unit.DATE, Frequency.IRREGULAR, source.id)
    values = np.array([float(as_number(event.date))])
    data = SeriesData(meta, np.array([to_day(event.known_from)]), values, snapshot="", source=source)
    return desk.make(
        "event_date",
        (meta.series,),
        "observed",
        [Column(data, 0, 1)],
        unit=Unit.DATE,
        decimals=0,
        window=Window(event.known_from, desk.as_of, "prior_close", None, event.known_from),
        notes=_notes(event),
    )


def _source(event: Event) -> Source:
    own = event.source == _OWN_RULE
    publisher = "Rotascope" if own else event.source
    mark = hashlib.sha256(f"{publisher}\n{event.kind}\n{event.url}".encode()).hexdigest()[:8]
    licence = "Apache-2.0" if own else ""
    return Source(f"event-{event.kind}-{mark}", publisher, _TITLES[event.kind], event.url, licence)


def _notes(event: Event) -> list[str]:
    said = f"{event.title}; {event.note}." if event.note else f"{event.title}."
    return [said] if event.status == "confirmed" else [said, "Expected, not confirmed."]


@metric(
    "event_date",
    Unit.DATE,
    0,
    f"one kind of event: {', '.join((*KINDS, QUARTER_END))}",
    "observed",
    index="which one after the as-of date, from 0",
)
def event_date(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The date of the next event of a kind after the as-of date, as it was known on that date. Its notes say
    which event it is, and whether the date is confirmed."""
    if len(series) != 1 or series[0] not in (*KINDS, QUARTER_END):
        raise UnknownNameError(
            f"{m.name} takes {m.takes}; given: {' '.join(series) or 'nothing'}.",
            fix="For example: rotascope fact event_date fomc.",
        )
    index = read.whole(params, "index", 0, 0, 1000)
    found = coming(desk, series[0])
    if index >= len(found):
        raise NotAvailableError(
            f"{len(found)} events of the kind {series[0]} are known in the year after {desk.as_of}; number "
            f"{index} is not among them.",
            fix="Choose an earlier one, counted from 0; a list that ends is not an absence of events.",
        )
    return scheduled(desk, found[index])


@metric(
    "sessions_since", Unit.SESSIONS, 0, "nothing", "number of sessions after the window, to the as-of date"
)
def sessions_since(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many sessions of the exchange lie after the end of the window, up to the as-of date: how late a
    reading of that window is. Not available where there is none."""
    if series:
        raise UnknownNameError(
            f"{m.name} takes {m.takes}; {len(series)} series were given.", fix="Give none."
        )
    first = window.end + timedelta(days=1)
    days = desk.sessions(first, desk.as_of) if first <= desk.as_of else None
    if days is None or len(days) == 0:
        raise NotAvailableError(f"No session lies after {window.end}, up to {desk.as_of}.")
    used = Window(to_date(days.dates[0]), desk.as_of, "prior_close")  # the sessions that are counted
    return desk.make(m.name, ("NYSE",), "count_rows", [days], unit=m.unit, decimals=m.decimals, window=used)
