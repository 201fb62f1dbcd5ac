"""Value against growth, family by family."""

from __future__ import annotations

from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.report.charts import spreads, windows
from rotascope.report.parts import Parts, heading, paragraph
from rotascope.report.prose import Piece, day, number
from rotascope.report.sections import families, legs, reported
from rotascope.report.sections.families import dissenting
from rotascope.report.sections.rarity import factor_rarity, leader_first, rarity, size_word
from rotascope.report.story import Pair, Story
from rotascope.report.words import article, band, is_flat, moved, tolerance

_TOLD = 80.0  # percentile of the distance between families from which it is worth a sentence
_LEAST = 0.5  # points; families agree on no smaller gap, it is noise
_AGREE = 0.25  # families agree if their gaps differ by no more than a quarter of the larger one


def write(story: Story) -> Parts:
    """The first family in full, then the others against it."""
    if not story.styles:
        return _without_families(story)
    parts: Parts = [heading("Value and growth", 3)]
    first = story.styles[0]
    parts.append(
        paragraph(story.prose.join(legs.lead(story, first), legs.sides(story, first), rarity(story, first)))
    )
    near = _agreeing(story)
    others = story.prose.join(*near, *_dissent(story, bool(near)))
    if others.text:
        parts.append(paragraph(others))
    apart = _apart(story)
    if apart is not None:
        parts.append(paragraph(apart))
    return [
        *parts,
        *spreads.styles(story),
        *windows.chart(story),
        legs.table(story, story.styles, "Value minus growth by index family", ("Value", "Growth")),
    ]


def _near(story: Story) -> list[Pair]:
    """Return the families whose gap is near the first one's; none where that gap is too small to agree on."""
    first, far = story.styles[0].spread, dissenting(story)
    if abs(first.value) < _LEAST:
        return []
    return [
        q
        for q in story.styles[1:]
        if q is not far and abs(q.spread.value - first.value) <= _AGREE * _larger(q.spread, first)
    ]


def _agreeing(story: Story) -> list[Inline | None]:
    """Name the families whose gap is near the first one's; two of them share a sentence."""
    near = _near(story)
    if not near:
        return []
    p, pair, first = story.prose, near[0], story.styles[0].spread
    tol = tolerance(_AGREE * _larger(pair.spread, first))
    told = p.say(
        "The {family} pair of funds {word}: {x}",
        family=families.label(story, pair.family),
        word=p.claim("agrees", "near", pair.spread, first, tol=tol),
        x=_lead(story, pair),
    )
    if len(near) == 1:
        return [p.say("{told}.", told=told)]
    other = families.label(story, near[1].family)
    return [
        p.say(
            "{told}, and so does the {family} pair, with {x}.",
            told=told,
            family=other,
            x=_lead(story, near[1]),
        )
    ]


def _lead(story: Story, pair: Pair) -> Piece:
    """Return the lead of the side in front as a positive number of points."""
    lead = pair.spread if pair.spread.value > 0 else story.fact("return_spread", *leader_first(pair))
    return number(lead, decimals=1)


def _larger(a: Fact, b: Fact) -> float:
    return max(abs(a.value), abs(b.value))


def _dissent(story: Story, after_others: bool) -> list[Inline | None]:
    far = dissenting(story)
    if far is None:
        return []
    p = story.prose
    told = p.say(
        "The {family} pair does not. There {gap}."
        if after_others
        else "The {family} pair of funds tells another story: there {gap}.",
        family=families.label(story, far.family),
        gap=families.gap_of(story, far),
    )
    return [told, _why(story, far)]


def _why(story: Story, far: Pair) -> Inline:
    p = story.prose
    size = None if is_flat(far.spread) else size_word(story, far)
    reason = families.definition(story, far.family)
    if size is None:
        return p.say(reason)
    return p.say(
        reason + " By its own record that was {article} {size} lead.", article=article(size.text), size=size
    )


def _apart(story: Story) -> Inline | None:
    """Say how far the families' answers lie apart, and how unusual that is."""
    gap, middle = story.maybe("family_disagreement"), story.maybe("family_disagreement_median")
    count, place = story.maybe("family_disagreement_count"), story.maybe("family_disagreement_percentile")
    if gap is None or middle is None or count is None or place is None or place.value < _TOLD:
        return None
    p = story.prose
    word = band(p, place)
    return p.say(
        "From one family to another the answers lie up to {x} apart, {article} {word} distance beside the median of {y} in "
        "{n} windows of this length.",
        x=number(gap, decimals=1),
        article=article(word.text),
        word=word,
        n=number(count),
        y=number(middle, decimals=1),
    )


def _without_families(story: Story) -> Parts:
    text = story.prose.join(
        *reported.spreads(story, "value_minus_growth"),
        _factor(story),
        factor_rarity(story, story.value_factor),
    )
    if not text.text:
        story.absent.append("prices of style funds")
        return []
    return [heading("Value and growth", 3), paragraph(text)]


def _factor(story: Story) -> Inline | None:
    fact = story.value_factor
    if fact is None:
        return None
    p = story.prose
    verb, amount = moved(p, fact, "gained", "lost", subject=fact.series[0])
    return p.say(
        "{hml}, cheap shares less expensive ones as one position set up anew every month, {verb} {amount} from the end of "
        "{start} to the end of {end}.",
        hml=p.name(fact.series[0], 0, of=verb, role="subject"),
        verb=verb,
        amount=amount,
        start=day(fact, "start_used", "month"),
        end=day(fact, "end_used", "month"),
    )
