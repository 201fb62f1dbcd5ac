"""Daily bars of services with a key, as blocks; prices as traded are adjusted for splits here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from rotascope.ingest.fetch.base import Response
from rotascope.ingest.providers.checks import day_of, refuse
from rotascope.ingest.readers.base import Context, reject_future
from rotascope.ingest.readers.known import price_unit
from rotascope.ingest.readers.prices import price_blocks
from rotascope.ingest.readers.table import number
from rotascope.model.observations import Field
from rotascope.store.series import FloatArray, ParsedFile

_AS_TRADED = (Field.OPEN, Field.HIGH, Field.LOW, Field.CLOSE, Field.DIVIDEND)


@dataclass(frozen=True, slots=True)
class Columns:
    """What a service calls its columns. as_traded: whether its closes are not adjusted for splits yet."""

    date: str
    fields: Mapping[str, Field]
    as_traded: bool


def bars(
    response: Response,
    rows: Sequence[Mapping[str, Any]],
    columns: Columns,
    ticker: str,
    *,
    publisher: str,
    url: str,
    licence: str,
) -> ParsedFile:
    """Return the blocks of one security from rows of cells (texts or numbers).

    A row with a date or a number that cannot be read is a finding and is left out; an empty cell gives no
    value. Prices as traded, dividends and volumes are adjusted for the splits of later rows, so the rows must
    reach to the newest day. Raises: FetchError `no_usable_rows` if no row can be used.
    """
    context = Context(Path(f"{ticker}.{publisher}"), response.body, response.fetched_at)
    days, numbers, lines = _read(context, rows, columns)
    dates = np.array(days, dtype="datetime64[D]")
    values = {field: np.array(column, dtype=np.float64) for field, column in numbers.items()}
    good = reject_future(context, dates, np.array(lines, dtype=np.int64)) if days else np.zeros(0, bool)
    order = np.flatnonzero(good)[np.argsort(dates[good], kind="stable")] if days else np.zeros(0, np.int64)
    dates, values = dates[order], {field: column[order] for field, column in values.items()}
    if columns.as_traded and Field.SPLIT in values:
        adjust_for_splits(values)
    if Field.SPLIT in values:
        values[Field.SPLIT] = np.where(values[Field.SPLIT] == 1.0, 0.0, values[Field.SPLIT])
    source = context.source(
        f"{publisher.lower().replace(' ', '-')}:{ticker}:",
        publisher,
        title=f"{ticker} daily",
        url=url,
        licence=licence,
    )
    blocks = (
        price_blocks(context, source, ticker, dates, values, unit=price_unit(ticker)) if len(dates) else []
    )
    if not blocks:
        raise refuse(response, "no_usable_rows", f"{publisher} sent no usable row for {ticker}.")
    return context.finish(source, blocks, len(rows))


def _read(
    context: Context, rows: Sequence[Mapping[str, Any]], columns: Columns
) -> tuple[list[date], dict[Field, list[float]], list[int]]:
    there = {name: field for name, field in columns.fields.items() if any(name in row for row in rows)}
    days: list[date] = []
    lines: list[int] = []
    numbers: dict[Field, list[float]] = {field: [] for field in there.values()}
    for at, row in enumerate(rows, start=1):
        day = day_of(row.get(columns.date))
        if day is None:
            context.reject_row(
                "unreadable_date", at, f"Row {at} has {str(row.get(columns.date))[:40]!r} as date."
            )
            continue
        cells = {field: _value(row.get(name)) for name, field in there.items()}
        bad = next((field for field, value in cells.items() if value is None), None)
        if bad is not None:
            context.reject_row("unreadable_number", at, f"Row {at} has no number as {bad} on {day}.")
            continue
        days.append(day)
        lines.append(at)
        for field, value in cells.items():
            numbers[field].append(float("nan") if value is None else value)
    return days, numbers, lines


def _value(cell: Any) -> float | None:
    """Return a cell's number, NaN if it is empty, None if it is neither."""
    if cell is None:
        return float("nan")
    if isinstance(cell, bool):
        return None
    if isinstance(cell, (int, float)):
        return float(cell) if np.isfinite(cell) else None
    return number(cell) if isinstance(cell, str) else None


def adjust_for_splits(values: dict[Field, FloatArray]) -> None:
    """Divide prices and dividends, and multiply volumes, by the splits that came after each row.

    values: by field, shape (n,), in order of date. A split is new shares for an old one, stated on the first
    day at the new price; an unknown one counts as none. A close of 100 before a split of 4 becomes 25.

    >>> v = {Field.CLOSE: np.array([100.0, 26.0]), Field.SPLIT: np.array([1.0, 4.0])}
    >>> adjust_for_splits(v)
    >>> v[Field.CLOSE].tolist()
    [25.0, 26.0]
    """
    splits = values[Field.SPLIT]
    each = np.where(np.isnan(splits) | (splits <= 0.0), 1.0, splits)
    later = np.append(np.cumprod(each[::-1])[::-1][1:], 1.0)
    for field in _AS_TRADED:
        if field in values:
            values[field] = values[field] / later
    if Field.VOLUME in values:
        values[Field.VOLUME] = values[Field.VOLUME] * later
