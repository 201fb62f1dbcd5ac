"""What changed between two versions of a series; expected values by hand, and a slow plain reference."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope.ingest.refresh.revisions import amount, compare
from rotascope.model.observations import Field, Frequency, SeriesMeta
from rotascope.model.units import Unit
from rotascope.store.series import SeriesBlock

NAN = float("nan")


def block(
    rows: dict[str, float],
    field: Field = Field.VALUE,
    unit: Unit = Unit.PERCENT,
    frequency: Frequency = Frequency.MONTHLY,
    series: str = "FF.HML.M",
) -> SeriesBlock:
    meta = SeriesMeta(series, field, unit, frequency, "made:x")
    return SeriesBlock(meta, np.array(list(rows), dtype="datetime64[D]"), np.array(list(rows.values())))


def prices(*values: float, field: Field = Field.CLOSE, start: str = "2026-01-02") -> SeriesBlock:
    days = np.arange(start, np.datetime64(start) + len(values))
    meta = SeriesMeta("SPY", field, Unit.USD, Frequency.DAILY, "made:x")
    return SeriesBlock(meta, days, np.array(values))


def month_ends(count: int, first: int = 1) -> list[str]:
    months = np.arange("2024-01", "2030-01", dtype="datetime64[M]")[first : first + count]
    return [str(m.astype("datetime64[D]") - 1) for m in months]


def test_twelve_months_changed_and_one_came() -> None:
    days = month_ends(25)
    old = dict.fromkeys(days[:24], 1.0)
    new = dict.fromkeys(days, 1.0)
    for k, d in enumerate(days[6:18]):
        new[d] = 1.0 + 0.1 * (k + 1)  # the last one, by 1.2
    found = compare(block(old), block(new))
    assert (found.changed, len(found.appended), len(found.removed)) == (12, 1, 0)
    assert found.largest == pytest.approx(1.2)
    assert found.sentence() == (
        "12 months of FF.HML.M changed, up to 1.2 points, between 2024-07-31 and 2025-06-30; "
        "1 month added (2026-01-31)"
    )
    assert found.rewrites
    assert not found.nothing


def test_rows_that_came_went_and_stand_at_the_ends() -> None:
    old = block({"2026-01-02": 1.0, "2026-01-05": 2.0, "2026-01-06": 3.0, "2026-01-08": 4.0})
    new = block({"2026-01-05": 2.0, "2026-01-07": 9.0, "2026-01-08": 4.0, "2026-01-09": 5.0})
    found = compare(old, new)
    assert found.changed == 0
    assert [str(d) for d in found.appended] == ["2026-01-09"]
    assert [str(d) for d in found.inserted] == ["2026-01-07"]
    assert [str(d) for d in found.removed] == ["2026-01-06"]
    assert (found.begins_later, found.ends_earlier) == (1, 0)
    assert compare(new, old).ends_earlier == 1


def test_unknown_equals_unknown_and_nothing_else() -> None:
    old = block({"2026-01-31": NAN, "2026-02-28": NAN, "2026-03-31": 0.0})
    new = block({"2026-01-31": NAN, "2026-02-28": 0.0, "2026-03-31": NAN})
    found = compare(old, new)
    assert [str(d) for d in found.dates] == ["2026-02-28", "2026-03-31"]
    assert found.largest is None  # no two known values differ
    assert "up to" not in found.sentence()
    assert [row["difference"] for row in found.as_json()["rows"]] == [None, None]


def test_single_precision_is_no_revision_of_a_price_but_is_one_of_a_return() -> None:
    assert compare(prices(267.32), prices(267.32000732421875)).nothing
    assert compare(block({"2026-01-31": 2.5}), block({"2026-01-31": 2.5000001})).changed == 1


def test_a_dividend_restates_adjusted_closes_as_a_whole() -> None:
    """A dividend of 1 at a close of 100: all levels before it are multiplied by 0.99, no return changes."""
    old = prices(98.0, 99.0, 100.0, field=Field.ADJUSTED_CLOSE)
    new = prices(97.02, 98.01, 99.0, 99.5, field=Field.ADJUSTED_CLOSE)
    found = compare(old, new)
    assert found.changed == 0
    assert found.factor == pytest.approx(0.99)
    assert len(found.appended) == 1
    assert found.sentence() == (
        "all of SPY adjusted_close was restated by the factor 0.99; its returns are unchanged; "
        "1 day added (2026-01-05)"
    )


def test_a_dividend_that_comes_late_changes_the_return_of_its_day_only() -> None:
    old = prices(100.0, 100.0, 100.0, 100.0, field=Field.ADJUSTED_CLOSE)
    new = prices(98.0, 98.0, 100.0, 100.0, field=Field.ADJUSTED_CLOSE)
    found = compare(old, new)
    assert [str(d) for d in found.dates] == ["2026-01-04"]
    assert found.factor is None
    assert found.differences == pytest.approx([100 * (100 / 98 - 1)])  # in points
    assert found.difference_unit is Unit.PP


def test_levels_rounded_to_cents_do_not_look_like_other_returns() -> None:
    """2.00, 2.01 halved and rounded is 1.00, 1.00 (or 1.01): a return of 0.5% against 0% is rounding."""
    found = compare(
        prices(2.00, 2.01, 2.02, field=Field.ADJUSTED_CLOSE),
        prices(1.00, 1.00, 1.01, field=Field.ADJUSTED_CLOSE),
    )
    assert found.changed == 0


def test_a_split_is_one_factor_and_no_list_of_changes() -> None:
    found = compare(prices(400.0, 404.0, 408.0), prices(100.0, 101.0, 102.0, 103.0))
    assert found.changed == 0
    assert found.factor == pytest.approx(0.25)
    assert found.rewrites


def test_some_values_by_a_factor_are_changes() -> None:
    found = compare(prices(400.0, 404.0, 408.0), prices(400.0, 101.0, 102.0))
    assert found.factor is None
    assert found.changed == 2


def test_zeros_do_not_hide_a_change() -> None:
    found = compare(prices(1.0, 2.0, 3.0, 0.0), prices(2.0, 4.0, 6.0, 5.0))
    assert found.factor is None  # the zero became five
    assert found.changed == 4


@pytest.mark.parametrize(
    ("size", "unit", "text"),
    [
        (1.2345, Unit.PP, "1.2 points"),
        (12.6, Unit.PP, "13 points"),
        (0.0349, Unit.USD, "$0.035"),
        (1234.0, Unit.SHARES, "1,234"),
        (0.00000001, Unit.RATIO, "0.000000"),
    ],
)
def test_amounts_have_two_digits(size: float, unit: Unit, text: str) -> None:
    assert amount(size, unit) == text


rows = st.dictionaries(
    st.dates(date(2020, 1, 1), date(2020, 3, 1)).map(str),
    st.one_of(st.floats(-5, 5).map(lambda x: round(x, 2)), st.just(NAN)),
    min_size=1,
    max_size=30,
).map(lambda d: dict(sorted(d.items())))


@given(rows, rows)
def test_agrees_with_a_plain_reference(old: dict[str, float], new: dict[str, float]) -> None:
    found = compare(block(old), block(new))
    same = [d for d in old if d in new]
    far = [
        d
        for d in same
        if not (math.isnan(old[d]) and math.isnan(new[d])) and not math.isclose(old[d], new[d], rel_tol=1e-9)
    ]
    if found.factor is None:
        assert [str(d) for d in found.dates] == far
    else:
        assert all(
            math.isclose(old[d] * found.factor, new[d], abs_tol=0.03) for d in same if new[d] == new[d]
        )
        assert far
    assert {str(d) for d in found.appended} == {d for d in new if d > max(old)}
    assert {str(d) for d in found.inserted} == {d for d in new if d < max(old) and d not in old}
    gone = {d for d in old if d not in new}
    assert {str(d) for d in found.removed} == {d for d in gone if min(new) < d < max(new)}
    assert found.begins_later + found.ends_earlier + len(found.removed) == len(gone)


@given(rows)
def test_a_version_is_equal_to_itself(one: dict[str, float]) -> None:
    assert compare(block(one), block(one)).nothing
    assert compare(block(one, Field.ADJUSTED_CLOSE), block(one, Field.ADJUSTED_CLOSE)).nothing
