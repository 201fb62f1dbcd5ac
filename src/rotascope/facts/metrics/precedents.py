"""What followed earlier months of the same kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rotascope.facts import params as read
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import Metric, metric
from rotascope.facts.metrics.prices import need
from rotascope.facts.metrics.streaks import paired_closes
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.series import to_date

_TWO = "two series: the first against the second"
_PARAMS = {
    "at_least": "spread of a month in points; negative means at or below",
    "horizon": "how many months later to look",
}


def _precedent(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    _, used = paired_closes(desk, need(m, series, 2), window)
    assert used.end_used is not None
    columns = [desk.column(s, Field.CLOSE, None, used.end_used) for s in series]
    start = max(to_date(c.dates[0]) for c in columns)
    columns = [desk.column(s, Field.CLOSE, start, used.end_used) for s in series]
    recipe = {
        "at_least": read.real(params, "at_least", 4.0),
        "horizon": 0 if want == "count" else read.whole(params, "horizon", 1, 1, 1200),
        "want": want,
    }
    return desk.make(
        m.name,
        series,
        "precedents",
        columns,
        params=recipe,
        unit=m.unit,
        decimals=m.decimals,
        window=used,
    )


@metric("precedent_count", Unit.COUNT, 0, _TWO, "number of earlier months beyond the threshold", **_PARAMS)
def precedent_count(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """In how many earlier calendar months the first series beat the second by so much."""
    return _precedent(m, desk, series, window, params, "count")


@metric("precedents_counted", Unit.COUNT, 0, _TWO, "those whose sequel is in the data", **_PARAMS)
def precedents_counted(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many of these months have a known sequel of the horizon's length."""
    return _precedent(m, desk, series, window, params, "counted")


@metric(
    "precedents_ahead", Unit.COUNT, 0, _TWO, "those after which the first series was still ahead", **_PARAMS
)
def precedents_ahead(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """After how many of these months the first series gained further over the horizon."""
    return _precedent(m, desk, series, window, params, "ahead")


@metric("precedents_mean", Unit.PP, 2, _TWO, "mean spread over the horizon after these months", **_PARAMS)
def precedents_mean(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The mean spread over the horizon that followed these months."""
    return _precedent(m, desk, series, window, params, "mean")
