"""How a number or a date is printed. docs/bundle-format.md, "Rendering a number"."""

from __future__ import annotations

import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal

from rotascope_verify.failures import CheckError, quote
from rotascope_verify.reading import number_day

MINUS = "\u2212"
# Wide enough for any binary64 number written out in full; the default context would round.
EXACT = Context(prec=1000, rounding=ROUND_HALF_EVEN)
UNITS = frozenset(
    [
        "percent",
        "pp",
        "bp",
        "usd",
        "usd_m",
        "index_level",
        "ratio",
        "share",
        "count",
        "sessions",
        "months",
        "years",
        "rank",
        "percentile",
        "date",
        "shares",
    ]
)
COUNTED = {"sessions": "session", "months": "month", "years": "year"}
PLAIN_UNITS = frozenset(["index_level", "ratio", "count", "rank", "shares", "percentile"])
SUFFIXES = {
    ("percent", "short"): "%",
    ("percent", "long"): "%",
    ("pp", "short"): " pp",
    ("pp", "long"): " points",
    ("bp", "short"): " bp",
    ("bp", "long"): " basis points",
    ("share", "short"): "%",
    ("share", "long"): "%",
    ("usd_m", "short"): "m",
}
WORDS = [
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
ORDINALS = [
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
MONTHS = [
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
FORMS = ("plain", "signed", "abs", "word", "ordinal")
NUMBER_STYLES = ("short", "long", "bare")
DATE_STYLES = ("iso", "long", "short", "day_month", "month", "month_name", "year", "tag_month")


def render_day(day: str, style: str) -> str:
    """Return a date (YYYY-MM-DD) in one of the date styles."""
    date = datetime.date.fromisoformat(day)
    month = MONTHS[date.month - 1]
    texts = {
        "iso": day,
        "long": f"{date.day} {month} {date.year}",
        "short": f"{date.day} {month[:3]} {date.year}",
        "day_month": f"{date.day} {month}",
        "month": f"{month} {date.year}",
        "month_name": month,
        "year": f"{date.year}",
        "tag_month": f"{month.lower()}_{date.year}",
    }
    if style not in texts:
        raise CheckError(f"{quote(style)} is not a style of dates")
    return texts[style]


def ordinal_digits(number: int) -> str:
    """Return 1st, 2nd, 3rd, 4th ... 11th ... 21st, with commas."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def _scaled(value: float, unit: str, style: str) -> tuple[Decimal, str]:
    """Return the number as it is printed before rounding, and the suffix."""
    exact = Decimal(repr(value))
    if unit == "share":
        exact = EXACT.multiply(exact, Decimal(100))
    suffix = SUFFIXES.get((unit, style), "")
    if unit == "usd_m" and style == "long":
        if exact.copy_abs() >= 1000:
            return EXACT.scaleb(exact, -3), " billion"
        return exact, " million"
    return exact, suffix


def _whole(number: Decimal, decimals: int, form: str) -> int:
    if decimals != 0 or number != number.to_integral_value(context=EXACT):
        raise CheckError(f"form {form} needs a whole number and 0 decimals, not {number}")
    return int(number)


def _digits(number: Decimal, decimals: int) -> tuple[str, str]:
    """Return sign (empty for zero) and grouped digits."""
    rounded = number.quantize(Decimal(1).scaleb(-decimals), context=EXACT)
    sign = "" if rounded.is_zero() else MINUS if rounded < 0 else "+"
    return sign, f"{rounded.copy_abs():,f}"


def _word(number: Decimal, unit: str, style: str, decimals: int) -> str | None:
    """Return the number as a word, or None where digits are printed."""
    whole = _whole(number, decimals, "word")
    if not 0 <= whole <= 12:
        return None
    spelled = unit in PLAIN_UNITS or unit in COUNTED or (style == "long" and unit in ("pp", "bp"))
    if style != "bare" and not spelled:
        raise CheckError(f"form word needs style bare for unit {unit}")
    return WORDS[whole]


def render(value: float, unit: str, form: str, style: str, decimals: int) -> str:
    """Return the one text that stands for a value.

    value: in the stated unit; a date is the integer YYYYMMDD. decimals: digits after the point.
    Raises CheckError if the form, the style or the decimals do not fit the unit.

    >>> render(-3750.25, "usd_m", "plain", "long", 1)
    '−$3.8 billion'
    """
    if form not in FORMS or unit not in UNITS:
        raise CheckError(f"cannot print unit {quote(unit)} in form {quote(form)}")
    if unit == "date":
        if form != "plain":
            raise CheckError("a date is printed in form plain only")
        return render_day(number_day(value), style)
    if style not in NUMBER_STYLES:
        raise CheckError(f"{quote(style)} is not a style of numbers")
    number, suffix = _scaled(value, unit, style)
    if form == "ordinal":
        whole = _whole(number, decimals, "ordinal")
        if whole < 1:
            raise CheckError(f"{whole} has no ordinal")
        return ORDINALS[whole] if whole <= 12 else ordinal_digits(whole)
    if unit == "percentile" and style == "long":
        if form != "plain":
            raise CheckError("a percentile in style long is printed in form plain only")
        held = min(max(int(number.to_integral_value(context=EXACT)), 1), 99)
        return f"{ordinal_digits(held)} percentile"
    return _decorated(number, unit, form, style, decimals, suffix)


def _decorated(number: Decimal, unit: str, form: str, style: str, decimals: int, suffix: str) -> str:
    sign, digits = _digits(number, decimals)
    if form == "word":
        word = _word(number, unit, style, decimals)
        if word is not None:
            sign, digits = "", word
    if form == "abs" or (sign == "+" and form != "signed"):
        sign = ""
    dollar = "$" if unit in ("usd", "usd_m") and style != "bare" else ""
    if unit in COUNTED and style != "bare":
        suffix = f" {COUNTED[unit]}" + ("" if sign + digits in ("1", "one") else "s")
    return f"{sign}{dollar}{digits}{suffix}"


def prints_zero(text: str) -> bool:
    """Whether a printed number shows no digit but zero."""
    return not any(c in "123456789" for c in text)
