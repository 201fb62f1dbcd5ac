"""Rules that hold one of two legs, several pairs, members of a day: against values worked out by hand."""

from __future__ import annotations

import math

import pytest
from test_verify_ops import Series, days, fails, months, run

from rotascope_verify.failures import CheckError, Log
from rotascope_verify.observations import RowsInput, read_observations
from rotascope_verify.ops import Call, run_op

near = pytest.approx
LEG = (100.0, 110.0, 99.0, 118.8, 118.8, 130.68)  # +10, -10, +20, 0 and +10 percent a month
FLAT = (100.0,) * 6


def signal(*inputs: Series, want: str, **params: object) -> float:
    return run("signal", *inputs, want=want, **params)


def momentum(want: str, cost: float = 0, **more: object) -> float:
    return signal(months(*LEG), months(*FLAT), want=want, rule="momentum", long=1, skip=0, cost=cost, **more)


def test_a_rule_walked_by_hand() -> None:
    """Positions 1 0 1 0 earn -10, 0, 0 and 0 percent; half of each -5, +10, 0 and +5: e = -5, -10, 0, -5."""
    assert momentum("count") == 4
    assert momentum("position") == 1
    assert momentum("trades") == 3
    assert momentum("exposure") == 0.5
    assert momentum("hit_rate") == 0
    assert momentum("mean_excess") == near(-60)  # 1200 * -0.05
    assert momentum("against_first") == near(-90)  # 0, -20, 0, -10 percent
    assert momentum("against_second") == near(-30)  # -10, 0, 0, 0
    assert momentum("sharpe") == near(-math.sqrt(1.5))  # -0.05 over sqrt(0.005 / 3)
    assert momentum("sharpe_year") == near(-math.sqrt(18))
    assert momentum("skewness") == near(0, abs=1e-12)
    assert momentum("kurtosis") == near(2)  # two of four values at the mean
    assert momentum("t", lags=0) == near(-math.sqrt(8))  # -0.05 over sqrt(0.00125 / 4)
    # turned by one or three months the rule holds A when it rises: never worse; turned by two it is itself
    assert momentum("beaten") == 0


def test_costs_are_paid_on_each_side() -> None:
    """One percent to set up, then two on each change: net -10.9, -2, -2, -2 percent; B alone pays once."""
    assert momentum("against_second", cost=100) == near(1200 * (-0.169 / 4 + 0.01 / 4))
    assert "negative" in fails(
        "signal", months(*LEG), months(*FLAT), want="count", rule="momentum", long=1, skip=0, cost=-1
    )


def test_another_pair_can_give_the_sign() -> None:
    """C rises in every month, so the first leg is held throughout."""
    rising, flat = months(1, 2, 3, 4, 5, 6), months(*FLAT)
    got = signal(months(*LEG), flat, rising, flat, want="exposure", rule="momentum", long=2, skip=1, cost=0)
    assert got == 1


def test_the_gap_month_is_left_out() -> None:
    """With two months back and the last one left out, the sign at t is that of the month before."""
    got = [
        signal(months(*LEG), months(*FLAT), want=w, rule="momentum", long=2, skip=1, cost=0)
        for w in ("exposure", "position", "count")
    ]
    # signs of months 1..4 at t = 2..5: 1, 0, 1, 0; held 1, 0, 1, and then 0
    assert got == [near(2 / 3), 0, 3]


def test_crossing() -> None:
    """With trend and momentum of 2, g[t] > 0 exactly where the line gains faster than the month before."""
    gains = (0.1, 0.2, 0.1, 0.1, 0.3, 0.2)
    line = [100.0]
    for gain in gains:
        line.append(line[-1] * math.exp(gain))
    held = {"rule": "crossing", "trend": 2, "momentum": 2, "cost": 0}
    flat = months(*[1.0] * 7)
    # t = 2 .. 6: faster, slower, the same, faster, slower
    assert signal(months(*line), flat, want="exposure", **held) == 0.5
    assert signal(months(*line), flat, want="position", **held) == 0
    assert signal(months(*line), flat, want="trades", **held) == 2


def test_thrust() -> None:
    """With an average of two months a member is above it where it rose. Shares: 0, 1/2, 1, 1/2, 0."""
    one, two = months(9, 8, 9, 10, 11, 10), months(9, 8, 7, 8, 7, 6)
    legs = (months(*LEG), months(*FLAT))
    held = {"rule": "thrust", "length": 2, "low": 0, "high": 1, "cost": 0}
    assert signal(*legs, one, two, want="exposure", within=2, **held) == 0.5
    assert signal(*legs, one, two, want="position", within=2, **held) == 0
    assert signal(*legs, one, two, want="exposure", within=1, **held) == 0  # it took two months, not one


def test_only_the_last_date_of_a_month_decides() -> None:
    a = {"2026-01-05": 1.0, "2026-01-28": 2.0, "2026-02-27": 3.0, "2026-03-27": 3.0, "2026-04-28": 4.0}
    a = dict(sorted((a | {"2026-02-03": 50.0, "2026-05-28": 4.0}).items()))
    b = dict.fromkeys(a, 1.0)
    held = {"rule": "momentum", "long": 1, "skip": 0, "cost": 0}
    # 28 January: rose. 27 February: far below the 3rd. 27 March: no change. 28 April: rose
    assert [signal(a, b, want=w, **held) for w in ("exposure", "trades", "count")] == [0.5, 2, 4]


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"rule": "momentum", "long": 1, "skip": 1}, "skip"),
        ({"rule": "momentum", "long": 3, "skip": 0}, "few"),
        ({"rule": "momentum", "long": 1, "skip": 0, "lags": 0}, "belong"),
        ({"rule": "crossing", "trend": 9, "momentum": 2}, "few"),
        ({"rule": "thrust", "length": 1, "low": 0, "high": 1, "within": 1}, "members"),
        ({"rule": "luck"}, "rule"),
    ],
)
def test_rules_that_are_refused(params: dict[str, object], why: str) -> None:
    assert why in fails("signal", months(*LEG), months(*FLAT), want="count", cost=0, **params)


def test_months_that_are_refused() -> None:
    held = {"want": "count", "rule": "momentum", "long": 1, "skip": 0, "cost": 0}
    gap = months(*LEG)
    del gap["2000-03-28"]
    assert "missing" in fails("signal", gap, months(*FLAT), **held)
    assert "positive" in fails("signal", months(*LEG[:5], 0), months(*FLAT), **held)
    steady = {**held, "want": "sharpe"}
    assert "vary" in fails("signal", months(*FLAT), months(*FLAT), **steady)


def test_the_papers_example_of_a_deflated_ratio() -> None:
    """Bailey and Lopez de Prado (2014): 2.5 a year over 1250 days, skewness -3, kurtosis 10, 100 trials whose
    ratios have a variance of one half a year: the hurdle is 0.1132 a day and the probability 90.04%."""
    own, variance, k = 2.5 / math.sqrt(250), 0.5 / 250, 100
    # the other 99: half at m + d, half at m - d, one at m; chosen so that all 100 have the mean 0
    m = -own / (k - 1)
    left = variance * (k - 1) - own**2 - (k - 1) * m**2
    d = math.sqrt(left / (k - 2))
    ratios = [own, m, *([m + d] * 49), *([m - d] * 49)]
    facts = (*ratios, 1250, -3, 10)
    assert run("deflated_sharpe", facts=facts, index=0, want="hurdle") == near(0.1132, abs=5e-5)
    assert run("deflated_sharpe", facts=facts, index=0, want="p") == near(1 - 0.9004, abs=5e-5)


def test_deflated_ratios_that_are_refused() -> None:
    fails("deflated_sharpe", facts=(0.1, 0.2, 60, 0, 3), index=2, want="p")
    fails("deflated_sharpe", facts=(0.1, 60, 0, 3), index=0, want="p")
    assert "months" in fails("deflated_sharpe", facts=(0.1, 0.2, 1, 0, 3), index=0, want="p")
    assert "root" in fails("deflated_sharpe", facts=(1, 0.2, 60, 3, 1), index=0, want="p")


def test_spread_range() -> None:
    """Two pairs over one session: 10 - 0 and 0 - 10 percent lie 20 points apart; then 0 and 0."""
    a, b, c, d = days(100, 110, 110), days(1, 1, 1), days(5, 5, 5), days(10, 11, 11)
    inputs, grid = (a, b, c, d), {"grid": "sessions", "length": 1}
    found = {
        w: run("spread_range", *inputs, want=w, **grid) for w in ("value", "median", "percentile", "rank")
    }
    assert found == {"value": 0, "median": near(10), "percentile": 50, "rank": 2}
    assert run("spread_range", *inputs, want="last_as_large", **grid) == 20260102
    assert run("spread_range", *inputs, want="value", grid="sessions", length=2) == near(20)
    assert run("spread_range", *inputs, want="independent", grid="sessions", length=2) == 1
    assert "pairs" in fails("spread_range", a, b, c, d, a, want="value", **grid)
    fails("spread_range", a, b, want="value", **grid)
    assert "as large" in fails("spread_range", *inputs, want="last_as_large", grid="sessions", length=2)


def breadth(prices: dict[str, Series], inside: dict[str, Series], want: str, **params: object) -> float:
    """Run member_breadth on named series."""
    text = "series,field,date,value,unit,source,vintage,snapshot\n"
    wants = []
    for name, rows in [*prices.items(), *inside.items()]:
        for day, value in rows.items():
            text += f"{name},x,{day},{'' if value is None else repr(float(value))},u,db,,s\n"
        wants.append(RowsInput(name, "x", "0001-01-01", "9999-12-31", 0, "", "db", None))
    log = Log()
    table = read_observations(text, log)
    assert not log.failures
    given = {"list": "L", "closes": len(prices), "want": want, "measure": "up", "length": 1, **params}
    return run_op("member_breadth", Call(given, tuple(wants), tuple(table.read(w) for w in wants), (), {}))


CLOSES = {"A": days(1, 2, 3), "B": days(3, 2, 1), "C": days(1, None, 5), "D": days(1, 2, 3)}
INSIDE = {
    "MEMBER.L.A": {"2000-01-03": 1.0},
    "MEMBER.L.B": {"2000-01-03": 1.0, "2026-01-03": 0.0},  # out on the last day
    "MEMBER.L.C": {"2000-01-03": 0.0, "2026-01-02": 1.0},
    "MEMBER.L.E": {"2000-01-03": 1.0},  # a member without closes
}


def test_members_of_the_day() -> None:
    last, before = {"on": "2026-01-03"}, {"on": "2026-01-02"}
    # on the 3rd A, C and E are members; C has no close on the 2nd; D never was one
    assert [breadth(CLOSES, INSIDE, w, **last) for w in ("members", "counted", "hits", "left_out")] == [
        3,
        1,
        1,
        2,
    ]
    assert breadth(CLOSES, INSIDE, "coverage", **last) == near(1 / 3)
    # on the 2nd B still is one, and fell; C is one since that day
    assert [breadth(CLOSES, INSIDE, w, **before) for w in ("members", "counted", "hits")] == [4, 2, 1]
    assert breadth(CLOSES, INSIDE, "share", **before) == 0.5
    # over two sessions C counts, on the 1st and the 3rd
    assert breadth(CLOSES, INSIDE, "counted", **last, length=2) == 2
    # a mean of three: A is above it (3 against 2), C lacks a day
    assert breadth(CLOSES, INSIDE, "share", **last, measure="above_average", length=3) == 1


@pytest.mark.parametrize(
    ("inside", "params"),
    [
        ({"MEMBER.L.A": {"2000-01-03": 2.0}}, {}),
        ({"MEMBER.K.A": {"2000-01-03": 1.0}}, {}),
        (INSIDE, {"list": ""}),
        (INSIDE, {"on": "2026-01-04"}),
        (INSIDE, {"length": 3}),
        (INSIDE, {"closes": 8}),
        (INSIDE, {"measure": "beating"}),
        ({"MEMBER.L.E": {"2000-01-03": 1.0}}, {}),
    ],
)
def test_members_that_are_refused(inside: dict[str, Series], params: dict[str, object]) -> None:
    with pytest.raises(CheckError):
        breadth(CLOSES, inside, "share", **{"on": "2026-01-03", **params})


def test_sum_rows() -> None:
    assert run("sum_rows", days(1.5), days(None), days(2)) == 3.5
    assert "unknown" in fails("sum_rows", days(None))
    assert "one row" in fails("sum_rows", days(1, 2))
