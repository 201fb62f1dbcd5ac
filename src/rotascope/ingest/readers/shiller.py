"""Robert Shiller's workbook of the American stock market since 1871: monthly price, dividend, earnings, CAPE.

The price of a month is the mean of its daily closes. Price and interest rate are final; all else is
revised, so it has the day of retrieval as its vintage.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from python_calamine import CalamineError, CalamineWorkbook

from rotascope.ingest.readers.base import Context, attributes, build_block, nothing
from rotascope.ingest.readers.dates import month_ends
from rotascope.ingest.readers.sample import Sample, plain
from rotascope.model.findings import Severity
from rotascope.model.observations import Field, Frequency, SeriesMeta
from rotascope.model.units import Unit
from rotascope.store.series import DateArray, ParsedFile, to_day

SHEET = "Data"
# By the cells of a column's heading, joined from top to bottom, in plain form.
_COLUMNS = {
    "sandpcompp": ("P", Unit.INDEX_LEVEL, False),
    "spcompp": ("P", Unit.INDEX_LEVEL, False),
    "dividendd": ("D", Unit.INDEX_LEVEL, True),
    "earningse": ("E", Unit.INDEX_LEVEL, True),
    "consumerpriceindexcpi": ("CPI", Unit.INDEX_LEVEL, True),
    "longinterestrategs10": ("GS10", Unit.PERCENT, False),
    "cyclicallyadjustedpriceearningsratiope10orcape": ("CAPE", Unit.RATIO, True),
    "cyclicallyadjustedtotalreturnpriceearningsratiotrpe10ortrcape": ("TRCAPE", Unit.RATIO, True),
    "excesscapeyield": ("ECY", Unit.RATIO, True),
}
_PARTIAL = re.compile(r"\bprice is\b.*\bclose\b", re.IGNORECASE)


def matches(sample: Sample) -> bool:
    """Return whether a workbook is Shiller's."""
    if sample.kind != "workbook":
        return False
    rows = _sheet(sample.data)
    return rows is not None and _header(rows) is not None


def _sheet(data: bytes) -> list[list[Any]] | None:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        return workbook.get_sheet_by_name(SHEET).to_python() if SHEET in workbook.sheet_names else None
    except (CalamineError, OSError, ValueError):
        return None


def _header(rows: Sequence[Sequence[Any]]) -> int | None:
    """Return the row whose first cells are Date, P, D, E."""
    for at, row in enumerate(rows[:30]):
        if [plain(str(cell)) for cell in row[:4]] == ["date", "p", "d", "e"]:
            return at
    return None


def month_of(stamp: float) -> np.datetime64 | None:
    """Return the month of a stamp such as 1871.01. 1871.1 is October: the zero of 1871.10 is not stored.

    >>> month_of(1871.01), month_of(1871.1), month_of(1871.13)
    (np.datetime64('1871-01'), np.datetime64('1871-10'), None)
    """
    year, month = divmod(round(stamp * 100), 100)
    return np.datetime64(f"{year:04d}-{month:02d}", "M") if 1 <= month <= 12 and 1800 <= year < 2200 else None


def parse(context: Context) -> ParsedFile:
    """Read the sheet `Data`. The last month is left out where a note says that its price is of one day."""
    rows = _sheet(context.data)
    header = _header(rows) if rows else None
    if rows is None or header is None:
        return nothing(context, "unreadable_file", Severity.REJECTED, f"{context.name} cannot be opened.")
    dates, kept, notes = _months(context, rows, header)
    source = context.source(
        "shiller:",
        "Robert J. Shiller",
        title="U.S. Stock Markets 1871 to present and CAPE ratio",
        url="http://www.econ.yale.edu/~shiller/data.htm",
        licence="Robert J. Shiller; no licence stated",
    )
    partial = any(_PARTIAL.search(note) for note in notes)
    for note in notes:
        context.note("note_in_file", Severity.INFO, f"The workbook says: {note}.")
    if partial and len(dates):
        message = (
            f"The price of {dates[-1]} is that of one day, not the mean of a month; the month is left out."
        )
        context.note("period_not_over", Severity.REJECTED, message, dates=dates[-1:])
        dates, kept = dates[:-1], kept[:-1]
    blocks = []
    for column, (code, unit, revised) in _columns(rows, header).items():
        values = np.array([_number(rows[at], column) for at in kept], dtype=np.float64)
        known = np.flatnonzero(~np.isnan(values))
        if len(known) == 0:
            continue
        meta = SeriesMeta(
            series=f"SHILLER.{code}",
            field=Field.VALUE,
            unit=unit,
            frequency=Frequency.MONTHLY,
            source=source.id,
            vintage=context.today if revised else None,
            retrieved_at=context.retrieved_at,
            attributes=attributes(measure="mean of daily closes" if code == "P" else ""),
        )
        # Blanks before the first and after the last value are not gaps: CAPE needs ten years of earnings.
        span = slice(known[0], known[-1] + 1)
        block = build_block(context, meta, dates[span], values[span], keep_blank=True)
        if block is not None:
            blocks.append(block)
    return context.finish(source, blocks, len(rows) - header - 1)


def _columns(rows: Sequence[Sequence[Any]], header: int) -> dict[int, tuple[str, Unit, bool]]:
    found: dict[int, tuple[str, Unit, bool]] = {}
    for at in range(1, len(rows[header])):  # the first column is the date, under the title of the sheet
        title = "".join(plain(str(row[at])) for row in rows[: header + 1] if at < len(row))
        if title in _COLUMNS:
            found[at] = _COLUMNS[title]
    return found


def _number(row: Sequence[Any], column: int) -> float:
    cell = row[column] if column < len(row) else ""
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else float("nan")


def _months(
    context: Context, rows: Sequence[Sequence[Any]], header: int
) -> tuple[DateArray, list[int], list[str]]:
    """Return the month ends, the rows they stand in, and the notes below the table."""
    months: list[np.datetime64] = []
    kept: list[int] = []
    notes: list[str] = []
    for at in range(header + 1, len(rows)):
        stamp = rows[at][0] if rows[at] else ""
        if not isinstance(stamp, int | float):
            notes += [
                str(cell).strip().rstrip(".") for cell in rows[at] if isinstance(cell, str) and cell.strip()
            ]
            continue
        month = month_of(float(stamp))
        if month is None:
            context.reject_row(
                "unreadable_date", at + 1, f"Row {at + 1} has {stamp!r} where a month should be."
            )
            continue
        months.append(month)
        kept.append(at)
    dates = month_ends(np.array(months, dtype="datetime64[M]").astype("datetime64[D]"))
    over = dates <= to_day(context.today)
    for at in np.flatnonzero(~over).tolist():
        message = f"Row {kept[at] + 1} is of a month that was not over on {context.today}."
        context.reject_row("period_not_over", kept[at] + 1, message)
    return dates[over], [row for row, good in zip(kept, over, strict=True) if good], notes
