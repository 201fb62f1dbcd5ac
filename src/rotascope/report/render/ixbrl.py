"""Inline XBRL: the article as a page whose every printed fact a program can read as a number.

Each fact stands in a context of its own, with its series, base, as-of date and id; the taxonomy lies beside
the page. Nothing is visible but the text of the article.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from rotascope.model.documents import Block, Chart, Document, Inline, Table
from rotascope.model.facts import Fact
from rotascope.model.units import Unit
from rotascope.report.render.pieces import Piece, numeric_columns, pieces
from rotascope.report.render.xbrl_facts import Tag, context_xml, measure, tag, unit_id
from rotascope.report.render.xbrl_taxonomy import FILE, NAMESPACE

NAMESPACES = {
    "": "http://www.w3.org/1999/xhtml",
    "ix": "http://www.xbrl.org/2013/inlineXBRL",
    "ixt": "http://www.xbrl.org/inlineXBRL/transformation/2022-02-16",
    "xbrli": "http://www.xbrl.org/2003/instance",
    "xbrldi": "http://xbrl.org/2006/xbrldi",
    "link": "http://www.xbrl.org/2003/linkbase",
    "xlink": "http://www.w3.org/1999/xlink",
    "iso4217": "http://www.xbrl.org/2003/iso4217",
    "rot": NAMESPACE,
}
_TAGS = {"title": "h1", "item": "li", "source": "li"}
_LISTS = frozenset({"item", "source"})


def render_ixbrl(doc: Document, facts: Sequence[Fact]) -> str:
    """Return report.xhtml. `facts` hold at least those that the text prints."""
    writer = _Writer({fact.id: fact for fact in facts})
    body = "".join(writer.blocks(doc))
    spaces = "".join(f"\n  xmlns{':' if p else ''}{p}={quoteattr(uri)}" for p, uri in NAMESPACES.items())
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<html{spaces} xml:lang="en">\n<head>\n'
        '<meta http-equiv="Content-Type" content="text/html; charset=UTF-8"/>\n'
        f'<title>{escape(doc.title)}</title>\n<style type="text/css">{_css()}</style>\n</head>\n<body>\n'
        f'<div style="display:none">{writer.header()}</div>\n{body}</body>\n</html>\n'
    )


def _css() -> str:
    folder = resources.files("rotascope.report.render") / "assets"
    return (folder / "ixbrl.css").read_text(encoding="utf-8")


@dataclass(slots=True)
class _Writer:
    """Writes the blocks and gathers what the header must hold."""

    facts: Mapping[str, Fact]
    contexts: dict[str, str] = field(default_factory=dict)  # fact id -> context id
    hidden: dict[str, str] = field(default_factory=dict)  # element -> its id
    notes: dict[str, list[str]] = field(default_factory=dict)  # note -> ids of the elements that it is about
    elements: int = 0

    def blocks(self, doc: Document) -> Iterator[str]:
        for kind, group in groupby(doc.blocks, key=lambda b: b.kind):
            lines = [self.block(block) for block in group]
            yield f'<ul class="{kind}s">\n{"".join(lines)}</ul>\n' if kind in _LISTS else "".join(lines)

    def block(self, block: Block | Table | Chart) -> str:
        if isinstance(block, Table):
            return self.table(block)
        if isinstance(block, Chart):
            lines = self.line("p", f"{block.id}.caption", block.caption, "caption")
            return (
                f'<div class="chart">\n{lines}{self.line("p", f"{block.id}.alt", block.alt, "alt")}</div>\n'
            )
        name = f"h{block.level or 2}" if block.kind == "heading" else _TAGS.get(block.kind, "p")
        plain = name != "p" or block.kind == "paragraph"
        return self.line(name, block.id, block.inline, "" if plain else block.kind)

    def line(self, name: str, where: str, inline: Inline, css: str = "", extra: str = "") -> str:
        looks = f' class="{css}"' if css else ""
        return f"<{name} id={quoteattr(where)}{looks}{extra}>{self.text(inline)}</{name}>\n"

    def table(self, t: Table) -> str:
        looks = ["number" if numeric else "" for numeric in numeric_columns(t)]
        head = "".join(
            self.line("th", f"{t.id}.h{c}", cell, looks[c], ' scope="col"') for c, cell in enumerate(t.header)
        )
        rows = "".join(
            "<tr>\n"
            + "".join(self.cell(f"{t.id}.r{r}", c, cell, looks[c]) for c, cell in enumerate(row))
            + "</tr>\n"
            for r, row in enumerate(t.rows)
        )
        caption = self.line("caption", f"{t.id}.caption", t.caption)
        top = f"<tr>\n{head}</tr>\n"  # XHTML wants a row in the body of a table
        parts = f"<thead>\n{top}</thead>\n<tbody>\n{rows}</tbody>" if t.rows else f"<tbody>\n{top}</tbody>"
        return f"<table>\n{caption}{parts}\n</table>\n"

    def cell(self, row: str, column: int, cell: Inline, look: str) -> str:
        if column:
            return self.line("td", f"{row}.c{column}", cell, look)
        return self.line("th", f"{row}.c0", cell, look, ' scope="row"')

    def text(self, inline: Inline) -> str:
        return "".join(self.fact(p) if p.kind == "fact" else escape(p.text) for p in pieces(inline))

    def fact(self, piece: Piece) -> str:
        assert piece.span is not None
        fact = self.facts[piece.span.data["ref"]]
        context = self.contexts.setdefault(fact.id, f"c{len(self.contexts) + 1}")
        made = tag(fact, piece.span, piece.text, context)
        if made.hidden:
            name = self.hide(made, fact)
            return f'<span style="-ix-hidden:{name}">{escape(piece.text)}</span>'
        self.elements += 1
        element = _element(made, f"f{self.elements}", made.text)
        self.note(fact, f"f{self.elements}")
        return escape(made.before) + element + escape(made.after)

    def hide(self, made: Tag, fact: Fact) -> str:
        """Return the id of the hidden element for a text; the same fact is hidden once."""
        key = _element(made, "", made.hidden)
        if key not in self.hidden:
            self.hidden[key] = f"h{len(self.hidden) + 1}"
            self.note(fact, self.hidden[key])
        return self.hidden[key]

    def note(self, fact: Fact, element: str) -> None:
        for note in fact.notes:
            self.notes.setdefault(note, []).append(element)

    def header(self) -> str:
        hidden = "".join(_with_id(element, name) for element, name in self.hidden.items())
        notes, links = "", ""
        for n, (note, elements) in enumerate(self.notes.items(), 1):
            notes += f'<ix:footnote id="n{n}" xml:lang="en">{escape(note)}</ix:footnote>\n'
            links += f'<ix:relationship fromRefs="{" ".join(elements)}" toRefs="n{n}"/>\n'
        inside = f"<ix:hidden>\n{hidden}{notes}</ix:hidden>\n" if hidden or notes else ""
        references = f'<link:schemaRef xlink:type="simple" xlink:href="{FILE}"/>'
        return (
            f"\n<ix:header>\n{inside}<ix:references>{references}</ix:references>\n<ix:resources>\n{links}"
            f"{self._contexts()}{self._units()}</ix:resources>\n</ix:header>\n"
        )

    def _contexts(self) -> str:
        return "".join(context_xml(name, self.facts[fact]) for fact, name in self.contexts.items())

    def _units(self) -> str:
        used = {self.facts[fact].unit for fact in self.contexts} - {Unit.DATE}
        found = sorted({(unit_id(unit), measure(unit)) for unit in used})
        return "".join(
            f'<xbrli:unit id="{name}"><xbrli:measure>{text}</xbrli:measure></xbrli:unit>\n'
            for name, text in found
        )


def _element(made: Tag, name: str, text: str) -> str:
    given = "".join(f" {key}={quoteattr(value)}" for key, value in sorted(made.attributes.items()))
    return f'<{made.element} id="{name}"{given}>{escape(text)}</{made.element}>'


def _with_id(element: str, name: str) -> str:
    return element.replace(' id=""', f' id="{name}"', 1) + "\n"
