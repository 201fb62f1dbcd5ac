"""Relative rotation: where the small index and the sectors stand against the broad one, and how surely."""

from __future__ import annotations

from rotascope.facts.metrics.lists import parameter_of
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.model.units import Unit
from rotascope.report.charts.rotation import chart
from rotascope.report.parts import Part, Parts, TablePart, heading, paragraph
from rotascope.report.prose import Piece, number
from rotascope.report.story import Story

_WORDS = {1: "leading", 2: "weakening", 3: "lagging", 4: "improving"}
_LEAST = 4
_HALF = 0.5  # of the settings; a word that fewer of them give is a doubtful one


def write(story: Story) -> Parts:
    """Place each line against its benchmark at the end of the window."""
    broad = story.desk.first_available(story.desk.universe.role("weighting", "cap"))
    names = [f.series[0] for f in story.sectors]
    placed = [(s, q) for s in names if broad and (q := _quadrant(story, s, broad)) is not None]
    if broad is None or len(placed) < _LEAST:
        return []
    main, note = _main(story), Part("note", _explain(story, placed[0][1]))
    drawn = chart(story, placed, broad)
    told = [] if main is None else [paragraph(main)]
    return [heading("Relative rotation", 3), *told, note, *drawn, _table(story, placed, broad)]


def _quadrant(story: Story, series: str, benchmark: str) -> Fact | None:
    fact = story.maybe("rotation_quadrant", series, benchmark)
    return fact if fact is not None and int(fact.value) in _WORDS else None


def _word(story: Story, quadrant: Fact) -> Piece:
    code = int(quadrant.value)
    return story.prose.claim(_WORDS[code], "quadrant_is", quadrant, k=code)


def _explain(story: Story, quadrant: Fact) -> Inline:
    p = story.prose
    trend = parameter_of(story.desk, quadrant, "trend", Unit.SESSIONS)
    momentum = parameter_of(story.desk, quadrant, "momentum", Unit.SESSIONS)
    return p.say(
        "Strength compares a relative line with its own average of {n}, momentum compares strength with its average of {m}; a "
        "hundred is even, and a line beyond it on each axis counts as leading.",
        n=number(trend),
        m=number(momentum),
    )


def _main(story: Story) -> Inline | None:
    small, broad = story.size_indices
    quadrant = _quadrant(story, small, broad)
    if quadrant is None:
        return None
    p = story.prose
    share = story.maybe("rotation_stability", small, broad)
    if share is None:
        sure: Inline | str = ""
    elif share.value == 1:
        sure = ", as every one of the settings tried has it"
    elif share.value < _HALF:
        sure = p.say(", though only {x} of the settings tried say the same", x=number(share))
    else:
        sure = p.say(", as {x} of the settings tried have it", x=number(share))
    return p.say(
        "Relative to the {broad}, the {small} ended the window {word}{sure}. Its strength was {s}, its momentum {m}.",
        small=p.name(small),
        s=number(story.fact("rotation_strength", small, broad), decimals=1),
        m=number(story.fact("rotation_momentum", small, broad), decimals=1),
        broad=p.name(broad),
        word=_word(story, quadrant),
        sure=sure,
    )


def _table(story: Story, placed: list[tuple[str, Fact]], broad: str) -> TablePart:
    p = story.prose
    return TablePart(
        caption=p.say("Sector funds relative to the {broad} at the end of the window", broad=p.name(broad)),
        header=tuple(
            p.cell(t) for t in ("Sector", "Strength", "Momentum", "Quadrant", "Settings that say so")
        ),
        rows=tuple(
            _row(story, s, broad, q) for s, q in sorted(placed, key=lambda item: (item[1].value, item[0]))
        ),
    )


def _row(story: Story, series: str, broad: str, quadrant: Fact) -> tuple[Inline, ...]:
    p = story.prose
    share = story.maybe("rotation_stability", series, broad)
    return (
        p.cell(p.name(series)),
        p.cell(number(story.fact("rotation_strength", series, broad), decimals=1)),
        p.cell(number(story.fact("rotation_momentum", series, broad), decimals=1)),
        p.cell(_word(story, quadrant)),
        p.cell(number(share) if share else "not available"),
    )
