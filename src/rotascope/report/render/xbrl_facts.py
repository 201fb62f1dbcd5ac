"""How a fact is said in XBRL: its context, its unit, and the attributes of each place that prints it.

Every rule here is in docs/bundle-format.md, "report.xhtml".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from xml.sax.saxutils import escape

from rotascope.model.documents import Span
from rotascope.model.facts import Fact
from rotascope.model.numerals import from_number, render
from rotascope.model.units import Unit
from rotascope.report.render.xbrl_taxonomy import Concept, concept_of

_DIGITS = re.compile(r"[0-9][0-9,]*(\.[0-9]+)?")
_BILLION_FROM = 1000  # millions
MEASURES = {
    Unit.USD: "iso4217:USD",
    Unit.USD_M: "iso4217:USD",
    Unit.SHARES: "xbrli:shares",
    Unit.PP: "rot:percentage_point",
    Unit.BP: "rot:basis_point",
    Unit.INDEX_LEVEL: "rot:index_point",
    Unit.PERCENTILE: "rot:percentile",
    Unit.SESSIONS: "rot:session",
    Unit.MONTHS: "rot:month",
    Unit.YEARS: "rot:year",
}
_DATE_FORMATS = {
    "iso": "",
    "long": "ixt:date-day-monthname-year-en",
    "short": "ixt:date-day-monthname-year-en",
}
_BASES = {"prior_close": "rot:PriorCloseMember", "open": "rot:OpenMember"}


@dataclass(frozen=True, slots=True)
class Tag:
    """One tagged place: the text before, the tagged text, the text after, and the element around it.

    `hidden` is what the element holds where no transformation reads the tagged text: the element then lies
    among the hidden ones, and the text refers to it.
    """

    before: str
    text: str
    after: str
    element: str
    attributes: dict[str, str]
    hidden: str = ""


def unit_id(unit: Unit) -> str:
    """Return the id of the unit of a fact: the local name of its measure."""
    return measure(unit).partition(":")[2]


def measure(unit: Unit) -> str:
    """Return the measure of a unit. Percents, shares, counts, ranks and ratios are pure numbers."""
    return MEASURES.get(unit, "xbrli:pure")


def tag(fact: Fact, span: Span, text: str, context: str) -> Tag:
    """Return how a span of a fact is tagged."""
    concept = concept_of(fact.metric, fact.unit)
    shared = {"name": f"rot:{concept.name}", "contextRef": context}
    if fact.unit is Unit.DATE:
        return _date_tag(fact, str(span.data["style"]), text, shared)
    found = _DIGITS.search(text)
    digits = found[0] if found else render(fact.value, fact.unit, "abs", "bare", 0)
    scale = _scale(fact, str(span.data["style"]))
    attributes = {
        **shared,
        "unitRef": unit_id(fact.unit),
        "format": "ixt:num-dot-decimal",
        "decimals": str(_decimals(fact, span, digits) - scale),
    }
    if scale:
        attributes["scale"] = str(scale)
    if fact.value < 0 and re.search("[1-9]", digits):
        attributes["sign"] = "-"
    if found is None:
        return Tag("", text, "", "ix:nonFraction", attributes, digits)
    return Tag(text[: found.start()], digits, text[found.end() :], "ix:nonFraction", attributes)


def _date_tag(fact: Fact, style: str, text: str, shared: dict[str, str]) -> Tag:
    if style not in _DATE_FORMATS:  # a month or a year alone is no date
        return Tag("", text, "", "ix:nonNumeric", shared, from_number(fact.value).isoformat())
    form = _DATE_FORMATS[style]
    return Tag("", text, "", "ix:nonNumeric", {**shared, "format": form} if form else shared)


def _scale(fact: Fact, style: str) -> int:
    if fact.unit in (Unit.PERCENT, Unit.SHARE):
        return -2
    if fact.unit is Unit.USD_M:
        return 9 if style == "long" and abs(fact.value) >= _BILLION_FROM else 6
    return 0


def _decimals(fact: Fact, span: Span, digits: str) -> int:
    if fact.unit is Unit.PERCENTILE and span.data["style"] == "long":
        held = abs(float(digits) - fact.value) > 0.5  # printed as 1st or 99th, which only tens are sure of
        return -1 if held else 0
    return int(span.data["decimals"])


def context_xml(name: str, fact: Fact) -> str:
    """Return the context of a fact."""
    concept = concept_of(fact.metric, fact.unit)
    window = fact.window
    base = ""
    if window is not None:
        member = _BASES[window.base]
        base = f'<xbrldi:explicitMember dimension="rot:BaseAxis">{member}</xbrldi:explicitMember>'
    return (
        f'<xbrli:context id="{name}"><xbrli:entity>'
        '<xbrli:identifier scheme="https://rotascope.org/entity">rotascope</xbrli:identifier></xbrli:entity>'
        f"<xbrli:period>{_period(fact, concept)}</xbrli:period><xbrli:scenario>{base}"
        f"{_typed('Series', ' '.join(fact.series))}{_typed('AsOf', fact.as_of.isoformat())}"
        f"{_typed('Fact', fact.id)}</xbrli:scenario></xbrli:context>\n"
    )


def _typed(name: str, text: str) -> str:
    inner = f"<rot:{name}>{escape(text)}</rot:{name}>"
    return f'<xbrldi:typedMember dimension="rot:{name}Axis">{inner}</xbrldi:typedMember>'


def _period(fact: Fact, concept: Concept) -> str:
    first, last = period(fact)
    if concept.instant:
        return f"<xbrli:instant>{last}</xbrli:instant>"
    return f"<xbrli:startDate>{first}</xbrli:startDate><xbrli:endDate>{last}</xbrli:endDate>"


def period(fact: Fact) -> tuple[date, date]:
    """Return the first and the last day that a fact is about; without a window both are its as-of date.

    A window from the close of one day begins, as days go, on the day after.
    """
    window = fact.window
    if window is None:
        return fact.as_of, fact.as_of
    last = window.end_used or window.end
    first = window.start_used or window.start
    if window.base == "prior_close":
        first += timedelta(days=1)
    return min(first, last), last
