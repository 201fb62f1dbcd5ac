"""How sure: by hand, by the specification written out again, and by another implementation."""

from __future__ import annotations

import itertools
import math
import random
from datetime import date
from typing import Any

import numpy as np
import pytest
from arch.bootstrap import optimal_block_length
from engine_desk import ask, data, desk, run, sessions
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rotascope.model.errors import BadWindowError, MissingDataError, RotascopeError
from rotascope.model.observations import Field, Frequency
from rotascope.model.units import Unit
from rotascope.store.series import SeriesData

ROWS = {"grid": "rows"}


def _rows(values: list[float]) -> SeriesData:
    return data("R", values, field=Field.VALUE, unit=Unit.PERCENT)


def test_newey_west_by_hand() -> None:
    # 1 2 3 4: deviations -1.5 -.5 .5 1.5; c0 = 5/4, c1 = (.75 - .25 + .75)/4 = 1.25/4.
    values = _rows([1.0, 2.0, 3.0, 4.0])
    assert run("newey_west", values, **ROWS, lags=0, want="mean") == 2.5
    assert run("newey_west", values, **ROWS, lags=0, want="standard_error") == pytest.approx(
        (1.25 / 4) ** 0.5
    )
    assert run("newey_west", values, **ROWS, lags=0, want="t") == pytest.approx(2.5 / (1.25 / 4) ** 0.5)
    one = 1.25 + 2 * 0.5 * 1.25 / 4
    assert run("newey_west", values, **ROWS, lags=1, want="t") == pytest.approx(2.5 / (one / 4) ** 0.5)
    assert run("newey_west", values, **ROWS, lags=1, want="count") == 4


def test_newey_west_of_spreads_of_sessions() -> None:
    # A gains 10% and 20%, B gains 5% and 5%: spreads 5 and 15.
    a, b = data("A", [100.0, 110.0, 132.0]), data("B", [100.0, 105.0, 110.25])
    assert run("newey_west", a, b, grid="sessions", length=1, lags=0, want="mean") == pytest.approx(10)


@pytest.mark.parametrize("values", [[1.0], [2.0, 2.0, 2.0], [1.0, 2.0]])
def test_no_t_value(values: list[float]) -> None:
    with pytest.raises(RotascopeError):
        run("newey_west", _rows(values), **ROWS, lags=len(values), want="t")


def _reference_interval(
    values: list[float], seed: int, replications: int, b: float, level: float
) -> tuple[float, float]:
    """The bootstrap as docs/bundle-format.md tells it, draw by draw."""
    n = len(values)
    hits = [v <= values[-1] for v in values]
    draw = random.Random(seed).random
    shares = []
    for _ in range(replications):
        rows: list[int] = []
        while len(rows) < n:
            u, v = draw(), draw()
            length = 1 if b == 1 else 1 + math.floor(min(n, math.log1p(-v) / math.log1p(-1 / b)))
            rows += [(math.floor(u * n) + i) % n for i in range(length)]
        shares.append(100 * sum(hits[i] for i in rows[:n]) / n)
    shares.sort()

    def quantile(q: float) -> float:
        z = (replications - 1) * q
        j = math.floor(z)
        return shares[j] + (z - j) * (shares[min(j + 1, replications - 1)] - shares[j])

    return quantile((1 - level) / 2), quantile((1 + level) / 2)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.integers(-20, 20).map(float), min_size=12, max_size=60),
    st.integers(0, 9),
    st.sampled_from([1.0, 2.5, 7.0]),
)
def test_bootstrap_reads_the_stream_as_specified(values: list[float], seed: int, b: float) -> None:
    params = {**ROWS, "seed": seed, "replications": 150, "block_length": b, "level": 0.8}
    low, high = _reference_interval(values, seed, 150, b, 0.8)
    assert run("bootstrap_window", _rows(values), **params, want="low") == pytest.approx(low)
    assert run("bootstrap_window", _rows(values), **params, want="high") == pytest.approx(high)
    share = 100 * sum(v <= values[-1] for v in values) / len(values)
    assert run("bootstrap_window", _rows(values), **params, want="percentile") == pytest.approx(share)
    assert run("bootstrap_window", _rows(values), **params, want="block_length") == b


def test_automatic_block_length_is_that_of_the_hits() -> None:
    rng = np.random.default_rng(3)
    values = np.cumsum(rng.normal(size=200)).tolist()
    hits = [float(v <= values[-1]) for v in values]
    expected = optimal_block_length(np.array(hits)).iloc[0]
    params = {**ROWS, "seed": 1, "replications": 100, "block_length": "auto", "level": 0.9}
    assert run("bootstrap_window", _rows(values), **params, want="block_length") == pytest.approx(
        max(1.0, expected["stationary"])
    )
    assert run("block_length", _rows(values), **ROWS, of="hits", want="circular") == pytest.approx(
        max(1.0, expected["circular"])
    )
    own = optimal_block_length(np.array(values)).iloc[0]["stationary"]
    assert run("block_length", _rows(values), **ROWS, of="values", want="stationary") == pytest.approx(own)


@pytest.mark.parametrize(
    "change",
    [{"replications": 99}, {"replications": 1001}, {"block_length": 0.5}, {"level": 1.0}, {"want": "mean"}],
)
def test_bootstrap_out_of_range(change: dict[str, Any]) -> None:
    params = {**ROWS, "seed": 1, "replications": 100, "block_length": 2.0, "level": 0.9, "want": "low"}
    with pytest.raises(RotascopeError):
        run("bootstrap_window", _rows([float(i) for i in range(20)]), **(params | change))


def test_more_than_can_be_checked_is_refused() -> None:
    values = _rows([float(i % 7) for i in range(4000)])
    params = {**ROWS, "seed": 1, "replications": 1000, "block_length": 1.0, "level": 0.9, "want": "low"}
    with pytest.raises(RotascopeError, match="too many"):
        run("bootstrap_window", values, **params)


def test_change_points_by_hand() -> None:
    values = _rows([0.0, 0.0, 0.0, 9.0, 9.0, 9.0])
    params = {**ROWS, "penalty": 1.0, "least": 2}
    assert run("changepoints", values, **params, want="count") == 1
    assert run("changepoints", values, **params, want="last_change") == 20240104
    assert run("changepoints", values, **params, want="last_mean") == 9
    assert run("changepoints", values, **params, want="mean_before") == 0


def test_no_change_point() -> None:
    params = {**ROWS, "penalty": 1.0, "least": 2}
    flat = _rows([1.0, 1.0, 1.0, 1.0])
    assert run("changepoints", flat, **params, want="count") == 0
    assert run("changepoints", flat, **params, want="last_mean") == 1
    for want in ("last_change", "mean_before"):
        with pytest.raises(MissingDataError):
            run("changepoints", flat, **params, want=want)


def _all_cuts(values: list[float], penalty: float, least: int) -> list[tuple[float, tuple[int, ...]]]:
    """Return every way to cut the rows, with its sum of squares plus penalties, cheapest first."""

    def cost(part: list[float]) -> float:
        mean = math.fsum(part) / len(part)
        return math.fsum((v - mean) ** 2 for v in part)

    n, found = len(values), []
    for count in range(n // least):
        for cuts in itertools.combinations(range(1, n), count):
            edges = [0, *cuts, n]
            if all(b - a >= least for a, b in itertools.pairwise(edges)):
                parts = [values[a:b] for a, b in itertools.pairwise(edges)]
                found.append((math.fsum(map(cost, parts)) + penalty * count, cuts))
    return sorted(found)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=5, max_size=10), st.floats(0.5, 20.0), st.integers(1, 3))
def test_the_cheapest_of_all_cuts_is_found(values: list[float], penalty: float, least: int) -> None:
    cuts = _all_cuts(values, penalty, least)
    assume(len(cuts) > 1 and cuts[1][0] - cuts[0][0] > 1e-6)
    best = cuts[0][1]
    params = {**ROWS, "penalty": penalty, "least": least}
    assert run("changepoints", _rows(values), **params, want="count") == len(best)
    if best:
        day = run("changepoints", _rows(values), **params, want="last_change")
        assert day == 20240101 + best[-1]


DAYS = sessions(date(2015, 1, 2), date(2024, 12, 31))
BASE, END = date(2024, 11, 29), date(2024, 12, 31)


def _market() -> Any:
    rng = np.random.default_rng(11)
    a = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, len(DAYS))))
    b = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, len(DAYS))))
    months = [date(y, m, 28) for y in range(2000, 2024) for m in range(1, 13)]
    factor = data("HML", rng.normal(0.3, 2, len(months)).tolist(), months, field=Field.VALUE,
                  unit=Unit.PERCENT, frequency=Frequency.MONTHLY)  # fmt: skip
    return desk(data("A", a.tolist(), DAYS), data("B", b.tolist(), DAYS), factor)


def test_interval_of_a_month_uses_months() -> None:
    at = _market()
    low = ask(at, "percentile_interval_low", ["A", "B"], BASE, END)
    high = ask(at, "percentile_interval_high", ["A", "B"], BASE, END)
    here = ask(at, "window_percentile", ["A", "B"], BASE, END)
    assert low.value <= here.value <= high.value
    assert low.recipe.params == {
        "grid": "months", "seed": 1, "replications": 1000, "block_length": "auto", "level": 0.9,
        "want": "low",
    }  # fmt: skip


def test_interval_of_other_windows_uses_sessions() -> None:
    fact = ask(_market(), "percentile_interval_low", ["A"], date(2024, 12, 4), END, replications=100)
    assert fact.recipe.params["grid"] == "sessions"
    assert fact.recipe.params["length"] == 18
    with pytest.raises(BadWindowError, match="not one calendar month"):
        ask(_market(), "percentile_interval_low", ["A"], date(2024, 12, 4), END, grid="months")


def test_mean_spread_states_its_lags() -> None:
    at = _market()
    fact = ask(at, "mean_spread_t", ["A", "B"], BASE, END)
    # 119 months from January 2015 on, each against the one before: 4 * 1.19 ** (2/9) = 4.16.
    assert ask(at, "mean_spread_count", ["A", "B"], BASE, END).value == 119
    assert fact.recipe.params == {"grid": "months", "lags": 4, "want": "t"}
    overlapping = ask(at, "mean_spread_t", ["A", "B"], BASE, END, grid="sessions", length=21)
    assert overlapping.recipe.params["lags"] == 20


def test_a_month_just_begun_is_not_a_month() -> None:
    fact = ask(_market(), "mean_spread_count", ["A", "B"], BASE, date(2024, 12, 20))
    assert fact.value == 118
    assert fact.window is not None
    assert fact.window.end_used == BASE


def test_mean_of_a_factor_takes_its_returns() -> None:
    at = _market()
    fact = ask(at, "mean_spread", ["HML"], date(2023, 11, 28), date(2023, 12, 28))
    assert fact.recipe.params["grid"] == "rows"
    assert fact.unit is Unit.PERCENT
    held = at.series("HML", Field.VALUE).values
    assert fact.value == pytest.approx(math.fsum(held.tolist()) / held.size)


def test_p_value_grows_with_the_number_of_spreads_looked_at() -> None:
    at = _market()
    alone = ask(at, "spread_p_value", ["A", "B"], BASE, END, method="none")
    both = ask(at, "spread_p_value", ["A", "B", "B", "A"], BASE, END)
    assert both.value == pytest.approx(min(1.0, 2 * alone.value))
    t = ask(at, "mean_spread_t", ["A", "B"], BASE, END).value
    assert alone.value == pytest.approx(math.erfc(abs(t) / math.sqrt(2)))


def test_change_points_of_a_spread() -> None:
    at = _market()
    fact = ask(at, "change_point_count", ["A", "B"], BASE, END, penalty=1e9)
    assert fact.value == 0
    assert fact.recipe.params["least"] == 12
    assert "hindsight" in fact.notes[0]
    usual = ask(at, "change_point_count", ["A", "B"], BASE, END).recipe.params["penalty"]
    assert usual > 0
    assert usual == float(f"{usual:.6g}")
