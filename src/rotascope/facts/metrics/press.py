"""Numbers that only the press prints, kept so that they can be held against the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rotascope.facts.build import Desk
from rotascope.facts.catalogue import Metric, metric
from rotascope.facts.metrics.prices import between_ends, need
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.model.units import Unit


@metric("level_change", Unit.INDEX_LEVEL, 2, "one series", "close at the end - close at the base")
def level_change(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The change in points of the index itself (dollars for a fund), as evening reports print it."""
    (name,) = need(m, series, 1)
    return between_ends(m, desk, name, window, Field.CLOSE, "change")
