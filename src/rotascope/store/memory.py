"""Rows of blocks, kept from one reader to the next: reports of one process share most of what they read."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

from rotascope.model.observations import Field
from rotascope.store.series import DateArray, FloatArray, RowText


class BlockKey(NamedTuple):
    """A block by the sha256 of the file that it is in, so that what is kept of it is never out of date."""

    snapshot: str
    series: str
    field: Field


@dataclass(frozen=True, slots=True)
class BlockRows:
    """All rows of a block, read-only. dates, values: shape (n,). refs: as in `SeriesBlock`."""

    dates: DateArray
    values: FloatArray
    refs: tuple[str, ...] | None
    text: RowText


class Memory:
    """Blocks that were read, the latest used ones, up to a number of rows. Threads may share it."""

    def __init__(self, most_rows: int) -> None:
        self._most_rows = most_rows
        self._rows = 0
        self._blocks: OrderedDict[BlockKey, BlockRows] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._blocks)

    def get(self, key: BlockKey) -> BlockRows | None:
        """Return a block's rows, or None where they are not kept."""
        with self._lock:
            found = self._blocks.get(key)
            if found is not None:
                self._blocks.move_to_end(key)
            return found

    def keep(self, key: BlockKey, block: BlockRows) -> None:
        """Keep a block's rows, and forget those that nobody used for longest where there are too many."""
        with self._lock:
            if key in self._blocks:
                return
            self._blocks[key] = block
            self._rows += len(block.dates)
            while self._rows > self._most_rows:
                _, oldest = self._blocks.popitem(last=False)
                self._rows -= len(oldest.dates)
