"""Panels drawn by Hypothesis: the fast engines agree with the slow one, whatever is missing."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.drawing import write_panel
from rotascope.panel import MEASURES, PanelResult, PanelState, PanelTables, open_engine

# Few different closes, so that ties, unchanged prices and closes on their average are frequent.
CLOSE = st.sampled_from([None, float("nan"), 50.0, 99.0, 100.0, 101.0, 121.0, 1e-3, 1e6])
# `skip` is a session without a row.
ENTRY = st.one_of(st.just("skip"), CLOSE)
LENGTHS = st.integers(1, 4)


@st.composite
def panels(draw: st.DrawFn):  # type: ignore[no-untyped-def]
    """Return arguments of write_panel: up to four securities and twelve sessions, at any session number."""
    first = draw(st.integers(-3, 3))
    days = list(range(first, first + draw(st.integers(1, 12))))
    prices, members = [], []
    for name in draw(st.lists(st.sampled_from(["A", "B", "C'", "δ"]), max_size=4, unique=True)):
        entries = draw(st.lists(ENTRY, min_size=len(days), max_size=len(days)))
        prices += [(name, d, e) for d, e in zip(days, entries, strict=True) if e != "skip"]
        ends = sorted(draw(st.lists(st.integers(first - 2, days[-1] + 2), max_size=4, unique=True)))
        spells = [ends[i : i + 2] for i in range(0, len(ends), 2)]
        members += [(name, s[0], s[1] if len(s) == 2 else None) for s in spells]
    levels = draw(st.lists(ENTRY, min_size=len(days), max_size=len(days)))
    index = [(d, v) for d, v in zip(days, levels, strict=True) if v != "skip"]
    return prices, members, index, days


def questions(lengths: list[int], day: int) -> dict[str, dict[str, int]]:
    """Return parameters for every measure."""
    values = iter([*lengths, *lengths, *lengths])
    told = {}
    for name, measure in MEASURES.items():
        told[name] = {
            p: day if p in ("day", "start") else max(spec.least, next(values, 2))
            for p, spec in measure.parameters.items()
        }
        values = iter([*lengths, *lengths, *lengths])
    return told


def agree(found: PanelResult, expected: PanelResult) -> None:
    """Fail unless both have the same rows; numbers to one part in a billion, bearings around the circle."""
    assert len(found) == len(expected)
    for name, kind in MEASURES[found.name].columns.items():
        a, b = found.columns[name], expected.columns[name]
        if kind != "number":
            assert a.tolist() == b.tolist(), name
            continue
        assert a.dtype == np.float64
        apart = (a - b + 180.0) % 360.0 - 180.0 if name == "heading" else a - b
        assert (np.isnan(a) == np.isnan(b)).all(), name
        assert (np.abs(apart[~np.isnan(a)]) <= 1e-9 * (1.0 + np.abs(b[~np.isnan(a)]))).all(), name


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(panels(), st.lists(LENGTHS, min_size=4, max_size=4), st.integers(-3, 9))
def test_engines_agree(panel, lengths: list[int], day: int) -> None:  # type: ignore[no-untyped-def]
    with tempfile.TemporaryDirectory() as folder:
        tables = write_panel(Path(folder), *panel)
        with (
            open_engine("reference", tables) as slow,
            open_engine("duckdb", tables) as duck,
            open_engine("arrays", tables) as arrays,
        ):
            for name, parameters in questions(lengths, day).items():
                expected = slow.run(name, **parameters)
                agree(duck.run(name, **parameters), expected)
                if name in ("rotation", "breadth"):
                    agree(arrays.run(name, **parameters), expected)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(panels(), st.integers(0, 11), st.lists(LENGTHS, min_size=4, max_size=4))
def test_adding_a_session_equals_the_full_run(panel, cut: int, lengths: list[int]) -> None:  # type: ignore[no-untyped-def]
    prices, members, index, days = panel
    held, new = days[: cut + 1], days[cut + 1 :]
    with tempfile.TemporaryDirectory() as folder:
        part = write_panel(
            Path(folder) / "held",
            [p for p in prices if p[1] in held],
            members,
            [i for i in index if i[0] in held],
            held,
        )
        full = write_panel(Path(folder) / "full", prices, members, index, days)
        told = questions(lengths, 0)
        with PanelState.begin(part, sessions=8) as state, open_engine("duckdb", full) as engine:
            for day in new:
                add(state, day, full, {s: c for s, d, c in prices if d == day}, dict(index).get(day))
                for name, whole in (("rotation_day", "rotation"), ("breadth_day", "breadth")):
                    agree_on(
                        day, state.run(name, **_without_day(told[name])), engine.run(whole, **told[whole])
                    )


def add(
    state: PanelState, day: int, tables: PanelTables, closes: dict[str, float | None], level: float | None
) -> None:
    """Add a session with the date that the calendar of the full panel gives it."""
    with duckdb.connect(":memory:") as database:
        ((on,),) = database.execute(
            f"SELECT date FROM read_parquet('{tables.calendar}') WHERE day_number = {day}"
        ).fetchall()
    state.add(day, on, closes, level)


def agree_on(day: int, found: PanelResult, whole: PanelResult) -> None:
    """Fail unless the rows of one day are those of that day in a whole run."""
    at = whole.columns["day"] == day
    for name in set(found.columns) & set(whole.columns):
        a, b = found.columns[name], whole.columns[name][at]
        assert len(a) == len(b), name
        if a.dtype == np.float64:
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)
        else:
            assert a.tolist() == b.tolist(), name


def _without_day(parameters: dict[str, int]) -> dict[str, int]:
    return {k: v for k, v in parameters.items() if k != "day"}


@pytest.mark.spark
def test_spark_agrees_on_a_panel_with_everything_missing(spark_session, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """One panel of 30 securities and 60 sessions with gaps, ties, leavers and late starters."""
    rng = np.random.default_rng(4)
    days = list(range(1, 61))
    prices: list[tuple[str, int, float | None]] = []
    members: list[tuple[str, int, int | None]] = []
    for i in range(30):
        path = np.round(100.0 * np.exp(np.cumsum(rng.normal(0, 0.02, 60))))
        for day in days[rng.integers(0, 30) :]:
            draw = rng.random()
            if draw > 0.03:
                prices.append((f"S{i}", day, None if draw < 0.06 else float(path[day - 1])))
        members += [(f"S{i}", 1, 30), (f"S{i}", 41, None)] if i % 3 == 0 else [(f"S{i}", 5, None)]
    level = np.exp(np.cumsum(rng.normal(0, 0.01, 60)))
    index = [(day, float(level[day - 1])) for day in days if day != 33]
    tables = write_panel(tmp_path, prices, members, index, days)
    master = spark_session.sparkContext.master
    with open_engine("duckdb", tables) as duck, open_engine(master, tables) as spark:
        for name, parameters in questions([5, 7, 3, 9], 60).items():
            expected = duck.run(name, **parameters)
            assert len(expected), name
            agree(spark.run(name, **parameters), expected)
