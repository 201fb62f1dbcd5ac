"""`rotascope panel`: measures over series of the store and over files, and what it says of bad input."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from rotascope.app.panel import PanelRequest, refuse_silent_master, run_panel
from rotascope.app.settings import Settings
from rotascope.ingest import calendar
from rotascope.model.errors import BadInputError, BadWindowError, RotascopeError

START, END = date(2024, 1, 2), date(2024, 1, 31)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Three securities over the sessions of a month: A gains 1 a day from 100, B stays, C loses 1 a day."""
    days = [d.isoformat() for d in calendar.sessions(START, END).tolist()]
    rows = ["security,date,close"]
    for name, step in (("A", 1), ("B", 0), ("C", -1)):
        rows += [f"{name},{day},{100 + step * i}" for i, day in enumerate(days)]
    out = {"prices": tmp_path / "prices.csv", "benchmark": tmp_path / "benchmark.csv"}
    out["prices"].write_text("\n".join(rows) + "\n", "utf-8")
    out["benchmark"].write_text("date,close\n" + "".join(f"{day},50\n" for day in days), "utf-8")
    out["members"] = tmp_path / "members.csv"
    out["members"].write_text(f"security,first_date,last_date\nA,{START},\nB,{START},{days[5]}\n", "utf-8")
    return out


def ask(files: dict[str, Path], measure: str, **more: object) -> PanelRequest:
    named = {"benchmark": str(files["benchmark"]), "prices": files["prices"], "start": START, "end": END}
    return PanelRequest(measure=measure, **(named | more))  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", ["duckdb", "reference"])
def test_ranking_by_hand(files: dict[str, Path], tmp_path: Path, engine: str) -> None:
    """Ten sessions on, A has gone from 110 to 120, C from 90 to 80."""
    request = ask(files, "ranking", parameters={"length": "10", "day": "2024-01-31"}, engine=engine)
    answer = run_panel(Settings(tmp_path / "home"), request)
    last = len(calendar.sessions(START, END)) - 1
    columns = answer.columns()
    assert columns["day"] == ["2024-01-31"] * 3
    assert columns["security"] == ["A", "B", "C"]
    a, c = (100 + last) / (90 + last) - 1, (100 - last) / (110 - last) - 1
    assert columns["change"] == pytest.approx([100 * a, 0.0, 100 * c])
    assert columns["place"] == [1.0, 2.0, 3.0]
    assert answer.notes
    assert "SELECT" in answer.result.sql.upper()


def test_members_come_and_go(files: dict[str, Path], tmp_path: Path) -> None:
    answer = run_panel(Settings(tmp_path / "home"), ask(files, "advance_decline", members=files["members"]))
    counted = answer.columns()["counted"]
    assert (counted[1], counted[-1]) == (2, 1)
    assert answer.notes == ()


BAD: list[tuple[dict[str, object], type[RotascopeError], str]] = [
    ({"measure": "breath"}, RotascopeError, "no panel measure breath"),
    ({"start": END, "end": START}, BadWindowError, "The start comes before"),
    ({"parameters": {"length": "ten"}}, BadInputError, "no whole number"),
    ({"parameters": {"size": "3"}}, BadWindowError, "no parameter size"),
    ({"prices": None}, BadInputError, "needs prices"),
    ({"engine": "sparkle"}, BadInputError, "no engine"),
    ({"prices": Path("missing.csv")}, BadInputError, "no file missing.csv"),
    ({"benchmark": "NOPE"}, RotascopeError, "no series 'NOPE'"),
]


@pytest.mark.parametrize(("change", "error", "said"), BAD, ids=[b[2] for b in BAD])
def test_bad_input_gets_one_clear_error(
    files: dict[str, Path], tmp_path: Path, change: dict[str, object], error: type[RotascopeError], said: str
) -> None:
    measure = str(change.pop("measure", "window_return"))
    with pytest.raises(error, match=said):
        run_panel(Settings(tmp_path / "home"), ask(files, measure, **change))


def test_a_day_without_a_session_is_refused(files: dict[str, Path], tmp_path: Path) -> None:
    saturday = next(START + timedelta(days=i) for i in range(9) if (START + timedelta(days=i)).weekday() == 5)
    with pytest.raises(BadWindowError, match=f"day is '{saturday}'"):
        run_panel(Settings(tmp_path / "home"), ask(files, "ranking", parameters={"day": str(saturday)}))


def test_a_file_without_the_columns_is_refused(files: dict[str, Path], tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("ticker,when,price\nA,2024-01-02,1\n", "utf-8")
    with pytest.raises(BadInputError, match=r"bad\.csv cannot be read"):
        run_panel(Settings(tmp_path / "home"), ask(files, "window_return", prices=bad))


def test_a_master_that_does_not_answer_is_named_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(BadInputError, match=f"No Spark master answers at spark://127.0.0.1:{port}"):
        refuse_silent_master(f"spark://127.0.0.1:{port}")
    refuse_silent_master("duckdb")
    refuse_silent_master("local[2]")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., subprocess.CompletedProcess[str]]:
    monkeypatch.chdir(tmp_path)

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "rotascope", "panel", *words], capture_output=True, text=True, check=False
        )

    return command


def test_the_commands(
    files: dict[str, Path], tmp_path: Path, run: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    named = json.loads(run("list", "--json").stdout)
    assert {"rotation", "breadth"} <= {m["name"] for m in named}
    words = ("run", "window_return", "--prices", str(files["prices"]), "--benchmark", str(files["benchmark"]))
    words += ("--start", str(START), "--end", str(END), "--set", "length=5")
    answer = json.loads(run(*words, "--json").stdout)
    assert answer["parameters"] == {"length": 5}
    assert len(answer["columns"]["day"]) == len(answer["columns"]["change"])
    written = run(*words, "--out", "rows.csv")
    assert written.returncode == 0, written.stderr
    assert (tmp_path / "rows.csv").read_text("utf-8").startswith("day,security,change\n")
    assert (tmp_path / "rows.sql").read_text("utf-8") == answer["sql"]
    assert "unknown" in run(*words).stdout or "change" in run(*words).stdout
    refused = run(*words, "--set", "length")
    assert refused.returncode == 2
    assert "Write NAME=VALUE" in refused.stderr


DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("page", ["measures.md", "scaling.md"])
def test_examples_of_the_documentation(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the pages show is what the commands print, from the data in the wheel."""
    monkeypatch.chdir(tmp_path)
    examples = re.findall(
        r"^    \$ (.*rotascope panel .*)\n((?:    .*\n)+)", (DOCS / page).read_text("utf-8"), re.M
    )
    assert examples
    for command, shown in examples:
        words = command.split()
        chosen = dict(w.split("=") for w in words[: words.index("rotascope")])
        environment = {**os.environ, "ROTASCOPE_HOME": str(tmp_path / "home"), **chosen}
        told = subprocess.run(
            [sys.executable, "-m", *words[words.index("rotascope") :]],
            capture_output=True, text=True, check=True, env=environment,
        )  # fmt: skip
        assert [line.strip() for line in told.stdout.splitlines()] == [
            line.strip() for line in shown.splitlines()
        ]
