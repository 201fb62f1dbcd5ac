"""Answers of Yahoo's chart service as JSON, bare or inside a recorded request and response."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from rotascope.ingest.readers import naming
from rotascope.ingest.readers.base import Context, nothing, reject_future
from rotascope.ingest.readers.known import price_unit
from rotascope.ingest.readers.prices import price_blocks
from rotascope.ingest.readers.sample import Sample
from rotascope.model.findings import Severity
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.series import DateArray, FloatArray, ParsedFile

_INTERVALS = ("1d", "1wk", "1mo", "3mo")
_QUOTES = {
    "open": Field.OPEN,
    "high": Field.HIGH,
    "low": Field.LOW,
    "close": Field.CLOSE,
    "volume": Field.VOLUME,
}


def chart_of(document: Any) -> Mapping[str, Any] | None:
    """Return the first result of a chart answer, looking into a recorded response; None if there is none."""
    if not isinstance(document, dict):
        return None
    if "chart" not in document and isinstance(document.get("response"), dict):
        body = document["response"].get("bodyJson", document["response"].get("body"))
        if isinstance(body, str):
            try:
                body = json.loads(body)
            except json.JSONDecodeError:
                return None
        document = body if isinstance(body, dict) else {}
    chart = document.get("chart")
    results = chart.get("result") if isinstance(chart, dict) else None
    first = results[0] if isinstance(results, list) and results else None
    return first if isinstance(first, dict) and isinstance(first.get("meta"), dict) else None


def matches(sample: Sample) -> bool:
    """Return whether a JSON file holds a chart with a result."""
    return chart_of(sample.document) is not None


def parse(context: Context) -> ParsedFile:
    """Read daily or longer bars. Yahoo's close is adjusted for splits, its adjclose for dividends too."""
    chart = chart_of(Sample(context.path, context.data).document) or {"meta": {}}
    meta = chart["meta"]
    stamps = chart.get("timestamp")
    interval = str(meta.get("dataGranularity", ""))
    ticker = naming.clean_ticker(str(meta.get("symbol", "")))
    if not isinstance(stamps, list) or not stamps or not ticker:
        message = f"{context.name} is a chart without dates or without a symbol."
        return nothing(context, "no_rows", Severity.REJECTED, message)
    if interval not in _INTERVALS:
        message = (
            f"{context.name} has bars of {interval or 'unknown length'}. Only daily and longer ones are read."
        )
        return nothing(context, "intraday_prices", Severity.REJECTED, message, rows=len(stamps))
    try:
        dates, values = _days(stamps, meta), _values(chart, len(stamps))
        if values:
            _add_events(chart, meta, dates, values)
    except (TypeError, ValueError, OverflowError) as error:
        message = f"{context.name} has a time or a figure that is none: {error}."
        return nothing(context, "unreadable_file", Severity.REJECTED, message, rows=len(stamps))
    if not values:
        message = f"{context.name} has lists of values that are not as long as its list of dates."
        return nothing(context, "unreadable_file", Severity.REJECTED, message, rows=len(stamps))
    keep = reject_future(context, dates, np.arange(1, len(dates) + 1))
    source = context.source(f"yahoo:{ticker}:", "Yahoo Finance", url="https://finance.yahoo.com")
    unit = price_unit(ticker)
    if meta.get("instrumentType") in ("INDEX", "CURRENCY") and unit is Unit.USD:
        unit = Unit.INDEX_LEVEL
    currency = str(meta.get("currency", ""))
    blocks = price_blocks(
        context,
        source,
        ticker,
        dates[keep],
        {kind: column[keep] for kind, column in values.items()},
        unit=unit,
        currency="" if currency in ("USD", "") else currency,
    )
    return context.finish(source, blocks, len(stamps))


def _zone(meta: Mapping[str, Any]) -> ZoneInfo | None:
    try:
        return ZoneInfo(str(meta.get("exchangeTimezoneName", "")))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _days(stamps: Sequence[Any], meta: Mapping[str, Any]) -> DateArray:
    """Return the day at the exchange of each stamp (seconds since 1970, UTC)."""
    zone = _zone(meta)
    offset = float(meta.get("gmtoffset") or 0)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    days = []
    for stamp in stamps:
        moment = epoch + timedelta(seconds=float(stamp) + (0.0 if zone else offset))
        days.append((moment.astimezone(zone) if zone else moment).date())
    return np.array(days, dtype="datetime64[D]")


def _values(chart: Mapping[str, Any], count: int) -> dict[Field, FloatArray]:
    indicators = chart.get("indicators") or {}
    quote = (indicators.get("quote") or [{}])[0]
    columns = {kind: quote.get(name) for name, kind in _QUOTES.items()}
    columns[Field.ADJUSTED_CLOSE] = ((indicators.get("adjclose") or [{}])[0]).get("adjclose")
    given = {kind: column for kind, column in columns.items() if isinstance(column, list)}
    if any(len(column) != count for column in given.values()):
        return {}
    # None becomes NaN: Yahoo writes null where it has no figure for a day.
    return {kind: np.array(column, dtype=np.float64) for kind, column in given.items()}


def _add_events(
    chart: Mapping[str, Any], meta: Mapping[str, Any], dates: DateArray, values: dict[Field, FloatArray]
) -> None:
    """Add dividends, and splits as new shares for an old one, on the days they are dated."""
    events = chart.get("events") or {}
    for name, kind in (("dividends", Field.DIVIDEND), ("splits", Field.SPLIT)):
        rows = [row for row in (events.get(name) or {}).values() if isinstance(row, dict) and "date" in row]
        if not rows:
            continue
        column = np.zeros(len(dates), dtype=np.float64)
        for day, row in zip(_days([row["date"] for row in rows], meta), rows, strict=True):
            amount = row.get("amount") if kind is Field.DIVIDEND else _ratio(row)
            column[dates == day] = float(amount) if amount is not None else np.nan
        values[kind] = column


def _ratio(row: Mapping[str, Any]) -> float | None:
    below = float(row.get("denominator") or 0)
    return float(row.get("numerator") or 0) / below if below else None
