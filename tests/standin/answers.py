"""Small answers in the form that the services document, with made-up values that move as real ones do."""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rotascope.ingest import calendar
from rotascope.store.series import to_date
from standin.server import Reply

LAST = date(2026, 9, 30)  # the last session before the stand-in's noon, a Wednesday
NEW_YORK = ZoneInfo("America/New_York")


def sessions(count: int, last: date = LAST) -> list[date]:
    """Return the last sessions of New York up to a day."""
    found = calendar.sessions(last - timedelta(days=2 * count + 20), last)
    return [to_date(day) for day in found[-count:]]


def wave(at: int, size: float = 0.012) -> float:
    """Return a small change that never repeats, the same in each run."""
    return size * (math.sin(1.7 * at) + math.sin(0.61 * at + 1.0) + math.sin(3.3 * at)) / 1.5


def path_of(count: int, start: float, size: float = 0.012) -> list[float]:
    """Return prices in cents."""
    out, price = [], start
    for at in range(count):
        price *= 1.0 + wave(at, size)
        out.append(round(price, 2))
    return out


# ---- Yahoo ---------------------------------------------------------------------------------------------


def stamp(day: date, hour: int, minute: int) -> int:
    """Return seconds since 1970 of a time of day in New York."""
    return int(datetime.combine(day, time(hour, minute), NEW_YORK).timestamp())


def chart(
    symbol: str = "IWM",
    days: Sequence[date] = (),
    *,
    split: tuple[int, float] | None = None,
    dividend: tuple[int, float] | None = (100, 0.9),
    kind: str = "ETF",
    meta: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a chart of daily bars. split: row and new shares for an old one; dividend: row and amount."""
    days = list(days) or sessions(200)
    close = path_of(len(days), 250.0)
    factor = [1.0] * len(days)
    events: dict[str, Any] = {}
    if dividend is not None:
        at, amount = dividend
        factor = [1.0 - amount / close[at - 1] if row < at else 1.0 for row in range(len(days))]
        when = stamp(days[at], 9, 30)
        events["dividends"] = {str(when): {"amount": amount, "date": when}}
    if split is not None:
        when = stamp(days[split[0]], 9, 30)
        ratio = {"numerator": split[1], "denominator": 1, "splitRatio": f"{split[1]:g}:1"}
        events["splits"] = {str(when): {"date": when, **ratio}}
    quote = {
        "open": [round(c * (1.0 - wave(at, 0.002)), 2) for at, c in enumerate(close)],
        "high": [round(c * 1.006, 2) for c in close],
        "low": [round(c * 0.994, 2) for c in close],
        "close": close,
        "volume": [20_000_000 + 1000 * (at * at % 977) for at in range(len(days))],
    }
    result = {
        "meta": chart_meta(symbol, kind, close[-1]) | dict(meta or {}),
        "timestamp": [stamp(day, 9, 30) for day in days],
        "events": events,
        "indicators": {
            "quote": [quote],
            "adjclose": [{"adjclose": [c * f for c, f in zip(close, factor, strict=True)]}],
        },
    }
    return {"chart": {"result": [result], "error": None}}


def chart_meta(symbol: str, kind: str, price: float) -> dict[str, Any]:
    """Return the description in a chart, as it is before the session of 1 October 2026 begins."""
    today = LAST + timedelta(days=1)

    def period(start: tuple[int, int], end: tuple[int, int]) -> dict[str, Any]:
        return {
            "timezone": "EDT",
            "gmtoffset": -14400,
            "start": stamp(today, *start),
            "end": stamp(today, *end),
        }

    return {
        "currency": "USD",
        "symbol": symbol,
        "exchangeName": "PCX",
        "instrumentType": kind,
        "regularMarketTime": stamp(LAST, 16, 0),
        "regularMarketPrice": price,
        "chartPreviousClose": 249.5,
        "gmtoffset": -14400,
        "timezone": "EDT",
        "exchangeTimezoneName": "America/New_York",
        "currentTradingPeriod": {
            "pre": period((4, 0), (9, 30)),
            "regular": period((9, 30), (16, 0)),
            "post": period((16, 0), (20, 0)),
        },
        "dataGranularity": "1d",
        "range": "",
    }


def quote_row(symbol: str, **other: Any) -> dict[str, Any]:
    """Return one row of the quote service."""
    return {
        "symbol": symbol,
        "quoteType": "INDEX" if symbol.startswith("^") else "ETF",
        "currency": "USD",
        "regularMarketPrice": 251.0,
        "regularMarketPreviousClose": 250.0,
        "regularMarketTime": stamp(LAST, 16, 0),
        "marketState": "REGULAR",
        "exchangeDataDelayedBy": 15,
        **other,
    }


def quotes(*rows: dict[str, Any]) -> Reply:
    """Return an answer of the quote service."""
    return Reply.json({"quoteResponse": {"result": list(rows), "error": None}})


# ---- FRED ----------------------------------------------------------------------------------------------


def rates(count: int = 300, start: float = 4.2) -> list[tuple[date, float]]:
    """Return daily rates in percent."""
    return [(day, round(start + 20.0 * wave(at), 2)) for at, day in enumerate(sessions(count))]


def fredgraph(id: str = "DGS10", rows: Sequence[tuple[date, float]] = ()) -> str:
    """Return a CSV download of one series."""
    lines = [f"{day},{value}" for day, value in rows or rates()]
    return "\n".join([f"observation_date,{id}", *lines, ""])


def observations(rows: Sequence[tuple[str, str, str, str]], **other: Any) -> dict[str, Any]:
    """Return an API answer. Rows: real-time start, real-time end, date, value."""
    names = ("realtime_start", "realtime_end", "date", "value")
    return {
        "realtime_start": "2026-01-01",
        "realtime_end": "9999-12-31",
        "units": "lin",
        "output_type": 1,
        "file_type": "json",
        "count": len(rows),
        "offset": 0,
        "limit": 100_000,
        "observations": [dict(zip(names, row, strict=True)) for row in rows],
        **other,
    }


PRICE_INDEX = (
    ("2026-01-13", "9999-12-31", "2025-10-01", "317.1"),
    ("2026-01-13", "9999-12-31", "2025-11-01", "317.9"),
    ("2026-01-13", "9999-12-31", "2025-12-01", "318.4"),
    # January's value is revised when February's appears, and again with March's.
    ("2026-02-11", "2026-03-10", "2026-01-01", "319.1"),
    ("2026-03-11", "2026-04-09", "2026-01-01", "319.0"),
    ("2026-04-10", "9999-12-31", "2026-01-01", "318.8"),
    ("2026-03-11", "9999-12-31", "2026-02-01", "320.2"),
    ("2026-04-10", "9999-12-31", "2026-03-01", "321.4"),
)


def api_rates(count: int = 300) -> dict[str, Any]:
    """Return the API's answer for a daily rate as known today."""
    today = "2026-10-01"
    return observations([(today, today, str(day), str(value)) for day, value in rates(count)])


# ---- Ken French ----------------------------------------------------------------------------------------

THREE = ("Mkt-RF", "SMB", "HML", "RF")


def factors(names: Sequence[str] = THREE, months: int = 120, release: str = "202608") -> str:
    """Return a file of monthly factors with its annual section."""
    year, month = int(release[:4]), int(release[4:])
    rows = []
    for back in range(months):
        at = months - 1 - back
        values = ", ".join(f"{_return(name, at):8.2f}" for name in names)
        rows.insert(0, f"{year}{month:02d}, {values}")
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    head = f"This file was created using the {release} CRSP database.\nMade up for tests.\n\n"
    header = "," + ",".join(names)
    annual = "\n".join(f"{y}, " + ", ".join("    5.00" for _ in names) for y in range(2018, 2025))
    body = "\n".join(rows)
    return (
        f"{head}{header}\n{body}\n\n Annual Factors: January-December\n{header}\n{annual}\n\nCopyright 2026\n"
    )


def _return(name: str, at: int) -> float:
    return 0.3 if name == "RF" else 300.0 * wave(at + 7 * len(name))


def zipped(text: str, name: str = "F-F_Research_Data_Factors.csv") -> bytes:
    """Return a zip file with one file in it, the same bytes for the same text."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo(name, (2026, 9, 1, 0, 0, 0))
        archive.writestr(entry, text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def unzipped(body: bytes) -> str:
    """Return the text in a zip file that `zipped` made."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return archive.read(archive.namelist()[0]).decode()


# ---- Treasury ------------------------------------------------------------------------------------------

MATURITIES = ("1 Mo", "1.5 Month", "2 Mo", "3 Mo", "6 Mo", "1 Yr", "2 Yr", "5 Yr", "10 Yr", "30 Yr")


def par_yields(year: int, maturities: Sequence[str] = MATURITIES) -> str:
    """Return a year of par yields: newest day first, dates as the Treasury writes them."""
    last = min(date(year, 12, 31), LAST)
    days = [day for day in sessions(252, last) if day.year == year]
    header = "Date," + ",".join(f'"{m}"' for m in maturities)
    lines = []
    for at, day in enumerate(days):
        values = [f"{3.6 + 0.08 * place + 15.0 * wave(at + place):.2f}" for place in range(len(maturities))]
        lines.insert(0, f"{day:%m/%d/%Y}," + ",".join(values))
    return "\n".join([header, *lines, ""])


# ---- Stooq ---------------------------------------------------------------------------------------------


def stooq(count: int = 200) -> str:
    """Return a file as it is downloaded in a browser."""
    rows = ["Date,Open,High,Low,Close,Volume"]
    for day, price in zip(sessions(count), path_of(count, 250.0), strict=True):
        rows.append(f"{day},{price:.2f},{price * 1.006:.2f},{price * 0.994:.2f},{price:.2f},20000000")
    return "\n".join([*rows, ""])


def at_noon(day: date) -> datetime:
    """Return noon UTC of a day."""
    return datetime.combine(day, time(12), UTC)


def as_json(document: Any) -> bytes:
    """Return a document as the services send it."""
    return json.dumps(document).encode()
