"""Every operation against values worked out by hand."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rotascope_verify
from rotascope_verify.failures import CheckError, Log
from rotascope_verify.observations import RowsInput, read_observations
from rotascope_verify.ops import OPS, Call, FactInput, run_op
from rotascope_verify.ops_paths import find_pivots

Series = dict[str, float | None]


def months(*values: float | None, start: int = 0) -> Series:
    """Return values on the 28th of consecutive months from 2000-01 (plus `start` months)."""
    return {f"{2000 + (start + i) // 12}-{(start + i) % 12 + 1:02d}-28": v for i, v in enumerate(values)}


def days(*values: float | None) -> Series:
    """Return values on consecutive days from 2026-01-01."""
    return {f"2026-01-{i + 1:02d}": v for i, v in enumerate(values)}


def run(op: str, *inputs: Series, facts: tuple[float, ...] = (), field: str = "x", **params: Any) -> float:
    """Run an operation on in-memory rows, each input a series of its own, and on facts of given values."""
    text = "series,field,date,value,unit,source,vintage,snapshot\n"
    wants = []
    for i, rows in enumerate(inputs):
        name = "session" if op in ("count_missing", "extreme_row", "sum_windows") and i == 1 else field
        for day, value in rows.items():
            text += f"S{i:04d},{name},{day},{'' if value is None else repr(float(value))},u,db,,s\n"
        wants.append(RowsInput(f"S{i:04d}", name, "0001-01-01", "9999-12-31", 0, "", "db", None))
    log = Log()
    table = read_observations(text, log)
    assert not log.failures
    given_facts = tuple(FactInput(f"f{i}", v, {}, {}) for i, v in enumerate(facts))
    return run_op(op, Call(params, tuple(wants), tuple(table.read(w) for w in wants), given_facts, {}))


def fails(op: str, *inputs: Series, **given_params: Any) -> str:
    """Run an operation that must refuse, and return why."""
    with pytest.raises(CheckError) as caught:
        run(op, *inputs, **given_params)
    return caught.value.what


def test_all_operations_of_the_format_are_supported() -> None:
    """The list of docs/bundle-format.md."""
    names = (
        "observed pct_change change difference ratio sum_values count_missing compound compound_legs "
        "return_drawdown rolling_share eras window_rank streak extreme_day precedents parameter count_where "
        "rank_of extreme count_facts window_date count_rows "
        "relative_strength rotation breadth rank_correlation dispersion group_gap effective_number "
        "contribution product extreme_row newey_west adjusted_p block_length bootstrap_window state "
        "regime_rank switching changepoints nearest driver level_percentile ratio_gap drawdown "
        "co_movement sum_windows dispersion_windows return_windows trigger"
    )
    names += " sequels spread_range signal deflated_sharpe member_breadth sum_rows relative_fall"
    assert rotascope_verify.supported_ops() == frozenset(names.split()) == frozenset(OPS)


def test_observed() -> None:
    assert run("observed", days(4.25)) == 4.25
    assert run("observed", days(4.25), scale=100) == 425
    assert "2 rows" in fails("observed", days(1, 2))
    assert "unknown" in fails("observed", days(None))


def test_pct_change() -> None:
    # 230 / 200 = 1.15
    assert run("pct_change", days(200), days(230)) == pytest.approx(15)
    assert run("pct_change", days(200), days(150)) == pytest.approx(-25)
    for a, b in ((0, 1), (1, 0), (-1, 1), (1, -1)):
        assert "positive" in fails("pct_change", days(a), days(b))


def test_change() -> None:
    # a yield from 4.10 to 4.25 is 15 basis points
    assert run("change", days(4.10), days(4.25), scale=100) == pytest.approx(15)
    assert run("change", days(4.25), days(4.10)) == pytest.approx(-0.15)


def test_sum_values_skips_unknown_and_count_rows_counts_known() -> None:
    flows = days(100.5, None, -50.25)
    assert run("sum_values", flows) == 50.25
    assert run("sum_values", flows, scale=2) == 100.5
    assert run("count_rows", flows) == 2
    assert "no value" in fails("sum_values", days(None, None))


def test_count_missing() -> None:
    sessions = days(1, 1, 1, 1, 1)
    flows = {"2026-01-01": 5.0, "2026-01-02": None, "2026-01-04": 0.0}
    # unknown on the 2nd, no row on the 3rd and 5th; zero on the 4th is a value
    assert run("count_missing", flows, sessions, want="count") == 3
    assert run("count_missing", flows, sessions, want="date", index=0) == 20260102
    assert run("count_missing", flows, sessions, want="date", index=2) == 20260105
    fails("count_missing", flows, sessions, want="date", index=3)
    fails("count_missing", flows, sessions, want="date", index=-1)
    assert run("count_missing", sessions, sessions, want="count") == 0
    fails("count_missing", sessions, sessions, want="date", index=0)


def test_compound() -> None:
    # one input: 1.10 * 0.80 = 0.88
    assert run("compound", months(10, -20)) == pytest.approx(-12)
    # two inputs: means 20 and -10, 1.2 * 0.9 = 1.08
    assert run("compound", months(10, -20), months(30, 0)) == pytest.approx(8)
    assert "unknown" in fails("compound", months(10, None))
    assert "different dates" in fails("compound", months(1, 2), months(1, 2, start=1))
    assert "no rows" in fails("compound", {})


def test_compound_legs() -> None:
    # first leg 1.1 * 1.1 = 1.21; others: means 5 and 5, 1.05 * 1.05 = 1.1025; 21 - 10.25
    legs = (months(10, 10), months(0, 10), months(10, 0))
    assert run("compound_legs", *legs, split=1) == pytest.approx(10.75)
    # first leg: means 5 and 10, 1.05 * 1.1 = 1.155; other: 1.1 * 1 = 1.1
    assert run("compound_legs", *legs, split=2) == pytest.approx(5.5)
    for split in (0, 3, None, True, 1.0):
        fails("compound_legs", *legs, split=split)


def test_return_drawdown() -> None:
    # wealth 1, 1.2, 0.9, 1.35: lowest 0.9 / 1.2 - 1
    assert run("return_drawdown", months(20, -25, 50)) == pytest.approx(-0.25)
    # the start is a peak: 0.9, 0.99
    assert run("return_drawdown", months(-10, 10)) == pytest.approx(-0.1)
    assert run("return_drawdown", months(1, 2)) == 0


def test_rolling_share_log_sum() -> None:
    # 1.1 * 0.95 = 1.045 won; 0.95 * 0.9 lost; 0.9 * 1.2 = 1.08 won; +20 -17 -> 0.996 lost
    values = months(10, -5, -10, 20, -17)
    both = {"months": 2, "rule": "log_sum"}
    assert run("rolling_share", values, want="count", **both) == 4
    assert run("rolling_share", values, want="share", **both) == 0.5
    # only windows that end after 2000-03-28: the last two
    assert run("rolling_share", values, want="count", end_after="2000-03-28", **both) == 2
    assert run("rolling_share", values, want="share", end_after="2000-03-27", **both) == pytest.approx(1 / 3)
    assert run("rolling_share", values, want="count", months=6, rule="log_sum") == 0
    fails("rolling_share", values, want="share", months=6, rule="log_sum")
    fails("rolling_share", values, values, want="share", months=2, rule="log_sum")
    fails("rolling_share", months(-100, 1), want="share", months=1, rule="log_sum")


def test_rolling_share_of_zeros_is_not_won() -> None:
    assert run("rolling_share", months(0, 0, 0), want="share", months=2, rule="log_sum") == 0


def test_rolling_share_legs() -> None:
    # windows of two: A 1.1 * 1.0 = 1.1, B 1.05 * 1.05 = 1.1025: lost; A 1.0 * 1.2, B 1.05 * 1.0: won
    a, b = months(10, 0, 20), months(5, 5, 0)
    assert run("rolling_share", a, b, want="share", months=2, rule="legs", split=1) == 0.5
    # equal products are not greater
    assert run("rolling_share", a, a, want="share", months=1, rule="legs", split=1) == 0


def test_find_pivots_by_hand() -> None:
    # up from 0 to 3, down to 1, up to 4; threshold 2
    assert find_pivots([0, 1, 3, 2, 1, 4], 2) == [0, 2, 4]
    # the first of equal extremes; the turn of exactly the threshold counts
    assert find_pivots([0, 2, 2, 0], 2) == [0, 1]
    # both directions open: fall from the highest is found first
    assert find_pivots([1, 1.5, 0.5, 3], 1) == [1, 2]
    assert find_pivots([0, 0.5, 0.2], 1) == []


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=30), st.integers(1, 6))
def test_pivots_alternate_and_are_far_apart(steps: list[int], threshold: int) -> None:
    """Neighbouring pivots lie the threshold apart and are the extremes of the stretch between them."""
    path = [0.0]
    for step in steps:
        path.append(path[-1] + step)
    pivots = find_pivots(path, threshold)
    assert pivots == sorted(set(pivots))
    for i, j in itertools.pairwise(pivots):
        assert abs(path[j] - path[i]) >= threshold
        between = path[i : j + 1]
        assert {path[i], path[j]} == {min(between), max(between)}
    for i, j, k in zip(pivots, pivots[1:], pivots[2:], strict=False):
        assert (path[j] - path[i]) * (path[k] - path[j]) < 0
    if not pivots:
        assert (
            max(path) - min(path) < threshold
            or max(abs(b - a) for i, a in enumerate(path) for b in path[i:]) < threshold
        )


def test_eras_log_sum() -> None:
    # the path in logs: +ln2, -ln4, +ln2, +ln4; points 0, .69, -.69, 0, 1.39
    # rise of ln2 confirms p0 (threshold 0.5), then p1 (high), p2 (low), which lasts to the end p4
    values = months(100, -75, 100, 300)
    given_params = {"rule": "log_sum", "threshold": 0.5}
    assert run("eras", values, want="count", **given_params) == 3
    # p0 and p1 both have the first date; p2 the second; p4 the last
    for index, start, end, length, direction in (
        (0, 20000128, 20000128, 1, 1),
        (1, 20000128, 20000228, 1, -1),
        (2, 20000228, 20000428, 2, 1),
        (-1, 20000228, 20000428, 2, 1),
    ):
        got = [
            run("eras", values, want=w, index=index, **given_params)
            for w in ("start", "end", "years", "direction")
        ]
        assert got == [start, end, length / 12, direction]
    # `from`: only eras that start later than the first date
    later = given_params | {"from": "2000-01-28"}
    assert run("eras", values, want="count", **later) == 1
    assert run("eras", values, want="start", index=0, **later) == 20000228
    fails("eras", values, want="start", index=1, **later)
    assert run("eras", values, want="count", rule="log_sum", threshold=9) == 0
    fails("eras", values, want="start", index=0, rule="log_sum", threshold=9)
    fails("eras", values, want="start", index=-2, **given_params)
    fails("eras", values, want="count", rule="log_sum", threshold=0)


def test_eras_legs() -> None:
    # leg A: mean of 100 and 0 is 50; leg B: 0. steps ln1.5, then ln(1/1.5)
    a1, a2, b = months(100, 0), months(0, 0), months(0, 50)
    got = run("eras", a1, a2, b, want="count", rule="legs", split=2, threshold=0.4)
    assert got == 2  # rise of 0.405 confirms p0, the fall of 0.405 confirms p1
    assert run("eras", a1, a2, b, want="count", rule="legs", split=2, threshold=0.41) == 0


def test_eras_weighted_legs() -> None:
    # two returns, two weights each side: A = (3 * 40 + 1 * 0) / 4 = 30, B = 0: ln 1.3 = 0.262
    returns = (months(40), months(0), months(0))
    weights = (months(3), months(1), months(5))
    both = {"rule": "weighted_legs", "split": 2, "want": "count"}
    assert run("eras", *returns, *weights, threshold=0.262, **both) == 1
    assert run("eras", *returns, *weights, threshold=0.263, **both) == 0
    assert "weights" in fails("eras", *returns, months(0), months(0), months(1), threshold=0.1, **both)
    fails("eras", *returns, *weights[:2], threshold=0.1, **both)


def test_window_rank_sessions() -> None:
    # windows of 2: 121/100 = 21%, 132/110 = 20%, 121/121 = 0, 158.4/132 = 20%
    levels = days(100, 110, 121, 132, 121, 158.4)
    grid = {"grid": "sessions", "length": 2}
    values = {"count": 4, "rank": 2, "percentile": 75, "independent": 2}
    # N = 5 changes; floor(5 / 2) = 2. Larger than 20%: one. 158.4/132 and 132/110 differ in the last binary
    # digit at most, so the percentile counts three or two of four
    for want in ("count", "independent", "rank"):
        assert run("window_rank", levels, want=want, **grid) == values[want]
    # exact numbers: 200/100, 300/200, 400/200, 600/300: 100, 50(no: windows of 1)
    doubles = days(1, 2, 3, 6)  # windows of 1: 100, 50, 100
    one = {"grid": "sessions", "length": 1}
    assert run("window_rank", doubles, want="rank", **one) == 1
    assert run("window_rank", doubles, want="percentile", **one) == 100
    assert run("window_rank", doubles, want="last_as_large", **one) == 20260102
    falling = days(8, 8, 4, 1)  # 0, -50, -75
    assert run("window_rank", falling, want="rank", **one) == 3
    assert run("window_rank", falling, want="percentile", **one) == pytest.approx(100 / 3)
    assert run("window_rank", falling, want="last_as_large", **one) == 20260103
    assert "no earlier" in fails("window_rank", days(4, 4, 8), want="last_as_large", **one)
    fails("window_rank", doubles, want="rank", grid="sessions", length=4)
    fails("window_rank", doubles, want="rank", grid="sessions", length=0)
    fails("window_rank", days(1, 0, 2), want="rank", **one)


def test_window_rank_of_a_spread_uses_common_dates() -> None:
    a = {"2026-01-01": 1.0, "2026-01-02": 2.0, "2026-01-03": 9.0, "2026-01-04": 3.0}
    b = {"2026-01-01": 1.0, "2026-01-02": 1.0, "2026-01-03": None, "2026-01-04": 2.0, "2026-01-05": 7.0}
    # common: 1st, 2nd, 4th. spreads: 100 - 0 = 100, 50 - 100 = -50
    one = {"grid": "sessions", "length": 1}
    assert run("window_rank", a, b, want="count", **one) == 2
    assert run("window_rank", a, b, want="rank", **one) == 2
    assert run("window_rank", a, b, want="last_as_large", **one) == 20260102


def test_window_rank_months() -> None:
    # month ends: Jan 2 (the 28th), Feb 4, Apr 8, May 8. Feb/Jan = 100, (Apr has no March), May/Apr = 0
    levels = {
        "2000-01-03": 9.0,
        "2000-01-28": 2.0,
        "2000-02-28": 4.0,
        "2000-04-03": 5.0,
        "2000-04-28": 8.0,
        "2000-05-28": 8.0,
    }
    assert run("window_rank", levels, grid="months", want="count") == 2
    assert run("window_rank", levels, grid="months", want="independent") == 2
    assert run("window_rank", levels, grid="months", want="rank") == 2
    assert run("window_rank", levels, grid="months", want="last_as_large") == 20000228
    fails("window_rank", levels, grid="months", length=2, want="rank")
    fails("window_rank", levels, grid="weeks", want="rank")


def test_streak_levels() -> None:
    # A: +100, +50, 0, +100; B: +50, 0, +100, 0: won, won, lost, won
    a, b = days(1, 2, 3, 3, 6), days(2, 3, 3, 6, 6)
    expected = {
        "from_start": 2,
        "first_failure": 20260104,
        "longest": 2,
        "wins": 3,
        "sessions": 4,
    }
    for want, value in expected.items():
        assert run("streak", a, b, kind="levels", want=want) == value
    assert run("streak", a, b, kind="levels", want="wins_last", k=2) == 1
    assert run("streak", a, b, kind="levels", want="wins_first", k=2) == 2
    fails("streak", a, b, kind="levels", want="wins_first", k=5)
    fails("streak", a, b, kind="levels", want="wins_first")


def test_streak_returns() -> None:
    # a tie is not won
    a, b = days(1, 2, 3, 3), days(0, 1, 3, 2)
    assert run("streak", a, b, kind="returns", want="sessions") == 4
    assert run("streak", a, b, kind="returns", want="from_start") == 2
    assert run("streak", a, b, kind="returns", want="first_failure") == 20260103
    assert run("streak", days(1, 2), days(0, 0), kind="returns", want="from_start") == 2
    assert "every session" in fails("streak", days(1, 2), days(0, 0), kind="returns", want="first_failure")
    fails("streak", days(1), days(1), kind="levels", want="wins")


def test_extreme_day() -> None:
    # A ratios 2, 1.5, 1; B ratios 1.5, 1, 2. spreads 50, 50, -100
    a, b = days(1, 2, 3, 3), days(2, 3, 3, 6)
    assert run("extreme_day", a, b, want="max_value") == 50
    assert run("extreme_day", a, b, want="max_date") == 20260102  # the first such
    assert run("extreme_day", a, b, want="min_value") == -100
    assert run("extreme_day", a, b, want="min_date") == 20260104
    # without the first: A 1.5 * 1, B 1 * 2: 100 * (1.5 - 2)
    assert run("extreme_day", a, b, want="without_max") == -50
    fails("extreme_day", days(1), days(1), want="max_value")


def test_precedents() -> None:
    # A at month ends 1 2 4 4 8 16; B always 1. spreads 100 100 0 100 100, in Feb Mar Apr May Jun
    a, b = months(1, 2, 4, 4, 8, 16), months(1, 1, 1, 1, 1, 1)
    x = {"at_least": 100}
    # earlier months with 100 or more: Feb, Mar, May
    assert run("precedents", a, b, want="count", horizon=0, **x) == 3
    # one month later: Mar/Feb 100, Apr/Mar 0, Jun/May 100
    assert run("precedents", a, b, want="counted", horizon=1, **x) == 3
    assert run("precedents", a, b, want="ahead", horizon=1, **x) == 2
    assert run("precedents", a, b, want="mean", horizon=1, **x) == pytest.approx(200 / 3)
    # three months later: May/Feb 8/2 = 300, Jun/Mar 16/4 = 300; May has none
    assert run("precedents", a, b, want="counted", horizon=3, **x) == 2
    assert run("precedents", a, b, want="mean", horizon=3, **x) == 300
    fails("precedents", a, b, want="mean", horizon=5, **x)
    assert run("precedents", a, b, want="counted", horizon=5, **x) == 0
    fails("precedents", a, b, want="mean", horizon=0, **x)
    # negative x: months at or below it; A falls by half in one month
    c = months(4, 2, 4, 4)
    assert run("precedents", c, b, want="count", horizon=0, at_least=-50) == 1
    assert run("precedents", c, b, want="ahead", horizon=1, at_least=-50) == 1
    assert run("precedents", c, b, want="mean", horizon=1, at_least=-50) == 100


def test_operations_on_facts() -> None:
    assert run("difference", facts=(5.0, 7.5)) == -2.5
    assert run("difference", facts=(5.0, 7.5), scale=100) == -250
    assert run("ratio", facts=(1.0, 4.0)) == 0.25
    fails("ratio", facts=(1.0, 0.0))
    assert run("relative_fall", facts=(0.3,)) == pytest.approx(
        0.25918178
    )  # tables: e to the -0.3 is 0.74081822
    assert run("relative_fall", facts=(0.0,)) == 0.0
    values = (3.0, -1.0, 0.0, 3.0)
    assert run("count_where", facts=values, test="positive") == 2
    assert run("count_where", facts=values, test="negative") == 1
    assert run("count_where", facts=values, test="above", than=3) == 0
    assert run("count_where", facts=values, test="below", than=3) == 2
    fails("count_where", facts=values, test="above")
    assert [run("rank_of", facts=values, index=i) for i in range(4)] == [1, 4, 3, 1]
    fails("rank_of", facts=values, index=4)
    wants = {"max": 3, "min": -1, "range": 4, "median": 1.5}
    assert {w: run("extreme", facts=values, want=w) for w in wants} == wants
    assert run("extreme", facts=(9.0, 1.0, 2.0), want="median") == 2
    assert run("count_facts", facts=values) == 4


def test_parameter_and_window_date() -> None:
    fact = FactInput(
        "f", 1.0, {"start": "2026-01-01", "end_used": "2026-01-30"}, {"months": 60, "after": "2009-12-31"}
    )

    def one(op: str, path: str) -> float:
        return run_op(op, Call({"path": path}, (), (), (fact,), {}))

    assert one("parameter", "months") == 60
    assert one("parameter", "after") == 20091231
    assert one("window_date", "start") == 20260101
    assert one("window_date", "end_used") == 20260130
    for op, path in (("parameter", "no"), ("window_date", "start_used"), ("window_date", "as_of")):
        with pytest.raises(CheckError):
            one(op, path)


def test_unknown_operations_parameters_and_inputs_are_refused() -> None:
    assert "no operation" in fails("frobnicate", days(1))
    assert "parameters" in fails("observed", days(1), months=1)
    assert "inputs" in fails("observed", days(1), days(1))
    assert "input facts" in fails("observed", days(1), facts=(1.0,))


@pytest.mark.parametrize("bad", [None, "1", True, [1], {}, math.nan, 10**400])
def test_parameters_of_a_wrong_type_are_refused(bad: object) -> None:
    levels = days(1, 2, 3)
    fails("window_rank", levels, grid="sessions", length=bad, want="rank")
    fails("window_rank", levels, grid="sessions", length=1, want=bad)
    fails("eras", levels, rule="log_sum", threshold=bad, want="count")
    fails(
        "rolling_share",
        levels,
        levels,
        rule="legs",
        months=1,
        split=bad if bad is not True else 5,
        want="share",
    )


def test_results_that_are_not_finite_are_refused() -> None:
    fails("compound", months(1e300, 1e300))
    fails("difference", facts=(1e308, -1e308))


@given(st.lists(st.floats(-20, 20), min_size=3, max_size=25), st.integers(1, 5))
def test_rank_and_percentile_count_all_windows(values: list[float], length: int) -> None:
    """The slow way: build each window and count."""
    levels = [100.0]
    for x in values:
        levels.append(levels[-1] * (1 + x / 100))
    if len(levels) <= length:
        return
    windows = [100 * (levels[i] / levels[i - length] - 1) for i in range(length, len(levels))]
    series = {f"{2000 + i:04d}-01-01": v for i, v in enumerate(levels)}
    grid = {"grid": "sessions", "length": length}
    assert run("window_rank", series, want="rank", **grid) == 1 + sum(w > windows[-1] for w in windows)
    expected = 100 * sum(w <= windows[-1] for w in windows) / len(windows)
    assert run("window_rank", series, want="percentile", **grid) == expected


def test_rolling_share_ties_are_not_won() -> None:
    """+25% then -20% ends where it began, in either order; binary rounding must not decide."""
    there, back = months(25, -20, 25), months(-20, 25, -20)
    assert run("rolling_share", there, want="share", months=2, rule="log_sum") == 0
    assert run("rolling_share", there, back, want="share", months=2, rule="legs", split=1) == 0
    # 0.1 and 0.1 against 0.2: 1.002001 is greater than 1.002, by far more than rounding
    assert (
        run("rolling_share", months(0.1, 0.1), months(0.2, 0), want="share", months=2, rule="legs", split=1)
        == 1
    )
