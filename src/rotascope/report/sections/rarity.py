"""How unusual a lead is, in words: its rank among months, or its percentile among windows."""

from __future__ import annotations

from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.report.prose import Piece, day, number
from rotascope.report.story import Pair, Story
from rotascope.report.words import article, band, is_flat

SLIGHT_BELOW = 60.0  # the band of the word "slight": docs/glossary.md
_MONTH = 35  # days in which one month ends
_TOLD = 80.0  # a percentile that is worth a full sentence
_FEW_APART = 12  # windows that do not overlap; with fewer a percentile is a rough one
_RANKED_UP_TO = 12  # beyond it a percentile says more than a rank


def has_record(story: Story, pair: Pair) -> bool:
    """Say whether enough windows without overlap are known to rank a lead by."""
    apart = story.maybe("independent_windows", *leader_first(pair))
    return apart is not None and apart.value >= _FEW_APART


def plain(story: Story, series: str) -> int | str:
    """Return the plainest short name of one side: Value, Growth, small companies, big companies, else the ticker."""
    names = story.desk.universe.instrument(series).names
    found = [n for n in ("Value", "Growth", "small companies", "big companies") if n in names]
    return found[0] if found else ticker(story, series)


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
    percentile = story.fact("window_percentile", *legs)
    high = rank.value <= _RANKED_UP_TO and percentile.value >= _TOLD
    return _top_months(story, legs, rank) if high else _among_months(story, legs)


def _among_windows(story: Story, legs: tuple[str, str]) -> Inline:
    p = story.prose
    percentile = story.fact("window_percentile", *legs)
    apart = story.fact("independent_windows", *legs)
    few, size = apart.value < _FEW_APART, band(p, percentile)
    return p.say(
        "Among all windows of this length since {since} the lead of {who} is in the {pct}, {article} {size} one"
        + ("; only {n} of those windows fit in without overlap, which is little to rank by." if few else "."),
        who=p.name(legs[0], plain(story, legs[0])),
        since=since(story, legs),
        pct=number(percentile, style="long"),
        article=article(size.text),
        size=size,
        n=number(apart, "word"),
    )


def _among_months(story: Story, legs: tuple[str, str]) -> Inline:
    p = story.prose
    percentile = story.fact("window_percentile", *legs)
    return p.say(
        "Set beside the {n} months since {since}, that is a {size} lead for {who}, in the {pct}.",
        n=number(story.fact("window_count", *legs)),
        since=since(story, legs),
        size=band(p, percentile),
        who=p.name(legs[0], plain(story, legs[0])),
        pct=number(percentile, style="long"),
    )


def _top_months(story: Story, legs: tuple[str, str], rank: Fact) -> Inline:
    p = story.prose
    last = story.maybe("last_as_large", *legs)
    return p.say(
        "It was the {ordinal}{largest} month for {who} of the {n} since {since}{tail}",
        ordinal="" if rank.value == 1 else p.say("{x} ", x=number(rank, "ordinal", "bare")),
        largest=p.claim("largest", "rank_is", rank, k=int(rank.value)),
        who=p.name(legs[0], plain(story, legs[0])),
        n=number(story.fact("window_count", *legs)),
        since=since(story, legs),
        tail="."
        if last is None
        else p.say("; {month} was the last to match it.", month=number(last, "plain", "month")),
    )


def factor_place(story: Story, fact: Fact) -> Fact | None:
    """Return the percentile of a factor's gain or loss on its own side; None where the record is too short for one.

    It is too short where fewer than twelve stretches of the length fit into it without overlap.
    """
    side = "above" if fact.value >= 0 else "below"
    place = story.maybe("factor_percentile", fact.series[0], side=side)
    if place is None:
        return None
    length = int(place.recipe.params["length"])
    rows = int(story.fact("factor_windows", fact.series[0]).value) + length - 1
    return place if rows // length >= _FEW_APART else None


def factor_rarity(story: Story, fact: Fact | None) -> Inline | None:
    """Return a sentence on how unusual a factor's gain or loss is, or None where there is none."""
    if fact is None or is_flat(fact):
        return None
    p, series = story.prose, fact.series[0]
    count = story.maybe("factor_windows", series)
    if count is None:
        return None
    place = factor_place(story, fact)
    if place is None:
        return p.say(
            "Its record holds {n} stretches of that length, which overlap: too few to rank this one by.",
            n=number(count),
        )
    gained = fact.value > 0
    word = p.claim("gain", "positive", fact) if gained else p.claim("loss", "negative", fact)
    size = band(p, place)
    assert fact.window is not None
    days = (fact.window.end - fact.window.start).days
    tail = "." if days <= _MONTH else ", which overlap."  # one stretch begins with every month
    value = story.value_factor
    whose = "value" if value is not None and fact.series == value.series else "size"
    opening = f"By the record of {whose} that is" if place.value >= _TOLD else f"For {whose} that is"
    return p.say(
        opening + " {article} {size} {word}, in the {pct} of {n} stretches of that length" + tail,
        n=number(count), article=article(size.text), size=size, word=word, pct=number(place, style="long"),
    )  # fmt: skip


def size_word(story: Story, pair: Pair) -> Piece | None:
    """Return the size word of a lead by its percentile, or None where history does not tell."""
    percentile = story.maybe("window_percentile", *leader_first(pair))
    return None if percentile is None else band(story.prose, percentile)


def short_names(story: Story, pair: Pair) -> tuple[int | str, int | str]:
    """Return which names of the two legs are short and plain: Value and Growth, small companies and large ones."""
    wanted = [("Value", "Growth"), ("small companies", "large ones")]
    own = [story.desk.universe.instrument(s).names for s in pair.spread.series[:2]]
    for a, b in wanted:
        if a in own[0] and b in own[1]:
            return a, b
    return 0, 0


def standing(story: Story, pair: Pair) -> float:
    """Return the percentile of a lead among windows of its length; a hundred where history does not tell."""
    fact = story.maybe("window_percentile", *leader_first(pair))
    return 100.0 if fact is None else fact.value


def is_slight(story: Story, pair: Pair) -> bool:
    """Say whether a lead is slight by its record, or prints as none at all."""
    return standing(story, pair) < SLIGHT_BELOW or is_flat(pair.spread)
