"""What to tell when a series, a field, a source or a stretch of dates is not there, and what is instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np

from rotascope.model.errors import NotAvailableError
from rotascope.model.observations import Field, Standing
from rotascope.store.blocks import BlockInfo, applies
from rotascope.store.choice import Question, is_seen
from rotascope.store.contents import Contents
from rotascope.store.rows import RowLoader
from rotascope.store.series import DateArray, to_date


def no_such_field(field: str, series: str, blocks: Iterable[BlockInfo]) -> NotAvailableError:
    """Return the error for a text that is no field. `blocks`: those of the series that was asked for."""
    return NotAvailableError(
        f"There is no field {field!r}. Fields are: {_listed(Field)}.",
        fix=f"{series} has: {_listed({b.field for b in blocks}) or 'none'}.",
    )


def nothing_answers(question: Question, contents: Contents, rows: RowLoader) -> NotAvailableError:
    """Return the error for a question that `choose` has no block for: it says why, and what is there.

    It is, in this order: no such series; no such field of it; not from that source or snapshot; only in
    quarantine; not known yet.
    """
    series, field = question.series, question.field
    all_blocks = contents.of(series)
    if not all_blocks:
        return NotAvailableError(f"There is no series {series!r}.", fix=lambda: _near(series, contents))
    blocks = [b for b in all_blocks if b.field == field]
    if not blocks:
        there = _listed({b.field for b in all_blocks})
        return NotAvailableError(f"{series} has no {field}.", fix=f"It has: {there}.")
    named = [b for b in blocks if question.names(b)]
    if not named:
        return _not_by_name(question, blocks)
    seen = [b for b in named if is_seen(b, question.as_of, rows)]
    if seen:  # then all of them are quarantined
        return _quarantined(question, seen, contents)
    known = min(_first_known(b, rows) for b in named)
    return NotAvailableError(
        f"{series} {field} was not known on {question.as_of}.",
        fix=f"Its first value became known on {known}.",
    )


def refuse_outside(
    block: BlockInfo, dates: DateArray, start: date | None, end: date | None, as_of: date
) -> None:
    """Refuse a window without rows, unless the block has some before and after it.

    dates: shape (n,), n >= 1, ascending: those visible on `as_of`. Raises: NotAvailableError.
    """
    first, last = to_date(dates[0]), to_date(dates[-1])
    backwards = start is not None and end is not None and start > end
    if (start is not None and start > last) or (end is not None and end < first) or backwards:
        raise NotAvailableError(
            f"{block.series} {block.field} has no rows from {start or first} to {end or as_of}.",
            fix=f"As of {as_of} its rows run from {first} to {last}.",
        )


def _not_by_name(question: Question, blocks: Sequence[BlockInfo]) -> NotAvailableError:
    given = (("source", question.source), ("snapshot", question.snapshot))
    asked = " ".join(f"{kind} {name!r}" for kind, name in given if name)
    there = _listed({f"source {b.source!r} in snapshot {b.snapshot[:12]}" for b in blocks})
    return NotAvailableError(
        f"{question.series} {question.field} is not there from {asked}.", fix=f"There is: {there}."
    )


def _quarantined(question: Question, seen: Sequence[BlockInfo], contents: Contents) -> NotAvailableError:
    reasons = (f.message for b in seen for f in contents.findings(b.snapshot) if applies(f, b.meta))
    reason = next(reasons, "see data status")
    names = _listed({f"source {b.source!r}" for b in seen})
    return NotAvailableError(
        f"{question.series} {question.field} is there only in quarantine: {reason}",
        fix=f"Ask for it by name to read it all the same: {names}.",
    )


def _first_known(block: BlockInfo, rows: RowLoader) -> date:
    loaded = rows.load(block) if block.standing is Standing.REPORTED else None
    first = block.first
    if loaded is not None and loaded.known_from is not None:
        first = to_date(np.maximum(loaded.dates, loaded.known_from).min())
    return max(first, block.meta.vintage or first)


def _near(series: str, contents: Contents) -> str:
    names = contents.names()
    by_lower = {name.lower(): name for name in names}
    near = [by_lower[n] for n in difflib.get_close_matches(series.lower(), by_lower, n=5, cutoff=0.5)]
    if near:
        return f"Near names: {', '.join(near)}."
    if not names:
        return "There is no data yet. Import a file that has it."
    return f"{len(names)} others are there, such as {', '.join(names[:5])}. Import a file that has it."


def _listed(names: Iterable[object]) -> str:
    return ", ".join(sorted(str(name) for name in names))
