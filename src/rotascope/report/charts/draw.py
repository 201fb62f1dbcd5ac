"""Drawings of charts: SVG made from a specification and its datasets, the same bytes each time."""

from __future__ import annotations

import copy
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Literal, Self

from rotascope.model.documents import ChartData, Document
from rotascope.report.charts import pen

Theme = Literal["light", "dark"]
_SVG = "http://www.w3.org/2000/svg"
_KEPT = frozenset(
    [
        *("version", "class", "width", "height", "viewBox", "transform", "d", "x2", "y2", "fill", "stroke"),
        *(
            "stroke-width",
            "stroke-dasharray",
            "stroke-opacity",
            "stroke-miterlimit",
            "fill-opacity",
            "opacity",
        ),
        *("text-anchor", "font-family", "font-size", "font-weight"),
    ]
)
_TEXT, _LINE, _GRID = "#30363f", "#8b939f", "#e3e6ea"
# What becomes of each colour on a dark ground. The page's style sheet says the same.
DARK = {
    "#30363f": "#d7dae0", "#8b939f": "#7d8590", "#e3e6ea": "#31363e", "#6b7280": "#98a1ad",
    "#0072b2": "#5db4ea", "#c25200": "#f28a3c", "#008060": "#3fc29b", "#b4558e": "#dd93bf", "#c98500": "#e9b644",
    "#3c9fd6": "#8fd0f4",
}  # fmt: skip
_CONFIG: dict[str, Any] = {
    "aria": False,
    "background": "transparent",
    "font": "sans-serif",
    "padding": 6,
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 15, "titleFontSize": 15, "titleFontWeight": "normal", "labelColor": _TEXT, "titleColor": _TEXT,
        "domainColor": _LINE, "tickColor": _LINE, "gridColor": _GRID, "labelFlush": False, "labelPadding": 5,
        "labelLimit": 420, "titleLimit": 600, "labelBound": False,
    },
    "axisX": {"titlePadding": 8},
    "axisY": {
        "domain": False, "ticks": False, "titleAngle": 0, "titleAlign": "left", "titleAnchor": "end",
        "titleBaseline": "bottom", "titleX": -36, "titleY": -12, "minExtent": 36,
    },
    "legend": {
        "labelFontSize": 15, "labelColor": _TEXT, "symbolSize": 120, "symbolStrokeWidth": 3, "labelLimit": 400,
        "columnPadding": 18, "rowPadding": 6, "offset": 30,
    },
    "line": {"strokeWidth": 2, "strokeCap": "butt"},
    "bar": {"discreteBandSize": {"band": 0.72}},
}  # fmt: skip


def svg(chart: ChartData, theme: Theme = "light") -> bytes:
    """Return the drawing of a chart: SVG as docs/bundle-format.md allows it, on a clear ground."""
    text = _cleaned(_drawn(bare_specification(chart)))
    if theme == "dark":
        for light, dark in DARK.items():
            text = text.replace(f'"{light}"', f'"{dark}"')
    return text.encode()


def _drawn(specification: dict[str, Any]) -> str:
    """Draw beside this process where `warm` was called, and in it otherwise or where that fails."""
    beside = pen.current()
    drawn = beside.draw(specification) if beside else None
    if drawn is None:
        import vl_convert

        drawn = vl_convert.vegalite_to_svg(specification)
    return drawn


def bare_specification(chart: ChartData) -> dict[str, Any]:
    """Return a chart as Vega-Lite takes it, with its data and its look inside."""
    spec: dict[str, Any] = copy.deepcopy(dict(chart.spec))
    spec["datasets"] = {key: rows_of(data["columns"]) for key, data in chart.datasets.items()}
    return {**spec, "config": _CONFIG}


def rows_of(columns: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    """Return columns as rows.

    >>> rows_of({"a": [1, 2], "b": ["x", "y"]})
    [{'a': 1, 'b': 'x'}, {'a': 2, 'b': 'y'}]
    """
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


class Drawings:
    """The drawings of one article, each begun as soon as its chart is there, beside the writing of the rest."""

    def __init__(self) -> None:
        self._beside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="charts")
        self._begun: dict[str, tuple[ChartData, Future[bytes]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._beside.shutdown(cancel_futures=True)

    def begin(self, name: str, chart: ChartData) -> None:
        """Start to draw a chart."""
        self._begun[name] = (chart, self._beside.submit(svg, chart))

    def of(self, document: Document) -> dict[str, Future[bytes]]:
        """Return the drawing to be of each chart of a document by the chart's name."""
        for name, chart in document.charts.items():
            if name not in self._begun or self._begun[name][0] is not chart:
                self.begin(name, chart)
        return {name: self._begun[name][1] for name in sorted(document.charts)}


def done(drawing: Mapping[str, Future[bytes]]) -> dict[str, bytes]:
    """Return drawings when the last of them is there."""
    return {name: drawn.result() for name, drawn in drawing.items()}


def warm() -> None:
    """Start the drawing engine beside this process, so that no chart waits for it.

    Where no process can be started, charts are drawn in this one.
    """
    pen.start()


def _cleaned(drawn: str) -> str:
    """Return a drawing without what nobody sees: frames, descriptions, hints for a pointer."""
    ET.register_namespace("", _SVG)
    root = ET.fromstring(drawn)
    _clean(root)
    return ET.tostring(root, encoding="unicode") + "\n"


def _clean(element: ET.Element) -> None:
    for name in [n for n in element.attrib if n not in _KEPT]:
        del element.attrib[name]
    for child in list(element):
        kind = child.tag.removeprefix(f"{{{_SVG}}}")
        unseen = kind == "rect" or child.get("class") in ("background", "foreground")
        _clean(child)
        if unseen or (kind == "g" and len(child) == 0):
            element.remove(child)
