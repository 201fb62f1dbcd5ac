"""What a fact says about itself must fit its recipe: unit, series and window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from rotascope_verify.events import SCHEDULED
from rotascope_verify.facts import Fact
from rotascope_verify.failures import CheckError, quote
from rotascope_verify.observations import Rows

LEVEL_LEGS = ("window_rank", "streak", "extreme_day", "precedents", "sequels")
OWN_SERIES = (
    "observed",
    "pct_change",
    "change",
    "sum_values",
    "count_rows",
    "count_missing",
    "return_drawdown",
)
# The first or all inputs are the series, in order; what follows them are weights.
RETURN_LEGS = ("compound", "compound_legs", "rolling_share", "eras")
ABOUT_FACTS = ("parameter", "window_date", "count_where", "count_facts", "extreme", "relative_fall")
# Returns of whole months: what is asked for may begin and end in the middle of one.
MONTHLY = ("compound", "compound_legs", "return_drawdown")
FROM_FIRST_ROW = ("streak", "extreme_day", "rolling_share", "eras", "count_rows", "sequels")
# What these are asked for may begin long after the first row that they use.
EARLIER_START = ("change", "signal", *FROM_FIRST_ROW)
TO_LAST_ROW = (
    *FROM_FIRST_ROW,
    *RETURN_LEGS,
    "observed",
    "return_drawdown",
    "window_rank",
    "precedents",
)
COUNT_UNITS = frozenset(["count", "sessions", "months"])
DATE_WANTS = {
    "eras": ("start", "end"),
    "window_rank": ("last_as_large",),
    "streak": ("first_failure",),
    "extreme_day": ("max_date", "min_date"),
    "count_missing": ("date",),
}
FIXED_UNITS = {
    "pct_change": frozenset({"percent"}),
    "compound": frozenset({"percent", "pp"}),  # points where the input is itself a spread of two legs
    "compound_legs": frozenset({"pp"}),
    "return_drawdown": frozenset({"ratio", "share"}),
    "relative_fall": frozenset({"ratio", "share"}),
    "rank_of": frozenset({"rank", "count"}),
    "window_date": frozenset({"date"}),
    "count_rows": COUNT_UNITS,
    "count_where": COUNT_UNITS,
    "count_facts": COUNT_UNITS,
    "count_missing": COUNT_UNITS,
    "streak": COUNT_UNITS,
}
WANT_UNITS = {
    ("rolling_share", "share"): frozenset({"share", "ratio"}),
    ("rolling_share", "count"): COUNT_UNITS,
    ("eras", "count"): COUNT_UNITS,
    ("eras", "years"): frozenset({"years"}),
    ("eras", "direction"): frozenset({"count", "ratio"}),
    ("window_rank", "rank"): frozenset({"rank", "count"}),
    ("window_rank", "percentile"): frozenset({"percentile"}),
    ("window_rank", "percentile_below"): frozenset({"percentile"}),
    ("window_rank", "count"): COUNT_UNITS,
    ("window_rank", "independent"): COUNT_UNITS,
    ("extreme_day", "max_value"): frozenset({"pp"}),
    ("extreme_day", "min_value"): frozenset({"pp"}),
    ("extreme_day", "without_max"): frozenset({"pp"}),
    ("precedents", "count"): COUNT_UNITS,
    ("precedents", "counted"): COUNT_UNITS,
    ("precedents", "ahead"): COUNT_UNITS,
    ("precedents", "mean"): frozenset({"pp"}),
    ("sequels", "counted"): COUNT_UNITS,
    ("sequels", "ahead"): COUNT_UNITS,
    ("sequels", "independent"): COUNT_UNITS,
    ("sequels", "share"): frozenset({"share", "ratio"}),
}
ALIKE = {"ratio": "share", "share": "ratio"}


def _scaled_units(fact: Fact, units: frozenset[str]) -> frozenset[str]:
    """Return the units that a value taken over from inputs may have."""
    if fact.params.get("scale", 1) not in (1, None):
        return frozenset()
    if fact.op in ("change", "difference", "extreme") and "percent" in units:
        if fact.op == "extreme" and fact.params.get("want") != "range":
            return units
        return units - {"percent"} | {"pp"}
    return units | {ALIKE[u] for u in units if u in ALIKE}


def check_unit(fact: Fact, rows: list[Rows], input_units: frozenset[str]) -> None:
    """The unit must be one that the operation can give. Raises CheckError (unit-differs).

    A difference of two percents is in points. A value taken over from observations or facts without a
    scale keeps their unit; with a scale the unit is free, but never percent for a difference of percents.
    """
    want = fact.params.get("want")
    dated = isinstance(want, str) and want in DATE_WANTS.get(fact.op, ())
    allowed = frozenset({"date"}) if dated else FIXED_UNITS.get(fact.op, frozenset())
    if not allowed and isinstance(want, str):
        allowed = WANT_UNITS.get((fact.op, want), frozenset())
    if fact.op in ("observed", "sum_values", "change"):
        allowed = _scaled_units(fact, frozenset().union(*(r.units for r in rows)))
    elif fact.op in ("difference", "extreme"):
        allowed = _scaled_units(fact, input_units)
        if fact.op == "difference" and fact.unit == "percent" and input_units & {"percent", "pp"}:
            raise CheckError("a difference of percents is in points, not percent", "unit-differs")
    if allowed and fact.unit not in allowed:
        raise CheckError(
            f"{fact.op} gives {' or '.join(sorted(allowed))}, not {fact.unit}",
            "unit-differs",
        )


def check_series(
    fact: Fact, series_of: Callable[[str], frozenset[str]], ranked: tuple[str, ...] | None
) -> None:
    """The series must be those of the inputs; of a two-legged fact, in the order of its legs.

    series_of: the series of a fact and of its inputs, at any depth. ranked: the series of the fact that a
    `rank_of` ranks.
    """
    wants, inputs = fact.rows_inputs(), fact.fact_inputs()
    good = True
    if fact.op in LEVEL_LEGS and wants:
        good = fact.series == tuple(w.series for w in wants)
    elif fact.op in RETURN_LEGS and wants:
        count = len(wants) // 2 if fact.params.get("rule") == "weighted_legs" else len(wants)
        good = fact.series == tuple(w.series for w in wants[:count])
    elif fact.op in ABOUT_FACTS:
        good = set(fact.series) <= frozenset().union(*map(series_of, inputs))
    elif fact.op in OWN_SERIES:
        good = bool(fact.series) and set(fact.series) <= {w.series for w in wants}
    elif fact.op == "rank_of":
        good = fact.series == ranked
    elif fact.op in ("difference", "ratio") and len(inputs) == 2 and fact.series:
        good = fact.series[0] in series_of(inputs[0]) and fact.series[-1] in series_of(inputs[1])
    if not good:
        raise CheckError(
            f"the series {quote(', '.join(fact.series))} are not those of the inputs, in their order",
            "series-differs",
        )


def check_window(fact: Fact, input_windows: list[dict[str, str]]) -> None:
    """The dates that count must be those of the inputs. Raises CheckError (window-differs).

    For `pct_change` and `change` they are the dates of the two rows; for ranges of rows, where the operation
    says so, the dates of a first and a last row; for a fact of facts, each is the same date of an input
    fact's window, where the input facts have one.
    """
    wants = fact.rows_inputs()
    if input_windows and fact.window:
        for path in ("start", "end", "base"):
            if fact.window[path] not in {w[path] for w in input_windows if w}:
                raise CheckError(f"{path} {fact.window[path]} is that of no input fact", "window-differs")
    for i, path in ((0, "start_used"), (-1, "end_used")):
        day = fact.window.get(path)
        if day is None:
            continue
        if day > fact.as_of:
            raise CheckError(f"{path} {day} is after as_of {fact.as_of}", "window-differs")
        allowed = {w[path] for w in input_windows if path in w}
        if fact.op in ("pct_change", "change") and wants:
            allowed = {wants[i].first, wants[i].last}
        elif fact.op in FROM_FIRST_ROW and wants and i == 0:
            allowed = {w.first for w in wants}
        elif fact.op in TO_LAST_ROW and wants and i == -1:
            allowed = {w.last for w in wants}
        if allowed and day not in allowed:
            raise CheckError(f"{path} {day} is not the date of the inputs", "window-differs")


def check_asked(fact: Fact, days: dict[str, str]) -> None:
    """The dates that a fact of rows was asked for are those of the report or of its rows (window-differs).

    days: as for Facts.check_report_days. What is `observed` on one day may have any start before it.
    """
    window, wants = fact.window, fact.rows_inputs()
    if not window or not wants:
        return
    first, start, end = window.get("start_used", window["start"]), window["start"], window["end"]
    ends = {w.last for w in wants} | {days.get("window.end"), days.get("as_of")}
    month = fact.op in MONTHLY and _days_apart(window.get("end_used", ""), end) <= 31
    if end not in ends and not month:
        raise CheckError(f"end {end} is no date of the report or of a last row", "window-differs")
    if fact.op == "observed":
        if first != start or (wants[0].field == SCHEDULED and first != wants[0].first):
            raise CheckError(f"start_used {first} is not start, or not the day of the row", "window-differs")
        return
    if _is_later(window.get("end_used", end), end):
        raise CheckError("end_used is after end", "window-differs")
    starts = {w.first for w in wants} | {days.get("window.start")}
    if start not in starts and not (start == days.get("window.end") and end > start):
        raise CheckError(f"start {start} is no date of the report or of a first row", "window-differs")
    most = 31 if fact.op in MONTHLY else 7
    if _is_later(first, start) or (fact.op not in EARLIER_START and _days_apart(first, start) > most):
        raise CheckError(f"start_used {first} does not go with start {start}", "window-differs")
    if fact.op == "pct_change" and (window["base"] == "open") != (wants[0].field == "open"):
        raise CheckError(
            f"the base is {window['base']}, the first row {quote(wants[0].field)}", "window-differs"
        )


def _is_later(used: str, asked: str) -> bool:
    """Whether a date that is used is after the one asked for; the end of a month without sessions may be."""
    after = date.fromisoformat(used) + timedelta(days=1)
    return used > asked and not (after.day == 1 and _days_apart(asked, used) <= 4)


def _days_apart(first: str, second: str) -> int:
    """Return how many days a date is before another; 100,000 where the first is empty."""
    return (date.fromisoformat(second) - date.fromisoformat(first)).days if first else 100_000
