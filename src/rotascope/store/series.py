"""Columns of values in memory: what parsers hand to the store and what the store hands to facts."""

from __future__ import annotations

import hashlib
from dataclasses import InitVar, dataclass, field
from datetime import date
from functools import lru_cache
from typing import cast

import numpy as np
import numpy.typing as npt

from rotascope.model.findings import Finding
from rotascope.model.observations import SeriesMeta, Source

DateArray = npt.NDArray[np.datetime64]  # datetime64[D]
FloatArray = npt.NDArray[np.float64]
_FEW_ROWS = 8
_DAYS = np.dtype("datetime64[D]")


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


class RowText:
    """The rows of a series as observations.csv and digests have them, each written out once.

    Rows that were read stay what they are, so reads of the same block may share one of these.
    """

    __slots__ = ("_dates", "_digests", "_values", "_written")

    def __init__(self, dates: DateArray, values: FloatArray) -> None:
        self._dates = dates
        self._values = values
        # the text of the first rows, and where in it each row begins and the last one ends, shape (n + 1,)
        self._written: tuple[str, npt.NDArray[np.intp]] = "", np.zeros(1, dtype=np.intp)
        self._digests: dict[tuple[str, int, int], str] = {}

    def text(self, lo: int, hi: int, known: int) -> str:
        """Return rows `lo` to `hi` (exclusive), date and value: `2026-01-30,1.5\\n` for each.

        The value is the shortest text that reads back equal; nothing if it is unknown. Facts ask for the same
        rows again and again, so a series that was asked for more than a few is written out as a whole, up to
        the `known` rows that its reader may see.
        """
        text, ends = self._written
        if hi >= len(ends):
            if hi - lo <= _FEW_ROWS:
                return "".join(_row_lines(self._dates[lo:hi], self._values[lo:hi]))
            text, ends = self._written = self._more(text, ends, known)
        return text[ends[lo] : ends[hi]]

    def _more(self, text: str, ends: npt.NDArray[np.intp], upto: int) -> tuple[str, npt.NDArray[np.intp]]:
        done = len(ends) - 1
        lines = _row_lines(self._dates[done:upto], self._values[done:upto])
        more = np.cumsum(list(map(len, lines)), dtype=np.intp) + ends[-1]
        return text + "".join(lines), np.concatenate([ends, more])

    def digest(self, head: str, lo: int, hi: int, known: int) -> str:
        """Return the sha256 of a first line and of rows as in `text`, in hex."""
        key = (head, lo, hi)
        if key not in self._digests:
            self._digests[key] = hashlib.sha256(f"{head}\n{self.text(lo, hi, known)}".encode()).hexdigest()
        return self._digests[key]


def _row_lines(dates: DateArray, values: FloatArray) -> list[str]:
    days = np.datetime_as_string(dates, unit="D").tolist()
    return [f"{d},{v!r}\n" if v == v else f"{d},\n" for d, v in zip(days, values.tolist(), strict=True)]


@dataclass(frozen=True, slots=True, eq=False)  # one is equal to itself alone, so that it can be a key
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
    written: InitVar[RowText | None] = None  # that of the block, where these are its first rows
    _text: RowText = field(init=False, repr=False)

    def __post_init__(self, written: RowText | None) -> None:
        object.__setattr__(self, "_text", written or RowText(self.dates, self.values))

    def __len__(self) -> int:
        return len(self.dates)

    def text(self, lo: int, hi: int) -> str:
        """Return rows `lo` to `hi` (exclusive), date and value as in observations.csv, see `RowText.text`."""
        return self._text.text(lo, hi, len(self))

    def digest(self, lo: int, hi: int) -> str:
        """Return the sha256 of rows `lo` to `hi` (exclusive), as docs/bundle-format.md defines it, in hex."""
        return self._text.digest(f"{self.meta.series},{self.meta.field}", lo, hi, len(self))


def to_date(value: np.datetime64) -> date:
    """Return a datetime64[D] as a date.

    >>> to_date(np.datetime64("2026-01-30"))
    datetime.date(2026, 1, 30)
    """
    return cast(date, (value if value.dtype == _DAYS else value.astype(_DAYS)).item())


@lru_cache(maxsize=4096)  # a report asks for the same few hundred days ten thousand times
def to_day(value: date) -> np.datetime64:
    """Return a date as datetime64[D]."""
    return np.datetime64(value, "D")
