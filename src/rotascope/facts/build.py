"""The desk where facts are made: it reads as of one date, runs a recipe, and keeps what was used."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Protocol

import numpy as np

from rotascope.facts.columns import Column
from rotascope.facts.ops import OPS
from rotascope.ingest import calendar
from rotascope.model.errors import BadWindowError, MissingDataError, NotAvailableError, UnverifiableError
from rotascope.model.facts import Fact, FactInput, Recipe, Window
from rotascope.model.numerals import render, render_date
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source, Standing
from rotascope.model.units import Unit
from rotascope.model.universe import Universe
from rotascope.store.series import SeriesData, to_date, to_day

# A close this many sessions old still stands for the date asked for, with a note; an older one is stale.
MAX_LAG_SESSIONS = 3
_MAX_AGE_DAYS = {Frequency.WEEKLY: 14, Frequency.MONTHLY: 45, Frequency.QUARTERLY: 120}
_CALENDAR = Source(
    id="nyse-calendar",
    publisher="Rotascope",
    title="New York Stock Exchange sessions, by rule",
    licence="Apache-2.0",
)


class Reads(Protocol):
    """What the desk needs of the market database."""

    def read(
        self,
        series: str,
        field: Field,
        *,
        as_of: date,
        covers: tuple[date, date] | None = None,
        source: str | None = None,
    ) -> SeriesData:
        """Return a series as known on a date, if possible one that covers two dates; or NotAvailableError."""

    def source(self, source_id: str, snapshot: str) -> Source:
        """Return a source that rows of a snapshot refer to."""

    def find_source(self, source_id: str) -> Source:
        """Return a source wherever it is; NotAvailableError if it is nowhere."""


class Desk:
    """Makes facts as of one date, and remembers each fact and source it handed out.

    Facts are cached: the same question twice is the same object. `verifiable` names the operations that
    the independent verifier knows; a recipe outside of it is refused.
    """

    def __init__(
        self, reader: Reads, universe: Universe, as_of: date, *, verifiable: frozenset[str] | None = None
    ) -> None:
        self.reader = reader
        self.universe = universe
        self.as_of = as_of
        self.facts: dict[str, Fact] = {}
        self.sources: dict[str, Source] = {}
        self._inputs: dict[str, tuple[Column | Fact, ...]] = {}
        self._series: dict[tuple[str, Field, tuple[date, date] | None], SeriesData | NotAvailableError] = {}
        self._sessions: dict[tuple[date, date], Column] = {}
        self._focus: tuple[date, date] | None = None
        self._verifiable = verifiable

    # -- reading ------------------------------------------------------------------------------------

    @contextmanager
    def looking_at(self, window: Window) -> Iterator[None]:
        """Prefer, inside the block, data that covers this window, where a series has several snapshots."""
        before, self._focus = self._focus, (window.start, window.end)
        try:
            yield
        finally:
            self._focus = before

    def series(self, name: str, field: Field) -> SeriesData:
        """Return a series as known on the as-of date. Raises NotAvailableError."""
        key = (name, field, self._focus)
        if key not in self._series:
            try:
                self._series[key] = self.reader.read(name, field, as_of=self.as_of, covers=self._focus)
            except NotAvailableError as error:
                self._series[key] = error
        found = self._series[key]
        if isinstance(found, NotAvailableError):
            raise found
        return found

    def reported(self, name: str, field: Field) -> SeriesData:
        """Return the figures that publications printed for a series. Raises NotAvailableError."""
        return self.reader.read(name, field, as_of=self.as_of, source="*")

    def has(self, name: str, field: Field = Field.CLOSE) -> bool:
        """Say whether a series is there as of the date."""
        try:
            return len(self.series(name, field)) > 0
        except NotAvailableError:
            return False

    def first_available(self, names: Sequence[str], field: Field = Field.CLOSE) -> str | None:
        """Return the first series of an ordered list that is there and not merely quoted by the press."""
        for name in names:
            if self.has(name, field) and not self.is_reported(name, field):
                return name
        return None

    def is_reported(self, name: str, field: Field = Field.CLOSE) -> bool:
        """Say whether the values of a series are figures from publications."""
        return self.series(name, field).source.standing is Standing.REPORTED

    def column(self, name: str, field: Field, first: date | None, last: date) -> Column:
        """Return all rows from `first` to `last`, both included; NotAvailableError if there is none."""
        data = self.series(name, field)
        lo = 0 if first is None else int(np.searchsorted(data.dates, to_day(first), "left"))
        hi = int(np.searchsorted(data.dates, to_day(last), "right"))
        if lo >= hi:
            raise NotAvailableError(f"{name} has no {field} between {first} and {last} as of {self.as_of}.")
        return Column(data, lo, hi)

    def point(self, name: str, field: Field, day: date) -> Column:
        """Return the last known row on or before a day, one row. Raises NotAvailableError if it is stale."""
        data = self.series(name, field)
        at = int(np.searchsorted(data.dates, to_day(day), "right")) - 1
        while at >= 0 and np.isnan(data.values[at]):
            at -= 1
        if at < 0:
            raise NotAvailableError(
                f"{name} has no {field} on or before {day} as of {self.as_of}.",
                fix=f"Its values start on {data.dates[0]}." if len(data) else None,
            )
        self._refuse_stale(data, to_date(data.dates[at]), day)
        return Column(data, at, at + 1)

    def _refuse_stale(self, data: SeriesData, found: date, day: date) -> None:
        name, field = data.meta.series, data.meta.field
        if found == day:
            return
        reported = data.source.standing is Standing.REPORTED
        if data.meta.frequency is not Frequency.DAILY and not reported:
            limit_days = _MAX_AGE_DAYS.get(data.meta.frequency, 400)
            if (day - found).days > limit_days:
                raise NotAvailableError(
                    f"The last {field} of {name} on or before {day} is of {found}: too old."
                )
            return
        limit = 0 if reported else MAX_LAG_SESSIONS
        lag = calendar.count(found + timedelta(days=1), day)
        if lag > limit:
            raise NotAvailableError(
                f"The last {field} of {name} on or before {day} is of {found}, {lag} sessions before it: "
                "too old."
            )

    def sessions(self, first: date, last: date) -> Column:
        """Return the exchange's sessions as a column of ones."""
        if (first, last) not in self._sessions:
            days = calendar.sessions(first, last)
            meta = SeriesMeta("NYSE", Field.SESSION, Unit.COUNT, Frequency.DAILY, _CALENDAR.id)
            data = SeriesData(meta, days, np.ones(len(days)), snapshot="", source=_CALENDAR)
            self._sessions[first, last] = Column(data, 0, len(days))
        return self._sessions[first, last]

    # -- windows ------------------------------------------------------------------------------------

    def check_window(self, window: Window) -> None:
        """Raise BadWindowError if a window is reversed, outside the calendar, or beyond the as-of date."""
        if window.start > window.end or (window.start == window.end and window.base != "open"):
            raise BadWindowError(
                f"The window runs from {window.start} to {window.end}.",
                fix="The start, whose close is the base, comes before the end.",
            )
        if window.end > self.as_of:
            raise BadWindowError(
                f"The window ends on {window.end}, after the as-of date {self.as_of}.",
                fix=f"Choose an end on or before {self.as_of}, or a later --as-of.",
            )
        calendar.count(window.start, window.end)  # refuses dates that the calendar does not know

    # -- making facts -------------------------------------------------------------------------------

    def make(
        self,
        metric: str,
        series: Sequence[str],
        op: str,
        inputs: Sequence[Column | Fact],
        *,
        unit: Unit,
        decimals: int,
        window: Window | None = None,
        params: Mapping[str, Any] | None = None,
        notes: Sequence[str] = (),
    ) -> Fact:
        """Run a recipe and return its fact. Raises MissingDataError where a needed value is unknown."""
        if self._verifiable is not None and op not in self._verifiable:
            raise UnverifiableError(f"The verifier cannot recompute '{op}', so {metric} may not be printed.")
        recipe = Recipe(op, dict(params or {}))
        draft = Fact(
            id="",
            metric=metric,
            series=tuple(series),
            value=0.0,
            unit=unit,
            decimals=decimals,
            display="",
            window=window,
            as_of=self.as_of,
            recipe=recipe,
            inputs=tuple(i.as_input() if isinstance(i, Column) else FactInput(i.id) for i in inputs),
            sources=self._note_sources(inputs),
            notes=tuple(dict.fromkeys([*notes, *_inherited_notes(inputs)])),
        )
        fact_id = fact_identity(draft)
        if fact_id not in self.facts:
            exact = OPS[op](recipe.params, inputs)
            if not math.isfinite(exact):
                raise MissingDataError(f"{metric} of {', '.join(series) or 'these'} has no finite value.")
            value = float(f"{exact:.12g}") + 0.0  # turns -0.0 into 0.0
            display = render(value, unit, "plain", "iso" if unit is Unit.DATE else "short", decimals)
            self.facts[fact_id] = replace(draft, id=fact_id, value=value, display=display)
            self._inputs[fact_id] = tuple(inputs)
        return self.facts[fact_id]

    def _note_sources(self, inputs: Sequence[Column | Fact]) -> tuple[str, ...]:
        ids: set[str] = set()
        for item in inputs:
            if isinstance(item, Fact):
                ids.update(item.sources)
                continue
            ids.update(item.source_ids())
            if item.data.refs is None:
                self.sources[item.data.source.id] = item.data.source
            else:
                self.sources.update({i: self.reader.source(i, item.data.snapshot) for i in item.source_ids()})
        return tuple(sorted(ids))

    def find_source(self, source_id: str) -> Source:
        """Return a publication by id, and remember that it was used. Raises NotAvailableError."""
        if source_id not in self.sources:
            self.sources[source_id] = self.reader.find_source(source_id)
        return self.sources[source_id]

    def inputs_of(self, fact: Fact) -> tuple[Column | Fact, ...]:
        """Return what a fact of this desk was made from."""
        return self._inputs[fact.id]

    def closure(self, facts: Sequence[Fact]) -> list[Fact]:
        """Return the facts with all facts they rest on, in a stable order."""
        seen: dict[str, Fact] = {}

        def visit(fact: Fact) -> None:
            if fact.id in seen:
                return
            for item in self._inputs[fact.id]:
                if isinstance(item, Fact):
                    visit(item)
            seen[fact.id] = fact

        for fact in facts:
            visit(fact)
        return sorted(seen.values(), key=lambda f: f.id)


def lag_note(column: Column, day: date, what: str) -> list[str]:
    """Say in words that the close used is not of the day asked for."""
    used = to_date(column.dates[0])
    if used == day:
        return []
    return [
        f"{what} {render_date(day, 'long')}: the last {column.data.meta.field} of {column.data.meta.series} "
        f"on or before it is of {render_date(used, 'long')}."
    ]


def same_window(facts: Sequence[Fact]) -> Window:
    """Return the window that all facts share; MissingDataError if their closes are of different days."""
    windows = {(f.window.start_used, f.window.end_used, f.window.base) for f in facts if f.window}
    if len(windows) != 1 or facts[0].window is None:
        legs = ", ".join(
            f"{f.series[0]} {f.window.start_used} to {f.window.end_used}"
            for f in facts
            if f.window is not None
        )
        raise MissingDataError(f"The legs have closes of different days: {legs}. Windows are not mixed.")
    return facts[0].window


def _inherited_notes(inputs: Sequence[Column | Fact]) -> list[str]:
    return [note for item in inputs if isinstance(item, Fact) for note in item.notes]


def fact_identity(fact: Fact) -> str:
    """Return the id of a fact: readable in front, and bound to everything but its value behind."""
    body = {k: v for k, v in fact.as_json().items() if k not in ("id", "value", "display")}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    window = f".{fact.window.start:%Y%m%d}-{fact.window.end:%Y%m%d}" if fact.window else ""
    names = "-".join(fact.series[:2]).replace(" ", "_") or "all"
    return f"{fact.metric}.{names}{window}.{hashlib.sha256(text.encode()).hexdigest()[:12]}"
