"""Which sectors led, which trailed, and whether the usual story about them holds."""

from __future__ import annotations

from rotascope.facts.metrics.lists import count_of, count_where, extreme_of
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.report.charts.sectors import chart
from rotascope.report.parts import Parts, TablePart, heading, paragraph
from rotascope.report.prose import Piece, day, number
from rotascope.report.sections import weights
from rotascope.report.sections.reported import cited, spread_of
from rotascope.report.story import Story
from rotascope.report.words import is_flat, moved, ranked


def write(story: Story) -> Parts:
    """Rank the sectors over the window; without sector data, quote what was reported for it."""
    parts: Parts = [heading("Sectors", 3)]
    facts = ranked(story.sectors)
    if len(facts) < 3:
        return parts + _reported(story)
    parts.append(paragraph(story.prose.join(_leaders(story, facts), _laggards(story, facts))))
    weighed = weights.by_sector(story)
    if weighed is not None:
        parts.append(paragraph(weighed))
    told = story.prose.join(_spread(story, facts), *_rate_story(story, facts))
    if told.text:
        parts.append(paragraph(told))
    parts += chart(story)
    parts.append(_table(story, facts))
    return parts


def _share(story: Story, fact: Fact, form: str = "abs") -> Piece:
    return number(fact, form, decimals=1)


def _leaders(story: Story, facts: list[Fact]) -> Inline:
    p = story.prose
    first, second, third = facts[:3]
    down = first.value < 0 and not is_flat(first)
    word = p.claim("best" if down else "led", "max_of", *facts, subject=first.series[0])
    return p.say(
        "{a} ({x}) held up {word} of the {n} sectors, followed by {b} ({y}) and {c} ({z})."
        if down
        else "{a} ({x}) {word} the {n} sectors, followed by {b} ({y}) and {c} ({z}).",
        a=p.name(first.series[0], of=word, role="subject"),
        x=_share(story, first, "signed"),
        word=word,
        n=number(count_of(story.desk, facts, "sectors_counted"), "word"),
        b=_lower_name(story, second.series[0]),
        y=_share(story, second, "signed"),
        c=_lower_name(story, third.series[0]),
        z=_share(story, third, "signed"),
    )


def _lower_name(story: Story, series: str) -> Piece:
    return story.prose.name(series, 0)


def _laggards(story: Story, facts: list[Fact]) -> Inline:
    p = story.prose
    last = facts[-1]
    verb, amount = moved(p, last, subject=last.series[0])
    weakest = p.claim("weakest", "min_of", last, *facts[:-1])
    up = count_where(story.desk, facts, "positive")
    if up.value == 0:
        how_many = p.say("no sector ended the window with more")
    else:
        gained = p.claim("gained", "positive", up)
        who = p.say("{n} of the sectors", n=number(up, "word"))
        if up.value in (1, len(facts)):
            who = p.say("only the first" if up.value == 1 else "every sector")
        how_many = p.say("{who} {gained}", who=who, gained=gained)
    return p.say(
        "The {weakest} was {a}, which {was}{verb} {amount}; {how_many}.",
        weakest=weakest,
        a=p.name(last.series[0], of=verb, role="subject"),
        was="was " if is_flat(last) else "",
        verb=verb,
        amount=amount if not is_flat(last) else p.say("({x})", x=amount),
        how_many=how_many,
    )


def _spread(story: Story, facts: list[Fact]) -> Inline:
    p = story.prose
    return p.say(
        "Between the first and the last lie {x}.",
        x=number(extreme_of(story.desk, facts, "range"), decimals=1),
    )


def _rate_story(story: Story, facts: list[Fact]) -> list[Inline | None]:
    """Say where the rate-sensitive sectors stand, and what the ten-year yield did."""
    p = story.prose
    names = story.desk.universe.role("sectors", "rate_sensitive")
    own = [f for f in facts if f.series[0] in names]
    if not own:
        return []
    out: list[Inline | None] = []
    ranks = [(f, story.fact("return_rank", f.series[0])) for f in own]
    pieces = [
        p.say("{a} came {r}", a=p.name(f.series[0]), r=number(r, "ordinal", "bare")) for f, r in ranks[:2]
    ]
    joined = pieces[0] if len(pieces) == 1 else p.say("{a} and {b}", a=pieces[0], b=pieces[1])
    change = _yield_change(story)
    if change is None:
        return [p.say("Among the sectors that lean on interest rates, {x}.", x=joined)]
    verb, amount = moved(p, change, subject=change.series[0], decimals=0)
    out.append(
        p.say(
            "Among the sectors that lean on interest rates, {x}. Over the same days the {rate} {was}{verb} {amount}"
            + _rates_mean(facts, ranks, change),
            x=joined,
            rate=p.name(change.series[0], of=verb, role="subject"),
            was="was " if verb.text == "flat" else "",
            verb=verb,
            amount=amount if verb.text != "flat" else p.say("({x})", x=amount),
        )
    )
    return out


def _rates_mean(facts: list[Fact], ranks: list[tuple[Fact, Fact]], change: Fact) -> str:
    """Say whether the places of those sectors go with the move of the yield; where none is clear, say nothing."""
    if is_flat(change, 0):
        return "."
    half = len(facts) / 2
    high = sum(r.value <= half for _, r in ranks[:2])
    if change.value > 0:
        return "; a story of falling yields does not fit this window." if high else "."
    if high == len(ranks[:2]):
        return "; the usual story of falling yields fits."
    return "." if high else "; the usual story of falling yields did not hold."


def _yield_change(story: Story) -> Fact | None:
    for series in story.desk.universe.role("rates", "ten_year"):
        fact = story.maybe("yield_change", series)
        if fact is not None:
            return fact
    return None


def _table(story: Story, facts: list[Fact]) -> TablePart:
    p = story.prose
    rows = []
    for fact in facts:
        rank = story.fact("return_rank", fact.series[0])
        rows.append(
            (
                p.cell(p.name(fact.series[0])),
                p.cell(p.name(fact.series[0], fact.series[0])),
                p.cell(number(rank)),
                p.cell(number(fact, "signed", decimals=2)),
            )
        )
    return TablePart(
        caption=p.say(
            "Sectors, close of {start} to close of {end}, price return; sector funds stand in for their index",
            start=day(facts[0], "start_used"),
            end=day(facts[0], "end_used"),
        ),
        header=tuple(p.cell(t) for t in ("Sector", "Fund", "Rank", "Change")),
        rows=tuple(rows),
    )


def _reported(story: Story) -> Parts:
    p = story.prose
    if story.case is None:
        return [paragraph(story.missing("Sector prices for this window are not available as of {as_of}."))]
    found = [
        (series, fact)
        for series in story.desk.universe.role("sectors", "order")
        if (fact := spread_of(story, f"PRESS.{series}.RETURN")) is not None
    ]
    if not found:
        return [paragraph(story.missing("Sector prices for this window are not available as of {as_of}."))]
    items = [
        p.say(
            "{name} {x} {cite}",
            name=story.desk.universe.instrument(series).name.lower(),
            x=number(fact, "signed", decimals=1),
            cite=cited(story, fact),
        )
        for series, fact in found
    ]
    listed = items[0]
    for item in items[1:]:
        listed = p.say("{a}, {b}", a=listed, b=item)
    return [
        paragraph(
            p.join(
                p.say(
                    "Sector prices are not in the data, so only what was reported for the month can be said: {x}.",
                    x=listed,
                ),
                _no_window(story),
            )
        )
    ]


def _no_window(story: Story) -> Inline | None:
    """Name the sector moves that circulate without a window, and why they are left aside."""
    fact = story.maybe("reported", "PRESS.SECTOR.UTILITIES.NOWINDOW")
    if fact is None:
        return None
    p = story.prose
    return p.say(
        "Another set of sector moves in circulation, among them {x} for utilities, names no window {cite}; it cannot be "
        "read as a month and is left aside.",
        x=number(fact, "signed", decimals=2),
        cite=cited(story, fact),
    )
