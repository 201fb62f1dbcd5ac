"""Relative strength and rotation: calculated by hand, and by a slow reference that shares no code."""

from __future__ import annotations

import math
from datetime import date

import pytest
from engine_desk import ask, data, desk, run, sessions
from hypothesis import given, settings
from hypothesis import strategies as st

from rotascope.model.errors import MissingDataError, RotascopeError, UnknownNameError
from rotascope.store.series import SeriesData

SHORT = {"trend": 2, "momentum": 2, "back": 0}
LINE = data("A", [1.0, 1.0, 1.0, 1.1])
FLAT = data("B", [7.0, 7.0, 7.0, 7.0])


def test_relative_strength_is_the_growth_of_one_over_that_of_the_other() -> None:
    assert run("relative_strength", data("A", [10.0, 12.0, 11.0]), data("B", [50.0, 9.0, 50.0])) == 110.0


def test_relative_strength_uses_common_dates_only() -> None:
    a = data("A", [5.0, 10.0, 11.0], [date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 3)])
    b = data("B", [50.0, 50.0, 99.0], [date(2024, 1, 2), date(2024, 1, 3), date(2024, 1, 4)])
    assert run("relative_strength", a, b) == 110.0


def test_a_rise_of_a_tenth_in_the_last_session() -> None:
    # ln 1.1 stands half of itself above its mean of two, and strength half of that above its own.
    assert run("rotation", LINE, FLAT, **SHORT, want="strength") == pytest.approx(100 * 1.1**0.5)
    assert run("rotation", LINE, FLAT, **SHORT, want="momentum") == pytest.approx(100 * 1.1**0.25)
    assert run("rotation", LINE, FLAT, **SHORT, want="quadrant") == 1


def test_move_from_the_centre() -> None:
    x, y = 100 * 1.1**0.5 - 100, 100 * 1.1**0.25 - 100
    assert run("rotation", LINE, FLAT, **SHORT, want="distance") == pytest.approx(math.hypot(x, y))
    assert run("rotation", LINE, FLAT, **SHORT, step=1, want="velocity") == pytest.approx(math.hypot(x, y))
    heading = run("rotation", LINE, FLAT, **SHORT, step=1, want="heading")
    assert heading == pytest.approx(90 - math.degrees(math.atan2(y, x)))


def test_the_session_before_lies_at_the_centre() -> None:
    assert run("rotation", LINE, FLAT, trend=2, momentum=2, back=1, want="quadrant") == 0


@pytest.mark.parametrize(
    ("levels", "code"),
    [([1, 1, 1.1], 1), ([1, 1.2, 1.21], 2), ([1, 1, 0.9], 3), ([1.0, 0.8, 0.79], 4)],
)
def test_quadrants(levels: list[float], code: int) -> None:
    # leading; still above its mean but by less; lagging; still below its mean but by less
    params = {"trend": 2, "momentum": 2, "back": 0, "want": "quadrant"}
    assert run("rotation", data("A", levels), data("B", [1.0] * 3), **params) == code


def test_stability_counts_the_settings_with_an_answer() -> None:
    grid = [[2, 2], [3, 2], [2, 3], [2, 50]]
    wants = {"stability": 1.0, "agreeing": 3, "settings": 3, "unknown": 1}
    for want, value in wants.items():
        assert run("rotation", LINE, FLAT, **SHORT, grid=grid, want=want) == value


def test_stability_tells_who_disagrees() -> None:
    # In logs the line goes 0, 0, 0, .262, .095, 0, so strength with N = 2 ends 0, .131, -.084, -.048:
    # above its mean of two (-.066), and below its mean of four (0).
    a, b = data("A", [1, 1, 1, 1.3, 1.1, 1.0]), data("B", [1.0] * 6)
    assert run("rotation", a, b, **SHORT, want="quadrant") == 4
    assert run("rotation", a, b, trend=2, momentum=4, back=0, want="quadrant") == 3
    assert run("rotation", a, b, **SHORT, grid=[[2, 2], [2, 4]], want="stability") == 0.5


@pytest.mark.parametrize(
    "params",
    [
        {"trend": 3, "momentum": 3, "back": 0, "want": "momentum"},
        {"trend": 2, "momentum": 2, "back": 2, "want": "quadrant"},
        {"trend": 2, "momentum": 2, "back": 9, "want": "strength"},
        {"trend": 2, "momentum": 2, "back": 0, "step": 2, "want": "heading"},
        {"trend": 2, "momentum": 2, "back": 0, "grid": [[2, 50]], "want": "stability"},
        {"trend": 1, "momentum": 2, "back": 0, "want": "strength"},
        {"trend": 2, "momentum": 2, "back": 0, "want": "colour"},
    ],
)
def test_what_cannot_be_told_is_refused(params: dict[str, object]) -> None:
    with pytest.raises(RotascopeError):
        run("rotation", LINE, FLAT, **params)


def test_a_point_that_rests_has_no_heading() -> None:
    with pytest.raises(MissingDataError):
        run("rotation", FLAT, FLAT, **SHORT, step=1, want="heading")


def _reference(a: list[float], b: list[float], n: int, m: int) -> tuple[float, float]:
    line = [math.log(x / y) for x, y in zip(a, b, strict=True)]
    strong = [line[i] - math.fsum(line[i - n + 1 : i + 1]) / n for i in range(n - 1, len(line))]
    gain = strong[-1] - math.fsum(strong[-m:]) / m
    return 100 * math.exp(strong[-1]), 100 * math.exp(gain)


@settings(max_examples=50, deadline=None)
@given(st.data(), st.integers(2, 6), st.integers(2, 6))
def test_agrees_with_the_formula_written_out(drawn: st.DataObject, n: int, m: int) -> None:
    size = n + m + 2
    levels = st.lists(st.floats(1.0, 9.0), min_size=size, max_size=size)
    a, b = drawn.draw(levels), drawn.draw(levels)
    strength, momentum = _reference(a, b, n, m)
    params = {"trend": n, "momentum": m, "back": 0}
    assert run("rotation", data("A", a), data("B", b), **params, want="strength") == pytest.approx(strength)
    assert run("rotation", data("A", a), data("B", b), **params, want="momentum") == pytest.approx(momentum)


def test_drawdown_of_a_level_and_of_a_ratio() -> None:
    path = data("A", [100.0, 120.0, 90.0, 130.0, 117.0])
    assert run("drawdown", path, want="deepest") == -0.25
    assert run("drawdown", path, want="current") == pytest.approx(-0.1)
    assert run("drawdown", path, want="peak") == 20240102
    assert run("drawdown", path, want="trough") == 20240103
    doubled = data("B", [1.0, 1.0, 2.0, 1.0, 1.0])  # the ratio falls from 120 to 45
    assert run("drawdown", path, doubled, want="deepest") == pytest.approx(45 / 120 - 1)


DAYS = sessions(date(2024, 1, 2), date(2025, 3, 31))


def _market(last: int = len(DAYS)) -> list[SeriesData]:
    wave = [100.0 * math.exp(0.05 * math.sin(i / 15)) for i in range(last)]
    return [data("XLK", wave, DAYS[:last]), data("SPY", [400.0 + i for i in range(last)], DAYS[:last])]


def test_metric_takes_the_rows_it_needs_and_no_more() -> None:
    fact = ask(desk(*_market()), "rotation_strength", ["XLK"], DAYS[200], DAYS[220])
    assert fact.series == ("XLK", "SPY")
    assert fact.recipe.params == {"trend": 63, "momentum": 21, "back": 0, "want": "strength"}
    assert [i.rows for i in fact.inputs] == [83, 83]
    assert fact.window is not None
    assert fact.window.end_used == DAYS[220]


def test_later_rows_never_change_a_point() -> None:
    first = ask(desk(*_market(221)), "rotation_momentum", ["XLK"], DAYS[200], DAYS[220])
    later = ask(desk(*_market()), "rotation_momentum", ["XLK"], DAYS[200], DAYS[220])
    assert first.id == later.id
    assert first.value == later.value


def test_a_benchmark_against_itself_is_at_the_centre() -> None:
    at = desk(*_market())
    assert ask(at, "rotation_quadrant", ["SPY", "SPY"], DAYS[200], DAYS[220]).value == 0
    assert ask(at, "rotation_strength", ["SPY", "SPY"], DAYS[200], DAYS[220]).value == 100
    assert ask(at, "rotation_distance", ["SPY", "SPY"], DAYS[200], DAYS[220]).value == 0


def test_stability_lists_its_settings() -> None:
    at = desk(*_market())
    fact = ask(at, "rotation_stability", ["XLK"], DAYS[200], DAYS[230])
    assert len(fact.recipe.params["grid"]) == 20
    assert ask(at, "rotation_settings", ["XLK"], DAYS[200], DAYS[230]).value == 20
    assert 0 < fact.value <= 1


def test_a_tail_looks_back() -> None:
    at = desk(*_market())
    then = ask(at, "rotation_strength", ["XLK"], DAYS[200], DAYS[215])
    back = ask(at, "rotation_strength", ["XLK"], DAYS[200], DAYS[220], back=5)
    assert back.value == then.value
    assert back.window is not None
    assert back.window.end_used == DAYS[215]


def test_a_missing_session_is_refused() -> None:
    asset, broad = _market()
    keep = [i for i in range(len(asset)) if i != 190]
    gap = data("XLK", asset.values[keep].tolist(), [DAYS[i] for i in keep])
    with pytest.raises(MissingDataError, match="Gaps are not filled"):
        ask(desk(gap, broad), "rotation_strength", ["XLK"], DAYS[200], DAYS[220])


def test_relative_strength_metric_starts_at_the_base() -> None:
    fact = ask(desk(*_market()), "relative_strength", ["XLK", "SPY"], DAYS[10], DAYS[20])
    asset, broad = (d.values for d in _market())
    assert fact.value == pytest.approx(100 * (asset[20] / asset[10]) / (broad[20] / broad[10]))
    assert fact.window is not None
    assert (fact.window.start_used, fact.window.end_used) == (DAYS[10], DAYS[20])


def test_words_that_are_no_settings() -> None:
    with pytest.raises(UnknownNameError, match="no parameter"):
        ask(desk(*_market()), "rotation_strength", ["XLK"], DAYS[200], DAYS[220], three="3")
    with pytest.raises(UnknownNameError):
        ask(desk(*_market()), "rotation_strength", ["XLK"], DAYS[200], DAYS[220], field="open")
