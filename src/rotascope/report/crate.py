"""ro-crate-metadata.json: what the folder holds, where it comes from and on whose terms, as an RO-Crate.

docs/bundle-format.md, "ro-crate-metadata.json", says what each entity holds. There is no clock in it: the
date is the one that the report looks from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from rotascope import __version__
from rotascope.model.documents import Block, Document
from rotascope.model.observations import Source, Standing
from rotascope.report.render.jsonout import canonical_json

NAME = "ro-crate-metadata.json"
PROFILE = "https://w3id.org/ro/crate/1.2"
APACHE = "https://spdx.org/licenses/Apache-2.0"
NOT_LISTED = frozenset(
    {NAME, "manifest.json"}
)  # the manifest lists this file: listing it here would be a circle
FILES = {
    "charts.json": ("application/json", "The charts: what each is drawn from"),
    "facts.json": ("application/json", "The facts: each number with its recipe and inputs"),
    "observations.csv": ("text/csv", "The observations: each row that a fact used"),
    "report.html": ("text/html", "The report as a page that shows where each number comes from"),
    "report.json": ("application/json", "The report: text with spans, claims, sources and entities"),
    "report.md": ("text/markdown", "The report as Markdown"),
    "report.pdf": ("application/pdf", "The report for print"),
    "report.xhtml": ("application/xhtml+xml", "The report as Inline XBRL"),
    "rotascope-2026.xsd": ("application/xml", "The taxonomy of the Inline XBRL report"),
    "verify.py": ("text/x-python", "The verifier: recomputes each number, needs Python only"),
}
DRAWING = ("image/svg+xml", "The drawing of a chart")
TERMS = (
    "The program and verify.py are under the Apache License. Observations and quoted figures belong to their "
    "publishers: the conditions that are known stand with each source, and where none stand, none are known. "
    "Nothing here grants rights in them."
)
STANDINGS = {
    Standing.DATABASE: "Rows of a database that facts were computed from",
    Standing.REPORTED: "A publication whose figures are cited as reported",
}

Entity = dict[str, Any]


def crate_json(document: Document, files: Mapping[str, bytes], hashes: Mapping[str, str]) -> str:
    """Return ro-crate-metadata.json for the other files of a bundle, but the manifest.

    `hashes`: the sha256 of each file by its name.
    """
    listed = {name: content for name, content in files.items() if name not in NOT_LISTED}
    graph = [
        {"@id": NAME, "@type": "CreativeWork", "about": _ref("./"), "conformsTo": _ref(PROFILE)},
        _root(document, listed),
        _article(document, listed),
        *(_file(name, content, hashes[name]) for name, content in listed.items()),
        *(_source(key, source) for key, source in document.sources.items()),
        *_publishers(document.sources.values()),
        *_about(document),
        *_program(),
    ]
    context = [f"{PROFILE}/context", {"sha256": "http://schema.org/sha256"}]
    return canonical_json({"@context": context, "@graph": sorted(graph, key=lambda e: e["@id"])})


def _ref(name: str) -> dict[str, str]:
    return {"@id": name}


def _refs(names: Iterable[str]) -> list[dict[str, str]]:
    return [_ref(name) for name in sorted(names)]


def fragment(kind: str, key: str) -> str:
    """Return the id of an entity inside the crate.

    >>> fragment("source", "file:IWM:4a36")
    '#source-file%3AIWM%3A4a36'
    """
    return f"#{kind}-{quote(key, safe='')}"


def _text_of(document: Document, kind: str) -> str:
    blocks = (b for b in document.blocks if isinstance(b, Block) and b.kind == kind)
    return next((b.inline.text for b in blocks), "")


def _root(document: Document, listed: Mapping[str, bytes]) -> Entity:
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": document.title,
        "description": _text_of(document, "standfirst") or document.title,
        "datePublished": document.as_of.isoformat(),
        "temporalCoverage": f"{document.window.start}/{document.window.end}",
        "license": _ref("#terms"),
        "mainEntity": _ref("#article"),
        "hasPart": _refs(listed),
    }


def _article(document: Document, listed: Mapping[str, bytes]) -> Entity:
    reported = [key for key, s in document.sources.items() if s.standing is Standing.REPORTED]
    return {
        "@id": "#article",
        "@type": "ScholarlyArticle",
        "name": document.title,
        "abstract": _text_of(document, "standfirst") or document.title,
        "datePublished": document.as_of.isoformat(),
        "keywords": [t.lstrip("#").replace("_", " ") for t in _text_of(document, "tags").split()],
        "about": _refs(fragment("entity", key) for key in document.entities),
        "encoding": _refs(name for name in listed if name.startswith("report.")),
        "isBasedOn": _refs(fragment("source", key) for key in document.sources),
        "citation": _refs(fragment("source", key) for key in reported),
    }


def _file(name: str, content: bytes, sha256: str) -> Entity:
    media, what = FILES.get(name, DRAWING)
    out = {
        "@id": name,
        "@type": "File",
        "name": what,
        "encodingFormat": media,
        "contentSize": str(len(content)),
        "sha256": sha256,
    }
    return {**out, "license": _ref(APACHE)} if name == "verify.py" else out


def _source(key: str, source: Source) -> Entity:
    known = {
        "url": source.url,
        "datePublished": source.published.isoformat() if source.published else "",
        "sha256": source.sha256,
        "conditionsOfAccess": source.licence,
    }
    return {
        "@id": fragment("source", key),
        "@type": "CreativeWork",
        "identifier": key,
        "name": source.title or source.publisher,
        "description": STANDINGS[source.standing],
        "publisher": _ref(fragment("publisher", source.publisher)),
        **{name: value for name, value in known.items() if value},
    }


def _publishers(sources: Iterable[Source]) -> list[Entity]:
    names = sorted({source.publisher for source in sources})
    return [{"@id": fragment("publisher", n), "@type": "Organization", "name": n} for n in names]


def _about(document: Document) -> list[Entity]:
    return [
        {
            "@id": fragment("entity", key),
            "@type": "Thing",
            "name": entity.names[0],
            "alternateName": list(entity.names[1:]),
            "identifier": entity.series,
        }
        for key, entity in document.entities.items()
    ]


def _program() -> list[Entity]:
    return [
        {"@id": "#rotascope", "@type": "SoftwareApplication", "name": "Rotascope", "version": __version__},
        {
            "@id": "#writing",
            "@type": "CreateAction",
            "name": "The report was written and verified",
            "instrument": _ref("#rotascope"),
            "result": _ref("./"),
        },
        {"@id": "#terms", "@type": "CreativeWork", "name": "Terms", "description": TERMS},
        {"@id": APACHE, "@type": "CreativeWork", "name": "Apache License 2.0", "url": APACHE},
    ]
