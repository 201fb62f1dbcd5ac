"""Volumes that are not the volume of the series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np

from rotascope.ingest.quality.context import PRICES, GateContext, aligned, finding, listing
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.series import SeriesBlock

_MANY = 0.01  # share of zero days above which the volume says little
_SAME = 0.98  # share of equal days above which one series copies the other
_ENOUGH = 20  # common days below which nothing is said
_LEVELS = (Unit.INDEX_LEVEL, Unit.PERCENT)


def zero_volume(blocks: Sequence[SeriesBlock], context: GateContext) -> list[Finding]:
    """Days with a price and no trade. A few are for information, more than 1% of days are a warning.

    A series whose volume is zero throughout is for information, and so is an index or a yield with any number
    of such days: neither is traded, and what volume a source gives them has no meaning of its own.
    """
    findings = []
    untraded = {b.meta.series for b in blocks if _is_level(b)}
    for block in blocks:
        if block.meta.field is not Field.VOLUME or not len(block):
            continue
        zero = block.values == 0.0
        n = int(np.count_nonzero(zero))
        if n == 0:
            continue
        days = block.dates[zero]
        if n == len(block):
            severity, message = Severity.INFO, f"The volume is zero on all {n} days: the source has none."
        else:
            tells = n > _MANY * len(block) and block.meta.series not in untraded
            severity = Severity.WARNING if tells else Severity.INFO
            message = f"The volume is zero on {n} of {len(block)} days: {listing(days)}."
        findings.append(finding("zero_volume", severity, message, block, days))
    return findings


def _is_level(block: SeriesBlock) -> bool:
    """Return whether a block has levels of an index or a yield, not bare prices in another currency."""
    meta = block.meta
    return meta.field in PRICES and meta.unit in _LEVELS and not meta.attributes.get("currency")


def copied_volume(blocks: Sequence[SeriesBlock], context: GateContext) -> list[Finding]:
    """A volume that equals another series' volume on nearly all days. A warning: it measures the other one.

    Compares the volumes of the file with one another (the later block copies the earlier), and with the
    stored volumes of the series in `context.volume_of`.
    """
    volumes = {b.meta.series: b for b in reversed(blocks) if b.meta.field is Field.VOLUME}
    groups: dict[float, list[SeriesBlock]] = {}  # by a number that copies nearly share: not all pairs
    findings = []
    for block in reversed(volumes.values()):
        alike = groups.setdefault(_fingerprint(block), [])
        for other in chain(alike, _known_elsewhere(block, context)):
            if _surely_differ(block, other):
                continue
            share, days = _equal_share(block, other)
            if share >= _SAME:
                message = (
                    f"The volume equals that of {other.meta.series} on {share:.1%} of {days} days: "
                    f"it is not the volume of {block.meta.series}."
                )
                findings.append(
                    finding("copied_volume", Severity.WARNING, message, block, block.dates[[0, -1]], days)
                )
                break
        alike.append(block)
    return findings


def _fingerprint(block: SeriesBlock) -> float:
    known = block.values[block.values > 0.0]
    return float(f"{np.median(known):.1e}") if len(known) else 0.0


def _known_elsewhere(block: SeriesBlock, context: GateContext) -> Iterator[SeriesBlock]:
    for series in context.volume_of:
        if series != block.meta.series:
            known = context.known(series, Field.VOLUME)
            if known is not None:
                yield known


def _surely_differ(a: SeriesBlock, b: SeriesBlock) -> bool:
    """Return whether the last days alone have more differences than a copy may have in all."""
    allowed = (1.0 - _SAME) * min(len(a), len(b))
    last = 2 * int(allowed) + _ENOUGH
    if not np.array_equal(a.dates[-last:], b.dates[-last:]):
        return False
    left, right = a.values[-last:], b.values[-last:]
    return bool(np.count_nonzero((left != right) & (left > 0.0) & (right > 0.0)) > allowed)


def _equal_share(a: SeriesBlock, b: SeriesBlock) -> tuple[float, int]:
    """Return the share of common days with trades on which two volumes are equal, and the number of days."""
    _, left, right = aligned(a, b)
    traded = (left > 0.0) & (right > 0.0)
    days = int(np.count_nonzero(traded))
    if days < _ENOUGH:
        return 0.0, days
    return float(np.count_nonzero((left == right) & traded) / days), days
