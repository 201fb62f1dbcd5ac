"""What a figure is about: the measure, the instruments, the window; or why that cannot be told.

A figure may have several literal readings, all of which its words allow. What the words do not allow, but is
often meant, stands in `others`. Everything here errs on the side of not understanding.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from rotascope.audit import words
from rotascope.audit.mentions import Kind, Mention
from rotascope.audit.names import Subject
from rotascope.audit.pairs import find_pair
from rotascope.audit.passage import D, M, Passage, S
from rotascope.audit.readings import Readings
from rotascope.audit.windows import Calendar, Stretch
from rotascope.model.press import Reading
from rotascope.model.units import Unit

_UNITS = {Kind.PERCENT: Unit.PERCENT, Kind.POINTS: Unit.PP, Kind.BASIS_POINTS: Unit.BP}


@dataclass(frozen=True, slots=True)
class Link:
    """A figure with what it is about.

    measure: return, spread, level, level_change, flow, streak, rate, rate_change, win_share; empty where that
    cannot be told, and `why` says why. direction: +1, -1 for what the words say of the sign, 0 if they say
    nothing. sure: the words leave no doubt about instrument, window and sign, so that data may contradict.
    """

    mention: Mention
    passage: Passage
    measure: str = ""
    subjects: tuple[Subject, ...] = ()
    direction: int = 0
    literal: tuple[Reading, ...] = ()
    others: tuple[Reading, ...] = ()
    stretch: Stretch | None = None
    sure: bool = False
    why: str = ""
    role: str = ""
    unit: Unit | None = None
    tags: frozenset[str] = field(default_factory=frozenset)

    @property
    def printed(self) -> Decimal:
        """The printed number with the sign that digits and words give it."""
        return self.mention.value if self.mention.sign else self.mention.value * (self.direction or 1)


class Linker:
    """Links the figures of one article."""

    def __init__(self, calendar: Calendar, readings: Readings) -> None:
        self._calendar = calendar
        self._readings = readings

    def links(self, passage: Passage) -> list[Link]:
        """Return a link for each figure of a sentence. Dates, names and marks are no figures."""
        return [
            self._link(passage, m)
            for m in passage.mentions
            if m.kind not in (Kind.MARK, Kind.TENOR) and not (m.kind is Kind.NUMBER and _is_idle(m, passage))
        ]

    def _link(self, passage: Passage, mention: Mention) -> Link:
        token = passage.token(mention)
        before = passage.shape[: passage.shape.index(token)]
        if words.SUPPOSED.search(before) and not words.WINDOWS.search(passage.shape):
            return Link(
                mention, passage, why="a forecast, an average or a supposition, not a statement of what was"
            )
        if words.INTRADAY.search(passage.shape):
            return Link(
                mention, passage, why="a level or move inside a session; only opens and closes are kept"
            )
        if mention.upper is not None:
            return Link(mention, passage, why="a range, not one figure")
        for attempt in (self._win_share, self._pair, self._flow, self._rate, self._single):
            found = attempt(passage, mention, token)
            if found is not None:
                return found
        return Link(mention, passage, why="the text does not tie it to an instrument that is known here")

    # -- two instruments ----------------------------------------------------------------------------------

    def _pair(self, passage: Passage, mention: Mention, token: str) -> Link | None:
        found = find_pair(passage, token)
        if found is None:
            return None
        first, second, way = found
        if mention.kind is Kind.COUNT:
            return self._streak(passage, mention, token, first, second, way)
        if mention.kind not in (Kind.PERCENT, Kind.POINTS, Kind.BASIS_POINTS):
            return None
        stretch = self._calendar.of(passage, token)
        pairs = self._readings.pairs(first, second)
        if not pairs:
            return self._absent(passage, mention, (first, second), "spread")
        literal, others = self._readings.spreads(pairs, stretch)
        tags = {"percent_for_points"} if mention.kind is Kind.PERCENT else set()
        unit = Unit.BP if mention.kind is Kind.BASIS_POINTS else Unit.PP
        return Link(
            mention, passage, "spread", (first, second), way, literal, others, stretch,
            sure=stretch.explicit and way != 0 and _plain(first) and _plain(second)
            and mention.bound == 0 and unit is Unit.PP,
            unit=unit, tags=frozenset(tags),
        )  # fmt: skip

    def _streak(
        self, passage: Passage, mention: Mention, token: str, first: Subject, second: Subject, way: int
    ) -> Link | None:
        if mention.noun not in ("session", "day") or way == 0:
            return Link(mention, passage, why="a run that is not counted in sessions")
        if not words.RUN.search(passage.shape + mention.text):
            return Link(mention, passage, why="a count of sessions that is not said to be a run")
        if way < 0:
            first, second = second, first
        pairs = self._readings.pairs(first, second, like=False)
        if not pairs:
            return self._absent(passage, mention, (first, second), "streak")
        stretch = self._calendar.of(passage, token)
        literal, others = self._readings.streaks(pairs, stretch, int(mention.value))
        return Link(
            mention, passage, "streak", (first, second), 1, literal, others, stretch,
            sure=stretch.explicit and stretch.kind == "range" and not (first.generic or second.generic),
            unit=Unit.SESSIONS,
        )  # fmt: skip

    def _win_share(self, passage: Passage, mention: Mention, token: str) -> Link | None:
        if mention.kind not in (Kind.SHARE, Kind.PERCENT) or not words.WINDOWS.search(passage.shape):
            return None
        lengths = [
            m
            for m in passage.mentions
            if m.kind in (Kind.TENOR, Kind.COUNT) and m.value == 10 and "year" in m.text
        ]
        decade = lengths or re.search(r"\bdecades?\b", passage.shape)
        roles = {s.series[0]: s for s in passage.subjects if s.generic}
        if not decade or "small" not in roles or "large" not in roles:
            return None
        if not re.search(rf"\b(?:{words.AHEAD})\b", passage.shape, re.I):
            return None
        subjects = (roles["small"], roles["large"])
        literal, others = self._readings.win_shares(120)
        if not literal:
            return self._absent(passage, mention, subjects, "win_share")
        return Link(mention, passage, "win_share", subjects, 1, literal, others, None, unit=Unit.SHARE)

    # -- one instrument -----------------------------------------------------------------------------------

    def _single(self, passage: Passage, mention: Mention, token: str) -> Link | None:
        at = passage.shape.index(token)
        found = _nearest(passage, at)
        if found is None:
            return None
        subject, between, after = found
        if trouble := _trouble(between, after, passage, at):
            return Link(mention, passage, subjects=(subject,), why=trouble)
        if mention.kind is Kind.PERCENT:
            return self._return(passage, mention, token, subject, between, after)
        if mention.kind in (Kind.NUMBER, Kind.MONEY, Kind.POINTS) and not mention.scaled:
            return self._level(passage, mention, token, subject, between)
        return None

    def _return(
        self, passage: Passage, mention: Mention, token: str, subject: Subject, between: str, after: str
    ) -> Link | None:
        series = self._readings.closes(subject)
        if not series:
            return self._absent(passage, mention, (subject,), "return")
        direction = 1 if mention.sign else words.direction(between, after)
        stretch = self._calendar.of(passage, token)
        literal, others = self._readings.returns(series, stretch)
        plain_words = bool(
            words.UP.search(between + after) or words.DOWN.search(between + after) or mention.sign
        )
        return Link(
            mention, passage, "return", (subject,), direction, literal, others, stretch,
            sure=stretch.explicit and direction != 0 and plain_words and _plain(subject)
            and mention.bound == 0,
            unit=Unit.PERCENT,
        )  # fmt: skip

    def _level(
        self, passage: Passage, mention: Mention, token: str, subject: Subject, between: str
    ) -> Link | None:
        if subject.kind not in ("index", "fund") or mention.bound:
            return None
        tail = passage.shape[: passage.shape.index(token)][-40:]
        series = self._readings.closes(subject)[:1]
        if not series:
            return (
                self._absent(passage, mention, (subject,), "level")
                if words.LEVEL_BEFORE.search(tail)
                else None
            )
        stretch = self._calendar.of(passage, token)
        if mention.kind is Kind.POINTS and not mention.percentage and not words.LEVEL_BEFORE.search(tail):
            return self._points(passage, mention, subject, series, stretch, between)
        if not words.LEVEL_BEFORE.search(tail) or not self._readings.plausible(series[0], mention.value):
            return None
        role = "start" if words.START_BEFORE.search(tail) else "end"
        literal, others = self._readings.levels(series[0], stretch, role)
        round_number = mention.value % 100 == 0 and mention.quantum >= 1
        return Link(
            mention, passage, "level", (subject,), 1, literal, others, stretch,
            sure=stretch.explicit and not mention.hedged and not round_number and mention.quantum < 1,
            role=role, unit=Unit.INDEX_LEVEL,
            tags=frozenset({"dollars"} if mention.dollars and subject.kind == "index" else ()),
        )  # fmt: skip

    def _points(
        self,
        passage: Passage,
        mention: Mention,
        subject: Subject,
        series: tuple[str, ...],
        stretch: Stretch,
        between: str,
    ) -> Link | None:
        direction = 1 if mention.sign else words.direction(between, "")
        if direction == 0 or subject.kind != "index":
            return None
        literal, others = self._readings.level_changes(series[0], stretch)
        return Link(
            mention, passage, "level_change", (subject,), direction, literal, others, stretch,
            sure=stretch.explicit and mention.quantum < 1, unit=Unit.INDEX_LEVEL,
        )  # fmt: skip

    def _flow(self, passage: Passage, mention: Mention, token: str) -> Link | None:
        if mention.kind is not Kind.MONEY or not mention.scaled:
            return None
        at = passage.shape.index(token)
        before, after = passage.shape[:at], passage.shape[at + 1 : at + 60]
        near = re.split(M, before)[-1] + " " + re.split(rf"{M}|{S}", after)[0]
        way = (1 if words.IN.search(near) else 0) - (1 if words.OUT.search(near) else 0)
        found = _nearest(passage, at)
        if way == 0 or found is None or found[0].kind != "fund":
            return None
        series = found[0].series[:1]
        if not self._readings.has_flows(series[0]):
            return self._absent(passage, mention, (found[0],), "flow")
        stretch = self._calendar.of(passage, token)
        literal, others = self._readings.flows(series[0], stretch)
        return Link(
            mention, passage, "flow", (found[0],), 1 if mention.sign else way, literal, others, stretch,
            sure=stretch.explicit and stretch.kind in ("day", "month"), unit=Unit.USD_M,
        )  # fmt: skip

    def _rate(self, passage: Passage, mention: Mention, token: str) -> Link | None:
        at = passage.shape.index(token)
        found = _nearest(passage, at)
        if found is None or found[0].kind != "rate":
            return None
        subject, between, after = found
        if not subject.series or not self._readings.has_rate(subject.series[0]):
            return self._absent(passage, mention, (subject,), "rate")
        stretch = self._calendar.of(passage, token)
        tail = passage.shape[:at][-30:]
        if mention.kind is Kind.PERCENT and words.YIELD_BEFORE.search(tail):
            literal, others = self._readings.rates(subject.series[0], stretch)
            return Link(
                mention,
                passage,
                "rate",
                (subject,),
                1,
                literal,
                others,
                stretch,
                sure=stretch.explicit and not mention.hedged and not mention.bound,
                unit=Unit.PERCENT,
            )
        direction = 1 if mention.sign else words.direction(between, after)
        if mention.kind is Kind.BASIS_POINTS and direction:
            literal, others = self._readings.rate_changes(subject.series[0], stretch)
            return Link(
                mention,
                passage,
                "rate_change",
                (subject,),
                direction,
                literal,
                others,
                stretch,
                sure=stretch.explicit and not mention.bound,
                unit=Unit.BP,
            )
        return Link(
            mention,
            passage,
            subjects=(subject,),
            why="the text does not say whether it is a yield or its change",
        )

    def _absent(
        self, passage: Passage, mention: Mention, subjects: tuple[Subject, ...], measure: str
    ) -> Link:
        names = " and ".join(dict.fromkeys(s.text for s in subjects))
        what = "flows" if measure == "flow" else "data"
        return Link(
            mention, passage, measure, subjects, unit=_UNITS.get(mention.kind), tags=frozenset({"absent"}),
            why=f"the database holds no {what} for it ({names})",
        )  # fmt: skip


def _nearest(passage: Passage, at: int) -> tuple[Subject, str, str] | None:
    """Return the instrument of a number, the words between them, and the words after the number.

    The number may stand right before its instrument ("a 1.2% gain for the Dow"); else the last one before
    it in the sentence is the one, if no other number of an instrument of its own comes between.
    """
    shape = passage.shape
    after = re.split(rf"[;:]|{S}|{M}|\bwhile\b|\bwhereas\b|\bbut\b|, ", shape[at + 1 :])[0]
    behind = re.match(rf"(\s+(?:\w+\s+){{0,2}}(?:for|in|by|from|on)\s+(?:the\s+)?)({S})", shape[at + 1 :])
    previous = [i for i in range(at) if re.match(S, shape[i])]
    parted = re.compile(r"[,;:]|\b(?:and|while|against|versus|compared)\b")
    if behind and not (previous and not parted.search(shape[previous[-1] : at])):
        return passage.subject(behind[2]), "", after
    if not previous:
        return None
    between = shape[previous[-1] + 1 : at]
    if len(between) > 120 or re.search(r"[;:]", between) or between.startswith(("-", "/")):
        return None
    return passage.subject(shape[previous[-1]]), between, after


def _trouble(between: str, after: str, passage: Passage, at: int) -> str:
    """Return why words around a number forbid to take it for the instrument's own price, or nothing."""
    bare = words.BOUND.sub("", re.sub(rf"{S}|{M}|{D}", " ", between))
    if words.CAPITAL.search(bare):
        return "another name stands between it and the instrument"
    topic = words.TOPICS.search(bare) or words.TOPICS.search(after[:45])
    if topic:
        return f"it is about something else than a price ('{topic[0]}')"
    if re.match(r"\s+of\b", passage.shape[at + 1 :]):
        return "a share of something, not a move"
    if words.CLAUSE.search(bare):
        return "it stands in another clause than the instrument"
    return ""


def _plain(subject: Subject) -> bool:
    """Return whether a name means one series and no other."""
    return not (subject.generic or subject.foreign)


def _is_idle(mention: Mention, passage: Passage) -> bool:
    """Return whether a bare number is a year or a small number of something that is not said."""
    return mention.value < 32 or (
        mention.value == mention.value.to_integral_value()
        and 1900 <= mention.value <= 2100
        and "," not in mention.text
    )
