"""Which block answers a read: docs/decisions/0004-which-snapshot-answers.md, in code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from rotascope.model.observations import Field, Standing
from rotascope.store.blocks import BlockInfo
from rotascope.store.rows import RowLoader
from rotascope.store.series import to_date

_SLACK = timedelta(days=5)  # a weekend with a holiday: the last close before a date still covers it
_PREFIX = 8  # letters of a snapshot's id that are enough to name it


@dataclass(frozen=True, slots=True)
class Question:
    """What a read asks for. `source`, `snapshot`, `covers`: as in `Reader.read`; None asks for none."""

    series: str
    field: Field
    as_of: date
    source: str | None = None
    snapshot: str | None = None
    covers: tuple[date, date] | None = None

    @property
    def by_name(self) -> bool:
        """Return whether a source or a snapshot is asked for."""
        return self.source is not None or self.snapshot is not None

    def names(self, block: BlockInfo) -> bool:
        """Return whether a block is of the source and the snapshot asked for; all are where none is."""
        if self.source is not None and self.source != block.source:
            return False
        asked = self.snapshot
        return (
            asked is None
            or asked == block.snapshot
            or block.origin == f"pack:{asked}"
            or (len(asked) >= _PREFIX and block.snapshot.startswith(asked))
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """The block that answers, and those of the same series and field, known by then, that do not."""

    block: BlockInfo
    others: Sequence[BlockInfo]


@dataclass(frozen=True, slots=True)
class Extent:
    """What is visible of a block as of a date: dates of its first and last row, and how many there are."""

    first: date
    last: date
    rows: int

    def covers(self, dates: tuple[date, date]) -> bool:
        """Return whether the rows reach from the first to the last of two dates, or a few days short."""
        return self.first <= dates[0] and self.last >= dates[1] - _SLACK

    def meets(self, dates: tuple[date, date]) -> bool:
        """Return whether rows are between two dates, or a few days before the first."""
        return self.first <= dates[1] and self.last >= dates[0] - _SLACK


def choose(blocks: Iterable[BlockInfo], question: Question, rows: RowLoader) -> Choice | None:
    """Return which of a series' blocks answers, in the order that `Reader.read` states; None if none may.

    `blocks` may be of any field. The answer does not depend on their order.
    Raises: StoreError if a file that must be looked into is damaged.
    """
    as_of, covers = question.as_of, question.covers
    seen = [b for b in blocks if b.field == question.field and is_seen(b, as_of, rows)]
    left = [b for b in seen if question.names(b)]
    if not question.by_name:
        left = [b for b in left if not b.quarantined]
    if covers is not None and len(left) > 1:
        left = (
            [b for b in left if extent(b, as_of, rows).covers(covers)]
            or [b for b in left if extent(b, as_of, rows).meets(covers)]
            or left
        )
    for preferred in (_is_clean, _is_database):
        left = [b for b in left if preferred(b)] or left
    if not left:
        return None
    best = left[0] if len(left) == 1 else max(left, key=lambda b: _rank(b, as_of, rows))
    return Choice(best, [b for b in seen if b is not best])


def is_seen(block: BlockInfo, as_of: date, rows: RowLoader) -> bool:
    """Return whether any row of a block was known on a day. Only figures of publications are looked into."""
    if block.first > as_of or (block.meta.vintage is not None and block.meta.vintage > as_of):
        return False
    if block.standing is Standing.DATABASE:
        return True  # no need to read the rows
    return bool(rows.load(block).visible(as_of).any())


def extent(block: BlockInfo, as_of: date, rows: RowLoader) -> Extent:
    """Return what is visible of a block that is seen on a day, see `is_seen`."""
    if block.last <= as_of and block.standing is Standing.DATABASE:
        return Extent(block.first, block.last, block.rows)
    loaded = rows.load(block)
    dates = loaded.dates[loaded.visible(as_of)]
    return Extent(to_date(dates[0]), to_date(dates[-1]), len(dates))


def _rank(block: BlockInfo, as_of: date, rows: RowLoader) -> tuple[object, ...]:
    visible = extent(block, as_of, rows)
    retrieved = block.meta.retrieved_at
    return (
        # a vintage of None says that values are final: the block is as good as known on its last date
        block.meta.vintage or visible.last,
        visible.last,
        -visible.first.toordinal(),
        visible.rows,
        block.origin == "store",
        0.0 if retrieved is None else _utc(retrieved).timestamp(),
        -int(block.snapshot, 16),
    )


def _is_clean(block: BlockInfo) -> bool:
    return not block.quarantined


def _is_database(block: BlockInfo) -> bool:
    return block.standing is Standing.DATABASE


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
