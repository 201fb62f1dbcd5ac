"""Numbers that would change the reading: where they stand, the level to watch, and where it is measured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rotascope.facts.metrics.sequels import trigger_of
from rotascope.model.documents import Inline
from rotascope.model.errors import MissingDataError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.report.parts import Parts, TablePart, paragraph
from rotascope.report.prose import number
from rotascope.report.sections.families import dissenting
from rotascope.report.sections.leads import Lead, choice_of, half_of, leads, of_pair
from rotascope.report.sections.outlook import is_past
from rotascope.report.story import Story
from rotascope.report.words import is_flat

_EVEN = 100.0  # the centre of relative strength


@dataclass(frozen=True, slots=True)
class Watched:
    """One number to watch. `limit` is a trigger: metric, series and test stand in its recipe and input."""

    what: Inline
    now: Fact
    limit: Fact
    where: str
    decimals: int = 1


def write(story: Story) -> Parts:
    """List the numbers to watch with their triggers; a window long past has none."""
    p = story.prose
    if is_past(story):
        return [
            paragraph(
                p.say(
                    "Nothing is left to monitor: the window lies too far back for what comes to test its reading."
                )
            )
        ]
    rows = [w for w in _watched(story) if w is not None]
    if not rows:
        return [paragraph(p.say("No gap is wide enough to set a number for it."))]
    return [
        TablePart(
            caption=p.say(
                "Numbers that would change the reading; gaps are measured from the base of the window, {base}",
                base=story.report_day("window.start"),
            ),
            header=tuple(p.cell(t) for t in ("What", "At the end", "Trigger", "Measured")),
            rows=tuple(_trigger_row(story, w) for w in rows),
        )
    ]


def _trigger_row(story: Story, watched: Watched) -> tuple[Inline, ...]:
    p = story.prose
    up = watched.limit.value > watched.now.value
    word = p.claim("above" if up else "below", "gt" if up else "lt", watched.limit, watched.now)
    form = "signed" if watched.limit.unit in (Unit.PP, Unit.USD_M) else "plain"
    return (
        watched.what,
        p.cell(number(watched.now, form, "short", watched.decimals)),
        p.say("{word} {x}", word=word, x=number(watched.limit, form, "short", watched.decimals)),
        p.cell(watched.where),
    )


def _watched(story: Story) -> list[Watched | None]:
    mine = leads(story)
    halves = [_halved(story, lead) for lead in mine]
    return [
        *halves,
        _family(story, mine),
        _equal(story),
        _strength(story),
        _cycle(story),
        _money(story),
        _rate(story),
    ]


def _halved(story: Story, lead: Lead) -> Watched | None:
    limit = half_of(story, lead)
    if limit is None:
        return None
    p = story.prose
    a = p.name(lead.fact.series[0], choice_of(lead, 0))
    what = p.cell(a)
    if lead.paired:
        what = p.say("{a} minus {b}", a=a, b=p.name(lead.fact.series[1], lead.names[1]))
    return Watched(Inline(what.text[:1].upper() + what.text[1:], what.spans), lead.fact, limit, "any close")


def _family(story: Story, mine: list[Lead]) -> Watched | None:
    """The family that tells another story, at the number at which it would tell the same one."""
    far, lead = dissenting(story), next((m for m in mine if m.kind == "style" and m.paired), None)
    if far is None or lead is None:
        return None
    own = of_pair(story, "style", far)
    level = round(lead.fact.value / 2, 1)
    if own.fact.value >= level or own.fact.series[0] not in far.family.value + far.family.growth:
        return None
    p = story.prose
    a, b = own.fact.series[:2]
    return Watched(
        p.say("{a} minus {b}", a=p.name(a), b=p.name(b)),
        own.fact, trigger_of(story.desk, own.fact, "above", level), "any close",
    )  # fmt: skip


def _turn(story: Story, fact: Fact, decimals: int = 1, at: float = 0.0) -> Fact | None:
    """Return the trigger at which a reading changes its side."""
    try:
        return trigger_of(story.desk, fact, "below" if fact.value > at else "above", at, decimals)
    except MissingDataError:
        return None


def _plain(story: Story, what: str, fact: Fact | None, where: str) -> Watched | None:
    if fact is None or is_flat(fact):
        return None
    limit = _turn(story, fact)
    return None if limit is None else Watched(story.prose.say(what), fact, limit, where)


def _equal(story: Story) -> Watched | None:
    return _plain(
        story, "Equal weights minus weights by size", story.maybe("equal_minus_cap_weight"), "any close"
    )


def _cycle(story: Story) -> Watched | None:
    return _plain(
        story,
        "Cyclical minus defensive sectors",
        story.maybe("cyclical_minus_defensive"),
        "any close, fund prices",
    )


def _money(story: Story) -> Watched | None:
    fund = story.flow_fund
    flow = story.maybe("net_flow", fund)
    if flow is None or is_flat(flow, 0):
        return None
    limit = _turn(story, flow, 0)
    p = story.prose
    return (
        None
        if limit is None
        else Watched(
            p.say("Net flow, {x}", x=p.name(fund)), flow, limit, "the issuer's page, a session late", 0
        )
    )


def _strength(story: Story) -> Watched | None:
    small, broad = story.size_indices
    fact = story.maybe("rotation_strength", small, broad)
    limit = None if fact is None else _turn(story, fact, 1, _EVEN)
    if fact is None or limit is None or is_flat(limit) or abs(fact.value - _EVEN) < 0.1:
        return None
    p = story.prose
    return Watched(
        p.say("Strength of the {a} relative to the {b}", a=p.name(small), b=p.name(broad)),
        fact,
        limit,
        "any close",
    )


def _rate(story: Story) -> Watched | None:
    """The ten-year yield, back where it stood at the base."""
    for series in story.desk.universe.role("rates", "ten_year"):
        now = story.maybe("rate", series)
        start = story.window.start
        base = story.maybe("rate", series, window=Window(date(start.year - 1, start.month, 1), start))
        if now is None or base is None or not story.desk.has(series, Field.VALUE):
            continue
        level = round(base.value, 2)
        if level == round(now.value, 2):
            return None
        limit = trigger_of(story.desk, now, "above" if level > now.value else "below", level, 2)
        p = story.prose
        return Watched(p.say("The {x}", x=p.name(series)), now, limit, "the Treasury's page, daily", 2)
    return None
