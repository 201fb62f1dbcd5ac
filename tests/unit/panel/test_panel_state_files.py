"""A state on disk: what was added is there, what was interrupted is not, and damage is told."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.drawing import draw_panel, write_panel
from rotascope.model.errors import BadInputError
from rotascope.panel import PanelState, PanelTables, open_engine, state_files

SMALL = """
    day | bench |  A |  B
      1 |   100 | 10 | 20
      2 |   101 | 11 | 19
      3 |   102 | 12 |  -
"""
LENGTHS = {"short": 2, "long": 3, "beat": 2, "extreme": 3}
ON = date(2030, 1, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a state of three sessions."""
    with PanelState.begin(draw_panel(tmp_path / "panel", SMALL), sessions=3) as state:
        state.save(tmp_path / "state")
    return tmp_path / "state"


def answers(state: PanelState) -> tuple[object, ...]:
    """Return all that a state says."""
    return (
        state.last,
        state.run("breadth_day", **LENGTHS).rows(),
        state.run("rotation_day", trend=2, momentum=2).rows(),
    )


def add(state: PanelState, closes: dict[str, float | None], level: float | None = 103.0) -> None:
    """Add the session after the last."""
    state.add(state.last + 1, ON + timedelta(days=state.last), closes, level)


def test_what_was_added_is_there_again(folder: Path) -> None:
    with PanelState.load(folder) as memory:
        for closes in ({"A": 13.0, "B": 18.0}, {"A": 12.5, "C": 5.0}, {"B": None}, {"C": 6.0, "B": 17.0}):
            add(memory, closes)  # type: ignore[arg-type]
            with PanelState.open(folder) as state:
                add(state, closes)  # type: ignore[arg-type]
                assert answers(state) == answers(memory)
            with PanelState.load(folder) as again:
                assert answers(again) == answers(memory)


def test_loading_writes_nothing(folder: Path) -> None:
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    with PanelState.load(folder) as state:
        add(state, {"A": 13.0})
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


def test_a_saved_state_holds_no_more_than_is_kept(folder: Path) -> None:
    with PanelState.open(folder) as state:
        for i in range(100):
            add(state, {"A": 10.0 + i, "B": 20.0})
        state.save(folder.with_name("smaller"))
        assert answers(PanelState.load(folder.with_name("smaller"))) == answers(state)
    assert (folder / "closes.bin").stat().st_size == 103 * 2 * 8
    assert (folder.with_name("smaller") / "closes.bin").stat().st_size == 3 * 2 * 8


@pytest.mark.parametrize("at", [0, 1, 2])
def test_an_interrupted_addition_is_none(folder: Path, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """The disk is full at the names, the closes or the record, halfway through what was to be written."""
    with PanelState.load(folder) as untouched:
        expected = answers(untouched)
    write, count = state_files._write_at, 0

    def full(path: Path, place: int, data: bytes) -> None:
        nonlocal count
        count += 1
        if count - 1 == at:
            write(path, place, data[: len(data) // 2])
            raise OSError("no space left")
        write(path, place, data)

    with PanelState.open(folder) as state:
        monkeypatch.setattr(state_files, "_write_at", full)
        with pytest.raises(OSError, match="no space"):
            add(state, {"A": 1.0, "C": 2.0})
        assert answers(state) == expected
        monkeypatch.undo()
        with PanelState.load(folder) as again:
            assert answers(again) == expected
        add(state, {"D": 3.0, "A": 13.0})
        after = answers(state)
    with PanelState.load(folder) as again:
        assert answers(again) == after


@pytest.mark.parametrize("name", ["closes.bin", "sessions.bin", "names.jsonl", "members.bin", "state.json"])
def test_a_changed_byte_is_told_or_changes_nothing(folder: Path, name: str) -> None:
    """Every byte of every file, turned over. The last record may be taken for an interrupted one."""
    with PanelState.open(folder) as state:
        one_less = answers(state)
        add(state, {"A": 13.0, "B": 18.0})
        expected = answers(state)
    data = (folder / name).read_bytes()
    allowed = [expected, one_less] if name == "sessions.bin" else [expected]
    for i in range(len(data)):
        (folder / name).write_bytes(data[:i] + bytes([data[i] ^ 0xFF]) + data[i + 1 :])
        try:
            with PanelState.load(folder) as state:
                found = answers(state)
        except BadInputError:
            continue
        assert found in allowed, i


@pytest.mark.parametrize("name", ["closes.bin", "sessions.bin", "names.jsonl", "members.bin", "state.json"])
def test_a_missing_or_empty_file_is_told(folder: Path, name: str) -> None:
    spoilers: tuple[Callable[[Path], object], ...] = (lambda p: p.write_bytes(b""), Path.unlink)
    for spoil in spoilers:
        spoil(folder / name)
        for way in (PanelState.load, PanelState.open):
            with pytest.raises(BadInputError, match=r"is damaged|holds no state"):
                way(folder)


def test_one_process_adds_at_a_time(folder: Path) -> None:
    with PanelState.open(folder):
        with pytest.raises(BadInputError, match="Another process adds to"):
            PanelState.open(folder)
        with PanelState.load(folder) as reader:
            assert reader.last == 3
    with PanelState.open(folder) as state:
        assert state.last == 3


@pytest.mark.parametrize(
    ("closes", "told"),
    [
        ({"A": math.inf}, "a close is positive; look at"),
        ({"A": -1.0}, "a close is positive; look at"),
        ({7: 5.0}, "7 is not a text"),
        ({None: 5.0}, "None is not a text"),
        ({"A": 5.0, 2.5: 3.0}, "2.5 is not a text"),
    ],
)
def test_a_bad_addition_changes_nothing(folder: Path, closes: dict[object, float], told: str) -> None:
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    with PanelState.open(folder) as state:
        expected = answers(state)
        with pytest.raises(BadInputError, match=told):
            state.add(4, ON, closes, 1.0)
        with pytest.raises(BadInputError, match="benchmark"):
            state.add(4, ON, {"A": 1.0}, math.inf)
        assert answers(state) == expected
    del before["state.json"]
    assert all((folder / name).read_bytes() == data for name, data in before.items())


def test_a_folder_without_a_state(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="holds no state of a panel"):
        PanelState.load(tmp_path)


PATH = st.lists(
    st.one_of(st.none(), st.floats(0.5, 2.0).map(lambda x: round(100 * x, 2))), min_size=30, max_size=30
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PATH, min_size=1, max_size=4), st.integers(1, 20))
def test_every_added_session_is_that_of_the_arrays(tmp_path_factory, paths, held: int) -> None:  # type: ignore[no-untyped-def]
    """Securities with numbers as names, through the files: the rows of a whole run, session by session."""
    folder = tmp_path_factory.mktemp("state")
    days = list(range(1, 31))

    def panel(name: str, count: int) -> PanelTables:
        prices = [(str(i), d, path[d - 1]) for i, path in enumerate(paths) for d in days[:count]]
        index = [(d, 100.0 + d % 7) for d in days[:count]]
        return write_panel(folder / name, prices, [("0", 1, 25), ("1", 3, None)], index, days[:count])

    lengths = {"short": 3, "long": 7, "beat": 2, "extreme": 6}
    with open_engine("arrays", panel("whole", 30)) as engine:
        points = engine.run("rotation", trend=5, momentum=3)
        counts = engine.run("breadth", **lengths)
    with PanelState.begin(panel("held", held), sessions=7) as state:
        state.save(folder / "state")
    for day in days[held:]:
        closes = {str(i): path[day - 1] for i, path in enumerate(paths)}
        with PanelState.open(folder / "state") as state:
            state.add(day, ON + timedelta(days=day), closes, 100.0 + day % 7)
            found = state.run("rotation_day", trend=5, momentum=3)
            at = points.columns["day"] == day
            assert found.columns["security"].tolist() == points.columns["security"][at].tolist()
            for name in ("strength", "momentum"):
                np.testing.assert_allclose(found.columns[name], points.columns[name][at], rtol=1e-13)
            assert state.run("breadth_day", **lengths).rows() == [r for r in counts.rows() if r[0] == day]


def test_numbers_stay_numbers(folder: Path) -> None:
    held = state_files.Held(
        [3, 1], np.array([[1.0, 2.0]]), np.array([5.0]), np.array([[0, 1, 9]]), 1, [ON.toordinal()]
    )
    state_files.write_state(folder.with_name("numbers"), held, 3)
    with PanelState.open(folder.with_name("numbers")) as state:
        state.add(2, ON + timedelta(days=1), {1: 2.5, np.int64(3): 1.5, np.int64(2): 4.0}, 5.0)
        with pytest.raises(BadInputError, match="'A' is not a whole number"):
            state.add(3, ON + timedelta(days=2), {"A": 4.0}, 5.0)
    with PanelState.load(folder.with_name("numbers")) as again:
        rows = again.run("rotation_day", trend=2, momentum=2).rows()
    assert [r[1] for r in rows] == [1, 3]
    assert rows[0][2] == pytest.approx(100.0 * (2.5 / 2.0) ** 0.5)
