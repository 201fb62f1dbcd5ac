"""New values beside stored ones: other units, another sign, another value in the same publication."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from rotascope.ingest.providers.sanity import Known, compare_with_stored
from rotascope.model.findings import Severity
from rotascope.model.observations import Field, Frequency, SeriesMeta
from rotascope.model.units import Unit
from rotascope.store.series import SeriesBlock

VALUES = (10.0, 11.0, 12.5, 9.0, 10.5, 13.0)


def block(
    values: Sequence[float],
    series: str = "SEC.ACME.REVENUE",
    field: Field = Field.VALUE,
    unit: Unit = Unit.USD,
    *,
    first: str = "2026-01-05",
    refs: Sequence[str] | None = None,
) -> SeriesBlock:
    days = np.datetime64(first) + np.arange(len(values))
    meta = SeriesMeta(series, field, unit, Frequency.QUARTERLY, "test")
    return SeriesBlock(meta, days, np.array(values, dtype=float), tuple(refs) if refs else None)


def stored(*blocks: SeriesBlock) -> Known:
    table = {(b.meta.series, b.meta.field): b for b in blocks}
    return lambda series, field: table.get((series, field))


def codes(new: Sequence[SeriesBlock], old: Sequence[SeriesBlock]) -> set[tuple[str, str]]:
    found = compare_with_stored(new, stored(*old))
    grave = {"restated_units", "restated_sign", "unit_jump"}
    assert all((f.severity is Severity.QUARANTINE) == (f.code in grave) for f in found)
    return {(f.code, f.series) for f in found}


NAME = "SEC.ACME.REVENUE"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (VALUES, set()),
        ([v * 1.3 for v in VALUES], set()),
        ([v * 100 for v in VALUES], {("restated_units", NAME)}),
        ([v / 1000 for v in VALUES], {("restated_units", NAME)}),
        ([-v for v in VALUES], {("restated_sign", NAME)}),
        ([*VALUES[:5], 1300.0], {("unit_jump", NAME)}),
        ([*VALUES[:5], 0.013], {("unit_jump", NAME)}),
        ([*VALUES[:5], 1200.0], set()),  # 92 times: a large change, and none of units
        ([0.0, *VALUES[1:]], set()),
    ],
)
def test_amounts(values: Sequence[float], expected: set[tuple[str, str]]) -> None:
    assert codes([block(values)], [block(VALUES)]) == expected


def test_a_return_may_be_a_hundred_times_a_small_one() -> None:
    old = block([0.01, *VALUES[1:]], unit=Unit.PERCENT)
    assert codes([block([1.0, *VALUES[1:]], unit=Unit.PERCENT)], [old]) == set()


def test_one_filing_says_one_thing() -> None:
    old = block(VALUES, refs=["a", "a", "b", "b", "c", "c"])
    again = block([*VALUES[:5], 13.1], refs=["a", "a", "b", "b", "c", "c"])
    assert codes([again], [old]) == {("changed_within_release", NAME)}
    assert codes([block(again.values, refs=["a", "a", "b", "b", "c", "d"])], [old]) == set()


def holdings(factor: float, first: str, count: int = 6) -> list[SeriesBlock]:
    return [
        block([factor * (at + 1)], f"HOLD.IWM.T{at}", Field.WEIGHT, Unit.PERCENT, first=first)
        for at in range(count)
    ]


def test_holdings_are_held_against_the_day_before() -> None:
    old = holdings(1.0, "2026-01-05")
    assert codes(holdings(1.1, "2026-01-06"), old) == set()
    found = codes(holdings(0.011, "2026-01-06"), old)
    assert found == {("restated_units", f"HOLD.IWM.T{at}") for at in range(6)}
    assert codes(holdings(0.01, "2026-01-06", 2), old) == set()  # two cash lines say nothing


def test_shares_outstanding_are_held_against_the_day_before() -> None:
    old = [block([250e6], "IWM", Field.SHARES, Unit.SHARES)]
    for value, expected in ((251e6, set()), (251e3, {("restated_units", "IWM")}), (25e6, set())):
        new = block([value], "IWM", Field.SHARES, Unit.SHARES, first="2026-01-06")
        assert codes([new], old) == expected
