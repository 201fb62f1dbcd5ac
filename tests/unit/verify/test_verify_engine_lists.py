"""Engine operations on lists of values and on one path, against values worked out by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_verify_ops import days, fails, run

from rotascope_verify.ops_engine_lists import doubled_ranks

near = pytest.approx


def test_relative_strength() -> None:
    # A grew to 1.3, B to 1.1 since their first common date: 100 * 1.3 / 1.1
    assert run("relative_strength", days(100, 500, 130), days(200, 1, 220)) == near(118.18181818181819)
    # the first day of A has no B: from 500 to 130 against 1 to 220 is 0.26 / 220
    b = {"2026-01-02": 1.0, "2026-01-03": 220.0}
    assert run("relative_strength", days(100, 500, 130), b) == near(26 / 220)
    assert "positive" in fails("relative_strength", days(1, 2), days(0, 2))
    assert "common" in fails("relative_strength", days(None, 2), days(1, None))
    fails("relative_strength", days(1, 2), days(1, 2), want="last")


def test_rank_correlation() -> None:
    # ranks 3 2 1 and 3 1 2: 1 - 6 * (0 + 1 + 1) / (3 * 8) = 0.5
    assert run("rank_correlation", facts=(1, 2, 3, 10, 30, 20)) == 0.5
    assert run("rank_correlation", facts=(1, 2, 3, -1, -2, -3)) == -1
    # ranks 2.5 2.5 1 and 3 2 1: 1.5 / sqrt(1.5 * 2), twelve decimals
    assert run("rank_correlation", facts=(1, 1, 2, 1, 2, 3)) == 0.866025403784
    assert run("rank_correlation", facts=(5, 7, 5, 1, 2, 3)) == 0
    assert "equal" in fails("rank_correlation", facts=(1, 1, 2, 3))
    assert "even" in fails("rank_correlation", facts=(1, 2, 3, 4, 5))
    fails("rank_correlation", facts=(1, 2))


@given(st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=12))
def test_doubled_ranks(values: list[float]) -> None:
    """A rank is 1 + number greater + half the number of other equal ones."""
    for x, r in zip(values, doubled_ranks(values), strict=True):
        assert r == 2 + 2 * sum(y > x for y in values) + sum(y == x for y in values) - 1


def test_dispersion() -> None:
    values = (2, 4, 4, 4, 5, 5, 7, 9)  # mean 5; squared distances sum to 32, distances to 12
    assert run("dispersion", facts=values, want="standard_deviation") == 2
    assert run("dispersion", facts=values, want="range") == 7
    assert run("dispersion", facts=values, want="mean_gap") == 1.5
    fails("dispersion", facts=(1,), want="range")
    fails("dispersion", facts=values)
    fails("dispersion", facts=values, want=["range"])


def test_group_gap() -> None:
    values = (1, 3, 10, 20, 30)  # means 2 and 20
    got = [run("group_gap", facts=values, split=2, want=w) for w in ("first", "second", "gap")]
    assert got == [2, 20, -18]
    for split in (0, 5, None, 2.0, True, "2"):
        fails("group_gap", facts=values, split=split, want="gap")


def test_effective_number() -> None:
    # parts 0.5 0.3 0.2: squares 0.25 0.09 0.04
    weights = (days(100), days(60), days(None), days(40))
    for want, value in (("herfindahl", 0.38), ("effective", 1 / 0.38), ("counted", 3), ("left_out", 1)):
        assert run("effective_number", *weights, want=want) == near(value)
    assert run("effective_number", *weights, want="top_share", names=2) == near(0.8)
    for names in (0, 4, None, 1.5):
        fails("effective_number", *weights, want="top_share", names=names)
    fails("effective_number", *weights, want="effective", names=2)
    assert "negative" in fails("effective_number", days(2), days(-1), want="counted")
    assert "zero" in fails("effective_number", days(0), days(None), want="counted")
    assert "one row" in fails("effective_number", days(1, 2), want="effective")


def test_contribution() -> None:
    # 30% of +10% and 20% of -5%: 3 - 1 = 2 points of 4; the other half had 2 / 0.5
    values = (30, 20, 10, -5, 4)
    for want, value in (("points", 2), ("residual", 2), ("without", 4), ("weight", 50)):
        assert run("contribution", facts=values, want=want) == near(value)
    assert "nothing" in fails("contribution", facts=(60, 40, 1, 1, 1), want="without")
    assert run("contribution", facts=(60, 40, 1, 1, 1), want="weight") == 100
    assert "odd" in fails("contribution", facts=(1, 2, 3, 4), want="points")


def test_product() -> None:
    assert run("product", facts=(3, -4), scale=0.5) == -6
    for scale in (None, True, "1", [1], 10**400):
        fails("product", facts=(3, 4), scale=scale)
    fails("product", facts=(3, 4))


def test_adjusted_p() -> None:
    # the t values of the normal distribution for p = 0.05, 0.01 and 0.10
    t = (1.959963984540054, -2.5758293035489004, 1.6448536269514722)
    expected = {
        "none": (0.05, 0.01, 0.10),
        # 3 * 0.01 = 0.03; then max(0.03, 2 * 0.05); then max(0.10, 1 * 0.10)
        "holm": (0.10, 0.03, 0.10),
        # from above: 0.10; min(0.10, 3 * 0.05 / 2); min(0.075, 3 * 0.01)
        "benjamini_hochberg": (0.075, 0.03, 0.10),
    }
    for method, values in expected.items():
        for i, value in enumerate(values):
            assert run("adjusted_p", facts=t, index=i, method=method) == near(value)
    assert run("adjusted_p", facts=(0, 0.0), index=1, method="holm") == 1
    fails("adjusted_p", facts=t, index=3, method="none")
    fails("adjusted_p", facts=t, index=0, method="bonferroni")


def test_extreme_row() -> None:
    values = days(1, -9, None, 5, 5, 3) | {"2026-01-08": 99.0}  # the last one on a day without trading
    calendar = days(1, 1, 1, 1, 1, 1)
    cases = (("max", 0, 5, 4), ("max", 2, 3, 6), ("min", 0, -9, 2), ("abs", -1, 1, 1), ("min", 2, 5, 4))
    for by, offset, value, day in cases:
        got = run("extreme_row", values, calendar, by=by, offset=offset, scale=1, want="value")
        assert got == value
        assert run("extreme_row", values, calendar, by=by, offset=offset, want="date") == 20260100 + day
    assert run("extreme_row", values, calendar, by="min", offset=0, scale=-100, want="value") == 900
    # a session on which the series has no row counts as a step
    gap = {day: v for day, v in values.items() if day != "2026-01-03"}
    assert run("extreme_row", gap, calendar, by="min", offset=2, want="date") == 20260104
    for offset in (-1, 3, -4, 10**30, 0.0):  # unknown, after the end, before the start
        fails("extreme_row", values, calendar, by="max", offset=offset, want="date")
    fails("extreme_row", values, calendar, by="max", offset=0, want="value")
    fails("extreme_row", values, calendar, by="max", offset=0, scale=1, want="date")
    fails("extreme_row", days(None), calendar, by="max", offset=0, want="date")
    fails("extreme_row", values, by="max", offset=0, want="date")


def test_level_percentile() -> None:
    values = days(4, 1, 3, None, 3)  # at most 3: three of four
    for want, value in (("percentile", 75), ("count", 4), ("median", 3), ("last_as_large", 20260103)):
        assert run("level_percentile", values, want=want) == value
    assert run("level_percentile", days(1, 2, 4, 8), want="median") == 3
    fails("level_percentile", days(1, 2, 4), want="last_as_large")
    assert "unknown" in fails("level_percentile", days(1, None), want="count")
    fails("level_percentile", {}, want="count")


def test_ratio_gap() -> None:
    a, b = days(2, 8, 3, 4), days(1, 2, 3, 2)  # times 2 4 1 2
    for want, value in (
        ("times", 2),
        ("log_gap", math.log(2)),
        ("percentile", 75),
        ("count", 4),
        ("median_times", 2),
        ("wider_since", 20260102),
    ):
        assert run("ratio_gap", a, b, want=want) == near(value)
    # the other way round 1/2 1/4 1 1/2: two of them are as low, one is lower, the latest is the second
    assert run("ratio_gap", b, a, want="percentile") == 75
    assert run("ratio_gap", b, a, want="wider_since") == 20260102
    fails("ratio_gap", days(1, 2), days(1, 1), want="wider_since")
    assert "positive" in fails("ratio_gap", days(1, -2), days(1, 1), want="times")


def test_drawdown() -> None:
    path = days(100, 120, 90, None, 130, 117)  # falls 0, 0, -1/4, 0, -1/10
    for want, value in (("deepest", -0.25), ("current", -0.1), ("peak", 20260102), ("trough", 20260103)):
        assert run("drawdown", path, want=want) == near(value)
    # a ratio: 100 / 1, 120 / 2, 90 / 1 = 100, 60, 90
    for want, value in (("deepest", -0.4), ("current", -0.1), ("peak", 20260101), ("trough", 20260102)):
        assert run("drawdown", days(100, 120, 90), days(1, 2, 1), want=want) == near(value)
    # the first of two equal peaks and of two equal troughs
    twice = days(10, 10, 5, 5)
    assert run("drawdown", twice, want="peak") == 20260101
    assert run("drawdown", twice, want="trough") == 20260103
    assert "positive" in fails("drawdown", days(1, 0), want="deepest")
