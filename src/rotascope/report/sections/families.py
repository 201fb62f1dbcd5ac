"""Index families: what one is called at the time of a window, how it differs, and which tells another story."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rotascope.model.universe import Family
from rotascope.report.story import Pair, Story
from rotascope.report.words import is_flat

_APART = 0.5  # of the larger gap; families that differ by more tell different stories
_LEAST = 0.5  # points; a smaller difference is no story
# The funds of this family followed indices of MSCI until the spring of 2013; they are named by their house before.
_NAMED_FROM = {"crsp": (date(2013, 4, 30), "Vanguard")}
# S&P has scored momentum since the change of its style indices in December 2010.
_NOTED_FROM = {"sp": date(2010, 12, 31)}
_PLAIN = "The families draw the line between the styles in different places."


def label(story: Story, family: Family) -> str:
    """Return the name of a family as it was when the window began."""
    since, before = _NAMED_FROM.get(family.id, (date.min, ""))
    return family.label if story.window.start >= since else before


def definition(story: Story, family: Family) -> str:
    """Say how a family defines the styles, by the rule that held when the window began."""
    known = story.window.start >= _NOTED_FROM.get(family.id, date.min)
    return family.definition_note if known and family.definition_note else _PLAIN


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
