"""What the indices did over the window."""

from __future__ import annotations

from rotascope.facts.metrics.lists import count_of, extreme_of
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.report.charts import indices
from rotascope.report.parts import Parts, TablePart, heading, paragraph
from rotascope.report.prose import day, number
from rotascope.report.sections import broad_market, circulating
from rotascope.report.story import Story
from rotascope.report.words import is_flat, ranked, told

_CLOSE = 1.0  # points between the best and the worst index that are little


def write(story: Story) -> Parts:
    """Open with the indices, the distance between them, and where one share's weight matters."""
    parts: Parts = [heading("Event overview and market context", 3)]
    facts = ranked(story.indices)
    if not facts:
        parts.append(paragraph(_market(story)))
    elif len(facts) == 1:
        parts.append(paragraph(_single(story, facts[0])))
    else:
        ends = (_best_and_worst(story, facts), _distance(story, facts))
        place, weights = _place(story), _weighting(story)
        # four numbers in a paragraph at most
        groups = [(*ends, weights)] if place is None else [ends, (place, weights)]
        parts += [paragraph(story.prose.join(*sentences)) for sentences in groups]
        parts += indices.chart(story)
        parts.append(_table(story, facts))
    return parts + circulating.write(story)


def _place(story: Story) -> Inline | None:
    """Say how unusual the move of the broad index is, where it is."""
    move = broad_market.unusual(story)
    return None if move is None else broad_market.placed(story, move)


def _market(story: Story) -> Inline:
    """Say what the market factor did where no index is known; where there is none either, say that."""
    fact = story.market_factor
    if fact is None:
        return story.missing("Index levels for this window are not available as of {as_of}.")
    p = story.prose
    verb, did = told(p, fact, "gained", "lost", subject=fact.series[0])
    return p.say(
        "No index level is in the data for this window. {market}, the return of all shares less that of Treasury bills, {did}.",
        market=p.name(fact.series[0], of=verb, role="subject"),
        did=did,
    )


def _single(story: Story, fact: Fact) -> Inline:
    p = story.prose
    verb, did = told(p, fact, subject=fact.series[0])
    return p.say(
        "From the close of {start} to the close of {end} the {name} {did}; no other index is available.",
        start=day(fact, "start_used"),
        end=day(fact, "end_used"),
        name=p.name(fact.series[0], of=verb, role="subject"),
        did=did,
    )


def _pair(story: Story, first: Fact, second: Fact) -> Inline:
    """Say what two indices did; with two there is no best of many."""
    p = story.prose
    verb, did = told(p, first, subject=first.series[0])
    verb2, did2 = told(p, second, "gained", "lost", subject=second.series[0])
    return p.say(
        "From the close of {start} to the close of {end} the {a} {did} and the {b} {did2}.",
        start=day(first, "start_used"),
        end=day(first, "end_used"),
        a=p.name(first.series[0], of=verb, role="subject"),
        did=did,
        b=p.name(second.series[0], of=verb2, role="subject"),
        did2=did2,
    )


def _best_and_worst(story: Story, facts: list[Fact]) -> Inline:
    p = story.prose
    best, worst = facts[0], facts[-1]
    if len(facts) == 2:
        return _pair(story, best, worst)
    verb, did = told(p, best, subject=best.series[0])
    verb2, did2 = told(p, worst, subject=worst.series[0])
    top = p.claim("best", "max_of", best, *facts[1:])
    down = best.value < 0 and not is_flat(best)
    return p.say(
        "From the close of {start} to the close of {end} the {best} did {top} of {n} indices and still {did}; "
        "at the other end the {worst} {did2}."
        if down
        else "From the close of {start} to the close of {end} the {best} {did}, the {top} of {n} indices; "
        "at the other end the {worst} {did2}.",
        start=day(best, "start_used"),
        end=day(best, "end_used"),
        best=p.name(best.series[0], of=verb, role="subject"),
        did=did,
        top=top,
        n=number(count_of(story.desk, facts, "indices_counted"), "word"),
        worst=p.name(worst.series[0], of=verb2, role="subject"),
        did2=did2,
    )


def _distance(story: Story, facts: list[Fact]) -> Inline:
    p = story.prose
    gap = extreme_of(story.desk, facts, "range")
    if facts[0].value * facts[-1].value < 0:
        text = "They ended {gap} apart."
    elif gap.value < _CLOSE:
        text = "They ended only {gap} apart."
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
        "The {equal} {verb} the {cap} by {amount}, so the average share did {word} the heaviest.",
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
