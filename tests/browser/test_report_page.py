"""The report's page in a browser: from a file, without a network, at the width of a desk and of a phone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rotascope.app import workflows
from rotascope.app.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    result = workflows.make_report(
        Settings(folder / "home"), workflows.ReportRequest(case="january-2026"), lambda _: folder / "report"
    )
    return result.folder


def open_page(browser: Browser, bundle: Path, width: int, height: int = 900) -> tuple[Page, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": height})
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    page.on("pageerror", lambda error: seen.append(f"error: {error}"))
    page.goto((bundle / "report.html").as_uri())
    return page, seen


@pytest.mark.parametrize("width", [1280, 390])
def test_page_fits_and_asks_for_nothing_but_itself(browser: Browser, bundle: Path, width: int) -> None:
    page, seen = open_page(browser, bundle, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert seen == [(bundle / "report.html").as_uri()]
    page.close()


def test_a_number_opens_to_its_fact_and_escape_gives_the_focus_back(browser: Browser, bundle: Path) -> None:
    page, _ = open_page(browser, bundle, 1280)
    facts = {f["id"]: f for f in json.loads((bundle / "facts.json").read_text("utf-8"))}
    number = page.locator("[data-fact]").first
    fact = facts[str(number.get_attribute("data-fact"))]
    number.focus()
    page.keyboard.press("Enter")
    panel = page.locator("dialog")
    panel.wait_for(state="visible")
    text = panel.inner_text()
    assert fact["window"]["start"] in text
    assert fact["window"]["end"] in text
    assert f"{abs(fact['value']):.4f}"[:6] in text.replace(",", "")
    page.keyboard.press("Escape")
    panel.wait_for(state="hidden")
    assert page.evaluate("document.activeElement.getAttribute('data-fact')") == fact["id"]
    page.close()


def test_every_number_opens(browser: Browser, bundle: Path) -> None:
    page, seen = open_page(browser, bundle, 390)
    numbers = page.locator("[data-fact]")
    for i in range(numbers.count()):
        numbers.nth(i).evaluate("e => e.click()")
        assert page.locator("dialog").is_visible()
        page.keyboard.press("Escape")
    assert [s for s in seen if s.startswith("error")] == []
    page.close()


def test_the_text_stands_without_scripts(browser: Browser, bundle: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((bundle / "report.html").as_uri())
    assert "2,481.91" in page.locator("main").inner_text()
    context.close()
