"""The dates that several series share, held against numpy's own intersection."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope.facts.columns import Column
from rotascope.facts.metrics.engine_rows import shared_dates
from rotascope.model.errors import NotAvailableError
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.model.units import Unit
from rotascope.store.series import SeriesData

DAYS = st.lists(
    st.tuples(st.integers(-800, 800), st.booleans()), min_size=1, max_size=40, unique_by=lambda row: row[0]
)


def a_column(rows: list[tuple[int, bool]]) -> Column:
    """Return a series with a row on each day, counted from 1970; its value is known or not."""
    ranked = sorted(rows)
    dates = np.array([day for day, _ in ranked], dtype="datetime64[D]")
    values = np.array([1.0 if known else np.nan for _, known in ranked])
    meta = SeriesMeta("A", Field.CLOSE, Unit.USD, Frequency.DAILY, "src")
    return Column(SeriesData(meta, dates, values, "s", Source("src", "Src")), 0, len(dates))


@given(st.lists(DAYS, min_size=1, max_size=4))
def test_the_dates_are_those_that_all_know(rows: list[list[tuple[int, bool]]]) -> None:
    columns = [a_column(one) for one in rows]
    expected = reduce(np.intersect1d, [c.dates[~np.isnan(c.values)] for c in columns])
    if expected.size == 0:
        with pytest.raises(NotAvailableError, match="no date on which all have a value"):
            shared_dates(columns)
        return
    for _ in range(2):  # the second answer is a remembered one
        np.testing.assert_array_equal(shared_dates(columns), expected)


def test_what_is_remembered_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        shared_dates([a_column([(1, True), (2, True)])])[0] = np.datetime64("2000-01-01")
