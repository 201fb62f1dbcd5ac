"""PDF files as a bundle holds them: plain objects one after another, one table of places, one trailer."""

from __future__ import annotations

import re
import zlib
from typing import Any, NamedTuple

from rotascope_verify.failures import CheckError, quote

PDF_SPACE = rb"[\x00\t\n\x0c\r ]"
PDF_GAP = re.compile(PDF_SPACE + rb"*(?:%[^\r\n]*" + PDF_SPACE + rb"*)*")
PDF_TOKEN = re.compile(
    PDF_SPACE + rb"*(?:"
    rb"(?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))"
    rb"|/(?P<name>[^\x00\t\n\x0c\r ()<>\[\]{}/%]*)"
    rb"|(?P<mark><<|>>|\[|\])"
    rb"|<(?P<hex>[0-9A-Fa-f\s]*)>"
    rb"|(?P<text>\()"
    rb"|(?P<word>[A-Za-z'\"][A-Za-z0-9'\"*]*))"
)
# A string without others inside. Here and below nothing is tried twice: no input can make a match slow.
PDF_STRING = rb"\([^()\\]*+(?:\\.[^()\\]*+)*+\)"
PDF_NUMBER = rb"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)"
PDF_ATOM = re.compile(
    PDF_SPACE
    + rb"*+([0-9]++ [0-9]++ R(?![A-Za-z0-9'\"*])|"
    + PDF_NUMBER
    + rb"|<<|>>|[\[\]]|"
    + PDF_STRING
    + rb"|"
    rb"<[0-9A-Fa-f\s]*+>|/[^\x00\t\n\x0c\r ()<>\[\]{}/%]*+|[A-Za-z'\"][A-Za-z0-9'\"*]*+|.)",
    re.DOTALL,
)
PDF_OBJECT = re.compile(PDF_SPACE + rb"*+([0-9]++) 0 obj(?=[\n\r <\[])")
PDF_AROUND = re.compile(rb"[\n\r >\])][\n\r ]")  # before and after the end of an object
PDF_ENTRIES = re.compile(rb"\s*+((?:[0-9]{10} [0-9]{5} [nf](?:\r\n| \n| \r))*+)")
PDF_ENDS = {b"<<": b">>", b"[": b"]"}
PDF_WORDS: dict[bytes, Any] = {}
PDF_UNESCAPED: dict[bytes, bytes] = {}
PDF_HEADER = re.compile(rb"%PDF-1\.7\r?\n")
PDF_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
PDF_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n|.))", re.DOTALL)
PDF_TEXT_PART = re.compile(rb"[^()\\]*(?:\\.[^()\\]*)*", re.DOTALL)
PDF_DEPTH = 60
PDF_STREAM_BYTES = 1 << 26
PDF_INFLATED_BYTES = 1 << 28


class PdfName(str):
    """A name, such as /Type, without the slash."""

    __slots__ = ()


class PdfWord(bytes):
    """A keyword or an operator."""

    __slots__ = ()


class PdfRef(NamedTuple):
    """A reference to another object by its number."""

    number: int


class PdfStream(NamedTuple):
    """A dictionary with bytes, these as they stand in the file."""

    entries: dict[str, Any]
    raw: bytes


class PdfReader:
    """Reads values from bytes, from left to right. Raises CheckError where they are none."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data, self.at = data, at

    def next(self, depth: int = 0) -> Any:
        """Return the next value or word; None at the end of the bytes."""
        found = PDF_TOKEN.match(self.data, self.at) or self._after_comment()
        if found is None:
            return None
        self.at = found.end()
        kind = found.lastgroup or ""
        text = found[kind]
        if kind == "number":
            return float(text) if b"." in text else int(text)
        if kind == "name":
            return PdfName(text.decode("latin-1"))
        if kind == "word":
            return _pdf_word(text)
        if kind == "hex":
            digits = re.sub(rb"\s", b"", text)
            return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
        if kind == "text":
            return self._text()
        if depth > PDF_DEPTH:
            raise CheckError("values are nested too deeply")
        return self._container(text, depth)

    def step_over(self, pattern: re.Pattern[bytes]) -> None:
        """Go on behind what a pattern matches here, if it does."""
        if found := pattern.match(self.data, self.at):
            self.at = found.end()

    def _after_comment(self) -> re.Match[bytes] | None:
        start = PDF_GAP.match(self.data, self.at).end()  # type: ignore[union-attr]
        found = PDF_TOKEN.match(self.data, start)
        if found is None and start != len(self.data):
            raise CheckError(f"byte {start} is no part of a value")
        return found

    def _container(self, mark: bytes, depth: int) -> Any:
        if mark in (b">>", b"]"):
            return PdfWord(mark)
        items: list[Any] = []
        end = b">>" if mark == b"<<" else b"]"
        while True:
            item = self.next(depth + 1)
            if type(item) is PdfWord:
                if item == end:
                    break
                items[-2:] = [_pdf_reference(item, items[-2:])]
            elif item is None:
                raise CheckError("a list has no end")
            else:
                items.append(item)
        if mark == b"[":
            return items
        keys, values = items[::2], items[1::2]
        if len(keys) != len(values) or not all(isinstance(k, PdfName) for k in keys):
            raise CheckError("a dictionary is not made of names and values")
        if len(set(keys)) != len(keys):
            raise CheckError("a name occurs twice in one dictionary")
        return dict(zip(keys, values, strict=True))

    def _text(self) -> bytes:
        """Return a string in parentheses; those inside are balanced or escaped."""
        start, depth = self.at, 1
        while depth:
            self.at = PDF_TEXT_PART.match(self.data, self.at).end()  # type: ignore[union-attr]
            if self.at >= len(self.data):
                raise CheckError("a string has no end")
            depth += 1 if self.data[self.at : self.at + 1] == b"(" else -1
            self.at += 1
        return pdf_unescaped(self.data[start : self.at - 1])


def pdf_unescaped(text: bytes) -> bytes:
    """Return the bytes of a string as it stands in a file between parentheses."""
    return PDF_ESCAPE.sub(_pdf_unescape, text) if b"\\" in text else text


def _pdf_unescape(found: re.Match[bytes]) -> bytes:
    text = found[0]
    if text not in PDF_UNESCAPED:
        if found[1]:
            PDF_UNESCAPED[text] = bytes([int(found[1], 8) & 0xFF])
        else:
            ends = found[2] in (b"\n", b"\r", b"\r\n")
            PDF_UNESCAPED[text] = b"" if ends else PDF_ESCAPES.get(found[2], found[2])
    return PDF_UNESCAPED[text]


def _pdf_word(text: bytes) -> Any:
    if not PDF_WORDS:
        PDF_WORDS.update({b"true": True, b"false": False, b"null": PdfName("null")})
    return PDF_WORDS[text] if text in PDF_WORDS else PdfWord(text)


def _pdf_reference(word: PdfWord, before: list[Any]) -> PdfRef:
    if word == b"R" and len(before) == 2 and all(type(n) is int for n in before):
        return PdfRef(before[0])
    raise CheckError(f"{quote(word.decode('latin-1'))} stands inside a value")


def pdf_plain(text: bytes, atoms: dict[bytes, Any]) -> Any:
    """Return the one value that bytes hold, as PdfReader reads it; None where that must have a look itself.

    atoms: what was read before by its bytes; it grows.
    """
    around: list[tuple[bytes, list[Any]]] = []
    here: list[Any] = []
    for atom in PDF_ATOM.findall(text.strip(b"\x00\t\n\x0c\r ")):
        value = atoms.get(atom)
        if value is None:
            if atom in PDF_ENDS:
                around.append((PDF_ENDS[atom], here))
                here = []
                if len(around) > PDF_DEPTH:
                    return None
                continue
            if around and atom == around[-1][0]:
                value = here if atom == b"]" else _pdf_entries(here)
                here = around.pop()[1]
            else:
                value = atoms[atom] = _pdf_atom(atom)
            if value is None:
                return None
        here.append(value)
    if len(here) != 1 or around or isinstance(here[0], PdfRef):  # no object is a mere reference
        return None
    return here[0]


def _pdf_atom(text: bytes) -> Any:
    """Return a reference or the value of one mark; None for a word that has none, and for what is no mark."""
    if text[-1:] == b"R" and text[:1].isdigit():
        return PdfRef(int(text[: text.index(b" ")]))
    try:
        value = PdfReader(text).next()
    except CheckError:
        return None
    return None if type(value) is PdfWord else value


def _pdf_entries(items: list[Any]) -> dict[str, Any] | None:
    """Return a dictionary of names and values, one after the other; None if they are not that."""
    keys = items[::2]
    if len(items) % 2 or not all(type(key) is PdfName for key in keys) or len(set(keys)) < len(keys):
        return None
    return dict(zip(keys, items[1::2], strict=True))


class PdfFile:
    """The objects of a PDF file by number, and its trailer."""

    def __init__(self, data: bytes) -> None:
        """Read the whole file. Raises CheckError if it is not one body, one table and one trailer."""
        head = PDF_HEADER.match(data)
        if head is None:
            raise CheckError("does not begin as a PDF 1.7")
        self.objects: dict[int, Any] = {}
        self._places: dict[int, int] = {}
        self._inflated = 0
        reader, atoms = PdfReader(data, head.end()), {}  # type: tuple[PdfReader, dict[bytes, Any]]
        while self._plain_object(reader, atoms) or self._object(reader):
            pass
        self._table(reader)
        self.trailer = self.dictionary(reader.next())
        end = re.fullmatch(rb"\s*startxref\s+([0-9]+)\s+%%EOF\s*", data[reader.at :])
        if end is None or int(end[1]) != self._table_at:
            raise CheckError("does not end with its one table of objects")

    def _plain_object(self, reader: PdfReader, atoms: dict[bytes, Any]) -> bool:
        """Read an object without a stream, written as usual; leave any other for `_object`."""
        found = PDF_OBJECT.match(reader.data, reader.at)
        if found is None:
            return False
        start, end = found.end(), reader.data.find(b"endobj", found.end())
        text = reader.data[start:end]
        around = text[-1:] + reader.data[end + 6 : end + 7]
        if b"stream" in text or not PDF_AROUND.fullmatch(around) or int(found[1]) in self.objects:
            return False
        value = pdf_plain(text, atoms)
        if value is None:
            return False
        number = int(found[1])
        self.objects[number], self._places[number] = value, found.start(1)
        reader.at = end + 6
        return True

    def _object(self, reader: PdfReader) -> bool:
        at = PDF_GAP.match(reader.data, reader.at).end()  # type: ignore[union-attr]
        number = reader.next()
        if number == b"xref":
            self._table_at = at
            return False
        if type(number) is not int or reader.next() != 0 or reader.next() != b"obj":
            raise CheckError(f"no object begins at byte {at}")
        if number in self.objects:
            raise CheckError(f"object {number} occurs twice")
        value, word = reader.next(), reader.next()
        if word == b"stream":
            value, word = self._stream(value, reader), reader.next()
        if word != b"endobj":
            raise CheckError(f"object {number} has no end")
        self.objects[number], self._places[number] = value, at
        return True

    def _stream(self, entries: Any, reader: PdfReader) -> PdfStream:
        start = re.compile(rb"\r?\n").match(reader.data, reader.at)
        length = entries.get("Length") if isinstance(entries, dict) else None
        if start is None or type(length) is not int or not 0 <= length <= len(reader.data):
            raise CheckError("a stream has no length")
        reader.at = start.end() + length
        if reader.next() != b"endstream":
            raise CheckError("a stream is not as long as it says")
        return PdfStream(entries, reader.data[start.end() : start.end() + length])

    def _table(self, reader: PdfReader) -> None:
        """Require that the table leads to each object that was found, and to no other place."""
        first, size = reader.next(), reader.next()
        if first != 0 or type(size) is not int or not 0 < size <= len(reader.data):
            raise CheckError("the table of objects does not begin at 0")
        places = {}
        rows = PDF_ENTRIES.match(reader.data, reader.at, reader.at + 20 * size + 2)
        if rows and len(rows[1]) == 20 * size:
            text, reader.at = rows[1], rows.end()
            for number in range(size):
                if text[20 * number + 17 : 20 * number + 18] == b"n":
                    places[number] = int(text[20 * number : 20 * number + 10])
        else:
            for number in range(size):
                at, _, kind = reader.next(), reader.next(), reader.next()
                if kind == b"n":
                    places[number] = at
        if places != self._places or reader.next() != b"trailer":
            raise CheckError("the table of objects does not fit the objects")

    def get(self, value: Any) -> Any:
        """Return a value, or the object that it refers to."""
        for _ in range(PDF_DEPTH):
            if not isinstance(value, PdfRef):
                return value
            if value.number not in self.objects:
                raise CheckError(f"there is no object {value.number}")
            value = self.objects[value.number]
        raise CheckError("references lead to each other")

    def dictionary(self, value: Any) -> dict[str, Any]:
        """Return a dictionary, or that of a stream."""
        found = self.get(value)
        found = found.entries if isinstance(found, PdfStream) else found
        if not isinstance(found, dict):
            raise CheckError("a dictionary is missing")
        return found

    def items(self, value: Any) -> list[Any]:
        """Return a list; a value that is none is one of its own, and null none at all."""
        found = self.get(value)
        if found is None or (isinstance(found, PdfName) and found == "null"):
            return []
        return found if isinstance(found, list) else [value]

    def content(self, value: Any) -> bytes:
        """Return the bytes of a stream, inflated. Raises CheckError if they are too many."""
        stream = self.get(value)
        if not isinstance(stream, PdfStream):
            raise CheckError("a stream is missing")
        filters = self.items(stream.entries.get("Filter"))
        if "DecodeParms" in stream.entries or filters not in ([], ["FlateDecode"]):
            raise CheckError("a stream with text is packed in a way that a bundle does not use")
        data = stream.raw
        if filters:
            try:
                data = zlib.decompressobj().decompress(stream.raw, PDF_STREAM_BYTES)
            except zlib.error as error:
                raise CheckError(f"a stream cannot be unpacked: {error}") from None
        self._inflated += len(data)
        if len(data) >= PDF_STREAM_BYTES or self._inflated > PDF_INFLATED_BYTES:
            raise CheckError("the streams are too large")
        return data


def pdf_text(value: Any) -> str:
    """Return a string of a dictionary as text: UTF-16 with its mark, or Latin."""
    if not isinstance(value, bytes):
        raise CheckError("a text is missing")
    if value.startswith(b"\xfe\xff"):
        return value[2:].decode("utf-16-be", "replace")
    return value.decode("latin-1")
