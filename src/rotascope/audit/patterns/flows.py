"""`one_day_flow`: the flow of one day as evidence, where the days around it say the opposite."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from rotascope.audit.patterns.base import Evidence, remark
from rotascope.audit.verdict import Judged
from rotascope.ingest import calendar
from rotascope.model.facts import Window
from rotascope.model.numerals import render_date
from rotascope.model.press import Reading, Remark, Verdict

_SETTLED = (Verdict.CONFIRMED, Verdict.ROUNDING)


def find(evidence: Evidence) -> Iterator[Remark]:
    """Yield a remark for each day's flow whose day before, or month, went the other way."""
    for one in evidence.judged:
        if one.link.measure == "flow" and one.figure.verdict in _SETTLED and one.figure.matching:
            reading = one.figure.matching.reading
            if reading.metric == "flow_on":
                yield from _around(evidence, one, reading)


def _around(evidence: Evidence, one: Judged, reading: Reading) -> Iterator[Remark]:
    day, fund = reading.window.end, reading.series[0]
    sign = float(one.figure.printed)
    before = calendar.previous_session(day - timedelta(days=1))
    year_end = calendar.previous_session(day.replace(month=1, day=1) - timedelta(days=1))
    last = evidence.calendar.ends[0]
    said = []
    for metric, window, what in (
        (
            "flow_on",
            Window(calendar.previous_session(before - timedelta(days=1)), before),
            f"on {render_date(before, 'long')}",
        ),
        (
            "net_flow",
            Window(year_end, last),
            f"net from {render_date(year_end, 'long')} to {render_date(last, 'long')}",
        ),
    ):
        fact = evidence.readings.fact(Reading(metric, (fund,), window))
        if fact is not None and fact.value * sign < 0:
            said.append(f"{fact.display} {what}")
    if said:
        yield remark(
            "one_day_flow",
            f"'{one.figure.text}' is the flow of one day; the same fund had {' and '.join(said)}.",
            one,
        )
