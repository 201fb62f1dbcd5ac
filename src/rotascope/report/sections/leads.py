"""The leads in style and in size that the outlook judges: whose they are, how they are called, where half is gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rotascope.facts.metrics.sequels import trigger_of
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.report.prose import Piece
from rotascope.report.sections.rarity import leader_first, short_names
from rotascope.report.story import Pair, Story
from rotascope.report.words import is_flat

LEAST_LEAD = 1.0  # points, or percent of a factor; what follows a smaller one is not looked up
_YEARS = 3 * 366  # days; half of a lead that took longer is not lost in a quarter
Choice = int | str


@dataclass(frozen=True, slots=True)
class Lead:
    """One lead: a spread whose first leg was ahead, or a factor with the sign that it has.

    names: which name of each series the text uses.
    """

    kind: str
    fact: Fact
    names: tuple[Choice, ...]

    @property
    def paired(self) -> bool:
        """Whether two series are compared."""
        return len(self.names) == 2


def called(story: Story, lead: Lead, leg: int, of: Piece | None = None, role: str = "") -> Inline:
    """Return the name of one side of a lead, with the article that an index takes."""
    p = story.prose
    series = lead.fact.series[leg]
    article = "the " if story.desk.universe.instrument(series).kind == "index" else ""
    return p.say(article + "{x}", x=p.name(series, choice_of(lead, leg), of=of, role=role))


def choice_of(lead: Lead, leg: int) -> Choice:
    """Return which name of a side is used: the big companies are "large ones" only after the small ones."""
    chosen = lead.names[leg]
    return "large companies" if chosen == "large ones" and leg == 0 else chosen


def leads(story: Story) -> list[Lead]:
    """Return the leads in style and in size, as far as the data gives them; else that between two indices."""
    style = _of_pairs(story, "style", story.styles) or _of_factor("style", story.value_factor)
    size = (
        _of_pairs(story, "size", story.sizes) or _of_indices(story) or _of_factor("size", story.size_factor)
    )
    found = [lead for lead in (style, size) if lead is not None]
    return [lead for lead in found if not is_flat(lead.fact)]


def _of_pairs(story: Story, kind: str, pairs: Sequence[Pair]) -> Lead | None:
    return of_pair(story, kind, pairs[0]) if pairs else None


def of_pair(story: Story, kind: str, pair: Pair) -> Lead:
    """Return the lead of a family's pair, the leg that was ahead in front."""
    names = short_names(story, pair)
    first = pair.spread.value >= 0
    fact = pair.spread if first else story.fact("return_spread", *leader_first(pair))
    return Lead(kind, fact, names if first else names[::-1])


def _of_factor(kind: str, fact: Fact | None) -> Lead | None:
    return None if fact is None else Lead(kind, fact, (0,))


def _of_indices(story: Story) -> Lead | None:
    """Return the lead between the small and the broad index, or between the two indices that there are."""
    roles = story.desk.universe
    legs = list(story.size_indices)
    spread = story.maybe("return_spread", *legs)
    if spread is None and len(story.indices) == 2 and story.size_factor is None:
        legs = [f.series[0] for f in story.indices]
        spread = story.maybe("return_spread", *legs)
    if spread is None:
        return None
    fact = spread if spread.value >= 0 else story.fact("return_spread", *legs[::-1])
    return Lead("size" if legs[0] in roles.role("indices", "small") else "index", fact, (0, 0))


def first_role(story: Story, lead: Lead) -> bool:
    """Say whether value, or small companies, are the side in front."""
    if not lead.paired:
        return lead.fact.value > 0
    families = story.desk.universe.families
    if lead.kind == "style":
        return any(lead.fact.series[0] in family.value for family in families)
    small = {s for family in families for s in family.small}
    return lead.fact.series[0] in small | set(story.desk.universe.role("indices", "small"))


def owner(story: Story, lead: Lead, *, front: bool = True) -> str:
    """Return in plain words whose lead it is, or who is behind; empty for a lead between two indices."""
    front = first_role(story, lead) is front
    words = {
        "style": ("value shares", "growth shares"),
        "size": ("small companies", "big companies"),
    }.get(lead.kind, ("", ""))
    return words[0] if front else words[1]


def half_of(story: Story, lead: Lead) -> Fact | None:
    """Return the level at which half of a lead is gone, rounded as it is printed; None for small or very long ones."""
    if abs(lead.fact.value) < LEAST_LEAD or took_years(story):
        return None
    test = "below" if lead.fact.value > 0 else "above"
    return trigger_of(story.desk, lead.fact, test, round(lead.fact.value / 2, 1))


def took_years(story: Story) -> bool:
    """Say whether the window is so long that a quarter is no test of its leads."""
    return (story.window.end - story.window.start).days > _YEARS
