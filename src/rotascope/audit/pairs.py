"""Two instruments that a number sets against each other: "A beat B by 3 points"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rotascope.audit.names import Subject
from rotascope.audit.passage import D, M, Passage, S
from rotascope.audit.words import AHEAD, BEHIND

_GAP = rf"[^;{S[1:-1]}{M[1:-1]}]{{0,80}}"
_NEAR = rf"[^;{S[1:-1]}{M[1:-1]}{D[1:-1]}]{{0,40}}"
_THE = r"(?:the\s+)?"
_HEDGES = (
    r"(?:by\s+|of\s+)?(?:a |an |about |approximately |roughly |around |nearly |almost |some |more than |"
    r"over |at least |less than |just |only |as much as |a full |a mere |close to )*"
)
_BY = rf"{_GAP}?\b(?:by|for|on|in|over|with)\s+"
_JOIN = rf"\s+(?:and|over|versus|vs\.?|against)\s+{_THE}"
_GAPS = "spread|gap|difference|differential"
_LEADS = "lead|advantage|outperformance|edge|margin"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


# Each with groups `a`, `b` and `m`, and the sign that it gives: 0 where it gives none.
_PATTERNS: tuple[tuple[re.Pattern[str], int], ...] = (
    (_pattern(rf"(?P<a>{S}){_GAP}\b(?:{AHEAD})\b{_NEAR}(?P<b>{S}){_BY}{_HEDGES}(?P<m>{M})"), 1),
    (_pattern(rf"(?P<a>{S}){_GAP}\b(?:{BEHIND})\b{_NEAR}(?P<b>{S}){_BY}{_HEDGES}(?P<m>{M})"), -1),
    (_pattern(rf"(?P<a>{S}){_GAP}\b(?:{AHEAD})\b{_NEAR}(?P<b>{S})(?:'s)? {_HEDGES}(?P<m>{M})"), 1),
    (_pattern(rf"(?P<a>{S}){_GAP}\b(?:{BEHIND})\b{_NEAR}(?P<b>{S})(?:'s)? {_HEDGES}(?P<m>{M})"), -1),
    (_pattern(rf"(?P<a>{S}){_GAP}(?P<m>{M})\s+(?:more|better|higher)\s+than\s+{_NEAR}(?P<b>{S})"), 1),
    (_pattern(rf"(?P<a>{S}){_GAP}(?P<m>{M})\s+(?:less|worse|lower)\s+than\s+{_NEAR}(?P<b>{S})"), -1),
    (_pattern(rf"(?P<m>{M})\s*(?:{_LEADS})\s+(?:between|of|for)\s+{_THE}(?P<a>{S}){_JOIN}(?P<b>{S})"), 1),
    (_pattern(rf"(?P<m>{M})\s*(?:{_GAPS})\s+(?:between|of|for)\s+{_THE}(?P<a>{S}){_JOIN}(?P<b>{S})"), 0),
    (
        _pattern(
            rf"(?P<m>{M})(?:\s*(?:winning\s+)?(?:streak|run|stretch|string))?{_NEAR}\bof\s+{_THE}(?P<a>{S})\s+"
            rf"(?:{AHEAD}|over)\s+{_THE}(?P<b>{S})"
        ),
        1,
    ),
    (
        _pattern(
            rf"(?P<a>{S})(?:'s)?\s+(?:over|versus|vs\.?|minus|less|against|relative to)\s+{_THE}(?P<b>{S})"
            rf"{_NEAR}{_HEDGES}(?P<m>{M})"
        ),
        0,
    ),
    (_pattern(rf"(?:{_GAPS})\s+(?:between|of)\s+{_THE}(?P<a>{S}){_JOIN}(?P<b>{S}){_GAP}(?P<m>{M})"), 0),
)


def find_pair(passage: Passage, token: str) -> tuple[Subject, Subject, int] | None:
    """Return the two instruments of a number, and +1, -1 or 0 for the sign that the words give it."""
    for m, way in _matches(passage.shape):
        if m["m"] == token:
            return passage.subject(m["a"]), passage.subject(m["b"]), way
    return None


def _matches(shape: str) -> Iterator[tuple[re.Match[str], int]]:
    for pattern, way in _PATTERNS:
        for m in pattern.finditer(shape):
            yield m, way
