"""A bundle on disk: its files, its manifest, and the check of all of it."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path
from typing import Any

from rotascope_verify.charts import CHARTS, DRAWING, check_charts
from rotascope_verify.claims import parse_claims
from rotascope_verify.crate import CRATE, check_crate
from rotascope_verify.document import Document, check_document, parse_document
from rotascope_verify.evaluate import Facts
from rotascope_verify.facts import parse_facts
from rotascope_verify.failures import CheckError, Log, NotABundleError, Report, quote
from rotascope_verify.htmltext import ChartsShown, check_html
from rotascope_verify.markdown import check_markdown
from rotascope_verify.observations import CSV_NAME, Observations, read_observations
from rotascope_verify.pdfcheck import PDF, check_pdf
from rotascope_verify.quotations import check_quotes_used, parse_quotes
from rotascope_verify.reading import Seal, as_object, as_whole, check_keys, get_text, is_canonical, parse_json
from rotascope_verify.related import check_related_items, parse_related
from rotascope_verify.sources import parse_citations, parse_entities, parse_sources
from rotascope_verify.spans import Context
from rotascope_verify.xbrl import XHTML, check_xhtml
from rotascope_verify.xbrl_expect import TAXONOMY

MANIFEST = "manifest.json"
REQUIRED = ("report.json", "facts.json", CSV_NAME, "verify.py")
OPTIONAL = ("report.md", "report.html", PDF, XHTML, TAXONOMY, CRATE)
MAX_BYTES = 1 << 30


def read_files(folder: Path, log: Log) -> tuple[dict[str, bytes], dict[str, Seal]]:
    """Return the content of each known file, and its seal. Only plain files directly in the folder are read.

    Failures: file-unsafe (a link, a folder, a device, too large), file-unknown, file-missing, file-bad.
    """
    out: dict[str, bytes] = {}
    seals: dict[str, Seal] = {}
    for path in sorted(folder.iterdir()):
        name = path.name
        if name not in (MANIFEST, *REQUIRED, *OPTIONAL, CHARTS) and not DRAWING.fullmatch(name):
            log.add("file-unknown", quote(name), "no file of a bundle has this name")
            continue
        with log.guard("file-bad", name):
            info = path.lstat()
            if not stat.S_ISREG(info.st_mode) or info.st_size > MAX_BYTES:
                raise CheckError("is not a plain file of a sane size", "file-unsafe")
            out[name] = path.read_bytes()
            seals[name] = Seal(len(out[name]), hashlib.sha256(out[name]).hexdigest())
    for name in (MANIFEST, *REQUIRED):
        if name not in out:
            log.add("file-missing", name, "the bundle lacks this file")
    return out, seals


def check_manifest(manifest: Any, files: dict[str, Seal], facts: int, rows: int, log: Log) -> None:
    """Compare the manifest with the files and the counts.

    Failures: manifest-shape, file-unlisted, file-missing, hash-differs, count-differs.
    """
    obj = as_object(manifest, MANIFEST)
    check_keys(obj, "format files facts observations bundle")
    if obj["format"] != "rotascope-bundle/1":
        raise CheckError(f"the format is {quote(obj['format'])}, not rotascope-bundle/1")
    listed = as_object(obj["files"], "files")
    for name in sorted(files.keys() - listed.keys() - {MANIFEST}):
        log.add("file-unlisted", name, "is not in the manifest")
    hashes: dict[str, str] = {}
    for name, value in sorted(listed.items()):
        with log.guard("manifest-shape", f"{MANIFEST}:{quote(name)}"):
            entry = as_object(value, "the entry")
            check_keys(entry, "sha256 bytes")
            hashes[name] = get_text(entry, "sha256")
            as_whole(entry["bytes"], "bytes", 0, 1 << 62)
            if name not in files or name == MANIFEST:
                raise CheckError("there is no such file in the bundle", "file-missing")
            if files[name] != (entry["bytes"], hashes[name]):
                raise CheckError("the file has another sha256 or size than listed", "hash-differs")
    total = "".join(f"{name} {hashes[name]}\n" for name in sorted(hashes))
    if hashlib.sha256(total.encode("utf-8", "replace")).hexdigest() != obj["bundle"]:
        log.add("hash-differs", f"{MANIFEST}:bundle", "is not the sha256 over the listed files")
    for key, count in (("facts", facts), ("observations", rows)):
        if isinstance(obj[key], bool) or obj[key] != count:
            log.add("count-differs", f"{MANIFEST}:{key}", f"says {quote(obj[key])}, but there are {count}")


def _text(files: dict[str, bytes], name: str, log: Log) -> str | None:
    if name not in files:
        return None
    try:
        return files[name].decode("utf-8")
    except UnicodeDecodeError as error:
        log.add("encoding-bad", name, f"is not UTF-8 at byte {error.start}")
        return None


def _json(files: dict[str, bytes], name: str, log: Log) -> Any:
    """Return the value of a JSON file, or None. Failures: json-bad, json-form."""
    value = None
    text = _text(files, name, log)
    if text is not None:
        with log.guard("json-bad", name):
            value = parse_json(text)
            if not is_canonical(text, value):
                log.add("json-form", name, "is not written with sorted keys, two spaces and a last newline")
    return value


def verify(path: str | Path) -> Report:
    """Check the bundle in a folder by every rule of docs/bundle-format.md.

    Nothing is written and nothing outside the folder is read. Raises NotABundleError if the path is
    not a folder or holds neither manifest.json nor report.json; whatever else is wrong is a failure.
    """
    folder = Path(path)
    try:
        found = folder.is_dir() and any((folder / n).is_file() for n in (MANIFEST, "report.json"))
    except (OSError, ValueError):
        found = False
    if not found:
        raise NotABundleError(f"{path} is not a folder with a bundle")
    log, out = Log(), Report()
    with log.guard("bundle-bad", str(folder)):
        _check(folder, log, out)
    out.failures = log.failures
    return out


def _observations(files: dict[str, bytes], log: Log) -> Observations:
    """Return the rows, and let go of the bytes of the largest file, which nothing needs again."""
    text = _text(files, CSV_NAME, log) or ""
    files.pop(CSV_NAME, None)
    return read_observations(text, log)


def _check_xbrl(files: dict[str, bytes], raw_facts: Any, document: Document, facts: Facts, log: Log) -> None:
    page, taxonomy = _text(files, XHTML, log), _text(files, TAXONOMY, log)
    if page is not None:
        listed = [f for f in raw_facts if isinstance(f, dict)] if isinstance(raw_facts, list) else []
        raw = {str(f.get("id")): f for f in listed}
        check_xhtml(page, taxonomy, document, facts, raw, log)
    elif taxonomy is not None:
        log.add("xbrl-taxonomy", TAXONOMY, "there is a taxonomy, but no report.xhtml")


def _check(folder: Path, log: Log, out: Report) -> None:
    files, seals = read_files(folder, log)
    raw_facts = _json(files, "facts.json", log)
    raw_report = _json(files, "report.json", log)
    observations = _observations(files, log)
    report: dict[str, Any] = {}
    with log.guard("report-shape", "report.json"):
        report = as_object(raw_report, "the file")
    sources = parse_sources(report.get("sources"), log)
    facts = Facts(parse_facts(raw_facts, log), observations, sources, log)
    series = frozenset(s for fact in facts.stated.values() for s in fact.series)
    entities = parse_entities(report.get("entities"), series, log)
    document = parse_document(report, log)
    context = Context(
        facts=facts,
        claims=parse_claims(report.get("claims"), entities, log),
        entities=entities,
        sources=sources,
        citations=parse_citations(report.get("citations"), sources, log),
        report_days=document.days,
        related=parse_related(report.get("related"), document.days.get("as_of", ""), log),
        quotes=parse_quotes(report.get("quotes"), sources, log),
    )
    check_document(document, context, log)
    check_related_items(document.inlines(), context.related, log)
    quoted = {s.data["ref"] for inline in document.inlines() for s in inline.spans if s.kind == "quote"}
    check_quotes_used(quoted, context.quotes, log)
    drawings = {hit[1]: files[name] for name in files if (hit := DRAWING.fullmatch(name))}
    charts = _json(files, CHARTS, log) if CHARTS in files else None
    check_charts(charts, drawings, document, context, log)
    observations.check_used(log)
    facts.check_report_days(document.days)
    page, text = _text(files, "report.html", log), _text(files, "report.md", log)
    if text is not None:
        check_markdown(text, document, log)
    if page is not None:
        context_data = {key: report.get(key) for key in ("claims", "entities", "sources")}
        shown = ChartsShown({name: _text(files, f"chart-{name}.svg", log) or "" for name in drawings}, charts)
        check_html(page, document, raw_facts, observations.runs, context_data, log, shown)
    _check_xbrl(files, raw_facts, document, facts, log)
    if PDF in files:
        check_pdf(files[PDF], document, report, raw_facts, files.get("report.json", b""), log)
    if CRATE in files:
        with log.guard("crate-shape", CRATE):
            check_crate(_json(files, CRATE, log), report, document, seals, log)
    out.facts = len(raw_facts) if isinstance(raw_facts, list) else 0
    out.observations = observations.count
    out.spans = sum(len(inline.spans) for inline in document.inlines())
    out.claims = len(context.claims)
    if MANIFEST in files:
        manifest = _json(files, MANIFEST, log)
        with log.guard("manifest-shape", MANIFEST):
            check_manifest(manifest, seals, out.facts, out.observations, log)
