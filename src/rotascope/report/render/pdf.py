"""PDF: the report as an article to hand on; tagged (PDF/UA-1), fit to archive (PDF/A-2a)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, cast
from unicodedata import category

from rotascope.model.documents import Document
from rotascope.model.errors import RotascopeError
from rotascope.model.facts import Fact
from rotascope.report.render.jsonout import facts_json, render_json
from rotascope.report.render.pdf_data import BREAK, NO_SIGN, chart_files, page_data

ASSETS = resources.files("rotascope.report.render") / "assets"
DATA = "data.json"
PROBE = b'#set document(title: "-")\n#set text(lang: "en")\n#text(json("data.json"))'
UNPRINTED = frozenset({"to", "at", "file", "kind"})


class TypesettingError(RotascopeError):
    """A document that cannot be set as a PDF."""


def render_pdf(
    document: Document,
    facts: Sequence[Fact],
    *,
    drawings: Mapping[str, bytes] | None = None,
    digest: str = "",
) -> bytes:
    """Return report.pdf.

    facts: those of facts.json. drawings: SVG of each chart by its name. digest: the sha256 of report.json in
    hex, computed here if it is empty. The same arguments and the same typst give the same bytes: fonts are
    those inside typst, and the only date is the document's as-of date.

    Raises: TypesettingError if a drawing is missing or is no SVG.
    """
    text = render_json(document)
    own = hashlib.sha256(text.encode()).hexdigest()
    return typeset(json.loads(text), json.loads(facts_json(facts)), drawings=drawings, digest=digest or own)


def typeset(
    report: Mapping[str, Any],
    facts: Sequence[Mapping[str, Any]],
    *,
    drawings: Mapping[str, bytes] | None = None,
    digest: str = "",
) -> bytes:
    """Return report.pdf from the content of report.json and of facts.json; otherwise as `render_pdf`."""
    return print_pages(set_pages(report, facts, digest), drawings or {})


@dataclass(frozen=True, slots=True)
class Pages:
    """What the template is given. charts: the file in which it finds the drawing of each chart."""

    data: dict[str, Any]
    charts: Mapping[str, str]


def set_pages(report: Mapping[str, Any], facts: Sequence[Mapping[str, Any]], digest: str = "") -> Pages:
    """Return what needs no drawing yet: the template's data, with NO_SIGN for what nobody can see."""
    return Pages(_each_text(page_data(report, facts, digest), _visible), chart_files(report))


def print_pages(pages: Pages, drawings: Mapping[str, bytes]) -> bytes:
    """Return report.pdf. Nearly all of it is typst's work, during which other threads run.

    Raises: TypesettingError if a drawing is missing or is no SVG.
    """
    files = {"main.typ": (ASSETS / "report.typ").read_bytes()}
    for name, file in pages.charts.items():
        if name not in drawings:
            raise TypesettingError(f"The chart {name} has no drawing.", fix="Leave pdf out of --format.")
        files[file] = drawings[name]
    try:
        return _compile(files | {DATA: _json(pages.data)})
    except TypesettingError:
        printable = _each_text(pages.data, _with_signs)
        if printable == pages.data:
            raise
    return _compile(files | {DATA: _json(printable)})


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()


def _each_text(value: Any, clean: Callable[[str], str]) -> Any:
    """Return the template's data with each printed text made clean."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_each_text(item, clean) for item in value]
    if isinstance(value, dict):
        return {k: item if k in UNPRINTED else _each_text(item, clean) for k, item in value.items()}
    return value


def _visible(text: str) -> str:
    """Return a text with NO_SIGN for what is no sign and no space: that can turn a line around."""
    if text.isprintable():  # the usual case
        return text
    return "".join(c if c == BREAK or c.isspace() or category(c)[0] != "C" else NO_SIGN for c in text)


def _with_signs(text: str) -> str:
    """Return a text with NO_SIGN for what typst's own fonts cannot print."""
    return "".join(c if c == BREAK or _has_sign(c) else NO_SIGN for c in text)


@cache
def _has_sign(character: str) -> bool:
    """Whether typst's own fonts have a character: asked by setting it, for typst offers no other way."""
    if character.isascii() and character.isprintable():
        return True
    try:
        _compile({"main.typ": PROBE, DATA: json.dumps(character).encode()})
    except TypesettingError:
        return False
    return True


def _compile(files: Mapping[str, bytes]) -> bytes:
    """Run typst on files in memory. Raises: TypesettingError with typst's own words."""
    import typst

    try:
        pdf: bytes = typst.compile(
            cast(Any, dict(files)),
            format="pdf",
            ignore_system_fonts=True,
            pdf_standards=["a-2a", "ua-1"],
        )
    except typst.TypstError as error:
        raise TypesettingError(
            f"The PDF cannot be typeset: {error.message}.", fix="Leave pdf out of --format."
        ) from error
    return pdf
