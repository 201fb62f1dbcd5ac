"""What a measure returns, on every engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rotascope.panel.measures import Kind, Measure

Column = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class PanelResult:
    """The rows of one measure, with the text that made them.

    sql: the text as it ran, parameters written in. columns: name to array of shape (rows,), sorted by day,
    then security. Counts and days are int64; measures are float64, NaN where unknown; securities are as in
    the tables; names such as a quadrant are objects, None where unknown.
    """

    name: str
    sql: str
    parameters: Mapping[str, int]
    engine: str
    columns: Mapping[str, Column]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(next(iter(self.columns.values())))

    def rows(self) -> list[tuple[object, ...]]:
        """Return the rows as tuples in the measure's order of columns; None where unknown."""
        return list(zip(*(_plain(c) for c in self.columns.values()), strict=True))


def from_columns(
    measure: Measure, sql: str, parameters: Mapping[str, int], engine: str, raw: Mapping[str, Column]
) -> PanelResult:
    """Return a result in the one form that all engines share, from columns as an engine gives them."""
    columns = {name: _typed(kind, raw[name]) for name, kind in measure.columns.items()}
    keys = [columns[k] for k in ("security", "day") if k in columns]
    order = np.lexsort([_sortable(k) for k in keys])
    return PanelResult(measure.name, sql, dict(parameters), engine, {n: c[order] for n, c in columns.items()})


def from_rows(
    measure: Measure, sql: str, parameters: Mapping[str, int], engine: str, rows: Sequence[Sequence[object]]
) -> PanelResult:
    """Return a result from rows in the measure's order of columns."""
    raw = {}
    for i, (name, kind) in enumerate(measure.columns.items()):
        values = [row[i] for row in rows]
        if kind == "number":
            raw[name] = np.array([np.nan if v is None else v for v in values], dtype=np.float64)
        else:
            raw[name] = np.array(values, dtype=np.int64 if kind == "count" else object)
    return from_columns(measure, sql, parameters, engine, raw)


def _typed(kind: Kind, values: Column) -> Column:
    if kind == "count":
        return np.asarray(values).astype(np.int64, copy=False)
    if kind == "number":
        return np.ma.filled(np.ma.asarray(values).astype(np.float64, copy=False), np.nan)
    if isinstance(values, np.ma.MaskedArray):
        unknown, values = np.ma.getmaskarray(values), values.data.astype(object)
        values[unknown] = None
    if values.dtype == object and len(values) and all(isinstance(v, int) for v in values):
        return values.astype(np.int64)
    return np.asarray(values)


def _sortable(values: Column) -> Column:
    return values.astype(str) if values.dtype == object else values


def _plain(values: Column) -> list[object]:
    if values.dtype.kind == "f":
        return [None if np.isnan(v) else float(v) for v in values]
    return list(values.tolist())
