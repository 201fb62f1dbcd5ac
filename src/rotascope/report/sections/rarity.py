"""How unusual a lead is, in words: its rank among months, or its percentile among windows."""

from __future__ import annotations

from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.report.prose import Piece, day, number
from rotascope.report.story import Pair, Story
from rotascope.report.words import band, is_flat

_TOLD = 80.0  # a percentile that is worth a full sentence
_RANKED_UP_TO = 12  # beyond it a percentile says more than a rank


def leader_first(pair: Pair) -> tuple[str, str]:
    """Return the legs with the one that was ahead in front, so that a large lead ranks high."""
    a, b = pair.spread.series[:2]
    return (a, b) if pair.spread.value >= 0 else (b, a)


def ticker(story: Story, series: str) -> int | str:
    """Return the short name of a series whose full name the paragraph has used already."""
    names = story.desk.universe.instrument(series).names
    short = [n for n in ("Value", "Growth") if n in names]
    return short[0] if short else (series if series in names else 0)


def since(story: Story, legs: tuple[str, str], style: str = "month") -> Piece:
    """Return the month in which the common history of two series begins."""
    return day(story.fact("history_sessions", *legs), "start_used", style)


def rarity(story: Story, pair: Pair) -> Inline | None:
    """Return a sentence on how unusual the lead is, or None where history does not tell."""
    legs = leader_first(pair)
    rank = story.maybe("window_rank", *legs)
    if rank is None:
        return None
    if rank.recipe.params["grid"] != "months":
        return _among_windows(story, legs)
    return _top_months(story, legs, rank) if rank.value <= _RANKED_UP_TO else _among_months(story, legs)


def _among_windows(story: Story, legs: tuple[str, str]) -> Inline:
    p = story.prose
    percentile = story.fact("window_percentile", *legs)
    return p.say(
        "Among all windows of this length since {since} the lead of {who} ranks in the {pct}, which makes it {size}; {n} of them "
        "fit side by side.",
        who=p.name(legs[0], ticker(story, legs[0])),
        since=since(story, legs),
        pct=number(percentile, style="long"),
        size=band(p, percentile),
        n=number(story.fact("independent_windows", *legs), "word"),
    )


def _among_months(story: Story, legs: tuple[str, str]) -> Inline:
    p = story.prose
    percentile = story.fact("window_percentile", *legs)
    return p.say(
        "Set beside the {n} months since {since}, that is a {size} lead for {who}, in the {pct}.",
        n=number(story.fact("window_count", *legs)),
        since=since(story, legs),
        size=band(p, percentile),
        who=p.name(legs[0], ticker(story, legs[0])),
        pct=number(percentile, style="long"),
    )


def _top_months(story: Story, legs: tuple[str, str], rank: Fact) -> Inline:
    p = story.prose
    last = story.maybe("last_as_large", *legs)
    return p.say(
        "It was the {ordinal}{largest} month for {who} of the {n} since {since}{tail}",
        ordinal="" if rank.value == 1 else p.say("{x} ", x=number(rank, "ordinal", "bare")),
        largest=p.claim("largest", "rank_is", rank, k=int(rank.value)),
        who=p.name(legs[0], ticker(story, legs[0])),
        n=number(story.fact("window_count", *legs)),
        since=since(story, legs),
        tail="."
        if last is None
        else p.say("; {month} was the last to match it.", month=number(last, "plain", "month")),
    )


def factor_rarity(story: Story, fact: Fact | None) -> Inline | None:
    """Return a sentence on how unusual a factor's gain or loss is, or None where there is none."""
    if fact is None or is_flat(fact):
        return None
    series, up = fact.series[0], fact.value > 0
    percentile = story.maybe("factor_percentile", series, side="above" if up else "below")
    if percentile is None:
        return None
    p = story.prose
    word = p.claim("gain", "positive", fact) if up else p.claim("loss", "negative", fact)
    count, size = number(story.fact("factor_windows", series)), band(p, percentile)
    pct = number(percentile, style="long")
    if percentile.value >= _TOLD:
        return p.say(
            "Among the {n} stretches of that length on record it is {article} {size} {word}, in the {pct} of its kind.",
            n=count, article=_article(size.text), size=size, word=word, pct=pct,
        )  # fmt: skip
    return p.say(
        "That is {article} {size} {word} by its own record, the {pct} of {n}.",
        article=_article(size.text), size=size, word=word, pct=pct, n=count,
    )  # fmt: skip


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def size_word(story: Story, pair: Pair) -> Piece | None:
    """Return the size word of a lead by its percentile, or None where history does not tell."""
    percentile = story.maybe("window_percentile", *leader_first(pair))
    return None if percentile is None else band(story.prose, percentile)
