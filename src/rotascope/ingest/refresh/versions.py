"""The stored versions of a series: which blocks are of one source, and which of them is the newest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from rotascope.model.errors import BadInputError, NotAvailableError, StoreError
from rotascope.model.observations import Field, Standing
from rotascope.store.blocks import BlockInfo
from rotascope.store.reader import Reader
from rotascope.store.series import SeriesBlock

_DIGEST = re.compile(r":([0-9a-f]{8})?$")
_PREFIX = 8  # letters of a snapshot's id that name it
_ALWAYS = date.max


def family(source: str) -> str:
    """Return who is behind a source, whatever release, day or file it is about.

    Of files that a person imported each name is a source of its own.

    >>> family("yahoo:SPY:0a1b2c3d"), family("french-crsp-201811"), family("file:DJI:0a1b2c3d")
    ('yahoo', 'french', 'file:DJI')
    """
    if source.startswith("file:"):
        return _DIGEST.sub("", source)
    return re.split("[:-]", source, maxsplit=1)[0]


def known_on(block: BlockInfo) -> date:
    """Return the day that names a version: its vintage, else when it was fetched, else its last date."""
    if block.meta.vintage is not None:
        return block.meta.vintage
    return block.meta.retrieved_at.date() if block.meta.retrieved_at else block.last


def in_order(blocks: Iterable[BlockInfo]) -> list[BlockInfo]:
    """Return versions from the oldest to the newest."""
    early = datetime.min.replace(tzinfo=UTC)

    def rank(block: BlockInfo) -> tuple[date, datetime, date, str]:
        at = block.meta.retrieved_at or early
        return known_on(block), at if at.tzinfo else at.replace(tzinfo=UTC), block.last, block.snapshot

    return sorted(blocks, key=rank)


def versions(
    reader: Reader, series: str, field: Field, source: str | None = None, *, reported: bool = False
) -> list[BlockInfo]:
    """Return all database versions of a series and field, oldest first; of one source's family if given.

    reported: those too whose rows name publications, as filings do.
    """
    found = (b for b in reader.blocks(series) if b.field == field)
    of_kind = (b for b in found if reported or b.standing is Standing.DATABASE)
    return in_order(b for b in of_kind if source is None or family(b.source) == family(source))


def read_block(reader: Reader, block: BlockInfo) -> SeriesBlock:
    """Return all rows of one stored block, quarantined or not. Raises: StoreError if the file is damaged."""
    data = reader.read(block.series, block.field, as_of=_ALWAYS, snapshot=block.snapshot)
    return SeriesBlock(block.meta, data.dates, data.values, data.refs)


def readable(reader: Reader, block: BlockInfo) -> SeriesBlock | None:
    """Return the rows of a stored block, or None where its file is damaged: it cannot be compared with."""
    try:
        return read_block(reader, block)
    except StoreError:
        return None


def find_version(found: Sequence[BlockInfo], wanted: str, option: str) -> BlockInfo:
    """Return the version with a vintage (or day of retrieval) or a beginning of the snapshot's id.

    Of several versions of one day the newest. Raises: BadInputError, which lists the versions.
    """
    by_day = [b for b in found if known_on(b).isoformat() == wanted]
    if by_day:
        return by_day[-1]
    by_id = [b for b in found if len(wanted) >= _PREFIX and b.snapshot.startswith(wanted)]
    if by_id:
        return by_id[-1]
    listed = ", ".join(f"{known_on(b)} ({b.snapshot[:_PREFIX]})" for b in found[-12:])
    raise BadInputError(
        f"{option} is '{wanted}', and {found[0].series} has no such version.", fix=f"Versions: {listed}."
    )


def last_two(found: Sequence[BlockInfo]) -> tuple[BlockInfo, BlockInfo]:
    """Return the newest version and the one before it of the same source.

    Raises: NotAvailableError if there is one only.
    """
    newest = found[-1]
    before = [b for b in found[:-1] if family(b.source) == family(newest.source)]
    if not before:
        raise NotAvailableError(
            f"{newest.series} {newest.field} has one version from {newest.source}, of {known_on(newest)}.",
            fix="A second one comes with an update, or with another file; "
            "versions of two sources are compared by `rotascope data reconcile`.",
        )
    return before[-1], newest
