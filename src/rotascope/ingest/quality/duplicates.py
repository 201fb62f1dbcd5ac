"""Rows that state the same date twice. Readers call this on what they read; blocks never hold duplicates."""

from __future__ import annotations

import numpy as np

from rotascope.model.errors import BadInputError
from rotascope.model.findings import Finding, Severity
from rotascope.store.series import DateArray, FloatArray, to_date

CODE = "duplicate_dates"


def collapse_duplicates(
    dates: DateArray, values: FloatArray, *, series: str = "", field: str = ""
) -> tuple[DateArray, FloatArray, list[Finding]]:
    """Sort by date and leave each date at most once, saying what was left out.

    Rows that repeat a date with the same value are dropped but one (one WARNING for all of them). Where
    the values of a date differ nothing in the file says which is right: all rows of that date are
    REJECTED, with one finding for each date. A blank and a number differ; a blank and a blank do not.

    Parameters: dates, shape (n,), datetime64[D], any order. values: shape (n,), NaN is a blank.
    Returns: dates, strictly ascending; their values; the findings.
    Raises: BadInputError if the lengths differ or a date is missing (NaT).
    """
    if dates.shape != values.shape or dates.ndim != 1:
        raise BadInputError(f"{len(dates)} dates do not go with {len(values)} values.")
    if np.isnat(dates).any():
        raise BadInputError("A row has no date.", fix="Leave out the rows without a date first.")
    if len(dates) < 2 or bool(np.all(dates[1:] > dates[:-1])):
        return dates, values, []
    order = np.argsort(dates, kind="stable")
    dates, values = dates[order], values[order]
    first = np.r_[True, dates[1:] != dates[:-1]]
    starts = np.flatnonzero(first)
    sizes = np.diff(np.r_[starts, len(dates)])
    # Within a date all values agree if each equals the one before it.
    agrees = first | (values == np.r_[values[:1], values[:-1]])
    agrees |= np.isnan(values) & np.isnan(np.r_[values[:1], values[:-1]])
    agreed = np.logical_and.reduceat(agrees, starts)
    findings = [
        Finding(
            CODE,
            Severity.REJECTED,
            f"The date {dates[i]} has {n} rows with different values "
            f"({_values(values[i : i + n])}); none of them came in.",
            series=series,
            field=field,
            first=to_date(dates[i]),
            last=to_date(dates[i]),
            count=int(n),
        )
        for i, n in zip(starts[~agreed], sizes[~agreed], strict=True)
    ]
    repeated = starts[agreed & (sizes > 1)]
    if len(repeated):
        dropped = int((sizes[agreed] - 1).sum())
        findings.insert(
            0,
            Finding(
                CODE,
                Severity.WARNING,
                f"{dropped} rows repeat a date with the same value and were dropped: "
                f"{', '.join(str(dates[i]) for i in repeated)}.",
                series=series,
                field=field,
                first=to_date(dates[repeated[0]]),
                last=to_date(dates[repeated[-1]]),
                count=dropped,
            ),
        )
    kept = starts[agreed]
    return dates[kept], values[kept], findings


def _values(values: FloatArray) -> str:
    return " and ".join("blank" if np.isnan(v) else repr(float(v)) for v in values)
