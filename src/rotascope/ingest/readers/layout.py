"""What a delimited file looks like, the columns that come out of it, and numbers as people write them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from rotascope.ingest.readers.base import IntArray
from rotascope.store.series import DateArray, FloatArray

BLANKS = ("", "null", "nan", "n/a", "na", "none", ".", "-", "#n/a")
"""Spellings of a missing value, in lower case."""


_GROUPED = re.compile(r"[-+]?\$?\d{1,3}(,\d{3})+(\.\d*)?|[-+]?\$\d+(\.\d*)?")


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns of a delimited file to read, by index from 0.

    Rows may be short by columns that are not in `required`.
    """

    delimiter: str
    columns: int
    first_line: int  # lines before the first row of values, header included
    date: int  # the column with dates
    numbers: tuple[int, ...]
    text: int | None = None
    required: tuple[int, ...] = ()


@dataclass(slots=True)
class Table:
    """The good rows of a file, in its order.

    rows: line numbers from 1, shape (n,). dates: shape (n,). numbers: by column index, shape (n,),
    NaN = blank. labels and codes: the text column as `labels[codes[i]]`. rows_read counts bad rows
    too. intraday: True if some date has several times of day. short: good rows that ended early.
    """

    rows: IntArray
    dates: DateArray
    numbers: dict[int, FloatArray]
    labels: list[str] = field(default_factory=list)
    codes: IntArray | None = None
    rows_read: int = 0
    intraday: bool = False
    short: int = 0

    def groups(self, clean: Callable[[str], str]) -> list[tuple[str, IntArray]]:
        """Return the rows of each name in the text column, sorted by name.

        `clean` gives the name of a label; labels of one name (`spy`, `SPY`) are one group. Rows are
        positions, in the order of the table. Without a text column there is no group.
        """
        if self.codes is None:
            return []
        names = sorted({clean(label) for label in self.labels})
        place = {name: at for at, name in enumerate(names)}
        merged = np.array([place[clean(label)] for label in self.labels], dtype=np.int64)
        codes = merged[self.codes] if len(merged) else self.codes
        order = np.argsort(codes, kind="stable")
        cuts = np.searchsorted(codes[order], np.arange(len(names) + 1))
        return [(name, order[cuts[at] : cuts[at + 1]]) for at, name in enumerate(names)]


def number(cell: str) -> float | None:
    """Return the number in a cell, NaN if it is blank, None if it is neither.

    >>> number("1,234.50"), number("$12"), number("12x"), number("inf")
    (1234.5, 12.0, None, None)
    """
    cell = cell.strip()
    if cell.lower() in BLANKS:
        return float("nan")
    if _GROUPED.fullmatch(cell):
        cell = cell.replace(",", "").replace("$", "")
    elif "_" in cell:
        return None
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if np.isfinite(value) else None
