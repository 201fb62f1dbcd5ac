"""Small parsed files for the tests of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from rotascope.model.findings import Finding
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.model.units import Unit
from rotascope.store.series import ParsedFile, SeriesBlock

NOW = datetime(2026, 2, 2, 12, 30, tzinfo=UTC)
NAN = float("nan")

Rows = dict[str, float]


def block(
    series: str,
    rows: Rows,
    *,
    field: Field = Field.CLOSE,
    source: str = "yahoo",
    refs: Sequence[str] | None = None,
    **meta: Any,
) -> SeriesBlock:
    """Return a block of rows written as {"2026-01-02": 1.0}."""
    shared = {"unit": Unit.USD, "frequency": Frequency.DAILY, **meta}
    return SeriesBlock(
        SeriesMeta(series=series, field=field, source=source, **shared),
        np.array(list(rows), dtype="datetime64[D]"),
        np.array(list(rows.values()), dtype=np.float64),
        None if refs is None else tuple(refs),
    )


def parsed(
    *blocks: SeriesBlock,
    source: Source | str = "yahoo",
    findings: Sequence[Finding] = (),
    references: Sequence[Source] = (),
    reader: str = "test/1",
) -> ParsedFile:
    """Return a parsed file with these blocks."""
    where = Source(id=source, publisher=source.title()) if isinstance(source, str) else source
    rows = sum(len(b) for b in blocks)
    return ParsedFile(where, list(blocks), list(findings), rows, reader, list(references))


def rows_of(data: Any) -> Rows:
    """Return what was read in the form that `block` takes."""
    return {str(d): float(v) for d, v in zip(data.dates, data.values, strict=True)}


def day(text: str) -> date:
    """Return a date."""
    return date.fromisoformat(text)
