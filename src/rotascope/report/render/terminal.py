"""The terminal: headings, wrapped paragraphs and tables, with the numbers set apart."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from rotascope.model.documents import Block, Chart, Document, Inline, Table
from rotascope.report.render.pieces import numeric_columns, pieces

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table as RichTable
    from rich.text import Text

MEASURE = 88  # longer lines are hard to read
_STYLES = {"fact": "bold", "cite": "dim", "date": "", "source": ""}
_BLOCK_STYLES = {
    "title": "bold",
    "standfirst": "italic",
    "meta": "dim",
    "tags": "dim",
    "note": "dim",
    "source": "dim",
}
_INDENT = {"item": ("  • ", "    "), "note": ("  │ ", "  │ "), "source": ("", "    ")}
_GAP = 3  # columns between two columns of a table
_SPACES = dict.fromkeys(map(ord, "\r\n\t\v\f\x85\u2028\u2029"), " ")
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # may reorder digits


def render_terminal(doc: Document, console: Console, width: int | None = None) -> None:
    """Print the document to a console, `width` columns wide (default: the console, at most 88).

    Text is never cut short: long words are folded, and a table that does not fit is printed as a list
    of rows. Control characters are shown as U+FFFD, so that no text can steer the terminal.
    """
    columns = min(width or min(console.width, MEASURE), console.width)
    previous = ""
    for block in doc.blocks:
        tight = block.kind == previous and block.kind in {"item", "source", "note"}
        if previous and not tight:
            console.print()
        for renderable in _block(block, console, columns):
            console.print(renderable, width=columns, highlight=False, emoji=False, markup=False)
        previous = block.kind


def _block(block: Block | Table | Chart, console: Console, width: int) -> list[RenderableType]:
    from rich.rule import Rule

    if isinstance(block, Table):
        return _table(block, console, width)
    if isinstance(block, Chart):
        return [_text(block.caption, "bold"), _text(block.alt)]
    text = _text(block.inline, _BLOCK_STYLES.get(block.kind, ""))
    if block.kind == "heading":
        text.stylize("bold cyan" if block.level <= 2 else "bold")
    if block.kind == "title":
        return [text, Rule(style="cyan", characters="─")]
    if block.kind in _INDENT:
        return [_hanging(text, *_INDENT[block.kind])]
    return [text]


def _hanging(text: Text, first: str, rest: str) -> RenderableType:
    """Return text with a mark before its first line and another before the lines that follow."""
    from rich.console import ConsoleOptions, RenderResult
    from rich.text import Text as RichText

    class Hanging:
        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            lines = text.wrap(console, max(options.max_width - len(rest), 1), overflow="fold")
            for number, line in enumerate(lines):
                yield RichText(rest if number else first, style="dim") + line

    return Hanging()


def _table(table: Table, console: Console, width: int) -> list[RenderableType]:
    caption = _text(table.caption, "bold")
    widths = _fit(table, width)
    return [caption, *(_stacked(table) if widths is None else [_grid(table, widths)])]


def _fit(table: Table, width: int) -> list[int] | None:
    """Return the width of each column, or None if the table needs more than `width` in all.

    A column of numbers keeps its widest number on one line and any other its longest word; the columns
    with the most to spare give way first.
    """
    least, natural = [], []
    for c, number in enumerate(numeric_columns(table)):
        cells = [_visible(row[c].text) for row in table.rows if c < len(row)]
        head = _visible(table.header[c].text) if c < len(table.header) else ""
        unbroken = [*(cells if number else " ".join(cells).split()), *head.split()]
        least.append(_widest(unbroken))
        natural.append(_widest([*cells, head]))
    room = width - _GAP * (len(natural) - 1)
    if sum(least) > room:
        return None
    while sum(natural) > room:
        spare = [have - need for have, need in zip(natural, least, strict=True)]
        natural[spare.index(max(spare))] -= 1
    return natural


def _widest(texts: list[str]) -> int:
    from rich.cells import cell_len

    return max((cell_len(text) for text in texts), default=1) or 1


def _grid(table: Table, widths: list[int]) -> RichTable:
    from rich import box
    from rich.table import Table as RichTable

    grid = RichTable(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
    for c, number in enumerate(numeric_columns(table)):
        head = _text(table.header[c]) if c < len(table.header) else ""
        grid.add_column(head, justify="right" if number else "left", overflow="fold", width=widths[c])
    for row in table.rows:
        grid.add_row(*(_text(cell) for cell in row))
    return grid


def _stacked(table: Table) -> list[RenderableType]:
    """Return each row as `column: value` lines, all but the first set in."""
    from rich.text import Text as RichText

    out: list[RenderableType] = []
    for row in table.rows:
        for c, cell in enumerate(row):
            head = _text(table.header[c], "dim") if c < len(table.header) else RichText()
            line = RichText.assemble(head, ": " if head else "", _text(cell, "" if c else "bold"))
            out.append(_hanging(line, "  " if c else "", "    "))
    return out


def _text(inline: Inline, style: str = "") -> Text:
    from rich.text import Text as RichText

    text = RichText(style=style, overflow="fold")
    for piece in pieces(inline):
        text.append(_visible(piece.text), _STYLES.get(piece.kind, ""))
    return text


def _visible(text: str) -> str:
    """Return text of the same length with line breaks and tabs as spaces and controls as U+FFFD."""
    spaced = text.translate(_SPACES)
    if spaced.isprintable():
        return spaced
    return "".join("\ufffd" if _is_control(c) else c for c in spaced)


def _is_control(char: str) -> bool:
    return char in _BIDI_CONTROLS or unicodedata.category(char) in {"Cc", "Cs"}
