"""What is known of well-known series: `series.toml`, read once when first asked."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from rotascope.model.units import Unit


@dataclass(frozen=True, slots=True)
class FredKind:
    """Unit of a FRED series, and whether it is revised."""

    unit: Unit
    revised: bool
    known: bool = True


@cache
def _table() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("series.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _fred_rules() -> tuple[tuple[re.Pattern[str], FredKind], ...]:
    return tuple(
        (re.compile(rule["ids"]), FredKind(Unit(rule["unit"]), bool(rule["revised"])))
        for rule in _table()["fred"]
    )


def fred_kind(id: str) -> FredKind:
    """Return unit and revision of a FRED series.

    An unknown id is taken as revised and printed as a bare number (`ratio`): both claim the least.

    >>> fred_kind("GS10").unit, fred_kind("GS10").revised, fred_kind("NOSUCH").known
    (<Unit.PERCENT: 'percent'>, False, False)
    """
    for pattern, kind in _fred_rules():
        if pattern.fullmatch(id):
            return kind
    return FredKind(Unit.RATIO, revised=True, known=False)


@cache
def _names(group: str) -> frozenset[str]:
    return frozenset(_table()[group])


def is_index(series: str) -> bool:
    """Return whether a series is a well-known index."""
    return series in _names("indices")


def price_unit(series: str) -> Unit:
    """Return the unit of a price: index points, percent for yields quoted as indices, else dollars.

    >>> price_unit("RUT"), price_unit("IRX"), price_unit("IWM")
    (<Unit.INDEX_LEVEL: 'index_level'>, <Unit.PERCENT: 'percent'>, <Unit.USD: 'usd'>)
    """
    if series in _names("yields"):
        return Unit.PERCENT
    return Unit.INDEX_LEVEL if is_index(series) else Unit.USD


def foreign_currency(stem: str) -> str:
    """Return the currency of a ticker with a foreign exchange's suffix, or an empty text.

    The suffix stands after a dot (``VOD.L``), or after a hyphen before the interval in the names of
    saved files (``VOD-L-1d-...``), so that share classes (``BRK-B``) are not taken for exchanges.

    >>> foreign_currency("VOD.L"), foreign_currency("4063-T-1d-x"), foreign_currency("BRK-B")
    ('GBp', 'JPY', '')
    """
    found = re.search(r"\.([A-Z]{1,2})$|^[^-]+-([A-Z]{1,2})-\d+(?:m|h|d|wk|mo)\b", stem)
    if not found:
        return ""
    out: str = _table()["currencies"].get(found.group(1) or found.group(2), "")
    return out
