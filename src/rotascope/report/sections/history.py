"""Base rates: what followed such months, how often size paid over ten years, how long eras lasted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from rotascope.facts.metrics.lists import count_of, extreme_of, parameter_of
from rotascope.facts.metrics.unusual import is_calendar_month
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.report.charts import eras, record, valuation
from rotascope.report.parts import Parts, heading, paragraph
from rotascope.report.prose import Piece, day, number
from rotascope.report.sections.rarity import leader_first, since, ticker
from rotascope.report.story import Story
from rotascope.report.words import is_flat

MODERN = date(1988, 12, 31)  # windows ending later have seen the papers and funds that made size famous
ERA_FROM = date(1938, 12, 31)  # before it the ratio turns so often that eras mean little
HORIZONS = (1, 6)  # months after which the sequel of a precedent is read
_FEW = 3  # fewer cases are no base rate
_STALE_DAYS = 100  # by which the record may end before the window does without a word about it
_SCARCE = 10  # cases
_WORN = 0.05  # by how much the later share must be below the whole one to be news
_SELDOM = 0.25
_LEAST_LEAD = 1.0  # points; for less nobody calls on the long record


def write(story: Story) -> Parts:
    """What history says: sequels of such months, ten-year windows, eras."""
    parts: Parts = [heading("Historical precedent", 3)]
    drawn = {_ten_years: record.chart, _eras: _era_chart}
    for make in (_sequels, _ten_years, _eras):
        text = story.prose.join(*make(story))
        if text.text:
            parts.append(paragraph(text))
            parts += drawn[make](story) if make in drawn else []
    parts += valuation.chart(story)
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
    modern = story.maybe("rolling_win_share", *series, end_after=MODERN.isoformat())
    if modern is not None and modern.value < share.value - _WORN and _small_led(story):
        story.objections.append(_worn(story, share, modern))
    told = [_long_record(story, series, share, modern)]
    return [*told, None if modern is None else _since_then(story, share, modern), _edition(story, share)]


def _long_record(story: Story, series: tuple[str, ...], share: Fact, modern: Fact | None) -> Inline:
    """Open with what the record and its later part say together."""
    p = story.prose
    if share.value <= 0.5:
        opening = "Over ten-year stretches the record does not favour size"
    elif modern is None or modern.value >= share.value - _WORN:
        opening = "Over ten-year stretches the record favours size"
    elif modern.value > 0.5:
        opening = "Over ten-year stretches size has paid more often than not, though by a smaller margin in the later part of the record"
    elif modern.value > _SELDOM:
        opening = (
            "Over ten-year stretches size paid more often than not, but not in the later part of the record"
        )
    else:
        opening = "Over ten-year stretches size paid more often than not, but seldom in the later part of the record"
    return p.say(
        opening + ": {who} in {x} of the {n} overlapping windows from {a} to {b}.",
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


def _since_then(story: Story, share: Fact, modern: Fact) -> Inline:
    p = story.prose
    cut = number(parameter_of(story.desk, modern, "end_after", Unit.DATE), "plain", "year")
    if modern.value >= share.value:
        return p.say("Among the windows that end after {cut} it is {y}.", cut=cut, y=number(modern))
    return p.say(
        "Among those that end after {cut} the share is {y}, {below} the long record.",
        cut=cut,
        y=number(modern),
        below=p.claim("below", "lt", modern, share),
    )


def _small_led(story: Story) -> bool:
    """Say whether small companies were in front, so that somebody may point to the long record of size."""
    if story.sizes:
        return story.sizes[0].spread.value >= _LEAST_LEAD
    if story.size_factor is not None:
        return story.size_factor.value >= _LEAST_LEAD
    roles = story.desk.universe
    gap = story.maybe("return_spread", roles.role("indices", "small")[0], roles.role("indices", "broad")[0])
    return gap is not None and gap.value >= _LEAST_LEAD


def _worn(story: Story, share: Fact, modern: Fact) -> Inline:
    p = story.prose
    return p.say(
        "That the long record vouches for small companies: of the ten-year windows that end after {cut} they won {y}, "
        "{below} their share of all.",
        y=number(modern),
        below=p.claim("below", "lt", modern, share),
        cut=number(parameter_of(story.desk, modern, "end_after", Unit.DATE), "plain", "year"),
    )


def _edition(story: Story, share: Fact) -> Inline | None:
    """Say so where the record in hand ends long before the report's date."""
    assert share.window is not None
    end = share.window.end_used
    if end is None or (story.window.end - end).days < _STALE_DAYS:
        return None
    p = story.prose
    return p.say(
        "The edition of that record known on {as_of} stops in {end}, so the years since are not in these shares.",
        as_of=story.report_day(),
        end=day(share, "end_used", "month"),
    )


def _era_count(story: Story) -> tuple[tuple[str, ...], dict[str, Any], Fact | None]:
    """Return the series whose eras are told, the settings, and how many there are."""
    series = size_series(story)
    settings: dict[str, Any] = {"from": ERA_FROM.isoformat()}
    if len(series) > 1:
        settings["weights"] = tuple(s.replace(".VW.", ".FIRMS.") for s in series)
    return series, settings, story.maybe("era_count", *series, **settings) if series else None


def _era_chart(story: Story) -> Parts:
    return eras.chart(story, _era_count(story)[2])


def _eras(story: Story) -> list[Inline | None]:
    """Tell the open era by the finished ones: who leads, since when, and whether that is long."""
    series, settings, count = _era_count(story)
    if count is None or count.value <= _FEW:
        return []
    lengths = [story.fact("era_length", *series, index=i, **settings) for i in range(int(count.value))]
    direction = story.fact("era_direction", *series, index=-1, **settings)
    start = story.fact("era_start", *series, index=-1, **settings)
    finished, now = lengths[:-1], lengths[-1]
    middle = extreme_of(story.desk, finished, "median")
    p = story.prose
    assert now.window is not None and now.window.end_used is not None
    older = now.value > middle.value
    word: Piece | str = p.claim(
        "longer than" if older else "shorter than", "gt" if older else "lt", now, middle
    )
    if round(now.value - middle.value, 1) == 0:  # years in tenths
        word = "as long as"
    who = "small" if direction.value > 0 else "big"
    first = p.say(
        "At the end of {end} the era still open was one of "
        + who
        + " companies. Begun in {start}, it had run for {age}, "
        "{word} the median of the {n} finished since {since}, {m}.",
        end=day(now, "end_used", "month"),
        start=number(start, "plain", "month"),
        age=number(now, decimals=1),
        word=word,
        n=number(count_of(story.desk, finished, "eras_finished"), "word"),
        since=number(parameter_of(story.desk, count, "from", Unit.DATE), "plain", "year"),
        m=number(middle, decimals=1),
    )
    limit = number(parameter_of(story.desk, count, "threshold", Unit.RATIO), decimals=1)
    return [
        first,
        p.say(
            "A turn shows only once the log ratio of small to big has come back by {h}, so a new era may have begun unseen.",
            h=limit,
        ),
    ]
