"""Relative rotation and breadth of many securities, as arrays with time along the first axis.

closes: shape (n, k), n sessions in order by k securities, NaN where there is no close; in any memory order,
but fastest where the axis that is longer lies together. The definitions are those of the texts `rotation` and
`breadth`, and the conformance suite holds the two against each other.

The work goes through strips of securities that stay in a processor's cache. A missing close makes every
window over it NaN without being looked for, because sums and extremes carry NaN along.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
ROUNDING = 1e-9
STRIP = 32_768  # cells: an array of them is 256 KB, and five or six of those are in work at a time
_MOST_COLUMNS = 255  # a strip's counts are added up in bytes


def rotation(
    closes: FloatArray, index: FloatArray, trend: int, momentum: int
) -> tuple[FloatArray, FloatArray]:
    """Return strength and momentum, shape (n, k) each, centre 100, NaN where a session needed is unknown.

    index: shape (n,), NaN where unknown.
    """
    strength, gain = np.empty_like(closes), np.empty_like(closes)
    level = np.log(index)[:, None]
    for strip in _strips(closes.shape):
        line = np.log(closes[:, strip])
        line -= level
        strong = _above_mean(line, trend)
        _put_exp(strong, strength[:, strip])
        _put_exp(_above_mean(strong, momentum), gain[:, strip])
    return strength, gain


def _strips(shape: tuple[int, ...]) -> Iterator[slice]:
    sessions, securities = shape
    step = min(_MOST_COLUMNS, max(1, STRIP // max(sessions, 1)))
    return (slice(i, i + step) for i in range(0, securities, step))


def _above_mean(values: FloatArray, length: int) -> FloatArray:
    """Return each value minus the mean of the `length` that end with it, shape (n - length + 1, k)."""
    if len(values) < length:
        return values[:0]
    (total,) = window_sums(values, (length,))
    total = np.divide(total, length)
    return np.subtract(values[length - 1 :], total, out=total)


def _put_exp(values: FloatArray, out: FloatArray) -> None:
    """Write 100 * exp(values) at the end of `out`, and NaN before."""
    begin = len(out) - len(values)
    out[:begin] = np.nan
    np.exp(values, out=out[begin:])
    out[begin:] *= 100.0


def window_sums(values: FloatArray, lengths: Sequence[int]) -> list[FloatArray]:
    """Return for each length, none above n, the sums of that many rows one after the other.

    Shapes (n - length + 1, k); a sum begins at its row. Sums of 2, 4, 8 rows are made from two of half that
    size, and a length is put together from the powers of two in it. Only rows of the window are added, so a
    price of a million leaves no rounding in the years in which it is a thousandth, as the difference of two
    running sums would; and the same rows give the same bits wherever they stand (see `last_sum`).
    """
    found: dict[int, FloatArray] = {}
    covered = dict.fromkeys(lengths, 0)
    power, width = values, 1
    while True:
        for length, done in covered.items():
            if length & width:
                found[length] = power if not done else found[length][:-width] + power[done:]
                covered[length] = done + width
        if 2 * width > max(lengths):
            return [found[length] for length in lengths]
        power = power[:-width] + power[width:]
        width *= 2


def last_sum(values: FloatArray) -> FloatArray:
    """Return the sum of all rows, shape (k,), in the bits of `window_sums` over this many rows."""
    n, total, done, width = len(values), None, 0, 1
    while width <= n:
        if n & width:
            part = values[done : done + width]
            while len(part) > 1:
                part = part[0::2] + part[1::2]
            total, done = part[0] if total is None else total + part[0], done + width
        width *= 2
    return np.zeros(values.shape[1]) if total is None else np.asarray(total)


def window_extremes(values: FloatArray, length: int, pick: np.ufunc) -> FloatArray:
    """Return the largest (pick np.maximum) or smallest of each `length` rows, shape (n - length + 1, k).

    NaN where one is unknown. By doubling: about log2(length) passes.
    """
    found, width = values, 1
    while width * 2 <= length:
        found = pick(found[width:], found[:-width])
        width *= 2
    rest = length - width
    return np.asarray(pick(found[rest:], found[:-rest]) if rest else found)


@dataclass(frozen=True, slots=True)
class BreadthLengths:
    """The parameters of the measure `breadth`."""

    short: int
    long: int
    beat: int
    extreme: int


Counts = Mapping[str, IntArray]
COUNTS = (
    "members", "moved", "advancers", "decliners", "counted_short", "above_short", "counted_long",
    "above_long", "compared", "beating", "ranged", "highs", "lows",
)  # fmt: skip


def breadth(closes: FloatArray, members: BoolArray, index: FloatArray, lengths: BreadthLengths) -> Counts:
    """Return the counts of these securities, shape (n,) each, by the names of the columns of `breadth`.

    members: shape (n, k). index: shape (n,). Counts of several blocks add up to those of the panel.
    """
    counts = {name: np.zeros(len(closes), dtype=np.int64) for name in COUNTS}
    lead = _change(index[:, None], lengths.beat)
    everyone = bool(members.all())
    for strip in _strips(closes.shape):
        for name, mask in _masks(closes[:, strip], lead, lengths):
            begin = len(closes) - len(mask)
            if not everyone:
                mask = mask & members[begin:, strip]
            counts[name][begin:] += np.add.reduce(mask.view(np.uint8), axis=1, dtype=np.uint8)
    counts["members"] += np.count_nonzero(members, axis=1)
    return counts


def _masks(closes: FloatArray, lead: FloatArray, lengths: BreadthLengths) -> Iterator[tuple[str, BoolArray]]:
    """Yield who counts, shape (m, k) for the last m sessions; nobody does before them."""
    n = len(closes)
    known = closes == closes
    yield "moved", known[1:] & known[:-1]
    yield "advancers", closes[1:] > closes[:-1]
    yield "decliners", closes[1:] < closes[:-1]
    averages = {w: length for w in ("short", "long") if (length := getattr(lengths, w)) <= n}
    sums = window_sums(closes, tuple(averages.values())) if averages else []
    for (name, length), total in zip(averages.items(), sums, strict=True):
        mean = total / length
        yield f"counted_{name}", mean == mean
        mean *= 1.0 + ROUNDING
        yield f"above_{name}", closes[length - 1 :] > mean
    gap = _change(closes, lengths.beat)
    gap -= lead
    yield "compared", gap == gap
    yield "beating", gap > 0
    reach = lengths.extreme - 1
    if reach < n:
        top, bottom = (window_extremes(closes[:-1], reach, pick) for pick in (np.maximum, np.minimum))
        yield "ranged", (top == top) & known[reach:]
        yield "highs", closes[reach:] > top
        yield "lows", closes[reach:] < bottom


def _change(closes: FloatArray, length: int) -> FloatArray:
    """Return the change over `length` rows as a ratio, shape (max(n - length, 0), k)."""
    found = closes[length:] / closes[: max(len(closes) - length, 0)]
    found -= 1.0
    return np.asarray(found)
