"""Values that have the right form and cannot be right: other units, another sign.

The quality gates look at prices. What follows is about rates and returns, where a value of 0.045 in place of
4.5 is a number like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np

from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field, Frequency
from rotascope.model.units import Unit
from rotascope.store.series import DateArray, FloatArray, SeriesBlock, to_date

Known = Callable[[str, Field], SeriesBlock | None]

_FACTORS = (100.0, 1000.0, 10_000.0)
_ENOUGH = 5  # common dates below which nothing is said
_AMOUNTS = (Unit.USD, Unit.COUNT, Unit.INDEX_LEVEL)
_BY_DAY = (Field.SHARES, Field.WEIGHT, Field.MARKET_VALUE)
_DAY_NEAR = 0.35  # in logs: what a day may do besides
_NEAR = 0.02  # how far from a factor a ratio may be: rounding, small revisions
# The median absolute return of a broad portfolio lies between these, in percent: real ones stay well inside.
_RETURNS = {Frequency.DAILY: (0.02, 8.0), Frequency.WEEKLY: (0.06, 20.0), Frequency.MONTHLY: (0.12, 40.0)}
_MOST = 400.0
_RATES = (0.25, 60.0)  # the highest rate of a long series, in percent
_LONG = 250


def implausible_returns(blocks: Sequence[SeriesBlock]) -> list[Finding]:
    """Returns of portfolios that are too small or too large, as a whole, to be in percent. Quarantined.

    Looks at the blocks in percent of one frequency together, so that one quiet column (the bill rate) does
    not count for the rest.
    """
    findings = []
    for frequency, (low, high) in _RETURNS.items():
        group = [b for b in blocks if b.meta.unit is Unit.PERCENT and b.meta.frequency is frequency]
        sizes = [float(np.nanmedian(np.abs(b.values))) for b in group if np.any(~np.isnan(b.values))]
        if not sizes:
            continue
        usual = float(np.median(sizes))
        if not low <= usual <= high:
            findings += [_units(b, f"a usual {frequency} return of {usual:.4g}") for b in group]
    return findings


def impossible_returns(blocks: Sequence[SeriesBlock]) -> list[Finding]:
    """Returns in percent below -100, or beyond five times one's money in a month or less. Quarantined."""
    findings = []
    for block in blocks:
        if block.meta.unit is not Unit.PERCENT or block.meta.frequency not in _RETURNS:
            continue
        bad = (block.values < -100.0) | (block.values > _MOST)
        if bad.any():
            days = block.dates[bad]
            message = f"{len(days)} returns of {block.meta.series} cannot be, the first on {days[0]}."
            findings.append(_finding("impossible_return", message, block, len(days)))
    return findings


def implausible_rates(blocks: Sequence[SeriesBlock]) -> list[Finding]:
    """Interest rates that never reach a quarter of a percent, or exceed 60, in a long series. Quarantined."""
    findings = []
    for block in blocks:
        values = block.values[~np.isnan(block.values)]
        if block.meta.unit is not Unit.PERCENT or not len(values):
            continue
        top = float(np.abs(values).max())
        if top > _RATES[1] or (top < _RATES[0] and len(values) >= _LONG):
            findings.append(_units(block, f"a highest rate of {top:.4g}"))
    return findings


def rate_jumps(blocks: Sequence[SeriesBlock]) -> list[Finding]:
    """A rate that is a hundred or a thousand times, or a part of, the one before. Quarantined.

    Rates below a twentieth of a percent are left alone: there such a step can be real.
    """
    findings = []
    for block in blocks:
        if block.meta.unit is not Unit.PERCENT:
            continue
        known = ~np.isnan(block.values)
        values, dates = np.abs(block.values[known]), block.dates[known]
        before, after = values[:-1], values[1:]
        large = np.maximum(before, after) >= 2.0
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.abs(np.log10(after / before))
        bad = large & np.isfinite(step) & ((np.abs(step - 2.0) < 0.12) | (np.abs(step - 3.0) < 0.12))
        bad &= np.minimum(before, after) >= 0.02
        if bad.any():
            at = int(np.flatnonzero(bad)[0]) + 1
            old, new = block.values[known][at - 1], block.values[known][at]
            message = (
                f"{block.meta.series} goes from {old:g} to {new:g} on {dates[at]}: other units, it seems."
            )
            findings.append(_finding("unit_jump", message, block, int(bad.sum())))
    return findings


def compare_with_stored(blocks: Sequence[SeriesBlock], known: Known) -> list[Finding]:
    """Return what cannot be right about new values beside the stored ones.

    restated_units, restated_sign (quarantined): a hundred times, a hundredth or the negative of what is
    stored for the same dates. Adjusted closes are left out: each dividend restates them as a whole.
    unit_jump (quarantined): some values of amounts, counts or indices are such a multiple of the stored ones.
    changed_within_release (a warning): other values though the source states the release, or the filing, that
    is stored. Holdings and shares outstanding, of which a file has one day, are held against the day before.
    known: returns the stored values of a series and field, or None.
    """
    return (
        _restated(blocks, known)
        + _some_restated(blocks, known)
        + _day_by_day(blocks, known)
        + _within_release(blocks, known)
        + _within_filing(blocks, known)
    )


def _some_restated(blocks: Sequence[SeriesBlock], known: Known) -> list[Finding]:
    """Find values of amounts, counts and indices, not prices, of which some are now a hundredfold."""
    findings = []
    for block in blocks:
        stored = known(block.meta.series, block.meta.field)
        if stored is None or block.meta.field is not Field.VALUE or block.meta.unit not in _AMOUNTS:
            continue
        dates, new, old = _common(block, stored)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.abs(np.log10(np.abs(new / old)))
        near = np.min(np.abs(step[:, None] - np.log10(_FACTORS)), axis=1) < _NEAR / np.log(10.0)
        count = int(np.count_nonzero(near))
        if 0 < count < 0.9 * len(dates):
            day = dates[near][0]
            message = (
                f"{count} values of {block.meta.series} are a hundred or more times, or a part of, what is "
                f"stored, the first on {day}: other units, it seems."
            )
            findings.append(_finding("unit_jump", message, block, count))
    return findings


def _day_by_day(blocks: Sequence[SeriesBlock], known: Known) -> list[Finding]:
    """Compare holdings, and shares outstanding, which come one day at a time, with the last stored day."""
    groups: dict[tuple[str, Field], list[tuple[SeriesBlock, float]]] = {}
    for block in blocks:
        stored = known(block.meta.series, block.meta.field)
        if stored is None or block.meta.field not in _BY_DAY or not len(block) or not len(stored):
            continue
        new, old = abs(float(block.values[-1])), abs(float(stored.values[-1]))
        if new > 0.0 and old > 0.0:
            head = block.meta.series.split(".")[:2] if block.meta.series.startswith("HOLD.") else []
            group = ".".join(head) or block.meta.series
            groups.setdefault((group, block.meta.field), []).append((block, new / old))
    findings = []
    for (name, field), pairs in groups.items():
        usual = float(np.median([ratio for _, ratio in pairs]))
        factor = next((f for f in _FACTORS for r in (f, 1.0 / f) if abs(np.log(usual / r)) < _DAY_NEAR), None)
        if factor is None or (name.startswith("HOLD.") and len(pairs) < _ENOUGH):
            continue
        message = f"The {field} of {name} is {usual:.4g} times that of the day before: other units, it seems."
        findings += [_finding("restated_units", message, block, len(block)) for block, _ in pairs]
    return findings


def _within_filing(blocks: Sequence[SeriesBlock], known: Known) -> list[Finding]:
    """Find values that differ though they name the same publication as the stored ones."""
    findings = []
    for block in blocks:
        stored = known(block.meta.series, block.meta.field)
        if stored is None or block.refs is None or stored.refs is None:
            continue
        old = {day: (ref, v) for day, ref, v in zip(stored.dates, stored.refs, stored.values, strict=True)}
        changed = [
            day
            for day, ref, value in zip(block.dates, block.refs, block.values, strict=True)
            if day in old and ref and old[day][0] == ref and not np.isclose(old[day][1], value, rtol=1e-9)
        ]
        if changed:
            message = (
                f"{len(changed)} values of {block.meta.series} differ from those stored of the same filing, "
                f"the first on {changed[0]}."
            )
            findings.append(_changed(block, message, to_date(changed[0]), len(changed)))
    return findings


def _changed(block: SeriesBlock, message: str, first: date | None, count: int) -> Finding:
    meta = block.meta
    return Finding(
        "changed_within_release",
        Severity.WARNING,
        message,
        series=meta.series,
        field=str(meta.field),
        first=first,
        count=count,
    )


def _within_release(blocks: Sequence[SeriesBlock], known: Known) -> list[Finding]:
    findings = []
    for block in blocks:
        stored = known(block.meta.series, block.meta.field)
        label = block.meta.attributes.get("vintage_label")
        if stored is None or not label or stored.meta.attributes.get("vintage_label") != label:
            continue
        dates, left, right = np.intersect1d(
            block.dates, stored.dates, assume_unique=True, return_indices=True
        )
        new, old = block.values[left], stored.values[right]
        changed = ~np.isclose(new, old, rtol=1e-9, atol=0.0, equal_nan=True)
        if changed.any() or len(dates) != len(stored.dates):
            count = int(changed.sum()) + len(stored.dates) - len(dates)
            first = to_date(dates[changed][0]) if changed.any() else None
            message = f"{count} values of {block.meta.series} differ from those stored, of the same {label}."
            findings.append(_changed(block, message, first, count))
    return findings


def _restated(blocks: Sequence[SeriesBlock], known: Known) -> list[Finding]:
    findings = []
    for block in blocks:
        stored = known(block.meta.series, block.meta.field)
        if stored is None or block.meta.field is Field.ADJUSTED_CLOSE:
            continue
        ratio = _ratio(block, stored)
        if ratio is None:
            continue
        factor = next((f for f in _FACTORS for r in (f, 1.0 / f) if abs(abs(ratio) / r - 1.0) < _NEAR), None)
        if factor is not None:
            message = f"{block.meta.series} is {ratio:.4g} times what is stored: other units, it seems."
            findings.append(_finding("restated_units", message, block, len(block)))
        elif abs(ratio + 1.0) < _NEAR:
            message = f"{block.meta.series} has the opposite sign of what is stored for the same dates."
            findings.append(_finding("restated_sign", message, block, len(block)))
    return findings


def _common(new: SeriesBlock, old: SeriesBlock) -> tuple[DateArray, FloatArray, FloatArray]:
    """Return the dates on which both are known and not zero, and both values there."""
    dates, left, right = np.intersect1d(new.dates, old.dates, assume_unique=True, return_indices=True)
    a: FloatArray = new.values[left]
    b: FloatArray = old.values[right]
    usable = np.isfinite(a) & np.isfinite(b) & (a != 0.0) & (b != 0.0)
    return dates[usable], a[usable], b[usable]


def _ratio(new: SeriesBlock, old: SeriesBlock) -> float | None:
    """Return the ratio of new to stored values if it is the same on nearly all common dates."""
    dates, a, b = _common(new, old)
    if len(dates) < _ENOUGH:
        return None
    ratios = a / b
    middle = float(np.median(ratios))
    agree = np.abs(ratios / middle - 1.0) < _NEAR
    return middle if np.count_nonzero(agree) >= 0.9 * len(ratios) else None


def _units(block: SeriesBlock, what: str) -> Finding:
    message = f"{block.meta.series} would have {what}: not in {block.meta.unit}, it seems."
    return _finding("implausible_units", message, block, len(block))


def _finding(code: str, message: str, block: SeriesBlock, count: int) -> Finding:
    return Finding(
        code,
        Severity.QUARANTINE,
        message,
        series=block.meta.series,
        field=str(block.meta.field),
        first=to_date(block.dates[0]),
        last=to_date(block.dates[-1]),
        count=count,
    )
