"""`percent_for_points`, `index_in_dollars`, `level_typo`, `unnamed_difference`."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rotascope.audit.mentions import Kind
from rotascope.audit.patterns.base import Evidence, remark
from rotascope.audit.verdict import Judged
from rotascope.model.press import Remark, Verdict

_FAIR = (Verdict.CONFIRMED, Verdict.OTHER_BASE, Verdict.ROUNDING)


def find(evidence: Evidence) -> Iterator[Remark]:
    """Yield remarks about units and digits."""
    for one in evidence.judged:
        if "percent_for_points" in one.link.tags and one.figure.verdict in _FAIR:
            yield remark(
                "percent_for_points",
                f"'{one.figure.text}' is a difference of two percentages: points, not percent.",
                one,
            )
        if one.figure.verdict is Verdict.CONTRADICTED and one.link.measure == "level" and one.figure.literal:
            near = typo(one.figure.printed, Decimal(repr(one.figure.literal.value)), one.figure.quantum)
            if near:
                yield remark(
                    "level_typo",
                    f"'{one.figure.text}' differs from the close, {one.figure.literal.display}, by {near}.",
                    one,
                )
    dollars = [j for j in evidence.judged if "dollars" in j.link.tags]
    if dollars:
        yield remark(
            "index_in_dollars", "Levels of an index are printed in dollars; they are points.", dollars[0]
        )
    for one in evidence.judged:
        yield from _difference(evidence, one)


def typo(printed: Decimal, true: Decimal, quantum: Decimal) -> str:
    """Return how two numbers differ if it is by one slip of the hand: one digit, or two that changed places.

    >>> typo(Decimal("2698.05"), Decimal("2689.05004883"), Decimal("0.01"))
    'two digits that changed places'
    """
    a, b = str(printed), str(true.quantize(quantum))
    if len(a) != len(b):
        return (
            "one digit"
            if abs(len(a) - len(b)) == 1 and _one_more(min(a, b, key=len), max(a, b, key=len))
            else ""
        )
    wrong = [i for i in range(len(a)) if a[i] != b[i]]
    if len(wrong) == 1:
        return "one digit"
    if len(wrong) == 2 and a[wrong[0]] == b[wrong[1]] and a[wrong[1]] == b[wrong[0]]:
        return "two digits that changed places"
    return ""


def _one_more(short: str, long: str) -> bool:
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


def _difference(evidence: Evidence, one: Judged) -> Iterator[Remark]:
    """A spread whose two sides are named by words for something else than what the figures are of."""
    mention = one.link.mention
    if (
        mention.kind is not Kind.POINTS
        or one.link.literal
        or not any(w in one.figure.sentence for w in ("spread", "gap", "difference"))
    ):
        return
    paragraph = one.link.passage.sentence.paragraph
    moves = [
        j
        for j in evidence.judged
        if j.link.passage.sentence.paragraph == paragraph and j.link.measure == "return"
    ]
    for a in moves:
        for b in moves:
            gap = a.figure.printed - b.figure.printed
            if gap > 0 and abs(gap - mention.value) <= mention.quantum / 2:
                names = [j.link.subjects[0].text for j in (a, b)]
                yield remark(
                    "unnamed_difference",
                    f"'{one.figure.text}' is the difference of the printed figures of {names[0]} "
                    f"and {names[1]}; "
                    "the words beside it call them something else.",
                    one,
                )
                return
