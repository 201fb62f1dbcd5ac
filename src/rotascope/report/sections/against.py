"""What the data does not support: everything that speaks against the story, in one place."""

from __future__ import annotations

from rotascope.model.documents import Inline
from rotascope.report.parts import Part, Parts, heading
from rotascope.report.prose import number
from rotascope.report.sections import families
from rotascope.report.sections.rarity import plain
from rotascope.report.story import Pair, Story
from rotascope.report.words import is_flat, tolerance

_REST = 0.75  # of the lead; where more is left without one session, that session was no matter
_LEAST_DAYS = 10
_WORTH = 1.0  # points; how a smaller lead was earned is no question


def write(story: Story) -> Parts:
    """List the objections that the sections found, and those about the spread itself."""
    found = [o for o in (*_families(story), _one_day(story), *story.objections) if o is not None]
    parts: Parts = [heading("What the data does not support")]
    if not found:
        found = [_none(story)]
    return [*parts, *(Part("item", o) for o in found)]


def _none(story: Story) -> Inline:
    """Say where an objection was looked for; what is not in the data cannot raise one."""
    looked = ["the other families of indices"] if len(story.styles) > 1 or len(story.sizes) > 1 else []
    looked += ["single sessions"] if story.styles else []
    fund = story.flow_fund
    looked += ["the flows of a fund"] if story.maybe("net_flow", fund) is not None else []
    if not looked:
        return story.prose.say(
            "The data hold no other family of indices and no fund flows, so they could not speak for another reading."
        )
    listed = looked[0] if len(looked) == 1 else ", ".join(looked[:-1]) + " and " + looked[-1]
    return story.prose.say(
        f"An objection was looked for in {listed}, and none was found; nothing else was searched."
    )


def _families(story: Story) -> list[Inline]:
    """Name the style gap, and the size gap, on which another family of indices speaks differently."""
    told = []
    for what, formula, pairs in (
        ("style", "Value minus growth", story.styles),
        ("size", "Small minus big", story.sizes),
    ):
        far = families.furthest(pairs)
        if far is not None:
            told.append(_parted(story, what, formula, pairs[0], far))
    return told


def _parted(story: Story, what: str, formula: str, lead: Pair, far: Pair) -> Inline:
    p = story.prose
    gap = abs(far.spread.value - lead.spread.value)
    return p.say(
        f"That there was one {what} gap. {formula} {{differ}}: {{x}} for {{a}}, {{y}} for {{b}}.",
        differ=p.claim("differs", "not_near", far.spread, lead.spread, tol=tolerance(0.9 * gap)),
        x=number(lead.spread, "signed", decimals=1),
        a=families.label(story, lead.family),
        y=number(far.spread, "signed", decimals=1),
        b=families.label(story, far.family),
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
    if rest is None or rest.value > _REST * abs(pair.spread.value) or is_flat(rest):
        return None
    days = story.maybe("sessions_counted", *legs)
    if days is None or days.value < _LEAST_DAYS:  # of a few sessions one always weighs
        return None
    day = number(story.fact("largest_day_on", *legs))
    lead = pair.spread if pair.spread.value > 0 else story.fact("return_spread", *legs)
    if rest.value < 0:
        return p.say(
            "That no single session mattered much. Without {d} {who} would have ended {behind} by {x} instead of {ahead} by {y}.",
            d=day,
            who=p.name(legs[0], plain(story, legs[0])),
            behind=p.claim("behind", "negative", rest),
            x=number(rest, "abs", decimals=1),
            ahead=p.claim("ahead", "positive", lead),
            y=number(lead, "abs", decimals=1),
        )
    return p.say(
        "That no single session mattered much. Without {d} the style lead would be {x} instead of {y}.",
        d=day,
        x=number(rest, decimals=1),
        y=number(lead, decimals=1),
    )
