"""Title and standfirst: the answer first, and what limits it."""

from __future__ import annotations

from datetime import date, timedelta

from rotascope.facts.metrics.unusual import is_calendar_month, is_calendar_year
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact, Window
from rotascope.report.prose import day, number
from rotascope.report.sections import families
from rotascope.report.sections.circulating import circulating
from rotascope.report.sections.families import dissenting
from rotascope.report.sections.rarity import leader_first, size_word
from rotascope.report.sections.reported import hedge, spread_of
from rotascope.report.story import Pair, Story
from rotascope.report.words import band, is_flat, moved, ranked, tolerance, versus

SLIGHT_BELOW = 60.0  # the band of the word "slight": docs/glossary.md
_LEAST_FLOW = 50.0  # million dollars; less prints as no money at all


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
        if _is_month(fact.window):
            return p.say("{month}", month=day(fact, "end_used", "month"))
        if _is_year(fact.window):
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
        return p.say("{line}, and " + _depends(story, style) + " depends on the index", line=line)
    text = _clause(story, told[0], short_names(story, told[0]))
    if len(told) == 2:
        same = (told[0].spread.value > 0) == (told[1].spread.value > 0)
        second = _clause(story, told[1], short_names(story, told[1]))
        text = p.say("{a} {link} {b}", a=text, link="and" if same else "while", b=second)
    return _capital(p.say(joint, x=text, when=when))


def _depends(story: Story, style: Pair) -> str:
    """Say what the families disagree on: the amount, or even the side in front."""
    far = dissenting(story)
    return "even that" if far is not None and families.opposed(far, style) else "by how much"


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


def _is_month(window: Window) -> bool:
    """Say whether a window is one calendar month, by sessions or, as for a factor, by the last days of months."""
    a, b = window.start_used, window.end_used
    if a is None or b is None:
        return False
    next_month = (a + timedelta(days=1)).day == 1 and b == _month_end(a + timedelta(days=1))
    return next_month or is_calendar_month(window)


def _is_year(window: Window) -> bool:
    """Say whether a window is one calendar year, by sessions or by the last days of years."""
    a, b = window.start_used, window.end_used
    if a is None or b is None:
        return False
    return (a, b) == (date(a.year, 12, 31), date(a.year + 1, 12, 31)) or is_calendar_year(window)


def _month_end(day_: date) -> date:
    return (day_.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _is_period(fact: Fact) -> bool:
    """Say whether the window is a calendar month or year, which has a name."""
    return fact.window is not None and (_is_month(fact.window) or _is_year(fact.window))


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
    first, second = (f.series[0] for f in _telling(story))
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


def _telling(story: Story) -> list[Fact]:
    """Return the two indices to speak of: of three or more the first and the last of the ranking."""
    return story.indices[:2] if len(story.indices) < 3 else [ranked(story.indices)[i] for i in (0, -1)]


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
    for fact, up, down in zip(_telling(story), ("rose", "gained"), ("fell", "lost"), strict=False):
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


def _family_limit(story: Story) -> Inline | None:
    """Set the family that tells another story beside the first: of the styles, and of the sizes if even the side differs."""
    far = dissenting(story)
    size = families.furthest(story.sizes)
    told = [("The", far, story.styles[0])] if far is not None else []
    if size is not None and families.opposed(size, story.sizes[0]):
        told.append(("On size the", size, story.sizes[0]))
    lines = [_disagrees(story, *row) for row in told]
    return story.prose.join(*lines) if lines else None


def _disagrees(story: Story, opening: str, far: Pair, first: Pair) -> Inline:
    p = story.prose
    gap = abs(far.spread.value - first.spread.value)
    word = p.claim("disagrees", "not_near", far.spread, first.spread, tol=tolerance(0.9 * gap))
    verb, amount = versus(p, far.spread)
    return p.say(
        opening + " {label} family {word}: there {a} {verb} {b} by {amount}.",
        label=families.label(story, far.family),
        word=word,
        a=p.name(far.spread.series[0], of=verb, role="subject"),
        verb=verb,
        b=p.name(far.spread.series[1], of=verb, role="object"),
        amount=amount,
    )


def _flow_limit(story: Story) -> Inline | None:
    """Say so where the fund's money went the other way than the lead in size."""
    if not story.sizes or is_flat(story.sizes[0].spread):
        return None
    fund = str(story.desk.universe.roles["flows"]["small"])
    flow = story.maybe("net_flow", fund)
    if flow is None or abs(flow.value) < _LEAST_FLOW or (flow.value > 0) == (story.sizes[0].spread.value > 0):
        return None
    p = story.prose
    unknown = story.maybe("unknown_flow_sessions", fund)
    known = ", on the days that are known" if unknown is not None and unknown.value > 0 else ""
    amount = number(flow, "abs", decimals=1)
    if flow.value < 0:
        word = p.claim("withdrawals", "negative", flow, subject=fund)
        name = p.name(fund, 0, of=word, role="subject")
        return p.say(
            "Money went the other way: {word} from the {name} came to {amount}, net" + known + ".",
            word=word,
            name=name,
            amount=amount,
        )
    word = p.claim("took in", "positive", flow, subject=fund)
    return p.say(
        "Money went the other way: the {name} {word} {amount}, net" + known + ".",
        name=p.name(fund, 0, of=word, role="subject"),
        word=word,
        amount=amount,
    )


def _open_limit(story: Story) -> Inline | None:
    p = story.prose
    for row in circulating(story):
        same = (row.from_open.value > 0) == (row.from_close.value > 0) and not is_flat(row.from_close)
        if same or is_flat(row.from_open):
            continue
        series = row.from_close.series[0]
        verb, _ = moved(p, row.from_open, "rise", "fall")
        flat, _ = moved(p, row.from_close, "rose", "fell", subject=series)
        return p.say(
            "A published {verb} in the {name} to {end} starts from an opening price {cite}; measured from the "
            "close before, the index {was}{flat}.",
            verb=verb,
            end=day(row.from_open, "end_used"),
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
            "Value is reported {some}{x} {ahead} of growth, a figure this report can quote but not recompute {cite}.",
            some=hedge(story, fact),
            x=number(fact, "abs", decimals=0),
            ahead=p.claim("ahead", "positive", fact),
            cite=p.cite(fact.sources[0]),
        )
    ]
