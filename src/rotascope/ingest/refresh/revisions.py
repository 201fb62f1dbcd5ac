"""What changed between two versions of a series."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from rotascope.model.numerals import render
from rotascope.model.observations import Field, Frequency
from rotascope.model.units import Unit
from rotascope.store.series import DateArray, FloatArray, SeriesBlock

RESTATED = frozenset({Field.ADJUSTED_CLOSE, Field.TOTAL_RETURN_INDEX})
"""Fields whose levels are restated as a whole with each dividend: only their returns are compared."""

PRICES = RESTATED | {Field.OPEN, Field.HIGH, Field.LOW, Field.CLOSE, Field.VOLUME, Field.DIVIDEND, Field.NAV}

_NOISE = 1e-6  # of a price: the single precision that some sources send
_EXACT = 1e-9
_PERIODS: Mapping[Frequency, str] = MappingProxyType(
    {
        Frequency.DAILY: "day",
        Frequency.WEEKLY: "week",
        Frequency.MONTHLY: "month",
        Frequency.QUARTERLY: "quarter",
        Frequency.ANNUAL: "year",
        Frequency.IRREGULAR: "value",
    }
)
_SHARES = frozenset({Unit.PERCENT, Unit.SHARE})

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Revision:
    """How a newer version of a series differs from an older one.

    appended: rows after the older version's last. inserted: new rows before that. removed: rows that are gone
    though the newer version covers their dates; a version that begins later is `begins_later`, one that ends
    earlier `ends_earlier` (rows lost at that end).
    dates, old, new: shape (n,), the rows that changed, NaN where one version has no value; for adjusted
    closes and total return indices the daily returns as ratios. factor: by how much all common levels were
    multiplied, where that is all that happened to them; else None.
    """

    series: str
    field: Field
    unit: Unit
    frequency: Frequency
    appended: DateArray
    inserted: DateArray
    removed: DateArray
    begins_later: int
    ends_earlier: int
    dates: DateArray
    old: FloatArray
    new: FloatArray
    factor: float | None

    @property
    def changed(self) -> int:
        """Return how many common rows differ."""
        return len(self.dates)

    @property
    def rewrites(self) -> bool:
        """Return whether anything changed that was there before."""
        return bool(self.changed or len(self.removed) or len(self.inserted) or self.factor is not None)

    @property
    def nothing(self) -> bool:
        """Return whether both versions say the same."""
        return not (self.rewrites or len(self.appended) or self.begins_later or self.ends_earlier)

    @property
    def differences(self) -> FloatArray:
        """Return new minus old of the changed rows, in `difference_unit`; NaN where one is unknown."""
        scale = 100.0 if self.field in RESTATED or self.unit is Unit.SHARE else 1.0
        return (self.new - self.old) * scale

    @property
    def difference_unit(self) -> Unit:
        """Return the unit of the differences: points for what is in percent."""
        return Unit.PP if self.field in RESTATED or self.unit in _SHARES else self.unit

    @property
    def largest(self) -> float | None:
        """Return the largest absolute difference, None if no two known values differ."""
        sizes = np.abs(self.differences)
        return float(np.nanmax(sizes)) if bool(np.any(~np.isnan(sizes))) else None

    @property
    def name(self) -> str:
        """Return how messages call the series."""
        return self.series if self.field is Field.VALUE else f"{self.series} {self.field}"

    def sentence(self) -> str:
        """Say what changed, as in '12 months of FF.HML.M changed, up to 1.2 points'."""
        parts = []
        if self.factor is not None:
            also = "; its returns are unchanged" if self.field in RESTATED else ""
            parts.append(f"all of {self.name} was restated by the factor {self.factor:.6g}{also}")
        elif self.changed:
            what = "returns of " if self.field in RESTATED else ""
            first, last = self.dates[0], self.dates[-1]
            when = f"on {first}" if self.changed == 1 else f"between {first} and {last}"
            size = f", up to {amount(self.largest, self.difference_unit)}" if self.largest is not None else ""
            parts.append(f"{self._count(self.changed)} of {what}{self.name} changed{size}, {when}")
        for rows, word in ((self.inserted, "inserted"), (self.removed, "gone"), (self.appended, "added")):
            if len(rows):
                span = f"{rows[0]}" if len(rows) == 1 else f"{rows[0]} to {rows[-1]}"
                parts.append(f"{self._count(len(rows))} {word} ({span})")
        if self.begins_later:
            parts.append(f"begins {self._count(self.begins_later)} later")
        if self.ends_earlier:
            parts.append(f"ends {self._count(self.ends_earlier)} earlier")
        return "; ".join(parts) if parts else f"{self.name} is unchanged"

    def as_json(self) -> dict[str, Any]:
        """Return the revision as JSON values, each changed row with old, new and difference."""
        rows = zip(self.dates, self.old, self.new, self.differences, strict=True)
        return {
            "series": self.series,
            "field": str(self.field),
            "unit": str(Unit.RATIO if self.field in RESTATED else self.unit),
            "compared": "returns" if self.field in RESTATED else "values",
            "difference_unit": str(self.difference_unit),
            "changed": self.changed,
            "largest": self.largest,
            "first": str(self.dates[0]) if self.changed else None,
            "last": str(self.dates[-1]) if self.changed else None,
            "factor": self.factor,
            "appended": [str(d) for d in self.appended],
            "inserted": [str(d) for d in self.inserted],
            "removed": [str(d) for d in self.removed],
            "begins_later": self.begins_later,
            "ends_earlier": self.ends_earlier,
            "sentence": self.sentence(),
            "rows": [
                {"date": str(d), "old": known(a), "new": known(b), "difference": known(x)}
                for d, a, b, x in rows
            ],
        }

    def _count(self, rows: int) -> str:
        noun = _PERIODS[self.frequency]
        return f"{rows:,} {noun}" + ("" if rows == 1 else "s")


def compare(old: SeriesBlock, new: SeriesBlock) -> Revision:
    """Return how `new` differs from `old`: two versions of one series and field in one unit.

    Values count as equal within the noise of single precision (prices) or of nothing but arithmetic (all
    else); an unknown value equals an unknown one. Versions of adjusted closes and total return indices are
    compared by their returns between common neighbouring dates, within the rounding of their levels.
    """
    common, in_old, in_new = np.intersect1d(old.dates, new.dates, assume_unique=True, return_indices=True)
    a, b = old.values[in_old], new.values[in_new]
    factor = None
    if old.meta.field in RESTATED:
        dates, was, now, factor = _returns_changed(old, new, in_old, in_new)
    else:
        far = _differs(a, b, _NOISE if old.meta.field in PRICES else _EXACT)
        factor = _one_factor(a, b, far)
        if factor is not None:
            far = np.zeros_like(far)
        dates, was, now = common[far], a[far], b[far]
    fresh = np.setdiff1d(new.dates, old.dates, assume_unique=True)
    gone = np.setdiff1d(old.dates, new.dates, assume_unique=True)
    start, end = new.dates[0], new.dates[-1]
    return Revision(
        series=new.meta.series,
        field=new.meta.field,
        unit=new.meta.unit,
        frequency=new.meta.frequency,
        appended=fresh[fresh > old.dates[-1]],
        inserted=fresh[fresh < old.dates[-1]],
        removed=gone[(gone > start) & (gone < end)],
        begins_later=int(np.count_nonzero(gone < start)),
        ends_earlier=int(np.count_nonzero(gone > end)),
        dates=dates,
        old=was,
        new=now,
        factor=factor,
    )


def amount(size: float | None, unit: Unit) -> str:
    """Return the size of a difference with two significant digits, at most six decimals.

    >>> amount(1.23, Unit.PP), amount(0.0349, Unit.USD), amount(1234.0, Unit.SHARES)
    ('1.2 points', '$0.035', '1,234')
    """
    if size is None:
        return "unknown"
    decimals = 0 if size == 0.0 else min(max(1 - math.floor(math.log10(abs(size))), 0), 6)
    return render(abs(size), unit, "abs", "long", decimals)


def known(value: float) -> float | None:
    """Return a value, None for an unknown one."""
    return None if math.isnan(value) else float(value)


def _differs(a: FloatArray, b: FloatArray, tolerance: float) -> BoolArray:
    blank = np.isnan(a) != np.isnan(b)
    size = np.maximum(np.abs(a), np.abs(b))
    out: BoolArray = blank | (np.abs(a - b) > tolerance * size)
    return out


def _one_factor(a: FloatArray, b: FloatArray, far: BoolArray) -> float | None:
    """Return the one factor, not 1, between all common values that are not zero; None if there is none."""
    usable = ~np.isnan(a) & ~np.isnan(b) & (a != 0.0) & (b != 0.0)
    if not bool(far[usable].all()) or np.count_nonzero(usable) < 3 or bool((far & ~usable).any()):
        return None
    x, y = a[usable], b[usable]
    ratio = y / x
    middle = float(np.median(ratio))
    slack = 2.0 * (_step(x) / np.abs(x) + _step(y) / np.abs(y)) + _NOISE
    return middle if bool((np.abs(ratio / middle - 1.0) <= slack).all()) else None


def _returns_changed(
    old: SeriesBlock, new: SeriesBlock, in_old: npt.NDArray[np.int64], in_new: npt.NDArray[np.int64]
) -> tuple[DateArray, FloatArray, FloatArray, float | None]:
    """Return dates and both returns where they differ, and the factor between the levels if none does."""
    a, b = old.values[in_old], new.values[in_new]
    dates = old.dates[in_old]
    # a return counts only between rows that are neighbours in both versions
    near = (np.diff(in_old) == 1) & (np.diff(in_new) == 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        was, now = (np.where(np.isfinite(r), r, np.nan) for r in (a[1:] / a[:-1] - 1.0, b[1:] / b[:-1] - 1.0))
        rounding = _step(a) / np.abs(a) + _step(b) / np.abs(b)
    slack = 2.0 * np.maximum(rounding[1:], rounding[:-1]) + _NOISE
    far = near & ((np.isnan(was) != np.isnan(now)) | (np.abs(was - now) > slack))
    factor = None
    if not bool(far.any()) and len(a):
        usable = (a != 0.0) & (b != 0.0) & ~np.isnan(a) & ~np.isnan(b)
        ratio = b[usable] / a[usable]
        if bool((np.abs(ratio - 1.0) > _NOISE + 2.0 * rounding[usable]).any()):
            factor = float(np.median(ratio))
    return dates[1:][far], was[far], now[far], factor


def _step(values: FloatArray) -> float:
    """Return half of the last decimal that values are written with, from two to six; 0 beyond."""
    usable = values[~np.isnan(values)]
    for decimals in range(2, 7):
        if bool((np.abs(np.round(usable, decimals) - usable) <= _EXACT * np.abs(usable)).all()):
            return 0.5 * 10.0**-decimals
    return 0.0
