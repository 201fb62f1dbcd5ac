"""Levels, returns and spreads of returns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from rotascope.facts import params as read
from rotascope.facts.build import Desk, lag_note, same_window
from rotascope.facts.catalogue import Metric, metric
from rotascope.model.errors import BadWindowError, UnknownNameError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.series import to_date


def need(metric_: Metric, series: tuple[str, ...], count: int) -> tuple[str, ...]:
    """Return the series, or raise UnknownNameError if there are not `count` of them."""
    if len(series) != count:
        raise UnknownNameError(
            f"{metric_.name} takes {metric_.takes}; {len(series)} series were given.",
            fix=f"For example: rotascope fact {metric_.name} {' '.join(['RUT', 'GSPC'][:count])}.",
        )
    return series


@metric("level", Unit.INDEX_LEVEL, 2, "one series", "observed", field="which field to read (close)")
def level(m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]) -> Fact:
    """The level at the end of the window: the last close on or before it, or another field by name."""
    (name,) = need(m, series, 1)
    field = Field(read.choice(params, "field", Field.CLOSE, [str(f) for f in Field]))
    at = desk.point(name, field, window.end)
    used = Window(window.start, window.end, window.base, window.start, to_date(at.dates[0]))
    unit = at.data.meta.unit
    return desk.make(
        m.name if field is Field.CLOSE else f"{m.name}_{field}",
        (name,),
        "observed",
        [at],
        unit=unit,
        decimals=m.decimals,
        window=used,
        notes=lag_note(at, window.end, "End"),
    )


def _return(m: Metric, desk: Desk, name: str, window: Window, field: Field) -> Fact:
    return between_ends(m, desk, name, window, field, "pct_change", m.unit)


def between_ends(
    m: Metric, desk: Desk, name: str, window: Window, field: Field, op: str, unit: Unit | None = None
) -> Fact:
    """Make a fact of the two ends of a window; without a unit it has that of the series.

    The base is the close of the start, or with base `open` the open of that very day. Raises BadWindowError
    if both ends fall on one close, or there is no open on the first day.
    """
    if window.base == "open":
        start = desk.point(name, Field.OPEN, window.start)
        if to_date(start.dates[0]) != window.start:
            raise BadWindowError(
                f"{name} has no open on {window.start}.", fix="An open as base needs a session as start."
            )
    else:
        start = desk.point(name, field, window.start)
    end = desk.point(name, field, window.end)
    used = Window(window.start, window.end, window.base, to_date(start.dates[0]), to_date(end.dates[0]))
    if used.start_used == used.end_used and window.base != "open":
        raise BadWindowError(
            f"Both ends of the window {window.start} to {window.end} fall on the close of {used.end_used}.",
            fix="Choose a window with at least one session after its start.",
        )
    notes = [*lag_note(start, window.start, "Base"), *lag_note(end, window.end, "End")]
    return desk.make(
        m.name,
        (name,),
        op,
        [start, end],
        unit=unit or end.data.meta.unit,
        decimals=m.decimals,
        window=used,
        notes=notes,
    )


@metric("price_return", Unit.PERCENT, 3, "one series", "pct_change of closes")
def price_return(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The change of the price from the base to the end, without dividends."""
    (name,) = need(m, series, 1)
    return _return(m, desk, name, window, Field.CLOSE)


@metric("total_return", Unit.PERCENT, 3, "one series", "pct_change of adjusted closes")
def total_return(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The change of the dividend-adjusted close from the base to the end."""
    (name,) = need(m, series, 1)
    if window.base == "open":
        raise BadWindowError(
            "A total return has no open as base: opens are not adjusted for dividends.",
            fix="Use price_return.",
        )
    return _return(m, desk, name, window, Field.ADJUSTED_CLOSE)


def spread(
    m: Metric, desk: Desk, first: str, second: str, window: Window, kind: str = "price_return"
) -> Fact:
    """Return the difference of two returns over the same closes, in points."""
    from rotascope.facts.catalogue import find_metric

    leg = find_metric(kind)
    legs = [leg.fact(desk, (first,), window), leg.fact(desk, (second,), window)]
    used = same_window(legs)
    return desk.make(
        m.name, (first, second), "difference", legs, unit=m.unit, decimals=m.decimals, window=used
    )


def legs_of(desk: Desk, series: tuple[str, ...], first_role: str, second_role: str) -> tuple[str, str]:
    """Return the two legs: as given, or those of the family named, or those of the first family with data."""
    if len(series) == 2:
        return series[0], series[1]
    families = [desk.universe.family(series[0])] if series else list(desk.universe.families)
    for family in families:
        a = desk.first_available(getattr(family, first_role))
        b = desk.first_available(getattr(family, second_role))
        if a and b:
            return a, b
    wanted = " ".join(f.id for f in families)
    raise UnknownNameError(
        f"No {first_role} and {second_role} series are in the database for: {wanted}.",
        fix="Import them, or name two series.",
    )


def _kind(params: Mapping[str, Any]) -> str:
    return read.choice(params, "kind", "price_return", ("price_return", "total_return"))


_LEGS = "two series, or an index family, or nothing for the first family with data"
_KIND = "price_return or total_return; both legs use the same"


@metric("value_minus_growth", Unit.PP, 3, _LEGS, "price_return(value) - price_return(growth)", kind=_KIND)
def value_minus_growth(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The return of value minus that of growth, both from one index family. Positive: value was ahead."""
    first, second = legs_of(desk, series, "value", "growth")
    return spread(m, desk, first, second, window, _kind(params))


@metric("small_minus_large", Unit.PP, 3, _LEGS, "price_return(small) - price_return(large)", kind=_KIND)
def small_minus_large(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The return of small companies minus that of large ones. Positive: small companies were ahead."""
    first, second = legs_of(desk, series, "small", "large")
    return spread(m, desk, first, second, window, _kind(params))


@metric(
    "equal_minus_cap_weight", Unit.PP, 3, "two series, or nothing", "price_return(equal) - price_return(cap)"
)
def equal_minus_cap_weight(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The return of an index with equal weights minus the same shares weighted by size."""
    if len(series) != 2:
        roles = desk.universe
        equal = desk.first_available(roles.role("weighting", "equal"))
        cap = desk.first_available(roles.role("weighting", "cap"))
        series = tuple(s for s in (equal, cap) if s)
    first, second = need(m, series, 2)
    return spread(m, desk, first, second, window)


@metric("return_spread", Unit.PP, 3, "two series", "price_return(first) - price_return(second)", kind=_KIND)
def return_spread(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The return of the first series minus that of the second, over the same closes."""
    first, second = need(m, series, 2)
    return spread(m, desk, first, second, window, _kind(params))


@metric("yield_change", Unit.BP, 0, "one series in percent", "(end - base) * 100")
def yield_change(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The change of a yield or rate in basis points."""
    (name,) = need(m, series, 1)
    start, end = desk.point(name, Field.VALUE, window.start), desk.point(name, Field.VALUE, window.end)
    if start.data.meta.unit is not Unit.PERCENT:
        raise UnknownNameError(
            f"{name} is in {start.data.meta.unit}, and yield_change takes series in percent.",
            fix="Use price_return or level.",
        )
    used = Window(window.start, window.end, "prior_close", to_date(start.dates[0]), to_date(end.dates[0]))
    notes = [*lag_note(start, window.start, "Base"), *lag_note(end, window.end, "End")]
    return desk.make(
        m.name,
        (name,),
        "change",
        [start, end],
        params={"scale": 100},
        unit=m.unit,
        decimals=m.decimals,
        window=used,
        notes=notes,
    )


@metric("rate", Unit.PERCENT, 2, "one series in percent", "observed")
def rate(m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]) -> Fact:
    """The last value of a yield or rate on or before the end of the window."""
    (name,) = need(m, series, 1)
    at = desk.point(name, Field.VALUE, window.end)
    used = Window(window.start, window.end, window.base, window.start, to_date(at.dates[0]))
    return desk.make(
        m.name,
        (name,),
        "observed",
        [at],
        unit=at.data.meta.unit,
        decimals=m.decimals,
        window=used,
        notes=lag_note(at, window.end, "End"),
    )


@metric("value_change", Unit.PERCENT, 3, "one series of values", "pct_change of values")
def value_change(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The relative change of a price that is stored as a value, such as a barrel of oil."""
    (name,) = need(m, series, 1)
    return _return(m, desk, name, window, Field.VALUE)


@metric("reported", Unit.PERCENT, 2, "one series of press figures", "observed", field="which field (value)")
def reported(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """A figure as a publication printed it. It is cited as reported, never as a database row."""
    (name,) = need(m, series, 1)
    field = Field(read.choice(params, "field", Field.VALUE, [str(f) for f in Field]))
    data = desk.series(name, field)
    day = window.end if params.get("field") else to_date(data.dates[-1])
    at = desk.column(name, field, day, day)
    used = _printed_window(data.meta.attributes, day) or Window(
        window.start, window.end, window.base, None, day
    )
    return desk.make(m.name, (name,), "observed", [at], unit=data.meta.unit, decimals=m.decimals, window=used)


def _printed_window(said: Mapping[str, str], day: date) -> Window | None:
    """Return the window that a figure was printed for; each row of a series may have its own."""
    first = said.get("window_start") or said.get(f"window_start@{day}")
    last = said.get("window_end") or said.get(f"window_end@{day}")
    return Window(date.fromisoformat(first), date.fromisoformat(last)) if first and last else None
