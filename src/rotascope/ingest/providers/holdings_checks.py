"""Whether the holdings of a fund go together: weights with their sum and with market values, and signs."""

from __future__ import annotations

import numpy as np

from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field
from rotascope.store.series import ParsedFile, SeriesBlock

_TOTAL = (80.0, 120.0)  # percent; all weights of a fund add up to 100, but for rounding and derivatives
_TOLD = 0.05  # percent; below, a weight of two decimals says little
_APART = 2.0


def holdings_findings(fund: str, parsed: ParsedFile) -> list[Finding]:
    """Return what does not go together in the holdings of one day.

    implausible_units: the weights add up to less than 80 or more than 120 percent, so that weights, values or
    counts are in other units; the whole file is quarantined. weight_and_value: a weight that is not in
    proportion to its market value. negative_value: a share of a company held in a negative amount, or shares
    outstanding that are not above zero (quarantined). blank_values: rows without a weight.
    """
    held = [b for b in parsed.blocks if b.meta.series.startswith(f"HOLD.{fund}.")]
    weights = {b.meta.series: float(b.values[0]) for b in held if b.meta.field is Field.WEIGHT}
    values = {b.meta.series: float(b.values[0]) for b in held if b.meta.field is Field.MARKET_VALUE}
    findings = _total(fund, weights) + _proportion(weights, values)
    for block in parsed.blocks:
        findings += _negative(fund, block)
    rejected = sum(f.count for f in parsed.findings if f.severity is Severity.REJECTED and f.row is not None)
    blank = parsed.rows_read - rejected - len(weights)
    if parsed.blocks and blank > 0:
        message = f"{blank} holdings of {fund} have no weight; they count as unknown."
        findings.append(Finding("blank_values", Severity.INFO, message, count=blank))
    return findings


def _total(fund: str, weights: dict[str, float]) -> list[Finding]:
    total = sum(weights.values())
    if not weights or _TOTAL[0] <= total <= _TOTAL[1]:
        return []
    message = f"The weights of {fund} add up to {total:.4g} percent: other units, it seems."
    return [Finding("implausible_units", Severity.QUARANTINE, message, count=len(weights))]


def _proportion(weights: dict[str, float], values: dict[str, float]) -> list[Finding]:
    both = [s for s in weights if abs(weights[s]) >= _TOLD and values.get(s)]
    if len(both) < 3:
        return []
    ratio = np.array([values[s] / weights[s] for s in both])
    usual = float(np.median(ratio))
    return [
        Finding(
            "weight_and_value",
            Severity.WARNING,
            f"The weight of {series} is {weights[series]:g} percent; its market value speaks of "
            f"{values[series] / usual:.3g}.",
            series=series,
        )
        for series, one in zip(both, ratio, strict=True)
        if not 1.0 / _APART <= one / usual <= _APART
    ]


def _negative(fund: str, block: SeriesBlock) -> list[Finding]:
    series, field, value = block.meta.series, block.meta.field, float(block.values[0])
    if series == fund and field is Field.SHARES and value <= 0.0:
        message = f"The shares outstanding of {fund} are {value:g}."
        return [Finding("negative_value", Severity.QUARANTINE, message, series=series, field=str(field))]
    if value < 0.0 and block.meta.attributes.get("asset_class") == "Equity":
        message = f"The {field} of {series} is {value:g}, and funds hold no company in the negative."
        return [Finding("negative_value", Severity.WARNING, message, series=series, field=str(field))]
    return []
