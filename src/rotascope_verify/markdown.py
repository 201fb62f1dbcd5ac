"""report.md must be the text of report.json with marks, and nothing else."""

from __future__ import annotations

import re

from rotascope_verify.document import Block, Document
from rotascope_verify.failures import CheckError, Log, quote
from rotascope_verify.spans import Inline

MARKS = re.compile(r"([\\*_\[\]|<>#`])")
RULE_CELL = re.compile(r":?-+:?")
OPEN_CLOSE = {"title": ("# ", ""), "standfirst": ("*", "*"), "item": ("- ", ""), "note": ("> ", "")}


def escape_markdown(text: str) -> str:
    """Return text with a backslash before each character that Markdown would read as a mark.

    >>> escape_markdown("[1] a*b")
    '\\\\[1\\\\] a\\\\*b'
    """
    return MARKS.sub(r"\\\1", text)


def _split_row(line: str) -> list[str]:
    """Return the cells of a line of a pipe table; escaped pipes do not divide."""
    line = line.strip()
    if not (line.startswith("|") and line.endswith("|") and len(line) > 1):
        raise CheckError(f"{quote(line)} is not a line of a table")
    cells, cell, i = [], "", 1
    while i < len(line):
        if line[i] == "\\":
            cell += line[i : i + 2]
            i += 2
        elif line[i] == "|":
            cells.append(cell.strip())
            cell, i = "", i + 1
        else:
            cell += line[i]
            i += 1
    if cell:
        raise CheckError(f"{quote(line)} does not end with a pipe")
    return cells


class _Lines:
    """The lines of the file, read one after the other."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.at = 0

    def skip_blank(self) -> int:
        """Go to the next line that is not blank; return how many were."""
        start = self.at
        while self.at < len(self.lines) and not self.lines[self.at].strip():
            self.at += 1
        return self.at - start

    def take(self) -> str:
        """Return the next line."""
        if self.at >= len(self.lines):
            raise CheckError("the file ends before the text does")
        self.at += 1
        return self.lines[self.at - 1]

    def expect(self, text: str) -> None:
        """Require that the next line is a given one."""
        line = self.take()
        if line.rstrip(" ") != text.rstrip(" "):
            raise CheckError(f"line {self.at} is {quote(line)}, not {quote(text)}")


def _check_cells(line: str, cells: tuple[Inline, ...]) -> None:
    got, want = _split_row(line), [escape_markdown(c.text).strip() for c in cells]
    if got != want:
        raise CheckError(f"the cells of {quote(line)} are not {quote(' | '.join(want))}")


def _check_block(lines: _Lines, block: Block) -> None:
    if block.inline is not None:
        mark, end = OPEN_CLOSE.get(block.kind, ("", ""))
        if block.kind == "heading":
            mark = "#" * block.level + " "
        if block.inline.text:
            lines.expect(mark + escape_markdown(block.inline.text) + end)
        return
    if block.caption is not None and block.caption.text:
        lines.expect(f"**{escape_markdown(block.caption.text)}**")
        lines.skip_blank()
    if block.kind == "chart":
        if block.alt is not None and block.alt.text:
            lines.expect(escape_markdown(block.alt.text))
        return
    _check_cells(lines.take(), block.header)
    rule = _split_row(lines.take())
    if len(rule) != len(block.header) or not all(RULE_CELL.fullmatch(c) for c in rule):
        raise CheckError(f"line {lines.at} does not divide header and rows")
    for row in block.rows:
        _check_cells(lines.take(), row)


def check_markdown(text: str, document: Document, log: Log) -> None:
    """Compare report.md with the blocks. The first difference ends the comparison (markdown-differs)."""
    lines = _Lines(text)
    for i, block in enumerate(document.blocks):
        before = len(log.failures)
        with log.guard("markdown-differs", f"report.md:{block.id}"):
            blank = lines.skip_blank()
            if i and not blank:
                raise CheckError("blocks must be separated by blank lines")
            _check_block(lines, block)
        if len(log.failures) > before:
            return
    lines.skip_blank()
    if lines.at < len(lines.lines):
        log.add("markdown-differs", "report.md", f"more text follows: {quote(lines.lines[lines.at])}")
