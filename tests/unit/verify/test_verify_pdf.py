"""report.pdf against the text and the facts: good variants and planted differences."""

from __future__ import annotations

import copy
import hashlib
import json
import random
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from builder import Bundle, inline, number, write_files

from rotascope.report.render.pdf import typeset
from rotascope_verify.bundle import verify
from rotascope_verify.failures import CheckError
from rotascope_verify.pdfcheck import pdf_same
from rotascope_verify.pdffile import PdfFile, PdfReader, PdfRef
from rotascope_verify.pdftext import PdfText

Json = dict[str, Any]
Change = Callable[[Json, dict[str, Json]], object]


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return Bundle().files()


def parts(files: dict[str, str]) -> tuple[Json, list[Json], str]:
    report, facts = json.loads(files["report.json"]), json.loads(files["facts.json"])
    return report, facts, hashlib.sha256(files["report.json"].encode()).hexdigest()


@pytest.fixture(scope="module")
def good(files: dict[str, str]) -> bytes:
    report, facts, digest = parts(files)
    return typeset(report, facts, digest=digest)


def failures(files: dict[str, str], pdf: bytes, folder: Path) -> list[str]:
    """Return what the verifier says of the bundle with a PDF in it, listed in the manifest."""
    rows = files["observations.csv"].count("\n") - 1
    write_files(folder, files | {"report.pdf": pdf}, len(json.loads(files["facts.json"])), rows)
    return [f.line() for f in verify(folder).failures]


def test_a_good_pdf(files: dict[str, str], good: bytes, tmp_path: Path) -> None:
    assert failures(files, good, tmp_path / "b") == []


def block(report: Json, name: str) -> Json:
    return next(b for b in report["blocks"] if b["id"] == name)


def say(name: str, old: str, new: str) -> Change:
    """Return a change of a block's text that keeps its length and so its spans."""

    def change(report: Json, _facts: dict[str, Json]) -> None:
        found = block(report, name)
        assert old in found["text"] and len(old) == len(new)
        found["text"] = found["text"].replace(old, new, 1)

    return change


def fact(name: str, **entries: Any) -> Change:
    return lambda _report, facts: facts[name].update(entries)


def source_input(facts: dict[str, Json], **entries: Any) -> None:
    facts["iwm"]["inputs"][0].update(entries)


TEXT = [
    say("b5", "5.0%", "5.1%"),
    say("b5", "gained", "shed a"),
    say("b6", "3.0 points", "8.0 points"),
    say("b1", "January", "Januar "),
    say("b10", "2026-01-28", "2026-01-29"),
    say("b9", "[0]", "[1]"),
    lambda r, f: r["blocks"].pop(4),
    lambda r, f: r["blocks"].insert(4, {"id": "n", "kind": "paragraph", **inline("One more.")}),
    lambda r, f: r["blocks"].insert(0, r["blocks"].pop()),
    lambda r, f: block(r, "b8")["rows"].reverse(),
    lambda r, f: block(r, "b8")["rows"].pop(),
    lambda r, f: block(r, "b8")["header"].reverse(),
    lambda r, f: block(r, "b8").update(caption=inline("Other")),
    lambda r, f: block(r, "b6").update(kind="paragraph"),
]
EVIDENCE = [
    fact("iwm", display="5.1%"),
    fact("iwm", value=5.0000001),
    fact("gap", value=3.0),
    fact("iwm", metric="total_return"),
    fact("iwm", series=["SPY"]),
    fact("iwm", unit="pp"),
    fact("iwm", as_of="2026-01-31"),
    fact("iwm", window=None),
    fact("iwm", notes=["A note of 5 words."]),
    lambda r, f: f["iwm"]["window"].update(start_used="2025-12-30"),
    lambda r, f: f["iwm"]["window"].update(base="open"),
    lambda r, f: f["rank"]["recipe"]["params"].update(index=1),
    lambda r, f: f["iwm"]["recipe"].update(op="change"),
    lambda r, f: f["spread"]["inputs"].reverse(),
    lambda r, f: f["spread"]["inputs"].pop(),
    lambda r, f: source_input(f, sha256="f" * 64),
    lambda r, f: source_input(f, first="2025-12-30"),
    lambda r, f: source_input(f, rows=2),
    lambda r, f: source_input(f, vintage="2026-01-01"),
    lambda r, f: source_input(f, source="news"),
    lambda r, f: source_input(f, field="open"),
    lambda r, f: r["sources"]["db"].update(publisher="Other database"),
    lambda r, f: f.pop("rank"),
    lambda r, f: f.update(more={**f["iwm"], "id": "more"}),
]


def changed(files: dict[str, str], change: Change) -> bytes:
    """Return the PDF of the bundle after a change that the bundle itself does not have."""
    report, facts, digest = copy.deepcopy(parts(files))
    known = {f["id"].split(".")[0]: f for f in facts}
    change(report, known)
    return typeset(report, list(known.values()), digest=digest)


@pytest.mark.parametrize("change", TEXT, ids=range(len(TEXT)))
def test_other_text(files: dict[str, str], change: Change, tmp_path: Path) -> None:
    found = failures(files, changed(files, change), tmp_path / "b")
    assert found and all(line.startswith(("FAIL pdf-differs report.pdf:",)) for line in found), found


@pytest.mark.parametrize("change", EVIDENCE, ids=range(len(EVIDENCE)))
def test_other_evidence(files: dict[str, str], change: Change, tmp_path: Path) -> None:
    found = failures(files, changed(files, change), tmp_path / "b")
    assert found and all(line.startswith(("FAIL pdf-differs", "FAIL pdf-link")) for line in found), found


def test_a_number_that_leads_to_another(files: dict[str, str], tmp_path: Path) -> None:
    def change(report: Json, _facts: dict[str, Json]) -> None:
        rows = block(report, "b8")["rows"]
        first, second = rows[0][1]["spans"][0], rows[1][1]["spans"][0]
        first["ref"], second["ref"] = second["ref"], first["ref"]

    found = failures(files, changed(files, change), tmp_path / "b")
    assert any("FAIL pdf-link" in line and '"5.0%" leads to' in line for line in found), found


def test_a_number_that_leads_nowhere(files: dict[str, str], tmp_path: Path) -> None:
    def change(report: Json, _facts: dict[str, Json]) -> None:
        block(report, "b8")["rows"][1][1]["spans"].clear()

    assert any("FAIL pdf-link" in line for line in failures(files, changed(files, change), tmp_path / "b"))


def test_an_address_that_leads_elsewhere(files: dict[str, str], good: bytes, tmp_path: Path) -> None:
    spoiled = good.replace(b"/URI(https://example.org/1)", b"/URI(https://example.com/1)")
    assert spoiled != good
    found = failures(files, spoiled, tmp_path / "b")
    assert found == ['FAIL pdf-link report.pdf: "https://example.org/1" leads to "https://example.com/1"']


def test_other_feet(files: dict[str, str], tmp_path: Path) -> None:
    report, facts, _ = parts(files)
    found = failures(files, typeset(report, facts, digest="0" * 64), tmp_path / "b")
    assert found and all("FAIL pdf-feet report.pdf:page" in line for line in found)


def test_another_day_is_seen_at_the_foot_and_in_the_evidence(files: dict[str, str], tmp_path: Path) -> None:
    """The entries say the day of each fact, which is now not that of the report."""
    report, facts, digest = parts(files)
    pdf = typeset(report | {"as_of": "2026-01-29"}, facts, digest=digest)
    found = failures(files, pdf, tmp_path / "b")
    assert {line.split()[1] for line in found} == {"pdf-feet", "pdf-differs"}


def test_drawings_have_the_words_of_their_charts(tmp_path: Path) -> None:
    """The chart's caption and words are text as any other; its own numbers fall under other rules."""
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="30"><text y="20">98.7</text></svg>'
    report, facts, digest = parts(Bundle().files())
    chart = {"id": "c", "kind": "chart", "chart": "a", "caption": inline("Up"), "alt": inline("It rises.")}
    report["blocks"].insert(3, chart)
    text = PdfText(typeset(report, facts, drawings={"a": svg}, digest=digest))
    assert text.figures == ["It rises."]
    assert "98.7" not in text.text and "UpItrises." in text.text


def rebuilt(pdf: bytes, change: Callable[[dict[int, bytes]], object]) -> bytes:
    """Return a PDF whose objects are changed and whose table fits them again."""
    body, tail = pdf[: pdf.rindex(b"\nxref")], pdf[pdf.rindex(b"trailer") :]
    found = re.split(rb"(?:^|\n)(\d+) 0 obj\n", body)
    objects = {int(n): text for n, text in zip(found[1::2], found[2::2], strict=True)}
    change(objects)
    out, places = found[0] + b"\n", {}
    for name, text in objects.items():
        places[name] = len(out)
        out += b"%d 0 obj\n%s\n" % (name, text.rstrip(b"\n"))
    at, size = len(out), max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f\r\n" % size
    out += b"".join(b"%010d 00000 n\r\n" % places[n] for n in range(1, size))
    tail = re.sub(rb"startxref\n\d+", b"startxref\n%d" % at, tail)
    return out + tail


def spoil(old: bytes, new: bytes) -> Callable[[dict[int, bytes]], None]:
    """Return a change of the first object that has some bytes."""

    def change(objects: dict[int, bytes]) -> None:
        name = next(n for n, text in objects.items() if old in text)
        objects[name] = objects[name].replace(old, new, 1)

    return change


def on_page(old: bytes, new: bytes) -> Callable[[dict[int, bytes]], None]:
    """Return a change of the content of the first page that has some bytes."""

    def change(objects: dict[int, bytes]) -> None:
        for name, text in objects.items():
            head, _, rest = text.partition(b"stream\n")
            if b"/FlateDecode" not in head or not rest:
                continue
            raw = rest[: rest.rindex(b"\nendstream")] if b"\nendstream" in rest else rest
            try:
                data = zlib.decompress(raw)
            except zlib.error:
                continue
            if b"BDC" in data and old in data:
                packed = zlib.compress(data.replace(old, new, 1))
                head = re.sub(rb"/Length \d+", b"/Length %d" % len(packed), head)
                objects[name] = head + b"stream\n" + packed + b"\nendstream\nendobj"
                return
        raise AssertionError(f"no page has {old!r}")

    return change


def test_rebuilding_changes_nothing(files: dict[str, str], good: bytes, tmp_path: Path) -> None:
    assert failures(files, rebuilt(good, lambda _: None), tmp_path / "b") == []


SHAPES = [
    (spoil(b"/Marked true", b"/Marked false"), "is not tagged"),
    (spoil(b"/Lang(en-GB)", b""), "names no language"),
    (spoil(b"/Type/Catalog", b"/Type/Catalog/OpenAction 1 0 R"), "holds OpenAction"),
    (spoil(b"/Type/Catalog", b"/Type/Catalog/AcroForm<<>>"), "holds AcroForm"),
    (spoil(b"/Names<</Dests", b"/Names<</JavaScript<<>>/Dests"), "names more than destinations"),
    (spoil(b"/Subtype/Link", b"/Subtype/Link/AP<</N 1 0 R>>"), "carries something on top"),
    (spoil(b"/Subtype/Link", b"/Subtype/FreeText"), "carries something on top"),
    (spoil(b"/S/URI/URI(https://example.org/1)", b"/S/Launch/F(x)"), "other than to lead to an address"),
    (spoil(b"/S/P/P", b"/S/P/ActualText(9%)/P"), "replaces its text"),
    (spoil(b"/Encoding/Identity-H", b"/Encoding/WinAnsiEncoding"), "does not say which characters"),
    (on_page(b"EMC", b"EMC BT /f0 9 Tf(\x00\x01)Tj ET"), "without a mark"),
    (on_page(b"EMC", b"EMC /x0 Do"), "does not use"),
    (on_page(b"EMC", b"EMC BI ID x EI"), "does not use"),
    (on_page(b"0 Tr", b"3 Tr"), "not filled"),
    (on_page(b"/Span<</MCID 1>>BDC", b"/Span<</MCID 900>>BDC"), "outside the reading order"),
    (on_page(b"/Span<</MCID 1>>BDC", b"/Span<</MCID 0>>BDC"), "two parts with one mark"),
    (on_page(b"EMC", b"EMC EMC"), "unpaired marks"),
    (on_page(b"Tj", b"'"), "does not use"),
]


@pytest.mark.parametrize(("change", "what"), SHAPES, ids=[what for _, what in SHAPES])
def test_shapes_that_could_hide_something(
    files: dict[str, str],
    good: bytes,
    change: Callable[[dict[int, bytes]], object],
    what: str,
    tmp_path: Path,
) -> None:
    spoiled = rebuilt(good, change)
    found = failures(files, spoiled, tmp_path / "b")
    assert any(line.startswith("FAIL pdf-shape report.pdf:") and what in line for line in found), found


def test_actual_text_of_a_mark_counts(files: dict[str, str], good: bytes, tmp_path: Path) -> None:
    change = on_page(b"/Span<</MCID 0>>BDC", b"/Span<</MCID 0/ActualText(Other)>>BDC")
    found = failures(files, rebuilt(good, change), tmp_path / "b")
    assert any("pdf-differs report.pdf:head" in line and "Other" in line for line in found), found


WHOLE = [
    (lambda pdf: b"", "does not begin"),
    (lambda pdf: b"%PDF-1.4" + pdf[8:], "does not begin"),
    (lambda pdf: pdf + pdf[pdf.index(b"1 0 obj") :], "does not end with its one table"),
    (lambda pdf: pdf + b"\n% more\nstartxref\n0\n%%EOF", "does not end with its one table"),
    (lambda pdf: pdf[: len(pdf) // 2], ""),
    (lambda pdf: pdf.replace(b"1 0 obj", b"2 0 obj", 1), ""),
    (lambda pdf: pdf.replace(b"\nxref\n", b"\n99999 0 obj\nnull\nendobj\nxref\n", 1), ""),
    (lambda pdf: pdf.replace(b"0000000016", b"0000000017", 1), ""),
]


@pytest.mark.parametrize(("change", "what"), WHOLE, ids=range(len(WHOLE)))
def test_files_that_are_something_else(
    files: dict[str, str], good: bytes, change: Callable[[bytes], bytes], what: str, tmp_path: Path
) -> None:
    spoiled = change(good)
    if spoiled == good:
        pytest.skip("nothing to change")
    found = failures(files, spoiled, tmp_path / "b")
    assert any(line.startswith("FAIL pdf-shape report.pdf:") and what in line for line in found), found


def test_a_stream_that_grows_without_end_is_refused() -> None:
    packed = zlib.compress(b" " * (1 << 27))
    pdf = b"%%PDF-1.7\n1 0 obj\n<</Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream\nendobj\n" % (
        len(packed),
        packed,
    )
    at = len(pdf)
    pdf += (
        b"xref\n0 2\n0000000000 65535 f\r\n0000000009 00000 n\r\ntrailer\n<<>>\nstartxref\n%d\n%%%%EOF" % at
    )
    with pytest.raises(CheckError, match="too large"):
        PdfFile(pdf).content(PdfRef(1))


def test_spoiled_bytes_never_stop_the_check(good: bytes) -> None:
    """Whatever is done to the bytes, reading them ends in a text or in a CheckError (or a guarded error)."""
    rng = random.Random(7)
    for _ in range(150):
        data = bytearray(good)
        for _ in range(rng.randint(1, 8)):
            at = rng.randrange(len(data))
            data[at : at + rng.randint(1, 40)] = rng.randbytes(rng.randint(0, 40))
        try:
            PdfText(bytes(data))
        except (CheckError, ValueError, KeyError, AttributeError, TypeError, IndexError, RecursionError):
            continue


def test_values_are_read_as_the_format_says() -> None:
    """Examples of the PDF specification (ISO 32000-1, 7.3), done by hand."""
    read = PdfReader(
        b"<</A[1 -2.5 .5 4. /N#20x true]/B(a\\(b\\)(c)\\101\\n\\\n.)/C<48 656C6C6F7>/D 3 0 R>> % end\n(\\53)"
    )
    value = read.next()
    assert value["A"] == [1, -2.5, 0.5, 4.0, "N#20x", True]
    assert value["B"] == b"a(b)(c)A\n."
    assert value["C"] == b"Hellop"
    assert value["D"] == PdfRef(3)
    assert read.next() == b"+" and read.next() is None
    for bad in (b"<</A", b"[1 2", b"(a", b"<</A 1 /A 2>>", b"<<1 2>>", b"[1 R]", b"[foo]", b"[" * 100, b"}"):
        with pytest.raises(CheckError):
            PdfReader(bad).next()


@pytest.mark.parametrize(
    ("want", "got", "same"),
    [
        ("a漢b", "a漢b", True),
        ("a漢b", "a\ufffdb", True),
        ("a1b", "a\ufffdb", False),
        ("−5", "\ufffd5", True),
        ("5.1", "1.5", False),
        ("ab", "a", False),
        ("שלום1", "1םולש", True),
        ("שלום1", "2םולש", False),
        ("שלום漢", "\ufffdםולש", True),
        ("שלום1", "\ufffdםולש", False),
    ],
)
def test_what_counts_as_the_same_text(want: str, got: str, same: bool) -> None:
    assert pdf_same(want, got) is same


def test_numbers_of_the_builder_are_links(good: bytes) -> None:
    """In the order of the article: spread, day, iwm, run, gap, spy, iwm, press, flow, then the table."""
    links = [(link.text, link.to) for link in PdfText(good).links if link.to.startswith("E")][:11]
    assert links == [
        ("3.0points", "E1"),
        ("30Jan2026", "E2"),
        ("5.0%", "E3"),
        ("twosessions", "E4"),
        ("3.0points", "E5"),
        ("+2.0%", "E6"),
        ("5.0%", "E3"),
        ("$3.8billion", "E7"),
        ("$50m", "E8"),
        ("5.0%", "E3"),
        ("2.0%", "E6"),
    ]
    assert number("5.0%", "iwm")[1] == "fact"
