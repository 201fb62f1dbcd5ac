"""States, by hand; a Markov chain, by its filter written out again."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from engine_desk import ask, data, desk, run, sessions

from rotascope.facts.build import Desk
from rotascope.model.errors import MissingDataError, NotAvailableError, RotascopeError, UnknownNameError
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.series import SeriesData

NAN = float("nan")


def _rows(values: list[float]) -> SeriesData:
    return data("R", values, field=Field.VALUE, unit=Unit.PERCENT)


def test_direction() -> None:
    rule = {"rule": "direction", "length": 1, "band": 0.25}
    assert run("state", _rows([4.0, 4.1, 4.6]), **rule, want="state") == 2
    assert run("state", _rows([4.0, 4.6, 4.5]), **rule, want="state") == 1
    assert run("state", _rows([4.0, 4.6, 4.0]), **rule, want="state") == 0
    assert run("state", _rows([4.0, 4.6, 4.5, 4.5]), **rule, want="age") == 2


def test_unknown_rows_are_passed_over() -> None:
    rule = {"rule": "direction", "length": 1, "band": 0.25}
    assert run("state", _rows([4.0, NAN, 4.6, NAN]), **rule, want="state") == 2


def test_percentile() -> None:
    rule = {"rule": "percentile", "low": 25.0, "high": 75.0, "minimum": 4}
    assert run("state", _rows([1.0, 2.0, 3.0, 4.0]), **rule, want="state") == 2  # 100
    assert run("state", _rows([1.0, 2.0, 4.0, 3.0]), **rule, want="state") == 1  # 75 is not above 75
    assert run("state", _rows([4.0, 2.0, 3.0, 1.0]), **rule, want="state") == 0  # 25 is not above 25
    with pytest.raises(MissingDataError):
        run("state", _rows([1.0, 2.0, 3.0]), **rule, want="state")


def test_hysteresis() -> None:
    rule = {"rule": "hysteresis", "enter": 30.0, "leave": 20.0}
    assert run("state", _rows([10.0, 31.0, 25.0]), **rule, want="state") == 1
    assert run("state", _rows([10.0, 31.0, 25.0]), **rule, want="age") == 2
    assert run("state", _rows([10.0, 25.0]), **rule, want="state") == 0
    with pytest.raises(RotascopeError):
        run("state", _rows([1.0]), rule="hysteresis", enter=1.0, leave=2.0, want="state")


def test_rank_within_a_regime() -> None:
    # Returns of one session: 10, 20, -10, 30, 15. The state is high on days 2, 3 and 6 only.
    a = data("A", [100.0, 110.0, 132.0, 118.8, 154.44, 177.606])
    state = data("V", [1.0, 9.0, 9.0, 1.0, 1.0, 9.0], field=Field.VALUE)
    params = {
        "grid": "sessions", "length": 1, "regime": {"rule": "hysteresis", "enter": 5.0, "leave": 5.0},
    }  # fmt: skip
    wants = {"rank": 2, "percentile": 200 / 3, "count": 3, "independent": 3}
    for want, value in wants.items():
        assert run("regime_rank", a, state, **params, want=want) == pytest.approx(value)


def test_windows_of_one_regime_that_share_sessions_are_not_independent() -> None:
    # Windows of three sessions end on days 4 to 9; those in the regime end on days 4, 6, 8 and 9.
    a = data("A", [float(100 + i) for i in range(9)])
    state = data("V", [0.0, 0.0, 0.0, 9.0, 0.0, 9.0, 0.0, 9.0, 9.0], field=Field.VALUE)
    params = {
        "grid": "sessions", "length": 3, "regime": {"rule": "hysteresis", "enter": 5.0, "leave": 5.0},
    }  # fmt: skip
    assert run("regime_rank", a, state, **params, want="count") == 4
    assert run("regime_rank", a, state, **params, want="independent") == 2  # days 4 and 8


def test_a_window_takes_the_latest_state_before_its_end() -> None:
    a = data("A", [100.0, 110.0, 120.0], [date(2024, 1, 3), date(2024, 1, 5), date(2024, 1, 8)])
    state = data("V", [9.0, 1.0], [date(2024, 1, 4), date(2024, 1, 9)], field=Field.VALUE)
    params = {
        "grid": "sessions", "length": 1, "regime": {"rule": "hysteresis", "enter": 5.0, "leave": 5.0},
    }  # fmt: skip
    assert run("regime_rank", a, state, **params, want="count") == 2
    with pytest.raises(MissingDataError):
        run("regime_rank", a, data("V", [1.0], [date(2024, 2, 1)], field=Field.VALUE), **params, want="count")


CHAIN = {
    "grid": "rows",
    "transition": [[0.9, 0.1], [0.3, 0.7]],
    "means": [-1.0, 2.0],
    "variances": [1.0, 4.0],
    "ar": [],
}


def _filter(values: list[float]) -> tuple[float, float]:
    """Hamilton's filter for two states, with the long-run shares .3 / .4 and .1 / .4 as the start."""
    chance, total = [0.75, 0.25], 0.0
    for y in values:
        density = [
            math.exp(-((y - m) ** 2) / (2 * v)) / math.sqrt(2 * math.pi * v)
            for m, v in ((-1.0, 1.0), (2.0, 4.0))
        ]
        joint = [c * d for c, d in zip(chance, density, strict=True)]
        total += math.log(sum(joint))
        here = [j / sum(joint) for j in joint]
        chance = [here[0] * 0.9 + here[1] * 0.3, here[0] * 0.1 + here[1] * 0.7]
    return total, here[1]


def test_filter_of_a_stated_chain() -> None:
    values = [-1.2, 0.4, 3.0, 2.2, -0.5]
    likelihood, high = _filter(values)
    assert run("switching", _rows(values), **CHAIN, want="log_likelihood") == pytest.approx(likelihood)
    assert run("switching", _rows(values), **CHAIN, state=1, want="probability") == pytest.approx(high)
    assert run("switching", _rows(values), **CHAIN, state=0, want="probability") == pytest.approx(1 - high)
    assert run("switching", _rows(values), **CHAIN, want="count") == 5


def test_a_lag_takes_the_first_value_as_given() -> None:
    # Two equal states: one normal law around m + 0.5 * (y before - m), whatever the chain does.
    chain = {**CHAIN, "means": [1.0, 1.0], "variances": [4.0, 4.0], "ar": [0.5]}
    values = [3.0, 1.0, 2.0]
    expected = [1 + 0.5 * (3 - 1), 1 + 0.5 * (1 - 1)]
    logs = [
        -0.5 * math.log(2 * math.pi * 4) - (y - e) ** 2 / 8 for y, e in zip(values[1:], expected, strict=True)
    ]
    assert run("switching", _rows(values), **chain, want="log_likelihood") == pytest.approx(sum(logs))
    assert run("switching", _rows(values), **chain, want="count") == 2


@pytest.mark.parametrize(
    "change",
    [
        {"transition": [[0.9, 0.2], [0.3, 0.7]]},
        {"transition": [[1.1, -0.1], [0.3, 0.7]]},
        {"variances": [1.0, 0.0]},
        {"variances": [1.0]},
        {"means": [1.0, 2.0, 3.0]},
        {"state": 2},
    ],
)
def test_impossible_chains(change: dict[str, object]) -> None:
    with pytest.raises(RotascopeError):
        run("switching", _rows([1.0, 2.0]), **({**CHAIN, "state": 0, "want": "probability"} | change))


DAYS = sessions(date(2010, 1, 4), date(2024, 12, 31))
BASE, END = date(2024, 11, 29), date(2024, 12, 31)


def _market() -> Desk:
    rng = np.random.default_rng(5)
    calm = np.array([(i // 300) % 2 == 0 for i in range(len(DAYS))])
    a = 100 * np.exp(
        np.cumsum(np.where(calm, rng.normal(0.001, 0.004, len(DAYS)), rng.normal(-0.002, 0.012, len(DAYS))))
    )
    b = np.full(len(DAYS), 50.0)
    vix = np.where(calm, 12.0, 35.0) + rng.normal(0, 1, len(DAYS))
    return desk(
        data("A", a.tolist(), DAYS),
        data("B", b.tolist(), DAYS),
        data("VIXCLS", vix.tolist(), DAYS, field=Field.VALUE),
    )


def test_state_metrics() -> None:
    at = _market()
    rule = {"rule": "hysteresis", "enter": 25, "leave": 20}
    last = (len(DAYS) - 1) // 300
    assert ask(at, "regime_state", ["VIXCLS"], BASE, END, **rule).value == last % 2
    assert ask(at, "regime_age", ["VIXCLS"], BASE, END, **rule).value == len(DAYS) - 300 * last
    with pytest.raises(UnknownNameError, match="enter=30"):
        ask(at, "regime_state", ["VIXCLS"], BASE, END, rule="hysteresis")
    with pytest.raises(UnknownNameError):
        ask(at, "regime_state", ["VIXCLS"], BASE, END, rule="mood")


def test_regime_percentile_counts_windows_of_its_regime() -> None:
    at = _market()
    rule = {"rule": "hysteresis", "enter": 25, "leave": 20}
    inside = ask(at, "regime_windows", ["A", "B", "VIXCLS"], BASE, END, **rule)
    all_of_them = ask(at, "window_count", ["A", "B"], BASE, END)
    assert 0 < inside.value < all_of_them.value
    assert inside.series == ("A", "B")
    assert 0 < ask(at, "regime_percentile", ["A", "B", "VIXCLS"], BASE, END, **rule).value <= 100
    few = ask(at, "regime_independent_windows", ["A", "B", "VIXCLS"], BASE, END, grid="sessions", **rule)
    many = ask(at, "regime_windows", ["A", "B", "VIXCLS"], BASE, END, grid="sessions", **rule)
    assert few.value <= many.value / 15


def test_regime_probability_states_its_chain() -> None:
    at = _market()
    fact = ask(at, "regime_probability", ["A", "B"], BASE, END)
    assert 0 <= fact.value <= 1
    assert fact.recipe.params["means"] == sorted(fact.recipe.params["means"])
    for row in fact.recipe.params["transition"]:
        assert sum(row) == pytest.approx(1, abs=1e-9)
    assert ask(at, "regime_log_likelihood", ["A", "B"], BASE, END).value < 0


def test_a_chain_that_does_not_converge_is_no_fact() -> None:
    flat = desk(data("A", [100.0] * len(DAYS), DAYS), data("B", [50.0] * len(DAYS), DAYS))
    with pytest.raises(MissingDataError):
        ask(flat, "regime_probability", ["A", "B"], BASE, END)


def test_a_stale_regime_is_refused() -> None:
    at = desk(
        data("A", [100.0 + i % 7 for i in range(len(DAYS))], DAYS),
        data("VIXCLS", [15.0, 16.0], DAYS[:2], field=Field.VALUE),
    )
    with pytest.raises(NotAvailableError):
        ask(at, "regime_windows", ["A", "VIXCLS"], BASE, END)


def test_a_signal_without_a_known_row_has_no_state() -> None:
    rule = {"rule": "hysteresis", "enter": 30.0, "leave": 20.0}
    with pytest.raises(MissingDataError, match="no state"):
        run("state", _rows([NAN, NAN]), **rule, want="state")
    a = data("A", [100.0, 110.0, 132.0])
    with pytest.raises(MissingDataError, match="no state"):
        run("regime_rank", a, _rows([NAN, NAN, NAN]), grid="sessions", length=1, regime=rule, want="rank")


@pytest.mark.parametrize("want", ["count", "log_likelihood", "probability"])
@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"transition": [[1, 0], [0, 1]]}, "never left"),
        ({"ar": [0.1] * 5}, "5 weights"),
        ({"variances": [1, 0]}, "variance"),
        ({"transition": [[0.5, 0.4], [0.5, 0.5]]}, "add up to one"),
    ],
)
def test_chains_that_are_none_are_refused_whatever_is_wanted(
    want: str, changed: dict[str, object], says: str
) -> None:
    chain = {"transition": [[0.9, 0.1], [0.2, 0.8]], "means": [0, 1], "variances": [1, 1], "ar": []}
    more = {"state": 0} if want == "probability" else {}
    with pytest.raises(RotascopeError, match=says):
        run("switching", _rows([0.5] * 9), grid="rows", want=want, **{**chain, **more, **changed})
