"""Portfolio and factor returns, ten-year windows, and eras of leadership."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from rotascope.facts import params as read
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import Metric, metric
from rotascope.facts.columns import Column
from rotascope.facts.metrics.prices import need
from rotascope.ingest import calendar
from rotascope.model.errors import NotAvailableError, UnknownNameError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field, Frequency
from rotascope.model.units import Unit
from rotascope.store.series import to_date

_MONTHS = "length of the rolling window in months (120)"
_SINCE = "leave out data before this date"
_LEGS = "one factor, or the portfolios of both legs"
_SPLIT = "how many of the series form the first leg (half of them)"


def period_end(desk: Desk, name: str, day: date) -> date:
    """Return the end of the period that is over on a day: a month ends with its last session.

    Monthly values are dated on the last day of the month. A window that runs to the close of Friday the 30th,
    with the 31st a Saturday, holds that month, and one that starts there does not.
    """
    if desk.series(name, Field.VALUE).meta.frequency is not Frequency.MONTHLY:
        return day
    last = (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return last if calendar.previous_session(last) <= day else day


def inside(desk: Desk, names: Sequence[str], window: Window) -> tuple[list[Column], Window]:
    """Return the period returns after the base up to the end, and the window actually used.

    A period counts if it ends inside the window; the window used says where the first one begins.
    """
    after, end = (period_end(desk, names[0], day) for day in (window.start, window.end))
    columns = [desk.column(n, Field.VALUE, after + timedelta(days=1), end) for n in names]
    data = columns[0]
    if data.lo == 0:
        raise NotAvailableError(
            f"{names[0]} has no period before {data.dates[0]}, so the window has no base.",
            fix="Start the window later.",
        )
    base = to_date(data.data.dates[data.lo - 1])
    last = to_date(data.dates[-1])
    limit = 31 if data.data.meta.frequency is Frequency.MONTHLY else 10
    if (window.end - last).days > limit or (window.start - base).days > limit:
        raise NotAvailableError(
            f"{names[0]} runs from {data.data.dates[0]} to {data.data.dates[-1]} as of {desk.as_of}; "
            f"the window {window.start} to {window.end} is not inside."
        )
    return columns, Window(window.start, window.end, "prior_close", base, last)


def history(
    desk: Desk, names: Sequence[str], window: Window, since: date | None
) -> tuple[list[Column], Window]:
    """Return everything up to the end of the window, from the first date that all series have."""
    end = period_end(desk, names[0], window.end)
    columns = [desk.column(n, Field.VALUE, since, end) for n in names]
    start = max(to_date(c.dates[0]) for c in columns)
    last = min(to_date(c.dates[-1]) for c in columns)
    columns = [desk.column(n, Field.VALUE, start, last) for n in names]
    return columns, Window(start, window.end, "prior_close", start, last)


@metric("factor_return", Unit.PERCENT, 2, "one factor or portfolio", "compounded period returns")
def factor_return(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The compounded return of a portfolio, or of a factor held as one position that is set up anew every
    period. For a factor this is not the spread of its legs: use portfolio_spread for that."""
    need(m, series, 1)
    columns, used = inside(desk, series, window)
    return desk.make(m.name, series, "compound", columns, unit=m.unit, decimals=m.decimals, window=used)


@metric(
    "portfolio_spread",
    Unit.PP,
    2,
    "the portfolios of both legs",
    "each leg compounded, then subtracted",
    split=_SPLIT,
)
def portfolio_spread(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The compounded return of the first leg minus that of the second. Each leg is the plain mean of its
    portfolios, rebalanced every period."""
    recipe = {"split": _split(m, series, params)}
    columns, used = inside(desk, series, window)
    return desk.make(
        m.name,
        series,
        "compound_legs",
        columns,
        params=recipe,
        unit=m.unit,
        decimals=m.decimals,
        window=used,
    )


@metric("factor_drawdown", Unit.RATIO, 3, "one factor or portfolio", "min(wealth / running peak - 1)")
def factor_drawdown(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The deepest fall from a peak inside the window; the start counts as a peak."""
    need(m, series, 1)
    columns, used = inside(desk, series, window)
    return desk.make(
        m.name, series, "return_drawdown", columns, unit=m.unit, decimals=m.decimals, window=used
    )


def _rolling(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    months, after = read.whole(params, "months", 120, 1), read.day(params, "end_after")
    recipe: dict[str, Any] = {"months": months, "want": want, **_rule(m, series, params)}
    columns, used = history(desk, series, window, read.day(params, "since"))
    if after is not None:
        recipe["end_after"] = after.isoformat()
    return desk.make(
        m.name,
        series,
        "rolling_share",
        columns,
        params=recipe,
        unit=m.unit,
        decimals=m.decimals,
        window=used,
    )


def _rule(m: Metric, series: tuple[str, ...], params: Mapping[str, Any]) -> dict[str, Any]:
    if len(series) == 1:
        return {"rule": "log_sum"}
    return {"rule": "legs", "split": _split(m, series, params)}


def _split(m: Metric, series: tuple[str, ...], params: Mapping[str, Any]) -> int:
    if len(series) < 2:  # one series is a factor where a factor may be given
        raise UnknownNameError(
            f"{m.name} takes {m.takes}; {len(series)} series were given.", fix="Name both legs."
        )
    if len(series) % 2 and "split" not in params:
        raise UnknownNameError(
            f"{len(series)} portfolios do not fall into two equal legs.", fix="Give split."
        )
    return read.whole(params, "split", len(series) // 2, 1, len(series) - 1)


_END_AFTER = "count only windows that end after this date"


@metric(
    "rolling_win_share",
    Unit.SHARE,
    0,
    _LEGS,
    "share of rolling windows in which the first leg was ahead",
    months=_MONTHS,
    end_after=_END_AFTER,
    since=_SINCE,
    split=_SPLIT,
)
def rolling_win_share(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """In what share of all rolling windows up to the end the first leg beat the second (or the factor's
    summed log return was positive). Always print it with rolling_window_count: the windows overlap."""
    return _rolling(m, desk, series, window, params, "share")


@metric(
    "rolling_window_count",
    Unit.COUNT,
    0,
    _LEGS,
    "number of rolling windows",
    months=_MONTHS,
    end_after=_END_AFTER,
    since=_SINCE,
    split=_SPLIT,
)
def rolling_window_count(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many rolling windows there are."""
    return _rolling(m, desk, series, window, params, "count")


def _era(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    weights = tuple(params.get("weights", ()))
    if not series or (weights and len(weights) != len(series)):
        raise UnknownNameError(
            f"{m.name} takes {m.takes}; {len(series)} series and {len(weights)} weights were given.",
            fix="Give each portfolio its weight, or none.",
        )
    recipe: dict[str, Any] = {"threshold": read.real(params, "threshold", 0.3, 0.0), "want": want}
    recipe |= _rule(m, series, params)
    columns, used = history(desk, [*series, *weights], window, read.day(params, "since"))
    if weights:
        recipe["rule"] = "weighted_legs"
    if want != "count":
        recipe["index"] = read.whole(params, "index", -1, -1)
    after = read.day(params, "from")
    if after is not None:
        recipe["from"] = after.isoformat()
    return desk.make(
        m.name, series, "eras", columns, params=recipe, unit=m.unit, decimals=m.decimals, window=used
    )


_ERA = {
    "threshold": "how far the log ratio must turn (0.3)",
    "index": "which era, from 0; -1 is the last, still open",
    "from": "count eras that start after this date",
    "since": _SINCE,
    "split": _SPLIT,
    "weights": "series that weigh the portfolios in their leg",
}


@metric("era_count", Unit.COUNT, 0, _LEGS, "zigzag on the log ratio: number of eras", **_ERA)
def era_count(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many eras of leadership there were."""
    return _era(m, desk, series, window, params, "count")


@metric("era_length", Unit.YEARS, 1, _LEGS, "zigzag on the log ratio: length of one era", **_ERA)
def era_length(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How long one era of leadership lasted."""
    return _era(m, desk, series, window, params, "years")


@metric("era_start", Unit.DATE, 0, _LEGS, "zigzag on the log ratio: date of a turning point", **_ERA)
def era_start(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """When an era of leadership began."""
    return _era(m, desk, series, window, params, "start")


@metric("era_direction", Unit.COUNT, 0, _LEGS, "+1 if the first leg led, -1 if the second", **_ERA)
def era_direction(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """Who led in an era: +1 the first leg, -1 the second."""
    return _era(m, desk, series, window, params, "direction")
