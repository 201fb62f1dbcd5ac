"""What the terminal shows, at many widths."""

from __future__ import annotations

import io
import re

import pytest
from render_samples import BLOCKS, TABLE, a_document, source_block, tagged
from rich.cells import cell_len
from rich.console import Console

from rotascope.model.documents import Block, Document, Inline, Table
from rotascope.report.render import render_terminal


def shown(doc: Document, width: int = 100, *, colour: bool = False, columns: int | None = None) -> str:
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=colour, color_system="standard" if colour else None
    )
    render_terminal(doc, console, columns)
    return out.getvalue()


def bare(text: str) -> str:
    """Return letters and digits only: wrapping and ruling must not change them."""
    return re.sub(r"[\W_]", "", text)


WIDE = Table(
    "w",
    Inline("Wide"),
    tuple(Inline(f"Column number {c}") for c in range(7)),
    tuple(
        tuple([Inline(f"Name {r}")] + [tagged("+1,234.5%", x=("fact", "+1,234.5%"))] * 6) for r in range(2)
    ),
)


@pytest.mark.parametrize("width", [24, 33, 44, 60, 88, 160])
def test_nothing_is_cut_and_nothing_runs_over(width: int) -> None:
    doc = a_document([*BLOCKS[:8], *BLOCKS[9:], WIDE])
    text = shown(doc, width)
    # an address is never broken: it may be wider than the terminal, on a line of its own
    assert all(
        cell_len(li) <= width or li.strip() == "https://wire.example/a_b?x=1&y=2" for li in text.splitlines()
    )
    assert "…" not in text
    for place, inline in doc.inlines():
        if not place.startswith(("t1", "w")):
            assert bare(inline.text) in bare(text)


@pytest.mark.parametrize("width", [24, 33, 44, 60, 88, 160])
def test_numbers_in_tables_stay_whole(width: int) -> None:
    text = shown(a_document([TABLE, WIDE]), width)
    assert text.count("+1,234.5%") == 12
    assert text.count("−4.5%") == 1 and text.count("+6.1") == 2
    words = re.findall(r"[^\W\d_]{2,}", text)
    assert {"Fund", "Return", "Gap", "Word", "Value", "Growth", "large", "Name"} <= set(words)


def test_a_table_that_does_not_fit_becomes_a_list_of_rows() -> None:
    lines = shown(a_document([WIDE]), 40).splitlines()
    assert lines[:3] == ["Wide", "Column number 0: Name 0", "  Column number 1: +1,234.5%"]


def test_an_address_stays_whole_and_can_be_opened() -> None:
    url = "https://example.org/" + "a-long-way/" * 9
    lines = shown(
        a_document([source_block("wire", 3, f'[3] Wire, "Up", 2026-01-30. {url}')]), 60
    ).splitlines()
    assert lines == ['[3] Wire, "Up", 2026-01-30.', "    " + url]
    short = shown(a_document([source_block("wire", 3, "[3] Wire. https://example.org/")]), 60)
    assert short == "[3] Wire. https://example.org/\n"


def test_what_a_table_has_too_much_is_taken_where_it_costs_no_lines() -> None:
    """Long headers give way before the names: 11, 8 and 8 letters with two gaps of 3 fit into 34."""
    table = Table(
        "t",
        Inline("Closes"),
        (Inline("Name"), Inline("At the start of it"), Inline("At the end of it")),
        tuple((Inline(f"Long name {c}"), Inline("1,234.56"), Inline("1,234.56")) for c in "abcd"),
    )
    lines = shown(a_document([table]), 34).splitlines()
    assert [line.split()[:3] for line in lines[-4:]] == [["Long", "name", c] for c in "abcd"]
    assert all(line.count("1,234.56") == 2 for line in lines[-4:])


def test_lines_are_no_longer_than_is_good_to_read() -> None:
    doc = a_document([Block("b", "paragraph", Inline("word " * 100))])
    assert max(map(len, shown(doc, 200).splitlines())) <= 88
    assert max(map(len, shown(doc, 200, columns=50).splitlines())) <= 50


def test_numbers_stand_out() -> None:
    doc = a_document([Block("b", "paragraph", tagged("up 6.1 points", x=("fact", "6.1 points")))])
    assert shown(doc, colour=True) == "up \x1b[1m6.1 points\x1b[0m\n"


def test_markup_and_emoji_codes_are_text() -> None:
    text = "[bold]x[/bold] :smile: [link=http://a]b[/link]"
    assert shown(a_document([Block("b", "paragraph", Inline(text))])) == text + "\n"


def test_text_cannot_steer_the_terminal() -> None:
    text = "a\x1b[2Jb\x07c\u202e12\u202c\x9bd"
    out = shown(
        a_document([Block("b", "paragraph", Inline(text)), Block("i", "item", Inline(text))]), colour=True
    )
    assert not set(re.sub(r"\x1b\[[\d;]*m", "", out)) & set("\x1b\x07\x9b\u202e\u202c")
    assert out.count("a\ufffd[2Jb\ufffdc\ufffd12\ufffd\ufffdd") == 2


def test_numbers_keep_their_place_after_a_control_character() -> None:
    doc = a_document([Block("b", "paragraph", tagged("\x07\x08 up 6.1", x=("fact", "6.1")))])
    assert shown(doc, colour=True) == "\ufffd\ufffd up \x1b[1m6.1\x1b[0m\n"
