"""Documents: text whose numbers, names and comparisons are tagged.

docs/bundle-format.md says what each kind of span and block means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from rotascope.model.facts import Window
from rotascope.model.library import Related
from rotascope.model.observations import Source

BlockKind = Literal[
    "title", "standfirst", "meta", "heading", "paragraph", "item", "note", "source", "tags", "table", "chart"
]


@dataclass(frozen=True, slots=True)
class Span:
    """A tagged piece of text, `[start, end)` in code points. `data` holds the keys of its kind."""

    start: int
    end: int
    kind: str
    data: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return the span as in report.json."""
        return {"start": self.start, "end": self.end, "kind": self.kind, **self.data}


@dataclass(frozen=True, slots=True)
class Inline:
    """Text with its spans, sorted and not overlapping."""

    text: str
    spans: tuple[Span, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the inline as in report.json."""
        return {"text": self.text, "spans": [s.as_json() for s in self.spans]}


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph, list item, note or the like."""

    id: str
    kind: BlockKind
    inline: Inline
    level: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the block as in report.json."""
        out: dict[str, Any] = {"id": self.id, "kind": self.kind, **self.inline.as_json()}
        if self.level:
            out["level"] = self.level
        return out


@dataclass(frozen=True, slots=True)
class Table:
    """A table. With `bound`, the facts of a row are about the entity named in its first cell."""

    id: str
    caption: Inline
    header: tuple[Inline, ...]
    rows: tuple[tuple[Inline, ...], ...]
    bound: bool = False
    kind: BlockKind = "table"

    def as_json(self) -> dict[str, Any]:
        """Return the table as in report.json."""
        return {
            "id": self.id,
            "kind": "table",
            "caption": self.caption.as_json(),
            "header": [c.as_json() for c in self.header],
            "rows": [[c.as_json() for c in row] for row in self.rows],
            "bound": self.bound,
        }


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: `name` is its key in charts.json, `alt` says in words what it shows."""

    id: str
    name: str
    caption: Inline
    alt: Inline
    kind: BlockKind = "chart"

    def as_json(self) -> dict[str, Any]:
        """Return the chart as in report.json."""
        return {
            "id": self.id,
            "kind": "chart",
            "chart": self.name,
            "caption": self.caption.as_json(),
            "alt": self.alt.as_json(),
        }


@dataclass(frozen=True, slots=True)
class ChartData:
    """What a chart is drawn from: a Vega-Lite specification without data, and its datasets by name."""

    spec: Mapping[str, Any]
    datasets: Mapping[str, Mapping[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """Return the chart as in charts.json."""
        return {"spec": dict(self.spec), "datasets": {k: dict(v) for k, v in self.datasets.items()}}


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """A comparison that the text makes, as a predicate over facts."""

    id: str
    predicate: str
    facts: tuple[str, ...]
    params: Mapping[str, Any] = field(default_factory=dict)
    subject: str | None = None
    object: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the claim as in report.json."""
        return {
            "id": self.id,
            "predicate": self.predicate,
            "facts": list(self.facts),
            "params": dict(self.params),
            "subject": self.subject,
            "object": self.object,
        }


@dataclass(frozen=True, slots=True)
class Entity:
    """Something with names that the text mentions, tied to the series that stands for it."""

    id: str
    names: tuple[str, ...]
    series: str
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the entity as in report.json."""
        return {"names": list(self.names), "series": self.series, "note": self.note}


@dataclass(frozen=True, slots=True)
class Citation:
    """`[n]` in the text, and the sources it opens to."""

    n: int
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words of a publication, exactly as they stand in its saved text; `sha256` is that of its raw bytes."""

    source: str
    sha256: str
    excerpt: str

    def as_json(self) -> dict[str, str]:
        """Return the quotation as in report.json."""
        return {"source": self.source, "sha256": self.sha256, "excerpt": self.excerpt}


@dataclass(frozen=True, slots=True)
class Document:
    """A finished article: blocks in order and everything their spans refer to."""

    title: str
    as_of: date
    window: Window
    case: str
    blocks: Sequence[Block | Table | Chart]
    claims: Sequence[ClaimRecord]
    entities: Mapping[str, Entity]
    sources: Mapping[str, Source]
    citations: Sequence[Citation]
    charts: Mapping[str, ChartData] = field(default_factory=dict)
    related: Sequence[Related] = ()
    quotes: Mapping[str, Quotation] = field(default_factory=dict)

    def inlines(self) -> Iterator[tuple[str, Inline]]:
        """Yield each inline with the place that names it (`b7`, `b7.r2.c3`)."""
        for block in self.blocks:
            if isinstance(block, Table):
                yield f"{block.id}.caption", block.caption
                yield from ((f"{block.id}.h{c}", cell) for c, cell in enumerate(block.header))
                for r, row in enumerate(block.rows):
                    yield from ((f"{block.id}.r{r}.c{c}", cell) for c, cell in enumerate(row))
            elif isinstance(block, Chart):
                yield f"{block.id}.caption", block.caption
                yield f"{block.id}.alt", block.alt
            else:
                yield block.id, block.inline
