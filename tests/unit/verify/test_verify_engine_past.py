"""The nearest days and a driver, against values worked out by hand."""

from __future__ import annotations

import math
import statistics
from itertools import accumulate
from typing import Any

import pytest
from test_verify_ops import Series, days, fails, months, run

from rotascope_verify.failures import CheckError
from rotascope_verify.ops_engine_past import measure_cells

near = pytest.approx

A = days(100, 110, 120, 120, 126, 130)
B = days(50, 50, 50, 50, 50, 50)
C = days(2, 5, 9, 2.5, 4, 2.2)  # today 2.2: distances 0.2 2.8 6.8 0.3 1.8
LEVEL: dict[str, Any] = {"measures": [{"kind": "level", "inputs": [2]}], "count": 2, "apart": 1}


def test_nearest_by_hand() -> None:
    scale = statistics.pstdev([2, 5, 9, 2.5, 4, 2.2])
    for index, day, gap in ((0, 20260101, 0.2), (1, 20260104, 0.3)):
        assert run("nearest", A, B, C, want="date", index=index, **LEVEL) == day
        assert run("nearest", A, B, C, want="distance", index=index, **LEVEL) == near(gap / scale)
    for want, value in (("found", 2), ("looked_at", 5), ("left_out", 0)):
        assert run("nearest", A, B, C, want=want, **LEVEL) == value
    # three rows apart: rows 0 1 2 are old enough, and 1 and 2 lie too near to 0
    wide = LEVEL | {"apart": 3}
    assert run("nearest", A, B, C, want="found", **wide) == 1
    assert run("nearest", A, B, C, want="looked_at", **wide) == 3
    fails("nearest", A, B, C, want="date", index=2, **LEVEL)
    fails("nearest", A, B, C, want="date", **LEVEL)


def test_nearest_sequels() -> None:
    # B stands still. After rows 0 and 3: 10 and 5. After all: 10, 100/11, 0, 5, 400/126
    one = LEVEL | {"horizon": 1}
    base = (10, 100 / 11, 0, 5, 400 / 126)
    for want, value in (
        ("counted", 2),
        ("ahead", 2),
        ("hit_rate", 1),
        ("mean", 7.5),
        ("lowest", 5),
        ("highest", 10),
        ("base_count", 5),
        ("base_hit_rate", 0.8),
        ("base_mean", sum(base) / 5),
        ("base_independent", 5),
    ):
        assert run("nearest", A, B, C, want=want, **one) == near(value)
    # over three rows: only row 0 has a sequel, 20; of three rows one is independent
    three = LEVEL | {"horizon": 3}
    assert run("nearest", A, B, C, want="mean", **three) == near(20)
    assert run("nearest", A, B, C, want="counted", **three) == 1
    assert run("nearest", A, B, C, want="base_independent", **three) == 1
    assert run("nearest", A, B, C, want="base_independent", **(LEVEL | {"horizon": 2})) == 2
    # as far as the data reach: from row 0 to row 5
    assert run("nearest", A, B, C, want="base_mean", **(LEVEL | {"horizon": 5})) == near(30)
    for want in ("mean", "counted", "base_count"):
        fails("nearest", A, B, C, want=want, **(LEVEL | {"horizon": 6}))
    # only a sequel uses the levels
    below = days(-1, 50, 50, 50, 50, 50)
    assert run("nearest", A, below, C, want="found", **LEVEL) == 2
    fails("nearest", A, below, C, want="counted", horizon=1, **LEVEL)
    fails("nearest", A, B, C, want="mean", **LEVEL)
    fails("nearest", A, B, C, want="found", **one)


def test_nearest_of_two_measures() -> None:
    # returns of A over one row: none 10 100/11 0 5 400/126; levels of C as above. Row 0 is unknown
    both = [{"kind": "level", "inputs": [2]}, {"kind": "return", "inputs": [0], "length": 1}]
    more = LEVEL | {"measures": both}
    assert run("nearest", A, B, C, want="left_out", **more) == 1
    levels, returns = [5, 9, 2.5, 4, 2.2], [10, 100 / 11, 0, 5, 400 / 126]
    gaps = [
        math.sqrt(
            (
                ((x - 2.2) / statistics.pstdev(levels)) ** 2
                + ((r - 400 / 126) / statistics.pstdev(returns)) ** 2
            )
            / 2
        )
        for x, r in zip(levels, returns, strict=True)
    ]
    nearest = min(gaps[:4])
    assert run("nearest", A, B, C, want="distance", index=0, **more) == near(nearest)
    assert run("nearest", A, B, C, want="date", index=0, **more) == 20260102 + gaps.index(nearest)


def test_measures_by_hand() -> None:
    x, y = [1.0, 2.0, 3.0, 1.5], [4.0, 4.0, 2.0, 2.0]
    assert measure_cells(("spread", (0, 1), 2), [x, y]) == [None, None, near(250), near(25)]
    assert measure_cells(("return", (0,), 1), [x]) == [None, near(100), near(50), near(-50)]
    assert measure_cells(("change", (0,), 3), [[-1.0, 0.0, 1.0, 5.0]]) == [None, None, None, 6]
    assert measure_cells(("level", (1,), 0), [x, y]) == y
    # above the mean of two: x yes yes no; y no no no
    assert measure_cells(("breadth", (0, 1), 2), [x, y]) == [None, 0.5, 0.5, 0]
    assert measure_cells(("change", (0,), 9), [x]) == [None] * 4
    with pytest.raises(CheckError):
        measure_cells(("return", (0,), 1), [[1.0, -1.0]])


def test_nearest_refuses() -> None:
    level = {"kind": "level", "inputs": [2]}
    for bad in (
        {"measures": []},
        {"measures": [level] * 101},
        {"measures": {"kind": "level"}},
        {"measures": [level | {"length": 1}]},
        {"measures": [{"kind": "return", "inputs": [0]}]},
        {"measures": [{"kind": "return", "inputs": [0], "length": 6}]},  # today unknown
        {"measures": [{"kind": "spread", "inputs": [0], "length": 1}]},
        {"measures": [{"kind": "breadth", "inputs": [], "length": 1}]},
        {"measures": [{"kind": "level", "inputs": [3]}]},
        {"measures": [{"kind": "level", "inputs": [-1]}]},
        {"measures": [{"kind": "level", "inputs": ["2"]}]},
        {"measures": [{"kind": ["level"], "inputs": [2]}]},
        {"measures": [{"kind": "level", "inputs": [1]}]},  # never changes
        {"measures": [{"kind": "breadth", "inputs": [0], "length": 10**30}]},
        {"count": 0},
        {"apart": 0},
        {"apart": 1.5},
    ):
        fails("nearest", A, B, C, want="found", **(LEVEL | bad))
    assert run("nearest", A, B, C, want="found", **(LEVEL | {"apart": 6})) == 0


def driver_inputs(x: list[float], y: list[float]) -> tuple[Series, Series, Series]:
    """Return A, B and C so that C changes by x, and A gains y points in logs on a flat B."""

    def dated(values: list[float]) -> Series:
        return {
            f"2020-{1 + i // 28:02d}-{1 + i % 28:02d}": v for i, v in enumerate(accumulate(values, initial=0))
        }

    a = {d: math.exp(v / 100) for d, v in dated(y).items()}
    return a, dict.fromkeys(a, 3.0), dated(x)


# sixty pairs: x = + - + -, e = + + - -, y = 2 x + e; over four rows all of their sums are zero
X60 = [1.0, -1.0, 1.0, -1.0] * 15
Y60 = [3.0, -1.0, 1.0, -3.0] * 15
DRIVER: dict[str, Any] = {
    "grid": "sessions",
    "candidate": "difference",
    "scale": 1,
    "window": 2,
    "lookback": 60,
}


def test_driver_by_hand() -> None:
    # sum xx = 60, xy = 120, yy = 60 * (4 + 1): beta 2, correlation 120 / sqrt(60 * 300), then a window of
    # +1 +1 against 3 3: implied 2 * 2, and no other run of two sums to more than 1 + 1
    inputs = driver_inputs([*X60, 1, 1], [*Y60, 3, 3])
    r = 2 / math.sqrt(5)
    expected = {
        "change": 2,
        "percentile": 100,
        "beta": 2,
        "correlation": r,
        "t": r * math.sqrt(58 / 0.2),
        "pairs": 60,
        "implied": 4,
        "actual": 6,
        "verdict": 1,
    }
    for want, value in expected.items():
        assert run("driver", *inputs, want=want, **DRIVER) == near(value), want
    # a scale of 100 moves beta and change, and not what is implied
    hundred = DRIVER | {"scale": 100}
    assert run("driver", *inputs, want="change", **hundred) == near(200)
    assert run("driver", *inputs, want="beta", **hundred) == near(0.02)
    assert run("driver", *inputs, want="implied", **hundred) == near(4)
    # the same candidate as a gap of two
    c, d = {k: 2 * v for k, v in inputs[2].items()}, inputs[2]
    assert run("driver", inputs[0], inputs[1], c, d, want="beta", **DRIVER) == near(2)


def test_driver_verdicts() -> None:
    # the pair fell where a rise is implied
    against = driver_inputs([*X60, 1, 1], [*Y60, -3, -3])
    assert run("driver", *against, want="verdict", **DRIVER) == -1
    # 59 pairs are too few; so is a candidate that never moved
    for few in (
        driver_inputs([*X60[1:], 1, 1], [*Y60[1:], 3, 3]),
        driver_inputs([0.0] * 60 + [1, 1], [*Y60, 3, 3]),
        driver_inputs([*X60, 1, 1], [0.0] * 60 + [3, 3]),
    ):
        assert run("driver", *few, want="verdict", **DRIVER) == 0
        assert run("driver", *few, want="actual", **DRIVER) == near(6)
        for want in ("beta", "correlation", "t", "implied"):
            assert "too little" in fails("driver", *few, want=want, **DRIVER)
    # pairs on a line: no t, but the verdict stands
    line = driver_inputs([*X60, 1, 1], [*(2 * x for x in X60), 3, 3])
    assert "line" in fails("driver", *line, want="t", **DRIVER)
    assert run("driver", *line, want="verdict", **DRIVER) == 1
    # beyond the lookback nothing counts: 60 of 64 pairs
    long = driver_inputs([9, 9, 9, 9, *X60, 1, 1], [-9, 0, 0, 0, *Y60, 3, 3])
    assert run("driver", *long, want="beta", **DRIVER) == near(2)
    assert run("driver", *long, want="pairs", **(DRIVER | {"lookback": 1000})) == 64
    # 18 27.. : two of the 65 runs are 18, one each 18, 10: the current 2 is at most as large as none of them
    assert run("driver", *long, want="percentile", **DRIVER) == near(100 * 61 / 65)


def test_driver_in_logs_and_months() -> None:
    # C grew from 100 to 400 over two months: 300%; A to e^0.1 on a flat B: 10 points
    a, b, c = months(1, 1, 1, math.exp(0.1)), months(7, 7, 7, 7), months(50, 100, 200, 400)
    more: dict[str, Any] = {"grid": "months", "candidate": "log", "window": 2, "lookback": 5}
    assert run("driver", a, b, c, want="change", **more) == near(300)
    assert run("driver", a, b, c, want="actual", **more) == near(10)
    assert run("driver", a, b, c, want="pairs", **more) == 1
    assert run("driver", a, b, c, want="percentile", **more) == 100
    # an input of another day of the month still counts; a month that C lacks breaks the window
    c2 = {"2000-01-03": 50.0, "2000-02-01": 90.0, "2000-02-11": 100.0, "2000-03-01": 200, "2000-04-30": 400}
    assert run("driver", a, b, c2, want="change", **more) == near(300)
    gap = {k: v for k, v in months(25, 50, 100, 100, 200, 400).items() if k != "2000-04-28"}
    flat = months(1, 1, 1, 1, 1, 1)
    assert "neighbours" in fails("driver", flat, flat, gap, want="actual", **more)
    assert run("driver", flat, flat, gap, want="change", **(more | {"window": 1})) == near(100)
    assert run("driver", flat, flat, gap, want="pairs", **(more | {"window": 1})) == 2


def test_driver_refuses() -> None:
    a, b, c = driver_inputs([1, 2, 3], [1, 2, 3])
    good = DRIVER | {"window": 1, "lookback": 1}
    assert run("driver", a, b, c, want="change", **good) == 3
    for bad in (
        {"window": 3},
        {"window": 0},
        {"lookback": 0},
        {"lookback": [60]},
        {"scale": None},
        {"scale": "1"},
        {"grid": "rows"},
        {"candidate": "log"},  # has no scale
        {"candidate": None},
    ):
        fails("driver", a, b, c, want="change", **(good | bad))
    logs = {k: v for k, v in good.items() if k != "scale"} | {"candidate": "log"}
    assert "positive" in fails("driver", a, b, c, want="change", **logs)  # C starts at zero
    assert "one input" in fails("driver", a, b, a, b, want="change", **logs)
    fails("driver", a, b, want="change", **good)
