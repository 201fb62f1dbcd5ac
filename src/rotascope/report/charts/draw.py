"""Drawings of charts: SVG made from a specification and its datasets, the same bytes each time."""

from __future__ import annotations

import copy
import threading
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any, Literal

from rotascope.model.documents import ChartData, Document
from rotascope.report.charts.spec import SCHEMA

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
    "#0072b2": "#5db4ea", "#d55e00": "#f28a3c", "#008060": "#3fc29b", "#b4558e": "#dd93bf", "#c98500": "#e9b644",
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

_FIRST: dict[str, Any] = {
    "$schema": SCHEMA,
    "data": {"name": "a"},
    "mark": "point",
    "encoding": {"x": {"field": "a", "type": "quantitative"}},
}


def svg(chart: ChartData, theme: Theme = "light") -> bytes:
    """Return the drawing of a chart: SVG as docs/bundle-format.md allows it, on a clear ground."""
    import vl_convert

    drawn = vl_convert.vegalite_to_svg(bare_specification(chart))
    text = _cleaned(drawn)
    if theme == "dark":
        for light, dark in DARK.items():
            text = text.replace(f'"{light}"', f'"{dark}"')
    return text.encode()


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


def drawings(document: Document) -> dict[str, bytes]:
    """Return the drawing of each chart of a document by the chart's name."""
    return {name: svg(chart) for name, chart in sorted(document.charts.items())}


def warm() -> threading.Thread:
    """Start the drawing engine in the background, so that the first chart does not wait for it.

    The program waits for the thread at its end; that takes half a second at most.
    """

    def start() -> None:
        svg(ChartData(_FIRST, {"a": {"columns": {"a": [1]}}}))

    thread = threading.Thread(target=start, name="charts")
    thread.start()
    return thread


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
