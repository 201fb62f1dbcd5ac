"""A small document made by hand, and readers of what the renderers make of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from html.parser import HTMLParser

from rotascope.model.documents import (
    Block,
    Citation,
    ClaimRecord,
    Document,
    Entity,
    Inline,
    Span,
    Table,
)
from rotascope.model.facts import Fact, FactInput, ObservationInput, Recipe, Window
from rotascope.model.observations import Source, Standing
from rotascope.model.units import Unit
from rotascope.report.observed import Run

AS_OF = date(2026, 2, 3)
WINDOW = Window(date(2025, 12, 31), date(2026, 1, 31), "prior_close", date(2025, 12, 31), date(2026, 1, 30))
HOSTILE = (
    "a</script><script>alert(1)</script> | *b* _c_ [x](y) & &amp; `d` <!-- > \\ # "
    "é 😀 שלום \u202e1\u202c \u2028z"
)


def tagged(text: str, **spans: tuple[str, str]) -> Inline:
    """Return an inline whose spans cover the given words: `name=(kind, words)`; `name` becomes the ref."""
    found = []
    for ref, (kind, words) in spans.items():
        start = text.index(words)
        data = {"n": int(words.strip("[]"))} if kind == "cite" else {"ref": ref}
        found.append(Span(start, start + len(words), kind, data))
    return Inline(text, tuple(sorted(found, key=lambda span: span.start)))


def a_fact(name: str, value: float, unit: Unit = Unit.PERCENT, op: str = "pct_change") -> Fact:
    row = ObservationInput("IWD", "close", AS_OF, AS_OF, 1, "0" * 64, "prices")
    return Fact(
        name, "total_return", ("IWD",), value, unit, 1, f"{value}%", WINDOW, AS_OF, Recipe(op, {}),
        (row, FactInput("other")), ("prices",), (HOSTILE,),
    )  # fmt: skip


FACTS = [
    a_fact("gap", 6.1, Unit.PP, "difference"),
    a_fact("iwd", -4.5),
    a_fact("day", 20260130.0, Unit.DATE, "window_date"),
]
RUNS = [
    Run("IWD", "close", "usd", "prices", "", "snap", "2025-12-31,98.1\n"),
    Run("IWD", "close", "usd", "prices", "", HOSTILE, "2026-01-30,\n"),
]
SOURCES = {
    "prices": Source("prices", "Prices & Co", retrieved_at=datetime(2026, 2, 3, 9, 30, tzinfo=UTC)),
    "wire": Source(
        "wire", "Wire", "Up", "https://wire.example/a_b?x=1&y=2", published=date(2026, 1, 30),
        standing=Standing.REPORTED,
    ),
    "bad": Source("bad", "Bad", url="javascript:alert(1)", standing=Standing.REPORTED),
}  # fmt: skip


def source_block(name: str, n: int, text: str) -> Block:
    return Block(f"s{n}", "source", Inline(text, (Span(0, len(text), "source", {"ref": name, "n": n}),)))


TABLE = Table(
    "t1",
    Inline("Returns | by *fund*"),
    (Inline("Fund"), Inline("Return"), Inline("Gap"), Inline("Word")),
    (
        (
            Inline("Value"),
            tagged("−4.5%", iwd=("fact", "−4.5%")),
            tagged("+6.1 [1]", gap=("fact", "+6.1"), c=("cite", "[1]")),
            Inline("large"),
        ),
        (Inline("Growth"), Inline("—"), tagged("+6.1", gap=("fact", "+6.1")), Inline("")),
    ),
)
META = tagged("As of 3 February 2026", report=("date", "3 February 2026"))
STANDFIRST = tagged("Value beat Growth by 6.1 points.", gap=("fact", "6.1 points"), c1=("claim", "beat"))
PARAGRAPH = tagged(
    "It gained [1] 6.1 points, see [0].", gap=("fact", "6.1 points"), x=("cite", "[1]"), y=("cite", "[0]")
)

BLOCKS: list[Block | Table] = [
    Block("b1", "meta", META),
    Block("b2", "title", Inline("Value's January & <after>")),
    Block("b3", "standfirst", STANDFIRST),
    Block("b4", "heading", Inline("Style_gap"), 2),
    Block("b5", "paragraph", PARAGRAPH),
    TABLE,
    Block("b6", "heading", Inline("Smaller"), 3),
    Block("b7", "item", Inline("first")),
    Block("b8", "item", Inline(HOSTILE.replace("\u2028", ""))),
    Block("b9", "note", Inline("A note.")),
    Block("b10", "note", tagged("[0] The market database.", x=("cite", "[0]"))),
    source_block("wire", 1, '[1] Wire, "Up", 2026-01-30. https://wire.example/a_b?x=1&y=2'),
    source_block("bad", 2, "[2] Bad. javascript:alert(1)"),
    Block("b11", "tags", tagged("value_growth · january_2026", report=("date", "january_2026"))),
]


def a_document(blocks: list[Block | Table] | None = None) -> Document:
    return Document(
        title="Fallback title",
        as_of=AS_OF,
        window=WINDOW,
        case="january-2026",
        blocks=BLOCKS if blocks is None else blocks,
        claims=[ClaimRecord("c1", "positive", ("gap",), {}, "IWD", None)],
        entities={"IWD": Entity("IWD", ("Russell 1000 Value", "Value"), "IWD", "proxy")},
        sources=SOURCES,
        citations=[Citation(0, ("prices",)), Citation(1, ("wire",)), Citation(2, ("bad",))],
    )


def collapse(text: str) -> str:
    return " ".join(text.split())


VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """Reads a page back: the text and facts of each inline, what else is visible, scripts, attributes."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.inlines: dict[str, str] = {}
        self.facts: dict[str, list[str]] = {}
        self.outside = self.chrome = self.title = ""
        self.scripts: dict[str, str] = {}
        self.style = ""
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._open: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        self.close()
        assert not self._open, "elements are closed in order"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        assert len(found) == len(attrs), f"an attribute of <{tag}> occurs twice"
        self.tags.append((tag, found))
        if tag not in VOID:
            self._open.append((tag, found))
        place = found.get("data-block", found.get("data-cell"))
        if place is not None:
            assert place not in self.inlines, f"{place} occurs twice"
            self.inlines[place] = ""
            self.facts[place] = []
        if "data-fact" in found:
            self.facts[self._place()].append(found["data-fact"])

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def _place(self) -> str:
        places = [a.get("data-block", a.get("data-cell")) for _, a in self._open]
        found = [p for p in places if p is not None]
        assert len(found) <= 1, "inlines are not nested"
        return found[0] if found else ""

    def handle_data(self, data: str) -> None:
        tags = {tag for tag, _ in self._open}
        if "script" in tags:
            name = self._open[-1][1].get("id", "")
            self.scripts[name] = self.scripts.get(name, "") + data
        elif "style" in tags:
            self.style += data
        elif "title" in tags:
            self.title += data
        elif any("data-chrome" in a for _, a in self._open):
            self.chrome += data
        elif self._place():
            self.inlines[self._place()] += data
        else:
            self.outside += data
