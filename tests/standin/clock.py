"""A clock for tests: time passes only when something sleeps."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from rotascope.ingest.fetch.limits import Clock

NOON = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)  # a Thursday, 08:00 in New York


class FakeClock:
    """Time that stands still but for `sleep`, which returns at once. `slept` lists all waits, in seconds."""

    def __init__(self, start: datetime = NOON) -> None:
        self.start = start
        self.passed = 0.0
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the time of day."""
        return self.start + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        """Return the seconds that have passed."""
        return self.passed

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        with self._lock:
            self.slept.append(seconds)
            self.passed += seconds

    def clock(self) -> Clock:
        """Return this clock as the fetcher wants it."""
        return Clock(now=self.now, monotonic=self.monotonic, sleep=self.sleep)
