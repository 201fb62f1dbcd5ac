"""Markdown: the same blocks with marks around them, such that removing the marks gives the text back."""

from __future__ import annotations

import re

from rotascope.model.documents import Block, Chart, Document, Inline, Table
from rotascope.report.render.pieces import numeric_columns

_SPECIAL = re.compile(r"[\\*_\[\]|<>#`]")
_LINE_BREAKS = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_PREFIX = {"title": "# ", "item": "- ", "note": "> "}


def render_markdown(doc: Document) -> str:
    """Return report.md. Line breaks inside a text become one space: a block is one line."""
    return "\n\n".join(_block(block) for block in doc.blocks) + "\n"


def escape(text: str) -> str:
    r"""Return text with a backslash before each character that the bundle format escapes.

    >>> escape("S&P [1] a_b")
    'S&P \\[1\\] a\\_b'
    """
    return _SPECIAL.sub(r"\\\g<0>", _LINE_BREAKS.sub(" ", text))


def _block(block: Block | Table | Chart) -> str:
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Chart):  # in plain text, the chart is its words
        return f"**{escape(block.caption.text)}**\n\n{escape(block.alt.text)}"
    text = escape(block.inline.text)
    if block.kind == "standfirst":
        return f"*{text}*"
    if block.kind == "heading":
        return f"{'#' * (block.level or 2)} {text}"
    return _PREFIX.get(block.kind, "") + text


def _table(table: Table) -> str:
    # The blank line after the caption keeps it from being read as part of the table.
    rule = " | ".join("---:" if numeric else "---" for numeric in numeric_columns(table))
    lines = [_row(table.header), f"| {rule} |", *(_row(row) for row in table.rows)]
    return f"**{escape(table.caption.text)}**\n\n" + "\n".join(lines)


def _row(cells: tuple[Inline, ...]) -> str:
    return "| " + " | ".join(escape(cell.text) for cell in cells) + " |"
