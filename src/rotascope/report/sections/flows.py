"""Money into and out of the small-company fund, beside its price."""

from __future__ import annotations

from datetime import timedelta

from rotascope.ingest.calendar import previous_session
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact, Window
from rotascope.report.charts.flows import chart
from rotascope.report.parts import Parts, heading, paragraph
from rotascope.report.prose import Piece, day, number
from rotascope.report.story import Story
from rotascope.report.words import is_flat, money


def write(story: Story) -> Parts:
    """Net flow over the window, its unknown days, and the single day that was reported."""
    fund = story.flow_fund
    flow = story.maybe("net_flow", fund)
    if flow is None:
        told = _reported_day(story, fund)
        if told is None:
            story.absent.append("daily fund flows")
            return []
        missing = story.missing("Daily fund flows for this window are not available as of {as_of}.")
        return [heading("Fund flows", 3), paragraph(story.prose.join(missing, told))]
    parts: Parts = [heading("Fund flows", 3)]
    return [
        *parts,
        paragraph(story.prose.join(_net(story, fund, flow), _unknown(story, fund), _one_day(story, fund))),
        *chart(story, flow),
    ]


def _net(story: Story, fund: str, flow: Fact) -> Inline:
    p = story.prose
    price = story.maybe("price_return", fund)
    against = price is not None and not is_flat(price) and (price.value > 0) != (flow.value > 0)
    word, kind = ("took in", "positive") if flow.value > 0 else ("lost", "negative")
    verb = p.claim(word, kind, flow, subject=fund)
    tail: Inline | str = " over the window."
    if against and price is not None:
        verb2 = p.claim("rose", "positive", price) if price.value > 0 else p.claim("fell", "negative", price)
        tail = p.say(
            " over the window while its price {verb} {x}.", verb=verb2, x=number(price, "abs", decimals=1)
        )
        story.objections.append(_objection(story, flow, price))
    return p.say(
        "The {fund} {verb} {x}, net,{tail}",
        fund=p.name(fund, 0, of=verb, role="subject"),
        verb=verb,
        x=money(flow, "abs"),
        tail=tail,
    )


def _objection(story: Story, flow: Fact, price: Fact) -> Inline:
    p = story.prose
    opposite = p.claim("opposite", "opposite", flow, price)
    return p.say(
        "That money followed prices. They went in {opposite} directions: {flow} of net flow in the {fund}, beside a change "
        "of {price} in its price.",
        fund=p.name(flow.series[0]),
        opposite=opposite,
        flow=money(flow),
        price=number(price, "signed", decimals=1),
    )


def _unknown(story: Story, fund: str) -> Inline | None:
    unknown = story.maybe("unknown_flow_sessions", fund)
    if unknown is None or unknown.value == 0:
        return None
    p = story.prose
    which = story.fact("unknown_flow_on", fund, index=0)
    if unknown.value == 1:
        return p.say("The flow of {d} is unknown and not counted.", d=number(which))
    return p.say(
        "The flow of {n} sessions, the earliest on {d}, is unknown and not counted.",
        n=number(unknown, "word"),
        d=number(which),
    )


def _one_day(story: Story, fund: str) -> Inline | None:
    """Set the one day of flows that was reported beside the session before it."""
    told = _reported_flow(story, fund)
    if told is None or told.window is None or told.window.end_used is None:
        return None
    p = story.prose
    on = told.window.end_used
    before = previous_session(on - timedelta(days=1))
    a = story.maybe("flow_on", fund, window=Window(story.window.start, on))
    b = story.maybe("flow_on", fund, window=Window(story.window.start, before))
    if a is None or b is None:
        return None
    return p.say(
        "The {word} of {x} on {d} that was reported {cite} followed an {word2} of {y} on the session before it.",
        word=_word(story, a),
        x=money(a, "abs"),
        d=day(a, "end_used"),
        cite=p.cite(told.sources[0]),
        word2=_word(story, b),
        y=money(b, "abs"),
    )


def _word(story: Story, flow: Fact) -> Piece:
    if flow.value > 0:
        return story.prose.claim("inflow", "positive", flow)
    return story.prose.claim("outflow", "negative", flow)


def _reported_flow(story: Story, fund: str) -> Fact | None:
    """Return the flow of one day that a publication printed, if the case has one."""
    return None if story.case is None else story.maybe("reported_flow", fund)


def _reported_day(story: Story, fund: str) -> Inline | None:
    """Quote the one day that was reported, and say how little it is."""
    told = _reported_flow(story, fund)
    if told is None:
        return None
    p = story.prose
    word = (
        p.claim("took in", "positive", told, subject=fund)
        if told.value > 0
        else p.claim("lost", "negative", told, subject=fund)
    )
    return p.say(
        "One day was reported: the {fund} {word} {x} on {d} {cite}. A day is not a month, and nothing is concluded from it here.",
        fund=p.name(fund, 0, of=word, role="subject"),
        word=word,
        x=money(told, "abs"),
        d=day(told, "end_used"),
        cite=p.cite(told.sources[0]),
    )
