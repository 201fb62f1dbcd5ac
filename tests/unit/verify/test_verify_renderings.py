"""report.md and report.html against the text: good variants and planted differences."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from builder import Bundle, write_files

from rotascope_verify.bundle import verify


def codes(bundle: Bundle, tmp_path: Path) -> set[str]:
    return {f.code for f in verify(bundle.write(tmp_path)).failures}


def swap(old: str, new: str) -> Callable[[str], str]:
    """Return a change that must find what it replaces."""

    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, 1)

    return change


MARKDOWN_BAD = [
    swap("5.0%", "5.1%"),
    swap("+2.0%", "−2.0%"),
    swap("beat", "trailed"),
    swap("# Small", "## Small"),
    swap("## What", "### What"),
    swap("- Large", "Large"),
    swap("> Prices", "Prices"),
    swap("*Small", "Small"),
    swap("\\_close\\_", "_close_"),
    swap("\\[0\\]", "[0]"),
    swap("\\<from\\>", "<from>"),
    swap("Returns \\| closes", "Returns | closes"),
    swap("| Small caps | 5.0% |", "| Small caps | 2.0% |"),
    swap("| Small caps | 5.0% |", "| Small caps | 5.0% | 9 |"),
    swap("| Small caps | 5.0% |\n", ""),
    swap("| --- |", "| x |"),
    swap("\n\n- Large", "\n- Large"),
    swap("## What happened\n\n", ""),
    swap("rotation january", "Rates rose 9%.\n\nrotation january"),
    lambda text: text + "\nOne more thing: 9%\n",
    lambda text: text[: len(text) // 2],
    lambda text: "",
    lambda text: "\n\n".join(reversed(text.split("\n\n"))),
]


@pytest.mark.parametrize("change", MARKDOWN_BAD)
def test_markdown_differences(tmp_path: Path, change: Callable[[str], str]) -> None:
    bundle = Bundle()
    bundle.markdown = change(bundle.files()["report.md"])
    assert codes(bundle, tmp_path) == {"markdown-differs"}


@pytest.mark.parametrize(
    "change",
    [
        swap("| Small caps | 5.0% |", "|Small caps|5.0%|"),
        swap("| --- |", "| ---: |"),
        swap("**\n\n|", "**\n|"),
        swap("\n\n- Large", "\n\n\n\n- Large"),
        lambda text: text.rstrip("\n"),
    ],
)
def test_markdown_variants(tmp_path: Path, change: Callable[[str], str]) -> None:
    bundle = Bundle()
    bundle.markdown = change(bundle.files()["report.md"])
    assert codes(bundle, tmp_path) == set()


HTML_BAD: list[tuple[Callable[[str], str], str]] = [
    (swap(">5.0%<", ">5.1%<"), "html-differs"),
    (swap(">5.0%<", "><b></b>5.0%!<"), "html-differs"),
    (swap(" beat the ", " trailed the "), "html-differs"),
    (swap('<p data-block="b4">What happened</p>', ""), "html-missing"),
    (swap('<p data-block="b4">What happened</p>', '<p data-block="b4">What happened</p>' * 2), "html-twice"),
    (swap('data-block="b4"', 'data-block="b44"'), "html-unknown"),
    (swap('data-block="b4"', 'data-cell="b4"'), "html-unknown"),
    (swap("<nav data-chrome>Rotation", "<nav data-chrome>Rotation 9"), "html-number"),
    (swap("<nav data-chrome>", "<nav>7% <p>"), "html-number"),
    (swap("<nav data-chrome>", "<nav>½ <p>"), "html-number"),
    (swap("<nav data-chrome>", "<nav>&#55;<p>"), "html-number"),
    (swap("<nav data-chrome>", '<nav><input value="9"><p>'), "html-number"),
    (swap("<nav data-chrome>", '<nav><img alt="9%"><p>'), "html-number"),
    (swap("<nav data-chrome>", "<nav><svg><title>9</title></svg><p>"), "html-number"),
    (swap("<nav data-chrome>", "<nav><svg><text>9</text></svg><p>"), "html-number"),
    (swap("<title>Small", "<title>Large"), "html-title"),
    (swap("<title>", "<title>x</title><title>"), "html-title"),
    (swap("p { margin: 1em 0 }", 'p::after { content: "9%" }'), "html-number"),
    (swap("p { margin: 1em 0 }", "p::after { content: counter(x) }"), "html-number"),
    (swap("p { margin: 1em 0 }", "p::after { content: '\\39' }"), "html-number"),
    (swap('<p data-block="b5"', '<p hidden data-block="b5"'), "html-hidden"),
    (swap("<data data-fact", '<data style="display: none" data-fact'), "html-hidden"),
    (swap("</data>", ""), "html-fact"),
    (lambda text: text.replace(' data-fact="iwm', ' data-fact="spy', 1), "html-fact"),
    (lambda text: text.replace("<data ", "<data x ").replace("data-fact=", "data-fct=", 1), "html-fact"),
    (swap("<nav data-chrome>", '<nav data-chrome><i data-fact="iwm">x</i>'), "html-fact"),
    (swap('<p data-block="b5">', '<p data-block="b5"><i data-block="b5b">'), "html-nested"),
    (swap('id="rotascope-facts"', 'id="facts"'), "html-data"),
    (swap('id="rotascope-observations"', 'id="rows"'), "html-data"),
    (swap('type="application/json" id="rotascope-facts"', 'type="text/x" id="rotascope-facts"'), "html-data"),
    (swap('"decimals": 1', '"decimals": 2'), "html-data"),
    (swap(",200.0\\n", ",200.1\\n"), "html-data"),
    (swap('["IWM", "close", "usd"', '["close", "IWM", "usd"'), "html-data"),
    (
        swap(
            'type="application/json" id="rotascope-facts">[',
            'type="application/json" id="rotascope-facts">[[',
        ),
        "json-bad",
    ),
    (lambda text: "", "html-missing"),
    (lambda text: text[: len(text) // 20], "html-missing"),
]


@pytest.mark.parametrize(("change", "code"), HTML_BAD)
def test_html_differences(tmp_path: Path, change: Callable[[str], str], code: str) -> None:
    bundle = Bundle()
    bundle.html = change(bundle.files()["report.html"])
    assert code in codes(bundle, tmp_path)


def test_html_rows_in_another_order(tmp_path: Path) -> None:
    """The cells keep their keys and texts, but the page shows each return beside the other name."""
    bundle = Bundle()
    page = bundle.files()["report.html"]
    first = page[page.index('<td data-cell="b8.r0.c1"') : page.index("</tr>", page.index('"b8.r0.c1"'))]
    second = page[page.index('<td data-cell="b8.r1.c1"') : page.index("</tr>", page.index('"b8.r1.c1"'))]
    bundle.html = page.replace(first, "@").replace(second, first).replace("@", second)
    assert codes(bundle, tmp_path) == {"html-order"}


@pytest.mark.parametrize(
    "change",
    [
        swap("What happened", "What\n   <b>hap</b>pened"),
        swap("What happened", "What&#32;happened"),
        swap("<nav data-chrome>", "<nav data-chrome><br><img src=x><!-- 9 -->"),
        swap(
            "p { margin: 1em 0 }", 'p::after { content: "" } q::before { content: "“" } i { content: none }'
        ),
        swap('<p data-block="b4">', '<p class="x9" style="margin: 9px" data-block="b4">'),
        swap("</body>", "<script>var x = 9; var y = '<b>8</b>';</script></body>"),
    ],
)
def test_html_variants(tmp_path: Path, change: Callable[[str], str]) -> None:
    bundle = Bundle()
    bundle.html = change(bundle.files()["report.html"])
    assert codes(bundle, tmp_path) == set()


def test_renderings_may_be_absent(tmp_path: Path) -> None:
    files = Bundle().files()
    write_files(tmp_path, {k: v for k, v in files.items() if k not in ("report.md", "report.html")}, 9, 10)
    assert verify(tmp_path).ok


@pytest.mark.parametrize("spoil", [False, True])
def test_the_context_in_the_page_is_that_of_the_report(tmp_path: Path, spoil: bool) -> None:
    bundle = Bundle()
    files = bundle.files()
    context = {
        k: v for k, v in json.loads(files["report.json"]).items() if k in ("claims", "entities", "sources")
    }
    if spoil:
        context["entities"]["small"]["note"] = "nine"
    script = f'<script type="application/json" id="rotascope-context">{json.dumps(context)}</script></body>'
    bundle.html = files["report.html"].replace("</body>", script)
    assert codes(bundle, tmp_path) == ({"html-data"} if spoil else set())


def test_other_data_in_the_page(tmp_path: Path) -> None:
    bundle = Bundle()
    script = '<script type="application/ld+json" id="more">{"a": 9}</script></body>'
    bundle.html = bundle.files()["report.html"].replace("</body>", script)
    assert codes(bundle, tmp_path) == {"html-data"}
