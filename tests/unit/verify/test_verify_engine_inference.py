"""Errors of a mean, block lengths and the bootstrap, against values by hand and slow references."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from arch.bootstrap import optimal_block_length
from hypothesis import given, settings
from hypothesis import strategies as st
from test_verify_ops import days, fails, months, run

from rotascope_verify.ops_engine_inference import block_lengths, draw_shares

near = pytest.approx
ROWS = {"grid": "rows"}


def test_newey_west_by_hand() -> None:
    # deviations -1.5 -.5 .5 1.5: c0 = 5 / 4, c1 = (.75 - .25 + .75) / 4 = .3125; one lag has weight 1/2
    v = days(1, 2, None, 3, 4)
    one = {"lags": 1} | ROWS
    assert run("newey_west", v, want="mean", **one) == 2.5
    assert run("newey_west", v, want="count", **one) == 4
    assert run("newey_west", v, want="standard_error", **one) == near(math.sqrt(1.5625 / 4))
    assert run("newey_west", v, want="t", **one) == near(4)
    assert run("newey_west", v, want="standard_error", lags=0, **ROWS) == near(math.sqrt(1.25 / 4))
    # A - B on common dates: 1 2 3 4 again
    a, b = days(2, 4, 9, 6, 8), days(1, 2, None, 3, 4)
    assert run("newey_west", a, b, want="t", **one) == near(4)


def test_newey_west_on_levels() -> None:
    # 100% and 50% gains, less 0% and 100%: 100 and -50; mean 25, distances 75
    a, b = days(1, 2, 3), days(4, 4, 8)
    grid = {"grid": "sessions", "length": 1, "lags": 0}
    assert run("newey_west", a, b, want="mean", **grid) == 25
    assert run("newey_west", a, b, want="standard_error", **grid) == near(75 / math.sqrt(2))
    # months: the pair with a month missing between gives none: 100%, then 50%
    levels = months(1, 2) | months(4, 6, start=3)
    assert run("newey_west", levels, want="mean", grid="months", lags=0) == 75
    assert run("newey_west", levels, want="count", grid="months", lags=1) == 2


def test_newey_west_refuses() -> None:
    v = days(1, 2, 3, 4)
    for bad in (
        {"lags": 4},
        {"lags": -1},
        {"lags": 1.0},
        {"lags": None},
        {"length": 1},
        {"grid": "years"},
        {"grid": "sessions"},
        {"grid": "sessions", "length": 0},
        {"grid": "sessions", "length": 3},  # one value
        {"grid": "sessions", "length": [1]},
        {"grid": "months"},
    ):
        fails("newey_west", v, **({"lags": 0, "want": "t"} | ROWS | bad))
    for want in ("mean", "standard_error", "t", "count"):
        assert "zero" in fails("newey_west", days(2, 2, 2), lags=0, want=want, **ROWS)
    fails("newey_west", days(1, 0, 2), grid="sessions", length=1, lags=0, want="mean")
    fails("newey_west", {}, lags=0, want="mean", **ROWS)


def test_block_length_by_hand() -> None:
    # n = 10: K = 5, Q = min(4 + 5, 8) = 8, the bound is 2 sqrt(1/10) = 0.63. p = 8 1 -6 -1 4 1 -2 -1 0.
    # r[2] = 6 / sqrt(5 * 7) and r[4] = 4 / sqrt(3 * 5) are above it and no five in a row below: G = 8.
    # w = 1 1 1 1 3/4 1/2 1/4 0. Sum of w k p = 1 - 12 - 3 + 16 + 3.75 - 6 - 1.75 = -2: g = -0.4.
    # Sum of w p = 1 - 6 - 1 + 4 + 0.75 - 1 - 0.25 = -2.5: f = 0.8 - 0.5 = 0.3. g^2 / f^2 = 16/9.
    v = days(1, 1, -1, -1, 1, 1, -1, -1, 0, 0)
    values = {"of": "values"} | ROWS
    assert run("block_length", v, want="stationary", **values) == near((160 / 9) ** (1 / 3))
    assert run("block_length", v, want="circular", **values) == near((240 / 9) ** (1 / 3))
    # the cap: ten values that alternate give 16 * 10 and ceil(min(3 sqrt(10), 10 / 3)) = 4
    wave = days(*([1, -1] * 5))
    assert run("block_length", wave, want="stationary", **values) == 4
    assert run("block_length", days(*([7] * 10)), want="circular", **values) == 1
    # all are at most the last one: hits are all 1
    assert run("block_length", days(*range(10)), want="circular", of="hits", **ROWS) == 1
    assert "ten" in fails("block_length", days(*range(9)), want="circular", **values)
    fails("block_length", v, want="circular", of="rows", **ROWS)


@pytest.mark.parametrize("seed", range(12))
def test_block_length_against_arch(seed: int) -> None:
    """Another implementation of Politis and White (2004) with the correction of 2009."""
    noise = np.random.default_rng(seed).standard_normal(150 + 40 * seed)
    x = np.zeros(len(noise))
    for t in range(1, len(x)):
        x[t] = 0.1 * (seed - 2) * x[t - 1] + noise[t]
    expected = optimal_block_length(x)
    assert block_lengths(x.tolist()) == near(
        (max(expected["stationary"].iloc[0], 1), max(expected["circular"].iloc[0], 1)), rel=1e-9
    )


def slow_shares(hits: list[float], b: float, seed: int, replications: int) -> list[float]:
    """Draw row by row, as the format tells it."""
    stream, n, out = random.Random(seed), len(hits), []
    for _ in range(replications):
        drawn: list[float] = []
        while len(drawn) < n:
            u, v = stream.random(), stream.random()
            row = math.floor(u * n)
            rows = 1 if b == 1 else 1 + math.floor(min(n, math.log(1 - v) / math.log(1 - 1 / b)))
            for _ in range(rows):
                if len(drawn) < n:
                    drawn.append(hits[row])
                    row = (row + 1) % n
        out.append(100 * sum(drawn) / n)
    return sorted(out)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=40),
    st.sampled_from([1, 1.0, 1.5, 4, 37.5, 1e6]),
    st.integers(0, 2**70),
)
def test_bootstrap_shares(hits: list[float], b: float, seed: int) -> None:
    assert draw_shares(hits, b, seed, 20) == slow_shares(hits, b, seed, 20)


def test_bootstrap_window() -> None:
    v = days(1, 5, 2, 4, 9, 3)  # 1, 2 and 3 are at most 3
    good: dict[str, Any] = {"seed": 7, "replications": 101, "block_length": 2, "level": 0.9} | ROWS
    assert run("bootstrap_window", v, want="percentile", **good) == 50
    assert run("bootstrap_window", v, want="block_length", **good) == 2
    x = slow_shares([1, 0, 1, 0, 0, 1], 2, 7, 101)
    # (101 - 1) * 0.05 = 5 and (101 - 1) * 0.95 = 95
    assert run("bootstrap_window", v, want="low", **good) == near(x[5])
    assert run("bootstrap_window", v, want="high", **good) == near(x[95])
    # 0.04: z = 100 * 0.48 = 48 and 52; 0.035: z = 48.25
    assert run("bootstrap_window", v, want="low", **(good | {"level": 0.035})) == near(
        x[48] + 0.25 * (x[49] - x[48])
    )
    assert run("bootstrap_window", days(1, 2), want="low", **good) == 100
    auto = good | {"block_length": "auto"}
    wave = days(*([1, -1] * 5), -1)  # 11 values; hits 0 1 0 1 ..
    own = run("block_length", wave, want="stationary", of="hits", **ROWS)
    assert run("bootstrap_window", wave, want="block_length", **auto) == own > 1
    assert "ten" in fails("bootstrap_window", v, want="percentile", **auto)
    for bad in (
        {"seed": -1},
        {"seed": 1.0},
        {"seed": "1"},
        {"seed": True},
        {"replications": 99},
        {"replications": 1001},
        {"replications": 200.0},
        {"block_length": 0.99},
        {"block_length": "none"},
        {"block_length": None},
        {"block_length": 1e300},
        {"level": 0},
        {"level": 1},
        {"level": [0.5]},
    ):
        fails("bootstrap_window", v, want="low", **(good | bad))


def test_bootstrap_window_refuses_too_many_blocks() -> None:
    v = {f"{1000 + i // 28}-01-{i % 28 + 1:02d}": float(i) for i in range(3001)}
    many: dict[str, Any] = {"seed": 1, "replications": 1000, "level": 0.5, "want": "percentile"} | ROWS
    assert "too many" in fails("bootstrap_window", v, block_length=1, **many)
    assert run("bootstrap_window", v, block_length=1.001, **many) == 100
