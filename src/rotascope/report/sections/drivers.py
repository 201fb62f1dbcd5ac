"""Candidate drivers: what else moved, and whether it fits. Fit is never cause."""

from __future__ import annotations

from typing import Any

from rotascope.facts.metrics.drivers import candidates
from rotascope.facts.metrics.lists import count_of, count_where, parameter_of
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.model.units import Unit
from rotascope.report.charts.drivers import chart
from rotascope.report.parts import Parts, TablePart, heading, paragraph
from rotascope.report.prose import Piece, number
from rotascope.report.sections.judged import Judged, judged
from rotascope.report.story import Story
from rotascope.report.words import is_flat, versus

_WORDS = {1: "consistent", -1: "inconsistent", 0: "too little data"}
_LEAST = 2  # one candidate is no comparison
_LEAST_GAP = 1.0  # log points
_YEAR = 400  # days


def write(story: Story) -> Parts:
    """Set the style gap, or that of two indices, beside each candidate; count those that fit by the stated rule."""
    gap = judged(story)
    if gap is None:
        return []
    pair = gap.pair
    rows = [(name, fact) for name in candidates(story.desk) if (fact := _verdict(story, pair, name))]
    if len(rows) < _LEAST:
        return []
    verdicts = [fact for _, fact in rows]
    told = (_which(story, gap), _count(story, gap, verdicts), *_sizes(story, pair, rows), _stretched(story))
    text = story.prose.join(*told)
    drawn = chart(
        story,
        [(_label(story, n).text, f, story.maybe("driver_percentile", *pair, driver=n)) for n, f in rows],
    )
    return [heading("What moved with it", 3), paragraph(text), *drawn, _table(story, gap, rows)]


def _label(story: Story, name: str) -> Inline:
    label = str(story.desk.universe.roles["drivers"][name]["label"])
    return story.prose.say(label[:1].upper() + label[1:])


def _verdict(story: Story, pair: tuple[str, ...], name: str) -> Fact | None:
    return story.maybe("driver_verdict", *pair, driver=name)


def _which(story: Story, gap: Judged) -> Inline | None:
    """Say what stands in for the style gap where there is none."""
    if not gap.indices:
        return None
    p = story.prose
    verb, amount = versus(p, gap.spread)
    a, b = gap.pair
    if is_flat(gap.spread):
        return p.say(f"No style funds are in the data, so the moves are set beside the {gap.words}.")
    return p.say(
        f"No style funds are in the data, so the moves are set beside the {gap.words}: "
        "the {a} {verb} the {b} by {x}.",
        a=p.name(a, of=verb, role="subject"),
        verb=verb,
        b=p.name(b, of=verb, role="object"),
        x=amount,
    )


def _count(story: Story, gap: Judged, verdicts: list[Fact]) -> Inline:
    """Count those that fit, with the rule by which they do."""
    p = story.prose
    fitting = count_where(story.desk, verdicts, "positive")
    rule = _past(story, verdicts)
    k: Piece | str = "none" if fitting.value == 0 else number(fitting, "word")
    pieces = {
        "n": number(count_of(story.desk, verdicts, "candidates_counted"), "word"),
        "k": k,
        "rule": rule,
    }
    if not fitting.value:
        return p.say(
            f"Of {{n}} candidates none fits: by its relation to the {gap.words} {{rule}}, the move of each pointed the other way, or "
            "nowhere.",
            **pieces,
        )
    if fitting.value == 1:
        return p.say(
            f"Of {{n}} candidates {{k}} fits: by its relation to the {gap.words} {{rule}}, its move pointed the way the gap went. That is "
            "no cause.",
            **pieces,
        )
    return p.say(
        f"Of {{n}} candidates {{k}} fit: by their relation to the {gap.words} {{rule}}, their moves pointed the way the gap went. That is "
        "no cause.",
        **pieces,
    )


def _past(story: Story, verdicts: list[Fact]) -> Inline:
    """Name the stretch from which the relations are taken."""
    p = story.prose
    daily = next((f for f in verdicts if f.recipe.params["grid"] == "sessions"), None)
    if daily is None:
        return p.say("in the past")
    back = parameter_of(story.desk, daily, "lookback", Unit.SESSIONS)
    return p.say("over the {n} before the window", n=number(back))


def _sizes(story: Story, pair: tuple[str, ...], rows: list[tuple[str, Fact]]) -> list[Inline]:
    """Say how large the gap is in the unit of the implied ones: the verdict looks at their signs alone."""
    name = next((n for n, fact in rows if fact.recipe.params["grid"] == "sessions"), rows[0][0])
    actual = story.maybe("driver_actual", *pair, driver=name)
    if actual is None:
        return []
    return [
        story.prose.say(
            "The verdict looks at direction alone, and the gap itself, {n} in logs, is so small that its own direction says little."
            if abs(actual.value) < _LEAST_GAP
            else "The verdict looks at direction alone; the table has the gap that each move implies. The one that came was {n}, in logs "
            "as in the table.",
            n=number(actual, form="signed", style="long", decimals=1),
        )
    ]


def _stretched(story: Story) -> Inline | None:
    """Say so where the window is longer than the year that the relations are taken from."""
    if (story.window.end - story.window.start).days <= _YEAR:
        return None
    return story.prose.say("Relations of one year are a thin measure of a window that lasted longer.")


def _table(story: Story, gap: Judged, rows: list[tuple[str, Fact]]) -> TablePart:
    p, pair = story.prose, gap.pair
    return TablePart(
        caption=p.say(f"Candidates beside the {gap.words}"),
        header=tuple(
            p.cell(t)
            for t in ("Candidate", "Change", "Percentile", "Correlation before", "Implied gap", "Verdict")
        ),
        rows=tuple(_row(story, pair, name, fact) for name, fact in rows),
        bound=False,
    )


def _row(story: Story, pair: tuple[str, ...], name: str, verdict: Fact) -> tuple[Inline, ...]:
    p = story.prose
    code = int(verdict.value)

    def cell(metric: str, **how: Any) -> Inline:
        fact = story.maybe(metric, *pair, driver=name)
        return p.cell(number(fact, **how) if fact else "not available")

    word: Piece = p.claim(_WORDS[code], "verdict_is", verdict, k=code)
    return (
        _label(story, name),
        cell("driver_change", form="signed", style="short", decimals=_places(story, pair, name)),
        cell("driver_percentile", style="short", decimals=0),
        cell("driver_correlation", form="signed", decimals=2),
        cell("driver_implied", form="signed", style="short", decimals=1),
        p.cell(word),
    )


def _places(story: Story, pair: tuple[str, ...], name: str) -> int:
    fact = story.maybe("driver_change", *pair, driver=name)
    return 0 if fact is None or fact.unit is Unit.BP else 1
