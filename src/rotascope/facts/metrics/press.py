"""Numbers that only the press prints, kept so that they can be held against the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rotascope.facts.build import Desk, lag_note
from rotascope.facts.catalogue import Metric, metric
from rotascope.facts.metrics.prices import need
from rotascope.model.errors import BadWindowError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.series import to_date


@metric("level_change", Unit.INDEX_LEVEL, 2, "one series", "close at the end - close at the base")
def level_change(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The change in points of the index itself (dollars for a fund), as evening reports print it."""
    (name,) = need(m, series, 1)
    if window.base == "open":
        start = desk.column(name, Field.OPEN, window.start, window.start)
    else:
        start = desk.point(name, Field.CLOSE, window.start)
    end = desk.point(name, Field.CLOSE, window.end)
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
        "change",
        [start, end],
        unit=end.data.meta.unit,
        decimals=m.decimals,
        window=used,
        notes=notes,
    )
