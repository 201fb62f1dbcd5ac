"""The article alone, for a notebook: static, small, each number with its fact as a tooltip."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from html import escape
from importlib import resources
from itertools import groupby

from rotascope.model.documents import Block, Chart, Document, Inline, Table
from rotascope.model.facts import Fact
from rotascope.report.render.pieces import numeric_columns, pieces

_NAMES = {"title": "h1", "item": "li", "source": "li"}
_LISTS = frozenset({"item", "source"})
_MORE = "img { max-width: 100% }\n.fact { border-bottom: 1px dotted }\n"


def render_compact(doc: Document, facts: Mapping[str, Fact], drawings: Mapping[str, bytes]) -> str:
    """Return a page without script or evidence. `drawings`: SVG by name of chart; one may be missing."""
    css = (resources.files("rotascope.report.render") / "assets" / "ixbrl.css").read_text(encoding="utf-8")
    page = _Compact(facts, drawings)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(doc.title)}</title>'
        f"<style>{css}{_MORE}</style></head><body>{''.join(page.blocks(doc))}</body></html>"
    )


class _Compact:
    def __init__(self, facts: Mapping[str, Fact], drawings: Mapping[str, bytes]) -> None:
        self.facts, self.drawings = facts, drawings

    def blocks(self, doc: Document) -> Iterator[str]:
        for kind, group in groupby(doc.blocks, key=lambda b: b.kind):
            lines = "".join(self.block(block) for block in group)
            yield f'<ul class="{kind}s">{lines}</ul>' if kind in _LISTS else lines

    def block(self, block: Block | Table | Chart) -> str:
        if isinstance(block, Table):
            return self.table(block)
        if isinstance(block, Chart):
            return self.chart(block)
        name = f"h{block.level or 2}" if block.kind == "heading" else _NAMES.get(block.kind, "p")
        return f'<{name} class="{block.kind}">{self.text(block.inline)}</{name}>'

    def chart(self, chart: Chart) -> str:
        drawing = self.drawings.get(chart.name)
        alt = escape(chart.alt.text)
        data = base64.b64encode(drawing).decode() if drawing else ""
        shown = f'<img alt="{alt}" src="data:image/svg+xml;base64,{data}">' if drawing else f"<p>{alt}</p>"
        return f'<p class="caption">{self.text(chart.caption)}</p>{shown}'

    def table(self, t: Table) -> str:
        looks = [' class="number"' if numeric else "" for numeric in numeric_columns(t)]
        head = "".join(f"<th{looks[c]}>{self.text(cell)}</th>" for c, cell in enumerate(t.header))
        rows = "".join(
            f"<tr>{''.join(f'<td{looks[c]}>{self.text(cell)}</td>' for c, cell in enumerate(row))}</tr>"
            for row in t.rows
        )
        return f"<table><caption>{self.text(t.caption)}</caption><tr>{head}</tr>{rows}</table>"

    def text(self, inline: Inline) -> str:
        out = ""
        for piece in pieces(inline):
            fact = self.facts.get(piece.span.data["ref"]) if piece.span and piece.kind == "fact" else None
            about = f'<span class="fact" title="{escape(_about(fact))}">' if fact else ""
            out += f"{about}{escape(piece.text)}{'</span>' if fact else ''}"
        return out


def _about(fact: Fact) -> str:
    window = fact.window
    when = f", {window.start_used or window.start} to {window.end_used or window.end}" if window else ""
    return f"{fact.display}: {fact.metric}({', '.join(fact.series)}){when}, by {fact.recipe.op}"
