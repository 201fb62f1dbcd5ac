"""Breadth of an index by its members of the day, also those that have left it since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Protocol, runtime_checkable

import numpy as np

from rotascope.facts import params as read
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import Metric, metric
from rotascope.facts.columns import Column
from rotascope.facts.metrics.engine_rows import FIELD, field_of
from rotascope.facts.metrics.prices import need
from rotascope.facts.ops_engine_grid import known
from rotascope.facts.ops_engine_members import members_on
from rotascope.model.errors import NotAvailableError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.series import to_date

_SLACK_DAYS = 15  # calendar days beyond 3/2 of the sessions needed: holidays
_FRESH_DAYS = 400  # a list without any change for longer than this has not been kept
LEAST_COVERED = 0.5  # of the members: with fewer closes nothing is said of the index
_TAKES = "nothing"
_LIST = {"list": "a list of members by date (that of the universe)", "field": FIELD}


@runtime_checkable
class _ListsSeries(Protocol):
    """A market database that can say what it holds."""

    def series(self) -> list[str]:
        """Return the names of all series."""


def memberships(desk: Desk, name: str, day: date) -> list[Column]:
    """Return what is known up to a day of each name that has ever been a member of a list by then.

    Raises NotAvailableError if there is no such list, if it begins later, or if it has long not been kept.
    """
    prefix = f"MEMBER.{name}."
    listed = desk.reader.series() if isinstance(desk.reader, _ListsSeries) else []
    found = []
    for series in listed:
        if series.startswith(prefix):
            try:
                found.append(desk.column(series, Field.VALUE, None, day))
            except NotAvailableError:
                continue
    if not found:
        raise NotAvailableError(
            f"Who was in {name} on {day} is not known as of {desk.as_of}.",
            fix="Import a table of ticker, start_date, end_date whose name begins with that of the list.",
        )
    last = to_date(max(c.dates[-1] for c in found))
    if (day - last).days > _FRESH_DAYS:
        raise NotAvailableError(f"The list {name} ends on {last}, long before {day}.")
    return found


def _members(
    desk: Desk, params: Mapping[str, Any], day: date
) -> tuple[str, list[Column], list[str], list[str]]:
    """Return the list's name, the memberships that hold on a day, their names, and notes about the list."""
    name = str(params.get("list") or desk.universe.roles["membership"]["list"])
    known_by_then = memberships(desk, name, day)
    inside = members_on(name, known_by_then, day.isoformat())
    prefix = f"MEMBER.{name}."
    held = [c for c in known_by_then if c.data.meta.series.removeprefix(prefix) in inside]
    last = to_date(max(c.dates[-1] for c in known_by_then))
    notes = [f"Members of {name} by its list, whose last change up to then is of {last}."]
    return name, held, [c.data.meta.series.removeprefix(prefix) for c in held], notes


def _closes(desk: Desk, names: Sequence[str], field: Field, day: date, first: date) -> list[Column]:
    """Return the closes of those that have any between two days."""
    found = []
    for name in names:
        try:
            found.append(desk.column(name, field, first, day))
        except NotAvailableError:
            continue
    if not found:
        raise NotAvailableError(f"No member has a {field} between {first} and {day} as of {desk.as_of}.")
    return found


def _breadth(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], measure: str,
    want: str,
) -> Fact:  # fmt: skip
    need(m, series, 0)
    field = field_of(params)
    listed, held, names, notes = _members(desk, params, window.end)
    length = read.whole(params, "length", 0, 0) or (50 if measure == "above_average" else 0)
    first = window.end - timedelta(days=length * 3 // 2 + _SLACK_DAYS)
    if not length:
        first = window.start - timedelta(days=_SLACK_DAYS)
    found = _closes(desk, names, field, window.end, first)
    grid = np.unique(np.concatenate([known(c)[0] for c in found]))
    length = length or int((grid > np.datetime64(window.start, "D")).sum())
    count = length + 1 if measure == "up" else length
    if length < 1 or grid.size < count:
        raise NotAvailableError(f"{count} sessions with closes are needed up to {window.end}.")
    start, last = to_date(grid[-count]), to_date(grid[-1])
    reach = [c.data.meta.series for c in found if c.dates[-1] >= grid[-count]]
    closes = [desk.column(name, field, start, last) for name in reach]
    if len(names) > len(closes):
        notes.append(f"{len(names) - len(closes)} of its {len(names)} members have no closes here.")
    _refuse_few(want, len(closes), len(names), listed)
    recipe = {
        "list": listed,
        "closes": len(closes),
        "on": last.isoformat(),
        "measure": measure,
        "length": length,
        "want": want,
    }
    used = Window(window.start, window.end, "prior_close", None, last)
    return desk.make(
        m.name, (), "member_breadth", [*closes, *held], params=recipe, unit=m.unit, decimals=m.decimals,
        window=used, notes=notes,
    )  # fmt: skip


def _refuse_few(want: str, closes: int, members: int, listed: str) -> None:
    """A share of a few survivors is no share of the index."""
    if want == "share" and closes < LEAST_COVERED * members:
        raise NotAvailableError(
            f"Closes of {closes} of the {members} members of {listed} are in the database: too few.",
            fix="Import more, or ask for member_breadth_coverage.",
        )


def _measure(params: Mapping[str, Any]) -> str:
    return read.choice(params, "measure", "up", ("up", "above_average"))


_WINDOW = {**_LIST, "length": "sessions of the comparison (those of the window)"}
_EITHER = {
    **_LIST,
    "measure": "up or above_average (up)",
    "length": "sessions of the comparison (those of the window; 50 for above_average)",
}


@metric("member_breadth_up", Unit.SHARE, 0, _TAKES, "members up / members with closes", **_WINDOW)
def member_breadth_up(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The share of the index's members of the day whose price rose over the window. Print it with
    member_breadth_coverage: members without closes are not counted."""
    return _breadth(m, desk, series, window, params, "up", "share")


@metric(
    "member_breadth_above_average", Unit.SHARE, 0, _TAKES,
    "members above their average / members with closes", **_LIST, length="sessions of the average (50)",
)  # fmt: skip
def member_breadth_above_average(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The share of the index's members of the day that closed above the mean of their last closes."""
    return _breadth(m, desk, series, window, params, "above_average", "share")


@metric("member_breadth_coverage", Unit.SHARE, 0, _TAKES, "members with closes / members", **_EITHER)
def member_breadth_coverage(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The share of the index's members of the day that the measure can count."""
    return _breadth(m, desk, series, window, params, _measure(params), "coverage")


@metric("member_breadth_members", Unit.COUNT, 0, _TAKES, "members on the day", **_EITHER)
def member_breadth_members(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many names the index had on the last session of the window, by its list."""
    return _breadth(m, desk, series, window, params, _measure(params), "members")


@metric("member_breadth_left_out", Unit.COUNT, 0, _TAKES, "members without closes", **_EITHER)
def member_breadth_left_out(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many of the index's members of the day the measure cannot count."""
    return _breadth(m, desk, series, window, params, _measure(params), "left_out")
