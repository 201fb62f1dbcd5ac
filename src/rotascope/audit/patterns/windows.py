"""Windows that are not what the text says.

`one_day_as_month`: moves of a day, or of no stated time, where the text speaks of a month.
`week_from_monday_open`, `stale_week`: a week measured from its first open, or the week before.
"""

from __future__ import annotations

from collections.abc import Iterator

from rotascope.audit.patterns.base import Evidence, listed, remark
from rotascope.audit.verdict import Judged
from rotascope.model.numerals import render_date
from rotascope.model.press import Remark, Verdict

_LEAST = 3  # figures of sectors without a window that make a table of them


def find(evidence: Evidence) -> Iterator[Remark]:
    """Yield remarks about windows that are not what the text says."""
    for one in evidence.judged:
        found, stretch = one.figure.matching, one.link.stretch
        if one.figure.verdict is not Verdict.OTHER_BASE or found is None or stretch is None:
            continue
        window = found.reading.window
        if stretch.kind in ("month", "quarter") and "alone" in found.reading.label:
            day = render_date(window.end, "long")
            yield remark(
                "one_day_as_month",
                f"'{one.figure.text}' is the move of {day} alone, not of {stretch.text}.",
                one,
            )
        if stretch.kind == "week" and window.base == "open":
            yield remark(
                "week_from_monday_open",
                f"'{one.figure.text}' is measured from the week's first open, not from the close before it.",
                one,
            )
        elif stretch.kind == "week" and window.end <= stretch.first:
            yield remark("stale_week", f"'{one.figure.text}' is the figure of the week before.", one)
    yield from _undated_sectors(evidence)


def _undated_sectors(evidence: Evidence) -> Iterator[Remark]:
    """Figures of several sectors without a window, in a text about a month in which they were different."""
    loose = [
        j
        for j in evidence.judged
        if j.link.measure == "return"
        and j.figure.verdict is Verdict.NOT_CHECKABLE
        and j.link.subjects[0].kind == "sector"
        and j.link.stretch is not None
        and not j.link.stretch.explicit
        and j.link.stretch.kind == "month"
        and j.figure.literal is not None
    ]
    first: dict[str, Judged] = {}
    for one in loose:
        first.setdefault(one.link.literal[0].series[0], one)
    if len(first) < _LEAST:
        return
    shown = list(first.values())
    month = shown[0].link.stretch
    assert month is not None
    told = [f"{j.link.subjects[0].text} {j.figure.literal.display}" for j in shown[:4] if j.figure.literal]
    small = all(abs(j.figure.printed) <= 3 for j in shown)
    looks = " They have the size of moves of one day." if small else ""
    yield remark(
        "one_day_as_month",
        f"No window is given for the figures of {len(first)} sectors, and they are not those of "
        f"{month.text}, for "
        f"which the funds of these sectors give {listed(told)}.{looks}",
        shown[0],
    )
