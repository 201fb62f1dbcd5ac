"""What a store and packs have between them: blocks by series, and the sources and findings of snapshots."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from rotascope.model.errors import NotAvailableError
from rotascope.model.findings import Finding
from rotascope.model.observations import Source, Standing
from rotascope.store.blocks import SEVERAL, BlockInfo
from rotascope.store.packs import Pack

if TYPE_CHECKING:  # the catalogue costs a third of a second to import, and packs alone need none
    from rotascope.store.store import Store

_SEVERAL = Source(id=SEVERAL, publisher="several publications", standing=Standing.REPORTED)


class Contents:
    """The catalogue of a store (or none) beside packs, each thing asked for once and then kept.

    It sees the imports that were complete when it was made. No rows are read here. Not for use by several
    threads at once.
    """

    def __init__(self, store: Store | None, packs: Sequence[Pack] = ()) -> None:
        self._store = store
        self._packs = {pack.sha256: pack for pack in packs}
        self._upto = store.catalogue.last_import() if store else 0
        self._packed: dict[str, list[BlockInfo]] = {}
        for block in (block for pack in packs for block in pack.blocks):
            self._packed.setdefault(block.series, []).append(block)
        self._by_series: dict[str, list[BlockInfo]] = {}
        self._sources: dict[str, dict[str, Source]] = {}
        self._findings: dict[str, list[Finding]] = {}
        self._names: list[str] | None = None

    def expect(self, names: Iterable[str]) -> None:
        """Look up several series that are about to be asked for: one query for all is much faster."""
        missing = [name for name in dict.fromkeys(names) if name not in self._by_series]
        stored: dict[str, list[BlockInfo]] = {}
        for block in self._store.catalogue.blocks(self._upto, missing) if self._store else []:
            stored.setdefault(block.series, []).append(block)
        for name in missing:
            self._by_series[name] = self._sorted(name, stored.get(name, []))

    def of(self, series: str) -> Sequence[BlockInfo]:
        """Return the blocks of a series, sorted by field and snapshot; none if there is no such series."""
        if series not in self._by_series:
            stored = self._store.catalogue.blocks(self._upto, [series]) if self._store else []
            self._by_series[series] = self._sorted(series, stored)
        return self._by_series[series]

    def blocks(self) -> list[BlockInfo]:
        """Return all blocks, sorted by series, field and snapshot."""
        stored = self._store.catalogue.blocks(self._upto) if self._store else []
        packed = [b for pack in self._packs.values() for b in pack.blocks]
        return sorted(stored + packed, key=lambda b: (b.series, b.field, b.snapshot))

    def names(self) -> list[str]:
        """Return the names of all series, sorted."""
        if self._names is None:
            stored = self._store.catalogue.names(self._upto) if self._store else []
            packed = (b.series for pack in self._packs.values() for b in pack.blocks)
            self._names = sorted({*stored, *packed})
        return list(self._names)

    def sources(self, snapshot: str) -> dict[str, Source]:
        """Return the sources of a snapshot by id; none if there is no such snapshot."""
        if snapshot not in self._sources:
            pack = self._packs.get(snapshot)
            if pack is None and self._store is not None:
                wanted = self._stored_beside(snapshot, self._sources)
                self._sources.update(self._store.catalogue.sources(wanted))
            else:
                self._sources[snapshot] = dict(pack.sources) if pack else {}
        return self._sources[snapshot]

    def source(self, source_id: str, snapshot: str) -> Source:
        """Return a source that rows of a snapshot refer to. `*` stands for several publications.

        Raises: NotAvailableError if the snapshot has no such source.
        """
        if source_id == SEVERAL:
            return _SEVERAL
        known = self.sources(snapshot)
        if source_id not in known:
            there = ", ".join(sorted(known))
            raise NotAvailableError(f"The snapshot {snapshot} has no source {source_id!r}. It has: {there}.")
        return known[source_id]

    def find_source(self, source_id: str) -> Source:
        """Return a source by id wherever it is. Raises NotAvailableError if nothing refers to it."""
        for pack in self._packs.values():
            if source_id in pack.sources:
                return pack.sources[source_id]
        found = self._store.catalogue.find_source(source_id) if self._store else None
        if found is None:
            raise NotAvailableError(f"There is no source {source_id!r} in the database.")
        return found

    def findings(self, snapshot: str) -> list[Finding]:
        """Return what was found in a snapshot when it was imported; nothing if there is no such snapshot."""
        if snapshot not in self._findings:
            pack = self._packs.get(snapshot)
            if pack is None and self._store is not None:
                wanted = self._stored_beside(snapshot, self._findings)
                self._findings.update(self._store.catalogue.findings_of(wanted))
            else:
                self._findings[snapshot] = list(pack.findings) if pack else []
        return self._findings[snapshot]

    def _sorted(self, series: str, stored: list[BlockInfo]) -> list[BlockInfo]:
        return sorted(stored + self._packed.get(series, []), key=lambda b: (b.field, b.snapshot))

    def _stored_beside(self, snapshot: str, known: Collection[str]) -> list[str]:
        """Return a snapshot and the store's others that series were found in: soon they are asked for too."""
        blocks = (b for found in self._by_series.values() for b in found if b.origin == "store")
        return [s for s in dict.fromkeys([snapshot, *(b.snapshot for b in blocks)]) if s not in known]
