"""What moved with what before the window, across styles, sizes, rates, credit, volatility and money."""

from __future__ import annotations

from rotascope.facts.metrics.lists import parameter_of
from rotascope.facts.metrics.pairs import signal
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.model.units import Unit
from rotascope.report.parts import Parts, TablePart, heading, paragraph
from rotascope.report.prose import number
from rotascope.report.sections.link_words import earlier, first_named, meaning, named, span
from rotascope.report.sections.links import (
    GAPS,
    OUTSIDE,
    STEP,
    TWIN,
    Link,
    choose,
    closeness,
    is_plain,
    link_of,
    notable,
)
from rotascope.report.story import Story
from rotascope.report.words import is_flat

_LOOSE, _TIGHT = 0.3, 0.6
_NO_SIGN = 0.1  # a correlation that is so small has no sign to turn
_LEAST_GAP = 0.5  # points; whether a smaller gap kept to a link is noise
_LEAST = 3  # fewer pairs are no table
_ROWS = 5
_DRIVERS = {"ten_year": "ten_year_yield", "volatility": "volatility", "oil": "oil"}


def write(story: Story) -> Parts:
    """Pick the two or three links that matter, say what they imply, and list the rest in a table."""
    gaps = [k for pair in GAPS if (k := link_of(story, *pair)) is not None]
    outside = [k for pair in OUTSIDE if (k := link_of(story, *pair)) is not None]
    if len(gaps) + len(outside) < _LEAST:
        return []
    twin = max((k for k in gaps if abs(k.now.value) >= TWIN), key=closeness, default=None)
    chosen = choose(story, [k for k in [*gaps, *outside] if k is not twin])
    parts: Parts = [heading("Cross-domain correlations and what they imply", 3)]
    if twin is not None:
        parts.append(paragraph(_twins(story, twin)))
    parts += [paragraph(_told(story, link, i > 0)) for i, link in enumerate(chosen)]
    if not chosen:
        parts.append(paragraph(_nothing(story)))
    listed = [*([twin] if twin else []), *chosen]
    rest = sorted((k for k in [*gaps, *outside] if k not in listed), key=notable, reverse=True)
    return [*parts, _table(story, [*listed, *rest][:_ROWS])]


def _twins(story: Story, link: Link) -> Inline:
    p = story.prose
    tail: Inline | str = ""
    if link.before is not None:
        tail = p.say(", after {x} in " + earlier(link), x=number(link.before, decimals=2))
    same = "measured much the same thing" if link.now.value > 0 else "mirrored each other"
    told = p.say(
        "{a} and " + named(story, link.b) + " " + same + ": over the {span} before the window their changes correlate at "
        "{r}{tail}.",
        a=first_named(story, link.a), span=span(story, link), r=number(link.now, decimals=2), tail=tail,
    )  # fmt: skip
    return p.join(told, p.say("What the one says the other mostly repeats."))


def _told(story: Story, link: Link, again: bool) -> Inline:
    first = _changed(story, link) if link.shifted else _close(story, link)
    return story.prose.join(first, meaning(story, link), _inside(story, link, again))


def _changed(story: Story, link: Link) -> Inline:
    p = story.prose
    assert link.before is not None
    a, b = named(story, link.a), named(story, link.b)
    now, before = number(link.now, decimals=2), number(link.before, decimals=2)
    if _turned(story, link):
        return p.say(
            "The link between " + a + " and " + b + " has turned: a correlation of {before} in " + earlier(link)
            + " has become {now} over the {span} before the window, the {opposite} sign.",
            before=before, now=now, span=span(story, link),
            opposite=p.claim("opposite", "opposite", link.now, link.before),
        )  # fmt: skip
    how = "tightened" if abs(link.now.value) > abs(link.before.value) else "loosened"
    return p.say(
        "The link between "
        + a
        + " and "
        + b
        + " has "
        + how
        + ": the correlation over the {span} before the window is {now}, "
        "after {before} in " + earlier(link) + ".",
        span=span(story, link),
        now=now,
        before=before,
    )


def _turned(story: Story, link: Link) -> bool:
    """Say whether the sign is another one, and both are more than noise."""
    assert link.before is not None
    other = link.now.value * link.before.value < 0 and abs(link.before.value) >= _NO_SIGN
    return other and is_plain(story, link)


def _close(story: Story, link: Link) -> Inline:
    p = story.prose
    r = abs(link.now.value)
    degree = " loosely" if r < _LOOSE else " closely" if r > _TIGHT else ""
    how = f" moved{degree} with " if link.now.value > 0 else f" moved{degree} the other way from "
    return p.say(
        "{a}" + how + named(story, link.b) + " over the {span} before the window: the correlation is {r}, and can be put "
        "between {low} and {high}.",
        a=first_named(story, link.a), span=span(story, link), r=number(link.now, decimals=2),
        low=number(story.fact("pair_correlation_low", a=link.a, b=link.b), decimals=2),
        high=number(story.fact("pair_correlation_high", a=link.a, b=link.b), decimals=2),
    )  # fmt: skip


def _inside(story: Story, link: Link, again: bool) -> Inline | None:
    """Say whether the two kept to that link in the window itself."""
    gap, other = _gap_inside(story, link.a), _other_inside(story, link)
    if gap is None or other is None or is_flat(gap) or is_flat(other, 0 if other.unit is Unit.BP else 1):
        return None
    if abs(link.now.value) < STEP or abs(gap.value) < _LEAST_GAP:
        return None
    p = story.prose
    together = (gap.value > 0) == (other.value > 0)
    kept = together == (link.now.value > 0)
    if together:
        word = p.say("the {x}", x=p.claim("same direction", "same_sign", gap, other))
    else:
        word = p.say("{x} directions", x=p.claim("opposite", "opposite", gap, other))
    if again:
        text = (
            "So it was in the window: they went in {word}."
            if kept
            else "Not so in the window: they went in {word}."
        )
    else:
        text = (
            "In the window itself they went in {word}, in keeping with that."
            if kept
            else "In the window itself that did not hold: they went in {word}."
        )
    return p.say(text, word=word)


def _gap_inside(story: Story, name: str) -> Fact | None:
    if name == "style":
        return story.styles[0].spread if story.styles else story.value_factor
    if name == "size":
        return story.sizes[0].spread if story.sizes else story.size_factor
    if name == "equal_weight":
        return story.maybe("equal_minus_cap_weight")
    found = signal(story.desk, name)
    return None if found is None or found.kind != "ratio" else story.maybe("return_spread", *found.series)


def _other_inside(story: Story, link: Link) -> Fact | None:
    if (link.a, link.b) in GAPS:
        return _gap_inside(story, link.b)
    driver, a = _DRIVERS.get(link.b), signal(story.desk, link.a)
    if driver is None or a is None or a.kind != "ratio":
        return None
    return story.maybe("driver_change", *a.series, driver=driver)


def _nothing(story: Story) -> Inline:
    return story.prose.say(
        "None of the links to rates, credit, volatility or oil is tight or has changed by much."
    )


def _table(story: Story, links: list[Link]) -> TablePart:
    p = story.prose
    level = parameter_of(
        story.desk, story.fact("pair_correlation_low", a=links[0].a, b=links[0].b), "level", Unit.SHARE
    )
    header = [p.cell(t) for t in ("Changes of", "beside those of", "Correlation")]
    header.append(p.say("{x} interval", x=number(level)))
    header += [p.cell(t) for t in ("Before that", "Changes")]
    return TablePart(
        caption=p.say(
            "Correlations of changes that do not overlap, up to {start} and before that; sectors and the Nasdaq are measured "
            "relative to the broad index",
            start=story.report_day("window.start"),
        ),
        header=tuple(header),
        rows=tuple(_row(story, link) for link in links),
        bound=False,
    )


def _row(story: Story, link: Link) -> tuple[Inline, ...]:
    p = story.prose
    low, high = (story.maybe(f"pair_correlation_{k}", a=link.a, b=link.b) for k in ("low", "high"))
    return (
        p.cell(first_named(story, link.a)),
        p.say(named(story, link.b)),
        p.cell(number(link.now, decimals=2)),
        p.say("{a} to {b}", a=number(low, decimals=2), b=number(high, decimals=2))
        if low and high
        else p.cell("not available"),
        p.cell(number(link.before, decimals=2) if link.before else "not available"),
        span(story, link),
    )
