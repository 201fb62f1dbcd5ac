"""Spans, coverage, direction, bound rows, sources: good and bad."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import builder as b
import pytest
from builder import Bundle

from rotascope_verify.bundle import verify


def codes(bundle: Bundle, tmp_path: Path) -> set[str]:
    return {f.code for f in verify(bundle.write(tmp_path)).failures}


def test_the_tiny_bundle_passes(tmp_path: Path) -> None:
    result = verify(Bundle().write(tmp_path))
    assert result.failures == []
    assert (result.facts, result.observations, result.claims) == (9, 10, 5)


GOOD_PARTS: list[tuple[Any, ...]] = [
    (b.date("2026-01-01", "iwm", "start", "iso"),),
    (b.date("31 Jan 2026", "iwm", "end", "short"),),
    (b.date("30 January", "iwm", "end_used", "day_month"),),
    (b.date("January", "iwm", "as_of", "month_name"),),
    (b.date("2026", "report", "window.start", "year"),),
    (b.date("31 January 2026", "report", "window.end", "long"),),
    (b.date("28 Jan 2026", "source:news", "published", "short"),),
    (b.number("+5.00%", "iwm", form="signed", decimals=2),),
    (b.number("−3.0", "gap", style="bare"),),
    (b.number("first", "rank", form="ordinal", decimals=0),),
    (("S&P 500", "literal", {}),),
    (("Magnificent 7", "literal", {}),),
    ("small change, one idea, largesse, mostly, ledger, alsotwo",),
    (b.cite(1),),
]


@pytest.mark.parametrize("parts", GOOD_PARTS)
def test_good_spans(tmp_path: Path, parts: tuple[Any, ...]) -> None:
    bundle = Bundle()
    bundle.add("See ", *parts, ".")
    assert codes(bundle, tmp_path) == set()


def span(text: str, kind: str, **data: Any) -> tuple[str, str, dict[str, Any]]:
    return text, kind, data


BAD_PARTS: list[tuple[tuple[Any, ...], str]] = [
    # dates
    ((b.date("2026-01-02", "iwm", "start", "iso"),), "text-differs"),
    ((b.date("1 Jan 2026", "iwm", "start", "iso"),), "text-differs"),
    ((b.date("01 January 2026", "iwm", "start", "long"),), "text-differs"),
    ((b.date("2026-01-01", "iwm", "start", "us"),), "span-form"),
    ((b.date("2026-01-01", "iwm", "base", "iso"),), "ref-missing"),
    ((b.date("2026-01-01", "flow", "start", "iso"),), "ref-missing"),
    ((b.date("2026-01-01", "none", "start", "iso"),), "ref-missing"),
    ((b.date("2026-01-01", "report", "start", "iso"),), "ref-missing"),
    ((b.date("2026-01-01", "source:db", "published", "iso"),), "ref-missing"),
    ((b.date("2026-01-28", "source:none", "published", "iso"),), "ref-missing"),
    # facts
    ((b.number("5.1%", "iwm"),), "text-differs"),
    ((b.number("−5.0%", "iwm"),), "text-differs"),
    ((b.number("5.0 pp", "iwm"),), "text-differs"),
    ((b.number("5.0%", "nothing"),), "ref-missing"),
    ((b.number("5.0%", "iwm", style="loud"),), "span-form"),
    ((b.number("5.0%", "iwm", form="loud"),), "span-form"),
    ((b.number("five%", "iwm", form="word", decimals=0),), "span-form"),
    ((b.number("-3.0 pp", "gap"),), "text-differs"),  # a hyphen is no minus sign
    # names
    ((b.name("Small Caps", "small"),), "text-differs"),
    ((b.name("Small caps", "large"),), "text-differs"),
    ((b.name("Small caps", "tiny"),), "ref-missing"),
    ((b.name("Small caps", "small", "c1", "object"),), "claim-party"),
    ((b.name("Small caps", "small", "c77", "subject"),), "ref-missing"),
    ((b.name("Small caps", "small", "c1", "friend"),), "claim-party"),
    ((span("Small caps", "name", ref="small", claim="c1"),), "span-shape"),
    # claims, citations, literals, sources
    ((b.word("rose", "c77"),), "ref-missing"),
    ((b.word("rose", "c1"),), "claim-party"),  # its subject is not named here
    ((span("[2]", "cite", n=2),), "ref-missing"),
    ((span("[1]", "cite", n=0),), "text-differs"),
    ((span("30-year", "literal"),), "literal-unknown"),
    ((span("rose", "literal"),), "literal-unknown"),
    ((span("[1] Fund News", "source", ref="news", n=1),), "source-block"),
    # shape
    ((span("5.0%", "fact", ref="iwm", form="plain", style="short"),), "span-shape"),
    ((span("5.0%", "fact", ref="iwm", form="plain", style="short", decimals=-1),), "span-shape"),
    ((span("5.0%", "fact", ref="iwm", form="plain", style="short", decimals=1.0),), "span-shape"),
    ((span("5.0%", "fact", ref=["iwm"], form="plain", style="short", decimals=1),), "span-shape"),
    ((span("5.0%", "fact", ref="iwm", form="plain", style="short", decimals=1, note="x"),), "span-shape"),
    ((span("5.0%", "magic"),), "span-shape"),
    ((span("[0]", "cite", n=True),), "span-shape"),
    # coverage
    (("It was 7",), "digit-uncovered"),
    (("It was ٣",), "digit-uncovered"),
    (("It was ½",), "digit-uncovered"),
    (("It was ⅷ",), "digit-uncovered"),
    (("Twice as good",), "number-word-uncovered"),
    (("two-thirds",), "number-word-uncovered"),
    (("a Dozen",), "number-word-uncovered"),
    (("it rose",), "word-uncovered"),
    (("it took\u00a0in much",), "word-uncovered"),
    (("more than that",), "word-uncovered"),
    (("large-cap",), "word-uncovered"),
    (("MOST of it",), "word-uncovered"),
    (("about",), "word-uncovered"),
    (("the S&P 500",), "name-uncovered"),
    (("these Small caps",), "name-uncovered"),
    (("a soft\u00adhyphen",), "text-control"),
    (("a tw\u200bo",), "text-control"),
    (("a line\nbreak",), "text-control"),
]


@pytest.mark.parametrize(("parts", "code"), BAD_PARTS)
def test_bad_spans(tmp_path: Path, parts: tuple[Any, ...], code: str) -> None:
    bundle = Bundle()
    bundle.html = "x"  # the builder cannot render every broken span
    bundle.add("See ", *parts, ".")
    assert code in codes(bundle, tmp_path)


def test_a_phrase_must_lie_in_one_claim_span(tmp_path: Path) -> None:
    """Only "more" of "more than" tagged is not enough, and neither is a name around "large"."""
    bundle = Bundle()
    bundle.report["claims"].append(b.claim("c9", "gt", ["iwm", "spy"]))
    bundle.add("It is ", b.word("more than", "c9"), " that.")
    assert codes(bundle, tmp_path) == set()
    bundle.report["blocks"][-2]["spans"][0]["end"] -= 1
    assert {"word-uncovered", "claim-word"} <= codes(bundle, tmp_path)


@pytest.mark.parametrize("change", ["all capitals", "one word"])
def test_which_names_must_be_tagged(tmp_path: Path, change: str) -> None:
    bundle = Bundle()
    word = {"all capitals": "IWM", "one word": "Smalls"}[change]
    bundle.report["entities"]["small"]["names"].append(word)
    bundle.add(f"See {word} and {word}X.")
    assert codes(bundle, tmp_path) == ({"name-uncovered"} if change == "all capitals" else set())


def test_spans_must_be_in_order_and_inside(tmp_path: Path) -> None:
    for change in (
        lambda s: s.reverse(),
        lambda s: s[0].update(end=s[1]["start"] + 1),
        lambda s: s[-1].update(end=10_000),
        lambda s: s[0].update(start=-1),
        lambda s: s[0].update(end=s[0]["start"]),
        lambda s: s.append("span"),
    ):
        bundle = Bundle()
        bundle.html = "x"  # the builder cannot render broken spans
        change(bundle.block("b5")["spans"])
        assert codes(bundle, tmp_path) & {"span-order", "span-shape"}


def test_offsets_count_code_points(tmp_path: Path) -> None:
    bundle = Bundle()
    bundle.add("𝒜𝒜 naïve ", b.number("5.0%", "iwm"))
    assert codes(bundle, tmp_path) == set()


def test_direction(tmp_path: Path) -> None:
    bundle = Bundle()
    bundle.add("A gap of ", b.number("3.0 pp", "gap", form="abs"))
    assert codes(bundle, tmp_path) == {"direction-missing"}
    for predicate, params, good in (
        ("negative", {}, True),
        ("at_most", {"x": -1}, False),
        ("at_least", {"x": -4}, False),  # true, but the value is not above zero
    ):
        other = Bundle()
        other.report["claims"].append(b.claim("c9", predicate, ["gap"], **params))
        text = {"negative": "fell", "at_most": "at most", "at_least": "at least"}[predicate]
        other.add("It ", b.word(text, "c9"), " ", b.number("3.0 pp", "gap", form="abs"))
        assert codes(other, tmp_path) == (set() if good else {"direction-missing"})
    third = Bundle()
    third.report["claims"].append(b.claim("c9", "max_of", ["iwm", "spy"]))
    third.add("The ", b.word("largest", "c9"), " ", b.number("5.0%", "iwm", form="abs"))
    assert codes(third, tmp_path) == set()


def test_direction_of_a_printed_zero_is_free(tmp_path: Path) -> None:
    bundle = Bundle()
    bundle.facts.append(
        b.fact("none", ["IWM", "IWM"], 0, "pp", 1, "0.0 pp", "difference", [b.ref("iwm"), b.ref("iwm")])
    )
    bundle.add("A gap of ", b.number("0.0 pp", "none", form="abs"))
    assert codes(bundle, tmp_path) == set()


def test_bound_rows(tmp_path: Path) -> None:
    bundle = Bundle()
    rows = bundle.block("b8")["rows"]
    rows[0][1], rows[1][1] = rows[1][1], rows[0][1]
    assert codes(bundle, tmp_path) == {"row-binding", "name-unrelated"}
    bundle.block("b8")["bound"] = False
    assert codes(bundle, tmp_path) == {"name-unrelated"}
    deep = Bundle()  # a fact about both is about each, through its inputs
    deep.block("b8")["rows"][1][1] = b.inline(b.number("1", "rank", decimals=0))
    assert codes(deep, tmp_path) == set()
    other = Bundle()
    other.block("b8")["rows"][1][1] = b.inline(b.number("$50m", "flow", decimals=0))
    assert codes(other, tmp_path) == {"row-binding", "name-unrelated"}


NAMES: list[tuple[tuple[Any, ...], bool]] = [
    ((b.name("Small caps", "small"), " at ", b.number("5.0%", "iwm")), True),
    ((b.name("Small caps", "small"), " at ", b.number("2.0%", "spy")), False),
    ((b.number("2.0%", "spy"), " for ", b.name("Small caps", "small")), False),
    (
        (
            b.name("Small caps", "small"),
            " near ",
            b.name("Large caps", "large"),
            " at ",
            b.number("2.0%", "spy"),
        ),
        False,
    ),
    (
        (
            b.name("Small caps", "small"),
            " near ",
            b.name("Large caps", "large"),
            " at ",
            b.number("3.0 pp", "spread"),
        ),
        True,
    ),
    # both names are of facts in this text, but each stands before the number of the other
    (
        (
            b.name("Small caps", "small"),
            " at ",
            b.number("2.0%", "spy"),
            ", ",
            b.name("Large caps", "large"),
            " at ",
            b.number("5.0%", "iwm"),
        ),
        False,
    ),
    ((b.name("Small caps", "small"), " came ", b.number("first", "rank", form="ordinal", decimals=0)), True),
    ((b.name("Large caps", "large"), " came ", b.number("first", "rank", form="ordinal", decimals=0)), False),
    ((b.name("Small caps", "small"), " and ", b.name("Large caps", "large")), True),  # no number
]


@pytest.mark.parametrize(("parts", "good"), NAMES)
def test_names_stand_beside_their_own_numbers(tmp_path: Path, parts: tuple[Any, ...], good: bool) -> None:
    bundle = Bundle()
    bundle.add("See ", *parts, ".")
    assert codes(bundle, tmp_path) == (set() if good else {"name-unrelated"})


def test_names_in_a_row_that_is_not_bound(tmp_path: Path) -> None:
    bundle = Bundle()
    bundle.block("b8").update(
        bound=False, rows=[[b.inline(b.number("5.0%", "iwm")), b.inline(b.name("S&P 500", "large"))]]
    )
    assert codes(bundle, tmp_path) == {"name-unrelated"}


def source_text(bundle: Bundle, text: str) -> None:
    bundle.block("b10").update(b.inline((text, "source", {"ref": "news", "n": 1})))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"title": ""}, "[1] Fund News, 2026-01-28. https://example.org/1"),
        ({"published": ""}, '[1] Fund News, "Money moves". https://example.org/1'),
        ({"url": ""}, '[1] Fund News, "Money moves", 2026-01-28.'),
        ({"title": "", "published": "", "url": ""}, "[1] Fund News."),
    ],
)
def test_source_blocks_leave_out_what_is_empty(tmp_path: Path, changes: dict[str, str], text: str) -> None:
    bundle = Bundle()
    bundle.report["sources"]["news"].update(changes)
    assert "text-differs" in codes(bundle, tmp_path)
    source_text(bundle, text)
    assert codes(bundle, tmp_path) == set()


def test_a_source_of_the_database_has_number_zero(tmp_path: Path) -> None:
    bundle = Bundle()
    bundle.add(("[0] Market database.", "source", {"ref": "db", "n": 0}), kind="source")
    assert codes(bundle, tmp_path) == set()
    bundle.report["blocks"][-2].update(b.inline(("[1] Market database.", "source", {"ref": "db", "n": 1})))
    assert codes(bundle, tmp_path) == {"ref-missing"}


def no_span(bundle: Bundle) -> None:
    bundle.block("b10").update(b.inline("Some source"))


SOURCE_CHANGES: list[tuple[Callable[[Bundle], object], str]] = [
    (no_span, "source-block"),
    (
        lambda x: source_text(x, '[1] Fund News, "Money moves", 2026-01-29. https://example.org/1'),
        "text-differs",
    ),
    (lambda x: x.report["citations"].append({"n": 1, "sources": ["news"]}), "citation-bad"),
    (lambda x: x.report["citations"].append({"n": 2, "sources": ["db"]}), "citation-bad"),
    (lambda x: x.report["citations"].append({"n": 2, "sources": []}), "citation-bad"),
    (lambda x: x.report["citations"].append({"n": 2, "sources": ["who"]}), "citation-bad"),
    (lambda x: x.report["citations"].append({"n": -1, "sources": ["db"]}), "citation-shape"),
    (lambda x: x.report["citations"].append({"n": 2}), "citation-shape"),
    (lambda x: x.report["citations"][0]["sources"].append("news"), "citation-bad"),
    (lambda x: x.report["citations"].pop(), "ref-missing"),
    (lambda x: x.report["sources"]["news"].update(standing="database"), "citation-bad"),
    (lambda x: x.report["sources"]["news"].update(standing="rumour"), "source-shape"),
    (lambda x: x.report["sources"]["news"].update(published="soon"), "source-shape"),
    (lambda x: x.report["sources"]["news"].update(rating=5), "source-shape"),
    (lambda x: x.report["sources"].pop("news"), "source-unknown"),
    (lambda x: x.report["entities"]["small"].update(series="QQQ"), "entity-series"),
    (lambda x: x.report["entities"]["small"].update(names=[]), "entity-shape"),
    (lambda x: x.report["entities"]["small"].update(names=["", "Small caps"]), "entity-shape"),
    (lambda x: x.report["entities"]["small"].update(colour="red"), "entity-shape"),
]


@pytest.mark.parametrize(("change", "code"), SOURCE_CHANGES)
def test_sources_citations_entities(tmp_path: Path, change: Callable[[Bundle], object], code: str) -> None:
    bundle = Bundle()
    change(bundle)
    assert code in codes(bundle, tmp_path)


def test_an_unused_entity_is_fine(tmp_path: Path) -> None:
    bundle = Bundle()
    bundle.report["entities"]["spare"] = {"names": ["Spare fund"], "series": "SPY", "note": ""}
    assert codes(bundle, tmp_path) == set()


BLOCK_CHANGES: list[tuple[Callable[[Bundle], object], str]] = [
    (lambda x: x.block("b4").update(level=4), "block-shape"),
    (lambda x: x.block("b4").pop("level"), "block-shape"),
    (lambda x: x.block("b5").update(level=2), "block-shape"),
    (lambda x: x.block("b5").update(kind="poem"), "block-shape"),
    (lambda x: x.block("b5").update(id="b4"), "block-shape"),
    (lambda x: x.block("b5").pop("spans"), "block-shape"),
    (lambda x: x.block("b8")["rows"][0].pop(), "block-shape"),
    (lambda x: x.block("b8").update(bound="yes"), "block-shape"),
    (lambda x: x.block("b8").update(header=[]), "block-shape"),
    (lambda x: x.block("b5").update(kind="title"), "block-shape"),
    (lambda x: x.report.update(format="rotascope-report/2"), "report-shape"),
    (lambda x: x.report.update(extra=1), "report-shape"),
    (lambda x: x.report.update(as_of="2026-02-30"), "report-shape"),
    (lambda x: x.report["window"].update(base="noon"), "report-shape"),
    (lambda x: x.report["window"].update(start="2026-02-01"), "report-shape"),
    (lambda x: x.report.update(blocks={}), "report-shape"),
]


@pytest.mark.parametrize(("change", "code"), BLOCK_CHANGES)
def test_blocks(tmp_path: Path, change: Callable[[Bundle], object], code: str) -> None:
    bundle = Bundle()
    bundle.html = bundle.markdown = "x"  # the builder cannot render a broken block
    change(bundle)
    assert code in codes(bundle, tmp_path)
