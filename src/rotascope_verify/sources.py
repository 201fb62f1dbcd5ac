"""Sources and citations of a report, and the entities that its text names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rotascope_verify.failures import CheckError, Log, quote
from rotascope_verify.reading import as_list, as_object, as_whole, check_keys, get_text, get_texts, is_day

SOURCE_KEYS = "publisher title url licence published retrieved_at sha256 standing"
MAX_CITATION = 100_000


@dataclass(frozen=True, slots=True)
class Source:
    """Where values come from. `published` is YYYY-MM-DD or empty."""

    publisher: str
    title: str
    url: str
    published: str
    standing: str
    sha256: str = ""

    def citation(self, n: int) -> str:
        """Return the text of a source block; what is empty is left out."""
        title = f', "{self.title}"' if self.title else ""
        published = f", {self.published}" if self.published else ""
        url = f" {self.url}" if self.url else ""
        return f"[{n}] {self.publisher}{title}{published}.{url}"


@dataclass(frozen=True, slots=True)
class Entity:
    """Something with names, tied to the series that stands for it."""

    names: tuple[str, ...]
    series: str


def _parse_source(value: Any) -> Source:
    obj = as_object(value, "a source")
    check_keys(obj, SOURCE_KEYS)
    for key in ("licence", "retrieved_at", "sha256"):
        get_text(obj, key, empty=True)
    out = Source(
        publisher=get_text(obj, "publisher"),
        title=get_text(obj, "title", empty=True),
        url=get_text(obj, "url", empty=True),
        published=get_text(obj, "published", empty=True),
        standing=get_text(obj, "standing"),
        sha256=get_text(obj, "sha256", empty=True),
    )
    if out.published and not is_day(out.published):
        raise CheckError(f"published is {quote(out.published)}, not a date YYYY-MM-DD")
    if out.standing not in ("database", "reported"):
        raise CheckError(f"standing is {quote(out.standing)}, not database or reported")
    return out


def parse_sources(raw: Any, log: Log) -> dict[str, Source]:
    """Return the sources by key. Failures: source-shape."""
    out: dict[str, Source] = {}
    with log.guard("source-shape", "sources"):
        for key, value in as_object(raw, "sources").items():
            with log.guard("source-shape", f"source:{key}"):
                out[key] = _parse_source(value)
    return out


def parse_citations(raw: Any, sources: dict[str, Source], log: Log) -> dict[int, tuple[str, ...]]:
    """Return the keys of sources by citation number. Failures: citation-shape, citation-bad."""
    out: dict[int, tuple[str, ...]] = {}
    with log.guard("citation-shape", "citations"):
        for i, item in enumerate(as_list(raw, "citations")):
            with log.guard("citation-shape", f"citations[{i}]"):
                obj = as_object(item, "a citation")
                check_keys(obj, "n sources")
                n = as_whole(obj["n"], "n", 0, MAX_CITATION)
                keys = get_texts(obj, "sources")
                if n in out:
                    raise CheckError(f"the number {n} occurs twice", "citation-bad")
                out[n] = keys
                _check_citation(n, keys, sources)
    return out


def _check_citation(n: int, keys: tuple[str, ...], sources: dict[str, Source]) -> None:
    if missing := sorted(set(keys) - sources.keys()):
        raise CheckError(f"there are no sources {quote(', '.join(missing))}", "citation-bad")
    if len(set(keys)) != len(keys):
        raise CheckError("a source occurs twice", "citation-bad")
    standings = {sources[key].standing for key in keys}
    if n == 0 and standings - {"database"}:
        raise CheckError("number 0 holds sources of standing database only", "citation-bad")
    if n > 0 and (len(keys) != 1 or standings != {"reported"}):
        raise CheckError("a number above 0 holds one source of standing reported", "citation-bad")


def parse_entities(raw: Any, fact_series: frozenset[str], log: Log) -> dict[str, Entity]:
    """Return the entities by id. Failures: entity-shape, entity-series."""
    out: dict[str, Entity] = {}
    with log.guard("entity-shape", "entities"):
        for key, value in as_object(raw, "entities").items():
            with log.guard("entity-shape", f"entity:{key}"):
                obj = as_object(value, "an entity")
                check_keys(obj, "names series note")
                get_text(obj, "note", empty=True)
                names = get_texts(obj, "names")
                if not names or not all(n.strip() for n in names) or len(set(names)) != len(names):
                    raise CheckError("names must be one or more different texts, none of them empty")
                out[key] = Entity(names, get_text(obj, "series"))
                if out[key].series not in fact_series:
                    raise CheckError(f"{quote(out[key].series)} is not the series of a fact", "entity-series")
    return out
