"""report.html must show the text of report.json and no other number."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from rotascope_verify.document import Document
from rotascope_verify.failures import Log, quote
from rotascope_verify.reading import compact_json, parse_json
from rotascope_verify.spans import Inline

VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
SPACE = re.compile(r"[ \t\n\r\f]+")
HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(hidden|collapse)|opacity\s*:\s*0*(\.0*)?\s*(;|$)|font-size\s*:\s*0",
    re.I,
)
GENERATED = re.compile(r"(?<![-\w])content\s*:\s*([^;}]*)", re.I)
EMPTY_CONTENT = re.compile(r"none|normal|(\"[^\w\\\"]*\"|'[^\w\\']*')", re.I)
SHOWN_ATTRIBUTES = ("value", "placeholder", "alt", "label")
EMBEDDED = {
    "rotascope-facts": "facts.json",
    "rotascope-observations": "observations.csv",
    "rotascope-context": "report.json (claims, entities and sources)",
    "rotascope-charts": "charts.json",
}
OPTIONAL_DATA = "rotascope-context"
CHART_DATA = "rotascope-charts"
CHART_TAG = "div"
DRAWN = re.compile(f'<{CHART_TAG} class="drawing" data-chart="([a-z-]+)">')
PAGE = "report.html"


def collapse(text: str) -> str:
    """Return text with white space collapsed, as a browser shows it."""
    return SPACE.sub(" ", text).strip(" ")


def has_number(text: str) -> bool:
    """Whether a text holds a digit or another character that stands for a number."""
    return any(c.isnumeric() or c.isdigit() for c in text)


@dataclass(slots=True)
class Element:
    """An open element. `inline` and `fact` are set where it starts one."""

    tag: str
    chrome: bool = False
    svg: bool = False
    inline: str = ""
    fact: Mark | None = None
    script: str | None = None


@dataclass(slots=True)
class Mark:
    """An element with data-fact, and its text."""

    ref: str
    text: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Shown:
    """What the page shows for one inline."""

    key: str
    text: list[str] = field(default_factory=list)
    facts: list[Mark] = field(default_factory=list)


class Page(HTMLParser):
    """Read a page once; keep its inlines, titles and embedded scripts, and note misplaced numbers."""

    def __init__(self, log: Log) -> None:
        super().__init__(convert_charrefs=True)
        self.log = log
        self.shown: list[Shown] = []
        self.titles: list[str] = []
        self.scripts: list[tuple[str, str, list[str]]] = []
        self.open: list[Element] = []
        self.current: Shown | None = None
        self.charts: list[tuple[str, str]] = []

    def where(self) -> str:
        """Return the place in the file."""
        return f"{PAGE}:{self.getpos()[0]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        given = {name: value or "" for name, value in reversed(attrs)}  # the first of equal names counts
        parent = self.open[-1] if self.open else Element("")
        element = Element(tag, chrome=parent.chrome or "data-chrome" in given, svg=parent.svg or tag == "svg")
        self._check_attributes(tag, given)
        key = self._inline_key(given)
        if key and self.current is not None:
            self.log.add("html-nested", self.where(), f"{quote(key)} lies inside {quote(self.current.key)}")
        elif key:
            self.current = Shown(key)
            self.shown.append(self.current)
            element.inline = key
        if "data-fact" in given:
            self._open_fact(element, given["data-fact"])
        if "data-chart" in given:
            self.charts.append((given["data-chart"], self.shown[-1].key if self.shown else ""))
        if tag == "title" and not element.svg:
            self.titles.append("")
        if tag == "script":
            element.script = given.get("id", "")
            self.scripts.append((element.script, given.get("type", ""), []))
        if tag not in VOID:
            self.open.append(element)
        elif element.inline:
            self.current = None

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element written as <x/>; only inside SVG does that close it too."""
        inside_svg = tag == "svg" or bool(self.open and self.open[-1].svg)
        self.handle_starttag(tag, attrs)
        if inside_svg and tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element and whatever is still open inside it."""
        if not any(element.tag == tag for element in self.open):
            return
        while True:
            element = self.open.pop()
            if element.inline:
                self.current = None
            if element.tag == tag:
                return

    def handle_data(self, data: str) -> None:
        """Take text to where it belongs."""
        element = self.open[-1] if self.open else Element("")
        if element.tag == "script" and self.scripts:
            self.scripts[-1][2].append(data)
            return
        if element.tag == "style":
            self._check_style(data)
            return
        if element.tag == "title" and not element.svg and self.titles:
            self.titles[-1] += data
            return
        if self.current is not None:
            self.current.text.append(data)
            for outer in self.open:
                if outer.fact is not None:
                    outer.fact.text.append(data)
        if (element.chrome or self.current is None) and has_number(data):
            self.log.add("html-number", self.where(), f"a number outside the text: {quote(collapse(data))}")

    def _inline_key(self, given: dict[str, str]) -> str:
        if "data-block" in given and "data-cell" in given:
            self.log.add("html-nested", self.where(), "data-block and data-cell on one element")
        if "data-block" in given:
            return f"block {given['data-block']}"
        return f"cell {given['data-cell']}" if "data-cell" in given else ""

    def _open_fact(self, element: Element, ref: str) -> None:
        if self.current is None or any(outer.fact for outer in self.open):
            self.log.add("html-fact", self.where(), f"the fact {quote(ref)} is marked outside the text")
            return
        element.fact = Mark(ref)
        self.current.facts.append(element.fact)

    def _check_attributes(self, tag: str, given: dict[str, str]) -> None:
        if self.current is None and tag not in ("meta", "link", "script", "style", "li"):
            for name in SHOWN_ATTRIBUTES:
                if has_number(given.get(name, "")):
                    self.log.add("html-number", self.where(), f"a number in {name}: {quote(given[name])}")
        inside = self.current is not None or "data-block" in given or "data-cell" in given
        if inside and ("hidden" in given or HIDING.search(given.get("style", ""))):
            self.log.add("html-hidden", self.where(), "a part of the text is hidden")
        self._check_style(given.get("style", ""))

    def _check_style(self, text: str) -> None:
        for hit in GENERATED.finditer(text):
            if not EMPTY_CONTENT.fullmatch(hit[1].replace("!important", "").strip()):
                self.log.add("html-number", self.where(), f"a style adds text: {quote(hit[0])}")


def _key(inline: Inline) -> str:
    return f"cell {inline.where}" if inline.kind in ("table", "chart") else f"block {inline.where}"


@dataclass(frozen=True, slots=True)
class ChartsShown:
    """The drawings of a bundle by the chart's name, and the content of charts.json (None without charts)."""

    drawings: dict[str, str]
    data: Any


def _take_drawings(text: str, charts: ChartsShown, log: Log) -> str:
    """Return a page without its drawings, each of which it shows once and as its file has it."""
    starts = list(DRAWN.finditer(text)) if charts.drawings else []
    names = [start[1] for start in starts]
    parts, done, taken = [], 0, set()
    for start in starts:
        drawing = charts.drawings.get(start[1])
        shown = f"{start[0]}{drawing}</{CHART_TAG}>"
        if drawing is not None and start.start() >= done and text.startswith(shown, start.start()):
            lines = drawing.count("\n")  # kept, so that places in the file stay what they are
            parts.append(f"{text[done : start.end()]}{chr(10) * lines}</{CHART_TAG}>")
            done = start.start() + len(shown)
            taken.add(start[1])
    for name in charts.drawings:
        if name not in taken or names.count(name) != 1:
            log.add("html-chart", f"{PAGE}:{name}", f"the page does not show chart-{name}.svg once, as it is")
    return "".join([*parts, text[done:]])


def _check_shown_charts(page: Page, document: Document, log: Log) -> None:
    wanted = [(b.chart, f"cell {b.id}.caption") for b in document.blocks if b.kind == "chart"]
    if page.charts != wanted:
        log.add("html-chart", PAGE, f"the charts are {quote(page.charts)}, not {quote(wanted)}")


def check_html(
    text: str,
    document: Document,
    facts: Any,
    runs: list[list[str]],
    context: dict[str, Any],
    log: Log,
    charts: ChartsShown,
) -> None:
    """Compare report.html with the inlines, the facts, the rows, the charts and what explains them.

    runs: those of the observations. context: `claims`, `entities` and `sources` of report.json.
    """
    page = Page(log)
    text = _take_drawings(text, charts, log)
    with log.guard("html-bad", PAGE):
        page.feed(text)
        page.close()
    title = document.title()
    if [collapse(t) for t in page.titles] != [collapse(title)]:
        log.add("html-title", PAGE, f"the title is {quote(' / '.join(page.titles))}, not {quote(title)}")
    _check_inlines(page, document, log)
    _check_shown_charts(page, document, log)
    for name, want in zip(EMBEDDED, (facts, runs, context, charts.data), strict=True):
        with log.guard("html-data", f"{PAGE}#{name}"):
            _check_embedded(page, name, want, log)
    for name, kind, _ in page.scripts:
        if "json" in kind.lower() and name not in EMBEDDED:
            log.add("html-data", f"{PAGE}#{quote(name)}", "no data of a page has this name")


def _check_inlines(page: Page, document: Document, log: Log) -> None:
    inlines = {_key(inline): inline for inline in document.inlines()}
    shown = [s.key for s in page.shown]
    if shown != list(inlines):
        for key in sorted(inlines.keys() - set(shown)):
            log.add("html-missing", f"{PAGE}:{key}", "this text is not shown")
        for key in sorted(set(shown) - inlines.keys()):
            log.add("html-unknown", f"{PAGE}:{key}", "report.json has no such text")
        for key in sorted({k for k in shown if shown.count(k) > 1}) if len(set(shown)) < len(shown) else ():
            log.add("html-twice", f"{PAGE}:{key}", "this text is shown twice")
        if set(shown) == inlines.keys() and len(shown) == len(inlines):
            log.add("html-order", PAGE, "the texts are not in the order of report.json")
    for entry in page.shown:
        inline = inlines.get(entry.key)
        if inline is None:
            continue
        where = f"{PAGE}:{entry.key}"
        got, want = collapse("".join(entry.text)), collapse(inline.text)
        if got != want:
            log.add("html-differs", where, f"shows {quote(got)}, not {quote(want)}")
        marks = [(m.ref, collapse("".join(m.text))) for m in entry.facts]
        spans = [(s.data["ref"], inline.words(s)) for s in inline.spans if s.kind == "fact"]
        if marks != spans:
            log.add("html-fact", where, f"marks the facts {quote(marks)}, not {quote(spans)}")


def _check_embedded(page: Page, name: str, want: Any, log: Log) -> None:
    where = f"{PAGE}#{name}"
    found = [(kind, parts) for key, kind, parts in page.scripts if key == name]
    if not found and (name == OPTIONAL_DATA or (name == CHART_DATA and want is None)):
        return
    if len(found) != 1 or found[0][0].strip().lower() != "application/json":
        log.add("html-data", where, "there must be one such script of type application/json")
        return
    got = parse_json("".join(found[0][1]))
    same = got == want and (name == "rotascope-observations" or compact_json(got) == compact_json(want))
    if not same:
        log.add("html-data", where, f"is not the content of {EMBEDDED[name]}")
