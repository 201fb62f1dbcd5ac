"""How numbers and dates are printed: by hand, and against Python's own decimal formatting."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope_verify.failures import CheckError
from rotascope_verify.numerals import render, render_day

# value, unit, form, style, decimals, text
CASES = [
    (4.5, "percent", "plain", "short", 1, "4.5%"),
    (4.5, "percent", "plain", "long", 1, "4.5%"),
    (4.5, "percent", "plain", "bare", 1, "4.5"),
    (-4.5, "percent", "plain", "short", 1, "−4.5%"),
    (4.5, "percent", "signed", "short", 1, "+4.5%"),
    (-4.5, "percent", "signed", "short", 1, "−4.5%"),
    (-4.5, "percent", "abs", "short", 1, "4.5%"),
    (0.04, "percent", "signed", "short", 1, "0.0%"),  # rounds to zero: no sign
    (-0.04, "percent", "plain", "short", 1, "0.0%"),
    (-0.0, "percent", "signed", "short", 0, "0%"),
    (0.25, "percent", "plain", "short", 1, "0.2%"),  # half to even
    (0.35, "percent", "plain", "short", 1, "0.4%"),
    (2.675, "percent", "plain", "short", 2, "2.68%"),  # exact decimal of the repr, not of the binary number
    (6.1, "pp", "plain", "short", 1, "6.1 pp"),
    (6.1, "pp", "plain", "long", 1, "6.1 points"),
    (6.1, "pp", "plain", "bare", 1, "6.1"),
    (8.0, "bp", "plain", "short", 0, "8 bp"),
    (8.0, "bp", "plain", "long", 0, "8 basis points"),
    (239.61, "usd", "plain", "short", 2, "$239.61"),
    (-239.61, "usd", "plain", "long", 2, "−$239.61"),
    (239.61, "usd", "plain", "bare", 2, "239.61"),
    (-3750.0, "usd_m", "plain", "short", 0, "−$3,750m"),
    (3750.0, "usd_m", "plain", "long", 1, "$3.8 billion"),  # 3.75, half to even
    (3650.0, "usd_m", "plain", "long", 1, "$3.6 billion"),
    (-3741.0, "usd_m", "signed", "long", 1, "−$3.7 billion"),
    (532.4, "usd_m", "plain", "long", 0, "$532 million"),
    (999.9, "usd_m", "plain", "long", 0, "$1,000 million"),
    (1000.0, "usd_m", "plain", "long", 1, "$1.0 billion"),
    (3750.0, "usd_m", "plain", "bare", 0, "3,750"),
    (1234567.891, "index_level", "plain", "short", 2, "1,234,567.89"),
    (0.25, "ratio", "plain", "long", 2, "0.25"),
    (0.7, "share", "plain", "short", 0, "70%"),
    (0.7, "share", "plain", "bare", 0, "70"),
    (0.285, "share", "plain", "short", 0, "28%"),  # 28.5 exactly
    (97.4, "percentile", "plain", "short", 1, "97.4"),
    (97.4, "percentile", "plain", "long", 0, "97th percentile"),
    (100.0, "percentile", "plain", "long", 0, "99th percentile"),
    (0.2, "percentile", "plain", "long", 0, "1st percentile"),
    (92.5, "percentile", "plain", "long", 0, "92nd percentile"),
    (13.0, "percentile", "plain", "long", 0, "13th percentile"),
    (14.0, "sessions", "plain", "short", 0, "14 sessions"),
    (14.0, "sessions", "word", "short", 0, "14 sessions"),
    (3.0, "sessions", "word", "short", 0, "three sessions"),
    (1.0, "sessions", "word", "long", 0, "one session"),
    (1.0, "months", "plain", "short", 0, "1 month"),
    (1.0, "years", "plain", "short", 1, "1.0 years"),
    (-1.0, "months", "plain", "short", 0, "−1 months"),
    (0.0, "months", "word", "short", 0, "zero months"),
    (12.0, "count", "word", "short", 0, "twelve"),
    (13.0, "count", "word", "short", 0, "13"),
    (5.0, "percent", "word", "bare", 0, "five"),
    (0.05, "share", "word", "bare", 0, "five"),
    (6.0, "pp", "word", "long", 0, "six points"),
    (14.0, "bp", "word", "long", 0, "14 basis points"),
    (1.0, "rank", "ordinal", "short", 0, "first"),
    (12.0, "rank", "ordinal", "bare", 0, "twelfth"),
    (13.0, "rank", "ordinal", "short", 0, "13th"),
    (21.0, "rank", "ordinal", "short", 0, "21st"),
    (102.0, "rank", "ordinal", "short", 0, "102nd"),
    (111.0, "rank", "ordinal", "short", 0, "111th"),
    (1003.0, "rank", "ordinal", "short", 0, "1,003rd"),
    (3.0, "sessions", "ordinal", "short", 0, "third"),
    (20260130.0, "date", "plain", "iso", 0, "2026-01-30"),
    (20260130.0, "date", "plain", "long", 0, "30 January 2026"),
]


@pytest.mark.parametrize(("value", "unit", "form", "style", "decimals", "text"), CASES)
def test_render(value: float, unit: str, form: str, style: str, decimals: int, text: str) -> None:
    assert render(value, unit, form, style, decimals) == text


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("iso", "2026-02-03"),
        ("long", "3 February 2026"),
        ("short", "3 Feb 2026"),
        ("day_month", "3 February"),
        ("month", "February 2026"),
        ("month_name", "February"),
        ("year", "2026"),
        ("tag_month", "february_2026"),
    ],
)
def test_render_day(style: str, text: str) -> None:
    assert render_day("2026-02-03", style) == text


@pytest.mark.parametrize(
    ("value", "unit", "form", "style", "decimals"),
    [
        (1.5, "count", "word", "short", 0),
        (1.0, "count", "word", "short", 1),
        (1.5, "rank", "ordinal", "short", 0),
        (0.0, "rank", "ordinal", "short", 0),
        (-1.0, "rank", "ordinal", "short", 0),
        (5.0, "percent", "word", "short", 0),
        (5.0, "usd_m", "word", "long", 0),
        (50.0, "percentile", "abs", "long", 0),
        (1.0, "percent", "plain", "iso", 0),
        (1.0, "percent", "loud", "short", 0),
        (1.0, "furlongs", "plain", "short", 0),
        (20260230.0, "date", "plain", "iso", 0),
        (20260130.5, "date", "plain", "iso", 0),
        (-1.0, "date", "plain", "iso", 0),
        (20260130.0, "date", "signed", "iso", 0),
        (20260130.0, "date", "plain", "bare", 0),
    ],
)
def test_what_cannot_be_printed_is_refused(
    value: float, unit: str, form: str, style: str, decimals: int
) -> None:
    with pytest.raises(CheckError):
        render(value, unit, form, style, decimals)


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 12))
def test_bare_digits_are_those_of_decimal(value: float, decimals: int) -> None:
    """Python's `format` of the exact decimal, rounded half to even with enough digits, says the same."""
    with localcontext() as context:
        context.prec, context.rounding = 800, ROUND_HALF_EVEN
        expected = f"{Decimal(repr(value)):,.{decimals}f}"
    if not any(c in "123456789" for c in expected):
        expected = expected.lstrip("-")
    assert render(value, "ratio", "plain", "bare", decimals) == expected.replace("-", "−")


@given(
    st.floats(-1e9, 1e9),
    st.integers(0, 6),
    st.sampled_from(["percent", "pp", "bp", "usd", "share", "index_level"]),
)
def test_signs(value: float, decimals: int, unit: str) -> None:
    """abs has no sign; signed has one unless every digit is zero; plain is signed without the plus."""
    plain, signed, bare = (
        render(value, unit, form, "short", decimals) for form in ("plain", "signed", "abs")
    )
    zero = not any(c in "123456789" for c in bare)
    assert not bare.startswith(("+", "−"))
    assert signed == (bare if zero else ("+" if value > 0 else "−") + bare)
    assert plain == signed.removeprefix("+")


@given(st.integers(0, 10**6))
def test_ordinals_end_as_the_last_digits_say(number: int) -> None:
    if number < 1:
        return
    text = render(number, "rank", "ordinal", "bare", 0)
    if number > 12:
        teen = number // 10 % 10 == 1
        assert text[-2:] == ("th" if teen else ["th", "st", "nd", "rd", *["th"] * 6][number % 10])
