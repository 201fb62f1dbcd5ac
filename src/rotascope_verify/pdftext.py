"""The text of a tagged PDF in reading order: what each tag holds, where links lead, what stands outside."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rotascope_verify.failures import CheckError
from rotascope_verify.pdffile import (
    PDF_DEPTH,
    PDF_NUMBER,
    PDF_SPACE,
    PDF_STRING,
    PdfFile,
    PdfName,
    PdfReader,
    PdfRef,
    PdfWord,
    pdf_text,
    pdf_unescaped,
)

PDF_CATALOG = frozenset(
    ["Type", "Pages", "Metadata", "OutputIntents", "Lang", "StructTreeRoot", "MarkInfo", "Outlines", "Names"]
) | {"ViewerPreferences"}
PDF_MAP = re.compile(rb"<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]*)>")
# Operators that move, paint or set a state and show no text: runs of them are stepped over.
PDF_PAINTING = (
    rb"(?:\s*(?:"
    + PDF_NUMBER
    + rb"\s+|/[a-z]+[0-9]*\s+)*(?:q|Q|cm|re|m|l|c|v|y|h|f\*?|S|s|B\*?|b\*?|n|W\*?|w|J|j|M|i"
    rb"|rg|RG|g|G|k|K|cs|CS|scn?|SCN?|BT|ET|Tm|Td|TD)(?=[\s/\[(]))"
)
PDF_PAINTED = re.compile(PDF_PAINTING + rb"++")
# The next operator that is more than paint, where it is written as usual. PdfReader reads all others.
PDF_STEP = re.compile(
    PDF_PAINTING + rb"*+" + PDF_SPACE + rb"*+(?:"
    rb"/Span<</MCID (?P<mark>[0-9]++)(?:/Lang\([A-Za-z-]*+\))?>>BDC"
    rb"|(?P<end>EMC)"
    rb"|(?P<fill>0 Tr)"
    rb"|/(?P<font>[A-Za-z]++[0-9]*+) " + PDF_NUMBER + rb" Tf"
    rb"|\[(?P<shown>(?:" + PDF_STRING + rb"|" + PDF_NUMBER + rb"|" + PDF_SPACE + rb"++)*+)\]TJ"
    rb"|(?P<one>" + PDF_STRING + rb")Tj"
    rb")(?=[\x00\t\n\x0c\r /])"
)
PDF_SHOWN = re.compile(rb"\(([^()\\]*+(?:\\.[^()\\]*+)*+)\)", re.DOTALL)
PDF_CODE = re.compile(rb"(?:\\[0-7]{1,3}+|\\[^0-7\r\n]|[^\\]){2}", re.DOTALL)
PDF_SHOWS = frozenset([b"Tj", b"TJ"])
PDF_OTHER_SHOWS = frozenset([b"'", b'"', b"Do", b"BI"])


class PdfLink(NamedTuple):
    """A link: its text, where that begins in the text of the file and on which page, and where it leads."""

    text: str
    start: int
    page: int
    to: str


@dataclass(slots=True)
class PdfPage:
    """The texts of one page by the number of their mark, and those of its artifacts (running feet)."""

    number: int
    marked: dict[int, str] = field(default_factory=dict)
    artifacts: list[str] = field(default_factory=list)


class PdfText:
    """What a tagged PDF says. White space is left out: it is not kept in PDF.

    text: all of it in reading order, without drawings. links: in order. figures: the alternative texts of
    the drawings, in order. pages: in order. named: name of a destination -> number of its page, from 1.
    """

    def __init__(self, data: bytes) -> None:
        """Read a file. Raises CheckError if it is not what a bundle may hold."""
        self._file = file = PdfFile(data)
        root = file.dictionary(file.trailer.get("Root"))
        if strange := sorted(root.keys() - PDF_CATALOG):
            raise CheckError(f"the file holds {strange[0]}")
        if file.dictionary(root.get("MarkInfo")).get("Marked") is not True or not root.get("Lang"):
            raise CheckError("the file is not tagged, or names no language")
        self.title = pdf_text(file.dictionary(file.trailer.get("Info")).get("Title"))
        self.text, self.links, self.figures = "", [], []  # type: tuple[str, list[PdfLink], list[str]]
        self._pages: dict[int, PdfPage] = {}
        self._fonts: dict[int, PdfFont] = {}
        self._read_pages(root.get("Pages"), 0)
        self._parts: list[str] = []
        self._starts: list[tuple[int, int]] = []
        self._length = 0
        self._used: set[tuple[int, int]] = set()
        self._walk(file.dictionary(root.get("StructTreeRoot")).get("K"), None, None, 0)
        self.text = "".join(self._parts)
        self.pages = list(self._pages.values())
        self.named = self._destinations(root.get("Names"))
        for number, page in self._pages.items():
            if any((number, mark) not in self._used for mark in page.marked):
                raise CheckError(f"page {page.number} has text outside the reading order")

    # ---- pages ----

    def _read_pages(self, ref: Any, depth: int) -> None:
        node = self._file.dictionary(ref)
        if node.get("Type") == "Pages" and depth < PDF_DEPTH:
            for kid in self._file.items(node.get("Kids")):
                self._read_pages(kid, depth + 1)
            return
        if node.get("Type") != "Page" or not isinstance(ref, PdfRef) or ref.number in self._pages:
            raise CheckError("the tree of pages is broken")
        page = self._pages[ref.number] = PdfPage(len(self._pages) + 1)
        for note in self._file.items(node.get("Annots")):
            annotation = self._file.dictionary(note)
            if annotation.get("Subtype") != "Link" or "AP" in annotation:
                raise CheckError(f"page {page.number} carries something on top that is not a link")
        resources = self._file.dictionary(node.get("Resources"))
        fonts = self._file.dictionary(resources["Font"]) if "Font" in resources else {}
        data = b"\n".join(self._file.content(part) for part in self._file.items(node.get("Contents")))
        self._read_content(data, {name: self._font(font) for name, font in fonts.items()}, page)

    def _font(self, ref: Any) -> PdfFont:
        if not isinstance(ref, PdfRef):
            raise CheckError("a font is missing")
        if ref.number not in self._fonts:
            font = self._file.dictionary(ref)
            if font.get("Encoding") != "Identity-H" or "ToUnicode" not in font:
                raise CheckError("a font does not say which characters it shows")
            pairs = PDF_MAP.findall(_pdf_mapping(self._file.content(font["ToUnicode"])))
            self._fonts[ref.number] = PdfFont(
                {
                    int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be", "replace")
                    for code, text in pairs
                }
            )
        return self._fonts[ref.number]

    def _read_content(self, data: bytes, fonts: dict[str, PdfFont], page: PdfPage) -> None:
        """Collect the text of each mark of a page."""
        content, reader = _PdfContent(fonts, page), PdfReader(data)
        while True:
            if (found := PDF_STEP.match(data, reader.at)) is not None:
                reader.at = found.end()
                content.step(found)
            elif (operator := _pdf_operator(reader)) is not None:
                content.apply(*operator)
            else:
                return

    # ---- the tree of tags ----

    def _walk(self, value: Any, page: Any, link: list[str] | None, depth: int) -> None:
        if depth > PDF_DEPTH * 2:
            raise CheckError("the tags are nested too deeply")
        for kid in self._file.items(value):
            if type(kid) is int:
                self._take(page, kid)
                continue
            node = self._file.dictionary(kid)
            here = node.get("Pg", page)
            if node.get("Type") == "MCR":
                self._take(here, node.get("MCID"))
            elif node.get("Type") == "OBJR":
                if link is not None:
                    link.append(self._target(node.get("Obj")))
            elif node.get("S") == "Figure":
                self.figures.append(pdf_text(node.get("Alt")))
                before = len(self._parts)
                self._walk(node.get("K"), here, None, depth + 1)
                self._length -= sum(map(len, self._parts[before:]))
                del self._parts[before:], self._starts[before:]
            elif node.get("S") == "Link":
                self._link(node.get("K"), here, depth)
            else:
                if "ActualText" in node or "Alt" in node:
                    raise CheckError("a tag replaces its text by another")
                self._walk(node.get("K"), here, link, depth + 1)

    def _take(self, page: Any, mark: Any) -> None:
        where = self._pages.get(page.number) if isinstance(page, PdfRef) else None
        if where is None or type(mark) is not int or (page.number, mark) in self._used:
            raise CheckError("a tag leads to no page, or to a part of it that was read already")
        self._used.add((page.number, mark))
        text = where.marked.get(mark, "")
        self._parts.append(text)
        self._starts.append((self._length, where.number))
        self._length += len(text)

    def _link(self, value: Any, page: Any, depth: int) -> None:
        before, start, found = len(self._parts), self._length, []  # type: tuple[int, int, list[str]]
        self._walk(value, page, found, depth + 1)
        if len(set(found)) != 1 or len(self._parts) == before:
            raise CheckError("a link leads nowhere, or to several places")
        self.links.append(PdfLink("".join(self._parts[before:]), start, self._starts[before][1], found[0]))

    def page_at(self, at: int) -> int:
        """Return the number of the page on which the character at an offset of the text stands."""
        return self._starts[bisect_right(self._starts, (at, 1 << 30)) - 1][1]

    def _target(self, ref: Any) -> str:
        annotation = self._file.dictionary(ref)
        if "A" in annotation:
            action = self._file.dictionary(annotation["A"])
            if action.get("S") != "URI" or "Dest" in annotation:
                raise CheckError("a link does something other than to lead to an address")
            return pdf_text(action.get("URI"))
        goal = annotation.get("Dest")
        return pdf_text(goal) if isinstance(goal, bytes) else ""

    def _destinations(self, names: Any) -> dict[str, int]:
        if names is None:
            return {}
        tree = self._file.dictionary(names)
        if tree.keys() != {"Dests"}:
            raise CheckError("the file names more than destinations")
        pairs = self._file.items(self._file.dictionary(tree["Dests"]).get("Names"))
        out: dict[str, int] = {}
        for name, ref in zip(pairs[::2], pairs[1::2], strict=True):
            goal = self._file.items(ref)
            page = self._pages.get(goal[0].number) if goal and isinstance(goal[0], PdfRef) else None
            if page is None:
                raise CheckError("a destination lies on no page")
            out[pdf_text(name)] = page.number
        return out


class PdfFont:
    """The characters of a font by code; each code has two bytes."""

    def __init__(self, characters: dict[int, str]) -> None:
        self._characters = characters
        self._known: dict[bytes, str] = {}

    def shown(self, text: bytes) -> str:
        """Return the characters that a string shows. Raises CheckError."""
        if len(text) % 2:
            raise CheckError("text is shown that cannot be read")
        out = []
        for high, low in zip(text[::2], text[1::2], strict=True):
            code = high << 8 | low
            if code not in self._characters:
                raise CheckError("a character is shown that its font does not name")
            out.append(self._characters[code])
        return "".join(out)

    def written(self, text: bytes) -> str:
        """Return the same of a string as it stands in a file between parentheses."""
        known = self._known.get(text)
        if known is None:
            codes = PDF_CODE.findall(text)
            if len(codes) > 1 and sum(map(len, codes)) == len(text):
                known = "".join(map(self.written, codes))
            else:
                known = self.shown(pdf_unescaped(text))
            self._known[text] = known
        return known


class _PdfContent:
    """The content of one page while it is read: its open marks and the font in use."""

    def __init__(self, fonts: dict[str, PdfFont], page: PdfPage) -> None:
        self._fonts, self._page = fonts, page
        self._font = PdfFont({})
        self._marks: list[_PdfMark] = []

    def step(self, found: re.Match[bytes]) -> None:
        """Take what PDF_STEP found."""
        kind = found.lastgroup
        if kind == "shown" or kind == "one":
            parts = self._parts()
            parts += map(self._font.written, PDF_SHOWN.findall(found[kind]))
        elif kind == "end":
            self._close()
        elif kind == "mark":
            self._open(_PdfMark(int(found["mark"]), False, False, None))
        elif kind == "font":
            self._font = self._fonts.get(found["font"].decode(), PdfFont({}))

    def apply(self, item: PdfWord, operands: list[Any]) -> None:
        """Take an operator with what stands before it."""
        if item in (b"BDC", b"BMC"):
            self._open(_PdfMark.of(operands))
        elif item == b"EMC":
            self._close()
        elif item == b"Tf":
            self._font = self._fonts.get(operands[0], PdfFont({}))
        elif item in PDF_SHOWS:
            parts, value = self._parts(), operands[-1]
            strings = [p for p in value if isinstance(p, bytes)] if isinstance(value, list) else [value]
            if not all(isinstance(string, bytes) for string in strings):
                raise CheckError("text is shown that cannot be read")
            parts += map(self._font.shown, strings)
        elif item == b"Tr" and operands != [0]:
            raise CheckError(f"page {self._page.number} has text that is not filled")
        elif item in PDF_OTHER_SHOWS and not any(mark.drawing for mark in self._marks):
            number = self._page.number
            raise CheckError(f"page {number} shows something in a way that a bundle does not use")

    def _open(self, mark: _PdfMark) -> None:
        mark.parent = self._marks[-1] if self._marks else None
        self._marks.append(mark)

    def _close(self) -> None:
        if not self._marks:
            raise CheckError(f"page {self._page.number} has unpaired marks")
        self._marks.pop().close(self._page)

    def _parts(self) -> list[str]:
        if not self._marks:
            raise CheckError(f"page {self._page.number} has text without a mark")
        return self._marks[-1].parts


class _PdfMark:
    """A stretch of a page's content with a mark: a part of a tag, an artifact, or neither of its own."""

    def __init__(self, number: int | None, artifact: bool, drawing: bool, instead: str | None) -> None:
        self.number, self.artifact, self.drawing, self.instead = number, artifact, drawing, instead
        self.parent: _PdfMark | None = None
        self.parts: list[str] = []

    @classmethod
    def of(cls, operands: list[Any]) -> _PdfMark:
        """Return the mark that BDC or BMC begins with its operands."""
        entries = operands[-1] if operands and isinstance(operands[-1], dict) else {}
        number = entries.get("MCID")
        instead = pdf_text(entries["ActualText"]) if "ActualText" in entries else None
        artifact = bool(operands) and isinstance(operands[0], PdfName) and operands[0] == "Artifact"
        return cls(number if type(number) is int else None, artifact, "Alt" in entries, instead)

    def close(self, page: PdfPage) -> None:
        """Hand the text on: to the page, or to the mark around this one."""
        text = "".join(("".join(self.parts) if self.instead is None else self.instead).split())
        if self.artifact:
            page.artifacts.append(text)
        elif self.number is not None:
            if self.number in page.marked:
                raise CheckError(f"page {page.number} has two parts with one mark")
            page.marked[self.number] = text
        elif self.parent is not None:
            self.parent.parts.append(text)
        elif text:
            raise CheckError(f"page {page.number} has text that is neither tagged nor an artifact")


def _pdf_mapping(data: bytes) -> bytes:
    """Return the parts of a character map between beginbfchar and endbfchar; others are refused."""
    if b"bfrange" in data:
        raise CheckError("a font lists its characters in a way that a bundle does not use")
    return b"\n".join(re.findall(rb"beginbfchar(.*?)endbfchar", data, re.DOTALL))


def _pdf_operator(reader: PdfReader) -> tuple[PdfWord, list[Any]] | None:
    """Return the next operator that does more than paint, with what stands before it; None at the end."""
    operands: list[Any] = []
    reader.step_over(PDF_PAINTED)
    while (item := reader.next()) is not None:
        if type(item) is PdfWord:
            return item, operands
        operands.append(item)
    return None
