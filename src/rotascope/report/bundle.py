"""The bundle: a folder that a stranger can check offline."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rotascope.facts.build import Desk
from rotascope.facts.columns import Column
from rotascope.model.documents import Document
from rotascope.model.errors import BadInputError, MissingDataError
from rotascope.model.facts import Fact
from rotascope.report import crate
from rotascope.report.charts.data import columns_drawn
from rotascope.report.charts.draw import drawings
from rotascope.report.render import (
    charts_json,
    facts_json,
    render_html,
    render_json,
    render_markdown,
    render_pdf,
)
from rotascope.report.render.ixbrl import render_ixbrl
from rotascope.report.render.xbrl_taxonomy import FILE as TAXONOMY_FILE
from rotascope.report.render.xbrl_taxonomy import taxonomy
from rotascope.store.series import SeriesData

HEADER = ("series", "field", "date", "value", "unit", "source", "vintage", "snapshot")
BoolArray = npt.NDArray[np.bool_]
Row = tuple[str, str, str, str, str, str, str, str]
_DRAWING = re.compile(r"chart-[a-z-]+\.svg")
_DAY = 10  # characters of a date
FORMATS = ("markdown", "html", "json", "pdf", "ixbrl")
MANIFEST_FORMAT = "rotascope-bundle/1"
BUNDLE_FILES = frozenset(
    [
        "report.json",
        "facts.json",
        "charts.json",
        "observations.csv",
        "verify.py",
        "report.md",
        "report.html",
        "report.pdf",
        "report.xhtml",
        TAXONOMY_FILE,
        crate.NAME,
        "manifest.json",
    ]
)


def observation_rows(desk: Desk, facts: Sequence[Fact], drawn: Sequence[Column] = ()) -> list[Row]:
    """Return each row that the facts and the charts used, once, sorted by series, field and date."""
    rows: dict[tuple[str, str, str], Row] = {}
    inputs = [item for fact in facts for item in desk.inputs_of(fact) if isinstance(item, Column)]
    for data, used in _used([*inputs, *drawn]):
        for row in _rows_of(data, used):
            if rows.setdefault(row[:3], row) != row:
                raise MissingDataError(f"{' '.join(row[:3])} comes from two snapshots in one report.")
    return [rows[key] for key in sorted(rows)]


def _used(columns: Sequence[Column]) -> list[tuple[SeriesData, BoolArray]]:
    """Return each series read, and which of its rows some column has."""
    used: dict[tuple[str, str, str], tuple[SeriesData, BoolArray]] = {}
    for item in columns:
        meta, data = item.data.meta, item.data
        # the calendar's column is made anew for each fact, so it may be of any length
        key = (meta.series, str(meta.field), f"{data.snapshot}:{len(data)}:{data.dates[0]}")
        _, mask = used.setdefault(key, (data, np.zeros(len(data), dtype=np.bool_)))
        mask[item.lo : item.hi] = True
    return list(used.values())


def _rows_of(data: SeriesData, used: BoolArray) -> list[Row]:
    meta = data.meta
    series, name, unit = meta.series, str(meta.field), str(meta.unit)
    vintage = meta.vintage.isoformat() if meta.vintage else ""
    lines = data.lines(0, len(data))
    where = np.flatnonzero(used).tolist()
    refs = data.refs
    return [
        (
            series,
            name,
            lines[i][:_DAY],
            lines[i][_DAY + 1 : -1],
            unit,
            data.source.id if refs is None else refs[i],
            vintage,
            data.snapshot,
        )
        for i in where
    ]


def observations_csv(rows: Sequence[Row]) -> str:
    """Return observations.csv."""
    out = [_csv(HEADER) + "\n"]
    for (series, name, *rest), run in groupby(rows, key=lambda row: (row[0], row[1], *row[4:])):
        head, tail = _csv((series, name)), _csv(rest)
        out += [f"{head},{row[2]},{row[3]},{tail}\n" for row in run]
    return "".join(out)


def _csv(fields: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(fields)
    return out.getvalue()


def bundle_files(
    desk: Desk, document: Document, used: Sequence[Fact], verifier: str, formats: Sequence[str]
) -> dict[str, bytes]:
    """Return the files of the bundle by name; the same inputs give the same bytes."""
    facts = desk.closure(used)
    with ThreadPoolExecutor(max_workers=1) as beside:  # drawn and typeset beside the rest
        drawing = beside.submit(drawings, document)
        typesetting = beside.submit(
            lambda: render_pdf(document, facts, drawings=drawing.result()) if "pdf" in formats else b""
        )
        rows = observation_rows(desk, facts, columns_drawn(desk, document))
        texts = _texts(document, facts, rows, formats) | {"verify.py": verifier}
        drawn = drawing.result()
        if "html" in formats:
            texts["report.html"] = render_html(document, facts, rows, drawn)
        files = {name: text.encode() for name, text in sorted(texts.items())}
        files |= {f"chart-{name}.svg": content for name, content in drawn.items()}
        if "pdf" in formats:
            files["report.pdf"] = typesetting.result()
    files[crate.NAME] = crate.crate_json(document, files).encode()
    files["manifest.json"] = manifest(files, len(facts), len(rows))
    return files


def _texts(
    document: Document, facts: Sequence[Fact], rows: Sequence[Row], formats: Sequence[str]
) -> dict[str, str]:
    """Return the files that need no drawing, by name."""
    texts = {
        "report.json": render_json(document),
        "facts.json": facts_json(facts),
        "observations.csv": observations_csv(rows),
    }
    if document.charts:
        texts["charts.json"] = charts_json(document.charts)
    if "markdown" in formats:
        texts["report.md"] = render_markdown(document)
    if "ixbrl" in formats:
        texts |= {"report.xhtml": render_ixbrl(document, facts), TAXONOMY_FILE: taxonomy()}
    return texts


def manifest(files: dict[str, bytes], facts: int, observations: int) -> bytes:
    """Return manifest.json for the other files."""
    listed = {n: {"sha256": hashlib.sha256(b).hexdigest(), "bytes": len(b)} for n, b in sorted(files.items())}
    lines = "".join(f"{name} {entry['sha256']}\n" for name, entry in listed.items())
    content = {
        "format": MANIFEST_FORMAT,
        "files": listed,
        "facts": facts,
        "observations": observations,
        "bundle": hashlib.sha256(lines.encode()).hexdigest(),
    }
    return (json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def write_bundle(files: dict[str, bytes], folder: Path) -> None:
    """Put the files into a folder, all or none. An older bundle there is replaced; other folders are refused.

    Whatever goes wrong, the older bundle stays as it was.

    Raises: BadInputError if the path is a file, lies under one, or is a folder with anything but a bundle.
    """
    folder = folder.resolve()
    _refuse_others(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as scratch:
            fresh = Path(scratch) / "new"
            fresh.mkdir()
            for name, content in files.items():
                (fresh / name).write_bytes(content)
            _put_in_place(fresh, folder, Path(scratch) / "old")
    except OSError as error:
        raise BadInputError(
            f"{folder} cannot be written: {error.strerror or error}.", fix="Choose another folder with --out."
        ) from error


def _refuse_others(folder: Path) -> None:
    """Raise BadInputError unless a path is free, an empty folder, or a bundle with nothing beside it."""
    fix = "Choose an empty or new folder with --out."
    if folder.exists() and not folder.is_dir():
        raise BadInputError(f"{folder} is a file.", fix=fix)
    inside = sorted(p.name for p in folder.iterdir()) if folder.exists() else []
    if not inside:
        return
    if not _is_manifest(folder / "manifest.json"):
        raise BadInputError(f"{folder} exists and is not a report.", fix=fix)
    if strange := [n for n in inside if n not in BUNDLE_FILES and not _DRAWING.fullmatch(n)]:
        raise BadInputError(f"{folder} holds {strange[0]}, which is no part of a report.", fix=fix)


def _is_manifest(path: Path) -> bool:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("format") == MANIFEST_FORMAT


def _put_in_place(fresh: Path, folder: Path, old: Path) -> None:
    """Move a finished folder to its place; if that fails, what was there comes back."""
    if not folder.exists():
        fresh.replace(folder)
        return
    folder.replace(old)
    try:
        fresh.replace(folder)
    except BaseException:
        if not folder.exists():
            old.replace(folder)
        raise
