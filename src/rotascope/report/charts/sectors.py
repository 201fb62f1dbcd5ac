"""The sectors over the window, sorted."""

from __future__ import annotations

from rotascope.facts.metrics.lists import count_of, count_where
from rotascope.model.documents import ChartData, Inline
from rotascope.model.facts import Fact
from rotascope.report.charts.data import fact_rows, names, tick_marks, values
from rotascope.report.charts.spec import BLUE, INK, layer, names_axis, number_axis, rule_at, specification
from rotascope.report.parts import ChartPart, Parts
from rotascope.report.prose import day, number
from rotascope.report.story import Story
from rotascope.report.words import ranked

_LEAST = 3
_WIDTH, _ROW = 370, 27


def chart(story: Story) -> Parts:
    """Return the chart, or nothing where fewer than three sectors have prices."""
    facts = ranked(story.sectors)
    if len(facts) < _LEAST:
        return []
    x = number_axis(
        min(f.value for f in facts), max(f.value for f in facts), "Change in percent", holds=(0,), most=7
    )
    rows = fact_rows(
        {
            "sector": names(story, [f.series[0] for f in facts], [0] * len(facts)),
            "change": values(story, facts),
        }
    )
    bars = layer(
        "bars",
        "sectors",
        "bar",
        {"x": x.channel("change"), "y": {"field": "sector", **names_axis()}},
        color=BLUE,
    )
    spec = specification([bars, rule_at(x, "x", color=INK)], _WIDTH, _ROW * len(facts))
    data = ChartData(spec, {"sectors": rows, "ticks": tick_marks(0)})
    return [ChartPart("sectors", _caption(story, facts), _alt(story, facts), data)]


def _caption(story: Story, facts: list[Fact]) -> Inline:
    return story.prose.say(
        "Sectors from the close of {start} to the close of {end}, price only; funds stand in for their index",
        start=day(facts[0], "start_used"),
        end=day(facts[0], "end_used"),
    )


def _alt(story: Story, facts: list[Fact]) -> Inline:
    p = story.prose
    top = p.claim("top", "max_of", *facts, subject=facts[0].series[0])
    bottom = p.claim("bottom", "min_of", facts[-1], *facts[:-1], subject=facts[-1].series[0])
    return p.say(
        "One bar for each sector in the order of its change: {a} at the {top}, {b} at the {bottom}. Bars that "
        "point to the right: {n} of {m}.",
        a=p.name(facts[0].series[0], of=top, role="subject"),
        top=top,
        b=p.name(facts[-1].series[0], of=bottom, role="subject"),
        bottom=bottom,
        n=number(count_where(story.desk, facts, "positive"), "word"),
        m=number(count_of(story.desk, facts, "sectors_counted"), "word"),
    )
