"""What stands together in one text or one row must belong together: signs, names and numbers."""

from __future__ import annotations

from rotascope_verify.claims import fixes_sign
from rotascope_verify.failures import CheckError, Log, quote
from rotascope_verify.numerals import prints_zero
from rotascope_verify.spans import Context, Inline, Span

PAIR_GAPS = (" minus ", " \u2212 ")


def check_direction(inline: Inline, context: Context, log: Log) -> None:
    """A number printed without its sign needs a claim about its sign in the same inline."""
    for span in inline.spans:
        if span.kind != "fact" or span.data["form"] != "abs" or prints_zero(inline.words(span)):
            continue
        with log.guard("direction-missing", f"{inline.where}@{span.start}"):
            ref = span.data["ref"]
            value = context.facts.value(ref)
            near = [context.claims.get(s.data["ref"]) for s in inline.spans if s.kind == "claim"]
            if not any(c and ref in c.facts and fixes_sign(c, value) for c in near):
                raise CheckError(f"no claim here says whether {quote(ref)} is above or below zero")


def _facts_of(span: Span, context: Context) -> tuple[str, ...]:
    """Return the ids of the facts that a fact or claim span is about."""
    if span.kind == "fact":
        return (span.data["ref"],)
    claim = context.claims.get(span.data["ref"]) if span.kind == "claim" else None
    return claim.facts if claim else ()


def _series_of(spans: list[Span], context: Context) -> frozenset[str]:
    names = [name for span in spans for name in _facts_of(span, context)]
    return frozenset().union(*(context.facts.series(name) for name in names))


def _own_series(span: Span, context: Context) -> frozenset[str]:
    """Return what a fact is about itself: a rank among funds is about one of them."""
    fact = context.facts.fact(span.data["ref"])
    return frozenset(fact.series) or context.facts.series(fact.id)


def _check_beside(span: Span, series: frozenset[str], context: Context) -> None:
    entity = context.entities.get(span.data["ref"])
    if entity is not None and entity.series not in series:
        raise CheckError(f"the numbers beside {quote(span.data['ref'])} are not about it")


def check_names(inline: Inline, context: Context, log: Log) -> None:
    """In a text with numbers, each name is that of something that its facts and claims are about.

    A number that follows a name, with no other name or number between, is about that name.
    """
    numbers = [s for s in inline.spans if s.kind == "fact"]
    if not numbers:
        return
    claims = [s for s in inline.spans if s.kind == "claim"]
    tagged = [s for s in inline.spans if s.kind in ("fact", "name")]
    for span, after in zip(tagged, [*tagged[1:], None], strict=True):
        if span.kind != "name":
            continue
        with log.guard("name-unrelated", f"{inline.where}@{span.start}"):
            if after is not None and after.kind == "fact":
                series = _own_series(after, context)
            else:
                series = _series_of(numbers + claims, context)
            _check_beside(span, series, context)


def _check_pair(first: Inline | None, numbers: list[tuple[Inline, Span]], context: Context, log: Log) -> None:
    """A row called "A minus B" prints numbers about A and B in this order."""
    names = [s for s in first.spans if s.kind == "name"] if first else []
    if first is None or len(names) != 2 or first.text[names[0].end : names[1].start] not in PAIR_GAPS:
        return
    legs = tuple(context.entities[s.data["ref"]].series for s in names if s.data["ref"] in context.entities)
    for cell, span in numbers:
        with log.guard("name-unrelated", f"{cell.where}@{span.start}"):
            own = context.facts.fact(span.data["ref"]).series
            if len(own) == 2 and own != legs:
                raise CheckError(f"the row is about {quote(first.text)}, the number about {quote(list(own))}")


def _check_two_cells(
    row: tuple[Inline, ...], numbers: list[tuple[Inline, Span]], context: Context, log: Log
) -> None:
    """Where the first cell is a name, a number about two series is about it and the next name."""
    refs = [next((s.data["ref"] for s in cell.spans if s.kind == "name"), None) for cell in row[:2]]
    if len(refs) != 2 or refs[0] not in context.entities:
        return
    if refs[1] not in context.entities and row[0].text != row[0].words(row[0].spans[0]):
        return
    first = context.entities[str(refs[0])].series
    second = context.entities[str(refs[1])].series if refs[1] in context.entities else first
    for cell, span in numbers:
        with log.guard("name-unrelated", f"{cell.where}@{span.start}"):
            own = context.facts.fact(span.data["ref"]).series
            if len(own) == 2 and (own[0] != first or (second != first and own[1] != second)):
                raise CheckError(
                    f"the row is about {quote([first, second])}, the number about {quote(list(own))}"
                )


def check_row(row: tuple[Inline, ...], bound: bool, context: Context, log: Log) -> None:
    """Names of a row are those of its facts; in a bound row, all facts are about the first cell's name."""
    numbers = [(cell, s) for cell in row for s in cell.spans if s.kind == "fact"]
    for cell in row if numbers else ():
        for span in cell.spans:
            if span.kind == "name":
                with log.guard("name-unrelated", f"{cell.where}@{span.start}"):
                    _check_beside(span, _series_of([s for _, s in numbers], context), context)
    _check_pair(row[0] if row else None, numbers, context, log)
    _check_two_cells(row, numbers, context, log)
    if not bound:
        return
    names = {s.data["ref"] for s in row[0].spans if s.kind == "name"} & context.entities.keys()
    for cell, span in numbers:
        with log.guard("row-binding", f"{cell.where}@{span.start}"):
            series = context.facts.series(span.data["ref"])
            for name in sorted(names):
                if context.entities[name].series not in series:
                    raise CheckError(f"{quote(span.data['ref'])} is not about {quote(name)}")
