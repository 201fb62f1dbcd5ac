"""What report.xhtml must say of a fact: concept, context, unit and tag. See docs/bundle-format.md."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rotascope_verify.facts import Fact
from rotascope_verify.failures import CheckError, quote
from rotascope_verify.numerals import EXACT, ORDINALS, WORDS
from rotascope_verify.reading import number_day
from rotascope_verify.spans import Span

TAXONOMY = "rotascope-2026.xsd"
TAXONOMY_SPACE = "https://rotascope.org/taxonomy/2026"
XBRL_DIGITS = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?")
XBRL_MEASURES = {
    "usd": "iso4217:USD",
    "usd_m": "iso4217:USD",
    "shares": "xbrli:shares",
    "pp": "rot:percentage_point",
    "bp": "rot:basis_point",
    "index_level": "rot:index_point",
    "percentile": "rot:percentile",
    "sessions": "rot:session",
    "months": "rot:month",
    "years": "rot:year",
}
XBRL_DATE_STYLES = {
    "iso": "",
    "long": "ixt:date-day-monthname-year-en",
    "short": "ixt:date-day-monthname-year-en",
}
XBRL_FACTORS = {"percent": -2, "usd_m": 6}  # powers of ten from the unit of the fact to that of XBRL
XBRL_BASES = {"prior_close": "rot:PriorCloseMember", "open": "rot:OpenMember"}


@dataclass(frozen=True, slots=True)
class XbrlConcept:
    """A concept of the taxonomy: its type without prefix, and `duration` or `instant`."""

    name: str
    type: str
    period: str


@dataclass(frozen=True, slots=True)
class XbrlTag:
    """How one place of the text is tagged: where in its text, which text, what the element holds."""

    start: int
    text: str
    element: str
    attributes: dict[str, str]
    content: str
    hidden: bool


def xbrl_concept(fact: Fact, concepts: dict[str, XbrlConcept]) -> XbrlConcept:
    """Return the concept that a fact must be tagged with. Raises CheckError if the taxonomy lacks it."""
    own = concepts.get(fact.metric)
    if own is not None and _concept_fits(own.type, fact.unit):
        return own
    name = "other_date" if fact.unit == "date" else "other_number"
    if name not in concepts:
        raise CheckError(f"the taxonomy has no concept {name}", "xbrl-taxonomy")
    return concepts[name]


def _concept_fits(kind: str, unit: str) -> bool:
    if unit == "date" or kind == "dateItemType":
        return unit == "date" and kind == "dateItemType"
    return kind == "decimalItemType" or unit in ("usd", "usd_m")


def xbrl_context(fact: Fact, concept: XbrlConcept, base: str) -> tuple[Any, ...]:
    """Return (first day, last day, members by dimension); an instant has no first day.

    base: that of the window, where the fact has one.
    """
    first = last = fact.as_of
    members = {"SeriesAxis": " ".join(fact.series), "AsOfAxis": fact.as_of, "FactAxis": fact.id}
    if fact.window:
        last = fact.window.get("end_used", fact.window["end"])
        first = fact.window.get("start_used", fact.window["start"])
        if base == "prior_close":
            next_day = datetime.date.fromisoformat(first) + datetime.timedelta(days=1)
            first = next_day.isoformat()
        first = min(first, last)
        members["BaseAxis"] = XBRL_BASES[base]
    return ("" if concept.period == "instant" else first, last, members)


def xbrl_tag(fact: Fact, value: float, span: Span, words: str, concept: XbrlConcept) -> XbrlTag:
    """Return how a span must be tagged; `attributes` without the references to context and unit.

    value: recomputed. words: the text of the span.
    """
    style = span.data["style"]
    attributes = {"name": f"rot:{concept.name}"}
    if fact.unit == "date":
        hidden = style not in XBRL_DATE_STYLES
        form = XBRL_DATE_STYLES.get(style, "")
        given = {**attributes, "format": form} if form else attributes
        content = number_day(value) if hidden else words
        return XbrlTag(span.start, words, "nonNumeric", given, content, hidden)
    found = XBRL_DIGITS.search(words)
    digits = found[0] if found else str(_spelled(words))
    scale = {"percent": -2, "share": -2, "usd_m": 9 if words.endswith(" billion") else 6}.get(fact.unit, 0)
    printed = span.data["decimals"]
    if fact.unit == "percentile" and style == "long":
        printed = -1 if abs(Decimal(digits) - Decimal(repr(value))) > Decimal("0.5") else 0
    attributes |= {"format": "ixt:num-dot-decimal", "decimals": str(printed - scale)}
    if scale:
        attributes["scale"] = str(scale)
    if value < 0 and any(c in "123456789" for c in digits):
        attributes["sign"] = "-"
    if found is None:
        return XbrlTag(span.start, words, "nonFraction", attributes, digits, True)
    return XbrlTag(span.start + found.start(), digits, "nonFraction", attributes, digits, False)


def _spelled(words: str) -> int:
    """Return the number that a text begins with as a word."""
    first = words.split(" ")[0]
    for names in (WORDS, ORDINALS):
        if first in names:
            return names.index(first)
    raise CheckError(f"{quote(words)} is no number")


def check_xbrl_value(attributes: dict[str, str], content: str, value: float, unit: str) -> None:
    """Require that XBRL reads the value of the fact, within half of the last place. Raises CheckError."""
    try:
        number = Decimal(content.replace(",", "")).scaleb(int(attributes.get("scale", "0")), EXACT)
        places = int(attributes["decimals"])
    except (ArithmeticError, KeyError, ValueError):
        raise CheckError(f"{quote(content)} is no number with scale and decimals", "xbrl-value") from None
    read = -number if attributes.get("sign") == "-" else number
    true = Decimal(repr(value)).scaleb(XBRL_FACTORS.get(unit, 0), EXACT)
    if abs(EXACT.subtract(read, true)) > Decimal("0.5").scaleb(-places, EXACT):
        raise CheckError(f"XBRL reads {read}, the fact is {true}", "xbrl-value")
