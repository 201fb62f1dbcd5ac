"""Slices of observations as the operations see them, with the digest that binds a fact to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rotascope.model.facts import ObservationInput
from rotascope.store.series import DateArray, FloatArray, SeriesData, to_date


@dataclass(frozen=True, slots=True)
class Column:
    """All rows of one series between two dates.

    dates: shape (n,), ascending. values: shape (n,); NaN is unknown.
    """

    data: SeriesData
    lo: int
    hi: int

    @property
    def dates(self) -> DateArray:
        """The observation dates."""
        return self.data.dates[self.lo : self.hi]

    @property
    def values(self) -> FloatArray:
        """The values, in the unit of the series."""
        return self.data.values[self.lo : self.hi]

    def __len__(self) -> int:
        return self.hi - self.lo

    def source_ids(self) -> tuple[str, ...]:
        """Return the sources of the rows: one for database rows, one for each publication otherwise."""
        if self.data.refs is None:
            return (self.data.source.id,)
        return tuple(sorted(set(self.data.refs[self.lo : self.hi])))

    def as_input(self) -> ObservationInput:
        """Return the reference that goes into a fact, with the digest of the rows."""
        ids = self.source_ids()
        return ObservationInput(
            series=self.data.meta.series,
            field=str(self.data.meta.field),
            first=to_date(self.dates[0]),
            last=to_date(self.dates[-1]),
            rows=len(self),
            sha256=self.digest(),
            source=ids[0] if len(ids) == 1 else "*",
            vintage=self.data.meta.vintage,
        )

    def digest(self) -> str:
        """Return the sha256 of the rows, as docs/bundle-format.md defines it."""
        return self.data.digest(self.lo, self.hi)


def value_text(value: float) -> str:
    """Return a value as observations.csv writes it: shortest text that reads back equal; empty if unknown."""
    return "" if np.isnan(value) else repr(float(value))
