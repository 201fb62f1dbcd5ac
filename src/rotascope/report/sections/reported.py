"""Figures that publications printed for this window, cited as reported."""

from __future__ import annotations

from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.model.observations import Field
from rotascope.report.prose import Piece, number
from rotascope.report.story import Story

_WORDS = {"value_minus_growth": "value minus growth", "small_minus_large": "small minus big"}


def spread_of(story: Story, series: str) -> Fact | None:
    """Return a reported figure if it was printed for exactly the window of the article."""
    fact = story.maybe("reported", series) if series else None
    if fact is None or fact.window is None:
        return None
    same = (fact.window.start, fact.window.end) == (story.window.start, story.window.end)
    return fact if same else None


def spreads(story: Story, what: str) -> list[Inline]:
    """Quote the spreads reported for a style or size, each with its family and publication."""
    p = story.prose
    found = [
        (family, fact)
        for family in story.desk.universe.families
        if (fact := spread_of(story, getattr(family, f"reported_{what}"))) is not None
    ]
    if not found:
        return []
    parts = [
        p.say(
            "{approx}{x} for the {family} indices {cite}",
            approx=hedge(story, fact),
            x=number(fact, "plain", decimals=0),
            family=family.label,
            cite=p.cite(fact.sources[0]),
        )
        for family, fact in found
    ]
    text = parts[0]
    for part in parts[1:]:
        text = p.say("{a} and {b}", a=text, b=part)
    return [p.say("Reported for " + _WORDS[what] + ": {text}.", text=text)]


def hedge(story: Story, fact: Fact) -> str:
    """Return the hedge that the publication itself used, in a word that claims no more."""
    said = story.desk.series(fact.series[0], Field.VALUE).meta.attributes.get("approx", "")
    return "some " if said else ""


def cited(story: Story, fact: Fact) -> Piece:
    """Return the citation of a reported fact."""
    return story.prose.cite(fact.sources[0])
