"""Cases: a window whose published figures ship with the program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Circulating:
    """A change that circulates and starts from another level than the prior close."""

    series: str
    start: date
    end: date
    start_level: float
    end_level: float
    printed_percent: float
    source: str


@dataclass(frozen=True, slots=True)
class Case:
    """A named window, the day it is seen from, and the levels that circulate about it."""

    name: str
    title: str
    universe: str
    start: date
    end: date
    levels_end: date
    as_of: date
    circulating: tuple[Circulating, ...]
    reported_streak: str = ""

    @classmethod
    def from_toml(cls, data: Mapping[str, object]) -> Case:
        """Read a case from the content of its case.toml."""
        rows = data["claims_in_circulation"]
        assert isinstance(rows, list)
        keep = Circulating.__slots__
        return cls(
            name=str(data["name"]),
            title=str(data["title"]),
            universe=str(data["universe"]),
            start=_day(data["start"]),
            end=_day(data["end"]),
            levels_end=_day(data["levels_end"]),
            as_of=_day(data["as_of"]),
            reported_streak=str(data.get("reported_streak", "")),
            circulating=tuple(Circulating(**{k: row[k] for k in keep}) for row in rows),
        )


def _day(value: object) -> date:
    assert isinstance(value, date)
    return value
