"""What a gate may ask besides the blocks it looks at, and small things that gates share."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from rotascope.ingest import calendar
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field, Frequency
from rotascope.model.units import Unit
from rotascope.store.series import DateArray, FloatArray, SeriesBlock, to_date, to_day

Known = Callable[[str, Field], SeriesBlock | None]
BoolArray = npt.NDArray[np.bool_]
BySeries = Mapping[str, Mapping[Field, SeriesBlock]]

BAR = (Field.OPEN, Field.HIGH, Field.LOW, Field.CLOSE)
PRICES = (*BAR, Field.ADJUSTED_CLOSE, Field.TOTAL_RETURN_INDEX, Field.NAV)
CLOSES = (Field.CLOSE, Field.ADJUSTED_CLOSE, Field.TOTAL_RETURN_INDEX, Field.NAV)

# Endings of symbols that trade elsewhere (`KAP.IL`), futures, currencies and coins. `BRK.B` is American.
_ELSEWHERE = re.compile(r"\.[A-Z]{2,3}$|\.[LTVF]$|=[A-Z]$|-(USD|EUR|GBP|BTC)$", re.IGNORECASE)
_STRAY_ROWS = 0.015  # share of rows off the calendar above which a series does not keep New York hours
_LISTED = 5  # dates written out in a message


def keeps_nyse_sessions(block: SeriesBlock) -> bool:
    """Return whether a series looks like one of the New York exchange's days.

    The attribute `calendar` decides where a source states it. Otherwise a price in dollars whose symbol
    has no foreign ending does. An index level names no exchange: there the rows themselves have to keep
    the sessions, up to a few strays.
    """
    stated = block.meta.attributes.get("calendar", "")
    if stated:
        return stated.upper() in ("NYSE", "XNYS")
    if _ELSEWHERE.search(block.meta.series):
        return False
    if block.meta.unit is Unit.USD:
        return True
    if block.meta.unit is not Unit.INDEX_LEVEL:
        return False
    dates = within_calendar(block.dates)
    strays = np.count_nonzero(~calendar.session_mask(dates))
    return len(dates) > 0 and bool(strays <= _STRAY_ROWS * len(dates) + 1)


@dataclass(frozen=True, slots=True)
class GateContext:
    """What surrounds a file.

    today: the day of the import, from the caller's clock. known: the stored values of a series and field,
    or None. nyse: whether a block should have a row on each session of New York. volume_of: series of
    which others are known to copy the volume, looked up through `known`.
    """

    today: date
    known: Known = lambda _series, _field: None
    nyse: Callable[[SeriesBlock], bool] = keeps_nyse_sessions
    volume_of: tuple[str, ...] = ("GSPC", "DJI", "IXIC")


Gate = Callable[[Sequence[SeriesBlock], GateContext], list[Finding]]


def by_series(blocks: Sequence[SeriesBlock]) -> BySeries:
    """Group blocks by series, then field. Of two blocks of the same field the first one counts."""
    groups: dict[str, dict[Field, SeriesBlock]] = {}
    for block in blocks:
        groups.setdefault(block.meta.series, {}).setdefault(block.meta.field, block)
    return MappingProxyType(groups)


def main_close(fields: Mapping[Field, SeriesBlock]) -> SeriesBlock | None:
    """Return the block that stands for the price of a series: its close, or the next best thing."""
    return next((fields[f] for f in CLOSES if f in fields), None)


def is_daily(block: SeriesBlock) -> bool:
    """Return whether a block has one value a day."""
    return block.meta.frequency is Frequency.DAILY


def within_calendar(dates: DateArray) -> DateArray:
    """Return the dates that the exchange calendar covers."""
    return dates[(dates >= to_day(calendar.FIRST)) & (dates <= to_day(calendar.LAST))]


def aligned(a: SeriesBlock, b: SeriesBlock) -> tuple[DateArray, FloatArray, FloatArray]:
    """Return the dates that both blocks have and both values there, NaN where one is unknown."""
    if a.dates is b.dates or np.array_equal(a.dates, b.dates):
        return a.dates, a.values, b.values
    common, in_a, in_b = np.intersect1d(a.dates, b.dates, assume_unique=True, return_indices=True)
    return common, a.values[in_a], b.values[in_b]


def listing(dates: DateArray) -> str:
    """Write the first few dates, and how many more there are.

    >>> listing(np.array(["2026-01-02", "2026-01-05"], dtype="datetime64[D]"))
    '2026-01-02, 2026-01-05'
    """
    shown = ", ".join(str(d) for d in dates[:_LISTED])
    more = len(dates) - _LISTED
    return f"{shown} and {more} more" if more > 0 else shown


def finding(
    code: str,
    severity: Severity,
    message: str,
    block: SeriesBlock,
    dates: DateArray,
    count: int | None = None,
) -> Finding:
    """Build a finding about some dates of a block. `dates` may be empty; `count` defaults to their number."""
    return Finding(
        code=code,
        severity=severity,
        message=message,
        series=block.meta.series,
        field=str(block.meta.field),
        first=to_date(dates[0]) if len(dates) else None,
        last=to_date(dates[-1]) if len(dates) else None,
        count=len(dates) if count is None else count,
    )
