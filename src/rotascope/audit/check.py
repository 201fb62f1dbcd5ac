"""The check of one article: sentences, figures, links, verdicts, remarks."""

from __future__ import annotations

from dataclasses import replace

from rotascope.audit.link import Linker
from rotascope.audit.passage import passages
from rotascope.audit.patterns import find_remarks
from rotascope.audit.quotations import quotable
from rotascope.audit.readings import Readings
from rotascope.audit.verdict import Judge, Judged
from rotascope.audit.windows import Calendar
from rotascope.facts.build import Desk
from rotascope.model.press import CheckedArticle, SavedArticle, Verdict

_SETTLED = (Verdict.CONFIRMED, Verdict.OTHER_BASE, Verdict.ROUNDING, Verdict.CONTRADICTED)


def check(article: SavedArticle, desk: Desk) -> CheckedArticle:
    """Hold every figure of an article against the facts that the desk's day allows.

    The windows that its words mean are those of the day it appeared, or of the desk's day if it states none.
    """
    published = article.published or desk.as_of
    found = passages(article.text, desk.universe, published)
    calendar = Calendar(published, found)
    readings = Readings(desk)
    linker, judge = Linker(calendar, readings), Judge(desk, readings)
    judged = [judge.judge(link, article.text) for p in found for link in linker.links(p)]
    judged = _repeated(judged)
    remarks = find_remarks(judged, found, calendar, readings, desk)
    return CheckedArticle(
        source=article.source(),
        as_of=desk.as_of,
        figures=tuple(j.figure for j in judged),
        remarks=tuple(remarks),
        quotations=tuple(quotable(article.text, judged)),
    )


def _repeated(judged: list[Judged]) -> list[Judged]:
    """Give a figure that stands again without its window the verdict that it got where it had one."""
    settled: dict[tuple[object, ...], Judged] = {}
    out = []
    for one in judged:
        link, figure = one.link, one.figure
        key = (
            link.measure,
            tuple(s.series for s in link.subjects),
            link.mention.kind,
            abs(link.printed),
            link.role,
        )
        known = settled.get(key)
        if link.measure and known is not None and figure.verdict is Verdict.NOT_CHECKABLE and not link.sure:
            before = known.figure
            figure = replace(
                figure, verdict=before.verdict, reason=f"as above: {before.reason}", literal=before.literal,
                matching=before.matching,
            )  # fmt: skip
            one = Judged(link, figure)
        elif link.measure and figure.verdict in _SETTLED:
            settled.setdefault(key, one)
        out.append(one)
    return out
