"""A spread and its two sides: sentences and the table that the styles and the sizes share."""

from __future__ import annotations

from rotascope.model.documents import Inline
from rotascope.report.parts import TablePart
from rotascope.report.prose import day, number
from rotascope.report.sections import families
from rotascope.report.sections.rarity import ticker
from rotascope.report.story import Pair, Story
from rotascope.report.words import is_flat, moved, versus

_HARD = 5.0  # percent; a loss of this size is no slip


def lead(story: Story, pair: Pair, names: tuple[int | str, int | str] = (0, 0)) -> Inline:
    """Say who was ahead, and by how much."""
    p = story.prose
    verb, amount = versus(p, pair.spread)
    a, b = pair.spread.series[:2]
    if is_flat(pair.spread):
        level = "{a} ({x}) and {b} ({y}) ended level" if names != (0, 0) else "{a} and {b} ended level"
        return p.say(
            level + ", {amount} apart.",
            a=p.name(a, names[0]),
            x=p.name(a, ticker(story, a)),
            b=p.name(b, names[1]),
            y=p.name(b, ticker(story, b)),
            amount=number(pair.spread, "abs", decimals=1),
        )
    funds = "{a} ({x}) {verb} {b} ({y}) by {amount}." if names != (0, 0) else "{a} {verb} {b} by {amount}."
    return p.say(
        funds,
        a=p.name(a, names[0], of=verb, role="subject"),
        x=p.name(a, ticker(story, a)),
        verb=verb,
        b=p.name(b, names[1], of=verb, role="object"),
        y=p.name(b, ticker(story, b)),
        amount=amount,
    )


def sides(story: Story, pair: Pair) -> Inline:
    """Say what each leg did, and whether they moved apart."""
    p = story.prose
    a, b = pair.first, pair.second
    verb_a, amount_a = moved(p, a, "rose", "fell", subject=a.series[0])
    verb_b, amount_b = moved(p, b, "gained", "slipped" if b.value > -_HARD else "lost", subject=b.series[0])
    parted = (a.value > 0) != (b.value > 0) and not is_flat(a) and not is_flat(b)
    return p.say(
        "The sides parted: {a} {va} {xa} while {b} {vb} {xb}."
        if parted
        else "{a} {va} {xa} and {b} {vb} {xb}.",
        a=p.name(a.series[0], ticker(story, a.series[0]), of=verb_a, role="subject"),
        va=p.say("was {v} at", v=verb_a) if is_flat(a) else verb_a,
        xa=amount_a,
        b=p.name(b.series[0], ticker(story, b.series[0]), of=verb_b, role="subject"),
        vb=p.say("was {v} at", v=verb_b) if is_flat(b) else verb_b,
        xb=amount_b,
    )


def table(story: Story, pairs: list[Pair], caption: str, legs: tuple[str, str]) -> TablePart:
    """Return the families side by side; each fund's column names it, so rows are not bound to one name."""
    p = story.prose
    header = (f"{legs[0]} fund", f"{legs[1]} fund", "Family", legs[0], legs[1], "Difference")
    return TablePart(
        caption=p.say(
            caption + ", close of {start} to close of {end}; funds stand in for their index",
            start=day(pairs[0].spread, "start_used"),
            end=day(pairs[0].spread, "end_used"),
        ),
        header=tuple(p.cell(text) for text in header),
        rows=tuple(
            (
                p.cell(p.name(q.spread.series[0], q.spread.series[0])),
                p.cell(p.name(q.spread.series[1], q.spread.series[1])),
                p.cell(families.label(story, q.family)),
                p.cell(number(q.first, "signed", decimals=2)),
                p.cell(number(q.second, "signed", decimals=2)),
                p.cell(number(q.spread, "signed", "short", decimals=2)),
            )
            for q in pairs
        ),
        bound=False,
    )
