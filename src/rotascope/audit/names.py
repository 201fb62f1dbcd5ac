"""The instruments that a text speaks of."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from rotascope.model.universe import Universe

# "Energy prices rose": not the sector
_NO_SECTOR = re.compile(
    r" (?:prices?|costs?|policy|Department|Secretary|Administration|bills?|agents?|Select|Corp|Inc)\b"
)
_FUNDS = frozenset({"etf", "sector_etf"})


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that has a price, a yield or flows, at [start, end) of the text.

    series: in order of preference; empty where the text means something that the database does not hold.
    kind: index, fund, sector, rate, style or size. generic: a style or size without an index; its series are
    the role (`value`). foreign: a sector of another classification.
    """

    start: int
    end: int
    text: str
    series: tuple[str, ...]
    kind: str
    generic: bool = False
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    pattern: re.Pattern[str]
    series: tuple[str, ...]
    kind: str
    generic: bool
    foreign: bool


def find_subjects(text: str, universe: Universe) -> list[Subject]:
    """Return the instruments that a text names, from left to right; of overlapping names the longest."""
    found = sorted(_all(text, universe), key=lambda s: (s.start, -s.end))
    out: list[Subject] = []
    for one in found:
        if not out or one.start >= out[-1].end:
            out.append(one)
    return out


def _all(text: str, universe: Universe) -> Iterator[Subject]:
    for entry in (*_own(), *_tickers(tuple(i.id for i in universe.instruments.values() if i.kind in _FUNDS))):
        for m in entry.pattern.finditer(text):
            if m.end() > m.start() and not (entry.kind == "sector" and _NO_SECTOR.match(text, m.end())):
                yield Subject(
                    m.start(), m.end(), m[0], entry.series, entry.kind, entry.generic, entry.foreign
                )


@cache
def _own() -> tuple[_Entry, ...]:
    data = tomllib.loads((resources.files("rotascope.audit") / "names.toml").read_text("utf-8"))
    return tuple(
        _Entry(
            re.compile(rf"(?<![\w&]){pattern}(?![\w])", 0 if entry.get("cased") else re.IGNORECASE),
            tuple(entry["series"]),
            entry["kind"],
            bool(entry.get("generic")),
            bool(entry.get("foreign")),
        )
        for entry in data["names"]
        for pattern in entry["text"]
    )


@cache
def _tickers(funds: tuple[str, ...]) -> tuple[_Entry, ...]:
    """Return an entry for each fund's ticker, in capitals as tickers are written."""
    return tuple(
        _Entry(re.compile(rf"(?<![\w#$.]){re.escape(fund)}(?![\w])"), (fund,), "fund", False, False)
        for fund in funds
    )
