"""What all renderers share: an inline cut at its spans, and how a table's columns are set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rotascope.model.documents import Block, Document, Inline, Span, Table

EMPTY_CELLS = frozenset({"", "-", "–", "—", "n/a"})


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that lies wholly inside one span, or wholly outside all of them."""

    text: str
    span: Span | None = None

    @property
    def kind(self) -> str:
        """Return the kind of the span, or an empty string for bare text."""
        return self.span.kind if self.span else ""

    @property
    def sign(self) -> str:
        """Return `neg` or `pos` where the text itself starts with a sign, else an empty string."""
        return {"−": "neg", "+": "pos"}.get(self.text[:1], "")


def pieces(inline: Inline) -> Iterator[Piece]:
    """Yield the runs of an inline in order; their texts joined are the text of the inline.

    Raises: ValueError if a span is out of range, empty, or overlaps the one before it.
    """
    at = 0
    for span in inline.spans:
        if not at <= span.start < span.end <= len(inline.text):
            raise ValueError(
                f"span [{span.start}, {span.end}) does not follow offset {at} in a text of "
                f"{len(inline.text)} characters"
            )
        if span.start > at:
            yield Piece(inline.text[at : span.start])
        yield Piece(inline.text[span.start : span.end], span)
        at = span.end
    if at < len(inline.text):
        yield Piece(inline.text[at:])


def numeric_columns(table: Table) -> tuple[bool, ...]:
    """Return, for each column, whether it holds numbers and so is set flush right.

    A cell counts as a number if it has a fact and no letter stands outside its facts and citations.
    Blank cells and dashes have no say. A column is numeric if most of the cells with a say are numbers.
    """
    width = max((len(row) for row in (table.header, *table.rows)), default=0)
    return tuple(_is_numeric([row[c] for row in table.rows if c < len(row)]) for c in range(width))


def _is_numeric(cells: list[Inline]) -> bool:
    with_a_say = [cell for cell in cells if cell.text.strip() not in EMPTY_CELLS]
    numbers = sum(_is_number(cell) for cell in with_a_say)
    return numbers * 2 > len(with_a_say)


def _is_number(cell: Inline) -> bool:
    parts = list(pieces(cell))
    outside = "".join(p.text for p in parts if p.kind not in {"fact", "cite"})
    return any(p.kind == "fact" for p in parts) and not any(ch.isalpha() for ch in outside)


def source_anchors(doc: Document) -> dict[str, int]:
    """Return the blocks that citations lead to: block id -> n.

    A `source` block stands for the n of its span. The market database (n = 0) is described by a note
    that starts with its own citation mark.
    """
    out: dict[str, int] = {}
    for block in doc.blocks:
        if isinstance(block, Block) and block.inline.spans:
            first = block.inline.spans[0]
            own_mark = block.kind == "note" and first.kind == "cite" and first.start == 0
            if (first.kind == "source" or own_mark) and first.data["n"] not in out.values():
                out[block.id] = int(first.data["n"])
    return out
