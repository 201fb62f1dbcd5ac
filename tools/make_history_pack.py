"""Make the history pack from the data files of an installed `arch` 8 package.

Run from the root of the repository: `python tools/make_history_pack.py`. The same `arch` gives the
same bytes. The files are read as they lie in the package, so pandas is not needed and no date passes
through a guess; docs/data-sources.md says what the values are and which rights go with them.

Left out on purpose: the package's Brent and WTI file (monthly averages dated on the 15th, which would
stand beside the daily WTI series without adding to it) and its graduate-admissions file.
"""

from __future__ import annotations

import argparse
import calendar
import csv
import gzip
import hashlib
import importlib.metadata
import importlib.util
import io
import itertools
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from rotascope.model.errors import BadInputError, RotascopeError
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.model.units import Unit
from rotascope.store.packs import write_pack
from rotascope.store.series import ParsedFile, SeriesBlock

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "src" / "rotascope" / "ingest" / "packs" / "history"
LICENCE = "NCSA (as redistributed in arch 8)"
# The factors end in November 2018 and prices are revised by new CRSP releases: this release became
# known in the month after its last one.
VINTAGE = date(2018, 12, 31)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file and what it becomes."""

    name: str
    series: str
    field: Field
    unit: Unit
    zero_is_unknown: bool = False


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of the package: where it is, who published its values, and how to read it."""

    path: str
    source: str
    publisher: str
    title: str
    url: str
    frequency: Frequency
    to_day: Callable[[str], date]
    columns: tuple[Column, ...]
    same: tuple[str, str] | None = None  # two columns that must agree; the second is dropped
    vintage: date | None = None
    attributes: tuple[tuple[str, str], ...] = field(default=())


def month_end(year: int, month: int) -> date:
    """Return the last calendar day of a month.

    >>> month_end(1928, 2)
    datetime.date(1928, 2, 29)
    """
    return date(year, month, calendar.monthrange(year, month)[1])


def us_day(text: str) -> date:
    """Return `M/D/YYYY` as a date.

    >>> us_day("12/31/2018")
    datetime.date(2018, 12, 31)
    """
    month, day, year = (int(part) for part in text.split("/"))
    return date(year, month, day)


def first_of_month(text: str) -> date:
    """Return the last day of the month that `M/1/YYYY` stands for.

    >>> first_of_month("2/1/1919")
    datetime.date(1919, 2, 28)
    """
    day = us_day(text)
    if day.day != 1:
        raise BadInputError(f"{text} is not the first day of a month.", fix="Read this file as a daily one.")
    return month_end(day.year, day.month)


def year_month(text: str) -> date:
    """Return the last day of the month `YYYYMM`.

    The package's own loader turns these numbers into nanoseconds after 1970; here they stay months.

    >>> year_month("192607")
    datetime.date(1926, 7, 31)
    """
    if len(text) != 6:
        raise BadInputError(f"{text!r} is not a month.", fix="Months are written YYYYMM, such as 192607.")
    return month_end(int(text[:4]), int(text[4:]))


def _factor(name: str) -> Column:
    return Column(name, f"FF.{name.upper()}.M", Field.VALUE, Unit.PERCENT)


def _index(path: str, series: str, title: str, url: str) -> DataFile:
    price = [
        Column(f.capitalize(), series, Field(f), Unit.INDEX_LEVEL) for f in ("open", "high", "low", "close")
    ]
    return DataFile(
        path=path,
        source=f"yahoo-{series.lower()}-2018",
        publisher="Yahoo Finance",
        title=title,
        url=url,
        frequency=Frequency.DAILY,
        to_day=us_day,
        # A session on which the index moved had trades: a volume of 0 is a value that was not recorded.
        columns=(*price, Column("Volume", series, Field.VOLUME, Unit.SHARES, zero_is_unknown=True)),
        same=("Close", "Adj Close"),
    )


def _fred(path: str, source: str, publisher: str, title: str, column: Column, fred: str) -> DataFile:
    return DataFile(
        path=path,
        source=source,
        publisher=f"{publisher}, through FRED",
        title=title,
        url=f"https://fred.stlouisfed.org/series/{fred}",
        frequency=Frequency.DAILY,
        to_day=us_day,
        columns=(column,),
        attributes=(("fred", fred),),
    )


FILES: tuple[DataFile, ...] = (
    DataFile(
        path="frenchdata/frenchdata.csv.gz",
        source="french-crsp-201811",
        publisher="Kenneth R. French, Data Library",
        title="Fama/French 3 Factors, monthly",
        url="https://mba.tuck.dartmouth.edu/pages/faculty/ken.french/data_library.html",
        frequency=Frequency.MONTHLY,
        to_day=year_month,
        columns=tuple(_factor(name) for name in ("Mkt-RF", "SMB", "HML", "RF")),
        vintage=VINTAGE,
        attributes=(("vintage_label", "CRSP 201811"),),
    ),
    _index("sp500/sp500.csv.gz", "GSPC", "S&P 500", "https://finance.yahoo.com/quote/%5EGSPC/history/"),
    _index(
        "nasdaq/nasdaq.csv.gz", "IXIC", "Nasdaq Composite", "https://finance.yahoo.com/quote/%5EIXIC/history/"
    ),
    _fred(
        "vix/vix.csv.gz",
        "cboe-vix-2019",
        "Cboe",
        "CBOE Volatility Index: VIX",
        Column("vix", "VIX", Field.CLOSE, Unit.INDEX_LEVEL),
        "VIXCLS",
    ),
    DataFile(
        path="default/default.csv.gz",
        source="moodys-2018",
        publisher="Moody's, through FRED",
        title="Moody's Seasoned Aaa and Baa Corporate Bond Yield",
        url="https://fred.stlouisfed.org/series/AAA",
        frequency=Frequency.MONTHLY,
        to_day=first_of_month,
        columns=tuple(Column(name, name, Field.VALUE, Unit.PERCENT) for name in ("AAA", "BAA")),
        attributes=(("average", "of the days of the month"),),
    ),
    _fred(
        "wti/wti.csv.gz",
        "eia-wti-2019",
        "U.S. Energy Information Administration",
        "Crude Oil Prices: West Texas Intermediate (WTI) - Cushing, Oklahoma",
        Column("DCOILWTICO", "DCOILWTICO", Field.VALUE, Unit.USD),
        "DCOILWTICO",
    ),
    DataFile(
        path="core_cpi/core-cpi.csv.gz",
        source="bls-core-cpi-2018",
        publisher="U.S. Bureau of Labor Statistics, through FRED",
        title="Consumer Price Index for All Urban Consumers: All Items Less Food and Energy",
        url="https://fred.stlouisfed.org/series/CPILFESL",
        frequency=Frequency.MONTHLY,
        to_day=first_of_month,
        columns=(Column("CPILFESL", "CPILFESL", Field.VALUE, Unit.INDEX_LEVEL),),
        vintage=VINTAGE,
        attributes=(("fred", "CPILFESL"), ("adjusted", "seasonally")),
    ),
)


def number(text: str) -> float:
    """Return a cell as a number. Empty, and FRED's ".", are unknown (NaN), never zero."""
    return float("nan") if text.strip() in ("", ".") else float(text)


def check_same(spec: DataFile, table: Sequence[dict[str, str]]) -> None:
    """Refuse the file if the column to be dropped says anything that the kept one does not."""
    if spec.same is None:
        return
    kept, dropped = spec.same
    for row in table:
        if number(row[kept]) != number(row[dropped]):
            raise BadInputError(
                f"{spec.path}: {dropped} differs from {kept} on {row['Date']}.",
                fix=f"Keep {dropped} as a field of its own before making the pack.",
            )


def read_column(
    spec: DataFile, column: Column, days: Sequence[date], table: Iterable[dict[str, str]], note: str
) -> tuple[SeriesBlock, list[Finding]]:
    """Return one column as a block. Unknown values stay in it as NaN; zeros that cannot be are findings."""
    values = np.array([number(row[column.name]) for row in table], dtype=np.float64)
    findings: list[Finding] = []
    attributes = {**dict(spec.attributes), "provenance": note}
    if column.zero_is_unknown and (values == 0).any():
        which = [day for day, value in zip(days, values, strict=True) if value == 0]
        values[values == 0] = np.nan
        text = ", ".join(day.isoformat() for day in which)
        attributes["note"] = f"The file states 0 on {text}; kept as unknown."
        findings.append(
            Finding(
                "zero_volume",
                Severity.WARNING,
                f"{column.series} has no recorded volume on {text}; the 0 in the file is kept as unknown.",
                series=column.series,
                field=str(column.field),
                file=spec.path,
                first=which[0],
                last=which[-1],
                count=len(which),
            )
        )
    meta = SeriesMeta(
        column.series,
        column.field,
        column.unit,
        spec.frequency,
        spec.source,
        vintage=spec.vintage,
        attributes=attributes,
    )
    return SeriesBlock(meta, np.array(days, dtype="datetime64[D]"), values), findings


def read_file(spec: DataFile, raw: bytes, version: str) -> ParsedFile:
    """Read one gzipped CSV file of the package.

    Raises BadInputError if a column is missing, dates do not ascend, or the columns of `same` differ.
    """
    table = list(csv.DictReader(io.StringIO(gzip.decompress(raw).decode("utf-8-sig"))))
    missing = [c.name for c in spec.columns if not table or c.name not in table[0]]
    if missing:
        raise BadInputError(
            f"{spec.path} has no column {missing[0]}.", fix="Install arch 8: its files have it."
        )
    days = [spec.to_day(row["Date"]) for row in table]
    if any(a >= b for a, b in itertools.pairwise(days)):
        raise BadInputError(
            f"{spec.path}: dates do not ascend.", fix="Install arch 8: its files are in order."
        )
    check_same(spec, table)
    source = Source(
        id=spec.source,
        publisher=spec.publisher,
        title=spec.title,
        url=spec.url,
        licence=LICENCE,
        sha256=hashlib.sha256(raw).hexdigest(),
    )
    parsed = ParsedFile(source, rows_read=len(table), reader="make_history_pack")
    for column in spec.columns:
        block, findings = read_column(spec, column, days, table, f"arch {version}, arch/data/{spec.path}")
        parsed.blocks.append(block)
        parsed.findings.extend(findings)
    return parsed


def read_all() -> list[ParsedFile]:
    """Read every file of the pack from the installed package.

    Raises BadInputError if `arch` is missing or is not version 8.
    """
    spec = importlib.util.find_spec("arch")
    if spec is None or spec.origin is None:
        raise BadInputError("The package arch is not installed.", fix='Install it: pip install "arch>=8,<9".')
    version = importlib.metadata.version("arch")
    if version.split(".")[0] != "8":
        raise BadInputError(f"arch is version {version}, not 8.", fix='Install it: pip install "arch>=8,<9".')
    data = Path(spec.origin).parent / "data"
    return [read_file(item, (data / item.path).read_bytes(), version) for item in FILES]


def main(argv: Sequence[str] | None = None) -> int:
    """Write the pack and print what is in it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--out", type=Path, default=TARGET, help="folder to write (default: the one in the package)"
    )
    args = parser.parse_args(argv)
    try:
        parsed = read_all()
        write_pack(
            args.out, "history", "History in the wheel: factors, indices, yields, oil and prices", parsed
        )
    except RotascopeError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    for item in parsed:
        for block in item.blocks:
            meta = block.meta
            print(f"{meta.series:12} {meta.field:8} {len(block):6} rows  {block.dates[0]}..{block.dates[-1]}")
        for finding in item.findings:
            print(f"{finding.severity}: {finding.message}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
