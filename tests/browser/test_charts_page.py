"""Charts in a browser: without scripts, in dark, on a phone; values under the pointer and by the keys."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rotascope.app import workflows
from rotascope.app.settings import Settings
from rotascope.report.charts.draw import DARK

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("charts")
    request = workflows.ReportRequest(
        start=date(2008, 8, 29), end=date(2009, 3, 31), as_of=date(2019, 6, 28), formats=("html",)
    )
    return workflows.make_report(Settings(folder / "home"), request, lambda _: folder / "report").folder


def open_page(browser: Browser, bundle: Path, width: int = 1000, **options: object) -> tuple[Page, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": 900}, **options)  # type: ignore[arg-type]
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto((bundle / "report.html").as_uri())
    return page, said


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_fit_and_break_no_policy(browser: Browser, bundle: Path, width: int, scheme: str) -> None:
    page, said = open_page(browser, bundle, width, color_scheme=scheme)
    for drawing in page.locator(".drawing svg").all():
        box = drawing.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width
        assert box["height"] > 100
        letters = drawing.locator("text").first.evaluate(
            "e => parseFloat(getComputedStyle(e).fontSize) * e.ownerSVGElement.getBoundingClientRect().width "
            "/ e.ownerSVGElement.viewBox.baseVal.width"
        )
        assert letters >= 8.5
    assert said == []
    page.close()


def colour_of_the_first_line(page: Page) -> str:
    return str(page.locator(".line_a_marks path").first.evaluate("e => getComputedStyle(e).stroke"))


def rgb(colour: str) -> str:
    return f"rgb({int(colour[1:3], 16)}, {int(colour[3:5], 16)}, {int(colour[5:7], 16)})"


def test_colours_follow_the_ground_and_paper_is_white(browser: Browser, bundle: Path) -> None:
    own = re.search(
        r'line_a_marks"><path d="[^"]*" stroke="(#[0-9a-f]{6})"', (bundle / "chart-indices.svg").read_text()
    )
    assert own is not None
    light, _ = open_page(browser, bundle, color_scheme="light")
    assert colour_of_the_first_line(light) == rgb(own[1])
    light.close()
    dark, _ = open_page(browser, bundle, color_scheme="dark")
    assert colour_of_the_first_line(dark) == rgb(DARK[own[1]])
    dark.emulate_media(media="print")
    assert colour_of_the_first_line(dark) == rgb(own[1])
    dark.close()


def test_charts_and_their_words_stand_without_scripts(browser: Browser, bundle: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((bundle / "report.html").as_uri())
    figures = page.locator("figure.chart")
    assert figures.count() == len(list(bundle.glob("chart-*.svg")))
    for figure in figures.all():
        assert figure.locator("svg").is_visible()
        assert len(figure.locator(".alt").inner_text()) > 40
    context.close()


def indices(page: Page) -> tuple[list[str], list[float]]:
    """Return the dates and the values of the first line, as the page carries them."""
    found = page.evaluate(
        "() => { const c = JSON.parse(document.getElementById('rotascope-charts').textContent).indices;"
        " return Object.values(c.datasets).find(d => d.kind === 'path').columns; }"
    )
    return found["date"], found["value"]


def test_the_keys_walk_through_the_values(browser: Browser, bundle: Path) -> None:
    page, said = open_page(browser, bundle)
    dates, _ = indices(page)
    plot = page.locator('.plot:has([data-chart="indices"])')
    plot.focus()
    tip = plot.locator(".tip")
    page.keyboard.press("Home")
    text = tip.inner_text()
    assert text.startswith("29 Aug 2008") and dates[0] == "2008-08-29"
    assert "S&P 500: 100" in text and "Nasdaq: 100" in text
    page.keyboard.press("ArrowRight")
    assert tip.inner_text().startswith("2 Sep 2008")
    page.keyboard.press("End")
    text = tip.inner_text()
    assert text.startswith("31 Mar 2009")
    # 797.87 after 1282.83, and 1528.59 after 2367.52
    assert "S&P 500: 62.2" in text and "Nasdaq: 64.57" in text
    page.keyboard.press("Escape")
    assert tip.is_hidden()
    page.keyboard.press("ArrowLeft")
    page.locator("body").click(position={"x": 1, "y": 1})
    assert tip.is_hidden()
    assert said == []
    page.close()


def test_the_pointer_shows_the_nearest_date_inside_the_chart(browser: Browser, bundle: Path) -> None:
    page, _ = open_page(browser, bundle, 390)
    plot = page.locator('.plot:has([data-chart="indices"])')
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    for share, edge in ((0.01, "29 Aug 2008"), (0.99, "31 Mar 2009")):
        page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
        tip = plot.locator(".tip")
        assert tip.inner_text().startswith(edge)
        shown = tip.bounding_box()
        assert shown is not None and shown["x"] >= 0 and shown["x"] + shown["width"] <= 390
    page.mouse.move(2, 2)
    assert plot.locator(".tip").is_hidden()
    page.close()
