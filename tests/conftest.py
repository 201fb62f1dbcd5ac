"""Shared fixtures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def market() -> Path:
    """Return the folder with real market files, or skip where it is missing."""
    folder = Path(os.environ.get("ROTASCOPE_TEST_MARKET", ROOT.parent / "shared" / "market"))
    if not (folder / "indices").is_dir():
        pytest.skip(f"real market files are not at {folder}; set ROTASCOPE_TEST_MARKET to run this test")
    return folder.resolve()


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test away from the data folder of the person who runs it."""
    monkeypatch.setenv("ROTASCOPE_HOME", str(tmp_path_factory.mktemp("home")))
