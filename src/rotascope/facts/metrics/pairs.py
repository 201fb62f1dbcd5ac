"""How two signals moved together before the window: correlation, interval, and the years before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from rotascope.facts import params as read
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import Metric, metric
from rotascope.facts.columns import Column
from rotascope.facts.metrics.engine_rows import SINCE, value_field
from rotascope.facts.metrics.factors import period_end
from rotascope.facts.ops_engine_grid import by_month, on_common_dates
from rotascope.model.errors import BadInputError, NotAvailableError, UnknownNameError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field, Frequency, Standing
from rotascope.model.units import Unit
from rotascope.store.series import DateArray, to_date

LEVEL = 0.95  # of the interval
YEARS_BEFORE = 10  # how far back daily pairs go before the last year
WEEK = 5  # sessions in a block, for flows
LAST = {"sessions": 252, "weeks": 52, "months": 120}
_PAIR = {
    "a": "a signal: style, size, equal_weight, nasdaq, ten_year, curve, credit, volatility, oil, dollar, "
    "flow, price, or a sector's series",
    "b": "another signal",
    "last": "changes before the window that are looked at (252 sessions, 52 weeks for flows, 120 months)",
    "since": SINCE,
}


@dataclass(frozen=True, slots=True)
class Signal:
    """A line whose changes can be set beside those of another.

    kind: how a change is taken, as in docs/bundle-format.md under co_movement.
    """

    name: str
    kind: str
    series: tuple[str, ...]
    fields: tuple[Field, ...]
    monthly: bool = False


def signal(desk: Desk, name: str) -> Signal | None:
    """Return a signal from the first series that the database has for it, or None.

    Raises UnknownNameError if there is no such signal.
    """
    for kind, names in _choices(desk, name):
        fields = tuple(_field(desk, s, kind) for s in names)
        if all(_usable(desk, s, f) for s, f in zip(names, fields, strict=True)):
            slow = any(
                desk.series(s, f).meta.frequency is not Frequency.DAILY
                for s, f in zip(names, fields, strict=True)
            )
            return Signal(name, kind, names, fields, slow)
    return None


def _field(desk: Desk, name: str, kind: str) -> Field:
    return Field.FLOW if kind == "sum" else value_field(desk, name)


def _usable(desk: Desk, name: str, field: Field) -> bool:
    return desk.has(name, field) and desk.series(name, field).source.standing is Standing.DATABASE


def _choices(desk: Desk, name: str) -> list[tuple[str, tuple[str, ...]]]:
    roles = desk.universe.roles
    if name in desk.universe.role("sectors", "order"):
        return [("ratio", (name, cap)) for cap in desk.universe.role("weighting", "cap")]
    families = desk.universe.families
    table: dict[str, list[tuple[str, tuple[str, ...]]]] = {
        "style": [("ratio", (v, g)) for f in families for v in f.value for g in f.growth],
        "size": [("ratio", (s, b)) for f in families for s in f.small for b in f.large],
        "equal_weight": [
            ("ratio", (e, c))
            for e in desk.universe.role("weighting", "equal")
            for c in desk.universe.role("weighting", "cap")
        ],
        "nasdaq": [("ratio", ("IXIC", b)) for b in desk.universe.role("indices", "broad")],
        "flow": [("sum", (str(roles["flows"]["small"]),))],
        "price": [("log", (str(roles["flows"]["small"]),))],
        "ten_year": _driver(desk, "ten_year_yield"),
        "curve": _driver(desk, "curve"),
        "credit": [*_driver(desk, "high_yield_spread"), *_driver(desk, "credit_spread")],
        "volatility": _driver(desk, "volatility"),
        "oil": _driver(desk, "oil"),
        "dollar": _driver(desk, "dollar"),
    }
    if name not in table:
        raise UnknownNameError(f"There is no signal '{name}'.", fix=f"Signals: {', '.join(table)}.")
    table["style"].append(("value", (str(roles["french"]["value_factor"]),)))
    table["size"].append(("value", (str(roles["french"]["size_factor"]),)))
    return table[name]


def _driver(desk: Desk, name: str) -> list[tuple[str, tuple[str, ...]]]:
    said = desk.universe.roles["drivers"][name]
    one = "log" if said["candidate"] == "log" else "difference"
    return [(one if len(names) == 1 else "gap", tuple(names)) for names in said["series"]]


def _sides(desk: Desk, params: Mapping[str, Any]) -> tuple[Signal, Signal]:
    if not params.get("a") or not params.get("b") or params["a"] == params["b"]:
        raise UnknownNameError("Two different signals are needed.", fix="For example a=style b=size.")
    found = [signal(desk, str(params[k])) for k in ("a", "b")]
    for name, one in zip((params["a"], params["b"]), found, strict=True):
        if one is None:
            raise NotAvailableError(f"No series for the signal '{name}' is in the database.")
    a, b = found
    assert a is not None and b is not None
    return a, b


def _columns(
    desk: Desk, sides: tuple[Signal, Signal], window: Window, months: bool, since: date | None
) -> list[Column]:
    """Return all rows up to the base of the window, so that the window cannot explain itself."""
    pairs = [(s, f) for side in sides for s, f in zip(side.series, side.fields, strict=True)]
    ends = [period_end(desk, s, window.start) if f is Field.VALUE else window.start for s, f in pairs]
    columns = [desk.column(s, f, since, end) for (s, f), end in zip(pairs, ends, strict=True)]
    start = max(to_date(c.dates[0]) for c in columns)
    if months:
        start = start.replace(day=1)
    return [desk.column(s, f, start, end) for (s, f), end in zip(pairs, ends, strict=True)]


def _grid(columns: Sequence[Column], months: bool, step: int) -> DateArray:
    if months:
        return by_month(columns)[0]
    dates = on_common_dates(columns)[0]
    return dates[(dates.size - 1) % step :: step]


def _pair(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    if series:
        raise UnknownNameError(f"{m.name} takes {m.takes}.", fix="Name the signals with a= and b=.")
    sides = _sides(desk, params)
    months = any(s.monthly for s in sides)
    kinds = [s.kind for s in sides]
    if (months and "sum" in kinds) or (not months and "value" in kinds):
        raise BadInputError(f"The signals {sides[0].name} and {sides[1].name} do not share a grid.")
    step = WEEK if "sum" in kinds else 1
    since = read.day(params, "since")
    if since is None and not months:
        since = date(window.start.year - YEARS_BEFORE - 1, 1, 1)
    columns = _columns(desk, sides, window, months, since)
    last = read.whole(params, "last", LAST["months" if months else "weeks" if step > 1 else "sessions"], 20)
    dates = _grid(columns, months, step)
    _refuse_old(dates, window, months)
    recipe: dict[str, Any] = {"first": kinds[0], "second": kinds[1], "last": last, "want": want}
    recipe |= {"grid": "months"} if months else {"grid": "sessions", "step": step}
    if want in ("low", "high"):
        recipe["level"] = LEVEL
    used = Window(window.start, window.end, "prior_close", None, to_date(dates[-1]))
    names = tuple(c.data.meta.series for c in columns)
    return desk.make(
        m.name, names, "co_movement", columns, params=recipe, unit=m.unit, decimals=m.decimals, window=used
    )


def _refuse_old(dates: DateArray, window: Window, months: bool) -> None:
    """Raise NotAvailableError if the pairs end long before the window begins."""
    if dates.size == 0 or (np.datetime64(window.start, "D") - dates[-1]).astype(int) > (35 if months else 10):
        raise NotAvailableError(f"The two signals have no common values up to {window.start}.")


_TAKES = "nothing"


@metric("pair_correlation", Unit.RATIO, 2, _TAKES, "correlation of their changes before the window", **_PAIR)
def pair_correlation(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How two signals moved together before the window: the correlation of their changes, which do not
    overlap. Neither need have moved the other."""
    return _pair(m, desk, series, window, params, "correlation")


@metric("pair_correlation_low", Unit.RATIO, 2, _TAKES, "lower end of Fisher's 95% interval", **_PAIR)
def pair_correlation_low(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The lower end of the interval of that correlation, for independent changes."""
    return _pair(m, desk, series, window, params, "low")


@metric("pair_correlation_high", Unit.RATIO, 2, _TAKES, "upper end of Fisher's 95% interval", **_PAIR)
def pair_correlation_high(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The upper end of the interval of that correlation, for independent changes."""
    return _pair(m, desk, series, window, params, "high")


@metric("pair_correlation_before", Unit.RATIO, 2, _TAKES, "correlation of the changes before those", **_PAIR)
def pair_correlation_before(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The long-run value: the correlation over the ten years before the changes looked at, or over all
    months before them."""
    return _pair(m, desk, series, window, params, "earlier")


@metric("pair_correlation_shift", Unit.RATIO, 1, _TAKES, "distance of both in standard errors", **_PAIR)
def pair_correlation_shift(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How far the correlation lies from its long-run value, in standard errors of Fisher's z."""
    return _pair(m, desk, series, window, params, "shift")


@metric("pair_observations", Unit.COUNT, 0, _TAKES, "number of changes looked at", **_PAIR)
def pair_observations(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many changes that do not overlap the correlation rests on."""
    return _pair(m, desk, series, window, params, "pairs")
