"""Base rates: what followed windows like this one, beside what followed all windows of its length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rotascope.facts import params as read
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import Metric, metric
from rotascope.facts.metrics.factors import history
from rotascope.facts.metrics.prices import need
from rotascope.facts.metrics.streaks import paired_closes
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.series import to_date

_TAKES = "two series, the first against the second; or one factor"
_PARAMS = {
    "length": "months in a window (1)",
    "horizon": "months after it (3)",
    "at_least": "only windows of so many points, or percent, or more; negative: or less; all by default",
}


def _sequel(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    if len(series) == 1:
        columns, used = history(desk, series, window, None)
        grid = "rows"
    else:
        _, used = paired_closes(desk, need(m, series, 2), window)
        assert used.end_used is not None
        whole = [desk.column(s, Field.CLOSE, None, used.end_used) for s in series]
        start = max(to_date(c.dates[0]) for c in whole)
        columns = [desk.column(s, Field.CLOSE, start, used.end_used) for s in series]
        used = Window(window.start, window.end, "prior_close", start, used.end_used)
        grid = "months"
    recipe: dict[str, Any] = {
        "grid": grid,
        "length": read.whole(params, "length", 1, 1, 1200),
        "horizon": read.whole(params, "horizon", 3, 1, 1200),
        "want": want,
    }
    if params.get("at_least") is not None:
        recipe["at_least"] = read.real(params, "at_least", 0.0)
    return desk.make(
        m.name, series, "sequels", columns, params=recipe, unit=m.unit, decimals=m.decimals, window=used
    )


@metric("sequels_counted", Unit.COUNT, 0, _TAKES, "windows whose sequel is in the data", **_PARAMS)
def sequels_counted(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many windows of this length, all or those beyond a bound, have a known sequel. Up to the end of the
    window; they overlap."""
    return _sequel(m, desk, series, window, params, "counted")


@metric("sequels_ahead", Unit.COUNT, 0, _TAKES, "those with a positive sequel", **_PARAMS)
def sequels_ahead(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """After how many of these windows the first series beat the second, or the factor gained."""
    return _sequel(m, desk, series, window, params, "ahead")


@metric("sequels_share", Unit.SHARE, 0, _TAKES, "their share", **_PARAMS)
def sequels_share(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The share of these windows after which the first series beat the second, or the factor gained. Without
    a bound it is the base rate that any other share has to be held against."""
    return _sequel(m, desk, series, window, params, "share")


@metric("sequels_independent", Unit.COUNT, 0, _TAKES, "those that fit side by side", **_PARAMS)
def sequels_independent(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many of these windows can be taken so that neither they nor their sequels overlap."""
    return _sequel(m, desk, series, window, params, "independent")


def trigger_of(desk: Desk, fact: Fact, test: str, than: float, decimals: int = 1) -> Fact:
    """Return a number to watch for: the value that a fact, measured again later, would have to pass.

    test: `above` or `below`. Raises MissingDataError if the fact is beyond it already.
    """
    return desk.make(
        f"trigger_{test}", fact.series, "trigger", [fact], params={"test": test, "than": than},
        unit=fact.unit, decimals=decimals, window=fact.window,
    )  # fmt: skip
