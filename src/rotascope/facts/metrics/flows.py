"""Money into and out of funds. A blank day is unknown, never zero."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from rotascope.facts import params as read
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import Metric, metric
from rotascope.facts.columns import Column
from rotascope.facts.metrics.prices import need
from rotascope.ingest import calendar
from rotascope.model.errors import NotAvailableError
from rotascope.model.facts import Fact, Window
from rotascope.model.numerals import render_date
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.series import to_date

_SCALE = {"scale": 1e-6}


def _flows(desk: Desk, name: str, window: Window) -> tuple[Column, Column, Window]:
    first, last = window.start + timedelta(days=1), window.end
    column = desk.column(name, Field.FLOW, first, last)
    days = desk.sessions(first, last)
    covered = to_date(column.dates[-1]) >= to_date(days.dates[-1]) and to_date(column.dates[0]) <= to_date(
        days.dates[0]
    )
    if not covered:
        raise NotAvailableError(
            f"Flows of {name} run from {column.dates[0]} to {column.dates[-1]} inside the window "
            f"{window.start} to {window.end}; a part of a window is not its sum."
        )
    used = Window(window.start, window.end, "prior_close", window.start, to_date(days.dates[-1]))
    return column, days, used


def _unknown_days(column: Column, days: Column) -> list[date]:
    known = {d for d, v in zip(column.dates.tolist(), column.values.tolist(), strict=True) if v == v}
    return [d for d in days.dates.tolist() if d not in known]


@metric("net_flow", Unit.USD_M, 0, "one fund", "sum of the known daily flows")
def net_flow(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The money that came into a fund, net, after the base date up to the end. Unknown days are left out
    and named in the notes."""
    (name,) = need(m, series, 1)
    column, days, used = _flows(desk, name, window)
    unknown = _unknown_days(column, days)
    notes = []
    if unknown:
        named = ", ".join(render_date(d, "long") for d in unknown)
        notes.append(f"The flow of {name} is unknown on {len(unknown)} of {len(days)} sessions: {named}.")
    return desk.make(
        m.name,
        (name,),
        "sum_values",
        [column],
        params=_SCALE,
        unit=m.unit,
        decimals=m.decimals,
        window=used,
        notes=notes,
    )


@metric("unknown_flow_sessions", Unit.COUNT, 0, "one fund", "sessions without a known flow")
def unknown_flow_sessions(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """On how many sessions of the window the flow is unknown."""
    (name,) = need(m, series, 1)
    column, days, used = _flows(desk, name, window)
    return desk.make(
        m.name,
        (name,),
        "count_missing",
        [column, days],
        params={"want": "count"},
        unit=m.unit,
        decimals=m.decimals,
        window=used,
    )


@metric("unknown_flow_on", Unit.DATE, 0, "one fund", "date of such a session", index="which one, from 0")
def unknown_flow_on(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The date of a session on which the flow is unknown."""
    (name,) = need(m, series, 1)
    column, days, used = _flows(desk, name, window)
    return desk.make(
        m.name,
        (name,),
        "count_missing",
        [column, days],
        params={"want": "date", "index": read.whole(params, "index", 0, 0)},
        unit=m.unit,
        decimals=m.decimals,
        window=used,
    )


@metric("flow_on", Unit.USD_M, 0, "one fund", "observed")
def flow_on(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The net flow of one session, the last of the window."""
    (name,) = need(m, series, 1)
    day = calendar.previous_session(window.end)
    at = desk.column(name, Field.FLOW, day, day)
    used = Window(window.start, window.end, window.base, None, day)
    return desk.make(
        m.name, (name,), "observed", [at], params=_SCALE, unit=m.unit, decimals=m.decimals, window=used
    )


@metric("reported_flow", Unit.USD_M, 0, "one fund", "observed")
def reported_flow(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The flow of one day as a publication printed it, the latest one known."""
    (name,) = need(m, series, 1)
    data = desk.reported(name, Field.FLOW)
    day = to_date(data.dates[-1])
    at = Column(data, len(data) - 1, len(data))
    used = Window(window.start, window.end, window.base, None, day)
    return desk.make(
        m.name, (name,), "observed", [at], params=_SCALE, unit=m.unit, decimals=m.decimals, window=used
    )
