"""Breadth, counted on the fingers of small tables."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from engine_desk import DAY, ask, data, desk, run, sessions

from rotascope.facts.build import Desk
from rotascope.model.errors import MissingDataError, NotAvailableError, RotascopeError, UnknownNameError
from rotascope.store.series import SeriesData

NAN = float("nan")
ON = (DAY + timedelta(days=3)).isoformat()
# Four sessions: up, down, level, and one whose last close is missing.
MEMBERS = [
    data("A", [1.0, 2.0, 3.0, 4.0]),
    data("B", [4.0, 3.0, 2.0, 1.0]),
    data("C", [5.0, 5.0, 5.0, 5.0]),
    data("D", [1.0, 2.0, 3.0, NAN]),
]


def _ask(measure: str, want: str, *more: SeriesData, **params: object) -> float:
    return run("breadth", *MEMBERS, *more, measure=measure, on=ON, want=want, **params)


def test_up() -> None:
    wants = {
        "share": 1 / 3, "advancers": 1, "decliners": 1, "net": 0, "counted": 3, "left_out": 1,
    }  # fmt: skip
    for want, value in wants.items():
        assert _ask("up", want) == pytest.approx(value)
    # Net of the first two changes is 1 each (A and D up, B down); of the last, without D, it is 0.
    assert _ask("up", "line") == 2


def test_up_on_an_earlier_session() -> None:
    day = (DAY + timedelta(days=2)).isoformat()
    assert run("breadth", *MEMBERS, measure="up", on=day, want="share") == 0.5


def test_above_average() -> None:
    # Above the mean of three: only A (4 against 3); C is on it, B below, D unknown.
    assert _ask("above_average", "share", length=3) == pytest.approx(1 / 3)
    assert _ask("above_average", "counted", length=3) == 3
    assert _ask("above_average", "left_out", length=3) == 1


def test_beating() -> None:
    # The index doubles over three sessions; A is four times what it was, B and C are behind.
    index = data("I", [10.0, 11.0, 12.0, 20.0])
    assert _ask("beating", "share", index, length=3) == pytest.approx(1 / 3)
    assert _ask("beating", "counted", index, length=3) == 3
    assert _ask("beating", "left_out", index, length=3) == 1


def test_beating_an_index_without_a_close_is_refused() -> None:
    with pytest.raises(MissingDataError):
        _ask("beating", "share", data("I", [10.0, 11.0, 12.0, NAN]), length=3)
    with pytest.raises(MissingDataError):
        _ask("beating", "share", data("I", [10.0, 11.0, 12.0, 13.0]), length=4)


def test_highs_and_lows() -> None:
    wants = {"highs": 1, "lows": 1, "net": 0, "counted": 3, "left_out": 1}
    for want, value in wants.items():
        assert _ask("highs_lows", want, length=4) == value


def test_a_tie_is_no_new_high() -> None:
    assert run("breadth", data("A", [1.0, 2.0, 2.0]), measure="highs_lows", length=3,
               on=(DAY + timedelta(days=2)).isoformat(), want="highs") == 0  # fmt: skip


@pytest.mark.parametrize(
    ("measure", "want", "params"),
    [
        ("above_average", "share", {"length": 5}),
        ("highs_lows", "highs", {"length": 1}),
        ("up", "colour", {}),
        ("up", "lows", {}),
    ],
)
def test_what_cannot_be_told_is_refused(measure: str, want: str, params: dict[str, int]) -> None:
    with pytest.raises(RotascopeError):
        _ask(measure, want, **params)


def test_a_day_without_closes_is_refused() -> None:
    with pytest.raises(MissingDataError):
        run("breadth", *MEMBERS, measure="up", on="2024-02-01", want="share")


def test_nobody_counts() -> None:
    gaps = [data("A", [1.0, NAN, 1.0]), data("B", [1.0, 1.0, NAN])]
    with pytest.raises(MissingDataError):
        run("breadth", *gaps, measure="up", on=(DAY + timedelta(days=2)).isoformat(), want="share")


DAYS = sessions(date(2024, 1, 2), date(2025, 3, 31))
LAST = len(DAYS) - 1


def _market() -> Desk:
    """Sectors that rise by i a session and lie on one line each, an index between them."""
    names = ["XLE", "XLB", "XLP", "XLI", "XLRE", "XLC", "XLY", "XLU", "XLV", "XLK", "XLF"]
    held = [data(n, [5000.0 + (i - 5) * j for j in range(LAST + 1)], DAYS) for i, n in enumerate(names)]
    held.append(data("SPY", [5000.0 + 0.5 * j for j in range(LAST + 1)], DAYS))
    return desk(*held)


@pytest.mark.parametrize(
    ("metric", "params", "value"),
    [
        ("breadth_up", {}, 5 / 11),  # five lines rise, one is level, five fall
        ("breadth_advancing", {}, 5 / 11),
        ("breadth_above_average", {}, 5 / 11),
        ("breadth_above_average", {"length": 200}, 5 / 11),
        ("breadth_beating_index", {}, 5 / 11),  # those that rise by 1 or more, against one half
        ("breadth_new_highs", {}, 5),
        ("breadth_new_lows", {}, 5),
        ("breadth_highs_minus_lows", {}, 0),
        ("breadth_advance_minus_decline", {}, 0),
        ("breadth_advance_decline_line", {"of": "XLK,XLF"}, 40),  # two names, twenty sessions
        ("breadth_counted", {"measure": "highs_lows"}, 11),
        ("breadth_left_out", {"measure": "beating"}, 0),
    ],
)
def test_metrics(metric: str, params: dict[str, object], value: float) -> None:
    fact = ask(_market(), metric, [], DAYS[LAST - 20], DAYS[LAST], **params)
    assert fact.value == pytest.approx(value)
    assert fact.window is not None
    assert fact.window.end_used == DAYS[LAST]


def test_lists_say_that_they_are_of_today() -> None:
    fact = ask(_market(), "breadth_advancing", [], DAYS[LAST - 20], DAYS[LAST])
    assert "today's list" in fact.notes[0]
    named = ask(_market(), "breadth_advancing", ["XLK", "XLF"], DAYS[LAST - 20], DAYS[LAST])
    assert named.notes == ()


def test_members_without_closes_are_named() -> None:
    fact = ask(_market(), "breadth_advancing", [], DAYS[LAST - 20], DAYS[LAST], of="XLK,TSLA")
    assert "TSLA" in fact.notes[0]


def test_unknown_lists_and_empty_markets() -> None:
    with pytest.raises(UnknownNameError, match="Lists"):
        ask(_market(), "breadth_advancing", [], DAYS[LAST - 20], DAYS[LAST], of="everything")
    with pytest.raises(NotAvailableError):
        ask(_market(), "breadth_advancing", [], DAYS[LAST - 20], DAYS[LAST], of="magnificent_7")


def test_the_first_session_of_all_has_no_advancers() -> None:
    """A change needs two sessions: no member up is an answer, no session before is none."""
    one = data("A", [100.0])
    for want in ("advancers", "net", "line", "counted", "left_out", "share"):
        with pytest.raises(MissingDataError, match="two sessions"):
            run("breadth", one, measure="up", on="2024-01-01", want=want)
    assert run("breadth", data("A", [100.0, 99.0]), measure="up", on="2024-01-02", want="advancers") == 0
