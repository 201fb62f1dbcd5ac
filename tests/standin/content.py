"""Answers that are well formed and wrong: what each does to a table or to a chart.

A table is text with a header in one of its first lines. Functions take and return text or a chart, so that
they serve every source with such a form.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

Rows = list[list[str]]
_NUMBER = re.compile(r"\s*-?\d+(\.\d+)?\s*")
_PRICES = ("open", "high", "low", "close")


def table(text: str, change: Callable[[Rows], None], header: str) -> str:
    """Return a text whose first table is changed. `header`: how the line of names begins."""
    lines = text.split("\n")
    first = next(at for at, line in enumerate(lines) if line.startswith(header))
    end = next((at for at in range(first, len(lines)) if not lines[at].strip()), len(lines))
    rows = [line.split(",") for line in lines[first:end]]
    change(rows)
    return "\n".join([*lines[:first], *(",".join(row) for row in rows), *lines[end:]])


def rename(rows: Rows) -> None:
    """Give every column but the first another name."""
    rows[0][1:] = [f"field_{at}" for at in range(1, len(rows[0]))]


def reorder(rows: Rows) -> None:
    """Turn the order of all columns but the first."""
    for row in rows:
        row[1:] = row[:0:-1]


def scale(factor: float, first: int = 1, last: int | None = None) -> Callable[[Rows], None]:
    """Return a change that multiplies the numbers of some rows; row 0 is the header."""

    def change(rows: Rows) -> None:
        for row in rows[first:last]:
            row[1:] = [f"{float(c) * factor:.6g}" if _NUMBER.fullmatch(c) else c for c in row[1:]]

    return change


def put(text: str, row: int = 40) -> Callable[[Rows], None]:
    """Return a change that writes something in place of all numbers of a row."""

    def change(rows: Rows) -> None:
        rows[row][1:] = [text] * len(rows[row][1:])

    return change


def negate(rows: Rows) -> None:
    """Make one row negative."""
    scale(-1.0, 40, 41)(rows)


# ---- charts --------------------------------------------------------------------------------------------

Chart = dict[str, Any]


def changed(document: Chart, change: Callable[[Chart], None]) -> Chart:
    """Return a chart document with a changed result."""
    out = copy.deepcopy(document)
    change(out["chart"]["result"][0])
    return out


def chart_rename(result: Chart) -> None:
    """Call the prices by other names."""
    quote = result["indicators"]["quote"][0]
    result["indicators"]["quote"][0] = {f"{name}_price": values for name, values in quote.items()}


def chart_reorder(result: Chart) -> None:
    """Turn the order of the lists and of the parts."""
    quote = result["indicators"]["quote"][0]
    result["indicators"]["quote"][0] = dict(reversed(quote.items()))
    for name in reversed(list(result)):
        result[name] = result.pop(name)


def chart_scale(factor: float, first: int, last: int | None = None) -> Callable[[Chart], None]:
    """Return a change that multiplies the prices of some days."""

    def change(result: Chart) -> None:
        for values in _lists(result):
            for at in range(len(values))[first:last]:
                values[at] = values[at] * factor

    return change


def chart_put(value: float | None, at: int) -> Callable[[Chart], None]:
    """Return a change that writes a value in place of all prices of a day."""

    def change(result: Chart) -> None:
        for values in _lists(result):
            values[at] = value

    return change


def chart_unsplit(at: int, ratio: float) -> Callable[[Chart], None]:
    """Return a change that takes the split event away and leaves the prices before it as they were traded."""

    def change(result: Chart) -> None:
        result["events"].pop("splits", None)
        chart_scale(ratio, 0, at)(result)

    return change


def _lists(result: Chart) -> list[list[Any]]:
    indicators = result["indicators"]
    return [indicators["quote"][0][name] for name in _PRICES] + [indicators["adjclose"][0]["adjclose"]]
