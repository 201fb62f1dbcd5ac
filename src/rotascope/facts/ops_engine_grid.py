"""What the operations of the rotation engine share: values of a grid, levels on common dates, picking."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from rotascope.analytics import windows
from rotascope.analytics.arrays import common, month_ends, require_known
from rotascope.facts.columns import Column
from rotascope.facts.ops import Params
from rotascope.model.errors import BadInputError, MissingDataError
from rotascope.model.numerals import as_number
from rotascope.store.series import DateArray, FloatArray, to_date


def known(column: Column) -> tuple[DateArray, FloatArray]:
    """Return the dates and values of the rows with a known value."""
    keep = ~np.isnan(column.values)
    return column.dates[keep], column.values[keep]


def on_common_dates(columns: Sequence[Column]) -> tuple[DateArray, list[FloatArray]]:
    """Return the dates on which every input has a known value, and the values of each input on them.

    Raises MissingDataError if there is no such date.
    """
    dates, first = known(columns[0])
    found = [first]
    for column in columns[1:]:
        ones = np.arange(dates.size, dtype=np.float64)
        dates, at, other = common((dates, ones), (column.dates, column.values))
        found = [*(v[at.astype(np.intp)] for v in found), other]
    if dates.size == 0:
        names = ", ".join(c.data.meta.series for c in columns)
        raise MissingDataError(f"There is no date on which all have a value: {names}.")
    return dates, found


def by_month(cols: Sequence[Column]) -> tuple[DateArray, list[FloatArray]]:
    """Return the last known value of each month that all inputs have, dated as the first input is.

    Raises MissingDataError if there are fewer than two such months.
    """
    found = []
    for column in cols:
        dates, values = known(column)
        ends = month_ends(dates) if dates.size else np.empty(0, dtype=np.intp)
        found.append((dates[ends], values[ends]))
    months = [d.astype("datetime64[M]") for d, _ in found]
    shared = months[0]
    for other in months[1:]:
        shared = np.intersect1d(shared, other)
    if shared.size < 2:
        raise MissingDataError("The series have fewer than two months in common.")
    at = [np.searchsorted(m, shared) for m in months]
    return found[0][0][at[0]], [v[i] for (_, v), i in zip(found, at, strict=True)]


def grid_values(params: Params, columns: Sequence[Column]) -> windows.Windows:
    """Return the values of a grid, as docs/bundle-format.md says under "Values of a grid"."""
    dates, found = on_common_dates(columns)
    first, second = found[0], found[1] if len(found) == 2 else None
    grid = params["grid"]
    if grid == "rows":
        values = first if second is None else first - second
        return windows.Windows(dates, require_known(values, "rows"), values.size)
    if grid == "months":
        return windows.month_windows(dates, first, second)
    if grid == "sessions":
        return windows.session_windows(dates, first, second, int(params["length"]))
    raise BadInputError(f"There is no grid '{grid}'.", fix="Choose sessions, months or rows.")


def as_day(day: np.datetime64) -> float:
    """Return a date as the number YYYYMMDD."""
    return float(as_number(to_date(day)))


def pick(want: object, answers: Mapping[str, Callable[[], float]]) -> float:
    """Return the answer that the recipe wants; only that one is worked out."""
    if want not in answers:
        raise BadInputError(f"There is no '{want}' here.", fix=f"Choose one of {', '.join(answers)}.")
    return float(answers[str(want)]())
