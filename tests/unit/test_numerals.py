"""Numbers as text: the rules of docs/bundle-format.md, by hand, and against the verifier's own rendering."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from rotascope.model.numerals import as_number, from_number, prints_as_zero, render, render_date
from rotascope.model.units import Unit
from rotascope_verify import numerals as judge
from rotascope_verify.failures import CheckError

fixed = settings(derandomize=True, deadline=None)

# from the tables of docs/bundle-format.md, and rounding by hand: half goes to even
BY_HAND = [
    (4.526, "percent", "plain", "short", 1, "4.5%"),
    (4.526, "percent", "signed", "long", 2, "+4.53%"),
    (-1.553, "percent", "plain", "short", 1, "−1.6%"),
    (-1.553, "percent", "abs", "short", 1, "1.6%"),
    (6.079, "pp", "signed", "long", 1, "+6.1 points"),
    (6.079, "pp", "plain", "short", 1, "6.1 pp"),
    (4.0, "pp", "word", "long", 0, "four points"),
    (8.0, "bp", "plain", "long", 0, "8 basis points"),
    (8.0, "bp", "plain", "short", 0, "8 bp"),
    (239.61, "usd", "plain", "short", 2, "$239.61"),
    (-3749.5, "usd_m", "plain", "long", 1, "−$3.7 billion"),
    (-3752.28, "usd_m", "abs", "long", 2, "$3.75 billion"),
    (532.4, "usd_m", "plain", "long", 0, "$532 million"),
    (999.9, "usd_m", "plain", "long", 0, "$1,000 million"),  # the threshold looks at the value, not the text
    (3750.0, "usd_m", "plain", "short", 0, "$3,750m"),
    (3750.0, "usd_m", "plain", "bare", 0, "3,750"),
    (2689.05, "index_level", "plain", "short", 2, "2,689.05"),
    (0.696, "share", "plain", "short", 0, "70%"),
    (0.7030303, "share", "plain", "bare", 1, "70.3"),
    (96.6, "percentile", "plain", "long", 1, "97th percentile"),
    (0.2, "percentile", "plain", "long", 0, "1st percentile"),
    (99.9, "percentile", "plain", "long", 0, "99th percentile"),
    (14.0, "sessions", "plain", "long", 0, "14 sessions"),
    (1.0, "sessions", "word", "long", 0, "one session"),
    (3.0, "months", "word", "long", 0, "three months"),
    (15.1666666667, "years", "plain", "long", 1, "15.2 years"),
    (3.0, "rank", "ordinal", "bare", 0, "third"),
    (12.0, "rank", "ordinal", "bare", 0, "twelfth"),
    (21.0, "rank", "ordinal", "bare", 0, "21st"),
    (112.0, "rank", "ordinal", "bare", 0, "112th"),
    (13.0, "count", "word", "bare", 0, "13"),
    (20260130.0, "date", "plain", "iso", 0, "2026-01-30"),
    (20260130.0, "date", "plain", "day_month", 0, "30 January"),
    (0.125, "ratio", "plain", "short", 2, "0.12"),  # half to even
    (0.375, "ratio", "plain", "short", 2, "0.38"),  # half to even
    (2.675, "ratio", "plain", "short", 2, "2.68"),  # as decimal text, not as the binary number below it
    (-0.04, "percent", "signed", "short", 1, "0.0%"),  # what rounds to zero has no sign
    (0.0, "ratio", "plain", "short", 8, "0.00000000"),
    (1e22, "count", "plain", "short", 0, "10,000,000,000,000,000,000,000"),
]


@pytest.mark.parametrize(("value", "unit", "form", "style", "decimals", "text"), BY_HAND)
def test_numbers_by_hand(value: float, unit: str, form: str, style: str, decimals: int, text: str) -> None:
    assert render(value, Unit(unit), form, style, decimals) == text
    assert judge.render(value, unit, form, style, decimals) == text


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("iso", "2026-01-02"),
        ("long", "2 January 2026"),
        ("short", "2 Jan 2026"),
        ("day_month", "2 January"),
        ("month", "January 2026"),
        ("month_name", "January"),
        ("year", "2026"),
        ("tag_month", "january_2026"),
    ],
)
def test_dates_by_hand(style: str, text: str) -> None:
    assert render_date(date(2026, 1, 2), style) == text


@fixed
@given(
    st.one_of(
        st.floats(allow_nan=False, allow_infinity=False),
        st.integers(-100, 10_000).map(float),
        st.integers(-(10**7), 10**7).map(lambda n: n / 1000),
    ),
    st.sampled_from([u for u in Unit if u is not Unit.DATE]),
    st.sampled_from(["plain", "signed", "abs", "word", "ordinal"]),
    st.sampled_from(["short", "long", "bare"]),
    st.integers(0, 8),
)
@example(0.5, Unit.PERCENTILE, "plain", "long", 0)
@example(99.5, Unit.PERCENTILE, "plain", "long", 2)
@example(98.45, Unit.PERCENTILE, "plain", "long", 1)
@example(1000.0, Unit.USD_M, "signed", "long", 0)
@example(-0.0, Unit.PERCENT, "signed", "short", 2)
@example(5e-324, Unit.SHARE, "plain", "short", 1)
def test_writer_and_verifier_print_the_same(
    value: float, unit: Unit, form: str, style: str, decimals: int
) -> None:
    """Wherever the verifier accepts a form, its text is the writer's, character by character."""
    try:
        expected = judge.render(value, str(unit), form, style, decimals)
    except CheckError:
        assume(False)
    assert render(value, unit, form, style, decimals) == expected
    if style != "long" or unit not in (Unit.PERCENTILE, Unit.USD_M):
        zero = not any(c in "123456789" for c in judge.render(value, str(unit), "abs", style, decimals))
        assert prints_as_zero(value, unit, decimals, style) == zero


@fixed
@given(st.dates(date(1000, 1, 1), date(9999, 12, 31)), st.sampled_from(judge.DATE_STYLES))
def test_writer_and_verifier_print_the_same_dates(day: date, style: str) -> None:
    assert render_date(day, style) == judge.render_day(day.isoformat(), style)
    assert from_number(float(as_number(day))) == day
    assert render(float(as_number(day)), Unit.DATE, "plain", style) == judge.render(
        as_number(day), "date", "plain", style, 0
    )
