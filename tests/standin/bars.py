"""Daily bars as services with a key document them, with a split of four for one and a dividend."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from standin.answers import LAST, as_json, path_of, sessions, wave
from standin.content import Rows

COUNT, SPLIT_AT, PAID_AT = 200, 150, 100
RATIO, PAID = 4.0, 0.9
Records = list[dict[str, Any]]


def _bars(last: date) -> list[tuple[date, float, float, float]]:
    """Return day, close adjusted for splits, adjusted close, and the factor to prices as traded."""
    days = sessions(COUNT, LAST)
    close = path_of(COUNT, 250.0)
    factor = 1.0 - PAID / close[PAID_AT - 1]
    rows = [
        (day, price, price * (factor if at < PAID_AT else 1.0), RATIO if at < SPLIT_AT else 1.0)
        for at, (day, price) in enumerate(zip(days, close, strict=True))
    ]
    return [row for row in rows if row[0] <= last]


def tiingo(last: date = LAST) -> str:
    """Return a CSV of Tiingo: prices as traded, and adjusted ones."""
    lines = ["date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor"]
    for at, (day, close, adjusted, k) in enumerate(_bars(last)):
        bar = [close * k, close * k * 1.006, close * k * 0.994, close * k * (1.0 - wave(at, 0.002))]
        paid = PAID * RATIO if at == PAID_AT else 0.0
        cells = [f"{x:.2f}" for x in bar] + [f"{20_000_000 / k:.0f}"]
        cells += [f"{adjusted:.6f}", *(f"{adjusted * x:.6f}" for x in (1.006, 0.994, 1.0)), "20000000"]
        lines.append(",".join([str(day), *cells, f"{paid:.2f}", f"{RATIO if at == SPLIT_AT else 1.0:.1f}"]))
    return "\n".join([*lines, ""])


def alpha_vantage(last: date = LAST) -> str:
    """Return a CSV of Alpha Vantage: prices as traded, the newest day first."""
    lines = []
    for at, (day, close, adjusted, k) in enumerate(_bars(last)):
        bar = [close * k * (1.0 - wave(at, 0.002)), close * k * 1.006, close * k * 0.994, close * k]
        paid = PAID * RATIO if at == PAID_AT else 0.0
        cells = [f"{x:.2f}" for x in bar] + [f"{adjusted:.6f}", f"{20_000_000 / k:.0f}", f"{paid:.4f}"]
        lines.insert(0, ",".join([str(day), *cells, f"{RATIO if at == SPLIT_AT else 1.0:.1f}"]))
    head = "timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient"
    return "\n".join([head, *lines, ""])


def fmp_full(symbol: str, last: date = LAST) -> Records:
    """Return rows of Financial Modeling Prep: prices adjusted for splits, the newest day first."""
    return [
        {
            "symbol": symbol,
            "date": str(day),
            "open": round(close * (1.0 - wave(at, 0.002)), 2),
            "high": round(close * 1.006, 2),
            "low": round(close * 0.994, 2),
            "close": close,
            "volume": 20_000_000,
            "vwap": close,
        }
        for at, (day, close, _, _) in reversed(list(enumerate(_bars(last))))
    ]


def fmp_adjusted(symbol: str, last: date = LAST) -> Records:
    """Return rows of its second answer: prices adjusted for dividends too."""
    return [
        {"symbol": symbol, "date": str(day), "adjOpen": adjusted, "adjClose": adjusted, "volume": 20_000_000}
        for day, _, adjusted, _ in reversed(_bars(last))
    ]


def frame(last: date = LAST) -> str:
    """Return a data frame of OpenBB as it is written down: prices adjusted for splits."""
    lines = ["date,open,high,low,close,volume,dividend,split_ratio"]
    for at, (day, close, _, _) in enumerate(_bars(last)):
        bar = (close * (1.0 - wave(at, 0.002)), close * 1.006, close * 0.994, close)
        cells = [f"{x:.2f}" for x in bar] + ["20000000", f"{PAID if at == PAID_AT else 0.0}"]
        lines.append(",".join([str(day), *cells, f"{RATIO if at == SPLIT_AT else 0.0}"]))
    return "\n".join([*lines, ""])


# ---- changes -------------------------------------------------------------------------------------------


def scale(names: Sequence[str], factor: float, first: int, last: int | None = None) -> Callable[[Rows], None]:
    """Return a change that multiplies some columns of some rows; row 0 is the header."""

    def change(rows: Rows) -> None:
        for at in (rows[0].index(name) for name in names):
            for row in rows[first:last]:
                row[at] = f"{float(row[at]) * factor:.6f}"

    return change


def put(names: Sequence[str], text: str, row: int = 40) -> Callable[[Rows], None]:
    """Return a change that writes something in some columns of a row."""

    def change(rows: Rows) -> None:
        for at in (rows[0].index(name) for name in names):
            rows[row][at] = text

    return change


def unstate(name: str) -> Callable[[Rows], None]:
    """Return a change that takes the split out of its column; prices before it stay as they are."""

    def change(rows: Rows) -> None:
        at = rows[0].index(name)
        for row in rows[1:]:
            row[at] = "1.0"

    return change


def unsplit(names: Sequence[str], split: str) -> Callable[[Rows], None]:
    """Return a change that takes the split away and leaves the prices before it as they were traded."""

    def change(rows: Rows) -> None:
        unstate(split)(rows)
        scale(names, RATIO, 1, SPLIT_AT + 1)(rows)

    return change


def of_list(change: Callable[[Records], None]) -> Callable[[bytes], bytes]:
    """Return a change of a JSON list of rows."""

    def changed(body: bytes) -> bytes:
        rows = json.loads(body)
        change(rows)
        return as_json(rows)

    return changed


def rename(old: str, new: str) -> Callable[[Records], None]:
    """Return a change that calls a key of all rows by another name."""

    def change(rows: Records) -> None:
        for row in rows:
            row[new] = row.pop(old)

    return change


def turn(rows: Records) -> None:
    """Turn the order of the rows and of the keys in them."""
    rows.reverse()
    for row in rows:
        for name in reversed(list(row)):
            row[name] = row.pop(name)


def multiply(
    names: Sequence[str], factor: float, first: int, last: int | None = None
) -> Callable[[Records], None]:
    """Return a change that multiplies some values of some rows."""

    def change(rows: Records) -> None:
        for row in rows[first:last]:
            for name in names:
                row[name] = row[name] * factor

    return change


def write(names: Sequence[str], value: Any, at: int) -> Callable[[Records], None]:
    """Return a change that writes something in place of some values of a row."""

    def change(rows: Records) -> None:
        rows[at].update(dict.fromkeys(names, value))

    return change
