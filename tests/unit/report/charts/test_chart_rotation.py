"""Where the names of sectors stand beside their dots."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope.report.charts.rotation import _box, _crosses, _sides
from rotascope.report.charts.spec import number_axis

X = Y = number_axis(90, 110, None)  # 25 pixels to a point across, 20 down
Columns = dict[str, list[Any]]


def columns(*places: tuple[float, float]) -> Columns:
    return {
        "name": [f"XL{i}" for i in range(len(places))],
        "strength": [x for x, _ in places],
        "momentum": [y for _, y in places],
    }


def sides(dots: Columns, *tails: Columns) -> dict[str, list[int]]:
    return _sides(dots, tails, X, Y)


def test_a_name_stands_at_the_right_where_nothing_is() -> None:
    assert sides(columns((105, 105))) == {"right": [0]}


def test_a_name_makes_way_for_a_tail_and_for_the_lines_of_the_middle() -> None:
    assert sides(columns((105, 105)), columns((109, 105), (105, 105))) == {"left": [0]}
    # the upright line of the middle runs ten pixels to the right of the dot
    assert sides(columns((99.6, 105))) == {"left": [0]}


def test_a_name_lies_on_a_line_rather_than_on_another_dot() -> None:
    """Dots at both sides; lines above and below, one more below."""
    dots = columns((105, 105), (106, 105), (104, 105))
    above = columns((104, 105.7), (106, 105.7))
    below = columns((104, 104.3), (106, 104.3), (104, 104.2))
    assert 0 in sides(dots, above, below)["above"]


def test_a_name_is_not_cut_off_at_the_top() -> None:
    """At the right a tail, above only half a name's height to the edge."""
    assert "above" not in sides(columns((105, 109.9)), columns((109, 109.9), (101, 109.9)))


@given(st.lists(st.tuples(st.floats(91, 109), st.floats(91, 109)), min_size=1, max_size=11))
def test_each_name_is_placed_once(places: list[tuple[float, float]]) -> None:
    found = sides(columns(*places))
    assert sorted(i for rows in found.values() for i in rows) == list(range(len(places)))


@pytest.mark.parametrize(
    ("line", "hits"),
    [
        (((0, 0), (10, 10)), True),  # through
        (((4, 5), (6, 5)), True),  # inside
        (((0, 5), (3, 5)), False),  # ends before
        (((0, 8), (8, 16)), False),  # past a corner
        (((5, 0), (5, 20)), True),  # upright
        (((7, 0), (7, 20)), False),  # upright, beside
        (((5, 5), (5, 5)), True),  # a point
    ],
)
def test_lines_and_boxes_by_hand(line: tuple[tuple[float, float], tuple[float, float]], hits: bool) -> None:
    assert _crosses(line, (4, 4, 6, 6)) is hits


def test_a_box_lies_beside_its_dot() -> None:
    assert _box(100, 100, 30, (1, 0)) == (109, 93, 139, 107)
    assert _box(100, 100, 30, (0, -1)) == (85, 79, 115, 93)
