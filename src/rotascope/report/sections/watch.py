"""What would prove the reading wrong: numbers with a day on which they are read; or what came after."""

from __future__ import annotations

from dataclasses import dataclass

from rotascope.facts.metrics.sequels import trigger_of
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.report.parts import Part, Parts, heading, paragraph
from rotascope.report.prose import Piece, number
from rotascope.report.sections import families
from rotascope.report.sections.aftermath import aftermath
from rotascope.report.sections.families import dissenting
from rotascope.report.sections.leads import (
    Lead,
    called,
    half_of,
    leads,
    of_pair,
    took_years,
)
from rotascope.report.sections.outlook import event_name, is_past, judged_on
from rotascope.report.story import Story
from rotascope.report.words import money

_HALF = 0.5
_HALF_TOLERANCE = 0.07


@dataclass(frozen=True, slots=True)
class Trigger:
    """One test: a fact as it stands, the number that it would have to pass, and the sentence."""

    now: Fact
    limit: Fact
    text: Inline


def write(story: Story) -> Parts:
    """List the tests with the day on which they are read; for a window long past, say how they came out."""
    if is_past(story):
        return [heading("What came after", 3), paragraph(aftermath(story))]
    found, until = triggers(story), judged_on(story)
    parts: Parts = [heading("What would prove this wrong", 3)]
    if not found or until is None:
        return [*parts, paragraph(_untested(story))]
    p = story.prose
    lead_in = p.say(
        "The tests are read at the close of {when}, the last session of {quarter}, and count from the close of {base}.",
        when=number(until),
        quarter=event_name(story, until, "quarter_end"),
        base=story.report_day("window.start"),
    )
    return [*parts, paragraph(lead_in), *(Part("item", t.text) for t in found)]


def _untested(story: Story) -> Inline:
    if not leads(story):
        return story.prose.say("No lead in style or size is known, so there is none to test.")
    if took_years(story):
        return story.prose.say(
            "The leads took years to build; the coming months are no test of them, so none is set."
        )
    return story.prose.say(
        "What is known of leads in style and size is too small for a test: the noise of one session could pass or fail it."
    )


def triggers(story: Story) -> list[Trigger]:
    """Return the tests of a reading, with their facts: the leads halved, the families at one, money back."""
    mine = leads(story)
    if took_years(story):
        return []
    found = [_halved(story, lead) for lead in mine]
    found.insert(1, _family(story, mine))
    return [t for t in (*found, _flow(story)) if t is not None]


def _halved(story: Story, lead: Lead) -> Trigger | None:
    limit = half_of(story, lead)
    if limit is None:
        return None
    half = story.prose.claim("half", "ratio_near", limit, lead.fact, x=_HALF, tol=_HALF_TOLERANCE)
    write_ = _half_of_pair if lead.paired else _half_of_factor
    return Trigger(lead.fact, limit, write_(story, lead, limit, half))


def _half_of_factor(story: Story, lead: Lead, limit: Fact, half: Piece) -> Inline:
    p = story.prose
    word = p.claim("gain", "positive", limit) if limit.value > 0 else p.claim("loss", "negative", limit)
    return p.say(
        "{a} reduced to a {word} of {x}, {half} of what it is.",
        a=called(story, lead, 0),
        word=word,
        x=number(limit, "abs", decimals=1),
        half=half,
    )


def _half_of_pair(story: Story, lead: Lead, limit: Fact, half: Piece) -> Inline:
    p = story.prose
    first, second = limit.series
    ahead = p.claim("ahead", "positive", limit, subject=first, object=second)
    where = {"style": "", "size": "In size, "}.get(lead.kind, "Among the indices, ")
    which = "of that" if where else "the"
    return p.say(
        where + "{a} {ahead} of {b} by {x} or under: {half} " + which + " lead is gone.",
        a=called(story, lead, 0, of=ahead, role="subject"),
        ahead=ahead,
        b=called(story, lead, 1, of=ahead, role="object"),
        x=number(limit, decimals=1),
        half=half,
    )


def _family(story: Story, mine: list[Lead]) -> Trigger | None:
    """The family that tells another story has a number at which it tells the same one."""
    far = dissenting(story)
    lead = next((m for m in mine if m.kind == "style" and m.paired), None)
    if far is None or lead is None:
        return None
    p = story.prose
    same = far.spread.value * story.styles[0].spread.value > 0
    own = of_pair(story, "style", far).fact
    level = round(lead.fact.value / 2, 1)
    if not same or own.value >= level:
        return None
    limit = trigger_of(story.desk, own, "above", level)
    text = p.say(
        "The {family} pair past {x}, from {now} when the window closed: if the first pair stays where it was, the families "
        "tell one story.",
        family=families.label(story, far.family),
        x=number(limit, decimals=1),
        now=number(own, decimals=1),
    )
    return Trigger(own, limit, text)


def _flow(story: Story) -> Trigger | None:
    fund = story.flow_fund
    flow = story.maybe("net_flow", fund)
    if flow is None or flow.value >= 0:
        return None
    p = story.prose
    limit = trigger_of(story.desk, flow, "above", 0.0, 0)
    lost = p.claim("lost", "negative", flow, subject=fund)
    text = p.say(
        "The {fund} taking in the {x} that it {lost} over the window.",
        fund=p.name(fund, of=lost, role="subject"),
        x=money(flow, "abs"),
        lost=lost,
    )
    return Trigger(flow, limit, text)
