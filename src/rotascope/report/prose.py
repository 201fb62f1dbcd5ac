"""Sentences from tagged pieces.

A sentence is a template with named places; each place takes a `Piece` that knows what its text rests on: a
fact, a date, a name, a comparison or a citation. The template itself may hold no digit. What a sentence says
is checked later by the independent verifier, which reads the finished text from nothing.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rotascope.model.documents import ClaimRecord, Entity, Inline, Quotation, Span
from rotascope.model.facts import Fact, Window
from rotascope.model.numerals import render, render_date
from rotascope.model.observations import Source
from rotascope.model.units import Unit
from rotascope.model.universe import Universe

_DIGIT = re.compile(r"\d")
# Fixed terms with a number in them that no fact stands behind; docs/bundle-format.md lists them.
_LITERAL = re.compile(r"S&P 500|Magnificent 7|\b(?:10-year|2-year|3-month|ten-year|Ten-year|two-year)\b")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text with the keys of its span. A piece without a kind is plain text."""

    text: str
    kind: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    claim: ClaimRecord | None = None
    facts: tuple[Fact, ...] = ()


def number(fact: Fact, form: str = "plain", style: str = "long", decimals: int | None = None) -> Piece:
    """Return a fact as text. `abs` leaves the sign to a verb, which must be a claim about the same fact."""
    places = fact.decimals if decimals is None else decimals
    style = "long" if fact.unit is Unit.DATE and style == "long" else style
    text = render(fact.value, fact.unit, form, style, places)
    data = {"ref": fact.id, "form": form, "style": style, "decimals": places}
    return Piece(text, "fact", data, facts=(fact,))


def day(fact: Fact, path: str, style: str = "long") -> Piece:
    """Return a date of a fact's window, or its as-of date."""
    value = fact.as_of if path == "as_of" else getattr(fact.window, path)
    return Piece(
        render_date(value, style), "date", {"ref": fact.id, "path": path, "style": style}, facts=(fact,)
    )


class Prose:
    """Makes inlines and keeps the claims, entities and facts that they use."""

    def __init__(self, universe: Universe, window: Window | None = None) -> None:
        """Names come from the universe; `window` tells what a fund stood in for then (without one: today)."""
        self.universe = universe
        self._span = (date.max, date.max) if window is None else (window.start, window.end)
        self.claims: list[ClaimRecord] = []
        self.entities: dict[str, Entity] = {}
        self.facts: dict[str, Fact] = {}
        self.cited: list[str] = []
        self.quotes: dict[str, Quotation] = {}
        self._drafts = 0

    def name(self, series: str, choice: int | str = 0, *, of: Piece | None = None, role: str = "") -> Piece:
        """Return a name of a series: the full one, a shorter one by position, or one of them by its text.

        `of` and `role` tie the name to a claim as its subject or object.
        """
        instrument = self.universe.instrument(series)
        text = choice if isinstance(choice, str) else instrument.names[min(choice, len(instrument.names) - 1)]
        if text not in instrument.names:
            raise ValueError(f"{text!r} is not a name of {series}")
        proxy = instrument.proxy_in(*self._span)
        note = f"proxy for the {proxy}" if proxy else ""
        self.entities.setdefault(series, Entity(series, instrument.names, series, note))
        data: dict[str, Any] = {"ref": series}
        if of is not None:
            data |= {"claim": of.data["ref"], "role": role}
        return Piece(text, "name", data)

    def claim(
        self,
        word: str,
        predicate: str,
        *facts: Fact,
        subject: str | None = None,
        object: str | None = None,
        **params: Any,
    ) -> Piece:
        """Return a comparison word bound to a predicate over facts."""
        self._drafts += 1
        ref = f"c{self._drafts}"
        record = ClaimRecord(ref, predicate, tuple(f.id for f in facts), params, subject, object)
        return Piece(word, "claim", {"ref": ref}, record, facts)

    def cite(self, source: str) -> Piece:
        """Return the mark of a publication; numbers follow the order of first use."""
        if source not in self.cited:
            self.cited.append(source)
        n = self.cited.index(source) + 1
        return Piece(f"[{n}]", "cite", {"n": n})

    def quote(self, source: Source, words: str) -> Piece:
        """Return words of a publication; they stand between quotation marks, with its mark beside them."""
        found = Quotation(source.id, source.sha256, words)
        key = next((k for k, q in self.quotes.items() if q == found), f"q{len(self.quotes) + 1}")
        self.quotes[key] = found
        return Piece(words, "quote", {"ref": key})

    def database(self) -> Piece:
        """Return the mark of the market database."""
        return Piece("[0]", "cite", {"n": 0})

    def say(self, template: str, **pieces: Piece | Inline | str) -> Inline:
        """Fill a template. Digits outside of pieces are refused, because nothing would vouch for them."""
        text, spans = "", list[Span]()
        for literal, place, _, _ in string.Formatter().parse(template):
            if _DIGIT.search(_LITERAL.sub("", literal)):
                raise ValueError(f"a digit stands outside of every piece: {literal!r}")
            found = _LITERAL.finditer(literal)
            spans += [Span(len(text) + m.start(), len(text) + m.end(), "literal", {}) for m in found]
            text += literal
            if place is None:
                continue
            piece = pieces[place]
            if isinstance(piece, Inline):
                spans += [Span(s.start + len(text), s.end + len(text), s.kind, s.data) for s in piece.spans]
                text += piece.text
            elif isinstance(piece, str):
                if _DIGIT.search(piece):
                    raise ValueError(f"a digit stands outside of every piece: {piece!r}")
                text += piece
            else:
                if piece.kind:
                    spans.append(Span(len(text), len(text) + len(piece.text), piece.kind, piece.data))
                    self._use(piece)
                text += piece.text
        return Inline(text, tuple(spans))

    def cell(self, piece: Piece | str) -> Inline:
        """Return a table cell."""
        return self.say("{x}", x=piece)

    def join(self, *sentences: Inline | None) -> Inline:
        """Return sentences as one paragraph; None is left out."""
        text, spans = "", list[Span]()
        for sentence in sentences:
            if sentence is None:
                continue
            text += " " if text else ""
            spans += [Span(s.start + len(text), s.end + len(text), s.kind, s.data) for s in sentence.spans]
            text += sentence.text
        return Inline(text, tuple(spans))

    def _use(self, piece: Piece) -> None:
        for fact in piece.facts:
            self.facts[fact.id] = fact
        if piece.claim is not None and piece.claim not in self.claims:
            self.claims.append(piece.claim)


def capital(inline: Inline) -> Inline:
    """Return the line with a capital first letter; the name that starts it has one among its forms."""
    return Inline(inline.text[:1].upper() + inline.text[1:], inline.spans)
