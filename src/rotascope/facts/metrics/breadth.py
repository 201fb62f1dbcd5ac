"""How many members take part, and how much of an index is in how few names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol, runtime_checkable

import numpy as np

from rotascope.facts.build import Desk, same_window
from rotascope.facts.catalogue import Metric, find_metric, metric
from rotascope.facts.columns import Column
from rotascope.facts.metrics.engine_rows import FIELD, field_of
from rotascope.facts.metrics.lists import count_of, count_where
from rotascope.facts.ops_engine_grid import known
from rotascope.model.errors import NotAvailableError, UnknownNameError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.series import to_date

_TAKES = "the members; or nothing, for a list of the universe"
_OF = "a list of the universe's breadth table (sectors), or series separated by commas"
_LIST = {"of": _OF, "field": FIELD}
_LISTED = (
    "The members are those of today's list; names that left it earlier are not in it, so measures of the "
    "past look better than they were."
)
_SLACK_DAYS = 15  # calendar days beyond 3/2 of the sessions needed: holidays
_STALE_DAYS = 45  # holdings older than this do not describe the end of the window


def members_of(desk: Desk, series: tuple[str, ...], params: Mapping[str, Any]) -> list[str]:
    """Return the members: those named, those of a list of the universe, or the sector funds."""
    if series:
        return list(series)
    said = str(params.get("of", "sectors"))
    if said in desk.universe.roles["breadth"]:
        return list(desk.universe.role("breadth", said))
    if "," not in said:
        known_lists = ", ".join(desk.universe.roles["breadth"])
        raise UnknownNameError(f"There is no list '{said}'.", fix=f"Lists: {known_lists}; or of=A,B,C.")
    return said.split(",")


def _index_of(desk: Desk, params: Mapping[str, Any]) -> str:
    named = params.get("index")
    found = (
        str(named)
        if named
        else desk.first_available(desk.universe.role("breadth", "index"), field_of(params))
    )
    if found is None:
        raise NotAvailableError("No index to compare with is in the database.", fix="Name one: index=SPY.")
    return found


def _columns(desk: Desk, names: Sequence[str], field: Field, window: Window, need: int) -> list[Column]:
    """Return the closes on the last `need` dates on which any of the series has one.

    A series without a row there stays away; one that has long ended does so too.
    """
    span = timedelta(days=need * 3 // 2 + _SLACK_DAYS)
    found = []
    for name in names:
        try:
            found.append(desk.column(name, field, window.end - span, window.end))
        except NotAvailableError:
            continue
    if not found:
        raise NotAvailableError(f"None of {', '.join(names[:5])} has closes up to {window.end}.")
    dates = np.unique(np.concatenate([known(c)[0] for c in found]))[-need:]
    first, last = to_date(dates[0]), to_date(dates[-1])
    kept = [c.data.meta.series for c in found if c.dates[-1] >= dates[0] and c.dates[0] <= dates[-1]]
    return [desk.column(name, field, first, last) for name in kept]


def _sessions_of(desk: Desk, names: Sequence[str], field: Field, window: Window) -> int:
    """Return how many sessions the window holds: dates after the base on which a member has a close."""
    first = window.start + timedelta(days=1)
    dates: list[np.ndarray] = []
    for name in names:
        try:
            dates.append(known(desk.column(name, field, first, window.end))[0])
        except NotAvailableError:
            continue
    if not dates:
        raise NotAvailableError(f"No member has a close after {window.start} up to {window.end}.")
    return int(np.unique(np.concatenate(dates)).size)


def _breadth(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any],
    measure: str, want: str, length: int = 0,
) -> Fact:  # fmt: skip
    names, field = members_of(desk, series, params), field_of(params)
    recipe: dict[str, Any] = {"measure": measure, "want": want}
    if measure != "up":
        recipe["length"] = int(params.get("length", 0)) or length or _sessions_of(desk, names, field, window)
    need = {"up": 2, "beating": recipe.get("length", 0) + 1}.get(measure, recipe.get("length", 0))
    if want == "line":
        need = _sessions_of(desk, names, field, window) + 1
    index = [_index_of(desk, params)] if measure == "beating" else []
    columns = _columns(desk, [*names, *index], field, window, need)
    there = {c.data.meta.series for c in columns}
    if index and index[0] not in there:
        raise NotAvailableError(f"{index[0]} has no closes up to {window.end}.")
    dates = np.unique(np.concatenate([known(c)[0] for c in columns]))
    recipe["on"] = to_date(dates[-1]).isoformat()
    base = to_date(dates[0]) if want == "line" else None
    absent = [n for n in names if n not in there]
    notes = [] if series or "," in str(params.get("of", "")) else [_LISTED]
    if absent:
        notes.append(f"Without closes in these sessions, and not among the members: {', '.join(absent)}.")
    return desk.make(
        m.name, (), "breadth", columns, params=recipe, unit=m.unit, decimals=m.decimals,
        window=Window(window.start, window.end, "prior_close", base, to_date(dates[-1])), notes=notes,
    )  # fmt: skip


@metric("breadth_up", Unit.SHARE, 0, _TAKES, "members up in the window / members", of=_OF)
def breadth_up(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The share of members whose price rose over the window."""
    leg = find_metric("price_return")
    found, absent = [], []
    for name in members_of(desk, series, params):
        try:
            found.append(leg.fact(desk, (name,), window))
        except NotAvailableError:
            if series:
                raise
            absent.append(name)
    if not found:
        raise NotAvailableError(f"No member has closes from {window.start} to {window.end}.")
    used = same_window(found)
    parts = [count_where(desk, found, "positive"), count_of(desk, found)]
    notes = [] if series else [_LISTED]
    if absent:
        notes.append(f"Without closes for the window, and not counted: {', '.join(absent)}.")
    return desk.make(m.name, (), "ratio", parts, unit=m.unit, decimals=m.decimals, window=used, notes=notes)


@metric("breadth_advancing", Unit.SHARE, 0, _TAKES, "members up on the last session / members", **_LIST)
def breadth_advancing(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The share of members that closed above the close before, on the last session of the window."""
    return _breadth(m, desk, series, window, params, "up", "share")


@metric(
    "breadth_above_average", Unit.SHARE, 0, _TAKES, "members above their average / members", **_LIST,
    length="sessions of the average (50; 200 is the other usual one)",
)  # fmt: skip
def breadth_above_average(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The share of members that closed above the mean of their last closes, at the end of the window."""
    return _breadth(m, desk, series, window, params, "above_average", "share", 50)


_INDEX = {"index": "what they are compared with (the broad market)"}
_LENGTH_WINDOW = {"length": "sessions of the comparison (those of the window)"}


@metric(
    "breadth_beating_index", Unit.SHARE, 0, _TAKES, "members ahead of the index / members", **_LIST, **_INDEX,
    **_LENGTH_WINDOW,
)  # fmt: skip
def breadth_beating_index(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The share of members whose return over the window was greater than that of the index."""
    return _breadth(m, desk, series, window, params, "beating", "share")


_YEAR = {"length": "sessions looked at, the last included (252)"}


@metric("breadth_new_highs", Unit.COUNT, 0, _TAKES, "members at a new high", **_LIST, **_YEAR)
def breadth_new_highs(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many members closed above every close of the year before, at the end of the window."""
    return _breadth(m, desk, series, window, params, "highs_lows", "highs", 252)


@metric("breadth_new_lows", Unit.COUNT, 0, _TAKES, "members at a new low", **_LIST, **_YEAR)
def breadth_new_lows(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many members closed below every close of the year before, at the end of the window."""
    return _breadth(m, desk, series, window, params, "highs_lows", "lows", 252)


@metric("breadth_highs_minus_lows", Unit.COUNT, 0, _TAKES, "new highs - new lows", **_LIST, **_YEAR)
def breadth_highs_minus_lows(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """New highs minus new lows at the end of the window."""
    return _breadth(m, desk, series, window, params, "highs_lows", "net", 252)


@metric("breadth_advance_minus_decline", Unit.COUNT, 0, _TAKES, "members up - members down", **_LIST)
def breadth_advance_minus_decline(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """Members that rose minus members that fell, on the last session of the window."""
    return _breadth(m, desk, series, window, params, "up", "net")


@metric("breadth_advance_decline_line", Unit.COUNT, 0, _TAKES, "their sum over the window", **_LIST)
def breadth_advance_decline_line(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The advance-decline line at the end of the window, zero at its base."""
    return _breadth(m, desk, series, window, params, "up", "line")


_MEASURE = "up, above_average, beating or highs_lows (up)"
_DEFAULTS = {"above_average": 50, "highs_lows": 252}


@metric(
    "breadth_counted", Unit.COUNT, 0, _TAKES, "members with the closes that are needed", **_LIST, **_INDEX,
    measure=_MEASURE, length="as in the measure",
)  # fmt: skip
def breadth_counted(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many members a breadth measure counts."""
    measure = str(params.get("measure", "up"))
    return _breadth(m, desk, series, window, params, measure, "counted", _DEFAULTS.get(measure, 0))


@metric(
    "breadth_left_out", Unit.COUNT, 0, _TAKES, "members without them", **_LIST, **_INDEX, measure=_MEASURE,
    length="as in the measure",
)  # fmt: skip
def breadth_left_out(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many members a breadth measure leaves out because a close is missing."""
    measure = str(params.get("measure", "up"))
    return _breadth(m, desk, series, window, params, measure, "left_out", _DEFAULTS.get(measure, 0))


@runtime_checkable
class _ListsSeries(Protocol):
    """A market database that can say what it holds."""

    def series(self) -> list[str]:
        """Return the names of all series."""


def holdings(desk: Desk, fund: str, window: Window) -> list[Column]:
    """Return the weights of a fund's shares on the last day up to the end of the window that has them.

    Cash and futures are left out where the source names the class of a holding. Raises NotAvailableError.
    """
    prefix = f"HOLD.{fund}."
    names = (
        [s for s in desk.reader.series() if s.startswith(prefix)]
        if isinstance(desk.reader, _ListsSeries)
        else []
    )
    found = []
    for name in names:
        try:
            data = desk.series(name, Field.WEIGHT)
        except NotAvailableError:
            continue
        at = int(np.searchsorted(data.dates, np.datetime64(window.end, "D"), "right"))
        if at and data.meta.attributes.get("asset_class", "Equity") == "Equity":
            found.append(Column(data, at - 1, at))
    if not found:
        raise NotAvailableError(f"No holdings of {fund} are known up to {window.end} as of {desk.as_of}.")
    last = max(c.dates[0] for c in found)
    if (window.end - to_date(last)).days > _STALE_DAYS:
        raise NotAvailableError(f"The last holdings of {fund} up to {window.end} are of {last}: too old.")
    return [c for c in found if c.dates[0] == last]


def _concentration(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    if len(series) != 1:
        raise UnknownNameError(f"{m.name} takes {m.takes}; {len(series)} series were given.")
    columns = holdings(desk, series[0], window)
    recipe: dict[str, Any] = {"want": want}
    if want == "top_share":
        recipe["names"] = int(params.get("names", 10))
    used = Window(window.start, window.end, "prior_close", None, to_date(columns[0].dates[0]))
    return desk.make(
        m.name, series, "effective_number", columns, params=recipe, unit=m.unit, decimals=m.decimals,
        window=used,
    )  # fmt: skip


_FUND = "one fund with holdings"


@metric("effective_number", Unit.RATIO, 0, _FUND, "1 / sum of squared weights")
def effective_number(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The effective number of names: so many of equal weight would be as concentrated as the fund's
    shares."""
    return _concentration(m, desk, series, window, params, "effective")


@metric("top_weight", Unit.SHARE, 1, _FUND, "sum of the largest weights", names="how many names (10)")
def top_weight(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The share of the fund's equity that is in its largest names."""
    return _concentration(m, desk, series, window, params, "top_share")


@metric("names_held", Unit.COUNT, 0, _FUND, "number of known weights")
def names_held(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many shares the fund holds with a known weight."""
    return _concentration(m, desk, series, window, params, "counted")
