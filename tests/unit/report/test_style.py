"""Reports read for style: no seams, no empty section, no sentence twice, numbers that stay kind.

Some come from the wheel's data alone, some from the market files where those are at hand.
"""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from rotascope.app import wiring, workflows
from rotascope.app.settings import Settings
from rotascope.facts.build import Desk
from rotascope.model.documents import Block, Chart, Document, Inline, Table
from rotascope.model.universe import load_universe
from rotascope.report.compose import compose
from rotascope_verify import supported_ops

SEEN = date(2019, 6, 28)
WHEEL = {
    "january-2026": None,
    "value-turn": (date(2000, 3, 31), date(2002, 9, 30), SEEN),
    "crisis": (date(2008, 8, 29), date(2009, 3, 31), SEEN),
    "quiet-month": (date(2017, 8, 31), date(2017, 9, 29), SEEN),
    "growth-year": (date(2016, 12, 30), date(2017, 12, 29), SEEN),
}
MARKET = {
    "market-january-2026": (date(2025, 12, 31), date(2026, 1, 30), date(2026, 2, 10)),
    "market-july-2024": (date(2024, 6, 28), date(2024, 7, 31), date(2024, 8, 9)),
    "market-june-2023": (date(2023, 5, 31), date(2023, 6, 30), date(2023, 7, 7)),
    "market-crash": (date(2020, 2, 19), date(2020, 3, 23), date(2026, 9, 1)),
}
_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")
NUMBERS = 4  # measures in a paragraph
WORDS = {
    "wheel": (400, 1100),
    "market": (900, 1650),
}  # of the body; without market files there is less to say


@pytest.fixture(scope="module", params=[*WHEEL, *MARKET])
def document(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Document:
    name: str = request.param
    window = (WHEEL | MARKET)[name]
    home = request.getfixturevalue("market_home") if name in MARKET else tmp_path_factory.mktemp("none")
    asked = (
        workflows.ReportRequest(case=name)
        if window is None
        else workflows.ReportRequest(start=window[0], end=window[1], as_of=window[2])
    )
    used, as_of, case, universe = workflows._resolve(asked)
    with wiring.open_reader(Settings(Path(home))) as reader:
        desk = Desk(reader, load_universe(universe), as_of, verifiable=supported_ops())
        made, _ = compose(desk, used, case)
    return made


def prose(document: Document) -> list[str]:
    kinds = ("standfirst", "paragraph", "item", "note")
    return [b.inline.text for b in document.blocks if isinstance(b, Block) and b.kind in kinds]


def test_paragraphs_are_whole_sentences(document: Document) -> None:
    for text in prose(document):
        assert text[0].isupper() or text[0] in "[", text
        assert text.rstrip("0123456789[] ").endswith((".", "?")), text
        assert not re.search(r"  |\s[.,;:]|\.\.|,,|\{|\}", text), text


def test_no_sentence_stands_twice(document: Document) -> None:
    sentences = [s for text in prose(document) for s in _SENTENCE.split(text)]
    assert sorted(sentences) == sorted(set(sentences))


def test_no_section_is_empty(document: Document) -> None:
    blocks = list(document.blocks)
    for here, after in zip(blocks, [*blocks[1:], None], strict=True):
        if not isinstance(here, Block) or here.kind != "heading":
            continue
        assert after is not None, here.inline.text
        if isinstance(after, Block) and after.kind == "heading":
            assert after.level > here.level, here.inline.text


def test_hype_and_throat_clearing_are_absent(document: Document) -> None:
    text = " ".join(prose(document)).lower()
    for word in ("soared", "plunged", "historic ", "it is important to note", "this analysis", "skyrocket"):
        assert word not in text


def test_cause_is_not_claimed(document: Document) -> None:
    text = " ".join(prose(document)).lower()
    for word in ("because of the", "caused by", "driven by", "due to", "thanks to"):
        assert word not in text


# Each was printed once, and said more than its numbers.
OVERCLAIMS = (
    "whatever the settings", "luck explains", "earned evenly", "seldom lasted", "patience helped",
    "moved the gap",
    "part of the explanation", "helped by", "did not help", "nought", "dearer money", "the common one",
    "carried the index", "typical share", "tended to go on", "lead next", "leads next", "is still open",
    "lead was steady", "retreat was steady", "made that lead", "calm weather", "judgement on price",
    "at stake",
    "no shelter", "cheapness left", "main small-company fund", "either. ", "of its kind", "today:",
)  # fmt: skip


def test_no_sentence_claims_more_than_its_numbers(document: Document) -> None:
    text = " ".join(prose(document)).lower()
    assert [phrase for phrase in OVERCLAIMS if phrase in text] == []


# Words that a reader has to guess at, and the plain ones that took their place are in the sections.
IDIOMS = (
    "vouch", "making good", "in circulation", "walked forward", "part ways", "log ratio", "their sequels",
    "parted by", "lie between them", "ended the window with more", "one piece of evidence", "singled out",
    "speaks for the other side", "worth a trigger", "place on the chart", "was no exception",
    "was an exception", "broke with that", "to fit is not to cause",
)  # fmt: skip


def test_idioms_are_absent(document: Document) -> None:
    text = " ".join(prose(document)).lower()
    assert [phrase for phrase in IDIOMS if phrase in text] == []


def test_a_share_of_settings_is_not_read_as_a_rise(document: Document) -> None:
    """ "Improving by 80% of the settings" is read as a rise of 80% until the sentence is over."""
    for text in prose(document):
        assert not re.search(r"\b(leading|weakening|lagging|improving),? by \d", text), text


def test_amounts_of_money_have_one_precision(document: Document) -> None:
    """Billions with one decimal and millions with none, so that one flow has one figure in the article."""
    texts = prose(document)
    for block in document.blocks:
        if isinstance(block, Table | Chart):
            texts += [block.caption.text, *([block.alt.text] if isinstance(block, Chart) else [])]
    for text in texts:
        assert not re.search(r"\$[\d,]+\.\d\d+ billion|\$[\d,]+\.\d+ million", text), text


def test_a_turn_has_a_sign_to_turn_to(document: Document) -> None:
    """A correlation of 0.09 is next to none; a link that comes down to it has loosened and not turned."""
    for text in prose(document):
        for now in re.findall(r"has turned: a correlation .* has become (\u2212?\d\.\d\d)", text):
            assert abs(float(now.replace("\u2212", "-"))) >= 0.1, text


def test_one_basis_point_is_one(document: Document) -> None:
    for text in prose(document):
        assert not re.search(r"(?<![\d.])1 basis points", text), text


def test_a_year_or_a_month_stands_in_the_title_with_its_preposition(document: Document) -> None:
    assert not re.search(r", (?:[A-Z][a-z]+ )?\d{4}$", document.title), document.title


def test_what_is_missing_is_said_in_one_place(document: Document) -> None:
    """A section of one line that says there is no data is no section; "Not in the data" holds them all."""
    blocks = [b for b in document.blocks if isinstance(b, Block)]
    for here, after in pairwise(blocks):
        if here.kind == "heading" and here.inline.text not in ("Not in the data", "Historical precedent"):
            lone = re.fullmatch(r"[A-Z][^.]* (?:is|are) not available as of [^.]*\.", after.inline.text)
            assert lone is None, (here.inline.text, after.inline.text)


def test_the_standfirst_stands_alone(document: Document) -> None:
    """It says who did what and when, and begins with no excuse."""
    (text,) = [b.inline.text for b in document.blocks if isinstance(b, Block) and b.kind == "standfirst"]
    first = _SENTENCE.split(text)[0]
    assert re.search(r"\d[\d,.]*(%| points)", first) and re.search(r"\b(19|20)\d\d\b", first), first
    assert not first.startswith(("No ", "Not ")), first


SAMPLES = sorted((Path(__file__).parents[3] / "docs" / "samples").glob("*/report.md"))
SAME_EVERYWHERE = (
    30  # words that a sentence may have if it stands, numbers and names of months aside, in most reports
)


def test_what_every_report_says_is_short() -> None:
    """A long sentence that is the same in every report is read once and skipped ever after."""
    found: dict[str, int] = {}
    for path in SAMPLES:
        body_ = path.read_text("utf-8").split("## Method")[0]
        lines = [line for line in body_.splitlines() if line and line[0] not in "|*#>!"]
        said = {re.sub(r"\d[\d.,%]*|[A-Z][a-z]+ \d{4}", "#", s) for x in lines for s in _SENTENCE.split(x)}
        for sentence in said:
            found[sentence] = found.get(sentence, 0) + 1
    assert len(SAMPLES) >= 6
    often = [s for s, n in found.items() if n > len(SAMPLES) / 2]
    assert [s for s in often if len(s.split()) > SAME_EVERYWHERE] == []


def test_a_link_that_is_told_is_not_zero(document: Document) -> None:
    """An interval with zero in it shows no link, so no sentence may say that two lines moved together."""
    for text in prose(document):
        for low, high in re.findall(r"between (\u2212?\d\.\d\d) and (\u2212?\d\.\d\d)", text):
            assert low.startswith("\u2212") == high.startswith("\u2212"), text


def test_agreement_is_told_in_one_sign(document: Document) -> None:
    """A family agrees by the size of the same side's lead; a minus after "trailed by" would turn it over."""
    for text in prose(document):
        assert not re.search(r"\b(agrees|with)[:,]? \u2212[\d.,]+ points", text), text


def test_size_words_are_those_of_the_glossary(document: Document) -> None:
    """ "Rare" and "unusual" have no band in docs/glossary.md."""
    text = " ".join(prose(document)).lower()
    assert not re.search(r"\b(rare|unusual|unusually|rarely)\b", text)


def test_tables_have_as_many_cells_as_columns(document: Document) -> None:
    for table in (b for b in document.blocks if isinstance(b, Table)):
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.header)}


def test_sentences_stay_readable(document: Document) -> None:
    sentences = [s for text in prose(document) for s in _SENTENCE.split(text)]
    lengths = sorted(len(s.split()) for s in sentences)
    assert lengths[len(lengths) // 2] <= 25
    assert lengths[-1] <= 60


def body(document: Document) -> list[Inline]:
    """Return what a reader reads through: everything up to the method, without headings, tables and notes."""
    out, section = [], ""
    for block in document.blocks:
        if not isinstance(block, Block):
            continue
        if block.kind == "heading" and block.level == 2:
            section = block.inline.text
        if section not in ("Method", "Sources") and block.kind in ("standfirst", "paragraph", "item"):
            out.append(block.inline)
    return out


def in_digits(inline: Inline) -> list[str]:
    """Return the measures of a text that are printed in digits: no dates, ranks, percentiles, and no counts,
    which stand behind a share or a record."""
    return [
        inline.text[s.start : s.end]
        for s in inline.spans
        if s.kind == "fact"
        and s.data["form"] != "ordinal"
        and s.data["style"] not in ("year", "month", "day_month", "long_date", "iso")
        and not re.search(r"percentile|[A-Za-z]{3,} \d{4}$", inline.text[s.start : s.end])
        and not re.fullmatch(r"[\d,]+|[^\d]+", inline.text[s.start : s.end])
    ]


def test_numbers_are_kind(document: Document) -> None:
    for inline in body(document):
        assert len(in_digits(inline)) <= NUMBERS, (in_digits(inline), inline.text)


_KINDS = {
    "the": "article", "a": "article", "an": "article", "that": "pointer", "this": "pointer", "it": "pointer",
    "there": "pointer", "of": "preposition", "in": "preposition", "from": "preposition", "by": "preposition",
    "after": "preposition", "over": "preposition", "among": "preposition", "with": "preposition",
    "at": "preposition", "on": "preposition", "for": "preposition", "to": "preposition", "and": "link",
    "but": "link", "while": "link", "so": "link",
}  # fmt: skip


def shape(sentence: str) -> tuple[str, ...]:
    """Return the kinds of the first three words; the first one stands for itself."""
    words = re.findall(r"[\w&$%+\u2212.-]+", sentence)[:3]
    return (
        words[0].lower(),
        *(_KINDS.get(w.lower(), "name" if w[0].isupper() else "word") for w in words[1:]),
    )


def test_no_three_sentences_in_a_row_have_one_shape(document: Document) -> None:
    for inline in body(document):
        shapes = [shape(s) for s in _SENTENCE.split(inline.text)]
        for a, b, c in zip(shapes, shapes[1:], shapes[2:], strict=False):
            assert not a == b == c, inline.text


def syllables(word: str) -> int:
    """Return a count of vowel groups, less a silent e.

    >>> [syllables(w) for w in ("rate", "company", "table", "growth")]
    [1, 3, 2, 1]
    """
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    silent = word.lower().endswith("e") and not word.lower().endswith(("le", "ee")) and groups > 1
    return max(groups - silent, 1)


def grade(texts: list[str]) -> float:
    """Return the grade of Flesch and Kincaid: years of school needed to read a text at ease."""
    sentences = [s for text in texts for s in _SENTENCE.split(text)]
    words = [w for s in sentences for w in re.findall(r"[A-Za-z][A-Za-z'-]*", s)]
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_grade_of_a_known_text() -> None:
    """Six words of one syllable in one sentence: 0.39 * 6 + 11.8 - 15.59."""
    assert grade(["The cat sat on the mat."]) == pytest.approx(-1.45)


def test_reading_grade_and_length(document: Document, request: pytest.FixtureRequest) -> None:
    texts = [inline.text for inline in body(document)]
    words, level = sum(len(t.split()) for t in texts), grade(texts)
    name = str(request.node.callspec.params["document"])
    print(f"{name}: {words} words, reading grade {level:.1f}")
    assert 5 <= level <= 11
    low, high = WORDS["market" if name in MARKET else "wheel"]
    assert low <= words <= high


def test_the_parts_of_the_article_are_there(document: Document) -> None:
    headings = [b.inline.text for b in document.blocks if isinstance(b, Block) and b.kind == "heading"]
    wanted = [
        "Integrated analysis", "Key insights", "What the data does not support", "Risks and opportunities",
        "Key information summary", "Performance", "Monitoring priorities", "Related tickers", "Method",
        "Sources",
    ]  # fmt: skip
    assert [h for h in headings if h in wanted] == wanted
    assert len(headings) == len(set(headings))
