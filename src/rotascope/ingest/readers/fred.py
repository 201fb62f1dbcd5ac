"""FRED: its CSV downloads with one or several series, and the JSON of its API.

FRED dates a period on its first day; here it has its last day. A blank in a daily series says that
markets were closed and gets no row. A blank in a monthly, quarterly or annual series is a value that the
source does not know and is stored as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from rotascope.ingest.readers import naming
from rotascope.ingest.readers.base import Context, attributes, build_block, join_names, nothing
from rotascope.ingest.readers.dates import frequency_of, parse_day, period_ends
from rotascope.ingest.readers.known import fred_kind
from rotascope.ingest.readers.sample import Sample, plain
from rotascope.ingest.readers.table import Layout, number, read_table
from rotascope.model.findings import Severity
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.store.series import DateArray, FloatArray, ParsedFile, SeriesBlock, to_day

_ID = re.compile(r"[A-Z0-9_]{2,30}")
_EVERY_DAY = (Frequency.DAILY, Frequency.WEEKLY)


def matches_csv(sample: Sample) -> bool:
    """Return whether a text file has FRED's header, or a date and ids that FRED uses."""
    if sample.kind != "text" or len(sample.header) < 2 or len(sample.lines) < 2:
        return False
    first, others = sample.header[0], sample.header[1:]
    if plain(first) == "observationdate":
        return True
    if plain(first) != "date":
        return False
    if [plain(name) for name in others] == ["value"]:
        return True
    known = [name for name in others if fred_kind(name).known]
    shaped = all(_ID.fullmatch(name) for name in others)
    return shaped and (2 * len(known) >= len(others) or (first == "DATE" and len(others) == 1))


def matches_json(sample: Sample) -> bool:
    """Return whether a file is an answer of FRED's API to a question for observations."""
    document = sample.document
    return (
        isinstance(document, dict)
        and isinstance(document.get("observations"), list)
        and all(
            isinstance(row, dict) and "date" in row and "value" in row for row in document["observations"][:5]
        )
    )


def parse_csv(context: Context) -> ParsedFile:
    """Read a FRED CSV file. A single column called `value` has its id in the file name."""
    sample = Sample(context.path, context.data)
    header = sample.header
    ids = header[1:]
    if [plain(name) for name in ids] == ["value"]:
        ids = [naming.series_of(context.path)]
    columns = range(1, len(header))
    table = read_table(context, Layout(sample.delimiter, len(header), 1, 0, tuple(columns), required=(0,)))
    data = [(id, table.dates, table.numbers[at]) for id, at in zip(ids, columns, strict=True) if id]
    return _finish(context, data, table.rows_read, several=len(ids) > 1)


def parse_json(context: Context) -> ParsedFile:
    """Read the API's JSON. The id is in the file name: the answer does not state it."""
    document = Sample(context.path, context.data).document
    if not isinstance(document, dict):
        return nothing(context, "unreadable_file", Severity.REJECTED, f"{context.name} is not valid JSON.")
    days: list[np.datetime64] = []
    values: list[float] = []
    for at, row in enumerate(document["observations"], start=1):
        day = parse_day(str(row.get("date", ""))) if isinstance(row, dict) else None
        value = number(str(row.get("value", ""))) if isinstance(row, dict) else None
        if day is None or value is None:
            context.reject_row(
                "unreadable_row", at, f"Observation {at} has no date, or a value that is no number."
            )
        elif day > context.today:
            context.reject_row("future_date", at, f"Observation {at} is dated {day}, after {context.today}.")
        else:
            days.append(to_day(day))
            values.append(value)
    dates = np.array(days, dtype="datetime64[D]")
    data = [(naming.series_of(context.path), dates, np.array(values, dtype=np.float64))]
    return _finish(context, data, len(document["observations"]), several=False)


def _finish(
    context: Context, data: Sequence[tuple[str, DateArray, FloatArray]], rows: int, *, several: bool
) -> ParsedFile:
    source = _source(context, [id for id, _, _ in data], several)
    unknown = [id for id, _, _ in data if not fred_kind(id).known]
    if unknown:
        message = (
            f"The unit of {join_names(unknown)} is not known here; values are stored as bare numbers (ratio)."
        )
        context.note("unknown_unit", Severity.WARNING, message, count=len(unknown))
    blocks = [
        block
        for id, dates, values in data
        if (block := _block(context, source, id, dates, values, several)) is not None
    ]
    return context.finish(source, blocks, rows)


def _source(context: Context, ids: Sequence[str], several: bool) -> Source:
    name = naming.plain_stem(context.path) if several or not ids else ids[0]
    url = "https://fred.stlouisfed.org" + ("" if several else f"/series/{name}")
    terms = "See the series page at FRED; some series belong to others and may not be passed on"
    return context.source(
        f"fred:{name}:", "Federal Reserve Bank of St. Louis (FRED)", title=name, url=url, licence=terms
    )


def _block(
    context: Context, source: Source, id: str, dates: DateArray, values: FloatArray, several: bool
) -> SeriesBlock | None:
    present = ~np.isnan(values)
    if not bool(present.any()):
        message = f"{id} has no value at all in {context.name}."
        context.note("no_values", Severity.WARNING, message, series=id)
        return None
    kind = fred_kind(id)
    # A table of several series has blanks wherever another one has a value: they say nothing.
    frequency = frequency_of(dates[present] if several else dates)
    keep_blank = not several and frequency not in _EVERY_DAY
    if not keep_blank:
        dates, values = dates[present], values[present]
    _note_blanks(context, id, present, keep_blank, several)
    ends = period_ends(dates, frequency)
    over = ends <= to_day(context.today)
    if not bool(over.all()):
        message = f"{id} has values for a period that was not over on {context.today}."
        count = int(np.count_nonzero(~over))
        context.note("period_not_over", Severity.REJECTED, message, series=id, count=count)
    meta = SeriesMeta(
        series=id,
        field=Field.VALUE,
        unit=kind.unit,
        frequency=frequency,
        source=source.id,
        vintage=context.today if kind.revised else None,
        retrieved_at=context.retrieved_at,
        attributes=attributes(dated="period end" if bool(np.any(ends != dates)) else ""),
    )
    return build_block(context, meta, ends[over], values[over], keep_blank=keep_blank)


def _note_blanks(context: Context, id: str, present: np.ndarray, kept: bool, several: bool) -> None:
    blank = int(np.count_nonzero(~present))
    if blank == 0 or several:
        return
    what = "are stored as unknown" if kept else "are days without a value and have no row"
    context.note(
        "blank_values", Severity.INFO, f"{blank} blank cells of {id} {what}.", series=id, count=blank
    )
