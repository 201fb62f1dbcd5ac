"""observations.csv: read once, kept as columns per series and field, read by date range."""

from __future__ import annotations

import csv
import hashlib
import io
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate, groupby, pairwise

from rotascope_verify.failures import CheckError, Log, quote
from rotascope_verify.reading import is_day

HEADER = ["series", "field", "date", "value", "unit", "source", "vintage", "snapshot"]
CSV_NAME = "observations.csv"


@dataclass(frozen=True, slots=True)
class RowsInput:
    """An observation input of a fact, as facts.json states it."""

    series: str
    field: str
    first: str
    last: str
    rows: int
    sha256: str
    source: str
    vintage: str | None


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that an input means, in date order. A value of None is unknown."""

    days: tuple[str, ...]
    values: tuple[float | None, ...]
    units: frozenset[str]
    sources: frozenset[str]
    vintages: frozenset[str]
    sha256: str

    def known(self) -> tuple[tuple[str, ...], tuple[float, ...]]:
        """Return the dates and values of the rows with a known value."""
        values = tuple(v for v in self.values if v is not None)
        if len(values) == len(self.values):
            return self.days, values
        return tuple(d for d, v in zip(self.days, self.values, strict=True) if v is not None), values


@dataclass(slots=True)
class Column:
    """All rows of one series and field. `text` holds what digests are taken over."""

    days: list[str] = field(default_factory=list)
    values: list[float | None] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    vintages: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    text: str = ""
    offsets: list[int] = field(default_factory=list)
    used: list[tuple[int, int]] = field(default_factory=list)


class Observations:
    """The rows of observations.csv."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.columns: dict[tuple[str, str], Column] = {}
        self._reads: dict[tuple[str, str, str, str], Rows] = {}

    def finish(self) -> None:
        """Sort what came in out of order (a failure already) and lay out the text of digests."""
        for column in self.columns.values():
            if any(a > b for a, b in zip(column.days, column.days[1:], strict=False)):
                _sort_column(column)
            column.text = "".join(column.lines)
            column.offsets = [0, *accumulate(map(len, column.lines))]

    def read(self, want: RowsInput) -> Rows:
        """Return all rows of a series and field from `first` to `last`, and note them as used."""
        key = (want.series, want.field, want.first, want.last)
        found = self._reads.get(key)
        if found is None:
            found = self._reads[key] = self._read(*key)
        return found

    def _read(self, series: str, name: str, first: str, last: str) -> Rows:
        column = self.columns.get((series, name), EMPTY)
        i, j = bisect_left(column.days, first), bisect_right(column.days, last)
        text = column.text[column.offsets[i] : column.offsets[j]] if column.offsets else ""
        if column is not EMPTY:
            column.used.append((i, j))
        return Rows(
            days=tuple(column.days[i:j]),
            values=tuple(column.values[i:j]),
            units=frozenset(column.units[i:j]),
            sources=frozenset(column.sources[i:j]),
            vintages=frozenset(column.vintages[i:j]),
            sha256=hashlib.sha256(f"{series},{name}\n{text}".encode()).hexdigest(),
        )

    def check_used(self, log: Log) -> None:
        """Every row must be an input of some fact."""
        for (series, name), column in self.columns.items():
            done = 0
            for i, j in [*sorted(column.used), (len(column.days), len(column.days))]:
                if i > done:
                    where = f"{series}/{name}"
                    log.add(
                        "row-unused",
                        where,
                        f"no fact uses the {i - done} rows from {column.days[done]} to {column.days[i - 1]}",
                    )
                done = max(done, j)


EMPTY = Column(offsets=[0])


def _sort_column(column: Column) -> None:
    order = sorted(range(len(column.days)), key=lambda i: column.days[i])
    for name in ("days", "units", "sources", "vintages", "lines"):
        old: list[str] = getattr(column, name)
        setattr(column, name, [old[i] for i in order])
    column.values = [column.values[i] for i in order]


def read_observations(text: str, log: Log) -> Observations:
    """Return the rows of observations.csv; each bad row is one failure and is left out.

    Rows are (series, field, date, value, unit, source, vintage, snapshot). Failures: csv-bad, row-bad,
    row-order, row-twice, unit-mixed.
    """
    return _read_clean(text) or _read_with_care(text, log)


def _read_clean(text: str) -> Observations | None:
    """Return the rows of a file with no fault, read column by column; None if there is any, or a quote."""
    head, *lines = text.split("\n")
    if head.split(",") != HEADER or lines.pop() != "" or '"' in text or "\r" in text:
        return None
    rows = [line.split(",") for line in lines]
    if any(len(row) != len(HEADER) for row in rows):
        return None
    out = Observations()
    out.rows = rows
    known_days: dict[str, bool] = {"": True}
    last = ("", "")
    for key, group in groupby(rows, key=_series_and_field):
        if key <= last or not all(key):
            return None
        column = _clean_column(group, known_days)
        if column is None:
            return None
        out.columns[key] = column
        last = key
    out.finish()
    return out


def _series_and_field(row: list[str]) -> tuple[str, str]:
    return row[0], row[1]


def _clean_column(group: Iterable[list[str]], known_days: dict[str, bool]) -> Column | None:
    """Return the rows of one series and field, or None if one of them breaks a rule."""
    _, _, days, texts, units, sources, vintages, _ = map(list, zip(*group, strict=True))
    for day in {*days, *vintages}:
        if day not in known_days:
            known_days[day] = is_day(day)
        if not known_days[day]:
            return None
    if "" in days or "" in units or "" in sources or len(set(units)) > 1:
        return None
    if any(a >= b for a, b in pairwise(days)):
        return None
    try:
        values = [float(t) if t else None for t in texts]
    except ValueError:
        return None
    if any(v is not None and (repr(v) != t or v - v != 0.0) for v, t in zip(values, texts, strict=True)):
        return None
    lines = [f"{d},{t}\n" for d, t in zip(days, texts, strict=True)]
    return Column(days, values, units, sources, vintages, lines)


def _read_with_care(text: str, log: Log) -> Observations:
    out = Observations()
    if text and not text.endswith("\n"):
        log.add("csv-bad", CSV_NAME, "the last line has no end")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    last = ("", "", "")
    try:
        if next(reader, None) != HEADER:
            log.add("csv-bad", CSV_NAME, f"the header is not {','.join(HEADER)}")
        for row in reader:
            out.rows.append(row)
            try:
                key = _add_row(out, row)
            except CheckError as error:
                log.add("row-bad", f"{CSV_NAME}:{reader.line_num}", error.what)
                continue
            if key <= last:
                code = "row-twice" if key == last else "row-order"
                log.add(
                    code, f"{CSV_NAME}:{reader.line_num}", f"{quote(' '.join(key))} comes after {last[2]}"
                )
            last = max(last, key)
    except csv.Error as error:
        log.add("csv-bad", f"{CSV_NAME}:{reader.line_num}", f"not CSV: {error}")
    for (series, name), column in out.columns.items():
        if len(units := sorted(set(column.units))) > 1:
            log.add("unit-mixed", f"{CSV_NAME}:{series}/{name}", f"its rows have the units {quote(units)}")
    out.finish()
    return out


def _add_row(out: Observations, row: list[str]) -> tuple[str, str, str]:
    if len(row) != len(HEADER):
        raise CheckError(f"{len(row)} fields, not {len(HEADER)}")
    series, name, day, text, unit, source, vintage, _ = row
    if not (series and name and unit and source):
        raise CheckError("series, field, unit or source is empty")
    if not is_day(day) or (vintage and not is_day(vintage)):
        raise CheckError(f"{quote(day)} or {quote(vintage)} is not a date YYYY-MM-DD")
    value = _read_value(text)
    column = out.columns.get((series, name))
    if column is None:
        column = out.columns[(series, name)] = Column()
    column.days.append(day)
    column.values.append(value)
    column.units.append(unit)
    column.sources.append(source)
    column.vintages.append(vintage)
    column.lines.append(f"{day},{text}\n")
    return series, name, day


def _read_value(text: str) -> float | None:
    """Return a value; None for empty text, which means unknown and never zero."""
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        raise CheckError(f"{quote(text)} is not a number") from None
    if not math.isfinite(value):
        raise CheckError(f"{quote(text)} is not a finite number")
    if repr(value) != text:
        raise CheckError(f"{quote(text)} is not the shortest text of its value, {value!r}")
    return value
