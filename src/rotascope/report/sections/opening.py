"""Title and standfirst: the answer first, and what limits it."""

from __future__ import annotations

from rotascope.facts.metrics.unusual import is_calendar_month, is_calendar_year
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.report.prose import day, number
from rotascope.report.sections.circulating import circulating
from rotascope.report.sections.rarity import leader_first, size_word
from rotascope.report.sections.reported import spread_of
from rotascope.report.story import Pair, Story
from rotascope.report.words import band, is_flat, moved, tolerance, versus

SLIGHT_BELOW = 60.0  # the band of the word "slight": docs/glossary.md


def title(story: Story) -> Inline:
    """Return the finding in one line."""
    if story.styles:
        return _styles_title(story, story.styles[0])
    if story.value_factor is not None:
        return _factor_title(story, story.value_factor)
    if len(story.indices) > 1:
        return _index_title(story)
    return story.prose.say("Not enough data for a reading of {when}", when=_when(story, None))


def _when(story: Story, fact: Fact | None) -> Inline:
    """Name the window: a calendar month or year by its name, anything else by its two dates."""
    p = story.prose
    if fact is not None and fact.window is not None and fact.window.start_used is not None:
        if is_calendar_month(fact.window):
            return p.say("{month}", month=day(fact, "end_used", "month"))
        if is_calendar_year(fact.window):
            return p.say("{year}", year=day(fact, "end_used", "year"))
        return p.say("{a} to {b}", a=day(fact, "start_used"), b=day(fact, "end_used"))
    return p.say("{a} to {b}", a=story.report_day("window.start"), b=story.report_day("window.end"))


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
    when = _when(story, style.spread)
    told = [q for q in (style, *story.sizes[:1]) if not _is_slight(story, q)]
    if not told:
        return _quiet_title(story, style, when)
    told.sort(key=lambda q: -_percentile(story, q))
    joint = "{x} in {when}" if _is_period(style.spread) else "{x}, {when}"
    if told[0] is style and dissenting(story) is not None:
        line = p.say(joint, x=_clause(story, style, short_names(story, style)), when=when)
        return p.say("{line}, and by how much depends on the index", line=line)
    text = _clause(story, told[0], short_names(story, told[0]))
    if len(told) == 2:
        same = (told[0].spread.value > 0) == (told[1].spread.value > 0)
        second = _clause(story, told[1], short_names(story, told[1]))
        text = p.say("{a} {link} {b}", a=text, link="and" if same else "while", b=second)
    return _capital(p.say(joint, x=text, when=when))


def _quiet_title(story: Story, style: Pair, when: Inline) -> Inline:
    p = story.prose
    word = size_word(story, style)
    a, b = short_names(story, style)
    return p.say(
        "A {slight} gap between {a} and {b} in {when}"
        if _is_period(style.spread)
        else "A {slight} gap between {a} and {b}, {when}",
        slight=word or "small",
        a=p.name(style.spread.series[0], a),
        b=p.name(style.spread.series[1], b),
        when=when,
    )


def _percentile(story: Story, pair: Pair) -> float:
    fact = story.maybe("window_percentile", *leader_first(pair))
    return 100.0 if fact is None else fact.value


def _is_slight(story: Story, pair: Pair) -> bool:
    return _percentile(story, pair) < SLIGHT_BELOW or is_flat(pair.spread)


def _capital(inline: Inline) -> Inline:
    """Return the line with a capital first letter; the name that starts it has one among its forms."""
    return Inline(inline.text[:1].upper() + inline.text[1:], inline.spans)


def _is_period(fact: Fact) -> bool:
    """Say whether the window is a calendar month or year, which has a name."""
    return fact.window is not None and (is_calendar_month(fact.window) or is_calendar_year(fact.window))


def short_names(story: Story, pair: Pair) -> tuple[int | str, int | str]:
    wanted = [("Value", "Growth"), ("small companies", "large ones")]
    own = [story.desk.universe.instrument(s).names for s in pair.spread.series[:2]]
    for a, b in wanted:
        if a in own[0] and b in own[1]:
            return a, b
    return 0, 0


def _factor_title(story: Story, value: Fact) -> Inline:
    """Lead with the factors where they did anything out of the ordinary; a quiet stretch is called one."""
    p = story.prose
    told = [
        f
        for f in (value, story.size_factor)
        if f is not None and _factor_percentile(story, f) >= SLIGHT_BELOW
    ]
    told.sort(key=lambda f: -_factor_percentile(story, f))
    if not told:
        return _quiet_factors(story, value)
    if told[0] is not value or len(told) > 1:
        return _factors_title(story, told[:2])
    verb, amount = moved(p, value, "gained", "lost", subject=value.series[0], decimals=0)
    who = p.name(value.series[0], "The value factor", of=verb, role="subject")
    broad = next((f for f in story.indices if f.series[0] == "GSPC"), None)
    if broad is None:
        return p.say(
            "{who} {verb} {amount}, {when}", who=who, verb=verb, amount=amount, when=_when(story, value)
        )
    verb2, amount2 = moved(p, broad, "rose", "fell", subject="GSPC", decimals=0)
    return p.say(
        "{who} {verb} {amount} while the {broad} {verb2} {amount2}",
        who=who,
        verb=verb,
        amount=amount,
        broad=p.name("GSPC", of=verb2, role="subject"),
        verb2=verb2,
        amount2=amount2,
    )


def _factor_percentile(story: Story, fact: Fact) -> float:
    found = story.maybe("factor_percentile", fact.series[0], side="above" if fact.value >= 0 else "below")
    return 0.0 if is_flat(fact) else 100.0 if found is None else found.value


def _factors_title(story: Story, facts: list[Fact]) -> Inline:
    p = story.prose
    parts: list[Inline] = []
    for fact in facts:
        verb, amount = moved(p, fact, "gained", "lost", subject=fact.series[0], decimals=0)
        full = next(n for n in story.desk.universe.instrument(fact.series[0]).names if n.startswith("The "))
        short = full.removeprefix("The ")
        name = p.name(fact.series[0], full if not parts else short, of=verb, role="subject")
        parts.append(p.say("{a} {v} {x}" if not parts else "the {a} {v} {x}", a=name, v=verb, x=amount))
    when = _when(story, facts[0])
    joint = " in {when}" if _is_period(facts[0]) else ", {when}"
    if len(parts) == 1:
        return p.say("{a}" + joint, a=parts[0], when=when)
    same = (facts[0].value > 0) == (facts[1].value > 0)
    return p.say("{a} " + ("and" if same else "while") + " {b}" + joint, a=parts[0], b=parts[1], when=when)


def _quiet_factors(story: Story, value: Fact) -> Inline:
    p = story.prose
    side = "above" if value.value >= 0 else "below"
    percentile = story.maybe("factor_percentile", value.series[0], side=side)
    name = next(n for n in story.desk.universe.instrument(value.series[0]).names if n[0].islower())
    word: Inline | str = "little"
    if percentile is not None and percentile.value < SLIGHT_BELOW:
        word = p.say("a {x} move", x=band(p, percentile))
    return _capital(
        p.say(
            "{word} in the {name} in {when}" if _is_period(value) else "{word} in the {name}, {when}",
            word=word,
            name=p.name(value.series[0], name),
            when=_when(story, value),
        )
    )


def _index_title(story: Story) -> Inline:
    p = story.prose
    first, second = [f.series[0] for f in story.indices[:2]]
    spread = story.fact("return_spread", first, second)
    verb, amount = versus(p, spread)
    return p.say(
        "The {a} {verb} the {b} by {amount} in {when}"
        if _is_period(spread)
        else "The {a} {verb} the {b} by {amount}, {when}",
        a=p.name(first, of=verb, role="subject"),
        verb=verb,
        b=p.name(second, of=verb, role="object"),
        amount=amount,
        when=_when(story, spread),
    )


def standfirst(story: Story) -> Inline:
    """Return two or three sentences: the main figures, then what speaks against them."""
    return story.prose.join(*_figures(story), *_limits(story))


def _figures(story: Story) -> list[Inline | None]:
    p = story.prose
    if not story.styles:
        return _figures_without_styles(story)
    style = story.styles[0]
    verb, amount = versus(p, style.spread)
    first = p.say(
        "{a} {verb} {b} by {amount} between the closes of {start} and {end}",
        a=p.name(style.spread.series[0], 0, of=verb, role="subject"),
        verb=verb,
        b=p.name(style.spread.series[1], short_names(story, style)[1], of=verb, role="object"),
        amount=amount,
        start=day(style.spread, "start_used"),
        end=day(style.spread, "end_used"),
    )
    if not story.sizes:
        return [p.say("{x}.", x=first)]
    size = story.sizes[0]
    verb2, amount2 = versus(p, size.spread)
    same = (style.spread.value > 0) == (size.spread.value > 0)
    names = short_names(story, size)
    return [
        p.say(
            "{x}, {link} {a} {verb} {b} by {amount}.",
            x=first,
            link="and" if same else "while",
            a=p.name(size.spread.series[0], names[0], of=verb2, role="subject"),
            verb=verb2,
            b=p.name(size.spread.series[1], names[1], of=verb2, role="object"),
            amount=amount2,
        )
    ]


def _figures_without_styles(story: Story) -> list[Inline | None]:
    p = story.prose
    out: list[Inline | None] = []
    for fact, up, down in zip(story.indices[:2], ("rose", "gained"), ("fell", "lost"), strict=False):
        verb, amount = moved(p, fact, up, down, subject=fact.series[0])
        out.append(
            p.say(
                "The {name} {verb} {amount}" if not is_flat(fact) else "The {name} was {verb} ({amount})",
                name=p.name(fact.series[0], of=verb, role="subject"),
                verb=verb,
                amount=amount,
            )
        )
    if not out:
        return [story.missing("No index, style or sector data is available as of {as_of}.")]
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


def _limits(story: Story) -> list[Inline | None]:
    return [
        *_reported_styles(story),
        _family_limit(story),
        _flow_limit(story),
        _open_limit(story),
        _proxy_limit(story),
    ]


def dissenting(story: Story) -> Pair | None:
    """Return the family whose style spread is furthest from the first one, if by more than a quarter."""
    if len(story.styles) < 2:
        return None
    lead = story.styles[0].spread.value
    far = max(story.styles[1:], key=lambda q: abs(q.spread.value - lead))
    gap = abs(far.spread.value - lead)
    return far if gap > 0.5 * max(abs(far.spread.value), abs(lead)) else None


def _family_limit(story: Story) -> Inline | None:
    far = dissenting(story)
    if far is None:
        return None
    p = story.prose
    lead = story.styles[0].spread
    gap = abs(far.spread.value - lead.value)
    word = p.claim("disagrees", "not_near", far.spread, lead, tol=tolerance(0.9 * gap))
    return p.say(
        "The {label} family {word}: there the gap is {amount}.",
        label=far.family.label,
        word=word,
        amount=number(far.spread, decimals=1),
    )


def _flow_limit(story: Story) -> Inline | None:
    if not story.sizes:
        return None
    fund = str(story.desk.universe.roles["flows"]["small"])
    flow = story.maybe("net_flow", fund)
    if flow is None or (flow.value > 0) == (story.sizes[0].spread.value > 0):
        return None
    p = story.prose
    word = (
        p.claim("withdrawals", "negative", flow, subject=fund)
        if flow.value < 0
        else p.claim("took in", "positive", flow, subject=fund)
    )
    name = p.name(fund, 0, of=word, role="subject")
    if flow.value < 0:
        return p.say(
            "Money went the other way: {word} from the {name} came to {amount}, net.",
            word=word,
            name=name,
            amount=number(flow, "abs", decimals=1),
        )
    return p.say(
        "Money went the other way: the {name} {word} {amount}, net.",
        name=name,
        word=word,
        amount=number(flow, "abs", decimals=1),
    )


def _open_limit(story: Story) -> Inline | None:
    p = story.prose
    for row in circulating(story):
        if (row.from_open.value > 0) == (row.from_close.value > 0) and not is_flat(row.from_close):
            continue
        series = row.from_close.series[0]
        verb, _ = moved(p, row.from_open, "rise", "fall")
        flat, _ = moved(p, row.from_close, "rose", "fell", subject=series)
        return p.say(
            "A published {verb} in the {name} starts from an opening price {cite}; measured from the "
            "prior close the index {was}{flat}.",
            verb=verb,
            name=p.name(series, of=flat, role="subject"),
            cite=p.cite(row.source),
            was="was " if is_flat(row.from_close) else "",
            flat=flat,
        )
    return None


def _proxy_limit(story: Story) -> Inline | None:
    """Give the factors' figures where no style funds are in the data, and say what stands in for them."""
    value, size = story.value_factor, story.size_factor
    if story.styles or value is None:
        return None
    p = story.prose
    verb, amount = moved(p, value, "gained", "lost")
    first = p.say(
        "Style and size are read from the factors of Fama and French, rebuilt every month, as no funds are in the data: value "
        "{verb} {x}",
        verb=p.say("came out {v}, at", v=verb) if is_flat(value) else verb,
        x=amount,
    )
    if size is None:
        return p.say("{first}.", first=first)
    verb2, amount2 = moved(p, size, "gained", "lost")
    return p.say("{first}, size {verb} {x}.", first=first, verb=verb2, x=amount2)


def _reported_styles(story: Story) -> list[Inline | None]:
    """Without style data of its own, the article opens with what was reported, as reported."""
    if story.styles or story.case is None:
        return []
    p = story.prose
    fact = next(
        (f for q in story.desk.universe.families if (f := spread_of(story, q.reported_value_minus_growth))),
        None,
    )
    if fact is None:
        return []
    return [
        p.say(
            "Value is reported {x} {ahead} of growth, a figure this report can quote but not recompute {cite}.",
            x=number(fact, "abs", decimals=0),
            ahead=p.claim("ahead", "positive", fact),
            cite=p.cite(fact.sources[0]),
        )
    ]
