"""A first look at a file: what kind of bytes it has, and its first lines. Recognition needs no more."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

HEAD_BYTES = 16_384
LONGEST_LINE = 4 * 1024**2
HEAD_LINES = 60

Kind = Literal["text", "json", "parquet", "workbook", "markup", "binary", "empty"]

_DELIMITERS = ",\t;|"


def decode(data: bytes) -> str:
    """Return bytes as text: UTF-8 with or without mark, UTF-16 with mark, else Windows-1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def lines_of(data: bytes) -> list[str]:
    """Return the lines of a text file. A carriage return inside a line is not the end of it.

    >>> lines_of(b"a\\r\\n\\rb\\n")
    ['a', 'b', '']
    """
    return unix_lines(decode(data)).split("\n")


def unix_lines(text: str) -> str:
    """Return text with bare line feeds. Strays among other line ends are left out."""
    text = text.replace("\r\n", "\n")
    return text.replace("\r", "" if "\n" in text else "\n")


def kind_of(data: bytes) -> Kind:
    """Return what the bytes are, judged by how they start."""
    head = data[:HEAD_BYTES]
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"\xd0\xcf\x11\xe0", b"PK\x03\x04")):
        return "workbook"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        return "empty"
    if b"\x00" in head:
        return "binary"
    if start[:1] in (b"{", b"["):
        return "json"
    return "markup" if start[:1] == b"<" and not re.match(rb"<[A-Z]+>,", start) else "text"


def split_line(line: str, delimiter: str) -> list[str]:
    """Return the cells of one line, without quotes and outer space."""
    cells = next(csv.reader([line], delimiter=delimiter), [])
    return [cell.strip() for cell in cells]


def sniff_delimiter(line: str) -> str:
    """Return the delimiter of a header line: the most frequent of comma, tab, semicolon and bar."""
    return max(_DELIMITERS, key=line.count)


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """Return a column name for comparison: lower case, letters and digits only.

    >>> plain("Adj Close"), plain("<DATE>"), plain("Weight (%)")
    ('adjclose', 'date', 'weight')
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())


@dataclass(frozen=True)
class Sample:
    """The start of one file, looked at once and shared by all recognisers."""

    path: Path
    data: bytes

    @cached_property
    def kind(self) -> Kind:
        """What the bytes are."""
        return kind_of(self.data)

    @cached_property
    def lines(self) -> list[str]:
        """The first lines of a text file, without line ends."""
        if self.kind not in ("text", "markup"):
            return []
        size = len(self.data)
        if size > HEAD_BYTES:
            # A header of thousands of tickers must not be cut.
            size = max(HEAD_BYTES, self.data.find(b"\n", 0, LONGEST_LINE) + 2)
            if not self.data.startswith((b"\xff\xfe", b"\xfe\xff")):
                # Whole lines only: half a character at the end would make the rest look wrongly encoded.
                return lines_of(self.data[: self.data.rfind(b"\n", 0, size) + 1 or size])[:HEAD_LINES]
        return lines_of(self.data[: size - size % 2])[:HEAD_LINES] if size > 1 else []

    @cached_property
    def delimiter(self) -> str:
        """The delimiter of the first line."""
        return sniff_delimiter(self.lines[0]) if self.lines else ","

    @cached_property
    def header(self) -> list[str]:
        """The cells of the first line."""
        return split_line(self.lines[0], self.delimiter) if self.lines else []

    @cached_property
    def names(self) -> list[str]:
        """The cells of the first line in plain form, see `plain`."""
        return [plain(cell) for cell in self.header]

    @cached_property
    def document(self) -> Any:
        """The whole file as JSON, or None where it is not JSON."""
        if self.kind != "json":
            return None
        try:
            return json.loads(decode(self.data))
        except (json.JSONDecodeError, RecursionError):
            return None
