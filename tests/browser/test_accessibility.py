"""The page by the rules of axe (WCAG, levels A and AA, and best practices): light, dark and on a phone."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rotascope.app.settings import Settings
from rotascope.app.workflows import ReportRequest, make_report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def axe() -> str:
    """Return the checker's script."""
    pytest.importorskip("axe_playwright_python")
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


@pytest.fixture(scope="module")
def wheel_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    make_report(Settings(folder / "home"), ReportRequest(case="january-2026"), lambda _: folder / "r")
    return folder / "r" / "report.html"


@pytest.fixture(scope="module")
def market_page(market_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from datetime import date

    folder = tmp_path_factory.mktemp("market") / "r"
    request = ReportRequest(start=date(2025, 12, 31), end=date(2026, 1, 30), as_of=date(2026, 2, 10))
    make_report(Settings(market_home), request, lambda _: folder)
    return folder / "report.html"


def violations(page: Page, axe: str) -> list[str]:
    """Return what axe finds, one line each, the serious ones only."""
    page.evaluate(axe)
    found: list[dict[str, Any]] = page.evaluate("axe.run()")["violations"]
    return [
        f"{v['impact']}: {v['id']}: {v['help']}: {node['html'][:120]}"
        for v in found
        if v["impact"] in SERIOUS
        for node in v["nodes"][:3]
    ]


def check(browser: Browser, axe: str, path: Path, scheme: Any, width: int) -> None:
    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    try:
        page.goto(path.as_uri())
        assert violations(page, axe) == []
        page.locator("[data-fact]").first.click()
        assert violations(page, axe) == [], "with the evidence of a number open"
    finally:
        page.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 375)])
def test_the_page_of_the_wheel_has_no_serious_fault(
    browser: Browser, axe: str, wheel_page: Path, scheme: str, width: int
) -> None:
    check(browser, axe, wheel_page, scheme, width)


@pytest.mark.market
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 375)])
def test_a_page_with_all_sections_has_no_serious_fault(
    browser: Browser, axe: str, market_page: Path, scheme: str, width: int
) -> None:
    check(browser, axe, market_page, scheme, width)
