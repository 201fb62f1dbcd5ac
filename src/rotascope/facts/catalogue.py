"""The metric catalogue: each number that Rotascope can print, its unit, decimals and recipe.

docs/metrics.md is generated from it.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from rotascope.facts.build import Desk
from rotascope.model.errors import UnknownNameError
from rotascope.model.facts import Fact, Window
from rotascope.model.units import Unit

Build = Callable[["Metric", Desk, tuple[str, ...], Window, Mapping[str, Any]], Fact]


@dataclass(frozen=True, slots=True)
class Metric:
    """A named number. `takes` says which series it wants, `recipe` how it is computed."""

    name: str
    unit: Unit
    decimals: int
    takes: str
    summary: str
    recipe: str
    build: Build
    params: Mapping[str, str]

    def fact(self, desk: Desk, series: tuple[str, ...], window: Window, **params: Any) -> Fact:
        """Make the fact. Raises a RotascopeError that says what is missing."""
        unknown = sorted(set(params) - set(self.params))
        if unknown:
            allowed = ", ".join(self.params) or "none"
            raise UnknownNameError(
                f"{self.name} has no parameter '{unknown[0]}'.", fix=f"Its parameters: {allowed}."
            )
        desk.check_window(window)
        with desk.looking_at(window):
            return self.build(self, desk, series, window, params)


METRICS: dict[str, Metric] = {}


def metric(
    name: str, unit: Unit, decimals: int, takes: str, recipe: str, **params: str
) -> Callable[[Build], Build]:
    """Register a metric; the docstring of the decorated function is its summary."""

    def register(build: Build) -> Build:
        summary = " ".join((build.__doc__ or "").split())
        METRICS[name] = Metric(name, unit, decimals, takes, summary, recipe, build, params)
        return build

    return register


def find_metric(name: str) -> Metric:
    """Return a metric by name. Raises UnknownNameError with near names."""
    load_metrics()
    if name not in METRICS:
        near = difflib.get_close_matches(name, METRICS, n=3, cutoff=0.4)
        hint = f"Did you mean {', '.join(near)}? " if near else ""
        raise UnknownNameError(
            f"No metric is called '{name}'.", fix=f"{hint}`rotascope metrics` lists all {len(METRICS)}."
        )
    return METRICS[name]


@cache  # importing modules that are there already costs more than some metrics
def load_metrics() -> dict[str, Metric]:
    """Import the modules that register metrics, and return the catalogue."""
    from rotascope.facts.metrics import (  # noqa: F401
        breadth,
        concentration,
        drivers,
        earnings,
        events,
        factors,
        families,
        flow_days,
        flows,
        inference,
        lists,
        mega_caps,
        members,
        nearest,
        pairs,
        precedents,
        press,
        prices,
        pure,
        regimes,
        rotation,
        sector_groups,
        sequels,
        signals,
        standing,
        streaks,
        unusual,
        valuation,
    )

    return METRICS
