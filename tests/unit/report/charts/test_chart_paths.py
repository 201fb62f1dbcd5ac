"""Paths of charts against values worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from rotascope.facts.columns import Column
from rotascope.model.errors import MissingDataError
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.model.units import Unit
from rotascope.report.charts.paths import PATHS
from rotascope.store.series import SeriesData

NAN = float("nan")


def column(days: Sequence[str], values: Sequence[float], name: str = "A") -> Column:
    meta = SeriesMeta(name, Field.CLOSE, Unit.INDEX_LEVEL, Frequency.DAILY, "db")
    data = SeriesData(
        meta, np.array(days, dtype="datetime64[D]"), np.array(values, float), "s", Source("db", "x")
    )
    return Column(data, 0, len(data))


def path(op: str, *columns: Column, **params: Any) -> dict[str, list[Any]]:
    return PATHS[op](params, columns)


DAYS = ["2026-01-02", "2026-01-05", "2026-01-06", "2026-01-07"]


def test_rebased_starts_at_a_hundred_and_leaves_unknown_days_out() -> None:
    got = path("rebased", column(DAYS, [200, NAN, 210, 190]), thin=1)
    assert got == {"date": [DAYS[0], DAYS[2], DAYS[3]], "value": [100, 105, 95]}


def test_thinning_keeps_the_first_and_the_last() -> None:
    got = path("rebased", column(DAYS, [100, 101, 102, 103]), thin=2)
    assert got == {"date": [DAYS[0], DAYS[2], DAYS[3]], "value": [100, 102, 103]}


def test_cumulative_spread_is_in_points_of_each_leg() -> None:
    # A: +10% then +20%; B: +5% then -10%
    a, b = column(DAYS[:3], [50, 55, 60]), column(DAYS[:3], [200, 210, 180], "B")
    assert path("cumulative_spread", a, b, thin=1)["value"] == [0, 5, 30]


def test_ratio_uses_common_dates_only() -> None:
    a, b = column(DAYS[:3], [1.5, 2, 3]), column(DAYS[1:], [4, 2, 8], "B")
    assert path("ratio_path", a, b, thin=1) == {"date": DAYS[1:3], "value": [0.5, 1.5]}


def test_levels_are_added_by_week_and_dated_with_the_last_known_day() -> None:
    # Friday 2 January; Monday to Wednesday of the week after, its last day unknown
    got = path("levels", column(DAYS, [5e6, 2e6, -3e6, NAN]), scale=1e-6, by="weeks")
    assert got == {"date": ["2026-01-02", "2026-01-06"], "value": [5, -1]}


def test_a_week_ends_on_sunday_and_a_month_on_its_last_day() -> None:
    sunday, monday = "2026-02-01", "2026-02-02"
    both = column([sunday, monday], [1, 2])
    assert path("levels", both, scale=1, by="weeks")["value"] == [1, 2]
    assert path("levels", both, scale=1, by="months") == {"date": [monday], "value": [3]}
    assert path("levels", column(["2026-01-31", sunday], [1, 2]), scale=1, by="months")["value"] == [1, 2]


def test_window_values_are_counted_by_bins_with_empty_ones_between() -> None:
    # daily changes in percent: 1, 0, -1 (99.99/101 - 1 = -1%), 3
    got = path(
        "window_values",
        column([*DAYS, "2026-01-08"], [100, 101, 101, 99.99, 102.9897]),
        grid="sessions",
        length=1,
        bin=1,
    )
    assert got == {"from": [-1, 0, 1, 2, 3], "to": [0, 1, 2, 3, 4], "count": [1, 1, 1, 0, 1]}


def test_rolling_shares_count_the_last_windows_only() -> None:
    months = ["2020-01-31", "2020-02-29", "2020-03-31", "2020-04-30", "2020-05-31"]
    # sums of pairs in logs: up, down, down, up
    got = path(
        "rolling_share_path",
        column(months, [5, 5, -20, 5, 10]),
        months=2,
        rule="log_sum",
        trailing=2,
        thin=1,
    )
    assert got == {"date": months[2:], "value": [0.5, 0, 0.5]}


def test_an_era_path_begins_at_nought_on_the_first_date() -> None:
    months = ["2020-01-31", "2020-02-29"]
    got = path("era_path", column(months, [100 * (math.e - 1), 0]), rule="log_sum", thin=1)
    assert got == {"date": [months[0], *months], "value": [0, pytest.approx(1), pytest.approx(1)]}


def test_eras_run_from_turn_to_turn() -> None:
    ends = [f"2020-{m:02}-28" for m in range(1, 7)]
    up, down = 100 * (math.exp(0.5) - 1), 100 * (math.exp(-0.5) - 1)
    # the path: 0, .5, 1, .5, 0, .5, 1: turns at p0, at p2 (28 February) and at p4 (28 April)
    got = path(
        "era_spans",
        column(ends, [up, up, down, down, up, up]),
        rule="log_sum",
        threshold=0.6,
        **{"from": "2019-12-31"},
    )
    assert got == {
        "from": [ends[0], ends[1], ends[3]],
        "to": [ends[1], ends[3], ends[5]],
        "direction": ["up", "down", "up"],
    }


def test_a_tail_ends_at_the_last_session() -> None:
    # A doubles each day and B stands still: the log line is k ln 2; strength over a trend of 2 is half a
    # step, 2 ** 0.5, on every day, so momentum is 100
    days = [f"2026-01-{d:02}" for d in range(1, 9)]
    a, b = column(days, [2.0**k for k in range(8)]), column(days, [1.0] * 8, "B")
    got = path("rotation_tail", a, b, trend=2, momentum=2, step=2, points=3)
    assert got["date"] == [days[3], days[5], days[7]]
    assert got["strength"] == pytest.approx([100 * 2**0.5] * 3)
    assert got["momentum"] == pytest.approx([100] * 3)


@pytest.mark.parametrize(
    ("op", "columns", "params"),
    [
        ("rebased", [column(DAYS, [NAN] * 4)], {"thin": 1}),
        ("rebased", [column(DAYS, [1, 0, 2, 3])], {"thin": 1}),
        ("levels", [column(DAYS, [NAN] * 4)], {"scale": 1, "by": "rows"}),
        (
            "rotation_tail",
            [column(DAYS, [1, 2, 3, 4])] * 2,
            {"trend": 3, "momentum": 3, "step": 1, "points": 2},
        ),
        (
            "rolling_share_path",
            [column(DAYS, [1, 2, 3, 4])],
            {"months": 3, "rule": "log_sum", "trailing": 3, "thin": 1},
        ),
        (
            "era_spans",
            [column(DAYS, [1, 1, 1, 1])],
            {"rule": "log_sum", "threshold": 0.3, "from": "2019-01-01"},
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(op: str, columns: list[Column], params: dict[str, Any]) -> None:
    with pytest.raises(MissingDataError):
        PATHS[op](params, columns)
