"""The bundle: a folder that a stranger can check offline."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from rotascope.facts.build import Desk
from rotascope.model.documents import Document
from rotascope.model.errors import BadInputError
from rotascope.model.facts import Fact
from rotascope.report import crate
from rotascope.report.charts.data import columns_drawn
from rotascope.report.charts.draw import Drawings, done
from rotascope.report.observed import Run, observation_runs, observations_csv
from rotascope.report.render import (
    charts_json,
    facts_json,
    render_html,
    render_json,
    render_markdown,
)
from rotascope.report.render.ixbrl import render_ixbrl
from rotascope.report.render.pdf import print_pages, set_pages
from rotascope.report.render.xbrl_taxonomy import FILE as TAXONOMY_FILE
from rotascope.report.render.xbrl_taxonomy import taxonomy

_DRAWING = re.compile(r"chart-[a-z-]+\.svg")
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


def bundle_files(
    desk: Desk,
    document: Document,
    used: Sequence[Fact],
    verifier: str,
    formats: Sequence[str],
    *,
    begun: Drawings | None = None,
) -> dict[str, bytes]:
    """Return the files of the bundle by name; the same inputs give the same bytes.

    `begun`: drawings that were begun while the article was written. Drawing and typesetting go on beside the
    rest, and take longer than all of it; so they start first, and the hashes wait for nothing.
    """
    facts = desk.closure(used)
    with ThreadPoolExecutor(max_workers=1) as beside, begun or Drawings() as drawings:
        drawing = drawings.of(document)
        report, evidence = render_json(document), facts_json(facts)
        typesetting = _typesetting(beside, report, evidence, drawing) if "pdf" in formats else None
        runs = observation_runs(desk, facts, columns_drawn(desk, document))
        texts = {"report.json": report, "facts.json": evidence, "verify.py": verifier}
        texts |= _texts(document, facts, runs, formats)
        drawn = done(drawing)
        if "html" in formats:
            texts["report.html"] = render_html(document, facts, runs, drawn)
        files = {name: text.encode() for name, text in sorted(texts.items())}
        files |= {f"chart-{name}.svg": content for name, content in drawn.items()}
        hashes = _hashes(files)
        if typesetting is not None:
            files["report.pdf"] = typesetting.result()
    hashes |= _hashes({name: content for name, content in files.items() if name not in hashes})
    files[crate.NAME] = crate.crate_json(document, files, hashes).encode()
    files["manifest.json"] = manifest(files, len(facts), sum(map(len, runs)), hashes)
    return files


def _typesetting(
    beside: ThreadPoolExecutor, report: str, facts: str, drawing: Mapping[str, Future[bytes]]
) -> Future[bytes]:
    """Start to typeset report.pdf from the texts of report.json and facts.json."""
    digest = hashlib.sha256(report.encode()).hexdigest()
    pages = set_pages(json.loads(report), json.loads(facts), digest)  # here, where nothing slows it down
    return beside.submit(lambda: print_pages(pages, done(drawing)))


def _texts(
    document: Document, facts: Sequence[Fact], runs: Sequence[Run], formats: Sequence[str]
) -> dict[str, str]:
    """Return the files that need no drawing, by name."""
    texts = {"observations.csv": observations_csv(runs)}
    if document.charts:
        texts["charts.json"] = charts_json(document.charts)
    if "markdown" in formats:
        texts["report.md"] = render_markdown(document)
    if "ixbrl" in formats:
        texts |= {"report.xhtml": render_ixbrl(document, facts), TAXONOMY_FILE: taxonomy()}
    return texts


def manifest(
    files: Mapping[str, bytes], facts: int, observations: int, hashes: Mapping[str, str] | None = None
) -> bytes:
    """Return manifest.json for the other files. `hashes`: the sha256 of those whose hash is known already."""
    known = {**_hashes({n: b for n, b in files.items() if n not in (hashes or {})}), **(hashes or {})}
    listed = {name: {"sha256": known[name], "bytes": len(files[name])} for name in sorted(files)}
    lines = "".join(f"{name} {entry['sha256']}\n" for name, entry in listed.items())
    content = {
        "format": MANIFEST_FORMAT,
        "files": listed,
        "facts": facts,
        "observations": observations,
        "bundle": hashlib.sha256(lines.encode()).hexdigest(),
    }
    return (json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


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
