"""Words for directions and sizes, chosen by value so that they are true when they are written."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.model.numerals import prints_as_zero
from rotascope.model.units import Unit
from rotascope.report.prose import Piece, Prose, number

_FLAT_TOLERANCE = {Unit.BP: 2.0}
LARGE, EXTREME = 90.0, 97.5  # percentiles from which a reading is called so: docs/glossary.md
BANDS = [
    ("slight", 0.0, 60.0),
    ("modest", 60.0, 80.0),
    ("clear", 80.0, LARGE),
    ("large", LARGE, EXTREME),
    ("extreme", EXTREME, 100.1),
]


def is_flat(fact: Fact, decimals: int = 1) -> bool:
    """Say whether a fact vanishes at the precision of the text."""
    return prints_as_zero(fact.value, fact.unit, decimals)


def moved(
    p: Prose,
    fact: Fact,
    up: str = "rose",
    down: str = "fell",
    *,
    subject: str | None = None,
    decimals: int = 1,
) -> tuple[Piece, Piece]:
    """Return the verb and the number of a move: ("rose", "4.5%"), or ("flat", "0.0%")."""
    if decimals == 0 and fact.unit is not Unit.BP and is_flat(fact, 0) and not is_flat(fact):
        decimals = 1  # too small for whole numbers, and still no flat line
    if is_flat(fact, decimals):
        tol = _FLAT_TOLERANCE.get(fact.unit, 0.05)
        return p.claim("flat", "near_zero", fact, subject=subject, tol=tol), number(fact, decimals=decimals)
    verb = (
        p.claim(up, "positive", fact, subject=subject)
        if fact.value > 0
        else p.claim(down, "negative", fact, subject=subject)
    )
    return verb, number(fact, "abs", decimals=decimals)


def versus(
    p: Prose, spread: Fact, up: str = "beat", down: str = "trailed", *, decimals: int = 1
) -> tuple[Piece, Piece]:
    """Return the verb and the number of a spread between two legs."""
    subject, other = spread.series[0], spread.series[1]
    verb = (
        p.claim(up, "positive", spread, subject=subject, object=other)
        if spread.value > 0
        else p.claim(down, "negative", spread, subject=subject, object=other)
    )
    return verb, number(spread, "abs", decimals=decimals)


def told(
    p: Prose,
    fact: Fact,
    up: str = "rose",
    down: str = "fell",
    *,
    subject: str | None = None,
    decimals: int = 1,
) -> tuple[Piece, Inline]:
    """Return the verb of a move, and the words that say it: "rose 4.5%", or "was flat (0.0%)"."""
    verb, amount = moved(p, fact, up, down, subject=subject, decimals=decimals)
    return verb, p.say("was {v} ({x})" if verb.text == "flat" else "{v} {x}", v=verb, x=amount)


def money(fact: Fact, form: str = "plain") -> Piece:
    """Return an amount of dollars: billions with one decimal, millions with none."""
    return number(fact, form, decimals=1 if abs(fact.value) >= 1000 else 0)


def article(word: str) -> str:
    """Return the indefinite article that a word takes by its first letter."""
    return "an" if word[:1] in "aeiou" else "a"


def band(p: Prose, percentile: Fact) -> Piece:
    """Return the size word of a percentile: slight, modest, clear, large or extreme."""
    for word, lo, hi in BANDS:
        if lo <= percentile.value < hi:
            return p.claim(word, "between", percentile, lo=lo, hi=hi)
    raise ValueError(f"{percentile.value} is not a percentile")


def ranked(facts: Sequence[Fact]) -> list[Fact]:
    """Return facts from the largest value to the smallest; ties keep their order."""
    return sorted(facts, key=lambda f: -f.value)


def tolerance(value: float) -> float:
    """Return a tolerance for a claim, cut to six decimals so that it never exceeds what the rule allows."""
    return math.floor(value * 1e6) / 1e6
