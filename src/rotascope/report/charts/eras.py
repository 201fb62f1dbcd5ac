"""Eras of leadership between small and big companies: the log ratio and its turns."""

from __future__ import annotations

from rotascope.facts.columns import Column
from rotascope.facts.metrics.lists import parameter_of
from rotascope.model.documents import ChartData, Inline
from rotascope.model.errors import MissingDataError
from rotascope.model.facts import Fact
from rotascope.model.units import Unit
from rotascope.report.charts.data import named, path_rows, spread_of, thinning
from rotascope.report.charts.spec import (
    INK,
    ORANGE,
    SKY,
    colours,
    day_axis,
    layer,
    number_axis,
    specification,
)
from rotascope.report.parts import ChartPart, Parts
from rotascope.report.prose import day, number
from rotascope.report.story import Story


def chart(story: Story, count: Fact | None) -> Parts:
    """Return the chart of the eras that a fact counted, or nothing."""
    if count is None:
        return []
    columns = [c for c in story.desk.inputs_of(count) if isinstance(c, Column)]
    said = count.recipe.params
    rule = {k: said[k] for k in ("rule", "split") if k in said}
    label = named(story, count.series[0]) if len(count.series) == 1 else ("", [])
    try:
        line = path_rows("era_path", columns, {**rule, "thin": thinning(len(columns[0]) + 1)}, label)
        spans = path_rows(
            "era_spans", columns, {**rule, "threshold": said["threshold"], "from": said["from"]}
        )
    except MissingDataError:
        return []
    x = day_axis(line["columns"]["date"])
    y = number_axis(*spread_of([line], "value"), "Logarithm of the ratio", holds=(0,))
    ways = [w for w in ("up", "down") if w in spans["columns"]["direction"]]
    shade = colours(ways, [{"up": SKY, "down": ORANGE}[w] for w in ways])
    shades = layer(
        "eras",
        "eras",
        "rect",
        {"x": x.channel("from"), "x2": {"field": "to"}, "color": {"field": "direction", **shade}},
        opacity=0.3,
    )
    path = layer("line", "path", "line", {"x": x.channel("date"), "y": y.channel("value")}, color=INK)
    data = ChartData(specification([shades, path]), {"path": line, "eras": spans})
    return [ChartPart("eras", _caption(story, count), _alt(story, count), data)]


def _caption(story: Story, count: Fact) -> Inline:
    p = story.prose
    what = (
        p.say("{smb} summed in logarithms", smb=p.name(count.series[0]))
        if len(count.series) == 1
        else p.say("Small over big companies, French's portfolios, in logarithms")
    )
    return p.say(
        "{what}, {start} to {end}, with its eras shaded",
        what=what,
        start=day(count, "start_used", "month"),
        end=day(count, "end_used", "month"),
    )


def _alt(story: Story, count: Fact) -> Inline:
    p = story.prose
    return p.say(
        "While the line goes up small companies are in front. The shading changes at each turn of {h} in logarithms; since "
        "{since} it marks {n} eras, the last still open.",
        h=number(parameter_of(story.desk, count, "threshold", Unit.RATIO), decimals=1),
        since=number(parameter_of(story.desk, count, "from", Unit.DATE), "plain", "year"),
        n=number(count, "word"),
    )
