"""What updates leave behind besides data: how far one has come, and how each task last ended.

    updates/<digest>.run      the finished tasks of an update that is going on, or was interrupted
    updates/<digest>.lock     held by the program that runs it
    updates/tasks/<name>.json how a task last ended

None of it is needed to read data; a damaged file counts as none.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from rotascope.store.home import ensure_folder

RESUMES_WITHIN = timedelta(hours=12)
"""An interrupted update that is older is not gone on with: what it fetched may have changed since."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a task last ended. code, reason: empty unless something of it failed."""

    key: str
    series: tuple[str, ...]
    at: datetime
    state: str
    code: str = ""
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the attempt as JSON values; the time as ISO 8601."""
        return {
            "task": self.key,
            "series": list(self.series),
            "at": self.at.isoformat(),
            "state": self.state,
            "code": self.code,
            "reason": self.reason,
        }


class Run:
    """The list of finished tasks of one update. `done`: those that an interrupted one had finished."""

    def __init__(self, path: Path | None, done: frozenset[str]) -> None:
        self._path = path
        self.done = done

    def finish(self, key: str) -> None:
        """Add a task to the list."""
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"done": key}) + "\n")


@contextmanager
def run(home: Path, selection: Iterable[str], now: datetime) -> Iterator[Run]:
    """Keep a list of finished tasks, and go on with that of an interrupted update of the same selection.

    The list is removed when the block ends; an exception, or the end of the program, leaves it to be gone on
    with. A second program with the same selection at the same time keeps no list and does all tasks.
    """
    folder = ensure_folder(home / "updates")
    name = hashlib.sha256("\n".join(sorted(selection)).encode()).hexdigest()[:16]
    lock = FileLock(folder / f"{name}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        yield Run(None, frozenset())
        return
    path = folder / f"{name}.run"
    try:
        done = _read_run(path, now)
        if not done:
            path.write_text(json.dumps({"started": now.isoformat()}) + "\n", encoding="utf-8")
        yield Run(path, done)
        path.unlink(missing_ok=True)
    finally:
        lock.release()


def _read_run(path: Path, now: datetime) -> frozenset[str]:
    rows: list[Any] = []
    with contextlib.suppress(OSError):
        for line in path.read_text("utf-8").splitlines():
            with contextlib.suppress(ValueError):  # the line that was being written
                rows.append(json.loads(line))
    try:
        started = datetime.fromisoformat(rows[0]["started"])
        fresh = timedelta(0) <= now - started <= RESUMES_WITHIN
        return frozenset(row["done"] for row in rows[1:]) if fresh else frozenset()
    except (IndexError, KeyError, TypeError, ValueError):
        return frozenset()


def note_attempt(home: Path, attempt: Attempt) -> None:
    """Write down how a task ended, in place of what was there."""
    folder = ensure_folder(home / "updates" / "tasks")
    values = asdict(attempt) | {"at": attempt.at.isoformat()}
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".new-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(values, file, ensure_ascii=False)
    Path(temporary).replace(folder / f"{_file_name(attempt.key)}.json")


def attempts(home: Path) -> dict[str, Attempt]:
    """Return how each task last ended, by its key."""
    found = {}
    for path in sorted((home / "updates" / "tasks").glob("*.json")):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            values = json.loads(path.read_text("utf-8"))
            values |= {"series": tuple(values["series"]), "at": datetime.fromisoformat(values["at"])}
            attempt = Attempt(**values)
            found[attempt.key] = attempt
    return found


def _file_name(key: str) -> str:
    digest = hashlib.sha256(key.encode()).hexdigest()[:8]
    return re.sub(r"[^A-Za-z0-9.-]+", "_", key)[:60] + "-" + digest
