"""The window by dimension: indices, styles, sizes, ends of the sector ranking, weights and money, each with its percentile."""

from __future__ import annotations

from dataclasses import dataclass

from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.model.units import Unit
from rotascope.report.parts import TablePart
from rotascope.report.prose import number
from rotascope.report.sections import families, telling_sector
from rotascope.report.sections.rarity import factor_place, leader_first
from rotascope.report.sections.reported import spread_of
from rotascope.report.story import Pair, Story
from rotascope.report.words import band, ranked


@dataclass(frozen=True, slots=True)
class Reading:
    """One row: what is measured, the figure, and its percentile in the direction in which it points."""

    what: Inline
    figure: Fact
    percentile: Fact | None


def readings(story: Story) -> list[Reading | None]:
    """Return the rows that the data gives, from the broad index to the flow of money."""
    styles = [_pair(story, "Value minus growth, ", q) for q in story.styles]
    sizes = [_pair(story, "Small minus big, ", q) for q in story.sizes]
    factors = [
        _factor(story, fact)
        for fact, known in ((story.value_factor, styles), (story.size_factor, sizes))
        if fact is not None and not known
    ]
    told = [
        *_reported(story, "value_minus_growth", "Value minus growth, ", styles),
        *_reported(story, "small_minus_large", "Small minus big, ", sizes),
        None if sizes else _index_gap(story),
    ]
    gaps = [*styles, *sizes, *factors, *told]
    return [_broad(story), *gaps, *_sector_ends(story), _weights(story), _flow(story)]


def _broad(story: Story) -> Reading | None:
    broad, fact = story.broad_index, story.broad_move
    if fact is None:
        return None
    metric = "window_percentile" if fact.value >= 0 else "window_percentile_below"
    return Reading(story.prose.cell(story.prose.name(broad)), fact, story.maybe(metric, broad))


def _pair(story: Story, words: str, pair: Pair) -> Reading:
    percentile = story.maybe("window_percentile", *leader_first(pair))
    return Reading(story.prose.say(words + families.label(story, pair.family)), pair.spread, percentile)


def _factor(story: Story, fact: Fact) -> Reading:
    p = story.prose
    return Reading(p.cell(p.name(fact.series[0], 1)), fact, factor_place(story, fact))


def _reported(story: Story, what: str, words: str, known: list[Reading]) -> list[Reading]:
    """Return what publications printed for this window, where the data cannot answer."""
    if known or story.case is None:
        return []
    found = [
        (family, spread_of(story, getattr(family, f"reported_{what}", "")))
        for family in story.desk.universe.families
    ]
    return [
        Reading(story.prose.say(words + f.label + ", as reported"), fact, None)
        for f, fact in found
        if fact is not None
    ]


def _index_gap(story: Story) -> Reading | None:
    pair = story.size_indices
    spread = story.maybe("return_spread", *pair)
    if spread is None:
        return None
    p = story.prose
    legs = pair if spread.value >= 0 else pair[::-1]  # the one in front first, as the percentile has it
    what = p.say("{a} minus {b}", a=p.name(legs[0]), b=p.name(legs[1]))
    return Reading(what, story.fact("return_spread", *legs), story.maybe("window_percentile", *legs))


def _sector_ends(story: Story) -> list[Reading]:
    p = story.prose
    facts = ranked(story.sectors)
    if len(facts) < 3:
        return []
    known = {gap.sector.id: gap.percentile for gap in telling_sector.ends(story)}
    return [
        Reading(p.say(words + "{x}", x=p.name(fact.series[0])), fact, known.get(fact.id))
        for words, fact in (("First sector: ", facts[0]), ("Last sector: ", facts[-1]))
    ]


def _weights(story: Story) -> Reading | None:
    spread = story.maybe("equal_minus_cap_weight")
    if spread is None:
        return None
    a, b = spread.series[:2]
    legs = (a, b) if spread.value >= 0 else (b, a)
    return Reading(
        story.prose.say("Equal weights minus weights by size"),
        spread,
        story.maybe("window_percentile", *legs),
    )


def _flow(story: Story) -> Reading | None:
    fund = story.flow_fund
    flow = story.maybe("net_flow", fund)
    if flow is None:
        return None
    p = story.prose
    side = "above" if flow.value >= 0 else "below"
    return Reading(
        p.say("Net flow, {x}", x=p.name(fund)), flow, story.maybe("flow_percentile", fund, side=side)
    )


def table(story: Story, rows: list[Reading]) -> TablePart:
    """Return the rows as a table; without any percentile the columns for it are left out."""
    p = story.prose
    known = any(r.percentile is not None for r in rows)
    header = ("Dimension", "Figure", "Standing", "By the bands") if known else ("Dimension", "Figure")
    return TablePart(
        caption=p.say(
            "The window by dimension. Percentiles are among windows of its length, in the direction of the move; those of sectors "
            "are of their gap to the index over a decade"
            if story.sectors
            else "The window by dimension. Percentiles are among windows of its length, in the direction of the move"
            if known
            else "The window by dimension; no record is at hand to rank the figures by"
        ),
        header=tuple(p.cell(t) for t in header),
        rows=tuple(_row(story, r)[: len(header)] for r in rows),
    )


def _row(story: Story, reading: Reading) -> tuple[Inline, ...]:
    p = story.prose
    percentile = reading.percentile
    return (
        reading.what,
        p.cell(number(reading.figure, "signed", "short" if reading.figure.unit is Unit.PP else "long", 1)),
        p.cell(number(percentile, style="long") if percentile else "not available"),
        p.cell(band(p, percentile) if percentile else "no record"),
    )
