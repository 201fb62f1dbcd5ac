"""What the largest names of a fund, and its sectors, add to its return, by the weights of its holdings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from rotascope.facts import params as read
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import Metric, metric
from rotascope.facts.columns import Column
from rotascope.facts.metrics.breadth import holdings
from rotascope.facts.metrics.prices import need
from rotascope.facts.metrics.sector_groups import returns_of
from rotascope.model.errors import NotAvailableError, UnknownNameError
from rotascope.model.facts import Fact, Window
from rotascope.model.numerals import render_date
from rotascope.model.units import Unit
from rotascope.store.series import to_date

_STALE_DAYS = 10  # weights drift with prices: those of another month say little of the base
_FUND = "one fund with holdings"
_KIND = "price_return or total_return (price_return)"
_NAMES = {"names": "how many of the largest (10)", "kind": _KIND}


def _at_base(desk: Desk, fund: str, window: Window) -> list[Column]:
    """Return the weights of a fund's shares at the base of the window, or a few days before it."""
    found = holdings(desk, fund, Window(window.start - timedelta(days=1), window.start))
    day = to_date(found[0].dates[0])
    if (window.start - day).days > _STALE_DAYS:
        raise NotAvailableError(f"The last holdings of {fund} up to {window.start} are of {day}: too old.")
    return [c for c in found if not np.isnan(c.values[0])]


def _weight_fact(desk: Desk, rows: Sequence[Column], window: Window) -> Fact:
    """Return the weight of one holding, or of several together, as a fact."""
    used = Window(window.start, window.end, "prior_close", None, to_date(rows[0].dates[0]))
    series = (rows[0].data.meta.series,) if len(rows) == 1 else ()
    name, op = ("holding_weight", "observed") if len(rows) == 1 else ("holdings_weight", "sum_rows")
    return desk.make(name, series, op, rows, unit=Unit.PERCENT, decimals=2, window=used)


def _note(day: date, window: Window) -> list[str]:
    return [] if day == window.start else [f"Weights are of {render_date(day, 'long')}, held to the end."]


def _largest(desk: Desk, fund: str, window: Window, params: Mapping[str, Any]) -> list[Column]:
    """Return the weights of the largest holdings, the largest first."""
    rows = sorted(_at_base(desk, fund, window), key=lambda c: (-float(c.values[0]), c.data.meta.series))
    count = read.whole(params, "names", 10, 1)
    if count > len(rows):
        raise NotAvailableError(f"{fund} holds {len(rows)} shares with a known weight, fewer than {count}.")
    return rows[:count]


def _added(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    (fund,) = need(m, series, 1)
    chosen, aliases = _largest(desk, fund, window, params), desk.universe.roles["holding_names"]
    held = [c.data.meta.series.removeprefix(f"HOLD.{fund}.") for c in chosen]
    weights = [_weight_fact(desk, [c], window) for c in chosen]
    kind = {"kind": read.choice(params, "kind", "price_return", ("price_return", "total_return"))}
    returns = returns_of(desk, [*(str(aliases.get(n, n)) for n in held), fund], window, kind)
    return desk.make(
        m.name, (fund,), "contribution", [*weights, *returns], params={"want": want}, unit=m.unit,
        decimals=m.decimals, window=returns[-1].window,
        notes=[f"Names: {', '.join(held)}.", *_note(to_date(chosen[0].dates[0]), window)],
    )  # fmt: skip


@metric("largest_names_points", Unit.PP, 2, _FUND, "sum of weight * return of the largest", **_NAMES)
def largest_names_points(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many points of the fund's return its largest holdings added, by their weights at the base."""
    return _added(m, desk, series, window, params, "points")


@metric(
    "largest_names_weight",
    Unit.PERCENT,
    1,
    _FUND,
    "sum of the largest weights at the base",
    names=_NAMES["names"],
)
def largest_names_weight(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The weight of the largest holdings in the fund at the base of the window."""
    (fund,) = need(m, series, 1)
    rows = _largest(desk, fund, window, params)
    used = Window(window.start, window.end, "prior_close", None, to_date(rows[0].dates[0]))
    return desk.make(m.name, (fund,), "sum_rows", rows, unit=m.unit, decimals=m.decimals, window=used)


@metric("return_without_largest", Unit.PERCENT, 2, _FUND, "(return - contribution) / (1 - weight)", **_NAMES)
def return_without_largest(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """What the fund would have returned without its largest holdings, their weight spread over the others."""
    return _added(m, desk, series, window, params, "without")


def _by_sector(desk: Desk, fund: str, window: Window) -> dict[str, list[Column]]:
    """Return a fund's weights by the fund that stands for their sector; shares without one are left out."""
    known, out = desk.universe.roles["sector_names"], dict[str, list[Column]]()
    for row in _at_base(desk, fund, window):
        said = row.data.meta.attributes.get("sector", "")
        if said in known:
            out.setdefault(str(known[said]), []).append(row)
    if len(out) < 2:
        raise NotAvailableError(f"The holdings of {fund} do not say the sectors of its shares.")
    return out


_SECTOR_TAKES = "one fund with holdings that name sectors, and the fund of a sector"


@metric("sector_weight", Unit.PERCENT, 1, _SECTOR_TAKES, "sum of weights of the sector's shares")
def sector_weight(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The weight of a sector in a fund at the base of the window: the sum over its shares."""
    fund, sector = need(m, series, 2)
    groups = _by_sector(desk, fund, window)
    if sector not in groups:
        raise UnknownNameError(
            f"{fund} holds no shares of {sector}.", fix=f"Sectors: {', '.join(sorted(groups))}."
        )
    return _weight_fact(desk, groups[sector], window)


@metric(
    "sector_contribution",
    Unit.PP,
    2,
    _SECTOR_TAKES,
    "weight at the base * return of the sector fund",
    kind=_KIND,
)
def sector_contribution(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many points of the fund's return a sector added: its weight at the base of the window times the
    return of the fund that stands for it."""
    fund, sector = need(m, series, 2)
    weight = sector_weight_of(desk, fund, sector, window)
    (gain,) = returns_of(desk, [sector], window, params)
    return desk.make(
        m.name, (sector,), "product", [weight, gain], params={"scale": 0.01}, unit=m.unit,
        decimals=m.decimals, window=gain.window,
    )  # fmt: skip


def sector_weight_of(desk: Desk, fund: str, sector: str, window: Window) -> Fact:
    """Return the weight of a sector in a fund as a fact; UnknownNameError if it holds none of it."""
    from rotascope.facts.catalogue import find_metric

    return find_metric("sector_weight").fact(desk, (fund, sector), window)


@metric(
    "sector_contribution_residual",
    Unit.PP,
    2,
    _FUND,
    "return - sum of the sectors' contributions",
    kind=_KIND,
)
def sector_contribution_residual(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """What of the fund's return its sectors' weights and returns leave unexplained: cash, drift of the
    weights, and what the sector funds hold differently."""
    (fund,) = need(m, series, 1)
    groups = _by_sector(desk, fund, window)
    sectors = [s for s in desk.universe.role("sectors", "order") if s in groups]
    weights = [_weight_fact(desk, groups[s], window) for s in sectors]
    found = returns_of(desk, [*sectors, fund], window, params)
    return desk.make(
        m.name, (fund,), "contribution", [*weights, *found], params={"want": "residual"}, unit=m.unit,
        decimals=m.decimals, window=found[-1].window,
    )  # fmt: skip
