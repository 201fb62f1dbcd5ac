"""Co-movement, standings and triggers in the verifier, against values worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest
from test_verify_ops import Series, days, fails, months, run

near = pytest.approx
# x goes 1 2 3 4 1 2 3 4 .., y goes 2 1 4 3 2 1 4 3 ..: r = 0.6 over whole rounds
X, Y = months(*[1, 2, 3, 4] * 20), months(*[2, 1, 4, 3] * 20)
PARAMS: dict[str, Any] = {"first": "value", "second": "value", "grid": "months", "last": 400}


def both(last: int, want: str, **more: Any) -> float:
    return run(
        "co_movement",
        months(0, *X.values()),
        months(0, *Y.values()),
        **{**PARAMS, "last": last},
        want=want,
        **more,
    )


def test_co_movement_by_hand() -> None:
    assert both(400, "pairs") == 80
    assert both(28, "earlier_pairs") == 52
    assert both(20, "earlier_pairs") == 60
    assert both(80, "correlation") == near(0.6)
    assert both(20, "correlation") == near(0.6) == both(20, "earlier")
    assert both(20, "shift") == near(0, abs=1e-12)
    # z = ln 2 = 0.693147, 28 pairs give an error of 1/5 and 1.959964 / 5 = 0.391993
    assert both(28, "low", level=0.95) == near(math.tanh(math.log(2) - 0.391993), abs=1e-6)
    assert both(28, "high", level=0.95) == near(math.tanh(math.log(2) + 0.391993), abs=1e-6)


def test_co_movement_refuses() -> None:
    x, y = months(0, *X.values()), months(0, *Y.values())
    assert "fewer than 20" in fails("co_movement", x, y, **{**PARAMS, "last": 19}, want="correlation")
    assert "fewer than 60" in fails("co_movement", x, y, **{**PARAMS, "last": 21}, want="earlier")
    assert "no interval" in fails("co_movement", x, x, **PARAMS, want="low", level=0.9)
    assert "does not vary" in fails("co_movement", x, months(*[7.0] * 81), **PARAMS, want="correlation")
    assert "do not take" in fails("co_movement", x, y, **{**PARAMS, "first": "gap"}, want="pairs")
    assert "does not go with" in fails("co_movement", x, y, **{**PARAMS, "first": "sum"}, want="pairs")
    assert "level" in fails("co_movement", x, y, **PARAMS, want="low", level=1)
    assert "step" in fails("co_movement", x, y, **PARAMS, step=1, want="pairs")
    assert "lack level" in fails("co_movement", x, y, **PARAMS, want="low")


def test_sums_between_rows() -> None:
    """Every second day counts back from the sixth: rows 2, 4, 6; the sums are those of two days."""
    flow, price = days(1, 2, 4, 8, 16, 32), days(1, 1, 2, 2, 5, 9)
    params = {"first": "sum", "second": "difference", "grid": "sessions", "step": 2, "last": 9}
    assert run("co_movement", flow, price, **params, want="pairs") == 2


def test_standings_by_hand() -> None:
    flow: Series = days(1, 2, 3, None, 4)
    calendar = days(1, 1, 1, 1, 1)
    for want, value in (("percentile", 75), ("percentile_below", 50), ("count", 4), ("independent", 2)):
        assert run("sum_windows", flow, calendar, length=2, want=want) == value
    fails("sum_windows", flow, calendar, length=6, want="count")
    fails("sum_windows", days(1, None), days(1, 1), length=1, want="percentile")
    # 1.21, 0.99, 1.08
    returns = months(10, 10, -10, 20)
    for want, share in (("percentile", 200 / 3), ("percentile_below", 200 / 3), ("independent", 2)):
        assert run("return_windows", returns, length=2, want=want) == near(share)
    fails("return_windows", months(10, None, 5), length=1, want="count")
    fails("return_windows", months(10, -100), length=1, want="count")
    # 10 and -10, 0 and 0, 10 and 20
    a, b = days(100, 110, 110, 121), days(100, 90, 90, 108)
    for want, share in (("percentile", 200 / 3), ("median", 5), ("count", 3), ("independent", 3)):
        assert run("dispersion_windows", a, b, grid="sessions", length=1, want=want) == near(share)
    fails("dispersion_windows", a, b, grid="months", want="count")


def test_trigger() -> None:
    assert run("trigger", facts=(6.1,), test="below", than=3.0) == 3
    assert run("trigger", facts=(3.0,), test="below", than=3.0) == 3
    assert "passed" in fails("trigger", facts=(6.1,), test="above", than=3.0)
    fails("trigger", facts=(6.1,), test="beside", than=3.0)


def test_percentile_from_below() -> None:
    """Changes of 100%, -50%, 100% and -50%: four windows, the last no smaller than two."""
    level = days(1, 2, 1, 2, 1)
    assert run("window_rank", level, grid="sessions", length=1, want="percentile") == 50
    assert run("window_rank", level, grid="sessions", length=1, want="percentile_below") == 100
