"""Files of the Ken French data library: a preamble, then sections of monthly, weekly, daily or annual rows.

Values are kept as the library states them, in percent for returns. Its codes for missing values, -99.99
and -999, become unknown values. The library is revised with every release, so each value has the vintage
of its file: the last day of the month after the one in "created using the 202605 CRSP database", from
which on the file can be relied upon to have been published, or the day of retrieval where that came first
or the file states no release.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from rotascope.ingest.readers import french_names, naming
from rotascope.ingest.readers.base import Context, attributes, build_block, join_names
from rotascope.ingest.readers.dates import frequency_of, month_ends, year_ends
from rotascope.ingest.readers.sample import Sample, lines_of
from rotascope.model.findings import Severity
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.store.series import DateArray, FloatArray, ParsedFile, SeriesBlock, to_day

CREDIT = "Copyright Eugene F. Fama and Kenneth R. French"
URL = "https://mba.tuck.dartmouth.edu/pages/faculty/ken.french/data_library.html"
MISSING = (-99.99, -999.0)

_RELEASE = re.compile(r"using the (\d{4})(\d{2}) (\w+) database", re.IGNORECASE)
_ROW = re.compile(r"\s*(\d{8}|\d{6}|\d{4})\s*,")
_LETTERS = {
    Frequency.DAILY: "D",
    Frequency.WEEKLY: "W",
    Frequency.MONTHLY: "M",
    Frequency.ANNUAL: "A",
}


@dataclass(frozen=True, slots=True)
class Release:
    """The edition of the library a file belongs to; `label` is empty if the file does not say."""

    label: str
    month: str
    vintage: date


@dataclass(slots=True)
class Section:
    """Rows under one header, as lines of text. `first` is the line number of the first of them."""

    title: str
    names: list[str]
    width: int
    lines: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)


def matches(sample: Sample) -> bool:
    """Return whether a file states the library's database, or has its header and rows only."""
    if sample.kind != "text":
        return False
    if any(_RELEASE.search(line) for line in sample.lines[:5]):
        return True
    bare = len(sample.header) > 1 and not sample.header[0] and len(sample.lines) > 1
    return bare and re.match(r"\s*\d{6}\s*,", sample.lines[1]) is not None


def release_of(text: str, today: date) -> Release:
    """Return the release that a preamble states, or one dated on the day of retrieval.

    >>> release_of("created using the 202605 CRSP database.", date(2026, 9, 1)).vintage
    datetime.date(2026, 6, 30)
    """
    found = _RELEASE.search(text)
    if not found or not 1 <= int(found.group(2)) <= 12:
        return Release("", "", today)
    months = int(found.group(1)) * 12 + int(found.group(2)) + 1  # two months on, counted from 0
    after_next = date(months // 12, months % 12 + 1, 1)
    label = f"{found.group(3)} {found.group(1)}{found.group(2)}"
    return Release(label, found.group(1) + found.group(2), min(after_next - timedelta(days=1), today))


def parse(context: Context) -> ParsedFile:
    """Read all sections of a file into one block for each section and column."""
    lines = lines_of(context.data)
    stem = naming.plain_stem(context.path)
    release = release_of("\n".join(lines[:5]), context.today)
    if not release.label:
        message = (
            f"{context.name} does not state its release. Its values count as known from {release.vintage} "
            "on, the day it was retrieved."
        )
        context.note("release_not_stated", Severity.INFO, message)
    source = context.source(
        f"french:{stem}:{release.month}",
        "Kenneth R. French Data Library",
        title=f"{stem} ({release.label})" if release.label else stem,
        url=URL,
        licence=CREDIT,
    )
    blocks: list[SeriesBlock] = []
    taken: dict[str, int] = {}
    rows = 0
    for section in split_sections(lines):
        rows += len(section.lines)
        blocks.extend(_read_section(context, section, source, release, taken))
    return context.finish(source, blocks, rows)


def split_sections(lines: Sequence[str]) -> list[Section]:
    """Return the sections of a file. A section begins with a header: a line whose first cell is empty."""
    sections: list[Section] = []
    title: list[str] = []
    current: Section | None = None
    names: list[str] | None = None
    for at, line in enumerate(lines, start=1):
        if row := _ROW.match(line):
            width = len(row.group(1))
            if names is not None or (current is not None and current.width != width):
                header = names if names is not None else current.names if current is not None else []
                current = Section(" ".join(title), header, width)
                sections.append(current)
                names, title = None, []
            if current is not None:
                current.lines.append(line)
                current.numbers.append(at)
            continue
        text = line.strip().rstrip(",").strip()
        if text.startswith(","):
            names = [name.strip() for name in text[1:].split(",")]
        elif text:
            title.append(text)
        else:
            title = []
    return sections


def _read_section(
    context: Context, section: Section, source: Source, release: Release, taken: dict[str, int]
) -> list[SeriesBlock]:
    stem = naming.plain_stem(context.path)
    prefix = french_names.file_set(stem)
    factors = "Factor" in stem
    dates, values = _values(context, section)
    if len(dates) == 0:
        return []
    frequency = _frequency(section.width, dates)
    letter = _LETTERS[frequency]
    kind = french_names.section(section.title, factors)
    if not kind.known:
        what = f"{section.title.strip()[:80]!r}" if section.title.strip() else "without a title"
        message = (
            f"The section {what} from line {section.numbers[0]} is stored as {kind.code}, unit {kind.unit}."
        )
        context.note("unknown_section", Severity.WARNING, message)
    code = _distinct(context, kind.code, letter, section, taken)
    blocks = []
    for at, name in enumerate(_names(context, section)):
        parts = [prefix, code, french_names.column_code(name, factors), letter]
        meta = SeriesMeta(
            series=".".join(part for part in parts if part),
            field=Field.VALUE,
            unit=kind.unit,
            frequency=frequency,
            source=source.id,
            vintage=release.vintage,
            retrieved_at=context.retrieved_at,
            attributes=attributes(vintage_label=release.label, section=section.title.strip()[:200]),
        )
        if (block := build_block(context, meta, dates, values[:, at], keep_blank=True)) is not None:
            blocks.append(block)
    return blocks


def _distinct(context: Context, code: str, letter: str, section: Section, taken: dict[str, int]) -> str:
    """Return the code of a section, numbered where a file has two sections under one title."""
    key = f"{code}.{letter}"
    taken[key] = taken.get(key, 0) + 1
    if taken[key] == 1:
        return code
    numbered = f"{code}_{taken[key]}"
    message = (
        f"The file has {taken[key]} sections titled {section.title.strip()!r}. The one from line "
        f"{section.numbers[0]} is stored as {numbered}; what sets it apart is not stated."
    )
    context.note("repeated_section", Severity.WARNING, message)
    return numbered


def _names(context: Context, section: Section) -> list[str]:
    mended = {name: french_names.repaired(name) for name in section.names}
    changed = [f"{old} is {new}" for old, new in mended.items() if new]
    if changed:
        message = f"A spreadsheet turned column names into dates; they are read back: {join_names(changed)}."
        context.note("column_names_repaired", Severity.INFO, message, count=len(changed))
    return [mended[name] or name for name in section.names]


def _frequency(width: int, dates: DateArray) -> Frequency:
    if width == 4:
        return Frequency.ANNUAL
    if width == 6:
        return Frequency.MONTHLY
    return Frequency.WEEKLY if frequency_of(dates) is Frequency.WEEKLY else Frequency.DAILY


def _values(context: Context, section: Section) -> tuple[DateArray, FloatArray]:
    """Return dates, shape (n,), and values, shape (n, columns), of the rows that parse."""
    count = len(section.names)
    rows = [line.rstrip(", \t") for line in section.lines]
    try:
        table = np.loadtxt(rows, delimiter=",", ndmin=2, dtype=np.float64)
    except ValueError:
        table = np.empty((0, 0))
    keep = np.ones(len(rows), dtype=np.bool_)
    if table.shape != (len(rows), count + 1):
        table = np.full((len(rows), count + 1), np.nan)
        for at, (row, line) in enumerate(zip(rows, section.numbers, strict=True)):
            cells = _row(context, row, line, count + 1)
            keep[at] = cells is not None
            if cells is not None:
                table[at] = cells
    dates, valid = _days(table[:, 0], section.width)
    future = valid & (dates > to_day(context.today))
    for at in np.flatnonzero(keep & ~valid).tolist():
        line = section.numbers[at]
        context.reject_row("unreadable_date", line, f"Line {line} begins with {rows[at][:12]!r}, no date.")
    for at in np.flatnonzero(keep & future).tolist():
        line = section.numbers[at]
        message = f"Line {line} is dated after the file was retrieved on {context.today}."
        context.reject_row("future_date", line, message)
    keep &= valid & ~future
    values = table[keep, 1:]
    for code in MISSING:
        values[values == code] = np.nan
    return dates[keep], values


def _row(context: Context, row: str, line: int, width: int) -> list[float] | None:
    cells = [cell.strip() for cell in row.split(",")]
    if len(cells) != width:
        message = f"Line {line} has {len(cells)} cells where the header has {width}."
        context.reject_row("too_few_columns" if len(cells) < width else "too_many_columns", line, message)
        return None
    try:
        values = [float(cell) if cell else float("nan") for cell in cells]
    except ValueError:
        context.reject_row("unreadable_number", line, f"Line {line} has a cell that is no number.")
        return None
    return values if not any(np.isinf(values)) else None


def _days(stamps: FloatArray, width: int) -> tuple[DateArray, np.ndarray]:
    """Return the last day of each period, and whether the stamp is a date at all."""
    whole = np.where(np.isnan(stamps), 0, stamps).astype(np.int64)
    if width == 4:
        year, month, day = whole, np.ones_like(whole), np.ones_like(whole)
    elif width == 6:
        year, month, day = whole // 100, whole % 100, np.ones_like(whole)
    else:
        year, month, day = whole // 10_000, whole // 100 % 100, whole % 100
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    dates = months.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    valid = (
        (year > 1000) & (month >= 1) & (month <= 12) & (day >= 1) & (dates.astype("datetime64[M]") == months)
    )
    if width == 4:
        return year_ends(dates), valid
    return (month_ends(dates) if width == 6 else dates), valid
