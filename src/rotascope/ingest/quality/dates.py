"""Dates that are missing, out of place or too old."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rotascope.ingest import calendar
from rotascope.ingest.quality.context import (
    PRICES,
    GateContext,
    by_series,
    finding,
    is_daily,
    listing,
    main_close,
    within_calendar,
)
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field, Frequency
from rotascope.store.series import DateArray, SeriesBlock, to_date, to_day

_SAME_CLOSES = 5  # a price in cents seldom stands still for two days
# Days after which the next value should be there; daily series by sessions, the others by calendar days.
_LATE = {Frequency.DAILY: 14, Frequency.WEEKLY: 28, Frequency.MONTHLY: 75, Frequency.QUARTERLY: 200}
_LATE_ANNUAL = 550


def calendar_gaps(blocks: Sequence[SeriesBlock], context: GateContext) -> list[Finding]:
    """Sessions of New York without a value between the first and the last one. A warning; gaps stay gaps.

    Looks at the close of daily series for which `context.nyse` holds. Sessions before 1926 are unknown
    and not asked for.
    """
    findings = []
    for block, dates in _nyse_closes(blocks, context):
        if len(dates) < 2:
            continue
        due = calendar.sessions(to_date(dates[0]), to_date(dates[-1]))
        present = np.zeros(int((dates[-1] - dates[0]).astype(np.int64)) + 1, dtype=bool)
        present[(dates - dates[0]).astype(np.int64)] = True
        missing = due[~present[(due - dates[0]).astype(np.int64)]]
        if len(missing):
            message = f"{len(missing)} of {len(due)} sessions have no value: {listing(missing)}."
            findings.append(finding("calendar_gaps", Severity.WARNING, message, block, missing))
    return findings


def off_calendar(blocks: Sequence[SeriesBlock], context: GateContext) -> list[Finding]:
    """Values on days on which New York did not trade: wrong dates, or another market. A warning."""
    findings = []
    for block, dates in _nyse_closes(blocks, context):
        stray = dates[~calendar.session_mask(dates)]
        if len(stray):
            message = f"{len(stray)} values are dated on days without a session: {listing(stray)}."
            findings.append(finding("off_calendar", Severity.WARNING, message, block, stray))
    return findings


def _nyse_closes(blocks: Sequence[SeriesBlock], context: GateContext) -> list[tuple[SeriesBlock, DateArray]]:
    """Return each daily New York close with the dates of its known values that the calendar covers."""
    out = []
    for fields in by_series(blocks).values():
        block = main_close(fields)
        if block is not None and is_daily(block) and context.nyse(block):
            out.append((block, within_calendar(block.dates[~np.isnan(block.values)])))
    return out


def future_date(blocks: Sequence[SeriesBlock], context: GateContext) -> list[Finding]:
    """A price dated after the day of the import: a mistyped year, or a forecast. Quarantined."""
    findings = []
    for block in blocks:
        if block.meta.field not in (*PRICES, Field.VOLUME) or not len(block):
            continue
        # One day of grace: it may be tomorrow already where the market is.
        late = block.dates[block.dates > to_day(context.today) + 1]
        if len(late):
            message = f"{len(late)} values are dated after {context.today}: {listing(late)}."
            findings.append(finding("future_date", Severity.QUARANTINE, message, block, late))
    return findings


def stale_tail(blocks: Sequence[SeriesBlock], context: GateContext) -> list[Finding]:
    """A close that no longer moves, or a series that ended long ago. For information.

    The last five or more closes are equal; or the last value is older than two weeks (daily), four weeks
    (weekly), 75 days (monthly), 200 days (quarterly), 550 days (annual).
    """
    findings = []
    for fields in by_series(blocks).values():
        block = main_close(fields) or next(iter(fields.values()))
        known = np.flatnonzero(~np.isnan(block.values))
        if not len(known):
            continue
        last = block.dates[known[-1]]
        age = int((to_day(context.today) - last).astype(np.int64))
        limit = _LATE.get(block.meta.frequency, _LATE_ANNUAL)
        if age > limit and block.meta.frequency is not Frequency.IRREGULAR:
            message = f"The last value is of {last}, {age} days before {context.today}."
            findings.append(finding("stale_tail", Severity.INFO, message, block, block.dates[known[-1:]]))
        if is_daily(block) and block.meta.field in PRICES:
            values = block.values[known]
            moved = np.flatnonzero(values != values[-1])
            still = len(values) - (int(moved[-1]) + 1 if len(moved) else 0)
            if still >= _SAME_CLOSES:
                days = block.dates[known[-still:]]
                message = f"The last {still} values are all {values[-1]:g}, since {days[0]}."
                findings.append(finding("stale_tail", Severity.INFO, message, block, days))
    return findings
