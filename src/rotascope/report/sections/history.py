"""Base rates: what followed such months, how often size paid over ten years, how long eras lasted."""

from __future__ import annotations

from datetime import date
from typing import Any

from rotascope.facts.metrics.lists import extreme_of, parameter_of
from rotascope.facts.metrics.unusual import is_calendar_month
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.report.parts import Parts, heading, paragraph
from rotascope.report.prose import day, number
from rotascope.report.sections.rarity import leader_first, since, ticker
from rotascope.report.story import Story
from rotascope.report.words import is_flat

MODERN = date(1988, 12, 31)  # windows ending later have seen the papers and funds that made size famous
ERA_FROM = date(1938, 12, 31)  # before it the ratio turns so often that eras mean little
HORIZONS = (1, 6)  # months after which the sequel of a precedent is read
_FEW = 3  # fewer cases are no base rate
_STALE_YEARS = 1


def write(story: Story) -> Parts:
    """What history says: sequels of such months, ten-year windows, eras."""
    parts: Parts = [heading("Historical precedent", 3)]
    for make in (_sequels, _ten_years, _eras):
        text = story.prose.join(*make(story))
        if text.text:
            parts.append(paragraph(text))
    if len(parts) == 1:
        parts.append(paragraph(story.missing("No history long enough is available as of {as_of}.")))
    return parts


def round_threshold(value: float) -> float:
    """Return two thirds of a lead as a whole number of points, at least one: enough cases to count."""
    return float(max(1, int(abs(value) * 2 / 3)))


def _sequels(story: Story) -> list[Inline | None]:
    if not story.styles:
        return []
    pair = story.styles[0]
    legs = leader_first(pair)
    threshold = round_threshold(pair.spread.value)
    count = story.maybe("precedent_count", *legs, at_least=threshold)
    if count is None or pair.spread.window is None or not is_calendar_month(pair.spread.window):
        return []
    if count.value < _FEW:
        return []
    sequels = [_sequel(story, legs, threshold, horizon) for horizon in HORIZONS]
    return [_how_often(story, legs, count), *sequels, _caution(story, count)]


def _how_often(story: Story, legs: tuple[str, str], count: Fact) -> Inline:
    p = story.prose
    limit = parameter_of(story.desk, count, "at_least", Unit.PP)
    return p.say(
        "How long do such leads last? {a} {led} {b} by {x} {more} in {n} earlier months since {since}.",
        a=p.name(legs[0], ticker(story, legs[0])),
        led=p.claim("led", "positive", count),
        b=p.name(legs[1], ticker(story, legs[1])),
        x=number(limit, "word"),
        more=p.claim("or more", "at_least", limit, x=limit.value),
        n=number(count, "word"),
        since=since(story, legs),
    )


def _sequel(story: Story, legs: tuple[str, str], threshold: float, horizon: int) -> Inline | None:
    p = story.prose
    settings: dict[str, Any] = {"at_least": threshold, "horizon": horizon}
    counted = story.maybe("precedents_counted", *legs, **settings)
    if counted is None or counted.value < _FEW:
        return None
    later = number(parameter_of(story.desk, counted, "horizon", Unit.MONTHS), "word")
    return p.say(
        "After {later} it had built on the lead in {k} of the {n} that can be counted{tail}.",
        later=later,
        k=number(story.fact("precedents_ahead", *legs, **settings), "word"),
        n=number(counted, "word"),
        tail=_average(story, story.fact("precedents_mean", *legs, **settings)),
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
    few = "So few cases settle nothing, and those that stand close together share their sequels."
    many = "Cases that stand close together share their sequels."
    return story.prose.say(few if count.value <= 20 else many)


def size_series(story: Story) -> tuple[str, ...]:
    """Return French's portfolios if they are there, otherwise the size factor, otherwise nothing."""
    french = story.desk.universe.roles["french"]
    portfolios = (*french["small_legs"], *french["big_legs"])
    if all(story.desk.has(s, Field.VALUE) for s in portfolios):
        return portfolios
    factor = str(french["size_factor"])
    return (factor,) if story.desk.has(factor, Field.VALUE) else ()


def _ten_years(story: Story) -> list[Inline | None]:
    series = size_series(story)
    share = story.maybe("rolling_win_share", *series) if series else None
    if share is None:
        return []
    return [_long_record(story, series, share), _since_then(story, series, share), _edition(story, share)]


def _long_record(story: Story, series: tuple[str, ...], share: Fact) -> Inline:
    p = story.prose
    return p.say(
        "Over ten-year stretches the record favours size: {who} in {x} of the {n} windows that can be formed from {a} to {b}."
        if share.value > 0.5
        else "Over ten-year stretches the record does not favour size: {who} in {x} of the {n} windows that can be formed from "
        "{a} to {b}.",
        who=_who(story, series),
        x=number(share),
        n=number(story.fact("rolling_window_count", *series)),
        a=day(share, "start_used", "month"),
        b=day(share, "end_used", "month"),
    )


def _who(story: Story, series: tuple[str, ...]) -> Inline:
    p = story.prose
    if len(series) > 1:
        return p.say("small companies finished in front of big ones")
    return p.say(
        "{smb}, the return of small companies minus that of big ones, came out positive",
        smb=p.name(series[0]),
    )


def _since_then(story: Story, series: tuple[str, ...], share: Fact) -> Inline | None:
    modern = story.maybe("rolling_win_share", *series, end_after=MODERN.isoformat())
    if modern is None:
        return None
    p = story.prose
    cut = number(parameter_of(story.desk, modern, "end_after", Unit.DATE), "plain", "year")
    if modern.value >= share.value:
        return p.say("Among the windows that end after {cut} it is {y}.", cut=cut, y=number(modern))
    story.objections.append(
        p.say(
            "That size pays over ten-year stretches as it once did. Won by small companies: {x} of all windows on record, {y} of "
            "those that end after {cut}.",
            x=number(share),
            y=number(modern),
            cut=cut,
        )
    )
    return p.say(
        "Among the windows that end after {cut} the share is {y}, {below} the long record.",
        cut=cut,
        y=number(modern),
        below=p.claim("below", "lt", modern, share),
    )


def _edition(story: Story, share: Fact) -> Inline | None:
    """Say so where the record in hand ends long before the report's date."""
    assert share.window is not None
    end = share.window.end_used
    if end is None or (story.as_of - end).days < 366 * _STALE_YEARS or story.window.end <= end:
        return None
    p = story.prose
    return p.say(
        "The edition of that record known on {as_of} stops in {end}, so the years since are not in these shares.",
        as_of=story.report_day(),
        end=day(share, "end_used", "month"),
    )


def _eras(story: Story) -> list[Inline | None]:
    series = size_series(story)
    settings: dict[str, Any] = {"from": ERA_FROM.isoformat()}
    if len(series) > 1:
        settings["weights"] = tuple(s.replace(".VW.", ".FIRMS.") for s in series)
    count = story.maybe("era_count", *series, **settings) if series else None
    if count is None or count.value <= _FEW:
        return []
    lengths = [story.fact("era_length", *series, index=i, **settings) for i in range(int(count.value))]
    return [_era_lengths(story, count, lengths[:-1]), _open_era(story, series, settings)]


def _era_lengths(story: Story, count: Fact, finished: list[Fact]) -> Inline:
    p = story.prose
    by_length = sorted(finished, key=lambda f: f.value)
    return p.say(
        "Leadership comes in eras of uneven length. If a turn is marked where the log ratio of small to big has come back by "
        "{h}, the years since {since} hold {n}; the finished ones ran from {a} to {b}, with {m} in the middle.",
        h=number(parameter_of(story.desk, count, "threshold", Unit.RATIO), decimals=1),
        since=number(parameter_of(story.desk, count, "from", Unit.DATE), "plain", "year"),
        n=number(count, "word"),
        a=number(by_length[0], style="bare", decimals=1),
        b=number(by_length[-1], decimals=1),
        m=number(extreme_of(story.desk, finished, "median"), style="bare", decimals=1),
    )


def _open_era(story: Story, series: tuple[str, ...], settings: dict[str, Any]) -> Inline:
    p = story.prose
    direction = story.fact("era_direction", *series, index=-1, **settings)
    start = story.fact("era_start", *series, index=-1, **settings)
    return p.say(
        "The one still open belongs to "
        + ("small" if direction.value > 0 else "big")
        + " companies and began in {start}; a "
        "turn shows only after the ratio has moved that far, so a new era would not yet be visible.",
        start=number(start, "plain", "month"),
    )
