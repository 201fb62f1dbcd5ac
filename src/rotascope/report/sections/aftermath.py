"""What came after a window long past: whether each lead was built on or handed back."""

from __future__ import annotations

import datetime as dt

from rotascope.ingest import calendar
from rotascope.model.documents import Inline
from rotascope.model.errors import BadWindowError
from rotascope.model.facts import Fact, Window
from rotascope.model.units import Unit
from rotascope.report.prose import Piece, day, number
from rotascope.report.sections.base_rates import HORIZONS
from rotascope.report.sections.leads import LEAST_LEAD, Lead, called, leads, owner
from rotascope.report.sections.outlook import month_end, one_snapshot
from rotascope.report.sections.timing import newest_close
from rotascope.report.story import Story
from rotascope.report.words import is_flat, moved, versus


def aftermath(story: Story) -> Inline:
    """Say what became of each lead, the second one by comparison with the first."""
    mine = [lead for lead in leads(story) if abs(lead.fact.value) >= LEAST_LEAD] or leads(story)
    known = [(lead, found) for lead in mine if (found := _sequels(story, lead))]
    if not known:
        return _unknown(story, mine)
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
    return story.prose.join(*out, story.prose.say("These figures count from the close of the window."))


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
