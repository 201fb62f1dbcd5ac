"""report.pdf: its text read back by another program, its tags, its links, its bytes."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any

import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from render_samples import AS_OF, BLOCKS, FACTS, a_document, a_fact, source_block, tagged

from rotascope.facts.catalogue import load_metrics
from rotascope.model.documents import Block, Chart, Inline, Table
from rotascope.model.facts import Fact, FactInput, Recipe
from rotascope.report.render import render_pdf
from rotascope.report.render.pdf import TypesettingError
from rotascope.report.render.pdf_data import NO_SIGN, breakable
from rotascope.report.render.pdf_words import explanation

OTHER = replace(a_fact("other", 1234.5678), inputs=(a_fact("x", 1.0).inputs[0],), notes=())
PRINTED = [replace(f, notes=("Two days are unknown.",)) for f in FACTS]
ALL = [*PRINTED, OTHER]
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="640" height="300" viewBox="0 0 640 300">'
    b'<rect x="40" y="20" width="500" height="200" fill="#0072b2"/>'
    b'<text x="10" y="280" font-family="sans-serif" font-size="15">31 Jan</text></svg>'
)
CHART = Chart(
    "c1", "lines", Inline("Two lines"), tagged("Value is at 6.1 points.", gap=("fact", "6.1 points"))
)


def squeeze(text: str) -> str:
    return "".join(text.split())


def seen(text: str, got: str) -> bool:
    """Whether a text stands in another; a character without a sign may be replaced, a control may be gone."""
    out = "".join(
        re.escape(c) if c.isascii() and c.isprintable() else f"(?:{re.escape(c)}|{NO_SIGN})?"
        for c in squeeze(text)
    )
    return re.search(out, squeeze(got)) is not None


def read(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf), strict=True)


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in read(pdf).pages)


def tree(pdf: bytes) -> list[dict[str, Any]]:
    """Return the tags of a file in order."""
    found: list[dict[str, Any]] = []

    def walk(node: Any) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for kid in node:
                walk(kid)
        elif isinstance(node, dict):
            if "/S" in node:
                found.append(node)
            if "/K" in node:
                walk(node["/K"])

    walk(read(pdf).trailer["/Root"]["/StructTreeRoot"])
    return found


def one(block: Block | Table | Chart, facts: list[Fact] | None = None, **options: Any) -> bytes:
    blocks: list[Any] = [Block("t", "title", Inline("A title")), block]
    return render_pdf(a_document(blocks), ALL if facts is None else facts, **options)


@pytest.fixture(scope="module")
def sample() -> bytes:
    plain = [b for b in BLOCKS if b.id != "b8"]  # the hostile one has its own test
    return render_pdf(a_document([*plain[:6], CHART, *plain[6:]]), ALL, drawings={"lines": SVG})


def test_it_is_tagged_and_says_so(sample: bytes) -> None:
    """What PDF/UA-1 asks of the catalogue; typst refuses to write what breaks its other rules."""
    reader = read(sample)
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title == "Value's January & <after>"
    xmp = root["/Metadata"].get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in xmp
    assert all(page["/Tabs"] == "/S" for page in reader.pages)
    dates = set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", xmp))
    assert dates == {f"{AS_OF}T00:00:00Z"}


def test_tags_name_what_they_hold(sample: bytes) -> None:
    kinds = [node["/S"] for node in tree(sample)]
    assert {"/H1", "/H2", "/H3", "/P", "/L", "/LI", "/Table", "/TR", "/TH", "/TD", "/Link", "/Figure"} <= set(
        kinds
    )
    levels = [int(kind[2]) for kind in kinds if re.fullmatch(r"/H\d", kind)]
    assert levels[0] == 1 and all(b - a <= 1 for a, b in pairwise(levels))
    figures = [node for node in tree(sample) if node["/S"] == "/Figure"]
    assert [f["/Alt"] for f in figures] == ["Value is at 6.1 points."]
    heads = [node for node in tree(sample) if node["/S"] == "/TH"]
    assert len(heads) == 4 and all(node["/A"][0]["/Scope"] == "/Column" for node in heads)


def test_everything_shown_is_tagged_or_an_artifact(sample: bytes) -> None:
    for page in read(sample).pages:
        content = page.get_contents()
        assert content is not None
        depth = 0
        for operands, operator in content.operations:  # type: ignore[attr-defined]
            depth += {b"BDC": 1, b"BMC": 1, b"EMC": -1}.get(operator, 0)
            assert depth > 0 or operator not in (b"Tj", b"TJ", b"Do", b"f", b"S"), (operator, operands)
        assert depth == 0


def test_fonts_are_inside_and_name_their_characters(sample: bytes) -> None:
    fonts = [f.get_object() for page in read(sample).pages for f in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        assert "/ToUnicode" in font
        assert {"/FontFile2", "/FontFile3"} & set(font["/DescendantFonts"][0]["/FontDescriptor"])


def test_its_text_is_that_of_the_document(sample: bytes) -> None:
    """Read by another program; the minus sign is U+2212 there too."""
    text = squeeze(text_of(sample))
    for block in BLOCKS:
        if block.id == "b8":
            continue
        inlines = [block.inline] if isinstance(block, Block) else [block.caption, *block.header]
        for inline in inlines:
            assert squeeze(inline.text) in text, inline.text
    assert "Value−4.5%+6.1[1]large" in text
    assert NO_SIGN not in text


def test_each_fact_leads_to_its_entry(sample: bytes) -> None:
    """In order of appearance: gap, gap, chart, table..; the second printing leads to the same entry."""
    reader = read(sample)
    goals = [
        str(note.get_object().get("/Dest", ""))
        for page in reader.pages
        for note in page.get("/Annots", [])
        if isinstance(note.get_object().get("/Dest"), str)
    ]
    # standfirst, paragraph, table (iwd, gap, gap), chart after the table; then the entries' own links
    assert goals[:6] == ["E1", "E1", "E2", "E1", "E1", "E1"]
    assert {"E1", "E2", "E3", "E4"} <= set(reader.named_destinations)
    entries = re.findall(r"^E(\d+) ", text_of(sample), re.M)
    assert entries == ["1", "2", "3", "4"]


def test_an_entry_says_all_that_is_known_of_its_fact(sample: bytes) -> None:
    text = squeeze(text_of(sample))
    entry = text[text.index("E16.1%Totalreturn:IWD") :]
    entry = entry[: entry.index("E2")]
    meaning = explanation("total_return", {"op": "difference", "params": {}})
    assert "without dividends" not in meaning and squeeze(meaning) in entry
    for part in (
        "Value 6.1 (percentage points). From the close of 2025-12-31 to the close of 2026-01-30.",
        "to the close of 2026-01-30. Printed on page 1",
        "Operation difference",
        "← IWD close, 2026-02-03, 1 row; Prices & Co; SHA-256 000000000000",
        "← E4 1234.5678%, Total return: IWD",
        "Two days are unknown.",
    ):
        assert squeeze(part) in entry, part
    assert "Value2026-01-30(date)" in text


def test_what_a_metric_is_stands_once_and_the_others_lead_there(sample: bytes) -> None:
    """Two printed facts and two that are not, all of one metric."""
    text = squeeze(text_of(sample))
    meaning = squeeze(explanation("total_return", {"op": "difference", "params": {}}))
    assert text.count(meaning) == 1
    starts = [text.rindex(start) for start in ("E2-4.5%", "E32026", "E41234")] + [len(text)]
    entries = [text[a:b] for a, b in pairwise(starts)]
    assert ["AsexplainedatE1.Value" in entry for entry in entries] == [True, False, False]


def test_an_entry_says_as_of_when_only_where_the_report_does_not() -> None:
    early = replace(PRINTED[0], as_of=AS_OF - timedelta(days=1))
    said = Block("p", "paragraph", tagged("6.1 points", gap=("fact", "6.1 points")))
    assert "Asof2026-02-02.Printedonpage1." in squeeze(text_of(one(said, facts=[early, OTHER])))
    assert "Asof2026" not in squeeze(text_of(one(said, facts=[PRINTED[0], OTHER])))


def test_addresses_are_links_only_if_they_are_addresses(sample: bytes) -> None:
    uris = {
        str(note.get_object()["/A"]["/URI"])
        for page in read(sample).pages
        for note in page.get("/Annots", [])
        if "/A" in note.get_object()
    }
    assert uris == {"https://wire.example/a_b?x=1&y=2"}


def test_the_foot_has_page_date_and_digest() -> None:
    text = squeeze(text_of(one(Block("p", "paragraph", Inline("x")), digest="abcdef0123456789" * 4)))
    assert "Rotascope·asof2026-02-03·reportabcdef0123451/2" in text


HOSTILE = [
    "#panic(1) $x^2$ @ref <lab> `raw` *b* _i_ = h + 1. - a // c /* d */ ~ -- --- ... \\ ] [ } {",
    '#include "/etc/hosts" #sys.inputs #json("data.json") #eval("1")',
    "quotes \" ' “ ” ‘ ’ and <b>tags</b> & &amp; %PDF-1.7 endstream endobj",
    "漢字タイトル 😀 👨‍👩‍👧",
    "bidi \u202eabc\u202c \u200e and \u2028 \u2029 \u0000\u0001\x7f controls",
    "ffi ﬁ Å e\u0301 ½ ² Ω≈ç√∫ €£¥ −1.5%",
    "x" * 400,
    "https://example.com/" + "a" * 300 + "?b=" + "c&d=e" * 40,
    "ไทย हिन्दी ქართული",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_texts_are_never_markup(text: str) -> None:
    """What has no sign in the fonts becomes U+FFFD; everything else is there, in order."""
    blocks: list[Any] = [
        Block("t", "title", Inline(f"T {text}")),
        Block("i", "item", Inline(text)),
        Table("x", Inline(text), (Inline("Head"), Inline(text)), ((Inline(text), Inline("b")),)),
        source_block("wire", 1, text),
    ]
    pdf = render_pdf(a_document(blocks), ALL)
    assert seen(text, text_of(pdf))


@pytest.mark.parametrize("text", ["שלום עולם", "العربية نص"])
def test_letters_that_run_from_right_to_left(text: str) -> None:
    got = text_of(one(Block("p", "paragraph", Inline(f"({text})"))))
    letters = [c for c in text if c.isalpha()]
    folded = unicodedata.normalize("NFKC", got)
    assert all(folded.count(c) >= letters.count(c) for c in letters)


@pytest.mark.parametrize("text", ["x" * 500, "https://example.com/" + "a-b" * 150, "m.,&=_" * 80])
def test_long_words_stay_on_the_page(text: str) -> None:
    page = read(one(Block("p", "paragraph", Inline(text)))).pages[0].extract_text()
    rows = [row for row in page.splitlines() if len(row) > 30 and row in text]
    assert len(rows) > 4 and max(map(len, rows)) < 110


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=60))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_can_be_set(text: str) -> None:
    pdf = one(Block("p", "paragraph", Inline(text)), [OTHER])
    assert pdf.startswith(b"%PDF-1.7") and "Evidence" in text_of(pdf)


@given(st.text(max_size=200))
def test_break_marks_are_all_that_is_added(text: str) -> None:
    assert breakable(text).replace("\u200b", "") == text.replace("\u200b", "")


def test_no_drawing_no_pdf() -> None:
    with pytest.raises(TypesettingError, match="The chart lines has no drawing"):
        one(CHART)
    with pytest.raises(TypesettingError, match="cannot be typeset"):
        one(CHART, drawings={"lines": b"<svg"})


def test_drawings_may_be_named_anything() -> None:
    pdf = one(replace(CHART, name="../main.typ"), drawings={"../main.typ": SVG, "unused": b"no svg"})
    assert "31 Jan" in text_of(pdf)


def test_a_report_without_facts_or_charts() -> None:
    text = text_of(one(Block("p", "paragraph", Inline("Nothing to say.")), []))
    assert "Nothing to say." in text and "E1" not in text


def test_a_long_table_repeats_its_header() -> None:
    rows = tuple((Inline(f"row {n}"), tagged("−4.5%", iwd=("fact", "−4.5%"))) for n in range(120))
    pdf = one(Table("x", Inline("Long"), (Inline("Name of the row"), Inline("Value")), rows))
    pages = [page.extract_text() for page in read(pdf).pages]
    assert (
        sum("Name of the row" in page for page in pages)
        == sum("−4.5%" in p and "row" in p for p in pages[:-1])
        > 1
    )
    assert "Printed on page 1, 2, 3." in " ".join(text_of(pdf).split())


def test_many_inputs_are_counted() -> None:
    many = replace(OTHER, inputs=tuple(FactInput("iwd") for _ in range(30)), recipe=Recipe("count_facts", {}))
    assert "and 6 more, in facts.json" in text_of(one(Block("p", "paragraph", Inline("x")), [*PRINTED, many]))


def test_sources_of_several_publications_and_none() -> None:
    row = replace(OTHER.inputs[0], source="*", rows=3, first=AS_OF.replace(day=1), vintage=AS_OF)
    bare = replace(OTHER.inputs[0], source="wire")
    text = " ".join(
        text_of(one(Block("p", "paragraph", Inline("x")), [replace(OTHER, inputs=(row, bare))])).split()
    )
    assert "IWD close, 2026-02-01 to 2026-02-03, 3 rows, vintage 2026-02-03; several sources; SHA-256" in text
    assert "1 row; Wire, Up; SHA-256" in text


def test_every_metric_is_explained() -> None:
    for name, metric in load_metrics().items():
        assert explanation(name, {"op": "observed", "params": {}}).startswith(metric.summary)
    for op in ("count_facts", "parameter", "difference", "observed", "extreme", "count_where", "rank_of"):
        params = {"want": "median", "test": "positive"}
        assert explanation("no_metric", {"op": op, "params": params}).endswith(".")


PROGRAM = """
import sys; sys.path.insert(0, {here!r})
from test_render_pdf import ALL, BLOCKS, CHART, SVG
from render_samples import a_document
from rotascope.report.render import render_pdf
import hashlib
print(hashlib.sha256(render_pdf(a_document([*BLOCKS, CHART]), ALL, drawings={{"lines": SVG}})).hexdigest())
"""


def test_the_same_bytes_in_other_processes() -> None:
    """Neither the clock, the time zone, the hash seed nor the fonts of the machine have a say."""
    program = PROGRAM.format(here=str(Path(__file__).parent))
    digests = set()
    for seed, zone, epoch in (("1", "UTC", "0"), ("2", "Asia/Tokyo", "1700000000")):
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "SOURCE_DATE_EPOCH": epoch}
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        digests.add(done.stdout.strip())
    assert len(digests) == 1


def test_other_facts_other_bytes() -> None:
    block = Block("p", "paragraph", tagged("6.1 points", gap=("fact", "6.1 points")))
    changed = [replace(ALL[0], value=6.2), *ALL[1:]]
    assert one(block) == one(block) != one(block, changed)


def test_time(capsys: pytest.CaptureFixture[str]) -> None:
    """A report of three hundred facts, the first time: typst remembers what it laid out before."""
    facts = [replace(OTHER, id=f"f{n}", display=f"{n}.5%", value=n + 0.5) for n in range(300)]
    said = [tagged(f"It rose {n}.5%", **{f"f{n}": ("fact", f"{n}.5%")}) for n in range(300)]
    blocks = [Block(f"p{n}", "paragraph", inline) for n, inline in enumerate(said)]
    document = a_document([Block("t", "title", Inline("T")), *blocks])
    started = perf_counter()
    render_pdf(document, facts)
    took = perf_counter() - started
    with capsys.disabled():
        print(f"\nreport.pdf with 300 facts: {took:.2f} s")
    assert took < 10
