"""An update with a made-up source, in a store of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from rotascope.facts.freshness import freshness
from rotascope.ingest.refresh.outcome import SeriesOutcome, UpdateReport
from rotascope.ingest.refresh.plan import plan
from rotascope.ingest.refresh.refresh import update
from rotascope.store.reader import Reader
from rotascope.store.store import Store
from standin.made_up import Answers, MadeUp, noon


@dataclass
class Bench:
    """A store, a source, and a day that a test sets."""

    home: Path
    day: str = "2026-02-02"
    sources: list[MadeUp] = field(default_factory=list)
    updates: int = 0

    def __post_init__(self) -> None:
        self.answers = Answers(self.now)
        self.store = Store.open(self.home, clock=self.now)

    def now(self) -> datetime:
        """Return noon of the day, and a minute more for each update."""
        return noon(self.day) + timedelta(minutes=self.updates)

    def give(self, day: str | None = None, /, **answers: bytes | Exception) -> None:
        """Set the day, and what the source answers for tasks by name."""
        self.day = day or self.day
        self.answers.given.update(answers)

    def update(self, *names: str, since: date | None = None) -> UpdateReport:
        """Run an update."""
        self.updates += 1
        known = {source.name: source for source in self.sources}
        stored = self.store.catalogue.blocks(self.store.catalogue.last_import())
        return update(
            plan(known, names, stored),
            store=self.store,
            fetcher=self.answers,
            clock=self.now,
            today=self.now().date(),
            freshness=freshness,
            since=since,
        )

    def rows(self, series: str, as_of: str | None = None, field: str = "value") -> dict[str, float]:
        """Return what a reader sees of a series."""
        with Reader(self.store) as reader:
            data = reader.read(series, field, as_of=date.fromisoformat(as_of or self.day))
        return {str(d): float(v) for d, v in zip(data.dates, data.values, strict=True)}

    def snapshots(self) -> int:
        """Return how many snapshots there are."""
        return len(self.store.catalogue.snapshots())


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Return a bench with a source of the series A, B and C."""
    made = Bench(tmp_path / "data", sources=[MadeUp(["A", "B", "C"])])
    yield made
    made.store.close()


@pytest.fixture
def only() -> Callable[[UpdateReport, str], SeriesOutcome]:
    """Return a function that picks the one outcome of a series."""

    def pick(report: UpdateReport, series: str) -> SeriesOutcome:
        (found,) = [s for s in report.series if s.series == series]
        return found

    return pick
