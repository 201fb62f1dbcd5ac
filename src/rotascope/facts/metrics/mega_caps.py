"""The largest growth companies as a group: their mean return, each counted once, and gaps to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rotascope.facts.build import Desk
from rotascope.facts.catalogue import Metric, metric
from rotascope.facts.metrics.prices import need
from rotascope.facts.metrics.sector_groups import returns_of
from rotascope.model.errors import NotAvailableError
from rotascope.model.facts import Fact, Window
from rotascope.model.units import Unit

_KIND = {"kind": "price_return or total_return"}
_ONE = "one series to compare with"


def members_of(desk: Desk, window: Window) -> list[str]:
    """Return the names of the group.

    Raises NotAvailableError for a window that begins before the group was named: who would become large is
    hindsight there.
    """
    said = desk.universe.roles["mega_caps"]
    if window.start < said["since"]:
        raise NotAvailableError(
            f"The group was named in {said['since']:%B %Y}; the window begins on {window.start}.",
            fix="Choose a later window; before, its members were picked by what came after.",
        )
    return list(desk.universe.role("mega_caps", "members"))


@metric("mega_caps_return", Unit.PERCENT, 2, _ONE, "mean of the seven returns", **_KIND)
def mega_caps_return(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The mean return of the Magnificent 7, each counted once, over the days for which the series has closes
    too. All seven must have closes."""
    return _gap(m, desk, series, window, params, "first")


@metric("mega_caps_minus", Unit.PP, 2, _ONE, "mean of the seven returns - return of the series", **_KIND)
def mega_caps_minus(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The mean return of the Magnificent 7, each counted once, minus that of a series."""
    return _gap(m, desk, series, window, params, "gap")


def _gap(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    (other,) = need(m, series, 1)
    names = members_of(desk, window)
    found = returns_of(desk, [*names, other], window, params)
    return desk.make(
        m.name, (other,) if want == "gap" else (), "group_gap", found,
        params={"split": len(names), "want": want}, unit=m.unit, decimals=m.decimals, window=found[0].window,
    )  # fmt: skip
