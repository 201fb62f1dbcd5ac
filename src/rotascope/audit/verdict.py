"""Verdicts: a printed figure beside the facts of its readings.

Rounding is the printed one: a figure agrees if the fact lies within half a unit of its last printed digit.
A contradiction needs words that leave no doubt, and a difference that rounding, another provider's last digit
or a fund that stands in for an index cannot explain.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from rotascope.audit.link import Link
from rotascope.audit.mentions import Kind
from rotascope.audit.readings import Readings
from rotascope.facts.build import Desk
from rotascope.model.facts import Fact
from rotascope.model.press import Answer, CheckedFigure, Reading, Verdict
from rotascope.model.units import Unit

_HALF = Decimal("0.5")
_NEAR = Decimal("1.5")  # units of the last digit in which providers and roundings of roundings differ
_FINE = Decimal("0.05")  # a unit of the last digit that is at most this share of the figure is fine
_COARSE = Decimal("0.02")
_FUND_SLACK = Decimal("0.15")  # points by which a fund and its index differ in a month: fees and dividends
_SECTOR_SLACK = Decimal("0.3")
_SLACK_A_MONTH = Decimal("0.05")
_SLACK_SHARE = Decimal("0.03")
_LEVEL_SLACK = Decimal("0.0005")
_FEW_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """A link with its figure and verdict."""

    link: Link
    figure: CheckedFigure


class Judge:
    """Gives verdicts from the facts of one desk."""

    def __init__(self, desk: Desk, readings: Readings) -> None:
        self._desk = desk
        self._readings = readings

    def judge(self, link: Link, text: str) -> Judged:
        """Return the verdict on a figure. `text`: the article, for the words as they stand."""
        if not link.literal:
            absent = "absent" in link.tags
            return _judged(link, text, Verdict.REPORTED_ONLY if absent else Verdict.NOT_CHECKABLE, link.why)
        answers = self._answers(link.literal)
        if not answers:
            why = "the database has no data for what it says, as of the day of the article"
            return _judged(link, text, Verdict.REPORTED_ONLY, why)
        for answer in answers:
            if _agrees(link, answer):
                return _judged(link, text, Verdict.CONFIRMED, _named(answer, self._desk), answer, answer)
        for answer in answers:
            if reason := self._nearly(link, answer):
                return _judged(link, text, Verdict.ROUNDING, reason, answer, answer)
        other = self._other(link)
        if other is not None:
            reason = f"holds for another reading: {_named(other, self._desk)}"
            return _judged(link, text, Verdict.OTHER_BASE, reason, answers[0], other)
        if self._contradicts(link, answers):
            reason = f"the data give {answers[0].display}: {_named(answers[0], self._desk)}"
            return _judged(link, text, Verdict.CONTRADICTED, reason, answers[0])
        return _judged(link, text, Verdict.NOT_CHECKABLE, self._doubt(link, answers[0]), answers[0])

    def _answers(self, readings: Iterable[Reading]) -> list[Answer]:
        found = ((r, self._readings.fact(r)) for r in readings)
        return [_answer(r, f) for r, f in found if f is not None]

    def _other(self, link: Link) -> Answer | None:
        """Return a reading beside the literal ones that gives the figure. Coarse figures match too easily."""
        digits = abs(link.printed) / link.mention.quantum
        if digits < _FEW_DIGITS or link.mention.bound:
            return None
        coarse = link.mention.quantum > _COARSE * abs(link.printed)
        tried = [r for r in link.others if not (coarse and r.guessed)]
        return next((a for a in self._answers(tried) if _agrees(link, a)), None)

    def _nearly(self, link: Link, answer: Answer) -> str:
        """Return why a figure that differs may still be right, or nothing."""
        if answer.unit in (Unit.SESSIONS, Unit.COUNT) or link.mention.bound:
            return ""
        off, quantum, printed = _off(link, answer), link.mention.quantum, abs(link.printed)
        fine = quantum <= _FINE * printed or (
            link.mention.kind is Kind.PERCENT and quantum <= Decimal("0.01")
        )
        if fine and off <= _NEAR * quantum:
            return f"off by the last digit from {answer.display}: {_named(answer, self._desk)}"
        slack = self._slack(link, answer)
        if slack and off <= slack + quantum * _HALF and fine:
            return f"a fund that stands in for it gives {answer.display}: {_named(answer, self._desk)}"
        return ""

    def _slack(self, link: Link, answer: Answer) -> Decimal:
        """Return by how much a fund may differ from what it stands in for, in the unit of the answer."""
        if link.measure not in ("return", "spread") or link.stretch is None or not link.stretch.explicit:
            return Decimal(0)  # without a window of its own a figure meets its slack by chance
        stand_in = [s for s in answer.reading.series if self._desk.universe.instrument(s).proxy_for]
        if not stand_in or all(s.kind == "fund" for s in link.subjects):
            return Decimal(0)
        window = answer.reading.window
        months = Decimal((window.end - window.start).days) / 30
        base = _SECTOR_SLACK if any(s.kind == "sector" for s in link.subjects) else _FUND_SLACK
        return max(base + _SLACK_A_MONTH * months, _SLACK_SHARE * abs(Decimal(repr(answer.value))))

    def _contradicts(self, link: Link, answers: Sequence[Answer]) -> bool:
        if not link.sure:
            return False
        if link.measure == "level":
            return self._level_contradicts(link, answers)
        if link.measure == "streak":
            return all(Decimal(repr(a.value)) < link.printed for a in answers)
        margin = (2 if link.mention.hedged else 1) * _NEAR * link.mention.quantum
        return all(_off(link, a) > margin + 2 * self._slack(link, a) for a in answers)

    def _level_contradicts(self, link: Link, answers: Sequence[Answer]) -> bool:
        """A level is wrong if its session never traded there, or if it is said to be a close and is not."""
        if all(self._outside_day(link, a) for a in answers):
            return True
        words = link.passage.sentence.text.lower()
        closing = any(
            w in words
            for w in ("closed at", "closed the", "finished at", "ended at", "settled at", "close of")
        )
        slack = _LEVEL_SLACK * abs(link.printed)
        return closing and all(_off(link, a) > max(slack, _NEAR * link.mention.quantum) for a in answers)

    def _outside_day(self, link: Link, answer: Answer) -> bool:
        edges = []
        for field in ("low", "high"):
            fact = self._readings.fact(replace(answer.reading, params={"field": field}))
            if fact is None:
                return False
            edges.append(Decimal(repr(fact.value)))
        slack = _NEAR * link.mention.quantum
        return not (edges[0] - slack <= link.printed <= edges[1] + slack)

    def _doubt(self, link: Link, answer: Answer) -> str:
        told = f"the data give {answer.display}: {_named(answer, self._desk)}"
        if link.stretch is not None and not link.stretch.explicit:
            return f"no window stands beside it; {told}"
        if any(s.foreign for s in link.subjects):
            return f"another provider's sectors; {told}"
        if any(s.generic for s in link.subjects):
            return f"no index is named; {told}"
        if link.measure == "return" and link.direction == 0:
            return f"the words give it no direction; {told}"
        return f"the words leave room for other readings; {told}"


def _answer(reading: Reading, fact: Fact) -> Answer:
    return Answer(reading, fact.value, fact.unit, fact.display)


def _agrees(link: Link, answer: Answer) -> bool:
    value = _comparable(link, answer)
    printed = link.printed if link.direction or link.mention.sign else abs(link.printed)
    if not (link.direction or link.mention.sign):
        value = abs(value)
    quantum = link.mention.quantum
    if link.mention.bound:
        low, high = sorted(
            (
                printed - quantum * _HALF * link.mention.bound,
                printed * (Decimal(1) + link.mention.bound * _HALF),
            )
        )
        return low <= value <= high
    return abs(value - printed) <= quantum * _HALF


def _off(link: Link, answer: Answer) -> Decimal:
    value = _comparable(link, answer)
    if not (link.direction or link.mention.sign):
        return abs(abs(value) - abs(link.printed))
    return abs(value - link.printed)


def _comparable(link: Link, answer: Answer) -> Decimal:
    """Return the fact's value in the unit in which the figure is printed."""
    value = Decimal(repr(answer.value))
    if link.mention.kind is Kind.BASIS_POINTS and answer.unit is Unit.PP:
        return value * 100
    if link.measure == "win_share" and link.mention.kind is Kind.PERCENT:
        return value * 100
    return value


def _named(answer: Answer, desk: Desk) -> str:
    """Return what a reading is about, in words: the instruments and the window."""
    names = [desk.universe.instrument(s).name for s in answer.reading.series]
    if len(names) > 2:
        return answer.reading.label
    who = " over ".join(names) if len(names) == 2 else names[0] if answer.reading.metric != "level" else ""
    return f"{who}, {answer.reading.label}" if who else answer.reading.label


def _judged(
    link: Link,
    text: str,
    verdict: Verdict,
    reason: str,
    literal: Answer | None = None,
    matching: Answer | None = None,
) -> Judged:
    mention, sentence = link.mention, link.passage.sentence
    figure = CheckedFigure(
        text=text[mention.start : mention.end],
        sentence=text[sentence.start : sentence.end],
        start=mention.start,
        end=mention.end,
        printed=link.printed,
        unit=link.unit,
        quantum=mention.quantum,
        hedged=mention.hedged,
        verdict=verdict,
        reason=reason,
        literal=literal,
        matching=matching,
    )
    return Judged(link, figure)
