"""What a section hands over: headings, paragraphs and tables, before they get their ids."""

from __future__ import annotations

from dataclasses import dataclass

from rotascope.model.documents import BlockKind, Inline


@dataclass(frozen=True, slots=True)
class Part:
    """One block to be."""

    kind: BlockKind
    inline: Inline
    level: int = 0


@dataclass(frozen=True, slots=True)
class TablePart:
    """A table to be. With `bound`, each row is about the entity named in its first cell."""

    caption: Inline
    header: tuple[Inline, ...]
    rows: tuple[tuple[Inline, ...], ...]
    bound: bool = True


Parts = list[Part | TablePart]


def heading(text: str, level: int = 2) -> Part:
    """Return a heading of plain words."""
    return Part("heading", Inline(text), level)


def paragraph(inline: Inline) -> Part:
    """Return a paragraph."""
    return Part("paragraph", inline)
