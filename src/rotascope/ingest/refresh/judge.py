"""What a fetched file means beside what is stored: new, revised, the same, older, or not to be believed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from rotascope.ingest.providers.sanity import compare_with_stored
from rotascope.ingest.refresh import revisions
from rotascope.ingest.refresh.outcome import SeriesOutcome, State
from rotascope.ingest.refresh.versions import in_order, known_on, readable, versions
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field, Frequency, SeriesMeta
from rotascope.store.blocks import BlockInfo, applies, is_quarantined, validate
from rotascope.store.reader import Reader
from rotascope.store.series import ParsedFile, SeriesBlock, to_date

Gates = Callable[[ParsedFile], list[Finding]]
_EVENTS = frozenset({Field.DIVIDEND, Field.SPLIT})
_SPLIT_DAYS = 10  # a source may apply a split some days early or late


@dataclass(slots=True)
class Beside:
    """A block that came, and the stored versions it is held against.

    base: the newest version that may be read, with its rows; newest: the newest version of all, where that is
    quarantined. newer: whether a later vintage is stored. older: further versions, the oldest first.
    """

    block: SeriesBlock
    base: SeriesBlock | None
    base_info: BlockInfo | None
    newest: SeriesBlock | None
    newest_info: BlockInfo | None
    older: list[BlockInfo]
    newer: bool
    revision: revisions.Revision | None = None

    @property
    def meta(self) -> SeriesMeta:
        """Return what the block says of itself."""
        return self.block.meta

    @property
    def again(self) -> bool:
        """Return whether the block is what is stored, in the version that is read or in quarantine."""
        if self.newest is not None and revisions.compare(self.newest, self.block).nothing:
            return True
        return self.revision is not None and self.revision.nothing

    @property
    def adds(self) -> bool:
        """Return whether the block has rows beyond those stored."""
        return self.revision is None or bool(len(self.revision.appended))


@dataclass(slots=True)
class Judgement:
    """What to do with a file. `store`: whether it comes in. `code`, `reason`: why a whole file does not."""

    store: bool
    findings: list[Finding] = field(default_factory=list)
    outcomes: list[SeriesOutcome] = field(default_factory=list)
    code: str = ""
    reason: str = ""


def judge(
    parsed: ParsedFile, reader: Reader, gates: Gates, *, partial: bool = False, backfill: bool = False
) -> Judgement:
    """Hold a file against what is stored of its source, and against all gates where it brings anything.

    partial: only a part of the history was asked for. backfill: earlier vintages are welcome.
    Raises: BadInputError if the file contradicts itself.
    """
    beside = [_beside(block, reader) for block in validate(parsed)]
    for one in beside:
        if one.base is not None and one.base.meta.unit is one.meta.unit:
            one.revision = revisions.compare(one.base, one.block)
    refusal = None if backfill else _refusal(beside, reader)
    if refusal is not None:
        code, reason = refusal
        outcomes = [_failed(one, code, reason) for one in beside]
        return Judgement(False, [Finding(code, Severity.REJECTED, reason)], outcomes, code, reason)
    if all(one.again for one in beside):
        return Judgement(False, [], [_same(one, reader) for one in beside])
    found = [f for one in beside for f in _about(one, parsed, partial)]
    stored = {(one.block.meta.series, one.block.meta.field): one.base for one in beside}
    found += compare_with_stored(parsed.blocks, lambda series, name: stored.get((series, name)))
    found += gates(parsed)
    found += _restore(beside, parsed, reader)
    outcomes = [_outcome(one, [*parsed.findings, *found], reader) for one in beside]
    return Judgement(True, found, outcomes)


def _beside(block: SeriesBlock, reader: Reader) -> Beside:
    found = versions(reader, block.meta.series, block.meta.field, block.meta.source, reported=True)
    vintage = block.meta.vintage
    before = [b for b in found if vintage is None or b.meta.vintage is None or b.meta.vintage <= vintage]
    good = [b for b in before if not b.quarantined]
    base = newest = None
    base_info = newest_info = None
    while good and base is None:
        base_info = good.pop()
        base = readable(reader, base_info)
    if before and before[-1].quarantined:
        newest_info = before[-1]
        newest = readable(reader, newest_info)
    return Beside(
        block, base, base_info if base else None, newest, newest_info, good, len(before) < len(found)
    )


def _refusal(beside: Sequence[Beside], reader: Reader) -> tuple[str, str] | None:
    """Return code and reason if the source has sent an earlier state of the whole file."""
    held = [one for one in beside if one.base is not None or one.newer]
    if not held or any(one.adds and not one.newer for one in beside) or all(one.again for one in beside):
        return None
    for one in held:
        if one.newer:
            reason = (
                f"The source sent the vintage {one.meta.vintage} of {one.meta.series}; a later one is stored."
            )
            return "older_than_stored", reason
    for one in held:
        if one.revision is not None and one.revision.ends_earlier and one.base is not None:
            reason = (
                f"What the source sent of {one.revision.name} ends on {to_date(one.block.dates[-1])}; "
                f"the stored values reach to {to_date(one.base.dates[-1])}."
            )
            return "older_than_stored", reason
    if all(one.again or _was_there(one, reader) for one in held):
        other = [one for one in held if not one.again]
        if any(_doubted(one, reader) for one in other):
            return None
        kept = next((known_on(one.base_info) for one in other if one.base_info is not None), None)
        reason = f"The source sent an earlier state of {other[0].meta.series} again; that of {kept} is kept."
        return "earlier_file_again", reason
    return None


def _doubted(one: Beside, reader: Reader) -> bool:
    """Return whether the stored version was doubtful: an earlier state may be its correction.

    Doubtful is what changed the past of market data, and what came with warnings or with rows left out.
    """
    if one.meta.vintage is None or one.base_info is None:
        return True
    grave = (Severity.WARNING, Severity.REJECTED)
    return any(f.severity in grave and applies(f, one.meta) for f in reader.findings(one.base_info.snapshot))


def _restore(beside: Sequence[Beside], parsed: ParsedFile, reader: Reader) -> list[Finding]:
    """Let a file that is stored already, before another version, come in a second time, as what it is."""
    back = [one for one in beside if not one.again and one.older and _was_there(one, reader)]
    if not back or any(one.adds for one in beside):
        return []
    after = next(one.base_info.snapshot for one in back if one.base_info is not None)
    parsed.blocks[:] = [
        replace(b, meta=replace(b.meta, attributes={**b.meta.attributes, "restored_after": after[:12]}))
        for b in parsed.blocks
    ]
    message = f"The source went back to an earlier state; snapshot {after[:12]} had changed it."
    return [_finding("restored_history", Severity.INFO, message, one) for one in back]


def _was_there(one: Beside, reader: Reader) -> bool:
    return any(
        (rows := readable(reader, info)) is not None
        and rows.meta.unit is one.meta.unit
        and revisions.compare(rows, one.block).nothing
        for info in reversed(one.older)
    )


def _about(one: Beside, parsed: ParsedFile, partial: bool) -> list[Finding]:
    """Return what is worth knowing of the difference between a block and the stored version."""
    if one.base is None:
        return []
    if one.revision is None:
        message = f"{one.meta.series} is in {one.meta.unit}; it is stored in {one.base.meta.unit}."
        return [_finding("unit_changed", Severity.QUARANTINE, message, one)]
    r, found = one.revision, []
    if r.changed or r.factor is not None:
        code, severity = _kind_of_change(one, parsed)
        found.append(_finding(code, severity, _capital(r.sentence()) + ".", one, r.changed or len(one.block)))
    if len(r.removed):
        message = f"{len(r.removed)} stored rows of {r.name} are gone, the first of {r.removed[0]}."
        found.append(_finding("rows_removed", Severity.WARNING, message, one, len(r.removed)))
    if r.begins_later:
        message = (
            f"{r.name} now begins on {one.block.dates[0]}; an earlier snapshot begins on {one.base.dates[0]}."
        )
        # lists of holdings come one day at a time
        usual = partial or one.meta.frequency is Frequency.IRREGULAR
        severity = Severity.INFO if usual else Severity.WARNING
        found.append(_finding("shorter_history", severity, message, one, r.begins_later))
    if r.ends_earlier:
        message = f"{r.name} ends on {one.block.dates[-1]}; the stored values reach to {one.base.dates[-1]}."
        found.append(_finding("older_than_stored", Severity.QUARANTINE, message, one, r.ends_earlier))
    return found


def _kind_of_change(one: Beside, parsed: ParsedFile) -> tuple[str, Severity]:
    r = one.revision
    assert r is not None
    assert one.base is not None
    if one.meta.vintage is not None:
        return "revised", Severity.INFO
    if r.factor is not None:
        if r.field in revisions.RESTATED:
            return "restated_levels", Severity.INFO
        if _split_states(r.factor, one, parsed):
            return "restated_for_split", Severity.INFO
        return "restated_history", Severity.WARNING
    if r.changed == 1 and r.dates[0] == one.base.dates[-1] and r.field not in _EVENTS:
        return "last_value_changed", Severity.INFO  # it was there before the source had finished it
    return "restated_history", Severity.WARNING


def _split_states(factor: float, one: Beside, parsed: ParsedFile) -> bool:
    """Return whether splits since the stored version explain the factor between all its values."""
    assert one.base is not None
    since = one.base.dates[-1] - np.timedelta64(_SPLIT_DAYS, "D")
    for block in parsed.blocks:
        if block.meta.series == one.meta.series and block.meta.field is Field.SPLIT:
            ratio = float(np.prod(block.values[(block.dates >= since) & (block.values > 0.0)]))
            return any(abs(factor * r - 1.0) < 1e-3 for r in (ratio, 1.0 / ratio)) and ratio != 1.0
    return False


def _outcome(one: Beside, findings: Sequence[Finding], reader: Reader) -> SeriesOutcome:
    bad = next((f for f in findings if f.severity is Severity.QUARANTINE and applies(f, one.meta)), None)
    if bad is not None and is_quarantined(one.meta, findings):
        return _failed(one, bad.code, bad.message)
    last = to_date(one.block.dates[-1])
    if one.revision is None:
        said = f"{len(one.block):,} rows from {one.block.dates[0]} to {last}"
        return _made(one, "new", rows=len(one.block), said=said, last=last)
    r = one.revision
    if one.again:
        return _same(one, reader)
    rows = len(r.appended) + len(r.inserted)
    levels = r.field in revisions.RESTATED and r.factor is not None and not len(r.removed)
    state: State = "revised" if r.rewrites and not (levels and len(r.appended)) else "new"
    return _made(one, state, rows=rows, said=r.sentence(), last=max(last, _last(one) or last))


def _same(one: Beside, reader: Reader) -> SeriesOutcome:
    if one.revision is not None and one.revision.nothing:
        return _made(one, "unchanged", last=_last(one))
    info = one.newest_info
    found = reader.findings(info.snapshot) if info else []
    bad = next((f for f in found if f.severity is Severity.QUARANTINE and applies(f, one.meta)), None)
    code, reason = (bad.code, bad.message) if bad else ("quarantined", "The same is in quarantine.")
    return _failed(one, code, reason)


def _failed(one: Beside, code: str, reason: str) -> SeriesOutcome:
    return _made(one, "failed", code=code, reason=reason, last=_last(one))


def _made(
    one: Beside,
    state: State,
    *,
    rows: int = 0,
    said: str = "",
    code: str = "",
    reason: str = "",
    last: date | None = None,
) -> SeriesOutcome:
    name = str(one.meta.field)
    return SeriesOutcome(one.meta.series, name, state, rows, said, code, reason, last)


def _last(one: Beside) -> date | None:
    return to_date(one.base.dates[-1]) if one.base is not None else None


def last_good(reader: Reader, series: str, task: str = "") -> list[BlockInfo]:
    """Return of each field of a series the newest version that may be read.

    task: of those that this task has brought, where it has brought any.
    """
    good = [b for b in reader.blocks(series) if not b.quarantined]
    own = [b for b in good if b.file == task]
    newest: dict[Field, BlockInfo] = {}
    for block in in_order(own or good):
        newest[block.field] = block
    return list(newest.values())


def _finding(code: str, severity: Severity, message: str, one: Beside, count: int = 1) -> Finding:
    found = Finding(code, severity, message, series=one.meta.series, field=str(one.meta.field), count=count)
    r = one.revision
    if r is None or not r.changed:
        return found
    return replace(found, first=to_date(r.dates[0]), last=to_date(r.dates[-1]))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
