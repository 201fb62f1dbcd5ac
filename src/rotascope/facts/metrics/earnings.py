"""Growth of earnings of small and of large companies, from what companies filed with the SEC."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rotascope.facts.build import Desk
from rotascope.facts.catalogue import Metric, metric
from rotascope.facts.columns import Column
from rotascope.facts.metrics.prices import need
from rotascope.model.errors import MissingDataError, NotAvailableError
from rotascope.model.facts import Fact, Window
from rotascope.model.numerals import render_date
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.series import to_date

_OLD_DAYS = 200  # a quarter is filed some sixty days after its end, and stands until the next one is
_GROUP = "one fund that stands for a group, such as IWM for small companies"


def _quarter(desk: Desk, fund: str, what: str, window: Window) -> Column:
    """Return the latest quarter's row up to the end of the window; NotAvailableError if it is old."""
    name = f"SEC.GROUP.{fund}.{what}"
    column = desk.column(name, Field.VALUE, None, window.end)
    last = Column(column.data, column.hi - 1, column.hi)
    if (window.end - to_date(last.dates[0])).days > _OLD_DAYS:
        raise NotAvailableError(
            f"The last quarter of {name} up to {window.end} ended on {last.dates[0]}: too old."
        )
    return last


def _observed(m: Metric, desk: Desk, name: str, fund: str, what: str, window: Window) -> Fact:
    row = _quarter(desk, fund, what, window)
    end = to_date(row.dates[0])
    used = Window(window.start, window.end, "prior_close", None, end)
    unit, decimals = (Unit.PERCENT, 1) if what == "EARNINGS_GROWTH" else (Unit.COUNT, 0)
    return desk.make(
        name, (row.data.meta.series,), "observed", [row], unit=unit, decimals=decimals, window=used,
        notes=[f"The quarter that ended on {render_date(end, 'long')}, against a year before."],
    )  # fmt: skip


@metric("earnings_growth", Unit.PERCENT, 1, _GROUP, "sum of net income, same companies, year over year")
def earnings_growth(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """What the companies of a fund earned together in the latest quarter known, against the same companies a
    year before. Print it with earnings_companies: only companies with both values count."""
    (fund,) = need(m, series, 1)
    return _observed(m, desk, m.name, fund, "EARNINGS_GROWTH", window)


@metric("earnings_companies", Unit.COUNT, 0, _GROUP, "number of companies with both values")
def earnings_companies(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many companies the growth of earnings is taken over."""
    (fund,) = need(m, series, 1)
    return _observed(m, desk, m.name, fund, "COMPANIES", window)


@metric(
    "earnings_growth_small_minus_large", Unit.PP, 1,
    "nothing, or the fund of small and that of large companies", "growth of small - growth of large",
)  # fmt: skip
def earnings_growth_small_minus_large(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The growth of earnings of small companies minus that of large ones, for the same quarter."""
    roles = desk.universe.roles["earnings"]
    small, large = need(m, series, 2) if series else (str(roles["small"]), str(roles["large"]))
    found = [_observed(m, desk, "earnings_growth", f, "EARNINGS_GROWTH", window) for f in (small, large)]
    ends = [f.window.end_used for f in found if f.window is not None]
    if ends[0] != ends[1]:
        raise MissingDataError(
            f"{small} is known for the quarter to {ends[0]}, {large} for that to {ends[1]}."
        )
    return desk.make(
        m.name, (*found[0].series, *found[1].series), "difference", found, unit=m.unit, decimals=m.decimals,
        window=found[0].window,
    )  # fmt: skip
