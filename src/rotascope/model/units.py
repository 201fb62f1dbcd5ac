"""Units of observations and of facts. A difference of two percents is in points."""

from __future__ import annotations

from enum import StrEnum


class Unit(StrEnum):
    """What a number counts.

    The first group belongs to observations as their source states them, the second to facts as well.
    """

    USD = "usd"  # dollars: prices of shares and funds, flows, market values
    SHARES = "shares"
    USD_M = "usd_m"  # millions of dollars
    PERCENT = "percent"  # 4.5 means four and a half percent
    PP = "pp"  # percentage points: a difference of two percents
    BP = "bp"  # basis points: a hundredth of a point
    INDEX_LEVEL = "index_level"  # index points; never dollars
    RATIO = "ratio"  # 0.25 means one quarter
    SHARE = "share"  # 0..1; printed as percent of a whole
    COUNT = "count"
    SESSIONS = "sessions"
    MONTHS = "months"
    YEARS = "years"
    RANK = "rank"  # 1 is the largest
    PERCENTILE = "percentile"  # 0..100
    DATE = "date"  # the integer YYYYMMDD
