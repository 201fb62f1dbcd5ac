"""Reports from the wheel's data, read for style: no seams, no empty section, no sentence twice."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from rotascope.app import wiring, workflows
from rotascope.app.settings import Settings
from rotascope.model.documents import Block, Document, Table

WINDOWS = [
    pytest.param(None, id="january-2026"),
    pytest.param((date(2000, 3, 31), date(2002, 9, 30)), id="value-turn"),
    pytest.param((date(2008, 8, 29), date(2009, 3, 31)), id="crisis"),
    pytest.param((date(2017, 8, 31), date(2017, 9, 29)), id="quiet-month"),
    pytest.param((date(2016, 12, 30), date(2017, 12, 29)), id="growth-year"),
]
_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")


@pytest.fixture(scope="module", params=WINDOWS)
def document(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Document:
    window: tuple[date, date] | None = request.param
    settings = Settings(Path(tmp_path_factory.mktemp("none")))
    asked = (
        workflows.ReportRequest(case="january-2026")
        if window is None
        else workflows.ReportRequest(start=window[0], end=window[1], as_of=date(2019, 6, 28))
    )
    used, as_of, case, universe = workflows._resolve(asked)
    with wiring.open_reader(settings) as reader:
        made, _ = workflows.article(workflows._desk(reader, universe, as_of), used, case)
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


def test_tables_have_as_many_cells_as_columns(document: Document) -> None:
    for table in (b for b in document.blocks if isinstance(b, Table)):
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.header)}


def test_sentences_stay_readable(document: Document) -> None:
    sentences = [s for text in prose(document) for s in _SENTENCE.split(text)]
    lengths = sorted(len(s.split()) for s in sentences)
    assert lengths[len(lengths) // 2] <= 25
    assert lengths[-1] <= 60
