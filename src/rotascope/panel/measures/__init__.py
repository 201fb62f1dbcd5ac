"""The measures: one text each, with the parameters it takes and the columns it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from string import Template
from typing import Literal

from rotascope.model.errors import BadWindowError, UnknownNameError

# key: a security; name: a word; count: a whole number, never unknown; number: a float, unknown as NaN
Kind = Literal["key", "name", "count", "number"]
_DAY: dict[str, Kind] = {"day": "count"}
_POINT: dict[str, Kind] = {"day": "count", "security": "key"}
_COUNTED: dict[str, Kind] = {"day": "count", "counted": "count", "left_out": "count"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A whole number written into the text. default None: it must be given. least: the smallest allowed."""

    default: int | None
    least: int
    most: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Measure:
    """One question. columns: name to kind, in the order of the text's SELECT."""

    name: str
    title: str
    parameters: Mapping[str, Parameter]
    columns: Mapping[str, Kind]

    def settle(self, given: Mapping[str, int]) -> dict[str, int]:
        """Return every parameter with its value. Raises BadWindowError for one that is not allowed."""
        for name in given:
            if name not in self.parameters:
                allowed = ", ".join(self.parameters) or "none"
                raise BadWindowError(f"The measure {self.name} has no parameter {name}. It takes: {allowed}.")
        return {name: self._value(name, given.get(name, p.default)) for name, p in self.parameters.items()}

    def _value(self, name: str, value: int | None) -> int:
        allowed = self.parameters[name]
        if value is None:
            raise BadWindowError(
                f"The measure {self.name} needs {name}.", fix=f"Give {name}, a whole number."
            )
        if (
            isinstance(value, bool)
            or not isinstance(value, int)
            or not allowed.least <= value <= allowed.most
        ):
            raise BadWindowError(
                f"{name} is {value!r} in the measure {self.name}; "
                f"a whole number from {allowed.least} to {allowed.most} is allowed."
            )
        return value

    def text(self, settled: Mapping[str, int]) -> str:
        """Return the text with its parameters written in, as it runs on every engine."""
        template = (resources.files(__package__) / f"{self.name}.sql").read_text(encoding="utf-8")
        return Template(template).substitute(settled)


def _rotation(**more: Parameter) -> dict[str, Parameter]:
    return {"trend": Parameter(63, 2), "momentum": Parameter(21, 2), **more}


_BREADTH = {
    "short": Parameter(50, 1),
    "long": Parameter(200, 1),
    "beat": Parameter(21, 1),
    "extreme": Parameter(252, 2),
}
_BREADTH_COLUMNS: dict[str, Kind] = {
    **_DAY,
    **dict.fromkeys((
        "members", "moved", "advancers", "decliners", "counted_short", "above_short", "counted_long",
        "above_long", "compared", "beating", "ranged", "highs", "lows",
    ), "count"),
}  # fmt: skip
_DAY_NUMBER = Parameter(None, -1_000_000)

_ALL = (
    Measure(
        "window_return",
        "Return over a number of sessions, percent",
        {"length": Parameter(21, 1)},
        {**_POINT, "change": "number"},
    ),
    Measure(
        "relative_strength",
        "Relative strength line, 100 at a session",
        {"start": _DAY_NUMBER},
        {**_POINT, "strength": "number"},
    ),
    Measure(
        "rotation",
        "Relative rotation of every security, every session",
        _rotation(),
        {**_POINT, "strength": "number", "momentum": "number"},
    ),
    Measure(
        "rotation_day",
        "Relative rotation of every security at one session",
        _rotation(day=_DAY_NUMBER),
        {**_POINT, "strength": "number", "momentum": "number", "distance": "number", "quadrant": "name"},
    ),
    Measure(
        "rotation_moves",
        "Velocity and heading of relative rotation",
        _rotation(step=Parameter(5, 1)),
        {**_POINT, "velocity": "number", "heading": "number"},
    ),
    Measure(
        "quadrants",
        "Members in each quadrant of relative rotation",
        _rotation(),
        {
            **_COUNTED,
            "leading": "count",
            "weakening": "count",
            "lagging": "count",
            "improving": "count",
            "centre": "count",
        },
    ),
    Measure(
        "advance_decline",
        "Members that rose and fell",
        {},
        {**_COUNTED, "advancers": "count", "decliners": "count", "share_up": "number"},
    ),
    Measure(
        "above_average",
        "Members above the average of their closes",
        {"length": Parameter(50, 1)},
        {**_COUNTED, "above": "count", "share": "number"},
    ),
    Measure(
        "beating",
        "Members with a greater return than the benchmark",
        {"length": Parameter(21, 1)},
        {**_COUNTED, "beating": "count", "share": "number"},
    ),
    Measure(
        "highs_lows",
        "New highs and new lows",
        {"length": Parameter(252, 2)},
        {**_COUNTED, "highs": "count", "lows": "count", "net": "count"},
    ),
    Measure("breadth", "All measures of breadth in one pass", _BREADTH, _BREADTH_COLUMNS),
    Measure(
        "breadth_day",
        "All measures of breadth at one session",
        {**_BREADTH, "day": _DAY_NUMBER},
        _BREADTH_COLUMNS,
    ),
    Measure(
        "ranking",
        "Members ranked by their return up to one session",
        {"length": Parameter(21, 1), "day": _DAY_NUMBER},
        {**_POINT, "change": "number", "place": "number"},
    ),
    Measure(
        "dispersion",
        "How far apart the returns of members are",
        {"length": Parameter(21, 1)},
        {
            **_COUNTED,
            "standard_deviation": "number",
            "spread": "number",
            "mean_gap": "number",
            "quartile_gap": "number",
            "median": "number",
        },
    ),
    Measure(
        "persistence",
        "Rank correlation with the window before",
        {"length": Parameter(21, 1)},
        {**_COUNTED, "correlation": "number"},
    ),
)
MEASURES: Mapping[str, Measure] = {m.name: m for m in _ALL}


def find_measure(name: str) -> Measure:
    """Return a measure by name, or raise UnknownNameError with the names there are."""
    if name not in MEASURES:
        raise UnknownNameError(f"There is no panel measure {name}.", fix=f"There are: {', '.join(MEASURES)}.")
    return MEASURES[name]
