"""How much cheaper value is than growth, through time."""

from __future__ import annotations

from rotascope.facts.columns import Column
from rotascope.model.documents import ChartData, Inline
from rotascope.model.errors import MissingDataError
from rotascope.model.facts import Fact
from rotascope.report.charts.data import fact_rows, path_rows, spread_of, thinning, values
from rotascope.report.charts.spec import BLUE, INK, day_axis, layer, number_axis, specification
from rotascope.report.parts import ChartPart, Parts
from rotascope.report.prose import day, number
from rotascope.report.story import Story

_LEAST = 10


def chart(story: Story) -> Parts:
    """Return the chart of the ratio of the two book-to-market ratios with its median, or nothing."""
    gap, median = story.maybe("valuation_gap"), story.maybe("valuation_gap_median")
    if gap is None or median is None:
        return []
    columns = [c for c in story.desk.inputs_of(gap) if isinstance(c, Column)]
    try:
        line = path_rows("ratio_path", columns, {"thin": thinning(len(columns[0]))})
    except MissingDataError:
        return []
    if len(line["columns"]["date"]) < _LEAST:
        return []
    x = day_axis(line["columns"]["date"])
    y = number_axis(*spread_of([line], "value"), "Times, log scale", holds=(median.value,), log=True)
    middle = fact_rows({"median": values(story, [median])})
    layers = [
        layer(
            "median",
            "median",
            "rule",
            {"y": y.channel("median")},
            color=INK,
            strokeWidth=1,
            strokeDash=[5, 4],
        ),
        layer("line", "ratio", "line", {"x": x.channel("date"), "y": y.channel("value")}, color=BLUE),
    ]
    data = ChartData(specification(layers), {"ratio": line, "median": middle})
    return [ChartPart("valuation", _caption(story, gap), _alt(story, gap, median), data)]


def _caption(story: Story, gap: Fact) -> Inline:
    return story.prose.say(
        "Book to market of big value shares over that of big growth shares, up to {end}",
        end=day(gap, "end_used", "month"),
    )


def _alt(story: Story, gap: Fact, median: Fact) -> Inline:
    return story.prose.say(
        "The line is how many times cheaper value is by the books, {x} at its end; the dashed line is its median, {m}.",
        x=number(gap),
        m=number(median),
    )
