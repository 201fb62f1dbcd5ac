"""Workflows of the market database: import files, look at what is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rotascope.app import wiring
from rotascope.app.settings import Settings
from rotascope.facts.freshness import Freshness, freshness
from rotascope.ingest.importer import (
    ImportOptions,
    ImportProgress,
    ImportReport,
    finding_as_json,
    import_paths,
)
from rotascope.ingest.readers.base import ReadOptions
from rotascope.model.findings import Finding
from rotascope.model.observations import Field
from rotascope.store.blocks import BlockInfo, applies
from rotascope.store.check import check
from rotascope.store.series import SeriesData


@dataclass(frozen=True, slots=True)
class SeriesStatus:
    """One series and field in one snapshot: what it is, how fresh, and what was found in it."""

    block: BlockInfo
    publisher: str
    freshness: Freshness
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the status as JSON values."""
        b = self.block
        return {
            "series": b.series,
            "field": str(b.field),
            "unit": str(b.meta.unit),
            "frequency": str(b.meta.frequency),
            "first": b.first.isoformat(),
            "last": b.last.isoformat(),
            "rows": b.rows,
            "unknown_rows": b.unknown_rows,
            "quarantined": b.quarantined,
            "standing": str(b.standing),
            "source": b.source,
            "publisher": self.publisher,
            "vintage": b.meta.vintage.isoformat() if b.meta.vintage else None,
            "retrieved_at": b.meta.retrieved_at.isoformat() if b.meta.retrieved_at else None,
            "snapshot": b.snapshot,
            "file": b.file,
            "freshness": self.freshness.state,
            "due": self.freshness.due.isoformat() if self.freshness.due else None,
            "findings": [finding_as_json(f) for f in self.findings],
        }


def import_files(
    settings: Settings,
    paths: Sequence[Path],
    *,
    day: date | None = None,
    progress: Callable[[ImportProgress], None] | None = None,
) -> ImportReport:
    """Import files and folders in one step."""
    with wiring.open_store(settings) as store:
        options = ImportOptions(ReadOptions(date=day))
        return import_paths(paths, store=store, clock=wiring.now, progress=progress, options=options)


def status(settings: Settings, series: str | None = None) -> list[SeriesStatus]:
    """Return all that is in the database, or all about one series."""
    today = wiring.today()
    with wiring.open_reader(settings) as reader:
        found = reader.blocks(series)
        if series is not None and not found:
            reader.read(series, Field.CLOSE, as_of=today)  # raises the error that names what is near
        concerned: dict[str, list[Finding]] = {}
        for block in found:
            if block.snapshot not in concerned:
                concerned[block.snapshot] = reader.findings(block.snapshot)
        return [
            SeriesStatus(
                block,
                reader.source(block.source, block.snapshot).publisher,
                freshness(block.meta.frequency, block.last, today),
                tuple(f for f in concerned[block.snapshot] if applies(f, block.meta)),
            )
            for block in found
        ]


def show(
    settings: Settings,
    series: str,
    field: Field | None,
    *,
    start: date | None,
    end: date | None,
    as_of: date | None,
    source: str | None,
) -> SeriesData:
    """Return the rows of a series as known on a date."""
    with wiring.open_reader(settings) as reader:
        chosen = field or _main_field(reader.blocks(series))
        return reader.read(series, chosen, as_of=as_of or wiring.today(), start=start, end=end, source=source)


def _main_field(blocks: Sequence[BlockInfo]) -> Field:
    """Return the field people mean when they name none: the close, or else the first there is."""
    fields = {b.field for b in blocks}
    for field in (Field.CLOSE, Field.VALUE, Field.ADJUSTED_CLOSE, Field.FLOW):
        if field in fields:
            return field
    return min(fields) if fields else Field.CLOSE


def check_store(settings: Settings) -> list[Finding]:
    """Hold every snapshot against the catalogue."""
    with wiring.open_store(settings) as store:
        return check(store)
