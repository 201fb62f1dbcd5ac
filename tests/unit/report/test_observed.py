"""The rows of a bundle: each row used, once, and as a plain loop over all rows finds them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope.facts.build import Desk
from rotascope.facts.columns import Column
from rotascope.model.errors import MissingDataError
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.model.units import Unit
from rotascope.model.universe import load_universe
from rotascope.report.observed import HEADER, Run, observation_runs, observations_csv
from rotascope.store.series import RowText, SeriesData

START = np.datetime64("2026-01-01", "D")
Row = tuple[str, ...]
Cuts = list[tuple[int, int]]


def a_series(
    name: str,
    values: Sequence[float],
    *,
    snapshot: str = "s",
    refs: Sequence[str] | None = None,
    vintage: date | None = None,
) -> SeriesData:
    meta = SeriesMeta(name, Field.CLOSE, Unit.USD, Frequency.DAILY, "src", vintage=vintage)
    dates = START + np.arange(len(values))
    names = None if refs is None else tuple(refs)
    return SeriesData(meta, dates, np.array(values, dtype=float), snapshot, Source("src", "Src"), refs=names)


def runs_of(columns: Sequence[Column]) -> list[Run]:
    return observation_runs(Desk(None, load_universe("us"), date(2026, 6, 1)), [], columns)  # type: ignore[arg-type]


def rows_of(text: str) -> list[Row]:
    head, *rows = csv.reader(io.StringIO(text))
    assert tuple(head) == HEADER
    return [tuple(row) for row in rows]


def one_by_one(columns: Sequence[Column]) -> list[Row]:
    """Return the rows used, by a loop that does nothing cleverly."""
    found = set()
    for column in columns:
        data = column.data
        for i in range(column.lo, column.hi):
            value = float(data.values[i])
            found.add(
                (
                    data.meta.series,
                    str(data.meta.field),
                    str(data.dates[i]),
                    "" if value != value else repr(value),
                    str(data.meta.unit),
                    data.source.id if data.refs is None else data.refs[i],
                    data.meta.vintage.isoformat() if data.meta.vintage else "",
                    data.snapshot,
                )
            )
    return sorted(found)


VALUES = st.lists(st.floats(allow_infinity=False), min_size=1, max_size=30)


@st.composite
def some_columns(draw: st.DrawFn) -> list[Column]:
    """Columns of up to three series, some with references, some read twice."""
    out: list[Column] = []
    for name in ("A", 'B,"x"', "C")[: draw(st.integers(1, 3))]:
        values = draw(VALUES)
        refs = draw(st.none() | st.lists(st.sampled_from("pq"), min_size=len(values), max_size=len(values)))
        reads = [a_series(name, values, refs=refs) for _ in range(draw(st.integers(1, 2)))]
        for _ in range(draw(st.integers(1, 5))):
            lo = draw(st.integers(0, len(values) - 1))
            out.append(Column(draw(st.sampled_from(reads)), lo, draw(st.integers(lo + 1, len(values)))))
    return draw(st.permutations(out))


@given(some_columns())
def test_the_rows_are_those_that_a_plain_loop_finds(columns: list[Column]) -> None:
    runs = runs_of(columns)
    assert rows_of(observations_csv(runs)) == one_by_one(columns)
    assert sum(map(len, runs)) == len(one_by_one(columns))


@given(some_columns())
def test_neighbouring_runs_differ_in_what_they_share(columns: list[Column]) -> None:
    shared = [(r.series, r.field, r.unit, r.source, r.vintage, r.snapshot) for r in runs_of(columns)]
    assert all(a != b for a, b in pairwise(shared))


@given(VALUES, st.data())
def test_the_text_and_the_digest_of_rows_do_not_depend_on_what_was_asked_before(
    values: list[float], data: st.DataObject
) -> None:
    lo = data.draw(st.integers(0, len(values) - 1))
    hi = data.draw(st.integers(lo + 1, len(values)))
    fresh, used = a_series("A", values), a_series("A", values)
    used.text(0, len(values))
    used.digest(0, len(values))
    plain = "".join(
        f"{START + i},{'' if values[i] != values[i] else repr(float(values[i]))}\n" for i in range(lo, hi)
    )
    assert fresh.text(lo, hi) == used.text(lo, hi) == plain
    assert fresh.digest(lo, hi) == used.digest(lo, hi)


@given(VALUES, st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29), st.integers(0, 29)), max_size=8))
def test_reads_of_one_block_share_its_text(values: list[float], asked: list[tuple[int, int, int]]) -> None:
    """Each read sees more or fewer of the first rows; whichever asks first, each gets its own rows."""
    whole = a_series("A", values)
    shared = RowText(whole.dates, whole.values)
    for places in asked:
        lo, hi, known = sorted(min(place, len(values)) for place in places)
        read = replace(whole, dates=whole.dates[:known], values=whole.values[:known], written=shared)
        assert read.text(lo, hi) == a_series("A", values).text(lo, hi)
        assert read.digest(lo, hi) == a_series("A", values).digest(lo, hi)


def test_rows_of_two_snapshots_do_not_mix() -> None:
    first, second = a_series("A", [1.0, 2.0]), a_series("A", [1.0, 2.0], snapshot="t")
    apart = runs_of([Column(first, 0, 1), Column(second, 1, 2)])
    assert [(r.snapshot, r.lines) for r in apart] == [("s", "2026-01-01,1.0\n"), ("t", "2026-01-02,2.0\n")]
    with pytest.raises(MissingDataError, match="A close 2026-01-02 comes from two snapshots"):
        runs_of([Column(first, 0, 2), Column(second, 1, 2)])


def test_observations_are_plain_csv() -> None:
    run = Run("RUT", "close", "index_level", 'a,"b"', "", "s", "2025-12-31,2481.91\n2026-01-02,\n")
    assert observations_csv([run]).splitlines() == [
        "series,field,date,value,unit,source,vintage,snapshot",
        'RUT,close,2025-12-31,2481.91,index_level,"a,""b""",,s',
        'RUT,close,2026-01-02,,index_level,"a,""b""",,s',
    ]
    assert observations_csv([]) == "series,field,date,value,unit,source,vintage,snapshot\n"
