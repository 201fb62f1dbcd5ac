"""Updates: fetch and parse in threads, judge and store one task after another, each in one transaction.

A task that fails leaves what is stored as it is, and the other tasks alone. What is stored when the program
is ended stays; the update goes on from there when it is started again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from rotascope.ingest.fetch.base import Fetcher, FetchError
from rotascope.ingest.neighbours import Neighbours
from rotascope.ingest.providers.base import Task, raw_of
from rotascope.ingest.quality import run_gates
from rotascope.ingest.refresh.journal import Attempt, Run, note_attempt, run
from rotascope.ingest.refresh.judge import Judgement, judge, last_good
from rotascope.ingest.refresh.outcome import SeriesOutcome, State, TaskOutcome, UpdateReport
from rotascope.ingest.refresh.plan import Planned
from rotascope.model.errors import RotascopeError, StoreError
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Frequency
from rotascope.store.reader import Reader
from rotascope.store.series import ParsedFile
from rotascope.store.store import ImportBatch, Store

THREADS = 8  # tasks that are fetched at once; the fetcher keeps to the limits of each host
LATE = "late"


class Fresh(Protocol):
    """How fresh a series is: see `rotascope.facts.freshness`."""

    @property
    def state(self) -> str:
        """Return `late` if the next value was due."""

    @property
    def due(self) -> date | None:
        """Return the day on which the next value is, or was, due."""


Freshness = Callable[[Frequency, date, date], Fresh]


@dataclass(frozen=True, slots=True)
class UpdateProgress:
    """How far an update is: tasks done of all, the one just done, and how it ended."""

    done: int
    total: int
    key: str
    state: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a task brought: its files, the oldest vintage first, and the bytes they were read from."""

    files: tuple[ParsedFile, ...]
    raw: bytes


def update(
    tasks: Sequence[Planned],
    *,
    store: Store,
    fetcher: Fetcher,
    clock: Callable[[], datetime],
    today: date,
    freshness: Freshness,
    since: date | None = None,
    progress: Callable[[UpdateProgress], None] = lambda _: None,
    threads: int = THREADS,
) -> UpdateReport:
    """Do all tasks and return what became of each, in the order of `tasks`.

    today: the exchange's day, for freshness. since: ask sources for values from this day on only, where they
    can. An interrupted update of the same tasks is gone on with: what it finished is not fetched again.
    Raises: only what is no affair of a task, such as KeyboardInterrupt; finished tasks are stored then.
    """
    begun = time.monotonic()
    selection = [planned.task.key for planned in tasks] + [f"since {since}"]
    with run(store.lake.home, selection, clock()) as journal:
        job = _Job(store, fetcher, clock, today, freshness, since, journal)
        done = job.do_all(tasks, progress, threads)
    ordered = tuple(done[planned.task.key] for planned in tasks)
    return UpdateReport(ordered, time.monotonic() - begun, resumed=bool(journal.done))


@dataclass(slots=True)
class _Job:
    """One update that is going on."""

    store: Store
    fetcher: Fetcher
    clock: Callable[[], datetime]
    today: date
    freshness: Freshness
    since: date | None
    journal: Run

    def do_all(
        self, tasks: Sequence[Planned], progress: Callable[[UpdateProgress], None], threads: int
    ) -> dict[str, TaskOutcome]:
        done: dict[str, TaskOutcome] = {}
        open_tasks = []
        for planned in tasks:
            if planned.task.key in self.journal.done:
                done[planned.task.key] = TaskOutcome(planned.task.key, planned.provider.name, skipped=True)
            else:
                open_tasks.append(planned)
        if not open_tasks:
            return done
        with _pool(threads) as pool:
            running = {pool.submit(self._fetch, planned): planned for planned in open_tasks}
            for future in as_completed(running):
                task = running.pop(future).task
                outcome = self._take(task, future)
                done[task.key] = outcome
                self._note(task, outcome)
                progress(UpdateProgress(len(done), len(tasks), task.key, outcome.state))
                del future  # what it brought is stored; it need not stay in memory
        return done

    def _fetch(self, planned: Planned) -> Fetched:
        """Fetch and parse, in a thread."""
        provider, task = planned.provider, planned.task
        responses = provider.fetch(task, self.fetcher, since=self.since)
        several = getattr(provider, "parse_vintages", None)
        files = several(task, responses) if several else [provider.parse(task, responses)]
        return Fetched(tuple(files), raw_of(responses))

    def _take(self, task: Task, future: Future[Fetched]) -> TaskOutcome:
        """Judge and store what a task brought. Nothing of a task may harm the others."""
        begun = time.monotonic()
        try:
            outcome = self._store(task, future.result())
        except FetchError as error:
            outcome = self._failed(task, error.code, str(error))
        except StoreError as error:
            outcome = self._failed(task, "store_error", str(error))
        except RotascopeError as error:
            outcome = self._failed(task, "contradiction", str(error))
        except Exception as error:  # a source's code met what it did not foresee
            outcome = self._failed(task, "provider_failed", f"{task.provider} failed: {error!r}"[:300])
        return replace(outcome, seconds=time.monotonic() - begun)

    def _store(self, task: Task, fetched: Fetched) -> TaskOutcome:
        findings: list[Finding] = []
        by_series: dict[tuple[str, str], SeriesOutcome] = {}
        with self.store.begin_import() as batch:
            for parsed in fetched.files:
                last = parsed is fetched.files[-1]
                # the store is locked: nothing can come between this look at it and what is added now
                with Reader(self.store) as reader:
                    partial = self.since is not None
                    judged = judge(parsed, reader, self._gates, partial=partial, backfill=not last)
                findings += self._add(batch, task, parsed, fetched.raw, judged)
                for one in judged.outcomes:
                    by_series[one.series, one.field] = _merged(by_series.get((one.series, one.field)), one)
        outcomes = [*by_series.values()]
        with Reader(self.store) as reader:
            reason = f"{task.key} brought no rows of it."
            for series in _missing(task, {series for series, _ in by_series}, reader):
                outcomes += self._kept(reader, task, series, "series_missing", reason)
            outcomes = [self._dated(one, reader) for one in outcomes]
        return TaskOutcome(task.key, task.provider, tuple(outcomes), tuple(findings), batch.result.import_id)

    def _gates(self, parsed: ParsedFile) -> list[Finding]:
        today = self.clock().date()
        with Neighbours(self.store, today) as neighbours:
            return run_gates(parsed, today=today, known=neighbours.find)

    def _add(
        self, batch: ImportBatch, task: Task, parsed: ParsedFile, raw: bytes, judged: Judgement
    ) -> list[Finding]:
        """Add a file if it says anything new, and return what there is to know of it."""
        parsed.findings[:] = [replace(f, file=task.key) for f in (*parsed.findings, *judged.findings)]
        if not judged.store:
            return list(parsed.findings) if judged.code else []
        result = batch.submit(parsed, raw, name=task.key)
        if result.outcome == "unchanged":  # the same bytes came once, and something else after them
            reason = f"The source sent a file again that is stored, {result.note}; the later one is kept."
            judged.outcomes[:] = [
                one
                if one.state == "unchanged"
                else replace(one, state="failed", code="earlier_file_again", reason=reason, said="", rows=0)
                for one in judged.outcomes
            ]
            return [Finding("earlier_file_again", Severity.REJECTED, reason, file=task.key)]
        return list(result.findings)

    def _failed(self, task: Task, code: str, reason: str) -> TaskOutcome:
        finding = Finding(code, Severity.REJECTED, reason, file=task.key)
        try:
            with Reader(self.store) as reader:
                kept = [o for s in task.series for o in self._kept(reader, task, s, code, reason)]
                outcomes = tuple(self._dated(one, reader) for one in kept)
        except StoreError:
            outcomes = tuple(SeriesOutcome(s, "", "failed", code=code, reason=reason) for s in task.series)
        return TaskOutcome(task.key, task.provider, outcomes, (finding,))

    def _kept(
        self, reader: Reader, task: Task, series: str, code: str, reason: str
    ) -> Iterator[SeriesOutcome]:
        """Yield a failure for each field of a series whose last good values stay, or for the series.

        The same series from another source is none of this task's.
        """
        blocks = last_good(reader, series, task.key)
        for block in blocks:
            field = str(block.field)
            yield SeriesOutcome(series, field, "failed", code=code, reason=reason, last=block.last)
        if not blocks:
            yield SeriesOutcome(series, "", "failed", code=code, reason=reason)

    def _dated(self, one: SeriesOutcome, reader: Reader) -> SeriesOutcome:
        """Say whether the next value was due; a series with nothing new is stale then."""
        block = next((b for b in last_good(reader, one.series) if str(b.field) == one.field), None)
        if block is None or one.last is None:
            return one
        fresh = self.freshness(block.meta.frequency, one.last, self.today)
        late = fresh.state == LATE
        state: State = "stale" if late and one.state == "unchanged" else one.state
        reason = one.reason
        if state == "stale":
            reason = (
                f"Its last value is of {one.last}, the next was due on {fresh.due}; the source has no newer."
            )
        return replace(one, state=state, reason=reason, due=fresh.due, late=late)

    def _note(self, task: Task, outcome: TaskOutcome) -> None:
        bad = next((s for s in outcome.series if s.state == "failed"), None)
        code, reason = (bad.code, bad.reason) if bad else ("", "")
        attempt = Attempt(task.key, task.series, self.clock(), outcome.state, code, reason)
        note_attempt(self.store.lake.home, attempt)
        if bad is None:
            self.journal.finish(task.key)


def _missing(task: Task, there: set[str], reader: Reader) -> list[str]:
    """Return the series that a task should have brought: all if it brought none, else those it once did.

    A source names more than it has: a maturity that is not published any more, or not yet.
    """
    absent = [series for series in task.series if series not in there]
    if len(absent) == len(task.series):
        return absent
    return [s for s in absent if any(block.file == task.key for block in reader.blocks(s))]


def _merged(before: SeriesOutcome | None, after: SeriesOutcome) -> SeriesOutcome:
    """Return what several vintages of one fetch did to a series."""
    if before is None:
        return after
    if after.state == "unchanged":
        return before
    said = "; then ".join(text for text in (before.said, after.said) if text)
    state = (
        after.state if after.state == "failed" else "revised" if before.state == "revised" else after.state
    )
    return replace(after, state=state, said=said)


@contextmanager
def _pool(threads: int) -> Iterator[ThreadPoolExecutor]:
    """Give threads to the block; at an error or interruption nothing more is begun and nobody waits."""
    pool = ThreadPoolExecutor(threads, thread_name_prefix="update")
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()
