"""report.xhtml: the text of report.json as Inline XBRL, every fact tagged, and nothing else."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from rotascope_verify.document import Document
from rotascope_verify.evaluate import Facts
from rotascope_verify.failures import CheckError, Log, quote
from rotascope_verify.spans import Inline, Span
from rotascope_verify.xbrl_expect import (
    TAXONOMY,
    TAXONOMY_SPACE,
    XBRL_MEASURES,
    XbrlConcept,
    check_xbrl_value,
    xbrl_concept,
    xbrl_context,
    xbrl_tag,
)

XHTML = "report.xhtml"
XML_SPACES = {
    "": "http://www.w3.org/1999/xhtml",
    "ix": "http://www.xbrl.org/2013/inlineXBRL",
    "ixt": "http://www.xbrl.org/inlineXBRL/transformation/2022-02-16",
    "xbrli": "http://www.xbrl.org/2003/instance",
    "xbrldi": "http://xbrl.org/2006/xbrldi",
    "link": "http://www.xbrl.org/2003/linkbase",
    "xlink": "http://www.w3.org/1999/xlink",
    "iso4217": "http://www.xbrl.org/2003/iso4217",
    "rot": TAXONOMY_SPACE,
}
XML_PREFIXES = {uri: f"{prefix}:" if prefix else "" for prefix, uri in XML_SPACES.items()}
XHTML_PARTS = frozenset("div h1 h2 h3 p ul li table caption thead tbody tr th td".split())  # noqa: SIM905
XHTML_ATTRIBUTES = frozenset({"id", "class", "scope"})
XHTML_STYLE = re.compile(
    r"display|visibility|opacity|content|position|clip|transform|indent|filter|@|url|\\|font-size\s*:\s*0(?![.\d])",
    re.I,
)
HIDDEN_STYLE = re.compile(r"-ix-hidden:(h[0-9]+)")
XBRL_ENTITY = ("https://rotascope.org/entity", "rotascope")


@dataclass(slots=True)
class XbrlMark:
    """A tagged place as the page has it: the ix element, or the span that refers to a hidden one."""

    start: int
    text: str
    name: str
    attributes: dict[str, str]


@dataclass(slots=True)
class XbrlText:
    """What the page shows for one inline."""

    key: str
    text: str = ""
    marks: list[XbrlMark] = field(default_factory=list)


@dataclass(slots=True)
class XbrlHeader:
    """What lies in ix:header, by id. `notes` are footnotes, `links` the elements that each is about."""

    hidden: dict[str, ElementTree.Element] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)
    contexts: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    schema: str = ""


def parse_xml(text: str, spaces: dict[str, str] | None = None) -> ElementTree.Element:
    """Return the root of an XML text without declarations, comments and instructions. Raises CheckError.

    spaces: the prefixes that must be declared, once each, and no others.
    """
    if "<!" in text or text.count("<?") != 1 or not text.startswith("<?xml "):
        raise CheckError("there is a declaration, a comment or an instruction in the XML")
    try:
        events = ElementTree.iterparse(io.BytesIO(text.encode()), events=("start-ns",))
        declared = [pair for _, pair in events]
    except ElementTree.ParseError as error:
        raise CheckError(f"not XML: {error}") from None
    if spaces is not None and sorted(declared) != sorted(spaces.items()):
        raise CheckError("the namespaces are not those of the format")
    root: ElementTree.Element = events.root  # type: ignore[attr-defined]
    return root


def xml_name(element: ElementTree.Element) -> str:
    """Return the name of an element with the prefix of the format: `p`, `ix:hidden`."""
    space, _, local = element.tag.removeprefix("{").rpartition("}")
    return XML_PREFIXES.get(space, "?:") + local


def xml_children(element: ElementTree.Element, *names: str) -> list[ElementTree.Element]:
    """Return the children of an element that holds no text and nothing but elements of these names."""
    children = list(element)
    if (element.text or "").strip() or any((child.tail or "").strip() for child in children):
        raise CheckError(f"there is text in {xml_name(element)} outside the text of the report")
    for child in children:
        if xml_name(child) not in names:
            raise CheckError(f"{xml_name(element)} holds {quote(xml_name(child))}")
    return children


def parse_taxonomy(text: str) -> dict[str, XbrlConcept]:
    """Return the concepts of the taxonomy that facts may be tagged with."""
    root = parse_xml(text)
    schema, instance = "{http://www.w3.org/2001/XMLSchema}", "{http://www.xbrl.org/2003/instance}"
    if root.tag != f"{schema}schema" or root.get("targetNamespace") != TAXONOMY_SPACE:
        raise CheckError("the taxonomy has another namespace")
    out: dict[str, XbrlConcept] = {}
    for element in root.findall(f"{schema}element"):
        if element.get("substitutionGroup") != "xbrli:item" or element.get("abstract") == "true":
            continue
        name, kind = element.get("name", ""), element.get("type", "").removeprefix("xbrli:")
        period = element.get(f"{instance}periodType", "")
        kinds = ("decimalItemType", "monetaryItemType", "dateItemType")
        if name in out or kind not in kinds or period not in ("duration", "instant"):
            raise CheckError(f"the concept {quote(name)} is of another kind or occurs twice")
        out[name] = XbrlConcept(name, kind, period)
    return out


def check_xhtml(
    text: str, taxonomy: str | None, document: Document, facts: Facts, raw: dict[str, Any], log: Log
) -> None:
    """Compare report.xhtml with the text and the facts.

    raw: the objects of facts.json by id. Failures: xbrl-shape, xbrl-text, xbrl-fact, xbrl-value,
    xbrl-context, xbrl-taxonomy.
    """
    with log.guard("xbrl-taxonomy", TAXONOMY):
        if taxonomy is None:
            raise CheckError("the taxonomy of report.xhtml is missing")
        concepts = parse_taxonomy(taxonomy)
        with log.guard("xbrl-shape", XHTML):
            root = parse_xml(text, XML_SPACES)
            head, body = xml_children(root, "head", "body")
            _check_head(head, document)
            division, *parts = xml_children(body, *XHTML_PARTS)
            header = _parse_header(division)
            shown = [entry for part in parts for entry in _texts(part)]
            _XbrlCheck(concepts, header, facts, raw, log).run(shown, document)


def _check_head(head: ElementTree.Element, document: Document) -> None:
    meta, title, style = xml_children(head, "meta", "title", "style")
    if meta.attrib != {"http-equiv": "Content-Type", "content": "text/html; charset=UTF-8"}:
        raise CheckError("the meta element is not that of the format")
    if title.text != document.title():
        raise CheckError(f"the title is {quote(title.text)}")
    if found := XHTML_STYLE.search(style.text or ""):
        raise CheckError(f"the style has {quote(found[0])}, which could hide or add text")


def _parse_header(division: ElementTree.Element) -> XbrlHeader:
    if xml_name(division) != "div" or division.attrib != {"style": "display:none"}:
        raise CheckError("the header does not lie in the first, hidden division")
    (element,) = xml_children(division, "ix:header")
    out = XbrlHeader()
    for part in xml_children(element, "ix:hidden", "ix:references", "ix:resources"):
        if xml_name(part) == "ix:hidden":
            _parse_hidden(part, out)
        elif xml_name(part) == "ix:references":
            (reference,) = xml_children(part, "link:schemaRef")
            out.schema = reference.get("{http://www.w3.org/1999/xlink}href", "")
        else:
            _parse_resources(part, out)
    if out.schema != TAXONOMY:
        raise CheckError(f"the schema is {quote(out.schema)}, not {TAXONOMY}")
    return out


def _parse_hidden(part: ElementTree.Element, out: XbrlHeader) -> None:
    for child in xml_children(part, "ix:nonFraction", "ix:nonNumeric", "ix:footnote"):
        name = child.get("id", "")
        if name in out.hidden or name in out.notes or len(child):
            raise CheckError(f"the hidden element {quote(name)} occurs twice or holds others")
        if xml_name(child) == "ix:footnote":
            out.notes[name] = child.text or ""
        else:
            out.hidden[name] = child


def _parse_resources(part: ElementTree.Element, out: XbrlHeader) -> None:
    for child in xml_children(part, "ix:relationship", "xbrli:context", "xbrli:unit"):
        name = child.get("id", "")
        if xml_name(child) == "ix:relationship":
            out.links.setdefault(child.get("toRefs", ""), []).extend(child.get("fromRefs", "").split())
        elif name in out.contexts or name in out.units:
            raise CheckError(f"the id {quote(name)} occurs twice")
        elif xml_name(child) == "xbrli:unit":
            (measure,) = xml_children(child, "xbrli:measure")
            out.units[name] = measure.text or ""
        else:
            out.contexts[name] = _parse_context(child)


def _parse_context(element: ElementTree.Element) -> tuple[Any, ...]:
    """Return (first day, last day, members by dimension), as `xbrl_context` does."""
    entity, period, scenario = xml_children(element, "xbrli:entity", "xbrli:period", "xbrli:scenario")
    (identifier,) = xml_children(entity, "xbrli:identifier")
    if (identifier.get("scheme"), identifier.text) != XBRL_ENTITY:
        raise CheckError("the entity of a context is another")
    days = {
        xml_name(e): e.text or ""
        for e in xml_children(period, "xbrli:instant", "xbrli:startDate", "xbrli:endDate")
    }
    members: dict[str, str] = {}
    for member in xml_children(scenario, "xbrldi:explicitMember", "xbrldi:typedMember"):
        axis = member.get("dimension", "").removeprefix("rot:")
        if axis in members:
            raise CheckError(f"a context has {quote(axis)} twice")
        if xml_name(member) == "xbrldi:explicitMember":
            members[axis] = member.text or ""
        else:
            (typed,) = xml_children(member, f"rot:{axis.removesuffix('Axis')}")
            members[axis] = typed.text or ""
    if set(days) == {"xbrli:instant"}:
        return ("", days["xbrli:instant"], members)
    return (days["xbrli:startDate"], days["xbrli:endDate"], members)


def _texts(part: ElementTree.Element) -> Iterator[XbrlText]:
    """Yield the texts of an element of the body: itself if it has an id, else those inside it."""
    if part.attrib.keys() - XHTML_ATTRIBUTES:
        raise CheckError(f"{xml_name(part)} has {quote(', '.join(sorted(part.attrib)))}")
    if "id" not in part.attrib:
        for child in xml_children(part, *XHTML_PARTS):
            yield from _texts(child)
        return
    out = XbrlText(part.attrib["id"], part.text or "")
    for child in part:
        name, text = xml_name(child), child.text or ""
        if name not in ("span", "ix:nonFraction", "ix:nonNumeric") or len(child):
            raise CheckError(f"{quote(out.key)} holds {quote(name)}, or one that holds others")
        out.marks.append(XbrlMark(len(out.text), text, name, dict(child.attrib)))
        out.text += text + (child.tail or "")
    yield out


class _XbrlCheck:
    """Compares the page with the text; keeps what was used, so that nothing else lies in the header."""

    def __init__(
        self,
        concepts: dict[str, XbrlConcept],
        header: XbrlHeader,
        facts: Facts,
        raw: dict[str, Any],
        log: Log,
    ) -> None:
        self.concepts, self.header, self.facts, self.raw, self.log = concepts, header, facts, raw, log
        self.used: dict[str, set[str]] = {"contexts": set(), "units": set(), "hidden": set()}
        self.elements: dict[str, str] = {}  # id of an ix element -> fact

    def run(self, shown: list[XbrlText], document: Document) -> None:
        inlines = document.inlines()
        if [entry.key for entry in shown] != [inline.where for inline in inlines]:
            self.log.add("xbrl-text", XHTML, "the texts are not those of report.json, each once and in order")
        texts = {inline.where: inline for inline in inlines}
        for entry in shown:
            inline = texts.get(entry.key)
            if inline is not None:
                self.check_text(entry, inline)
        for kind, used in self.used.items():
            if unused := sorted(getattr(self.header, kind).keys() - used):
                self.log.add("xbrl-context", XHTML, f"no fact uses the {kind} {quote(', '.join(unused))}")
        self.check_notes()

    def check_text(self, entry: XbrlText, inline: Inline) -> None:
        where = f"{XHTML}:{inline.where}"
        if entry.text != inline.text:
            self.log.add("xbrl-text", where, f"shows {quote(entry.text)}, not {quote(inline.text)}")
        spans = [s for s in inline.spans if s.kind == "fact"]
        if len(spans) != len(entry.marks):
            self.log.add("xbrl-fact", where, f"tags {len(entry.marks)} places, but prints {len(spans)} facts")
            return
        for mark, span in zip(entry.marks, spans, strict=True):
            with self.log.guard("xbrl-fact", f"{where}@{span.start}"):
                self.check_mark(mark, span, inline.words(span))

    def check_mark(self, mark: XbrlMark, span: Span, words: str) -> None:
        fact, value = self.facts.fact(span.data["ref"]), self.facts.value(span.data["ref"])
        concept = xbrl_concept(fact, self.concepts)
        want = xbrl_tag(fact, value, span, words, concept)
        if (mark.start, mark.text) != (want.start, want.text):
            raise CheckError(
                f"tags {quote(mark.text)} at {mark.start}, not {quote(want.text)} at {want.start}"
            )
        name, attributes, content = mark.name, dict(mark.attributes), mark.text
        if want.hidden:
            link = HIDDEN_STYLE.fullmatch(attributes.get("style", ""))
            if (
                name != "span"
                or set(attributes) != {"style"}
                or not link
                or link[1] not in self.header.hidden
            ):
                raise CheckError(f"{quote(words)} does not refer to a hidden element")
            self.used["hidden"].add(link[1])
            element = self.header.hidden[link[1]]
            name, attributes, content = xml_name(element), dict(element.attrib), element.text or ""
        self.note_element(attributes.pop("id", ""), fact.id, want.hidden)
        self.check_references(attributes, fact.id, xbrl_context(fact, concept, self.base(fact.id)), fact.unit)
        if name != f"ix:{want.element}" or attributes != want.attributes or content != want.content:
            got = f"{name} {attributes} {content}"
            raise CheckError(
                f"is {quote(got)}, not {quote(f'ix:{want.element} {want.attributes} {want.content}')}"
            )
        if want.element == "nonFraction":
            check_xbrl_value(attributes, content, value, fact.unit)

    def base(self, fact: str) -> str:
        window = self.raw.get(fact, {}).get("window")
        return str(window.get("base")) if isinstance(window, dict) else ""

    def note_element(self, name: str, fact: str, again: bool) -> None:
        known = self.elements.get(name)
        if not name or (known is not None and not (again and known == fact)):
            raise CheckError(f"the id {quote(name)} of a tag is missing or occurs twice")
        self.elements[name] = fact

    def check_references(
        self, attributes: dict[str, str], fact: str, context: tuple[Any, ...], unit: str
    ) -> None:
        name = attributes.pop("contextRef", "")
        self.used["contexts"].add(name)
        if self.header.contexts.get(name) != context:
            got = self.header.contexts.get(name)
            raise CheckError(
                f"the context of {quote(fact)} is {quote(got)}, not {quote(context)}", "xbrl-context"
            )
        if unit == "date":
            return
        name = attributes.pop("unitRef", "")
        self.used["units"].add(name)
        measure = XBRL_MEASURES.get(unit, "xbrli:pure")
        if self.header.units.get(name) != measure:
            raise CheckError(
                f"the unit is {quote(self.header.units.get(name))}, not {measure}", "xbrl-context"
            )

    def check_notes(self) -> None:
        """Each footnote is a note of the facts that it is tied to, and every note of a fact is there."""
        want: dict[str, set[str]] = {}
        for element, fact in self.elements.items():
            for note in self.raw.get(fact, {}).get("notes", []):
                want.setdefault(note, set()).add(element)
        got = {self.header.notes.get(to, ""): set(ends) for to, ends in self.header.links.items()}
        if got != want or len(self.header.notes) != len(self.header.links):
            self.log.add("xbrl-fact", XHTML, "the footnotes are not the notes of the facts")
