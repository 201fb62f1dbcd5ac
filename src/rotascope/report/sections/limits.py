"""What limits the main figures: families that disagree, money that went the other way, an opening price, proxies."""

from __future__ import annotations

from rotascope.model.documents import Inline
from rotascope.report.prose import day, number
from rotascope.report.sections import families
from rotascope.report.sections.circulating import circulating
from rotascope.report.sections.families import dissenting
from rotascope.report.sections.reported import hedge, spread_of
from rotascope.report.story import Pair, Story
from rotascope.report.words import is_flat, money, moved, tolerance

_LEAST_FLOW = 50.0  # million dollars; less prints as no money at all


def limits(story: Story) -> list[Inline | None]:
    """Return what speaks against the main figures, each as one sentence; None where nothing does."""
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
    return p.say(
        opening + " {label} family {word}: there {gap}.",
        label=families.label(story, far.family),
        word=word,
        gap=families.gap_of(story, far),
    )


def _flow_limit(story: Story) -> Inline | None:
    """Say so where the fund's money went the other way than the lead in size."""
    if not story.sizes or is_flat(story.sizes[0].spread):
        return None
    fund = story.flow_fund
    flow = story.maybe("net_flow", fund)
    if flow is None or abs(flow.value) < _LEAST_FLOW or (flow.value > 0) == (story.sizes[0].spread.value > 0):
        return None
    p = story.prose
    unknown = story.maybe("unknown_flow_sessions", fund)
    known = ", on the days that are known" if unknown is not None and unknown.value > 0 else ""
    amount = money(flow, "abs")
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
        "No style funds are in the data, so value and size are read from the factors of Fama and French: value {verb} {x}",
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
