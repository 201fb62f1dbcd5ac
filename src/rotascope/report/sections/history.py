"""Base rates: how often the pattern held, how long it lasted, and what followed it."""

from __future__ import annotations

from datetime import date
from typing import Any

from rotascope.facts.metrics.lists import extreme_of, parameter_of
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.model.units import Unit
from rotascope.report.parts import Parts, heading, paragraph
from rotascope.report.prose import Piece, day, number
from rotascope.report.sections.styles import leader_first
from rotascope.report.story import Story, attempt
from rotascope.report.words import is_flat

MODERN = date(1988, 12, 31)  # the years after small-company funds and papers made the size effect known
ERA_FROM = date(1938, 12, 31)  # before it the ratio turns so often that eras mean little


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


def _sequels(story: Story) -> list[Inline | None]:
    if not story.styles:
        return []
    p = story.prose
    pair = story.styles[0]
    legs = leader_first(pair)
    threshold = round_threshold(abs(pair.spread.value))
    count = attempt(lambda: story.fact("precedent_count", *legs, at_least=threshold))
    if count is None or not _is_month(story, pair.spread) or count.value < 3:
        return []
    limit = parameter_of(story.desk, count, "at_least", Unit.PP)
    names = [p.name(s, s) for s in legs]
    first = p.say(
        "How long do such months last? Since {since}, {a} {led} {b} by {x} {more} in {n} earlier months.",
        since=day(story.fact("history_sessions", *legs), "start_used", "month"),
        a=names[0],
        led=p.claim("led", "positive", count),
        b=names[1],
        x=number(limit, "word"),
        more=p.claim("or more", "at_least", limit, x=threshold),
        n=number(count, "word"),
    )
    return [first, *(_sequel(story, legs, threshold, h) for h in (1, 6)), _few(story, count)]


def _is_month(story: Story, fact: Fact) -> bool:
    from rotascope.facts.metrics.unusual import is_calendar_month

    return fact.window is not None and is_calendar_month(fact.window)


def round_threshold(value: float) -> float:
    """Return two thirds of the move, as a whole number of points, at least one: enough cases to count."""
    return float(max(1, int(value * 2 / 3)))


def _sequel(story: Story, legs: tuple[str, str], threshold: float, horizon: int) -> Inline | None:
    p = story.prose
    settings: dict[str, Any] = {"at_least": threshold, "horizon": horizon}
    counted = story.maybe("precedents_counted", *legs, **settings)
    if counted is None or counted.value < 3:
        return None
    ahead = story.fact("precedents_ahead", *legs, **settings)
    mean = story.fact("precedents_mean", *legs, **settings)
    span = parameter_of(story.desk, counted, "horizon", Unit.MONTHS)
    later = p.say("{x} later", x=number(span, "word"))
    tail: Inline | str = ""
    if not is_flat(mean):
        word = p.claim("gained", "positive", mean) if mean.value > 0 else p.claim("lost", "negative", mean)
        tail = p.say("; on average it had {word} {x}", word=word, x=number(mean, "abs", decimals=1))
    return p.say(
        "Counting from the end of the month, {later} it stood further in front in {k} of the {n} that can be counted{tail}.",
        later=later,
        k=number(ahead, "word"),
        n=number(counted, "word"),
        tail=tail,
    )


def _few(story: Story, count: Fact) -> Inline:
    p = story.prose
    if count.value > 20:
        return p.say("The sequels overlap where such months came close together.")
    return p.say("That is a small number of cases, and those close together share their sequels.")


def _size_series(story: Story) -> tuple[str, ...]:
    """Return French's portfolios if they are there, otherwise the size factor."""
    french = story.desk.universe.roles["french"]
    legs = (*french["small_legs"], *french["big_legs"])
    from rotascope.model.observations import Field

    if all(story.desk.has(s, Field.VALUE) for s in legs):
        return legs
    factor = str(french["size_factor"])
    return (factor,) if story.desk.has(factor, Field.VALUE) else ()


def _ten_years(story: Story) -> list[Inline | None]:
    series = _size_series(story)
    share = story.maybe("rolling_win_share", *series) if series else None
    if share is None:
        return []
    p = story.prose
    count = story.fact("rolling_window_count", *series)
    modern = story.maybe("rolling_win_share", *series, end_after=MODERN.isoformat())
    who = (
        p.say("{smb} was positive", smb=p.name(series[0], 0))
        if len(series) == 1
        else p.say("small companies were in front")
    )
    most = p.claim("most", "majority", share) if share.value > 0.5 else None
    first = p.say(
        "Over ten-year stretches the odds have favoured size: counted by month from {a} to {b}, {who} in {x} of {n} windows."
        if most
        else "Counted by month from {a} to {b}, {who} in {x} of {n} ten-year windows.",
        a=day(share, "start_used", "month"),
        b=day(share, "end_used", "month"),
        who=who,
        x=number(share),
        n=number(count),
    )
    out: list[Inline | None] = [first]
    if modern is not None and modern.value < share.value:
        out.append(
            p.say(
                "In the windows that end after {cut} the share is {less} that: {y}.",
                cut=_cut(story, modern),
                less=p.claim("below", "lt", modern, share),
                y=number(modern),
            )
        )
        story.objections.append(_weaker(story, share, modern))
    return out


def _cut(story: Story, modern: Fact) -> Piece:
    return number(parameter_of(story.desk, modern, "end_after", Unit.DATE), "plain", "year")


def _weaker(story: Story, share: Fact, modern: Fact) -> Inline:
    p = story.prose
    return p.say(
        "The long record is not the recent one. The share of ten-year windows won by small companies is {x} over the whole "
        "record and {y} for windows ending after {cut}.",
        x=number(share),
        y=number(modern),
        cut=_cut(story, modern),
    )


def _eras(story: Story) -> list[Inline | None]:
    series = _size_series(story)
    settings: dict[str, Any] = {"from": ERA_FROM.isoformat()}
    if len(series) > 1:
        settings["weights"] = tuple(s.replace(".VW.", ".FIRMS.") for s in series)
    count = story.maybe("era_count", *series, **settings) if series else None
    if count is None or count.value < 3:
        return []
    p = story.prose
    lengths = [story.fact("era_length", *series, index=i, **settings) for i in range(int(count.value))]
    closed = lengths[:-1]
    shortest, longest = min(closed, key=lambda f: f.value), max(closed, key=lambda f: f.value)
    middle = extreme_of(story.desk, closed, "median")
    start = story.fact("era_start", *series, index=-1, **settings)
    direction = story.fact("era_direction", *series, index=-1, **settings)
    threshold = parameter_of(story.desk, count, "threshold", Unit.RATIO)
    who = "small companies" if direction.value > 0 else "big companies"
    return [
        p.say(
            "Leadership comes in eras of uneven length. Marking a turn where the log ratio of small to big has moved back by "
            "{h}, the record since {since} holds {n}; the finished ones lasted from {a} to {b}, {m} in the middle.",
            h=number(threshold, decimals=1),
            since=_from(story, count),
            n=number(count, "word"),
            a=number(shortest, style="bare", decimals=1),
            b=number(longest, decimals=1),
            m=number(middle, style="bare", decimals=1),
        ),
        p.say(
            "The open one, of {who}, began in {start}; a turn is known only after the ratio has moved that far.",
            who=who,
            start=number(start, "plain", "month"),
        ),
    ]


def _from(story: Story, count: Fact) -> Piece:
    return number(parameter_of(story.desk, count, "from", Unit.DATE), "plain", "year")
