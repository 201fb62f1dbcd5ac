"""Errors planted in engine facts of a small bundle, hostile parameters, and the time that checks take."""

from __future__ import annotations

import copy
import math
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import builder as b
import pytest
from builder import Bundle
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_verify_ops import days, run

from rotascope_verify.bundle import verify
from rotascope_verify.failures import CheckError
from rotascope_verify.observations import Rows, RowsInput
from rotascope_verify.ops import Call, FactInput, run_op

PAIR = ["IWM", "SPY"]


def closes(*series: str) -> list[b.Json]:
    return [b.obs(name, "close", b.FIRST, b.LAST) for name in series]


def facts() -> list[b.Json]:
    """Return engine facts on the rows of the tiny bundle: IWM 200 204 210, SPY 500 505 510."""

    def made(name: str, value: float, unit: str, shown: str, op: str, *inputs: b.Json, **more: Any) -> b.Json:
        series = more.pop("series", PAIR)
        return b.fact(name, series, value, unit, more.pop("decimals", 0), shown, op, list(inputs), **more)

    calendar = [closes("IWM")[0], b.obs("NYSE", "session", b.FIRST, b.LAST)]
    pair, sessions = closes(*PAIR), {"grid": "sessions", "length": 1}

    ended = {k: v for k, v in b.WINDOW.items() if k != "start_used"}
    return [
        # 100 * 1.05 / 1.02
        made(
            *("rs", 102.941176471, "index_level", "102.9", "relative_strength", *pair),
            decimals=1,
            window=b.WINDOW,
        ),
        # log ratio: ln 0.4, ln 0.403960396, ln 0.411764706; steps 0.009852 and 0.019135: both quicken
        made(
            *("quadrant", 1, "count", "1", "rotation", *pair),
            trend=2,
            momentum=2,
            back=0,
            want="quadrant",
            window=ended,
        ),
        # gains of 2% and 1%, then 6/204 and 5/505: 1 and 2.94117647059 - 0.990099009901 points
        made(
            *("mean", 1.47553873034, "pp", "1.5 pp", "newey_west", *pair),
            **sessions,
            decimals=1,
            lags=0,
            want="mean",
            window=b.WINDOW,
        ),
        # both rose on the last session
        made(
            *("advancers", 2, "count", "2", "breadth", *pair),
            series=[],
            measure="up",
            on=b.LAST,
            want="advancers",
        ),
        made(
            *("spread_gap", 1.5, "pp", "1.5 pp", "dispersion", b.ref("iwm"), b.ref("spy")),
            decimals=1,
            want="mean_gap",
            series=["SPY"],
            window=b.WINDOW,
        ),
        made(
            *("left", 1, "count", "1", "effective_number", b.obs("HOLD.XLK.AAPL", "weight", b.LAST, b.LAST)),
            series=["XLK"],
            want="effective",
            window=ended,
        )
        | {"unit": "ratio"},
        made(
            *("peak", 20260130, "date", "2026-01-30", "extreme_row", *calendar),
            series=["IWM"],
            by="max",
            offset=0,
            want="date",
        )
        | {"window": b.WINDOW | {"start_used": "2025-12-30"}},
    ]


def engine_bundle() -> Bundle:
    bundle = Bundle()
    bundle.facts += copy.deepcopy(facts())
    bundle.lines.insert(0, f"HOLD.XLK.AAPL,weight,{b.LAST},7.0,percent,db,,s1")
    at = next(i for i, line in enumerate(bundle.lines) if line.startswith("SPY"))
    bundle.lines[at:at] = [f"NYSE,session,{d},1.0,count,db,,s1" for d in (b.FIRST, "2026-01-02", b.LAST)]
    return bundle.seal()


def codes(bundle: Bundle, folder: Path) -> set[str]:
    return {f.code for f in verify(bundle.write(folder)).failures}


def test_the_bundle_is_right(tmp_path: Path) -> None:
    assert verify(engine_bundle().write(tmp_path)).failures == []


@pytest.mark.parametrize(
    ("name", "path", "value", "code"),
    [
        ("rs", "value", 102.9412, "value-differs"),
        ("rs", "display", "102.8", "display-differs"),
        ("rs", "unit", "ratio", "unit-differs"),
        ("rs", "series", ["SPY", "IWM"], "series-differs"),
        ("rs", "series", ["IWM"], "series-differs"),
        ("rs", "window.start_used", "2026-01-02", "window-differs"),
        ("rs", "window.end_used", "2026-01-29", "window-differs"),
        ("rs", "params.want", "last", "op-failed"),
        ("quadrant", "value", 2, "value-differs"),
        ("quadrant", "params.back", 1, "op-failed"),
        ("quadrant", "params.step", 1, "op-failed"),
        ("quadrant", "params.trend", None, "op-failed"),
        ("quadrant", "window.start_used", b.FIRST, "window-differs"),
        ("quadrant", "unit", "ratio", "unit-differs"),
        ("mean", "unit", "percent", "unit-differs"),
        ("mean", "params.lags", 1e300, "op-failed"),
        ("mean", "params.want", "t", "unit-differs"),
        ("mean", "window.start_used", "2026-01-02", "window-differs"),
        ("advancers", "params.on", "2026-01-02", "as-of"),
        ("advancers", "series", ["QQQ"], "series-differs"),
        ("advancers", "unit", "percent", "unit-differs"),
        ("advancers", "params.want", "decliners", "value-differs"),
        ("spread_gap", "unit", "percent", "unit-differs"),
        ("spread_gap", "series", ["QQQ"], "series-differs"),
        ("spread_gap", "params.want", "range", "value-differs"),
        ("spread_gap", "window.end_used", "2026-01-29", "window-differs"),
        ("left", "series", ["XLF"], "series-differs"),
        ("left", "series", ["XLK", "XLF"], "series-differs"),
        ("left", "params.names", 1, "op-failed"),
        ("peak", "window.start_used", b.FIRST, "window-differs"),
        ("peak", "params.offset", -1, "value-differs"),
        ("peak", "unit", "count", "unit-differs"),
    ],
)
def test_planted(name: str, path: str, value: Any, code: str, tmp_path: Path) -> None:
    bundle = engine_bundle()
    item = bundle.fact(name)
    head, _, key = path.partition(".")
    place = item if not key else item["recipe"]["params"] if head == "params" else item[head]
    place[key or head] = value
    if code == "as-of":  # both rose on that day too, so only a window could tell
        item["window"] = b.WINDOW
        code = "window-differs"
    assert code in codes(bundle, tmp_path)


JUNK = st.one_of(
    st.sampled_from([None, True, 0, -1, 1.5, 10**400, 1e308, -1e308, 5e-324, math.nan, math.inf, "", "auto"]),
    st.sampled_from(["sessions", "months", "rows", [], {}, [[]], [1] * 5000, {"rule": "percentile"}]),
    st.integers(-3, 300),
    st.sampled_from(["2026-01-03", "up", "beating", "direction", "hysteresis", "log", "value", "count"]),
    st.just([{"kind": "return", "inputs": [0], "length": 1}]),
    st.just([[0.9, 0.1], [0.2, 0.8]]),
    st.just([[2, 2]]),
)
ENGINE = {
    "relative_strength": (2, 0, ""),
    "rotation": (2, 0, "trend momentum back step grid want"),
    "breadth": (3, 0, "measure on length want"),
    "rank_correlation": (0, 4, ""),
    "dispersion": (0, 3, "want"),
    "group_gap": (0, 3, "split want"),
    "effective_number": (2, 0, "names want"),
    "contribution": (0, 5, "want"),
    "product": (0, 2, "scale"),
    "extreme_row": (2, 0, "by offset scale want"),
    "newey_west": (2, 0, "grid length lags want"),
    "adjusted_p": (0, 3, "index method"),
    "block_length": (2, 0, "grid length of want"),
    "bootstrap_window": (1, 0, "grid length seed replications block_length level want"),
    "state": (1, 0, "rule length band low high minimum enter leave want"),
    "regime_rank": (3, 0, "grid length regime want"),
    "switching": (1, 0, "grid length transition means variances ar state want"),
    "changepoints": (2, 0, "grid length penalty least want"),
    "nearest": (3, 0, "measures count apart index horizon want"),
    "driver": (3, 0, "grid candidate scale window lookback want"),
    "level_percentile": (1, 0, "want"),
    "ratio_gap": (2, 0, "want"),
    "drawdown": (2, 0, "want"),
}
WANTS = """strength heading stability share line count date mean t low state age rank probability last_mean
median percentile verdict peak current gap top_share without first deepest stationary found hit_rate"""
WORDS = st.sampled_from(WANTS.split())


@pytest.mark.parametrize("op", sorted(ENGINE))
@settings(max_examples=150, deadline=2000, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_hostile_parameters_end_in_a_refusal(op: str, data: st.DataObject) -> None:
    """Whatever stands in the parameters and rows, the outcome is a finite number or a CheckError."""
    rows, facts, names = ENGINE[op]
    values = st.sampled_from([None, 0.0, -1.0, 1e300, 5e-324, 1.0, 2.0, 3.5, 100.0, 1e-300])
    inputs = [days(*data.draw(st.lists(values, max_size=25))) for _ in range(rows)]
    numbers = data.draw(st.lists(st.floats(-1e308, 1e308), min_size=facts, max_size=facts))
    chosen = [n for n in names.split() if data.draw(st.integers(0, 5))]
    params = {n: data.draw(WORDS if n == "want" and data.draw(st.booleans()) else JUNK) for n in chosen}
    try:
        assert math.isfinite(run(op, *inputs, facts=tuple(numbers), **params))
    except CheckError as error:
        assert error.code == "op-failed"


def long_call(count: int, rows: int, op: str, /, **params: Any) -> tuple[str, Call]:
    """Return a call on waves with some drift."""
    first = date(1990, 1, 1)
    step = 1 if rows > 1000 else 30
    dates = tuple(str(first + timedelta(days=step * i)) for i in range(rows))
    none: frozenset[str] = frozenset()
    cells = [
        tuple(100 + 10 * math.sin(i * (k + 1) / 37) + 5 * math.sin(i * i * 0.61 + k) for i in range(rows))
        for k in range(count)
    ]
    wants = tuple(RowsInput(f"S{k}", "x", dates[0], dates[-1], rows, "", "db", None) for k in range(count))
    columns = tuple(Rows(dates, c, none, none, none, "") for c in cells)
    facts: tuple[FactInput, ...] = ()
    return op, Call(params, wants, columns, facts, {})


SESSIONS: dict[str, Any] = {"grid": "sessions", "length": 21}
BOOT: dict[str, Any] = {"seed": 1, "replications": 500, "block_length": "auto", "level": 0.9}
MODEL: dict[str, Any] = {"transition": [[0.95, 0.05], [0.1, 0.9]], "means": [0, 1], "variances": [4, 9]}
MEASURES = [
    {"kind": "spread", "inputs": [0, 1], "length": 21},
    {"kind": "return", "inputs": [0], "length": 63},
    {"kind": "change", "inputs": [2], "length": 63},
    {"kind": "breadth", "inputs": list(range(12)), "length": 200},
]
DRIVER: dict[str, Any] = {"grid": "sessions", "candidate": "log", "window": 63, "lookback": 756}
GRID = [[n, m] for n in range(20, 260, 40) for m in range(5, 65, 10)]


@pytest.mark.parametrize(
    ("seconds", "call"),
    [
        (1, long_call(2, 5000, "rotation", trend=63, momentum=21, back=0, grid=GRID, want="stability")),
        (1, long_call(60, 5000, "breadth", measure="up", on="2003-09-09", want="line")),
        (1, long_call(2, 5000, "newey_west", lags=60, want="t", **SESSIONS)),
        (1, long_call(2, 5000, "block_length", of="values", want="circular", **SESSIONS)),
        (1, long_call(2, 5000, "bootstrap_window", want="low", **SESSIONS, **BOOT)),
        (1, long_call(1, 5000, "state", rule="percentile", low=20, high=80, minimum=250, want="age")),
        (1, long_call(2, 5000, "switching", want="log_likelihood", ar=[0.2], **MODEL, **SESSIONS)),
        (1, long_call(2, 5000, "changepoints", penalty=2000, least=60, want="count", **SESSIONS)),
        (1, long_call(2, 5000, "changepoints", penalty=1e9, least=1, want="count", **SESSIONS)),
        (1, long_call(12, 5000, "nearest", measures=MEASURES, count=20, apart=21, want="found")),
        (1, long_call(3, 5000, "driver", want="percentile", **DRIVER)),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_time(seconds: float, call: tuple[str, Call]) -> None:
    """Far above what an idle machine needs, and far below what a careless loop would take."""
    start = time.process_time()
    run_op(*call)
    assert time.process_time() - start < seconds
