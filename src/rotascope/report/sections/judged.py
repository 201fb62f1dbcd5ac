"""The gap that candidate drivers are set beside: of styles, or of two indices where no style funds are at hand."""

from __future__ import annotations

from dataclasses import dataclass

from rotascope.model.facts import Fact
from rotascope.report.story import Story

_NASDAQ = (
    "IXIC"  # heavy in growth shares since it was made: the nearest thing to a style where there are no funds
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A spread of two series, and the words by which the sentences call it."""

    spread: Fact
    words: str
    indices: bool  # whether its legs are indices and no style funds

    @property
    def pair(self) -> tuple[str, ...]:
        """The two series."""
        return self.spread.series[:2]


def judged(story: Story) -> Judged | None:
    """Return the gap that candidates are judged by, or None where the data gives none."""
    if story.styles:
        return Judged(story.styles[0].spread, "style gap", indices=False)
    spread = story.maybe("return_spread", _NASDAQ, story.broad_index)
    return None if spread is None else Judged(spread, "Nasdaq gap", indices=True)
