"""The largest day of a fund's flows and its neighbours, and flows as a share of the fund's assets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from rotascope.facts.build import Desk, lag_note
from rotascope.facts.catalogue import Metric, find_metric, metric
from rotascope.facts.columns import Column
from rotascope.facts.metrics.prices import need
from rotascope.model.errors import MissingDataError, NotAvailableError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.series import to_date

_SCALE = 1e-6
_BY = {"by": "max for inflows, min for outflows, abs for either (max)"}


def _flows(desk: Desk, name: str, window: Window) -> tuple[Column, Column]:
    """Return the flows of a window and its sessions. Raises NotAvailableError if the flows begin or end
    inside."""
    first = window.start + timedelta(days=1)
    column, days = desk.column(name, Field.FLOW, first, window.end), desk.sessions(first, window.end)
    if column.dates[0] > days.dates[0] or column.dates[-1] < days.dates[-1]:
        raise NotAvailableError(
            f"Flows of {name} run from {column.dates[0]} to {column.dates[-1]} inside the window "
            f"{window.start} to {window.end}; the largest day of a part is not that of the whole."
        )
    return column, days


def _day(
    m: Metric,
    desk: Desk,
    series: tuple[str, ...],
    window: Window,
    params: Mapping[str, Any],
    want: str,
    offset: int,
) -> Fact:
    (name,) = need(m, series, 1)
    column, days = _flows(desk, name, window)
    recipe: dict[str, Any] = {"by": str(params.get("by", "max")), "offset": offset, "want": want}
    if recipe["by"] not in ("max", "min", "abs"):
        raise MissingDataError(f"by is '{recipe['by']}': choose max, min or abs.")
    if want == "value":
        recipe["scale"] = _SCALE
    used = Window(window.start, window.end, "prior_close", window.start, to_date(days.dates[-1]))
    return desk.make(
        m.name,
        (name,),
        "extreme_row",
        [column, days],
        params=recipe,
        unit=m.unit,
        decimals=m.decimals,
        window=used,
    )


@metric("largest_flow", Unit.USD_M, 0, "one fund", "largest daily flow", **_BY)
def largest_flow(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The largest net flow of one session in the window. Unknown days are passed over."""
    return _day(m, desk, series, window, params, "value", 0)


@metric("largest_flow_on", Unit.DATE, 0, "one fund", "date of the largest daily flow", **_BY)
def largest_flow_on(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The session with the largest net flow of the window."""
    return _day(m, desk, series, window, params, "date", 0)


@metric("flow_before_largest", Unit.USD_M, 0, "one fund", "flow of the session before that day", **_BY)
def flow_before_largest(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The net flow of the session before the largest one. A large day between opposite ones is often one
    order seen twice."""
    return _day(m, desk, series, window, params, "value", -1)


@metric("flow_after_largest", Unit.USD_M, 0, "one fund", "flow of the session after that day", **_BY)
def flow_after_largest(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The net flow of the session after the largest one."""
    return _day(m, desk, series, window, params, "value", 1)


@metric("fund_assets", Unit.USD_M, 0, "one fund", "shares outstanding * net asset value")
def fund_assets(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The fund's assets at the base of the window: its shares outstanding times its net asset value, or
    times its close where no net asset value is known that day."""
    (name,) = need(m, series, 1)
    shares = desk.point(name, Field.SHARES, window.start)
    notes = lag_note(shares, window.start, "Shares for")
    try:
        price = desk.point(name, Field.NAV, window.start)
    except NotAvailableError:
        price = desk.point(name, Field.CLOSE, window.start)
        notes.append(f"The close of {name} stands in for its net asset value.")
    parts = [
        desk.make(
            f"fund_{c.data.meta.field}", (name,), "observed", [c], unit=c.data.meta.unit, decimals=2,
            window=Window(window.start, window.end, "prior_close", None, to_date(c.dates[0])),
        )
        for c in (shares, price)
    ]  # fmt: skip
    return desk.make(
        m.name, (name,), "product", parts, params={"scale": _SCALE}, unit=m.unit, decimals=m.decimals,
        window=Window(window.start, window.end, "prior_close", None, to_date(shares.dates[0])), notes=notes,
    )  # fmt: skip


@metric("flow_share_of_assets", Unit.SHARE, 1, "one fund", "net flow / assets at the base")
def flow_share_of_assets(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The net flow of the window as a share of the fund's assets at its base."""
    (name,) = need(m, series, 1)
    flow = find_metric("net_flow").fact(desk, (name,), window)
    assets = find_metric("fund_assets").fact(desk, (name,), window)
    return desk.make(
        m.name, (name,), "ratio", [flow, assets], unit=m.unit, decimals=m.decimals, window=flow.window
    )
