"""A made-up source for tests of updates: its answers are small JSON documents that a test writes by hand."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from rotascope.ingest.fetch.base import Fetcher, FetchError, Request, Response
from rotascope.ingest.providers.base import Task, Terms, asked_for, raw_of
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.model.units import Unit
from rotascope.store.series import ParsedFile, SeriesBlock

BASE = "https://made-up.example/"


def column(
    series: str,
    rows: Mapping[str, float | None],
    *,
    field: str = "value",
    unit: str = "percent",
    frequency: str = "monthly",
    vintage: str | None = None,
) -> dict[str, Any]:
    """Return one column of an answer; a row that is None is unknown."""
    return {
        "series": series,
        "field": field,
        "unit": unit,
        "frequency": frequency,
        "vintage": vintage,
        "rows": dict(rows),
    }


def answer(*columns: Mapping[str, Any]) -> bytes:
    """Return an answer of the source."""
    return json.dumps({"columns": columns}).encode()


class Answers:
    """A fetcher with an answer for each task: bytes, or an error to raise. Counts what it is asked.

    now: when answers are fetched. pause: seconds that each answer takes.
    """

    def __init__(self, now: Callable[[], datetime], pause: float = 0.0) -> None:
        self.now = now
        self.pause = pause
        self.given: dict[str, bytes | Exception] = {}
        self.asked: list[str] = []
        self._lock = threading.Lock()

    def get(self, request: Request) -> Response:
        """Return the answer for the last part of the address."""
        name = request.url.removeprefix(BASE)
        with self._lock:
            self.asked.append(name)
        time.sleep(self.pause)
        body = self.given.get(name)
        if body is None:
            raise FetchError("not_found", f"There is nothing at {request.url}.", url=request.url, status=404)
        if isinstance(body, Exception):
            raise body
        return Response(request.url, 200, {}, body, self.now())


class MadeUp:
    """The source. Each series is a task of its own, unless `together` names the series of a task."""

    terms = Terms("Made Up", "series for tests", "none", "", "any", "none")

    def __init__(
        self,
        series: Sequence[str] = (),
        *,
        name: str = "made",
        together: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.name = name
        self._tasks = {s: (s,) for s in series} | {k: tuple(v) for k, v in (together or {}).items()}

    def tasks(self, series: Sequence[str] | None = None) -> list[Task]:
        """Return the tasks that bring some series, or all."""
        wanted = None if series is None else {asked_for(self.name, s) for s in series}
        return [
            Task(self.name, f"{self.name}:{key}", names)
            for key, names in self._tasks.items()
            if wanted is None or wanted & {key, *names}
        ]

    def fetch(self, task: Task, fetcher: Fetcher, *, since: date | None = None) -> list[Response]:
        """Fetch the answer of a task."""
        return [fetcher.get(Request(BASE + task.key.partition(":")[2]))]

    def parse(self, task: Task, responses: Sequence[Response]) -> ParsedFile:
        """Read an answer."""
        raw = raw_of(responses)
        at = responses[0].fetched_at
        digest = hashlib.sha256(raw).hexdigest()
        source = Source(
            f"{task.key}:{digest[:8]}", "Made Up", url=responses[0].url, retrieved_at=at, sha256=digest
        )
        blocks = [_block(c, source.id, at) for c in json.loads(raw)["columns"]]
        return ParsedFile(source, blocks, rows_read=sum(map(len, blocks)), reader="made-up/1")


def _block(told: Mapping[str, Any], source: str, at: datetime) -> SeriesBlock:
    meta = SeriesMeta(
        told["series"],
        Field(told["field"]),
        Unit(told["unit"]),
        Frequency(told["frequency"]),
        source,
        date.fromisoformat(told["vintage"]) if told["vintage"] else None,
        at,
    )
    values = [np.nan if v is None else float(v) for v in told["rows"].values()]
    return SeriesBlock(meta, np.array(list(told["rows"]), dtype="datetime64[D]"), np.array(values))


def noon(text: str) -> datetime:
    """Return noon UTC of a day."""
    return datetime.fromisoformat(text).replace(hour=12, tzinfo=UTC)
