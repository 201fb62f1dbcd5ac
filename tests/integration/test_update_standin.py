"""The real sources and fetcher against the stand-in server: whatever goes wrong, what was good stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from rotascope.facts.freshness import freshness
from rotascope.ingest.refresh.outcome import UpdateReport
from rotascope.ingest.refresh.plan import Planned
from rotascope.ingest.refresh.refresh import update
from rotascope.model.findings import Severity
from rotascope.model.observations import Field
from rotascope.store.check import check
from rotascope.store.reader import Reader
from rotascope.store.store import Store
from standin import answers
from standin.cases import BY_NAME, CASES, Case, applies
from standin.clock import NOON, FakeClock
from standin.server import Reply, StandIn
from standin.subjects import Subject, subjects

SUBJECTS = {s.name: s for s in subjects() if not s.file}
CONTENT = [(c.name, s.name) for s in SUBJECTS.values() for c in CASES if not c.transport and applies(c, s)]
TRANSPORT = [(c.name, "FRED, CSV") for c in CASES if c.transport]
Values = dict[tuple[str, Field], tuple[np.ndarray, np.ndarray]]


@dataclass
class Desk:
    """A store that is updated from the stand-in server."""

    server: StandIn
    store: Store
    clock: FakeClock
    home: Path

    def update(self, chosen: Sequence[Subject], case: Case | None = None) -> UpdateReport:
        """Update some sources."""
        options = {"policy": case.policy} if case else {}
        return update(
            [Planned(s.provider, s.task) for s in chosen],
            store=self.store,
            fetcher=self.server.fetcher(self.home, self.clock, **options),
            clock=self.clock.now,
            today=self.clock.now().date(),
            freshness=freshness,
        )

    def values(self) -> Values:
        """Return what a reader sees of everything that is not in quarantine."""
        out: Values = {}
        with Reader(self.store) as reader:
            for key in {(b.series, b.field) for b in reader.blocks() if not b.quarantined}:
                data = reader.read(*key, as_of=self.clock.now().date())
                out[key] = (data.dates, data.values)
        return out


@contextmanager
def desk(folder: Path, chosen: Sequence[Subject]) -> Iterator[Desk]:
    """Open a desk with good answers for some sources, brought in once."""
    clock = FakeClock()
    with StandIn() as server, Store.open(folder / "data", clock=clock.now) as store:
        for subject in chosen:
            for url, reply in subject.good.items():
                server.add(url, reply)
        made = Desk(server, store, clock, folder)
        first = made.update(chosen)
        assert first.ok
        assert {s.state for s in first.series} == {"new"}
        clock.passed = 5 * 86_400.0  # a Tuesday
        yield made


def spoil(server: StandIn, case: Case, subject: Subject) -> None:
    main = list(subject.good)[-1 if subject.name == "Treasury" else 0]
    if case.transport:
        server.spoil(case.transport, main)
    else:
        change = subject.spoils[case.name]
        server.spoil(lambda reply: replace(reply, body=change(reply.body)), main)


def same(a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray]) -> bool:
    return np.array_equal(a[0], b[0]) and np.array_equal(a[1], b[1], equal_nan=True)


@pytest.mark.slow
@pytest.mark.parametrize(("case", "subject"), [*TRANSPORT, *CONTENT])
def test_what_was_good_stays_and_others_are_unharmed(tmp_path: Path, case: str, subject: str) -> None:
    spoilt = SUBJECTS[subject]
    other = SUBJECTS["Treasury" if subject != "Treasury" else "FRED, CSV"]
    with desk(tmp_path, [spoilt, other]) as it:
        before = it.values()
        spoil(it.server, BY_NAME[case], spoilt)
        report = it.update([spoilt, other], BY_NAME[case])
        after = it.values()
        bad, good = report.tasks
        assert {s.state for s in good.series} <= {"stale", "unchanged"}, good.series  # the other source
        noted = {f.series for f in bad.findings}
        for one in bad.series:
            keys = [k for k in before if k[0] == one.series and one.field in ("", str(k[1]))]
            for key in keys:
                if one.state in ("failed", "unchanged", "stale"):
                    assert same(before[key], after[key]), (one, key)
                if one.state == "failed":
                    assert one.code
                    assert one.last == before[key][0][-1].item()
                    assert one.late == (freshness_of(it, key) == "late")
                if one.state in ("new", "revised"):  # let in, then it is right or has a finding
                    assert same(before[key], after[key]) or {one.series, ""} & noted, one
        if BY_NAME[case].transport:
            assert {s.state for s in bad.series} == {"failed"}
        assert report.ok == (not any(s.state == "failed" for s in bad.series))
        assert not any(f.severity is not Severity.INFO for f in check(it.store))
        # and when the source is well again nothing is left of it
        it.server.heal()
        it.clock.passed += 3600.0
        healed = it.update([spoilt, other])
        assert healed.ok, [(s.series, s.code, s.reason) for s in healed.series if s.state == "failed"]
        final = it.values()
        assert {key for key in before if not same(before[key], final[key])} == set()


def freshness_of(it: Desk, key: tuple[str, Field]) -> str:
    with Reader(it.store) as reader:
        block = next(b for b in reader.blocks(key[0]) if b.field == key[1] and not b.quarantined)
    return freshness(block.meta.frequency, block.last, it.clock.now().date()).state


def test_all_sources_at_once_and_one_of_them_down(tmp_path: Path) -> None:
    chosen = [SUBJECTS[name] for name in ("Yahoo", "FRED, CSV", "Ken French", "Treasury")]
    with desk(tmp_path, chosen) as it:
        it.server.spoil("503", "https://mba.tuck.dartmouth.edu/*")
        report = it.update(chosen)
        assert [t.provider for t in report.failed] == ["french"]
        assert {s.code for s in report.failed[0].series} == {"server_error"}
        states = {t.provider: t.state for t in report.tasks if t.provider != "french"}
        assert states == {"yahoo": "stale", "fred": "stale", "treasury": "stale"}


def test_a_dividend_at_yahoo_restates_the_adjusted_close_and_splices_nothing(tmp_path: Path) -> None:
    """A day later there is one more bar and one more dividend: every earlier adjusted close is lower."""
    subject = SUBJECTS["Yahoo"]
    days = answers.sessions(200)
    first = answers.chart("IWM", days[:199], dividend=None)
    second = answers.chart("IWM", days, dividend=(199, 1.0))
    (url,) = [u for u in subject.good if "IWM" in u]
    clock = FakeClock(NOON - timedelta(days=1))
    with StandIn() as server, Store.open(tmp_path / "data", clock=clock.now) as store:
        it = Desk(server, store, clock, tmp_path)
        server.add(url, Reply.json(first))
        assert it.update([subject]).ok
        before = it.values()
        clock.passed = 86_400.0
        server.add(url, Reply.json(second))
        report = it.update([subject])
        after = it.values()
    told = {s.field: s for s in report.series}
    assert told["adjusted_close"].state == "new"
    assert "its returns are unchanged; 1 day added" in told["adjusted_close"].said
    assert told["close"].said.startswith("1 day added")
    assert not [f for f in report.tasks[0].findings if f.code == "restated_history"]
    old, new = before["IWM", Field.ADJUSTED_CLOSE][1], after["IWM", Field.ADJUSTED_CLOSE][1]
    factor = 1.0 - 1.0 / before["IWM", Field.CLOSE][1][-1]
    assert new[:-1] == pytest.approx(old * factor)  # all of one vintage
