"""A desk over series that a test writes down, for the operations and metrics of the rotation engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import numpy as np

from rotascope.facts.build import Desk
from rotascope.facts.catalogue import find_metric
from rotascope.facts.columns import Column
from rotascope.ingest import calendar
from rotascope.model.errors import NotAvailableError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.model.units import Unit
from rotascope.model.universe import load_universe
from rotascope.store.series import SeriesData

DB = Source("db", "A market database")
DAY = date(2024, 1, 1)


def data(
    name: str,
    values: Sequence[float],
    days: Sequence[date] | None = None,
    *,
    field: Field = Field.CLOSE,
    unit: Unit = Unit.INDEX_LEVEL,
    frequency: Frequency = Frequency.DAILY,
    attributes: Mapping[str, str] = MappingProxyType({}),
) -> SeriesData:
    """Return a series on the days given, or on days that follow one another from 1 January 2024."""
    on = days or [DAY + timedelta(days=i) for i in range(len(values))]
    meta = SeriesMeta(name, field, unit, frequency, DB.id, attributes=attributes)
    return SeriesData(meta, np.array(on, dtype="datetime64[D]"), np.array(values, dtype=float), "s1", DB)


class FakeReader:
    """Holds the series of a test; `as_of` hides later rows, as the real reader does."""

    def __init__(self, held: Sequence[SeriesData]) -> None:
        self.held = {(d.meta.series, d.meta.field): d for d in held}

    def read(
        self,
        series: str,
        field: Field,
        *,
        as_of: date,
        covers: tuple[date, date] | None = None,
        source: str | None = None,
    ) -> SeriesData:
        found = self.held.get((series, field))
        if found is None:
            raise NotAvailableError(f"There is no {field} of {series}.")
        keep = found.dates <= np.datetime64(as_of, "D")
        return SeriesData(found.meta, found.dates[keep], found.values[keep], found.snapshot, found.source)

    def series(self) -> list[str]:
        return sorted({name for name, _ in self.held})

    def source(self, source_id: str, snapshot: str) -> Source:
        return DB

    def find_source(self, source_id: str) -> Source:
        return DB


def desk(*held: SeriesData, as_of: date = date(2030, 1, 1)) -> Desk:
    """Return a desk over these series that refuses no operation."""
    return Desk(FakeReader(held), load_universe("us"), as_of)


def whole(found: SeriesData) -> Column:
    """Return all rows of a series as an input."""
    return Column(found, 0, len(found))


def run(op: str, *inputs: SeriesData | Fact, **params: Any) -> float:
    """Return the value of an operation on whole series."""
    chosen = [i if isinstance(i, Fact) else whole(i) for i in inputs]
    at = desk(*(i for i in inputs if isinstance(i, SeriesData)))
    return at.make(op, (), op, chosen, unit=Unit.RATIO, decimals=2, params=params).value


def facts(at: Desk, values: Sequence[float], unit: Unit = Unit.PERCENT) -> list[Fact]:
    """Return facts with these values."""
    found = [data(f"S{i}", [v], field=Field.VALUE, unit=unit) for i, v in enumerate(values)]
    return [
        at.make("observed", (d.meta.series,), "observed", [whole(d)], unit=unit, decimals=2) for d in found
    ]


def sessions(first: date, last: date) -> list[date]:
    """Return the exchange's sessions as dates."""
    found: list[date] = calendar.sessions(first, last).tolist()
    return found


def ask(at: Desk, metric: str, series: Sequence[str], first: date, last: date, /, **params: Any) -> Fact:
    """Return the fact of a metric."""
    return find_metric(metric).fact(at, tuple(series), Window(first, last), **params)
