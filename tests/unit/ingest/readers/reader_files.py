"""Small helpers: read a text as if it were a file, and look at what came out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from rotascope.ingest.readers import ReadOptions, recognise
from rotascope.model.observations import Field, SeriesMeta
from rotascope.store.blocks import validate
from rotascope.store.series import ParsedFile

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)


def read(name: str, content: str | bytes, *, day: date | None = None, now: datetime = NOW) -> ParsedFile:
    """Recognise and read a file, and check that the store would take what came out."""
    data = content.encode() if isinstance(content, str) else content
    reader = recognise(Path(name), data)
    assert reader is not None, f"{name} was not recognised"
    parsed = reader.read(Path(name), data, retrieved_at=now, options=ReadOptions(date=day))
    validate(parsed)
    return parsed


def rows(parsed: ParsedFile, series: str, field: Field | str = Field.VALUE) -> dict[str, float | None]:
    """Return the rows of one series and field by date; an unknown value is None."""
    for block in parsed.blocks:
        if (block.meta.series, block.meta.field) == (series, Field(field)):
            return {
                str(day): None if np.isnan(value) else float(value)
                for day, value in zip(block.dates, block.values, strict=True)
            }
    raise AssertionError(f"no {series} {field} in {sorted(keys(parsed))}")


def meta(parsed: ParsedFile, series: str, field: Field | str = Field.VALUE) -> SeriesMeta:
    """Return the properties of one series and field."""
    return next(b.meta for b in parsed.blocks if (b.meta.series, b.meta.field) == (series, Field(field)))


def keys(parsed: ParsedFile) -> set[tuple[str, str]]:
    """Return all pairs of series and field."""
    return {(b.meta.series, str(b.meta.field)) for b in parsed.blocks}


def findings(parsed: ParsedFile) -> Mapping[str, list[int | None]]:
    """Return the rows that findings name, by code."""
    out: dict[str, list[int | None]] = {}
    for finding in parsed.findings:
        out.setdefault(finding.code, []).append(finding.row)
    return out
