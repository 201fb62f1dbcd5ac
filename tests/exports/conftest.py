"""Bundles to export from: composed once for all tests of a process, not published."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rotascope.app.settings import Settings
from rotascope.app.workflows import Draft, ReportRequest, draft_report

JANUARY = ReportRequest(start=date(2025, 12, 31), end=date(2026, 1, 30), as_of=date(2026, 2, 10))


@pytest.fixture(scope="session")
def from_the_wheel(tmp_path_factory: pytest.TempPathFactory) -> Draft:
    """The January 2026 case, from the data that ships with the program."""
    return draft_report(Settings(tmp_path_factory.mktemp("empty")), ReportRequest(case="january-2026"))


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Draft:
    """The same without the renderings that take long to check."""
    request = ReportRequest(case="january-2026", formats=("markdown", "ixbrl"))
    return draft_report(Settings(tmp_path_factory.mktemp("empty")), request)


@pytest.fixture(scope="session")
def from_the_market(market_home: Path) -> Draft:
    """January 2026 from the market files: every section, and notes on facts."""
    return draft_report(Settings(market_home), JANUARY)


@pytest.fixture(params=["from_the_wheel", "from_the_market"])
def draft(request: pytest.FixtureRequest) -> Draft:
    """Each of the two."""
    found: Draft = request.getfixturevalue(request.param)
    return found
