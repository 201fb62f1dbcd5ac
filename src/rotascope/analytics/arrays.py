"""Array types and the checks that every kernel makes first."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rotascope.model.errors import MissingDataError

DateArray = npt.NDArray[np.datetime64]
FloatArray = npt.NDArray[np.float64]


def require_known(values: FloatArray, what: str) -> FloatArray:
    """Return the values, or raise MissingDataError if one of them is unknown."""
    if values.size == 0:
        raise MissingDataError(f"{what}: no value in the range asked for.")
    if np.isnan(values).any():
        count = int(np.isnan(values).sum())
        raise MissingDataError(
            f"{what}: {count} of {values.size} values are unknown, and gaps are not filled."
        )
    return values


def require_positive(values: FloatArray, what: str) -> FloatArray:
    """Return the values, or raise MissingDataError if one is unknown, zero or negative."""
    if values.size and (values > 0).all():  # the usual case, in one pass; NaN is not
        return values
    require_known(values, what)
    if (values <= 0).any():
        raise MissingDataError(
            f"{what}: a level of {values[values <= 0][0]} has no return; levels are positive."
        )
    return values


def common(
    a: tuple[DateArray, FloatArray], b: tuple[DateArray, FloatArray]
) -> tuple[DateArray, FloatArray, FloatArray]:
    """Return the dates on which both series have a known value, with both values.

    Shapes: dates (n,), values (n,) and (n,), in date order. Dates that only one has are left out, not filled.
    """
    (dates_a, values_a), (dates_b, values_b) = (_known(*a), _known(*b))
    if np.array_equal(dates_a, dates_b):  # the usual case
        return dates_a, values_a, values_b
    dates, at_a, at_b = np.intersect1d(dates_a, dates_b, assume_unique=True, return_indices=True)
    return dates, values_a[at_a], values_b[at_b]


def _known(dates: DateArray, values: FloatArray) -> tuple[DateArray, FloatArray]:
    keep = ~np.isnan(values)
    return dates[keep], values[keep]


def month_ends(dates: DateArray) -> npt.NDArray[np.intp]:
    """Return the index of the last date of each calendar month.

    >>> month_ends(np.array(["2026-01-02", "2026-01-30", "2026-02-02"], dtype="datetime64[D]")).tolist()
    [1, 2]
    """
    months = dates.astype("datetime64[M]")
    return np.flatnonzero(np.append(months[1:] != months[:-1], True))
