"""Snapshots and raw bytes written in the background of an import, a bounded number at a time."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from rotascope.model.errors import StoreError
from rotascope.store import columns
from rotascope.store.lake import Lake
from rotascope.store.series import SeriesBlock

_FEW_PROCESSORS = 2
WAITING = 4  # files that may wait to be written; more would only fill the memory


@dataclass(frozen=True, slots=True)
class Staged:
    """A snapshot that is being written, and the raw bytes that go with it."""

    lake: Lake
    snapshot: Future[str]
    raw: Future[str]
    raw_sha256: str

    def result(self) -> str:
        """Wait, and return the snapshot's sha256. Raises: StoreError if the disk fails."""
        with disk_errors(self.lake):
            if self.raw.result() != self.raw_sha256:
                raise StoreError("A file changed while it was imported.", fix="Import it again.")
            return self.snapshot.result()


class Staging:
    """Threads that write snapshots and raw bytes: the engine and zlib run beside the interpreter.

    One for each of the two, or for both where there are two processors only: a third thread would take turns
    with the caller's, which everything waits for. Files stand in staging under their hashes; nothing is moved
    to its place here. For one caller at a time.
    """

    def __init__(self, lake: Lake, processors: int | None = None) -> None:
        self._lake = lake
        self._engine = columns.connect()
        few = (processors or os.cpu_count() or 1) <= _FEW_PROCESSORS
        self._snapshots = ThreadPoolExecutor(1, thread_name_prefix="snapshots")
        self._raws = self._snapshots if few else ThreadPoolExecutor(1, thread_name_prefix="raw-bytes")
        self._kept: dict[str, Future[str]] = {}
        self._waiting: deque[Future[str]] = deque()

    def keep(self, raw: bytes | Path, raw_sha256: str) -> Future[str]:
        """Start to keep raw bytes; of equal bytes once."""
        if raw_sha256 not in self._kept:
            self._kept[raw_sha256] = self._start(self._raws.submit(self._lake.stage_raw, raw, raw_sha256))
        return self._kept[raw_sha256]

    def write(self, blocks: Sequence[SeriesBlock], note: str, raw: bytes | Path, raw_sha256: str) -> Staged:
        """Start to write a snapshot and to keep the raw bytes. Waits while too many are not written yet."""
        job = self._snapshots.submit(self._lake.stage_snapshot, self._engine, blocks, note)
        return Staged(self._lake, self._start(job), self.keep(raw, raw_sha256), raw_sha256)

    def _start(self, job: Future[str]) -> Future[str]:
        self._waiting.append(job)
        while len(self._waiting) > 2 * WAITING:
            self._waiting.popleft().exception()  # waits; whoever needs the file gets the error
        return job

    def end(self, needed: Collection[str]) -> None:
        """Wait for all that was started, and drop raw bytes that are not needed."""
        for raw_sha256, job in self._kept.items():
            if raw_sha256 not in needed and job.exception() is None:
                self._lake.forget_raw(raw_sha256)

    def close(self) -> None:
        """Drop what has not begun and wait for what has."""
        for threads in (self._snapshots, self._raws):
            threads.shutdown(wait=True, cancel_futures=True)
        self._engine.close()


@contextmanager
def disk_errors(lake: Lake) -> Iterator[None]:
    """Turn an error of the disk or the engine into a StoreError."""
    try:
        yield
    except (OSError, duckdb.Error) as error:
        raise StoreError(
            f"The data folder {lake.home} cannot be written: {error}.",
            fix="Check free space and permissions. Nothing of this import was kept.",
        ) from error
