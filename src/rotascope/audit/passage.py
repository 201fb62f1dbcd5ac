"""A sentence with its names, dates and numbers, each also as one character of a shorter text.

In `shape`, "The Russell 2000 rose 1.5% in January" reads "The S rose M in D" with one private character for
each of S, M and D. Patterns over shapes stay short, and what stands between two things is what is left there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from rotascope.audit.dates import When, find_dates
from rotascope.audit.mentions import Kind, Mention, find_mentions
from rotascope.audit.names import Subject, find_subjects
from rotascope.audit.text import Sentence, sentences
from rotascope.model.universe import Universe

_S, _M, _D = 0xE000, 0xE400, 0xE800
_MOST = 0x400
S, M, D = "[\ue000-\ue3ff]", "[\ue400-\ue7ff]", "[\ue800-\uebff]"
"""Classes of a pattern over shapes: a name, a number, a date."""

# characters that mean the same, one for one, so that places in the text stay what they are
_PLAIN = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "−": "-",
        "‑": "-",
        "\t": " ",
        # what stands for names, numbers and dates in a shape may not come with the text
        **{chr(code): " " for code in range(_S, _D + _MOST)},
    }
)
_ASIDE = re.compile(r"\s*\(([^()]*)\)")


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence; the offsets of its names, numbers and dates count from the start of the article."""

    sentence: Sentence
    subjects: tuple[Subject, ...]
    mentions: tuple[Mention, ...]
    dates: tuple[When, ...]
    shape: str

    def subject(self, token: str) -> Subject:
        """Return the name that a character of the shape stands for."""
        return self.subjects[ord(token) - _S]

    def mention(self, token: str) -> Mention:
        """Return the number that a character of the shape stands for."""
        return self.mentions[ord(token) - _M]

    def when(self, token: str) -> When:
        """Return the date that a character of the shape stands for."""
        return self.dates[ord(token) - _D]

    def token(self, mention: Mention) -> str:
        """Return the character of the shape that stands for a number."""
        return chr(_M + self.mentions.index(mention))


def plain(text: str) -> str:
    """Return a text of the same length with plain quotation marks, spaces and minus signs."""
    return text.translate(_PLAIN)


def passages(text: str, universe: Universe, published: date) -> list[Passage]:
    """Return the sentences of an article with what they name."""
    return [_passage(s, universe, published) for s in sentences(plain(text))]


def _passage(sentence: Sentence, universe: Universe, published: date) -> Passage:
    text = sentence.text
    subjects = find_subjects(text, universe)[:_MOST]
    dates = [d for d in find_dates(text, published) if not _overlaps(d, subjects)][:_MOST]
    ends = {s.start: s.end for s in subjects} | {d.start: d.end for d in dates}
    mentions = find_mentions(text, taken=ends.get)[:_MOST]
    tokens: list[tuple[int, int, str]] = [(s.start, s.end, chr(_S + i)) for i, s in enumerate(subjects)]
    tokens += [(d.start, d.end, chr(_D + i)) for i, d in enumerate(dates)]
    tokens += [(m.start, m.end, chr(_M + i)) for i, m in enumerate(mentions) if m.kind is not Kind.MARK]
    tokens += [(m.start, m.end, "") for m in mentions if m.kind is Kind.MARK]
    return Passage(
        sentence,
        tuple(replace(s, start=s.start + sentence.start, end=s.end + sentence.start) for s in subjects),
        tuple(replace(m, start=m.start + sentence.start, end=m.end + sentence.start) for m in mentions),
        tuple(replace(d, start=d.start + sentence.start, end=d.end + sentence.start) for d in dates),
        _shape(text, sorted(tokens)),
    )


def _overlaps(when: When, subjects: list[Subject]) -> bool:
    return any(s.start < when.end and when.start < s.end for s in subjects)


def _shape(text: str, tokens: list[tuple[int, int, str]]) -> str:
    out, at = "", 0
    for start, end, token in tokens:
        out += text[at:start] + token
        at = end
    out += text[at:]
    # an aside without a number only says more of the name before it
    return _ASIDE.sub(lambda m: m[0] if re.search(M, m[1]) else "", out)
