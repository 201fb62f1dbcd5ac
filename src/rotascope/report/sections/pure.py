"""Pure spreads in words: value with size held fixed, size with style held fixed."""

from __future__ import annotations

from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.report.story import Story
from rotascope.report.words import is_flat, versus


def both(story: Story) -> Inline:
    """Tell value within each size, then size within each style; empty where French's months do not reach."""
    return story.prose.join(
        _pair(
            story,
            "value_minus_growth_big",
            "value_minus_growth_small",
            "With size held fixed, in French's portfolios and with dividends, {one}, and {other}.",
        ),
        _pair(
            story,
            "small_minus_large_value",
            "small_minus_large_growth",
            "With style held fixed in French's portfolios, {one}, and {other}.",
        ),
    )


def _pair(story: Story, first: str, second: str, template: str) -> Inline | None:
    found = [story.maybe(first), story.maybe(second)]
    facts = [f for f in found if f is not None]
    if len(facts) < 2 or any(is_flat(f) or not story.covers(f) for f in facts):
        return None
    return story.prose.say(template, one=_one(story, facts[0]), other=_one(story, facts[1]))


def _one(story: Story, fact: Fact) -> Inline:
    p = story.prose
    verb, amount = versus(p, fact)
    return p.say(
        "{a} {verb} {b} by {x}",
        a=p.name(fact.series[0], of=verb, role="subject"),
        verb=verb,
        b=p.name(fact.series[1], of=verb, role="object"),
        x=amount,
    )
