"""Pieces of Vega-Lite specifications: axes that hold their data, and the colours of lines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
WIDTH, HEIGHT = 500, 250
# Okabe and Ito's colours that are told apart by every kind of colour vision, the first four made dark enough for
# letters; then grey.
BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY = (
    "#0072b2", "#c25200", "#008060", "#b4558e", "#c98500", "#3c9fd6",
)  # fmt: skip
GREY, INK = "#6b7280", "#30363f"
LINES = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
Channel = dict[str, Any]
Layer = dict[str, Any]

_STEPS = (1, 2, 5)
_WEEK = timedelta(days=7)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis with its scale; every layer that uses it says the same."""

    kind: str
    scale: dict[str, Any]
    title: str | None
    ticks: tuple[Any, ...]
    form: str
    grid: bool = False

    def at(self, value: float) -> float:
        """Return where a number lies on a linear axis of numbers: 0 at the low end, 1 at the high end."""
        low, high = self.scale["domain"]
        return float((value - low) / (high - low))

    def channel(self, field: str) -> Channel:
        """Return the channel of a field along this axis."""
        axis = {"title": self.title, "values": list(self.ticks), "format": self.form, "labelOverlap": False}
        return {
            "field": field,
            "type": self.kind,
            "scale": dict(self.scale),
            "axis": {**axis, "grid": self.grid},
        }


def number_axis(
    low: float,
    high: float,
    title: str | None,
    *,
    holds: Sequence[float] = (),
    most: int = 6,
    grid: bool = True,
    log: bool = False,
) -> Axis:
    """Return an axis of numbers whose ends are round and hold low, high and `holds`."""
    low, high = min([low, *holds]), max([high, *holds])
    step = round_step(high - low or abs(high) or 1.0, most)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    if log and first <= 0:
        first = 1
    ticks = tuple(round(i * step, 10) + 0.0 for i in range(first, last + 1))
    domain = [min(low, ticks[0]) if log else ticks[0], ticks[-1]]
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    scale = {"type": "log" if log else "linear", "domain": domain, "nice": False, "padding": 0, "zero": False}
    return Axis("quantitative", scale, title, ticks, f",.{min(places, 2)}f", grid)


def share_axis(title: str | None, *, grid: bool = True) -> Axis:
    """Return an axis of shares from none to all."""
    scale = {"type": "linear", "domain": [0, 1], "nice": False, "padding": 0, "zero": False}
    return Axis("quantitative", scale, title, (0, 0.25, 0.5, 0.75, 1), ".0%", grid)


def round_step(span: float, most: int) -> float:
    """Return the smallest 1, 2 or 5 times a power of ten of which at most `most` cover a span.

    >>> [round_step(s, 6) for s in (4.0, 9.3, 0.5, 1200.0)]
    [1.0, 2.0, 0.1, 200.0]
    """
    power = 10.0 ** math.floor(math.log10(max(span, 1e-9) / most))
    found = next((s * power for s in _STEPS if s * power * most >= span * (1 - 1e-9)), 10 * power)
    return max(round(found, 10), 0.01)


def day_axis(days: Iterable[str], title: str | None = None, *, grid: bool = False) -> Axis:
    """Return an axis of dates that holds all days given, with ticks that suit its length."""
    texts = sorted(days)
    first, last = date.fromisoformat(texts[0]), date.fromisoformat(texts[-1])
    if first == last:
        last += timedelta(days=1)
    ticks, form = _day_ticks(first, last)
    scale = {"type": "utc", "domain": [first.isoformat(), last.isoformat()], "nice": False, "padding": 0}
    return Axis("temporal", scale, title, tuple(t.isoformat() for t in ticks), form, grid)


def _day_ticks(first: date, last: date, most: int = 6) -> tuple[list[date], str]:
    length = (last - first).days
    if length > 4 * 366:
        step = next(s for s in (1, 2, 5, 10, 20, 50) if s * most * 365.25 >= length)
        years = range(-(-first.year // step) * step, last.year + 1, step)
        return [d for y in years if first <= (d := date(y, 1, 1)) <= last], "%Y"
    if length > 100:
        step = next(s for s in (1, 2, 3, 6, 12) if s * (most - 1) * 30.5 >= length)
        months = range(first.year * 12, last.year * 12 + 12, step)
        return [d for m in months if first <= (d := date(m // 12, m % 12 + 1, 1)) <= last], "%b %Y"
    monday = first + timedelta(days=-first.weekday() % 7)
    weeks = [monday + i * _WEEK for i in range(length // 7 + 1) if monday + i * _WEEK <= last]
    if len(weeks) >= 2:
        return weeks[:: -(-len(weeks) // most)], "%-d %b"
    sessions = [d for i in range(length + 1) if (d := first + timedelta(days=i)).weekday() < _SATURDAY]
    return sessions[:: -(-len(sessions) // most)] if len(sessions) >= 2 else [first, last], "%-d %b"


def names_axis() -> Channel:
    """Return what a channel of names says besides its field: no order but that of the rows."""
    return {"type": "nominal", "sort": None, "axis": {"title": None}}


def layer(name: str, data: str, mark: str, encoding: dict[str, Channel], **look: Any) -> Layer:
    """Return one layer; `look` are further keys of the mark."""
    return {"name": name, "data": {"name": data}, "mark": {"type": mark, **look}, "encoding": encoding}


def colours(texts: Sequence[str], chosen: Sequence[str] = LINES, *, legend: bool = True) -> Channel:
    """Return a colour scale for texts, with its legend."""
    return {
        "type": "nominal",
        "scale": {"domain": list(texts), "range": list(chosen[: len(texts)])},
        "legend": {"title": None, "orient": "top"} if legend else None,
    }


def specification(layers: Sequence[Layer], width: int = WIDTH, height: int = HEIGHT) -> dict[str, Any]:
    """Return the whole specification."""
    return {"$schema": SCHEMA, "width": width, "height": height, "layer": list(layers)}


def rule_at(axis: Axis, along: str, data: str = "ticks", name: str = "rule", **look: Any) -> Layer:
    """Return a thin line across the chart at values of an axis: along "y" a level line."""
    return layer(
        name, data, "rule", {along: axis.channel("at")}, **({"color": GREY, "strokeWidth": 1} | look)
    )
