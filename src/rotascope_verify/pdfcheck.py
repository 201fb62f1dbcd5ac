"""report.pdf must say what report.json and facts.json say, and lead from each fact to its entry."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from typing import Any

from rotascope_verify.document import Document
from rotascope_verify.failures import CheckError, Log, quote
from rotascope_verify.pdftext import PdfText

PDF = "report.pdf"
PDF_NO_SIGN = "\ufffd"
PDF_MOST_INPUTS = 24
PDF_LONGEST_MEANING = 1500
PDF_UNITS = {
    "pp": "percentage points",
    "bp": "basis points",
    "usd": "dollars",
    "usd_m": "millions of dollars",
    "index_level": "index points",
}
PDF_FACT_NAME = re.compile(r"E[0-9]+")


def pdf_squeeze(text: str) -> str:
    """Return a text without white space."""
    return "".join(text.split())


def pdf_same(want: str, got: str) -> bool:
    """Whether a text was printed. Both without white space.

    U+FFFD stands for any one character beyond ASCII. The characters of a text with letters that run from
    right to left may come in any order.
    """
    if want == got:
        return True
    if len(want) != len(got):
        return False
    if any(unicodedata.bidirectional(c) in ("R", "AL") for c in want):
        open_places = got.count(PDF_NO_SIGN) - want.count(PDF_NO_SIGN)
        left = list(want)
        for c in got:
            if c in left:
                left.remove(c)
        return len(left) <= max(open_places, 0) and not any(c.isascii() for c in left)
    return all(w == g or (g == PDF_NO_SIGN and not w.isascii()) for w, g in zip(want, got, strict=True))


class _PdfCursor:
    """Goes through the text of a PDF from its beginning."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def expect(self, text: str) -> None:
        """Require that a text comes next."""
        want = pdf_squeeze(text)
        got = self.text[self.at : self.at + len(want)]
        if not pdf_same(want, got):
            raise CheckError(f"here is {quote(got)}, not {quote(want)}")
        self.at += len(want)

    def skip_to(self, text: str, most: int) -> str:
        """Go to where a text comes next, and return what lies before it."""
        want = pdf_squeeze(text)
        if (at := self.text.find(want, self.at, self.at + most + len(want))) >= 0:
            before, self.at = self.text[self.at : at], at
            return before
        for at in range(self.at, min(self.at + most, len(self.text) - len(want)) + 1):
            if pdf_same(want, self.text[at : at + len(want)]):
                before, self.at = self.text[self.at : at], at
                return before
        raise CheckError(f"{quote(want)} does not follow {quote(self.text[max(self.at - 40, 0) : self.at])}")


def check_pdf(
    data: bytes, document: Document, report: dict[str, Any], facts: Any, report_json: bytes, log: Log
) -> None:
    """Compare report.pdf with the report and its facts. Failures: pdf-shape, pdf-differs, pdf-link, pdf-feet.

    facts: the list of facts.json. report_json: the bytes of report.json, whose digest stands on each page.
    """
    with log.guard("pdf-shape", "report.pdf"):
        pdf = PdfText(data)
        cursor = _PdfCursor(pdf.text)
        known = {fact["id"]: fact for fact in facts}
        refs = [
            (s.data["ref"], pdf_squeeze(i.text[s.start : s.end]))
            for i in document.inlines()
            for s in i.spans
            if s.kind == "fact"
        ]
        numbers = {ref: n for n, ref in enumerate(dict.fromkeys([*(r for r, _ in refs), *known]), start=1)}
        before = len(log.failures)
        _check_article(cursor, document, pdf, log)
        if len(log.failures) > before:
            return
        wanted = [(text, f"E{numbers[ref]}") for ref, text in refs]
        _check_links(pdf, wanted, cursor.at, log)
        _check_feet(pdf, document, report, hashlib.sha256(report_json).hexdigest(), log)
        with log.guard("pdf-differs", "report.pdf:evidence"):
            _check_evidence(_PdfEvidence(cursor, pdf, known, numbers, report), cursor)


def _check_article(cursor: _PdfCursor, document: Document, pdf: PdfText, log: Log) -> None:
    before = len(log.failures)
    with log.guard("pdf-differs", "report.pdf:head"):
        if not pdf_same(document.title(), pdf.title):
            raise CheckError(f"the title of the file is {quote(pdf.title)}")
        cursor.expect("Rotascope")
    for block in document.blocks:
        if len(log.failures) > before:
            return
        with log.guard("pdf-differs", f"report.pdf:{block.id}"):
            for inline in block.inlines():
                cursor.expect(("–" if block.kind == "item" else "") + inline.text)
    charts = [block.inlines()[-1].text for block in document.blocks if block.kind == "chart"]
    if len(charts) != len(pdf.figures) or not all(map(pdf_same, charts, pdf.figures)):
        log.add("pdf-differs", "report.pdf", "the drawings do not have the alternative texts of the charts")


def _check_links(pdf: PdfText, wanted: list[tuple[str, str]], end: int, log: Log) -> None:
    """Each fact of the article leads to its entry, and no other text does."""
    found = [
        (link.text, link.to) for link in pdf.links if link.start < end and PDF_FACT_NAME.fullmatch(link.to)
    ]
    for want, got in zip(wanted, found, strict=False):
        if want[1] != got[1] or not pdf_same(want[0], got[0]):
            log.add(
                "pdf-link",
                "report.pdf",
                f"{quote(got[0])} leads to {got[1]}, not {quote(want[0])} to {want[1]}",
            )
            return
    if len(wanted) != len(found):
        log.add("pdf-link", "report.pdf", f"{len(found)} links lead to evidence, not {len(wanted)}")
    for link in pdf.links:
        outside = link.to != "" and link.to not in pdf.named
        name = link.start >= end and PDF_FACT_NAME.fullmatch(link.text)
        if (outside and link.text != pdf_squeeze(link.to)) or (name and link.text != link.to):
            log.add("pdf-link", "report.pdf", f"{quote(link.text)} leads to {quote(link.to)}")


def _check_feet(pdf: PdfText, document: Document, report: dict[str, Any], digest: str, log: Log) -> None:
    """Outside the reading order stand the foot of each page, and heads of tables that go on there."""
    heads = {pdf_squeeze("".join(c.text for c in b.header)) for b in document.blocks if b.header}
    for page in pdf.pages:
        feet = f"Rotascope·asof{report['as_of']}·report{digest[:12]}{page.number}/{len(pdf.pages)}"
        text = "".join(page.artifacts)
        if not text.endswith(feet) or text.removesuffix(feet) not in {"", *heads}:
            log.add("pdf-feet", f"report.pdf:page {page.number}", f"has {quote(text)} around its text")


def _check_evidence(evidence: _PdfEvidence, cursor: _PdfCursor) -> None:
    cursor.expect("Evidence")
    for i, ref in enumerate(evidence.numbers):
        if not i:
            intro = cursor.skip_to(f"E1{evidence.known[ref]['display']}", PDF_LONGEST_MEANING)
            if any(unicodedata.category(c)[0] == "N" for c in intro):
                raise CheckError(f"{quote(intro)} has a number")
        evidence.check(ref)
    if evidence.numbers and cursor.at < len(cursor.text):
        raise CheckError(f"more text follows: {quote(cursor.text[cursor.at :])}")


class _PdfEvidence:
    """Checks the entries of the facts, one after the other."""

    def __init__(
        self,
        cursor: _PdfCursor,
        pdf: PdfText,
        known: dict[str, Any],
        numbers: dict[str, int],
        report: dict[str, Any],
    ) -> None:
        self.cursor, self.pdf, self.known, self.numbers = cursor, pdf, known, numbers
        self.sources, self.as_of = report["sources"], report["as_of"]
        self.pages: dict[str, list[int]] = {}
        for link in pdf.links:
            if link.start < cursor.at and link.page not in self.pages.setdefault(link.to, []):
                self.pages[link.to].append(link.page)

    def check(self, ref: str) -> None:
        """Read one entry. Raises CheckError where it differs from its fact."""
        fact, name = self.known[ref], f"E{self.numbers[ref]}"
        if self.pdf.named.get(name) != self.pdf.page_at(self.cursor.at):
            raise CheckError(f"{name} is not the destination of that name")
        self.cursor.expect(name + fact["display"] + self._about(fact))
        pages = ", ".join(map(str, self.pages.get(name, [])))
        state = self._state(fact) + (f"Printed on page {pages}." if pages else "")
        self.cursor.skip_to(state, PDF_LONGEST_MEANING)
        params = fact["recipe"]["params"]
        settings = json.dumps(params, sort_keys=True, ensure_ascii=False) if params else ""
        self.cursor.expect(state + f"Operation {fact['recipe']['op']} {settings}")
        for item in fact["inputs"][:PDF_MOST_INPUTS]:
            self.cursor.expect("←" + self._input(item))
        if (more := len(fact["inputs"]) - PDF_MOST_INPUTS) > 0:
            self.cursor.expect(f"← and {more} more, in facts.json")
        for note in fact["notes"]:
            self.cursor.expect(note)

    def _about(self, fact: dict[str, Any]) -> str:
        words: str = fact["metric"].replace("_", " ")
        return words[:1].upper() + words[1:] + (":" if fact["series"] else "") + ",".join(fact["series"])

    def _state(self, fact: dict[str, Any]) -> str:
        window, value = fact["window"], fact["value"]
        text = repr(int(value) if value == int(value) and abs(value) < 1e15 else value)
        if fact["unit"] == "date":
            text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
        when = ""
        if window:
            first, last = (window.get(f"{k}_used", window[k]) for k in ("start", "end"))
            base = "open" if window["base"] == "open" else "close"
            when = f"From the {base} of {first} to the close of {last}."
        if fact["as_of"] != self.as_of:
            when += f"As of {fact['as_of']}."
        text = text.replace("-", "−", 1) if value < 0 else text
        unit = PDF_UNITS.get(fact["unit"], fact["unit"])
        return f"Value {text} ({unit}). {when}"

    def _input(self, item: dict[str, Any]) -> str:
        if item["kind"] == "fact":
            fact = self.known[item["id"]]
            return f"E{self.numbers[item['id']]} {fact['display']}, {self._about(fact)}"
        source: dict[str, str] = self.sources.get(item["source"], {})
        named = ", ".join(source[key] for key in ("publisher", "title") if source.get(key))
        whose = "several sources" if item["source"] == "*" else named or item["source"]
        when = item["first"] + (f" to {item['last']}" if item["last"] != item["first"] else "")
        vintage = f", vintage {item['vintage']}" if item["vintage"] else ""
        rows = f"{item['rows']} row{'' if item['rows'] == 1 else 's'}"
        what = f"{item['series']} {item['field']}, {when}, {rows}{vintage}; {whose}"
        return f"{what}; SHA-256 {item['sha256'][:12]}"
