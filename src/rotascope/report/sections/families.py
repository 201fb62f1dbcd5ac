"""Index families: what one is called at the time of a window, how it differs, and which tells another story."""

from __future__ import annotations

from collections.abc import Sequence

from rotascope.model.documents import Inline
from rotascope.model.universe import Family
from rotascope.report.prose import number
from rotascope.report.story import Pair, Story
from rotascope.report.words import is_flat, versus

_APART = 0.5  # of the larger gap; families that differ by more tell different stories
_LEAST = 0.5  # points; a smaller difference is no story
_PLAIN = "The families draw the line between the styles in different places."


def label(story: Story, family: Family) -> str:
    """Return the name of a family as it was when the window began."""
    return family.label if story.window.start >= family.label_from else family.earlier_label


def definition(story: Story, family: Family) -> str:
    """Say how a family defines the styles, by the rule that held when the window began."""
    known = story.window.start >= family.definition_from
    return family.definition_note if known and family.definition_note else _PLAIN


def called(story: Story, series: str) -> int | str:
    """Return the name of a leg inside a sentence: the one with its article, where it takes one, else the full name."""
    names = story.desk.universe.instrument(series).names
    return next((n for n in names if n.startswith("the ")), 0)


def gap_of(story: Story, pair: Pair) -> Inline:
    """Say who was ahead in a pair and by how much, or that both ended level."""
    p, (a, b) = story.prose, pair.spread.series[:2]
    if is_flat(pair.spread):
        x = number(pair.spread, "abs", decimals=1)
        return p.say("{a} and {b} ended level, {x} apart", a=p.name(a), b=p.name(b, called(story, b)), x=x)
    verb, amount = versus(p, pair.spread)
    return p.say(
        "{a} {verb} {b} by {x}",
        a=p.name(a, of=verb, role="subject"),
        verb=verb,
        b=p.name(b, called(story, b), of=verb, role="object"),
        x=amount,
    )


def opposed(a: Pair, b: Pair) -> bool:
    """Say whether two families disagree on who was ahead."""
    return a.spread.value * b.spread.value < 0 and not is_flat(a.spread) and not is_flat(b.spread)


def furthest(pairs: Sequence[Pair]) -> Pair | None:
    """Return the family that speaks most plainly against the first one, or None.

    It differs by more than half of the larger gap, and by half a point at least. One that has the other side in
    front comes before one that only has another amount.
    """
    if len(pairs) < 2:
        return None
    first = pairs[0]

    def apart(pair: Pair) -> float:
        return abs(pair.spread.value - first.spread.value)

    found = [
        q
        for q in pairs[1:]
        if apart(q) >= _LEAST and apart(q) > _APART * max(abs(q.spread.value), abs(first.spread.value))
    ]
    return max(found, key=lambda q: (opposed(q, first), apart(q)), default=None)


def dissenting(story: Story) -> Pair | None:
    """Return the family that speaks most plainly against the style gap of the first one, or None."""
    return furthest(story.styles)
