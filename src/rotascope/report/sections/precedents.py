"""What followed earlier months with such a lead of value or growth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rotascope.facts.metrics.lists import parameter_of
from rotascope.facts.metrics.unusual import is_calendar_month
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.model.units import Unit
from rotascope.report.prose import Piece, number
from rotascope.report.sections.rarity import leader_first, since, ticker
from rotascope.report.story import Story
from rotascope.report.words import is_flat

HORIZONS = (1, 6)  # months after which the sequel of a precedent is read
_FEW = 3  # fewer cases are no base rate
_SCARCE = 10  # cases


def round_threshold(value: float) -> float:
    """Return two thirds of a lead as a whole number of points, at least one: enough cases to count."""
    return float(max(1, int(abs(value) * 2 / 3)))


def sequels(story: Story) -> list[Inline | None]:
    """Say how many earlier months had such a lead of value or growth, and what followed them."""
    if not story.styles:
        return []
    pair = story.styles[0]
    legs = leader_first(pair)
    threshold = round_threshold(pair.spread.value)
    count = story.maybe("precedent_count", *legs, at_least=threshold)
    if count is None or pair.spread.window is None or not is_calendar_month(pair.spread.window):
        return []
    if count.value < _FEW or abs(pair.spread.value) < 1:  # a lead below the smallest threshold has no kind
        return []
    found = [_sequel(story, legs, threshold, horizon) for horizon in HORIZONS]
    told = _told_sequels(story, count, [s for s in found if s is not None])
    return [_how_often(story, legs, count), *told, _caution(story, count)]


def _how_often(story: Story, legs: tuple[str, str], count: Fact) -> Inline:
    p = story.prose
    limit = parameter_of(story.desk, count, "at_least", Unit.PP)
    unit = "point" if limit.value == 1 else "points"
    few = "only " if count.value < _SCARCE else ""
    return p.say(
        "{a} {led} {b} by {x} " + unit + " {more} in " + few + "{n} earlier months since {since}.",
        a=p.name(legs[0], ticker(story, legs[0])),
        led=p.claim("led", "positive", count),
        b=p.name(legs[1], ticker(story, legs[1])),
        x=number(limit, "word", "bare"),
        more=p.claim("or more", "at_least", limit, x=limit.value),
        n=number(count, "word"),
        since=since(story, legs),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sequel:
    """What followed the precedents after some months."""

    counted: Fact
    ahead: Fact
    mean: Fact


def _sequel(story: Story, legs: tuple[str, str], threshold: float, horizon: int) -> Sequel | None:
    settings: dict[str, Any] = {"at_least": threshold, "horizon": horizon}
    counted = story.maybe("precedents_counted", *legs, **settings)
    if counted is None or counted.value < _FEW:
        return None
    ahead = story.fact("precedents_ahead", *legs, **settings)
    return Sequel(counted, ahead, story.fact("precedents_mean", *legs, **settings))


def _told_sequels(story: Story, count: Fact, found: list[Sequel]) -> list[Inline | None]:
    """Tell in how many cases the lead had grown after each horizon, and what the average case did."""
    out: list[Inline | None] = []
    for sequel in found:
        later = number(parameter_of(story.desk, sequel.counted, "horizon", Unit.MONTHS), "word")
        opening = "After {later} that held in {k} of {n}{tail}."
        if not out:
            opening = "After {later} it had built on the lead in {k} of {n}{tail}."
        out.append(_counted(story, opening, later, sequel, count, first=not out))
    return out


def _counted(
    story: Story, template: str, later: Piece, sequel: Sequel, count: Fact, *, first: bool
) -> Inline:
    p = story.prose
    n: Inline | str = "them"
    if sequel.counted.value != count.value or not first:
        n = p.say("the {n} that can be counted" if sequel.counted.value != count.value else "the {n}",
                  n=number(sequel.counted, "word"))  # fmt: skip
    return p.say(
        template, later=later, k=number(sequel.ahead, "word"), n=n, tail=_average(story, sequel.mean)
    )


def _average(story: Story, mean: Fact) -> Inline | str:
    if is_flat(mean):
        return ""
    p = story.prose
    up = mean.value > 0
    word = p.claim("gained", "positive", mean) if up else p.claim("gave back", "negative", mean)
    return p.say(
        ", and the average case {word} {x}" + (" further" if up else ""),
        word=word,
        x=number(mean, "abs", decimals=1),
    )


def _caution(story: Story, count: Fact) -> Inline:
    few = "So few cases settle nothing, and where cases stand close together, part of what followed is the same."
    many = "Where cases stand close together, part of what followed them is the same."
    return story.prose.say(few if count.value <= 20 else many)
