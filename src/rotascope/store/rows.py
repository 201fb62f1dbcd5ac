"""The rows of blocks, read from their files, and for each the day from which it may be seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from rotascope.model.observations import Source, Standing
from rotascope.store import columns
from rotascope.store.blocks import BlockInfo
from rotascope.store.contents import Contents
from rotascope.store.lake import verify_file
from rotascope.store.memory import BlockKey, BlockRows, Memory
from rotascope.store.series import DateArray, FloatArray, RowText, to_day


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of a block, and for each the day from which it may be seen (NaT: never).

    dates, values, known_from: shape (n,); dates ascend; a value of NaN is unknown. refs: as in `SeriesBlock`.
    """

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


class RowLoader:
    """Loads the rows of blocks, each block once; `memory` may have them from another loader.

    Each file is held against its hash before its first use, even if its rows are remembered.
    """

    def __init__(self, contents: Contents, memory: Memory | None = None) -> None:
        self._contents = contents
        self._engine = columns.connect()
        self._memory = memory
        self._rows: dict[BlockKey, Rows] = {}
        self._verified: set[str] = set()

    def close(self) -> None:
        """End the engine."""
        self._engine.close()

    def load(self, block: BlockInfo) -> Rows:
        """Return a block's rows. Raises StoreError if its file is missing or damaged."""
        key = key_of_block(block)
        if key not in self._rows:
            if block.snapshot not in self._verified:
                verify_file(block.path, block.snapshot)
                self._verified.add(block.snapshot)
            all_rows = self._remembered(key) or self._read_file(block)
            if self._memory is not None:
                self._memory.keep(key, all_rows)
            known_from = self._known_from(block, all_rows.refs)
            self._rows[key] = Rows(all_rows.dates, all_rows.values, all_rows.refs, all_rows.text, known_from)
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
        sources = self._contents.sources(block.snapshot)
        names = [ref or block.source for ref in refs] if refs else [block.source] * block.rows
        days = {
            name: _published(sources[name], bound=refs is not None or block.meta.vintage is None)
            for name in set(names)
        }
        return np.array([days[name] for name in names], dtype="datetime64[D]")


def key_of_block(block: BlockInfo) -> BlockKey:
    """Return under which key the rows of a block are kept."""
    return BlockKey(block.snapshot, block.series, block.field)


def _published(source: Source, *, bound: bool) -> np.datetime64:
    if source.standing is Standing.DATABASE or (source.published is None and not bound):
        return np.datetime64("0001-01-01")  # no further limit
    return np.datetime64(source.published or "NaT", "D")
