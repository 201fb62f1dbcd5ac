"""The standfirst: the main figures, then what speaks against them."""

from __future__ import annotations

from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.report.prose import capital, day, number
from rotascope.report.sections import broad_market, telling_sector
from rotascope.report.sections.limits import limits
from rotascope.report.sections.rarity import has_record, is_slight, leader_first, plain, short_names, since
from rotascope.report.sections.title import by_weight, market_first, telling
from rotascope.report.story import Pair, Story
from rotascope.report.words import article, band, is_flat, told, versus


def standfirst(story: Story) -> Inline:
    """Return two or three sentences: the main figures, then what speaks against them."""
    return story.prose.join(*_figures(story), *limits(story))


def _figures(story: Story) -> list[Inline | None]:
    """Give the style and the size in the order of the title, and how unusual they are."""
    if not story.styles:
        return _figures_without_styles(story)
    p = story.prose
    first, *others = by_weight(story)
    opening = _opening(story)
    text = _gap(story, first, full=True)
    if opening is None:
        text = p.say("{x} {between}", x=text, between=telling_sector.between(story, first.spread))
    for other in others:
        same = (first.spread.value > 0) == (other.spread.value > 0)
        link = ", and " if same else ", while "
        text = p.say("{x}" + link + "{y}", x=text, y=_gap(story, other, full=other in story.styles))
    move = broad_market.unusual(story) if market_first(story) is None else None
    extreme = capital(broad_market.sentence(story, move)) if move is not None and move.extreme else None
    return [opening, capital(p.say("{x}.", x=text)), _unusual(story), extreme]


def _opening(story: Story) -> Inline | None:
    """Tell of what the title puts before the leads: an extreme move of the market, or a sector beside slight gaps."""
    move = market_first(story)
    if move is not None:
        between = telling_sector.between(story, move.fact)
        return capital(broad_market.sentence(story, move, between))
    gap = telling_sector.telling(story) if all(is_slight(story, q) for q in by_weight(story)) else None
    return None if gap is None else telling_sector.sentence(story, gap)


def _gap(story: Story, pair: Pair, *, full: bool) -> Inline:
    """Say who was ahead and by how much; `full` names the index of a style before its short name."""
    p = story.prose
    verb, amount = versus(p, pair.spread)
    names = short_names(story, pair)
    own = 0 if full and pair in story.styles else names[0]
    if is_flat(pair.spread):
        a, b = (p.name(pair.spread.series[i], name) for i, name in enumerate((own, names[1])))
        return p.say("{a} and {b} ended level, {x} apart", a=a, b=b, x=number(pair.spread, "abs", decimals=1))
    return p.say(
        "{a} {verb} {b} by {x}",
        a=p.name(pair.spread.series[0], own, of=verb, role="subject"),
        verb=verb,
        b=p.name(pair.spread.series[1], names[1], of=verb, role="object"),
        x=amount,
    )


def _unusual(story: Story) -> Inline | None:
    """Say how large the leads are by their own record, where it is long enough and they are not slight."""
    p = story.prose
    told_: list[tuple[Pair, Fact]] = []
    for pair in by_weight(story):
        place = story.maybe("window_percentile", *leader_first(pair))
        if place is not None and not is_slight(story, pair) and has_record(story, pair):
            told_.append((pair, place))
    if not told_:
        return None
    parts = [_as_large(story, pair, place, again=i > 0) for i, (pair, place) in enumerate(told_)]
    text = parts[0] if len(parts) == 1 else p.say("{a} and {b}", a=parts[0], b=parts[1])
    return p.say(
        "By the record since {since} that is {x}.", since=since(story, leader_first(told_[0][0])), x=text
    )


def _as_large(story: Story, pair: Pair, place: Fact, *, again: bool) -> Inline:
    p = story.prose
    word = band(p, place)
    leader = leader_first(pair)[0]
    return p.say(
        "{article} {word} " + ("one" if again else "lead") + " for {who}",
        article=article(word.text),
        word=word,
        who=p.name(leader, plain(story, leader)),
    )


def _figures_without_styles(story: Story) -> list[Inline | None]:
    p = story.prose
    out: list[Inline | None] = []
    for fact, up, down in zip(telling(story), ("rose", "gained"), ("fell", "lost"), strict=False):
        verb, did = told(p, fact, up, down, subject=fact.series[0])
        out.append(p.say("The {name} {did}", name=p.name(fact.series[0], of=verb, role="subject"), did=did))
    if not out:
        return [_market(story)]
    head = out[0] if len(out) == 1 else p.say("{a} and {b}", a=out[0] or "", b=_lower(out[1]))
    start = story.indices[0]
    return [
        p.say(
            "{head} between the closes of {start} and {end}.",
            head=head or "",
            start=day(start, "start_used"),
            end=day(start, "end_used"),
        )
    ]


def _lower(inline: Inline | None) -> Inline:
    assert inline is not None
    return Inline(inline.text[:1].lower() + inline.text[1:], inline.spans)


def _market(story: Story) -> Inline | None:
    """Say what the whole market did where no index is known; nothing where the other factors open the article."""
    p, fact = story.prose, story.market_factor
    if fact is None:
        if story.value_factor is not None:
            return None
        return story.missing("No index, style or sector data is available as of {as_of}.")
    verb, did = told(p, fact, "gained", "lost", subject=fact.series[0])
    return p.say(
        "{market}, shares less Treasury bills, {did} from the end of {start} to the end of {end}.",
        market=p.name(fact.series[0], of=verb, role="subject"),
        did=did,
        start=day(fact, "start_used", "month"),
        end=day(fact, "end_used", "month"),
    )
