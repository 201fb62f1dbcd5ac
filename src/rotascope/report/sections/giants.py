"""The largest growth companies: whether they moved as one, and whether they carried the style gap."""

from __future__ import annotations

from rotascope.facts.metrics.lists import count_of, count_where
from rotascope.facts.metrics.mega_caps import members_of
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.report.parts import Part, Parts, TablePart, paragraph
from rotascope.report.prose import day, number
from rotascope.report.sections.rarity import plain
from rotascope.report.story import MISSING, Story
from rotascope.report.words import is_flat, ranked, told

_WORTH = 1.0  # points; a smaller style gap has no story that the giants could contradict


def write(story: Story) -> Parts:
    """Tell how the Magnificent 7 did; nothing where one of them has no closes, or before they were named."""
    mean = story.maybe("mega_caps_return", story.broad_index)
    if mean is None:
        return []
    try:
        names = members_of(story.desk, story.window)
        facts = ranked([story.fact("price_return", name) for name in names])
        gaps = [story.fact("return_spread", f.series[0], story.broad_index) for f in facts]
    except MISSING:
        return []
    rose, ahead = (count_where(story.desk, of, "positive") for of in (facts, gaps))
    objection = _objection(story, rose, ahead)
    if objection is not None:
        story.objections.append(objection)
    each = story.prose.join(_counts(story, facts, rose, ahead), _ends(story, facts))
    return [
        Part("heading", story.prose.say("The Magnificent 7"), 3),
        paragraph(_mean(story, mean)),
        paragraph(each),
        _table(story, facts, gaps),
    ]


def _mean(story: Story, mean: Fact) -> Inline:
    """Give the mean, and set it beside the broad index and the small companies."""
    p = story.prose
    _, did = told(p, mean, "gained", "lost")
    line = p.say("The Magnificent 7 {did} on average, each counted once", did=did)
    beside = [story.broad_index, *(pair.first.series[0] for pair in story.sizes[:1])]
    for name, link in zip(
        beside, ("; that average {verb} the {other} by {x}", " and {verb} {other} by {x}"), strict=False
    ):
        gap = story.maybe("mega_caps_minus", name)
        if gap is None or is_flat(gap):
            break
        verb = p.claim("beat", "positive", gap) if gap.value > 0 else p.claim("trailed", "negative", gap)
        short = p.name(name, plain(story, name))
        line = p.say("{line}" + link, line=line, verb=verb, other=short, x=number(gap, "abs", decimals=1))
    return p.say("{line}.", line=line)


def _counts(story: Story, facts: list[Fact], rose: Fact, ahead: Fact) -> Inline:
    """Say how many of them rose, and how many did better than the index."""
    p = story.prose
    total = number(count_of(story.desk, facts), "word")
    return p.say(
        "Of the {total}, {up} and {front}.",
        total=total,
        up=_risen(story, rose, len(facts)),
        front=p.say("none came out in front of the index")
        if ahead.value == 0
        else p.say(
            "{n} {beat} the {index}",
            n=number(ahead, "word"),
            beat=p.claim("beat", "positive", ahead),
            index=p.name(story.broad_index),
        ),
    )


def _risen(story: Story, rose: Fact, total: int) -> Inline:
    p = story.prose
    if rose.value == 0:
        return p.say("none held its level")
    verb = p.claim("rose", "positive", rose)
    return p.say(
        "every one {rose}" if rose.value == total else "{n} {rose}", n=number(rose, "word"), rose=verb
    )


def _ends(story: Story, facts: list[Fact]) -> Inline:
    p = story.prose
    first, last = facts[0], facts[-1]
    best = p.claim("best", "max_of", *facts, subject=first.series[0])
    worst = p.claim("worst", "min_of", last, *facts[:-1], subject=last.series[0])
    return p.say(
        "The {best} was {a} ({x}), the {worst} {b} ({y}).",
        best=best,
        a=p.name(first.series[0], of=best, role="subject"),
        x=number(first, "signed", decimals=1),
        worst=worst,
        b=p.name(last.series[0], of=worst, role="subject"),
        y=number(last, "signed", decimals=1),
    )


def _objection(story: Story, rose: Fact, ahead: Fact) -> Inline | None:
    """Return what they say against the plainest story of the style gap: that they were sold, or bought, as one."""
    lead = story.styles[0].spread.value if story.styles else 0.0
    p = story.prose
    if lead >= _WORTH and rose.value >= 4:
        return p.say(
            "That the Magnificent 7 were sold as one: {n} of them {rose}.",
            n=number(rose, "word"),
            rose=p.claim("rose", "positive", rose),
        )
    if lead <= -_WORTH and 0 < ahead.value < 4:
        return p.say(
            "That the Magnificent 7 carried Growth as one: only {n} of them {beat} the {index}.",
            n=number(ahead, "word"),
            beat=p.claim("beat", "positive", ahead),
            index=p.name(story.broad_index),
        )
    return None


def _table(story: Story, facts: list[Fact], gaps: list[Fact]) -> TablePart:
    p = story.prose
    rows = [
        (
            p.cell(p.name(fact.series[0])),
            p.cell(p.name(fact.series[0], fact.series[0])),
            p.cell(number(fact, "signed", decimals=1)),
            p.cell(number(gap, "signed", "short", decimals=1)),
        )
        for fact, gap in zip(facts, gaps, strict=True)
    ]
    return TablePart(
        caption=p.say(
            "The Magnificent 7, close of {start} to close of {end}, price return, and the gap to the {index}",
            start=day(facts[0], "start_used"),
            end=day(facts[0], "end_used"),
            index=p.name(story.broad_index),
        ),
        header=tuple(p.cell(t) for t in ("Company", "Share", "Change", "Gap")),
        rows=tuple(rows),
    )
