"""Opportunity windows: stretches of time in which the reading says what to look at. Never advice."""

from __future__ import annotations

from rotascope.facts.metrics.lists import parameter_of
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.model.units import Unit
from rotascope.report.parts import Parts, heading, paragraph
from rotascope.report.prose import Piece, day, number
from rotascope.report.sections.base_rates import BaseRate, base_rate
from rotascope.report.sections.leads import LEAST_LEAD, Lead, called, first_role, leads, owner
from rotascope.report.sections.outlook import Candidate, best, months_in, most_of, one_snapshot
from rotascope.report.story import Story
from rotascope.report.words import ranked

IMPROVING = 4  # the code of the quadrant
_SURE = 0.75  # share of the settings that must say so
_MOST = 2
_STALE_DAYS = 62
_FEW = 30  # up to so many cases a count says more than a share
_WIDE = 80.0  # percentile from which a valuation gap leaves room


def write(story: Story) -> Parts:
    """Say what the figures leave open, the most unusual first; say so where they leave nothing open."""
    mine = leads(story)
    found = best([_base(story, mine), _cheap(story), _improving(story)], most_of(story, _MOST))
    if not found:
        found = [_nothing(story, mine)]
    return [heading("Opportunity windows", 3), *(paragraph(text) for text in found)]


def _nothing(story: Story, mine: list[Lead]) -> Inline:
    if not mine:
        return story.missing(
            "No lead in style or size is in the data of {as_of}, so there is none to follow up."
        )
    if all(abs(lead.fact.value) < LEAST_LEAD for lead in mine):
        return story.prose.say(
            "None stands out: the leads are under a point, too small to look up what followed such ones."
        )
    if months_in(story) is None:
        return story.prose.say(
            "None stands out: what followed is counted over whole months, and the window is not made of those."
        )
    return story.prose.say(
        "None stands out: what followed such windows is much like what followed the rest, or the cases are too few to tell."
    )


def rate_of(story: Story, mine: list[Lead], kept: bool) -> tuple[Lead, BaseRate] | None:
    """Return the most telling base rate among the leads, of those that favour the lead or of those that do not."""
    found = [(lead, rate) for lead in mine if (rate := base_rate(story, lead)) is not None]
    fitting = [row for row in found if (row[1].surprise > 0) == kept]
    return max(fitting, key=lambda row: abs(row[1].surprise), default=None)


def _base(story: Story, mine: list[Lead]) -> Candidate | None:
    found = rate_of(story, mine, kept=True)
    if found is None:
        return None
    lead, rate = found
    return Candidate(rate.surprise, lambda: told(story, lead, rate))


def told(story: Story, lead: Lead, rate: BaseRate) -> Inline:
    """Say what followed such leads beside what followed all stretches, which way that leans, and how surely."""
    p = story.prose
    own = len(rate.counted.series) == 2
    side = owner(story, lead, front=rate.surprise > 0)
    lean = f"The record leans towards {side}" if side else "The record leans one way"
    pieces: dict[str, Piece | Inline | str] = {
        "limit": _limit(story, rate.limit),
        "h": number(parameter_of(story.desk, rate.counted, "horizon", Unit.MONTHS), "word"),
        "cases": _cases(story, rate),
        "tail": _all_stretches(story, rate.base),
    }
    if own:
        first = p.say(
            lean
            + ": after leads of {limit} over a stretch of this length, that of {a} was bigger {h} later in {cases}; {tail}.",
            a=called(story, lead, 0),
            **pieces,
        )
    else:
        first = p.say(
            lean
            + ": where {f} had returned {limit} over a stretch of this length, it came out positive over the next {h} in {cases}; "
            "{tail}.",
            f=p.name(rate.counted.series[0], 1 if lead.paired else 0),
            **pieces,
        )
    return p.join(first, p.say("It is the clearest of the horizons tried, so part of it may be chance."))


def _all_stretches(story: Story, base: Fact) -> Inline:
    """Return the base rate, with the months that it spans; the last one only where it is not that of the window."""
    p = story.prose
    assert base.window is not None and base.window.end_used is not None
    stale = (story.window.end - base.window.end_used).days > _STALE_DAYS
    span = (
        p.say("from {a} to {b}", a=day(base, "start_used", "month"), b=day(base, "end_used", "month"))
        if stale
        else p.say("since {a}", a=day(base, "start_used", "month"))
    )
    return p.say("all stretches {span} give {x}", span=span, x=number(base))


def _cases(story: Story, rate: BaseRate) -> Inline:
    """Return how often, out of how many: in counts where they are few, else as a share."""
    p = story.prose
    counts = {"n": number(rate.counted, "word"), "i": number(rate.independent, "word")}
    if rate.counted.value > _FEW:
        return p.say("{share} of {n} cases ({i} without overlap)", share=number(rate.share), **counts)
    return p.say("{k} of {n} cases ({i} without overlap)", k=number(rate.ahead, "word"), **counts)


def _limit(story: Story, limit: Fact) -> Inline:
    """Return a bound in words: "four points or more", "-6% or less"."""
    p = story.prose
    more = (
        p.claim("or more", "at_least", limit, x=limit.value)
        if limit.value > 0
        else p.claim("or less", "at_most", limit, x=limit.value)
    )
    if limit.unit is Unit.PERCENT:
        return p.say("{x} {more}", x=number(limit), more=more)
    unit = " point " if abs(limit.value) == 1 else " points "
    return p.say("{x}" + unit + "{more}", x=number(limit, "word", "bare"), more=more)


def _cheap(story: Story) -> Candidate | None:
    """Name a gap in valuation that is wide by its own record."""
    pct = story.maybe("valuation_percentile")
    if pct is None or pct.value < _WIDE or not one_snapshot(story, pct):
        return None
    return Candidate((pct.value - 50) / 25, lambda: _cheapness(story, pct))


def _cheapness(story: Story, pct: Fact) -> Inline:
    style = next((lead for lead in leads(story) if lead.kind == "style"), None)
    led = style is not None and first_role(story, style)
    return story.prose.say(
        ("Value was cheap even after its lead" if led else "Value was cheap by its own record")
        + ": at the end of {when} the book-to-market ratio of big value stood at {times} times that of big growth, in the "
        "{pct} of a record whose middle is {middle}.",
        when=day(pct, "end_used", "month"),
        times=number(story.fact("valuation_gap"), decimals=1),
        pct=number(pct, style="long"),
        middle=number(story.fact("valuation_gap_median"), decimals=1),
    )


def _improving(story: Story) -> Candidate | None:
    """Name the sectors whose relative line has turned up under its average, where most settings say so."""
    broad = story.desk.first_available(story.desk.universe.role("weighting", "cap"))
    if broad is None:
        return None
    found: list[tuple[Fact, Fact]] = []  # quadrant, and the share of settings that give it
    for sector in ranked(story.sectors):
        name = sector.series[0]
        quadrant = story.maybe("rotation_quadrant", name, broad)
        stable = story.maybe("rotation_stability", name, broad)
        if quadrant is None or stable is None or quadrant.value != IMPROVING or stable.value < _SURE:
            continue
        found.append((quadrant, stable))
    return Candidate(0.8, lambda: _turning(story, found[:2])) if found else None


def _turning(story: Story, found: list[tuple[Fact, Fact]]) -> Inline:
    p = story.prose
    (first, sure), (last, sure_too) = found[0], found[-1]
    pieces = {
        "a": p.name(first.series[0]),
        "word": p.claim("improving", "quadrant_is", first, k=IMPROVING),
        "x": number(sure),
    }
    if len(found) == 1:
        return p.say(
            "{a} closed the window {word}, as {x} of the settings tried have it: relative to the index its line had turned up "
            "while still under average. That is where it stands, not where it goes.",
            **pieces,
        )
    return p.say(
        "{a} closed the window {word}, as {x} of the settings tried have it, and {b} too, as {y} have it: relative to the index "
        "their lines had turned up while still under average. That is where they stand, not where they go.",
        **pieces,
        b=p.name(last.series[0]),
        y=number(sure_too),
    )
