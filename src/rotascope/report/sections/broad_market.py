"""The broad market, where its move was out of the ordinary: no lead is told without it then."""

from __future__ import annotations

from dataclasses import dataclass

from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.report.prose import day, number
from rotascope.report.story import Story
from rotascope.report.words import EXTREME, LARGE, article, band, is_flat, moved

_FEW_APART = 12  # windows that do not overlap; with fewer there is no record to be extreme by


@dataclass(frozen=True, slots=True)
class MarketMove:
    """What the broad index did, and its percentile in the direction of the move."""

    fact: Fact
    percentile: Fact

    @property
    def extreme(self) -> bool:
        """Whether the move is extreme by its own record."""
        return bool(self.percentile.value >= EXTREME)


def unusual(story: Story) -> MarketMove | None:
    """Return the move of the broad index if it is large or extreme by its own record, else None."""
    broad, fact = story.broad_index, story.broad_move
    apart = story.maybe("independent_windows", broad) if fact is not None else None
    if fact is None or is_flat(fact) or apart is None or apart.value < _FEW_APART:
        return None
    metric = "window_percentile" if fact.value > 0 else "window_percentile_below"
    percentile = story.maybe(metric, broad)
    return MarketMove(fact, percentile) if percentile is not None and percentile.value >= LARGE else None


def clause(story: Story, move: MarketMove) -> Inline:
    """Say "the S&P 500 fell 11.5%"."""
    p = story.prose
    verb, amount = moved(p, move.fact, subject=move.fact.series[0])
    name = p.name(move.fact.series[0], of=verb, role="subject")
    return p.say("the {name} {verb} {x}", name=name, verb=verb, x=amount)


def sentence(story: Story, move: MarketMove, between: Inline | None = None) -> Inline:
    """Say what it did and how unusual that is; `between` names the window where nothing before has."""
    p = story.prose
    size = band(p, move.percentile)
    return p.say(
        "{did}{between}, {article} {size} move by its record since {since}.",
        did=clause(story, move),
        between="" if between is None else p.say(" {x}", x=between),
        article=article(size.text),
        size=size,
        since=day(story.fact("history_sessions", move.fact.series[0]), "start_used", "month"),
    )


def placed(story: Story, move: MarketMove) -> Inline:
    """Say where a move that is told already stands among windows of its length."""
    p = story.prose
    size = band(p, move.percentile)
    return p.say(
        "The move of the {name} ({x}) is {article} {size} one, in the {pct} of windows of this length.",
        name=p.name(move.fact.series[0]),
        x=number(move.fact, "signed", decimals=1),
        article=article(size.text),
        size=size,
        pct=number(move.percentile, style="long"),
    )
