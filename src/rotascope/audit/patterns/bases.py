"""`open_as_base`: changes from an open. `mixed_as_of`: figures of one text taken on different days."""

from __future__ import annotations

from collections.abc import Iterator

from rotascope.audit.patterns.base import Evidence, listed, remark
from rotascope.audit.verdict import Judged
from rotascope.model.numerals import render_date
from rotascope.model.press import Remark, Verdict


def find(evidence: Evidence) -> Iterator[Remark]:
    """Yield one remark for all figures from an open, and one for each that ends on another day."""
    changes = [j for j in evidence.judged if _other(j) and j.link.measure in ("return", "spread")]
    opened = [j for j in changes if j.figure.matching and j.figure.matching.reading.window.base == "open"]
    if opened:
        names = list(
            dict.fromkeys(
                evidence.name(j.figure.matching.reading.series[0]) for j in opened if j.figure.matching
            )
        )
        first = opened[0].figure.matching
        assert first is not None
        day = render_date(first.reading.window.start, "long")
        text = (
            f"Changes of {listed(names)} are measured from the open of {day}, not from the close before it."
        )
        lost = [
            j
            for j in opened
            if (j.figure.literal and j.figure.literal.value * float(j.figure.printed) <= 0) or _flat(j)
        ]
        if lost:
            whose = listed(
                list(
                    dict.fromkeys(
                        evidence.name(j.figure.matching.reading.series[0]) for j in lost if j.figure.matching
                    )
                )
            )
            text += f" The change of {whose} exists on the open alone."
        yield remark("open_as_base", text, opened[0])
    yield from _mixed(evidence, changes)


def _other(judged: Judged) -> bool:
    return judged.figure.verdict is Verdict.OTHER_BASE


def _flat(judged: Judged) -> bool:
    literal = judged.figure.literal
    return literal is not None and abs(literal.value) < float(judged.figure.quantum) * 5


def _mixed(evidence: Evidence, changes: list[Judged]) -> Iterator[Remark]:
    ends = {
        j.figure.matching.reading.window.end
        for j in evidence.judged
        if j.figure.verdict is Verdict.CONFIRMED and j.figure.matching and j.link.measure != "win_share"
    }
    for one in changes:
        found, literal = one.figure.matching, one.figure.literal
        if found is None or literal is None or found.reading.window.base == "open":
            continue
        end = found.reading.window.end
        if end != literal.reading.window.end and found.reading.window.start == literal.reading.window.start:
            others = [d for d in ends if d > end]
            beside = (
                f"; other figures of the text are as of {render_date(max(others), 'long')}" if others else ""
            )
            yield remark(
                "mixed_as_of",
                f"'{one.figure.text}' holds only to {render_date(end, 'long')}{beside}. To "
                f"{render_date(literal.reading.window.end, 'long')} the data give {literal.display}.",
                one,
            )
