"""Names written at the ends of lines instead of a legend: good as drawn by hand, and bad after any change.

Small caps end at 105, so 20 from the top of 120; the S&P 500 at 102, 80 from it; both at 300 along.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chart_samples import BLUE, LAST, RED, ChartBundle, Json, X, Y

from rotascope_verify.bundle import verify

NAMES = {"a": ("IWM", "Small caps", 105, BLUE, 24), "b": ("SPY", "S&P 500", 102, RED, 85)}


def direct() -> ChartBundle:
    """Return the bundle whose two lines have their names at their ends."""
    bundle = ChartBundle()
    chart = bundle.charts["lines"]
    layers: list[Json] = chart["spec"]["layer"]
    for layer in layers[1:]:
        layer["encoding"]["color"] = layer["encoding"]["color"] | {"legend": None}
    drawn = ""
    for letter, (key, label, value, colour, down) in NAMES.items():
        chart["datasets"][f"end-{letter}"] = {
            "kind": "end",
            "of": key,
            "columns": {"date": [LAST], "value": [value], "label": [label]},
        }
        like = next(la for la in layers if la["name"] == f"line_{letter}")["encoding"]["color"]
        encoding = {
            "x": {"field": "date", **X},
            "y": {"field": "value", **Y},
            "text": {"field": "label", "type": "nominal"},
            "color": like,
        }
        mark = {"type": "text", "align": "left", "dx": 8, "dy": 0, "fontSize": 15}
        layers.append(
            {"name": f"end_{letter}", "data": {"name": f"end-{letter}"}, "mark": mark, "encoding": encoding}
        )
        text = label.replace("&", "&amp;")
        drawn += (
            f'<g class="mark-text role-mark end_{letter}_marks">'
            f'<text transform="translate(308,{down})" font-size="15px" fill="{colour}">{text}</text></g>'
        )
    svg = re.sub(
        r'<g class="mark-group role-legend">.*?</g></g>(?=</g></g></g></svg>)', "", bundle.drawings["lines"]
    )
    assert "legend" not in svg
    bundle.drawings["lines"] = svg.replace("</g></g></g></svg>", f"{drawn}</g></g></g></svg>")
    return bundle


def found(bundle: ChartBundle, folder: Path) -> set[str]:
    return {f.code for f in verify(bundle.write(folder)).failures}


def test_names_at_the_ends_hold(tmp_path: Path) -> None:
    assert [f.line() for f in verify(direct().write(tmp_path)).failures] == []


def end(bundle: ChartBundle, letter: str = "a") -> Json:
    data: Json = bundle.charts["lines"]["datasets"][f"end-{letter}"]
    return data


def colours(bundle: ChartBundle) -> list[Json]:
    layers = bundle.charts["lines"]["spec"]["layer"][1:]
    return [layer["encoding"]["color"] for layer in layers]


def exchange(bundle: ChartBundle) -> None:
    """Write each name at the end of the other line, in the other's data too."""
    a, b = end(bundle), end(bundle, "b")
    a["columns"]["label"], b["columns"]["label"] = b["columns"]["label"], a["columns"]["label"]


def redraw(old: str, new: str) -> Callable[[ChartBundle], None]:
    def change(bundle: ChartBundle) -> None:
        assert old in bundle.drawings["lines"]
        bundle.drawings["lines"] = bundle.drawings["lines"].replace(old, new, 1)

    return change


def without(bundle: ChartBundle, letter: str) -> None:
    """Take a name away, from data, specification and drawing."""
    chart = bundle.charts["lines"]
    del chart["datasets"][f"end-{letter}"]
    chart["spec"]["layer"] = [la for la in chart["spec"]["layer"] if la["name"] != f"end_{letter}"]
    bundle.drawings["lines"] = re.sub(
        rf'<g class="mark-text role-mark end_{letter}_marks">.*?</g>', "", bundle.drawings["lines"]
    )


CHANGES: dict[str, tuple[Callable[[ChartBundle], Any], str]] = {
    "another value": (lambda b: end(b)["columns"].update(value=[104]), "chart-value"),
    "another day": (lambda b: end(b)["columns"].update(date=["2026-01-02"]), "chart-value"),
    "another name": (lambda b: end(b)["columns"].update(label=["Large caps"]), "chart-value"),
    "another name of it": (lambda b: end(b)["columns"].update(label=["IWM"]), "chart-value"),
    "names exchanged": (exchange, "chart-value"),
    "the end of the other": (lambda b: end(b).update(of="SPY"), "chart-value"),
    "the end of nothing": (lambda b: end(b).update(of="DIA"), "chart-shape"),
    "the end of ticks": (lambda b: end(b).update(of="ticks"), "chart-shape"),
    "the end of an end": (lambda b: end(b).update(of="end-b"), "chart-shape"),
    "its own end": (lambda b: end(b).update(of="end-a"), "chart-shape"),
    "the end of a list": (lambda b: end(b).update(of=["IWM"]), "chart-shape"),
    "a column more": (lambda b: end(b)["columns"].update(note=["up"]), "chart-value"),
    "a column gone": (lambda b: end(b)["columns"].pop("date"), "chart-value"),
    "two rows": (lambda b: [c.append(c[0]) for c in end(b)["columns"].values()], "chart-value"),
    "a key more": (lambda b: end(b).update(label="x"), "chart-shape"),
    "another datum": (lambda b: colours(b)[2].update(datum="S&P 500"), "chart-name"),
    "a name gone": (lambda b: without(b, "a"), "spec-bad"),
    "both gone": (lambda b: [without(b, "a"), without(b, "b")], "spec-bad"),
    "a legend said": (
        lambda b: [c.update(legend={"title": None, "orient": "top"}) for c in colours(b)],
        "drawing-bad",
    ),
    "another name drawn": (redraw(">Small caps<", ">Large caps<"), "drawing-bad"),
    "names drawn at each other's ends": (redraw("translate(308,24)", "translate(308,85)"), "drawing-bad"),
    "a name too far down": (redraw("translate(308,24)", "translate(308,45)"), "drawing-bad"),
    "a name in the other's colour": (
        redraw(f'font-size="15px" fill="{BLUE}"', f'font-size="15px" fill="{RED}"'),
        "drawing-bad",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_found(name: str, tmp_path: Path) -> None:
    bundle = direct()
    change, code = CHANGES[name]
    change(bundle)
    assert code in found(bundle, tmp_path)
