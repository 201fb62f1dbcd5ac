"""Prices that no market can have printed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rotascope.ingest.quality.context import (
    PRICES,
    BoolArray,
    GateContext,
    aligned,
    by_series,
    finding,
    listing,
)
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.series import SeriesBlock

# Vendors keep prices in single precision (6e-8) and multiply them for dividends: some 1e-7 of noise.
_FLOAT_NOISE = 2e-6


def non_positive_price(blocks: Sequence[SeriesBlock], context: GateContext) -> list[Finding]:
    """A price of zero or less, or infinity: a placeholder, not a price. The series is quarantined.

    Looks at price fields in dollars or index points; a blank is not a finding.
    """
    findings = []
    for block in blocks:
        if block.meta.field not in PRICES or block.meta.unit not in (Unit.USD, Unit.INDEX_LEVEL):
            continue
        bad = (block.values <= 0.0) | np.isinf(block.values)
        if bad.any():
            dates = block.dates[bad]
            findings.append(
                finding(
                    "non_positive_price",
                    Severity.QUARANTINE,
                    f"{len(dates)} prices are zero, negative or infinite: {listing(dates)}.",
                    block,
                    dates,
                )
            )
    return findings


def high_low_order(blocks: Sequence[SeriesBlock], context: GateContext) -> list[Finding]:
    """A day whose high lies below its low, or whose open or close lies outside them.

    Differences within the noise of single precision do not count. A warning on the field that is out of
    line; nothing says which of the prices is wrong.
    """
    findings = []
    for fields in by_series(blocks).values():
        high, low = fields.get(Field.HIGH), fields.get(Field.LOW)
        if high is not None and low is not None:
            findings += _outside(high, low, "above", "the high lies below the low")
        for name in (Field.OPEN, Field.CLOSE):
            block = fields.get(name)
            if block is None:
                continue
            if high is not None:
                findings += _outside(high, block, "above", f"the {name} lies above the high")
            if low is not None:
                findings += _outside(block, low, "below", f"the {name} lies below the low")
    return findings


def _outside(upper: SeriesBlock, lower: SeriesBlock, side: str, what: str) -> list[Finding]:
    """Find the dates on which `upper` is less than `lower`, reported on the one that `side` puts at fault."""
    dates, high, low = aligned(upper, lower)
    with np.errstate(invalid="ignore"):  # infinities are the business of `non_positive_price`
        bad: BoolArray = high < low - _FLOAT_NOISE * np.abs(low)
    if not bad.any():
        return []
    at_fault = lower if side == "above" else upper
    days = dates[bad]
    message = f"On {len(days)} days {what}: {listing(days)}."
    return [finding("high_low_order", Severity.WARNING, message, at_fault, days)]
