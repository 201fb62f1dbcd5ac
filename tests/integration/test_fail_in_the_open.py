"""Updates of a whole desk while one source misbehaves: what is kept, what is said, and what the others do.

The first update is of 2026-07-31, with all sources in order. The second is of 2026-10-01: one of them fails.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from rotascope.app import wiring
from rotascope.app.data import check_store, status
from rotascope.app.refresh import last_attempts, update_data
from rotascope.app.settings import Settings
from rotascope.ingest.refresh.outcome import SeriesOutcome, UpdateReport
from rotascope.model.findings import Severity
from rotascope.model.observations import Field
from standin import desk
from standin.cases import BY_NAME, CASES, Case
from standin.clock import FakeClock
from standin.desk import FIRST, SECOND, SHOWN, Day
from standin.server import StandIn
from standin.subjects import Subject, subjects

KEYS = dict(zip((key.partition(":")[0] for key in SHOWN), SHOWN, strict=True))
NAMES = dict(zip(KEYS, desk.NAMES, strict=True))
# The companies among the SEC's subjects, not the groups; FRED as CSV.
SUBJECTS: dict[str, Subject] = {s.provider.name: s for s in reversed(subjects()) if s.name != "SEC, groups"}
Rows = dict[str, list[tuple[str, float]]]


@dataclass
class Desk:
    """A market database, the sources that fill it, and the day it is."""

    home: Path
    move: Callable[[Day], None]
    server: StandIn

    @property
    def settings(self) -> Settings:
        return Settings(self.home)

    def update(self, day: Day, names: Sequence[str] = desk.NAMES, case: Case | None = None) -> UpdateReport:
        """Run an update on a day."""
        self.move(day)
        fetcher = self.server.fetcher(self.home, FakeClock(day.now), policy=case.policy if case else None)
        return update_data(self.settings, names, known=desk.known(), fetcher=fetcher)

    def answer(self, day: Day) -> None:
        """Let all sources answer as they do on a day."""
        for url, reply in desk.good(day).items():
            self.server.add(url, reply)

    def spoil(self, case: Case, source: str) -> None:
        """Let a case go wrong at one source."""
        at = desk.ADDRESSES[source]
        if case.name == "same again":
            self.server.add(at, desk.good(FIRST)[at])
        elif case.transport:
            self.server.spoil(case.transport, at)
        else:
            change = SUBJECTS[source].spoils[case.name]
            self.server.spoil(
                lambda reply: replace(reply, body=change(reply.body)), desk.TABLES.get(source, at)
            )

    def rows(self, source: str) -> list[tuple[str, float]]:
        """Return what a reader sees of the series of a source, today."""
        series, field = SHOWN[KEYS[source]]
        with wiring.open_reader(self.settings, with_packs=False) as reader:
            data = reader.read(series, field, as_of=wiring.today())
        return [(str(d), float(v)) for d, v in zip(data.dates, data.values, strict=True)]


@pytest.fixture
def move(monkeypatch: pytest.MonkeyPatch) -> Callable[[Day], None]:
    """Return a function that sets the program's clock."""

    def set_clock(day: Day) -> None:
        monkeypatch.setattr(wiring, "now", lambda: day.now)
        monkeypatch.setattr(wiring, "today", lambda: day.now.date())

    return set_clock


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Rows]:
    """Return two databases, after the first update and after a second without trouble, and what it shows."""
    first, second = (tmp_path_factory.mktemp("desk") / name for name in ("first", "second"))
    with StandIn() as server, pytest.MonkeyPatch.context() as patch:

        def move(day: Day) -> None:
            patch.setattr(wiring, "now", lambda: day.now)
            patch.setattr(wiring, "today", lambda: day.now.date())

        made = Desk(first, move, server)
        made.answer(FIRST)
        report = made.update(FIRST)
        assert report.ok and len(report.tasks) == len(SHOWN)
        shutil.copytree(first, second)
        made.home = second
        made.answer(SECOND)
        report = made.update(SECOND)
        assert report.ok
        for key, (series, field) in SHOWN.items():
            assert outcome(report, series, field).state == "new", key
        assert check_store(made.settings) == []
        shown = {source: made.rows(source) for source in KEYS}
    return first, second, shown


@pytest.fixture
def bench(begun: tuple[Path, Path, object], tmp_path: Path, move: Callable[[Day], None]) -> Iterator[Desk]:
    """Return the desk after its first update, with the answers of the second day at hand."""
    shutil.copytree(begun[0], tmp_path / "home")
    with StandIn() as server:
        made = Desk(tmp_path / "home", move, server)
        made.answer(SECOND)
        move(SECOND)
        yield made


def outcome(report: UpdateReport, series: str, field: Field) -> SeriesOutcome:
    """Return the outcome of a series and field, or of a series whose task failed before it had fields."""
    found = [s for s in report.series if s.series == series and s.field in (str(field), "")]
    assert len(found) == 1, (series, field, found)
    return found[0]


# By hand: what becomes of the close of IWM. `new`: it comes in; `revised`: too, with a day missing, and a
# warning; `stale`: nothing new; otherwise the error.
YAHOO = {
    "429": "rate_limited",
    "429 seconds": "rate_limited",
    "429 date": "rate_limited",
    "429 hours": "rate_limited",
    "401": "unauthorised",
    "403": "forbidden",
    "404": "not_found",
    "500": "server_error",
    "503": "server_error",
    "slow": "timeout",
    "cut off": "cut_off",
    "gzip broken": "bad_encoding",
    "gzip cut": "bad_encoding",
    "redirect loop": "bad_redirect",
    "html wall": "wall",
    "quota text": "quota",
    "empty": "empty",
    "json null": "unexpected_shape",
    "renamed": "unexpected_shape",
    "reordered": "new",
    "other units": "restated_units",
    "hundredfold": "unit_jump",
    "negative": "non_positive_price",
    "nan": "revised",
    "text": "unexpected_shape",
    "missing split": "missing_split",
    "same again": "stale",
}
# Of every other source one case on the way and one of content that looks like data.
OTHERS = {
    "fred": "implausible_units",
    "french": "impossible_return",
    "treasury": "implausible_units",
    "tiingo": "unit_jump",
    "alphavantage": "unit_jump",
    "fmp": "unit_jump",
    "sec": "unit_jump",
    "ishares": "implausible_units",
}
TRIALS = [
    *(("yahoo", case, expected) for case, expected in YAHOO.items()),
    *((source, "html wall", "wall") for source in OTHERS),
    *((source, "hundredfold", expected) for source, expected in OTHERS.items()),
]
BYSTANDERS = ("fred", "french", "yahoo")


def test_every_case_and_every_source_is_tried() -> None:
    assert set(YAHOO) == {case.name for case in CASES}
    assert {"yahoo", *OTHERS} == set(KEYS)


@pytest.mark.parametrize(("source", "name", "expected"), TRIALS, ids=lambda part: str(part).replace(" ", "_"))
def test_one_source_fails(
    bench: Desk,
    begun: tuple[Path, Path, Rows],
    source: str,
    name: str,
    expected: str,
) -> None:
    case, before, undisturbed = BY_NAME[name], bench.rows(source), begun[2]
    others = [other for other in BYSTANDERS if other != source]
    bench.spoil(case, source)
    report = bench.update(SECOND, [NAMES[s] for s in (source, *others)], case)
    series, field = SHOWN[KEYS[source]]
    one = outcome(report, series, field)

    if expected in ("new", "revised"):
        assert (one.state, one.late) == (expected, False)
        same, shown = dict(undisturbed[source]), dict(bench.rows(source))
        assert shown == {day: value for day, value in same.items() if day in shown}
        assert len(same) - len(shown) == (expected == "revised")
        spoilt = [f for f in report.tasks[0].findings if f.severity is Severity.WARNING]
        assert bool(spoilt) == (expected == "revised")
    else:
        check_failed(bench, one, source, expected)
        assert bench.rows(source) == before  # the last good values, all of them

    for other in others:
        series, field = SHOWN[KEYS[other]]
        assert outcome(report, series, field).state == "new", other
        assert bench.rows(other) == undisturbed[other]
        assert last_attempts(bench.settings)[KEYS[other]].state in ("new", "revised")
    assert check_store(bench.settings) == []


def check_failed(bench: Desk, one: SeriesOutcome, source: str, expected: str) -> None:
    """Hold an outcome, and what the program shows of the series, against what went wrong."""
    state, code = ("stale", "") if expected == "stale" else ("failed", expected)
    assert (one.state, one.code) == (state, code)
    assert len(one.reason) > 20 and "127.0.0.1" not in one.reason
    series, field = SHOWN[KEYS[source]]
    day = bench.rows(source)[-1][0]
    assert str(one.last) == day < str(SECOND.held)
    shown = [s for s in status(bench.settings, series) if s.block.field is field and not s.block.quarantined]
    (kept,) = [s for s in shown if str(s.block.last) == day]
    # lists of holdings have no schedule; whatever else ended in July or before is late on 1 October
    assert kept.freshness.state == ("unscheduled" if source == "ishares" else "late")
    assert one.late == (kept.freshness.state == "late")
    attempt = last_attempts(bench.settings)[KEYS[source]]
    if state == "failed":
        assert attempt.state == "failed" and attempt.code and attempt.reason
    held = [s for s in status(bench.settings, series) if s.block.quarantined and s.block.field is field]
    if held:  # what was not believed is there to be looked at, with the reason
        assert any(f.severity is Severity.QUARANTINE for f in held[-1].findings)


@pytest.mark.parametrize("name", ["429", "html wall", "hundredfold"])
def test_a_good_answer_heals_it(bench: Desk, begun: tuple[Path, Path, Rows], name: str) -> None:
    bench.spoil(BY_NAME[name], "yahoo")
    assert not bench.update(SECOND, ["IWM"]).ok
    bench.server.heal()
    report = bench.update(SECOND, ["IWM"])
    assert report.ok and outcome(report, "IWM", Field.CLOSE).state == "new"
    assert bench.rows("yahoo") == begun[2]["yahoo"]
    assert last_attempts(bench.settings)["yahoo:IWM"].code == ""


def test_all_sources_fail_at_once_and_everything_stays(bench: Desk) -> None:
    before = {source: bench.rows(source) for source in KEYS}
    bench.server.spoil("503")
    report = bench.update(SECOND)
    assert {task.state for task in report.tasks} == {"failed"}
    assert {s.code for s in report.series} == {"server_error"}
    assert {source: bench.rows(source) for source in KEYS} == before
    assert all(np.isfinite([value for _, value in rows]).all() for rows in before.values())


def test_a_failing_source_says_nothing_of_the_same_series_from_another(bench: Desk) -> None:
    """IWM has prices from Yahoo and shares outstanding from its issuer."""
    bench.server.add(desk.HOLDINGS_OF_IWM, desk.holdings_of_iwm(SECOND))
    assert bench.update(SECOND, ["IWM", "ishares:IWM"]).ok
    bench.server.spoil("html_wall", desk.HOLDINGS_OF_IWM)
    report = bench.update(SECOND, ["yahoo:IWM", "ishares:IWM"])
    assert {s.field for s in report.series if s.series == "IWM" and s.state == "failed"} == {"shares"}
    assert outcome(report, "IWM", Field.CLOSE).state == "unchanged"
