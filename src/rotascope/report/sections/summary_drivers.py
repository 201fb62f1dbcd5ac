"""What moved with the style gap, in short: which candidates fit, for how much of it, and which do not."""

from __future__ import annotations

from rotascope.facts.metrics.drivers import candidates
from rotascope.facts.metrics.lists import count_of
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.model.units import Unit
from rotascope.report.prose import number
from rotascope.report.sections.judged import Judged, judged
from rotascope.report.story import Story

_LOOSE = 0.3  # a correlation below it is a loose one
_IN_SIGN = 0.05  # share of the gap; who goes with less fits in sign only
_USUAL = ("ten_year_yield", "high_yield_spread", "credit_spread", "oil", "volatility")


def fits(story: Story) -> Inline:
    """Say which candidates fit the style gap and for how much of it; empty with fewer than two candidates."""
    gap = judged(story)
    if gap is None:
        return Inline("")
    pair = gap.pair
    verdicts = {n: f for n in candidates(story.desk) if (f := story.maybe("driver_verdict", *pair, driver=n))}
    if len(verdicts) < 2:
        return Inline("")
    fits = abs(gap.spread.value) >= 1 and any(f.value == 1 for f in verdicts.values())
    return story.prose.join(
        _fitting(story, gap, verdicts),
        _unfitting(story, verdicts) if fits else None,
        _weak(story, pair, verdicts),
    )


def _label(story: Story, name: str) -> str:
    return str(story.desk.universe.roles["drivers"][name]["label"])


def _fitting(story: Story, gap: Judged, verdicts: dict[str, Fact]) -> Inline:
    """Name the candidate that fits and accounts for most, and say for how much of the gap."""
    p, pair = story.prose, gap.pair
    shares = [
        (share, n)
        for n, f in verdicts.items()
        if f.value == 1 and (share := _share(story, pair, n)) is not None
    ]
    if not shares:
        return p.say(
            f"None of the {{n}} candidates fits the {gap.words}.",
            n=number(count_of(story.desk, list(verdicts.values()), "candidates_counted"), "word"),
        )
    if abs(gap.spread.value) < 1:
        return p.say(f"The {gap.words} is too small to say which move goes with how much of it.")
    share, name = max(shares, key=lambda s: s[0].value)
    return _best_fit(story, gap, (share, name), _also([_label(story, n) for _, n in shares if n != name]))


def _best_fit(story: Story, gap: Judged, best: tuple[Fact, str], tail: str) -> Inline:
    """Say with how much of the gap the best candidate goes; where it implies more than came, give both."""
    p, pair, (share, name) = story.prose, gap.pair, best
    label = _label(story, name)
    opening = label[:1].upper() + label[1:] + " fits"
    by = "by the relation of the year before, its move goes with "
    if share.value < _IN_SIGN:
        return p.say(opening + " in sign only: " + by + f"next to nothing of the {gap.words}" + tail + ".")
    if share.value > 1:
        return p.say(
            opening + ": " + by + "a gap of {x} in logs, and there was one of {y}" + tail + ".",
            x=number(story.fact("driver_implied", *pair, driver=name), decimals=1),
            y=number(story.fact("driver_actual", *pair, driver=name), decimals=1),
        )
    return p.say(opening + ": " + by + f"{{x}} of the {gap.words}" + tail + ".", x=number(share))


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
