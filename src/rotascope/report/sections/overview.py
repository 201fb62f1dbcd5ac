"""What the indices did over the window."""

from __future__ import annotations

from rotascope.facts.metrics.lists import count_of, extreme_of
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.report.charts import indices
from rotascope.report.parts import Parts, TablePart, heading, paragraph
from rotascope.report.prose import day, number
from rotascope.report.sections import circulating
from rotascope.report.story import Story
from rotascope.report.words import is_flat, moved, ranked

_CLOSE = 1.0  # points between the best and the worst index that are little


def write(story: Story) -> Parts:
    """Open with the indices, the distance between them, and where one share's weight matters."""
    parts: Parts = [heading("Event overview and market context", 3)]
    facts = ranked(story.indices)
    if not facts:
        parts.append(
            paragraph(story.missing("Index levels for this window are not available as of {as_of}."))
        )
    elif len(facts) == 1:
        parts.append(paragraph(_single(story, facts[0])))
    else:
        parts.append(
            paragraph(
                story.prose.join(_best_and_worst(story, facts), _distance(story, facts), _weighting(story))
            )
        )
        parts += indices.chart(story)
        parts.append(_table(story, facts))
    return parts + circulating.write(story)


def _single(story: Story, fact: Fact) -> Inline:
    p = story.prose
    verb, amount = moved(p, fact, subject=fact.series[0])
    return p.say(
        "From the close of {start} to the close of {end} the {name} {was}{verb} {amount}; no other index is available.",
        start=day(fact, "start_used"),
        end=day(fact, "end_used"),
        was="was " if is_flat(fact) else "",
        name=p.name(fact.series[0], of=verb, role="subject"),
        verb=verb,
        amount=amount if not is_flat(fact) else p.say("({x})", x=amount),
    )


def _pair(story: Story, first: Fact, second: Fact) -> Inline:
    """Say what two indices did; with two there is no best of many."""
    p = story.prose
    verb, amount = moved(p, first, subject=first.series[0])
    verb2, amount2 = moved(p, second, "gained", "lost", subject=second.series[0])
    return p.say(
        "From the close of {start} to the close of {end} the {a} {was}{verb} {amount} and the {b} {was2}{verb2} {amount2}.",
        start=day(first, "start_used"),
        end=day(first, "end_used"),
        a=p.name(first.series[0], of=verb, role="subject"),
        was="was " if is_flat(first) else "",
        verb=verb,
        amount=amount if not is_flat(first) else p.say("({x})", x=amount),
        b=p.name(second.series[0], of=verb2, role="subject"),
        was2="was " if is_flat(second) else "",
        verb2=verb2,
        amount2=amount2 if not is_flat(second) else p.say("({x})", x=amount2),
    )


def _best_and_worst(story: Story, facts: list[Fact]) -> Inline:
    p = story.prose
    best, worst = facts[0], facts[-1]
    if len(facts) == 2:
        return _pair(story, best, worst)
    verb, amount = moved(p, best, subject=best.series[0])
    verb2, amount2 = moved(p, worst, subject=worst.series[0])
    top = p.claim("best", "max_of", best, *facts[1:])
    down = best.value < 0 and not is_flat(best)
    return p.say(
        "From the close of {start} to the close of {end} the {best} did {top} of {n} indices and still {verb} {amount}; "
        "at the other end the {worst} {verb2} {amount2}."
        if down
        else "From the close of {start} to the close of {end} the {best} {was}{verb} {amount}, the {top} of {n} indices; "
        "at the other end the {worst} {was2}{verb2} {amount2}.",
        start=day(best, "start_used"),
        end=day(best, "end_used"),
        best=p.name(best.series[0], of=verb, role="subject"),
        was="was " if is_flat(best) else "",
        verb=verb,
        amount=amount if not is_flat(best) else p.say("({x})", x=amount),
        top=top,
        n=number(count_of(story.desk, facts, "indices_counted"), "word"),
        worst=p.name(worst.series[0], of=verb2, role="subject"),
        was2="was " if is_flat(worst) else "",
        verb2=verb2,
        amount2=amount2 if not is_flat(worst) else p.say("({x})", x=amount2),
    )


def _distance(story: Story, facts: list[Fact]) -> Inline:
    p = story.prose
    gap = extreme_of(story.desk, facts, "range")
    if facts[0].value * facts[-1].value < 0:
        text = "They parted by {gap}."
    elif gap.value < _CLOSE:
        text = "Only {gap} lie between them."
    else:
        text = "The distance between them is {gap}."
    return p.say(text, gap=number(gap, decimals=1))


def _weighting(story: Story) -> Inline | None:
    p = story.prose
    spread = story.maybe("equal_minus_cap_weight")
    if spread is None or is_flat(spread):
        return None
    equal, cap = spread.series[:2]
    verb = p.claim(
        "beat" if spread.value > 0 else "trailed",
        "positive" if spread.value > 0 else "negative",
        spread,
        subject=equal,
        object=cap,
    )
    pieces = {
        "equal": p.name(equal, of=verb, role="subject"),
        "verb": verb,
        "cap": p.name(cap, of=verb, role="object"),
        "amount": number(spread, "abs", decimals=1),
    }
    word = "better than" if spread.value > 0 else "worse than"
    first, second = _legs(story, spread)
    return p.say(
        "The {equal} {verb} the {cap} by {amount}, so the average share did {word} the heavy ones.",
        **pieces,
        word=p.claim(word, "gt" if spread.value > 0 else "lt", first, second),
    )


def _legs(story: Story, spread: Fact) -> list[Fact]:
    return [f for f in story.desk.inputs_of(spread) if isinstance(f, Fact)]


def _table(story: Story, facts: list[Fact]) -> TablePart:
    p = story.prose
    rows = []
    for fact in facts:
        level = story.fact("level", fact.series[0])
        rows.append(
            (
                p.cell(p.name(fact.series[0])),
                p.cell(number(level)),
                p.cell(number(fact, "signed", decimals=2)),
            )
        )
    return TablePart(
        caption=p.say(
            "Indices, close of {start} to close of {end}, price return",
            start=day(facts[0], "start_used"),
            end=day(facts[0], "end_used"),
        ),
        header=tuple(p.cell(t) for t in ("Index", "Level at the end", "Change")),
        rows=tuple(rows),
    )
