"""What weights and earnings add to the reading, where the data holds them; nothing is said where it does not."""

from __future__ import annotations

from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.report.prose import day, number
from rotascope.report.story import Story
from rotascope.report.words import is_flat, moved, ranked

_FEW = 8  # sectors; with fewer the weights are not those of the broad market


def by_sector(story: Story) -> Inline | None:
    """Say which sector did most and least for the broad fund, by its weight; None without fresh holdings."""
    for fund in story.desk.universe.role("weighting", "cap"):
        if story.maybe("largest_names_weight", fund) is None:  # asked first, because it fails at once
            continue
        found = [story.maybe("sector_contribution", fund, f.series[0]) for f in story.sectors]
        facts = ranked([f for f in found if f is not None])
        if len(facts) >= _FEW:
            return _by_sector(story, facts)
    return None


def _by_sector(story: Story, facts: list[Fact]) -> Inline:
    p = story.prose
    first, last = facts[0], facts[-1]
    return p.say(
        "Weighed by what the broad fund held at the start, {a} did {most} for it ({x}) and {b} did {least} ({y}).",
        a=p.name(first.series[0]),
        most=p.claim("most", "max_of", *facts),
        x=number(first, "signed", decimals=1),
        b=p.name(last.series[0]),
        least=p.claim("least", "min_of", last, *facts[:-1]),
        y=number(last, "signed", decimals=1),
    )


def earnings(story: Story) -> Inline | None:
    """Say how earnings of small and of large companies grew; None where no filings are in the data."""
    roles = story.desk.universe.roles["earnings"]
    groups = [str(roles["small"]), str(roles["large"])]
    grown = [story.maybe("earnings_growth", fund) for fund in groups]
    counts = [story.maybe("earnings_companies", fund) for fund in groups]
    gap = story.maybe("earnings_growth_small_minus_large")
    if gap is None or grown[0] is None or grown[1] is None or counts[0] is None or counts[1] is None:
        return None
    if is_flat(grown[0]) or is_flat(grown[1]):
        return None
    p = story.prose
    verb_small, small = moved(p, grown[0])
    verb_large, large = moved(p, grown[1])
    return p.say(
        "Earnings in the quarter to {end} {vs} {xs} at the {ns} small companies that can be counted and {vl} {xl} at {nl} "
        "big ones, each measured by the same names a year before.",
        end=day(grown[0], "end_used"),
        vs=verb_small,
        xs=small,
        ns=number(counts[0]),
        vl=verb_large,
        xl=large,
        nl=number(counts[1]),
    )
