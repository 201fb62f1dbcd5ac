"""Pairs of signals and how closely they moved together: which are asked, measured, and worth telling."""

from __future__ import annotations

from dataclasses import dataclass

from rotascope.model.facts import Fact
from rotascope.report.story import Story
from rotascope.report.words import ranked

TWIN = 0.8  # two gaps that correlate so closely are counted as one
_LINK = 0.3
_LEAST_LINK = 0.2  # a smaller correlation is not told as a link, however sure it is
_SHIFT, STEP = 3.0, 0.15  # standard errors, and correlation, by which a link has changed
_RELEVANT = 1.5  # how much more a link weighs that bears on what the article is about
# Pairs of gaps can be one thing measured twice; the others set a gap beside something outside of the market.
GAPS = (
    ("equal_weight", "style"),
    ("equal_weight", "size"),
    ("style", "size"),
    ("nasdaq", "style"),
)
OUTSIDE = (
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
_PLURAL = ("XLE", "XLF", "XLU", "XLK")


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
        return abs(self.shift) >= _SHIFT and abs(self.step) >= STEP


def closeness(link: Link) -> float:
    """Prefer the pair with equal weights: the Nasdaq's likeness to growth is no news."""
    return abs(link.now.value) - (0.2 if link.a == "nasdaq" else 0.0)


def notable(link: Link) -> float:
    """Return how much a link has to say: how close it is, and how far it lies from the longer record."""
    return abs(link.now.value) + abs(link.step)


def link_of(story: Story, a: str, b: str) -> Link | None:
    """Return a pair of signals with its correlation, or None where the data does not give it."""
    now = story.maybe("pair_correlation", a=a, b=b)
    if now is None:
        return None
    shift = story.maybe("pair_correlation_shift", a=a, b=b)
    before = story.maybe("pair_correlation_before", a=a, b=b) if shift is not None else None
    return Link(a, b, now, before, 0.0 if shift is None else shift.value)


def choose(story: Story, links: list[Link]) -> list[Link]:
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
    outside = [k for k in links if (k.a, k.b) in OUTSIDE and not {k.a, k.b} & used]
    close = [k for k in outside if abs(k.now.value) * weight(k) >= _LINK and is_plain(story, k)]
    if close:
        chosen.append(max(close, key=lambda k: abs(k.now.value) * weight(k)))
    return chosen


def is_plain(story: Story, link: Link) -> bool:
    """Say whether the interval of a correlation leaves out zero, and it is large enough to speak of."""
    low, high = (story.maybe(f"pair_correlation_{k}", a=link.a, b=link.b) for k in ("low", "high"))
    known = low is not None and high is not None and low.value * high.value > 0
    return known and abs(link.now.value) >= _LEAST_LINK
