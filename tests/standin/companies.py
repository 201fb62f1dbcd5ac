"""Answers of the SEC and of iShares in the forms that they have, about companies that do not exist."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from rotascope.ingest.providers.sec_groups import GROUPS, last_quarters, periods_for, quarter_end
from standin.answers import as_json, wave
from standin.content import Rows

CIK = 1_234_567
MEMBERS = {"IWB": range(1, 13), "IWM": range(13, 31)}
HEADER = "Ticker,Name,Sector,Asset Class,Market Value,Weight (%),Notional Value,Quantity,Price,Location"
HELD = 60

# ---- company facts -------------------------------------------------------------------------------------


def tickers() -> dict[str, Any]:
    """Return the SEC's list of tickers: one company with facts, and the members of the funds."""
    rows = [{"cik_str": CIK, "ticker": "ACME", "title": "ACME CORP"}]
    rows += [{"cik_str": c, "ticker": f"C{c:02d}", "title": f"COMPANY {c}"} for c in range(1, 31)]
    return {str(at): row for at, row in enumerate(rows)}


def facts() -> dict[str, Any]:
    """Return the facts of a company with calendar years: quarters, half, nine months, the year."""
    gaap = {
        "NetIncomeLoss": {"units": {"USD": _filed(90e6)}},
        "Revenues": {"units": {"USD": _filed(700e6)}},
        "EarningsPerShareDiluted": {"units": {"USD/shares": _filed(1.2, digits=2)}},
    }
    return {"cik": CIK, "entityName": "ACME CORP", "facts": {"us-gaap": gaap}}


def _filed(size: float, digits: int = -3) -> list[dict[str, Any]]:
    """Return rows of one concept, in the order of their filings; the first three are quarters."""
    rows: list[dict[str, Any]] = []
    for year in (2023, 2024, 2025, 2026):
        parts = [round(size * (1.0 + 4.0 * wave(4 * year + n)), digits) for n in (1, 2, 3, 4)]
        for n in (1, 2, 3, 4) if year < 2026 else (1, 2):
            end = quarter_end((year, n))
            filed = end + timedelta(days=35 if n < 4 else 50)
            begin = date(year, 3 * n - 2, 1)
            if n < 4:
                rows.append(_fact(begin, end, parts[n - 1], filed))
            if n > 1:
                rows.append(_fact(date(year, 1, 1), end, round(sum(parts[:n]), max(digits, 0)), filed))
    return sorted(rows, key=lambda row: row["end"] != row["start"] and _days(row) > 100)


def _days(row: dict[str, Any]) -> int:
    return (date.fromisoformat(row["end"]) - date.fromisoformat(row["start"])).days


def _fact(start: date, end: date, value: float, filed: date) -> dict[str, Any]:
    return {
        "start": str(start),
        "end": str(end),
        "val": value,
        "accn": f"{CIK:010d}-{filed:%y}-{filed:%m%d%H}",
        "fy": end.year,
        "form": "10-K" if end.month == 12 else "10-Q",
        "filed": str(filed),
    }


# ---- frames --------------------------------------------------------------------------------------------


def periods(today: date) -> list[str]:
    """Return the frames that growth needs on a day, the newest quarter first."""
    quarters = last_quarters(today)
    year, number = quarters[-1]
    names = periods_for(quarters)
    newest = f"CY{year}Q{number}"
    return [newest, *(name for name in names if name != newest)]


def frame(period: str) -> dict[str, Any]:
    """Return the net income of all companies in a period."""
    year, number = int(period[2:6]), int(period[7:] or 0)
    start = date(year, 3 * number - 2, 1) if number else date(year, 1, 1)
    end = quarter_end((year, number or 4))
    rows = []
    for cik in range(1, 31):
        parts = [_earned(cik, year, n) for n in ((number,) if number else (1, 2, 3, 4))]
        row = {"accn": f"{cik:010d}-{year % 100}-000001", "cik": cik, "entityName": f"COMPANY {cik}"}
        rows.append({**row, "start": str(start), "end": str(end), "val": sum(parts)})
    return {"taxonomy": "us-gaap", "tag": "NetIncomeLoss", "ccp": period, "uom": "USD", "data": rows}


def _earned(cik: int, year: int, number: int) -> int:
    return round(1_000 * cik * (1.0 + 0.06 * (year - 2020) + 6.0 * wave(4 * year + number + cik))) * 1_000


# ---- holdings ------------------------------------------------------------------------------------------


def holdings(fund: str, day: date, *, members: Sequence[int] | None = None) -> str:
    """Return a holdings file: lines above the table, companies and some cash, small print below."""
    count = len(members) if members is not None else HELD
    names = [f"C{c:02d}" for c in members] if members is not None else [f"T{at:02d}" for at in range(HELD)]
    weights = [round(2.0 * (99.0 - 0.5) / count * (count - at) / (count + 1), 2) for at in range(count)]
    weights.append(round(100.0 - sum(weights), 2))
    shift = 1.0 + wave(day.toordinal(), 0.004)
    rows = []
    for at, weight in enumerate(weights):
        value = 1e6 * weight * shift
        price = 20.0 + at
        cash = at == count
        name = ("USD", "US DOLLAR", "Cash and/or Derivatives", "Cash") if cash else ()
        name = name or (names[at], f"COMPANY {names[at]}", "Industrials", "Equity")
        price = 1.0 if cash else price
        numbers = [f"{value:.2f}", f"{weight:.2f}", f"{value:.2f}", f"{value / price:.2f}", f"{price:.2f}"]
        rows.append(_quoted([*name, *numbers, "United States"]))
    head = [f"iShares {fund} ETF", f'Fund Holdings as of,"{day:%b %d, %Y}"', 'Inception Date,"May 22, 2000"']
    shares = 250_000_000 + 50_000 * (day.toordinal() % 40)
    head += [f'Shares Outstanding,"{shares:,}.00"', 'Stock,"-"', "\u00a0"]
    return "\n".join([*head, HEADER, *rows, "\u00a0", '"Holdings subject to change."', ""])


def _quoted(cells: Sequence[str]) -> str:
    return ",".join(f'"{cell}"' for cell in cells)


def held(change: Callable[[Rows], None]) -> Callable[[bytes], bytes]:
    """Return a change of the table in a holdings file; its numbers stand between quotation marks."""

    def changed(body: bytes) -> bytes:
        lines = body.decode().split("\n")
        first = next(at for at, line in enumerate(lines) if line.startswith("Ticker"))
        end = next(at for at in range(first, len(lines)) if not lines[at].strip("\u00a0 "))
        rows = list(csv.reader(io.StringIO("\n".join(lines[first:end]))))
        change(rows)
        table = [",".join(rows[0]), *map(_quoted, rows[1:])]
        return "\n".join([*lines[:first], *table, *lines[end:]]).encode()

    return changed


# ---- documents of rows ---------------------------------------------------------------------------------

Records = list[dict[str, Any]]


def of_facts(change: Callable[[Records], None]) -> Callable[[bytes], bytes]:
    """Return a change of the rows of each concept of a company."""

    def changed(body: bytes) -> bytes:
        document = json.loads(body)
        for concept in document["facts"]["us-gaap"].values():
            for rows in concept["units"].values():
                change(rows)
        return as_json(document)

    return changed


def of_frame(change: Callable[[Records], None]) -> Callable[[bytes], bytes]:
    """Return a change of the rows of a frame."""

    def changed(body: bytes) -> bytes:
        document = json.loads(body)
        change(document["data"])
        return as_json(document)

    return changed


def fund_names() -> tuple[str, ...]:
    """Return the funds whose members make the size groups."""
    return tuple(GROUPS)
