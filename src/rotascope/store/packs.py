"""Packs: data that ships with the program, in the same form as a snapshot.

A pack is a folder `NAME/` with `pack.json` (title, sources, blocks, sha256 of the data) and `data.parquet`.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from rotascope.model.errors import BadInputError, StoreError
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import SeriesMeta, Source, Standing
from rotascope.store import columns
from rotascope.store.blocks import (
    SEVERAL,
    BlockInfo,
    describe,
    key_of,
    meta_as_json,
    meta_from_json,
    source_as_json,
    source_from_json,
    sources_of,
    validate,
)
from rotascope.store.home import ensure_folder
from rotascope.store.lake import hash_raw, verify_file
from rotascope.store.series import ParsedFile, SeriesBlock

FORMAT = "rotascope-pack/1"


@dataclass(frozen=True, slots=True)
class Pack:
    """What a pack says of itself. `sha256` is that of its data and serves as its snapshot id."""

    name: str
    title: str
    sha256: str
    sources: Mapping[str, Source]
    blocks: tuple[BlockInfo, ...]
    findings: tuple[Finding, ...]


def load_packs(root: Path) -> list[Pack]:
    """Return the packs in a folder, by name. Folders without `pack.json` are not packs.

    Raises: StoreError if a pack is damaged or of a newer format.
    """
    if not root.is_dir():
        return []
    return [load_pack(path.parent) for path in sorted(root.glob("*/pack.json"))]


def load_pack(folder: Path) -> Pack:
    """Return one pack, after checking that its data have the hash that it states.

    Raises: StoreError if the pack is damaged or of a newer format.
    """
    path = folder / "pack.json"
    try:
        told = json.loads(path.read_text("utf-8"))
        if told["format"] != FORMAT:
            raise StoreError(
                f"{path} has the format {told['format']!r}; this program reads {FORMAT!r}.",
                fix="Upgrade rotascope.",
            )
        pack = Pack(
            name=told["name"],
            title=told["title"],
            sha256=told["sha256"],
            sources={s["id"]: source_from_json(s) for s in told["sources"]},
            blocks=tuple(_block_from_json(b, told, folder / "data.parquet") for b in told["blocks"]),
            findings=tuple(_finding_from_json(f) for f in told["findings"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise columns.damaged(path, f"{type(error).__name__} {error}") from error
    verify_file(folder / "data.parquet", pack.sha256)
    return pack


def write_pack(folder: Path, name: str, title: str, parsed: Sequence[ParsedFile]) -> Pack:
    """Write a pack into its folder and return it. Equal arguments give equal bytes.

    Figures of publications (sources with the standing REPORTED) are put together by series and field,
    each row with a reference to its publication; the block's own source is then `*`.
    Raises: BadInputError if two files give the same series and field (for figures of publications: the
    same date as well), or two sources of one id differ.
    """
    whole = _join(name, title, parsed)
    blocks = validate(whole)
    if not blocks:
        raise BadInputError(f"The pack {name} would have no rows.")
    ensure_folder(folder)
    data = folder / "data.parquet"
    temporary = folder / "data.parquet.tmp"
    engine = columns.connect()
    try:
        columns.write_columns(engine, blocks, temporary, FORMAT)
    finally:
        engine.close()
    digest = hash_raw(temporary)
    infos = [describe(b, whole, digest, data, origin=f"pack:{name}", file=title) for b in blocks]
    used = {s.id: s for s in whole.references}
    told = {
        "format": FORMAT,
        "name": name,
        "title": title,
        "sha256": digest,
        "sources": [source_as_json(used[key]) for key in sorted(used)],
        "blocks": [_block_as_json(b) for b in infos],
        "findings": [_finding_as_json(f) for f in whole.findings],
    }
    text = json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
    described = folder / "pack.json.tmp"
    described.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(data)
    described.replace(folder / "pack.json")
    return load_pack(folder)


def _join(name: str, title: str, parsed: Sequence[ParsedFile]) -> ParsedFile:
    """Return one parsed file with the blocks of all; reported ones are merged by series and field."""
    sources: dict[str, Source] = {}
    plain: list[SeriesBlock] = []
    reported: dict[tuple[str, str], list[SeriesBlock]] = {}
    for one in parsed:
        for source in sources_of(one).values():
            if sources.setdefault(source.id, source) != source:
                raise BadInputError(f"Two sources of the pack {name} have the id {source.id} and differ.")
        for block in one.blocks:
            if one.source.standing is Standing.REPORTED or block.meta.source == SEVERAL:
                reported.setdefault(key_of(block.meta), []).append(_with_refs(block, one.source))
            else:
                plain.append(block)
    return ParsedFile(
        source=Source(id=SEVERAL, publisher="several publications", title=title, standing=Standing.REPORTED),
        blocks=plain + [_merge(blocks) for _, blocks in sorted(reported.items())],
        findings=[f for one in parsed for f in one.findings],
        references=list(sources.values()),
    )


def _with_refs(block: SeriesBlock, source: Source) -> SeriesBlock:
    refs = block.refs or ("",) * len(block)
    return dataclasses.replace(block, refs=tuple(ref or source.id for ref in refs))


def _merge(blocks: Sequence[SeriesBlock]) -> SeriesBlock:
    first = blocks[0].meta
    for block in blocks[1:]:
        meta = block.meta
        if (meta.unit, meta.frequency, meta.vintage) != (first.unit, first.frequency, first.vintage):
            raise BadInputError(
                f"Publications give {first.series} {first.field} in different units, frequencies or vintages."
            )
    dates = np.concatenate([b.dates for b in blocks])
    order = np.argsort(dates, kind="stable")
    refs = [ref for b in blocks for ref in b.refs or ()]
    shared = set(first.attributes.items()).intersection(*(b.meta.attributes.items() for b in blocks))
    return SeriesBlock(
        meta=SeriesMeta(
            series=first.series,
            field=first.field,
            unit=first.unit,
            frequency=first.frequency,
            source=SEVERAL,
            vintage=first.vintage,
            retrieved_at=None,
            attributes=dict(sorted(shared)),
        ),
        dates=dates[order],
        values=np.concatenate([b.values for b in blocks])[order],
        refs=tuple(refs[i] for i in order),
    )


def _block_as_json(block: BlockInfo) -> dict[str, Any]:
    return {
        **meta_as_json(block.meta),
        "first": block.first.isoformat(),
        "last": block.last.isoformat(),
        "rows": block.rows,
        "unknown_rows": block.unknown_rows,
        "quarantined": block.quarantined,
        "standing": str(block.standing),
        "has_refs": block.has_refs,
    }


def _block_from_json(data: Mapping[str, Any], pack: Mapping[str, Any], path: Path) -> BlockInfo:
    return BlockInfo(
        meta=meta_from_json(data),
        snapshot=pack["sha256"],
        first=date.fromisoformat(data["first"]),
        last=date.fromisoformat(data["last"]),
        rows=int(data["rows"]),
        unknown_rows=int(data["unknown_rows"]),
        quarantined=bool(data["quarantined"]),
        standing=Standing(data["standing"]),
        has_refs=bool(data["has_refs"]),
        origin=f"pack:{pack['name']}",
        file=pack["title"],
        path=path,
    )


def _finding_as_json(finding: Finding) -> dict[str, Any]:
    told = dataclasses.asdict(finding)
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in told.items()}


def _finding_from_json(data: Mapping[str, Any]) -> Finding:
    days = {k: date.fromisoformat(data[k]) if data.get(k) else None for k in ("first", "last")}
    return Finding(**{**data, **days, "severity": Severity(data["severity"])})
