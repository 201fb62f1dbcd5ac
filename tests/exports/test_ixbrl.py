"""report.xhtml: an XBRL processor reads from it what facts.json holds; the verifier finds each lie in it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from forging import CRATE, codes, put

from rotascope.app.workflows import Draft
from rotascope.model.documents import Document, Inline
from rotascope.report.render.ixbrl import render_ixbrl
from rotascope.report.render.xbrl_taxonomy import FILE, INSTANTS, concepts

READER = Path(__file__).with_name("arelle_read.py")
PAGE = "report.xhtml"
Files = Mapping[str, bytes]


def arelle(page: Path, scratch: Path) -> dict[str, Any]:
    """Return what Arelle says and reads, in a process of its own: it keeps global state."""
    done = subprocess.run(
        [sys.executable, str(READER), str(page), str(scratch)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env={"HOME": str(scratch), "XDG_CONFIG_HOME": str(scratch), "PATH": "", "PYTHONIOENCODING": "utf-8"},
    )
    out: dict[str, Any] = json.loads(done.stdout)
    return out


@pytest.fixture(scope="module", params=["from_the_wheel", "from_the_market"])
def read(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Draft, dict[str, Any]]:
    """A draft and what Arelle reads from its page."""
    draft: Draft = request.getfixturevalue(request.param)
    folder = put(draft.files, tmp_path_factory.mktemp("page"))
    return draft, arelle(folder / PAGE, tmp_path_factory.mktemp("arelle"))


def printed(document: Document) -> list[tuple[Inline, Any]]:
    return [(i, s) for _, i in document.inlines() for s in i.spans if s.kind == "fact"]


def test_arelle_finds_no_error_and_warns_of_nothing(read: tuple[Draft, dict[str, Any]]) -> None:
    _, said = read
    assert said["messages"] == []
    assert said["errors"] == []
    assert all(fact["valid"] >= 4 for fact in said["facts"])  # 4 is Arelle's VALID


def test_every_printed_fact_is_read_and_no_other(read: tuple[Draft, dict[str, Any]]) -> None:
    draft, said = read
    found = [f["members"]["FactAxis"] for f in said["facts"]]
    wanted = [s.data["ref"] for _, s in printed(draft.document)]
    assert set(found) == set(wanted)
    visible = len(re.findall(r'<ix:non\w+ id="f\d+"', draft.files[PAGE].decode()))
    words = draft.files[PAGE].decode().count("-ix-hidden:")
    assert visible + words == len(wanted)  # each place is tagged
    assert len(found) == visible + draft.files[PAGE].decode().count('id="h')


# From the unit of a fact to the number that XBRL holds, written down from the text of the format.
SCALED = {"percent": Decimal("0.01"), "usd_m": Decimal(1_000_000)}


def test_what_arelle_reads_is_the_fact_at_the_printed_precision(read: tuple[Draft, dict[str, Any]]) -> None:
    draft, said = read
    facts = {f["id"]: f for f in json.loads(draft.files["facts.json"])}
    for found in said["facts"]:
        fact = facts[found["members"]["FactAxis"]]
        if fact["unit"] == "date":
            assert found["value"].replace("-", "") == str(fact["value"])
            continue
        true = Decimal(repr(fact["value"])) * SCALED.get(fact["unit"], Decimal(1))
        half = Decimal("0.5").scaleb(-int(found["decimals"]))
        assert abs(Decimal(found["value"]) - true) <= half, fact["id"]


UNITS = {
    "percent": "xbrli:pure", "share": "xbrli:pure", "ratio": "xbrli:pure", "count": "xbrli:pure",
    "rank": "xbrli:pure",
    "pp": "rot:percentage_point", "bp": "rot:basis_point", "usd": "iso4217:USD", "usd_m": "iso4217:USD",
    "index_level": "rot:index_point", "percentile": "rot:percentile", "sessions": "rot:session",
    "months": "rot:month", "years": "rot:year", "shares": "xbrli:shares", "date": None,
}  # fmt: skip


def test_concept_unit_and_dimensions_are_those_of_the_fact(read: tuple[Draft, dict[str, Any]]) -> None:
    draft, said = read
    facts = {f["id"]: f for f in json.loads(draft.files["facts.json"])}
    own = 0
    for found in said["facts"]:
        fact, members = facts[found["members"]["FactAxis"]], found["members"]
        assert found["unit"] == UNITS[fact["unit"]]
        assert found["concept"] in (fact["metric"], "other_number", "other_date")
        own += found["concept"] == fact["metric"]
        assert members["SeriesAxis"] == " ".join(fact["series"])
        assert members["AsOfAxis"] == fact["as_of"]
        bases = {"prior_close": "PriorCloseMember", "open": "OpenMember"}
        assert members.get("BaseAxis") == (bases[fact["window"]["base"]] if fact["window"] else None)
        assert found["notes"] == sorted(fact["notes"])
    assert own > 0.7 * len(said["facts"])


def test_periods_are_the_windows(read: tuple[Draft, dict[str, Any]]) -> None:
    """Arelle gives an end as the midnight after the day."""
    draft, said = read
    facts = {f["id"]: f for f in json.loads(draft.files["facts.json"])}
    for found in said["facts"]:
        fact = facts[found["members"]["FactAxis"]]
        window = fact["window"] or {"start": fact["as_of"], "end": fact["as_of"], "base": "open"}
        last = date.fromisoformat(window.get("end_used", window["end"]))
        assert date.fromisoformat(found["end"]) == last + timedelta(days=1)
        assert found["instant"] == (found["concept"] in INSTANTS)
        if not found["instant"]:
            first = date.fromisoformat(window.get("start_used", window["start"]))
            first += timedelta(days=window["base"] == "prior_close")
            assert date.fromisoformat(found["start"]) == min(first, last)


def test_each_concept_has_a_label(read: tuple[Draft, dict[str, Any]]) -> None:
    _, said = read
    assert {name for name, label in said["labels"].items() if not label} == set()
    assert set(concepts()) <= set(said["labels"])


def test_a_well_known_fact_reads_as_it_should(from_the_market: Draft) -> None:
    """The return of IWM in January 2026, 5.3% of its price: 0.053 as a pure number."""
    root = ElementTree.fromstring(from_the_market.files[PAGE])
    ix = "{http://www.xbrl.org/2013/inlineXBRL}nonFraction"
    tags = [e for e in root.iter(ix) if e.get("name") == "rot:net_flow"]
    assert {(e.get("scale"), e.get("sign"), e.get("unitRef")) for e in tags} >= {("9", "-", "USD")}


def test_the_text_is_the_text(draft: Draft) -> None:
    """Read by another parser: every inline stands there once, in order, and there is no other text."""
    root = ElementTree.fromstring(draft.files[PAGE])
    body = root.find("{http://www.w3.org/1999/xhtml}body")
    assert body is not None
    _, *rest = body
    wanted = dict(draft.document.inlines())
    shown = [e for part in rest for e in part.iter() if e.get("id") in wanted]
    assert [e.get("id") for e in shown] == list(wanted)
    assert ["".join(e.itertext()) for e in shown] == [i.text for i in wanted.values()]
    everything = "".join("".join(part.itertext()) for part in rest)
    assert "".join(everything.split()) == "".join("".join(i.text for i in wanted.values()).split())


def test_the_same_report_gives_the_same_page(draft: Draft) -> None:
    again = render_ixbrl(draft.document, list(draft.facts.values()))
    assert again.encode() == draft.files[PAGE]


def swap(
    files: Files, old: str, new: str, *, name: str = PAGE, count: int = 1, last: bool = False
) -> dict[str, bytes]:
    """Return the files with the first (or last) `old` of one file changed."""
    text = files[name].decode()
    assert old in text, old
    parts = text.rsplit(old, count) if last else text.split(old, count)
    return {**files, name: new.join(parts).encode()}


SPARE = '<xbrli:unit id="zz"><xbrli:measure>xbrli:pure</xbrli:measure></xbrli:unit>'
LIES = [
    ("a sign taken away", ' sign="-"', ""),
    ("a scale changed", 'scale="-2"', 'scale="-3"'),
    ("a scale taken away", ' scale="-2"', ""),
    ("more precision than is printed", 'decimals="3"', 'decimals="5"'),
    ("less precision than is printed", 'decimals="3"', 'decimals="1"'),
    ("another metric", 'name="rot:return_spread"', 'name="rot:price_return"'),
    ("another transformation", "ixt:num-dot-decimal", "ixt:num-comma-decimal"),
    ("another unit", 'unitRef="percentage_point"', 'unitRef="pure"'),
    ("a unit that means something else", "rot:percentage_point<", "xbrli:pure<"),
    ("another context", 'contextRef="c2"', 'contextRef="c1"'),
    ("a context that is not there", 'contextRef="c2"', 'contextRef="c2000"'),
    ("another start", "<xbrli:startDate>2026-01-01", "<xbrli:startDate>2025-12-31"),
    ("another end", "<xbrli:endDate>2026-01-30", "<xbrli:endDate>2026-01-31"),
    ("another series", "<rot:Series>RUT GSPC", "<rot:Series>RUT IXIC"),
    ("another as-of date", "<rot:AsOf>2026-02-10", "<rot:AsOf>2026-02-09"),
    ("another base", "rot:PriorCloseMember", "rot:OpenMember"),
    ("another fact", "<rot:Fact>", "<rot:Fact>x"),
    ("another entity", ">rotascope</xbrli:identifier>", ">somebody</xbrli:identifier>"),
    ("a hidden number changed", 'id="h1" ', 'id="h1" sign="-" '),
    ("a reference to another hidden number", "-ix-hidden:h1", "-ix-hidden:h2"),
    ("a reference to nothing", "-ix-hidden:h1", "-ix-hidden:h999"),
    ("the title", "<title>", "<title>Not "),
    ("a word", "</h1>", "!</h1>"),
    ("text outside the article", "</body>", "9</body>"),
    ("text between blocks", "</ul>", "</ul>now 9%"),
    ("a paragraph more", "</body>", "<p>It rose 9%.</p></body>"),
    ("a paragraph more with an id", "</body>", '<p id="b999">It rose.</p></body>'),
    ("a text twice", "</body>", '<h1 id="b2">x</h1></body>'),
    ("a script", "</body>", "<script>x</script></body>"),
    ("an image", "</body>", '<div><img src="x.png" alt="9"/></div></body>'),
    ("a comment", "</body>", "<!-- 9 --></body>"),
    ("a document type", "<html", '<!DOCTYPE html [<!ENTITY x "9">]><html'),
    ("a style sheet", "<html", '<?xml-stylesheet href="x.css"?><html'),
    ("a style that hides", "</style>", ".note { display: none }</style>"),
    ("a style that adds", "</style>", "p::after { content: '9' }</style>"),
    ("a style that moves", "</style>", "p { text-indent: -9999px }</style>"),
    ("a style from elsewhere", "</style>", "@import 'x.css';</style>"),
    ("a hidden paragraph", '<p id="', '<p style="display:none" id="'),
    ("another namespace of ix", "2013/inlineXBRL", "2008/inlineXBRL"),
    ("another namespace of a part", "<body>", '<body xmlns:q="http://example.com/">'),
    ("another taxonomy", f'xlink:href="{FILE}"', 'xlink:href="https://example.com/x.xsd"'),
    ("a tag around a number that is no fact", "</h1>", '<ix:nonFraction id="f9999"/></h1>'),
    ("an id twice", 'id="f2"', 'id="f1"'),
    ("no id", ' id="f2"', ""),
    ("a context more", "<ix:resources>", f"<ix:resources>{SPARE}"),
    ("XML that is none", "</html>", "</htm>"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "old", "new"), LIES, ids=[what for what, _, _ in LIES])
def test_a_lie_in_the_page_is_found(what: str, old: str, new: str, small: Draft, tmp_path: Path) -> None:
    found = codes(swap(small.files, old, new), tmp_path / "r")
    assert found
    assert all(code.startswith("xbrl-") for code in found), found


def test_every_digit_that_is_tagged_counts(small: Draft, tmp_path: Path) -> None:
    """Change the number in each tag, one after the other."""
    text = small.files[PAGE].decode()
    tags = list(re.finditer(r"<ix:nonFraction [^>]*>([0-9.,]+)<", text))
    assert len(tags) > 60
    for hit in tags[::6]:
        digit = "1" if hit[1][-1] != "1" else "2"
        changed = text[: hit.end(1) - 1] + digit + text[hit.end(1) :]
        assert codes({**small.files, PAGE: changed.encode()}, tmp_path / "r"), hit[0]


def test_a_tag_taken_away_is_found(small: Draft, tmp_path: Path) -> None:
    text = re.sub(r'<ix:nonFraction id="f3"[^>]*>([^<]*)</ix:nonFraction>', r"\1", small.files[PAGE].decode())
    assert "xbrl-fact" in codes({**small.files, PAGE: text.encode()}, tmp_path / "r")


def test_a_tag_moved_to_an_equal_number_is_found(small: Draft, tmp_path: Path) -> None:
    """What is tagged is the place of the fact, not any place with its digits."""
    text = small.files[PAGE].decode()
    hit = next(re.finditer(r'(<ix:nonFraction id="f3"[^>]*>)([^<]*)(</ix:nonFraction>)', text))
    moved = text[: hit.start()] + hit[2] + hit[1] + hit[3] + text[hit.end() :]
    assert "xbrl-fact" in codes({**small.files, PAGE: moved.encode()}, tmp_path / "r")


SPREAD = 'name="return_spread" type="xbrli:'
LEVEL = 'name="level" type="xbrli:decimalItemType" substitutionGroup="xbrli:item" xbrli:periodType='
XSD_LIES = [
    ("a metric of another type", f"{SPREAD}decimalItemType", f"{SPREAD}monetaryItemType"),
    ("a state made a period", f'{LEVEL}"instant"', f'{LEVEL}"duration"'),
    ("a metric renamed", 'name="return_spread"', 'name="return_spreads"'),
    ("another namespace", 'targetNamespace="https://rotascope.org', 'targetNamespace="https://example.com'),
    ("a type of no kind", f"{SPREAD}decimalItemType", f"{SPREAD}stringItemType"),
    ("no general concept", 'name="other_number"', 'name="other_numbers"'),
    ("XML that is none", "</xs:schema>", "</xs:schem>"),
]


@pytest.mark.parametrize(("what", "old", "new"), XSD_LIES, ids=[what for what, _, _ in XSD_LIES])
def test_a_lie_in_the_taxonomy_is_found(what: str, old: str, new: str, small: Draft, tmp_path: Path) -> None:
    found = codes(swap(small.files, old, new, name=FILE), tmp_path / "r")
    assert found
    assert all(code.startswith("xbrl-") for code in found), found


def test_page_and_taxonomy_come_together(small: Draft, tmp_path: Path) -> None:
    for gone, code in ((PAGE, "xbrl-taxonomy"), (FILE, "xbrl-taxonomy")):
        files = {name: content for name, content in small.files.items() if name not in (gone, CRATE)}
        assert code in codes(files, tmp_path / f"without-{gone}")
    neither = {n: c for n, c in small.files.items() if n not in (PAGE, FILE, CRATE)}
    assert codes(neither, tmp_path / "neither") == []
