"""Figures that publications printed for this window, cited as reported."""

from __future__ import annotations

from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.model.observations import Field
from rotascope.report.prose import Piece, number
from rotascope.report.story import Story


def spread_of(story: Story, series: str) -> Fact | None:
    """Return a reported figure if it was printed for exactly the window of the article."""
    fact = story.maybe("reported", series) if series else None
    if fact is None or fact.window is None:
        return None
    same = (fact.window.start, fact.window.end) == (story.window.start, story.window.end)
    return fact if same else None


def spreads(story: Story, role: str) -> list[Inline]:
    """Quote the spreads reported for a role, each with its publication."""
    p = story.prose
    what = {
        "reported_value_minus_growth": "value minus growth",
        "reported_small_minus_large": "small minus big",
    }[role]
    out = []
    for family in story.desk.universe.families:
        fact = spread_of(story, getattr(family, role))
        if fact is None:
            continue
        out.append(
            p.say(
                "For the {family} indices {what} is reported as {approx}{x} {cite}.",
                family=family.label,
                what=what,
                approx=hedge(story, fact),
                x=number(fact, "signed", decimals=0),
                cite=p.cite(fact.sources[0]),
            )
        )
    return out


def hedge(story: Story, fact: Fact) -> str:
    """Return the hedge that the publication itself used, in words that claim nothing more."""
    said = story.desk.series(fact.series[0], Field.VALUE).meta.attributes.get("approx", "")
    return "some " if said else ""


def cited(story: Story, fact: Fact) -> Piece:
    """Return the citation of a reported fact."""
    return story.prose.cite(fact.sources[0])
