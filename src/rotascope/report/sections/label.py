"""The label of a report: positive, negative, mixed or neutral, by the rule in docs/label.md."""

from __future__ import annotations

from rotascope.facts.metrics.lists import count_where, difference_of
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.model.units import Unit
from rotascope.report.parts import Part, Parts, heading
from rotascope.report.prose import Piece, number
from rotascope.report.story import Story

BAND = 0.05  # a signal closer to zero than this, in its own unit, is neither up nor down


def signals(story: Story) -> list[tuple[str, Fact]]:
    """Return the signals that the data gives, each with the words that name it."""
    found: list[tuple[str, Fact | None]] = [
        ("the broad index", next((f for f in story.indices if f.series[0] == _broad(story)), None)),
        ("gaining sectors minus falling ones", _participation(story)),
        ("equal weights minus weights by size", story.maybe("equal_minus_cap_weight")),
        ("money in the small-company fund", _flow(story)),
    ]
    return [(name, fact) for name, fact in found if fact is not None]


def _broad(story: Story) -> str:
    return story.desk.universe.role("indices", "broad")[0]


def _participation(story: Story) -> Fact | None:
    if len(story.sectors) < 3:
        return None
    up = count_where(story.desk, story.sectors, "positive")
    down = count_where(story.desk, story.sectors, "negative")
    return difference_of(story.desk, "sectors_gaining_minus_falling", up, down, decimals=0)


def _flow(story: Story) -> Fact | None:
    return story.maybe("net_flow", str(story.desk.universe.roles["flows"]["small"]))


def label(story: Story) -> Piece | None:
    """Return the label as a claim over its signals, or None where there is no signal at all."""
    facts = [fact for _, fact in signals(story)]
    if not facts:
        return None
    up, down = any(f.value > BAND for f in facts), any(f.value < -BAND for f in facts)
    word = {(True, False): "Positive", (False, True): "Negative", (True, True): "Mixed"}.get(
        (up, down), "Neutral"
    )
    return story.prose.claim(word, f"label_{word.lower()}", *facts)


def explain(story: Story) -> Parts:
    """Show the label with each signal's value, so that the reader can apply the rule."""
    word = label(story)
    if word is None:
        return []
    p = story.prose
    listed: Inline | None = None
    for name, fact in signals(story):
        places = 0 if fact.unit is Unit.COUNT else 1
        item = p.say(name + " {x}", x=number(fact, "signed", decimals=places))
        listed = item if listed is None else p.say("{a}, {b}", a=listed, b=item)
    assert listed is not None
    text = p.say(
        "Label: {word}. Signals: {listed}. Signals that all point up make it positive, all down negative, some of each mixed, none "
        "at all neutral.",
        word=word,
        listed=listed,
    )
    return [heading("Label", 3), Part("note", text)]
