"""What would prove the reading wrong: numbers with a day on which they are read; or what came after."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from rotascope.facts.metrics.sequels import trigger_of
from rotascope.ingest import calendar
from rotascope.model.documents import Inline
from rotascope.model.errors import BadWindowError
from rotascope.model.facts import Fact, Window
from rotascope.model.units import Unit
from rotascope.report.parts import Part, Parts, heading, paragraph
from rotascope.report.prose import Piece, day, number
from rotascope.report.sections import families
from rotascope.report.sections.families import dissenting
from rotascope.report.sections.outlook import (
    HORIZONS,
    Lead,
    called,
    event_name,
    half_of,
    is_past,
    judged_on,
    leads,
    month_end,
    of_pair,
    one_snapshot,
    owner,
)
from rotascope.report.sections.timing import newest_close
from rotascope.report.story import Story
from rotascope.report.words import is_flat, moved, versus

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
        return [heading("What came after", 3), paragraph(story.prose.join(*_aftermath(story)))]
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
    return story.prose.say(
        "What is known of leads in style and size is too small for a test: the noise of one session could pass or fail it."
    )


def triggers(story: Story) -> list[Trigger]:
    """Return the tests of a reading, with their facts: the leads halved, the families at one, money back."""
    mine = leads(story)
    found = [_halved(story, lead) for lead in mine]
    found.insert(1, _family(story, mine))
    return [t for t in (*found, _flow(story)) if t is not None]


def _halved(story: Story, lead: Lead) -> Trigger | None:
    limit = half_of(story, lead)
    if limit is None:
        return None
    p = story.prose
    half = p.claim("half", "ratio_near", limit, lead.fact, x=_HALF, tol=_HALF_TOLERANCE)
    if not lead.paired:
        word = p.claim("gain", "positive", limit) if limit.value > 0 else p.claim("loss", "negative", limit)
        text = p.say(
            "{a} reduced to a {word} of {x}, {half} of what it is.",
            a=called(story, lead, 0),
            word=word,
            x=number(limit, "abs", decimals=1),
            half=half,
        )
        return Trigger(lead.fact, limit, text)
    first, second = limit.series
    ahead = p.claim("ahead", "positive", limit, subject=first, object=second)
    where = {"style": "", "size": "In size, "}.get(lead.kind, "Among the indices, ")
    text = p.say(
        where
        + "{a} {ahead} of {b} by {x} or under: {half} "
        + ("of that" if where else "the")
        + " lead is gone.",
        a=called(story, lead, 0, of=ahead, role="subject"),
        ahead=ahead,
        b=called(story, lead, 1, of=ahead, role="object"),
        x=number(limit, decimals=1),
        half=half,
    )
    return Trigger(lead.fact, limit, text)


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
        "The {family} pair past {x}, from {now} when the window closed: with the first pair where it was, the families would no "
        "longer part ways.",
        family=families.label(story, far.family),
        x=number(limit, decimals=1),
        now=number(own, decimals=1),
    )
    return Trigger(own, limit, text)


def _flow(story: Story) -> Trigger | None:
    fund = str(story.desk.universe.roles["flows"]["small"])
    flow = story.maybe("net_flow", fund)
    if flow is None or flow.value >= 0:
        return None
    p = story.prose
    limit = trigger_of(story.desk, flow, "above", 0.0, 0)
    lost = p.claim("lost", "negative", flow, subject=fund)
    text = p.say(
        "Money coming back: the {fund} making good the {x} it {lost}.",
        fund=p.name(fund, of=lost, role="subject"),
        x=number(flow, "abs", decimals=1),
        lost=lost,
    )
    return Trigger(flow, limit, text)


# A window long past


def _aftermath(story: Story) -> list[Inline | None]:
    """Say what became of each lead, the second one by comparison with the first."""
    mine = leads(story)
    known = [(lead, found) for lead in mine if (found := _sequels(story, lead))]
    if not known:
        return [_unknown(story, mine)]
    out: list[Inline | None] = []
    fates: list[str] = []
    for lead, found in known:
        fate = _fate(lead.fact, found)
        out.append(
            story.prose.say(
                "{how}: {what}.", how=_how(story, lead, fate, fates), what=_what(story, lead, found)
            )
        )
        fates.append(fate)
    return [*out, story.prose.say("These figures count from the close of the window.")]


def _fate(lead: Fact, found: list[Fact]) -> str:
    """Return in words what became of a lead: by the signs of what followed after a quarter and after a year."""
    kept = [f.value * lead.value > 0 for f in found]
    if all(kept):
        return "was built on"
    if kept[-1]:
        return "paused at first and was built on within the year"
    if kept[0]:
        return "was built on at first and handed back within the year"
    most = max(abs(f.value) for f in found)
    return "was handed back" if most >= abs(lead.value) else "was handed back in part"


def _how(story: Story, lead: Lead, fate: str, before: list[str]) -> Inline:
    """Open with whose lead it was and what became of it."""
    p = story.prose
    whose = p.say(owner(story, lead)) if lead.kind != "index" else called(story, lead, 0)
    if not before:
        return p.say("The lead of {whose} " + fate, whose=whose)
    return p.say(
        "So was that of {whose}" if fate in before and fate.startswith("was") else "That of {whose} " + fate,
        whose=whose,
    )


def _what(story: Story, lead: Lead, found: list[Fact]) -> Inline:
    """Give the figures, counted from the close of the window."""
    p = story.prose
    first, subject = found[0], lead.fact.series[0]
    verb, amount = versus(p, first) if lead.paired else moved(p, first, "gained", "lost", subject=subject)
    pieces = {"verb": verb, "x": amount, "end": _end(first)}
    if lead.paired:
        text = p.say(
            "{a} {verb} {b} by {x} to {end}",
            a=called(story, lead, 0, of=verb, role="subject"),
            b=called(story, lead, 1, of=verb, role="object"),
            **pieces,
        )
    else:
        text = p.say("{a} {verb} {x} to {end}", a=called(story, lead, 0, of=verb, role="subject"), **pieces)
    if len(found) == 1:
        return text
    same = first.value * found[1].value > 0
    return p.say(
        "{text}{link}{more}", text=text, link=" and " if same else ", but ", more=_more(story, lead, found[1])
    )


def _more(story: Story, lead: Lead, later: Fact) -> Inline:
    """Give the later figure, with a verb of its own."""
    p = story.prose
    up = later.value > 0
    words = ("led", "lagged") if lead.paired else ("higher", "lower")
    word = p.claim(words[0], "positive", later) if up else p.claim(words[1], "negative", later)
    return p.say(
        "{word} by {x} to {end}" if lead.paired else "stood {x} {word} by {end}",
        word=word,
        x=number(later, "abs", decimals=1),
        end=_end(later),
    )


def _end(fact: Fact) -> Piece:
    """Return the day to which a sequel runs; a factor is known by the month."""
    return day(fact, "end_used", "month" if fact.unit is Unit.PERCENT else "long")


def _unknown(story: Story, mine: list[Lead]) -> Inline:
    p = story.prose
    series = next((lead.fact.series[0] for lead in mine if lead.paired), None)
    last = newest_close(story, series)
    if last is None:
        return story.missing("The data known on {as_of} do not tell.")
    return p.say(
        "The data at hand do not tell yet: the newest close of {name} is of {d}.",
        name=p.name(last.series[0]),
        d=day(last, "end_used"),
    )


def _sequels(story: Story, lead: Lead) -> list[Fact]:
    """Return what the lead did over the quarter and the year that followed, or over the month if that is all."""
    found = [f for h in HORIZONS if (f := _sequel(story, lead, h)) is not None]
    if found:
        return found
    month = _sequel(story, lead, 1)
    return [] if month is None else [month]


def _sequel(story: Story, lead: Lead, months: int) -> Fact | None:
    try:
        end = calendar.previous_session(_later(story.window.end, months))
    except BadWindowError:
        return None
    if end > story.as_of:
        return None
    window = Window(story.window.end, end)
    fact = (
        story.maybe("return_spread", *lead.fact.series, window=window)
        if lead.paired
        else story.maybe("factor_return", lead.fact.series[0], window=window)
    )
    if fact is None or is_flat(fact) or not one_snapshot(story, fact):
        return None
    return fact


def _later(start: dt.date, months: int) -> dt.date:
    """Return the same day so many months later; the last session of a month leads to the end of one."""
    end = month_end(start, months)
    if calendar.previous_session(month_end(start)) == calendar.previous_session(start):
        return end
    return end.replace(day=min(start.day, end.day))
