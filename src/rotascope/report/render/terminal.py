"""The terminal: headings, wrapped paragraphs and tables, with the numbers set apart."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import permutations
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
_EXCHANGED = 10  # letters of room that two columns may exchange at once
_GAP = 3  # columns between two columns of a table
_ADDRESS = re.compile(r"https?://\S+$")
_SPACES = dict.fromkeys(map(ord, "\r\n\t\v\f\x85\u2028\u2029"), " ")
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # may reorder digits


def render_terminal(doc: Document, console: Console, width: int | None = None) -> None:
    """Print the document to a console, `width` columns wide (default: the console, at most 88).

    Text is never cut short: long words are folded, and a table that does not fit is printed as a list
    of rows. An address stays whole, on a line of its own where it is too long, so that it can be copied and
    opened. Control characters are shown as U+FFFD, so that no text can steer the terminal.
    """
    columns = min(width or min(console.width, MEASURE), console.width)
    previous = ""
    for block in doc.blocks:
        tight = block.kind == previous and block.kind in {"item", "source", "note"}
        if previous and not tight:
            console.print()
        for renderable in _block(block, console, columns):
            console.print(renderable, width=columns, highlight=False, emoji=False, markup=False, crop=False)
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
            for number, line in enumerate(_lines(text, console, max(options.max_width - len(rest), 1))):
                yield RichText(rest if number else first, style="dim", no_wrap=True, overflow="ignore") + line

    return Hanging()


def _lines(text: Text, console: Console, width: int) -> list[Text]:
    """Return text in lines of `width`; an address that ends it is longer where it must be."""
    from rich.cells import cell_len

    address = _ADDRESS.search(text.plain)
    if address is None or cell_len(address[0]) <= width:
        return list(text.wrap(console, width, overflow="fold"))
    head, tail = text[: address.start()], text[address.start() :]
    head.rstrip()
    return [*(head.wrap(console, width, overflow="fold") if head.plain else ()), tail]


def _table(table: Table, console: Console, width: int) -> list[RenderableType]:
    caption = _text(table.caption, "bold")
    widths = _fit(table, width)
    return [caption, *(_stacked(table) if widths is None else [_grid(table, widths)])]


def _fit(table: Table, width: int) -> list[int] | None:
    """Return the width of each column, or None if the table needs more than `width` in all.

    A column of numbers keeps its widest number on one line and any other its longest word. What is too much
    is taken where it makes the table the fewest lines longer, and of equals from the column with the most to
    spare; then columns exchange room as long as that makes it shorter.
    """
    columns, least, natural = [], [], []
    for c, number in enumerate(numeric_columns(table)):
        cells = [_visible(row[c].text) if c < len(row) else "" for row in table.rows]
        head = _visible(table.header[c].text) if c < len(table.header) else ""
        unbroken = [*(cells if number else " ".join(cells).split()), *head.split()]
        columns.append([head, *cells])
        least.append(_widest(unbroken))
        natural.append(_widest([*cells, head]))
    room = width - _GAP * (len(natural) - 1)
    if sum(least) > room:
        return None
    while sum(natural) > room:
        choices = [c for c, w in enumerate(natural) if w > least[c]]
        at = min(choices, key=lambda c: (_rows(columns, _less(natural, c)), least[c] - natural[c]))
        natural = _less(natural, at)
    return _exchanged(columns, least, natural)


def _exchanged(columns: list[list[str]], least: list[int], widths: list[int]) -> list[int]:
    """Return widths that make the table the shortest, as far as exchanges between two columns lead."""
    while True:
        best = min(
            (
                _less(_less(widths, a, k), b, -k)
                for a, b in permutations(range(len(widths)), 2)
                for k in range(1, min(widths[a] - least[a], _EXCHANGED) + 1)
            ),
            key=lambda tried: _rows(columns, tried),
            default=widths,
        )
        if _rows(columns, best) >= _rows(columns, widths):
            return widths
        widths = best


def _less(widths: list[int], at: int, by: int = 1) -> list[int]:
    return [*widths[:at], widths[at] - by, *widths[at + 1 :]]


def _rows(columns: list[list[str]], widths: list[int]) -> int:
    """Return how many lines a table takes; each column begins with its header."""
    heights = ([_height(text, w) for text in texts] for texts, w in zip(columns, widths, strict=True))
    return sum(max(row) for row in zip(*heights, strict=True))


@lru_cache(maxsize=8192)
def _height(text: str, width: int) -> int:
    """Return in how many lines a text is set, broken between words."""
    from rich.cells import cell_len

    lines, left = 1, width
    for word in text.split(" "):
        if (need := cell_len(word)) > left and left < width:
            lines, left = lines + 1, width
        lines += max(need - 1, 0) // width
        left -= need % width + 1
    return lines


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
