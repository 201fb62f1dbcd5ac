"""What the data does not support: everything that speaks against the story, in one place."""

from __future__ import annotations

from rotascope.model.documents import Inline
from rotascope.report.parts import Part, Parts, heading
from rotascope.report.prose import number
from rotascope.report.sections.families import dissenting
from rotascope.report.story import Story
from rotascope.report.words import is_flat, tolerance

_WORTH = 1.0  # points; how a smaller lead was earned is no question


def write(story: Story) -> Parts:
    """List the objections that the sections found, and those about the spread itself."""
    found = [o for o in (_families(story), _one_day(story), *story.objections) if o is not None]
    parts: Parts = [heading("What the data does not support")]
    if not found:
        found = [
            story.prose.say(
                "Nothing in the data at hand speaks for another reading; that says something of these data only."
            )
        ]
    return [*parts, *(Part("item", o) for o in found)]


def _families(story: Story) -> Inline | None:
    far = dissenting(story)
    if far is None:
        return None
    p = story.prose
    lead = story.styles[0]
    gap = abs(far.spread.value - lead.spread.value)
    return p.say(
        "That there was one style gap. By family it {differ}: {x} for {a}, {y} for {b}.",
        differ=p.claim("differs", "not_near", far.spread, lead.spread, tol=tolerance(0.9 * gap)),
        x=number(lead.spread, decimals=1),
        a=lead.family.label,
        y=number(far.spread, decimals=1),
        b=far.family.label,
    )


def _one_day(story: Story) -> Inline | None:
    """Say how much of the spread one session made, where it made much of it."""
    if not story.styles:
        return None
    p = story.prose
    pair = story.styles[0]
    if abs(pair.spread.value) < _WORTH:
        return None
    legs = (pair.spread.series[0], pair.spread.series[1])
    legs = legs if pair.spread.value > 0 else (legs[1], legs[0])
    rest = story.maybe("spread_without_largest_day", *legs)
    if rest is None or rest.value > 0.75 * abs(pair.spread.value) or is_flat(rest):
        return None
    day = story.fact("largest_day_on", *legs)
    return p.say(
        "That the lead was earned evenly. Without one session, {d}, it would be {x} instead of {y}.",
        d=number(day),
        x=number(rest, decimals=1),
        y=number(pair.spread, decimals=1)
        if pair.spread.value > 0
        else number(story.fact("return_spread", *legs), decimals=1),
    )
