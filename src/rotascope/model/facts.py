"""Facts: numbers with a recipe that someone else can follow.

The JSON form of a fact, and what each recipe operation means, is specified in docs/bundle-format.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from rotascope.model.units import Unit

Base = Literal["prior_close", "open"]


@dataclass(frozen=True, slots=True)
class Window:
    """From the close of `start` (the base) to the close of `end`.

    `start` and `end` are the dates asked for; `start_used` and `end_used` are the dates of the closes
    that count: the last on or before each. With ``base="open"`` the base is the open of `start_used`.
    """

    start: date
    end: date
    base: Base = "prior_close"
    start_used: date | None = None
    end_used: date | None = None

    def as_json(self) -> dict[str, str]:
        """Return the window as in facts.json; dates as YYYY-MM-DD."""
        out = {"start": self.start.isoformat(), "end": self.end.isoformat(), "base": self.base}
        if self.start_used is not None:
            out["start_used"] = self.start_used.isoformat()
        if self.end_used is not None:
            out["end_used"] = self.end_used.isoformat()
        return out


@dataclass(frozen=True, slots=True)
class ObservationInput:
    """All rows of one series and field between two dates, with a digest of them."""

    series: str
    field: str
    first: date
    last: date
    rows: int
    sha256: str
    source: str
    vintage: date | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the input as in facts.json."""
        return {
            "kind": "observations",
            "series": self.series,
            "field": self.field,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "rows": self.rows,
            "sha256": self.sha256,
            "source": self.source,
            "vintage": self.vintage.isoformat() if self.vintage else None,
        }


@dataclass(frozen=True, slots=True)
class FactInput:
    """Another fact, by id."""

    id: str

    def as_json(self) -> dict[str, Any]:
        """Return the input as in facts.json."""
        return {"kind": "fact", "id": self.id}


@dataclass(frozen=True, slots=True)
class Recipe:
    """A named operation with parameters. The inputs stand beside it, in order."""

    op: str
    params: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return the recipe as in facts.json."""
        return {"op": self.op, "params": dict(self.params)}


@dataclass(frozen=True, slots=True)
class Fact:
    """One number, what it is, and how to get it again."""

    id: str
    metric: str
    series: tuple[str, ...]
    value: float
    unit: Unit
    decimals: int
    display: str
    window: Window | None
    as_of: date
    recipe: Recipe
    inputs: tuple[ObservationInput | FactInput, ...]
    sources: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the fact as one object of facts.json."""
        return {
            "id": self.id,
            "metric": self.metric,
            "series": list(self.series),
            "value": self.value,
            "unit": str(self.unit),
            "decimals": self.decimals,
            "display": self.display,
            "window": self.window.as_json() if self.window else None,
            "as_of": self.as_of.isoformat(),
            "recipe": self.recipe.as_json(),
            "inputs": [i.as_json() for i in self.inputs],
            "sources": list(self.sources),
            "notes": list(self.notes),
        }
