"""The label of a report: positive, negative, mixed or neutral, by the rule in docs/label.md."""

from __future__ import annotations

from rotascope.facts.metrics.lists import count_where, difference_of
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.report.parts import Part, Parts, heading
from rotascope.report.prose import Piece, number
from rotascope.report.story import Story
from rotascope.report.words import money

_LEAST = 3  # sectors or industries; fewer are no breadth
_LEAST_SIZE = 1.0  # percent
BAND = 0.05  # a signal closer to zero than this, in its own unit, is neither up nor down


def signals(story: Story) -> list[tuple[str, Fact]]:
    """Return the signals that the data gives, each with the words that name it.

    Each of the first three has a stand-in from French's months, for windows before the funds and where no funds are.
    """
    found: list[tuple[str, Fact | None]] = [
        _first(("the broad index", story.broad_move), ("the market factor", story.market_factor)),
        _first(
            ("gaining sectors minus falling ones", _participation(story, story.sectors)),
            ("gaining industries minus falling ones", _participation(story, _industries(story))),
        ),
        _first(
            ("equal weights minus weights by size", story.maybe("equal_minus_cap_weight")),
            ("the size factor", _size(story)),
        ),
        ("money in the small-company fund", story.maybe("net_flow", story.flow_fund)),
    ]
    return [(name, fact) for name, fact in found if fact is not None]


def _first(*found: tuple[str, Fact | None]) -> tuple[str, Fact | None]:
    """Return the first signal that is known, or the last one of them."""
    return next((row for row in found if row[1] is not None), found[-1])


def _size(story: Story) -> Fact | None:
    """Return the size factor where it moved enough to say anything: it is rougher than a pair of funds."""
    fact = story.size_factor
    return fact if fact is not None and abs(fact.value) >= _LEAST_SIZE else None


def _industries(story: Story) -> list[Fact]:
    """Return the returns of French's industries over the window, asked only where no sector funds are known."""
    if len(story.sectors) >= _LEAST:
        return []
    names = story.desk.universe.role("french", "industries")
    found = (story.maybe("factor_return", name) for name in names if story.desk.has(name, Field.VALUE))
    return [f for f in found if f is not None and story.covers(f)]


def _participation(story: Story, members: list[Fact]) -> Fact | None:
    """Return how many more members gained than fell; None for fewer than three."""
    if len(members) < _LEAST:
        return None
    up = count_where(story.desk, members, "positive")
    down = count_where(story.desk, members, "negative")
    return difference_of(story.desk, "sectors_gaining_minus_falling", up, down, decimals=0)


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
    found = signals(story)
    for name, fact in found:
        places = 0 if fact.unit is Unit.COUNT else 1
        x = money(fact, "signed") if fact.unit is Unit.USD_M else number(fact, "signed", decimals=places)
        item = p.say(name + " {x}", x=x)
        listed = item if listed is None else p.say("{a}, {b}", a=listed, b=item)
    assert listed is not None
    text = p.say(
        "Label: {word}. "
        + ("Signals" if len(found) > 1 else "The one signal at hand")
        + ": {listed}. By the rule, signals "
        "that all point up make it positive, all down negative, some of each mixed, none at all neutral.",
        word=word,
        listed=listed,
    )
    return [heading("Label", 3), Part("note", text)]
