"""The event calendar: published dates from the TOML files here, and dates that follow a rule."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from rotascope.ingest.events import rules
from rotascope.model.errors import BadInputError, BadWindowError, UnknownNameError

FILES = ("fomc.toml", "releases.toml", "reconstitutions.toml")
KINDS = (
    "fomc",
    "fomc_minutes",
    "cpi",
    "employment",
    "earnings_season",
    "reconstitution",
    "option_expiry",
)
Status = Literal["confirmed", "unconfirmed"]

_EVENT_KEYS = frozenset(
    (
        "date",
        "kind",
        "title",
        "source",
        "known_from",
        "withdrawn",
        "withdrawn_because",
        "note",
        "status",
        "url",
    )
)
_SOURCE_KEYS = frozenset(("name", "url", "known_from"))


@dataclass(frozen=True, slots=True)
class Event:
    """One date that markets wait for.

    date: the day, in New York (of several days the last). known_from: the first day on which the date was
    public, as far as is certain. withdrawn: the first day on which it was certain that it would not take
    place then; None if it stands. status: `unconfirmed` if only copies of a schedule that lies ahead state
    the date, sources differ, or it follows from a rule with exceptions. source and url: who says so, and
    where. note: what was known of it from `known_from` on; why it was withdrawn stays in the file, since
    nobody could know before.
    """

    date: dt.date
    kind: str
    title: str
    source: str
    known_from: dt.date
    note: str = ""
    url: str = ""
    status: Status = "confirmed"
    withdrawn: dt.date | None = None

    def visible(self, as_of: dt.date) -> bool:
        """Return whether the date was public on a day, and not withdrawn by then."""
        return self.known_from <= as_of and (self.withdrawn is None or as_of < self.withdrawn)


def events(
    start: dt.date, end: dt.date, *, as_of: dt.date, kinds: Iterable[str] | None = None
) -> list[Event]:
    """Return the events from `start` to `end`, both included, as they were known on `as_of`, by date.

    Where sources name different dates for one thing both are there, each with its source. A list that ends is
    not an absence of events: FOMC dates are known to January 2028, releases to December 2026.

    Raises: BadWindowError if the start is after the end; UnknownNameError for an unknown kind.

    >>> days = dt.date(2026, 1, 26), dt.date(2026, 1, 30)
    >>> [e.title for e in events(*days, as_of=dt.date(2026, 1, 1))]
    ['FOMC meeting, 27-28 January 2026']
    """
    if start > end:
        raise BadWindowError(f"The start {start} is after the end {end}.", fix="Exchange the two dates.")
    wanted = frozenset(KINDS if kinds is None else kinds)
    unknown = sorted(wanted - set(KINDS))
    if unknown:
        raise UnknownNameError(
            f"No kind of event is called '{unknown[0]}'.", fix=f"Kinds: {', '.join(KINDS)}."
        )
    found = [e for e in published() if start <= e.date <= end]
    for made in rules.between(start, end):
        found.append(Event(**made))
    visible = (e for e in found if e.kind in wanted and e.visible(as_of))
    return sorted(visible, key=lambda e: (e.date, KINDS.index(e.kind), e.title, e.source))


@cache
def published() -> tuple[Event, ...]:
    """Return all events of the TOML files, and the minutes that follow from their meetings."""
    out: list[Event] = []
    for name in FILES:
        text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
        out.extend(read_events(tomllib.loads(text), name))
    return (*out, *_minutes(out))


def read_events(document: Mapping[str, Any], name: str) -> list[Event]:
    """Return the events of a document. Raises BadInputError for a key or a value that is not one."""
    sources: Mapping[str, Mapping[str, Any]] = document.get("sources", {})
    for key, source in sources.items():
        if not source.keys() <= _SOURCE_KEYS or "name" not in source:
            raise BadInputError(f"{name}: the source {key} is not written as others.", fix="See the file.")
    return [_read(entry, sources, name) for entry in document.get("event", [])]


def _read(entry: Mapping[str, Any], sources: Mapping[str, Mapping[str, Any]], name: str) -> Event:
    where = f"{name}: the event of {entry.get('date')}"
    odd = sorted(set(entry) - _EVENT_KEYS)
    source = sources.get(entry.get("source", ""))
    if odd or source is None or entry.get("kind") not in KINDS:
        raise BadInputError(
            f"{where} has {', '.join(odd) or 'no source or kind that is known'}.",
            fix=f"Keys: {', '.join(sorted(_EVENT_KEYS))}. Kinds: {', '.join(KINDS)}.",
        )
    known = entry.get("known_from", source.get("known_from"))
    days = [entry.get("date"), known] + ([entry["withdrawn"]] if "withdrawn" in entry else [])
    if not all(type(day) is dt.date for day in days):
        raise BadInputError(
            f"{where} has a date that is none.", fix="Write dates as 2026-01-30, without quotes."
        )
    if entry.get("status", "confirmed") not in ("confirmed", "unconfirmed"):
        raise BadInputError(f"{where} is '{entry['status']}'.", fix="Write confirmed or unconfirmed.")
    if "withdrawn" in entry and entry["withdrawn"] <= known:
        raise BadInputError(f"{where} was withdrawn before it was known.", fix="Correct one of the days.")
    return Event(
        date=entry["date"],
        kind=entry["kind"],
        title=entry["title"],
        source=source["name"],
        known_from=known,
        note=entry.get("note", ""),
        url=entry.get("url", source.get("url", "")),
        status=entry.get("status", "confirmed"),
        withdrawn=entry.get("withdrawn"),
    )


def _minutes(known: Iterable[Event]) -> list[Event]:
    """Return the minutes of each meeting: three weeks after it, unless the file states another day."""
    stated = [e for e in known if e.kind == "fomc_minutes"]
    out = []
    for meeting in known:
        if meeting.kind != "fomc":
            continue
        day = rules.minutes_day(meeting.date)
        moved = next((e for e in stated if 0 < (e.date - meeting.date).days < 28), None)
        withdrawn = moved.known_from if moved else meeting.withdrawn
        out.append(
            Event(
                date=day,
                kind="fomc_minutes",
                title=f"Minutes of the {meeting.title}",
                source=meeting.source,
                known_from=meeting.known_from,
                note="by rule: three weeks after the decision; holidays move it",
                url=meeting.url,
                status="unconfirmed",
                withdrawn=withdrawn,
            )
        )
    return out
