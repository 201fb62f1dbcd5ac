"""What moved with what before the window, across styles, sizes, rates, credit, volatility and money."""

from __future__ import annotations

from dataclasses import dataclass

from rotascope.facts.metrics.lists import parameter_of
from rotascope.facts.metrics.pairs import signal
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.model.units import Unit
from rotascope.report.parts import Parts, TablePart, heading, paragraph
from rotascope.report.prose import Piece, number
from rotascope.report.story import Story
from rotascope.report.words import is_flat, ranked

_TWIN = 0.8  # two gaps that correlate so closely are counted as one
_LINK = 0.3
_LEAST_LINK = 0.2  # a smaller correlation is not told as a link, however sure it is
_LOOSE, _TIGHT = 0.3, 0.6
_NO_SIGN = 0.1  # a correlation that is so small has no sign to turn
_LEAST_GAP = 0.5  # points; whether a smaller gap kept to a link is noise
_SHIFT, _STEP = 3.0, 0.15  # standard errors, and correlation, by which a link has changed
_RELEVANT = 1.5  # how much more a link weighs that bears on what the article is about
_LEAST = 3  # fewer pairs are no table
_ROWS = 5

# Pairs of gaps can be one thing measured twice; the others set a gap beside something outside of the market.
_GAPS = (
    ("equal_weight", "style"),
    ("equal_weight", "size"),
    ("style", "size"),
    ("nasdaq", "style"),
)
_OUTSIDE = (
    ("style", "ten_year"),
    ("style", "credit"),
    ("style", "volatility"),
    ("style", "oil"),
    ("size", "ten_year"),
    ("size", "credit"),
    ("size", "volatility"),
    ("size", "oil"),
    ("equal_weight", "volatility"),
    ("nasdaq", "volatility"),
    ("nasdaq", "credit"),
    ("XLE", "oil"),
    ("XLF", "ten_year"),
    ("XLU", "ten_year"),
    ("XLK", "ten_year"),
    ("flow", "price"),
)
_NAMES = {
    "style": "the style gap",
    "size": "the size gap",
    "equal_weight": "the equal-weight gap",
    "nasdaq": "the Nasdaq gap",
    "ten_year": "the ten-year yield",
    "credit": "the credit spread",
    "volatility": "the VIX",
    "oil": "crude oil",
    "flow": "money in the small-company fund",
    "price": "that fund's price",
    "XLE": "energy shares",
    "XLF": "financial shares",
    "XLU": "utilities",
    "XLK": "technology shares",
}
_FACTORS = {"style": "the value factor", "size": "the size factor"}
_PLURAL = ("XLE", "XLF", "XLU", "XLK")
_DRIVERS = {"ten_year": "ten_year_yield", "volatility": "volatility", "oil": "oil"}

# A correlation in plain words: what happened to the one when the other moved. It says what was, and no more.
_WHEN = {
    "ten_year": "the yield went up",
    "credit": "the credit spread went up",
    "volatility": "the VIX went up",
    "oil": "oil went up",
    "size": "small companies did well",
    "style": "value did well",
    "price": "the price went up",
}
_WHO = {
    "style": "value tended to do {how}",
    "size": "small companies tended to do {how}",
    "equal_weight": "equal weights tended to do {how}",
    "nasdaq": "the Nasdaq tended to do {how}",
    "flow": "money tended to {flow}",
}
_PERIODS = {"sessions": "On days", "weeks": "In weeks", "months": "In months"}


@dataclass(frozen=True, slots=True)
class Link:
    """Two signals and how they moved together; `before` is the longer record, where there is one."""

    a: str
    b: str
    now: Fact
    before: Fact | None
    shift: float

    @property
    def step(self) -> float:
        """How far the correlation lies from the longer record."""
        return 0.0 if self.before is None else self.now.value - self.before.value

    @property
    def shifted(self) -> bool:
        """Whether it has changed by more than chance and by enough to matter."""
        return abs(self.shift) >= _SHIFT and abs(self.step) >= _STEP


def write(story: Story) -> Parts:
    """Pick the two or three links that matter, say what they imply, and list the rest in a table."""
    gaps = [k for pair in _GAPS if (k := _link(story, *pair)) is not None]
    outside = [k for pair in _OUTSIDE if (k := _link(story, *pair)) is not None]
    if len(gaps) + len(outside) < _LEAST:
        return []
    twin = max((k for k in gaps if abs(k.now.value) >= _TWIN), key=_closeness, default=None)
    chosen = _choose(story, [k for k in [*gaps, *outside] if k is not twin])
    parts: Parts = [heading("Cross-domain correlations and what they imply", 3)]
    if twin is not None:
        parts.append(paragraph(_twins(story, twin)))
    parts += [paragraph(_told(story, link, i > 0)) for i, link in enumerate(chosen)]
    if not chosen:
        parts.append(paragraph(_nothing(story)))
    listed = [*([twin] if twin else []), *chosen]
    rest = sorted((k for k in [*gaps, *outside] if k not in listed), key=_notable, reverse=True)
    return [*parts, _table(story, [*listed, *rest][:_ROWS])]


def _closeness(link: Link) -> float:
    """Prefer the pair with equal weights: the Nasdaq's likeness to growth is no news."""
    return abs(link.now.value) - (0.2 if link.a == "nasdaq" else 0.0)


def _notable(link: Link) -> float:
    return abs(link.now.value) + abs(link.step)


def _link(story: Story, a: str, b: str) -> Link | None:
    now = story.maybe("pair_correlation", a=a, b=b)
    if now is None:
        return None
    shift = story.maybe("pair_correlation_shift", a=a, b=b)
    before = story.maybe("pair_correlation_before", a=a, b=b) if shift is not None else None
    return Link(a, b, now, before, 0.0 if shift is None else shift.value)


def _choose(story: Story, links: list[Link]) -> list[Link]:
    """Return the link that has changed by most, and the closest one of other signals to something outside.

    What the article is about weighs more: styles, sizes, and the sectors at either end of the ranking.
    """
    ends = ranked(story.sectors)
    told = {f.series[0] for f in (ends[:1] + ends[-1:])}

    def weight(link: Link) -> float:
        if link.a in ("style", "size"):
            return 2 * _RELEVANT
        return _RELEVANT if link.a in told else 1 / _RELEVANT if link.a in _PLURAL else 1.0

    chosen: list[Link] = []
    changed = [k for k in links if k.shifted]
    if changed:
        chosen.append(max(changed, key=lambda k: abs(k.step) * weight(k)))
    used = {s for k in chosen for s in (k.a, k.b)}
    outside = [k for k in links if (k.a, k.b) in _OUTSIDE and not {k.a, k.b} & used]
    close = [k for k in outside if abs(k.now.value) * weight(k) >= _LINK and _is_plain(story, k)]
    if close:
        chosen.append(max(close, key=lambda k: abs(k.now.value) * weight(k)))
    return chosen


def _is_plain(story: Story, link: Link) -> bool:
    """Say whether the interval of a correlation leaves out zero, and it is large enough to speak of."""
    low, high = (story.maybe(f"pair_correlation_{k}", a=link.a, b=link.b) for k in ("low", "high"))
    known = low is not None and high is not None and low.value * high.value > 0
    return known and abs(link.now.value) >= _LEAST_LINK


def _named(story: Story, name: str) -> str:
    found = signal(story.desk, name)
    if found is not None and found.kind == "value":
        return _FACTORS[name]
    return _NAMES[name]


def _first(story: Story, name: str) -> Piece:
    """Return the name of a signal as the first words of a sentence or a cell."""
    found, text = signal(story.desk, name), _named(story, name)
    text = text[:1].upper() + text[1:]
    if found is not None and text in story.desk.universe.instrument(found.series[0]).names:
        return story.prose.name(found.series[0], text)
    return Piece(text)


def _span(story: Story, link: Link) -> Inline:
    """Return how many changes there are, with their kind: 252 sessions, 52 weeks, 120 months."""
    p = story.prose
    return p.say("{n} " + _kind(link), n=number(story.fact("pair_observations", a=link.a, b=link.b)))


def _kind(link: Link) -> str:
    kind = "months" if link.now.recipe.params["grid"] == "months" else "sessions"
    return "weeks" if link.now.recipe.params.get("step", 1) > 1 else kind


def _earlier(link: Link) -> str:
    return "the longer record" if link.now.recipe.params["grid"] == "months" else "the decade before"


def _twins(story: Story, link: Link) -> Inline:
    p = story.prose
    tail: Inline | str = ""
    if link.before is not None:
        tail = p.say(", with {x} in " + _earlier(link), x=number(link.before, decimals=2))
    told = p.say(
        "{a} and " + _named(story, link.b) + " measure much the same thing. Over the {span} before the window their changes "
        "correlate at {r}{tail}.",
        a=_first(story, link.a), span=_span(story, link), r=number(link.now, decimals=2), tail=tail,
    )  # fmt: skip
    apart = (
        "Where one seems to back the other, they are still one piece of evidence."
        if link.now.value > 0
        else "Where one goes up as the other goes down, they are still one piece of evidence."
    )
    return p.join(told, p.say(apart))


def _told(story: Story, link: Link, again: bool) -> Inline:
    first = _changed(story, link) if link.shifted else _close(story, link)
    return story.prose.join(first, _meaning(story, link), _inside(story, link, again))


def _meaning(story: Story, link: Link) -> Inline | None:
    """Say a correlation in plain words; one that is next to none has none."""
    if abs(link.now.value) < _STEP:
        return None
    who = _WHO.get(link.a, _NAMES[link.a] + " tended to do {how}")
    up = link.now.value > 0
    told = who.format(
        how="better by comparison" if up else "worse by comparison", flow="come in" if up else "leave"
    )
    return story.prose.say(f"{_PERIODS[_kind(link)]} when {_WHEN[link.b]}, {told}.")


def _changed(story: Story, link: Link) -> Inline:
    p = story.prose
    assert link.before is not None
    a, b = _named(story, link.a), _named(story, link.b)
    now, before = number(link.now, decimals=2), number(link.before, decimals=2)
    if link.now.value * link.before.value < 0 and abs(link.before.value) >= _NO_SIGN:
        return p.say(
            "The link between " + a + " and " + b + " has turned: a correlation of {before} in " + _earlier(link)
            + " has become {now} over the {span} before the window, the {opposite} sign.",
            before=before, now=now, span=_span(story, link),
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
        "after {before} in " + _earlier(link) + ".",
        span=_span(story, link),
        now=now,
        before=before,
    )


def _close(story: Story, link: Link) -> Inline:
    p = story.prose
    r = abs(link.now.value)
    degree = " loosely" if r < _LOOSE else " closely" if r > _TIGHT else ""
    how = f" moved{degree} with " if link.now.value > 0 else f" moved{degree} the other way from "
    return p.say(
        "{a}" + how + _named(story, link.b) + " over the {span} before the window: the correlation is {r}, and can be put "
        "between {low} and {high}.",
        a=_first(story, link.a), span=_span(story, link), r=number(link.now, decimals=2),
        low=number(story.fact("pair_correlation_low", a=link.a, b=link.b), decimals=2),
        high=number(story.fact("pair_correlation_high", a=link.a, b=link.b), decimals=2),
    )  # fmt: skip


def _inside(story: Story, link: Link, again: bool) -> Inline | None:
    """Say whether the two kept to that link in the window itself."""
    gap, other = _gap_inside(story, link.a), _other_inside(story, link)
    if gap is None or other is None or is_flat(gap) or is_flat(other, 0 if other.unit is Unit.BP else 1):
        return None
    if abs(link.now.value) < _STEP or abs(gap.value) < _LEAST_GAP:
        return None
    p = story.prose
    together = (gap.value > 0) == (other.value > 0)
    kept = together == (link.now.value > 0)
    if together:
        word = p.say("the {x}", x=p.claim("same direction", "same_sign", gap, other))
    else:
        word = p.say("{x} directions", x=p.claim("opposite", "opposite", gap, other))
    if again:
        text = "The window was no exception: {word}." if kept else "The window was an exception: {word}."
    else:
        text = (
            "In the window itself they went in {word}, in keeping with that."
            if kept
            else "The window broke with that: they went in {word}."
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
    if (link.a, link.b) in _GAPS:
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
            "Changes that do not overlap, up to {start}, and those before them; sectors and the Nasdaq are measured relative to the "
            "broad index",
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
        p.cell(_first(story, link.a)),
        p.say(_named(story, link.b)),
        p.cell(number(link.now, decimals=2)),
        p.say("{a} to {b}", a=number(low, decimals=2), b=number(high, decimals=2))
        if low and high
        else p.cell("not available"),
        p.cell(number(link.before, decimals=2) if link.before else "not available"),
        _span(story, link),
    )
