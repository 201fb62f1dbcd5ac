"""What funds hold: iShares CSV downloads as served, and plain JSON lists of holdings with weights.

Each holding becomes a series `HOLD.<fund>.<ticker>` with one row, dated on the day the file says it
describes. A file that does not say so is refused unless the user gives the date: weights without a day
cannot be placed before or after anything.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from rotascope.ingest.readers import naming
from rotascope.ingest.readers.base import Context, attributes, nothing
from rotascope.ingest.readers.dates import parse_day
from rotascope.ingest.readers.sample import Sample, lines_of, plain
from rotascope.ingest.readers.table import number
from rotascope.model.findings import Severity
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.model.units import Unit
from rotascope.store.series import DateArray, ParsedFile, SeriesBlock, to_day

ROUNDING = 0.005
"""Percentage points that rounding to two places may take from or add to each weight."""

LONGEST_NAME = 80
"""Names without a ticker that are longer are the issuer's small print."""

_VALUES = {
    Field.WEIGHT: (("weight", "weightpct", "weightings"), Unit.PERCENT),
    Field.MARKET_VALUE: (("marketvalue", "mktvalue"), Unit.USD),
    Field.SHARES: (("quantity", "shares", "sharesheld"), Unit.SHARES),
}
_TEXTS = {
    "ticker": ("ticker", "symbol"),
    "name": ("name", "holding", "description"),
    "sector": ("sector", "gicssector"),
    "asset_class": ("assetclass", "type"),
    "country": ("country", "location"),
}
_NO_TICKER = ("", "-", "--", "nan", "n/a", "none", "null")
_STEM = re.compile(r"([A-Za-z0-9.]+?)(?:[_ -]holdings.*|[_ -]\d{4}.*)?", re.IGNORECASE)


@dataclass(slots=True)
class Preamble:
    """What stands above the table of an iShares file. `fund` is its long name."""

    header_line: int
    fund: str = ""
    day: date | None = None
    shares: float | None = None


@dataclass(slots=True)
class Holding:
    """One row: where it stands, its texts, and its numbers by field."""

    row: int
    texts: dict[str, str]
    values: dict[Field, float] = field(default_factory=dict)


def matches_csv(sample: Sample) -> bool:
    """Return whether a text file has a table of holdings, with or without the lines above it."""
    return sample.kind == "text" and _header_line(sample.lines) is not None


def matches_json(sample: Sample) -> bool:
    """Return whether a JSON file is a list of objects with a ticker and a weight."""
    document = sample.document
    if not isinstance(document, list) or not document:
        return False
    return all(isinstance(row, dict) and {"ticker", "weight"} <= row.keys() for row in document[:5])


def _header_line(lines: Sequence[str]) -> int | None:
    for at, line in enumerate(lines[:30]):
        if "weight" not in plain(line):  # nearly all lines of all other files, told without looking at cells
            continue
        names = {plain(cell) for cell in line.split(",")}
        if {"ticker", "weight"} <= names and ("name" in names or "marketvalue" in names):
            return at
    return None


def fund_of(context: Context) -> str:
    """Return the fund's ticker, which the file's name begins with."""
    found = _STEM.fullmatch(naming.plain_stem(context.path))
    return naming.clean_ticker(found.group(1) if found else naming.plain_stem(context.path))


def parse_csv(context: Context) -> ParsedFile:
    """Read an iShares file: what stands above the table, the table, nothing of what stands below."""
    lines = lines_of(context.data)
    at = _header_line(lines)
    if at is None:
        return nothing(context, "unreadable_file", Severity.REJECTED, f"{context.name} has no holdings.")
    preamble = _preamble(lines, at)
    names = [plain(cell) for cell in next(csv.reader([lines[at]]))]
    holdings = list(_csv_rows(context, lines, at, names))
    return _finish(context, holdings, preamble, "ishares" if preamble.fund else "holdings")


def _preamble(lines: Sequence[str], header: int) -> Preamble:
    out = Preamble(header)
    for cells in csv.reader(lines[:header]):
        key = plain(cells[0]) if cells else ""
        value = cells[1].strip() if len(cells) > 1 else ""
        if key.startswith("fundholdingsasof"):
            out.day = parse_day(value)
        elif key == "sharesoutstanding":
            out.shares = number(value)
        elif key and not value and not out.fund:
            out.fund = cells[0].strip()
    return out


def _csv_rows(context: Context, lines: Sequence[str], header: int, names: Sequence[str]) -> Iterator[Holding]:
    reader = csv.reader(lines[header + 1 :])
    for cells in reader:
        row = header + 1 + reader.line_num
        if not any(cell.strip(" \xa0") for cell in cells):
            break  # what follows is the issuer's small print
        if len(cells) < len(names):
            message = f"Line {row} ends after {len(cells)} of {len(names)} cells."
            context.reject_row("too_few_columns", row, message)
            continue
        cell_of = dict(zip(names, (cell.strip() for cell in cells), strict=False))
        if (holding := _holding(context, row, cell_of)) is not None:
            yield holding


def parse_json(context: Context) -> ParsedFile:
    """Read a JSON list of holdings. It states neither fund nor date: name and option do."""
    document = Sample(context.path, context.data).document
    holdings = []
    for at, row in enumerate(document or [], start=1):
        if not isinstance(row, dict):
            context.reject_row("unreadable_row", at, f"Entry {at} is not an object.")
            continue
        cells = {plain(str(key)): "" if value is None else str(value) for key, value in row.items()}
        if (holding := _holding(context, at, cells)) is not None:
            holdings.append(holding)
    return _finish(context, holdings, Preamble(0), "holdings")


def _holding(context: Context, row: int, cell_of: Mapping[str, str]) -> Holding | None:
    """Return a row's texts and numbers; a number that cannot be read rejects the row."""
    out = Holding(row, {key: _first(cell_of, names) for key, names in _TEXTS.items()})
    for kind, (names, _) in _VALUES.items():
        cell = _first(cell_of, names)
        value = number(cell)
        if value is None:
            message = f"Row {row} has {cell[:40]!r} as {kind}, where a number should be."
            context.reject_row("unreadable_number", row, message)
            return None
        if not np.isnan(value):
            out.values[kind] = value
    ticker, name = out.texts["ticker"].lower(), out.texts["name"].lower()
    if ticker in _NO_TICKER and (name in _NO_TICKER or len(name) > LONGEST_NAME):
        context.reject_row("unnamed_holding", row, f"Row {row} has neither a ticker nor a name.")
        return None
    return out


def _first(cell_of: Mapping[str, str], names: Sequence[str]) -> str:
    return next((cell_of[name] for name in names if name in cell_of), "")


def _finish(context: Context, holdings: list[Holding], preamble: Preamble, kind: str) -> ParsedFile:
    fund = fund_of(context)
    day = preamble.day or context.options.date
    if day is None:
        message = (
            f"{context.name} does not say which day its holdings describe. Import it by itself with "
            "--date YYYY-MM-DD, or download it again with the lines above the table."
        )
        return nothing(context, "undated_holdings", Severity.REJECTED, message, rows=len(holdings))
    if day > context.today:
        message = f"{context.name} describes {day}, after it was retrieved on {context.today}."
        return nothing(context, "future_date", Severity.REJECTED, message, rows=len(holdings))
    if preamble.day is None:
        message = f"{context.name} states no date; it is dated {day}, as the import was told."
        context.note("date_given", Severity.INFO, message)
    source = _source(context, fund, day, kind)
    dates = np.array([to_day(day)])
    blocks = list(_blocks(context, source, fund, holdings, dates))
    if preamble.shares is not None and not np.isnan(preamble.shares):
        meta = _meta(context, source, fund, Field.SHARES, {"name": preamble.fund})
        blocks.append(SeriesBlock(meta, dates, np.array([preamble.shares])))
    total = sum(h.values.get(Field.WEIGHT, 0.0) for h in holdings)
    if holdings and abs(total - 100.0) > 0.5 + ROUNDING * len(holdings):
        message = f"The weights of {fund} add up to {total:.2f} percent."
        context.note("weights_off", Severity.WARNING, message, series=f"HOLD.{fund}", field="weight")
    return context.finish(source, blocks, len(holdings) + _rejected(context))


def _rejected(context: Context) -> int:
    return sum(f.count for f in context.findings if f.severity is Severity.REJECTED and f.row is not None)


def _source(context: Context, fund: str, day: date, kind: str) -> Source:
    if kind == "ishares":
        return context.source(
            f"ishares:{fund}:{day}",
            "iShares (BlackRock)",
            title=f"{fund} holdings as of {day}",
            url="https://www.ishares.com",
            licence="BlackRock: all rights reserved; for the user's own research",
        )
    return context.source(f"file:{fund}.holdings:", "local file", title=f"{fund} holdings as of {day}")


def _blocks(
    context: Context, source: Source, fund: str, holdings: Sequence[Holding], dates: DateArray
) -> Iterator[SeriesBlock]:
    renamed = 0
    for series, holding in _named(fund, holdings):
        renamed += not series.endswith("." + naming.clean_ticker(holding.texts["ticker"]))
        for kind, value in holding.values.items():
            yield SeriesBlock(_meta(context, source, series, kind, holding.texts), dates, np.array([value]))
    if renamed:
        message = (
            f"{renamed} holdings of {fund} share a ticker or have none; their series are called by name."
        )
        context.note("holdings_named", Severity.INFO, message, count=renamed)


def _named(fund: str, holdings: Sequence[Holding]) -> Iterator[tuple[str, Holding]]:
    """Yield each holding with a series id that no other holding of the file has."""
    taken: set[str] = set()
    for holding in holdings:
        ticker = holding.texts["ticker"]
        label = "" if ticker.lower() in _NO_TICKER else naming.clean_ticker(ticker)
        slug = re.sub(r"[^A-Z0-9]+", "_", holding.texts["name"].upper()).strip("_")
        if not label or label in taken:
            label = f"{label}.{slug}".strip(".")
        unique, n = label, 1
        while unique in taken:
            n += 1
            unique = f"{label}.{n}"
        taken.add(unique)
        yield f"HOLD.{fund}.{unique}", holding


def _meta(context: Context, source: Source, series: str, kind: Field, texts: Mapping[str, str]) -> SeriesMeta:
    said = {key: text for key, text in texts.items() if key != "ticker" and text not in ("-", "")}
    return SeriesMeta(
        series=series,
        field=kind,
        unit=_VALUES[kind][1],
        frequency=Frequency.IRREGULAR,
        source=source.id,
        retrieved_at=context.retrieved_at,
        attributes=attributes(**said),
    )
