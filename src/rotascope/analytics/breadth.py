"""How many members take part. Members are known point in time; who has no price is left out, and counted.

Every function takes closes, shape (n, k): n sessions in date order, k names; NaN where there is no price;
and members, a mask of the same shape, true where the name was in the index on that session. A name counts on
a session if it is a member then and the closes it needs are known, whether or not it was a member when they
were made. Shares are 0..1 of the names that count; members that do not are in `left_out`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rotascope.analytics.arrays import FloatArray, require_positive
from rotascope.analytics.rolling import rolling_mean, tiles, window_extremes, window_sums
from rotascope.model.errors import BadInputError, MissingDataError

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
BytesArray = npt.NDArray[np.uint8]
# A close this close to its average, as a ratio, is on it and not above: the rest is rounding.
ON_AVERAGE = 1e-9


@dataclass(frozen=True, slots=True)
class Breadth:
    """A share per session. share: shape (n,), 0..1, NaN where no name counts.

    counted: names in numerator and denominator; left_out: members without the prices that were needed.
    """

    share: FloatArray
    counted: IntArray
    left_out: IntArray


@dataclass(frozen=True, slots=True)
class HighsLows:
    """New highs and new lows per session, shape (n,), as numbers of names. net = highs - lows."""

    highs: IntArray
    lows: IntArray
    counted: IntArray
    left_out: IntArray

    @property
    def net(self) -> IntArray:
        """Return new highs minus new lows."""
        return self.highs - self.lows


@dataclass(frozen=True, slots=True)
class AdvanceDecline:
    """Names that rose and fell per session, shape (n,). Unchanged names are counted but in neither."""

    advancers: IntArray
    decliners: IntArray
    counted: IntArray
    left_out: IntArray

    @property
    def line(self) -> IntArray:
        """Return the running sum of advancers minus decliners, from the first session on."""
        return np.asarray(np.cumsum(self.advancers - self.decliners))


def share_up(closes: FloatArray, members: BoolArray) -> Breadth:
    """Return the share of members whose close is above that of the session before.

    Three names, one up, one unchanged, one without a price: 1 of 2, one left out.

    >>> found = share_up(np.array([[1.0, 1.0, 1.0], [2.0, 1.0, np.nan]]), np.ones((2, 3), dtype=bool))
    >>> found.share.tolist(), found.left_out.tolist()
    ([nan, 0.5], [3, 1])
    """
    known = _mask(closes, members)
    change = _change(closes, 1)
    return _share(change > 0, ~np.isnan(change), known)


def share_above_average(closes: FloatArray, members: BoolArray, length: int) -> Breadth:
    """Return the share of members whose close is above the mean of their last `length` closes.

    The last close is one of them. A name counts once all `length` closes are known.
    """
    _check(closes, length, 1)
    hits, counted = (np.zeros(len(closes), dtype=np.int64) for _ in range(2))
    for start, end, these, among in _parts(closes, _mask(closes, members), length - 1):
        least = window_sums(these, length) * ((1.0 + ON_AVERAGE) / length)
        counted[start:end] += _few_per_row(among & (least == least))
        hits[start:end] += _few_per_row(among & (these[length - 1 :] > least))
    return _share_of(hits, counted, members)


def share_beating(closes: FloatArray, members: BoolArray, index: FloatArray, length: int) -> Breadth:
    """Return the share of members whose return over `length` sessions is greater than the index's.

    index: shape (n,), levels of the same dates and the same kind of return. Where the index is unknown, no
    name counts.
    """
    if index.shape != closes.shape[:1]:
        raise BadInputError(f"{index.size} index levels do not fit {len(closes)} sessions of closes.")
    known = _mask(closes, members)
    gap = _change(closes, length) - _change(index[:, None], length)
    return _share(gap > 0, ~np.isnan(gap), known)


def highs_lows(closes: FloatArray, members: BoolArray, length: int = 252) -> HighsLows:
    """Return how many members closed above (below) every one of their last `length` - 1 earlier closes.

    A tie is no new high. A name counts once all `length` closes are known.
    """
    _check(closes, length, 2)
    highs, lows, counted = (np.zeros(len(closes), dtype=np.int64) for _ in range(3))
    for start, end, these, among in _parts(closes, _mask(closes, members), length - 1):
        top, bottom = (window_extremes(these[:-1], length - 1, pick) for pick in (np.maximum, np.minimum))
        now = these[length - 1 :]
        counted[start:end] += _few_per_row(among & (top == top) & (now == now))
        highs[start:end] += _few_per_row(among & (now > top))
        lows[start:end] += _few_per_row(among & (now < bottom))
    return HighsLows(highs, lows, counted, _per_row(members) - counted)


def advance_decline(closes: FloatArray, members: BoolArray) -> AdvanceDecline:
    """Return how many members rose and fell against the session before."""
    known = _mask(closes, members)
    change = _change(closes, 1)
    counts = known & ~np.isnan(change)
    up, down = counts & (change > 0), counts & (change < 0)
    return AdvanceDecline(_per_row(up), _per_row(down), _per_row(counts), _per_row(known & ~counts))


def rolling_average(closes: FloatArray, length: int) -> FloatArray:
    """Return the mean of the last `length` closes of each name, shape (n, k); NaN unless all are known."""
    _check(closes, length, 1)
    return rolling_mean(closes, length)


def _change(closes: FloatArray, length: int) -> FloatArray:
    """Return closes[t] / closes[t - length] - 1, NaN where either is unknown."""
    _check(closes, length, 1)
    out = np.full(closes.shape, np.nan)
    out[length:] = closes[length:] / closes[:-length] - 1.0
    return out


def _parts(
    closes: FloatArray, members: BoolArray, before: int
) -> Iterator[tuple[int, int, FloatArray, BoolArray]]:
    """Yield parts of a table: first row and end row of the results, the closes they need, and the members."""
    for start, end, some in tiles(closes.shape, before):
        yield start, end, closes[start - before : end, some], members[start:end, some]


def _share(hit: BoolArray, known: BoolArray, members: BoolArray) -> Breadth:
    counts = members & known
    return _share_of(_per_row(counts & hit), _per_row(counts), members)


def _share_of(hits: IntArray, counted: IntArray, members: BoolArray) -> Breadth:
    share = np.divide(hits, counted, out=np.full(len(hits), np.nan), where=counted > 0)
    return Breadth(share, counted, _per_row(members) - counted)


def _per_row(mask: BoolArray) -> IntArray:
    return np.asarray(mask.sum(axis=1, dtype=np.int64))


def _few_per_row(mask: BoolArray) -> BytesArray:
    """Return how many are true in each row of a tile, which is narrow enough for bytes."""
    return np.asarray(np.add.reduce(mask.view(np.uint8), axis=1, dtype=np.uint8))


def _mask(closes: FloatArray, members: BoolArray) -> BoolArray:
    if closes.shape != members.shape or closes.ndim != 2:
        raise BadInputError(f"Closes of shape {closes.shape} do not fit members of shape {members.shape}.")
    if (closes <= 0).any():
        require_positive(closes[~np.isnan(closes)], "closes")
    return members


def _check(closes: FloatArray, length: int, least: int) -> None:
    if not least <= length <= len(closes):
        raise MissingDataError(f"A window of {length} sessions does not fit into {len(closes)} sessions.")
