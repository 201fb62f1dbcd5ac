"""How many values of a list come before others: in size, and in time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from rotascope.analytics.arrays import FloatArray

IntArray = npt.NDArray[np.int64]
_MOST_BLOCKS = 1500  # bounds the table of counts to some 40 MB


def no_greater(values: FloatArray) -> IntArray:
    """Return for each value how many of all are no greater, itself included; shape (n,), known.

    >>> no_greater(np.array([1.0, 4.0, 2.0, 2.0])).tolist()
    [1, 4, 3, 3]
    """
    order = np.argsort(values)
    ordered = values[order]
    ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], np.ones(min(1, values.size), np.bool_))) + 1
    found = np.empty(values.size, dtype=np.int64)
    found[order] = ends if ends.size == values.size else np.repeat(ends, np.diff(ends, prepend=0))
    return found


def earlier_no_greater(values: FloatArray) -> IntArray:
    """Return for each row how many earlier rows have a value no greater; shape (n,), known.

    A row has a place in time and one in the order of values (of equal values the earlier comes first). Both
    are cut into blocks of the same length. An earlier row that is no greater is in an earlier block of time
    and a lower block of values, which a table of counts answers; or in the same block of time; or in the same
    block of values and an earlier one of time. The last two are counted by comparing within blocks. Blocks of
    about 3 n^(1/3) rows make the table as long a work as the comparing; of more than some hundred thousand
    rows the blocks grow with n, and so does the time of each row.

    >>> earlier_no_greater(np.array([1.0, 4.0, 2.0, 2.0])).tolist()
    [0, 1, 1, 2]
    """
    n = values.size
    order = _stable_order(values)
    whole: type[np.integer[Any]] = np.uint16 if n < 2**16 else np.int32  # what is shorter is compared faster
    place = np.empty(n, dtype=whole)
    place[order] = np.arange(n, dtype=whole)
    size = max(int(3.0 * n ** (1 / 3)), -(-n // _MOST_BLOCKS), 1)
    in_time, blocks = np.arange(n) // size, -(-n // size)
    low = place.astype(np.int64) // size
    table = np.bincount(in_time * blocks + low, minlength=blocks * blocks).reshape(blocks, blocks)
    before = np.zeros((blocks + 1, blocks + 1), dtype=np.int64)
    table.cumsum(axis=0, out=before[1:, 1:]).cumsum(axis=1, out=before[1:, 1:])
    found = before[in_time, low]
    found += _smaller_before(place, size)
    found[order] += _smaller_before((order // size).astype(whole), size)
    return found


def _stable_order(values: FloatArray) -> npt.NDArray[np.intp]:
    """Return the order of values, equal ones in time; without ties a sort that is not stable, but faster."""
    order = np.argsort(values)
    ordered = values[order]
    return np.argsort(values, kind="stable") if (ordered[1:] == ordered[:-1]).any() else order


def _smaller_before(numbers: npt.NDArray[np.integer[Any]], size: int) -> IntArray:
    """Return for each number how many before it, in its block of `size`, are smaller; shape (n,)."""
    n = numbers.size
    blocks = np.full(-(-n // size) * size, np.iinfo(numbers.dtype).max, dtype=numbers.dtype)
    blocks[:n] = numbers
    rows = np.ascontiguousarray(blocks.reshape(-1, size).T)  # one column a block
    found = np.zeros(rows.shape, dtype=np.uint8 if size <= 256 else np.int32)
    for i in range(size - 1):
        found[i + 1 :] += rows[i + 1 :] > rows[i]
    return found.T.ravel()[:n].astype(np.int64)


def by_column(values: FloatArray, rule: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Apply a rule, (m,) to (m,), to the known values of each column; unknown ones stay so."""
    columns = np.ascontiguousarray(values.reshape(len(values), int(np.prod(values.shape[1:]))).T)
    out = np.full(columns.shape, np.nan)
    for column, found in zip(columns, out, strict=True):
        known = ~np.isnan(column)
        if known.any():
            found[known] = rule(column[known])
    return np.asarray(out.T).reshape(values.shape)
