"""Who was a member of an index when: tables of ticker, first day in, first day out.

Each name becomes a series `MEMBER.<list>.<name>` that is 1 from the day it came in and 0 from the day it was
out. So a question about a past day is asked of the members of that day, not of those that are left today. The
list is called as the file's name begins: `sp500_...` gives SP500. Share classes are written with a hyphen, as
in the names of price series (BRK-B).
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

import numpy as np

from rotascope.ingest.readers import naming
from rotascope.ingest.readers.base import Context, attributes, nothing
from rotascope.ingest.readers.dates import parse_day
from rotascope.ingest.readers.sample import Sample, lines_of, plain
from rotascope.model.findings import Severity
from rotascope.model.observations import Field, Frequency, SeriesMeta
from rotascope.model.units import Unit
from rotascope.store.series import ParsedFile, SeriesBlock, to_day

_COLUMNS = ("ticker", "startdate", "enddate")
Stay = tuple[date, date | None]  # first day in, first day out (None: still a member)


def matches(sample: Sample) -> bool:
    """Return whether a text file is a table of memberships with their first and last days."""
    return sample.kind == "text" and len(sample.lines) > 1 and set(_COLUMNS) <= set(sample.names)


def parse(context: Context) -> ParsedFile:
    """Read the memberships. Rows without a name or a first day, and stays that overlap, are findings."""
    stays: defaultdict[str, list[Stay]] = defaultdict(list)
    rows = 0
    for row, name, stay in _rows(context):
        rows += 1
        if name and stay is not None:
            _add(context, row, name, stays[name], stay)
    found = re.match(r"[A-Za-z0-9]+", naming.plain_stem(context.path))
    if not found or not any(stays.values()):
        message = f"{context.name} has no memberships that can be read."
        return nothing(context, "unreadable_file", Severity.REJECTED, message, rows=rows)
    listed = found.group().upper()
    source = context.source(f"file:{listed}.members:", "local file", title=f"Members of {listed} by date")
    blocks = []
    for name in sorted(n for n, known in stays.items() if known):
        meta = SeriesMeta(
            series=f"MEMBER.{listed}.{name}",
            field=Field.VALUE,
            unit=Unit.COUNT,
            frequency=Frequency.IRREGULAR,
            source=source.id,
            retrieved_at=context.retrieved_at,
            attributes=attributes(list=listed),
        )
        blocks.append(_block(meta, stays[name]))
    return context.finish(source, blocks, rows)


def _rows(context: Context) -> Iterator[tuple[int, str, Stay | None]]:
    """Yield line number, name and stay of each row; a row that cannot be read has no name or no stay."""
    reader = csv.reader(lines_of(context.data))
    names = [plain(cell) for cell in next(reader)]
    at = [names.index(column) for column in _COLUMNS]
    for cells in reader:
        row = reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) <= max(at):
            context.reject_row("too_few_columns", row, f"Line {row} ends after {len(cells)} cells.")
            yield row, "", None
            continue
        ticker, first, last = (cells[i].strip() for i in at)
        name = re.sub(r"\.([A-Z])$", r"-\1", naming.clean_ticker(ticker))
        yield row, name, _stay(context, row, name, first, last)


def _stay(context: Context, row: int, name: str, first: str, last: str) -> Stay | None:
    start, end = parse_day(first), parse_day(last) if last else None
    if not name or start is None or (last and end is None):
        context.reject_row("unreadable_row", row, f"Line {row} states no name or no day that can be read.")
        return None
    if end is not None and end <= start:
        context.reject_row("reversed_dates", row, f"Line {row}: {name} is out on {end}, in on {start}.")
        return None
    if start > context.today:
        context.reject_row(
            "future_date",
            row,
            f"Line {row} is dated {start}, after the file was retrieved on {context.today}.",
        )
        return None
    # a day out that lies ahead is not known to come true
    return start, end if end is None or end <= context.today else None


def _add(context: Context, row: int, name: str, known: list[Stay], stay: Stay) -> None:
    """Add a stay unless it overlaps one that is known; of two that contradict each other the first stands."""
    for start, end in known:
        if (end is None or stay[0] < end) and (stay[1] is None or start < stay[1]):
            message = f"Line {row}: {name} was a member already, from {start} to {end or 'now'}."
            context.reject_row("overlapping_rows", row, message)
            return
    known.append(stay)


def _block(meta: SeriesMeta, stays: list[Stay]) -> SeriesBlock:
    """Return 1 on each first day in and 0 on each first day out; back on the day it left is never out."""
    states = {end: 0.0 for _, end in stays if end is not None}
    states |= {start: 1.0 for start, _ in stays}
    days = sorted(states)
    return SeriesBlock(meta, np.array([to_day(d) for d in days]), np.array([states[d] for d in days]))
