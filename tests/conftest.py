"""Shared fixtures."""

from __future__ import annotations

import os
from datetime import UTC, datetime
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


@pytest.fixture(scope="session")
def market_home(market: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a market database with the whole market folder in it, imported once for all test processes.

    The import is dated after the last vintage of the files, whatever the machine's clock says.
    """
    from filelock import FileLock

    from rotascope.ingest.importer import import_paths
    from rotascope.store.store import Store

    base = tmp_path_factory.getbasetemp()
    home = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "market-home"
    with FileLock(f"{home}.lock"):
        if not (home / "catalogue.db").is_file():
            imported = datetime(2026, 9, 1, tzinfo=UTC)
            store = Store.open(home, clock=lambda: imported)
            import_paths([market], store=store, clock=lambda: imported)
            store.close()
    return home


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test away from the data folder of the person who runs it."""
    monkeypatch.setenv("ROTASCOPE_HOME", str(tmp_path_factory.mktemp("home")))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how long the reports over random windows took, and each of them with `-v`."""
    properties = [dict(r.user_properties) for r in terminalreporter.stats.get("passed", [])]
    timed = [p for p in properties if "seconds" in p]
    if not timed:
        return
    writing, verifying = (sorted(p["seconds"][i] for p in timed) for i in (0, 1))
    terminalreporter.write_line(
        f"{len(timed)} reports over random windows: written in {writing[len(writing) // 2]:.2f} s (median), "
        f"{writing[-1]:.2f} s (slowest); verified in {verifying[len(verifying) // 2]:.2f} s (median), "
        f"{verifying[-1]:.2f} s (slowest)"
    )
    if terminalreporter.config.get_verbosity() > 0:
        for entry in timed:
            terminalreporter.write_line(str(entry["report"]))
