"""What followed leads like this one, beside what followed all windows of the length."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rotascope.facts.metrics.lists import parameter_of
from rotascope.model.facts import Fact
from rotascope.model.units import Unit
from rotascope.report.sections.leads import LEAST_LEAD, Lead, first_role
from rotascope.report.sections.outlook import months_in, one_snapshot
from rotascope.report.sections.precedents import round_threshold
from rotascope.report.story import Story

HORIZONS = (3, 12)  # months; the section on history reads others
_LEAST_CASES = 5
# Standard errors between a share and the base rate, on cases that do not overlap. The bar is low; the text gives
# the counts, and never calls the difference proven.
_TOLD_FROM = 1.2
_TOLD_GAP = 0.08  # and as a share of the cases


@dataclass(frozen=True, slots=True)
class BaseRate:
    """What followed windows like this one. `surprise`: standard errors from the share of all windows, on cases
    that do not overlap; positive where the lead was built on more often."""

    limit: Fact
    counted: Fact
    ahead: Fact
    share: Fact
    independent: Fact
    base: Fact
    surprise: float


def base_rate(story: Story, lead: Lead) -> BaseRate | None:
    """Return the most telling base rate of a lead, from its own record or else from that of the factor.

    Of the horizons the one counts at which the sequels of such leads differ most from those of all windows. The
    factor is not asked to contradict what the lead's own record says. None where the cases are few or what
    followed is ordinary, or where the window is not made of whole months.
    """
    length = months_in(story)
    if length is None or length > HORIZONS[-1] or abs(lead.fact.value) < LEAST_LEAD:
        return None
    seen: list[BaseRate] = []
    for series, value in _records(story, lead):
        bound = math.copysign(round_threshold(value), value)
        found = [_at_horizon(story, series, bound, length, horizon) for horizon in HORIZONS]
        rates = [r for r in found if r is not None]
        told = [r for r in rates if _is_told(r) and all(r.surprise * s.surprise > 0 for s in seen)]
        if told:
            return max(told, key=lambda r: abs(r.surprise))
        seen += rates
    return None


def _is_told(rate: BaseRate) -> bool:
    return abs(rate.surprise) >= _TOLD_FROM and abs(rate.share.value - rate.base.value) >= _TOLD_GAP


def _records(story: Story, lead: Lead) -> list[tuple[tuple[str, ...], float]]:
    """Return the series whose past is asked, each with the lead in its own sign."""
    own = [(lead.fact.series, lead.fact.value)]
    factor = story.desk.universe.roles["french"].get({"style": "value_factor"}.get(lead.kind, "size_factor"))
    if not lead.paired or lead.kind == "index":
        return own
    return [*own, ((str(factor),), math.copysign(lead.fact.value, 1 if first_role(story, lead) else -1))]


def _at_horizon(
    story: Story, series: Sequence[str], bound: float, length: int, horizon: int
) -> BaseRate | None:
    plain: dict[str, Any] = {"length": length, "horizon": horizon}
    settings: dict[str, Any] = {**plain, "at_least": bound}
    counted = story.maybe("sequels_counted", *series, **settings)
    if counted is None or counted.value < _LEAST_CASES or not one_snapshot(story, counted):
        return None
    share = story.fact("sequels_share", *series, **settings)
    base = story.fact("sequels_share", *series, **plain)
    independent = story.fact("sequels_independent", *series, **settings)
    error = math.sqrt(base.value * (1 - base.value) / independent.value)
    if error == 0:
        return None
    unit = Unit.PP if len(series) == 2 else Unit.PERCENT
    return BaseRate(
        limit=parameter_of(story.desk, counted, "at_least", unit),
        counted=counted,
        ahead=story.fact("sequels_ahead", *series, **settings),
        share=share,
        independent=independent,
        base=base,
        surprise=(share.value - base.value) / error * (1 if bound > 0 else -1),
    )
