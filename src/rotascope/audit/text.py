"""An article as paragraphs and sentences with their places in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ABBREVIATIONS = re.compile(
    r"\b(?:U\.S|U\.K|e\.g|i\.e|vs|approx|Inc|Corp|Co|Ltd|Mr|Ms|Mrs|Dr|St|No|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|"
    r"Dec|Mon|Tue|Tues|Wed|Thu|Thurs|Fri|[A-Z])\.$"
)
_END = re.compile(r"[.!?]+[\"”’')\]]*(?:\s*\[\d+(?:\]\[\d+)*\])*(?=\s+[\"“‘'(\[#*]*[A-Z0-9])")


LONGEST = 2000  # characters of one sentence; more is no sentence


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: its text and place, and the paragraph it is in, counted from 0."""

    text: str
    start: int
    end: int
    paragraph: int


def sentences(text: str) -> list[Sentence]:
    """Return the sentences of a text whose paragraphs are its lines; headings are sentences too.

    >>> [s.text for s in sentences("The U.S. index rose 1.5%. It fell later.\\nA heading")]
    ['The U.S. index rose 1.5%.', 'It fell later.', 'A heading']
    """
    out: list[Sentence] = []
    at = 0
    for number, line in enumerate(text.split("\n")):
        out += _of_line(line, at, number)
        at += len(line) + 1
    return out


def _no_longer(cuts: list[int], size: int) -> list[int]:
    """Return places to cut such that no piece is longer than `LONGEST`."""
    out: list[int] = []
    for last in [*cuts, size]:
        while last - (out[-1] if out else 0) > LONGEST:
            out.append((out[-1] if out else 0) + LONGEST)
        out.append(last)
    return out[:-1]


def _of_line(line: str, offset: int, paragraph: int) -> list[Sentence]:
    ends = (m for m in _END.finditer(line))
    cuts = [m.end() for m in ends if not _ABBREVIATIONS.search(line[max(0, m.start() - 12) : m.start() + 1])]
    cuts = _no_longer(cuts, len(line))
    out, first = [], 0
    for last in [*cuts, len(line)]:
        piece = line[first:last]
        lead = len(piece) - len(piece.lstrip())
        if piece.strip():
            start = offset + first + lead
            out.append(Sentence(piece.strip(), start, start + len(piece.strip()), paragraph))
        first = last
    return out
