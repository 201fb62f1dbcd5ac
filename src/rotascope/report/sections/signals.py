"""Whether rules that follow the rotation would have paid: the best of those tried, and what luck gives."""

from __future__ import annotations

from rotascope.facts.metrics.lists import count_of
from rotascope.facts.metrics.signals import Trial, deflated_p, trial
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.model.units import Unit
from rotascope.report.parts import Parts, heading, paragraph
from rotascope.report.prose import day, number
from rotascope.report.sections.reported import cited
from rotascope.report.story import MISSING, Story

_NULL = "PUBLISHED.SECTOR_ROTATION.FORESIGHT"
_RULES = {
    "momentum": "holds whichever of {a} and {b} was in front over the past year, the last month left out",
    "crossing": "holds {a} or {b}, whichever has relative momentum on its side",
    "equal_weight": "holds {a} while equal weights run in front of cap weights, and {b} otherwise",
}
_SKILL, _HINT = 0.05, 0.2  # of a deflated p value


def write(story: Story) -> Parts:
    """Judge the rules where the funds have years of data; say nothing where they have not."""
    tried = _tried(story)
    if len(tried) < 2:
        return []
    earned = [t.fact(story.desk, "signal_excess", "mean_excess", Unit.PP, 2) for t in tried]
    at = max(range(len(earned)), key=lambda i: earned[i].value)
    told = (_best(story, tried[at], earned, at), _verdict(story, tried, at, earned[at]), _null(story))
    return [heading("Would a rule have paid?", 3), paragraph(story.prose.join(*told))]


def _tried(story: Story) -> list[Trial]:
    """Return every rule on every pair that has the data: those tried, all of them counted."""
    found = []
    for pairs, rules in (
        (story.styles[:1], ("momentum", "crossing")),
        (story.sizes[:1], ("momentum", "crossing", "equal_weight")),
    ):
        for pair in pairs:
            legs = (pair.spread.series[0], pair.spread.series[1])
            for rule in rules:
                try:
                    found.append(trial(story.desk, legs, rule, story.window))
                except MISSING:
                    continue
    return found


def _best(story: Story, best: Trial, earned: list[Fact], at: int) -> Inline:
    p = story.prose
    own = earned[at]
    verb = p.claim("gained", "positive", own) if own.value > 0 else p.claim("lost", "negative", own)
    rule = p.say(_RULES[best.rule], a=p.name(best.legs[0]), b=p.name(best.legs[1]))
    return p.say(
        "Of {n} rules that follow the lead, tried month by month since {start} with dividends and after costs, the {top} {verb} "
        "{x} a year over an even split of its pair: it {rule}.",
        n=number(count_of(story.desk, earned, "rules_tried"), "word"),
        start=day(own, "start_used", "year"),
        top=p.claim("best", "max_of", own, *(f for i, f in enumerate(earned) if i != at)),
        rule=rule,
        verb=verb,
        x=number(own, "abs", decimals=1),
    )


def _verdict(story: Story, tried: list[Trial], at: int, own: Fact) -> Inline:
    """Say how often luck does as well; the count of shuffled dates is told only where luck is in doubt."""
    p = story.prose
    luck = deflated_p(story.desk, tried, at)
    chance = number(luck, decimals=0 if luck.value >= 0.01 else 1)
    if own.value <= 0:
        return p.say("Even that did not keep up with the split, so there is no evidence that such rules pay.")
    if luck.value > _HINT:
        return p.say(
            "With as many rules without merit, one that looks as good turns up with a chance of {luck}: no evidence that such "
            "rules pay.",
            luck=chance,
        )
    beaten = tried[at].fact(story.desk, "signal_beaten_shuffles", "beaten", Unit.SHARE, 0)
    sure = luck.value <= _SKILL and beaten.value >= 1.0 - _SKILL
    return p.say(
        "The same positions moved to other dates did worse in {beaten} of the cases. With as many rules without merit, one that "
        "looks as good turns up with a chance of {luck}: "
        + (
            "luck alone is an unlikely account of it, which is still no promise."
            if sure
            else "a hint and no finding."
        ),
        beaten=number(beaten, decimals=0),
        luck=chance,
    )


def _null(story: Story) -> Inline | None:
    """Cite what research found possible with the business cycle known in advance."""
    fact = story.maybe("reported", _NULL)
    if fact is None:
        return None
    p = story.prose
    return p.say(
        "For scale, rotating sectors with the business cycle known in advance is reported to have brought up to {x} a "
        "year before costs {cite}.",
        x=number(fact, decimals=1),
        cite=cited(story, fact),
    )
