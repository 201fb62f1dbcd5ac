"""What a panel refuses, and how it says so."""

from __future__ import annotations

import builtins
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest

from conformance.drawing import draw_panel, write_panel
from rotascope.model.errors import BadInputError, BadWindowError, UnknownNameError
from rotascope.panel import PanelState, PanelTables, find_measure, open_engine

SMALL = """
    day | bench |  A |  B
      1 |   100 | 10 | 20
      2 |   101 | 11 | 19
      3 |   102 | 12 | 18
"""
DAYS = [1, 2, 3]
INDEX: list[tuple[int, float | None]] = [(1, 1.0), (2, 1.0), (3, 1.0)]


@pytest.fixture
def tables(tmp_path: Path) -> PanelTables:
    """Return a small good panel."""
    return draw_panel(tmp_path / "panel", SMALL)


@pytest.mark.parametrize("name", ["", "sqlite", "spark://host", "spark://a b:1", "local[x]", "DUCKDB"])
def test_unknown_engine_names_what_there_is(tables: PanelTables, name: str) -> None:
    with pytest.raises(BadInputError, match=r"duckdb, arrays, reference, spark://HOST:PORT"):
        open_engine(name, tables)


def test_missing_pyspark_is_one_clear_error(tables: PanelTables, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: object, **more: object) -> object:
        if name.startswith("pyspark"):
            raise ImportError(name)
        return real(name, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(BadInputError, match=r"pip install 'rotascope\[spark\]'"):
        open_engine("spark://127.0.0.1:7077", tables)


def test_missing_table_is_named(tables: PanelTables) -> None:
    tables.benchmark.unlink()
    with pytest.raises(BadInputError, match=r"table benchmark is not at .*benchmark\.parquet"):
        open_engine("duckdb", tables)


@pytest.mark.parametrize(
    ("prices", "members", "index", "days", "fault"),
    [
        ([("A", 1, 0.0)], [], INDEX, DAYS, "prices: 1 closes are zero or negative"),
        ([("A", 1, 2.0), ("A", 1, 2.0)], [], INDEX, DAYS, "prices: 1 times a security has a second row"),
        ([("A", 1, None), ("A", 1, 2.0)], [], INDEX, DAYS, "prices: 1 times a security has a second row"),
        ([("A", 9, 2.0)], [], INDEX, DAYS, "prices: 1 rows have no security or no day, or a day that is no"),
        ([], [], [(1, -1.0)], DAYS, "benchmark: 1 closes are zero or negative"),
        ([], [], [(1, 1.0), (1, 2.0)], DAYS, "benchmark: 1 sessions have a second row"),
        ([], [("A", 3, 2)], INDEX, DAYS, "members: 1 rows have no security or no first day, or end before"),
        ([], [("A", 1, 2), ("A", 2, None)], INDEX, DAYS, "members: 1 spells begin before an earlier spell"),
        ([], [("A", 1, None), ("A", 3, None)], INDEX, DAYS, "members: 1 spells begin before an earlier"),
        ([], [], INDEX, [1, 3], "calendar: 1 session numbers are there twice, or missing"),
    ],
)
@pytest.mark.parametrize("engine", ["duckdb", "arrays", "reference"])
def test_faults_in_tables(  # type: ignore[no-untyped-def]
    tmp_path: Path, prices, members, index, days, fault: str, engine: str
) -> None:
    with pytest.raises(BadInputError, match=fault):
        open_engine(engine, write_panel(tmp_path, prices, members, index, days))


@pytest.mark.parametrize("engine", ["duckdb", "arrays", "reference"])
def test_a_table_without_its_columns_is_named(tables: PanelTables, engine: str) -> None:
    with duckdb.connect(":memory:") as database:
        database.execute(f"COPY (SELECT 1 AS security, 2 AS date) TO '{tables.prices}' (FORMAT parquet)")
    with pytest.raises(BadInputError, match=r"table prices at .*prices\.parquet cannot be read"):
        open_engine(engine, tables)


@pytest.mark.parametrize("engine", ["duckdb", "arrays", "reference"])
def test_an_empty_calendar(tmp_path: Path, engine: str) -> None:
    tables = write_panel(tmp_path, [], [], [], [])
    if engine == "arrays":
        with pytest.raises(BadInputError, match="calendar has no sessions"):
            open_engine(engine, tables)
        return
    with open_engine(engine, tables) as opened:
        assert len(opened.run("breadth")) == 0


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"prices: 1 closes.*; members: 1 rows"):
        open_engine("duckdb", write_panel(tmp_path, [("A", 1, -1.0)], [("A", 3, 2)], INDEX, DAYS))


def test_unknown_measure_and_parameters(tables: PanelTables) -> None:
    with open_engine("duckdb", tables) as engine:
        with pytest.raises(UnknownNameError, match=r"no panel measure rotations\. There are: window_return"):
            engine.run("rotations")
        with pytest.raises(BadWindowError, match=r"no parameter days\. It takes: trend, momentum"):
            engine.run("rotation", days=3)
        with pytest.raises(BadWindowError, match=r"trend is 1 in the measure rotation; .* from 2 to"):
            engine.run("rotation", trend=1)
        with pytest.raises(BadWindowError, match=r"needs day"):
            engine.run("rotation_day")


@pytest.mark.parametrize("value", ["1; DROP VIEW prices", 2.5, True, np.float64(3), None])
def test_only_whole_numbers_reach_a_text(value: object) -> None:
    with pytest.raises(BadWindowError):
        find_measure("above_average").settle({"length": value})  # type: ignore[dict-item]


@pytest.mark.parametrize("engine", ["duckdb", "arrays"])
def test_writing_refuses_what_is_there_and_leaves_nothing_half_done(
    tables: PanelTables, tmp_path: Path, engine: str
) -> None:
    with open_engine(engine, tables) as opened:
        opened.write("rotation", tmp_path / "out", trend=2, momentum=2)
        with pytest.raises(BadInputError, match="is there already"):
            opened.write("rotation", tmp_path / "out", trend=2, momentum=2)
        tables.prices.unlink()
        with pytest.raises(Exception, match=r"prices"):
            opened.write("rotation", tmp_path / "second", trend=2, momentum=2)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "panel"]


@pytest.mark.parametrize("engine", ["duckdb", "arrays"])
def test_written_rows_are_those_of_a_run(tables: PanelTables, tmp_path: Path, engine: str) -> None:
    with open_engine(engine, tables) as opened:
        text = opened.write("rotation", tmp_path / "out", trend=2, momentum=2)
        result = opened.run("rotation", trend=2, momentum=2)
    assert text == result.sql
    with duckdb.connect(":memory:") as database:
        rows = database.execute(
            f"SELECT * FROM read_parquet('{tmp_path / 'out' / '*.parquet'}') ORDER BY day, security"
        ).fetchall()
    assert rows == result.rows()


def test_arrays_refuses_other_measures(tables: PanelTables) -> None:
    with (
        open_engine("arrays", tables) as engine,
        pytest.raises(BadInputError, match="knows rotation and breadth"),
    ):
        engine.run("dispersion")


def test_arrays_gives_the_same_with_more_threads_and_blocks(
    tables: PanelTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rotascope.panel.engines import array_engine

    monkeypatch.setattr(array_engine, "BLOCK", 1)
    lengths = {"short": 2, "long": 2, "beat": 1, "extreme": 2}
    with open_engine("arrays", tables, threads=2) as many, open_engine("reference", tables) as slow:
        assert many.run("breadth", **lengths).rows() == slow.run("breadth", **lengths).rows()
        found, expected = (e.run("rotation", trend=2, momentum=2).columns for e in (many, slow))
    assert found["security"].tolist() == expected["security"].tolist() == ["A", "B", "A", "B"]
    np.testing.assert_allclose(found["strength"], expected["strength"], rtol=1e-12)


def test_threads_change_no_bit_of_the_arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rotascope.panel.engines import array_engine

    monkeypatch.setattr(array_engine, "BLOCK", 3)
    rng, days = np.random.default_rng(2), list(range(1, 81))
    paths = 100.0 * np.exp(np.cumsum(rng.normal(0, 0.02, (20, 80)), axis=1))
    prices = [
        (f"S{i:02}", d, float(path[d - 1])) for i, path in enumerate(paths) for d in days if (i + d) % 41
    ]
    members = [(f"S{i:02}", 1, None if i % 2 else 60) for i in range(20)]
    index = [(d, 100.0 + d % 9) for d in days]
    tables = write_panel(tmp_path, prices, members, index, days)
    found = []
    for threads in (1, 2, 5):
        with open_engine("arrays", tables, threads=threads) as engine:
            points = engine.run("rotation", trend=9, momentum=4).columns
            counts = engine.run("breadth", short=5, long=12, beat=3, extreme=15).columns
        found.append(
            [c.tolist() if c.dtype == object else c.tobytes() for c in (*points.values(), *counts.values())]
        )
    assert found[0] == found[1] == found[2]


def test_state_refuses_what_does_not_follow_and_stays_as_it_was(tables: PanelTables) -> None:
    on = date(2030, 1, 1)
    with PanelState.begin(tables, sessions=3) as state:
        before = state.run("breadth_day", short=2, long=2, beat=1, extreme=2).rows()
        for day, when, closes, level in (
            (3, on, {"A": 1.0}, 1.0),
            (5, on, {"A": 1.0}, 1.0),
            (4, on, {"A": 0.0}, 1.0),
            (4, on, {"A": 1.0}, -1.0),
            (4, date(2020, 1, 1), {"A": 1.0}, 1.0),
        ):
            with pytest.raises(BadInputError):
                state.add(day, when, closes, level)
        assert state.last == 3
        assert state.run("breadth_day", short=2, long=2, beat=1, extreme=2).rows() == before
        with pytest.raises(BadWindowError, match=r"needs 252 sessions and the state holds 3"):
            state.run("breadth_day")
        with pytest.raises(BadWindowError, match=r"rotation_day and breadth_day"):
            state.run("rotation")


def test_state_comes_back_from_disk(tables: PanelTables, tmp_path: Path) -> None:
    lengths = {"short": 2, "long": 3, "beat": 2, "extreme": 3}
    with PanelState.begin(tables, sessions=3) as state:
        state.save(tmp_path / "state")
        with PanelState.load(tmp_path / "state") as again:
            assert (again.last, again.sessions) == (3, 3)
            for s in (state, again):
                s.add(4, date(2030, 1, 1), {"A": 13.0, "C": 5.0}, 103.0)
            assert again.run("breadth_day", **lengths).rows() == state.run("breadth_day", **lengths).rows()
        with pytest.raises(BadInputError, match="is there already"):
            state.save(tmp_path / "state")


def test_state_with_a_short_history_keeps_the_length_asked_for(tables: PanelTables) -> None:
    with PanelState.begin(tables, sessions=5) as state:
        assert state.sessions == 5
        assert len(state.run("rotation_day", trend=2, momentum=3)) == 2


def test_more_rows_later_never_change_earlier_points(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    path = np.exp(np.cumsum(rng.normal(0, 0.01, 40))).tolist()
    for engine in ("duckdb", "arrays"):
        points = []
        for n in (30, 40):
            days = list(range(1, n + 1))
            prices = [("A", d, path[d - 1]) for d in days]
            index = [(d, 100.0 + d) for d in days]
            folder = tmp_path / f"{engine}{n}"
            with open_engine(engine, write_panel(folder, prices, [], index, days)) as opened:
                points.append(opened.run("rotation", trend=5, momentum=3).columns["strength"])
        np.testing.assert_allclose(points[1][: len(points[0])], points[0], rtol=1e-13)


def test_results_need_no_pandas(tables: PanelTables) -> None:
    paths = [str(p) for p in (tables.prices, tables.members, tables.benchmark, tables.calendar)]
    program = f"""
import sys
sys.modules["pandas"] = None
from pathlib import Path
from rotascope.panel import PanelTables, open_engine
tables = PanelTables(*map(Path, {paths!r}))
with open_engine("duckdb", tables) as engine:
    print(len(engine.run("rotation_day", day=3, trend=2, momentum=2)))
with open_engine("arrays", tables) as engine:
    print(len(engine.run("rotation", trend=2, momentum=2)))
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert told.stdout.split() == ["2", "4"], told.stderr


@pytest.mark.parametrize("engine", ["duckdb", "arrays"])
def test_measures_written_together_are_those_written_apart(
    tables: PanelTables, tmp_path: Path, engine: str
) -> None:
    asked = {"rotation": {"trend": 2, "momentum": 2}, "breadth": {"short": 2, "long": 2, "extreme": 2}}
    folders = {name: tmp_path / f"together-{name}" for name in asked}
    with open_engine(engine, tables) as opened:
        texts = opened.write_all(folders, asked)
        for name, parameters in asked.items():
            assert texts[name] == opened.write(name, tmp_path / name, **parameters)
    with duckdb.connect(":memory:") as database:
        for name, folder in folders.items():
            together, apart = (
                database.execute(f"SELECT * FROM read_parquet('{f}/*.parquet') ORDER BY ALL").fetchall()
                for f in (folder, tmp_path / name)
            )
            assert together == apart and together


@pytest.mark.parametrize("fault", ["a folder that is there", "no prices", "an impossible window"])
def test_arrays_write_all_or_nothing(tables: PanelTables, tmp_path: Path, fault: str) -> None:
    folders = {"rotation": tmp_path / "rotation", "breadth": tmp_path / "breadth"}
    with open_engine("arrays", tables) as opened:
        if fault == "no prices":
            tables.prices.unlink()
        elif fault == "a folder that is there":
            folders["breadth"].mkdir()
        with pytest.raises(Exception, match=r"prices|is there already|momentum is 1"):
            opened.write_all(folders, {"rotation": {"momentum": 1 if "window" in fault else 2}})
    left = {p.name for p in tmp_path.iterdir()} - {"panel"}
    assert left == ({"breadth"} if "there" in fault else set())
