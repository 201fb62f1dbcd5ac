"""Marks are removed by a reader of our own, which follows docs/bundle-format.md and nothing else."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from render_samples import BLOCKS, HOSTILE, TABLE, a_document, collapse

from rotascope.model.documents import Block, Document, Inline, Table
from rotascope.report.render import render_markdown


def read_back(markdown: str, doc: Document) -> list[str]:
    """Return the texts of a report.md, with the marks of each kind of block removed."""
    parts = markdown.removesuffix("\n").split("\n\n")
    texts: list[str] = []
    for block in doc.blocks:
        part = parts.pop(0)
        if isinstance(block, Table):
            assert part.startswith("**") and part.endswith("**")
            header, rule, *rows = parts.pop(0).split("\n")
            assert re.fullmatch(r"\|( -+:? \|)+", rule)
            texts += [unescape(part[2:-2]), *(c for line in (header, *rows) for c in cells(line))]
            continue
        before, after = {
            "title": ("# ", ""), "standfirst": ("*", "*"), "item": ("- ", ""), "note": ("> ", ""),
            "heading": ("#" * block.level + " ", ""),
        }.get(block.kind, ("", ""))  # fmt: skip
        assert part.startswith(before) and part.endswith(after)
        texts.append(unescape(part[len(before) : len(part) - len(after)]))
    assert not parts
    return texts


def cells(line: str) -> list[str]:
    assert line.startswith("| ") and line.endswith(" |")
    return [unescape(cell[1:-1]) for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def unescape(text: str) -> str:
    """Take away one backslash before each escaped character; every special character has one."""
    out, at = "", 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
            assert text[at] in "\\*_[]|<>#`"
        else:
            assert text[at] not in "*_[]|<>#`", f"{text[at]} is not escaped"
        out += text[at]
        at += 1
    return out


def test_text_comes_back_in_order() -> None:
    doc = a_document()
    expected = [collapse(inline.text) for _, inline in doc.inlines()]
    assert [collapse(text) for text in read_back(render_markdown(doc), doc)] == expected


def test_by_hand() -> None:
    doc = a_document([*BLOCKS[1:4], TABLE, *BLOCKS[7:8], *BLOCKS[9:10]])
    assert render_markdown(doc) == (
        "# Value's January & \\<after\\>\n"
        "\n"
        "*Value beat Growth by 6.1 points.*\n"
        "\n"
        "## Style\\_gap\n"
        "\n"
        "**Returns \\| by \\*fund\\***\n"
        "\n"
        "| Fund | Return | Gap | Word |\n"
        "| --- | ---: | ---: | --- |\n"
        "| Value | −4.5% | +6.1 \\[1\\] | large |\n"
        "| Growth | — | +6.1 |  |\n"
        "\n"
        "- first\n"
        "\n"
        "> A note.\n"
    )


@given(st.lists(st.text(st.sampled_from(HOSTILE + "\r\n\t\v\f\x85")), min_size=1, max_size=5))
def test_any_text_is_one_line_and_comes_back(texts: list[str]) -> None:
    doc = a_document([Block(f"b{i}", "item", Inline(f"x{text}x")) for i, text in enumerate(texts)])
    markdown = render_markdown(doc)
    assert len(markdown.splitlines()) == 2 * len(texts) - 1
    assert [collapse(t) for t in read_back(markdown, doc)] == [collapse(f"x{t}x") for t in texts]
