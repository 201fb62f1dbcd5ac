"""The observations of a bundle: the rows that facts and charts used, and observations.csv made of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
import numpy.typing as npt

from rotascope.facts.build import Desk
from rotascope.facts.columns import Column
from rotascope.model.errors import MissingDataError
from rotascope.model.facts import Fact
from rotascope.store.series import SeriesData

HEADER = ("series", "field", "date", "value", "unit", "source", "vintage", "snapshot")
BoolArray = npt.NDArray[np.bool_]
_DAY = 10  # characters of a date


@dataclass(frozen=True, slots=True)
class Run:
    r"""Neighbouring rows of observations.csv that share everything but date and value.

    A report may use some hundred thousand rows, so they are never taken apart: `lines` is the text of all,
    `2026-01-30,1.5\n` for each.
    """

    series: str
    field: str
    unit: str
    source: str
    vintage: str
    snapshot: str
    lines: str

    def __len__(self) -> int:
        return self.lines.count("\n")


def observation_runs(desk: Desk, facts: Sequence[Fact], drawn: Sequence[Column] = ()) -> list[Run]:
    """Return each row that the facts and the charts used, once, sorted by series, field and date.

    Raises: MissingDataError if a row would come from two snapshots.
    """
    inputs = [item for fact in facts for item in desk.inputs_of(fact) if isinstance(item, Column)]
    reads = _used([*inputs, *drawn])
    runs: list[Run] = []
    for key in sorted(reads):
        parts = [list(_runs_of(data, used)) for data, used in reads[key]]
        runs += parts[0] if len(parts) == 1 else _merged(parts)
    return runs


def _used(columns: Iterable[Column]) -> dict[tuple[str, str], list[tuple[SeriesData, BoolArray]]]:
    """Return by series and field what was read of it, and which of these rows some column has."""
    masks: dict[int, tuple[SeriesData, BoolArray]] = {}  # by identity: a series is read once for many columns
    for item in columns:
        found = masks.get(id(item.data))
        if found is None:
            found = masks[id(item.data)] = (item.data, np.zeros(len(item.data), dtype=np.bool_))
        found[1][item.lo : item.hi] = True
    reads: dict[tuple[str, str], list[tuple[SeriesData, BoolArray]]] = {}
    for data, used in masks.values():
        reads.setdefault((data.meta.series, str(data.meta.field)), []).append((data, used))
    return reads


def _runs_of(data: SeriesData, used: BoolArray) -> Iterator[Run]:
    """Return the rows used of one read."""
    meta, vintage = data.meta, data.meta.vintage
    run = Run(
        meta.series,
        str(meta.field),
        str(meta.unit),
        data.source.id,
        vintage.isoformat() if vintage else "",
        data.snapshot,
        "",
    )
    if data.refs is None:
        yield replace(run, lines="".join(data.text(lo, hi) for lo, hi in _ranges(used)))
        return
    refs = data.refs
    for ref, rows in groupby(np.flatnonzero(used).tolist(), key=lambda i: refs[i]):
        yield replace(run, source=ref, lines="".join(data.text(i, i + 1) for i in rows))


def _ranges(used: BoolArray) -> Iterator[tuple[int, int]]:
    """Return where the runs of True begin and end (exclusive).

    >>> list(_ranges(np.array([True, True, False, True])))
    [(0, 2), (3, 4)]
    """
    turns = np.flatnonzero(np.diff(used, prepend=False, append=False)).tolist()
    return zip(turns[::2], turns[1::2], strict=True)


def _merged(parts: Iterable[Iterable[Run]]) -> list[Run]:
    """Return the rows of several reads of one series and field by date, each once."""
    found: dict[str, tuple[Run, str]] = {}
    for run in (run for part in parts for run in part):
        shared = replace(run, lines="")
        for line in run.lines.splitlines(keepends=True):
            if found.setdefault(line[:_DAY], (shared, line)) != (shared, line):
                name = f"{run.series} {run.field} {line[:_DAY]}"
                raise MissingDataError(f"{name} comes from two snapshots in one report.")
    rows = groupby((found[day] for day in sorted(found)), key=lambda row: row[0])
    return [replace(shared, lines="".join(line for _, line in lines)) for shared, lines in rows]


def observations_csv(runs: Iterable[Run]) -> str:
    """Return observations.csv."""
    out = [_csv(HEADER) + "\n"]
    for run in runs:
        head = _csv((run.series, run.field))
        tail = _csv((run.unit, run.source, run.vintage, run.snapshot))
        body = run.lines.removesuffix("\n").replace("\n", f",{tail}\n{head},")
        out.append(f"{head},{body},{tail}\n")
    return "".join(out)


def _csv(fields: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(fields)
    return out.getvalue()
