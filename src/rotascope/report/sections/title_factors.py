"""The title where no style funds are in the data: what the factors of value and size did."""

from __future__ import annotations

from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.report.prose import capital
from rotascope.report.sections.periods import in_or_after, when_of
from rotascope.report.sections.rarity import SLIGHT_BELOW, factor_place
from rotascope.report.story import Story
from rotascope.report.words import band, is_flat, moved

_LEAST = 1.0  # percent; what moved by less leads no title


def factor_title(story: Story, value: Fact) -> Inline:
    """Lead with the factors where they did anything out of the ordinary; a quiet stretch is called one."""
    told = [
        f
        for f in (value, story.size_factor)
        if f is not None and abs(f.value) >= _LEAST and _factor_percentile(story, f) >= SLIGHT_BELOW
    ]
    told.sort(key=lambda f: (-_factor_percentile(story, f), -abs(f.value)))
    if not told:
        return _quiet_factors(story, value)
    if told[0] is not value or len(told) > 1:
        return _factors_title(story, told[:2])
    return _value_title(story, value)


def _value_title(story: Story, value: Fact) -> Inline:
    """Set the value factor beside what the market did, where that is known."""
    p = story.prose
    verb, amount = moved(p, value, "gained", "lost", subject=value.series[0], decimals=0)
    who = p.name(value.series[0], "The value factor", of=verb, role="subject")
    line, market = p.say("{who} {verb} {x}", who=who, verb=verb, x=amount), _market(story)
    if market is not None:
        verb2, amount2 = moved(p, market, "rose", "fell", subject=market.series[0], decimals=0)
        name = "market factor" if market is story.market_factor else 0
        line = p.say(
            "{line} while the {market} {verb} {x}",
            line=line,
            market=p.name(market.series[0], name, of=verb2, role="subject"),
            verb=verb2,
            x=amount2,
        )
    return p.say("{line}" + in_or_after(value), line=line, when=when_of(story, value))


def _market(story: Story) -> Fact | None:
    """Return what the market did: the broad index, else the first one that is known, else the market factor."""
    broad = story.desk.universe.role("indices", "broad")
    known = [f for f in story.indices if f.series[0] in broad] or story.indices
    found = known[0] if known else story.market_factor
    return None if found is None or is_flat(found) else found


def _factor_percentile(story: Story, fact: Fact) -> float:
    found = factor_place(story, fact)
    return 0.0 if is_flat(fact) else 100.0 if found is None else found.value


def _factors_title(story: Story, facts: list[Fact]) -> Inline:
    p = story.prose
    parts: list[Inline] = []
    for fact in facts:
        verb, amount = moved(p, fact, "gained", "lost", subject=fact.series[0], decimals=0)
        full = next(n for n in story.desk.universe.instrument(fact.series[0]).names if n.startswith("The "))
        short = full.removeprefix("The ")
        name = p.name(fact.series[0], full if not parts else short, of=verb, role="subject")
        parts.append(p.say("{a} {v} {x}" if not parts else "the {a} {v} {x}", a=name, v=verb, x=amount))
    when, joint = when_of(story, facts[0]), in_or_after(facts[0])
    if len(parts) == 1:
        return p.say("{a}" + joint, a=parts[0], when=when)
    same = (facts[0].value > 0) == (facts[1].value > 0)
    return p.say("{a} " + ("and" if same else "while") + " {b}" + joint, a=parts[0], b=parts[1], when=when)


def _quiet_factors(story: Story, value: Fact) -> Inline:
    p = story.prose
    percentile = factor_place(story, value)
    name = next(n for n in story.desk.universe.instrument(value.series[0]).names if n[0].islower())
    word: Inline | str = "little"
    if percentile is not None and percentile.value < SLIGHT_BELOW:
        word = p.say("a {x} move", x=band(p, percentile))
    return capital(
        p.say(
            "{word} in the {name}" + in_or_after(value),
            word=word,
            name=p.name(value.series[0], name),
            when=when_of(story, value),
        )
    )
