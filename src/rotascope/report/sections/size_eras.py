"""Eras of small and of big companies: which one was open last, since when, and whether that is long."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from rotascope.facts.metrics.lists import count_of, extreme_of, parameter_of
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.model.units import Unit
from rotascope.report.charts import eras
from rotascope.report.parts import Parts
from rotascope.report.prose import Piece, day, number
from rotascope.report.sections.long_record import size_series
from rotascope.report.story import Story

ERA_FROM = date(1938, 12, 31)  # before it the ratio turns so often that eras mean little
_FEW = 3  # fewer cases are no base rate
_NEAR = 366  # days before the window in which a turn still matters to it


def _era_count(story: Story) -> tuple[tuple[str, ...], dict[str, Any], Fact | None]:
    """Return the series whose eras are told, the settings, and how many there are."""
    series = size_series(story)
    settings: dict[str, Any] = {"from": ERA_FROM.isoformat()}
    if len(series) > 1:
        settings["weights"] = tuple(s.replace(".VW.", ".FIRMS.") for s in series)
    return series, settings, story.maybe("era_count", *series, **settings) if series else None


def era_chart(story: Story) -> Parts:
    """Draw the eras that `eras_told` speaks of."""
    return eras.chart(story, _era_count(story)[2])


def eras_told(story: Story) -> list[Inline | None]:
    """Tell the open era by the finished ones: who leads, since when, and whether that is long.

    Facts: the count, lengths and start of the eras, and the median of the finished ones. How a turn is dated is said
    only where the window stands near one.
    """
    series, settings, count = _era_count(story)
    if count is None or count.value <= _FEW:
        return []
    lengths = [story.fact("era_length", *series, index=i, **settings) for i in range(int(count.value))]
    direction = story.fact("era_direction", *series, index=-1, **settings)
    start = story.fact("era_start", *series, index=-1, **settings)
    told = _open_era(story, count, lengths, start, "small" if direction.value > 0 else "big")
    return [told, _unseen(story, count) if _near_turn(story, start) else None]


def _open_era(story: Story, count: Fact, lengths: list[Fact], start: Fact, who: str) -> Inline:
    p = story.prose
    finished, now = lengths[:-1], lengths[-1]
    middle = extreme_of(story.desk, finished, "median")
    return p.say(
        "By the record to {end} the era of "
        + who
        + " companies, begun in {start}, had run for {age}, {word} the median of the "
        "{n} finished since {since}, {m}.",
        end=day(now, "end_used", "month"),
        start=number(start, "plain", "month"),
        age=number(now, decimals=1),
        word=_older(story, now, middle),
        n=number(count_of(story.desk, finished, "eras_finished"), "word"),
        since=number(parameter_of(story.desk, count, "from", Unit.DATE), "plain", "year"),
        m=number(middle, decimals=1),
    )


def _older(story: Story, now: Fact, middle: Fact) -> Piece | str:
    """Compare the age of the open era with the median; ages that print alike, in tenths, are called that."""
    if round(now.value - middle.value, 1) == 0:
        return "as long as"
    older = now.value > middle.value
    word = "longer than" if older else "shorter than"
    return story.prose.claim(word, "gt" if older else "lt", now, middle)


def _near_turn(story: Story, start: Fact) -> bool:
    """Say whether the open era began in the window or in the year before it."""
    number_ = int(start.value)
    begun = date(number_ // 10000, number_ // 100 % 100, number_ % 100)
    return begun >= story.window.start - timedelta(days=_NEAR)


def _unseen(story: Story, count: Fact) -> Inline:
    """Say how much of the relative value must change sides before a turn is dated."""
    limit = parameter_of(story.desk, count, "threshold", Unit.RATIO)
    fall = story.desk.make(
        "turn_threshold",
        limit.series,
        "relative_fall",
        [limit],
        unit=Unit.SHARE,
        decimals=0,
        window=limit.window,
    )
    return story.prose.say(
        "A turn is dated only once the value of the leaders relative to the others is down by {x} from its peak, so a new one "
        "may have begun unseen.",
        x=number(fall),
    )
