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
from rotascope.report.words import is_flat, ranked, told

_LEAST_YIELD = 5.0  # basis points; a smaller move of the yield has no story
_STILL = 1.5  # basis points that print as one at the utmost


def write(story: Story) -> Parts:
    """Rank the sectors over the window; without sector data, quote what was reported for it."""
    facts = ranked(story.sectors)
    if len(facts) < 3:
        return _reported(story)
    parts: Parts = [heading("Sectors", 3)]
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
    verb, did = told(p, last, subject=last.series[0])
    weakest = p.claim("weakest", "min_of", last, *facts[:-1])
    up = count_where(story.desk, facts, "positive")
    if up.value == 0:
        how_many = p.say("not one of the sectors made money")
    else:
        gained = p.claim("gained", "positive", up)
        who = p.say("{n} of the sectors", n=number(up, "word"))
        if up.value in (1, len(facts)):
            who = p.say("only the first" if up.value == 1 else "every sector")
        how_many = p.say("{who} {gained}", who=who, gained=gained)
    return p.say(
        "The {weakest} was {a}, which {did}; {how_many}.",
        weakest=weakest,
        a=p.name(last.series[0], of=verb, role="subject"),
        did=did,
        how_many=how_many,
    )


def _spread(story: Story, facts: list[Fact]) -> Inline:
    p = story.prose
    return p.say(
        "The first and the last lie {x} apart.",
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
    verb, did = _yield_moved(story, change)
    out.append(
        p.say(
            "Among the sectors that lean on interest rates, {x}. Over the same days the {rate} {did}"
            + _rates_mean(facts, ranks, change),
            x=joined,
            rate=p.name(change.series[0], of=verb, role="subject"),
            did=did,
        )
    )
    return out


def _yield_moved(story: Story, change: Fact) -> tuple[Piece, Inline]:
    """Return the verb of a change of the yield and the words for it; up to one basis point it is little changed."""
    p, series = story.prose, change.series[0]
    if abs(change.value) >= _STILL or is_flat(change, 0):
        return told(p, change, subject=series, decimals=0)
    verb = p.claim("little changed", "near_zero", change, subject=series, tol=2.0)
    return verb, p.say("was {v} ({x})", v=verb, x=number(change, "signed", "short", 0))


def _rates_mean(facts: list[Fact], ranks: list[tuple[Fact, Fact]], change: Fact) -> str:
    """Say whether the places of those sectors go with the move of the yield; where none is clear, say nothing."""
    if abs(change.value) < _LEAST_YIELD:
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
    """Quote the changes of sectors that were reported for the window; where none was, note what is absent."""
    p = story.prose
    names = story.desk.universe.role("sectors", "order") if story.case is not None else ()
    found = [(s, fact) for s in names if (fact := spread_of(story, f"PRESS.{s}.RETURN")) is not None]
    if not found:
        story.absent.append("sector prices")
        return []
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
    text = p.say(
        "Sector prices are not in the data, so only what was reported for the month can be said: {x}.",
        x=listed,
    )
    return [heading("Sectors", 3), paragraph(p.join(text, _no_window(story)))]


def _no_window(story: Story) -> Inline | None:
    """Name the published sector moves that have no window, and why they are left aside."""
    fact = story.maybe("reported", "PRESS.SECTOR.UTILITIES.NOWINDOW")
    if fact is None:
        return None
    p = story.prose
    return p.say(
        "Another published set of sector moves, among them {x} for utilities, names no window {cite}; it cannot be "
        "read as a month and is left aside.",
        x=number(fact, "signed", decimals=2),
        cite=cited(story, fact),
    )
