"""ro-crate-metadata.json must describe this folder, this report and its sources, and nothing else."""

from __future__ import annotations

import re
import urllib.parse
from typing import Any

from rotascope_verify.document import Document
from rotascope_verify.failures import CheckError, Log, quote
from rotascope_verify.reading import Seal, as_list, as_object, check_keys, get_text

CRATE = "ro-crate-metadata.json"
CRATE_PROFILE = "https://w3id.org/ro/crate/1.2"
CRATE_LICENCE = "https://spdx.org/licenses/Apache-2.0"
CRATE_VERSION = re.compile(r"[0-9]+(\.[0-9]+){1,3}[0-9A-Za-z.+-]*")
CRATE_FILES = {
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
CRATE_DRAWING = ("image/svg+xml", "The drawing of a chart")
CRATE_TERMS = (
    "The program and verify.py are under the Apache License. Observations and quoted figures belong to their "
    "publishers: the conditions that are known stand with each source, and where none stand, none are known. "
    "Nothing here grants rights in them."
)
CRATE_STANDINGS = {
    "database": "Rows of a database that facts were computed from",
    "reported": "A publication whose figures are cited as reported",
}


def crate_link(*names: str) -> Any:
    """Return a reference to an entity of the crate."""
    return {"@id": names[0]}


def crate_links(names: list[str]) -> list[Any]:
    """Return references, sorted by name."""
    return [crate_link(name) for name in sorted(names)]


def crate_id(kind: str, key: str) -> str:
    """Return the id of an entity that is no file."""
    return f"#{kind}-{urllib.parse.quote(key, safe='')}"


def crate_entities(
    report: dict[str, Any], document: Document, files: dict[str, Seal]
) -> list[dict[str, Any]]:
    """Return the entities that the crate must hold, but the program, whose version is free."""
    sources = as_object(report.get("sources"), "sources")
    return [
        {"@id": CRATE, "@type": "CreativeWork", "about": {"@id": "./"}, "conformsTo": {"@id": CRATE_PROFILE}},
        *_works(report, document, sorted(files), sources),
        *(_file_entity(name, seal) for name, seal in files.items()),
        *_source_entities(sources),
        *_things(as_object(report.get("entities"), "entities")),
        {
            "@id": "#writing",
            "@type": "CreateAction",
            "name": "The report was written and verified",
            "instrument": crate_link("#rotascope"),
            "result": crate_link("./"),
        },
        {"@id": "#terms", "@type": "CreativeWork", "name": "Terms", "description": CRATE_TERMS},
        {"@id": CRATE_LICENCE, "@type": "CreativeWork", "name": "Apache License 2.0", "url": CRATE_LICENCE},
    ]


def _works(
    report: dict[str, Any], document: Document, names: list[str], sources: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return the folder as a data set and the article in it."""
    texts = {b.kind: b.inline.text for b in reversed(document.blocks) if b.inline is not None}
    title, day = document.title(), document.days.get("as_of", "")
    about = texts.get("standfirst") or title
    window = f"{document.days.get('window.start', '')}/{document.days.get('window.end', '')}"
    cited = [k for k, s in sources.items() if as_object(s, "a source").get("standing") == "reported"]
    article = {
        "@id": "#article",
        "@type": "ScholarlyArticle",
        "name": title,
        "abstract": about,
        "datePublished": day,
        "keywords": [tag.lstrip("#").replace("_", " ") for tag in texts.get("tags", "").split()],
        "about": crate_links([crate_id("entity", k) for k in as_object(report.get("entities"), "entities")]),
        "encoding": crate_links([n for n in names if n.startswith("report.")]),
        "isBasedOn": crate_links([crate_id("source", k) for k in sources]),
        "citation": crate_links([crate_id("source", k) for k in cited]),
    }
    folder = {
        "@id": "./",
        "@type": "Dataset",
        "name": title,
        "description": about,
        "datePublished": day,
        "temporalCoverage": window,
        "license": crate_link("#terms"),
        "mainEntity": crate_link("#article"),
        "hasPart": crate_links(names),
    }
    return [folder, article]


def _file_entity(name: str, seal: Seal) -> dict[str, Any]:
    media, what = CRATE_FILES.get(name, CRATE_DRAWING)
    licence = {"license": crate_link(CRATE_LICENCE)} if name == "verify.py" else {}
    return {
        "@id": name,
        "@type": "File",
        "name": what,
        "encodingFormat": media,
        "contentSize": str(seal.size),
        "sha256": seal.sha256,
        **licence,
    }


def _source_entities(sources: dict[str, Any]) -> list[dict[str, Any]]:
    out: dict[str, dict[str, Any]] = {}
    for key, value in sources.items():
        source = as_object(value, "a source")
        publisher = get_text(source, "publisher")
        entity = {
            "@id": crate_id("source", key),
            "@type": "CreativeWork",
            "identifier": key,
            "name": source.get("title") or publisher,
            "description": CRATE_STANDINGS.get(get_text(source, "standing"), ""),
            "publisher": crate_link(crate_id("publisher", publisher)),
        }
        for theirs, ours in (
            ("url", "url"),
            ("datePublished", "published"),
            ("sha256", "sha256"),
            ("conditionsOfAccess", "licence"),
        ):
            if source.get(ours):
                entity[theirs] = source[ours]
        out[entity["@id"]] = entity
        name = crate_id("publisher", publisher)
        out[name] = {"@id": name, "@type": "Organization", "name": publisher}
    return list(out.values())


def _things(entities: dict[str, Any]) -> list[dict[str, Any]]:
    out = []
    for key, value in entities.items():
        names = as_list(as_object(value, "an entity").get("names"), "names")
        out.append(
            {
                "@id": crate_id("entity", key),
                "@type": "Thing",
                "name": names[0] if names else "",
                "alternateName": names[1:],
                "identifier": value.get("series"),
            }
        )
    return out


def check_crate(
    crate: Any, report: dict[str, Any], document: Document, files: dict[str, Seal], log: Log
) -> None:
    """Compare the crate with the folder and the report. Failures: crate-shape, crate-differs."""
    obj = as_object(crate, CRATE)
    check_keys(obj, "@context @graph")
    if obj["@context"] != [f"{CRATE_PROFILE}/context", {"sha256": "http://schema.org/sha256"}]:
        raise CheckError("the @context is another")
    graph = [as_object(entity, "an entity") for entity in as_list(obj["@graph"], "@graph")]
    names = [get_text(entity, "@id") for entity in graph]
    if names != sorted(set(names)):
        raise CheckError("the entities are not sorted by @id, or one occurs twice")
    listed = {name: seal for name, seal in files.items() if name not in (CRATE, "manifest.json")}
    want = {entity["@id"]: entity for entity in crate_entities(report, document, listed)}
    got = dict(zip(names, graph, strict=True))
    _check_program(got.pop("#rotascope", {}), log)
    for name in sorted(want.keys() - got.keys()):
        log.add("crate-differs", f"{CRATE}:{quote(name)}", "the crate lacks this entity")
    for name in sorted(got.keys() - want.keys()):
        log.add("crate-differs", f"{CRATE}:{quote(name)}", "there is no such file, source or entity")
    for name in sorted(want.keys() & got.keys()):
        wrong = sorted(
            k for k in want[name].keys() | got[name].keys() if want[name].get(k) != got[name].get(k)
        )
        if wrong:
            log.add("crate-differs", f"{CRATE}:{quote(name)}", f"is wrong about {quote(', '.join(wrong))}")


def _check_program(entity: dict[str, Any], log: Log) -> None:
    with log.guard("crate-differs", f"{CRATE}:#rotascope"):
        check_keys(entity, "@id @type name version")
        if (entity["@type"], entity["name"]) != ("SoftwareApplication", "Rotascope"):
            raise CheckError("is not the program")
        if not CRATE_VERSION.fullmatch(get_text(entity, "version")):
            raise CheckError(f"{quote(entity['version'])} is not a version")
