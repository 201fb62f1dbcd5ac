"""Relative rotation and breadth on a block of securities, as arrays with time along the rows.

closes: shape (k, n), k securities by n sessions in order, NaN where there is no close. The definitions are
those of the texts `rotation` and `breadth`, and the conformance suite holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
ROUNDING = 1e-9


def rotation(
    closes: FloatArray, index: FloatArray, trend: int, momentum: int
) -> tuple[FloatArray, FloatArray]:
    """Return strength and momentum, shape (k, n) each, centre 100, NaN where a session needed is unknown.

    index: shape (n,), NaN where unknown.
    """
    line = np.log(closes)
    line -= np.log(index)
    run = known_run(line)
    strong = _above_mean(line, run, trend)
    gain = _above_mean(strong, None if run is None else run - (trend - 1), momentum, trend - 1)
    np.exp(strong, out=strong)
    np.exp(gain, out=gain)
    strong *= 100.0
    gain *= 100.0
    return strong, gain


def known_run(values: FloatArray) -> IntArray | None:
    """Return how many known values in a row end at each place, shape (k, n); None if all are known."""
    missing = np.isnan(values)
    if not missing.any():
        return None
    place = np.arange(1, values.shape[1] + 1)
    last = np.maximum.accumulate(np.where(missing, place, 0), axis=1)
    return np.asarray(place - last)


def rolling_mean(values: FloatArray, run: IntArray | None, length: int, begin: int = 0) -> FloatArray:
    """Return the mean of the last `length` values, NaN unless all are known, without the first `begin`."""
    out = np.full(values.shape, np.nan)
    body = values[:, begin:]
    if body.shape[1] < length:
        return out
    mean = out[:, begin + length - 1 :]
    np.divide(_rolling_sum(body if run is None else np.nan_to_num(body), length), length, out=mean)
    if run is not None:
        out[run < length] = np.nan
    return out


def _rolling_sum(values: FloatArray, length: int) -> FloatArray:
    """Return the sum of each `length` values in a row, shape (k, n - length + 1).

    A window is the end of one stretch of `length` values and the beginning of the next, and both are running
    sums inside their stretch: only values of the window are added. The difference of two running sums over
    everything would carry the rounding of a price of a million into the years in which it is a thousandth.
    """
    k, n = values.shape
    padded = np.zeros((k, -(-n // length) * length))
    padded[:, :n] = values
    stretches = padded.reshape(k, -1, length)
    begins = np.cumsum(stretches, axis=2).reshape(k, -1)
    ends = np.cumsum(stretches[:, :, ::-1], axis=2)[:, :, ::-1].reshape(k, -1)
    ends[:, ::length] = 0.0  # a window that is one whole stretch has no end of an earlier one
    return np.asarray(begins[:, length - 1 : n] + ends[:, : n - length + 1])


def _above_mean(values: FloatArray, run: IntArray | None, length: int, begin: int = 0) -> FloatArray:
    mean = rolling_mean(values, run, length, begin)
    return np.subtract(values, mean, out=mean)


def earlier_extreme(closes: FloatArray, length: int, pick: np.ufunc) -> FloatArray:
    """Return the largest (pick np.maximum) or smallest of the `length` closes before each, shape (k, n).

    NaN where one of them is unknown or before the first session. By doubling: about log2(length) passes.
    """
    out = np.full(closes.shape, np.nan)
    if closes.shape[1] <= length:
        return out
    found, width = closes, 1
    while width * 2 <= length:
        found = pick(found[:, width:], found[:, :-width])
        width *= 2
    rest = length - width
    if rest:
        found = pick(found[:, rest:], found[:, :-rest])
    out[:, length:] = found[:, : closes.shape[1] - length]
    return out


@dataclass(frozen=True, slots=True)
class BreadthLengths:
    """The parameters of the measure `breadth`."""

    short: int
    long: int
    beat: int
    extreme: int


def breadth(
    closes: FloatArray, members: BoolArray, index: FloatArray, lengths: BreadthLengths
) -> Mapping[str, IntArray]:
    """Return the counts of one block, shape (n,) each, by the names of the columns of `breadth`.

    members: shape (k, n). index: shape (n,). Blocks add up to the panel.
    """
    run = known_run(closes)
    base = closes[:, :-1]
    counts = {"members": members, "moved": np.zeros_like(members)}
    counts["moved"][:, 1:] = ~np.isnan(base) & ~np.isnan(closes[:, 1:])
    counts["advancers"], counts["decliners"] = np.zeros_like(members), np.zeros_like(members)
    counts["advancers"][:, 1:] = closes[:, 1:] > base
    counts["decliners"][:, 1:] = closes[:, 1:] < base
    for name, length in (("short", lengths.short), ("long", lengths.long)):
        mean = rolling_mean(closes, run, length)
        counts[f"counted_{name}"] = ~np.isnan(mean)
        counts[f"above_{name}"] = closes > mean * (1.0 + ROUNDING)
    gap = _change(closes, lengths.beat) - _change(index[None, :], lengths.beat)
    counts["compared"], counts["beating"] = ~np.isnan(gap), gap > 0
    top = earlier_extreme(closes, lengths.extreme - 1, np.maximum)
    bottom = earlier_extreme(closes, lengths.extreme - 1, np.minimum)
    counts["ranged"] = ~np.isnan(top) & ~np.isnan(closes)
    counts["highs"], counts["lows"] = closes > top, closes < bottom
    return {name: _per_session(mask, members) for name, mask in counts.items()}


def _change(closes: FloatArray, length: int) -> FloatArray:
    out = np.full(closes.shape, np.nan)
    out[:, length:] = closes[:, length:] / closes[:, :-length] - 1.0
    return out


def _per_session(mask: BoolArray, members: BoolArray) -> IntArray:
    return np.asarray(np.count_nonzero(mask & members, axis=0), dtype=np.int64)
