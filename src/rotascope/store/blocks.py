"""What is known about a block of values without reading them, and what a block must satisfy to come in."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from rotascope.model.errors import BadInputError
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source, Standing
from rotascope.model.units import Unit
from rotascope.store.series import ParsedFile, SeriesBlock, to_date

SEVERAL = "*"  # the block-level source of rows that come from several publications


@dataclass(frozen=True, slots=True)
class BlockInfo:
    """One line of the catalogue: the values of one series and field in one snapshot or pack.

    `first`, `last`: dates of the first and last row, known or unknown. `rows` counts all of them,
    `unknown_rows` those without a value. `origin` is `store` or `pack:NAME`; `file` is the name of the
    imported file, or the pack's title. `has_refs`: rows name the publications that printed them.
    """

    meta: SeriesMeta
    snapshot: str
    first: date
    last: date
    rows: int
    unknown_rows: int
    quarantined: bool
    standing: Standing
    has_refs: bool
    origin: str
    file: str
    path: Path

    @property
    def series(self) -> str:
        """Return the name of the series."""
        return self.meta.series

    @property
    def field(self) -> Field:
        """Return the field."""
        return self.meta.field

    @property
    def source(self) -> str:
        """Return the id of the source, or `*` where rows name their own."""
        return self.meta.source


def describe(block: SeriesBlock, parsed: ParsedFile, snapshot: str, path: Path, **where: str) -> BlockInfo:
    """Return the catalogue line of a block. `where` gives `origin` and `file`."""
    return BlockInfo(
        meta=block.meta,
        snapshot=snapshot,
        first=to_date(block.dates[0]),
        last=to_date(block.dates[-1]),
        rows=len(block),
        unknown_rows=int(np.isnan(block.values).sum()),
        quarantined=is_quarantined(block.meta, parsed.findings),
        standing=standing_of(block, sources_of(parsed)),
        has_refs=block.refs is not None and any(block.refs),
        path=path,
        origin=where["origin"],
        file=where["file"],
    )


def applies(finding: Finding, meta: SeriesMeta) -> bool:
    """Return whether a finding is about this series and field. One that names neither is about all."""
    return finding.series in ("", meta.series) and finding.field in ("", meta.field)


def is_quarantined(meta: SeriesMeta, findings: Iterable[Finding]) -> bool:
    """Return whether a finding keeps these values from being read unless asked for by name."""
    return any(f.severity is Severity.QUARANTINE and applies(f, meta) for f in findings)


def sources_of(parsed: ParsedFile) -> dict[str, Source]:
    """Return all sources that a parsed file brings, by id."""
    return {s.id: s for s in (*parsed.references, parsed.source)}


def standing_of(block: SeriesBlock, sources: Mapping[str, Source]) -> Standing:
    """Return REPORTED if any source of the block is a publication, else DATABASE."""
    ids = {ref for ref in block.refs or () if ref}
    if block.meta.source != SEVERAL:
        ids.add(block.meta.source)
    reported = any(sources[i].standing is Standing.REPORTED for i in ids)
    return Standing.REPORTED if reported else Standing.DATABASE


def validate(parsed: ParsedFile) -> list[SeriesBlock]:
    """Return the blocks that have rows, sorted by series and field.

    Raises: BadInputError if two blocks share a series and field, dates are not strictly ascending,
    shapes differ, a value is infinite, a source is not given, or a publication has no date.
    """
    sources = sources_of(parsed)
    blocks = sorted((b for b in parsed.blocks if len(b)), key=lambda b: (b.meta.series, b.meta.field))
    for left, right in itertools.pairwise(blocks):
        if (left.meta.series, left.meta.field) == (right.meta.series, right.meta.field):
            raise BadInputError(
                f"{parsed.source.id} gives {right.meta.series} {right.meta.field} twice.",
                fix="Keep one of them, or give them different series names.",
            )
    for block in blocks:
        _check_rows(block)
        _check_sources(block, sources)
    return blocks


def _check_rows(block: SeriesBlock) -> None:
    name = f"{block.meta.series or '(series without a name)'} {block.meta.field}"
    if not block.meta.series:
        raise BadInputError("A series has no name.", fix="Give it one; it is what reports refer to.")
    odd = [text for text in {block.meta.series, *(block.refs or ())} if not text.isprintable()]
    if odd:
        raise BadInputError(
            f"{odd[0]!r} is not a name.", fix="Names are of letters, digits, marks and spaces."
        )
    if block.values.shape != block.dates.shape or block.dates.ndim != 1:
        raise BadInputError(f"{name} has {block.dates.shape} dates and {block.values.shape} values.")
    if block.refs is not None and len(block.refs) != len(block):
        raise BadInputError(f"{name} has {len(block)} rows and {len(block.refs)} row references.")
    if np.isnat(block.dates).any():
        raise BadInputError(f"{name} has a row without a date.", fix="Each row needs a date.")
    steps = np.diff(block.dates.astype("datetime64[D]").astype(np.int64))
    if (steps <= 0).any():
        where = to_date(block.dates[int(np.argmax(steps <= 0)) + 1])
        raise BadInputError(
            f"{name} has dates that do not ascend, or one twice, at {where}.",
            fix="Sort the rows and keep one value for each date.",
        )
    if np.isinf(block.values).any():
        where = to_date(block.dates[int(np.argmax(np.isinf(block.values)))])
        raise BadInputError(
            f"{name} is infinite on {where}.",
            fix="A value is a finite number, or left empty where it is unknown.",
        )


def _check_sources(block: SeriesBlock, sources: Mapping[str, Source]) -> None:
    name = f"{block.meta.series} {block.meta.field}"
    refs = {ref for ref in block.refs or () if ref}
    needed = refs if block.meta.source == SEVERAL else refs | {block.meta.source}
    unknown = sorted(needed - set(sources))
    if unknown or (block.meta.source == SEVERAL and (block.refs is None or not all(block.refs))):
        raise BadInputError(
            f"{name} refers to a source that is not given: {', '.join(unknown) or 'rows without one'}.",
            fix=f"Known sources here: {', '.join(sorted(sources))}.",
        )
    undated = sorted(i for i in needed if _lacks_date(sources[i], block))
    if undated:
        raise BadInputError(
            f"{name} is reported by {', '.join(undated)} on an unknown day.",
            fix="State when the publication appeared; without that no as-of read may use its figures.",
        )


def _lacks_date(source: Source, block: SeriesBlock) -> bool:
    reported = source.standing is Standing.REPORTED and source.published is None
    return reported and (block.refs is not None or block.meta.vintage is None)


def identity(parsed: ParsedFile, blocks: Sequence[SeriesBlock], raw_sha256: str) -> str:
    """Return a digest that is equal for two imports of the same bytes, read in the same way.

    It covers the raw bytes, the reader and its version, and which series, units and attributes came out
    (a reader may take a name from the file's name), but neither vintage nor time of retrieval.
    """
    told = [{**meta_as_json(b.meta), "vintage": None, "retrieved_at": None} for b in blocks]
    return hashlib.sha256(canonical([parsed.reader, raw_sha256, told]).encode()).hexdigest()


def key_of(meta: SeriesMeta) -> tuple[str, str]:
    """Return series and field as plain text."""
    return meta.series, str(meta.field)


def canonical(value: Any) -> str:
    """Return JSON with sorted keys and no spaces: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def meta_as_json(meta: SeriesMeta) -> dict[str, Any]:
    """Return the shared properties of a block as JSON values; dates as ISO 8601."""
    return {
        "series": meta.series,
        "field": str(meta.field),
        "unit": str(meta.unit),
        "frequency": str(meta.frequency),
        "source": meta.source,
        "vintage": meta.vintage.isoformat() if meta.vintage else None,
        "retrieved_at": meta.retrieved_at.isoformat() if meta.retrieved_at else None,
        "attributes": dict(meta.attributes),
    }


def meta_from_json(data: Mapping[str, Any]) -> SeriesMeta:
    """Return what `meta_as_json` wrote."""
    return SeriesMeta(
        series=data["series"],
        field=Field(data["field"]),
        unit=Unit(data["unit"]),
        frequency=Frequency(data["frequency"]),
        source=data["source"],
        vintage=date.fromisoformat(data["vintage"]) if data.get("vintage") else None,
        retrieved_at=datetime.fromisoformat(data["retrieved_at"]) if data.get("retrieved_at") else None,
        attributes=dict(data.get("attributes") or {}),
    )


def source_as_json(source: Source) -> dict[str, Any]:
    """Return a source as JSON values; dates as ISO 8601, unknown ones null."""
    return {
        "id": source.id,
        "publisher": source.publisher,
        "title": source.title,
        "url": source.url,
        "licence": source.licence,
        "published": source.published.isoformat() if source.published else None,
        "retrieved_at": source.retrieved_at.isoformat() if source.retrieved_at else None,
        "sha256": source.sha256,
        "standing": str(source.standing),
    }


def source_from_json(data: Mapping[str, Any]) -> Source:
    """Return what `source_as_json` wrote. Keys other than `id` and `publisher` may be left out."""
    return Source(
        id=data["id"],
        publisher=data["publisher"],
        title=data.get("title", ""),
        url=data.get("url", ""),
        licence=data.get("licence", ""),
        published=date.fromisoformat(data["published"]) if data.get("published") else None,
        retrieved_at=datetime.fromisoformat(data["retrieved_at"]) if data.get("retrieved_at") else None,
        sha256=data.get("sha256", ""),
        standing=Standing(data.get("standing", Standing.DATABASE)),
    )
