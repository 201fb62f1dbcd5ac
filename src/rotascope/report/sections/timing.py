"""Time sensitivity: which dates come next, how late the data are, and whether the reading can still change."""

from __future__ import annotations

from datetime import timedelta

from rotascope.facts.metrics.events import coming, due_print, scheduled
from rotascope.ingest.events import Event
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.report.parts import Parts, heading, paragraph
from rotascope.report.prose import day, number
from rotascope.report.sections.outlook import event_name, is_past
from rotascope.report.story import Story
from rotascope.store.series import to_date

KINDS = ("fomc", "employment", "cpi", "reconstitution", "earnings_season", "option_expiry")
_WITHIN = {"reconstitution": 120}
_SOON = 60  # days
_MOST = 4
_MONTHLY = 62  # days in which a monthly value must have come
_LATE = 2  # sessions after which a close is called late


def write(story: Story) -> Parts:
    """Name the next dates where the reading is fresh; say that it is history where it is not."""
    found = [_history(story)] if is_past(story) else [_dates(story), _late(story), _monthly(story)]
    text = story.prose.join(*found)
    if not text.text:
        text = story.prose.say(
            "No dated event is known for the coming weeks; the reading ages with each close all the same."
        )
    return [heading("Time sensitivity", 3), paragraph(text)]


def next_events(story: Story) -> list[Event]:
    """Return the soonest event of each kind that matters, at most four, by date."""
    found = []
    for kind in KINDS:
        ahead = coming(story.desk, kind, within=_WITHIN.get(kind, _SOON))
        found += ahead[:1]
    return sorted(found[:_MOST], key=lambda e: e.date)


def _dates(story: Story) -> Inline | None:
    events = next_events(story)
    if not events:
        return None
    p = story.prose
    pieces = [_date(story, e, first=i == 0) for i, e in enumerate(events)]
    text = pieces[0]
    for i, piece in enumerate(pieces[1:], 2):
        text = p.say("{a}; and {b}" if i == len(pieces) else "{a}; {b}", a=text, b=piece)
    return p.say("Next on the calendar: {x}.", x=text)


def _date(story: Story, event: Event, first: bool) -> Inline:
    fact = scheduled(story.desk, event)
    name = event_name(story, fact, event.kind, _special(event))
    same_year = event.date.year == story.as_of.year and not first
    when = number(fact, "plain", "day_month" if same_year else "long")
    if event.kind == "earnings_season":
        return story.prose.say("{name} around {when} (an estimate)", name=name, when=when)
    hedge = " is expected on " if event.status == "unconfirmed" else " on "
    return story.prose.say("{name}" + hedge + "{when}", name=name, when=when)


def _special(event: Event) -> str:
    """Return a name that says more than the kind, where the event calls for one."""
    if event.kind == "earnings_season":
        return f"the {'start' if event.title.endswith('begins') else 'end'} of the earnings season"
    return "the quarterly expiry of options" if event.title.startswith("Quarterly") else ""


def _late(story: Story) -> Inline | None:
    """Say how old the newest close is, where it is late."""
    level = newest_close(story, story.styles[0].spread.series[0] if story.styles else None)
    if level is None or level.window is None or level.window.end_used is None:
        return None
    end = level.window.end_used
    waited = story.maybe("sessions_since", window=Window(end - timedelta(days=1), end))
    if waited is None or waited.value < _LATE:
        return None
    p = story.prose
    return p.say(
        "This report comes {n} after the newest close that it could use, that of {d}.",
        n=number(waited, "word"),
        d=day(level, "end_used"),
    )


def newest_close(story: Story, series: str | None) -> Fact | None:
    """Return the last level of a series, or of the broad index where none is named; None if there is none."""
    for name in [series] if series else story.desk.universe.role("indices", "broad"):
        if story.desk.has(name):
            last = to_date(story.desk.series(name, Field.CLOSE).dates[-1])
            return story.maybe("level", name, window=Window(last - timedelta(days=1), last))
    return None


def _monthly(story: Story) -> Inline | None:
    """Name the inputs that come once a month, with the last month that is known."""
    p = story.prose
    rates = story.desk.universe
    series = rates.role("rates", "credit_low")[0]
    rate = story.maybe("rate", series, window=Window(story.as_of - timedelta(days=_MONTHLY), story.as_of))
    if rate is None or not story.styles:
        return None
    known = p.say("Corporate yields, monthly, are known to {month}", month=day(rate, "end_used", "month"))
    due = due_print(story.desk, series, Field.VALUE)
    if due is None:
        return p.say("{known}.", known=known)
    fact = scheduled(story.desk, due)
    return p.say(
        "{known}; {next} is due around {when}.",
        known=known,
        next=event_name(story, fact, due.kind),
        when=number(fact, "plain", "day_month" if due.date.year == story.as_of.year else "long"),
    )


def _history(story: Story) -> Inline:
    p = story.prose
    return p.say(
        "The window closed on {end}; no date to come bears on its reading, and only revised data can change it.",
        end=story.report_day("window.end"),
    )
