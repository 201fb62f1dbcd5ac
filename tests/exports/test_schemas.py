"""The JSON Schemas accept what the program writes and refuse whatever the format forbids structurally."""

from __future__ import annotations

import copy
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from rotascope.app.workflows import Draft
from rotascope.model.errors import UnknownNameError
from rotascope.report.schema import names, schema_text

ROOT = Path(__file__).resolve().parents[2]
Change = Callable[[Any], object]


def validator(name: str) -> Draft202012Validator:
    schema = json.loads(schema_text(name))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


def read(draft: Draft, name: str) -> Any:
    return json.loads(draft.files[f"{name}.json"])


@pytest.mark.parametrize("name", ["report", "facts", "manifest", "charts"])
def test_what_the_program_writes_is_valid(name: str, draft: Draft) -> None:
    errors = [f"{e.json_path}: {e.message}" for e in validator(name).iter_errors(read(draft, name))]
    assert errors == []


def spans(report: Any, kind: str) -> Any:
    texts = [b for b in report["blocks"] if "spans" in b]
    return next(s for b in texts for s in b["spans"] if s["kind"] == kind)


def observed(facts: Any) -> Any:
    return next(i for f in facts for i in f["inputs"] if i["kind"] == "observations")


def params(facts: Any, op: str) -> Any:
    return next(f for f in facts if f["recipe"]["op"] == op)["recipe"]["params"]


def block(report: Any, kind: str) -> Any:
    return next(b for b in report["blocks"] if b["kind"] == kind)


def first(objects: Any) -> Any:
    return next(iter(objects.values()))


def layer(charts: Any) -> Any:
    return first(charts)["spec"]["layer"][0]


def place(charts: Any) -> Any:
    encodings = [e for c in charts.values() for la in c["spec"]["layer"] for e in la["encoding"].values()]
    return next(e for e in encodings if "scale" in e and "axis" in e)


def path_of(charts: Any) -> Any:
    return next(d for c in charts.values() for d in c["datasets"].values() if d["kind"] == "path")


def mixed(charts: Any) -> None:
    column = first(path_of(charts)["columns"])
    column.append(1 if isinstance(column[0], str) else "x")


def half_a_party(report: Any) -> None:
    name = spans(report, "name")
    name["role"] = "subject"
    name.pop("claim", None)


BREAKS: list[tuple[str, str, Change]] = [
    ("facts", "a key more", lambda f: f[0].update(extra=1)),
    ("facts", "a key less", lambda f: f[0].pop("notes")),
    ("facts", "a text for a number", lambda f: f[0].update(value="1")),
    ("facts", "true for a number", lambda f: f[0].update(value=True)),
    ("facts", "an unknown unit", lambda f: f[0].update(unit="euro")),
    ("facts", "an id without a digest", lambda f: f[0].update(id="level.RUT")),
    ("facts", "an impossible month", lambda f: f[0].update(as_of="2026-13-01")),
    ("facts", "an impossible day", lambda f: f[0].update(as_of="2026-02-30")),
    ("facts", "a date with a time", lambda f: f[0].update(as_of="2026-02-10T00:00:00")),
    ("facts", "too many decimals", lambda f: f[0].update(decimals=13)),
    ("facts", "half a decimal", lambda f: f[0].update(decimals=0.5)),
    ("facts", "an unknown base", lambda f: f[0]["window"].update(base="close")),
    ("facts", "a window without end", lambda f: f[0]["window"].pop("end")),
    ("facts", "an unknown operation", lambda f: f[0]["recipe"].update(op="guess")),
    ("facts", "a parameter that no operation has", lambda f: f[0]["recipe"]["params"].update(secret=1)),
    ("facts", "a parameter of another operation", lambda f: params(f, "difference").update(months=3)),
    ("facts", "a whole number as text", lambda f: params(f, "rolling_share").update(months="3")),
    ("facts", "a short digest", lambda f: observed(f).update(sha256="ab")),
    ("facts", "an input without rows", lambda f: observed(f).update(rows=0)),
    ("facts", "an input of no kind", lambda f: observed(f).update(kind="rows")),
    ("facts", "rows and a fact in one", lambda f: observed(f).update(id="x")),
    ("facts", "an object for the list", lambda f: f.append({})),
    ("report", "another format", lambda r: r.update(format="rotascope-report/2")),
    ("report", "a key more", lambda r: r.update(extra=1)),
    ("report", "no claims", lambda r: r.pop("claims")),
    ("report", "no title", lambda r: r["blocks"].remove(block(r, "title"))),
    ("report", "a block of no kind", lambda r: r["blocks"][0].update(kind="aside")),
    ("report", "a level on a paragraph", lambda r: block(r, "paragraph").update(level=2)),
    ("report", "a heading of level 4", lambda r: block(r, "heading").update(level=4)),
    ("report", "a heading without level", lambda r: block(r, "heading").pop("level")),
    ("report", "a span of no kind", lambda r: spans(r, "fact").update(kind="number")),
    ("report", "a span that starts before the text", lambda r: spans(r, "fact").update(start=-1)),
    ("report", "a fact in no form", lambda r: spans(r, "fact").update(form="loud")),
    ("report", "a fact without decimals", lambda r: spans(r, "fact").pop("decimals")),
    ("report", "a date in no style", lambda r: spans(r, "date").update(style="american")),
    ("report", "a name with a role but no claim", half_a_party),
    ("report", "a claim span that says more", lambda r: spans(r, "claim").update(form="plain")),
    ("report", "an unknown predicate", lambda r: r["claims"][0].update(predicate="is_nice")),
    ("report", "a predicate with a stray parameter", lambda r: r["claims"][0]["params"].update(y=1)),
    ("report", "a claim without facts", lambda r: r["claims"][0].update(facts=[])),
    ("report", "an entity without a name", lambda r: first(r["entities"]).update(names=[])),
    ("report", "a source of no standing", lambda r: first(r["sources"]).update(standing="rumour")),
    ("report", "a source without a publisher", lambda r: first(r["sources"]).update(publisher="")),
    ("report", "a citation of two", lambda r: r["citations"].append({"n": 99, "sources": ["a", "b"]})),
    ("charts", "no chart", lambda c: c.clear()),
    ("charts", "a name with a digit", lambda c: c.update(chart9=first(c))),
    ("charts", "data in the spec", lambda c: first(c)["spec"].update(data={"values": [1]})),
    ("charts", "a transform", lambda c: first(c)["spec"].update(transform=[])),
    ("charts", "an expression", lambda c: layer(c)["mark"].update(color={"expr": "1"})),
    ("charts", "an unknown mark", lambda c: layer(c)["mark"].update(type="image")),
    ("charts", "an invisible mark", lambda c: layer(c)["mark"].update(opacity=0)),
    ("charts", "a tooltip", lambda c: layer(c)["encoding"].update(tooltip={"field": "x"})),
    ("charts", "an axis turned round", lambda c: place(c)["scale"].update(reverse=True)),
    ("charts", "a root scale", lambda c: place(c)["scale"].update(type="sqrt")),
    ("charts", "an aggregate", lambda c: place(c).update(aggregate="mean")),
    ("charts", "data from elsewhere", lambda c: layer(c)["data"].update(url="https://example.com")),
    ("charts", "a path by no operation", lambda c: path_of(c).update(op="smoothed")),
    ("charts", "a stray parameter", lambda c: path_of(c)["params"].update(secret=1)),
    ("charts", "a path without inputs", lambda c: path_of(c).update(inputs=[])),
    ("charts", "an empty column", lambda c: first(path_of(c)["columns"]).clear()),
    ("charts", "a column of two kinds", mixed),
    ("manifest", "a file of another name", lambda m: m["files"].update({"x.txt": first(m["files"])})),
    ("manifest", "no verifier", lambda m: m["files"].pop("verify.py")),
    ("manifest", "the page without its taxonomy", lambda m: m["files"].pop("rotascope-2026.xsd")),
    ("manifest", "a negative size", lambda m: m["files"]["facts.json"].update(bytes=-1)),
    ("manifest", "a count as text", lambda m: m.update(facts="3")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "what", "change"), BREAKS, ids=[f"{n}: {w}" for n, w, _ in BREAKS])
def test_what_the_format_forbids_is_refused(
    name: str, what: str, change: Change, from_the_wheel: Draft
) -> None:
    content = copy.deepcopy(read(from_the_wheel, name))
    change(content)
    assert not validator(name).is_valid(content), what


def test_every_missing_and_every_further_key_is_refused(from_the_wheel: Draft) -> None:
    """Walk through all objects of a report: none has a key too many or too few."""
    free = {
        "",
        "params",
        "entities",
        "sources",
        "datasets",
        "columns",
        "bindings",
    }  # what they hold is named by the report itself
    for name in ("report", "facts", "manifest", "charts"):
        check, content = validator(name), read(from_the_wheel, name)
        for where, obj in list(objects(content, ""))[::29]:
            if not free & {where.rpartition("/")[2]} and not where.endswith("/files"):
                obj["surplus"] = 1
                assert not check.is_valid(content), where
                del obj["surplus"]
        assert check.is_valid(content)


def objects(value: Any, where: str) -> Any:
    if isinstance(value, dict):
        yield where, value
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from objects(part, f"{where}/{key}")


def test_an_unknown_schema_is_named_with_those_that_exist() -> None:
    with pytest.raises(UnknownNameError, match="charts, facts, manifest, report"):
        schema_text("prices")
    assert schema_text("facts.json") == schema_text("facts")
    assert set(names()) == {"charts", "facts", "manifest", "report"}


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_schemas", ROOT / "tools" / "make_schemas.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_files_are_up_to_date(tool: ModuleType) -> None:
    """`make docs` writes them."""
    assert [p.name for p, make in tool.FILES.items() if p.read_text("utf-8") != make()] == []


def test_a_stale_file_is_noticed_and_written(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.json"
    path.write_text("old", "utf-8")
    monkeypatch.setattr(tool, "FILES", {path: lambda: "new"})
    assert tool.main(["--check"]) == 1
    assert path.read_text("utf-8") == "old"
    assert (tool.main([]), tool.main(["--check"]), path.read_text("utf-8")) == (0, 0, "new")
