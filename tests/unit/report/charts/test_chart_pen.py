"""Drawing in a process of its own: the same drawings, whatever becomes of that process."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rotascope.model.documents import ChartData, Document
from rotascope.report.charts import draw, pen

SPEC: dict[str, Any] = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "data": {"name": "a"},
    "mark": "line",
    "encoding": {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y", "type": "quantitative"}},
}


def a_chart(*heights: float) -> ChartData:
    return ChartData(SPEC, {"a": {"columns": {"x": list(range(len(heights))), "y": list(heights)}}})


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[pen.Pen]:
    """A pen that is the shared one for the test, and ends with it."""
    made = pen.Pen(sys.executable)
    monkeypatch.setattr(pen, "_shared", [made])
    yield made
    made.close()


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pen, "_shared", [])


def test_the_drawing_is_the_one_made_in_this_process(own: pen.Pen, monkeypatch: pytest.MonkeyPatch) -> None:
    charts = [a_chart(1, 3, 2), a_chart(0.1, -1e-7, 5.5)]
    beside = [draw.svg(chart) for chart in charts]
    assert own.is_ready
    monkeypatch.setattr(pen, "_shared", [])
    assert [draw.svg(chart) for chart in charts] == beside


def test_what_cannot_be_drawn_is_said_by_the_engine_and_the_pen_goes_on(own: pen.Pen) -> None:
    with pytest.raises(ValueError, match="conversion failed"):
        draw.svg(ChartData({"mark": "nonsense"}, {}))
    assert own.is_ready
    assert own.draw(draw.bare_specification(a_chart(1, 2))) is not None


def test_if_the_process_is_gone_the_chart_is_drawn_here(own: pen.Pen) -> None:
    expected = draw.svg(a_chart(1, 2))
    assert own._process is not None
    own._process.kill()
    assert draw.svg(a_chart(1, 2)) == expected
    assert not own.is_ready
    assert draw.svg(a_chart(1, 2)) == expected


def test_a_process_forked_from_this_one_does_not_use_its_pen(
    own: pen.Pen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getpid", lambda: 1)
    assert pen.current() is None
    assert own.draw(SPEC) is None
    own.close()
    monkeypatch.undo()
    assert own.draw(draw.bare_specification(a_chart(1, 2))) is not None  # the other did not end it


def test_the_process_ends_when_the_one_that_started_it_does(tmp_path: Path) -> None:
    code = (
        "import sys; from rotascope.report.charts import pen; p = pen.Pen(sys.executable);"
        "print(p._process.pid, flush=True); import os; os._exit(0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    child = int(done.stdout)
    for _ in range(300):
        if not _is_alive(child):
            return
        time.sleep(0.1)
    pytest.fail("the process still runs")


def _is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_no_process_is_started_by_a_program_that_is_no_python(
    without: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for program in ("", None, "/usr/sbin/webserver"):
        monkeypatch.setattr(sys, "executable", program)
        assert pen.start() is None
    monkeypatch.setattr(sys, "executable", "/nowhere/python3")
    assert pen.start() is None
    draw.warm()
    assert draw.svg(a_chart(1, 2)).startswith(b"<svg")


def test_a_pen_is_started_once_and_closed_quietly(without: None) -> None:
    first = pen.start()
    assert first is not None and pen.start() is first and pen.current() is first
    first.close()
    first.close()
    assert pen.current() is None
    gc.collect()  # a process left running would be told of here


def test_drawings_begun_early_are_those_of_the_document(without: None, document: Document) -> None:
    with draw.Drawings() as drawings:
        drawings.begin("b", document.charts["b"])
        drawings.begin("a", a_chart(9, 9))  # another chart than the one that came into the document
        drawings.begin("c", a_chart(1, 1))  # none that did
        found = draw.done(drawings.of(document))
    assert found == {name: draw.svg(chart) for name, chart in document.charts.items()}
    assert list(found) == ["a", "b"]


@pytest.fixture
def document() -> Document:
    from datetime import date

    from rotascope.model.facts import Window

    window = Window(date(2026, 1, 1), date(2026, 1, 31))
    charts = {"b": a_chart(1, 2), "a": a_chart(3, 1)}
    return Document(
        title="", as_of=window.end, window=window, case="", blocks=[], claims=[], entities={}, sources={},
        citations=[], charts=charts,
    )  # fmt: skip
