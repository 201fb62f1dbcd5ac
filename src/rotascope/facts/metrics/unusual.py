"""How unusual a window is: its rank and percentile among all windows of its length."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from rotascope.facts import params as read
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import Metric, metric
from rotascope.facts.columns import Column
from rotascope.facts.metrics.streaks import paired_closes
from rotascope.ingest import calendar
from rotascope.model.errors import UnknownNameError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.series import to_date

_TAKES = "one series (its return) or two (their spread)"
_PARAMS = {
    "grid": "months or sessions; by default months where the window is one calendar month",
    "since": "leave out closes before this date",
}


def is_calendar_month(window: Window) -> bool:
    """Say whether a window runs from the last session of one month to the last session of the next."""
    if window.start_used is None or window.end_used is None:
        return False
    ends = [calendar.previous_session(_month_end(d)) for d in (window.start_used, window.end_used)]
    months = [d.year * 12 + d.month for d in ends]
    return ends == [window.start_used, window.end_used] and months[1] - months[0] == 1


def is_calendar_year(window: Window) -> bool:
    """Say whether a window runs from the last session of one year to the last session of the next."""
    if window.start_used is None or window.end_used is None:
        return False
    ends = [calendar.previous_session(date(d.year, 12, 31)) for d in (window.start_used, window.end_used)]
    return ends == [window.start_used, window.end_used] and ends[1].year - ends[0].year == 1


def _month_end(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _window_rank(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    if len(series) not in (1, 2):
        raise UnknownNameError(f"{m.name} takes {m.takes}; {len(series)} were given.")
    inside, used = paired_closes(desk, series, window)
    assert used.end_used is not None
    since = read.day(params, "since")
    history: list[Column] = [desk.column(s, Field.CLOSE, since, used.end_used) for s in series]
    start = max(to_date(c.dates[0]) for c in history)
    columns = [desk.column(s, Field.CLOSE, start, used.end_used) for s in series]
    own = "months" if is_calendar_month(used) else "sessions"
    grid = read.choice(params, "grid", own, ("months", "sessions"))
    recipe: dict[str, Any] = {"grid": grid, "want": want}
    if grid == "sessions":
        recipe["length"] = _common_count(inside) - 1
    return desk.make(
        m.name,
        series,
        "window_rank",
        columns,
        params=recipe,
        unit=m.unit,
        decimals=m.decimals,
        window=used,
    )


def _common_count(columns: list[Column]) -> int:
    days = set(columns[0].dates.tolist())
    for column in columns[1:]:
        days &= set(column.dates.tolist())
    return len(days)


@metric("window_rank", Unit.RANK, 0, _TAKES, "1 + number of windows with a greater value", **_PARAMS)
def window_rank(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The rank of the window among all windows of its length, counted from the largest."""
    return _window_rank(m, desk, series, window, params, "rank")


@metric("window_percentile", Unit.PERCENTILE, 1, _TAKES, "share of windows no greater, 0 to 100", **_PARAMS)
def window_percentile(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The percentile of the window among all windows of its length, itself included."""
    return _window_rank(m, desk, series, window, params, "percentile")


@metric("window_percentile_below", Unit.PERCENTILE, 1, _TAKES, "share of windows no smaller", **_PARAMS)
def window_percentile_below(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The percentile counted from the other end: how unusual a fall is, the window itself included."""
    return _window_rank(m, desk, series, window, params, "percentile_below")


@metric("window_count", Unit.COUNT, 0, _TAKES, "number of windows", **_PARAMS)
def window_count(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many windows of this length there are. On a grid of sessions they overlap."""
    return _window_rank(m, desk, series, window, params, "count")


@metric("independent_windows", Unit.COUNT, 0, _TAKES, "number of windows without overlap", **_PARAMS)
def independent_windows(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many windows of this length fit into the history without overlap."""
    return _window_rank(m, desk, series, window, params, "independent")


@metric(
    "last_as_large", Unit.DATE, 0, _TAKES, "end of the latest earlier window at least as great", **_PARAMS
)
def last_as_large(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """When a window of this length was last at least as large."""
    return _window_rank(m, desk, series, window, params, "last_as_large")


@metric("history_sessions", Unit.COUNT, 0, _TAKES, "closes on which all series have a value", since="a date")
def history_sessions(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many closes of the first series the history holds, from the first date that all series have. Its
    window says from when to when."""
    if not series:
        raise UnknownNameError(f"{m.name} takes {m.takes}; none was given.", fix="Name one.")
    since = read.day(params, "since")
    columns = [desk.column(s, Field.CLOSE, since, window.end) for s in series]
    start = max(to_date(c.dates[0]) for c in columns)
    own = desk.column(series[0], Field.CLOSE, start, window.end)
    used = Window(start, window.end, "prior_close", to_date(own.dates[0]), to_date(own.dates[-1]))
    return desk.make(m.name, series[:1], "count_rows", [own], unit=m.unit, decimals=m.decimals, window=used)
