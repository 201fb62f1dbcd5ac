"""Risk factors: what could go wrong next. What the data already refutes stands in another section."""

from __future__ import annotations

from rotascope.facts.metrics.drivers import candidates
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.report.parts import Parts, heading, paragraph
from rotascope.report.prose import day, number
from rotascope.report.sections.leads import LEAST_LEAD, Lead, called, first_role, leads
from rotascope.report.sections.opportunities import rate_of, told
from rotascope.report.sections.outlook import Candidate, best, is_past, most_of, one_snapshot
from rotascope.report.story import Story
from rotascope.report.words import is_flat

_MOST = 2
_EDGE = 10.0  # percentiles this near an end are worth a word
_NARROW = 20.0
_LEAST_DAYS = 10
_ONE_DAY = 0.35  # share of a lead that one session made
_WEAKENING = 2  # the code of the quadrant
_SURE = 0.5  # share of the settings that must give it
_TOLD_T = 2.0  # t value from which an earlier relation is plain
_TOLD_GAP, _TOLD_PART = 0.25, 0.1  # log points, and as a part of what came


def write(story: Story) -> Parts:
    """Say what could end or reverse the leads, the most unusual first; never nothing."""
    mine = leads(story)
    found = best(
        [
            _base(story, mine),
            _one_day(story, mine),
            _weakening(story, mine),
            _odd_driver(story, mine),
            _nerves(story),
            _dear(story, mine),
            _multiple(story),
            _falling(story, mine),
            _printed(story, mine),
            _by_month(story, mine),
        ],
        most_of(story, _MOST),
    )
    if not found:
        found = [_plain(story)]
    return [heading("Risk factors", 3), *(paragraph(text) for text in found)]


def _plain(story: Story) -> Inline:
    return story.prose.say(
        "No risk stands out in the figures at hand; what was not measured is not ruled out."
    )


def _base(story: Story, mine: list[Lead]) -> Candidate | None:
    found = rate_of(story, mine, kept=False)
    if found is None:
        return None
    lead, rate = found
    return Candidate(-rate.surprise, lambda: told(story, lead, rate))


def _one_day(story: Story, mine: list[Lead]) -> Candidate | None:
    """Say how much of the size lead one session made; of the style lead the objections tell it."""
    lead = next((m for m in mine if m.kind == "size" and m.paired), None)
    biggest = story.maybe("largest_day", *lead.fact.series) if lead else None
    if lead is None or biggest is None or lead.fact.value < 1 or biggest.value < _ONE_DAY * lead.fact.value:
        return None
    days = story.maybe("sessions_counted", *lead.fact.series)
    if days is None or days.value < _LEAST_DAYS:  # of a few sessions one always weighs
        return None
    return Candidate(1 + biggest.value / lead.fact.value, lambda: _day_told(story, lead, biggest))


def _day_told(story: Story, lead: Lead, biggest: Fact) -> Inline:
    p = story.prose
    return p.say(
        "In size one session weighs heavily: {d} alone put {a} {ahead} of {b} by {x}. One such day the other way would take "
        "as much back.",
        d=number(story.fact("largest_day_on", *lead.fact.series)),
        a=called(story, lead, 0),
        ahead=p.claim("ahead", "positive", biggest),
        b=called(story, lead, 1),
        x=number(biggest, decimals=1),
    )


def _weakening(story: Story, mine: list[Lead]) -> Candidate | None:
    """Say that a lead of small companies was losing pace when the window closed."""
    small, broad = story.size_indices
    size = next((lead for lead in mine if lead.kind == "size" and lead.paired), None)
    quadrant = story.maybe("rotation_quadrant", small, broad)
    if size is None or quadrant is None or quadrant.value != _WEAKENING or not first_role(story, size):
        return None
    sure = story.maybe("rotation_stability", small, broad)
    if sure is None or sure.value < _SURE:
        return None
    return Candidate(1.2, lambda: _pace(story, quadrant))


def _pace(story: Story, quadrant: Fact) -> Inline:
    p = story.prose
    small, broad = quadrant.series
    return p.say(
        "The lead in size was losing pace when the window closed: measured by the {broad}, the {small} was {word}. Its line still "
        "stood over its own average, but no longer pulled away from it.",
        broad=p.name(broad),
        small=p.name(small),
        word=p.claim("weakening", "quadrant_is", quadrant, k=_WEAKENING),
    )


def _odd_driver(story: Story, mine: list[Lead]) -> Candidate | None:
    """Name the candidate driver that moved most plainly against its own earlier relation to the style gap."""
    style = next((lead for lead in mine if lead.kind == "style" and lead.paired), None)
    if style is None or style.fact.value < LEAST_LEAD:
        return None
    found = [row for name in candidates(story.desk) if (row := _contrary(story, style, name)) is not None]
    if not found:
        return None
    name, implied, actual = min(found, key=lambda row: row[1].value)
    weight = 1 + abs(implied.value) / max(abs(actual.value), 1)
    return Candidate(weight, lambda: _relation(story, name, implied, actual))


def _contrary(story: Story, lead: Lead, name: str) -> tuple[str, Fact, Fact] | None:
    """Return what a candidate implied and what came, if its relation was plain and the two differ in sign."""
    verdict, implied, actual, t = (
        story.maybe(f"driver_{what}", *lead.fact.series, driver=name)
        for what in ("verdict", "implied", "actual", "t")
    )
    if verdict is None or implied is None or actual is None or t is None:
        return None
    worth = max(_TOLD_GAP, _TOLD_PART * abs(actual.value))
    plain = verdict.value == -1 and abs(t.value) >= _TOLD_T and abs(implied.value) >= worth
    return (name, implied, actual) if plain and implied.value < 0 < actual.value else None


def _relation(story: Story, name: str, implied: Fact, actual: Fact) -> Inline:
    p = story.prose
    label = str(story.desk.universe.roles["drivers"][name]["label"])
    return p.say(
        f"{label[:1].upper()}{label[1:]} points the other way: by the relation of the year before, its move goes with {{x}} log "
        "points of style lead, and what came had the {opposite} sign. The window alone cannot tell whether that relation is over.",
        x=number(implied, "signed", "bare", decimals=1),
        opposite=p.claim("opposite", "opposite", implied, actual),
    )


def _nerves(story: Story) -> Candidate | None:
    """Say so where lenders or option buyers were unusually nervous or unusually calm."""
    roles = story.desk.universe
    yields = (roles.role("rates", "credit_low")[0], roles.role("rates", "credit_high")[0])
    found = [story.maybe("valuation_percentile", *yields), story.maybe("level_percentile", "VIXCLS")]
    told_ = [f for f in found if f is not None and abs(f.value - 50) >= 50 - _EDGE and one_snapshot(story, f)]
    if not told_:
        return None
    pct = max(told_, key=lambda f: abs(f.value - 50))
    return Candidate(abs(pct.value - 50) / 25, lambda: _mood(story, pct))


def _mood(story: Story, pct: Fact) -> Inline:
    what = "the ratio of Moody's BAA yield to its AAA yield" if len(pct.series) == 2 else "the VIX"
    return story.prose.say(
        f"When the window closed, {what} stood in the "
        + (
            "{pct} of its record. What was measured in so nervous a market need not hold in a calm one."
            if pct.value > 50
            else "{pct} of its record. What was measured in so calm a market need not hold in a nervous one."
        ),
        pct=number(pct, style="long"),
    )


def _dear(story: Story, mine: list[Lead]) -> Candidate | None:
    """Say that value was not cheap by its own record."""
    pct = story.maybe("valuation_percentile")
    if not mine or pct is None or pct.value > _NARROW or not one_snapshot(story, pct):
        return None
    return Candidate(
        (50 - pct.value) / 25,
        lambda: story.prose.say(
            "The gap in book-to-market between big value and big growth stood in the {pct} of its record at the end of {when}: "
            "value was not cheap by that measure.",
            pct=number(pct, style="long"),
            when=day(pct, "end_used", "month"),
        ),
    )


def _multiple(story: Story) -> Candidate | None:
    """Say so where the whole market was dear, which a relative lead does not cure."""
    pct = story.maybe("level_percentile", story.desk.universe.role("valuation", "cape")[0])
    if pct is None or pct.value < 100 - _EDGE or not one_snapshot(story, pct):
        return None
    return Candidate(
        (pct.value - 50) / 40,
        lambda: story.prose.say(
            "The whole market was dear, with Shiller's price-earnings ratio in the {pct} of its record; a lead of one side over "
            "the other is no answer to that.",
            pct=number(pct, style="long"),
        ),
    )


def _falling(story: Story, mine: list[Lead]) -> Candidate | None:
    """Say that the side in front fell as well."""
    lead = next((m for m in mine if m.paired), None)
    own = story.maybe("price_return", lead.fact.series[0]) if lead else None
    if lead is None or own is None or own.value >= 0 or is_flat(own):
        return None
    return Candidate(1.1, lambda: _in_front(story, lead, own))


def _in_front(story: Story, lead: Lead, own: Fact) -> Inline:
    p = story.prose
    verb = p.claim("lost", "negative", own, subject=lead.fact.series[0])
    return p.say(
        "Being in front did not mean a profit: {a} {lost} {x}.",
        a=called(story, lead, 0, of=verb, role="subject"),
        lost=verb,
        x=number(own, "abs", decimals=1),
    )


def _printed(story: Story, mine: list[Lead]) -> Candidate | None:
    """Say that a lead rests on levels that publications printed."""
    lead = next((m for m in mine if m.paired and story.desk.is_reported(m.fact.series[0])), None)
    if lead is None:
        return None
    return Candidate(
        1.0,
        lambda: story.prose.say(
            "The lead rests on levels as the press printed them; a misprint would move it, and no database is at hand to show one."
        ),
    )


def _by_month(story: Story, mine: list[Lead]) -> Candidate | None:
    """Say that a factor known by the month hides what happens inside one."""
    if not mine or any(lead.paired for lead in mine) or is_past(story):
        return None
    return Candidate(
        0.5,
        lambda: story.prose.say(
            "The factors are known by the month alone, so a turn inside a month stays unseen until it is over."
        ),
    )
