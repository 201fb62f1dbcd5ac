"""The windows that a sentence may mean: the literal ones, and those that people confuse with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from rotascope.audit.dates import When
from rotascope.audit.passage import D, M, Passage, S
from rotascope.ingest import calendar
from rotascope.model.errors import BadWindowError
from rotascope.model.facts import Window
from rotascope.model.numerals import render_date

_BACK = 10  # sessions before the article in which a figure may have been taken
_DAY = timedelta(days=1)
_JOIN = r"\s*(?:,?\s*(?:to|through|until|till|and|vs\.?)\s+(?:the\s+|on\s+)?|[-–—]\s*)"
_RANGE = re.compile(rf"({D}){_JOIN}({D})")
_SINCE = re.compile(
    rf"\b(?:since|from)\s+(?P<edge>(?:the\s+)?(?:start|beginning|end|close) of\s+|early\s+|"
    rf"late\s+|mid-?\s*)?({D})(?P<on>\s+on(?:ward)?)?"
)
_SUPERLATIVE = re.compile(
    rf"\b(?:best|strongest|largest|biggest|widest|worst|highest|lowest|first|most|longest|fastest|steepest|record|time)\b[^,;{S[1:-1]}]{{0,60}}\bsince\s+(?:the\s+|early\s+|late\s+)*({D})"
)
_SAME_PERIOD = re.compile(
    r"\b(?:during|over|in|for) (?:this|that|the|the same) (?:same )?(?:period|stretch|span|time|"
    r"window|interval)\b"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A window with words that set it apart. `guessed`: nothing in the article names it."""

    window: Window
    label: str
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a sentence says of time. `first`, `last`: the days it names. explicit: it stands in the sentence.

    literal: the windows that the words mean; others: windows that are taken for them. text: the days named.
    """

    kind: str  # range, since, day, week, month, quarter, year, to_date, none
    first: date
    last: date
    literal: tuple[Choice, ...]
    others: tuple[Choice, ...]
    explicit: bool
    text: str = ""


class Calendar:
    """The days of one article: when it appeared, the closes it could know, and the sessions it names."""

    def __init__(self, published: date, passages: list[Passage]) -> None:
        self.published = published
        newest = calendar.previous_session(published)
        before = calendar.previous_session(published - _DAY)
        # an article may be written before the close of its own day, or after it
        self.ends: tuple[date, ...] = (before, newest) if newest != before else (before,)
        named = {w.last for p in passages for w in p.dates if w.grain == "day" and w.last <= published}
        self.named = tuple(sorted(d for d in named if _is_session(d)))
        self.passages = passages
        self._known: dict[int, list[tuple[int, Stretch]]] = {}

    def of(self, passage: Passage, token: str) -> Stretch:
        """Return the stretch of time that a number of a sentence is about."""
        own = self._own(passage, token)
        if own is not None:
            return own
        index = self.passages.index(passage)
        same = [p for p in self.passages[:index] if p.sentence.paragraph == passage.sentence.paragraph]
        for earlier in reversed(same):
            found = self._all(earlier)
            if found:
                told = found[-1][1]
                return replace(
                    told, explicit=bool(_SAME_PERIOD.search(passage.shape)) and told.kind == "range"
                )
        return self._of_article()

    def _of_article(self) -> Stretch:
        """Return what an article without any date means: the period in its title, or its own day."""
        for passage in self.passages[:3]:
            for _, told in self._all(passage):
                if told.kind in ("month", "quarter", "year", "week"):
                    return replace(told, explicit=False)
        days = tuple(Choice(_session(d), f"on {_say(d)}") for d in reversed(self.ends))
        return Stretch("none", self.published, self.published, days, (), False)

    def _own(self, passage: Passage, token: str) -> Stretch | None:
        found = self._all(passage)
        if not found:
            return None
        shape, at = passage.shape, passage.shape.index(token)
        after = [(p, s) for p, s in found if p > at]
        if (
            after
            and not re.search(f"{S}|[;]", shape[at + 1 : after[0][0]])
            and not re.search(M, shape[at + 1 : after[0][0]])
        ):
            return after[0][1]
        before = [(p, s) for p, s in found if p < at]
        if before:
            return before[-1][1]
        return (
            after[0][1]
            if len({(s.first, s.last) for _, s in after}) == 1
            else replace(after[0][1], explicit=False)
        )

    def _all(self, passage: Passage) -> list[tuple[int, Stretch]]:
        """Return all stretches of a sentence with their places in its shape."""
        key = passage.sentence.start
        if key not in self._known:
            found = {at: told for at, make in self._makers(passage) if (told := _tried(make)) is not None}
            self._known[key] = sorted(found.items())
        return self._known[key]

    def _makers(self, passage: Passage) -> Iterator[tuple[int, Callable[[], Stretch | None]]]:
        """Yield a place and a function for each stretch; what a longer pattern took, a shorter one leaves."""
        shape = _blank(passage.shape, [m.span(1) for m in _SUPERLATIVE.finditer(passage.shape)])
        taken: list[tuple[int, int]] = []
        for m in _RANGE.finditer(shape):
            one, other = passage.when(m[1]), passage.when(m[2])
            if one.grain == other.grain and one.grain in ("day", "month") and one.first < other.first:
                taken.append(m.span())
                yield m.start(), partial(self._range, one, other)
        shape, taken = _blank(shape, taken), []
        for m in _SINCE.finditer(shape):
            if m[0].startswith("since") or m["on"] or (m["edge"] and "end" in m["edge"]):
                taken.append(m.span(2))
                yield m.start(2), partial(self._since, passage.when(m[2]), m["edge"] or "")
        for m in re.finditer(D, _blank(shape, taken)):
            yield m.start(), partial(self._single, passage.when(m[0]))

    # -- the kinds of stretch -----------------------------------------------------------------------------

    def _range(self, one: When, other: When) -> Stretch:
        first, last = one.first, min(other.last, self.published)
        end = _before(last)
        literal = [
            Choice(Window(_before(first - _DAY), end), f"from the close before {_say(first)} to {_say(end)}")
        ]
        if one.grain == "day" and _before(first) < end and _is_session(first):
            literal.append(Choice(Window(first, end), f"from the close of {_say(first)} to {_say(end)}"))
        return self._made("range", first, last, literal, f"{one.text} to {other.text}")

    def _since(self, when: When, edge: str) -> Stretch:
        after = "end" in edge or when.grain == "day"
        starts = [_before(when.last)] if after else [_before(when.first - _DAY)]
        if when.grain == "day" and _is_session(when.first):
            starts.append(_before(when.first - _DAY))
        literal = [
            Choice(Window(start, end), f"from the close of {_say(start)} to {_say(end)}")
            for start in starts
            for end in self.ends
            if start < end
        ]
        more = []
        if when.grain in ("month", "year", "quarter") and not after:
            start = _before(when.last)
            more = [
                Choice(Window(start, e), f"from the end of {when.text}, {_say(start)}, to {_say(e)}")
                for e in self.ends
                if start < e
            ]
        return self._made("since", when.first, self.published, literal, when.text, more)

    def _single(self, when: When) -> Stretch | None:
        if when.first > self.published:
            return None
        last = min(when.last, self.published)
        if when.grain == "day":
            if not _is_session(when.first):
                return None
            near = [
                Choice(_session(d), f"on {_say(d)}")
                for d in (_step(when.first, -1), _step(when.first, 1))
                if d <= self.published
            ]
            return self._made(
                "day",
                when.first,
                last,
                [Choice(_session(when.first), f"on {_say(when.first)}")],
                when.text,
                near,
            )
        start = _before(when.first - _DAY)
        # a month is over with its last session
        open_end = when.grain == "to_date" or _before(when.last) > self.published
        ends = self.ends if open_end else (_before(last),)
        literal = [
            Choice(Window(start, e), f"from the close of {_say(start)} to {_say(e)}")
            for e in ends
            if start < e
        ]
        more = []
        if when.grain == "week":
            earlier = _before(start - timedelta(days=7))
            more = [Choice(Window(earlier, start), f"in the week before, to {_say(start)}")]
        if when.grain in ("month", "quarter", "year") and not open_end:
            later = (_before(last) for last in (*self.ends,))
            more += [
                Choice(
                    Window(start, e),
                    f"from the close of {_say(start)} to {_say(e)}, not to the end of {when.text}",
                )
                for e in later
            ]
            more += [Choice(_session(e), f"on {_say(e)} alone") for e in self.ends]
        return self._made(when.grain, when.first, last, literal, when.text, more) if literal else None

    def _made(
        self,
        kind: str,
        first: date,
        last: date,
        literal: list[Choice],
        text: str,
        more: list[Choice] | None = None,
    ) -> Stretch:
        others = [o for choice in literal if (o := _from_open(choice.window))]
        others += more or []
        if kind in ("since", "to_date", "range"):
            others += self._other_ends(literal)
        seen = {c.window for c in literal}
        fresh: list[Choice] = []
        for choice in others:
            if choice.window not in seen:
                seen.add(choice.window)
                fresh.append(choice)
        return Stretch(kind, first, last, tuple(literal), tuple(fresh), True, text)

    def _other_ends(self, literal: list[Choice]) -> list[Choice]:
        """Return the same bases with an earlier end: days that the article names first, then the nearest."""
        back = calendar.sessions(self.ends[0] - timedelta(days=3 * _BACK), self.ends[0]).tolist()[::-1][
            :_BACK
        ]
        days = [(d, False) for d in self.named] + [(d, True) for d in back]
        return [
            Choice(
                Window(c.window.start, d), f"from the close of {_say(c.window.start)} to {_say(d)}", guessed
            )
            for d, guessed in days
            for c in literal
            if c.window.start < d
        ]


def _blank(shape: str, spans: list[tuple[int, int]]) -> str:
    """Return a shape of the same length with some places made empty."""
    for first, last in spans:
        shape = shape[:first] + "\x00" * (last - first) + shape[last:]
    return shape


def _tried(make: Callable[[], Stretch | None]) -> Stretch | None:
    """Return a stretch, or None where the exchange's calendar does not know its days."""
    try:
        return make()
    except BadWindowError:
        return None


def _from_open(window: Window) -> Choice | None:
    opened = calendar.next_session(window.start + _DAY)
    if opened > window.end or window.base == "open":
        return None
    return Choice(
        Window(opened, window.end, "open"),
        f"from the open of {_say(opened)}, not from a close, to {_say(window.end)}",
    )


def _session(day: date) -> Window:
    """Return the window of one session: from the close before it to its own."""
    return Window(_before(day - _DAY), day)


def _before(day: date) -> date:
    return calendar.previous_session(day)


def _step(day: date, by: int) -> date:
    return calendar.previous_session(day - _DAY) if by < 0 else calendar.next_session(day + _DAY)


def _is_session(day: date) -> bool:
    try:
        return calendar.is_session(day)
    except BadWindowError:
        return False


def _say(day: date) -> str:
    return render_date(day, "long")
