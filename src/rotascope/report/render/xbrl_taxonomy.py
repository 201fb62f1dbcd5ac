"""The taxonomy of the Inline XBRL report: one concept for each metric of the catalogue.

It is one file, a schema with its linkbases inside, and lies in `taxonomy/`; `make docs` writes it again when
the catalogue has changed. docs/bundle-format.md, "report.xhtml", says how facts use it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from rotascope.model.units import Unit

FILE = "rotascope-2026.xsd"
NAMESPACE = "https://rotascope.org/taxonomy/2026"
OTHER_NUMBER, OTHER_DATE = "other_number", "other_date"
DECIMAL, MONETARY, DATE = "decimalItemType", "monetaryItemType", "dateItemType"
# States on the last day of the window. Every other metric is about the whole of it.
INSTANTS = frozenset(
    [
        "breadth_above_average",
        "drawdown_now",
        "effective_number",
        "level",
        "names_held",
        "rate",
        "regime_state",
        "rotation_distance",
        "rotation_heading",
        "rotation_momentum",
        "rotation_quadrant",
        "rotation_stability",
        "rotation_strength",
        "top_weight",
        "valuation_gap",
    ]
)
_TYPES = {Unit.DATE: DATE, Unit.USD: MONETARY, Unit.USD_M: MONETARY}
_OTHER = (
    "A number outside the catalogue, such as how many members a list has, or a parameter of another fact. "
    "Its name begins the text of FactAxis."
)
_LINK = "http://www.xbrl.org/2003/role/link"
_ROLES = "http://www.xbrl.org/2003"
_ABSTRACT = ' abstract="true"'
_ARCS = "http://xbrl.org/int/dim/arcrole"
_XS = "{http://www.w3.org/2001/XMLSchema}"
_XBRLI = "{http://www.xbrl.org/2003/instance}"


Arc = tuple[str, str, str, str]  # arcrole, from, to, further attributes


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept that facts may be tagged with. `instant`: it is about one day, not a period."""

    name: str
    type: str
    instant: bool = False
    label: str = ""
    documentation: str = ""

    def fits(self, unit: Unit) -> bool:
        """Return whether a fact in this unit may be tagged with the concept."""
        if self.type == MONETARY:
            return unit in (Unit.USD, Unit.USD_M)
        return (unit is Unit.DATE) == (self.type == DATE)


@cache
def concepts() -> dict[str, Concept]:
    """Return the concepts of the taxonomy that ships with the program, by name."""
    root = ElementTree.fromstring(taxonomy())
    found = [e for e in root.iter(f"{_XS}element") if e.get("substitutionGroup") == "xbrli:item"]
    return {
        e.attrib["name"]: Concept(
            e.attrib["name"],
            e.attrib["type"].removeprefix("xbrli:"),
            e.get(f"{_XBRLI}periodType") == "instant",
        )
        for e in found
        if e.get("abstract") != "true"
    }


def concept_of(metric: str, unit: Unit) -> Concept:
    """Return the concept of a fact: that of its metric, or the general one for numbers or dates."""
    own = concepts().get(metric)
    if own is not None and own.fits(unit):
        return own
    return concepts()[OTHER_DATE if unit is Unit.DATE else OTHER_NUMBER]


@cache
def taxonomy() -> str:
    """Return the schema that ships with the program."""
    folder = resources.files("rotascope.report.render") / "taxonomy"
    return (folder / FILE).read_text(encoding="utf-8")


def make_taxonomy() -> str:
    """Return the schema as the catalogue of metrics asks for it."""
    from rotascope.facts.catalogue import load_metrics

    found = [
        Concept(m.name, _TYPES.get(m.unit, DECIMAL), m.name in INSTANTS, _label(m.name), m.summary)
        for m in sorted(load_metrics().values(), key=lambda m: m.name)
    ]
    found += [
        Concept(OTHER_DATE, DATE, False, "Other date", "A date that no metric of the catalogue stands for."),
        Concept(OTHER_NUMBER, DECIMAL, False, "Other number", _OTHER),
    ]
    return _HEAD + "".join([*_elements(found), *_appinfo([*found, *STRUCTURE])]) + "</xs:schema>\n"


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


STRUCTURE = (
    Concept("FactsTable", "", False, "Facts", "The table that all facts of a report stand in."),
    Concept("FactsLineItems", "", False, "Metrics", "What a fact states."),
    Concept("SeriesAxis", "", False, "Series", "The series that the fact is about, in order."),
    Concept("BaseAxis", "", False, "Base", "What the window is measured from."),
    Concept("BaseDomain", "", False, "Bases", "The bases that a window may have."),
    Concept("NoBaseMember", "", False, "No base", "The fact has no window."),
    Concept("PriorCloseMember", "", False, "Prior close", "From the close of the day before the first day."),
    Concept("OpenMember", "", False, "Open", "From the open of the first day."),
    Concept("AsOfAxis", "", False, "As of", "Nothing that was known only later is in the fact."),
    Concept("FactAxis", "", False, "Fact", "The id of the fact in facts.json, with its recipe."),
)  # fmt: skip

_HEAD = f"""<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xbrli="http://www.xbrl.org/2003/instance"
  xmlns:xbrldt="http://xbrl.org/2005/xbrldt" xmlns:link="http://www.xbrl.org/2003/linkbase"
  xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:rot="{NAMESPACE}"
  targetNamespace="{NAMESPACE}" elementFormDefault="qualified" attributeFormDefault="unqualified">
<xs:import namespace="http://www.xbrl.org/2003/instance"
  schemaLocation="http://www.xbrl.org/2003/xbrl-instance-2003-12-31.xsd"/>
<xs:import namespace="http://xbrl.org/2005/xbrldt" schemaLocation="http://www.xbrl.org/2005/xbrldt-2005.xsd"/>
"""


def _elements(found: Sequence[Concept]) -> Iterator[str]:
    for typed, kind in (("Series", "string"), ("AsOf", "date"), ("Fact", "string")):
        yield f'<xs:element id="rot_{typed}" name="{typed}" type="xs:{kind}"/>\n'
        domain = f' xbrldt:typedDomainRef="#rot_{typed}"'
        yield _element(f"{typed}Axis", group="xbrldt:dimensionItem", extra=_ABSTRACT + domain)
    yield _element("BaseAxis", group="xbrldt:dimensionItem", extra=_ABSTRACT)
    yield _element("FactsTable", group="xbrldt:hypercubeItem", extra=_ABSTRACT)
    for name in ("FactsLineItems", "BaseDomain", "NoBaseMember", "PriorCloseMember", "OpenMember"):
        yield _element(name, extra=_ABSTRACT)
    for c in found:
        yield _element(c.name, c.type, period="instant" if c.instant else "duration")


def _element(
    name: str,
    kind: str = "stringItemType",
    *,
    group: str = "xbrli:item",
    period: str = "duration",
    extra: str = "",
) -> str:
    return (
        f'<xs:element id="rot_{name}" name="{name}" type="xbrli:{kind}" substitutionGroup="{group}" '
        f'xbrli:periodType="{period}"{extra}/>\n'
    )


def _appinfo(labelled: Sequence[Concept]) -> Iterator[str]:
    yield "<xs:annotation><xs:appinfo>\n<link:linkbase>\n"
    for name in ("all", "hypercube-dimension", "dimension-domain", "domain-member", "dimension-default"):
        href = f"http://www.xbrl.org/2005/xbrldt-2005.xsd#{name}"
        yield f'<link:arcroleRef xlink:type="simple" xlink:href="{href}" arcroleURI="{_ARCS}/{name}"/>\n'
    yield f'<link:definitionLink xlink:type="extended" xlink:role="{_LINK}">\n'
    arcs = _definitions([c.name for c in labelled if c.type])
    yield from (_locator(name) for name in dict.fromkeys(end for _, a, b, _ in arcs for end in (a, b)))
    for order, (role, start, end, extra) in enumerate(arcs, 1):
        yield _arc("definition", f"{_ARCS}/{role}", start, end, f' order="{order}"{extra}')
    yield "</link:definitionLink>\n</link:linkbase>\n<link:linkbase>\n"
    yield f'<link:labelLink xlink:type="extended" xlink:role="{_LINK}">\n'
    for c in labelled:
        yield _locator(c.name) + _arc("label", f"{_ROLES}/arcrole/concept-label", c.name, f"{c.name}.label")
        for role, text in (("label", c.label), ("documentation", c.documentation)):
            yield (
                f'<link:label xlink:type="resource" xlink:label="{c.name}.label" xml:lang="en" '
                f'xlink:role="{_ROLES}/role/{role}">{escape(text)}</link:label>\n'
            )
    yield "</link:labelLink>\n</link:linkbase>\n</xs:appinfo></xs:annotation>\n"


def _definitions(metrics: Iterable[str]) -> list[Arc]:
    """Return the arcs of the table."""
    closed = ' xbrldt:contextElement="scenario" xbrldt:closed="true"'
    arcs = [("all", "FactsLineItems", "FactsTable", closed)]
    axes = ("SeriesAxis", "BaseAxis", "AsOfAxis", "FactAxis")
    arcs += [("hypercube-dimension", "FactsTable", axis, "") for axis in axes]
    arcs += [
        ("dimension-domain", "BaseAxis", "BaseDomain", ""),
        ("dimension-default", "BaseAxis", "NoBaseMember", ""),
        ("domain-member", "BaseDomain", "NoBaseMember", ""),
        ("domain-member", "BaseDomain", "PriorCloseMember", ""),
        ("domain-member", "BaseDomain", "OpenMember", ""),
    ]
    return arcs + [("domain-member", "FactsLineItems", name, "") for name in metrics]


def _arc(kind: str, role: str, start: str, end: str, extra: str = "") -> str:
    ends = f'xlink:from="{start}" xlink:to="{end}"'
    return f'<link:{kind}Arc xlink:type="arc" xlink:arcrole="{role}" {ends}{extra}/>\n'


def _locator(name: str) -> str:
    return f'<link:loc xlink:type="locator" xlink:href="#rot_{name}" xlink:label="{name}"/>\n'
