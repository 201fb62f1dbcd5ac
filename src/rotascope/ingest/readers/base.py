"""What all readers share: the context of one file, its findings, and how columns become blocks."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from rotascope.ingest.quality.duplicates import collapse_duplicates
from rotascope.ingest.readers.sample import Sample
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import SeriesMeta, Source
from rotascope.store.series import DateArray, FloatArray, ParsedFile, SeriesBlock, to_date, to_day

MAX_ROW_FINDINGS = 25
"""Rows named one by one for each code; the rest are counted in one further finding."""

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user says about a file that does not say it itself.

    `date` is the day that undated holdings describe. It is not used where the file states a date.
    """

    date: date | None = None


@dataclass(slots=True)
class Context:
    """One file being read, and what was found wrong with it so far."""

    path: Path
    data: bytes
    retrieved_at: datetime
    options: ReadOptions = field(default_factory=ReadOptions)
    findings: list[Finding] = field(default_factory=list)
    _rows: Counter[str] = field(default_factory=Counter)
    _digest: str = ""

    @property
    def name(self) -> str:
        """Return the file's name as findings show it, with its folder."""
        return f"{self.path.parent.name}/{self.path.name}" if self.path.parent.name else self.path.name

    @property
    def digest(self) -> str:
        """Return the sha256 of the raw bytes, in hex."""
        if not self._digest:
            self._digest = hashlib.sha256(self.data).hexdigest()
        return self._digest

    @property
    def today(self) -> date:
        """Return the day the bytes were fetched: no value can be dated after it."""
        return self.retrieved_at.date()

    def note(
        self,
        code: str,
        severity: Severity,
        message: str,
        *,
        series: str = "",
        field: str = "",
        count: int = 1,
        dates: DateArray | None = None,
    ) -> None:
        """Record a finding about the file or one of its series."""
        known = dates is not None and len(dates) > 0
        self.findings.append(
            Finding(
                code=code,
                severity=severity,
                message=message,
                series=series,
                field=field,
                file=self.name,
                first=to_date(dates.min()) if known and dates is not None else None,
                last=to_date(dates.max()) if known and dates is not None else None,
                count=count,
            )
        )

    def reject_row(self, code: str, row: int, message: str) -> None:
        """Record that one row did not come in. `row` counts lines from 1, the header included."""
        self._rows[code] += 1
        if self._rows[code] <= MAX_ROW_FINDINGS:
            self.findings.append(
                Finding(code=code, severity=Severity.REJECTED, message=message, file=self.name, row=row)
            )

    def source(
        self,
        id: str,
        publisher: str,
        *,
        title: str = "",
        url: str = "",
        licence: str = "",
        published: date | None = None,
    ) -> Source:
        """Return the source of this file. With an `id` ending in ``:`` the content's digest is added."""
        return Source(
            id=id + self.digest[:8] if id.endswith(":") else id,
            publisher=publisher,
            title=title or self.path.name,
            url=url,
            licence=licence,
            published=published,
            retrieved_at=self.retrieved_at,
            sha256=self.digest,
        )

    def finish(self, source: Source, blocks: list[SeriesBlock], rows_read: int) -> ParsedFile:
        """Return what was read. Findings past the limit for one code become one that counts them."""
        for code, seen in self._rows.items():
            if seen > MAX_ROW_FINDINGS:
                more = seen - MAX_ROW_FINDINGS
                message = f"{more} more rows of {self.name} were left out for the same reason ({code})."
                self.note(code, Severity.REJECTED, message, count=more)
        self._rows.clear()
        return ParsedFile(source=source, blocks=blocks, findings=self.findings, rows_read=rows_read)


@dataclass(frozen=True, slots=True)
class Reader:
    """One format: how to know it, and how to read it."""

    name: str
    matches: Callable[[Sample], bool]
    parse: Callable[[Context], ParsedFile]

    def read(
        self,
        path: Path,
        data: bytes,
        *,
        retrieved_at: datetime,
        options: ReadOptions | None = None,
    ) -> ParsedFile:
        """Read one file.

        Parameters: path names the file (nothing is read from it); data is its whole content;
        retrieved_at is when the bytes were fetched or imported: rows dated later are rejected.
        Returns: blocks with strictly ascending dates, and a finding for whatever did not come in.
        Bad content gives findings, not exceptions.
        """
        context = Context(path, data, retrieved_at, options or ReadOptions())
        parsed = self.parse(context)
        parsed.reader = self.name
        return parsed


def attributes(**values: str) -> Mapping[str, str]:
    """Return the attributes of a series; empty ones are left out."""
    return MappingProxyType({key: value for key, value in values.items() if value})


def build_block(
    context: Context, meta: SeriesMeta, dates: DateArray, values: FloatArray, *, keep_blank: bool
) -> SeriesBlock | None:
    """Return a block in date order, or None if no value is left.

    Parameters: dates, shape (n,), any order; values, shape (n,), NaN = blank. With `keep_blank` a
    blank is stored as unknown; without it the date is left out of the block. Equal rows of one date
    become one, and of rows that contradict each other none is kept: both are findings.
    """
    if not keep_blank:
        present = ~np.isnan(values)
        if not bool(present.all()):
            dates, values = dates[present], values[present]
    if len(dates) == 0:
        return None
    dates, values, found = collapse_duplicates(dates, values, series=meta.series, field=str(meta.field))
    context.findings.extend(replace(f, file=context.name) for f in found)
    return SeriesBlock(meta=meta, dates=dates, values=values) if len(dates) else None


def reject_future(context: Context, dates: DateArray, rows: IntArray) -> BoolArray:
    """Return a mask of the rows dated on or before the day of retrieval; the others are findings."""
    good = dates <= to_day(context.today)
    for at in np.flatnonzero(~good):
        day = to_date(dates[at])
        context.reject_row(
            "future_date",
            int(rows[at]),
            f"Line {int(rows[at])} is dated {day}, after the file was retrieved on {context.today}.",
        )
    return good


def nothing(context: Context, code: str, severity: Severity, message: str, *, rows: int = 0) -> ParsedFile:
    """Return a file from which no values came, with the finding that says why."""
    context.note(code, severity, message, count=max(rows, 1))
    return context.finish(context.source("file:", "local file"), [], rows)


def join_names(names: Sequence[str], limit: int = 8) -> str:
    """Return names as a list for a message, the first few of a long one."""
    shown = ", ".join(names[:limit])
    return f"{shown} and {len(names) - limit} more" if len(names) > limit else shown
