"""What became of an update: of each series, of each task, of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from rotascope.ingest.importer import finding_as_json
from rotascope.model.findings import Finding

State = Literal["new", "revised", "unchanged", "stale", "failed"]
STATES: tuple[State, ...] = ("new", "revised", "unchanged", "stale", "failed")


@dataclass(frozen=True, slots=True)
class SeriesOutcome:
    """What an update did to one series and field. `field` is empty where the whole task failed.

    new: rows that were not there. revised: what was there changed. unchanged: the source has nothing new.
    stale: the same, and its next value was due. failed: what came, if anything, is not used.
    said: what changed, in a sentence. code, reason: why it failed, or why it is stale.
    last: the last date that can be read now. late: whether the value after it was due (on `due`) and is not
    there: a series that failed may be late, too.
    """

    series: str
    field: str
    state: State
    rows: int = 0
    said: str = ""
    code: str = ""
    reason: str = ""
    last: date | None = None
    due: date | None = None
    late: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the outcome as JSON values."""
        return {
            "series": self.series,
            "field": self.field or None,
            "state": self.state,
            "rows": self.rows,
            "said": self.said,
            "code": self.code,
            "reason": self.reason,
            "last": self.last.isoformat() if self.last else None,
            "due": self.due.isoformat() if self.due else None,
            "late": self.late,
        }


@dataclass(frozen=True, slots=True)
class TaskOutcome:
    """What became of one task. `import_id`: the import that brought it, None if nothing was stored.

    skipped: it was finished by the same update before that was interrupted.
    """

    key: str
    provider: str
    series: tuple[SeriesOutcome, ...] = ()
    findings: tuple[Finding, ...] = ()
    import_id: int | None = None
    skipped: bool = False
    seconds: float = 0.0

    @property
    def state(self) -> State:
        """Return the state that matters most: failed before revised, new, stale, unchanged."""
        there = {s.state for s in self.series}
        order: tuple[State, ...] = ("failed", "revised", "new", "stale", "unchanged")
        return next((state for state in order if state in there), "unchanged")

    def as_json(self) -> dict[str, Any]:
        """Return the outcome as JSON values."""
        return {
            "task": self.key,
            "provider": self.provider,
            "state": "skipped" if self.skipped else self.state,
            "import": self.import_id,
            "seconds": round(self.seconds, 3),
            "series": [s.as_json() for s in self.series],
            "findings": [finding_as_json(f) for f in self.findings],
        }


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What an update did. `resumed`: it went on where an interrupted one had stopped."""

    tasks: tuple[TaskOutcome, ...]
    seconds: float
    resumed: bool = False

    @property
    def series(self) -> Sequence[SeriesOutcome]:
        """Return the outcomes of all series, task by task."""
        return [s for task in self.tasks for s in task.series]

    @property
    def failed(self) -> list[TaskOutcome]:
        """Return the tasks of which something failed."""
        return [task for task in self.tasks if task.state == "failed"]

    @property
    def ok(self) -> bool:
        """Return whether nothing failed. What is merely stale is its source's affair."""
        return not self.failed

    def count(self, state: State) -> int:
        """Return the number of series with a field in this state; a series may be counted in several."""
        return len({s.series for s in self.series if s.state == state})

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "ok": self.ok,
            "seconds": round(self.seconds, 3),
            "resumed": self.resumed,
            "tasks": len(self.tasks),
            "skipped": sum(t.skipped for t in self.tasks),
            **{state: self.count(state) for state in STATES},
            "failed_tasks": [t.key for t in self.failed],
            "results": [t.as_json() for t in self.tasks],
        }
