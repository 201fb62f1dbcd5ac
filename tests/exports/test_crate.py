"""ro-crate-metadata.json: a reader of RO-Crates understands it, and it says nothing that is not so."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from forging import CRATE, codes, dumped, put
from rocrate.rocrate import ROCrate

from rotascope.app.workflows import Draft
from rotascope.model.observations import Standing
from rotascope.report.crate import fragment
from rotascope_verify import verify

Graph = dict[str, dict[str, Any]]


def graph(files: Mapping[str, bytes]) -> Graph:
    return {e["@id"]: e for e in json.loads(files[CRATE])["@graph"]}


def test_a_reader_of_crates_finds_every_file_and_the_article(draft: Draft, tmp_path: Path) -> None:
    crate = ROCrate(put(draft.files, tmp_path / "r"))
    root = crate.root_dataset
    assert root["name"] == draft.document.title
    assert str(root["datePublished"])[:10] == draft.document.as_of.isoformat()
    assert {e.id for e in crate.data_entities} == set(draft.files) - {CRATE, "manifest.json"}
    article = crate.mainEntity
    assert article.type == "ScholarlyArticle"
    assert {e.id for e in article["encoding"]} >= {"report.json", "report.md", "report.html", "report.xhtml"}
    assert len(article["isBasedOn"]) == len(draft.document.sources)
    action = crate.get("#writing")
    assert (action["instrument"]["name"], action["result"].id) == ("Rotascope", "./")
    assert crate.get("verify.py")["license"].id == "https://spdx.org/licenses/Apache-2.0"


def test_every_property_is_a_term_of_the_context(draft: Draft) -> None:
    """The context that ships with the package is that of a later version, which takes no term away."""
    text = (resources.files("rocrate") / "data" / "ro-crate.jsonld").read_text("utf-8")
    terms = json.loads(text)["@context"]
    used = {key for e in graph(draft.files).values() for key in e if not key.startswith("@")}
    kinds = {e["@type"] for e in graph(draft.files).values()}
    assert {name for name in used | kinds if name not in terms} == set()


def test_digests_and_sizes_are_those_of_the_files(draft: Draft) -> None:
    found = graph(draft.files)
    for name in set(draft.files) - {CRATE, "manifest.json"}:
        assert found[name]["sha256"] == hashlib.sha256(draft.files[name]).hexdigest()
        assert int(found[name]["contentSize"]) == len(draft.files[name])
        assert found[name]["encodingFormat"].count("/") == 1
    assert CRATE in json.loads(draft.files["manifest.json"])["files"]


def test_each_source_stands_there_with_address_day_and_terms(draft: Draft) -> None:
    found = graph(draft.files)
    for key, source in draft.document.sources.items():
        entity = found[fragment("source", key)]
        assert entity.get("url", "") == source.url
        assert entity.get("conditionsOfAccess", "") == source.licence
        assert entity.get("datePublished") == (source.published.isoformat() if source.published else None)
        assert found[entity["publisher"]["@id"]]["name"] == source.publisher
    cited = {e["@id"] for e in found["#article"]["citation"]}
    reported = {k for k, s in draft.document.sources.items() if s.standing is Standing.REPORTED}
    assert cited == {fragment("source", k) for k in reported}


def test_there_is_no_clock_in_it(draft: Draft) -> None:
    days = {e["datePublished"] for e in graph(draft.files).values() if e["@id"] in ("./", "#article")}
    assert days == {draft.document.as_of.isoformat()}
    text = draft.files[CRATE].decode()
    assert "dateCreated" not in text
    assert "endTime" not in text


def test_ids_are_references_without_spaces() -> None:
    """Keys of sources hold colons, and may hold anything."""
    assert fragment("source", "file:IWM:4a36") == "#source-file%3AIWM%3A4a36"
    assert fragment("source", "a b/ü#") == "#source-a%20b%2F%C3%BC%23"


FORGERIES: list[tuple[str, Callable[[Graph], object]]] = [
    ("another title", lambda g: g["./"].update(name="Growth beat value")),
    ("another day", lambda g: g["./"].update(datePublished="2026-02-11")),
    ("another window", lambda g: g["./"].update(temporalCoverage="2025-12-30/2026-01-30")),
    ("another abstract", lambda g: g["#article"].update(abstract="Small companies fell.")),
    ("other keywords", lambda g: g["#article"].update(keywords=["crash"])),
    ("a part left out", lambda g: g["./"]["hasPart"].pop()),
    ("a further property", lambda g: g["./"].update(comment="It rose 9%.")),
    ("a property less", lambda g: g["#article"].pop("isBasedOn")),
    ("a wrong media type", lambda g: g["facts.json"].update(encodingFormat="text/plain")),
    ("another licence of the verifier", lambda g: g["verify.py"].update(license={"@id": "#terms"})),
    ("kinder terms", lambda g: g["#terms"].update(description="Public domain.")),
    ("another program", lambda g: g["#rotascope"].update(name="Other")),
    ("a version that is none", lambda g: g["#rotascope"].update(version="newest")),
    ("a source elsewhere", lambda g: source(g).update(url="https://example.com/other")),
    ("a source of another publisher", lambda g: source(g).update(publisher={"@id": "#publisher-x"})),
    ("another name of an entity", lambda g: thing(g).update(name="Gold")),
    ("a file that is not there", lambda g: g.update({"x.csv": {**g["facts.json"], "@id": "x.csv"}})),
    ("a file left out", lambda g: g.pop("facts.json")),
    ("a source left out", lambda g: g.pop(source(g)["@id"])),
]


def source(found: Graph) -> dict[str, Any]:
    return next(e for name, e in found.items() if name.startswith("#source-") and "url" in e)


def thing(found: Graph) -> dict[str, Any]:
    return next(e for name, e in found.items() if name.startswith("#entity-"))


def with_graph(draft: Draft, found: Graph) -> dict[str, bytes]:
    whole = json.loads(draft.files[CRATE])
    whole["@graph"] = sorted(found.values(), key=lambda e: e["@id"])
    return {**draft.files, CRATE: dumped(whole)}


@pytest.mark.parametrize(("what", "forge"), FORGERIES, ids=[what for what, _ in FORGERIES])
def test_a_forged_crate_is_found(
    what: str, forge: Callable[[Graph], object], small: Draft, tmp_path: Path
) -> None:
    found = graph(small.files)
    forge(found)
    whole = {
        **json.loads(small.files[CRATE]),
        "@graph": sorted(found.values(), key=lambda e: e["@id"]),
    }
    assert "crate-differs" in codes({**small.files, CRATE: dumped(whole)}, tmp_path / "r")


CONTEXT = ["https://w3id.org/ro/crate/1.2/context", {"sha256": "http://schema.org/sha256"}]
NO_CRATES: list[Any] = [
    [],
    {},
    {"@context": CONTEXT[0], "@graph": []},
    {"@context": CONTEXT, "@graph": [1]},
    {"@context": CONTEXT, "@graph": [{"@id": "b"}, {"@id": "a"}]},
]


@pytest.mark.parametrize("content", NO_CRATES, ids=str)
def test_what_is_no_crate_is_found(content: Any, small: Draft, tmp_path: Path) -> None:
    folder = put(small.files, tmp_path / "r")
    (folder / CRATE).write_bytes(dumped(content))
    assert "crate-shape" in {f.code for f in verify(folder).failures}


def test_a_digest_that_does_not_fit_is_found(small: Draft, tmp_path: Path) -> None:
    """Someone changes a file and makes only the manifest anew."""
    found = graph(small.files)
    found["report.md"]["sha256"] = "0" * 64
    whole = {
        **json.loads(small.files[CRATE]),
        "@graph": sorted(found.values(), key=lambda e: e["@id"]),
    }
    folder = put({**small.files, CRATE: dumped(whole)}, tmp_path / "r")
    assert "crate-differs" in {f.code for f in verify(folder).failures}


def test_an_untouched_bundle_verifies(draft: Draft, tmp_path: Path) -> None:
    assert codes(draft.files, tmp_path / "r") == []
