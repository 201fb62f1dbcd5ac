"""Daily prices: one security per file, long tables (date, ticker, ...) and wide ones (dates by tickers).

Closes are kept apart by what was done to them. `close` is adjusted for splits only, `adjusted_close` for
dividends too. Where the open, high and low of a file are adjusted for dividends as well they are left out,
so that all stored ones are comparable with `close`. Dividends and splits are stored for the days that have
one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb
import numpy as np

from rotascope.ingest.readers import naming
from rotascope.ingest.readers.base import Context, attributes, build_block, join_names, nothing
from rotascope.ingest.readers.dates import frequency_of, period_ends
from rotascope.ingest.readers.known import foreign_currency, price_unit
from rotascope.ingest.readers.naming import DATE_NAMES, TICKER_NAMES, price_field
from rotascope.ingest.readers.sample import Sample, plain, split_line
from rotascope.ingest.readers.table import Layout, Table, cursor, read_columns, read_table, spilled
from rotascope.model.findings import Severity
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.model.units import Unit
from rotascope.store.series import DateArray, FloatArray, ParsedFile, SeriesBlock, to_day

_ESSENTIAL = (Field.CLOSE, Field.ADJUSTED_CLOSE)
_EVENTS = (Field.DIVIDEND, Field.SPLIT)
_RANGE = (Field.OPEN, Field.HIGH, Field.LOW)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of values: its place, the ticker it is about (empty: the row names it), and the field."""

    at: int
    ticker: str
    field: Field


@dataclass(slots=True)
class Shape:
    """What the header of a price file says.

    adjusted: closes and ranges are adjusted for dividends though they are called close.
    unsure: the file does not say whether they are. unused: headings that were not understood.
    """

    layout: Layout
    columns: list[Column]
    names: list[str]
    adjusted: bool = False
    unsure: bool = False
    stooq: bool = False
    unused: list[str] = field(default_factory=list)


# ---- recognition ---------------------------------------------------------------------------------------


def matches(sample: Sample) -> bool:
    """Return whether a file has dates and prices."""
    if sample.kind == "parquet":
        return parquet_shape(sample) is not None
    return text_shape(sample) is not None


def text_shape(sample: Sample) -> Shape | None:
    """Return the shape of a delimited price file, None if it is not one."""
    if sample.kind != "text" or len(sample.lines) < 2:
        return None
    if (shape := _three_line_shape(sample)) is not None:
        return shape
    shape = _named_shape(sample.header, sample.delimiter) or _wide_shape(sample.header, sample.delimiter)
    if shape is not None and shape.layout.text is None and naming.stooq_name(naming.plain_stem(sample.path)):
        shape.stooq = [c.field for c in shape.columns][:4] == [*_RANGE, Field.CLOSE]
    return shape


def _three_line_shape(sample: Sample) -> Shape | None:
    """Read the header that pandas writes for yfinance: fields, tickers, then the name of the index."""
    if len(sample.lines) < 3 or not sample.header or plain(sample.header[0]) not in ("price", ""):
        return None
    tickers = split_line(sample.lines[1], sample.delimiter)
    index = split_line(sample.lines[2], sample.delimiter)
    fields = [price_field(cell) for cell in sample.header]
    if not tickers or plain(tickers[0]) != "ticker" or not index or plain(index[0]) not in DATE_NAMES:
        return None
    columns = [
        Column(at, naming.clean_ticker(ticker), kind)
        for at, (kind, ticker) in enumerate(zip(fields, tickers, strict=False))
        if kind is not None and ticker
    ]
    if not columns:
        return None
    adjusted = not any(c.field is Field.ADJUSTED_CLOSE for c in columns)
    layout = _layout(sample.delimiter, len(sample.header), 3, 0, columns)
    unused = [h for h, kind in zip(sample.header[1:], fields[1:], strict=True) if kind is None]
    return Shape(layout, columns, sample.header, adjusted=adjusted, unused=unused)


def _layout(
    delimiter: str, width: int, first: int, day: int, columns: Sequence[Column], text: int | None = None
) -> Layout:
    essential = [c.at for c in columns if c.field in _ESSENTIAL]
    if len({c.ticker for c in columns}) > 1:
        essential = []  # in a wide table a row may end where later securities have no value
    required = (day, *essential, *(() if text is None else (text,)))
    return Layout(delimiter, width, first, day, tuple(c.at for c in columns), text, required)


def _date_column(names: Sequence[str]) -> int | None:
    """Return the column of dates: one that is called so, else the first if it has no name."""
    for at, name in enumerate(names):
        if plain(name) in DATE_NAMES:
            return at
    return 0 if names and plain(names[0]) in ("", "unnamed0", "indexlevel0") else None


def _named_shape(names: Sequence[str], delimiter: str) -> Shape | None:
    """Read a header whose columns are called open, close and so on; perhaps with a ticker column."""
    day = _date_column(names)
    columns: list[Column] = []
    for at, name in enumerate(names):
        kind = price_field(name)
        if kind is not None and at != day and kind not in (c.field for c in columns):
            columns.append(Column(at, "", kind))
    if day is None or not any(c.field in _ESSENTIAL for c in columns):
        return None
    text = next((at for at, name in enumerate(names) if plain(name) in TICKER_NAMES), None)
    used = {day, text, *(c.at for c in columns)}
    unused = [name for at, name in enumerate(names) if at not in used and name]
    stooq = text is not None and "<PER>" in [name.upper() for name in names]
    layout = _layout(delimiter, len(names), 1, day, columns, text)
    unsure = not any(c.field is Field.ADJUSTED_CLOSE for c in columns)
    return Shape(layout, columns, list(names), unused=unused, unsure=unsure, stooq=stooq)


def _wide_shape(names: Sequence[str], delimiter: str) -> Shape | None:
    """Read a header of a date and tickers."""
    day = _date_column(names)
    if day is None or len(names) < 2:
        return None
    tickers = [(at, name) for at, name in enumerate(names) if at != day and name]
    if not tickers or not all(re.fullmatch(r"\^?[A-Z0-9][A-Z0-9.\-=^]{0,11}", name) for _, name in tickers):
        return None
    columns = [Column(at, naming.clean_ticker(name), Field.ADJUSTED_CLOSE) for at, name in tickers]
    return Shape(_layout(delimiter, len(names), 1, day, columns), columns, list(names), unsure=True)


def parquet_shape(sample: Sample) -> Shape | None:
    """Return the shape of a Parquet price file, None if it is not one or is damaged."""
    names = parquet_names(sample.data)
    return (_named_shape(names, ",") or _wide_shape(names, ",")) if names else None


def parquet_names(data: bytes) -> list[str]:
    """Return the column names of a Parquet file; none if it cannot be opened."""
    with spilled(data, ".parquet") as path:
        try:
            rows = cursor().execute(f"DESCRIBE SELECT * FROM read_parquet('{path}')").fetchall()
        except duckdb.Error:
            return []
    return [str(row[0]) for row in rows]


# ---- reading -------------------------------------------------------------------------------------------


def parse(context: Context) -> ParsedFile:
    """Read a price file into blocks, one for each security and field."""
    sample = Sample(context.path, context.data)
    if sample.kind == "parquet":
        shape = parquet_shape(sample)
        if shape is None:
            return nothing(context, "unreadable_file", Severity.REJECTED, f"{context.name} is damaged.")
        with spilled(context.data, ".parquet") as path:
            table = read_columns(context, f"read_parquet('{path}')", shape.names, shape.layout)
    else:
        shape = text_shape(sample)
        if shape is None:
            return nothing(context, "unreadable_file", Severity.REJECTED, f"{context.name} has no prices.")
        table = read_table(context, shape.layout)
    if table.intraday:
        message = f"{context.name} has several rows a day. Only daily, weekly and monthly prices are read."
        return nothing(context, "intraday_prices", Severity.REJECTED, message, rows=table.rows_read)
    _note_columns(context, shape, table)
    source = _source(context, shape)
    blocks: list[SeriesBlock] = []
    for ticker, columns, chosen in _securities(context, shape, table):
        blocks.extend(_security(context, shape, table, source, ticker, columns, chosen))
    return context.finish(source, blocks, table.rows_read)


def _note_columns(context: Context, shape: Shape, table: Table) -> None:
    if shape.unused:
        message = f"Columns that are not stored: {join_names(shape.unused)}."
        context.note("columns_not_stored", Severity.INFO, message, count=len(shape.unused))
    if table.short:
        message = f"{table.short} rows end before the last column; their last values are unknown."
        context.note("short_rows", Severity.INFO, message, count=table.short)


def _source(context: Context, shape: Shape) -> Source:
    name = naming.plain_stem(context.path)
    if shape.stooq:
        terms = "Stooq: for personal use; see https://stooq.com"
        return context.source(f"stooq:{name}:", "Stooq", url="https://stooq.com", licence=terms)
    return context.source(f"file:{name}:", "local file")


def _securities(
    context: Context, shape: Shape, table: Table
) -> list[tuple[str, list[Column], np.ndarray | slice]]:
    """Return each security of a file with its columns and rows."""
    if table.codes is not None:
        groups = table.groups(lambda name: _long_ticker(name, shape))
        return [(name, shape.columns, chosen) for name, chosen in groups if len(chosen)]
    everything = slice(None)
    by_ticker: dict[str, list[Column]] = {}
    for column in shape.columns:
        columns = by_ticker.setdefault(column.ticker or naming.series_of(context.path), [])
        if column.field in (c.field for c in columns):
            message = f"Column {column.at + 1} gives {column.ticker} {column.field} again; it is left out."
            context.note("repeated_column", Severity.REJECTED, message, series=column.ticker)
        else:
            columns.append(column)
    return [(ticker, columns, everything) for ticker, columns in by_ticker.items()]


def _long_ticker(name: str, shape: Shape) -> str:
    ticker = naming.clean_ticker(name)
    return ticker.removesuffix(".US") if shape.stooq else ticker


def _security(
    context: Context,
    shape: Shape,
    table: Table,
    source: Source,
    ticker: str,
    columns: Sequence[Column],
    chosen: np.ndarray | slice,
) -> list[SeriesBlock]:
    dates = table.dates[chosen]
    values = {c.field: table.numbers[c.at][chosen] for c in columns}
    for c in columns:
        if c.field is Field.SPLIT and plain(shape.names[c.at]) in naming.SPLIT_IS_ONE:
            values[c.field] = np.where(values[c.field] == 1.0, 0.0, values[c.field])
    unit = price_unit(ticker)
    if unit is Unit.USD and context.path.name.startswith(("^", "caret_")):
        unit = Unit.INDEX_LEVEL
    named_by_file = shape.layout.text is None and not columns[0].ticker
    currency = foreign_currency(naming.plain_stem(context.path) if named_by_file else ticker)
    values, adjusted = _settle_close(context, shape, ticker, unit, values)
    return price_blocks(
        context, source, ticker, dates, values, unit=unit, currency=currency, adjusted=adjusted
    )


def _settle_close(
    context: Context, shape: Shape, ticker: str, unit: Unit, values: dict[Field, FloatArray]
) -> tuple[dict[Field, FloatArray], bool]:
    """Give the close its right name. Index levels and yields pay no dividends: theirs stays `close`."""
    if Field.CLOSE not in values:
        if shape.unsure:
            message = (
                f"{context.name} does not say how its closes are adjusted; they are read as adjusted_close."
            )
            if not any(f.code == "assumed_adjusted_close" for f in context.findings):
                context.note("assumed_adjusted_close", Severity.WARNING, message)
        return values, True
    adjusted = shape.adjusted or (shape.stooq and unit is Unit.USD)
    if Field.ADJUSTED_CLOSE in values or not adjusted:
        return values, False
    if unit is not Unit.USD:
        return values, False
    left_out = {Field.CLOSE, *_RANGE}
    out: dict[Field, FloatArray] = {key: column for key, column in values.items() if key not in left_out}
    out[Field.ADJUSTED_CLOSE] = values[Field.CLOSE]
    message = f"The close of {ticker} is adjusted for dividends and splits; it is stored as adjusted_close."
    if any(key in values for key in _RANGE):
        message += " Open, high and low are adjusted in the same way and are left out."
    context.note("auto_adjusted_close", Severity.INFO, message, series=ticker)
    return out, True


def price_blocks(
    context: Context,
    source: Source,
    ticker: str,
    dates: DateArray,
    values: dict[Field, FloatArray],
    *,
    unit: Unit,
    currency: str = "",
    adjusted: bool = False,
) -> list[SeriesBlock]:
    """Return the blocks of one security.

    Parameters: dates, shape (n,), any order; values, by field, shape (n,), NaN = blank. Blank values
    get no row. Weekly and monthly bars, which vendors date on the first day of the period, are moved
    to the last day; bars of periods that are not over are rejected.
    """
    if currency:
        # No unit for other currencies: ratios of prices are right, and no dollar sign is printed.
        message = f"Prices of {ticker} are in {currency}, not in dollars; they are stored as bare levels."
        context.note("not_in_dollars", Severity.INFO, message, series=ticker)
        unit = Unit.INDEX_LEVEL if unit is Unit.USD else unit
    frequency = frequency_of(dates)
    if frequency is not Frequency.DAILY:
        dates, values = _closed_periods(context, ticker, dates, values, frequency)
    _note_blanks(context, ticker, dates, values)
    note = attributes(currency=currency, adjustment="dividends and splits" if adjusted else "")
    blocks = []
    for kind, column in values.items():
        if kind in _EVENTS:
            column = np.where(column == 0.0, np.nan, column)
        meta = SeriesMeta(
            series=ticker,
            field=kind,
            unit=_unit(kind, unit),
            frequency=frequency,
            source=source.id,
            retrieved_at=context.retrieved_at,
            attributes=note,
        )
        if (block := build_block(context, meta, dates, column, keep_blank=False)) is not None:
            blocks.append(block)
    return blocks


def _unit(kind: Field, price: Unit) -> Unit:
    if kind is Field.VOLUME:
        return Unit.SHARES
    return Unit.RATIO if kind is Field.SPLIT else price


def _closed_periods(
    context: Context, ticker: str, dates: DateArray, values: dict[Field, FloatArray], frequency: Frequency
) -> tuple[DateArray, dict[Field, FloatArray]]:
    ends = period_ends(dates, frequency)
    if bool(np.any(ends != dates)):
        message = f"{ticker} has {frequency} bars dated on first days; they are dated on last days here."
        context.note("moved_to_period_end", Severity.INFO, message, series=ticker, count=len(dates))
    over = ends <= to_day(context.today)
    if not bool(over.all()):
        message = f"{ticker} has bars of periods that were not over on {context.today}."
        open_ones = int(np.count_nonzero(~over))
        context.note("period_not_over", Severity.REJECTED, message, series=ticker, count=open_ones)
    return ends[over], {key: column[over] for key, column in values.items()}


def _note_blanks(context: Context, ticker: str, dates: DateArray, values: dict[Field, FloatArray]) -> None:
    """Name the days on which a security has other values but no close."""
    closes = [column for key, column in values.items() if key in _ESSENTIAL]
    others = [column for key, column in values.items() if key in _RANGE]
    if not closes or not others:
        return
    blank = np.all([np.isnan(column) for column in closes], axis=0)
    if bool(blank.any()):
        count = int(np.count_nonzero(blank))
        message = f"{ticker} has {count} rows without a close; those days are left out."
        context.note("blank_close", Severity.WARNING, message, series=ticker, count=count, dates=dates[blank])
