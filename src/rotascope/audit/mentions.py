"""Every number of a text: what it counts, its sign, and how precisely it is printed.

Values are Decimal as printed. `quantum` is one unit of the last printed digit, in the unit of the value, so
that "7.92%" may stand for anything from 7.915 to 7.925 and "$1.4 billion" for 1,350 to 1,450 millions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """What a number counts, as far as its own words tell."""

    PERCENT = "percent"
    POINTS = "points"  # percentage points, or points of an index where nothing says percentage
    BASIS_POINTS = "basis_points"
    MONEY = "money"  # in millions of dollars where a scale is printed, else dollars
    TIMES = "times"
    SHARE = "share"  # 7 of 10, two-thirds: a ratio from 0 to 1
    COUNT = "count"  # sessions, days, weeks, months, quarters, years
    NUMBER = "number"  # nothing is said: a level, or anything else
    TENOR = "tenor"  # 10-year, 50-day: part of a name
    MARK = "mark"  # a citation, a hashtag, a number inside a word: no figure


@dataclass(frozen=True, slots=True)
class Mention:
    """A number in a text, [start, end).

    sign: -1 or +1 where one is printed, else 0; `value` carries it. upper: the other end of a range.
    bound: +1 for "more than", -1 for "less than", else 0. noun: of counts (`session`). scaled: money with
    million or the like. dollars: printed with a dollar sign. percentage: said to be of percents.
    """

    start: int
    end: int
    text: str
    kind: Kind
    value: Decimal
    quantum: Decimal
    sign: int = 0
    hedged: bool = False
    bound: int = 0
    noun: str = ""
    upper: Decimal | None = None
    scaled: bool = False
    dollars: bool = False
    percentage: bool = False


_NUM = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_TEN = "|".join(_TENS)
_WORD = rf"(?:(?:{_TEN})(?:[- ](?:{_UNIT}))?|{_UNIT})"
_ANY = rf"(?:{_NUM}|{_WORD})"
_SIGN = r"(?P<sign>(?<![\w)])[+\-−–‑])?"
_RANGE = rf"(?:\s?(?:-|–|to|and)\s?(?P<upper>{_ANY}))?"
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14,
    "fifteenth": 15,
}  # fmt: skip
_SCALES = {
    "thousand": "0.001", "k": "0.001", "million": "1", "mn": "1", "m": "1", "mln": "1", "billion": "1000",
    "bn": "1000", "b": "1000", "trillion": "1000000", "tn": "1000000", "trn": "1000000",
}  # fmt: skip
_SCALE = r"(?:thousand|million|billion|trillion|mln|trn|mn|bn|tn|[mbk])(?![\w])"
_NOUNS = r"(?P<noun>sessions?|days?|weeks?|months?|quarters?|years?)"
_FRACTIONS = {
    "two-thirds": (2, 3), "two thirds": (2, 3), "one-third": (1, 3), "one third": (1, 3), "one-half": (1, 2),
    "three-quarters": (3, 4), "three quarters": (3, 4), "three-fourths": (3, 4), "one-quarter": (1, 4),
    "one-fifth": (1, 5), "four-fifths": (4, 5),
}  # fmt: skip
_FRACTION = "|".join(_FRACTIONS)

_MARKS = (
    r"\[\d+(?:\s?[,–-]\s?\d+)*\]",
    r"https?://\S+|www\.\S+",
    r"#\w+",
    r"\b\d{1,4}\([a-z]\)",
    # numbers inside words and names that are no instrument: H1, 3M, 10-K, COVID-19, Web3
    r"\b[A-Za-z]+[-‑]?\d+\w*(?![.,]?\d)",
    r"\b\d+[A-Z]\b|\b\d+-[A-Z]\b",
    r"\b\d{1,2}:\d{2}(?:\s?[ap]\.?m\.?)?",
)
_PATTERNS: tuple[tuple[Kind, str], ...] = (
    *((Kind.MARK, mark) for mark in _MARKS),
    (Kind.BASIS_POINTS, rf"{_SIGN}(?P<num>{_ANY}){_RANGE}[- ]?(?:basis[- ]points?|bps?\b)"),
    (
        Kind.POINTS,
        rf"{_SIGN}(?P<num>{_ANY}){_RANGE}[- ]?(?P<pp>percentage[- ]points?|%[- ]points?|pps?\b|ppts?\b)",
    ),
    (Kind.PERCENT, rf"{_SIGN}(?P<num>{_NUM})%?{_RANGE}\s?(?:%|percent\b|per cent\b|pct\b)(?!\s?-?points?\b)"),
    (Kind.PERCENT, rf"{_SIGN}(?P<num>{_WORD}){_RANGE}[- ](?:percent|per cent)\b"),
    (Kind.POINTS, rf"{_SIGN}(?P<num>{_ANY}){_RANGE}[- ]?(?:points?|pts)\b"),
    (Kind.MONEY, rf"{_SIGN}(?:US)?\$\s?(?P<sign2>[\-−–])?(?P<num>{_NUM}){_RANGE}(?:\s?(?P<scale>{_SCALE}))?"),
    (Kind.MONEY, rf"{_SIGN}(?P<num>{_NUM})\s?(?P<scale>{_SCALE})\s(?:US )?dollars\b"),
    (Kind.TIMES, rf"(?P<num>{_NUM})\s?(?:x\b|×|times\b)"),
    (Kind.SHARE, rf"\b(?P<frac>{_FRACTION})\b"),
    (
        Kind.SHARE,
        (
            rf"\b(?P<num>{_ANY}) (?:out of|of|in)(?: the)?(?: last| past| previous)? "
            rf"(?P<whole>{_ANY})\b(?!\s?%)(?![.,/]\d)"
        ),
    ),
    (
        Kind.COUNT,
        rf"(?P<num>{_ANY}){_RANGE}[- ](?:(?:straight|consecutive|successive|trading|further|more|calendar|"
        rf"full)[- ])*{_NOUNS}(?:[- ]in[- ]a[- ]row)?",
    ),
    (
        Kind.COUNT,
        (
            rf"(?P<ord>\b(?:{'|'.join(_ORDINALS)})\b|\b\d+(?:st|nd|rd|th)\b) (?:straight|consecutive|"
            rf"successive) (?:trading )?{_NOUNS}"
        ),
    ),
    (Kind.MARK, r"\b\d+(?:st|nd|rd|th)\b"),
    (Kind.NUMBER, rf"{_SIGN}(?P<num>{_NUM})(?:\s?(?P<scale>thousand|million|billion|trillion)\b)?"),
)
_COMPILED = tuple(
    (kind, re.compile(pattern, re.IGNORECASE if kind is not Kind.MARK else 0)) for kind, pattern in _PATTERNS
)
_START = re.compile(
    rf"[#\[$+\-−–‑.\d]|\b(?:https?:|www\.|US\$|[A-Za-z]+[-‑]?\d|{_TEN}|{_UNIT}|{'|'.join(_ORDINALS)}|one|three|two|four)",
    re.IGNORECASE,
)
_TENOR = re.compile(rf"(?:{_ANY})[-‑](?:sessions?|days?|weeks?|months?|quarters?|years?)\b", re.IGNORECASE)
_STREAK = re.compile(r"\s(?:winning |losing |outperformance )?(?:streak|run|stretch|string)\b", re.IGNORECASE)
_HEDGE = re.compile(
    r"\b(?:about|approximately|approx\.|around|roughly|nearly|almost|some|close to|an estimated|circa|"
    r"just (?:over|under|above|below|shy of)|(?:a little|slightly) (?:over|under|more than|less than))"
    r"(?:\s+(?:a|an|the|modest|full))?\s*$",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"\b(?:more than|over|at least|above|upwards of|as many as|in excess of|exceeding)\s*$", re.IGNORECASE
)
_LESS = re.compile(r"\b(?:less than|under|at most|below|fewer than|no more than|up to)\s*$", re.IGNORECASE)


def find_mentions(text: str, *, taken: Callable[[int], int | None] = lambda _: None) -> list[Mention]:
    """Return the numbers of a text from left to right; they do not overlap.

    `taken`: says where something that begins at a place ends, if it is no number (a name, a date).

    >>> [(m.text, str(m.value), m.kind.value) for m in find_mentions("Up 12 bps to 2,491.82 points [1].")]
    [('12 bps', '12', 'basis_points'), ('2,491.82 points', '2491.82', 'points'), ('[1]', '1', 'mark')]
    """
    out: list[Mention] = []
    at = 0
    while at < len(text):
        end = taken(at)
        if end is not None:
            at = end
            continue
        found = _match(text, at) if _START.match(text, at) and not _inside_word(text, at) else None
        if found is None:
            at += 1
            continue
        # a name or date may begin inside what looked like one number: "5 January"
        blocked = next((i for i in range(at + 1, found.end) if taken(i) is not None), None)
        if blocked is not None:
            at = blocked
            continue
        out.append(found)
        at = found.end
    return out


def _inside_word(text: str, at: int) -> bool:
    return at > 0 and (text[at].isalnum() and text[at - 1].isalnum())


def _match(text: str, at: int) -> Mention | None:
    for kind, pattern in _COMPILED:
        if found := pattern.match(text, at):
            # "10-year" is a part of a name, "14-session streak" counts something
            tenor = kind is Kind.COUNT and _TENOR.fullmatch(found[0])
            streak = tenor and _STREAK.match(text, found.end())
            mention = _mention(Kind.TENOR if tenor and not streak else kind, found, text)
            if mention is not None:
                return mention
    return None


def _mention(kind: Kind, found: re.Match[str], text: str) -> Mention | None:
    groups = found.groupdict()
    start, end = found.span()
    before = text[max(0, start - 40) : start]
    if kind in (Kind.MARK, Kind.TENOR):
        digits = re.search(r"\d+", found[0])
        return Mention(start, end, found[0], kind, Decimal(digits[0] if digits else 0), Decimal(1))
    if groups.get("frac"):
        top, bottom = _FRACTIONS[groups["frac"].lower()]
        share = Decimal(top) / Decimal(bottom)
        return Mention(start, end, found[0], kind, share, Decimal("0.1"), hedged=bool(_HEDGE.search(before)))
    if groups.get("ord"):
        word = groups["ord"].lower()
        value = Decimal(_ORDINALS.get(word) or re.sub(r"\D", "", word))
        return Mention(start, end, found[0], kind, value, Decimal(1), noun=groups["noun"].rstrip("s"))
    printed, quantum = _read(groups["num"])
    if kind is Kind.SHARE:
        whole, _ = _read(groups["whole"])
        if whole == 0 or printed > whole or whole != whole.to_integral_value() or whole > 1000:
            return None
        return Mention(start, end, found[0], kind, printed / whole, Decimal("0.5") / whole)
    sign = (
        -1
        if (groups.get("sign") or groups.get("sign2") or "") in "-−–‑"
        and (groups.get("sign") or groups.get("sign2"))
        else 0
    )
    sign = 1 if groups.get("sign") == "+" else sign
    scale = Decimal(_SCALES[groups["scale"].lower()]) if groups.get("scale") else Decimal(1)
    upper = _read(groups["upper"])[0] * scale if groups.get("upper") else None
    return Mention(
        start,
        end,
        found[0],
        kind,
        printed * scale * (sign or 1),
        quantum * scale,
        sign=sign,
        hedged=bool(_HEDGE.search(before)),
        bound=1 if _MORE.search(before) else -1 if _LESS.search(before) else 0,
        noun=(groups.get("noun") or "").lower().rstrip("s"),
        upper=upper,
        scaled=bool(groups.get("scale")),
        dollars=kind is Kind.MONEY and "$" in found[0],
        percentage=bool(groups.get("pp")),
    )


def _read(number: str) -> tuple[Decimal, Decimal]:
    """Return a number in digits or words, and one unit of its last digit."""
    plain = number.replace(",", "").lower()
    if plain[0].isdigit() or plain[0] == ".":
        value = Decimal(plain)
        _, _, places = plain.partition(".")
        return value, Decimal(1).scaleb(-len(places))
    parts = re.split(r"[- ]", plain)
    total = sum(_TENS.get(part, 0) + _UNITS.get(part, 0) for part in parts)
    return Decimal(total), Decimal(1)
