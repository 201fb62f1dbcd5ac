"""Sums over windows of rows, and shares of windows in which one leg came out ahead of another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from rotascope.analytics.arrays import DateArray, FloatArray
from rotascope.model.errors import MissingDataError

TIE = 1e-12  # sums that differ by less, in logs, are ties: no rounding of a sum may decide who won
TILE = 32_768  # cells: an array of them is 256 KB, and some are in work at a time; measured
MOST_COLUMNS = 64  # of a tile: long enough stretches of a row, and few enough that counts fit into bytes


def window_sums(values: FloatArray, length: int) -> FloatArray:
    """Return the sum of each `length` rows that follow one another, shape (n - length + 1,) or (.., k).

    values: shape (n,) or (n, k), n >= length >= 1. A window that touches an unknown row is NaN, and no other.
    Raises MissingDataError if no window fits. How exact: see `sums_of_windows`.

    >>> window_sums(np.array([1e16, 1.0, 2.0, 3.0]), 2).tolist()[1:]
    [3.0, 5.0]
    """
    n = len(values)
    if not 1 <= length <= n:
        raise MissingDataError(f"A window of {length} rows does not fit into {n} rows.")
    (found,) = sums_of_windows(values, (length,))
    return found


def sums_of_windows(values: FloatArray, lengths: Sequence[int]) -> list[FloatArray]:
    """Return for each length, 1 to n, the sums of that many rows one after the other.

    values: shape (n,) or (n, k). Shapes (n - length + 1,) or (.., k); a sum begins at its row. A length of
    1 gives `values` itself, so the arrays are to be read only.

    Sums of 2, 4, 8 rows are made from two of half that size, and a length is put together from the powers of
    two in it. Only rows of the window are added, about log2(length) roundings deep: the difference of two
    running sums would carry the rounding of a price of a million into the years in which it is a thousandth.
    And the same rows give the same bits wherever they stand (see `last_sum`), so that work may be cut up.
    """
    found: dict[int, FloatArray] = {}
    covered = dict.fromkeys(lengths, 0)
    power, width = values, 1
    while True:
        for length, done in covered.items():
            if length & width:
                found[length] = _joined(found.get(length), power, done, width)
                covered[length] = done + width
        if 2 * width > max(lengths):
            return [found[length][: len(values) - length + 1] for length in lengths]
        power = power[:-width] + power[width:]
        width *= 2


def _joined(sums: FloatArray | None, power: FloatArray, done: int, width: int) -> FloatArray:
    """Return sums over `done` rows with the `width` after them; into their own memory where it is theirs."""
    if sums is None:
        return power
    own = done & (done - 1)  # a power of two is still the array that others are made of
    return np.add(sums[:-width], power[done:], out=sums[:-width] if own else None)


def last_sum(values: FloatArray) -> FloatArray:
    """Return the sum of all rows, shape (k,), in the bits of `sums_of_windows` over this many rows.

    values: shape (n, k); no rows have a sum of zero.
    """
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
    """Return the largest (pick np.maximum) or smallest of each `length` rows, shape (n - length + 1, ..).

    values: shape (n,) or (n, k), n >= length >= 1. NaN where one is unknown. By doubling: about log2(length)
    passes.
    """
    found, width = values, 1
    while width * 2 <= length:
        found = pick(found[width:], found[:-width])
        width *= 2
    rest = length - width
    return np.asarray(pick(found[rest:], found[:-rest]) if rest else found)


def rolling_mean(values: FloatArray, length: int) -> FloatArray:
    """Return the mean of the last `length` rows at each row, shape as given; NaN unless all are known.

    Only the rows of a window are added, so a mean is as exact as they are, whatever came before. Fewer rows
    than `length` have no mean.
    """
    out = np.full(values.shape, np.nan)
    if len(values) >= length:
        np.divide(window_sums(values, length), length, out=out[length - 1 :])
    return out


def tiles(shape: tuple[int, int], before: int) -> Iterator[tuple[int, int, slice]]:
    """Cut a table, shape (n, k), into parts that stay in a processor's cache while kernels go over them.

    Yields first row, end row and columns of the results that a part gives, with at most MOST_COLUMNS columns.
    A result needs the `before` rows before its own, so results begin at row `before`, and parts overlap:
    each has several times as many rows as it shares.
    """
    rows, columns = shape
    width = max(1, min(columns, MOST_COLUMNS))
    step = max(TILE // width, 3 * before)
    for start in range(before, rows, step):
        for column in range(0, columns, width):
            yield start, min(start + step, rows), slice(column, column + width)


def rolling_wins(
    dates: DateArray, log_gaps: FloatArray, months: int, end_after: np.datetime64 | None = None
) -> tuple[int, int]:
    """Return how many windows of `months` periods were won, and how many there are.

    log_gaps: shape (n,), the log growth of the first leg minus that of the second in each period; a window
    is won if its sum is greater than TIE. dates: shape (n,), ends of the periods. Windows ending on or before
    `end_after` are left out. There may be no window at all: (0, 0). Raises MissingDataError for windows
    shorter than one period.
    """
    if months < 1:
        raise MissingDataError(f"A window of {months} periods is none; it has one or more.")
    if log_gaps.size < months:
        return 0, 0
    sums = window_sums(log_gaps, months)
    ends = dates[months - 1 :]
    kept = sums if end_after is None else sums[ends > end_after]
    return int((kept > TIE).sum()), int(kept.size)
