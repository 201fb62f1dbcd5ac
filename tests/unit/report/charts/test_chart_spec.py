"""Axes hold their data and say round values; drawings keep what the format allows."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotascope.model.documents import ChartData
from rotascope.report.charts import draw
from rotascope.report.charts.data import thinning
from rotascope.report.charts.spec import (
    LINES,
    SKY,
    colours,
    day_axis,
    layer,
    number_axis,
    rule_at,
    specification,
)
from rotascope_verify.charts_spec import tick_text

ASSETS = Path(draw.__file__).parent.parent / "render" / "assets"


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (98.2, 109.6, (98, 100, 102, 104, 106, 108, 110)),
        (-0.3, 6.5, (-2, 0, 2, 4, 6, 8)),
        (-1440.9, 1190.0, (-1500, -1000, -500, 0, 500, 1000, 1500)),
        (0.31, 0.34, (0.31, 0.32, 0.33, 0.34)),
        (5, 5, (5, 6)),
    ],
)
def test_number_axes_by_hand(low: float, high: float, ticks: tuple[float, ...]) -> None:
    axis = number_axis(low, high, None)
    assert axis.ticks == pytest.approx(ticks)
    assert axis.scale["domain"] == pytest.approx([ticks[0], ticks[-1]])


@given(a=st.floats(-1e6, 1e6), b=st.floats(-1e6, 1e6), hold=st.floats(-100, 100))
def test_a_number_axis_holds_its_data_and_prints_its_ticks_exactly(a: float, b: float, hold: float) -> None:
    axis = number_axis(min(a, b), max(a, b), None, holds=(hold,))
    low, high = axis.scale["domain"]
    slack = 1e-9 * (high - low)
    assert low - slack <= min(a, b, hold) and max(a, b, hold) <= high + slack
    assert 2 <= len(axis.ticks) <= 8
    assert [tick_text(t, axis.form) for t in axis.ticks]  # raises where a tick is not exact


@given(low=st.floats(0.05, 100), factor=st.floats(1.01, 50))
def test_a_log_axis_is_positive_and_holds_its_data(low: float, factor: float) -> None:
    axis = number_axis(low, low * factor, "log", log=True)
    first, last = axis.scale["domain"]
    assert 0 < first <= low and low * factor <= last * (1 + 1e-9)
    assert len(axis.ticks) >= 2 and first <= axis.ticks[0]


@settings(max_examples=300)
@given(first=st.dates(date(1900, 1, 1), date(2030, 1, 1)), length=st.integers(0, 40_000))
def test_a_day_axis_prints_its_ticks_exactly_and_inside(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    axis = day_axis([first.isoformat(), last.isoformat()])
    low, high = axis.scale["domain"]
    assert low == first.isoformat() and high >= last.isoformat()
    assert 2 <= len(axis.ticks) <= 8
    assert all(low <= t <= high for t in axis.ticks)
    assert list(axis.ticks) == sorted(axis.ticks)
    texts = [tick_text(t, axis.form) for t in axis.ticks]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-01-23", "2026-01-30", "23 Jan, 26 Jan, 27 Jan, 28 Jan, 29 Jan, 30 Jan"),  # Friday to Friday
        ("2026-01-25", "2026-01-31", "26 Jan, 27 Jan, 28 Jan, 29 Jan, 30 Jan"),  # Sunday to Saturday
        ("2026-01-20", "2026-01-30", "20 Jan, 22 Jan, 26 Jan, 28 Jan, 30 Jan"),  # nine days, each second
        ("2026-01-24", "2026-01-25", "24 Jan, 25 Jan"),  # a weekend
        ("2026-01-20", "2026-02-03", "26 Jan, 2 Feb"),  # two Mondays
    ],
)
def test_few_days_are_named_as_they_are_traded(first: str, last: str, said: str) -> None:
    axis = day_axis([first, last])
    assert ", ".join(tick_text(t, axis.form) for t in axis.ticks) == said


@given(st.integers(1, 40_000))
def test_thinning_leaves_few_enough_points(points: int) -> None:
    k = thinning(points)
    kept = len({*range(0, points, k), points - 1})
    assert kept <= 400
    assert k == 1 or kept > 190


def a_chart() -> ChartData:
    line = {
        "kind": "path",
        "label": {"text": "S&P 500"},
        "columns": {"date": ["2026-01-02", "2026-01-05"], "value": [100.0, 101.5]},
    }
    x, y = day_axis(["2026-01-02", "2026-01-16"]), number_axis(100, 102, "Points")
    color = {"datum": "S&P 500", **colours(["S&P 500"])}
    drawn = layer("line", "a", "line", {"x": x.channel("date"), "y": y.channel("value"), "color": color})
    ticks = {"kind": "ticks", "columns": {"at": [100.0]}}
    return ChartData(specification([drawn, rule_at(y, "y")]), {"a": line, "ticks": ticks})


def test_drawings_are_the_same_bytes_each_time_and_hold_no_more_than_shapes() -> None:
    first = draw.svg(a_chart())
    assert first == draw.svg(a_chart())
    root = ET.fromstring(first)
    tags = {e.tag.rpartition("}")[2] for e in root.iter()}
    assert tags == {"svg", "g", "path", "line", "text"}
    keys = {k for e in root.iter() for k in e.attrib}
    assert not any(k.startswith(("aria", "on", "style", "href", "{")) for k in keys)
    assert {e.text for e in root.iter() if e.text} == {
        "5 Jan",
        "12 Jan",
        "100.0",
        "100.5",
        "101.0",
        "101.5",
        "102.0",
        "Points",
        "S&P 500",
    }


def test_the_line_lies_where_its_numbers_say() -> None:
    (line,) = re.findall(r'line_marks"><path d="([^"]*)"', draw.svg(a_chart()).decode())
    # three of fourteen days along 500; 1.5 of two points up 250
    x, y = 500 * 3 / 14, 250 * (1 - 1.5 / 2)
    assert [float(v) for v in re.findall(r"[\d.]+", line)] == pytest.approx([0, 250, x, y], abs=0.01)


def test_every_colour_has_a_twin_for_a_dark_ground_in_drawing_and_page() -> None:
    css = (ASSETS / "report.css").read_text("utf-8")
    light, dark = draw.svg(a_chart()).decode(), draw.svg(a_chart(), "dark").decode()
    used = set(re.findall(r"#[0-9a-f]{6}", light))
    assert used <= draw.DARK.keys() and {*LINES, SKY} <= draw.DARK.keys()
    assert set(re.findall(r"#[0-9a-f]{6}", dark)) == {draw.DARK[c] for c in used}
    for ours, twin in draw.DARK.items():
        for key in ("fill", "stroke"):
            assert re.search(rf'\.drawing \[{key}="{ours}"\] {{\s*{key}: {twin};', css), ours


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(a: str, b: str) -> float:
    light, dark = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colour", LINES)
def test_lines_stand_out_from_both_grounds(colour: str) -> None:
    assert _contrast(colour, "#ffffff") >= 2.9
    assert _contrast(draw.DARK[colour], "#14171b") >= 4.5
