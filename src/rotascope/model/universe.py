"""Universes and instruments, read from the TOML files in `rotascope/universes`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from rotascope.model.errors import UnknownNameError
from rotascope.model.numerals import render_date


@dataclass(frozen=True, slots=True)
class Instrument:
    """A series that texts may name. `proxy_for` is empty where the series is the thing itself.

    A fund may have changed its index: `earlier_proxy` came before, and `proxy_from` is the day of the change.
    """

    id: str
    names: tuple[str, ...]
    kind: str
    proxy_for: str = ""
    proxy_from: date = date.min
    earlier_proxy: str = ""

    @property
    def name(self) -> str:
        """The full name."""
        return self.names[0]

    def proxy_in(self, start: date, end: date) -> str:
        """Return what the series stood in for between two days; both indices where it changed there."""
        if start >= self.proxy_from:
            return self.proxy_for
        if end < self.proxy_from:
            return self.earlier_proxy
        day = render_date(self.proxy_from, "long")
        return f"{self.earlier_proxy}, and from {day} for the {self.proxy_for}"


@dataclass(frozen=True, slots=True)
class Family:
    """One index provider's definition of styles and sizes; each role is a list in order of preference.

    The funds of a house may have followed another provider before `label_from`, under `earlier_label`.
    `definition_note` holds from `definition_from` on.
    """

    id: str
    label: str
    value: tuple[str, ...]
    growth: tuple[str, ...]
    small: tuple[str, ...]
    large: tuple[str, ...]
    reported_value_minus_growth: str = ""
    reported_small_minus_large: str = ""
    definition_note: str = ""
    definition_from: date = date.min
    earlier_label: str = ""
    label_from: date = date.min


@dataclass(frozen=True, slots=True)
class Universe:
    """Roles of one market, and the instruments that fill them."""

    name: str
    title: str
    tickers: tuple[str, ...]
    families: tuple[Family, ...]
    roles: Mapping[str, Mapping[str, Any]]
    instruments: Mapping[str, Instrument]

    def role(self, table: str, key: str) -> tuple[str, ...]:
        """Return the series of a role, in order of preference."""
        found = self.roles[table][key]
        return (found,) if isinstance(found, str) else tuple(found)

    def family(self, name: str) -> Family:
        """Return a family by id."""
        for family in self.families:
            if family.id == name:
                return family
        known = ", ".join(f.id for f in self.families)
        raise UnknownNameError(f"No index family is called '{name}'.", fix=f"Known families: {known}.")

    def instrument(self, series: str) -> Instrument:
        """Return the instrument of a series; a series without an entry is named by its id."""
        return self.instruments.get(series) or Instrument(series, (series,), "other")


@cache
def load_universe(name: str = "us") -> Universe:
    """Read a universe by name."""
    folder = resources.files("rotascope") / "universes"
    path = folder / f"{name}.toml"
    if name == "instruments" or not path.is_file():
        known = sorted(p.name[:-5] for p in folder.iterdir() if p.name.endswith(".toml"))
        known.remove("instruments")
        raise UnknownNameError(f"No universe is called '{name}'.", fix=f"Known: {', '.join(known)}.")
    data = tomllib.loads(path.read_text("utf-8"))
    families = tuple(_family(entry) for entry in data.pop("families"))
    return Universe(
        name=data.pop("name"),
        title=data.pop("title"),
        tickers=tuple(data.pop("tickers")),
        families=families,
        roles=data,
        instruments=_instruments(),
    )


def _family(entry: Mapping[str, Any]) -> Family:
    roles: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
    return Family(**roles)


@cache
def _instruments() -> Mapping[str, Instrument]:
    text = (resources.files("rotascope") / "universes" / "instruments.toml").read_text("utf-8")
    return {
        key: Instrument(**{"id": key, **entry, "names": tuple(entry["names"])})
        for key, entry in tomllib.loads(text).items()
    }
