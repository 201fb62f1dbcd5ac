"""Named patterns: mistakes that market articles make again and again. One module, one pattern."""

from __future__ import annotations

from collections.abc import Sequence

from rotascope.audit.passage import Passage
from rotascope.audit.patterns import bases, flows, leaders, units, windows
from rotascope.audit.patterns.base import Evidence
from rotascope.audit.readings import Readings
from rotascope.audit.verdict import Judged
from rotascope.audit.windows import Calendar
from rotascope.facts.build import Desk
from rotascope.model.press import Remark

_FINDERS = (bases.find, windows.find, flows.find, units.find, leaders.find)


def find_remarks(
    judged: Sequence[Judged],
    passages: Sequence[Passage],
    calendar: Calendar,
    readings: Readings,
    desk: Desk,
) -> list[Remark]:
    """Return what the article shows of the patterns, in the order of its text."""
    evidence = Evidence(judged, passages, calendar, readings, desk)
    found = [remark for finder in _FINDERS for remark in finder(evidence)]
    return sorted(found, key=lambda r: (r.start, r.pattern))
