"""Every measure on every engine, from tables drawn by hand to answers worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from conformance.drawing import draw_panel, same
from rotascope.panel import MEASURES

# C has no price on day 2, B none on day 4; B leaves the index after day 2 and comes back on day 5.
FIVE_DAYS = """
    day | bench |  A |  B |  C
      1 |   100 | 10 | 20 | 30
      2 |   101 | 11 | 19 |  -
      3 |   102 | 11 | 21 | 33
      4 |   103 | 12 |  . | 32
      5 |   104 | 10 | 22 | 31
"""
IN_AND_OUT = "A 1-, B 1-2, B 5-, C 2-"

# Lines against the benchmark on day 3: L 1.21 times as high as before, G 1.21 times as low; W rose by 1.21 and
# then by 1.1, I fell likewise; E is the benchmark itself in smaller units. N is a member without prices.
QUADRANTS = """
    day | bench |   L |                  G |     W |                  I |   E
      1 |   100 | 100 |                100 |   100 |                100 |  10
      2 |   200 | 200 |                200 |   242 | 165.28925619834712 |  20
      3 |   100 | 121 | 82.64462809917356  | 133.1 |  75.13148009015778 |  10
"""

# Relative to a flat benchmark: up by 1.21 on day 3, and no further.
STEP_UP = """
    day | bench |   A | E
      1 |    50 | 100 | 7
      2 |    50 | 100 | 7
      3 |    50 | 121 | 7
      4 |    50 | 121 | 7
"""

# Returns in percent: A 1, then 2; B 3, then 1; C 8, then 5.
THREE_RETURNS = """
    day | bench |      A |      B |     C
      1 |   100 |    100 |    100 |   100
      2 |   100 |    101 |    103 |   108
      3 |   100 | 103.02 | 104.03 | 113.4
"""


class Case(NamedTuple):
    """One measure of one drawn panel."""

    name: str
    measure: str
    parameters: dict[str, int]
    panel: str
    members: str
    expected: str


CASES = [
    Case("needs both closes, not those between", "window_return", {"length": 2}, FIVE_DAYS, "", """
        day | security | change
          3 | A        | 10
          3 | B        | 5
          3 | C        | 10
          4 | A        | 9.0909090909090909
          5 | A        | -9.0909090909090909
          5 | B        | 4.7619047619047619
          5 | C        | -6.0606060606060606
    """),
    Case("no line without a close at the start", "relative_strength", {"start": 2}, FIVE_DAYS, "", """
        day | security | strength
          2 | A        | 100
          2 | B        | 100
          3 | A        | 99.019607843137255
          3 | B        | 109.44272445820433
          4 | A        | 106.97263901147396
          5 | A        | 88.286713286713287
          5 | B        | 112.44939271255061
    """),
    Case("square and fourth root of 1.21", "rotation", {"trend": 2, "momentum": 2}, STEP_UP, "", """
        day | security | strength | momentum
          2 | A        | 100      | -
          2 | E        | 100      | -
          3 | A        | 110      | 104.88088481701515
          3 | E        | 100      | 100
          4 | A        | 100      | 95.346258924559238
          4 | E        | 100      | 100
    """),
    Case("a gap makes every window over it unknown", "rotation", {"trend": 2, "momentum": 2}, """
        day | bench |   A |   B |   C
          1 |   100 | 100 | 100 | 100
          2 |   100 | 100 | 100 | 100
          3 |   100 |   - | 121 |   .
          4 |     - | 100 | 121 | 100
          5 |   100 | 100 | 121 | 100
          6 |   100 | 121 | 121 | 100
    """, "", """
        day | security | strength | momentum
          2 | A        | 100      | -
          2 | B        | 100      | -
          2 | C        | 100      | -
          3 | B        | 110      | 104.88088481701515
          6 | A        | 110      | -
          6 | B        | 100      | -
          6 | C        | 100      | -
    """),
    Case("one point of each", "rotation_day", {"trend": 2, "momentum": 2, "day": 3}, QUADRANTS, "", """
        day | security | strength           | momentum           | distance           | quadrant
          3 | E        | 100                | 100                | 0                  | centre
          3 | G        | 90.909090909090909 | 95.346258924559238 | 10.2128318353147   | lagging
          3 | I        | 95.346258924559238 | 102.411368908445   | 5.24137443900525   | improving
          3 | L        | 110                | 104.88088481701515 | 11.1275799973296   | leading
          3 | W        | 104.88088481701515 | 97.6454089676311   | 5.41914527639566   | weakening
    """),
    Case("strength before momentum", "rotation_day", {"trend": 2, "momentum": 2, "day": 2}, STEP_UP, "", """
        day | security | strength | momentum | distance | quadrant
          2 | A        | 100      | -        | -        | -
          2 | E        | 100      | -        | -        | -
    """),
    Case("down and to the left", "rotation_moves", {"trend": 2, "momentum": 2, "step": 1}, STEP_UP, "", """
        day | security | velocity           | heading
          4 | A        | 13.816985594155148 | 226.364701318389
          4 | E        | 0                  | -
    """),
    Case("one member in each", "quadrants", {"trend": 2, "momentum": 2}, QUADRANTS,
         "L 1-, G 1-, W 1-, I 1-, E 1-, N 3-", """
        day | counted | left_out | leading | weakening | lagging | improving | centre
          1 |       0 |        5 |       0 |         0 |       0 |         0 |      0
          2 |       0 |        5 |       0 |         0 |       0 |         0 |      0
          3 |       5 |        1 |       1 |         1 |       1 |         1 |      1
    """),
    Case("unchanged counts in neither", "advance_decline", {}, FIVE_DAYS, IN_AND_OUT, """
        day | counted | left_out | advancers | decliners | share_up
          1 |       0 |        2 |         0 |         0 | -
          2 |       2 |        1 |         1 |         1 | 0.5
          3 |       1 |        1 |         0 |         0 | 0
          4 |       2 |        0 |         1 |         1 | 0.5
          5 |       2 |        1 |         0 |         2 | 0
    """),
    Case("on the average is not above it", "above_average", {"length": 2}, FIVE_DAYS, IN_AND_OUT, """
        day | counted | left_out | above | share
          1 |       0 |        2 |     0 | -
          2 |       2 |        1 |     1 | 0.5
          3 |       1 |        1 |     0 | 0
          4 |       2 |        0 |     1 | 0.5
          5 |       2 |        1 |     0 | 0
    """),
    Case("a gap between the two closes does not matter", "beating", {"length": 2}, FIVE_DAYS, IN_AND_OUT, """
        day | counted | left_out | beating | share
          1 |       0 |        2 |       0 | -
          2 |       0 |        3 |       0 | -
          3 |       2 |        0 |       2 | 1
          4 |       1 |        1 |       1 | 1
          5 |       3 |        0 |       1 | 0.33333333333333333
    """),
    Case("nobody counts where the benchmark is unknown", "beating", {"length": 1}, """
        day | bench |  A
          1 |   100 | 10
          2 |     - | 11
          3 |   100 | 12
          4 |   150 | 18
    """, "", """
        day | counted | left_out | beating | share
          1 |       0 |        1 |       0 | -
          2 |       0 |        1 |       0 | -
          3 |       0 |        1 |       0 | -
          4 |       1 |        0 |       0 | 0
    """),
    Case("a tie is no new high", "highs_lows", {"length": 3}, FIVE_DAYS, IN_AND_OUT, """
        day | counted | left_out | highs | lows | net
          1 |       0 |        2 |     0 |    0 |   0
          2 |       0 |        3 |     0 |    0 |   0
          3 |       1 |        1 |     0 |    0 |   0
          4 |       1 |        1 |     1 |    0 |   1
          5 |       2 |        1 |     0 |    2 |  -2
    """),
    Case("all of it", "breadth", {"short": 2, "long": 3, "beat": 2, "extreme": 3}, FIVE_DAYS, IN_AND_OUT, """
        day|members|moved|advancers|decliners|counted_short|above_short|counted_long|above_long|compared|beating|ranged|highs|lows
          1|      2|    0|        0|        0|            0|          0|           0|         0|       0|      0|     0|    0|   0
          2|      3|    2|        1|        1|            2|          1|           0|         0|       0|      0|     0|    0|   0
          3|      2|    1|        0|        0|            1|          0|           1|         1|       2|      2|     1|    0|   0
          4|      2|    2|        1|        1|            2|          1|           1|         1|       1|      1|     1|    1|   0
          5|      3|    2|        0|        2|            2|          0|           2|         0|       3|      1|     2|    0|   2
    """),
    Case("one day", "breadth_day", {"short": 2, "long": 3, "beat": 2, "extreme": 3, "day": 4},
         FIVE_DAYS, IN_AND_OUT, """
        day|members|moved|advancers|decliners|counted_short|above_short|counted_long|above_long|compared|beating|ranged|highs|lows
          4|      2|    2|        1|        1|            2|          1|           1|         1|       1|      1|     1|    1|   0
    """),
    Case("a day without anyone", "breadth_day", {"day": 1}, FIVE_DAYS, "A 2-", """
        day|members|moved|advancers|decliners|counted_short|above_short|counted_long|above_long|compared|beating|ranged|highs|lows
          1|      0|    0|        0|        0|            0|          0|           0|         0|       0|      0|     0|    0|   0
    """),
    Case("members only", "ranking", {"length": 2, "day": 5}, FIVE_DAYS, "A 1-, B 1-2, B 5-, C 1-4", """
        day | security | change              | place
          5 | A        | -9.0909090909090909 | 2
          5 | B        | 4.7619047619047619  | 1
    """),
    Case("equal returns share the mean of their ranks", "ranking", {"length": 1, "day": 2}, """
        day | bench |   A |  B |   C |  D
          1 |   100 | 100 | 50 | 200 | 10
          2 |   100 | 150 | 75 | 300 |  5
    """, "", """
        day | security | change | place
          2 | A        |     50 | 2
          2 | B        |     50 | 2
          2 | C        |     50 | 2
          2 | D        |    -50 | 4
    """),
    Case("returns of 1, 3 and 8 percent", "dispersion", {"length": 1}, THREE_RETURNS, "A 1-2, B 1-2, C 1-", """
        day | counted | left_out | standard_deviation | spread | mean_gap           | quartile_gap | median
          1 |       0 |        3 | -                  | -      | -                  | -            | -
          2 |       3 |        0 | 2.9439202887759490 | 7      | 2.6666666666666667 | 3.5          | 3
          3 |       1 |        0 | 0                  | 0      | 0                  | 0            | 5
    """),
    Case("orders 1 2 3 and 2 1 3", "persistence", {"length": 1}, THREE_RETURNS, "", """
        day | counted | left_out | correlation
          1 |       0 |        3 | -
          2 |       0 |        3 | -
          3 |       3 |        0 | 0.5
    """),
    Case("no order among equals", "persistence", {"length": 1}, """
        day | bench | A | B
          1 |   100 | 1 | 2
          2 |   100 | 2 | 4
          3 |   100 | 2 | 8
    """, "", """
        day | counted | left_out | correlation
          1 |       0 |        2 | -
          2 |       0 |        2 | -
          3 |       2 |        0 | -
    """),
    Case("one session has no past", "rotation", {}, """
        day | bench | A
          1 |   100 | 1
    """, "", "day | security | strength | momentum"),
    Case("one session still has members", "advance_decline", {}, """
        day | bench | A
          1 |   100 | 1
    """, "", """
        day | counted | left_out | advancers | decliners | share_up
          1 |       0 |        1 |         0 |         0 | -
    """),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.measure}: {c.name}")
def test_drawn(case: Case, engine_name: str, opened, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    if engine_name == "arrays" and case.measure not in ("rotation", "breadth"):
        pytest.skip("the engine arrays knows rotation and breadth only")
    result = opened(draw_panel(tmp_path, case.panel, case.members)).run(case.measure, **case.parameters)
    same(result, case.expected)
    assert result.sql == MEASURES[case.measure].text(MEASURES[case.measure].settle(case.parameters))


def test_every_measure_is_drawn() -> None:
    assert {case.measure for case in CASES} == set(MEASURES)
