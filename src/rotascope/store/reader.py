"""Reads as of a date: what was known then, from one snapshot only, and from which."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

import numpy as np
import numpy.typing as npt

from rotascope.model.errors import NotAvailableError
from rotascope.model.findings import Finding
from rotascope.model.observations import Field, Source, Standing
from rotascope.store import columns
from rotascope.store.blocks import SEVERAL, BlockInfo, applies
from rotascope.store.lake import verify_file
from rotascope.store.memory import BlockKey, BlockRows, Memory
from rotascope.store.packs import Pack
from rotascope.store.series import DateArray, FloatArray, RowText, SeriesData, to_date, to_day

if TYPE_CHECKING:  # the catalogue costs a third of a second to import, and packs alone need none
    from rotascope.store.store import Store

_SEVERAL = Source(id=SEVERAL, publisher="several publications", standing=Standing.REPORTED)
_T = TypeVar("_T", bound=np.generic)
_SLACK = timedelta(days=5)  # a weekend with a holiday: the last close before a date still covers it
_PREFIX = 8  # letters of a snapshot's id that are enough to name it


@dataclass(frozen=True, slots=True)
class _Rows:
    """All rows of a block, and for each the day from which it may be seen (NaT: never)."""

    dates: DateArray
    values: FloatArray
    refs: tuple[str, ...] | None
    text: RowText
    known_from: DateArray | None  # None: each row from its own date on

    def visible(self, as_of: date) -> npt.NDArray[np.bool_]:
        """Return which rows are visible, apart from the block's vintage. Shape (n,)."""
        day = to_day(as_of)
        seen: npt.NDArray[np.bool_] = self.dates <= day
        return seen if self.known_from is None else seen & (self.known_from <= day)


@dataclass(frozen=True, slots=True)
class _Extent:
    """What is visible of a block as of a date."""

    first: date
    last: date
    rows: int


class Reader:
    """Reads from a store (or none) and packs, with a memory of what was read.

    It sees the imports that were complete when it was made; for later ones make another. Each file is
    held against its hash before its first use. Not for use by several threads at once; `memory` may be
    shared with other readers.
    """

    def __init__(
        self, store: Store | None, packs: Sequence[Pack] = (), *, memory: Memory | None = None
    ) -> None:
        self._store = store
        self._packs = {pack.sha256: pack for pack in packs}
        self._upto = store.catalogue.last_import() if store else 0
        self._engine = columns.connect()
        self._memory = memory
        self._packed: dict[str, list[BlockInfo]] = {}
        for block in (block for pack in packs for block in pack.blocks):
            self._packed.setdefault(block.series, []).append(block)
        self._by_series: dict[str, list[BlockInfo]] = {}
        self._rows: dict[BlockKey, _Rows] = {}
        self._reads: dict[tuple[BlockKey, date], SeriesData] = {}
        self._sources: dict[str, dict[str, Source]] = {}
        self._findings: dict[str, list[Finding]] = {}
        self._verified: set[str] = set()
        self._names: list[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the engine. The store stays open."""
        self._engine.close()

    def read(
        self,
        series: str,
        field: Field | str,
        *,
        as_of: date,
        start: date | None = None,
        end: date | None = None,
        source: str | None = None,
        snapshot: str | None = None,
        covers: tuple[date, date] | None = None,
    ) -> SeriesData:
        """Return the rows dated `start` to `end` (both included) that were known on `as_of`.

        No row dated after `as_of`, no vintage and no publication after it is visible. All rows come from
        one block, chosen without regard to `start` and `end`: (1) the `source` or `snapshot` (id, at least
        its first eight letters, or a pack's name) asked for; (2) never a quarantined block unless asked for
        by name; (3) blocks that reach from the first to the last date of `covers`, if there are any, or
        else those with a row between them;
        (4) rows of a database before figures of publications; (5) the latest vintage, where a
        block without vintage counts as of its last visible date; (6) the latest last date; (7) the
        longest history; then the store before packs, the latest retrieval, the smallest id.

        The result may have no rows if the block has some before and after the window. NaN is unknown.
        Raises: NotAvailableError, which names what is there instead; StoreError if a file is damaged.
        """
        wanted = self._field(series, field, as_of)
        choice = self._choose(series, wanted, as_of, source, snapshot, covers)
        if choice is None:
            raise self._absent(series, wanted, as_of, source, snapshot)
        block, others = choice
        if start is not None or end is not None:
            return self._data(block, others, as_of, start, end)
        key = (_key(block), as_of)  # whatever led to the block, its rows and the other blocks are the same
        if key not in self._reads:
            self._reads[key] = self._data(block, others, as_of, None, None)
        return self._reads[key]

    def _data(
        self,
        block: BlockInfo,
        others: Sequence[BlockInfo],
        as_of: date,
        start: date | None,
        end: date | None,
    ) -> SeriesData:
        rows = self._load(block)
        keep = rows.visible(as_of)
        inside = keep.copy()
        if start is not None:
            inside &= rows.dates >= to_day(start)
        if end is not None:
            inside &= rows.dates <= to_day(end)
        if not inside.any():
            self._refuse_outside(block, rows.dates[keep], start, end, as_of)
        where = np.flatnonzero(inside)
        are_first = where.size > 0 and int(where[-1]) == where.size - 1
        return SeriesData(
            meta=block.meta,
            dates=_fixed(rows.dates[where]),
            values=_fixed(rows.values[where]),
            snapshot=block.snapshot,
            source=self._block_source(block),
            refs=None if rows.refs is None else tuple(rows.refs[i] for i in where),
            others=tuple(dict.fromkeys(b.snapshot for b in others)),
            findings=tuple(f for f in self._all_findings(block.snapshot) if applies(f, block.meta)),
            written=rows.text if are_first else None,
        )

    def expect(self, names: Iterable[str]) -> None:
        """Look up several series that are about to be read at once: one query for all is much faster."""
        missing = [name for name in dict.fromkeys(names) if name not in self._by_series]
        stored: dict[str, list[BlockInfo]] = {}
        for block in self._store.catalogue.blocks(self._upto, missing) if self._store else []:
            stored.setdefault(block.series, []).append(block)
        for name in missing:
            self._by_series[name] = self._sorted(name, stored.get(name, []))

    def has(self, series: str, field: Field | str, as_of: date) -> bool:
        """Return whether `read` without source and snapshot would find rows known on `as_of`."""
        try:
            wanted = Field(field)
        except ValueError:
            return False
        return self._choose(series, wanted, as_of, None, None) is not None

    def blocks(self, series: str | None = None) -> list[BlockInfo]:
        """Return what is known of all blocks, or of those of a series, sorted by series, field, snapshot."""
        if series is not None:
            return list(self._of(series))
        stored = self._store.catalogue.blocks(self._upto) if self._store else []
        packed = [b for pack in self._packs.values() for b in pack.blocks]
        return sorted(stored + packed, key=lambda b: (b.series, b.field, b.snapshot))

    def series(self) -> list[str]:
        """Return the names of all series, sorted."""
        if self._names is None:
            stored = self._store.catalogue.names(self._upto) if self._store else []
            packed = (b.series for pack in self._packs.values() for b in pack.blocks)
            self._names = sorted({*stored, *packed})
        return list(self._names)

    def source(self, source_id: str, snapshot: str) -> Source:
        """Return a source that rows of a snapshot refer to. `*` stands for several publications.

        Raises: NotAvailableError if the snapshot has no such source.
        """
        if source_id == SEVERAL:
            return _SEVERAL
        known = self._all_sources(snapshot)
        if source_id not in known:
            raise NotAvailableError(
                f"The snapshot {snapshot} has no source {source_id!r}. It has: {_listed(known)}."
            )
        return known[source_id]

    def findings(self, snapshot: str) -> list[Finding]:
        """Return what was found in a snapshot when it was imported."""
        return self._all_findings(snapshot)

    def find_source(self, source_id: str) -> Source:
        """Return a source by id wherever it is. Raises NotAvailableError if nothing refers to it."""
        for pack in self._packs.values():
            if source_id in pack.sources:
                return pack.sources[source_id]
        found = self._store.catalogue.find_source(source_id) if self._store else None
        if found is None:
            raise NotAvailableError(f"There is no source {source_id!r} in the database.")
        return found

    # choosing a block

    def _choose(
        self,
        series: str,
        field: Field,
        as_of: date,
        source: str | None,
        snapshot: str | None,
        covers: tuple[date, date] | None = None,
    ) -> tuple[BlockInfo, list[BlockInfo]] | None:
        seen = [b for b in self._of(series) if b.field == field and self._seen(b, as_of)]
        left = [b for b in seen if self._named(b, source, snapshot)]
        if source is None and snapshot is None:
            left = [b for b in left if not b.quarantined]
        if covers is not None and len(left) > 1:
            left = (
                [b for b in left if self._covers(b, as_of, covers)]
                or [b for b in left if self._meets(b, as_of, covers)]
                or left
            )
        for preferred in (_is_clean, _is_database):
            left = [b for b in left if preferred(b)] or left
        if not left:
            return None
        best = left[0] if len(left) == 1 else max(left, key=lambda b: self._rank(b, as_of))
        return best, [b for b in seen if b is not best]

    def _covers(self, block: BlockInfo, as_of: date, dates: tuple[date, date]) -> bool:
        extent = self._extent(block, as_of)
        return extent.first <= dates[0] and extent.last >= dates[1] - _SLACK

    def _meets(self, block: BlockInfo, as_of: date, dates: tuple[date, date]) -> bool:
        extent = self._extent(block, as_of)
        return extent.first <= dates[1] and extent.last >= dates[0] - _SLACK

    def _named(self, block: BlockInfo, source: str | None, snapshot: str | None) -> bool:
        if source is not None and source != block.source:
            return False
        return (
            snapshot is None
            or snapshot == block.snapshot
            or block.origin == f"pack:{snapshot}"
            or (len(snapshot) >= _PREFIX and block.snapshot.startswith(snapshot))
        )

    def _seen(self, block: BlockInfo, as_of: date) -> bool:
        if block.first > as_of or (block.meta.vintage is not None and block.meta.vintage > as_of):
            return False
        if block.standing is Standing.DATABASE:
            return True  # no need to read the rows
        return bool(self._load(block).visible(as_of).any())

    def _rank(self, block: BlockInfo, as_of: date) -> tuple[object, ...]:
        extent = self._extent(block, as_of)
        retrieved = block.meta.retrieved_at
        return (
            # a vintage of None says that values are final: the block is as good as known on its last date
            block.meta.vintage or extent.last,
            extent.last,
            -extent.first.toordinal(),
            extent.rows,
            block.origin == "store",
            0.0 if retrieved is None else _utc(retrieved).timestamp(),
            -int(block.snapshot, 16),
        )

    def _extent(self, block: BlockInfo, as_of: date) -> _Extent:
        if block.last <= as_of and block.standing is Standing.DATABASE:
            return _Extent(block.first, block.last, block.rows)
        rows = self._load(block)
        dates = rows.dates[rows.visible(as_of)]
        return _Extent(to_date(dates[0]), to_date(dates[-1]), len(dates))

    # what is there

    def _of(self, series: str) -> list[BlockInfo]:
        if series not in self._by_series:
            stored = self._store.catalogue.blocks(self._upto, [series]) if self._store else []
            self._by_series[series] = self._sorted(series, stored)
        return self._by_series[series]

    def _sorted(self, series: str, stored: list[BlockInfo]) -> list[BlockInfo]:
        return sorted(stored + self._packed.get(series, []), key=lambda b: (b.field, b.snapshot))

    def _known(self) -> list[tuple[str, Field]]:
        stored = self._store.catalogue.series(self._upto) if self._store else []
        return stored + [(b.series, b.field) for pack in self._packs.values() for b in pack.blocks]

    def _load(self, block: BlockInfo) -> _Rows:
        key = _key(block)
        if key not in self._rows:
            if block.snapshot not in self._verified:
                verify_file(block.path, block.snapshot)
                self._verified.add(block.snapshot)
            all_rows = self._remembered(key) or self._read_file(block)
            if self._memory is not None:
                self._memory.keep(key, all_rows)
            known_from = self._known_from(block, all_rows.refs)
            self._rows[key] = _Rows(all_rows.dates, all_rows.values, all_rows.refs, all_rows.text, known_from)
        return self._rows[key]

    def _remembered(self, key: BlockKey) -> BlockRows | None:
        return None if self._memory is None else self._memory.get(key)

    def _read_file(self, block: BlockInfo) -> BlockRows:
        dates, values, refs = columns.read_columns(
            self._engine, block.path, block.series, str(block.field), refs=block.has_refs
        )
        return BlockRows(dates, values, refs, RowText(dates, values))

    def _known_from(self, block: BlockInfo, refs: tuple[str, ...] | None) -> DateArray | None:
        """Return the day on which each row was published, in a block with figures of publications."""
        if block.standing is Standing.DATABASE:
            return None
        sources = self._all_sources(block.snapshot)
        names = [ref or block.source for ref in refs] if refs else [block.source] * block.rows
        days = {
            name: _published(sources[name], bound=refs is not None or block.meta.vintage is None)
            for name in set(names)
        }
        return np.array([days[name] for name in names], dtype="datetime64[D]")

    def _all_sources(self, snapshot: str) -> dict[str, Source]:
        if snapshot not in self._sources:
            pack = self._packs.get(snapshot)
            if pack is None and self._store is not None:
                wanted = self._stored_beside(snapshot, self._sources)
                self._sources.update(self._store.catalogue.sources(wanted))
            else:
                self._sources[snapshot] = dict(pack.sources) if pack else {}
        return self._sources[snapshot]

    def _stored_beside(self, snapshot: str, known: Collection[str]) -> list[str]:
        """Return a snapshot and the store's others that series were found in: soon they are asked for too."""
        blocks = (b for found in self._by_series.values() for b in found if b.origin == "store")
        return [s for s in dict.fromkeys([snapshot, *(b.snapshot for b in blocks)]) if s not in known]

    def _block_source(self, block: BlockInfo) -> Source:
        return self.source(block.source, block.snapshot)

    def _all_findings(self, snapshot: str) -> list[Finding]:
        if snapshot not in self._findings:
            pack = self._packs.get(snapshot)
            if pack is None and self._store is not None:
                wanted = self._stored_beside(snapshot, self._findings)
                self._findings.update(self._store.catalogue.findings_of(wanted))
            else:
                self._findings[snapshot] = list(pack.findings) if pack else []
        return self._findings[snapshot]

    # saying what is not there

    def _field(self, series: str, field: Field | str, as_of: date) -> Field:
        try:
            return Field(field)
        except ValueError:
            raise NotAvailableError(
                f"There is no field {field!r}. Fields are: {_listed(Field)}.",
                fix=f"{series} has: {_listed({b.field for b in self._of(series)}) or 'none'}.",
            ) from None

    def _absent(
        self, series: str, field: Field, as_of: date, source: str | None, snapshot: str | None
    ) -> NotAvailableError:
        all_blocks = self._of(series)
        if not all_blocks:
            return self._no_series(series)
        blocks = [b for b in all_blocks if b.field == field]
        if not blocks:
            return NotAvailableError(
                f"{series} has no {field}.", fix=f"It has: {_listed({b.field for b in all_blocks})}."
            )
        named = [b for b in blocks if self._named(b, source, snapshot)]
        if not named:
            asked = " ".join(f"{k} {v!r}" for k, v in (("source", source), ("snapshot", snapshot)) if v)
            there = _listed({f"source {b.source!r} in snapshot {b.snapshot[:12]}" for b in blocks})
            return NotAvailableError(
                f"{series} {field} is not there from {asked}.", fix=f"There is: {there}."
            )
        seen = [b for b in named if self._seen(b, as_of)]
        if seen:  # then all of them are quarantined
            reasons = (f.message for b in seen for f in self._all_findings(b.snapshot) if applies(f, b.meta))
            names = _listed({f"source {b.source!r}" for b in seen})
            return NotAvailableError(
                f"{series} {field} is there only in quarantine: {next(reasons, 'see data status')}",
                fix=f"Ask for it by name to read it all the same: {names}.",
            )
        known = min(self._first_known(b) for b in named)
        return NotAvailableError(
            f"{series} {field} was not known on {as_of}.", fix=f"Its first value became known on {known}."
        )

    def _first_known(self, block: BlockInfo) -> date:
        rows = self._load(block) if block.standing is Standing.REPORTED else None
        first = block.first
        if rows is not None and rows.known_from is not None:
            first = to_date(np.maximum(rows.dates, rows.known_from).min())
        return max(first, block.meta.vintage or first)

    def _no_series(self, series: str) -> NotAvailableError:
        return NotAvailableError(f"There is no series {series!r}.", fix=lambda: self._near(series))

    def _near(self, series: str) -> str:
        names = self.series()
        by_lower = {name.lower(): name for name in names}
        near = [by_lower[n] for n in difflib.get_close_matches(series.lower(), by_lower, n=5, cutoff=0.5)]
        if near:
            return f"Near names: {', '.join(near)}."
        if not names:
            return "There is no data yet. Import a file that has it."
        return f"{len(names)} others are there, such as {', '.join(names[:5])}. Import a file that has it."

    def _refuse_outside(
        self, block: BlockInfo, dates: DateArray, start: date | None, end: date | None, as_of: date
    ) -> None:
        first, last = to_date(dates[0]), to_date(dates[-1])
        if (start is not None and start > last) or (end is not None and end < first) or _reversed(start, end):
            raise NotAvailableError(
                f"{block.series} {block.field} has no rows from {start or first} to {end or as_of}.",
                fix=f"As of {as_of} its rows run from {first} to {last}.",
            )


def _key(block: BlockInfo) -> BlockKey:
    return BlockKey(block.snapshot, block.series, block.field)


def _is_clean(block: BlockInfo) -> bool:
    return not block.quarantined


def _is_database(block: BlockInfo) -> bool:
    return block.standing is Standing.DATABASE


def _published(source: Source, *, bound: bool) -> np.datetime64:
    if source.standing is Standing.DATABASE or (source.published is None and not bound):
        return np.datetime64("0001-01-01")  # no further limit
    return np.datetime64(source.published or "NaT", "D")


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _reversed(start: date | None, end: date | None) -> bool:
    return start is not None and end is not None and start > end


def _fixed(array: npt.NDArray[_T]) -> npt.NDArray[_T]:
    array.flags.writeable = False
    return array


def _listed(names: Iterable[object]) -> str:
    return ", ".join(sorted(str(name) for name in names))
