"""How providers hand bytes to the readers, and what they do with the outcome."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from rotascope.ingest.fetch.base import FetchError, Response
from rotascope.ingest.providers.base import Task, raw_of
from rotascope.ingest.readers.base import Context
from rotascope.model.findings import Severity
from rotascope.store.series import ParsedFile


def read(
    parse: Callable[[Context], ParsedFile], reader: str, name: str, data: bytes, at: datetime
) -> ParsedFile:
    """Read bytes as if they were a file called `name`, retrieved at `at`."""
    parsed = parse(Context(Path(name), data, at))
    parsed.reader = reader
    return parsed


def refused(code: str, message: str, responses: Sequence[Response], fix: str | None = None) -> FetchError:
    """Return the error for content that is not what a source has sent so far."""
    first = responses[0] if responses else None
    return FetchError(
        code, message, url=first.url if first else "", status=first.status if first else None, fix=fix
    )


def finish(
    parsed: ParsedFile, task: Task, responses: Sequence[Response], *, identity: str = ""
) -> ParsedFile:
    """Give a parsed file the address and hash of what was fetched, and refuse it if nothing came in.

    identity: the id of the source, where the reader's own would not do. Raises: FetchError no_usable_rows.
    """
    if not parsed.blocks:
        reasons = [f.message for f in parsed.findings if f.severity is Severity.REJECTED][:2]
        why = " ".join(reasons) or "There were none."
        raise refused("no_usable_rows", f"No row for {task.key} could be read. {why}", responses)
    first = responses[0]
    old = parsed.source.id
    source = replace(
        parsed.source,
        id=identity or old,
        url=first.url,
        retrieved_at=max(r.fetched_at for r in responses),
        sha256=hashlib.sha256(raw_of(responses)).hexdigest(),
    )
    parsed.source = source
    parsed.blocks[:] = [
        replace(b, meta=replace(b.meta, source=source.id)) if b.meta.source == old else b
        for b in parsed.blocks
    ]
    parsed.findings[:] = [replace(f, file=task.key) for f in parsed.findings]
    return parsed


def need(what: str, wanted: Iterable[str], there: Iterable[str], responses: Sequence[Response]) -> None:
    """Refuse an answer that lacks a column or series. Raises: FetchError unexpected_shape."""
    have = set(there)
    lacking = [name for name in wanted if name not in have]
    if lacking:
        shown = ", ".join(sorted(have)[:12]) or "none"
        raise refused(
            "unexpected_shape",
            f"The answer has no {what} {', '.join(lacking[:6])}; it has {shown}.",
            responses,
            fix="The source may have changed its format; what was stored before is kept.",
        )


def only(task: Task, responses: Sequence[Response]) -> Response:
    """Return the one response of a task. Raises: FetchError if there is none."""
    if not responses:
        raise refused("empty", f"Nothing was fetched for {task.key}.", responses)
    return responses[0]
