"""The quick readers of rows and of PDF objects against the careful ones: what both take, they read alike."""

from __future__ import annotations

import json
import random
import re
import zlib
from typing import Any

import builder as b
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotascope.report.render.pdf import typeset
from rotascope_verify import observations, pdftext
from rotascope_verify.failures import CheckError, Log
from rotascope_verify.observations import Observations, RowsInput
from rotascope_verify.pdffile import PdfReader, PdfWord, pdf_plain

HEADER = "series,field,date,value,unit,source,vintage,snapshot\n"
DAYS = ["2024-02-28", "2024-02-29", "2024-03-01", "2024-03-04", "2024-12-31"]
VALUES = ["1.0", "-2.5", "", "0.1", "1e-07", "23.450000762939453", "100.0"]
DAMAGE = [
    "",
    ",",
    "\n",
    "\r",
    '"',
    " ",
    "x",
    "0",
    "2024-02-30",
    "1.00",
    "nan",
    "inf",
    "A,close,",
    ",usd",
    "é",
]


@st.composite
def files(draw: st.DrawFn) -> str:
    """Return a good file: up to three columns, whose unit is one and whose source and vintage may change."""
    out = []
    for series in draw(st.lists(st.sampled_from("ABC"), min_size=1, max_size=3, unique=True).map(sorted)):
        for field in draw(st.lists(st.sampled_from(["close", "open"]), min_size=1, unique=True).map(sorted)):
            for day in draw(st.lists(st.sampled_from(DAYS), min_size=1, unique=True).map(sorted)):
                source, vintage = draw(st.sampled_from([("db", ""), ("db", "2025-01-02"), ("news", "")]))
                value = draw(st.sampled_from(VALUES))
                out.append(f"{series},{field},{day},{value},usd,{source},{vintage},s\n")
    return HEADER + "".join(out)


def read(table: Observations) -> dict[tuple[str, str, str, str], Any]:
    """Return what each range of dates of each column gives."""
    return {
        (series, name, first, last): table.read(RowsInput(series, name, first, last, 0, "", "", None))
        for series, name in table.columns
        for i, first in enumerate(DAYS)
        for last in DAYS[i:]
    }


def same(text: str) -> bool:
    """Whether the quick reader takes a file; where it does, the careful one must agree and find no fault."""
    quick, log = observations._read_clean(text), Log()
    if quick is None:
        return False
    careful = observations._read_with_care(text, log)
    assert log.failures == []
    assert (quick.count, quick.runs) == (careful.count, careful.runs)
    assert quick.columns.keys() == careful.columns.keys()
    pairs = zip(read(quick).items(), read(careful).items(), strict=True)
    for (key, one), (other_key, other) in pairs:
        assert key == other_key
        assert one.known() == other.known()
        for name in ("days", "values", "units", "sources", "vintages", "sha256"):
            assert getattr(one, name) == getattr(other, name)
    return True


@given(files())
def test_a_good_file_is_read_quickly(text: str) -> None:
    assert same(text)


@settings(max_examples=300)
@given(
    files(), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 12), st.sampled_from(DAMAGE)), max_size=2)
)
def test_a_damaged_file_is_never_read_otherwise(text: str, changes: list[tuple[int, int, str]]) -> None:
    for at, length, new in changes:
        text = text[:at] + new + text[at + length :]
    same(text)


def test_lines_cut_between_fields_are_no_rows() -> None:
    """Pieces that look like `date,value` once what rows share is taken off them."""
    good = "A,close,2024-02-28,1.0,usd,db,,s\nA,close,2024-02-29,2.0,usd,db,,s\n"
    assert same(HEADER + good)
    for bad in (
        good.replace(",usd,db,,s\nA,close,", "\n"),
        good.replace("2.0,usd", "2.0,3.0,usd"),
        good.replace(",s\n", ",s,t\n"),
        good.replace("A,close,2024-02-28", "B,close,2024-02-28"),
        good.replace("02-28", "02-29"),
    ):
        assert not same(HEADER + bad)


def test_a_long_column_ends_where_the_next_begins() -> None:
    """Columns of 1, 7, 500 and 3000 rows: longer than the steps in which the end is looked for."""
    text = HEADER
    for series, count in (("A", 3000), ("B", 1), ("C", 500), ("D", 7)):
        days = (f"{1900 + i // 300:04d}-{1 + i % 12:02d}-{1 + i % 300 // 12:02d}" for i in range(count))
        text += "".join(
            f"{series},close,{day},{float(i)!r},usd,db,,s\n" for i, day in enumerate(sorted(days))
        )
    assert same(text)


ATOMS = [
    b"<<",
    b">>",
    b"[",
    b"]",
    b"/A",
    b"/B#20",
    b"/",
    b"1",
    b"-2.5",
    b".5",
    b"4.",
    b"+3",
    b"3 0 R",
    b"1 R",
]
ATOMS += [
    b"(a)",
    b"(a\\(b)",
    b"(a(b)c)",
    b"(",
    b")",
    b"<48 6>",
    b"<4",
    b"true",
    b"false",
    b"null",
    b"R",
    b"f*",
]
ATOMS += [b"\\", b"%x\n", b"\x00", b"\n", b"{", b"12 0 Rx", b"--5", b"(\\\n)", b"(\\101\\53)"]


@settings(max_examples=500)
@given(st.lists(st.sampled_from(ATOMS), max_size=12), st.sampled_from([b" ", b"", b"\n"]))
def test_objects_are_read_alike(atoms: list[bytes], gap: bytes) -> None:
    for text in (gap.join(atoms), b"<<" + gap.join(atoms) + b">>", b"[" + gap.join(atoms) + b"]"):
        quick = pdf_plain(text, {})
        if quick is None:
            continue
        reader = PdfReader(text)
        want = reader.next()
        assert (quick, type(quick)) == (want, type(want))
        assert type(want) is not PdfWord and reader.next() is None


def test_deep_nests_are_left_to_the_careful_reader() -> None:
    assert pdf_plain(b"[" * 50 + b"]" * 50, {}) is not None
    assert pdf_plain(b"[" * 100 + b"]" * 100, {}) is None


@pytest.fixture(scope="module")
def good() -> bytes:
    made = b.Bundle().files()
    report, facts = (json.loads(made[n]) for n in ("report.json", "facts.json"))
    return typeset(report, facts, digest="0" * 64)


def told(data: bytes) -> tuple[Any, ...]:
    """Return all that a PDF says, or what is wrong with it."""
    try:
        pdf = pdftext.PdfText(data)
    except (CheckError, ValueError, KeyError, AttributeError, TypeError, IndexError) as error:
        return (type(error).__name__,)
    pages = [(page.number, page.marked, page.artifacts) for page in pdf.pages]
    return pdf.text, pdf.links, pdf.figures, pages, pdf.named, pdf.title


SPOILS = [
    b"(",
    b")",
    b"\\",
    b"[",
    b"EMC ",
    b"BDC ",
    b" Tj",
    b"%",
    b" 3 Tr ",
    b"/f9 9 Tf",
    b"'",
    b" Do ",
    b"--5",
    b"\\0",
]


def spoiled(good: bytes, rng: random.Random) -> bytes:
    """Return a PDF with some bytes put into the content of one page; its length is made to fit."""
    streams = list(re.finditer(rb"/Length (\d+)[^>]*>>\s*stream\r?\n", good))
    pages = []
    for found in streams:
        raw = good[found.end() : found.end() + int(found[1])]
        try:
            data = zlib.decompress(raw)
        except zlib.error:
            continue
        if b"BDC" in data:
            pages.append((found, data))
    found, data = rng.choice(pages)
    at = rng.randrange(len(data))
    packed = zlib.compress(data[:at] + rng.choice(SPOILS) + data[at + rng.randint(0, 3) :])
    body = good[: found.start(1)] + str(len(packed)).encode() + good[found.end(1) : found.end()] + packed
    shift = len(body) - found.end() - int(found[1])
    out = body + good[found.end() + int(found[1]) :]
    table = out.rindex(b"\nxref") + 1

    def moved(row: re.Match[bytes]) -> bytes:
        return b"%010d" % (int(row[1]) + (shift if int(row[1]) > found.start() else 0)) + row[2]

    tail = re.sub(rb"(\d{10})( 00000 n)", moved, out[table:])
    return out[:table] + re.sub(rb"startxref\n\d+", b"startxref\n%d" % table, tail)


def test_pages_are_read_alike(good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the quick steps and without them, a good file and damaged ones say the same."""
    rng = random.Random(5)
    data = [good, *(spoiled(good, rng) for _ in range(60))]
    quick = [told(one) for one in data]
    monkeypatch.setattr(pdftext, "PDF_STEP", re.compile(rb"(?!)"))
    assert quick == [told(one) for one in data]
    assert sum(len(one) > 1 for one in quick) > 3 and any(len(one) == 1 for one in quick)
