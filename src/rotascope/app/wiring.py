"""Builds the objects that everything else is handed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from rotascope.app.settings import Settings
from rotascope.model.errors import UnknownNameError
from rotascope.report.case import Case
from rotascope.store.memory import Memory
from rotascope.store.packs import Pack, load_packs
from rotascope.store.reader import Reader

if TYPE_CHECKING:  # imported where it is opened: reports from the packs need no catalogue
    from rotascope.store.store import Store

MOST_ROWS = 1_000_000  # kept in memory, of some 40 bytes each; a report of all markets reads a third of it


def now() -> datetime:
    """Return the time. Everything that needs a clock is handed this one."""
    return datetime.now(UTC)


def today() -> date:
    """Return today's date in New York's terms: the exchange's day, not the machine's."""
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo("America/New_York")).date()


def packs_root() -> Path:
    """Return the folder with the data that ships with the program."""
    return Path(str(resources.files("rotascope") / "ingest" / "packs"))


@cache
def packs() -> tuple[Pack, ...]:
    """Return the packs that ship with the program."""
    return tuple(load_packs(packs_root()))


@cache
def memory() -> Memory:
    """Return what all readers of this process keep of the files, so that a second report reads less."""
    return Memory(MOST_ROWS)


@contextmanager
def open_store(settings: Settings) -> Iterator[Store]:
    """Open the store for reading and writing, and close it again."""
    from rotascope.store.store import Store

    store = Store.open(settings.home, url=settings.database_url, clock=now)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def open_reader(settings: Settings, *, with_packs: bool = True) -> Iterator[Reader]:
    """Open everything that can be read: the packs, and the store if there is one yet."""
    shipped = packs() if with_packs else ()
    if settings.database_url is None and not (settings.home / "catalogue.db").is_file():
        with Reader(None, shipped, memory=memory()) as reader:
            yield reader
        return
    with open_store(settings) as store, Reader(store, shipped, memory=memory()) as reader:
        yield reader


@cache
def cases() -> dict[str, Case]:
    """Return the cases that ship with the program, by name."""
    found = {}
    for path in sorted(packs_root().glob("*/case.toml")):
        case = Case.from_toml(tomllib.loads(path.read_text("utf-8")))
        found[case.name] = case
    return found


def find_case(name: str) -> Case:
    """Return a case by name."""
    if name not in cases():
        raise UnknownNameError(f"No case is called '{name}'.", fix=f"Cases: {', '.join(cases())}.")
    return cases()[name]


def case_of_window(start: date, end: date, as_of: date) -> Case | None:
    """Return the case about exactly this window, if its figures were published by then."""
    return next((c for c in cases().values() if (c.start, c.end) == (start, end) and c.as_of <= as_of), None)
