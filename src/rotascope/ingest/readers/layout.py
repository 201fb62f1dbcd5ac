"""What a delimited file looks like, the columns that come out of it, and numbers as people write them."""

from __future__ import annotations

import re
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
