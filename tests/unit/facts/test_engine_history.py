"""Today against the past: precedents, drivers, ratios, single days; all small enough for paper."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from engine_desk import ask, data, desk, run, sessions

from rotascope.facts.build import Desk
from rotascope.model.errors import (
    BadWindowError,
    MissingDataError,
    NotAvailableError,
    RotascopeError,
    UnknownNameError,
)
from rotascope.model.observations import Field, Frequency
from rotascope.model.units import Unit
from rotascope.store.series import SeriesData

NAN = float("nan")

# -- nearest: one measure, the level of V. Today's is 5; 5, 4 and 9 stood there before.
A = data("A", [100.0, 110.0, 99.0, 108.9, 108.9, 108.9])
B = data("B", [100.0] * 6)
V = data("V", [5.0, 9.0, 4.0, 0.0, 9.0, 5.0], field=Field.VALUE)
LEVEL = {"measures": [{"kind": "level", "inputs": [2]}]}


def test_nearest_by_hand() -> None:
    params = {**LEVEL, "count": 2, "apart": 2}
    # Candidates are days 1 to 4 (2 before today); nearest are day 1 (distance 0) and day 3 (1 off).
    assert run("nearest", A, B, V, **params, want="looked_at") == 4
    assert run("nearest", A, B, V, **params, want="left_out") == 0
    assert run("nearest", A, B, V, **params, want="found") == 2
    assert run("nearest", A, B, V, **params, index=0, want="date") == 20240101
    assert run("nearest", A, B, V, **params, index=1, want="date") == 20240103
    assert run("nearest", A, B, V, **params, index=0, want="distance") == 0
    mean = 32 / 6
    sd = (sum((v - mean) ** 2 for v in [5, 9, 4, 0, 9, 5]) / 6) ** 0.5
    assert run("nearest", A, B, V, **params, index=1, want="distance") == pytest.approx(1 / sd)


def test_what_followed_by_hand() -> None:
    params = {**LEVEL, "count": 2, "apart": 2, "horizon": 1}
    # After day 1 A gained 10 points on B, after day 3 again 10; after any day: 10, -10, 10, 0, 0.
    wants = {
        "counted": 2, "ahead": 2, "hit_rate": 1, "mean": 10, "lowest": 10, "highest": 10,
        "base_count": 5, "base_independent": 5, "base_hit_rate": 0.4, "base_mean": 2,
    }  # fmt: skip
    for want, value in wants.items():
        assert run("nearest", A, B, V, **params, want=want) == pytest.approx(value)
    assert run("nearest", A, B, V, **{**params, "horizon": 3}, want="counted") == 2
    assert run("nearest", A, B, V, **{**params, "horizon": 4}, want="counted") == 1
    assert run("nearest", A, B, V, **{**params, "horizon": 4}, want="base_independent") == 1


def test_neighbours_of_a_precedent_are_passed_over() -> None:
    near = data("V", [0.0, 5.0, 5.1, 9.0, 0.0, 5.0], field=Field.VALUE)
    params = {**LEVEL, "count": 2, "apart": 2}
    assert run("nearest", A, B, near, **params, index=0, want="date") == 20240102
    assert run("nearest", A, B, near, **params, index=1, want="date") == 20240104  # not the 3rd


def test_kinds_of_measures() -> None:
    # Spread over one day, A against B, and the change of V: the second-last day is known from row 1 on.
    measures = [
        {"kind": "spread", "inputs": [0, 1], "length": 1},
        {"kind": "return", "inputs": [0], "length": 1},
        {"kind": "change", "inputs": [2], "length": 2},
        {"kind": "breadth", "inputs": [0, 2], "length": 2},
    ]
    positive = data("V", [5.0, 9.0, 4.0, 1.0, 9.0, 5.0], field=Field.VALUE)
    params = {"measures": measures, "count": 1, "apart": 1}
    assert run("nearest", A, B, positive, **params, want="left_out") == 2
    assert run("nearest", A, B, positive, **params, want="looked_at") == 3


@pytest.mark.parametrize(
    "change",
    [
        {"index": 9, "want": "date"},
        {"want": "mean", "horizon": 6},
        {"want": "colour", "horizon": 1},
        {"measures": [{"kind": "mood", "inputs": [2], "length": 1}], "want": "found"},
        {"measures": [{"kind": "level", "inputs": [1]}], "want": "found"},  # never varies
        {"measures": [{"kind": "change", "inputs": [2], "length": 6}], "want": "found"},
    ],
)
def test_nearest_refuses(change: dict[str, object]) -> None:
    with pytest.raises(RotascopeError):
        run("nearest", A, B, V, **({**LEVEL, "count": 2, "apart": 2} | change))


# -- driver: each day the yield moves by 1 or -1 bp and the log spread by twice as many points.
SIGNS = [1, -1, 1, 1, -1, -1, 1, -1] * 9  # 72 changes before the window
WINDOW = [1, 1, 1]


def _driven(factor: float, noise: float = 0.0) -> tuple[SeriesData, SeriesData, SeriesData]:
    steps = SIGNS + WINDOW
    logs = np.cumsum([0.0, *(factor * s / 100 + noise * (-1) ** i for i, s in enumerate(steps))])
    rate = 4 + np.cumsum([0.0, *(s / 100 for s in steps)])
    n = len(logs)
    return (
        data("A", (100 * np.exp(logs)).tolist()),
        data("B", [100.0] * n),
        data("Y", rate.round(2).tolist(), field=Field.VALUE, unit=Unit.PERCENT),
    )


DRIVER = {"grid": "sessions", "candidate": "difference", "scale": 100, "window": 3, "lookback": 60}


def test_driver_by_hand() -> None:
    series = _driven(2.0)
    assert run("driver", *series, **DRIVER, want="change") == pytest.approx(3)
    assert run("driver", *series, **DRIVER, want="beta") == pytest.approx(2)
    assert run("driver", *series, **DRIVER, want="correlation") == pytest.approx(1)
    assert run("driver", *series, **DRIVER, want="implied") == pytest.approx(6)
    assert run("driver", *series, **DRIVER, want="actual") == pytest.approx(6)
    assert run("driver", *series, **DRIVER, want="pairs") == 60
    assert run("driver", *series, **DRIVER, want="verdict") == 1
    assert run("driver", *series, **DRIVER, want="percentile") == 100


def test_driver_that_does_not_fit() -> None:
    a, b, y = _driven(-2.0, noise=0.01)
    assert run("driver", a, b, y, **DRIVER, want="verdict") == 1  # beta is negative, and so is the move
    flipped = data("A", [*a.values[:-3].tolist(), *(a.values[-4] * 1.02 ** np.arange(1, 4)).tolist()])
    assert run("driver", flipped, b, y, **DRIVER, want="verdict") == -1


def test_too_little_data_says_so() -> None:
    series = _driven(2.0)
    short = {**DRIVER, "lookback": 59}
    assert run("driver", *series, **short, want="verdict") == 0
    assert run("driver", *series, **short, want="change") == pytest.approx(3)
    for want in ("beta", "correlation", "t", "implied"):
        with pytest.raises(MissingDataError):
            run("driver", *series, **short, want=want)


def test_changes_that_tie_are_equal() -> None:
    # 4.1 - 4.0 and 4.2 - 4.1 differ in the last binary digit; as changes of 10 bp they are one.
    n = 80
    a, b = data("A", [100.0 + i for i in range(n)]), data("B", [100.0] * n)
    y = data("Y", [round(4 + 0.1 * i, 1) for i in range(n)], field=Field.VALUE)
    assert run("driver", a, b, y, **{**DRIVER, "window": 1}, want="percentile") == 100


def test_log_candidate() -> None:
    n = 80
    a, b = data("A", [100.0 * 1.01**i for i in range(n)]), data("B", [100.0] * n)
    c = data("C", [50.0 * 1.02**i for i in range(n)])
    params = {"grid": "sessions", "candidate": "log", "window": 2, "lookback": 60}
    assert run("driver", a, b, c, **params, want="change") == pytest.approx(100 * (1.02**2 - 1))
    assert run("driver", a, b, c, **params, want="actual") == pytest.approx(200 * math.log(1.01))
    with pytest.raises(RotascopeError):
        run("driver", a, b, c, b, **params, want="change")


def test_a_candidate_of_two_series() -> None:
    a, b, y = _driven(2.0)
    double = data("Y2", (2 * y.values).tolist(), field=Field.VALUE)
    assert run("driver", a, b, double, y, **DRIVER, want="change") == pytest.approx(3)


MONTHS = [date(2015 + i // 12, i % 12 + 1, 1) for i in range(97)]
ENDS = [(m.replace(day=28) + timedelta(days=5)).replace(day=1) - timedelta(days=1) for m in MONTHS]


def _monthly(leave_out: int | None = None) -> tuple[SeriesData, SeriesData, SeriesData]:
    """Closes two days before each month's end, and a monthly spread dated on its last day."""
    closes = [d - timedelta(days=2) for d in ENDS]
    a = data("A", [100.0 + (i % 5) for i in range(97)], closes)
    b = data("B", [100.0] * 97, closes)
    keep = [i for i in range(97) if i != leave_out]
    y = data("Y", [1.0 + (i % 5) / 10 for i in keep], [ENDS[i] for i in keep], field=Field.VALUE)
    return a, b, y


def test_months_meet_although_their_dates_differ() -> None:
    params = {**DRIVER, "grid": "months", "window": 1}
    # The last month is number 96: 96 % 5 = 1, the one before 95 % 5 = 0.
    assert run("driver", *_monthly(), **params, want="change") == pytest.approx(10)
    assert run("driver", *_monthly(), **params, want="pairs") == 60
    assert run("driver", *_monthly(), **params, want="correlation") == pytest.approx(1, abs=1e-4)


def test_a_missing_month() -> None:
    params = {**DRIVER, "grid": "months", "window": 1, "lookback": 200}
    assert run("driver", *_monthly(50), **params, want="pairs") == 93  # 95 without the two that touch it
    with pytest.raises(MissingDataError):
        run("driver", *_monthly(95), **params, want="change")


# -- ratios


def test_level_percentile() -> None:
    series = data("CAPE", [10.0, NAN, 30.0, 20.0], field=Field.VALUE)
    assert run("level_percentile", series, want="percentile") == pytest.approx(200 / 3)
    assert run("level_percentile", series, want="count") == 3
    assert run("level_percentile", series, want="median") == 20
    assert run("level_percentile", series, want="last_as_large") == 20240103
    with pytest.raises(MissingDataError):
        run("level_percentile", data("CAPE", [10.0, NAN]), want="percentile")
    with pytest.raises(MissingDataError):
        run("level_percentile", data("CAPE", [10.0, 20.0]), want="last_as_large")


def test_ratio_gap() -> None:
    # Ratios 2, 8, 3, 4: logs' median is that of sqrt(3 * 4).
    a, b = data("A", [2.0, 8.0, 3.0, 4.0]), data("B", [1.0, 1.0, 1.0, 1.0])
    wants = {
        "times": 4, "log_gap": math.log(4), "percentile": 75, "count": 4,
        "median_times": math.sqrt(12), "wider_since": 20240102,
    }  # fmt: skip
    for want, value in wants.items():
        assert run("ratio_gap", a, b, want=want) == pytest.approx(value)
    # The other way round the gap is negative: as wide means as far below.
    assert run("ratio_gap", b, a, want="wider_since") == 20240102
    with pytest.raises(MissingDataError):
        run("ratio_gap", data("A", [1.0, 2.0]), data("B", [1.0, 0.0]), want="times")


def test_extreme_row_goes_by_sessions() -> None:
    days = [date(2026, 1, d) for d in (15, 16, 19, 20, 21)]  # the 19th is a holiday, with a blank row
    flow = data("IWM", [1.0, 7.0, NAN, -9.0, 3.0], days, field=Field.FLOW)
    open_days = data("NYSE", [1.0] * 4, [d for d in days if d.day != 19], field=Field.SESSION)

    def ask_row(by: str, offset: int, want: str = "value") -> float:
        scale = {"scale": 10} if want == "value" else {}
        return run("extreme_row", flow, open_days, by=by, offset=offset, want=want, **scale)

    assert ask_row("max", 0) == 70
    assert ask_row("max", 0, "date") == 20260116
    assert ask_row("max", 1) == -90
    assert ask_row("max", 1, "date") == 20260120
    assert ask_row("min", 0) == -90
    assert ask_row("abs", 0) == -90
    assert ask_row("abs", 1) == 30
    for offset in (-2, 3):
        with pytest.raises(MissingDataError):
            ask_row("max", offset)


# -- metrics

DAYS = sessions(date(2022, 1, 3), date(2025, 1, 31))
BASE, END = date(2024, 12, 31), date(2025, 1, 31)


def _market() -> Desk:
    rng = np.random.default_rng(2)
    n = len(DAYS)
    held = [
        data(name, (100 * np.exp(np.cumsum(rng.normal(0, 0.01, n)))).tolist(), DAYS)
        for name in ("IWD", "IWF", "SPY", "RSP")
    ]
    rate = (4 + np.cumsum(rng.normal(0, 0.05, n))).round(2).tolist()
    held.append(data("DGS10", rate, DAYS, field=Field.VALUE, unit=Unit.PERCENT))
    held.append(data("VIXCLS", rng.uniform(12, 30, n).tolist(), DAYS, field=Field.VALUE))
    return desk(*held)


def test_nearest_metric_states_its_vector() -> None:
    fact = ask(_market(), "nearest_date", ["IWD", "IWF"], BASE, END)
    length = len([d for d in DAYS if d > BASE])
    assert fact.recipe.params["measures"] == [
        {"kind": "spread", "inputs": [0, 1], "length": length},
        {"kind": "spread", "inputs": [2, 3], "length": length},
        {"kind": "change", "inputs": [4], "length": length},
        {"kind": "level", "inputs": [5]},
    ]
    assert [i.series for i in fact.inputs] == ["IWD", "IWF", "RSP", "SPY", "DGS10", "VIXCLS"]  # type: ignore[union-attr]
    assert fact.series == ("IWD", "IWF")


def test_nearest_measures_can_be_left_out() -> None:
    at = _market()
    fact = ask(at, "nearest_count", ["SPY", "RSP"], BASE, END, rate="none", volatility="none")
    assert [m["kind"] for m in fact.recipe.params["measures"]] == ["spread"]
    assert "horizon" not in fact.recipe.params
    with_breadth = ask(at, "nearest_count", ["IWD", "IWF"], BASE, END, breadth="SPY,RSP")
    assert with_breadth.recipe.params["measures"][-1] == {"kind": "breadth", "inputs": [3, 2], "length": 50}


def test_nearest_sequels_are_consistent() -> None:
    at = _market()
    counted = ask(at, "nearest_counted", ["IWD", "IWF"], BASE, END, horizon=63).value
    ahead = ask(at, "nearest_ahead", ["IWD", "IWF"], BASE, END, horizon=63).value
    assert ask(at, "nearest_hit_rate", ["IWD", "IWF"], BASE, END, horizon=63).value == pytest.approx(
        ahead / counted
    )
    low, mean, high = (
        ask(at, f"nearest_{w}", ["IWD", "IWF"], BASE, END, horizon=63).value
        for w in ("lowest", "mean", "highest")
    )
    assert low <= mean <= high


def test_driver_metrics() -> None:
    at = _market()
    fact = ask(at, "driver_change", ["IWD", "IWF"], BASE, END)
    rate = at.series("DGS10", Field.VALUE)
    moved = 100 * (rate.values[DAYS.index(END)] - rate.values[DAYS.index(BASE)])
    assert fact.value == pytest.approx(moved)
    assert fact.unit is Unit.BP
    assert fact.recipe.params["lookback"] == 252
    assert fact.window is not None
    assert (fact.window.start_used, fact.window.end_used) == (BASE, END)
    assert ask(at, "driver_change", ["IWD", "IWF"], BASE, END, driver="volatility").unit is Unit.INDEX_LEVEL
    assert ask(at, "driver_verdict", ["IWD", "IWF"], BASE, END).value in (-1, 0, 1)


def test_drivers_that_are_not_there() -> None:
    with pytest.raises(UnknownNameError, match="Candidates"):
        ask(_market(), "driver_beta", ["IWD", "IWF"], BASE, END, driver="mood")
    with pytest.raises(NotAvailableError, match="DTWEXBGS"):
        ask(_market(), "driver_beta", ["IWD", "IWF"], BASE, END, driver="dollar")


def test_a_proxy_is_named() -> None:
    at = _market()
    dollar = data("UUP", [27.0 + (i % 9) / 10 for i in range(len(DAYS))], DAYS)
    at = desk(*at.reader.held.values(), dollar)  # type: ignore[attr-defined]
    fact = ask(at, "driver_change", ["IWD", "IWF"], BASE, END, driver="dollar")
    assert "in place of the trade-weighted dollar" in fact.notes[0]


def test_a_monthly_driver_takes_the_month_of_the_end() -> None:
    months = sorted({(d.year, d.month) for d in DAYS})
    last_days = [date(y + m // 12, m % 12 + 1, 1) - timedelta(days=1) for y, m in months]
    cpi = data("CPIAUCSL", [100 * 1.002**i for i in range(len(months))], last_days, field=Field.VALUE,
               frequency=Frequency.MONTHLY)  # fmt: skip
    at = desk(*_market().reader.held.values(), cpi)  # type: ignore[attr-defined]
    fact = ask(at, "driver_change", ["IWD", "IWF"], BASE, END, driver="inflation")
    assert fact.value == pytest.approx(0.2)
    assert fact.unit is Unit.PERCENT
    assert ask(at, "driver_verdict", ["IWD", "IWF"], BASE, END, driver="inflation").value == 0  # 36 months
    with pytest.raises(BadWindowError):
        ask(at, "driver_change", ["IWD", "IWF"], BASE, date(2025, 1, 20), driver="inflation")


def test_valuation_metrics_use_the_legs_of_the_universe() -> None:
    days = [date(2025, m, 28) for m in range(1, 5)]
    kind = {"field": Field.VALUE, "unit": Unit.RATIO, "frequency": Frequency.MONTHLY}
    at = desk(
        data("FF.6_2x3.BEME.BIG_HiBM.M", [1.0, 1.2, 0.8, 1.0], days, **kind),  # type: ignore[arg-type]
        data("FF.6_2x3.BEME.BIG_LoBM.M", [0.5, 0.15, 0.25, 0.25], days, **kind),  # type: ignore[arg-type]
    )
    first, last = date(2025, 3, 28), date(2025, 4, 30)
    assert ask(at, "valuation_gap", [], first, last).value == 4
    assert ask(at, "valuation_percentile", [], first, last).value == 75
    assert ask(at, "valuation_wider_since", [], first, last).value == 20250228
    assert ask(at, "valuation_gap_count", [], first, last).value == 4
    assert ask(at, "level_percentile", ["FF.6_2x3.BEME.BIG_HiBM.M"], first, last).value == 75
    with pytest.raises(NotAvailableError):
        ask(at, "valuation_gap", [], first, date(2026, 4, 30))


def _funds() -> Desk:
    days = sessions(date(2026, 1, 2), date(2026, 1, 9))
    flow = [10e6, -20e6, 90e6, 5e6, NAN, 15e6]
    return desk(
        data("IWM", flow, days, field=Field.FLOW, unit=Unit.USD),
        data("IWM", [1e6, 2e6], [date(2025, 12, 31), days[0]], field=Field.SHARES, unit=Unit.SHARES),
        data("IWM", [250.0], [date(2025, 12, 31)], field=Field.NAV, unit=Unit.USD),
    )


def test_flow_metrics() -> None:
    at, first, last = _funds(), date(2025, 12, 31), date(2026, 1, 9)
    assert ask(at, "largest_flow", ["IWM"], first, last).value == 90
    assert ask(at, "largest_flow_on", ["IWM"], first, last).value == 20260106
    assert ask(at, "flow_before_largest", ["IWM"], first, last).value == -20
    assert ask(at, "flow_after_largest", ["IWM"], first, last).value == 5
    assert ask(at, "largest_flow", ["IWM"], first, last, by="min").value == -20
    # A million shares at 250 dollars are 250 million; 100 million came in.
    assert ask(at, "fund_assets", ["IWM"], first, last).value == 250
    assert ask(at, "flow_share_of_assets", ["IWM"], first, last).value == 0.4


def test_flows_that_end_inside_the_window() -> None:
    with pytest.raises(NotAvailableError):
        ask(_funds(), "largest_flow", ["IWM"], date(2025, 12, 31), date(2026, 1, 16))
