"""report.pdf under two standards, PDF/UA-1 and PDF/A-2a, as a checker by other authors reads them.

The checker is `page-validation`: docs/pdf.md says what it and another one found.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pypdf
import pytest
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

from rotascope.app.settings import Settings
from rotascope.app.workflows import Draft, ReportRequest, draft_report

RULES = {"ua1": 104, "2a": 154}
_LENGTHS = "PDFA2A-STREAM-LENGTH-001"
_STREAM = re.compile(rb"/Length (\d+)\b.{0,300}?>>\s*stream\r?\n", re.DOTALL)
WORDS = {10: "ten", 11: "eleven", 12: "twelve"}
Spoil = Callable[[pypdf.PdfWriter], None]


@pytest.fixture(scope="module")
def of_years(tmp_path_factory: pytest.TempPathFactory) -> Draft:
    """Thirty months from the data in the wheel: other sections and charts than the case has."""
    asked = ReportRequest(
        start=date(2000, 3, 31), end=date(2002, 9, 30), as_of=date(2019, 1, 15), formats=("pdf",)
    )
    return draft_report(Settings(tmp_path_factory.mktemp("empty")), asked)


@pytest.fixture(params=["from_the_wheel", "of_years", "from_the_market"])
def pdf(request: pytest.FixtureRequest) -> bytes:
    """The PDF of each report."""
    found: Draft = request.getfixturevalue(request.param)
    return found.files["report.pdf"]


def broken_rules(pdf: bytes, profile: str) -> set[str]:
    """Return the names of the rules that a file breaks; an unreadable file breaks all."""
    page = pytest.importorskip(
        "page", reason="page-validation has no wheel for this machine, or is not installed"
    )
    try:
        found = page.validate_pdf_bytes(pdf, profile=profile)
    except page.ParseError:
        return {"unreadable"}
    assert found.rules.total >= RULES[profile], "fewer rules than were read when this was written"
    assert found.is_compliant is (found.rules.failed == 0)
    return {failure.rule_id for failure in found.failures}


def odd_streams(pdf: bytes) -> list[bytes]:
    """Return the end of each stream that has no line feed and `endstream` at its /Length."""
    out = []
    for found in _STREAM.finditer(pdf):
        end = found.end() + int(found[1])
        if pdf[end : end + 10] != b"\nendstream":
            out.append(pdf[end - 4 : end + 10])
    return out


def misread(pdf: bytes, broken: set[str]) -> set[str]:
    """Return the rules that the checker takes for broken where a stream's own last byte is a carriage return.

    It counts that byte and the line feed after it as one line end, and so misses a byte of the stream.
    """
    ends = [pdf[m.end() + int(m[1]) - 1] for m in _STREAM.finditer(pdf)]
    return broken & {_LENGTHS} if ord("\r") in ends and not odd_streams(pdf) else set()


@pytest.mark.parametrize("profile", RULES)
def test_no_rule_is_broken(pdf: bytes, profile: str) -> None:
    assert odd_streams(pdf) == []
    broken = broken_rules(pdf, profile)
    assert broken - misread(pdf, broken) == set()


def test_a_wrong_length_is_no_misreading() -> None:
    right = b"1 0 obj\n<< /Length 4 >>\nstream\nabc\r\nendstream\nendobj"
    assert misread(right, {_LENGTHS, "other"}) == {_LENGTHS}
    assert misread(right.replace(b"/Length 4", b"/Length 3"), {_LENGTHS}) == set()
    assert misread(right.replace(b"abc\r", b"abcd"), {_LENGTHS}) == set()


def tags(element: Any) -> list[DictionaryObject]:
    """Return the elements of the structure tree in order."""
    found = element.get_object()
    if isinstance(found, ArrayObject):
        return [tag for kid in found for tag in tags(kid)]
    if not isinstance(found, DictionaryObject):
        return []
    kids = tags(found["/K"]) if "/K" in found else []
    return [found, *kids] if "/S" in found else kids


def no_language(file: pypdf.PdfWriter) -> None:
    del file.root_object["/Lang"]


def no_words_for_a_drawing(file: pypdf.PdfWriter) -> None:
    figure = next(tag for tag in tags(file.root_object["/StructTreeRoot"]) if tag["/S"] == "/Figure")
    del figure["/Alt"]


def no_title(file: pypdf.PdfWriter) -> None:
    metadata = file.root_object["/Metadata"].get_object()
    old = metadata.get_data()
    start, end = old.index(b"<dc:title>"), old.index(b"</dc:title>") + len(b"</dc:title>")
    metadata.set_data(old[:start] + old[end:])


def no_title_shown(file: pypdf.PdfWriter) -> None:
    del file.root_object["/ViewerPreferences"].get_object()["/DisplayDocTitle"]


def no_tags(file: pypdf.PdfWriter) -> None:
    del file.root_object["/StructTreeRoot"]


def not_said_to_be_tagged(file: pypdf.PdfWriter) -> None:
    del file.root_object["/MarkInfo"]


def a_tag_that_nobody_knows(file: pypdf.PdfWriter) -> None:
    heading = next(tag for tag in tags(file.root_object["/StructTreeRoot"]) if tag["/S"] == "/H1")
    heading[NameObject("/S")] = NameObject("/Shout")


def a_level_left_out(file: pypdf.PdfWriter) -> None:
    for tag in tags(file.root_object["/StructTreeRoot"]):
        if tag["/S"] == "/H2":
            tag[NameObject("/S")] = NameObject("/H4")


def no_words_for_a_link(file: pypdf.PdfWriter) -> None:
    link = next(note.get_object() for p in file.pages for note in p.get("/Annots", []))
    del link["/Contents"]


def no_glyphs(file: pypdf.PdfWriter) -> None:
    fonts = file.pages[0]["/Resources"]["/Font"]
    for font in fonts.values():
        below = font.get_object()["/DescendantFonts"][0].get_object()
        descriptor = below["/FontDescriptor"].get_object()
        for key in ("/FontFile2", "/FontFile3"):
            descriptor.pop(NameObject(key), None)


def no_characters(file: pypdf.PdfWriter) -> None:
    for font in file.pages[0]["/Resources"]["/Font"].values():
        font.get_object().pop(NameObject("/ToUnicode"), None)


BROKEN: dict[Spoil, tuple[str, ...]] = {
    no_language: ("ua1",),
    no_words_for_a_drawing: ("ua1",),
    no_title: ("ua1",),
    no_title_shown: ("ua1",),
    no_tags: ("ua1", "2a"),
    not_said_to_be_tagged: ("ua1", "2a"),
    a_tag_that_nobody_knows: ("ua1", "2a"),
    a_level_left_out: ("ua1",),
    no_words_for_a_link: ("ua1",),
    no_glyphs: ("ua1", "2a"),
    no_characters: ("ua1", "2a"),
}


def rewritten(pdf: bytes, spoil: Spoil | None = None) -> bytes:
    file = pypdf.PdfWriter(clone_from=io.BytesIO(pdf))
    if spoil is not None:
        spoil(file)
    out = io.BytesIO()
    file.write(out)
    return out.getvalue()


@pytest.mark.parametrize("spoil", BROKEN, ids=lambda spoil: spoil.__name__)
def test_a_planted_fault_is_found(of_years: Draft, spoil: Spoil) -> None:
    """What is found must come from the fault: the same file, only written anew, has no such rule broken."""
    good = of_years.files["report.pdf"]
    for profile in BROKEN[spoil]:
        new = broken_rules(rewritten(good, spoil), profile) - broken_rules(rewritten(good), profile)
        assert new, profile


def test_the_page_about_the_pdf_says_what_is_tested() -> None:
    text = (Path(__file__).parents[2] / "docs" / "pdf.md").read_text("utf-8")
    rows = re.findall(r"^\| `page-validation` ([\d.]+) \| (\S+) \| (\d+) \| (\d+) \|$", text, re.M)
    assert [row[1:] for row in rows] == [
        ("PDF/UA-1", str(RULES["ua1"]), "0"),
        ("PDF/A-2a", str(RULES["2a"]), "0"),
    ]
    assert all(version("page-validation").startswith(row[0]) for row in rows if find_spec("page"))
    assert f"plants {WORDS[len(BROKEN)]} faults" in text


def marked(pdf: bytes) -> list[tuple[list[int], list[int]]]:
    """Return for each page the numbers of its marked content: as the tags go, and as it is painted."""
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    places = {p.indirect_reference.idnum: n for n, p in enumerate(reader.pages) if p.indirect_reference}
    tagged: list[list[int]] = [[] for _ in reader.pages]

    def walk(item: Any, at: int) -> None:
        if isinstance(item, int):
            tagged[at].append(int(item))
            return
        found = item.get_object()
        if isinstance(found, ArrayObject):
            for kid in found:
                walk(kid, at)
        elif isinstance(found, int):
            tagged[at].append(int(found))
        elif found.get("/Type") != "/OBJR":
            own = found.raw_get("/Pg") if "/Pg" in found else None
            here = places[own.idnum] if isinstance(own, IndirectObject) else at
            walk(found["/MCID"] if "/MCID" in found else found.get("/K", ArrayObject()), here)

    walk(reader.root_object["/StructTreeRoot"], 0)
    painted = []
    for p in reader.pages:
        content = p.get_contents()
        operations = content.operations if content is not None else []
        painted.append(
            [
                int(operands[1]["/MCID"])
                for operands, operator in operations
                if operator == b"BDC" and isinstance(operands[1], DictionaryObject) and "/MCID" in operands[1]
            ]
        )
    return list(zip(tagged, painted, strict=True))


def test_what_is_painted_comes_in_the_order_of_the_tags(pdf: bytes) -> None:
    """Who copies text from the page, or has no reader of tags, meets the same order as who listens."""
    for n, (tagged, painted) in enumerate(marked(pdf), start=1):
        assert painted, f"page {n} has no tagged content"
        assert tagged == painted, f"page {n}"


def test_another_order_would_be_seen(of_years: Draft) -> None:
    def turn(file: pypdf.PdfWriter) -> None:
        root = next(tag for tag in tags(file.root_object["/StructTreeRoot"]) if tag["/S"] == "/Document")
        root[NameObject("/K")] = ArrayObject(reversed(root["/K"]))

    spoiled = rewritten(of_years.files["report.pdf"], turn)
    assert any(tagged != painted for tagged, painted in marked(spoiled))
