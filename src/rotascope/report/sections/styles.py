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
from rotascope.report.words import band, moved, tolerance, versus

_TOLD = 80.0  # percentile of the distance between families from which it is worth a sentence
_AGREE = 0.25  # families agree if their gaps differ by no more than a quarter of the larger one


def write(story: Story) -> Parts:
    """The first family in full, then the others against it."""
    parts: Parts = [heading("Value and growth", 3)]
    if not story.styles:
        return [*parts, *_without_families(story)]
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


def _agreeing(story: Story) -> list[Inline | None]:
    """Name the families whose gap is near the first one's; two of them share a sentence."""
    p = story.prose
    first, far = story.styles[0].spread, dissenting(story)
    near = [
        q
        for q in story.styles[1:]
        if q is not far and abs(q.spread.value - first.value) <= _AGREE * _larger(q.spread, first)
    ]
    if not near:
        return []
    pair = near[0]
    tol = tolerance(_AGREE * _larger(pair.spread, first))
    word = p.claim("agrees", "near", pair.spread, first, tol=tol)
    told = p.say(
        "The {family} pair of funds {word}: {x}",
        family=families.label(story, pair.family),
        word=word,
        x=_lead(story, pair),
    )
    if len(near) == 1:
        return [p.say("{told}.", told=told)]
    other = near[1]
    return [
        p.say(
            "{told}, and so does the {family} pair, with {x}.",
            told=told,
            family=families.label(story, other.family),
            x=_lead(story, other),
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
    verb, amount = versus(p, far.spread)
    told = p.say(
        "The {family} pair does not. There {a} {verb} {b} by {x}."
        if after_others
        else "The {family} pair of funds tells another story: there {a} {verb} {b} by {x}.",
        family=families.label(story, far.family),
        a=p.name(far.spread.series[0], of=verb, role="subject"),
        verb=verb,
        b=p.name(far.spread.series[1], of=verb, role="object"),
        x=amount,
    )
    return [told, _why(story, far)]


def _why(story: Story, far: Pair) -> Inline:
    p = story.prose
    size = size_word(story, far)
    reason = families.definition(story, far.family)
    if size is None:
        return p.say(reason)
    article = "an" if size.text[0] in "aeiou" else "a"
    return p.say(reason + " By its own record that was {article} {size} lead.", article=article, size=size)


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
        article="an" if word.text[0] in "aeiou" else "a",
        word=word,
        n=number(count),
        y=number(middle, decimals=1),
    )


def _without_families(story: Story) -> Parts:
    sentences = [
        *reported.spreads(story, "value_minus_growth"),
        _factor(story),
        factor_rarity(story, story.value_factor),
    ]
    text = story.prose.join(*sentences)
    if not text.text:
        text = story.missing("Style funds for this window are not available as of {as_of}.")
    return [paragraph(text)]


def _factor(story: Story) -> Inline | None:
    fact = story.value_factor
    if fact is None:
        return None
    p = story.prose
    verb, amount = moved(p, fact, "gained", "lost", subject=fact.series[0])
    return p.say(
        "{hml}, cheap shares bought and expensive ones sold, as one position set up anew every month, {verb} {amount} from "
        "the end of {start} to the end of {end}.",
        hml=p.name(fact.series[0], 0, of=verb, role="subject"),
        verb=verb,
        amount=amount,
        start=day(fact, "start_used", "month"),
        end=day(fact, "end_used", "month"),
    )
