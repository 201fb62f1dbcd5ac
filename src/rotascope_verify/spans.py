"""The text of a report as inlines with spans, and the rule of each kind of span."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rotascope_verify.claims import Claim, check_word
from rotascope_verify.evaluate import Facts
from rotascope_verify.failures import CheckError, Log, quote
from rotascope_verify.lexicon import LITERAL_MONTHS, LITERALS
from rotascope_verify.numerals import render, render_day
from rotascope_verify.quotations import Quotation
from rotascope_verify.reading import as_list, as_object, as_whole, check_keys, get_text
from rotascope_verify.sources import Entity, Source

SPAN_KEYS: dict[str, tuple[str, str]] = {
    "fact": ("ref form style decimals", ""),
    "date": ("ref path style", ""),
    "name": ("ref", "claim role"),
    "claim": ("ref", ""),
    "cite": ("n", ""),
    "literal": ("", ""),
    "source": ("ref n", ""),
    "related": ("n", ""),
    "quote": ("ref", ""),
}


@dataclass(frozen=True, slots=True)
class Span:
    """A tagged piece of an inline, [start, end) in code points. `data` holds the keys of its kind."""

    start: int
    end: int
    kind: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Inline:
    """A text with its spans. `where` is its place (b7, b7.h2, b7.r0.c1), `kind` that of its block."""

    where: str
    kind: str
    text: str
    spans: tuple[Span, ...]

    def words(self, span: Span) -> str:
        """Return the text of a span."""
        return self.text[span.start : span.end]

    def covered(self, start: int, end: int, kinds: frozenset[str] | None = None) -> bool:
        """Whether one span (of the given kinds) holds all of [start, end)."""
        return any(
            s.start <= start and end <= s.end and (kinds is None or s.kind in kinds) for s in self.spans
        )


@dataclass(frozen=True, slots=True)
class Context:
    """What spans may refer to."""

    facts: Facts
    claims: dict[str, Claim]
    entities: dict[str, Entity]
    sources: dict[str, Source]
    citations: dict[int, tuple[str, ...]]
    report_days: dict[str, str]
    quotes: dict[str, Quotation] = field(default_factory=dict)
    related: tuple[str, ...] = ()


def parse_spans(raw: Any, text: str, where: str, log: Log) -> tuple[Span, ...]:
    """Return the spans of a text that can be read. Failures: span-shape, span-order."""
    out: list[Span] = []
    with log.guard("span-shape", where):
        for item in as_list(raw, "spans"):
            with log.guard("span-shape", where):
                span = _parse_span(item, len(text))
                if out and span.start < out[-1].end:
                    raise CheckError(f"the span at {span.start} overlaps or is out of order", "span-order")
                out.append(span)
    return tuple(out)


def _parse_span(item: Any, length: int) -> Span:
    obj = as_object(item, "a span")
    kind = obj.get("kind")
    if not isinstance(kind, str) or kind not in SPAN_KEYS:
        raise CheckError(f"there is no kind of span {quote(kind)}")
    need, may = SPAN_KEYS[kind]
    check_keys(obj, f"start end kind {need}", may)
    start = as_whole(obj["start"], "start", 0, length)
    end = as_whole(obj["end"], "end", start + 1, length)
    for key in obj.keys() & {"ref", "form", "style", "path", "claim", "role"}:
        get_text(obj, key)
    for key in obj.keys() & {"n", "decimals"}:
        as_whole(obj[key], key, 0, 100_000 if key == "n" else 12)
    if ("claim" in obj) != ("role" in obj):
        raise CheckError("a name has both claim and role, or neither")
    return Span(start, end, kind, {k: v for k, v in obj.items() if k not in ("start", "end", "kind")})


def _same(text: str, expected: str) -> None:
    if text != expected:
        raise CheckError(f"prints {quote(text)} where {quote(expected)} is true", "text-differs")


def _check_fact(inline: Inline, span: Span, context: Context) -> None:
    d = span.data
    fact = context.facts.fact(d["ref"])
    value = context.facts.value(fact.id)
    try:
        expected = render(value, fact.unit, d["form"], d["style"], d["decimals"])
    except CheckError as error:
        raise CheckError(f"{quote(fact.id)}: {error.what}", "span-form") from None
    _same(inline.words(span), expected)


def find_day(context: Context, ref: str, path: str) -> str:
    """Return the date that a date span refers to. Raises CheckError (ref-missing)."""
    if ref == "report":
        days = context.report_days
    elif ref.startswith("source:"):
        source = context.sources.get(ref.removeprefix("source:"))
        days = {"published": source.published} if source else {}
    else:
        fact = context.facts.fact(ref)
        days = {k: v for k, v in fact.window.items() if k != "base"} | {"as_of": fact.as_of}
    if not days.get(path):
        raise CheckError(f"there is no date {quote(path)} of {quote(ref)}", "ref-missing")
    return days[path]


def _check_date(inline: Inline, span: Span, context: Context) -> None:
    day = find_day(context, span.data["ref"], span.data["path"])
    try:
        expected = render_day(day, span.data["style"])
    except CheckError as error:
        raise CheckError(error.what, "span-form") from None
    _same(inline.words(span), expected)


def _check_name(inline: Inline, span: Span, context: Context) -> None:
    ref = span.data["ref"]
    entity = context.entities.get(ref)
    if entity is None:
        raise CheckError(f"there is no entity {quote(ref)}", "ref-missing")
    if inline.words(span) not in entity.names:
        raise CheckError(f"{quote(inline.words(span))} is not a name of {quote(ref)}", "text-differs")
    if "claim" not in span.data:
        return
    claim = context.claims.get(span.data["claim"])
    if claim is None:
        raise CheckError(f"there is no claim {quote(span.data['claim'])}", "ref-missing")
    role = span.data["role"]
    if role not in ("subject", "object") or ref != (claim.subject if role == "subject" else claim.object):
        raise CheckError(f"{quote(ref)} is not the {quote(role)} of claim {quote(claim.id)}", "claim-party")


def _check_claim_span(inline: Inline, span: Span, context: Context) -> None:
    claim = context.claims.get(span.data["ref"])
    if claim is None:
        raise CheckError(f"there is no claim {quote(span.data['ref'])}", "ref-missing")
    values = [context.facts.value(name) for name in claim.facts]
    check_word(claim, inline.words(span), values, _ordinal_before(inline, span, claim))
    for role, entity in (("subject", claim.subject), ("object", claim.object)):
        wanted = {"ref": entity, "claim": claim.id, "role": role}
        if entity is not None and not any(s.kind == "name" and s.data == wanted for s in inline.spans):
            raise CheckError(
                f"the {role} of claim {quote(claim.id)} is not named in the same text", "claim-party"
            )


def _ordinal_before(inline: Inline, span: Span, claim: Claim) -> bool:
    """Whether an ordinal of the claim's fact stands right before, as in "the second largest"."""
    return any(
        s.kind == "fact"
        and s.data["form"] == "ordinal"
        and s.data["ref"] == claim.facts[0]
        and inline.text[s.end : span.start] in (" ", "-")
        for s in inline.spans
    )


def _check_cite(inline: Inline, span: Span, context: Context) -> None:
    n = span.data["n"]
    if n not in context.citations:
        raise CheckError(f"there is no citation {n}", "ref-missing")
    _same(inline.words(span), f"[{n}]")


def _check_literal(inline: Inline, span: Span, context: Context) -> None:
    if inline.words(span) not in LITERALS:
        raise CheckError(f"{quote(inline.words(span))} is not on the list of literals", "literal-unknown")
    length = LITERAL_MONTHS.get(inline.words(span).lower())
    near = [context.facts.fact(s.data["ref"]) for s in inline.spans if s.kind == "fact"]
    lengths = {fact.params["months"] for fact in near if "months" in fact.params}
    if length is not None and lengths and length not in lengths:
        raise CheckError(f"{quote(inline.words(span))} is not the length of the windows here", "text-differs")


def _check_source(inline: Inline, span: Span, context: Context) -> None:
    n, ref = span.data["n"], span.data["ref"]
    if inline.kind != "source" or (span.start, span.end) != (0, len(inline.text)):
        raise CheckError("a source span is the whole text of a source block", "source-block")
    if ref not in context.citations.get(n, ()) or ref not in context.sources:
        raise CheckError(f"citation {n} does not hold the source {quote(ref)}", "ref-missing")
    _same(inline.text, context.sources[ref].citation(n))


def _check_related(inline: Inline, span: Span, context: Context) -> None:
    n = span.data["n"]
    if inline.kind != "item" or (span.start, span.end) != (0, len(inline.text)):
        raise CheckError("a related span is the whole text of an item", "related-block")
    if n >= len(context.related):
        raise CheckError(f"there is no entry {n} of related reading", "ref-missing")
    _same(inline.text, context.related[n])


def _check_quote(inline: Inline, span: Span, context: Context) -> None:
    """A quotation is the whole excerpt in quotation marks, with the mark of its source in the same text."""
    found = context.quotes.get(span.data["ref"])
    if found is None:
        raise CheckError(f"there is no quotation {quote(span.data['ref'])}", "ref-missing")
    _same(inline.words(span), found.excerpt)
    around = inline.text[: span.start][-1:] + inline.text[span.end :][:1]
    if inline.kind != "paragraph" or around != "\u201c\u201d":
        raise CheckError("a quotation stands in a paragraph between quotation marks", "quote-marks")
    cited = [s.data["n"] for s in inline.spans if s.kind == "cite"]
    if not any(found.source in context.citations.get(n, ()) for n in cited):
        raise CheckError(f"the source {quote(found.source)} is not cited beside it", "quote-source")


SPAN_RULES: dict[str, Callable[[Inline, Span, Context], None]] = {
    "fact": _check_fact,
    "date": _check_date,
    "name": _check_name,
    "claim": _check_claim_span,
    "cite": _check_cite,
    "literal": _check_literal,
    "source": _check_source,
    "quote": _check_quote,
    "related": _check_related,
}


def check_spans(inline: Inline, context: Context, log: Log) -> None:
    """Check each span of an inline by the rule of its kind."""
    for span in inline.spans:
        with log.guard("span-bad", f"{inline.where}@{span.start}"):
            SPAN_RULES[span.kind](inline, span, context)
    if inline.kind == "source" and [s.kind for s in inline.spans] != ["source"]:
        log.add("source-block", inline.where, "a source block has one source span over its whole text")
