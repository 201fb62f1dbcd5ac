"""Numbers of a text: what each counts, its sign and its precision. Expected values are read off by eye."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope.audit.mentions import Kind, find_mentions

D = Decimal


def one(text: str) -> tuple[str, str, Decimal, Decimal]:
    (found,) = find_mentions(text)
    return found.text, str(found.kind), found.value, found.quantum


@pytest.mark.parametrize(
    ("text", "kind", "value", "quantum"),
    [
        ("7.92%", "percent", "7.92", "0.01"),
        ("-0.76%", "percent", "-0.76", "0.01"),
        ("−0.76%", "percent", "-0.76", "0.01"),
        ("+2.1 percent", "percent", "2.1", "0.1"),
        ("five percent", "percent", "5", "1"),
        ("twenty-five percent", "percent", "25", "1"),
        (".5%", "percent", "0.5", "0.1"),
        ("six percentage points", "points", "6", "1"),
        ("6.1 pp", "points", "6.1", "0.1"),
        ("319.1 points", "points", "319.1", "0.1"),
        ("12 bps", "basis_points", "12", "1"),
        ("12.5 basis points", "basis_points", "12.5", "0.1"),
        ("2,491.82", "number", "2491.82", "0.01"),
        ("$2,491.82", "money", "2491.82", "0.01"),
        ("$1.4 billion", "money", "1400", "100"),
        ("$1.4bn", "money", "1400", "100"),
        ("$532m", "money", "532", "1"),
        ("-$3.75 billion", "money", "-3750", "10"),
        ("1.2 trillion dollars", "money", "1200000", "100000"),
        ("3.5x", "times", "3.5", "0.1"),
        ("7 of 10", "share", "0.7", "0.05"),
        ("14 straight sessions", "count", "14", "1"),
        ("fourteen consecutive trading days", "count", "14", "1"),
        ("15th straight session", "count", "15", "1"),
        ("14-session winning streak", "count", "14", "1"),
    ],
)
def test_values(text: str, kind: str, value: str, quantum: str) -> None:
    if kind == "count" and "streak" in text:
        found = find_mentions(text)[0]
        assert (str(found.kind), found.value, found.quantum) == (kind, D(value), D(quantum))
        return
    assert one(text) == (text, kind, D(value), D(quantum))


def test_two_thirds_is_a_share_to_a_tenth() -> None:
    (found,) = find_mentions("two-thirds of the time")
    assert found.kind is Kind.SHARE
    assert abs(found.value - D(2) / D(3)) < D("1e-20")


@pytest.mark.parametrize(
    "text",
    ["[1]", "[3][4]", "#january_2026", "H1 results", "10-K filing", "COVID-19", "https://x.org/2026/5%20a",
     "10-year", "200-day", "401(k)", "9:30 a.m."],
)  # fmt: skip
def test_what_is_no_figure(text: str) -> None:
    assert all(m.kind in (Kind.MARK, Kind.TENOR) for m in find_mentions(text))


def test_ranges_hedges_and_bounds() -> None:
    a, b, c, d = find_mentions("between 5 and 7%, about 6%, more than 4% and less than $2 billion")
    assert (a.value, a.upper) == (5, 7)
    assert b.hedged and not a.hedged
    assert (c.bound, d.bound) == (1, -1)


def test_a_minus_in_a_range_is_no_sign() -> None:
    (found,) = find_mentions("5-7%")
    assert (found.value, found.upper, found.sign) == (5, 7, 0)


@given(
    whole=st.integers(0, 99999),
    cents=st.one_of(st.none(), st.integers(0, 99)),
    sign=st.sampled_from(["", "+", "-", "−"]),
    unit=st.sampled_from(["%", " percent", " bps", " percentage points", "x", ""]),
)
def test_every_printed_number_comes_back(whole: int, cents: int | None, sign: str, unit: str) -> None:
    """What is printed by another rule is read with its value, its sign and its precision."""
    digits = f"{whole:,}" + ("" if cents is None else f".{cents:02d}")
    text = f"it was {sign if unit != 'x' else ''}{digits}{unit} then"
    (found,) = find_mentions(text)
    value = D(digits.replace(",", ""))
    assert found.value == (-value if unit != "x" and sign in ("-", "−") else value)
    assert found.quantum == (D(1) if cents is None else D("0.01"))


@given(st.text(max_size=200))
def test_any_text_gives_ordered_places(text: str) -> None:
    at = 0
    for found in find_mentions(text):
        assert at <= found.start < found.end <= len(text)
        assert text[found.start : found.end] == found.text
        at = found.end
