"""Names of signals, and what a correlation means in plain words."""

from __future__ import annotations

from rotascope.facts.metrics.pairs import signal
from rotascope.model.documents import Inline
from rotascope.report.prose import Piece, number
from rotascope.report.sections.links import STEP, Link
from rotascope.report.story import Story

_NAMES = {
    "style": "the style gap",
    "size": "the size gap",
    "equal_weight": "the equal-weight gap",
    "nasdaq": "the Nasdaq gap",
    "ten_year": "the ten-year yield",
    "credit": "the credit spread",
    "volatility": "the VIX",
    "oil": "crude oil",
    "flow": "money in the small-company fund",
    "price": "that fund's price",
    "XLE": "energy shares",
    "XLF": "financial shares",
    "XLU": "utilities",
    "XLK": "technology shares",
}
_FACTORS = {"style": "the value factor", "size": "the size factor"}
# A correlation in plain words: what happened to the one when the other moved. It says what was, and no more.
_WHEN = {
    "ten_year": "the yield went up",
    "credit": "the credit spread went up",
    "volatility": "the VIX went up",
    "oil": "oil went up",
    "size": "small companies did well",
    "style": "value did well",
    "price": "the price went up",
}
_WHO = {
    "style": "value tended to do {how}",
    "size": "small companies tended to do {how}",
    "equal_weight": "equal weights tended to do {how}",
    "nasdaq": "the Nasdaq tended to do {how}",
    "flow": "money tended to {flow}",
}
_PERIODS = {"sessions": "On days", "weeks": "In weeks", "months": "In months"}


def named(story: Story, name: str) -> str:
    """Return the plain words for a signal; a style or a size that is read from a factor is called one."""
    found = signal(story.desk, name)
    if found is not None and found.kind == "value":
        return _FACTORS[name]
    return _NAMES[name]


def first_named(story: Story, name: str) -> Piece:
    """Return the name of a signal as the first words of a sentence or a cell."""
    found, text = signal(story.desk, name), named(story, name)
    text = text[:1].upper() + text[1:]
    if found is not None and text in story.desk.universe.instrument(found.series[0]).names:
        return story.prose.name(found.series[0], text)
    return Piece(text)


def span(story: Story, link: Link) -> Inline:
    """Return how many changes there are, with their kind: 252 sessions, 52 weeks, 120 months."""
    p = story.prose
    return p.say("{n} " + _kind(link), n=number(story.fact("pair_observations", a=link.a, b=link.b)))


def _kind(link: Link) -> str:
    kind = "months" if link.now.recipe.params["grid"] == "months" else "sessions"
    return "weeks" if link.now.recipe.params.get("step", 1) > 1 else kind


def earlier(link: Link) -> str:
    """Return what the longer record of a link is called."""
    return "the longer record" if link.now.recipe.params["grid"] == "months" else "the decade before"


def meaning(story: Story, link: Link) -> Inline | None:
    """Say a correlation in plain words; one that is next to none has none."""
    if abs(link.now.value) < STEP:
        return None
    who = _WHO.get(link.a, _NAMES[link.a] + " tended to do {how}")
    up = link.now.value > 0
    told = who.format(
        how="better by comparison" if up else "worse by comparison", flow="come in" if up else "leave"
    )
    return story.prose.say(f"{_PERIODS[_kind(link)]} when {_WHEN[link.b]}, {told}.")
