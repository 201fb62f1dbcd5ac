"""`rotascope open`, `rotascope report --open` and `rotascope schema`."""

from __future__ import annotations

import json
import webbrowser
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from rotascope.cli.showing import open_report, run_schema
from rotascope.model.errors import BadInputError


class StandIn:
    """A browser that writes down what it was asked to show."""

    def __init__(self, answer: bool | Exception = True) -> None:
        self.shown: list[str] = []
        self.answer = answer

    def open(self, address: str) -> bool:
        self.shown.append(address)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    made = StandIn()
    monkeypatch.setattr(webbrowser, "open", made.open)
    return made


def run(*args: str) -> int:
    from rotascope.cli.app import build_app

    try:
        build_app()(list(args), standalone_mode=False)
    except SystemExit as done:
        return int(done.code or 0)
    return 0


def test_the_page_is_shown_by_its_address(browser: StandIn, tmp_path: Path) -> None:
    folder = tmp_path / "my reports #1"
    folder.mkdir()
    for name in ("report.md", "report.html", "report.xhtml"):
        (folder / name).write_text("x")
    open_report(folder)
    assert browser.shown == [(folder / "report.html").resolve().as_uri()]
    assert browser.shown[0].endswith("/my%20reports%20%231/report.html")


def test_without_a_page_the_next_best_is_shown(browser: StandIn, tmp_path: Path) -> None:
    (tmp_path / "report.md").write_text("x")
    (tmp_path / "report.pdf").write_text("x")
    open_report(tmp_path)
    assert browser.shown[0].endswith("report.pdf")


@pytest.mark.parametrize("answer", [False, webbrowser.Error("none")])
def test_without_a_browser_the_path_is_printed(
    answer: bool | Exception, browser: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    browser.answer = answer
    (tmp_path / "report.html").write_text("x")
    open_report(tmp_path)
    said = capsys.readouterr()
    assert str((tmp_path / "report.html").resolve()) in said.err
    assert said.out == ""


@pytest.mark.parametrize("name", ["empty", "missing"])
def test_a_folder_without_a_report_is_refused(name: str, browser: StandIn, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInputError, match="holds no report"):
        open_report(tmp_path / name)
    assert browser.shown == []


def test_a_report_is_opened_when_asked(
    browser: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "r"
    asked = ["report", "--case", "january-2026", "--out", str(folder), "--format", "html,markdown"]
    assert run(*asked) == 0
    assert browser.shown == []
    assert run(*asked, "--open", "--json") == 0
    assert browser.shown == [(folder / "report.html").resolve().as_uri()]
    assert run("open", str(folder)) == 0
    assert len(browser.shown) == 2
    assert "Verified" in capsys.readouterr().out


def test_a_report_without_ixbrl_has_no_taxonomy(tmp_path: Path) -> None:
    asked = ["report", "--case", "january-2026", "--json", "--out"]
    assert run(*asked, str(tmp_path / "a"), "--format", "markdown") == 0
    assert run(*asked, str(tmp_path / "b"), "--format", "ixbrl") == 0
    a, b = ({p.name for p in (tmp_path / name).iterdir()} for name in "ab")
    assert b - a == {"report.xhtml", "rotascope-2026.xsd"}
    assert a - b == {"report.md"}
    assert "ro-crate-metadata.json" in a & b
    assert run("verify", str(tmp_path / "b")) == 0


def test_schemas_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    run_schema(None)
    listed = capsys.readouterr().out.split()
    assert {"facts", "manifest", "report"} <= set(listed)
    for name in listed:
        assert run("schema", name) == 0
        schema = json.loads(capsys.readouterr().out)
        Draft202012Validator.check_schema(schema)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
