"""Series beside the one that is being checked: of the same import, or stored by an earlier one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from types import TracebackType
from typing import Self

from rotascope.model.observations import Field
from rotascope.store.reader import Reader
from rotascope.store.series import SeriesBlock
from rotascope.store.store import Store

_COMPARED = frozenset({Field.CLOSE, Field.DIVIDEND, Field.SPLIT, Field.VOLUME})
"""Fields that a gate may ask for."""

MOST_VALUES = 20_000_000
"""Values that are held for later files of the same import (16 bytes each)."""


class Neighbours:
    """Looks up a series and field, first among the blocks seen in this import, then in the store."""

    def __init__(self, store: Store, as_of: date) -> None:
        self._reader = Reader(store)
        self._as_of = as_of
        self._stored = {(b.series, b.field) for b in self._reader.blocks() if b.field in _COMPARED}
        self._seen: dict[tuple[str, Field], SeriesBlock | None] = {}
        self._held = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.close()

    def add(self, blocks: Iterable[SeriesBlock]) -> None:
        """Remember the blocks of a file. Of several with one series and field the first counts."""
        for block in blocks:
            key = (block.meta.series, block.meta.field)
            if block.meta.field in _COMPARED and self._held < MOST_VALUES and self._seen.get(key) is None:
                self._seen[key] = block
                self._held += len(block)

    def find(self, series: str, field: Field) -> SeriesBlock | None:
        """Return the values of a series and field, or None where there are none."""
        key = (series, field)
        if key not in self._seen and key in self._stored:
            self._seen[key] = self._read(series, field)
        return self._seen.get(key)

    def _read(self, series: str, field: Field) -> SeriesBlock | None:
        if not self._reader.has(series, field, self._as_of):
            return None
        data = self._reader.read(series, field, as_of=self._as_of)
        return SeriesBlock(data.meta, data.dates, data.values)
