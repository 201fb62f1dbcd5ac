"""A series that is adjusted for dividends up to some day and raw after it, or the other way round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from rotascope.ingest.quality.context import (
    BoolArray,
    GateContext,
    aligned,
    by_series,
    finding,
    is_daily,
)
from rotascope.ingest.quality.lattice import (
    FACTOR_ROWS,
    cent_factor,
    common_multiple,
    is_decimal_text,
    is_round,
)
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field
from rotascope.store.series import DateArray, FloatArray, SeriesBlock

SWITCH, TAIL = "adjustment_switch", "raw_tail"

_LOW, _HIGH = 0.6, 0.9  # shares of round prices on the two sides of a switch
_GAIN = 12.0  # in nats: evidence that a change of the share has to bring
_MAX_CHANGES = 8
_MIN_ROWS = 15
_DIVIDEND = 0.9  # a lower factor is a split or a spin-off, unless it drifts
_DRIFT_ROWS = (140, 270)  # half a year and a year back
_SAME = 1e-6  # two factors closer than this are one
_EQUAL = 1e-6  # a ratio of two closes within this of one is one
_STEP = 3e-4  # a smaller step of such a ratio may be the rounding of prices to cents
_LONGEST_WAIT = 265  # sessions: a fund that pays once a year
_PATIENCE = 1.35  # a dividend is missed once this many usual intervals have passed


def adjustment_switch(blocks: Sequence[SeriesBlock], context: GateContext) -> list[Finding]:
    """A series that changes between prices adjusted for dividends and raw ones. Quarantined from there.

    A return across the switch is neither a price return nor a total return. Two ways to see it. By a
    reference: the ratio of the series to its raw close (in the file, or stored) steps up to exactly one and
    stays there past a further dividend. By the file alone: prices are whole cents on one side and carry a
    dividend factor on the other.

    A series adjusted to its last day also ends in raw prices, from its last dividend on. So the raw end
    counts only if dividends lie in it, or if it is longer than the interval between the dividends before it.
    Where prices are written with four decimals the fingerprint is weaker: that is the warning `raw_tail`.
    """
    findings = []
    for series, fields in by_series(blocks).items():
        adjusted, close = fields.get(Field.ADJUSTED_CLOSE), fields.get(Field.CLOSE)
        dividends = fields.get(Field.DIVIDEND) or context.known(series, Field.DIVIDEND)
        found = None
        if adjusted is not None and is_daily(adjusted):
            reference = close or context.known(series, Field.CLOSE)
            if reference is not None:
                found = _by_reference(adjusted, reference, dividends)
            else:
                found = _by_fingerprint(adjusted, dividends)
        if found is None and close is not None and is_daily(close):
            reference = context.known(series, Field.CLOSE)
            if reference is not None:
                found = _by_reference(close, reference, dividends)
            found = found or _by_fingerprint(close, dividends)
        if found is not None:
            findings.append(found)
    return findings


def _by_reference(
    block: SeriesBlock, reference: SeriesBlock, dividends: SeriesBlock | None
) -> Finding | None:
    """Find where the ratio to a raw close becomes one too early."""
    dates, values, raw = aligned(block, reference)
    known = (values > 0.0) & (raw > 0.0) & np.isfinite(values) & np.isfinite(raw)
    dates, ratio = dates[known], values[known] / raw[known]
    if len(ratio) < 2 * _MIN_ROWS:
        return None
    one = np.abs(ratio - 1.0) <= _EQUAL
    # By shares, as two sources print different closes on a day now and then.
    segments = _segments(one)
    if len(segments) < 2:
        return None
    first, left, last = segments[0], segments[-2], segments[-1]
    if first.share >= _HIGH and segments[1].share <= _LOW and ratio[first.stop] < 1.0:
        # Adjusting multiplies the oldest prices most: they cannot equal the raw ones when later ones do not.
        return _switch(block, dates[first.stop], "equal to the raw close before and adjusted for dividends")
    start = last.start
    if last.share < _HIGH or left.share > _LOW or not _DIVIDEND <= ratio[start - 1] < 1.0:
        return None
    # Steps of the ratio are the dividends that were adjusted for; what is smaller is rounding.
    steps = np.flatnonzero(np.abs(np.diff(np.log(ratio[:start]))) > _STEP) + 1
    if not len(steps) or not _dividend_missed(dates, start, np.diff(np.r_[steps, start])[-4:], dividends):
        return None
    return _switch(block, dates[start], "adjusted for dividends before and equal to the raw close")


def _dividend_missed(
    dates: DateArray, start: int, intervals: FloatArray, dividends: SeriesBlock | None
) -> bool:
    """Return whether a dividend must lie in the raw end that begins at row `start`.

    The dividend that ends the adjusted part is paid at `start` itself and is not missed.
    """
    if dividends is not None and len(dividends):
        paid = dividends.dates[dividends.values > 0.0]
        # A few days of grace: a source may date a dividend by its payment.
        inside = (paid > dates[start] + np.timedelta64(5, "D")) & (paid <= dates[-1])
        return bool(inside.any())
    usual = float(np.median(intervals))
    if usual < FACTOR_ROWS:  # shorter than a month: not dividends, or not measured well
        usual = _LONGEST_WAIT
    return len(dates) - start > _PATIENCE * min(usual, _LONGEST_WAIT) + 5


def _by_fingerprint(block: SeriesBlock, dividends: SeriesBlock | None) -> Finding | None:
    """Find where whole cents give way to a dividend factor or follow it, latest change first."""
    known = (block.values > 0.0) & np.isfinite(block.values)
    dates, price = block.dates[known], block.values[known]
    if len(price) < 2 * _MIN_ROWS:
        return None
    segments = _segments(is_round(price))
    for left, right in reversed(list(pairwise(segments))):
        if left.share <= _LOW and right.share >= _HIGH:
            found = _raw_end(block, dates, price, left, right, dividends)
        elif left.share >= _HIGH and right.share <= _LOW:
            found = _raw_start(block, dates, price, right)
        else:
            continue
        if found is not None:
            return found
    return None


@dataclass(frozen=True, slots=True)
class _Segment:
    start: int
    stop: int
    share: float


def _segments(round_: BoolArray) -> list[_Segment]:
    """Cut a row of yes and no where the share of yes changes, the most telling place first."""
    total = np.r_[0, np.cumsum(round_)].astype(np.float64)
    cuts = {0, len(round_)}
    todo = [(0, len(round_))]
    while todo and len(cuts) < _MAX_CHANGES + 2:
        start, stop = todo.pop()
        cut = _best_cut(total, start, stop)
        if cut is not None:
            cuts.add(cut)
            todo += [(start, cut), (cut, stop)]
    edges = sorted(cuts)
    return [_Segment(i, j, float((total[j] - total[i]) / (j - i))) for i, j in pairwise(edges)]


def _best_cut(total: FloatArray, start: int, stop: int) -> int | None:
    """Return the row that best splits `[start, stop)` into two shares, or None if no cut tells enough."""
    if stop - start < 2 * _MIN_ROWS:
        return None
    whole = total[stop] - total[start]
    if whole == 0.0 or whole == stop - start:
        return None
    cut = np.arange(start + _MIN_ROWS, stop - _MIN_ROWS + 1)
    left = total[cut] - total[start]
    gain = _likelihood(left, (cut - start).astype(np.float64))
    gain += _likelihood(whole - left, (stop - cut).astype(np.float64))
    gain -= _likelihood(np.array([whole]), np.array([float(stop - start)]))
    best = int(np.argmax(gain))
    return int(cut[best]) if gain[best] > _GAIN else None


def _likelihood(yes: FloatArray, n: FloatArray) -> FloatArray:
    """Return the greatest log likelihood of `yes` in `n` draws."""
    share = np.clip(yes / n, 1e-12, 1.0 - 1e-12)
    return np.asarray(yes * np.log(share) + (n - yes) * np.log1p(-share))


def _raw_end(
    block: SeriesBlock,
    dates: DateArray,
    price: FloatArray,
    left: _Segment,
    right: _Segment,
    dividends: SeriesBlock | None,
) -> Finding | None:
    """Judge whole cents that follow other prices: a split, the end of an adjusted series, or a switch."""
    window = price[max(left.start, right.start - FACTOR_ROWS - 1) : right.start - 1]
    factor = _factor(window)
    if factor is None or not (factor > _DIVIDEND or _drifts(price, left, factor, at_start=False)):
        return None
    as_text = is_decimal_text(window)
    before = price[left.start : right.start]
    interval = _run_back(_off_step(before, factor) <= 2.0 * _off_step(window, factor).max() + 0.003)
    if not _dividend_missed(dates[: right.stop], right.start, np.array([interval]), dividends):
        return None
    if as_text:
        return finding(
            TAIL,
            Severity.WARNING,
            f"Prices since {dates[right.start]} are whole cents; before, they carry a factor as from "
            f"adjusting for dividends, and the last one held for {interval} sessions. "
            f"Later dividends seem not to be adjusted for.",
            block,
            dates[right.start : right.stop][[0, -1]],
            right.stop - right.start,
        )
    return _switch(block, dates[right.start], "adjusted for dividends before and raw")


def _off_step(price: FloatArray, factor: float) -> FloatArray:
    """Return how far prices are from whole multiples of a factor times a cent, in parts of it, 0 to 0.5."""
    steps = price * (100.0 / factor)
    return np.asarray(np.abs(steps - np.rint(steps)))


def _run_back(on: BoolArray) -> int:
    """Return how many rows from the end belong to the last factor: nine in ten of the rows of any run."""
    back = on[::-1].astype(np.float64)
    share = np.cumsum(back) / np.arange(1, len(back) + 1)
    good = np.flatnonzero(share >= 0.9)
    return int(good[-1]) + 1 if len(good) else 0


def _raw_start(block: SeriesBlock, dates: DateArray, price: FloatArray, right: _Segment) -> Finding | None:
    """Judge whole cents that come before other prices: no adjusting leaves the oldest prices raw."""
    factor = _factor_at(price, right, 1, at_start=True)
    if factor is None or not (factor > _DIVIDEND or _drifts(price, right, factor, at_start=True)):
        return None
    return _switch(block, dates[right.start], "raw before and adjusted for dividends")


def _drifts(price: FloatArray, segment: _Segment, factor: float, *, at_start: bool) -> bool:
    """Return whether a factor changes within a year: then dividends made it, else a split or a spin-off."""
    further = (_factor_at(price, segment, back, at_start=at_start) for back in _DRIFT_ROWS)
    return any(f is not None and abs(f / factor - 1.0) > _SAME for f in further)


def _factor_at(price: FloatArray, segment: _Segment, offset: int, *, at_start: bool) -> float | None:
    """Return the factor of some rows that lie `offset` rows inside a segment, from its start or its end."""
    if at_start:
        i, j = segment.start + offset, segment.start + offset + FACTOR_ROWS
    else:
        i, j = segment.stop - offset - FACTOR_ROWS, segment.stop - offset
    if i < segment.start or j > segment.stop:
        return None
    return _factor(price[i:j])


def _factor(window: FloatArray) -> float | None:
    """Return the factor below one that prices carry; None if they are raw or only adjusted for splits."""
    if not is_decimal_text(window) and common_multiple(window) is not None:
        return None
    return cent_factor(window)


def _switch(block: SeriesBlock, day: np.datetime64, what: str) -> Finding:
    dates = block.dates[block.dates >= day]
    return finding(
        SWITCH,
        Severity.QUARANTINE,
        f"The {block.meta.field} is {what} from {day} on: returns across that day are neither price "
        f"returns nor total returns.",
        block,
        dates[[0, -1]],
        len(dates),
    )
