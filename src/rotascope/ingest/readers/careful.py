"""Rows read one by one in Python: the plain reference of the fast path, and its second opinion."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np

from rotascope.ingest.readers.base import Context
from rotascope.ingest.readers.dates import Order, day_order, parse_day
from rotascope.ingest.readers.layout import Layout, Table, number


def careful_table(context: Context, layout: Layout, rows: Iterable[tuple[int, list[str]]]) -> Table:
    """Read rows, given as line number and cells. Those that do not parse are findings of `context`."""
    kept = list(rows)
    order = order_of((cells for _, cells in kept), layout.date)
    numbers: dict[int, list[float]] = {at: [] for at in layout.numbers}
    lines: list[int] = []
    days: list[date] = []
    names: list[str] = []
    moments: dict[tuple[str, date], set[str]] = {}
    read = 0
    for line, cells in kept:
        if not any(cell.strip() for cell in cells):
            continue
        read += 1
        parsed = _careful_row(context, layout, line, cells, order)
        if parsed is None:
            continue
        day, name, values = parsed
        lines.append(line)
        days.append(day)
        names.append(name)
        moments.setdefault((name, day), set()).add(cells[layout.date].strip()[10:19])
        for at, value in zip(layout.numbers, values, strict=True):
            numbers[at].append(value)
    labels = sorted(set(names))
    place = {name: at for at, name in enumerate(labels)}
    return Table(
        rows=np.array(lines, dtype=np.int64),
        dates=np.array(days, dtype="datetime64[D]"),
        numbers={at: np.array(values, dtype=np.float64) for at, values in numbers.items()},
        labels=labels,
        codes=np.array([place[name] for name in names], dtype=np.int64) if layout.text is not None else None,
        rows_read=read,
        intraday=any(len(times) > 1 for times in moments.values()),
    )


def _careful_row(
    context: Context, layout: Layout, line: int, cells: list[str], order: Order
) -> tuple[date, str, list[float]] | None:
    if any(cell.strip() for cell in cells[layout.columns :]):
        message = f"Line {line} has {len(cells)} cells where the header has {layout.columns}."
        context.reject_row("too_many_columns", line, message)
        return None
    if len(cells) <= max(layout.required, default=0):
        message = f"Line {line} ends after {len(cells)} of {layout.columns} cells."
        context.reject_row("too_few_columns", line, message)
        return None
    day = parse_day(cells[layout.date], order) if layout.date < len(cells) else None
    if day is None:
        shown = cells[layout.date].strip() if layout.date < len(cells) else ""
        context.reject_row("unreadable_date", line, f"Line {line} has {shown[:40]!r} where a date should be.")
        return None
    name = cells[layout.text].strip() if layout.text is not None and layout.text < len(cells) else ""
    if layout.text is not None and not name:
        context.reject_row("no_ticker", line, f"Line {line} names no ticker.")
        return None
    values: list[float] = []
    for at in layout.numbers:
        value = number(cells[at]) if at < len(cells) else float("nan")
        if value is None:
            message = (
                f"Line {line} has {cells[at].strip()[:40]!r} in column {at + 1}, where a number should be."
            )
            context.reject_row("unreadable_number", line, message)
            return None
        values.append(value)
    return day, name, values


def order_of(rows: Iterable[list[str]], column: int) -> Order:
    """Return the order of day and month in a column, see `day_order`."""
    return day_order(cells[column] for cells in rows if column < len(cells))
