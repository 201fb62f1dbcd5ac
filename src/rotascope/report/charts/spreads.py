"""Style and size over the window: the gap of each index family, session by session."""

from __future__ import annotations

from collections.abc import Sequence

from rotascope.facts.metrics.streaks import paired_closes
from rotascope.model.documents import Inline
from rotascope.report.charts.data import (
    Dataset,
    fact_rows,
    named,
    path_rows,
    spread_of,
    thinning,
    tick_marks,
    values,
)
from rotascope.report.charts.lines import line_chart
from rotascope.report.charts.spec import (
    GREY,
    Axis,
    Layer,
    day_axis,
    layer,
    number_axis,
    rule_at,
)
from rotascope.report.parts import ChartPart, Parts
from rotascope.report.prose import day, number
from rotascope.report.sections.rarity import leader_first
from rotascope.report.story import MISSING, Pair, Story
from rotascope.report.words import is_flat

_LEAST_SESSIONS = 3


def styles(story: Story) -> Parts:
    """Return the chart of value minus growth, or nothing."""
    return _chart(story, "styles", story.styles, "Value minus growth")


def sizes(story: Story) -> Parts:
    """Return the chart of small minus big, or nothing."""
    return _chart(story, "sizes", story.sizes, "Small minus big")


def _chart(story: Story, name: str, pairs: Sequence[Pair], what: str) -> Parts:
    lines = [(pair, data) for pair in pairs if (data := _line(story, pair)) is not None]
    if not lines:
        return []
    x = day_axis(d for _, data in lines for d in data["columns"]["date"])
    y = number_axis(*spread_of((data for _, data in lines), "value"), "Points", holds=(0,))
    more: dict[str, Dataset] = {"ticks": tick_marks(0)}
    marked = _marked(story, lines[0][0])
    layers = [rule_at(y, "y")]
    if marked is not None:
        more["day"] = fact_rows({"date": values(story, [story.fact("largest_day_on", *marked)])})
        layers.append(_day_line(x))
    chart = line_chart({"-".join(pair.spread.series): data for pair, data in lines}, x, y, layers, more)
    shown = [pair for pair, _ in lines]
    return [ChartPart(name, _caption(story, shown, what), _alt(story, shown, marked), chart)]


def _line(story: Story, pair: Pair) -> Dataset | None:
    a, b = pair.spread.series[:2]
    try:
        columns, _ = paired_closes(story.desk, [a, b], story.window)
    except MISSING:
        return None
    if len(columns[0]) < _LEAST_SESSIONS:
        return None
    tickers = [_own(story, s) for s in (a, b)]
    thin = {"thin": thinning(len(columns[0]))}
    return path_rows("cumulative_spread", columns, thin, named(story, a, b, choices=tickers))


def _marked(story: Story, pair: Pair) -> tuple[str, str] | None:
    """Return the legs, leader first, if one session made much of the lead of the first pair."""
    legs = leader_first(pair)
    rest = story.maybe("spread_without_largest_day", *legs)
    return None if rest is None or is_flat(rest) or is_flat(pair.spread) else legs


def _day_line(x: Axis) -> Layer:
    return layer("day", "day", "rule", {"x": x.channel("date")}, color=GREY, strokeWidth=1, strokeDash=[4, 4])


def _caption(story: Story, pairs: Sequence[Pair], what: str) -> Inline:
    families = " and ".join(p.family.label for p in pairs) if len(pairs) < 3 else "each index family"
    return story.prose.say(
        f"{what} by the funds of {families}, from the close of {{start}}",
        start=day(pairs[0].spread, "start_used"),
    )


def _alt(story: Story, pairs: Sequence[Pair], marked: tuple[str, str] | None) -> Inline:
    p = story.prose
    ends = [
        p.say(
            "{a} − {b} at {x}",
            a=p.name(q.spread.series[0], _ticker(story, q, 0)),
            b=p.name(q.spread.series[1], _ticker(story, q, 1)),
            x=number(q.spread, "signed", "short", decimals=1),
        )
        for q in pairs
    ]
    listed = ends[0]
    for end in ends[1:]:
        listed = p.say("{a}, {b}", a=listed, b=end)
    last = p.say(
        "{each} at zero and ends with {listed}.",
        each="One line for each pair of funds starts" if len(pairs) > 1 else "The line starts",
        listed=listed,
    )
    if marked is None:
        return last
    upright = p.say(
        "The upright line is {d}; without that session {leader} − {other} would end at {x}.",
        d=number(story.fact("largest_day_on", *marked)),
        leader=p.name(marked[0], _own(story, marked[0])),
        other=p.name(marked[1], _own(story, marked[1])),
        x=number(story.fact("spread_without_largest_day", *marked), "signed", "short", decimals=1),
    )
    return p.join(last, upright)


def _ticker(story: Story, pair: Pair, leg: int) -> int | str:
    return _own(story, pair.spread.series[leg])


def _own(story: Story, series: str) -> int | str:
    """Return the ticker where it is a name of the series, else the first name."""
    return series if series in story.desk.universe.instrument(series).names else 0
