"""What a section hands over: headings, paragraphs, tables and charts, before they get their ids."""

from __future__ import annotations

from dataclasses import dataclass

from rotascope.model.documents import BlockKind, ChartData, Inline


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


@dataclass(frozen=True, slots=True)
class ChartPart:
    """A chart to be, with its specification and data. `name` is unique in the article."""

    name: str
    caption: Inline
    alt: Inline
    chart: ChartData


Parts = list[Part | TablePart | ChartPart]


def heading(text: str, level: int = 2) -> Part:
    """Return a heading of plain words."""
    return Part("heading", Inline(text), level)


def paragraph(inline: Inline) -> Part:
    """Return a paragraph."""
    return Part("paragraph", inline)
