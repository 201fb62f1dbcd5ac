"""The operations of charts, implemented twice; on any input the two sides agree or both refuse."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rotascope.facts.columns import Column
from rotascope.model.errors import RotascopeError
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.model.units import Unit
from rotascope.report.charts.paths import PATHS
from rotascope.store.series import SeriesData
from rotascope_verify.charts_paths import PATH_OPS, run_path
from rotascope_verify.failures import CheckError
from rotascope_verify.observations import Rows, RowsInput
from rotascope_verify.ops import Call

Draw = Callable[[st.SearchStrategy[Any]], Any]
FIRST = date(2020, 1, 1)
NAN = float("nan")


def column(name: str, days: Sequence[int], values: Sequence[float]) -> Column:
    meta = SeriesMeta(name, Field.CLOSE, Unit.INDEX_LEVEL, Frequency.DAILY, "db")
    dates = np.array([FIRST + timedelta(days=d) for d in days], dtype="datetime64[D]")
    return Column(
        SeriesData(meta, dates, np.array(values, dtype=float), "s", Source("db", "x")), 0, len(days)
    )


def call_of(columns: Sequence[Column], params: dict[str, Any]) -> Call:
    """Return what the verifier reads for the same columns."""
    wants, rows = [], []
    for c in columns:
        days = tuple(str(d) for d in c.dates)
        known = tuple(None if math.isnan(v) else float(v) for v in c.values)
        name = c.data.meta.series
        wants.append(RowsInput(name, "close", days[0], days[-1], len(days), "", "db", None))
        digest = hashlib.sha256(repr((days, known)).encode()).hexdigest()
        rows.append(Rows(days, known, frozenset(), frozenset(), frozenset(), digest))
    return Call(params, tuple(wants), tuple(rows), (), {})


def both(op: str, columns: Sequence[Column], params: dict[str, Any]) -> None:
    """Require equal columns from the two sides, or a refusal from both."""
    mine: dict[str, list[Any]] | None
    theirs: dict[str, list[Any]] | None
    try:
        mine = PATHS[op](params, columns)
    except RotascopeError:
        mine = None
    try:
        theirs = run_path(op, call_of(columns, params))
    except CheckError:
        theirs = None
    assert (mine is None) == (theirs is None), (mine, theirs)
    if mine is None or theirs is None:
        return
    assert mine.keys() == theirs.keys()
    for field, values in mine.items():
        assert len(values) == len(theirs[field])
        for a, b in zip(values, theirs[field], strict=True):
            if isinstance(b, float) and not isinstance(a, str):
                assert abs(a - b) <= 1e-9 * max(1.0, abs(b)), (field, a, b)
            else:
                assert a == b, field


@st.composite
def series(
    draw: Draw, count: int, *, least: int = 1, most: int = 60, step: int = 1, gaps: bool = True
) -> list[Column]:
    """Return positive levels with dates of their own, some of them unknown."""
    out = []
    for name in "ABCDEF"[:count]:
        rows = draw(st.integers(least, most))
        days = sorted(draw(st.sets(st.integers(0, most * step), min_size=rows, max_size=rows)))
        level = st.floats(0.5, 500, allow_nan=False)
        holes = st.just(NAN) if gaps else st.nothing()
        out.append(column(name, days, [draw(st.one_of(*[level] * 8, holes)) for _ in days]))
    return out


@st.composite
def returns(draw: Draw, count: int, most: int = 80) -> list[Column]:
    """Return percent returns on the same dates."""
    rows = draw(st.integers(2, most))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    big = draw(st.sampled_from([0.5, 5.0, 20.0]))
    table = np.clip(rng.standard_normal((count, rows)) * big, -80, 200).round(2)
    return [
        column(n, [30 * i for i in range(rows)], table[i].tolist()) for i, n in enumerate("ABCDEF"[:count])
    ]


fast = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
THIN = st.integers(1, 9)


def test_both_sides_know_the_same_operations() -> None:
    assert PATHS.keys() == PATH_OPS.keys()


@pytest.mark.parametrize(("op", "count"), [("rebased", 1), ("cumulative_spread", 2), ("ratio_path", 2)])
@fast
@given(data=st.data())
def test_paths_of_levels(op: str, count: int, data: st.DataObject) -> None:
    both(op, data.draw(series(count)), {"thin": data.draw(THIN)})


@fast
@given(data=st.data())
def test_levels(data: st.DataObject) -> None:
    by = data.draw(st.sampled_from(["rows", "weeks", "months"]))
    both("levels", data.draw(series(1, step=3)), {"scale": data.draw(st.floats(1e-6, 10)), "by": by})


@fast
@given(data=st.data())
def test_rotation_tails(data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    rows = data.draw(st.integers(4, 60))
    lines = [column(n, range(rows), np.exp(np.cumsum(rng.standard_normal(rows) / 50)).tolist()) for n in "AB"]
    params = {
        "trend": data.draw(st.integers(2, 12)),
        "momentum": data.draw(st.integers(2, 8)),
        "step": data.draw(st.integers(1, 4)),
        "points": data.draw(st.integers(2, 6)),
    }
    both("rotation_tail", lines, params)


@fast
@given(data=st.data())
def test_window_values(data: st.DataObject) -> None:
    grid = data.draw(st.sampled_from(["sessions", "months", "rows"]))
    length = {"length": data.draw(st.integers(1, 5))} if grid == "sessions" else {}
    count = data.draw(st.integers(1, 2))
    rng = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    rows = data.draw(st.integers(1, 80))
    step = 20 if grid == "months" else 1
    lines = [
        column(
            n,
            [step * i for i in range(rows)],
            (100 * np.exp(np.cumsum(rng.standard_normal(rows) / 30))).tolist(),
        )
        for n in "AB"[:count]
    ]
    both(
        "window_values", lines, {"grid": grid, "bin": data.draw(st.sampled_from([0.5, 1, 2.0, 10])), **length}
    )


@fast
@given(data=st.data())
def test_rolling_shares(data: st.DataObject) -> None:
    legs = data.draw(st.booleans())
    columns = data.draw(returns(4 if legs else 1))
    rule = {"rule": "legs", "split": data.draw(st.integers(1, 3))} if legs else {"rule": "log_sum"}
    more = {
        "months": data.draw(st.integers(1, 14)),
        "trailing": data.draw(st.integers(1, 20)),
        "thin": data.draw(THIN),
    }
    both("rolling_share_path", columns, rule | more)


@fast
@given(data=st.data())
def test_eras(data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(["log_sum", "legs", "weighted_legs"]))
    columns = data.draw(returns({"log_sum": 1, "legs": 4, "weighted_legs": 2}[rule]))
    said: dict[str, Any] = {"rule": rule} | ({} if rule == "log_sum" else {"split": 1})
    if rule == "weighted_legs":
        ones = [
            column(n, [30 * i for i in range(len(columns[0]))], [float(3 + k)] * len(columns[0]))
            for k, n in enumerate("EF")
        ]
        columns = [*columns, *ones]
    both("era_path", columns, said | {"thin": data.draw(THIN)})
    start = (FIRST + timedelta(days=data.draw(st.integers(-30, 900)))).isoformat()
    both(
        "era_spans",
        columns,
        said | {"threshold": data.draw(st.sampled_from([0.05, 0.3, 1.0])), "from": start},
    )
