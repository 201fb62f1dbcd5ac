"""Fixtures for the tests of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from store_files import NOW

from rotascope.store.store import Store


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Return a function that opens the test's own store."""
    opened: list[Store] = []

    def make() -> Store:
        opened.append(Store.open(tmp_path / "home", clock=lambda: NOW))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[[], Store]) -> Store:
    """Return an empty store."""
    return open_store()
