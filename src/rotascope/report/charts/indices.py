"""The indices over the window, each from a hundred."""

from __future__ import annotations

from rotascope.facts.metrics.streaks import paired_closes
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.report.charts.data import named, path_rows, spread_of, thinning, tick_marks
from rotascope.report.charts.lines import line_chart
from rotascope.report.charts.spec import day_axis, number_axis, rule_at
from rotascope.report.parts import ChartPart, Parts
from rotascope.report.prose import day, number
from rotascope.report.story import MISSING, Story
from rotascope.report.words import ranked

_LEAST = 2


def chart(story: Story) -> Parts:
    """Return the chart, or nothing where fewer than two indices have daily closes."""
    facts = [f for f in ranked(story.indices) if not story.desk.is_reported(f.series[0])]
    if len(facts) < _LEAST:
        return []
    try:
        columns, _ = paired_closes(story.desk, [f.series[0] for f in facts], story.window)
    except MISSING:
        return []
    lines = {}
    for column in columns:
        series = column.data.meta.series
        thin = {"thin": thinning(len(column))}
        lines[series] = path_rows("rebased", [column], thin, named(story, series, choices=(1,)))
    x = day_axis(v for line in lines.values() for v in line["columns"]["date"])
    y = number_axis(*spread_of(lines.values(), "value"), "First close = a hundred", holds=(100,))
    data = line_chart(lines, x, y, [rule_at(y, "y")], {"ticks": tick_marks(100)})
    return [ChartPart("indices", _caption(story, facts), _alt(story, facts), data)]


def _caption(story: Story, facts: list[Fact]) -> Inline:
    return story.prose.say(
        "The indices from the close of {start} to the close of {end}, price only",
        start=day(facts[0], "start_used"),
        end=day(facts[0], "end_used"),
    )


def _alt(story: Story, facts: list[Fact]) -> Inline:
    p = story.prose
    best, worst = facts[0], facts[-1]
    top = p.claim("highest", "max_of", *facts, subject=best.series[0])
    low = p.claim("lowest", "min_of", worst, *facts[:-1], subject=worst.series[0])
    return p.say(
        "One line for each index, all from a hundred at the first close. At the last close the {a} stands {top} ({x}), the {b} "
        "{low} ({y}).",
        a=p.name(best.series[0], of=top, role="subject"),
        top=top,
        x=number(best, "signed", decimals=1),
        b=p.name(worst.series[0], of=low, role="subject"),
        low=low,
        y=number(worst, "signed", decimals=1),
    )
