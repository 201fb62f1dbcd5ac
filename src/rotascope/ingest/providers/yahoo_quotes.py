"""Quotes out of Yahoo's answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rotascope.ingest.fetch.base import Response
from rotascope.ingest.providers.parsing import refused
from rotascope.ingest.providers.quotes import Quote

QUOTE_URL = "https://query1.finance.yahoo.com/v7/finance/quote"
_STATES = {
    "REGULAR": "open",
    "CLOSED": "closed",
    "PRE": "pre_market",
    "PREPRE": "closed",
    "POST": "after_hours",
    "POSTPOST": "closed",
}


def quotes_of(response: Response, symbols: Mapping[str, str]) -> dict[str, Quote]:
    """Return the quotes in an answer of the quote service, by series. `symbols`: series by symbol.

    A ticker without a last price and its time has no quote. Raises: FetchError.
    """
    document = _loaded(response)
    outer = document.get("quoteResponse")
    if not isinstance(outer, dict) or not isinstance(outer.get("result"), list):
        raise refused("unexpected_shape", "The answer has no list of quotes.", [response])
    if outer.get("error"):
        raise refused("source_error", f"Yahoo says: {str(outer['error'])[:160]}.", [response])
    out = {}
    for row in outer["result"]:
        series = symbols.get(str(row.get("symbol", ""))) if isinstance(row, dict) else None
        if series is None:
            continue
        last, moment = _number(row.get("regularMarketPrice")), _number(row.get("regularMarketTime"))
        if last is None or moment is None or last <= 0.0:
            continue
        delay = _number(row.get("exchangeDataDelayedBy"))
        out[series] = Quote(
            series=series,
            last=last,
            previous_close=_number(row.get("regularMarketPreviousClose")),
            time=datetime.fromtimestamp(moment, UTC),
            state=_STATES.get(str(row.get("marketState", "")), "unknown"),
            delay_minutes=None if delay is None else int(delay),
            unit=_unit(row.get("quoteType"), row.get("currency")),
            source="Yahoo Finance, quote service",
            fetched_at=response.fetched_at,
        )
    return out


def quote_of_chart(found: Mapping[str, Any], response: Response, series: str) -> Quote:
    """Return a quote out of the description of a chart of one day. Its delay is not stated.

    Raises: FetchError unexpected_shape if there is no last price.
    """
    meta = found["meta"]
    last, moment = _number(meta.get("regularMarketPrice")), _number(meta.get("regularMarketTime"))
    if last is None or moment is None or last <= 0.0:
        raise refused("unexpected_shape", f"The chart states no last price of {series}.", [response])
    return Quote(
        series=series,
        last=last,
        previous_close=_number(meta.get("chartPreviousClose", meta.get("previousClose"))),
        time=datetime.fromtimestamp(moment, UTC),
        state=_state(meta, response.fetched_at),
        delay_minutes=None,
        unit=_unit(meta.get("instrumentType"), meta.get("currency")),
        source="Yahoo Finance, chart service",
        fetched_at=response.fetched_at,
    )


def _state(meta: Mapping[str, Any], at: datetime) -> str:
    """Return the state of the market at a moment, from the periods of the current session."""
    periods = meta.get("currentTradingPeriod")
    if not isinstance(periods, dict):
        return "unknown"
    now = at.timestamp()
    for name, state in (("regular", "open"), ("pre", "pre_market"), ("post", "after_hours")):
        period = periods.get(name)
        if isinstance(period, dict):
            start, end = _number(period.get("start")), _number(period.get("end"))
            if start is not None and end is not None and start <= now < end:
                return state
    return "closed"


def _loaded(response: Response) -> dict[str, Any]:
    try:
        document = json.loads(response.body)
    except ValueError:
        raise refused("not_json", "The answer is damaged JSON.", [response]) from None
    if not isinstance(document, dict):
        raise refused("unexpected_shape", "The answer is no document.", [response])
    return document


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _unit(kind: Any, currency: Any) -> str:
    return "points" if kind == "INDEX" else str(currency or "unknown")
