"""Candidate drivers: how unusual the change of each was, and whether it fits."""

from __future__ import annotations

from collections.abc import Sequence

from rotascope.facts.metrics.lists import count_of, count_where
from rotascope.model.documents import ChartData, Inline
from rotascope.model.facts import Fact
from rotascope.report.charts.data import fact_rows, row_names, tick_marks, values, words
from rotascope.report.charts.spec import (
    BLUE,
    GREY,
    VERMILION,
    colours,
    layer,
    names_axis,
    number_axis,
    rule_at,
    specification,
)
from rotascope.report.parts import ChartPart, Parts
from rotascope.report.prose import number
from rotascope.report.story import Story

_WORDS = {1: "consistent", -1: "inconsistent", 0: "too little data"}
_COLOURS = {1: BLUE, -1: VERMILION, 0: GREY}
_WIDTH, _ROW = 250, 30
_LEAST = 3  # dots; fewer are read faster in the table


def chart(story: Story, rows: Sequence[tuple[str, Fact, Fact | None]]) -> Parts:
    """Return the chart of candidates: (the text that names it in the table, verdict, percentile of its change)."""
    known = [(text, verdict, pct) for text, verdict, pct in rows if pct is not None]
    if len(known) < _LEAST:
        return []
    verdicts, places = [v for _, v, _ in known], [p for _, _, p in known]
    x = number_axis(0, 100, "Percentile of its change", most=4)
    codes = [c for c in (1, -1, 0) if any(int(v.value) == c for v in verdicts)]
    colour = colours([_WORDS[c] for c in codes], [_COLOURS[c] for c in codes])
    data = fact_rows(
        {
            "candidate": row_names([text for text, _, _ in known], places),
            "percentile": values(story, places),
            "verdict": words(story, verdicts, _WORDS),
        }
    )
    encoding = {
        "x": x.channel("percentile"),
        "y": {"field": "candidate", **names_axis()},
        "color": {"field": "verdict", **colour},
    }
    dots = layer("dots", "candidates", "point", encoding, filled=True, size=140, opacity=1)
    spec = specification([rule_at(x, "x"), dots], _WIDTH, _ROW * len(known))
    chart = ChartData(spec, {"candidates": data, "ticks": tick_marks(x.ticks[0])})
    return [ChartPart("drivers", _caption(story), _alt(story, verdicts, places), chart)]


def _caption(story: Story) -> Inline:
    return story.prose.say("The change of each candidate by its own record, and whether it fits")


def _alt(story: Story, verdicts: list[Fact], places: list[Fact]) -> Inline:
    p = story.prose
    high = count_where(story.desk, places, "above", 75)
    fitting = count_where(story.desk, verdicts, "positive")
    return p.say(
        "A dot far to the right is an upward change that the past seldom saw, one far to the left a downward one. In the right "
        "quarter: {n} of {m}; fitting by the rule: {k}.",
        n=number(high, "word"),
        m=number(count_of(story.desk, verdicts, "candidates_counted"), "word"),
        k=number(fitting, "word"),
    )
