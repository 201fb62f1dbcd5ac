"""Related reading: ranked by what is shared, never newer than the report, and no hidden input."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from rotascope.app import library, workflows
from rotascope.app.settings import Settings
from rotascope.model.documents import Entity
from rotascope.model.library import Published, Related, Shelf
from rotascope.model.press import SavedArticle
from rotascope.report.sections import related
from rotascope.report.story import Story
from rotascope.store.library import Library

AS_OF = date(2026, 2, 10)
MINE = ("value_minus_growth IWD IWF", "small_minus_large IWM IWB", "return_rank XLE", "net_flow IWM")
EARLIER = Published(
    title="An earlier one",
    universe="us",
    as_of=date(2026, 1, 6),
    start=date(2025, 11, 28),
    end=date(2025, 12, 31),
    label="mixed",
    tags=("#value_stocks",),
    readings=MINE[:3],
    folder="reports/earlier",
    digest="a" * 64,
)
ARTICLE = SavedArticle(
    id="press-1",
    key="k",
    version=1,
    publisher="A paper",
    title="Small caps ahead",
    url="https://press.example/1",
    published=date(2026, 2, 9),
    retrieved_at=datetime(2026, 2, 9, tzinfo=UTC),
    sha256="f" * 64,
    media="html",
    text="The Russell 2000 rose again, and so did the S&P 500.",
    added_at=datetime(2026, 2, 9, tzinfo=UTC),
)


def story(names: tuple[str, ...] = ("Russell 2000", "S&P 500")) -> Story:
    facts = {m: SimpleNamespace(metric=m.split()[0], series=tuple(m.split()[1:])) for m in MINE}
    entities = {n: Entity(n, (n,), n) for n in names}
    made: Any = SimpleNamespace(
        as_of=AS_OF,
        window=SimpleNamespace(start=date(2025, 12, 31), end=date(2026, 1, 30)),
        desk=SimpleNamespace(universe=SimpleNamespace(name="us")),
        prose=SimpleNamespace(facts=facts, entities=entities, cited=[]),
    )
    return cast(Story, made)


def titles(shelf: Shelf) -> list[str]:
    return [e.title for e in related.choose(story(), shelf, "#value_stocks #january_2026")]


def test_more_in_common_stands_higher() -> None:
    near = replace(EARLIER, title="near", readings=MINE, digest="b" * 64, end=date(2025, 10, 31))
    bare = replace(EARLIER, title="bare", readings=MINE[:2], tags=(), digest="c" * 64, end=date(2025, 9, 30))
    none = replace(
        EARLIER, title="none", readings=("era_count X", MINE[0]), digest="d" * 64, end=date(2025, 8, 1)
    )
    assert titles(Shelf((none, bare, EARLIER, near))) == ["near", "An earlier one", "bare"]


def test_nothing_is_known_before_its_day() -> None:
    late = replace(EARLIER, title="late", as_of=date(2026, 2, 11), end=date(2026, 1, 15), digest="e" * 64)
    assert titles(Shelf((late,), (replace(ARTICLE, published=date(2026, 2, 11)),))) == []
    assert titles(Shelf((), (replace(ARTICLE, published=None),))) == []
    same_day = replace(late, title="same day", as_of=AS_OF)
    assert titles(Shelf((same_day,))) == ["same day"]


def test_the_report_itself_is_not_listed_and_each_window_once() -> None:
    own = replace(EARLIER, start=date(2025, 12, 31), end=date(2026, 1, 30), as_of=AS_OF)
    assert titles(Shelf((own,))) == []
    seen = replace(own, title="seen before", as_of=date(2026, 2, 2))
    older = replace(own, title="seen long before", as_of=date(2026, 2, 1), digest="b" * 64)
    (entry,) = related.choose(story(), Shelf((older, seen)), "")
    assert entry.title == "seen before"
    assert entry.why.startswith("The same window, seen earlier, with 3 of the same measures, on ")


def test_other_markets_and_the_trash_are_left_out() -> None:
    assert titles(Shelf((replace(EARLIER, universe="europe"),))) == []
    gone = replace(ARTICLE, removed_at=datetime(2026, 2, 9, tzinfo=UTC))
    assert titles(Shelf((), (gone,))) == []


def test_articles_need_two_names_as_whole_words() -> None:
    assert titles(Shelf((), (ARTICLE,))) == ["Small caps ahead"]
    one = replace(ARTICLE, text="The Russell 2000s rose, the S&P 500 too.")
    assert titles(Shelf((), (one,))) == []
    made = story()
    made.prose.cited.append("press-1")
    assert related.choose(made, Shelf((), (ARTICLE,)), "") == ()


def test_the_order_of_the_shelf_does_not_matter() -> None:
    entries = [
        replace(
            EARLIER, title=f"t{i}", digest=f"{i:064x}", end=date(2025, 1, 1 + i), readings=MINE[: 2 + i % 3]
        )
        for i in range(12)
    ]
    first = related.choose(story(), Shelf(tuple(entries)), "")
    assert len(first) == related.MOST
    for seed in range(5):
        random.Random(seed).shuffle(entries)
        assert related.choose(story(), Shelf(tuple(entries)), "") == first


def test_the_text_of_an_entry() -> None:
    entry = Related("A title", "Rotascope", date(2026, 1, 6), "a" * 64, "A window", label="mixed",
                    window=(date(2025, 11, 28), date(2025, 12, 31)))  # fmt: skip
    assert (
        entry.text() == '"A title", Rotascope, 2026-01-06, 2025-11-28 to 2025-12-31, label mixed. A window.'
    )
    assert replace(entry, window=None, label="", url="https://x.example").text() == (
        '"A title", Rotascope, 2026-01-06. A window. https://x.example'
    )


# Whole reports, from the wheel's data

FEBRUARY = (date(2000, 1, 31), date(2000, 2, 29))
JANUARY = (date(1999, 12, 31), date(2000, 1, 31))
DAY = date(2019, 6, 28)


def publish(home: Path, window: tuple[date, date], out: Path, *, as_of: date = DAY, use: bool = True) -> Path:
    asked = workflows.ReportRequest(
        start=window[0], end=window[1], as_of=as_of, formats=("markdown", "html"), related=use
    )
    return workflows.make_report(Settings(home), asked, lambda _: out).folder


def listed(folder: Path) -> list[str]:
    lines = (folder / "report.md").read_text("utf-8").split("## Related reading")
    return (
        [line for line in lines[1].split("## ")[0].splitlines() if line.startswith("- ")] if lines[1:] else []
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def test_reports_point_to_earlier_ones_and_only_if_asked(tmp_path: Path) -> None:
    home = tmp_path / "home"
    alone = publish(home, FEBRUARY, tmp_path / "alone")
    assert listed(alone) == []
    again = publish(home, FEBRUARY, tmp_path / "again")
    assert contents(again) == contents(alone)
    publish(home, JANUARY, tmp_path / "january", as_of=date(2019, 6, 27))
    (line,) = listed(publish(home, FEBRUARY, tmp_path / "with"))
    assert "The window before this one" in line
    assert "2019-06-27, 1999-12-31 to 2000-01-31" in line
    without = publish(home, FEBRUARY, tmp_path / "without", use=False)
    assert contents(without) == contents(alone)
    assert listed(publish(home, JANUARY, tmp_path / "older", as_of=date(2019, 6, 26))) == []
    folders = {Path(e.folder).name for e in Library(home).reports()}
    assert folders == {"without", "january", "with", "older"}


def test_a_list_that_cannot_be_written_takes_nothing_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").write_text("a file in the way")
    asked = workflows.ReportRequest(
        start=FEBRUARY[0], end=FEBRUARY[1], as_of=DAY, formats=("markdown",), related=False
    )
    draft = workflows.draft_report(Settings(tmp_path / "empty"), asked)
    said = library.remember(Settings(tmp_path / "home"), draft, tmp_path / "out", "us")
    assert "cannot be made" in said
