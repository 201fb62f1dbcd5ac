"""What the finders of patterns look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rotascope.audit.passage import Passage
from rotascope.audit.readings import Readings
from rotascope.audit.verdict import Judged
from rotascope.audit.windows import Calendar
from rotascope.facts.build import Desk
from rotascope.model.press import Remark


@dataclass(frozen=True, slots=True)
class Evidence:
    """An article after its figures were judged."""

    judged: Sequence[Judged]
    passages: Sequence[Passage]
    calendar: Calendar
    readings: Readings
    desk: Desk

    def name(self, series: str) -> str:
        """Return the name of a series."""
        return self.desk.universe.instrument(series).name


def remark(pattern: str, message: str, judged: Judged) -> Remark:
    """Return a remark about one figure."""
    return Remark(pattern, message, judged.figure.start, judged.figure.end)


def listed(names: Sequence[str]) -> str:
    """Return names as people list them.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
