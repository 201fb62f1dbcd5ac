"""Relative rotation and breadth of many securities, as arrays with time along the first axis.

closes: shape (n, k), n sessions in order by k securities, NaN where there is no close; in any memory order,
but fastest where the axis that is longer lies together. The definitions are those of the texts `rotation` and
`breadth`, and the conformance suite holds the two against each other.

The work goes through strips of securities that stay in a processor's cache. A missing close makes every
window over it NaN without being looked for, because sums and extremes carry NaN along.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rotascope.analytics.rolling import sums_of_windows, window_extremes

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
    (total,) = sums_of_windows(values, (length,))
    total = np.divide(total, length)
    return np.subtract(values[length - 1 :], total, out=total)


def _put_exp(values: FloatArray, out: FloatArray) -> None:
    """Write 100 * exp(values) at the end of `out`, and NaN before."""
    begin = len(out) - len(values)
    out[:begin] = np.nan
    np.exp(values, out=out[begin:])
    out[begin:] *= 100.0


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
    sums = sums_of_windows(closes, tuple(averages.values())) if averages else []
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
