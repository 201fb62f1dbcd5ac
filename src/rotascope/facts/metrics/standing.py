"""Where a reading stands in its own history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from rotascope.facts import params as read
from rotascope.facts.build import Desk, same_window
from rotascope.facts.catalogue import Metric, find_metric, metric
from rotascope.facts.metrics.factors import inside, period_end
from rotascope.facts.metrics.flows import net_flow
from rotascope.facts.metrics.prices import need
from rotascope.facts.metrics.unusual import is_calendar_month
from rotascope.ingest import calendar
from rotascope.model.errors import NotAvailableError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.series import to_date

SIDE = {"side": "above: share no greater (default); below: share no smaller"}
_SINCE = {"since": "leave out data before this date"}
_YEARS = {"years": "how far back the comparison goes (10)"}


def _side(params: Mapping[str, Any]) -> str:
    below = read.choice(params, "side", "above", ("above", "below")) == "below"
    return "percentile_below" if below else "percentile"


@metric("flow_percentile", Unit.PERCENTILE, 1, "one fund", "share of sums no greater", **SIDE)
def flow_percentile(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How unusual the money into a fund is among all sums over as many sessions in a row. Windows overlap;
    unknown days are left out of every sum."""
    (name,) = need(m, series, 1)
    found = find_metric(net_flow.__name__).fact(desk, (name,), window)
    assert found.window is not None and found.window.end_used is not None
    days = desk.sessions(window.start + timedelta(days=1), window.end)
    column = desk.column(name, Field.FLOW, None, window.end)
    sessions = desk.sessions(to_date(column.dates[0]), window.end)
    if len(sessions) < 12 * len(days):
        raise NotAvailableError(f"Flows of {name} begin on {column.dates[0]}: too short a record to compare.")
    return desk.make(
        m.name, (name,), "sum_windows", [column, sessions],
        params={"length": len(days), "want": _side(params)}, unit=m.unit, decimals=m.decimals,
        window=Window(window.start, window.end, "prior_close", None, to_date(sessions.dates[-1])),
    )  # fmt: skip


def _factor(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    (name,) = need(m, series, 1)
    (own,), _ = inside(desk, [name], window)
    column = desk.column(name, Field.VALUE, read.day(params, "since"), period_end(desk, name, window.end))
    return desk.make(
        m.name, (name,), "return_windows", [column], params={"length": len(own), "want": want},
        unit=m.unit, decimals=m.decimals,
        window=Window(window.start, window.end, "prior_close", None, to_date(column.dates[-1])),
    )  # fmt: skip


_ONE = "one factor or portfolio"


@metric("factor_percentile", Unit.PERCENTILE, 1, _ONE, "share of windows no greater", **SIDE, **_SINCE)
def factor_percentile(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How unusual the return of a factor is among all stretches of as many periods. Stretches overlap."""
    return _factor(m, desk, series, window, params, _side(params))


@metric("factor_windows", Unit.COUNT, 0, _ONE, "number of such stretches", **_SINCE)
def factor_windows(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many stretches of as many periods there are."""
    return _factor(m, desk, series, window, params, "count")


def _dispersion(m: Metric, desk: Desk, window: Window, params: Mapping[str, Any], want: str) -> Fact:
    since = date(window.start.year - read.whole(params, "years", 10, 1, 100), window.start.month, 1)
    names = _with_record(desk, desk.universe.role("breadth", "long_sectors"), since)
    returns = [find_metric("price_return").fact(desk, (n,), window) for n in names]
    used = same_window(returns)
    assert used.start_used is not None and used.end_used is not None
    columns = [desk.column(n, Field.CLOSE, since, used.end_used) for n in names]
    recipe: dict[str, Any] = {"grid": "months" if is_calendar_month(used) else "sessions", "want": want}
    if recipe["grid"] == "sessions":
        recipe["length"] = calendar.count(used.start_used, used.end_used) - 1
    return desk.make(
        m.name, (), "dispersion_windows", columns, params=recipe, unit=m.unit, decimals=m.decimals,
        window=Window(window.start, window.end, "prior_close", None, used.end_used),
    )  # fmt: skip


def _with_record(desk: Desk, names: Sequence[str], since: date) -> list[str]:
    """Return the sectors with closes from the beginning on, so that no window has fewer."""
    found = []
    for name in names:
        if desk.has(name) and to_date(desk.series(name, Field.CLOSE).dates[0]) <= since + timedelta(days=10):
            found.append(name)
    if len(found) < 5:
        raise NotAvailableError(f"Fewer than five sectors have closes since {since}.")
    return found


@metric("dispersion_percentile", Unit.PERCENTILE, 1, "nothing", "share of windows no greater", **_YEARS)
def dispersion_percentile(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How unusual the distance between the sectors is among the windows of that length in the last ten
    years. Only sectors with closes for all of them count."""
    return _dispersion(m, desk, window, params, "percentile")


@metric("dispersion_median", Unit.PP, 1, "nothing", "median of the windows", **_YEARS)
def dispersion_median(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The distance between the sectors in the middle one of these windows."""
    return _dispersion(m, desk, window, params, "median")
