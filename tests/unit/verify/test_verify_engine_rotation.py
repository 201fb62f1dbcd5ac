"""Rotation and breadth, against values worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_verify_ops import Series, days, fails, run

from rotascope_verify.ops_engine_grid import RunningSums

near = pytest.approx


def pair(*logs: float) -> tuple[Series, Series]:
    """Return two series whose ratio has these logs."""
    return days(*(math.exp(x) for x in logs)), days(*(1.0 for _ in logs))


def rotate(*logs: float, **more: Any) -> float:
    return run("rotation", *pair(*logs), **({"trend": 2, "momentum": 2, "back": 0} | more))


def test_rotation_by_hand() -> None:
    # with two and two: s = half the last step, g = half the change of s
    # steps 0 1 2: s = 0, 1/2, 1; g = 1/4, 1/4
    e = math.exp
    logs = (0, 0, 1, 3)
    assert rotate(*logs, want="strength") == near(100 * e(1))
    assert rotate(*logs, want="momentum") == near(100 * e(0.25))
    assert rotate(*logs, want="distance") == near(100 * math.hypot(e(1) - 1, e(0.25) - 1))
    assert rotate(*logs, want="velocity", step=1) == near(100 * (e(1) - e(0.5)))
    assert rotate(*logs, want="heading", step=1) == near(90)
    assert rotate(*logs, want="strength", back=1) == near(100 * e(0.5))
    assert rotate(*logs, want="strength", back=2) == near(100)
    assert rotate(*logs, want="quadrant") == 1


@pytest.mark.parametrize(
    ("logs", "quadrant"),
    [
        *(((0, 1, 3), 1), ((0, 2, 3), 2), ((0, -1, -3), 3), ((0, -2, -3), 4), ((0, 0, 0), 0)),
        # on the lines: unchanged momentum gains, unchanged strength is strong
        *(((0, 1, 2), 1), ((0, 1, 1), 2), ((0, -1, -2), 4), ((0, -1, -1), 1)),
    ],
)
def test_quadrants(logs: tuple[float, ...], quadrant: int) -> None:
    assert rotate(*logs, want="quadrant") == quadrant


def test_heading_goes_round_the_clock() -> None:
    # with steps d0 d1 d2: dx has the sign of d2 - d1, dy that of (d2 - d1) - (d1 - d0)
    for logs, low, high in (
        ((0, 0, 1, 4), 0, 90),  # stronger and gaining
        ((0, 0, 3, 7), 90, 180),  # stronger, losing momentum
        ((0, 1, 3, 3), 180, 270),  # weaker, losing
        ((0, 4, 1, -3), 270, 360),  # weaker, gaining: steps 4 -3 -4
    ):
        assert low < rotate(*logs, want="heading", step=1) < high
    assert "move" in fails("rotation", *pair(0, 1, 2, 3), trend=2, momentum=2, back=0, step=1, want="heading")
    assert rotate(0, 1, 2, 3, want="velocity", step=1) == near(0, abs=1e-9)


def test_stability() -> None:
    # steps .. -1 1/2: leading with two and two. With four and two: s[3] = 4 - 9/4, s[4] = 4.5 - 13.5/4:
    # 1.75 and 1.125, weakening. Five and two needs six sessions.
    logs, grid = (0, 0, 5, 4, 4.5), [[2, 2], [2, 2], [4, 2], [5, 2]]
    for want, value in (("settings", 3), ("agreeing", 2), ("unknown", 1), ("stability", 2 / 3)):
        assert rotate(*logs, grid=grid, want=want) == near(value)
    few = {"trend": 2, "momentum": 2, "back": 0}
    for want in ("settings", "unknown", "agreeing", "stability"):
        for grid in ([], [[5, 2]]):
            assert "no setting" in fails("rotation", *pair(*logs), grid=grid, want=want, **few)
        fails("rotation", *pair(*logs), grid=[[2, 2]], want=want, **(few | {"trend": 5}))


def test_rotation_refuses() -> None:
    both = pair(0, 0, 1, 3)
    good: dict[str, Any] = {"trend": 2, "momentum": 2, "back": 0, "want": "quadrant"}
    assert run("rotation", *both, **good) == 1
    for bad in (
        {"trend": 1},
        {"trend": 2.0},
        {"momentum": True},
        {"trend": 4},  # five sessions needed
        {"back": 2},
        {"back": 4},
        {"back": -1},
        {"back": 10**40},
        {"step": 1},
        {"grid": [[2, 2]]},
        {"want": "heading"},
        {"want": "heading", "step": 0},
        {"want": "heading", "step": 2},
        {"want": "stability", "grid": 3},
        {"want": "stability", "grid": [[2]]},
        {"want": "stability", "grid": [[2, 1]]},
        {"want": "stability", "grid": [2, 2]},
        {"want": "stability", "grid": [["2", 2]]},
        {"want": "stability", "grid": [[2, 2]] * 10_001},
        {"want": None},
    ):
        fails("rotation", *both, **(good | bad))
    fails("rotation", *both, trend=2, momentum=2, want="quadrant")
    assert "positive" in fails("rotation", days(1, 1, 0, 1), days(1, 1, 1, 1), **good)
    assert "positive" in fails("rotation", days(1, 1, 2, 1), days(1, -1, 1, 1), **good)
    # two and two look at three sessions; what lies before, or after `back`, is not used
    assert run("rotation", days(0, 1, 1, 1), days(1, 1, 1, 1), **good) == 0
    assert run("rotation", days(1, 1, 1, 0), days(1, 1, 1, 1), **(good | {"back": 1})) == 0


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.data())
def test_running_sums(values: list[float], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(values) - 1))
    end = data.draw(st.integers(start + 1, len(values)))
    sums = RunningSums(values)
    assert sums.total(start, end) == near(math.fsum(values[start:end]), rel=1e-13, abs=1e-20)


MEMBERS = (days(10, 11, 12), days(10, 9, 9), days(10, None, 8), days(5, 6, 4))
THIRD = "2026-01-03"


def test_breadth_up() -> None:
    # on the third day: up, unchanged, not known, down
    answers = {"counted": 3, "left_out": 1, "advancers": 1, "decliners": 1, "net": 0, "share": 1 / 3}
    # on the second: up, down, not known, up: +1. So the line is 1 + 0.
    for want, value in (answers | {"line": 1}).items():
        assert run("breadth", *MEMBERS, measure="up", on=THIRD, want=want) == near(value)
    second = {"measure": "up", "on": "2026-01-02"}
    assert run("breadth", *MEMBERS, want="advancers", **second) == 2
    assert run("breadth", *MEMBERS, want="line", **second) == 1


def test_breadth_line_counts_neighbouring_sessions_only() -> None:
    # A has 1 and 3 on sessions one and three; session two exists because B has it
    a, b = {"2026-01-01": 1.0, THIRD: 3.0}, {"2026-01-02": 1.0, THIRD: 2.0}
    assert run("breadth", a, b, measure="up", on=THIRD, want="line") == 1
    # with A alone the two are neighbours
    assert run("breadth", a, measure="up", on=THIRD, want="line") == 1
    assert run("breadth", a, b, measure="up", on=THIRD, want="counted") == 1


def test_breadth_of_levels() -> None:
    # means of two: 11.5, 9, none, 5
    above = {"measure": "above_average", "length": 2, "on": THIRD}
    assert run("breadth", *MEMBERS, want="share", **above) == near(1 / 3)
    assert run("breadth", *MEMBERS, want="left_out", **above) == 1
    # of three: 12 is above 10 and 11; 9 is not below 9; 4 is below 5 and 6
    extremes = {"measure": "highs_lows", "length": 3, "on": THIRD}
    for want, value in (("counted", 3), ("highs", 1), ("lows", 1), ("net", 0), ("left_out", 1)):
        assert run("breadth", *MEMBERS, want=want, **extremes) == value
    # +20% -10% -20% -20% against +5%; what lies between does not matter
    beating = {"measure": "beating", "length": 2, "on": THIRD}
    index = days(100, None, 105)
    assert run("breadth", *MEMBERS, index, want="share", **beating) == 0.25
    assert run("breadth", *MEMBERS, index, want="counted", **beating) == 4
    assert "index" in fails("breadth", *MEMBERS, days(None, 100, 105), want="share", **beating)


def test_breadth_refuses() -> None:
    good: dict[str, Any] = {"measure": "above_average", "length": 2, "on": THIRD, "want": "share"}
    for bad in (
        {"on": "2026-01-04"},
        {"on": "2025-12-31"},
        {"on": None},
        {"on": 20260103},
        {"length": 4},
        {"length": 0},
        {"length": None},
        {"measure": "up"},  # has no length
        {"measure": "highs_lows"},  # has no share
        {"measure": "highs_lows", "length": 1, "want": "highs"},
        {"measure": "beating", "length": 3},
        {"want": "advancers"},
        {"measure": ["up"]},
    ):
        fails("breadth", *MEMBERS, **(good | bad))
    assert "counts" in fails("breadth", days(1, None, 2), days(1, 2), **(good | {"on": THIRD}))
    fails("breadth", days(1, 2, 3), measure="beating", length=1, on=THIRD, want="share")
    fails("breadth", days(1, -2, 3), **good)
    assert run("breadth", days(-1, 2, 3), **good) == 1  # the first day is not used
