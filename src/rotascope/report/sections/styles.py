"""Value against growth, family by family."""

from __future__ import annotations

from rotascope.model.documents import Inline
from rotascope.report.parts import Parts, heading, paragraph
from rotascope.report.prose import day, number
from rotascope.report.sections import legs, reported
from rotascope.report.sections.opening import dissenting
from rotascope.report.sections.rarity import rarity, size_word
from rotascope.report.story import Pair, Story
from rotascope.report.words import moved, tolerance, versus

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
    others = story.prose.join(*_agreeing(story), *_dissent(story))
    if others.text:
        parts.append(paragraph(others))
    return [
        *parts,
        legs.table(story, story.styles, "Value minus growth by index family", ("Value", "Growth")),
    ]


def _agreeing(story: Story) -> list[Inline | None]:
    p = story.prose
    first, far = story.styles[0].spread, dissenting(story)
    out: list[Inline | None] = []
    for pair in story.styles[1:]:
        size = max(abs(pair.spread.value), abs(first.value))
        if pair is far or abs(pair.spread.value - first.value) > _AGREE * size:
            continue
        word = p.claim("agrees", "near", pair.spread, first, tol=tolerance(_AGREE * size))
        out.append(
            p.say(
                "The {family} pair of funds {word}: {x}.",
                family=pair.family.label,
                word=word,
                x=number(pair.spread, decimals=1),
            )
        )
    return out


def _dissent(story: Story) -> list[Inline | None]:
    far = dissenting(story)
    if far is None:
        return []
    p = story.prose
    verb, amount = versus(p, far.spread)
    told = p.say(
        "The {family} pair does not. There {a} {verb} {b} by {x}.",
        family=far.family.label,
        a=p.name(far.spread.series[0], of=verb, role="subject"),
        verb=verb,
        b=p.name(far.spread.series[1], of=verb, role="object"),
        x=amount,
    )
    return [told, _why(story, far)]


def _why(story: Story, far: Pair) -> Inline:
    p = story.prose
    size = size_word(story, far)
    reason = (
        far.family.definition_note or "The families draw the line between the styles in different places."
    )
    if size is None:
        return p.say(reason)
    return p.say(
        reason
        + " By that family's own record the lead was {size}: readers with different style funds saw different "
        "stretches under one name.",
        size=size,
    )


def _without_families(story: Story) -> Parts:
    sentences = [*reported.spreads(story, "value_minus_growth"), _factor(story)]
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
