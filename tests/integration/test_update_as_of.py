"""Three vintages, and what a fact or a report as of a date sees of them. Expected values by hand.

Two-month windows of a made-up HML (percent a month), January to June 2020, by the sign of their sum of logs:

    vintage     Jan   Feb    Mar  Apr   May  Jun    windows ahead     share
    2020-07-10   1   -2       3    1   -4    1.5    -  +  +  -  -     2 of 5
    2020-08-10   1   -0.5     3    1   -4    1.5    +  +  +  -  -     3 of 5
    2020-09-10   1   -0.5     3    1    0.5  1.5    +  +  +  +  +     5 of 5
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from rotascope.app import wiring
from rotascope.app.refresh import diff, update_data
from rotascope.app.settings import Settings
from rotascope.app.workflows import ReportRequest, make_fact, make_report
from rotascope.model.errors import RotascopeError
from rotascope.model.facts import Fact, Window
from standin.made_up import Answers, MadeUp, answer, column, noon

MONTHS = ("2020-01-31", "2020-02-29", "2020-03-31", "2020-04-30", "2020-05-31", "2020-06-30")
VINTAGES = {
    "2020-07-10": (1.0, -2.0, 3.0, 1.0, -4.0, 1.5),
    "2020-08-10": (1.0, -0.5, 3.0, 1.0, -4.0, 1.5),
    "2020-09-10": (1.0, -0.5, 3.0, 1.0, 0.5, 1.5),
}
WINDOW = Window(date(2020, 1, 31), date(2020, 6, 30))


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return settings with a store into which updates have brought three vintages, one after another."""
    made = Settings(tmp_path / "data")
    for day, values in VINTAGES.items():
        monkeypatch.setattr(wiring, "now", lambda day=day: noon(day))
        fetcher = Answers(lambda day=day: noon(day))
        rows = dict(zip(MONTHS, values, strict=True))
        fetcher.given["HML"] = answer(column("FF.HML.M", rows, vintage=day))
        source = MadeUp(together={"HML": ["FF.HML.M"]})
        report = update_data(made, known={"made": source}, fetcher=fetcher)
        assert [s.state for s in report.series] == ["new" if day == "2020-07-10" else "revised"]
    monkeypatch.undo()
    return made


def share(settings: Settings, as_of: str) -> float:
    params = {"months": "2", "since": "2020-01-01"}
    found = make_fact(
        settings, "rolling_win_share", ["FF.HML.M"], WINDOW, as_of=date.fromisoformat(as_of), params=params
    )
    return found.fact.value


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2020-07-10", 2 / 5),
        ("2020-08-09", 2 / 5),
        ("2020-08-10", 3 / 5),
        ("2020-09-09", 3 / 5),
        ("2020-09-10", 5 / 5),
        ("2026-01-30", 5 / 5),
    ],
)
def test_a_fact_as_of_a_date_sees_only_what_was_known(
    settings: Settings, as_of: str, expected: float
) -> None:
    assert share(settings, as_of) == pytest.approx(expected)


def test_before_the_first_vintage_nothing_of_it_is_known(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "packs", lambda: ())  # without the history that ships with the program
    with pytest.raises(RotascopeError, match="became known on 2020-07-10"):
        share(settings, "2020-07-09")


def vintages_used(folder: Path) -> dict[str, set[str]]:
    facts: Sequence[dict[str, object]] = json.loads((folder / "facts.json").read_text())
    out: dict[str, set[str]] = {}
    for fact in facts:
        for item in fact["inputs"]:  # type: ignore[attr-defined]
            if item["kind"] == "observations" and item["vintage"]:
                out.setdefault(item["series"], set()).add(item["vintage"])
    return out


@pytest.mark.parametrize("as_of", ["2020-07-20", "2020-08-20", "2020-09-20"])
def test_a_report_as_of_a_date_uses_no_later_vintage(settings: Settings, tmp_path: Path, as_of: str) -> None:
    request = ReportRequest(
        start=date(2020, 1, 31), end=date(2020, 6, 30), as_of=date.fromisoformat(as_of), formats=("json",)
    )
    result = make_report(settings, request, lambda _: tmp_path / "report")
    used = vintages_used(result.folder)
    assert used.get("FF.HML.M"), "the report says nothing about the factor"
    newest = max(v for v in VINTAGES if v <= as_of)
    assert used["FF.HML.M"] == {newest}
    assert all(v <= as_of for days in used.values() for v in days)


def test_the_difference_of_two_vintages(settings: Settings) -> None:
    last = diff(settings, "FF.HML.M")
    assert (str(last.old.meta.vintage), str(last.new.meta.vintage)) == ("2020-08-10", "2020-09-10")
    assert last.revision.sentence() == "1 month of FF.HML.M changed, up to 4.5 points, on 2020-05-31"
    both = diff(settings, "FF.HML.M", from_vintage="2020-07-10", to_vintage=last.new.snapshot[:10])
    rows = [(r["date"], r["old"], r["new"], r["difference"]) for r in both.as_json()["rows"]]
    assert rows == [("2020-02-29", -2.0, -0.5, 1.5), ("2020-05-31", -4.0, 0.5, 4.5)]
    with pytest.raises(RotascopeError, match=r"2020-07-11.*no such version"):
        diff(settings, "FF.HML.M", from_vintage="2020-07-11")


def test_facts_name_the_vintage_they_read(settings: Settings) -> None:
    fact: Fact = make_fact(
        settings,
        "rolling_win_share",
        ["FF.HML.M"],
        WINDOW,
        as_of=date(2020, 8, 31),
        params={"months": "2", "since": "2020-01-01"},
    ).fact
    (used,) = fact.inputs
    assert str(used.vintage) == "2020-08-10"  # type: ignore[union-attr]
