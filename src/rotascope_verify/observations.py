"""observations.csv: read once, kept as columns per series and field, read by date range."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import operator
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby
from operator import itemgetter
from typing import NamedTuple, cast

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
    """The rows that an input means, in date order. A value of None is unknown; `complete`: there is none."""

    days: tuple[str, ...]
    values: tuple[float | None, ...]
    units: frozenset[str]
    sources: frozenset[str]
    vintages: frozenset[str]
    sha256: str
    complete: bool = False

    def known(self) -> tuple[tuple[str, ...], tuple[float, ...]]:
        """Return the dates and values of the rows with a known value."""
        if self.complete:
            return self.days, cast(tuple[float, ...], self.values)
        values = tuple(v for v in self.values if v is not None)
        if len(values) == len(self.values):
            return self.days, values
        return tuple(d for d, v in zip(self.days, self.values, strict=True) if v is not None), values


@dataclass(slots=True)
class Column:
    """All rows of one series and field.

    text: `date,value` lines, what digests are taken over; row i begins at offsets[i] + i. shared: (first row,
    unit, source, vintage) of each stretch of rows that have these in common.
    """

    days: tuple[str, ...] = ()
    values: tuple[float | None, ...] = ()
    shared: tuple[tuple[int, str, str, str], ...] = ()
    text: str = ""
    offsets: Sequence[int] = (0,)
    complete: bool = False
    used: list[tuple[int, int]] = field(default_factory=list)

    def stretches(self, i: int, j: int) -> tuple[tuple[int, str, str, str], ...]:
        """Return those of `shared` that rows i to j - 1 belong to."""
        if i >= j:
            return ()
        first = bisect_right(self.shared, i, key=itemgetter(0)) - 1
        return self.shared[first : bisect_left(self.shared, j, key=itemgetter(0))]


class Observations:
    """The rows of observations.csv: `count` of them, `runs` as a page carries them, and by column."""

    def __init__(self) -> None:
        self.count = 0
        self.runs: list[list[str]] = []
        self.columns: dict[tuple[str, str], Column] = {}
        self._reads: dict[tuple[str, str, str, str], Rows] = {}

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
        if column is not EMPTY:
            column.used.append((i, j))
        digest = hashlib.sha256(f"{series},{name}\n".encode())
        digest.update(column.text[column.offsets[i] + i : column.offsets[max(i, j)] + j].encode())
        shared = column.stretches(i, j)
        return Rows(
            days=column.days[i:j],
            values=column.values[i:j],
            units=frozenset(unit for _, unit, _, _ in shared),
            sources=frozenset(source for _, _, source, _ in shared),
            vintages=frozenset(vintage for _, _, _, vintage in shared),
            sha256=digest.hexdigest(),
            complete=column.complete,
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


EMPTY = Column()


def read_observations(text: str, log: Log) -> Observations:
    """Return the rows of observations.csv; each bad row is one failure and is left out.

    Rows are (series, field, date, value, unit, source, vintage, snapshot). Failures: csv-bad, row-bad,
    row-order, row-twice, unit-mixed.
    """
    return _read_clean(text) or _read_with_care(text, log)


class _FlawError(Exception):
    """The file has a row that only careful reading can explain."""


class _Calendar:
    """Dates that were looked at, each kept once, and lists of them that are in order."""

    def __init__(self) -> None:
        self._days: dict[str, str] = {}
        self._lists: dict[tuple[str, ...], tuple[str, ...]] = {}

    def ascending(self, days: list[str]) -> tuple[str, ...]:
        """Return dates that are in order; equal lists are one object. Raises _FlawError."""
        for day in set(days) - self._days.keys():
            if not is_day(day):
                raise _FlawError
            self._days[day] = day
        out = tuple(map(self._days.__getitem__, days))
        known = self._lists.get(out)
        if known is None:
            if not all(map(operator.lt, out, out[1:])):
                raise _FlawError
            known = self._lists[out] = out
        return known


def _read_clean(text: str) -> Observations | None:
    """Return the rows of a file with no fault, read column by column; None if there is any, or a quote."""
    head = ",".join(HEADER) + "\n"
    if not text.startswith(head) or not text.endswith("\n") or '"' in text or "\r" in text:
        return None
    out, calendar = Observations(), _Calendar()
    start, last = len(head), ("", "")
    try:
        while start < len(text):
            series, name, _ = text[start : text.index("\n", start)].split(",", 2)
            if not series or not name or (series, name) <= last:
                return None
            end = _end_of_column(text, start, f"{series},{name},")
            column = _clean_column(text[start:end], (series, name), out.runs, calendar)
            out.columns[(series, name)] = column
            out.count += len(column.days)
            start, last = end, (series, name)
    except (_FlawError, ValueError):
        return None
    return out


def _end_of_column(text: str, start: int, prefix: str) -> int:
    """Return where the lines from `start` on that begin with a prefix end, if they stand together."""
    low, high, step = start, len(text), 1 << 12
    while (at := text.find("\n", low + step) + 1) and at < high and text.startswith(prefix, at):
        low, step = at, step * 2
    high = at if 0 < at < high else high
    while high - low > 1 << 12:
        at = text.find("\n", (low + high) // 2, high - 1) + 1
        if at and text.startswith(prefix, at):
            low = at
        else:
            high = at or (low + high) // 2
    line = text.rfind("\n" + prefix, low, high)
    return text.index("\n", max(line + 1, low)) + 1


def _clean_column(block: str, key: tuple[str, str], runs: list[list[str]], calendar: _Calendar) -> Column:
    """Return the rows of one series and field, and add its runs. Raises _FlawError or ValueError.

    block: whole lines, which may still turn out to be others.
    """
    prefix = f"{key[0]},{key[1]},"
    shared = block[: block.index("\n")].split(",")[4:]
    behind = f",{','.join(shared)}"
    lines = [line[len(prefix) : -len(behind)] for line in block.split("\n")[:-1]]
    if len(shared) == 4 and prefix + (behind + "\n" + prefix).join(lines) + behind + "\n" == block:
        stretches = [(0, shared)]
        text = "\n".join([*lines, ""])
        runs.append([*key, *shared, text])
    else:
        stretches, lines = _stretches(block, key, runs)
        text = "\n".join([*lines, ""])
    for _, (unit, source, vintage, _snapshot) in stretches:
        if not unit or not source or (vintage and not is_day(vintage)) or unit != stretches[0][1][0]:
            raise _FlawError
    days = calendar.ascending([line[:10] for line in lines])
    if {line[10:11] for line in lines} != {","}:
        raise _FlawError
    texts = [line[11:] for line in lines]
    values = _clean_values(texts)
    return Column(
        days=days,
        values=values,
        shared=tuple((i, unit, source, vintage) for i, (unit, source, vintage, _) in stretches),
        text=text,
        offsets=array("q", accumulate(map(len, lines), initial=0)),
        complete="" not in texts,
    )


def _stretches(
    block: str, key: tuple[str, str], runs: list[list[str]]
) -> tuple[list[tuple[int, list[str]]], list[str]]:
    """Return the stretches of rows that share all but date and value, and the `date,value` lines."""
    rows = [line.split(",") for line in block.split("\n")[:-1]]
    if any(len(row) != len(HEADER) or (row[0], row[1]) != key for row in rows):
        raise _FlawError
    stretches: list[tuple[int, list[str]]] = []
    lines: list[str] = []
    for shared, stretch in groupby(rows, key=lambda row: row[4:]):
        own = [f"{row[2]},{row[3]}" for row in stretch]
        stretches.append((len(lines), shared))
        runs.append([*key, *shared, "\n".join([*own, ""])])
        lines += own
    return stretches, lines


def _clean_values(texts: list[str]) -> tuple[float | None, ...]:
    """Return values, each written as shortly as can be; empty is unknown. Raises _FlawError, ValueError."""
    written = [text for text in texts if text] if "" in texts else texts
    values = list(map(float, written))
    if list(map(repr, values)) != written or not all(map(math.isfinite, values)):
        raise _FlawError
    if written is texts:
        return tuple(values)
    known = iter(values)
    return tuple(next(known) if text else None for text in texts)


def _read_with_care(text: str, log: Log) -> Observations:
    out = Observations()
    if text and not text.endswith("\n"):
        log.add("csv-bad", CSV_NAME, "the last line has no end")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    good: dict[tuple[str, str], list[_Row]] = {}
    last = ("", "", "")
    try:
        if next(reader, None) != HEADER:
            log.add("csv-bad", CSV_NAME, f"the header is not {','.join(HEADER)}")
        for row in reader:
            rows.append(row)
            try:
                read = _read_row(row)
            except CheckError as error:
                log.add("row-bad", f"{CSV_NAME}:{reader.line_num}", error.what)
                continue
            key = (row[0], row[1], row[2])
            good.setdefault((row[0], row[1]), []).append(read)
            if key <= last:
                code = "row-twice" if key == last else "row-order"
                log.add(
                    code, f"{CSV_NAME}:{reader.line_num}", f"{quote(' '.join(key))} comes after {last[2]}"
                )
            last = max(last, key)
    except csv.Error as error:
        log.add("csv-bad", f"{CSV_NAME}:{reader.line_num}", f"not CSV: {error}")
    for (series, name), column in good.items():
        if len(units := sorted({row.unit for row in column})) > 1:
            log.add("unit-mixed", f"{CSV_NAME}:{series}/{name}", f"its rows have the units {quote(units)}")
        column.sort(key=lambda row: row.day)  # rows out of order are a failure already
        out.columns[(series, name)] = _careful_column(column)
    out.count, out.runs = len(rows), runs_of(rows)
    return out


def runs_of(rows: list[list[str]]) -> list[list[str]]:
    """Return rows as a page carries them: neighbours that share all but date and value become one entry."""
    whole = (row for row in rows if len(row) == len(HEADER))
    return [
        [*shared, "".join(f"{row[2]},{row[3]}\n" for row in run)]
        for shared, run in groupby(whole, key=lambda row: (row[0], row[1], *row[4:]))
    ]


class _Row(NamedTuple):
    """One row that can be read."""

    day: str
    value: float | None
    unit: str
    source: str
    vintage: str
    line: str


def _careful_column(rows: list[_Row]) -> Column:
    return Column(
        days=tuple(row.day for row in rows),
        values=tuple(row.value for row in rows),
        shared=tuple((i, row.unit, row.source, row.vintage) for i, row in enumerate(rows)),
        text="".join(row.line for row in rows),
        offsets=[0, *accumulate(len(row.line) - 1 for row in rows)],
    )


def _read_row(row: list[str]) -> _Row:
    if len(row) != len(HEADER):
        raise CheckError(f"{len(row)} fields, not {len(HEADER)}")
    series, name, day, text, unit, source, vintage, _ = row
    if not (series and name and unit and source):
        raise CheckError("series, field, unit or source is empty")
    if not is_day(day) or (vintage and not is_day(vintage)):
        raise CheckError(f"{quote(day)} or {quote(vintage)} is not a date YYYY-MM-DD")
    return _Row(day, _read_value(text), unit, source, vintage, f"{day},{text}\n")


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
