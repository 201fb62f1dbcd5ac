"""Two sources about one series: where they agree, where not, by how much. Nothing is averaged or switched."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Literal

import numpy as np

from rotascope.ingest.refresh.revisions import RESTATED
from rotascope.ingest.refresh.versions import family, in_order, known_on, readable
from rotascope.model.errors import NotAvailableError
from rotascope.model.observations import Field, Standing
from rotascope.model.units import Unit
from rotascope.store.blocks import BlockInfo
from rotascope.store.reader import Reader
from rotascope.store.series import FloatArray, SeriesBlock, SeriesData, to_date

_SLACK = 1.0 + 1e-9  # 0.02 in floating point is a little more than 0.02
_SHOWN = 20  # dates of disagreement that are listed
_NOISE = 1e-6  # of a price: the single precision that some sources send

Verdict = Literal["equal", "within_tolerance", "differs"]


def tolerance(field: Field, unit: Unit, level: FloatArray) -> FloatArray:
    """Return by how much two sources may differ at some levels, in the unit of the series.

    Prices and index levels: 0.02, or 0.01% if that is more. Yields, returns and weights in percent: a basis
    point. Volumes, shares and money: 1%. Dividends: half a cent. Anything else: 0.01%. Returns of adjusted
    closes (ratios): a basis point.
    """
    size = np.abs(level)
    if field in RESTATED:
        return np.full_like(size, 1e-4)
    if field is Field.DIVIDEND:
        return np.full_like(size, 0.005)
    if unit in (Unit.SHARES, Unit.USD_M) or field in (Field.VOLUME, Field.MARKET_VALUE, Field.FLOW):
        return 0.01 * size
    if unit in (Unit.USD, Unit.INDEX_LEVEL):
        return np.maximum(0.02, 1e-4 * size)
    if unit in (Unit.PERCENT, Unit.PP):
        return np.full_like(size, 0.01)
    return 1e-4 * size


@dataclass(frozen=True, slots=True)
class Side:
    """One of two sources: its id, who is behind it, the snapshot, and the day that names the version."""

    source: str
    publisher: str
    snapshot: str
    version: date

    def as_json(self) -> dict[str, Any]:
        """Return the side as JSON values."""
        return {
            "source": self.source,
            "publisher": self.publisher,
            "snapshot": self.snapshot,
            "version": self.version.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A date on which two sources differ by more than the tolerance; daily returns for restated levels."""

    day: date
    left: float
    right: float

    def as_json(self) -> dict[str, Any]:
        """Return the values and their difference, right minus left."""
        return {
            "date": self.day.isoformat(),
            "left": self.left,
            "right": self.right,
            "difference": self.right - self.left,
        }


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sources of one series and field, compared on their common dates.

    common: dates on which both have a value. beyond: how many differ by more than the tolerance. unknown:
    common dates on which one has a value and the other states none. largest: the worst, relative to its
    tolerance. first, last: of the disagreements. why_not: why nothing was compared, or empty.
    """

    series: str
    field: Field
    unit: Unit
    left: Side
    right: Side
    common: int
    beyond: int
    unknown: int
    largest: Disagreement | None
    first: date | None
    last: date | None
    shown: tuple[Disagreement, ...]
    why_not: str = ""

    @property
    def agrees(self) -> bool:
        """Return whether nothing was beyond the tolerance."""
        return not self.beyond and not self.why_not

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as JSON values; of many dates the first are listed."""
        return {
            "series": self.series,
            "field": str(self.field),
            "unit": str(Unit.RATIO if self.field in RESTATED else self.unit),
            "compared": "returns" if self.field in RESTATED else "values",
            "left": self.left.as_json(),
            "right": self.right.as_json(),
            "common": self.common,
            "beyond": self.beyond,
            "unknown_in_one": self.unknown,
            "largest": self.largest.as_json() if self.largest else None,
            "first": self.first.isoformat() if self.first else None,
            "last": self.last.isoformat() if self.last else None,
            "dates": [d.as_json() for d in self.shown],
            "why_not": self.why_not,
        }


@dataclass(frozen=True, slots=True)
class Reported:
    """A figure that a publication printed, beside the database's value of the same date.

    decimals: how many the publication printed. verdict `equal`: the database's value, rounded so, is the one
    printed.
    """

    series: str
    field: Field
    unit: Unit
    day: date
    printed: float
    decimals: int
    publication: str
    database: float
    side: Side
    verdict: Verdict

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as JSON values."""
        return {
            "series": self.series,
            "field": str(self.field),
            "unit": str(self.unit),
            "date": self.day.isoformat(),
            "printed": self.printed,
            "decimals": self.decimals,
            "publication": self.publication,
            "database": self.database,
            "side": self.side.as_json(),
            "verdict": self.verdict,
        }


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """All comparisons. `unmatched`: printed figures of which the database has no value."""

    pairs: tuple[Pair, ...]
    reported: tuple[Reported, ...]
    unmatched: int

    @property
    def agrees(self) -> bool:
        """Return whether nothing was beyond its tolerance."""
        return all(p.agrees for p in self.pairs) and all(r.verdict != "differs" for r in self.reported)

    def as_json(self) -> dict[str, Any]:
        """Return all comparisons as JSON values."""
        return {
            "agrees": self.agrees,
            "pairs": [p.as_json() for p in self.pairs],
            "reported": [r.as_json() for r in self.reported],
            "reported_without_database": self.unmatched,
        }


def reconcile(reader: Reader, series: Sequence[str] = (), *, as_of: date) -> Reconciliation:
    """Compare the sources of some series, or of all, as known on a date.

    Of each source the newest version that is not quarantined counts; versions of one source are no two
    sources. Raises: NotAvailableError if a series that is asked for is not there.
    """
    names = list(dict.fromkeys(series)) or reader.series()
    pairs: list[Pair] = []
    reported: list[Reported] = []
    unmatched = 0
    for name in names:
        blocks = reader.blocks(name)
        if not blocks:
            reader.read(name, Field.CLOSE, as_of=as_of)  # raises the error that names what is near
        for field in sorted({b.field for b in blocks}):
            there = [b for b in blocks if b.field is field and _known(b, as_of)]
            pairs += _pairs(reader, there)
            if any(b.standing is Standing.REPORTED for b in there):
                found, lacking = _reported(reader, name, field, there, as_of)
                reported, unmatched = reported + found, unmatched + lacking
    return Reconciliation(tuple(pairs), tuple(reported), unmatched)


def _known(block: BlockInfo, as_of: date) -> bool:
    return block.first <= as_of and (block.meta.vintage is None or block.meta.vintage <= as_of)


def _side(reader: Reader, block: BlockInfo) -> Side:
    source = reader.source(block.source, block.snapshot)
    return Side(block.source, source.publisher, block.snapshot, known_on(block))


def _pairs(reader: Reader, blocks: Sequence[BlockInfo]) -> Iterator[Pair]:
    good = [b for b in blocks if b.standing is Standing.DATABASE and not b.quarantined]
    newest = {family(b.source): b for b in in_order(good)}
    for left, right in itertools.combinations(newest.values(), 2):
        yield _compare(reader, left, right)


def _compare(reader: Reader, left: BlockInfo, right: BlockInfo) -> Pair:
    sides = (_side(reader, left), _side(reader, right))
    a, b = readable(reader, left), readable(reader, right)
    why = _why_not(left, right, a, b)
    if why or a is None or b is None:
        return Pair(
            left.series, left.field, left.meta.unit, *sides, 0, 0, 0, None, None, None, (), why or "damaged"
        )
    days, in_a, in_b = np.intersect1d(a.dates, b.dates, assume_unique=True, return_indices=True)
    x, y = a.values[in_a], b.values[in_b]
    noise = _NOISE * np.maximum(np.abs(x), np.abs(y))
    if left.field in RESTATED:
        near = (np.diff(in_a) == 1) & (np.diff(in_b) == 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            x, y = (x[1:] / x[:-1] - 1.0)[near], (y[1:] / y[:-1] - 1.0)[near]
        days, noise = days[1:][near], np.full(len(x), _NOISE)
    both = ~np.isnan(x) & ~np.isnan(y)
    unknown = int(np.count_nonzero(np.isnan(x) != np.isnan(y)))
    days, x, y, noise = days[both], x[both], y[both], noise[both]
    allowed = tolerance(left.field, left.meta.unit, np.maximum(np.abs(x), np.abs(y))) + noise
    beyond = np.flatnonzero(np.abs(x - y) > allowed * _SLACK)
    worst = (
        beyond[np.argmax(np.abs(x - y)[beyond] / np.maximum(allowed[beyond], 1e-12))] if len(beyond) else None
    )

    def at(row: int) -> Disagreement:
        return Disagreement(to_date(days[row]), float(x[row]), float(y[row]))

    return Pair(
        left.series,
        left.field,
        left.meta.unit,
        *sides,
        common=len(days),
        beyond=len(beyond),
        unknown=unknown,
        largest=None if worst is None else at(int(worst)),
        first=to_date(days[beyond[0]]) if len(beyond) else None,
        last=to_date(days[beyond[-1]]) if len(beyond) else None,
        shown=tuple(at(int(row)) for row in beyond[:_SHOWN]),
    )


def _why_not(left: BlockInfo, right: BlockInfo, a: SeriesBlock | None, b: SeriesBlock | None) -> str:
    if a is None or b is None:
        return "the file of a snapshot is damaged"
    if left.meta.unit is not right.meta.unit:
        return f"one is in {left.meta.unit}, the other in {right.meta.unit}"
    if left.meta.frequency is not right.meta.frequency:
        return f"one is {left.meta.frequency}, the other {right.meta.frequency}"
    return ""


def _reported(
    reader: Reader, series: str, field: Field, blocks: Sequence[BlockInfo], as_of: date
) -> tuple[list[Reported], int]:
    """Return the printed figures beside the database, and how many have no counterpart there."""
    found: list[Reported] = []
    lacking = 0
    for block in blocks:
        if block.standing is not Standing.REPORTED:
            continue
        try:
            printed = reader.read(series, field, as_of=as_of, snapshot=block.snapshot)
        except NotAvailableError:
            continue  # nothing of it was published by then
        for row, day in enumerate(printed.dates):
            value = float(printed.values[row])
            other = _database(reader, blocks, to_date(day), as_of)
            if np.isnan(value):
                continue
            if other is None:
                lacking += 1
            else:
                found.append(_beside(reader, printed, row, value, *other))
    return found, lacking


def _database(
    reader: Reader, blocks: Sequence[BlockInfo], day: date, as_of: date
) -> tuple[float, BlockInfo] | None:
    """Return the database's value of a day: what a report would read, not the nearest to the printed one."""
    rows = [b for b in blocks if b.standing is Standing.DATABASE and b.first <= day <= b.last]
    if not rows:
        return None
    try:
        data = reader.read(rows[0].series, rows[0].field, as_of=as_of, start=day, end=day, covers=(day, day))
    except NotAvailableError:
        return None
    if not len(data) or np.isnan(data.values[0]) or data.source.standing is not Standing.DATABASE:
        return None
    return float(data.values[0]), next(b for b in rows if b.snapshot == data.snapshot)


def _beside(
    reader: Reader, printed: SeriesData, row: int, value: float, database: float, block: BlockInfo
) -> Reported:
    exact = Decimal(repr(value))
    decimals = max(-int(exact.normalize().as_tuple().exponent), 0)
    rounded = Decimal(repr(database)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
    allowed = float(tolerance(block.field, block.meta.unit, np.array([database]))[0]) * _SLACK
    verdict: Verdict = "differs"
    if rounded == exact:
        verdict = "equal"
    elif abs(float(rounded) - value) <= max(allowed, _NOISE * abs(value)):
        verdict = "within_tolerance"
    refs = printed.refs or ()
    publication = refs[row] if refs else printed.source.id
    return Reported(
        printed.meta.series,
        printed.meta.field,
        printed.meta.unit,
        to_date(printed.dates[row]),
        value,
        decimals,
        publication,
        database,
        _side(reader, block),
        verdict,
    )
