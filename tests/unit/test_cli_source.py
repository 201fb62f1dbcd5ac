"""The `source` commands, as a person uses them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rotascope.cli import main

Run = Callable[..., tuple[int, str, str]]
TEXT = """Small caps lead in November 2018
30 November 2018
The S&P 500 rose 1.79% in November 2018. It closed at 2,760.17 on November 30, 2018.
The Nasdaq Composite gained 9.9% in November 2018.
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Return a function that runs a command and gives exit code, output and error output."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["rotascope", *arguments])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        done = capsys.readouterr()
        return code, done.out, done.err

    return call


@pytest.fixture
def saved(run: Run, tmp_path: Path) -> str:
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    code, out, err = run("source", "add", "a.txt", "--publisher", "Example News", "--json")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    assert answer["outcome"] == "added" and answer["published"] == "2018-11-30"
    return str(answer["id"])


def test_add_list_show(run: Run, saved: str) -> None:
    _, out, _ = run("source", "list", "--json")
    assert [a["id"] for a in json.loads(out)] == [saved]
    _, out, _ = run("source", "show", saved[:8], "--text")
    assert "2,760.17" in out and "Example News" in out
    _, out, _ = run("source", "list")
    assert saved in out.replace("\n", "")


def test_the_same_file_again_adds_nothing(run: Run, saved: str) -> None:
    code, out, _ = run("source", "add", "a.txt", "--publisher", "Example News")
    assert code == 0 and "Already saved" in out
    Path("a.txt").write_text(TEXT.replace("9.9", "9.8"), "utf-8")
    _, out, _ = run("source", "add", "a.txt", "--publisher", "Example News")
    assert "version 2" in out


def test_remove_restore_purge(run: Run, saved: str) -> None:
    assert run("source", "remove", saved)[0] == 0
    assert "No article" in run("source", "list")[1]
    assert saved in run("source", "list", "--trash", "--json")[1]
    assert run("source", "restore", saved)[0] == 0
    assert run("source", "show", saved)[0] == 0
    run("source", "remove", saved)
    code, out, _ = run("source", "purge", "--yes")
    assert code == 0 and "Deleted 1 article" in out
    assert run("source", "restore", saved)[0] == 2


def test_check_prints_figures_and_verdicts(run: Run, saved: str) -> None:
    """By the pack that ships: the S&P 500 closed at 2,711.74 on 31 October and 2,760.17 on 30 November 2018,
    which is +1.786%; the Nasdaq Composite went from 7,305.90 to 7,330.54, which is +0.34%."""
    code, out, _ = run("source", "check", saved, "--json")
    assert code == 0
    told = {f["text"]: f["verdict"] for f in json.loads(out)["figures"]}
    assert told == {"1.79%": "confirmed", "2,760.17": "not_checkable", "9.9%": "contradicted"}
    _, out, _ = run("source", "check", saved, "--all")
    assert "contradicted" in out and "0.337%" in out


REFUSED: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
    (("source", "add", "missing.txt"), ("missing.txt", "https://")),
    (("source", "add", "a.txt"), ("publisher", "--publisher")),
    (("source", "add", "http://127.0.0.1/x"), ("127.0.0.1", "https://")),
    (("source", "add", "https://localhost/x"), ("localhost", "https://")),
    (("source", "add", "a.txt", "--publisher", "P", "--date", "soon"), ("--date", "soon", "YYYY-MM-DD")),
    (("source", "add", "a.txt", "--publisher", "P", "--date", "2999-01-01"), ("2999-01-01", "future")),
    (("source", "add", "a.txt", "--publisher", "P", "--url", "file:///etc/passwd"), ("file:///etc/passwd",)),
    (("source", "add", "a.pdf", "--publisher", "P"), ("PDF", ".txt")),
    (("source", "show", "nothing"), ("nothing", "source list")),
    (("source", "remove", "nothing"), ("nothing", "source list")),
    (("source", "restore", "nothing"), ("nothing", "--trash")),
]


@pytest.mark.parametrize(("arguments", "named"), REFUSED, ids=lambda x: " ".join(x)[:40])
def test_refusals_name_the_value_and_the_fix(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], named: tuple[str, ...]
) -> None:
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4 x")
    code, out, err = run(*arguments)
    assert code == 2 and out == ""
    for word in named:
        assert word in err, err
    assert "No article" in run("source", "list")[1]


def test_check_refuses_days_before_and_after(run: Run, saved: str) -> None:
    for day, word in (("2018-11-29", "before the article"), ("2999-01-01", "future")):
        code, _, err = run("source", "check", saved, "--as-of", day)
        assert code == 2 and word in err


def test_an_undated_article_needs_a_day(run: Run, tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("A title\nThe S&P 500 rose 1.79% in November 2018.", "utf-8")
    _, out, _ = run("source", "add", "b.txt", "--publisher", "P", "--json")
    name = json.loads(out)["id"]
    code, _, err = run("source", "check", name)
    assert code == 2 and "--as-of" in err
    code, out, _ = run("source", "check", name, "--as-of", "2018-12-03", "--json")
    assert code == 0 and json.loads(out)["counts"]["confirmed"] == 1


def test_control_characters_do_not_reach_the_terminal(run: Run, tmp_path: Path) -> None:
    (tmp_path / "c.txt").write_text("A title\nIt rose \x1b[2J 5%.\u202e x", "utf-8")
    _, out, _ = run("source", "add", "c.txt", "--publisher", "P\x1b[31m", "--json")
    name = json.loads(out)["id"]
    for command in (("show", name, "--text"), ("list",), ("check", name, "--all", "--as-of", "2018-12-03")):
        _, out, _ = run("source", *command)
        assert "\x1b" not in out and "\u202e" not in out


def test_a_report_cites_the_article(run: Run, saved: str, tmp_path: Path) -> None:
    out = tmp_path / "r"
    code, _, err = run(
        "report", "--start", "2018-10-31", "--end", "2018-11-30", "--as-of", "2018-12-03", "--cite", saved,
        "--format", "markdown,json", "--out", str(out), "--no-related",
    )  # fmt: skip
    assert code == 0, err
    body = (out / "report.md").read_text("utf-8")
    assert "What the press printed" in body and "Example News" in body
    assert "+9.9%" in body and "below what was printed" in body and "agrees" in body
    code, _, err = run(
        "report", "--start", "2018-10-31", "--end", "2018-11-30", "--as-of", "2018-11-29", "--cite", saved,
    )  # fmt: skip
    assert code == 2


def test_an_article_of_a_later_day_cannot_be_cited(run: Run, saved: str) -> None:
    code, _, err = run(
        "report", "--start", "2018-09-28", "--end", "2018-10-31", "--as-of", "2018-11-01", "--cite", saved,
    )  # fmt: skip
    assert code == 2 and "2018-11-30" in err and "--as-of" in err
