"""Two charts for the tiny bundle, worked out and drawn by hand.

Lines: IWM goes 200, 204, 210 and SPY 500, 505, 510, so from a hundred 100, 102, 105 and 100, 101, 102.
Thirty days lie along 300, the values from 100 to 106 along 120: ten to a day, twenty to a point.
Bars: 5% and 2% on an axis from nought to five, 100 wide; two rows of 40.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from builder import FIRST, LAST, Bundle, dump, inline, number, obs, write_files

Json = dict[str, Any]
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
DAYS = [FIRST, "2026-01-02", LAST]
BLUE, RED, GREY = "#0072b2", "#d55e00", "#6b7280"


def scale(kind: str, low: object, high: object) -> Json:
    out: Json = {"type": kind, "domain": [low, high], "nice": False, "padding": 0}
    return out if kind == "utc" else out | {"zero": False}


def axis(title: str | None, ticks: list[Any], form: str) -> Json:
    return {"title": title, "values": ticks, "format": form, "labelOverlap": False, "grid": True}


X: Json = {"type": "temporal", "scale": scale("utc", FIRST, LAST)}
X["axis"] = axis(None, ["2026-01-05", "2026-01-19"], "%-d %b")
Y: Json = {"type": "quantitative", "scale": scale("linear", 100, 106)}
Y["axis"] = axis("First close = a hundred", [100, 102, 104, 106], ",.0f")
COLOUR: Json = {
    "type": "nominal",
    "scale": {"domain": ["Small caps", "S&P 500"], "range": [BLUE, RED]},
    "legend": {"title": None, "orient": "top"},
}


def line(name: str, data: str, label: str) -> Json:
    encoding = {
        "x": {"field": "date", **X},
        "y": {"field": "value", **Y},
        "color": {"datum": label, **COLOUR},
    }
    return {"name": name, "data": {"name": data}, "mark": {"type": "line"}, "encoding": encoding}


def rebased(series: str, entity: str, label: str, values: list[float]) -> Json:
    return {
        "kind": "path",
        "op": "rebased",
        "params": {"thin": 1},
        "inputs": [obs(series, "close", FIRST, LAST)],
        "label": {"text": label, "entities": [entity]},
        "columns": {"date": list(DAYS), "value": values},
    }


def lines() -> Json:
    """Return the chart of two lines and a level rule."""
    rule = {"name": "rule", "data": {"name": "ticks"}, "mark": {"type": "rule", "color": GREY}}
    rule["encoding"] = {"y": {"field": "at", **Y}}
    return {
        "spec": {
            "$schema": SCHEMA,
            "width": 300,
            "height": 120,
            "layer": [rule, line("line_a", "IWM", "Small caps"), line("line_b", "SPY", "S&P 500")],
        },
        "datasets": {
            "IWM": rebased("IWM", "small", "Small caps", [100, 102, 105]),
            "SPY": rebased("SPY", "large", "S&P 500", [100, 101, 102]),
            "ticks": {"kind": "ticks", "columns": {"at": [100]}},
        },
    }


def bars() -> Json:
    """Return the chart of two bars, one for each fact."""
    x: Json = {"field": "change", "type": "quantitative", "scale": scale("linear", 0, 5)}
    x["axis"] = axis("Change in percent", [0, 5], ",.0f")
    y: Json = {"field": "name", "type": "nominal", "sort": None, "axis": {"title": None}}
    mark = {"type": "bar", "color": BLUE}
    layer = {"name": "bars", "data": {"name": "rows"}, "mark": mark, "encoding": {"x": x, "y": y}}
    rows = {
        "kind": "facts",
        "columns": {"name": ["Small caps", "Large caps"], "change": [5.0, 2.0]},
        "bindings": {
            "name": {"as": "name", "refs": ["small", "large"]},
            "change": {"as": "value", "refs": ["iwm", "spy"]},
        },
    }
    spec = {"$schema": SCHEMA, "width": 100, "height": 80, "layer": [layer]}
    return {"spec": spec, "datasets": {"rows": rows}}


HEAD = '<svg xmlns="http://www.w3.org/2000/svg" version="1.1" width="{w}" height="{h}" viewBox="0 0 {w} {h}">'
FRAME = (
    '<g transform="translate({x},{y})"><g class="mark-group role-frame root"><g transform="translate(0,0)">'
)
SYMBOL = (
    '<g class="mark-symbol role-legend-symbol">'
    '<path transform="translate({x},6)" d="M-5,0L5,0" stroke="{c}"/></g>'
)
LABEL = '<g class="mark-text role-legend-label"><text transform="translate({x},9)">{t}</text></g>'
TITLE = '<g class="mark-text role-axis-title"><text transform="translate({x},{y})">{t}</text></g></g>'
LINES_SVG = (
    HEAD.format(w=380, h=200)
    + FRAME.format(x=50, y=40)
    + '<g class="mark-group role-axis"><g transform="translate(0,120)"><g class="mark-text role-axis-label">'
    '<text transform="translate(50,20)" fill="#30363f">5 Jan</text>'
    '<text transform="translate(190,20)" fill="#30363f">19 Jan</text></g></g></g>'
    '<g class="mark-group role-axis"><g class="mark-text role-axis-label">'
    '<text transform="translate(-5,125)">100</text><text transform="translate(-5,85)">102</text>'
    '<text transform="translate(-5,45)">104</text><text transform="translate(-5,5)">106</text></g>'
    + TITLE.format(x=-30, y=-12, t="First close = a hundred")
    + '<g class="mark-rule role-mark rule_marks">'
    f'<line transform="translate(0,120)" x2="300" y2="0" stroke="{GREY}"/></g>'
    f'<g class="mark-line role-mark line_a_marks"><path d="M0,120L20,80L300,20" stroke="{BLUE}"/></g>'
    f'<g class="mark-line role-mark line_b_marks"><path d="M0,120L20,100L300,80" stroke="{RED}"/></g>'
    '<g class="mark-group role-legend"><g transform="translate(0,-30)">'
    + SYMBOL.format(x=6, c=BLUE)
    + LABEL.format(x=16, t="Small caps")
    + SYMBOL.format(x=90, c=RED)
    + LABEL.format(x=100, t="S&amp;P 500")
    + "</g></g></g></g></g></svg>\n"
)
BARS_SVG = (
    HEAD.format(w=200, h=130)
    + FRAME.format(x=80, y=10)
    + '<g class="mark-group role-axis"><g class="mark-text role-axis-label">'
    '<text transform="translate(0,100)">0</text><text transform="translate(100,100)">5</text></g>'
    + TITLE.format(x=50, y=115, t="Change in percent")
    + '<g class="mark-group role-axis"><g class="mark-text role-axis-label">'
    '<text transform="translate(-5,25)">Small caps</text>'
    '<text transform="translate(-5,65)">Large caps</text></g></g>'
    f'<g class="mark-rect role-mark bars_marks"><path d="M0,6h100v28h-100Z" fill="{BLUE}"/>'
    f'<path d="M0,46h40v28h-40Z" fill="{BLUE}"/></g></g></g></g></svg>\n'
)


class ChartBundle(Bundle):
    """The tiny bundle with two charts. Change `charts` and `drawings`; `write` makes the hashes."""

    def __init__(self) -> None:
        super().__init__()
        self.charts: dict[str, Any] = copy.deepcopy({"lines": lines(), "bars": bars()})
        self.drawings = {"lines": LINES_SVG, "bars": BARS_SVG}
        for name in self.charts:
            alt = inline("At the end the gap is ", number("3.0 pp", "spread"), ".")
            block = {
                "id": f"c-{name}",
                "kind": "chart",
                "chart": name,
                "caption": inline("Prices drawn"),
                "alt": alt,
            }
            self.report["blocks"].insert(-1, block)
        self.whole = True  # false where a chart is junk
        self._seal_inputs()

    def _seal_inputs(self) -> None:
        """Fill in rows and digests by the bundle's own way with facts."""
        own, self.facts = self.facts, []
        for chart in self.charts.values():
            self.facts += [d for d in chart["datasets"].values() if "inputs" in d]
        self.seal()
        self.facts = own

    def write(self, folder: Path) -> Path:
        """Write the bundle without the renderings of its text."""
        facts, report = self.named()
        full = {f["id"].rpartition(".")[0]: f["id"] for f in facts}
        for chart in self.charts.values():
            for data in chart.get("datasets", {}).values() if self.whole else ():
                for binding in data.get("bindings", {}).values():
                    binding["refs"] = [full.get(ref, ref) for ref in binding["refs"]]
        rows = [line.split(",") for line in self.lines]
        files: dict[str, str | bytes] = {
            "facts.json": dump(facts),
            "report.json": dump(report),
            "charts.json": dump(self.charts),
            "observations.csv": Bundle.files(Bundle())["observations.csv"],
            "verify.py": "print('not run in this test')\n",
            **{f"chart-{name}.svg": svg for name, svg in self.drawings.items()},
        }
        return write_files(folder, files, len(facts), len(rows))
