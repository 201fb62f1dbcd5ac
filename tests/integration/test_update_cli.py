"""The commands as a person types them: what they print, and their exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rotascope.app import refresh as workflows
from rotascope.app import wiring
from rotascope.cli.app import build_app
from rotascope.ingest.fetch.base import FetchError
from rotascope.model.errors import RotascopeError
from standin.made_up import Answers, MadeUp, answer, column, noon

JAN = {"2025-11-30": 1.0, "2025-12-31": 2.0}


class Desk:
    """The command line with a made-up source; `day` is when it is."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.day = "2026-02-02"
        self.answers = Answers(self.now)
        monkeypatch.setattr(wiring, "now", self.now)
        monkeypatch.setattr(wiring, "today", lambda: self.now().date())
        monkeypatch.setattr(workflows, "sources", lambda: {"made": MadeUp(["A", "B"])})
        monkeypatch.setattr(workflows, "open_fetcher", self.opened)

    def now(self) -> Any:
        return noon(self.day)

    @contextmanager
    def opened(self, settings: object) -> Iterator[Answers]:
        yield self.answers

    def run(self, *arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(build_app(), list(arguments))
        if isinstance(result.exception, RotascopeError):
            raise result.exception
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.output


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(monkeypatch)


def hml(rows: dict[str, float], vintage: str) -> bytes:
    return answer(column("A", rows, vintage=vintage))


def test_update_prints_what_is_new_and_names_what_failed(desk: Desk) -> None:
    desk.answers.given = {"A": hml(JAN, "2026-02-02"), "B": FetchError("quota", "Used up.", url="x")}
    code, text = desk.run("data", "update")
    assert code == 1
    assert text.splitlines()[0].endswith("Series: 1 new, 0 revised, 0 unchanged, 0 stale, 1 failed.")
    assert "failed   made:B                   B: quota: Used up. Nothing of it is stored." in text
    assert "new      made:A                   A value: 2 rows from 2025-11-30 to 2025-12-31" in text
    assert text.splitlines()[-1] == "Failed: made:B."
    desk.answers.given["B"] = answer(column("B", {"2026-01-30": 4.0}, frequency="daily"))
    code, text = desk.run("data", "update", "B", "--json")
    told = json.loads(text)
    assert (code, told["ok"], told["new"], told["failed_tasks"]) == (0, True, 1, [])
    desk.day = "2026-02-06"
    desk.answers.given["B"] = FetchError("timeout", "No answer.", url="x")
    code, text = desk.run("data", "update", "B")
    assert code == 1
    assert "The values to 2026-01-30 are kept (stale since 2026-02-02)." in text


def test_a_revision_is_listed_and_can_be_looked_at(desk: Desk) -> None:
    desk.answers.given["A"] = hml(JAN, "2026-02-02")
    desk.run("data", "update", "A")
    with pytest.raises(RotascopeError, match="has one version"):
        desk.run("data", "diff", "A")
    desk.day = "2026-03-02"
    desk.answers.given["A"] = hml({"2025-11-30": 1.0, "2025-12-31": 3.2, "2026-01-31": 0.5}, "2026-03-02")
    code, text = desk.run("data", "update", "A")
    assert code == 0
    assert "1 month of A changed, up to 1.2 points, on 2025-12-31; 1 month added (2026-01-31)" in text
    code, text = desk.run("data", "diff", "A")
    assert code == 0
    lines = text.splitlines()
    assert lines[0].split()[:2] == ["from", "2026-02-02"]
    assert lines[-1].split() == ["2025-12-31", "2", "3.2", "1.2"]
    _, text = desk.run(
        "data", "diff", "A", "--from-vintage", "2026-02-02", "--to-vintage", "2026-03-02", "--json"
    )
    told = json.loads(text)
    assert told["rows"] == [{"date": "2025-12-31", "old": 2.0, "new": 3.2, "difference": pytest.approx(1.2)}]
    assert (told["difference_unit"], told["from"]["vintage"]) == ("pp", "2026-02-02")


def test_reconcile_says_where_sources_differ(desk: Desk, tmp_path: Path) -> None:
    rows = {"2026-01-28": 4.0, "2026-01-29": 4.1, "2026-01-30": 4.2}
    desk.answers.given["B"] = answer(column("B", rows, field="close", unit="usd", frequency="daily"))
    desk.run("data", "update", "B")
    file = tmp_path / "B.csv"
    file.write_text("Date,Close,Adj Close\n2026-01-28,4.0,4.0\n2026-01-29,4.1,4.1\n2026-01-30,4.5,4.5\n")
    desk.run("data", "import", str(file))
    code, text = desk.run("data", "reconcile", "B")
    assert code == 1
    assert "1 of 3 common dates, 2026-01-30 to 2026-01-30" in text
    code, text = desk.run("data", "reconcile", "B", "--json")
    (pair,) = json.loads(text)["pairs"]
    assert (code, pair["beyond"], pair["common"]) == (1, 1, 3)
    assert abs(pair["largest"]["difference"]) == pytest.approx(0.3)


def test_quote_without_a_network_is_a_close_and_says_so(desk: Desk) -> None:
    rows = {"2026-01-29": 100.0, "2026-01-30": 98.5}
    desk.answers.given["B"] = answer(column("B", rows, field="close", unit="usd", frequency="daily"))
    desk.run("data", "update", "B")
    code, text = desk.run("quote", "b", "--offline")
    assert code == 0
    assert "close of 2026-01-30" in text
    assert "-1.50 (-1.50%) since the close of 2026-01-29" in text
    code, text = desk.run("quote", "B", "--json")  # the made-up fetcher knows no quotes
    (told,) = json.loads(text)
    assert (told["kind"], told["day"], told["time"]) == ("close", "2026-01-30", None)
    assert told["why_not_live"].startswith("not_found")
    with pytest.raises(RotascopeError, match="NOPE has no quote"):
        desk.run("quote", "NOPE", "--offline")


def test_since_in_the_future_and_unknown_names_are_refused(desk: Desk) -> None:
    with pytest.raises(RotascopeError, match="in the future"):
        desk.run("data", "update", "--since", "2026-02-03")
    with pytest.raises(RotascopeError, match="No source brings 'ZZZ'"):
        desk.run("data", "update", "ZZZ")


def test_an_interrupted_update_says_how_to_go_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(workflows, "update_data", interrupted)
    code, text = desk.run("data", "update")
    assert code == 130
    assert "goes on from here" in text


def test_status_says_when_and_why_an_update_failed(desk: Desk) -> None:
    desk.answers.given = {"A": hml(JAN, "2026-02-02"), "B": FetchError("quota", "Used up.", url="x")}
    assert desk.run("data", "update", "made")[0] == 1
    desk.day = "2026-02-03"
    desk.answers.given = {
        "A": FetchError("blocked", "It says no.", url="x"),
        "B": FetchError("quota", "Gone.", url="x"),
    }
    assert desk.run("data", "update", "made")[0] == 1

    code, text = desk.run("data", "status")
    assert code == 0
    tail = text[text.index("Updates that failed last time") :]
    assert "2026-02-03 12:00 UTC  made:A  blocked: It says no." in tail
    assert "2026-02-03 12:00 UTC  made:B  quota: Gone." in tail
    told = json.loads(desk.run("data", "status", "--json")[1])
    mine = {s["series"]: s for s in told if s["failed_update"]}
    assert set(mine) == {"A", "B"}
    assert mine["A"]["rows"] == 2 and mine["A"].keys() == mine["B"].keys()
    assert mine["B"]["rows"] == 0 and mine["B"]["source"] is None
    assert mine["A"]["failed_update"]["at"].startswith("2026-02-03T12:00")
    assert (mine["A"]["failed_update"]["code"], mine["A"]["failed_update"]["reason"]) == (
        "blocked",
        "It says no.",
    )

    # a series that never came in: the reason, where there was only "no such series"
    assert "quota: Gone." in desk.run("data", "status", "B")[1]
    with pytest.raises(RotascopeError, match="no series 'C'"):
        desk.run("data", "status", "C")

    desk.answers.given = {"A": hml(JAN | {"2026-01-31": 3.0}, "2026-02-03")}
    desk.run("data", "update", "made")
    assert "made:A  blocked" not in desk.run("data", "status")[1]
    assert {s["failed_update"] for s in json.loads(desk.run("data", "status", "A", "--json")[1])} == {None}
