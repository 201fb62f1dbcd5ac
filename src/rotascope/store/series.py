"""Columns of values in memory: what parsers hand to the store and what the store hands to facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from rotascope.model.findings import Finding
from rotascope.model.observations import SeriesMeta, Source

DateArray = npt.NDArray[np.datetime64]  # datetime64[D]
FloatArray = npt.NDArray[np.float64]
_FEW_ROWS = 8


@dataclass(frozen=True, slots=True)
class SeriesBlock:
    """The values of one series and field.

    dates: shape (n,), datetime64[D], strictly ascending. values: shape (n,), float64; NaN is a value
    that the source left blank on purpose and stays unknown. refs: per-row provenance (the id of the
    publication that printed the value), or None where the source is the same for all rows.
    """

    meta: SeriesMeta
    dates: DateArray
    values: FloatArray
    refs: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.dates)


@dataclass(slots=True)
class ParsedFile:
    """What a reader made of one file: columns, the source they share, and what was wrong.

    `references`: further sources, those that the `refs` of rows name.
    """

    source: Source
    blocks: list[SeriesBlock] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    rows_read: int = 0
    reader: str = ""
    references: list[Source] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SeriesData:
    """What a read returns: values known as of a date, from one snapshot only.

    `others` names the further snapshots that carry the same series and field and were not used.
    """

    meta: SeriesMeta
    dates: DateArray
    values: FloatArray
    snapshot: str
    source: Source
    refs: tuple[str, ...] | None = None
    others: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    _lines: list[str] = field(default_factory=list, init=False, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.dates)

    def lines(self, lo: int, hi: int) -> list[str]:
        """Return rows `lo` to `hi` (exclusive), date and value as in observations.csv: `2026-01-30,1.5\\n`.

        The value is the shortest text that reads back equal; nothing if it is unknown. Facts ask for the same
        rows again and again, so a series that was asked for more than a few is written out once.
        """
        if self._lines:
            return self._lines[lo:hi]
        if hi - lo <= _FEW_ROWS:
            return _row_lines(self.dates[lo:hi], self.values[lo:hi])
        self._lines.extend(_row_lines(self.dates, self.values))
        return self._lines[lo:hi]


def _row_lines(dates: DateArray, values: FloatArray) -> list[str]:
    days = np.datetime_as_string(dates, unit="D").tolist()
    return [f"{d},{v!r}\n" if v == v else f"{d},\n" for d, v in zip(days, values.tolist(), strict=True)]


def to_date(value: np.datetime64) -> date:
    """Return a datetime64[D] as a date.

    >>> to_date(np.datetime64("2026-01-30"))
    datetime.date(2026, 1, 30)
    """
    out: date = value.astype("datetime64[D]").item()
    return out


def to_day(value: date) -> np.datetime64:
    """Return a date as datetime64[D]."""
    return np.datetime64(value, "D")
