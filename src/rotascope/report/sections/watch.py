"""What would change this reading: numbers that can be watched."""

from __future__ import annotations

from rotascope.facts.metrics.lists import parameter_of
from rotascope.model.documents import Inline
from rotascope.model.units import Unit
from rotascope.report.parts import Part, Parts, heading
from rotascope.report.prose import number
from rotascope.report.sections.opening import dissenting
from rotascope.report.story import Story


def write(story: Story) -> Parts:
    """List triggers with numbers, each from a fact of the article."""
    found = [i for i in (_family(story), _precedent(story), _flow(story)) if i is not None]
    if not found:
        return []
    return [heading("What would change this reading"), *(Part("item", i) for i in found)]


def _family(story: Story) -> Inline | None:
    far = dissenting(story)
    if far is None:
        return None
    p = story.prose
    lead = story.styles[0]
    return p.say(
        "The {a} family closing on the {b} family: its gap now stands at {x}, against {y}.".replace(
            ", against", " beside"
        ),
        a=far.family.label,
        b=lead.family.label,
        x=number(far.spread, decimals=1),
        y=number(lead.spread, decimals=1),
    )


def _precedent(story: Story) -> Inline | None:
    from rotascope.report.sections.history import round_threshold
    from rotascope.report.sections.rarity import leader_first

    if not story.styles:
        return None
    p = story.prose
    pair = story.styles[0]
    legs = leader_first(pair)
    count = story.maybe("precedent_count", *legs, at_least=round_threshold(pair.spread.value))
    if count is None or count.value < 3:
        return None
    limit = parameter_of(story.desk, count, "at_least", Unit.PP)
    return p.say(
        "Another month with {a} in front of {b} by {x} {more}, or one in which the lead is handed back.".replace(
            "; months like that have seldom come in pairs", ""
        ),
        a=p.name(legs[0], legs[0]),
        b=p.name(legs[1], legs[1]),
        x=number(limit, "word"),
        more=p.claim("or more", "at_least", limit, x=limit.value),
    )


def _flow(story: Story) -> Inline | None:
    fund = str(story.desk.universe.roles["flows"]["small"])
    flow = story.maybe("net_flow", fund)
    if flow is None or flow.value >= 0:
        return None
    p = story.prose
    return p.say(
        "Money coming back: the {fund} making good the {x} it {lost}.",
        fund=p.name(fund),
        x=number(flow, "abs", decimals=1),
        lost=p.claim("lost", "negative", flow),
    )
