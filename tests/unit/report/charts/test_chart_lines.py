"""Names at the ends of lines: none on another, none far from its line; a legend where that cannot be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope.report.charts import draw
from rotascope.report.charts.data import Dataset
from rotascope.report.charts.lines import line_chart, name_shifts
from rotascope.report.charts.spec import LINES, day_axis, number_axis, rule_at

HEIGHT = 250


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_names_stand_apart_in_order_and_near_their_lines(places: list[float]) -> None:
    shifts = name_shifts(places, HEIGHT)
    if shifts is None:
        return
    at = [share * HEIGHT + shift for share, shift in zip(places, shifts, strict=True)]
    ranked = sorted(range(len(places)), key=lambda i: places[i])
    assert all(at[b] - at[a] >= 15.5 for a, b in pairwise(ranked))
    assert all(abs(shift) <= 18 for shift in shifts)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=6, unique=True))
def test_names_of_lines_that_end_apart_are_not_moved(rows: list[int]) -> None:
    assert name_shifts([row * 18 / HEIGHT for row in rows], HEIGHT) == [0] * len(rows)


@pytest.mark.parametrize(
    ("places", "shifts"),
    [
        ([0.5, 0.5], [-8, 8]),
        ([0.5, 0.5, 0.5], [-17, 0, 17]),
        ([0.5, 0.5, 0.5, 0.5], None),  # the outer two would be moved by 25.5
        ([0.2, 0.22], [-6, 6]),  # five apart: six up, six down make seventeen
        ([0.0, 1.0], [0, 0]),
    ],
)
def test_names_by_hand(places: Sequence[float], shifts: list[int] | None) -> None:
    assert name_shifts(places, HEIGHT) == shifts


def a_line(name: str, end: float, day: str = "2026-01-16") -> Dataset:
    columns = {"date": ["2026-01-02", day], "value": [100.0, end]}
    return {"kind": "path", "label": {"text": name}, "columns": columns}


def drawn(*lines: Dataset) -> tuple[str, dict[str, Dataset]]:
    x, y = day_axis(["2026-01-02", "2026-01-16"]), number_axis(90, 110, "Points")
    below, more = [rule_at(y, "y")], {"ticks": {"kind": "ticks", "columns": {"at": [100]}}}
    chart = line_chart({f"k{i}": line for i, line in enumerate(lines)}, x, y, below, more)
    return draw.svg(chart).decode(), dict(chart.datasets)


def test_a_name_stands_at_the_end_of_its_line_in_its_colour() -> None:
    svg, data = drawn(a_line("S&P 500", 95), a_line("Nasdaq", 108))
    assert "legend" not in svg
    assert data["end-a"] == {
        "kind": "end",
        "of": "k0",
        "columns": {"date": ["2026-01-16"], "value": [95], "label": ["S&P 500"]},
    }
    width = 500 - 8 - 8 * len("S&P 500")
    for letter, colour, name, down in (("a", LINES[0], "S&amp;P 500", 187.5), ("b", LINES[1], "Nasdaq", 25)):
        hit = re.search(
            rf'end_{letter}_marks"><text[^>]*translate\(([\d.]+),([\d.]+)\)"[^>]*fill="(#\w+)"[^>]*>([^<]*)<',
            svg,
        )
        assert hit is not None
        assert hit[3] == colour and hit[4] == name
        assert float(hit[1]) == pytest.approx(width + 8, abs=0.5)
        assert float(hit[2]) == pytest.approx(down, abs=6)  # letters stand on their line


@pytest.mark.parametrize(
    "lines",
    [
        [a_line(f"Line {c}", 90 + 4 * n) for n, c in enumerate("abcde")],  # the fifth colour is too light
        [a_line("One", 100), a_line("Two", 101), a_line("Three", 100), a_line("Four", 101)],
        [a_line("One", 95), a_line("Two", 105, "2026-01-15")],
    ],
    ids=["five", "too close", "one ends earlier"],
)
def test_a_legend_where_names_have_no_room(lines: list[Dataset]) -> None:
    svg, data = drawn(*lines)
    assert svg.count("role-legend-label") == len(lines)
    assert not any(each["kind"] == "end" for each in data.values())
