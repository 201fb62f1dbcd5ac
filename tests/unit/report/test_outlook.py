"""Risks and opportunities: what they may say, when they may say it, and that it is true."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from rotascope.app import wiring, workflows
from rotascope.app.settings import Settings
from rotascope.facts.build import Desk
from rotascope.ingest import calendar
from rotascope.model.documents import Block, Document
from rotascope.model.facts import Fact
from rotascope.model.observations import Field
from rotascope.report.bundle import write_bundle
from rotascope.report.sections.aftermath import _later
from rotascope.report.sections.outlook import month_end
from rotascope_verify import verify

HEADING = "Risks and opportunities"
LIVE = ["Opportunity windows", "Risk factors", "Time sensitivity", "What would prove this wrong"]
PAST = [*LIVE[:3], "What came after"]
_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")
_ADVICE = re.compile(
    r"\b(buy|sell|(?:you|investors) should|recommend|attractive|accumulat\w*|soar\w*|due to)\b", re.I
)

Span = tuple[date, date, date | None]
WHEEL: dict[str, Span | None] = {
    "january-2026": None,
    "dotcom-month": (date(2000, 1, 31), date(2000, 2, 29), date(2026, 9, 1)),
    "crisis": (date(2008, 8, 29), date(2009, 3, 31), date(2026, 9, 1)),
    "turn-of-2016": (date(2016, 10, 31), date(2016, 12, 30), date(2026, 9, 1)),
    "quiet-month": (date(2017, 6, 30), date(2017, 7, 31), date(2026, 9, 1)),
    "before-the-indices": (date(1973, 12, 31), date(1974, 12, 31), date(2026, 9, 1)),
    "first-years": (date(1929, 8, 31), date(1929, 11, 30), date(2026, 9, 1)),
    "fresh-autumn": (date(2018, 8, 31), date(2018, 11, 30), date(2019, 1, 10)),
    "fresh-december": (date(2018, 11, 30), date(2018, 12, 31), date(2019, 1, 15)),
    "fresh-2000": (date(2000, 1, 31), date(2000, 2, 29), date(2000, 3, 3)),
}
MARKET: dict[str, Span] = {
    "january-2026": (date(2025, 12, 31), date(2026, 1, 30), date(2026, 2, 10)),
    "july-2024": (date(2024, 6, 28), date(2024, 7, 31), date(2026, 9, 1)),
    "july-2024-fresh": (date(2024, 6, 28), date(2024, 7, 31), date(2024, 8, 2)),
    "june-2023": (date(2023, 5, 31), date(2023, 6, 30), date(2026, 9, 1)),
    "pandemic": (date(2020, 2, 19), date(2020, 3, 23), date(2026, 9, 1)),
    "february-2022": (date(2022, 1, 31), date(2022, 2, 28), date(2022, 3, 3)),
    "april-2015": (date(2015, 3, 31), date(2015, 4, 30), date(2026, 9, 1)),
    "spring-2026": (date(2026, 3, 31), date(2026, 5, 29), date(2026, 9, 1)),
}


@dataclass
class Made:
    """A report with the desk that it was made on, and what it says under the heading."""

    document: Document
    facts: dict[str, Fact]
    desk: Desk
    start: date
    end: date
    as_of: date
    wrong: list[str]

    def blocks(self) -> list[Block]:
        found = [b for b in self.document.blocks if isinstance(b, Block)]
        at = next(i for i, b in enumerate(found) if b.kind == "heading" and b.inline.text == HEADING)
        rest = found[at + 1 :]
        stop = next(i for i, b in enumerate(rest) if b.kind == "heading" and b.level == 2)
        return rest[:stop]

    def under(self, title: str) -> list[Block]:
        found = self.blocks()
        at = next(i for i, b in enumerate(found) if b.kind == "heading" and b.inline.text == title)
        rest = found[at + 1 :]
        return rest[: next((i for i, b in enumerate(rest) if b.kind == "heading"), len(rest))]

    def live(self) -> bool:
        return any(b.inline.text == LIVE[3] for b in self.blocks())

    def spans(self, blocks: list[Block]) -> Iterator[tuple[Fact, str]]:
        for block in blocks:
            for span in block.inline.spans:
                if span.kind == "fact":
                    yield self.facts[span.data["ref"]], block.inline.text[span.start : span.end]


def make(home: Path, window: Span | None) -> Made:
    asked = (
        workflows.ReportRequest(case="january-2026")
        if window is None
        else workflows.ReportRequest(start=window[0], end=window[1], as_of=window[2])
    )
    used, as_of, case, universe = workflows._resolve(asked)
    with wiring.open_reader(Settings(home)) as reader:
        desk = workflows._desk(reader, universe, as_of)
        document, files = workflows.article(desk, used, case, ("json",))
    folder = home.parent / f"{home.name}-{used.start}-{used.end}-{as_of}"
    write_bundle(files, folder)
    wrong = [f.line() for f in verify(folder).failures]
    return Made(document, desk.facts, desk, used.start, used.end, as_of, wrong)


@pytest.fixture(scope="module", params=list(WHEEL))
def wheel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("none"), WHEEL[request.param])


@pytest.fixture(scope="module", params=list(MARKET))
def market_made(request: pytest.FixtureRequest, market_home: Path) -> Made:
    return make(market_home, MARKET[request.param])


def check(made: Made) -> None:
    """What holds of every report, rich or poor."""
    _check_shape(made)
    _check_style(made)
    _check_dates(made)
    _check_tests(made)
    _check_aftermath(made)


def _check_shape(made: Made) -> None:
    own = [b.id for b in made.blocks()]
    assert not [line for line in made.wrong if any(re.search(rf" {i}[@:. ]", line) for i in own)]
    assert not [line for line in made.wrong if "EVENT." in line or "sequels" in line]
    headings = [b.inline.text for b in made.blocks() if b.kind == "heading"]
    assert headings == (LIVE if made.live() else PAST)
    past = calendar.count(made.end, made.as_of) - 1 > 63
    assert made.live() is not past
    for title in headings:
        assert made.under(title), title
    words = " ".join(b.inline.text for b in made.blocks() if b.kind != "heading").split()
    assert 40 <= len(words) <= 280


def _check_style(made: Made) -> None:
    own = [b.inline.text for b in made.blocks() if b.kind != "heading"]
    sentences = [s for text in own for s in _SENTENCE.split(text)]
    assert len(set(sentences)) == len(sentences)
    others = {
        s
        for b in made.document.blocks
        if isinstance(b, Block) and b not in made.blocks()
        for s in _SENTENCE.split(b.inline.text)
    }
    assert not others & set(sentences)
    for text in own:
        assert text[0].isupper() and text.endswith(".")
        assert not re.search(r"  |\s[.,;:]|\.\.|,,|\{|\}|(?<![\d.])1 points|\bone points\b", text), text
        assert not _ADVICE.search(text), text
    openings = [tuple(s.split()[:3]) for s in sentences]
    assert len(set(openings)) == len(openings)


def _check_dates(made: Made) -> None:
    """Every date that lies ahead was known on the report's day, and is the soonest of its kind."""
    for fact, text in made.spans(made.blocks()):
        if fact.metric != "event_date":
            continue
        kind, day = fact.series[0].split(".")[1], date.fromisoformat(fact.series[0].rpartition(".")[2])
        assert made.live()
        assert day > made.as_of
        assert str(day.day) in text
        assert fact.window is not None and fact.window.end_used is not None
        assert fact.window.end_used <= made.as_of
        assert (day - made.as_of).days <= (200 if kind == "QUARTER_END" else 120)
    named = [s.split(".")[1] for b in made.under("Time sensitivity") for s in _entities(b)]
    assert len(named) == len(set(named)) <= 5


def _entities(block: Block) -> list[str]:
    return [s.data["ref"] for s in block.inline.spans if s.kind == "name" and "EVENT." in s.data["ref"]]


def _check_tests(made: Made) -> None:
    """A test has a number that the lead has not passed yet."""
    if not made.live():
        return
    items = [b for b in made.under(LIVE[3]) if b.kind == "item"]
    for fact, _ in made.spans(items):
        if fact.recipe.op != "trigger":
            continue
        (now,) = (i for i in made.desk.inputs_of(fact) if isinstance(i, Fact))
        limit = fact.recipe.params["than"]
        assert fact.value == limit
        assert (now.value >= limit) if fact.recipe.params["test"] == "below" else (now.value <= limit)
        assert 0.4 < abs(limit / now.value) < 0.6 or fact.recipe.params["test"] == "above"
    if items:
        lead_in = made.under(LIVE[3])[0]
        assert any(f.series[0].startswith("EVENT.QUARTER_END.") for f, _ in made.spans([lead_in]))


def _check_aftermath(made: Made) -> None:
    """What came after begins with the close of the window and ends by the report's day."""
    if made.live():
        return
    for fact, _ in made.spans(made.under("What came after")):
        assert fact.window is not None and fact.window.end_used is not None
        assert fact.window.start == made.end
        assert made.end < fact.window.end_used <= made.as_of


def test_reports_from_the_data_in_the_wheel(wheel: Made) -> None:
    check(wheel)


@pytest.mark.market
def test_reports_from_market_data(market_made: Made) -> None:
    check(market_made)


@pytest.mark.market
def test_january_2026_as_seen_in_february(market_home: Path) -> None:
    """The figures by hand: half of 6.08 and of 4.14, and the calendars of the publishers."""
    made = make(market_home, MARKET["january-2026"])
    tests = [b.inline.text for b in made.under(LIVE[3])]
    assert "31 March 2026" in tests[0] and "31 December 2025" in tests[0]
    assert tests[1].startswith("Value ahead of Growth by 3.0 points or under")
    assert any("small companies ahead of large ones by 2.1 points or under" in t for t in tests)
    assert any("S&P pair past 3.0 points, from 1.9 points when the window closed" in t for t in tests)
    (ahead, *_) = [b.inline.text for b in made.under("Time sensitivity")]
    assert "the employment report on 11 February 2026" in ahead  # moved on 4 February
    assert "consumer prices on 13 February" in ahead
    assert "the decision of the Federal Reserve on 18 March" in ahead


@pytest.mark.market
def test_july_2024_was_handed_back(market_home: Path) -> None:
    made = make(market_home, MARKET["july-2024"])
    (text,) = [b.inline.text for b in made.under("What came after")]
    assert text.startswith("The lead of value shares was handed back: Value trailed Growth by 2.1 points")


def test_the_dotcom_month_was_handed_back(tmp_path: Path) -> None:
    """The three months that followed, compounded here from the factor's own rows."""
    made = make(tmp_path, WHEEL["dotcom-month"])
    (text,) = [b.inline.text for b in made.under("What came after")]
    assert "The lead of growth shares was handed back" in text
    series = made.desk.series("FF.HML.M", Field.VALUE)
    rows = dict(zip(series.dates.astype(str).tolist(), series.values.tolist(), strict=True))
    growth = math.prod(1 + rows[d] / 100 for d in ("2000-03-31", "2000-04-30", "2000-05-31"))
    assert f"HML gained {100 * (growth - 1):.1f}% to May 2000" in text


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2024, 7, 31), 3, date(2024, 10, 31)),
        (date(2026, 1, 30), 1, date(2026, 2, 28)),  # the last session of January leads to the end of February
        (date(2020, 3, 23), 3, date(2020, 6, 23)),
        (date(2019, 12, 31), 2, date(2020, 2, 29)),
        (date(2024, 1, 30), 1, date(2024, 2, 29)),  # not the last session, and there is no 30th
        (date(2023, 11, 15), 3, date(2024, 2, 15)),
    ],
)
def test_months_later(start: date, months: int, expected: date) -> None:
    assert _later(start, months) == expected


@pytest.mark.parametrize(
    ("day", "later", "expected"),
    [
        (date(2024, 2, 3), 0, date(2024, 2, 29)),
        (date(2023, 12, 31), 0, date(2023, 12, 31)),
        (date(2023, 12, 1), 1, date(2024, 1, 31)),
        (date(2023, 11, 30), 12, date(2024, 11, 30)),
    ],
)
def test_month_end(day: date, later: int, expected: date) -> None:
    assert month_end(day, later) == expected
