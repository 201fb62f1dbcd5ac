"""Readings: which metric of which series over which window a figure may be. No number is made here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from rotascope.audit.names import Subject
from rotascope.audit.windows import Choice, Stretch
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import find_metric
from rotascope.ingest import calendar
from rotascope.model.errors import RotascopeError
from rotascope.model.facts import Fact, Window
from rotascope.model.numerals import render_date
from rotascope.model.observations import Field
from rotascope.model.press import Reading

_ROLES = {"value": "value", "growth": "growth", "small": "small", "large": "large"}
_INDEX_FUNDS = {"RUT": "IWM", "GSPC": "SPY", "DJI": "DIA"}
_DAY = timedelta(days=1)
_NEIGHBOURS = 5  # sessions on either side in which a level may have been taken

Candidates = tuple[tuple[Reading, ...], tuple[Reading, ...]]
Pairs = tuple[tuple[str, str], ...]


class Readings:
    """Makes candidate readings from what the desk has data for."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # -- what is there --------------------------------------------------------------------------------------

    def closes(self, subject: Subject) -> tuple[str, ...]:
        """Return the series with closes that a name may mean, the best first."""
        return tuple(s for s in self._meant(subject) if self._has(s, Field.CLOSE))[
            : None if subject.generic else 1
        ]

    def _meant(self, subject: Subject) -> tuple[str, ...]:
        if not subject.generic:
            return subject.series
        role = _ROLES[subject.series[0]]
        universe = self._desk.universe
        found = [s for family in universe.families for s in getattr(family, role)]
        indices = (
            universe.role("indices", "small")
            if role == "small"
            else universe.role("indices", "broad")
            if role == "large"
            else ()
        )
        return tuple(dict.fromkeys([*indices, *found]))

    def pairs(self, first: Subject, second: Subject, *, like: bool = True) -> Pairs:
        """Return the pairs of series that two names may mean. `like`: rather two funds than one and an index.

        Two styles or sizes without an index mean the legs of one family, never of two.
        """
        if first.generic and second.generic:
            roles = (_ROLES[first.series[0]], _ROLES[second.series[0]])
            found = [
                (a, b)
                for f in self._desk.universe.families
                for a in getattr(f, roles[0])
                for b in getattr(f, roles[1])
            ]
        else:
            found = [(a, b) for a in self.closes(first) for b in self.closes(second)]
            if like:
                found = [p for a, b in found for p in self._alike(a, b)]
        there = [
            (a, b) for a, b in found if a != b and self._has(a, Field.CLOSE) and self._has(b, Field.CLOSE)
        ]
        return tuple(dict.fromkeys(there))

    def _alike(self, a: str, b: str) -> list[tuple[str, str]]:
        kinds = [self._desk.universe.instrument(s).kind == "index" for s in (a, b)]
        if kinds[0] == kinds[1]:
            return [(a, b)]
        return [(_INDEX_FUNDS.get(a, a), _INDEX_FUNDS.get(b, b)), (a, b)]

    def _has(self, series: str, field: Field) -> bool:
        desk = self._desk
        return desk.has(series, field) and not desk.is_reported(series, field)

    def has_flows(self, series: str) -> bool:
        """Say whether there are daily flows of a fund."""
        return self._has(series, Field.FLOW)

    def has_rate(self, series: str) -> bool:
        """Say whether a yield is there."""
        return self._has(series, Field.VALUE)

    def plausible(self, series: str, level: Decimal) -> bool:
        """Say whether a number is of the size of a series' last known close."""
        last = float(self._desk.series(series, Field.CLOSE).values[-1])
        return last == last and 0.4 * last <= float(level) <= 2.5 * last

    def fact(self, reading: Reading) -> Fact | None:
        """Return the fact of a reading, None where the data do not give it."""
        try:
            metric = find_metric(reading.metric)
            return metric.fact(self._desk, reading.series, reading.window, **dict(reading.params))
        except RotascopeError:
            return None

    # -- measures -------------------------------------------------------------------------------------------

    def returns(self, series: Iterable[str], stretch: Stretch) -> Candidates:
        """Return readings as a price return; beside them from the open, other ends, and with dividends."""
        names = [(s,) for s in series]
        literal = _over("price_return", names, stretch.literal)
        totals = _over(
            "total_return",
            [n for n in names if self._has(n[0], Field.ADJUSTED_CLOSE)],
            stretch.literal,
            more="with dividends",
        )
        return literal, (*_over("price_return", names, stretch.others), *totals)

    def spreads(self, pairs: Pairs, stretch: Stretch) -> Candidates:
        """Return readings as a difference of two price returns in points."""
        literal = _over("return_spread", pairs, stretch.literal)
        totals = _over(
            "return_spread",
            [p for p in pairs if all(self._has(s, Field.ADJUSTED_CLOSE) for s in p)],
            stretch.literal,
            {"kind": "total_return"},
            "with dividends",
        )
        return literal, (*_over("return_spread", pairs, stretch.others), *totals)

    def levels(self, series: str, stretch: Stretch, role: str) -> Candidates:
        """Return readings as the level at the start or the end of a stretch of time."""
        if role == "start" and stretch.kind != "day":
            days = [c.window.start for c in stretch.literal]
        else:
            days = [c.window.end for c in stretch.literal]
        days = list(dict.fromkeys(days))
        literal = [_level(series, day, Field.CLOSE) for day in days]
        opened = (
            [calendar.next_session(c.window.start + _DAY) for c in stretch.literal]
            if role == "start" or stretch.kind == "day"
            else []
        )
        others = [_level(series, day, Field.OPEN) for day in dict.fromkeys(opened)]
        others += [_level(series, day, f) for day in days for f in (Field.OPEN, Field.HIGH, Field.LOW)]
        near = dict.fromkeys(n for day in days for n in self._around(day))
        others += [_level(series, day, Field.CLOSE) for day in near if day not in days]
        return tuple(literal), tuple(_distinct(others))

    def _around(self, day: date) -> list[date]:
        span = timedelta(days=2 * _NEIGHBOURS)
        last = min(day + span, self._desk.as_of)
        found: list[date] = calendar.sessions(day - span, last).tolist() if last >= day - span else []
        return sorted((d for d in found if d != day), key=lambda d: abs(d - day))[: 2 * _NEIGHBOURS]

    def level_changes(self, series: str, stretch: Stretch) -> Candidates:
        """Return readings as a change in points of the index itself."""
        return _over("level_change", [(series,)], stretch.literal), _over(
            "level_change", [(series,)], stretch.others
        )

    def flows(self, fund: str, stretch: Stretch) -> Candidates:
        """Return readings as the flow of one day, or net over several."""
        if stretch.kind in ("day", "none"):
            return _over("flow_on", [(fund,)], stretch.literal), _over("flow_on", [(fund,)], stretch.others)
        closes = [c for c in stretch.others if c.window.base == "prior_close"]
        return _over("net_flow", [(fund,)], stretch.literal), _over("net_flow", [(fund,)], closes)

    def rates(self, series: str, stretch: Stretch) -> Candidates:
        """Return readings as a yield at the end of a stretch of time."""
        closes = [c for c in stretch.others if c.window.base == "prior_close"]
        return _over("rate", [(series,)], stretch.literal), _over("rate", [(series,)], closes)

    def rate_changes(self, series: str, stretch: Stretch) -> Candidates:
        """Return readings as a change of a yield in basis points."""
        closes = [c for c in stretch.others if c.window.base == "prior_close"]
        return _over("yield_change", [(series,)], stretch.literal), _over("yield_change", [(series,)], closes)

    def streaks(self, pairs: Pairs, stretch: Stretch, length: int) -> Candidates:
        """Return readings as a run of sessions: from the first named, or of its own length up to the last."""
        literal = _over(
            "outperformance_streak", pairs, stretch.literal, more="counted from its first session"
        )
        ends = dict.fromkeys(c.window.end for c in stretch.literal)
        back = []
        for end in ends:
            days = calendar.sessions(end - timedelta(days=2 * length + 10), end).tolist()
            if stretch.kind != "range" and 0 < length < len(days):
                start = days[-length - 1]
                back.append(
                    Choice(
                        Window(start, end), f"the {length} sessions that end on {render_date(end, 'long')}"
                    )
                )
        others = _over("longest_streak", pairs, stretch.literal, more="the longest run inside")
        return (*literal, *_over("outperformance_streak", pairs, tuple(back))), others

    def win_shares(self, months: int) -> Candidates:
        """Return readings as the share of rolling windows in which small companies beat large ones."""
        french = self._desk.universe.roles["french"]
        end = self._desk.as_of
        legs = (*french["small_legs"], *french["big_legs"])
        options = [
            (legs, "portfolios of small and of big companies"),
            ((str(french["size_factor"]),), "the size factor"),
        ]
        literal, others = [], []
        for series, what in options:
            if not all(self._desk.has(s, Field.VALUE) for s in series):
                continue
            window = Window(end - timedelta(days=366), end)
            literal.append(Reading("rolling_win_share", series, window, {"months": months}, what))
            late = {"months": months, "end_after": "1988-12-31"}
            others.append(
                Reading("rolling_win_share", series, window, late, f"{what}, windows that end after 1988")
            )
        return tuple(literal), tuple(others)


def _over(
    metric: str,
    series: Iterable[tuple[str, ...]],
    choices: Iterable[Choice],
    params: Mapping[str, Any] | None = None,
    more: str = "",
) -> tuple[Reading, ...]:
    return tuple(
        Reading(
            metric, names, c.window, dict(params or {}), f"{c.label}{', ' + more if more else ''}", c.guessed
        )
        for names in series
        for c in choices
    )


def _level(series: str, day: date, field: Field) -> Reading:
    params = {} if field is Field.CLOSE else {"field": str(field)}
    return Reading(
        "level",
        (series,),
        Window(day - timedelta(days=7), day),
        params,
        f"the {field} of {render_date(day, 'long')}",
    )


def _distinct(readings: Iterable[Reading]) -> Iterable[Reading]:
    seen: set[str] = set()
    for reading in readings:
        if reading.label not in seen:
            seen.add(reading.label)
            yield reading
