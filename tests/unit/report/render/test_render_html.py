"""The page is read back with the standard library's parser and held against the document."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from render_samples import BLOCKS, FACTS, HOSTILE, RUNS, Page, a_document, collapse

from rotascope.model.documents import Block, Inline, Span, Table
from rotascope.report.render import canonical_json, facts_json, render_html
from rotascope.report.render.html import script_safe

ASSETS = Path(__file__).parents[4] / "src/rotascope/report/render/assets"
FORMAT = (Path(__file__).parents[4] / "docs/bundle-format.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def html() -> str:
    return render_html(a_document(), FACTS, RUNS)


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_each_inline_is_there_once_with_its_text(page: Page) -> None:
    expected = {place: collapse(inline.text) for place, inline in a_document().inlines()}
    assert {place: collapse(text) for place, text in page.inlines.items()} == expected


def test_facts_of_each_inline_in_order(page: Page) -> None:
    for place, inline in a_document().inlines():
        assert page.facts[place] == [s.data["ref"] for s in inline.spans if s.kind == "fact"]


def test_nothing_else_is_visible(page: Page) -> None:
    assert page.outside.strip() == ""
    assert not re.search(r"\d", page.chrome)
    assert page.title == "Value's January & <after>"


def test_embedded_json_is_exact(page: Page) -> None:
    assert json.loads(page.scripts["rotascope-facts"]) == json.loads(facts_json(FACTS))
    assert json.loads(page.scripts["rotascope-observations"]) == [
        ["IWD", "close", "usd", "prices", "", "snap", "2025-12-31,98.1\n"],
        ["IWD", "close", "usd", "prices", "", HOSTILE, "2026-01-30,\n"],
    ]
    for name in ("rotascope-facts", "rotascope-observations", "rotascope-context"):
        assert not set(page.scripts[name]) & set("<>&\u2028\u2029")


def test_no_observations_is_an_empty_list() -> None:
    assert json.loads(Page(render_html(a_document(), [], [])).scripts["rotascope-observations"]) == []


def test_page_asks_for_nothing(page: Page) -> None:
    for tag, attributes in page.tags:
        assert tag not in {"img", "iframe", "object", "embed", "base", "form", "video", "audio"}
        assert not {"src", "srcset", "style", "action"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
        href = attributes.get("href", "")
        if href.startswith("http"):
            assert tag == "a" and "noreferrer" in attributes["rel"]
        else:
            assert href == "" or href.startswith("#") or (tag == "link" and href == "data:,")
    assert "url(" not in page.style and "@import" not in page.style
    assert not re.search(r"https?:", page.style)
    assert not re.search(r"\bfetch\(|XMLHttpRequest|import\(|innerHTML|eval\(", page.scripts[""])


def test_policy_allows_only_what_the_page_carries(page: Page) -> None:
    policy = next(a["content"] for t, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    for rule, text in (("style-src", page.style), ("script-src", page.scripts[""])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"


def test_citations_lead_to_their_sources(page: Page) -> None:
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    targets = [a["href"][1:] for t, a in page.tags if a.get("href", "").startswith("#")]
    assert set(targets) <= set(ids)
    blocks = {a["id"]: a.get("data-block") for _, a in page.tags if a.get("id", "").startswith("source-")}
    assert blocks == {"source-0": "b10", "source-1": "s1", "source-2": "s2"}
    assert sum(target == "source-1" for target in targets) == 2  # once in the text, once in the table
    assert sum(target == "source-0" for target in targets) == 1  # the note does not lead to itself


def test_only_web_addresses_become_links(page: Page) -> None:
    links = [a["href"] for t, a in page.tags if t == "a" and not a["href"].startswith("#")]
    assert links == ["https://wire.example/a_b?x=1&y=2"]


def test_numeric_columns_and_signs(page: Page) -> None:
    cells = {a["data-cell"]: a.get("class", "") for _, a in page.tags if "data-cell" in a}
    assert [cells[f"t1.h{c}"] for c in range(4)] == ["", "num", "num", ""]
    assert [cells[f"t1.r1.c{c}"] for c in range(4)] == ["", "num", "num", "short"]
    signs = [a["class"] for _, a in page.tags if "data-fact" in a]
    assert signs == ["fact", "fact", "fact neg", "fact pos", "fact pos"]


def test_structure_for_readers_who_listen(page: Page) -> None:
    tags = [tag for tag, _ in page.tags]
    assert tags.count("main") == tags.count("h1") == tags.count("dialog") == 1
    assert ("html", {"lang": "en"}) in page.tags
    names = {a.get("name"): a.get("content") for t, a in page.tags if t == "meta"}
    assert names["description"] == "Value beat Growth by 6.1 points."
    first_link = next(a for t, a in page.tags if t == "a")
    assert first_link["href"] == "#article" and "data-chrome" in first_link
    scopes = [a["scope"] for t, a in page.tags if t == "th"]
    assert scopes == ["col"] * 4 + ["row"] * 2


def test_same_bytes_each_time(html: str) -> None:
    assert render_html(a_document(), FACTS, RUNS) == html


def test_same_bytes_whatever_the_hash_seed(html: str) -> None:
    code = (
        "import sys; from render_samples import *; from rotascope.report.render import render_html;"
        "sys.stdout.buffer.write(render_html(a_document(), FACTS, RUNS).encode())"
    )
    env = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(Path(__file__).parent)}
    run = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)
    assert run.stdout == html.encode()


def test_importing_the_renderers_loads_no_template_engine() -> None:
    heavy = "('jinja2', 'rich', 'duckdb')"
    code = f"import sys, rotascope.report.render; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"[]\n"


def test_a_document_without_any_block_is_still_a_page() -> None:
    page = Page(render_html(a_document([]), [], []))
    assert page.title == "Fallback title" and page.inlines == {}


def test_block_kinds_that_repeat_lose_nothing() -> None:
    kinds = ("meta", "title", "standfirst", "tags", "note", "item", "paragraph") * 2
    blocks = [Block(f"b{i}", kind, Inline(f"text {i}")) for i, kind in enumerate(kinds)]
    page = Page(render_html(a_document(list(blocks)), [], []))
    assert page.inlines == {b.id: b.inline.text for b in blocks}


@st.composite
def inlines(draw: st.DrawFn) -> Inline:
    """Any text, cut anywhere into spans of any kind."""
    characters = st.one_of(st.sampled_from(HOSTILE), st.characters(exclude_categories=["Cs"]))
    text = draw(st.text(characters, max_size=40))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    spans = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        kind = draw(st.sampled_from(["fact", "date", "name", "claim", "cite", "literal", "source"]))
        ref = draw(st.sampled_from(["gap", "wire", 'a"b<c>&']))
        spans.append(Span(start, end, kind, {"ref": ref, "n": draw(st.integers(0, 3))}))
    return Inline(text, tuple(spans))


@settings(deadline=None, max_examples=150)
@given(st.lists(inlines(), min_size=1, max_size=4), st.data())
def test_any_text_comes_back(texts: list[Inline], data: st.DataObject) -> None:
    kinds = st.sampled_from(
        ["title", "standfirst", "meta", "heading", "paragraph", "item", "note", "source", "tags"]
    )
    blocks: list[Block | Table] = [Block(f"b{i}", data.draw(kinds), text) for i, text in enumerate(texts)]
    blocks.append(Table("t", texts[0], tuple(texts), (tuple(reversed(texts)),)))
    doc = a_document(blocks)
    page = Page(render_html(doc, [], []))
    assert {k: collapse(v) for k, v in page.inlines.items()} == {
        k: collapse(i.text) for k, i in doc.inlines()
    }
    for place, inline in doc.inlines():
        if not any(s.kind == "source" for s in inline.spans):
            assert page.facts[place] == [s.data["ref"] for s in inline.spans if s.kind == "fact"]
    assert page.outside.strip() == ""


@given(
    st.recursive(st.text() | st.none() | st.integers(), lambda v: st.lists(v) | st.dictionaries(st.text(), v))
)
def test_script_safe_keeps_the_meaning(value: object) -> None:
    text = script_safe(canonical_json(value))
    assert json.loads(text) == value
    assert not set(text) & set("<>&\u2028\u2029")


def test_overlapping_spans_are_refused() -> None:
    broken = Inline("abcdef", (Span(0, 3, "fact", {"ref": "x"}), Span(2, 4, "fact", {"ref": "x"})))
    with pytest.raises(ValueError, match=r"span \[2, 4\) does not follow offset 3"):
        render_html(a_document([Block("b1", "paragraph", broken)]), [], [])


def test_the_panel_explains_every_operation_predicate_and_unit() -> None:
    script = (ASSETS / "report.js").read_text(encoding="utf-8")
    operations = re.findall(r"^\| `(\w+)` \|", FORMAT.split("### Operations")[1].split("**eras.**")[0], re.M)
    predicates = re.findall(r"^\| `(\w+)` \|", FORMAT.split("### Claims")[1].split("`tol` is in")[0], re.M)
    units = re.search(r"\| `unit` \| `([\w ]+)` \|", FORMAT)
    assert len(operations) >= 15 and len(predicates) >= 15 and units
    for start, names in (("FORMULAS", operations), ("PREDICATES", predicates), ("UNITS", units[1].split())):
        table = script.split(f"const {start} = {{")[1].split("\n  };")[0]
        known = set(re.findall(r"\b(\w+): ", table))
        assert set(names) <= known, f"{start} does not explain {sorted(set(names) - known)}"


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_contrast_is_enough_to_read(scheme: int) -> None:
    """WCAG 2.2 AA asks for 4.5 to 1 for text."""
    css = (ASSETS / "report.css").read_text(encoding="utf-8")
    roots = re.findall(r":root \{(.*?)\}", css, re.S)
    colour = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", roots[scheme]))
    for ink in ("ink", "muted", "accent", "neg", "pos"):
        for paper in ("paper", "raised", "tint"):
            light, dark = sorted((luminance(colour[ink]), luminance(colour[paper])), reverse=True)
            ratio = (light + 0.05) / (dark + 0.05)
            assert ratio >= 4.5, f"{ink} on {paper}: {ratio:.2f}"


def test_a_fact_with_quotes_in_its_id_stays_one_attribute() -> None:
    inline = Inline("5", (Span(0, 1, "fact", {"ref": '"><script>x'}),))
    page = Page(render_html(a_document([*BLOCKS, Block("z", "paragraph", inline)]), [], []))
    assert page.facts["z"] == ['"><script>x']
