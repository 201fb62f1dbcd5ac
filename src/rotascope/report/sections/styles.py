"""Value against growth, and small against large, family by family."""

from __future__ import annotations

from rotascope.facts.metrics.lists import parameter_of
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.model.units import Unit
from rotascope.report.parts import Parts, TablePart, heading, paragraph
from rotascope.report.prose import Piece, day, number
from rotascope.report.sections.opening import dissenting
from rotascope.report.story import Pair, Story
from rotascope.report.words import band, is_flat, moved, versus


def write(story: Story) -> Parts:
    """Value against growth: the first family in full, the others against it."""
    parts: Parts = [heading("Value and growth", 3)]
    if not story.styles:
        return parts + _without_families(story)
    lead = story.styles[0]
    parts.append(paragraph(story.prose.join(_lead(story, lead), *_unusual(story, lead))))
    others = story.prose.join(*_others(story))
    if others.text:
        parts.append(paragraph(others))
    parts.append(_table(story, story.styles, "Value minus growth by index family", ("Value", "Growth")))
    return parts


def write_size(story: Story) -> Parts:
    """Small against large: the spread, and how evenly it was earned."""
    parts: Parts = [heading("Small and big companies", 3)]
    if not story.sizes:
        return parts + _size_without_families(story)
    lead = story.sizes[0]
    parts.append(paragraph(story.prose.join(_lead(story, lead), *_unusual(story, lead))))
    streak = story.prose.join(*_streak(story))
    if streak.text:
        parts.append(paragraph(streak))
    if len(story.sizes) > 1:
        parts.append(_table(story, story.sizes, "Small minus big by index family", ("Small", "Big")))
    return parts


def _lead(story: Story, pair: Pair) -> Inline:
    p = story.prose
    verb, amount = versus(p, pair.spread)
    first = p.say(
        "{a} {verb} {b} by {amount}.",
        a=p.name(pair.spread.series[0], _long(story, pair, 0), of=verb, role="subject"),
        verb=verb,
        b=p.name(pair.spread.series[1], _long(story, pair, 1), of=verb, role="object"),
        amount=amount,
    )
    return p.join(first, _legs(story, pair))


def _long(story: Story, pair: Pair, leg: int) -> int | str:
    names = story.desk.universe.instrument(pair.spread.series[leg]).names
    return {"iShares Russell 2000 ETF": "Small companies", "iShares Russell 1000 ETF": "large ones"}.get(
        names[0], 0
    )


def _legs(story: Story, pair: Pair) -> Inline:
    """Say what each leg did, and whether both moved or one."""
    p = story.prose
    a, b = pair.first, pair.second
    verb_a, amount_a = moved(p, a, "rose", "fell", subject=a.series[0])
    verb_b, amount_b = moved(p, b, "gained", "slipped", subject=b.series[0])
    parted = (a.value > 0) != (b.value > 0) and not is_flat(a) and not is_flat(b)
    return p.say(
        "The two sides parted: {a} {va} {xa} while {b} {vb} {xb}."
        if parted
        else "{a} {va} {xa} and {b} {vb} {xb}.",
        a=p.name(a.series[0], _leg_name(story, a.series[0], 0), of=verb_a, role="subject"),
        va=p.say("was {v} at", v=verb_a) if is_flat(a) else verb_a,
        xa=amount_a,
        b=p.name(b.series[0], _leg_name(story, b.series[0], 1), of=verb_b, role="subject"),
        vb=p.say("was {v} at", v=verb_b) if is_flat(b) else verb_b,
        xb=amount_b,
    )


def _leg_name(story: Story, series: str, leg: int) -> int | str:
    """Return the ticker: the paragraph has named the leg in full already."""
    names = story.desk.universe.instrument(series).names
    return series if series in names else min(1, len(names) - 1)


def leader_first(pair: Pair) -> tuple[str, str]:
    """Return the legs with the one that was ahead in front, so that a large window ranks high."""
    a, b = pair.spread.series[:2]
    return (a, b) if pair.spread.value >= 0 else (b, a)


def _unusual(story: Story, pair: Pair) -> list[Inline | None]:
    p = story.prose
    legs = leader_first(pair)
    rank = story.maybe("window_rank", *legs)
    if rank is None:
        return []
    months = rank.recipe.params["grid"] == "months"
    count = story.fact("window_count" if months else "independent_windows", *legs)
    percentile = story.fact("window_percentile", *legs)
    size = band(p, percentile)
    out: list[Inline | None] = []
    if months:
        out.append(_month_rank(story, legs, rank, count))
    else:
        out.append(
            p.say(
                "Among all windows of this length since {since} it ranks in the {pct}, a {size} gap; {n} such windows fit "
                "without overlap.",
                since=_since(story, legs),
                pct=number(percentile, style="long"),
                size=size,
                n=number(count, "word"),
            )
        )
    return out


def _since(story: Story, legs: tuple[str, str]) -> Piece:
    fact = story.fact("history_sessions", *legs)
    return day(fact, "start_used", "month")


def _month_rank(story: Story, legs: tuple[str, str], rank: Fact, count: Fact) -> Inline:
    p = story.prose
    ahead = p.name(legs[0], _leg_name(story, legs[0], 0))
    if rank.value > 12:
        percentile = story.fact("window_percentile", *legs)
        return p.say(
            "Of {n} months since {since}, that is a {size} lead for {who}, in the {pct}.",
            n=number(count),
            since=_since(story, legs),
            size=band(p, percentile),
            who=ahead,
            pct=number(percentile, style="long"),
        )
    largest = p.claim("largest", "rank_is", rank, k=int(rank.value))
    ordinal = "" if rank.value == 1 else p.say("{x} ", x=number(rank, "ordinal", "bare"))
    last = story.maybe("last_as_large", *legs)
    tail: Inline | str = "."
    if last is not None:
        tail = p.say("; the last as large was {month}.", month=number(last, "plain", "month"))
    return p.say(
        "Of {n} months since {since} it was the {ordinal}{largest} for {who}{tail}",
        n=number(count),
        since=_since(story, legs),
        ordinal=ordinal,
        largest=largest,
        who=ahead,
        tail=tail,
    )


def _others(story: Story) -> list[Inline | None]:
    p = story.prose
    lead, out = story.styles[0].spread, list[Inline | None]()
    far = dissenting(story)
    for pair in story.styles[1:]:
        if pair is far:
            continue
        gap = abs(pair.spread.value - lead.value)
        size = max(abs(pair.spread.value), abs(lead.value))
        if gap <= 0.25 * size:
            word = p.claim("agrees", "near", pair.spread, lead, tol=round(0.25 * size, 6))
            out.append(
                p.say(
                    "The {family} pair of funds {word}, at {x}.",
                    family=pair.family.label,
                    word=word,
                    x=number(pair.spread, decimals=1),
                )
            )
    if far is not None:
        note = f" {far.family.definition_note}" if far.family.definition_note else ""
        less = abs(far.spread.value) < abs(lead.value)
        verb, amount = versus(p, far.spread)
        out.append(
            p.say(
                "The {family} pair does not: {a} {verb} {b} by {x}." + note,
                family=far.family.label,
                a=p.name(far.spread.series[0], of=verb, role="subject"),
                verb=verb,
                b=p.name(far.spread.series[1], of=verb, role="object"),
                x=amount,
            )
        )
        if less:
            out.append(
                p.say(
                    "Under one name the families hold different shares, and a reader with {family} funds saw another month.",
                    family=far.family.label,
                )
            )
    return out


def _streak(story: Story) -> list[Inline | None]:
    p = story.prose
    roles = story.desk.universe
    small, broad = roles.role("indices", "small")[0], roles.role("indices", "broad")[0]
    run = story.maybe("outperformance_streak", small, broad)
    if run is None or run.window is None:
        return []
    total = story.fact("sessions_counted", small, broad)
    won = story.fact("sessions_won", small, broad)
    if run.value < 5:
        ahead = p.claim("ahead", "positive", won) if won.value > 0 else "ahead"
        return [
            p.say(
                "The {small} finished {ahead} of the {broad} on {won} of {total} sessions.",
                small=p.name(small),
                ahead=ahead,
                broad=p.name(broad),
                won=number(won),
                total=number(total),
            )
        ]
    beat = p.claim("beat", "positive", run, subject=small, object=broad)
    first = p.say(
        "The {small} {beat} the {broad} on each of the first {run}.",
        small=p.name(small, of=beat, role="subject"),
        beat=beat,
        broad=p.name(broad, of=beat, role="object"),
        run=number(run),
    )
    rest = int(total.value - run.value)
    if rest < 2:
        return [first]
    late = story.fact("sessions_won_last", small, broad, k=rest)
    left = parameter_of(story.desk, late, "k", Unit.SESSIONS)
    broken = story.fact("streak_broken_on", small, broad)
    return [
        first,
        p.say(
            "The run ended on {day}, and of the last {left} it won {late}.",
            day=number(broken, "plain", "day_month"),
            left=number(left, "word"),
            late=number(late, "word"),
        ),
    ]


def _table(story: Story, pairs: list[Pair], caption: str, legs: tuple[str, str]) -> TablePart:
    p = story.prose
    return TablePart(
        caption=p.say(
            caption + ", close of {start} to close of {end}; funds stand in for their index",
            start=day(pairs[0].spread, "start_used"),
            end=day(pairs[0].spread, "end_used"),
        ),
        header=tuple(
            p.cell(t)
            for t in (f"{legs[0]} fund", f"{legs[1]} fund", "Family", legs[0], legs[1], "Difference")
        ),
        rows=tuple(
            (
                p.cell(p.name(q.spread.series[0], q.spread.series[0])),
                p.cell(p.name(q.spread.series[1], q.spread.series[1])),
                p.cell(q.family.label),
                p.cell(number(q.first, "signed", decimals=2)),
                p.cell(number(q.second, "signed", decimals=2)),
                p.cell(number(q.spread, "signed", "short", decimals=2)),
            )
            for q in pairs
        ),
        bound=False,
    )


def _without_families(story: Story) -> Parts:
    p = story.prose
    sentences: list[Inline | None] = [*_reported(story, "reported_value_minus_growth")]
    if story.value_factor is not None:
        verb, amount = moved(p, story.value_factor, "gained", "lost", subject=story.value_factor.series[0])
        sentences.append(
            p.say(
                "{hml}, the return of cheap shares minus that of expensive ones, held as one position and rebuilt every "
                "month, {verb} {amount} from the end of {start} to the end of {end}.",
                hml=p.name(story.value_factor.series[0], 0, of=verb, role="subject"),
                verb=verb,
                amount=amount,
                start=day(story.value_factor, "start_used", "month"),
                end=day(story.value_factor, "end_used", "month"),
            )
        )
    if not sentences:
        return [paragraph(story.missing("Style funds for this window are not available as of {as_of}."))]
    return [paragraph(p.join(*sentences))]


def _size_without_families(story: Story) -> Parts:
    p = story.prose
    sentences: list[Inline | None] = [*_reported(story, "reported_small_minus_large"), *_streak(story)]
    if story.size_factor is not None:
        verb, amount = moved(p, story.size_factor, "gained", "lost", subject=story.size_factor.series[0])
        sentences.append(
            p.say(
                "{smb}, small companies minus big ones on the same terms, {verb} {amount}.",
                smb=p.name(story.size_factor.series[0], 0, of=verb, role="subject"),
                verb=verb,
                amount=amount,
            )
        )
    if not sentences:
        return [paragraph(story.missing("Size funds for this window are not available as of {as_of}."))]
    return [paragraph(p.join(*sentences))]


def _reported(story: Story, role: str) -> list[Inline]:
    """Quote spreads that publications printed for exactly this window, as reported."""
    from rotascope.report.sections.reported import spreads

    return spreads(story, role)
