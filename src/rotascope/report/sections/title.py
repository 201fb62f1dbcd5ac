"""The title: the finding in one line, of styles and sizes, of factors, or of indices."""

from __future__ import annotations

from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.report.prose import capital
from rotascope.report.sections import broad_market, families, telling_sector
from rotascope.report.sections.broad_market import MarketMove
from rotascope.report.sections.families import dissenting
from rotascope.report.sections.periods import in_or_after, when_of
from rotascope.report.sections.rarity import is_slight, short_names, size_word, standing
from rotascope.report.sections.title_factors import factor_title
from rotascope.report.story import Pair, Story
from rotascope.report.words import LARGE, ranked, versus


def title(story: Story) -> Inline:
    """Return the finding in one line."""
    if story.styles:
        return _styles_title(story, story.styles[0])
    if story.value_factor is not None:
        return factor_title(story, story.value_factor)
    if len(story.indices) > 1:
        return _index_title(story)
    return story.prose.say("Not enough data for a reading of {when}", when=when_of(story, None))


def by_weight(story: Story) -> list[Pair]:
    """Return the style and the size of the first family, the more unusual one first, a slight one last."""
    pairs = [*story.styles[:1], *story.sizes[:1]]
    return sorted(pairs, key=lambda q: (is_slight(story, q), -standing(story, q)))


def _clause(story: Story, pair: Pair, names: tuple[int | str, int | str]) -> Inline:
    p = story.prose
    verb, _ = versus(p, pair.spread)
    subject, other = pair.spread.series[0], pair.spread.series[1]
    return p.say(
        "{a} {verb} {b}",
        a=p.name(subject, names[0], of=verb, role="subject"),
        verb=verb,
        b=p.name(other, names[1], of=verb, role="object"),
    )


def _styles_title(story: Story, style: Pair) -> Inline:
    """Lead with the more unusual of style and size; leave out what is slight; say so if both are."""
    p = story.prose
    when = when_of(story, style.spread)
    told = [q for q in by_weight(story) if not is_slight(story, q)]
    market = market_first(story)
    if market is not None and told:
        both = p.say(
            "{market} while {x}" + in_or_after(style.spread),
            market=broad_market.clause(story, market),
            x=_clause(story, told[0], short_names(story, told[0])),
            when=when,
        )
        return capital(both)
    if not told:
        return capital(_quiet_title(story, style, when, market))
    joint = "{x}" + in_or_after(style.spread)
    if told[0] is style and dissenting(story) is not None:
        line = p.say(joint, x=_clause(story, style, short_names(story, style)), when=when)
        return p.say("{line}, and " + _depends(story, style) + " depends on the index", line=line)
    text = _clause(story, told[0], short_names(story, told[0]))
    if len(told) == 2:
        same = (told[0].spread.value > 0) == (told[1].spread.value > 0)
        second = _clause(story, told[1], short_names(story, told[1]))
        text = p.say("{a} {link} {b}", a=text, link="and" if same else "while", b=second)
    return capital(p.say(joint, x=text, when=when))


def _depends(story: Story, style: Pair) -> str:
    """Say what the families disagree on: the amount, or even the side in front."""
    far = dissenting(story)
    return "even that" if far is not None and families.opposed(far, style) else "by how much"


def market_first(story: Story) -> MarketMove | None:
    """Return the move of the broad market if it is extreme and no lead in style or size is large beside it."""
    move = broad_market.unusual(story)
    if move is None or not move.extreme:
        return None
    return None if any(standing(story, q) >= LARGE for q in by_weight(story)) else move


def _quiet_title(story: Story, style: Pair, when: Inline, market: MarketMove | None) -> Inline:
    p = story.prose
    word = size_word(story, style)
    a, b = short_names(story, style)
    sector = telling_sector.telling(story) if market is None else None
    opening = broad_market.clause(story, market) if market is not None else None
    opening = telling_sector.clause(story, sector) if sector is not None else opening
    return p.say(
        ("{opening}" + in_or_after(style.spread) + "; between {a} and {b} lay a {slight} gap")
        if opening is not None
        else "A {slight} gap between {a} and {b}" + in_or_after(style.spread),
        opening=opening or "",
        slight=word or "small",
        a=p.name(style.spread.series[0], a),
        b=p.name(style.spread.series[1], b),
        when=when,
    )


def _index_title(story: Story) -> Inline:
    p = story.prose
    first, second = (f.series[0] for f in telling(story))
    spread = story.fact("return_spread", first, second)
    verb, amount = versus(p, spread)
    return p.say(
        "The {a} {verb} the {b} by {amount}" + in_or_after(spread),
        a=p.name(first, of=verb, role="subject"),
        verb=verb,
        b=p.name(second, of=verb, role="object"),
        amount=amount,
        when=when_of(story, spread),
    )


def telling(story: Story) -> list[Fact]:
    """Return the indices to speak of: the first and the last of the ranking, or the one that there is."""
    order = ranked(story.indices)
    return order if len(order) < 2 else [order[0], order[-1]]
