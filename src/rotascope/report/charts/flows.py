"""Money into and out of a fund, by day; by week or month where the window is long."""

from __future__ import annotations

from datetime import date, timedelta

from rotascope.facts.columns import Column
from rotascope.model.documents import ChartData, Inline
from rotascope.model.errors import MissingDataError
from rotascope.model.facts import Fact
from rotascope.report.charts.data import named, path_rows, spread_of, tick_marks
from rotascope.report.charts.spec import (
    BLUE,
    INK,
    WIDTH,
    day_axis,
    layer,
    number_axis,
    rule_at,
    specification,
)
from rotascope.report.parts import ChartPart, Parts
from rotascope.report.prose import day
from rotascope.report.story import Story
from rotascope.report.words import money

_BY_DAY, _BY_WEEK, _LEAST = 70, 420, 3  # sessions


def chart(story: Story, flow: Fact | None) -> Parts:
    """Return the chart of the flows that a fact added up, or nothing."""
    if flow is None:
        return []
    (column,) = [c for c in story.desk.inputs_of(flow) if isinstance(c, Column)]
    by = "rows" if len(column) <= _BY_DAY else "weeks" if len(column) <= _BY_WEEK else "months"
    try:
        rows = path_rows("levels", [column], {"scale": 1e-6, "by": by}, named(story, flow.series[0]))
    except MissingDataError:
        return []
    days = rows["columns"]["date"]
    if len(days) < _LEAST:
        return []
    edge = timedelta(days=1 if by == "rows" else 4)
    first, last = date.fromisoformat(days[0]) - edge, date.fromisoformat(days[-1]) + edge
    x = day_axis([first.isoformat(), last.isoformat()])
    y = number_axis(*spread_of([rows], "value"), "Millions of dollars", holds=(0,))
    width = max(2, min(16, int(0.7 * WIDTH * _spacing(by) / (last - first).days)))
    bars = layer(
        "bars", "flows", "bar", {"x": x.channel("date"), "y": y.channel("value")}, color=BLUE, width=width
    )
    spec = specification([bars, rule_at(y, "y", color=INK)], height=220)
    data = ChartData(spec, {"flows": rows, "ticks": tick_marks(0)})
    return [ChartPart("flows", _caption(story, flow, by), _alt(story, flow), data)]


def _spacing(by: str) -> float:
    return {"rows": 1.0, "weeks": 7.0, "months": 30.0}[by]


def _caption(story: Story, flow: Fact, by: str) -> Inline:
    p = story.prose
    each = {"rows": "day", "weeks": "week", "months": "month"}[by]
    return p.say(
        f"Net flow of the {{fund}}, each {each} from {{start}} to {{end}}",
        fund=p.name(flow.series[0]),
        start=day(flow, "start_used"),
        end=day(flow, "end_used"),
    )


def _alt(story: Story, flow: Fact) -> Inline:
    return story.prose.say(
        "Bars that point up are money coming in, bars that point down money going out; a day whose flow is unknown has none. "
        "Together they come to {x}.",
        x=money(flow),
    )
