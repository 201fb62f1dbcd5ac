"""Charts in the renderings: a report from the wheel's data, its page and Markdown spoiled one by one."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from rotascope.app import wiring, workflows
from rotascope.app.settings import Settings
from rotascope.model.documents import Chart, Document
from rotascope.report.bundle import manifest, write_bundle
from rotascope.report.charts.draw import svg
from rotascope_verify import verify

Files = dict[str, bytes]
START, END, AS_OF = date(2008, 8, 29), date(2009, 3, 31), date(2019, 6, 28)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Document, Files]:
    settings = Settings(Path(tmp_path_factory.mktemp("none")))
    request = workflows.ReportRequest(start=START, end=END, as_of=AS_OF)
    window, as_of, case, universe = workflows._resolve(request)
    with wiring.open_reader(settings) as reader:
        return workflows.article(workflows._desk(reader, universe, as_of), window, case, ("markdown", "html"))


def failures(files: Files, folder: Path) -> list[str]:
    """Return what the verifier says once the manifest lists the files as they are."""
    facts = len(json.loads(files["facts.json"]))
    rows = files["observations.csv"].count(b"\n") - 1
    kept = {n: b for n, b in files.items() if n not in ("manifest.json", "ro-crate-metadata.json")}
    write_bundle({**kept, "manifest.json": manifest(kept, facts, rows)}, folder)
    return [f.line() for f in verify(folder).failures]


def test_the_report_has_charts_and_holds(made: tuple[Document, Files], tmp_path: Path) -> None:
    document, files = made
    blocks = [b for b in document.blocks if isinstance(b, Chart)]
    assert {b.name for b in blocks} >= {"indices", "eras", "ten-years"}
    assert {b.name for b in blocks} == document.charts.keys() == json.loads(files["charts.json"]).keys()
    assert failures(files, tmp_path / "b") == []


def test_each_chart_says_in_words_what_it_shows(made: tuple[Document, Files]) -> None:
    document, files = made
    page, text = files["report.html"].decode(), files["report.md"].decode()
    for block in (b for b in document.blocks if isinstance(b, Chart)):
        assert len(block.alt.text) > 40 and block.alt.text.endswith(".")
        assert any(s.kind == "fact" for s in block.alt.spans)
        assert f'aria-describedby="alt-{block.id}"' in page and f'id="alt-{block.id}"' in page
        assert block.alt.text.split(",")[0].replace("[", "\\[")[:30] in text


def test_the_same_inputs_give_the_same_drawings(made: tuple[Document, Files]) -> None:
    document, files = made
    for name, chart in document.charts.items():
        assert files[f"chart-{name}.svg"] == svg(chart)


def test_points_are_few(made: tuple[Document, Files]) -> None:
    for chart in made[0].charts.values():
        for data in chart.datasets.values():
            assert all(len(column) <= 401 for column in data["columns"].values())


def page(change: Callable[[str], str]) -> Callable[[Files], Files]:
    """Return a change of the page that must change it."""

    def changed(files: Files) -> Files:
        before = files["report.html"].decode()
        after = change(before)
        assert after != before
        return {**files, "report.html": after.encode()}

    return changed


def drawing(text: str, name: str = "indices") -> str:
    start = text.index(f'<div class="drawing" data-chart="{name}">')
    return text[start : text.index("</div>", start) + 6]


def move(text: str) -> str:
    """Put the first chart's drawing at the end of the article."""
    found = drawing(text)
    return text.replace(found, "").replace("</article>", found + "</article>")


def exchange(text: str) -> str:
    """Put the drawings of two charts in each other's place, with their names."""
    a, b = drawing(text), drawing(text, "eras")
    return text.replace(a, "<!--a-->").replace(b, a).replace("<!--a-->", b)


BAD: dict[str, Callable[[str], str]] = {
    "a corner": lambda t: re.sub(r'(line_a_marks"><path d="M[\d.]+,)[\d.]+', r"\g<1>1", t, count=1),
    "a label": lambda t: t.replace(">110<", ">120<", 1) if ">110<" in t else t.replace(">100<", ">120<", 1),
    "twice": lambda t: t.replace("</article>", drawing(t) + "</article>"),
    "gone": lambda t: t.replace(drawing(t), ""),
    "elsewhere": move,
    "exchanged": exchange,
    "in a comment": lambda t: t.replace(drawing(t), f"<!--{drawing(t)}-->"),
    "more beside it": lambda t: t.replace("</svg>", "</svg><b>Up 9%</b>", 1),
    "another drawing": lambda t: t.replace("</article>", "<svg><text>Up 9%</text></svg></article>"),
    "a name for another": lambda t: t.replace('data-chart="eras"', 'data-chart="era"'),
    "other data": lambda t: re.sub(r'(id="rotascope-charts">.*?"value":\[)[\d.]+', r"\g<1>1", t, flags=re.S),
    "no data": lambda t: re.sub(
        r'<script type="application/json" id="rotascope-charts">.*?</script>', "", t, flags=re.S
    ),
    "no caption": lambda t: re.sub(r'(data-cell="b\d+\.)caption(">The indices)', r"\g<1>alt\g<2>", t),
    "other words": lambda t: re.sub(r"(\.alt\">)One line", r"\g<1>Two lines", t),
}


@pytest.mark.parametrize("name", BAD)
def test_a_change_of_a_chart_in_the_page_is_found(
    name: str, made: tuple[Document, Files], tmp_path: Path
) -> None:
    assert failures(page(BAD[name])(made[1]), tmp_path / "b")


def test_markdown_without_the_words_of_a_chart_is_found(made: tuple[Document, Files], tmp_path: Path) -> None:
    files = made[1]
    spoiled = re.sub(r"\n\nOne line for each index[^\n]*", "", files["report.md"].decode())
    assert spoiled != files["report.md"].decode()
    assert failures({**files, "report.md": spoiled.encode()}, tmp_path / "b")


def test_a_changed_drawing_is_found_even_when_the_page_agrees(
    made: tuple[Document, Files], tmp_path: Path
) -> None:
    files = dict(made[1])
    before = files["chart-indices.svg"].decode()
    after = re.sub(r'(line_a_marks"><path d="M0,[\d.]+L[\d.]+,)[\d.]+', r"\g<1>9", before)
    assert after != before
    files["chart-indices.svg"] = after.encode()
    files["report.html"] = files["report.html"].replace(before.encode(), after.encode())
    found = failures(files, tmp_path / "b")
    assert len(found) == 1 and found[0].startswith("FAIL drawing-bad")


def test_the_manifest_binds_each_drawing(made: tuple[Document, Files], tmp_path: Path) -> None:
    files = made[1]
    listed = json.loads(files["manifest.json"])["files"]
    for name in files:
        if name.startswith("chart"):
            assert listed[name]["sha256"] == hashlib.sha256(files[name]).hexdigest()


def test_a_report_with_charts_replaces_one_and_nothing_else(
    made: tuple[Document, Files], tmp_path: Path
) -> None:
    write_bundle(made[1], tmp_path / "b")
    write_bundle(made[1], tmp_path / "b")
    assert sorted(p.name for p in (tmp_path / "b").iterdir()) == sorted(made[1])
