"""How often size and value paid over ten years, as that share went through time."""

from __future__ import annotations

from rotascope.facts.columns import Column
from rotascope.facts.metrics.lists import parameter_of
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.model.units import Unit
from rotascope.report.charts.data import Dataset, named, path_rows, thinning, tick_marks
from rotascope.report.charts.lines import line_chart
from rotascope.report.charts.spec import day_axis, rule_at, share_axis
from rotascope.report.parts import ChartPart, Parts
from rotascope.report.prose import day, number
from rotascope.report.story import Story
from rotascope.store.series import to_date

_MONTHS = 120
_TRAILING = 360  # windows that ended within thirty years: long enough to be a rate, short enough to change


def chart(story: Story) -> Parts:
    """Return the chart, or nothing where no factor has a history of forty years."""
    french = story.desk.universe.roles["french"]
    drawn: dict[str, tuple[Dataset, Fact]] = {}
    for role in ("size_factor", "value_factor"):
        series = str(french[role])
        share = story.maybe("rolling_win_share", series, months=_MONTHS)
        made = None if share is None else _line(story, series, share)
        if made is not None:
            drawn[series] = made
    if not drawn:
        return []
    x = day_axis(d for data, _ in drawn.values() for d in data["columns"]["date"])
    y = share_axis("Share of windows won")
    lines = {series: data for series, (data, _) in drawn.items()}
    recent = {series: fact for series, (_, fact) in drawn.items()}
    return [
        ChartPart(
            "ten-years",
            _caption(story, recent),
            _alt(story, recent),
            line_chart(lines, x, y, [rule_at(y, "y")], {"ticks": tick_marks(0.5)}),
        )
    ]


def _line(story: Story, series: str, share: Fact) -> tuple[Dataset, Fact] | None:
    """Return the path and the fact that is its last point."""
    (column,) = [c for c in story.desk.inputs_of(share) if isinstance(c, Column)]
    points = len(column) - _MONTHS - _TRAILING + 2
    if points < 2:
        return None
    after = to_date(column.dates[-1 - _TRAILING]).isoformat()
    fact = story.maybe("rolling_win_share", series, months=_MONTHS, end_after=after)
    if fact is None:
        return None
    params = {"months": _MONTHS, "rule": "log_sum", "trailing": _TRAILING, "thin": thinning(points)}
    return path_rows("rolling_share_path", [column], params, named(story, series)), fact


def _caption(story: Story, recent: dict[str, Fact]) -> Inline:
    p = story.prose
    fact = next(iter(recent.values()))
    factors = [p.name(s) for s in recent]
    which = factors[0] if len(factors) == 1 else p.say("{a} and {b}", a=factors[0], b=factors[1])
    return p.say(
        "{which}: share of ten-year windows that came out positive, among those that ended in the thirty years before, up to "
        "{end}",
        which=which,
        end=day(fact, "end_used", "month"),
    )


def _alt(story: Story, recent: dict[str, Fact]) -> Inline:
    p = story.prose
    ends = [p.say("{a} at {x}", a=p.name(s), x=number(f)) for s, f in recent.items()]
    listed = ends[0] if len(ends) == 1 else p.say("{a}, {b}", a=ends[0], b=ends[1])
    cut = parameter_of(story.desk, next(iter(recent.values())), "end_after", Unit.DATE)
    return p.say(
        "Each point looks back over the windows that ended in the thirty years up to it; the level line is an even chance. At "
        "the end, over those after {cut}: {listed}.",
        cut=number(cut, "plain", "month"),
        listed=listed,
    )
