"""Sentences of an article that a report may quote: whole, short, and about something that was checked."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from rotascope.audit.verdict import Judged
from rotascope.model.press import Verdict

SHORTEST, LONGEST = 40, 280
_ORDER = (Verdict.CONTRADICTED, Verdict.OTHER_BASE, Verdict.CONFIRMED, Verdict.ROUNDING)


def quotable(text: str, judged: Sequence[Judged]) -> list[str]:
    """Return exact sentences of the text with a settled figure, the most telling first, no two the same."""
    found = [
        j.figure
        for verdict in _ORDER
        for j in judged
        if j.figure.verdict is verdict and may_quote(j.figure.sentence)
    ]
    return list(dict.fromkeys(f.sentence for f in found if f.sentence in text))


def may_quote(sentence: str) -> bool:
    """Return whether a sentence is short, complete, and without marks of quotations, citations or control."""
    if not SHORTEST <= len(sentence) <= LONGEST or not sentence.endswith((".", "!", "?")):
        return False
    return not any(
        c in '"“”[]' or unicodedata.category(c)[0] == "C" or unicodedata.category(c) in ("Zl", "Zp")
        for c in sentence
    )
