"""Reads as of a date: what was known then, from one snapshot only, and from which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

import numpy as np
import numpy.typing as npt

from rotascope.model.findings import Finding
from rotascope.model.observations import Field, Source
from rotascope.store.absence import no_such_field, nothing_answers, refuse_outside
from rotascope.store.blocks import BlockInfo, applies
from rotascope.store.choice import Choice, Question, choose
from rotascope.store.contents import Contents
from rotascope.store.memory import BlockKey, Memory
from rotascope.store.packs import Pack
from rotascope.store.rows import RowLoader, key_of_block
from rotascope.store.series import SeriesData, to_day

if TYPE_CHECKING:  # the catalogue costs a third of a second to import, and packs alone need none
    from rotascope.store.store import Store

_T = TypeVar("_T", bound=np.generic)


class Reader:
    """Reads from a store (or none) and packs, with a memory of what was read.

    It sees the imports that were complete when it was made; for later ones make another. Each file is
    held against its hash before its first use. Not for use by several threads at once; `memory` may be
    shared with other readers.
    """

    def __init__(
        self, store: Store | None, packs: Sequence[Pack] = (), *, memory: Memory | None = None
    ) -> None:
        self._contents = Contents(store, packs)
        self._rows = RowLoader(self._contents, memory)
        self._reads: dict[tuple[BlockKey, date], SeriesData] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the engine. The store stays open."""
        self._rows.close()

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
        question = Question(series, self._field(series, field), as_of, source, snapshot, covers)
        choice = choose(self._contents.of(series), question, self._rows)
        if choice is None:
            raise nothing_answers(question, self._contents, self._rows)
        if start is not None or end is not None:
            return self._data(choice, as_of, start, end)
        key = (key_of_block(choice.block), as_of)  # whatever led to the block, rows and others are the same
        if key not in self._reads:
            self._reads[key] = self._data(choice, as_of, None, None)
        return self._reads[key]

    def has(self, series: str, field: Field | str, as_of: date) -> bool:
        """Return whether `read` without source and snapshot would find rows known on `as_of`."""
        try:
            question = Question(series, Field(field), as_of)
        except ValueError:
            return False
        return choose(self._contents.of(series), question, self._rows) is not None

    def expect(self, names: Iterable[str]) -> None:
        """Look up several series that are about to be read at once: one query for all is much faster."""
        self._contents.expect(names)

    def blocks(self, series: str | None = None) -> list[BlockInfo]:
        """Return what is known of all blocks, or of those of a series, sorted by series, field, snapshot."""
        return self._contents.blocks() if series is None else list(self._contents.of(series))

    def series(self) -> list[str]:
        """Return the names of all series, sorted."""
        return self._contents.names()

    def source(self, source_id: str, snapshot: str) -> Source:
        """Return a source that rows of a snapshot refer to. `*` stands for several publications.

        Raises: NotAvailableError if the snapshot has no such source.
        """
        return self._contents.source(source_id, snapshot)

    def findings(self, snapshot: str) -> list[Finding]:
        """Return what was found in a snapshot when it was imported."""
        return self._contents.findings(snapshot)

    def find_source(self, source_id: str) -> Source:
        """Return a source by id wherever it is. Raises NotAvailableError if nothing refers to it."""
        return self._contents.find_source(source_id)

    def _field(self, series: str, field: Field | str) -> Field:
        try:
            return Field(field)
        except ValueError:
            raise no_such_field(field, series, self._contents.of(series)) from None

    def _data(self, choice: Choice, as_of: date, start: date | None, end: date | None) -> SeriesData:
        block = choice.block
        rows = self._rows.load(block)
        keep = rows.visible(as_of)
        inside = keep.copy()
        if start is not None:
            inside &= rows.dates >= to_day(start)
        if end is not None:
            inside &= rows.dates <= to_day(end)
        if not inside.any():
            refuse_outside(block, rows.dates[keep], start, end, as_of)
        where = np.flatnonzero(inside)
        are_first = where.size > 0 and int(where[-1]) == where.size - 1
        found = self._contents.findings(block.snapshot)
        return SeriesData(
            meta=block.meta,
            dates=_fixed(rows.dates[where]),
            values=_fixed(rows.values[where]),
            snapshot=block.snapshot,
            source=self._contents.source(block.source, block.snapshot),
            refs=None if rows.refs is None else tuple(rows.refs[i] for i in where),
            others=tuple(dict.fromkeys(b.snapshot for b in choice.others)),
            findings=tuple(f for f in found if applies(f, block.meta)),
            written=rows.text if are_first else None,
        )


def _fixed(array: npt.NDArray[_T]) -> npt.NDArray[_T]:
    array.flags.writeable = False
    return array
