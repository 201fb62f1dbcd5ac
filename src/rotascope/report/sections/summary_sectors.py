"""The pattern of the sectors: groups against each other, the order against the window before, and the distance between them."""

from __future__ import annotations

from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.report.prose import Piece, number
from rotascope.report.story import Story
from rotascope.report.words import article, band, is_flat

_ORDERED, _IN_THE_MAIN = (
    0.3,
    0.6,
)  # rank correlations from which an order was kept, or reversed: in part, in the main
_WIDE = 80.0


def pattern(story: Story) -> Inline:
    """Say how groups of sectors did, whether the order held, and how far apart they lay; empty without sectors."""
    return story.prose.join(_groups(story), _order(story), _apart(story))


def _groups(story: Story) -> Inline | None:
    cycle, rates = story.maybe("cyclical_minus_defensive"), story.maybe("rate_sensitive_minus_rest")
    if cycle is None or is_flat(cycle):
        return None
    p = story.prose
    first = p.say(
        "Cyclical sectors {verb} defensive ones by {x} on average",
        verb=_verb(story, cycle),
        x=number(cycle, "abs", decimals=1),
    )
    if rates is None or is_flat(rates):
        return p.say("{first}.", first=first)
    together = (rates.value > 0) == (cycle.value > 0)
    return p.say(
        "{first}, {link} those that lean on interest rates {verb} the rest by {x}.",
        first=first,
        link="and" if together else "while",
        verb=_verb(story, rates),
        x=number(rates, "abs", decimals=1),
    )


def _verb(story: Story, gap: Fact) -> Piece:
    up = gap.value > 0
    return story.prose.claim("beat" if up else "trailed", "positive" if up else "negative", gap)


def _order(story: Story) -> Inline | None:
    kept = story.maybe("sector_rank_persistence")
    if kept is None:
        return None
    size = abs(kept.value)
    if size < _ORDERED:
        text = "The order of the sectors had little in common with that of the window before: a rank correlation of {x}."
    else:
        degree = "largely" if size >= _IN_THE_MAIN else "partly"
        what = "that of the window before" if kept.value > 0 else "the reverse of that of the window before"
        text = f"The order of the sectors was {degree} {what}: a rank correlation of {{x}}."
    return story.prose.say(text, x=number(kept, decimals=2))


def _apart(story: Story) -> Inline | None:
    percentile, apart = story.maybe("dispersion_percentile"), story.maybe("sector_dispersion")
    if percentile is None or apart is None:
        return None
    p = story.prose
    pieces: dict[str, Piece | Inline | str] = {
        "x": number(apart, decimals=1),
        "pct": number(percentile, style="long"),
    }
    text = "Changes of the sectors had a standard deviation of {x}, in the {pct} of a decade"
    if percentile.value < _WIDE:
        return p.say(text + ".", **pieces)
    word = band(p, percentile)
    return p.say(text + ": " + article(word.text) + " {word} one.", word=word, **pieces)
