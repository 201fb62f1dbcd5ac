"""Style and size by index family: one spread for each definition, and how far the definitions lie apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rotascope.facts import params as read
from rotascope.facts.build import Desk, same_window
from rotascope.facts.catalogue import Metric, find_metric, metric
from rotascope.facts.metrics.engine_rows import SINCE, between, length_inside, shared_dates
from rotascope.facts.metrics.factors import inside, period_end
from rotascope.facts.metrics.prices import legs_of, need
from rotascope.facts.metrics.unusual import is_calendar_month
from rotascope.model.errors import BadWindowError, NotAvailableError, UnknownNameError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.series import to_date

FRENCH = "french"
_ROLES = {"style": ("value", "growth"), "size": ("small", "large")}
_METRICS = {"style": "value_minus_growth", "size": "small_minus_large"}
_WHICH = "style (value minus growth) or size (small minus large) (style)"
_KIND = "price_return or total_return (price_return)"
_OF = "families, separated by commas (all that have data); french only with total_return, in whole months"


def _kind(params: Mapping[str, Any]) -> str:
    return read.choice(params, "kind", "price_return", ("price_return", "total_return"))


def _field(kind: str) -> Field:
    return Field.CLOSE if kind == "price_return" else Field.ADJUSTED_CLOSE


def _which(params: Mapping[str, Any]) -> str:
    return read.choice(params, "which", "style", tuple(_ROLES))


def french_spread(desk: Desk, window: Window, which: str) -> Fact:
    """Return French's spread by size or book to market: legs are plain means of his portfolios, compounded.

    Raises NotAvailableError where his months do not hold the window.
    """
    first, second = ("value_legs", "growth_legs") if which == "style" else ("small_legs", "big_legs")
    legs = [desk.universe.role("french", role) for role in (first, second)]
    series = (*legs[0], *legs[1])
    columns, used = inside(desk, series, window)
    return desk.make(
        "portfolio_spread", series, "compound_legs", columns, params={"split": len(legs[0])}, unit=Unit.PP,
        decimals=2, window=used,
    )  # fmt: skip


def _spread(desk: Desk, name: str, window: Window, which: str, kind: str) -> Fact:
    if name == FRENCH:
        if kind != "total_return":
            raise UnknownNameError(
                "French's portfolios have total returns only.",
                fix="Use kind=total_return, or leave them out.",
            )
        return french_spread(desk, window, which)
    family, roles = desk.universe.family(name), _ROLES[which]
    legs = [desk.first_available(getattr(family, role), _field(kind)) for role in roles]
    if legs[0] is None or legs[1] is None:
        raise NotAvailableError(
            f"The family {name} has no {roles[0]} and {roles[1]} with {_field(kind)} in the database.",
            fix="Import them, or name other families.",
        )
    return find_metric(_METRICS[which]).fact(desk, (legs[0], legs[1]), window, kind=kind)


@metric(
    "family_spread", Unit.PP, 2, "an index family, or french", "return(first leg) - return(second leg)",
    which=_WHICH, kind=_KIND,
)  # fmt: skip
def family_spread(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The style or size spread by one family's definition: its own funds on both sides, price with price or
    total return with total return. French's has total returns over whole months."""
    (name,) = need(m, series, 1)
    return _spread(desk, name, window, _which(params), _kind(params))


def _pairs(desk: Desk, params: Mapping[str, Any], window: Window, field: Field) -> list[tuple[str, str]]:
    """Return the legs of each family that has closes for the window; those named must all be there."""
    said = params.get("of")
    names = str(said).split(",") if said else [f.id for f in desk.universe.families]
    roles, found = _ROLES[_which(params)], []
    for name in names:
        family = desk.universe.family(name)
        legs = [desk.first_available(getattr(family, role), field) for role in roles]
        try:
            for leg in legs:
                if leg is None:
                    raise NotAvailableError(f"The family {name} has no {roles[0]} and {roles[1]} here.")
                desk.point(leg, field, window.start)
                desk.point(leg, field, window.end)
        except NotAvailableError:
            if said:
                raise
            continue
        found.append((str(legs[0]), str(legs[1])))
    if len(found) < 2:
        raise NotAvailableError(f"Fewer than two families have closes from {window.start} to {window.end}.")
    return found


@metric(
    "family_disagreement", Unit.PP, 2, "nothing", "largest - smallest spread of the families",
    which=_WHICH, kind=_KIND, of=_OF,
)  # fmt: skip
def family_disagreement(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How far the index families' answers lie apart over the window: the largest of their spreads minus the
    smallest. A large one says that the answer is one of definition."""
    need(m, series, 0)
    kind, which = _kind(params), _which(params)
    said = params.get("of")
    if said:
        found = [_spread(desk, name, window, which, kind) for name in str(said).split(",")]
    else:
        field = _field(kind)
        metric_ = find_metric(_METRICS[which])
        found = [metric_.fact(desk, legs, window, kind=kind) for legs in _pairs(desk, params, window, field)]
    if len(found) < 2:
        raise UnknownNameError(
            "One family does not disagree with itself.", fix="Name two or more: of=russell,sp."
        )
    funds = [f for f in found if f.metric != "portfolio_spread"]
    used = same_window(funds) if funds else found[0].window
    for french in (f for f in found if f.metric == "portfolio_spread"):
        _refuse_parts_of_months(desk, french, used)
    return desk.make(
        m.name, (), "extreme", found, params={"want": "range"}, unit=m.unit, decimals=m.decimals, window=used
    )


def _refuse_parts_of_months(desk: Desk, french: Fact, used: Window | None) -> None:
    """French's months stand beside the funds' closes only where the closes are those of whole months."""
    assert french.window is not None and used is not None
    for path in ("start_used", "end_used"):
        theirs, ours = getattr(french.window, path), getattr(used, path)
        if period_end(desk, french.series[0], ours) != theirs:
            raise BadWindowError(
                f"French's months run to {theirs}, and the funds' closes are of {ours}.",
                fix="Use a window from one month's last session to another's, or leave french out.",
            )


def _history(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    """Return where the disagreement stands among all windows of its length since all families have closes."""
    if len(series) % 2 or 0 < len(series) < 4:
        raise UnknownNameError(f"{m.name} takes {m.takes}; {len(series)} series were given.")
    field = _field(_kind(params))
    legs = series or tuple(leg for pair in _pairs(desk, params, window, field) for leg in pair)
    columns = _rows(desk, legs, field, window, read.day(params, "since"))
    dates = shared_dates(columns)
    length = length_inside(dates, window)
    base, last = to_date(dates[-1 - length]), to_date(dates[-1])
    used = Window(window.start, window.end, "prior_close", base, last)
    grid = read.choice(
        params, "grid", "months" if is_calendar_month(used) else "sessions", ("months", "sessions")
    )
    if grid == "months" and not is_calendar_month(used):
        raise BadWindowError(
            f"The window {base} to {last} is not one calendar month.", fix="Use grid=sessions."
        )
    recipe: dict[str, Any] = {"grid": grid, "want": want}
    if grid == "sessions":
        recipe["length"] = length
    columns = between(desk, columns, max(to_date(c.dates[0]) for c in columns), last)
    return desk.make(
        m.name, legs, "spread_range", columns, params=recipe, unit=m.unit, decimals=m.decimals, window=used
    )


def _rows(desk: Desk, legs: Sequence[str], field: Field, window: Window, since: date | None) -> list[Any]:
    for leg in legs:
        desk.point(leg, field, window.end)  # refuses a series that ended long ago
    return [desk.column(leg, field, since, window.end) for leg in legs]


_HISTORY = {
    "which": _WHICH,
    "kind": _KIND,
    "of": "families, separated by commas (all that have data)",
    "grid": "months or sessions (months where the window is one calendar month)",
    "since": SINCE,
}
_PAIRS = "nothing, or the first and second leg of each family"


@metric(
    "family_disagreement_percentile", Unit.PERCENTILE, 0, _PAIRS, "share of windows with no larger range",
    **_HISTORY,
)  # fmt: skip
def family_disagreement_percentile(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """Where the disagreement of the families stands among all windows of the same length."""
    return _history(m, desk, series, window, params, "percentile")


@metric(
    "family_disagreement_median", Unit.PP, 2, _PAIRS, "median range of all windows of the same length",
    **_HISTORY,
)  # fmt: skip
def family_disagreement_median(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How far the families usually lie apart: the median over all windows of the same length."""
    return _history(m, desk, series, window, params, "median")


@metric(
    "family_disagreement_count", Unit.COUNT, 0, _PAIRS, "number of windows", **_HISTORY
)  # fmt: skip
def family_disagreement_count(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many windows the percentile and the median are taken over."""
    return _history(m, desk, series, window, params, "count")


@metric(
    "total_minus_price_spread", Unit.PP, 2, "two series, or an index family, or nothing",
    "spread of total returns - spread of price returns", which=_WHICH,
)  # fmt: skip
def total_minus_price_spread(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """What dividends add to a spread: the spread of total returns minus that of price returns, of the same
    two funds between the same closes. Positive: the first leg paid more."""
    which = _which(params)
    legs = legs_of(desk, series, *_ROLES[which])
    made = find_metric(_METRICS[which])
    both = [made.fact(desk, legs, window, kind=kind) for kind in ("total_return", "price_return")]
    used = same_window(both)
    return desk.make(m.name, legs, "difference", both, unit=m.unit, decimals=m.decimals, window=used)
