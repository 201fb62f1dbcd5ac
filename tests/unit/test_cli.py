"""The command line: what a person sees when something is wrong, and that nothing is touched then."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rotascope.cli import main

Run = Callable[..., tuple[int, str, str]]
WHEEL = ("--start", "2000-03-31", "--end", "2002-09-30", "--as-of", "2019-01-15")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Return a function that runs a command and gives exit code, output and error output."""
    monkeypatch.chdir(tmp_path)

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


# what is asked; what the message must name: the value, what is allowed, the fix
REFUSED: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
    (("fact", "price_return", "GSPC", "--start", "2000-13-31", "--end", "2002-09-30"),
     ("--start", "2000-13-31", "YYYY-MM-DD")),
    (("fact", "price_return", "GSPC", "--start", "2000-03-31", "--end", "30.9.2002"),
     ("--end", "30.9.2002", "YYYY-MM-DD")),
    (("fact", "price_return", "GSPC", *WHEEL[:4], "--as-of", "2999-01-01"),
     ("2999-01-01", "future", "or earlier")),
    (("fact", "price_return", "GSPC", *WHEEL[:4], "--as-of", "soon"), ("--as-of", "soon", "YYYY-MM-DD")),
    (("fact", "price_return", "GSPC", "--start", "2002-09-30", "--end", "2000-03-31"),
     ("2002-09-30 to 2000-03-31", "comes before the end")),
    (("fact", "price_return", "GSPC", "--start", "2000-03-31", "--end", "2000-03-31"),
     ("2000-03-31", "comes before the end")),
    (("fact", "price_return", "GSPC", "--start", "2000-04-01", "--end", "2000-04-02"),
     ("2000-03-31", "at least one session")),
    (("fact", "price_return", "GSPC", *WHEEL[:4], "--as-of", "2001-01-01"),
     ("2002-09-30", "2001-01-01", "later --as-of")),
    (("fact", "price_retrun", "GSPC", *WHEEL), ("price_retrun", "price_return", "rotascope metrics")),
    (("fact", "price_return", "GSPX", *WHEEL), ("GSPX", "GSPC")),
    (("fact", "price_return", *WHEEL), ("price_return", "one series", "For example")),
    (("fact", "price_return", "GSPC", "--start", "1950-12-29", "--end", "1951-12-31"),
     ("GSPC", "1950-12-29", "1999-01")),
    (("fact", "price_return", "GSPC", "--start", "2018-11-30", "--end", "2019-06-28"),
     ("GSPC", "2019-06-28", "too old")),
    (("fact", "price_return", "GSPC", *WHEEL, "--base", "low"), ("--base", "low", "prior_close or open")),
    (("fact", "price_return", "GSPC", *WHEEL, "--param", "months"), ("--param", "months", "NAME=VALUE")),
    (("fact", "price_return", "GSPC", *WHEEL, "--param", "months=3"), ("months", "none")),
    (("fact", "price_return", "GSPC", *WHEEL, "--universe", "mars"), ("mars", "us")),
    (("fact", "value_minus_growth", "msci", *WHEEL), ("msci", "russell")),
    (("fact", "rolling_win_share", "FF.SMB.M", *WHEEL, "--param", "months=ten"),
     ("months", "ten", "whole number from 1")),
    (("fact", "rolling_win_share", "FF.SMB.M", *WHEEL, "--param", "months=0"),
     ("months", "'0'", "whole number from 1")),
    (("fact", "rolling_win_share", "FF.SMB.M", *WHEEL, "--param", "months=9999"), ("9999",)),
    (("fact", "rolling_win_share", "FF.SMB.M", *WHEEL, "--param", "end_after=1988"),
     ("end_after", "1988", "YYYY-MM-DD")),
    (("fact", "era_count", "FF.SMB.M", *WHEEL, "--param", "threshold=-1"),
     ("threshold", "-1", "greater than 0")),
    (("fact", "era_length", "FF.SMB.M", *WHEEL, "--param", "index=99"), ("99", "eras")),
    (("fact", "portfolio_spread", "FF.SMB.M", *WHEEL), ("portfolio_spread", "both legs")),
    (("fact", "portfolio_spread", "FF.SMB.M", "FF.HML.M", *WHEEL, "--param", "split=7"),
     ("split", "7", "from 1 to 1")),
    (("fact", "sessions_won_last", "IXIC", "GSPC", *WHEEL, "--param", "k=0"), ("k", "'0'", "from 1")),
    (("fact", "window_rank", "IXIC", "GSPC", *WHEEL, "--param", "grid=weeks"),
     ("grid", "weeks", "months, sessions")),
    (("fact", "outperformance_streak", "IXIC", "GSPC", *WHEEL, "--param", "kind=x"),
     ("kind", "'x'", "levels, returns")),
    (("fact", "level", "GSPC", *WHEEL, "--param", "field=closing"), ("field", "closing", "adjusted_close")),
    (("report",), ("--start and --end", "january-2026")),
    (("report", "--case", "february-2026"), ("february-2026", "january-2026")),
    (("report", "--case", "january-2026", "--start", "2025-12-31"), ("own window", "--case")),
    (("report", "--start", "2002-09-30", "--end", "2000-03-31"), ("2002-09-30 to 2000-03-31",)),
    (("report", *WHEEL, "--format", "html,docx"), ("docx", "terminal, markdown, html, json")),
    (("report", *WHEEL, "--universe", "mars"), ("mars", "us")),
    (("report", "--start", "1900-01-02", "--end", "1901-01-02"), ("1900-01-02", "1926-01-01")),
    (("report", "--start", "2000-03-31", "--end", "2999-09-30"), ("2999-09-30", "as-of")),
    (("report", "--start", "2018-12-28", "--end", "2019-06-28", "--as-of", "2018-06-28"),
     ("2019-06-28", "2018-06-28", "later --as-of")),
    (("report", "--start", "1926-02-01", "--end", "1926-03-01", "--as-of", "2018-06-28"),
     ("1926-02-01 to 1926-03-01", "2018-06-28", "data status")),
    (("data", "show", "GSPX"), ("GSPX", "GSPC")),
    (("data", "show", "GSPC", "--field", "closing"), ("closing", "adjusted_close")),
    (("data", "import", "no-such-folder"), ("no-such-folder",)),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "named"), REFUSED, ids=lambda x: " ".join(x)[:60])
def test_errors_are_one_clear_message(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], named: tuple[str, ...]
) -> None:
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert err.startswith("rotascope: ")
    assert err.count("\n") <= 2
    assert "Traceback" not in err
    for part in named:
        assert part in err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_the_user_stays_untouched(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    code, _, err = run("report", *WHEEL, "--out", "mine")
    assert code == 2
    assert "is not a report" in err
    assert "--out" in err
    assert [p.read_text() for p in (tmp_path / "mine").iterdir()] == ["years of work"]


def test_out_may_not_be_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    code, _, err = run("report", *WHEEL, "--out", "thesis.txt")
    assert code == 2
    assert "thesis.txt is a file" in err
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_report_is_written_checked_and_replaced(run: Run, tmp_path: Path) -> None:
    for _ in range(2):
        code, out, err = run("report", *WHEEL, "--out", "r", "--format", "html", "--json")
        assert (code, err) == (0, "")
        summary = json.loads(out)
        assert summary["verified"] is True
        assert summary["window"]["start"] == "2000-03-31"
        found = {p.name for p in Path(summary["folder"]).iterdir()}
        assert {n for n in found if not n.startswith("chart")} == {
            "facts.json", "manifest.json", "observations.csv", "report.html", "report.json",
            "ro-crate-metadata.json", "verify.py",
        }  # fmt: skip
    code, out, _ = run("verify", "r", "--json")
    assert code == 0
    assert json.loads(out)["facts"] == summary["facts"]
    (tmp_path / "r" / "facts.json").write_text("[]\n")
    code, out, _ = run("verify", "r")
    assert code == 1
    assert "FAIL " in out
    code, _, err = run("verify", str(tmp_path))
    assert code == 2
    assert "not a folder with a bundle" in err


def test_a_fact_as_json_has_all_keys(run: Run) -> None:
    """5 December 2018 was a day of mourning: the close before it counts, and the fact says so."""
    window = ("--start", "2018-11-30", "--end", "2018-12-05", "--as-of", "2019-01-15")
    code, out, err = run("fact", "price_return", "GSPC", *window, "--json")
    assert (code, err) == (0, "")
    fact = json.loads(out)
    assert " ".join(sorted(fact)) == (
        "as_of decimals display id inputs metric notes recipe series sources unit value window"
    )
    # the S&P 500 closed at 2,760.17 on 30 November and at 2,700.06 on 4 December 2018
    assert round(fact["value"], 3) == -2.178
    assert fact["window"]["end_used"] == "2018-12-04"
    assert fact["notes"] == [
        "End 5 December 2018: the last close of GSPC on or before it is of 4 December 2018."
    ]


def test_a_fact_for_people_shows_what_it_rests_on(run: Run) -> None:
    code, out, _ = run("fact", "return_spread", "IXIC", "GSPC", *WHEEL)
    assert code == 0
    for said in ("return_spread(IXIC, GSPC)", "recipe difference", "price_return(IXIC)", "sources "):
        assert said in out


def test_metrics_are_listed(run: Run) -> None:
    code, out, _ = run("metrics", "--json")
    assert code == 0
    names = [m["name"] for m in json.loads(out)]
    assert names == sorted(names)
    assert "price_return" in names
    code, text, _ = run("metrics")
    assert code == 0
    assert [line.split()[0] for line in text.splitlines()] == names


def test_help_and_version(run: Run) -> None:
    for arguments in (["--help"], ["-h"], ["report", "--help"], ["data", "--help"]):
        code, out, _ = run(*arguments)
        assert code == 0
        assert "Usage: rotascope" in out
    code, out, _ = run("--version")
    assert code == 0
    assert out.startswith("rotascope ")
