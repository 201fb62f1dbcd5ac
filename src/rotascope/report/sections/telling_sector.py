"""The sector that tells more than the styles do: in a month of slight gaps it opens the article."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.report.prose import Piece, day, number
from rotascope.report.story import Story
from rotascope.report.words import LARGE, article, band, ranked, versus

DECADE = 10  # years of a sector's own record that its gap to the index is compared with


@dataclass(frozen=True, slots=True)
class SectorGap:
    """A sector and how far it ended before or behind the index; the percentile is in that direction."""

    sector: Fact
    spread: Fact
    percentile: Fact | None


def ends(story: Story) -> list[SectorGap]:
    """Return the first and the last sector with their gaps to the broad fund; none where either is missing."""
    cap = story.desk.first_available(story.desk.universe.role("weighting", "cap"))
    facts = ranked(story.sectors)
    if len(facts) < 3 or cap is None:
        return []
    since = date(story.window.start.year - DECADE, story.window.start.month, 1).isoformat()
    found = []
    for fact, first in ((facts[0], True), (facts[-1], False)):
        spread = story.maybe("return_spread", fact.series[0], cap)
        if spread is None:
            return []
        legs = (fact.series[0], cap) if first else (cap, fact.series[0])
        found.append(SectorGap(fact, spread, story.maybe("window_percentile", *legs, since=since)))
    return found


def telling(story: Story) -> SectorGap | None:
    """Return the more unusual end of the ranking, if its gap to the index is large by its own record."""
    known = [(gap.percentile.value, gap) for gap in ends(story) if gap.percentile is not None]
    highest, gap = max(known, key=lambda row: row[0], default=(0.0, None))
    return gap if highest >= LARGE else None


def clause(story: Story, gap: SectorGap) -> Inline:
    """Say "Energy beat the S&P 500 ETF by 14.6 points"."""
    p = story.prose
    verb, amount = versus(p, gap.spread)
    sector, cap = gap.spread.series[:2]
    return p.say(
        "{a} {verb} the {b} by {x}",
        a=p.name(sector, of=verb, role="subject"),
        verb=verb,
        b=p.name(cap, of=verb, role="object"),
        x=amount,
    )


def between(story: Story, fact: Fact) -> Inline:
    """Say "between the closes of" and the two days of a fact."""
    return story.prose.say(
        "between the closes of {start} and {end}", start=day(fact, "start_used"), end=day(fact, "end_used")
    )


def sentence(story: Story, gap: SectorGap) -> Inline:
    """Say how far the sector came, and how unusual that is."""
    assert gap.percentile is not None
    p = story.prose
    size: Piece = band(p, gap.percentile)
    return p.say(
        "{gap} {between}, {article} {size} distance by the record of a decade, in the {pct}.",
        gap=clause(story, gap),
        between=between(story, gap.spread),
        article=article(size.text),
        size=size,
        pct=number(gap.percentile, style="long"),
    )
