"""The one place where a number becomes text.

The rules are those of docs/bundle-format.md, "Rendering a number". Everything that prints a fact calls
`render`; nothing else in the project formats a figure that a reader will see in an article.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Literal

from rotascope.model.units import Unit

Form = Literal["plain", "signed", "abs", "word", "ordinal"]
Style = Literal[
    "short", "long", "bare", "iso", "day_month", "month", "month_name", "year", "tag_month", "long_date"
]

MINUS = "\u2212"
# Any binary64 number fits, written out in full; the default context would round or give up.
_EXACT = Context(prec=1000, rounding=ROUND_HALF_EVEN)
_WORDS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
_ORDINALS = [
    "zeroth",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
]
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_COUNTED = {Unit.SESSIONS: "session", Unit.MONTHS: "month", Unit.YEARS: "year"}
_BILLION_FROM = 1000  # millions


def render(value: float, unit: Unit, form: str = "plain", style: str = "short", decimals: int = 0) -> str:
    """Return the text of a number.

    >>> render(6.079, Unit.PP, "signed", "long", 1)
    '+6.1 points'
    >>> render(-3749.5, Unit.USD_M, "plain", "long", 1)
    '−$3.7 billion'
    >>> render(0.696, Unit.SHARE, decimals=0)
    '70%'
    """
    if unit is Unit.DATE:
        return render_date(from_number(value), style)
    number = _rounded(value, unit, style, decimals)
    if unit is Unit.PERCENTILE and style == "long":
        whole = _scaled(value, unit, style).to_integral_value(ROUND_HALF_EVEN)  # not of the rounded number
        held = min(max(int(whole), 1), 99)
        return f"{_with_suffix(held)} percentile"
    if form == "ordinal":
        return _ordinal(number)
    digits = _in_words(number) if form == "word" else None
    sign = _sign(number, form)
    return _dress(sign, digits or f"{number.copy_abs():,f}", number, unit, style, value)


def prints_as_zero(value: float, unit: Unit, decimals: int, style: str = "short") -> bool:
    """Say whether a value vanishes at this precision, so that no direction may be claimed for it."""
    return _rounded(value, unit, style, decimals) == 0


def render_date(day: date, style: str = "iso") -> str:
    """Return a date as text; styles are listed in docs/bundle-format.md.

    >>> render_date(date(2026, 1, 30), "long")
    '30 January 2026'
    """
    name = _MONTHS[day.month - 1]
    styles = {
        "long": f"{day.day} {name} {day.year}",
        "short": f"{day.day} {name[:3]} {day.year}",
        "day_month": f"{day.day} {name}",
        "month": f"{name} {day.year}",
        "month_name": name,
        "year": f"{day.year}",
        "tag_month": f"{name.lower()}_{day.year}",
    }
    return styles.get(style, day.isoformat())


def as_number(day: date) -> int:
    """Return a date as the integer YYYYMMDD, the value of a fact with unit `date`."""
    return day.year * 10_000 + day.month * 100 + day.day


def from_number(value: float) -> date:
    """Return the date that `as_number` made a number of."""
    whole = int(value)
    return date(whole // 10_000, whole // 100 % 100, whole % 100)


def _scaled(value: float, unit: Unit, style: str) -> Decimal:
    exact = Decimal(repr(float(value)))
    if unit is Unit.SHARE:
        return exact.scaleb(2, _EXACT)
    if unit is Unit.USD_M and style == "long" and exact.copy_abs() >= _BILLION_FROM:
        return exact.scaleb(-3, _EXACT)
    return exact


def _rounded(value: float, unit: Unit, style: str, decimals: int) -> Decimal:
    return _scaled(value, unit, style).quantize(Decimal(1).scaleb(-decimals), context=_EXACT)


def _sign(number: Decimal, form: str) -> str:
    if form == "abs" or number == 0:
        return ""
    if number < 0:
        return MINUS
    return "+" if form == "signed" else ""


def _in_words(number: Decimal) -> str | None:
    whole = int(number)
    return _WORDS[whole] if number == whole and 0 <= whole < len(_WORDS) else None


def _ordinal(number: Decimal) -> str:
    whole = int(number)
    return _ORDINALS[whole] if 0 <= whole < len(_ORDINALS) else _with_suffix(whole)


def _with_suffix(whole: int) -> str:
    teen = 10 <= abs(whole) % 100 <= 20
    return f"{whole:,}" + ("th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(abs(whole) % 10, "th"))


def _dress(sign: str, digits: str, number: Decimal, unit: Unit, style: str, value: float) -> str:
    if style == "bare":
        return sign + digits
    if unit in (Unit.PERCENT, Unit.SHARE):
        return f"{sign}{digits}%"
    if unit is Unit.PP:
        return f"{sign}{digits} points" if style == "long" else f"{sign}{digits} pp"
    if unit is Unit.BP:
        return f"{sign}{digits} basis points" if style == "long" else f"{sign}{digits} bp"
    if unit is Unit.USD:
        return f"{sign}${digits}"
    if unit is Unit.USD_M:
        if style != "long":
            return f"{sign}${digits}m"
        return f"{sign}${digits} {'billion' if abs(value) >= _BILLION_FROM else 'million'}"
    if unit in _COUNTED:
        noun = _COUNTED[unit]
        return f"{sign}{digits} {noun}" + ("" if digits in ("1", "one") else "s")
    return sign + digits
