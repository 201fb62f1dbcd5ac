"""Delimited text and Parquet as columns, fast, with every row that does not parse accounted for.

The engine converts whole columns. Only rows it could not convert are looked at one by one in Python,
which also knows thousands separators, dollar signs and dates in words.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from rotascope.ingest.readers.base import BoolArray, Context, IntArray, reject_future
from rotascope.ingest.readers.careful import careful_table
from rotascope.ingest.readers.engine import (
    DATE_FORMS,
    Converted,
    convert,
    convert_regular,
    convert_text,
    cursor,
    spilled,
)
from rotascope.ingest.readers.layout import Layout, Table, number
from rotascope.ingest.readers.sample import decode, unix_lines

__all__ = ["Layout", "Table", "cursor", "number", "read_columns", "read_table", "spilled"]


_QUOTED_COMMA = re.compile(rb'"[^"\n]*[,;\t|\n][^"]*"')


def read_table(context: Context, layout: Layout) -> Table:
    """Read a delimited file as `layout` says. Rows that do not parse are findings of `context`."""
    body = _skip_lines(_normal(context.data), layout.first_line)
    if b'"' in body:
        return _not_future(context, careful_table(context, layout, _quoted_rows(body, layout)))
    count = body.count(b"\n")
    if body.count(layout.delimiter.encode()) == count * (layout.columns - 1):
        # Every row is as long as the header, unless the engine says otherwise.
        found = convert_regular(body, layout) or convert_text(body, layout, ragged=False)
        if found is not None and len(found.bad) == count:
            lines = np.arange(count, dtype=np.int64) + layout.first_line + 1
            return _with_doubtful(context, layout, body, found, lines, found.bad)
    delimiters, lengths = _structure(body, layout.delimiter)
    content = lengths > delimiters  # a line of nothing but delimiters holds no row
    regular = content & (delimiters < layout.columns) & (delimiters >= max(layout.required, default=0))
    lines = np.flatnonzero(regular) + layout.first_line + 1
    found = convert_text(_select(body, regular), layout, ragged=True) if len(lines) else None
    if found is None or len(found.bad) != len(lines):
        everything = careful_table(context, layout, _plain_rows(body, layout, content))
        return _not_future(context, everything)
    doubtful = content & ~regular
    doubtful[lines[found.bad] - layout.first_line - 1] = True
    table = _with_doubtful(context, layout, body, found, lines, doubtful)
    table.short = int(np.count_nonzero(delimiters[regular] < layout.columns - 1))
    return table


def _with_doubtful(
    context: Context, layout: Layout, body: bytes, found: Converted, lines: IntArray, doubtful: BoolArray
) -> Table:
    """Return what the engine converted, and of the doubtful lines those that parse after all."""
    again = _plain_rows(body, layout, doubtful) if bool(doubtful.any()) else ()
    table = _joined(found, lines, layout, careful_table(context, layout, again))
    table.rows_read += int(np.count_nonzero(~found.bad))
    return _not_future(context, table)


def read_columns(
    context: Context, relation: str, names: Sequence[str], layout: Layout, *, first_row: int = 1
) -> Table:
    """Read typed columns (Parquet) as `layout` says; `names` are the columns of `relation`."""
    found = convert(relation, [_quoted(name) for name in names], layout, DATE_FORMS["iso"])
    rows = np.arange(len(found.bad), dtype=np.int64) + first_row
    for at in np.flatnonzero(found.bad):
        context.reject_row(
            "unreadable_row", int(rows[at]), f"Row {int(rows[at])} has no date, or a value that is no number."
        )
    table = _joined(found, rows, layout, careful_table(context, layout, []))
    table.rows_read = len(rows)
    return _not_future(context, table)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _normal(data: bytes) -> bytes:
    """Return UTF-8 text with bare line feeds, unquoted unless a quoted cell holds a delimiter."""
    text = data if data.isascii() else decode(data).encode()
    if b"\r" in text:
        text = unix_lines(text.decode()).encode()
    if b'"' in text and not _QUOTED_COMMA.search(text):
        text = text.replace(b'"', b"")
    return text if text.endswith(b"\n") else text + b"\n"


def _skip_lines(text: bytes, count: int) -> bytes:
    at = 0
    for _ in range(count):
        at = text.find(b"\n", at) + 1
        if at == 0:
            return b""
    return text[at:]


def _structure(body: bytes, delimiter: str) -> tuple[IntArray, IntArray]:
    """Return the number of delimiters and of bytes in each line."""
    codes = np.frombuffer(body, dtype=np.uint8)
    ends = np.flatnonzero(codes == 10)
    marks = np.searchsorted(np.flatnonzero(codes == ord(delimiter)), ends)
    return np.diff(marks, prepend=0), np.diff(ends, prepend=-1) - 1


def _select(body: bytes, keep: BoolArray) -> bytes:
    lines = body.split(b"\n")
    return b"".join(lines[at] + b"\n" for at in np.flatnonzero(keep).tolist())


def _plain_rows(body: bytes, layout: Layout, wanted: BoolArray) -> Iterator[tuple[int, list[str]]]:
    lines = body.split(b"\n")
    for at in np.flatnonzero(wanted).tolist():
        yield layout.first_line + 1 + at, lines[at].decode(errors="replace").split(layout.delimiter)


def _quoted_rows(body: bytes, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    lines = body.decode(errors="replace").split("\n")
    reader = csv.reader(lines, delimiter=layout.delimiter, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            # Quotation marks that do not match: a row that is rejected; reading goes on after it.
            cells = ["quotation marks that do not match"]
        yield layout.first_line + reader.line_num, cells


def _joined(found: Converted, lines: IntArray, layout: Layout, careful: Table) -> Table:
    """Return the rows the engine converted, followed by those that were read one by one."""
    good = ~found.bad
    everything = bool(good.all()) and len(careful.rows) == 0

    def both(fast: Any, slow: Any) -> Any:
        return fast if everything else np.concatenate([fast[good], slow])

    labels, codes = list(found.labels), found.codes
    if codes is not None and careful.codes is not None:
        place = {name: at for at, name in enumerate(labels)}
        for name in careful.labels:
            place.setdefault(name, len(place))
        labels = list(place)
        mapped = np.array([place[careful.labels[code]] for code in careful.codes], dtype=np.int64)
        codes = both(codes, mapped)
    return Table(
        rows=both(lines, careful.rows),
        dates=both(found.dates, careful.dates),
        numbers={at: both(found.numbers[at], careful.numbers[at]) for at in layout.numbers},
        labels=labels,
        codes=codes,
        rows_read=careful.rows_read,
        intraday=found.intraday or careful.intraday,
    )


def _not_future(context: Context, table: Table) -> Table:
    keep = reject_future(context, table.dates, table.rows)
    if bool(keep.all()):
        return table
    table.rows, table.dates = table.rows[keep], table.dates[keep]
    table.numbers = {at: values[keep] for at, values in table.numbers.items()}
    table.codes = table.codes[keep] if table.codes is not None else None
    return table
