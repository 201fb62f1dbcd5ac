"""The key information in short: performance, sector pattern, drivers, and what to monitor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rotascope.facts.metrics.drivers import candidates
from rotascope.facts.metrics.lists import count_of
from rotascope.facts.metrics.sequels import trigger_of
from rotascope.model.documents import Inline
from rotascope.model.errors import MissingDataError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.report.parts import Parts, TablePart, heading, paragraph
from rotascope.report.prose import Piece, number
from rotascope.report.sections import families
from rotascope.report.sections.families import dissenting
from rotascope.report.sections.outlook import Lead, choice_of, half_of, is_past, leads, of_pair
from rotascope.report.sections.rarity import leader_first
from rotascope.report.sections.reported import spread_of
from rotascope.report.story import Pair, Story
from rotascope.report.words import band, is_flat, ranked

_DECADE = 10  # years of a sector's own record that its gap to the index is compared with
_ORDERED, _IN_THE_MAIN = (
    0.3,
    0.6,
)  # rank correlations from which an order was kept, or reversed: in part, in the main
_LOOSE = 0.3  # a correlation below it is a loose one
_IN_SIGN = 0.05  # share of the gap; who goes with less fits in sign only
_WIDE = 80.0
_USUAL = ("ten_year_yield", "high_yield_spread", "credit_spread", "oil", "volatility")
_EVEN = 100.0  # the centre of relative strength


@dataclass(frozen=True, slots=True)
class Reading:
    """One row: what is measured, the figure, and its percentile in the direction in which it points."""

    what: Inline
    figure: Fact
    percentile: Fact | None


def write(story: Story) -> Parts:
    """Return the parts that the data gives; none at all where there is not even one index."""
    rows = [r for r in _readings(story) if r is not None]
    if not rows:
        return []
    parts: Parts = [heading("Key information summary"), heading("Performance", 3), _performance(story, rows)]
    for title, text in (("Sector pattern", _sectors(story)), ("Drivers", _drivers(story))):
        if text.text:
            parts += [heading(title, 3), paragraph(text)]
    return [*parts, heading("Monitoring priorities", 3), *_monitoring(story)]


# Performance


def _readings(story: Story) -> list[Reading | None]:
    styles = [_pair(story, "Value minus growth, ", q) for q in story.styles]
    sizes = [_pair(story, "Small minus big, ", q) for q in story.sizes]
    factors = [
        _factor(story, fact)
        for fact, known in ((story.value_factor, styles), (story.size_factor, sizes))
        if fact is not None and not known
    ]
    told = [
        *_reported(story, "value_minus_growth", "Value minus growth, ", styles),
        *_reported(story, "small_minus_large", "Small minus big, ", sizes),
        None if sizes else _index_gap(story),
    ]
    gaps = [*styles, *sizes, *factors, *told]
    return [_broad(story), *gaps, *_sector_ends(story), _weights(story), _flow(story)]


def _broad(story: Story) -> Reading | None:
    broad = story.desk.universe.role("indices", "broad")[0]
    fact = next((f for f in story.indices if f.series[0] == broad), None)
    if fact is None:
        return None
    metric = "window_percentile" if fact.value >= 0 else "window_percentile_below"
    return Reading(story.prose.cell(story.prose.name(broad)), fact, story.maybe(metric, broad))


def _pair(story: Story, words: str, pair: Pair) -> Reading:
    percentile = story.maybe("window_percentile", *leader_first(pair))
    return Reading(story.prose.say(words + families.label(story, pair.family)), pair.spread, percentile)


def _factor(story: Story, fact: Fact) -> Reading:
    p = story.prose
    side = "above" if fact.value >= 0 else "below"
    return Reading(
        p.cell(p.name(fact.series[0], 1)), fact, story.maybe("factor_percentile", fact.series[0], side=side)
    )


def _reported(story: Story, what: str, words: str, known: list[Reading]) -> list[Reading]:
    """Return what publications printed for this window, where the data cannot answer."""
    if known or story.case is None:
        return []
    found = [
        (family, spread_of(story, getattr(family, f"reported_{what}", "")))
        for family in story.desk.universe.families
    ]
    return [
        Reading(story.prose.say(words + f.label + ", as reported"), fact, None)
        for f, fact in found
        if fact is not None
    ]


def _index_gap(story: Story) -> Reading | None:
    roles = story.desk.universe
    pair = roles.role("indices", "small")[0], roles.role("indices", "broad")[0]
    spread = story.maybe("return_spread", *pair)
    if spread is None:
        return None
    p = story.prose
    legs = pair if spread.value >= 0 else pair[::-1]  # the one in front first, as the percentile has it
    what = p.say("{a} minus {b}", a=p.name(legs[0]), b=p.name(legs[1]))
    return Reading(what, story.fact("return_spread", *legs), story.maybe("window_percentile", *legs))


def _sector_ends(story: Story) -> list[Reading]:
    cap = story.desk.first_available(story.desk.universe.role("weighting", "cap"))
    facts = ranked(story.sectors)
    if len(facts) < 3:
        return []
    p = story.prose
    since = date(story.window.start.year - _DECADE, story.window.start.month, 1).isoformat()
    found = []
    for words, fact, first in (("First sector: ", facts[0], True), ("Last sector: ", facts[-1], False)):
        legs = (fact.series[0], cap) if first else (cap, fact.series[0])
        percentile = story.maybe("window_percentile", *legs, since=since) if cap else None
        found.append(Reading(p.say(words + "{x}", x=p.name(fact.series[0])), fact, percentile))
    return found


def _weights(story: Story) -> Reading | None:
    spread = story.maybe("equal_minus_cap_weight")
    if spread is None:
        return None
    a, b = spread.series[:2]
    legs = (a, b) if spread.value >= 0 else (b, a)
    return Reading(
        story.prose.say("Equal weights minus weights by size"),
        spread,
        story.maybe("window_percentile", *legs),
    )


def _flow(story: Story) -> Reading | None:
    fund = str(story.desk.universe.roles["flows"]["small"])
    flow = story.maybe("net_flow", fund)
    if flow is None:
        return None
    p = story.prose
    side = "above" if flow.value >= 0 else "below"
    return Reading(
        p.say("Net flow, {x}", x=p.name(fund)), flow, story.maybe("flow_percentile", fund, side=side)
    )


def _performance(story: Story, rows: list[Reading]) -> TablePart:
    p = story.prose
    known = any(r.percentile is not None for r in rows)
    header = ("Dimension", "Figure", "Standing", "By the bands") if known else ("Dimension", "Figure")
    return TablePart(
        caption=p.say(
            "The window by dimension. Percentiles are among windows of its length, in the direction of the move; those of sectors "
            "are of their gap to the index over a decade"
            if story.sectors
            else "The window by dimension. Percentiles are among windows of its length, in the direction of the move"
            if known
            else "The window by dimension; no record is at hand to rank the figures by"
        ),
        header=tuple(p.cell(t) for t in header),
        rows=tuple(_row(story, r)[: len(header)] for r in rows),
    )


def _row(story: Story, reading: Reading) -> tuple[Inline, ...]:
    p = story.prose
    percentile = reading.percentile
    return (
        reading.what,
        p.cell(number(reading.figure, "signed", "short" if reading.figure.unit is Unit.PP else "long", 1)),
        p.cell(number(percentile, style="long") if percentile else "not available"),
        p.cell(band(p, percentile) if percentile else "no record"),
    )


# Sector pattern


def _sectors(story: Story) -> Inline:
    return story.prose.join(_groups(story), _order(story), _apart(story))


def _groups(story: Story) -> Inline | None:
    cycle, rates = story.maybe("cyclical_minus_defensive"), story.maybe("rate_sensitive_minus_rest")
    if cycle is None or is_flat(cycle):
        return None
    p = story.prose
    first = p.say(
        "Cyclical sectors {verb} defensive ones by {x} on average",
        verb=_verb(story, cycle),
        x=number(cycle, "abs", decimals=1),
    )
    if rates is None or is_flat(rates):
        return p.say("{first}.", first=first)
    together = (rates.value > 0) == (cycle.value > 0)
    return p.say(
        "{first}, {link} those that lean on interest rates {verb} the rest by {x}.",
        first=first,
        link="and" if together else "while",
        verb=_verb(story, rates),
        x=number(rates, "abs", decimals=1),
    )


def _verb(story: Story, gap: Fact) -> Piece:
    up = gap.value > 0
    return story.prose.claim("beat" if up else "trailed", "positive" if up else "negative", gap)


def _order(story: Story) -> Inline | None:
    kept = story.maybe("sector_rank_persistence")
    if kept is None:
        return None
    size = abs(kept.value)
    if size < _ORDERED:
        text = "Of the order of the window before little was left, at a rank correlation of {x}."
    else:
        how = "in the main" if size >= _IN_THE_MAIN else "in part"
        what = "kept" if kept.value > 0 else "reversed"
        text = f"The order of the window before was {what} {how}, with a rank correlation of {{x}}."
    return story.prose.say(text, x=number(kept, decimals=2))


def _apart(story: Story) -> Inline | None:
    percentile, apart = story.maybe("dispersion_percentile"), story.maybe("sector_dispersion")
    if percentile is None or apart is None:
        return None
    p = story.prose
    pieces: dict[str, Piece | Inline | str] = {
        "x": number(apart, decimals=1),
        "pct": number(percentile, style="long"),
    }
    text = "The sectors lay {x} apart by standard deviation, in the {pct} of a decade"
    if percentile.value < _WIDE:
        return p.say(text + ".", **pieces)
    word = band(p, percentile)
    article = "an" if word.text[0] in "aeiou" else "a"
    return p.say(text + ": " + article + " {word} distance.", word=word, **pieces)


# Drivers


def _drivers(story: Story) -> Inline:
    if not story.styles:
        return Inline("")
    pair = story.styles[0].spread.series[:2]
    verdicts = {n: f for n in candidates(story.desk) if (f := story.maybe("driver_verdict", *pair, driver=n))}
    if len(verdicts) < 2:
        return Inline("")
    fits = abs(story.styles[0].spread.value) >= 1 and any(f.value == 1 for f in verdicts.values())
    return story.prose.join(
        _fitting(story, pair, verdicts),
        _unfitting(story, verdicts) if fits else None,
        _weak(story, pair, verdicts),
    )


def _label(story: Story, name: str) -> str:
    return str(story.desk.universe.roles["drivers"][name]["label"])


def _fitting(story: Story, pair: tuple[str, ...], verdicts: dict[str, Fact]) -> Inline:
    """Name the candidate that fits and accounts for most, and say for how much of the gap."""
    p = story.prose
    shares = [
        (share, n)
        for n, f in verdicts.items()
        if f.value == 1 and (share := _share(story, pair, n)) is not None
    ]
    if not shares:
        return p.say(
            "None of the {n} candidates fits the style gap.",
            n=number(count_of(story.desk, list(verdicts.values()), "candidates_counted"), "word"),
        )
    if abs(story.styles[0].spread.value) < 1:
        return p.say("The style gap is too small to be shared out among what moved beside it.")
    share, name = max(shares, key=lambda s: s[0].value)
    label = _label(story, name)
    also = [_label(story, n) for s, n in shares if n != name]
    tail = _also(also)
    if share.value < _IN_SIGN:
        return p.say(
            label[:1].upper() + label[1:] + " fits in sign only: by the relation of the year before, its move goes with next to "
            "nothing of the style gap" + tail + "."
        )  # fmt: skip
    if share.value > 1:
        return p.say(
            label[:1].upper() + label[1:] + " fits: by the relation of the year before, its move goes with a gap of {x} in logs, and "
            "there was one of {y}" + tail + ".",
            x=number(story.fact("driver_implied", *pair, driver=name), decimals=1),
            y=number(story.fact("driver_actual", *pair, driver=name), decimals=1),
        )  # fmt: skip
    return p.say(
        label[:1].upper() + label[1:] + " fits: by the relation of the year before, its move goes with {x} of the style gap"
        + tail + ".",
        x=number(share),
    )  # fmt: skip


def _also(labels: list[str]) -> str:
    """Name the others that fit, all of them up to three."""
    if len(labels) < 2:
        return f"; {labels[0]} fits too" if labels else ""
    if len(labels) > 3:
        return f"; {labels[0]}, {labels[1]} and others fit too"
    return f"; {', '.join(labels[:-1])} and {labels[-1]} fit too"


def _weak(story: Story, pair: tuple[str, ...], verdicts: dict[str, Fact]) -> Inline | None:
    """Say so where even the closest of the earlier relations was a loose one."""
    found = [f for n in verdicts if (f := story.maybe("driver_correlation", *pair, driver=n)) is not None]
    if not found or max(abs(f.value) for f in found) >= _LOOSE:
        return None
    p = story.prose
    top = max(found, key=lambda f: abs(f.value))
    return p.say(
        "None of these relations was close: the correlation furthest from zero was {x}.",
        x=number(top, decimals=2),
    )


def _share(story: Story, pair: tuple[str, ...], name: str) -> Fact | None:
    """Return the part of the gap that the earlier relation goes with: implied over actual."""
    implied = story.maybe("driver_implied", *pair, driver=name)
    actual = story.maybe("driver_actual", *pair, driver=name)
    if implied is None or actual is None or actual.value == 0:
        return None
    return story.desk.make(
        "driver_share", implied.series, "ratio", [implied, actual], unit=Unit.SHARE, decimals=0,
        window=implied.window,
    )  # fmt: skip


def _unfitting(story: Story, verdicts: dict[str, Fact]) -> Inline | None:
    """Name the candidates of the usual story that do not fit."""
    missed = [_label(story, n) for n in _USUAL if n in verdicts and verdicts[n].value == -1]
    if not missed:
        return None
    if len(missed) == 1:
        return story.prose.say(f"Of those that are often named, {missed[0]} does not.")
    return story.prose.say(f"Of those that are often named, {missed[0]} and {missed[1]} do not.")


# Monitoring


@dataclass(frozen=True, slots=True)
class Watched:
    """One number to watch. `limit` is a trigger: metric, series and test stand in its recipe and input."""

    what: Inline
    now: Fact
    limit: Fact
    where: str
    decimals: int = 1


def _monitoring(story: Story) -> Parts:
    p = story.prose
    if is_past(story):
        return [
            paragraph(
                p.say(
                    "Nothing is left to monitor: the window lies too far back for its reading to be tested by what comes."
                )
            )
        ]
    rows = [w for w in _watched(story) if w is not None]
    if not rows:
        return [paragraph(p.say("No gap is wide enough to be worth a trigger."))]
    return [
        TablePart(
            caption=p.say(
                "Numbers that would change the reading; gaps are measured from the base of the window, {base}",
                base=story.report_day("window.start"),
            ),
            header=tuple(p.cell(t) for t in ("What", "At the end", "Trigger", "Measured")),
            rows=tuple(_trigger_row(story, w) for w in rows),
        )
    ]


def _trigger_row(story: Story, watched: Watched) -> tuple[Inline, ...]:
    p = story.prose
    up = watched.limit.value > watched.now.value
    word = p.claim("above" if up else "below", "gt" if up else "lt", watched.limit, watched.now)
    form = "signed" if watched.limit.unit in (Unit.PP, Unit.USD_M) else "plain"
    return (
        watched.what,
        p.cell(number(watched.now, form, "short", watched.decimals)),
        p.say("{word} {x}", word=word, x=number(watched.limit, form, "short", watched.decimals)),
        p.cell(watched.where),
    )


def _watched(story: Story) -> list[Watched | None]:
    mine = leads(story)
    halves = [_halved(story, lead) for lead in mine]
    return [
        *halves,
        _family(story, mine),
        _equal(story),
        _strength(story),
        _cycle(story),
        _money(story),
        _rate(story),
    ]


def _halved(story: Story, lead: Lead) -> Watched | None:
    limit = half_of(story, lead)
    if limit is None:
        return None
    p = story.prose
    a = p.name(lead.fact.series[0], choice_of(lead, 0))
    what = p.cell(a)
    if lead.paired:
        what = p.say("{a} minus {b}", a=a, b=p.name(lead.fact.series[1], lead.names[1]))
    return Watched(Inline(what.text[:1].upper() + what.text[1:], what.spans), lead.fact, limit, "any close")


def _family(story: Story, mine: list[Lead]) -> Watched | None:
    """The family that tells another story, at the number at which it would tell the same one."""
    far, lead = dissenting(story), next((m for m in mine if m.kind == "style" and m.paired), None)
    if far is None or lead is None:
        return None
    own = of_pair(story, "style", far)
    level = round(lead.fact.value / 2, 1)
    if own.fact.value >= level or own.fact.series[0] not in far.family.value + far.family.growth:
        return None
    p = story.prose
    a, b = own.fact.series[:2]
    return Watched(
        p.say("{a} minus {b}", a=p.name(a), b=p.name(b)),
        own.fact, trigger_of(story.desk, own.fact, "above", level), "any close",
    )  # fmt: skip


def _turn(story: Story, fact: Fact, decimals: int = 1, at: float = 0.0) -> Fact | None:
    """Return the trigger at which a reading changes its side."""
    try:
        return trigger_of(story.desk, fact, "below" if fact.value > at else "above", at, decimals)
    except MissingDataError:
        return None


def _plain(story: Story, what: str, fact: Fact | None, where: str) -> Watched | None:
    if fact is None or is_flat(fact):
        return None
    limit = _turn(story, fact)
    return None if limit is None else Watched(story.prose.say(what), fact, limit, where)


def _equal(story: Story) -> Watched | None:
    return _plain(
        story, "Equal weights minus weights by size", story.maybe("equal_minus_cap_weight"), "any close"
    )


def _cycle(story: Story) -> Watched | None:
    return _plain(
        story,
        "Cyclical minus defensive sectors",
        story.maybe("cyclical_minus_defensive"),
        "any close, fund prices",
    )


def _money(story: Story) -> Watched | None:
    fund = str(story.desk.universe.roles["flows"]["small"])
    flow = story.maybe("net_flow", fund)
    if flow is None or is_flat(flow, 0):
        return None
    limit = _turn(story, flow, 0)
    p = story.prose
    return (
        None
        if limit is None
        else Watched(
            p.say("Net flow, {x}", x=p.name(fund)), flow, limit, "the issuer's page, a session late", 0
        )
    )


def _strength(story: Story) -> Watched | None:
    roles = story.desk.universe
    small, broad = roles.role("indices", "small")[0], roles.role("indices", "broad")[0]
    fact = story.maybe("rotation_strength", small, broad)
    limit = None if fact is None else _turn(story, fact, 1, _EVEN)
    if fact is None or limit is None or is_flat(limit) or abs(fact.value - _EVEN) < 0.1:
        return None
    p = story.prose
    return Watched(
        p.say("Strength of the {a} by the {b}", a=p.name(small), b=p.name(broad)), fact, limit, "any close"
    )


def _rate(story: Story) -> Watched | None:
    """The ten-year yield, back where it stood at the base."""
    for series in story.desk.universe.role("rates", "ten_year"):
        now = story.maybe("rate", series)
        start = story.window.start
        base = story.maybe("rate", series, window=Window(date(start.year - 1, start.month, 1), start))
        if now is None or base is None or not story.desk.has(series, Field.VALUE):
            continue
        level = round(base.value, 2)
        if level == round(now.value, 2):
            return None
        limit = trigger_of(story.desk, now, "above" if level > now.value else "below", level, 2)
        p = story.prose
        return Watched(p.say("The {x}", x=p.name(series)), now, limit, "the Treasury's page, daily", 2)
    return None
