"""Flows and shares of funds: tables (date, ticker, flow), (date, ticker, shares, price), one fund's shares.

A blank is kept as an unknown value: a day without a figure is not a day without a flow.
"""

from __future__ import annotations

import re

import numpy as np

from rotascope.ingest.readers import naming
from rotascope.ingest.readers.base import Context, build_block, nothing
from rotascope.ingest.readers.naming import DATE_NAMES, TICKER_NAMES
from rotascope.ingest.readers.sample import Sample, plain
from rotascope.ingest.readers.table import Layout, read_table
from rotascope.model.findings import Severity
from rotascope.model.observations import Field, Frequency, SeriesMeta
from rotascope.model.units import Unit
from rotascope.store.series import ParsedFile, SeriesBlock

_COLUMNS = {
    "flowusd": (Field.FLOW, Unit.USD),
    "netflowusd": (Field.FLOW, Unit.USD),
    "flowusdm": (Field.FLOW, Unit.USD_M),
    "shares": (Field.SHARES, Unit.SHARES),
    "sharesoutstanding": (Field.SHARES, Unit.SHARES),
    "price": (Field.NAV, Unit.USD),
    "nav": (Field.NAV, Unit.USD),
}
_MAIN = (Field.FLOW, Field.SHARES)


def _layout(sample: Sample) -> tuple[Layout, dict[int, tuple[Field, Unit]]] | None:
    """Return where things are in the table, None if it has neither flows nor shares of funds."""
    names = [plain(name) for name in sample.header]
    day = next((at for at, name in enumerate(names) if name in DATE_NAMES), None)
    columns = {at: _COLUMNS[name] for at, name in enumerate(names) if name in _COLUMNS}
    kinds = [kind for kind, _ in columns.values()]
    if day is None or not any(kind in _MAIN for kind in kinds) or len(set(kinds)) < len(kinds):
        return None
    text = next((at for at, name in enumerate(names) if name in TICKER_NAMES), None)
    required = (day,) if text is None else (day, text)
    return Layout(sample.delimiter, len(names), 1, day, tuple(columns), text, required), columns


def matches(sample: Sample) -> bool:
    """Return whether a text file is a table of fund flows or shares."""
    return sample.kind == "text" and len(sample.lines) > 1 and _layout(sample) is not None


def parse(context: Context) -> ParsedFile:
    """Read flows and shares; without a ticker column the file's name begins with the ticker."""
    found = _layout(Sample(context.path, context.data))
    if found is None:
        return nothing(context, "unreadable_file", Severity.REJECTED, f"{context.name} has no flows.")
    layout, columns = found
    table = read_table(context, layout)
    source = context.source(f"file:{naming.plain_stem(context.path)}:", "local file")
    stem = re.sub(r"[_ -]?(shares|flows?)(_outstanding)?$", "", naming.plain_stem(context.path), flags=re.I)
    groups = table.groups(naming.clean_ticker)
    if table.codes is None:
        groups = [(naming.clean_ticker(stem), np.arange(len(table.dates), dtype=np.int64))]
    blocks: list[SeriesBlock] = []
    blanks = 0
    for series, rows in groups:
        for column, (kind, unit) in columns.items():
            meta = SeriesMeta(
                series=series,
                field=kind,
                unit=unit,
                frequency=Frequency.DAILY,
                source=source.id,
                retrieved_at=context.retrieved_at,
            )
            values = table.numbers[column][rows]
            blanks += int(np.count_nonzero(np.isnan(values)))
            block = build_block(context, meta, table.dates[rows], values, keep_blank=True)
            if block is not None:
                blocks.append(block)
    if blanks:
        message = f"{blanks} blank cells are stored as unknown, not as zero."
        context.note("blank_values", Severity.INFO, message, count=blanks)
    return context.finish(source, blocks, table.rows_read)
