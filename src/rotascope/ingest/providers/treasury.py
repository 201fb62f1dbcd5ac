"""Par yields of the US Treasury: one CSV file for each year, all maturities side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np

from rotascope.ingest.fetch.base import Fetcher, Request, Response
from rotascope.ingest.providers.base import Task, Terms, asked_for
from rotascope.ingest.providers.parsing import finish, need, only, refused
from rotascope.ingest.providers.sanity import implausible_rates, rate_jumps
from rotascope.ingest.readers.base import Context, build_block, join_names
from rotascope.ingest.readers.layout import Layout
from rotascope.ingest.readers.sample import decode, split_line, unix_lines
from rotascope.ingest.readers.table import read_table
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field, Frequency, SeriesMeta
from rotascope.model.units import Unit
from rotascope.store.series import ParsedFile, SeriesBlock, to_date

URL = (
    "https://home.treasury.gov/resource-center/data-chart-center/interest-rates/daily-treasury-rates.csv/"
    "{year}/all"
)
KEY = "treasury:par-yields"
FIRST_YEAR = 1990
MATURITIES = ("1M", "1_5M", "2M", "3M", "4M", "6M", "1Y", "2Y", "3Y", "5Y", "7Y", "10Y", "20Y", "30Y")
SERIES = tuple(f"UST.{m}" for m in MATURITIES)
_ALWAYS = ("UST.3M", "UST.2Y", "UST.5Y", "UST.10Y")  # in every year's file
_HEADING = re.compile(r"([\d.]+)\s*(mo|month|yr|year)s?\.?", re.IGNORECASE)
_DATE = re.compile(r"^(\"?)(\d{1,2})/(\d{1,2})/(\d{4})\b", re.MULTILINE)


class Treasury:
    """Daily par yields, `UST.3M` to `UST.30Y`, in percent. One task: all years become one history.

    `today` is asked for the last year to fetch; `first_year` is the first (the Treasury has 1990 on).
    """

    name = "treasury"
    terms = Terms(
        publisher="U.S. Department of the Treasury",
        what="daily par yield curve, 1 month to 30 years, since 1990",
        licence="public domain (works of the United States government)",
        terms_url="https://home.treasury.gov/resource-center/data-chart-center/interest-rates",
        revisions="rare corrections; the newest file counts",
        limits="none stated; two requests a second at most are sent, one for each year",
        tested="documented files",
    )

    def __init__(self, today: date, first_year: int = FIRST_YEAR) -> None:
        self._years = range(first_year, today.year + 1)

    def tasks(self, series: Sequence[str] | None = None) -> list[Task]:
        """Return the one task if a par yield is asked for."""
        if series is not None and not any(asked_for(self.name, s) in SERIES for s in series):
            return []
        return [Task(self.name, KEY, SERIES)]

    def fetch(self, task: Task, fetcher: Fetcher, *, since: date | None = None) -> list[Response]:
        """Fetch the years, from that of `since` on if it is given."""
        years = [year for year in self._years if since is None or year >= since.year]
        return [fetcher.get(_request(year)) for year in years]

    def parse(self, task: Task, responses: Sequence[Response]) -> ParsedFile:
        """Join the years. A maturity has rows for the years in which it was published."""
        only(task, responses)
        columns: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
        findings: list[Finding] = []
        rows = 0
        for response in responses:
            year, context = _read_year(response, responses, columns)
            rows += year
            findings += context.findings
        at = max(r.fetched_at for r in responses)
        context = Context(Path("par-yields.csv"), b"".join(r.body for r in responses), at)
        source = context.source(
            "treasury:par-yields:",
            self.terms.publisher,
            title="Daily par yield curve",
            licence=self.terms.licence,
        )
        blocks = [
            block
            for name in SERIES
            if name in columns and (block := _block(context, name, columns[name], source.id)) is not None
        ]
        parsed = ParsedFile(
            source, blocks, [*findings, *context.findings], rows_read=rows, reader="treasury-csv/1"
        )
        parsed.findings += implausible_rates(blocks) + rate_jumps(blocks) + _below_zero(blocks)
        return finish(parsed, task, responses)


def _request(year: int) -> Request:
    params = {"type": "daily_treasury_yield_curve", "field_tdr_date_value": str(year), "_format": "csv"}
    return Request(URL.format(year=year), params, accept="csv")


def series_of(heading: str) -> str | None:
    """Return the series of a column, None if it is not a maturity.

    >>> series_of("10 Yr"), series_of("1.5 Month"), series_of("Date")
    ('UST.10Y', 'UST.1_5M', None)
    """
    found = _HEADING.fullmatch(heading.strip())
    if found is None:
        return None
    return f"UST.{found[1].replace('.', '_')}{found[2][0].upper()}"


def _read_year(
    response: Response, responses: Sequence[Response], columns: dict[str, list[tuple[np.ndarray, np.ndarray]]]
) -> tuple[int, Context]:
    text = unix_lines(decode(response.body))
    header = split_line(text.partition("\n")[0], ",")
    places = {name: at for at, heading in enumerate(header) if (name := series_of(heading)) is not None}
    if "date" not in [cell.lower() for cell in header]:
        raise refused(
            "unexpected_shape", f"The file has no column of dates: {join_names(header)}.", responses
        )
    need("maturity", _ALWAYS, places, responses)
    # The Treasury writes 01/02/2026 for 2 January; a file of January's first days alone does not show it.
    body = _DATE.sub(lambda m: f"{m[1]}{m[4]}-{m[2]:0>2}-{m[3]:0>2}", text).encode()
    context = Context(Path("par-yields.csv"), body, response.fetched_at)
    day = [cell.lower() for cell in header].index("date")
    table = read_table(context, Layout(",", len(header), 1, day, tuple(places.values()), required=(day,)))
    for name, at in places.items():
        columns.setdefault(name, []).append((table.dates, table.numbers[at]))
    unknown = [h for at, h in enumerate(header) if at != day and h and at not in places.values()]
    if unknown:
        message = f"Columns that are not stored: {join_names(unknown)}."
        context.note("columns_not_stored", Severity.INFO, message, count=len(unknown))
    return table.rows_read, context


def _block(
    context: Context, name: str, parts: list[tuple[np.ndarray, np.ndarray]], source: str
) -> SeriesBlock | None:
    meta = SeriesMeta(
        name, Field.VALUE, Unit.PERCENT, Frequency.DAILY, source, retrieved_at=context.retrieved_at
    )
    dates = np.concatenate([dates for dates, _ in parts])
    values = np.concatenate([values for _, values in parts])
    blank = int(np.count_nonzero(np.isnan(values)))
    if blank:
        message = f"{blank} cells of {name} are blank; those days have no row."
        context.note("blank_values", Severity.INFO, message, series=name, count=blank)
    return build_block(context, meta, dates, values, keep_blank=False)


def _below_zero(blocks: Sequence[SeriesBlock]) -> list[Finding]:
    """A par yield below zero: the Treasury has published none. A warning."""
    findings = []
    for block in blocks:
        bad = block.values < 0.0
        if bad.any():
            days = block.dates[bad]
            findings.append(
                Finding(
                    "negative_yield",
                    Severity.WARNING,
                    f"{int(bad.sum())} yields of {block.meta.series} are negative, the first on {days[0]}.",
                    series=block.meta.series,
                    field=str(block.meta.field),
                    first=to_date(days[0]),
                    last=to_date(days[-1]),
                    count=int(bad.sum()),
                )
            )
    return findings
