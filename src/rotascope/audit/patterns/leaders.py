"""`sector_leader`: who is said to have led. `rank_claim`: "the best month since". `streak_length`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rotascope.audit.passage import D, Passage, S
from rotascope.audit.patterns.base import Evidence, remark
from rotascope.audit.windows import Stretch
from rotascope.model.numerals import from_number, render_date
from rotascope.model.press import Reading, Remark, Verdict

_LED = re.compile(
    (
        rf"({S})(?:\s+(?:sector|stocks|shares))?\s+(?:led\b(?!\s+(?:to|by))|was the (?:best|top)[- "
        rf"]perform\w+|were the (?:best|top)[- ]perform\w+|topped (?:the|all)|was the strongest|paced)"
    ),
    re.I,
)
_BEST = re.compile(
    (
        rf"\b(?:best|strongest|biggest|largest|widest)\s+(?:monthly\s+)?(?P<what>month|January|"
        rf"February|March|April|May|June|July|August|September|October|November|December|gain|"
        rf"performance|return|showing|advance|outperformance|lead|margin|"
        rf"gap)\b[^.;]{{0,40}}\bsince\s+(?:at least\s+)?({D})"
    ),
    re.I,
)


def find(evidence: Evidence) -> Iterator[Remark]:
    """Yield remarks about claims of rank."""
    for passage in evidence.passages:
        yield from _leader(evidence, passage)
        yield from _best_since(evidence, passage)
    for one in evidence.judged:
        if one.link.measure == "streak" and one.figure.verdict is Verdict.CONTRADICTED and one.figure.literal:
            yield remark(
                "streak_length", f"The run was {one.figure.literal.display} long, not {one.figure.text}.", one
            )


def _month_of(evidence: Evidence, passage: Passage) -> Stretch | None:
    """Return the month that a sentence is about: its own, its paragraph's, or that of the title."""
    token = next((c for c in passage.shape if re.match(f"{S}|{D}", c)), None)
    found = evidence.calendar.of(passage, token) if token else None
    return found if found is not None and found.kind in ("month", "quarter", "range", "to_date") else None


def _leader(evidence: Evidence, passage: Passage) -> Iterator[Remark]:
    for m in _LED.finditer(passage.shape):
        subject = passage.subject(m[1])
        stretch = _month_of(evidence, passage)
        if subject.kind != "sector" or stretch is None or not subject.series:
            continue
        window = stretch.literal[0].window
        order = evidence.desk.universe.role("sectors", "order")
        ranks = {s: f for s in order if (f := evidence.readings.fact(Reading("return_rank", (s,), window)))}
        own = ranks.get(subject.series[0])
        if own is None or len(ranks) < len(order) or own.value == 1:
            continue
        first = next((s for s, f in ranks.items() if f.value == 1), None)
        if first is None:
            continue
        yield Remark(
            "sector_leader",
            f"{subject.text} is said to have led. "
            f"{stretch.literal[0].label[0].upper()}{stretch.literal[0].label[1:]}, "
            f"{evidence.name(first)} led and the fund of {evidence.name(subject.series[0])} was number "
            f"{own.display} of {len(ranks)}.",
            subject.start,
            subject.end,
        )


def _best_since(evidence: Evidence, passage: Passage) -> Iterator[Remark]:
    for m in _BEST.finditer(passage.shape):
        before = [passage.subject(c) for c in re.findall(S, passage.shape[: m.start()])]
        stretch = _month_of(evidence, passage)
        since = passage.when(m[2])
        if not before or stretch is None or stretch.kind != "month" or before[0].generic:
            continue
        pair = len(before) >= 2 and re.search(r"outperform|beat|lead|margin|gap|over", passage.shape, re.I)
        series = [s for b in before[: 2 if pair else 1] for s in evidence.readings.closes(b)[:1]]
        if len(series) != (2 if pair else 1):
            continue
        found = evidence.readings.fact(
            Reading("last_as_large", tuple(series), stretch.literal[0].window, {"grid": "months"})
        )
        if found is None:
            continue
        last = from_number(found.value)
        names = " over ".join(evidence.name(s) for s in series)
        holds = last <= since.last
        verdict = "agrees" if holds else "does not agree"
        yield Remark(
            "rank_claim",
            f"'Since {since.text}' {verdict} with the data: the last month at least as good for "
            f"{names} ended on "
            f"{render_date(last, 'long')}.",
            since.start,
            since.end,
        )
