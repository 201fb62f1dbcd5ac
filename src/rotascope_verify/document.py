"""report.json: its shape, its blocks, and the rules of coverage over their text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from rotascope_verify.bindings import check_direction, check_names, check_row
from rotascope_verify.claims import check_claim, check_parties
from rotascope_verify.failures import CheckError, Log, quote
from rotascope_verify.lexicon import FIND_COMPARISON_WORDS, FIND_NUMBER_WORDS, find_name, needs_span
from rotascope_verify.reading import as_list, as_object, as_whole, check_keys, get_day, get_text, parse_window
from rotascope_verify.spans import Context, Inline, check_spans, parse_spans

REPORT_KEYS = "format as_of window case blocks claims entities sources citations"
TEXT_KINDS = frozenset(
    ["title", "standfirst", "meta", "heading", "paragraph", "item", "note", "source", "tags"]
)
CHART_NAME = re.compile(r"[a-z]+(-[a-z]+)*")
CLAIM_FREE = frozenset({"claim", "name", "quote", "related", "source"})
NAME_FREE = frozenset({"name", "quote", "related", "source", "literal"})


@dataclass(frozen=True, slots=True)
class Block:
    """A block with one inline, a table (caption, header, rows), or a chart (its name, caption, alt)."""

    id: str
    kind: str
    level: int
    inline: Inline | None = None
    caption: Inline | None = None
    header: tuple[Inline, ...] = ()
    rows: tuple[tuple[Inline, ...], ...] = ()
    bound: bool = False
    chart: str = ""
    alt: Inline | None = None

    def inlines(self) -> list[Inline]:
        """Return all inlines of the block in reading order."""
        cells = (cell for row in self.rows for cell in row)
        parts = (self.inline, self.caption, *self.header, *cells, self.alt)
        return [part for part in parts if part is not None]


@dataclass(slots=True)
class Document:
    """The text of a report."""

    blocks: list[Block] = field(default_factory=list)
    days: dict[str, str] = field(default_factory=dict)

    def inlines(self) -> list[Inline]:
        """Return all inlines in reading order."""
        return [inline for block in self.blocks for inline in block.inlines()]

    def title(self) -> str:
        """Return the text of the title block; empty if there is none."""
        return next((b.inline.text for b in self.blocks if b.kind == "title" and b.inline), "")


def parse_document(report: dict[str, Any], log: Log) -> Document:
    """Return blocks and dates. Failures: report-shape, block-shape, span-shape, span-order."""
    out = Document()
    with log.guard("report-shape", "report.json"):
        check_keys(report, REPORT_KEYS, "related quotes")
        if report["format"] != "rotascope-report/1":
            raise CheckError(f"the format is {quote(report['format'])}, not rotascope-report/1")
        get_text(report, "case", empty=True)
    with log.guard("report-shape", "report.json"):
        out.days["as_of"] = get_day(report, "as_of")
        window = parse_window(report.get("window"))
        out.days |= {f"window.{k}": window[k] for k in ("start", "end")}
    seen: set[str] = set()
    with log.guard("report-shape", "blocks"):
        for i, item in enumerate(as_list(report.get("blocks"), "blocks")):
            name = item.get("id") if isinstance(item, dict) else None
            with log.guard("block-shape", name if isinstance(name, str) else f"blocks[{i}]"):
                block = _parse_block(item, log)
                if block.id in seen:
                    raise CheckError("another block has the same id")
                if block.chart and any(b.chart == block.chart for b in out.blocks):
                    raise CheckError("another block shows the same chart")
                seen.add(block.id)
                out.blocks.append(block)
    if sum(b.kind == "title" for b in out.blocks) != 1:
        log.add("block-shape", "report.json", "there must be one title block")
    return out


def _parse_block(item: Any, log: Log) -> Block:
    obj = as_object(item, "a block")
    name, kind = get_text(obj, "id"), get_text(obj, "kind")
    if kind == "table":
        return _parse_table(obj, name, log)
    if kind == "chart":
        return _parse_chart(obj, name, log)
    if kind not in TEXT_KINDS:
        raise CheckError(f"there is no kind of block {quote(kind)}")
    level = 0
    if kind == "heading":
        level = as_whole(obj.get("level"), "level", 2, 3)
    check_keys(obj, "id kind text spans" + (" level" if level else ""))
    inline = _parse_inline({"text": obj["text"], "spans": obj["spans"]}, name, kind, log)
    return Block(name, kind, level, inline=inline)


def _parse_table(obj: dict[str, Any], name: str, log: Log) -> Block:
    check_keys(obj, "id kind caption header rows bound")
    if not isinstance(obj["bound"], bool):
        raise CheckError("bound is not true or false")
    header = as_list(obj["header"], "header")
    rows = [as_list(row, "a row") for row in as_list(obj["rows"], "rows")]
    if not header or any(len(row) != len(header) for row in rows):
        raise CheckError("the rows of a table must be as long as its header")
    return Block(
        name,
        "table",
        0,
        caption=_parse_inline(obj["caption"], f"{name}.caption", "table", log),
        header=tuple(_parse_inline(c, f"{name}.h{i}", "table", log) for i, c in enumerate(header)),
        rows=tuple(
            tuple(_parse_inline(c, f"{name}.r{r}.c{i}", "table", log) for i, c in enumerate(row))
            for r, row in enumerate(rows)
        ),
        bound=obj["bound"],
    )


def _parse_chart(obj: dict[str, Any], name: str, log: Log) -> Block:
    check_keys(obj, "id kind chart caption alt")
    chart = get_text(obj, "chart")
    if not CHART_NAME.fullmatch(chart):
        raise CheckError(f"{quote(chart)} cannot be the name of a chart")
    return Block(
        name,
        "chart",
        0,
        caption=_parse_inline(obj["caption"], f"{name}.caption", "chart", log),
        chart=chart,
        alt=_parse_inline(obj["alt"], f"{name}.alt", "chart", log),
    )


def _parse_inline(raw: Any, where: str, kind: str, log: Log) -> Inline:
    obj = as_object(raw, "an inline")
    check_keys(obj, "text spans")
    text = get_text(obj, "text", empty=True)
    return Inline(where, kind, text, parse_spans(obj["spans"], text, where, log))


def check_document(document: Document, context: Context, log: Log) -> None:
    """Check every span, every claim, and that no number, comparison or name stands outside a span."""
    needed = sorted({n for e in context.entities.values() for n in e.names if needs_span(n)})
    patterns = [(name, find_name(name)) for name in needed]
    used: set[str] = set()
    for inline in document.inlines():
        check_spans(inline, context, log)
        with log.guard("coverage-bad", inline.where):
            _check_characters(inline, log)
            _check_words(inline, log)
            for name, pattern in patterns:
                if name in inline.text:
                    for hit in pattern.finditer(inline.text):
                        if not inline.covered(hit.start(), hit.end(), NAME_FREE):
                            log.add("name-uncovered", f"{inline.where}@{hit.start()}", quote(name))
        check_direction(inline, context, log)
        check_names(inline, context, log)
        used |= {s.data["ref"] for s in inline.spans if s.kind == "claim"}
    for claim in context.claims.values():
        where = f"claim:{claim.id}"
        with log.guard("claim-bad", where):
            check_claim(claim, context.facts)
        with log.guard("claim-party", where):
            check_parties(claim, context.facts, context.entities)
        if claim.id not in used:
            log.add("claim-unused", where, "no claim span of the text refers to it")
    for block in document.blocks:
        for row in block.rows:
            check_row(row, block.bound, context, log)


def _check_characters(inline: Inline, log: Log) -> None:
    """Digits (and other characters that stand for numbers) are tagged; nothing invisible is in the text."""
    text = inline.text
    if text.isascii() and text.isprintable() and not any(c in text for c in "0123456789"):
        return
    for i, c in enumerate(text):
        category = unicodedata.category(c)
        if category[0] == "N" and not inline.covered(i, i + 1):
            log.add("digit-uncovered", f"{inline.where}@{i}", f"{quote(c)} in {quote(text)}")
        elif category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            log.add("text-control", f"{inline.where}@{i}", f"the character U+{ord(c):04X} is not allowed")


def _check_words(inline: Inline, log: Log) -> None:
    for hit in FIND_NUMBER_WORDS.finditer(inline.text):
        if not inline.covered(hit.start(1), hit.end(1)):
            log.add("number-word-uncovered", f"{inline.where}@{hit.start()}", quote(hit[1]))
    for hit in FIND_COMPARISON_WORDS.finditer(inline.text):
        if not inline.covered(hit.start(1), hit.end(1), CLAIM_FREE):
            log.add("word-uncovered", f"{inline.where}@{hit.start()}", quote(hit[1]))
