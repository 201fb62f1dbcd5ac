"""The lead of the window among all windows of its length."""

from __future__ import annotations

from rotascope.facts.columns import Column
from rotascope.model.documents import ChartData, Inline
from rotascope.model.errors import MissingDataError
from rotascope.model.facts import Fact
from rotascope.report.charts.data import fact_rows, named, path_rows, values
from rotascope.report.charts.spec import BLUE, VERMILION, layer, number_axis, round_step, specification
from rotascope.report.parts import ChartPart, Parts
from rotascope.report.prose import number
from rotascope.report.sections.rarity import leader_first, since, ticker
from rotascope.report.story import Pair, Story
from rotascope.report.words import is_flat

_LEAST, _BINS, _MOST_BINS = 24, 30, 120


def chart(story: Story) -> Parts:
    """Return the chart for the first style pair, or else the first size pair; nothing without a history."""
    for pair in [*story.styles[:1], *story.sizes[:1]]:
        found = _chart(story, pair)
        if found:
            return found
    return []


def _chart(story: Story, pair: Pair) -> Parts:
    legs = leader_first(pair)
    percentile, count = story.maybe("window_percentile", *legs), story.maybe("window_count", *legs)
    lead = story.maybe("return_spread", *legs)
    if percentile is None or count is None or lead is None or count.value < _LEAST or is_flat(lead):
        return []
    columns = [c for c in story.desk.inputs_of(percentile) if isinstance(c, Column)]
    grid = {k: v for k, v in percentile.recipe.params.items() if k in ("grid", "length")}
    label = named(story, *legs, choices=[ticker(story, s) for s in legs])
    try:
        wide = path_rows("window_values", columns, {**grid, "bin": 1}, label)["columns"]
        bin_width = round_step(wide["to"][-1] - wide["from"][0], _BINS)
        past = path_rows("window_values", columns, {**grid, "bin": bin_width}, label)
    except MissingDataError:
        return []
    found = past["columns"]
    if len(found["count"]) > _MOST_BINS:
        return []
    x = number_axis(found["from"][0], found["to"][-1], "Points", most=9, grid=False)
    y = number_axis(0, max(found["count"]), "Windows" if grid["grid"] == "sessions" else "Months")
    bars = layer(
        "bars",
        "past",
        "rect",
        {"x": x.channel("from"), "x2": {"field": "to"}, "y": y.channel("count"), "y2": {"datum": 0}},
        color=BLUE,
        opacity=0.7,
    )
    now = layer("now", "now", "rule", {"x": x.channel("lead")}, color=VERMILION, strokeWidth=3)
    data = ChartData(
        specification([bars, now], height=220),
        {"past": past, "now": fact_rows({"lead": values(story, [lead])})},
    )
    return [
        ChartPart("past-windows", _caption(story, legs, count), _alt(story, legs, lead, percentile), data)
    ]


def _caption(story: Story, legs: tuple[str, str], count: Fact) -> Inline:
    p = story.prose
    months = count.recipe.params["grid"] == "months"
    return p.say(
        "{a} less {b}, in points: how often each size of gap came up in {n} "
        + ("months" if months else "windows of this length, overlapping,")
        + " since {since}",
        a=p.name(legs[0], ticker(story, legs[0])),
        b=p.name(legs[1], ticker(story, legs[1])),
        n=number(count),
        since=since(story, legs),
    )


def _alt(story: Story, legs: tuple[str, str], lead: Fact, percentile: Fact) -> Inline:
    p = story.prose
    return p.say(
        "The taller a bar, the commoner the gap. The upright line is the window of this report, {x}, in the {pct} of them all.",
        x=number(lead, "signed", decimals=1),
        pct=number(percentile, style="long"),
    )
