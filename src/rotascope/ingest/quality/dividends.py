"""Whether dividends, closes and adjusted closes of one source go together.

On the day a dividend d comes off, the ratio of adjusted close to close rises by d / (the close before).
Three columns state two facts, so that most errors in one of them show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rotascope.ingest.quality.context import GateContext, by_series, finding, is_daily, listing
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field
from rotascope.store.series import DateArray, FloatArray, SeriesBlock

_ROUNDING = 3e-4  # dividends in cents of cents, closes in single precision
_SHARE = 0.1  # of the dividend
_GRAVE = 0.01  # of the price: beyond, total returns are wrong by what a reader sees
_LARGE = 0.1  # a dividend of a tenth of the price moves the price
_FELL = 0.3  # of the dividend, at least, where it was paid
_CLOSE_BY = 7  # days
_ALIKE = 0.15
_SCALE = (100.0, 0.25)  # a factor of a hundred, give or take
_DIGITS = 0.005
_OTHERS = 3


@dataclass(frozen=True, slots=True)
class _Paid:
    """Dividends with the prices around them. step: what the adjusted close says, as part of the price."""

    dates: DateArray
    amount: FloatArray
    share: FloatArray  # of the close before
    fell: FloatArray  # part of the price that was lost on the day
    step: FloatArray  # NaN where there is no adjusted close


def dividends(blocks: Sequence[SeriesBlock], context: GateContext) -> list[Finding]:
    """Dividends that do not go with the closes and adjusted closes around them. See `dividend_findings`.

    Looks at daily series with dividends. A warning, or a quarantine where a hundredth of the price or more is
    at stake.
    """
    return dividend_findings(blocks)


def dividend_findings(blocks: Sequence[SeriesBlock], *, told: bool = False) -> list[Finding]:
    """Return what does not go together, for each daily series with a close and dividends.

    dividend_adjustment: the adjusted close moves by another amount than the dividend, or by one without a
    dividend. dividend_too_large: a tenth of the price and more, and the price did not fall.
    repeated_dividend: nearly the same, or a hundred times the same, within a week. dividend_scale: the digits
    of the one before or after with the point two places off.

    told: the source states dividends, so that a series without any had none; otherwise such a series is not
    asked how its adjusted close moves.
    """
    findings: list[Finding] = []
    for fields in by_series(blocks).values():
        close, paid = fields.get(Field.CLOSE), fields.get(Field.DIVIDEND)
        if close is None or not is_daily(close):
            continue
        adjusted = fields.get(Field.ADJUSTED_CLOSE)
        if adjusted is not None and (told or paid is not None):
            findings += _adjustment(fields, close, adjusted)
        if paid is not None and len(paid):
            known = _paid(close, paid)
            findings += _too_large(paid, known) + _repeated(paid, known) + _scale(paid, known)
    return findings


def _paid(close: SeriesBlock, paid: SeriesBlock) -> _Paid:
    dates, price = _known(close)
    at = np.searchsorted(dates, paid.dates)
    usable = (at > 0) & (at < len(dates)) & (paid.values > 0.0)
    at = at[usable]
    before, after = price[at - 1], price[at]
    amount = paid.values[usable]
    return _Paid(paid.dates[usable], amount, amount / before, 1.0 - after / before, np.full(len(at), np.nan))


def _known(block: SeriesBlock) -> tuple[DateArray, FloatArray]:
    known = np.isfinite(block.values) & (block.values > 0.0)
    return block.dates[known], block.values[known]


def _adjustment(
    fields: Mapping[Field, SeriesBlock], close: SeriesBlock, adjusted: SeriesBlock
) -> list[Finding]:
    """Compare each step of adjusted close over close with the dividend of the day."""
    dates, price = _known(close)
    keep = np.isin(dates, adjusted.dates)
    dates, price = dates[keep], price[keep]
    if len(dates) < 2:
        return []
    factor = adjusted.values[np.searchsorted(adjusted.dates, dates)] / price
    with np.errstate(divide="ignore", invalid="ignore"):
        step = 1.0 - factor[:-1] / factor[1:]
    due = np.zeros(len(step))
    block = fields.get(Field.DIVIDEND)
    if block is not None:
        # A dividend on a day without a close comes off by the next one.
        at = np.searchsorted(dates, block.dates)
        inside = (at > 0) & (at < len(dates)) & np.isfinite(block.values)
        np.add.at(due, at[inside] - 1, block.values[inside] / price[at[inside] - 1])
    off = np.abs(step - due)
    bad = np.isfinite(step) & (off > np.maximum(_ROUNDING, _SHARE * due)) & (off > _noise(price))
    if not bad.any():
        return []
    days, worst = dates[1:][bad], float(off[bad].max())
    message = (
        f"On {len(days)} days the adjusted close does not move by the dividend: {listing(days)}. "
        f"The largest difference is {worst:.2%} of the price."
    )
    severity = Severity.QUARANTINE if worst >= _GRAVE else Severity.WARNING
    return [finding("dividend_adjustment", severity, message, adjusted, days)]


def _noise(price: FloatArray) -> FloatArray:
    """Return what rounding prices to four places, or to single precision, may make of a step."""
    return 2.0 * (1e-4 / price[1:] + 1e-4 / price[:-1])


def _too_large(block: SeriesBlock, paid: _Paid) -> list[Finding]:
    bad = (paid.share > _LARGE) & (paid.fell < _FELL * np.minimum(paid.share, 1.0))
    if not bad.any():
        return []
    days = paid.dates[bad]
    worst = float(paid.share[bad].max())
    message = (
        f"{len(days)} dividends of up to {worst:.0%} of the price left it where it was: {listing(days)}."
    )
    return [finding("dividend_too_large", Severity.QUARANTINE, message, block, days)]


def _repeated(block: SeriesBlock, paid: _Paid) -> list[Finding]:
    if len(paid.dates) < 2:
        return []
    near = np.diff(paid.dates).astype(np.int64) <= _CLOSE_BY
    ratio = paid.amount[1:] / paid.amount[:-1]
    alike = (np.abs(ratio - 1.0) <= _ALIKE) | _is_scaled(ratio) | _is_scaled(1.0 / ratio)
    weekly = float(np.median(np.diff(paid.dates).astype(np.int64))) <= _CLOSE_BY
    bad = near & alike
    if weekly or not bad.any():
        return []
    days = paid.dates[1:][bad]
    message = f"{len(days)} dividends come within a week of one much like them: {listing(days)}."
    return [finding("repeated_dividend", Severity.WARNING, message, block, days)]


def _scale(block: SeriesBlock, paid: _Paid) -> list[Finding]:
    if len(paid.amount) <= _OTHERS:
        return []
    usual = np.median(paid.amount)
    far = (paid.amount > 10.0 * usual) | (paid.amount < 0.1 * usual)
    ratio = paid.amount[1:] / paid.amount[:-1]
    same_digits = (np.abs(ratio / 100.0 - 1.0) <= _DIGITS) | (np.abs(ratio * 100.0 - 1.0) <= _DIGITS)
    bad = far & (np.r_[False, same_digits] | np.r_[same_digits, False])
    if not bad.any():
        return []
    days = paid.dates[bad]
    message = (
        f"{len(days)} dividends are a hundredth or a hundredfold of the ones beside them: {listing(days)}."
    )
    return [finding("dividend_scale", Severity.WARNING, message, block, days)]


def _is_scaled(ratio: FloatArray) -> np.ndarray:
    return np.abs(ratio / _SCALE[0] - 1.0) <= _SCALE[1]
