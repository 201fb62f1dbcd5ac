"""What an engine fact says about itself must fit its recipe: unit, series and window.

docs/bundle-format.md, "What these facts say about themselves".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rotascope_verify.facts import Fact
from rotascope_verify.failures import CheckError, quote
from rotascope_verify.observations import Rows
from rotascope_verify.ops import Call, common_levels
from rotascope_verify.ops_engine_grid import first_inputs, grid_values, real_day
from rotascope_verify.ops_engine_members import range_windows
from rotascope_verify.ops_engine_past import driver_changes
from rotascope_verify.ops_engine_signals import held_months
from rotascope_verify.ops_engine_standing import co_dates
from rotascope_verify.ops_windows import rank_windows

FROM_FACTS = ("contribution", "product", "dispersion", "group_gap", "rank_correlation")
LAST_WINDOW = ("bootstrap_window", "regime_rank")
RANKED = ("window_rank", "precedents")
WHOLE_GRID = ("newey_west", "block_length", "switching", "changepoints")
# "legs" is percent for one input and points for two; "own" is the unit of the inputs, "gap" the same but
# points for percents; "any" is not checked. Wants follow their unit.
ENGINE_UNITS: dict[str, dict[str, str]] = {
    "relative_strength": {"index_level": ""},
    "rotation": {
        "index_level": "strength momentum distance velocity",
        "ratio": "heading stability",
        "count": "quadrant agreeing settings unknown",
    },
    "breadth": {
        "count": "counted left_out advancers decliners net line highs lows",
        "ratio": "share",
    },
    "rank_correlation": {"ratio": ""},
    "dispersion": {"gap": "standard_deviation range mean_gap"},
    "group_gap": {"own": "first second", "gap": "gap"},
    "effective_number": {"ratio": "effective herfindahl top_share", "count": "counted left_out"},
    "contribution": {"pp": "points residual", "percent": "without weight"},
    "product": {"any": ""},
    "extreme_row": {"own": "value", "date": "date"},
    "newey_west": {"legs": "mean standard_error", "ratio": "t", "count": "count"},
    "adjusted_p": {"ratio": ""},
    "block_length": {"ratio": "stationary circular"},
    "bootstrap_window": {"percentile": "low high percentile", "ratio": "block_length"},
    "state": {"count": "state age"},
    "regime_rank": {"rank": "rank", "percentile": "percentile", "count": "count independent"},
    "switching": {"ratio": "probability log_likelihood", "count": "count"},
    "changepoints": {"count": "count", "date": "last_change", "legs": "last_mean mean_before"},
    "nearest": {
        "date": "date",
        "ratio": "distance hit_rate base_hit_rate",
        "count": "found looked_at left_out counted ahead base_count base_independent",
        "pp": "mean lowest highest base_mean",
    },
    "driver": {
        "candidate": "change",
        "percentile": "percentile",
        "ratio": "beta correlation t",
        "count": "pairs verdict",
        "pp": "implied actual",
    },
    "level_percentile": {
        "percentile": "percentile",
        "count": "count",
        "own": "median",
        "date": "last_as_large",
    },
    "ratio_gap": {
        "ratio": "times log_gap median_times",
        "percentile": "percentile",
        "count": "count",
        "date": "wider_since",
    },
    "drawdown": {"ratio": "deepest current", "date": "peak trough"},
    "co_movement": {"ratio": "correlation low high earlier shift", "count": "pairs earlier_pairs"},
    "sum_windows": {"percentile": "percentile percentile_below", "count": "count independent"},
    "dispersion_windows": {
        "percentile": "percentile percentile_below",
        "count": "count independent",
        "pp": "median",
    },
    "return_windows": {"percentile": "percentile percentile_below", "count": "count independent"},
    "trigger": {"kept": ""},
    "spread_range": {
        "pp": "value median",
        "percentile": "percentile",
        "rank": "rank",
        "count": "count independent",
        "date": "last_as_large",
    },
    "signal": {
        "pp": "mean_excess against_first against_second",
        "ratio": "sharpe sharpe_year t skewness kurtosis beaten hit_rate exposure",
        "count": "trades position count",
    },
    "deflated_sharpe": {"ratio": "p hurdle"},
    "member_breadth": {"ratio": "share coverage", "count": "hits counted members left_out"},
    "sum_rows": {"own": ""},
}
STAND_FOR = {
    "ratio": frozenset({"ratio", "share"}),
    "share": frozenset({"ratio", "share"}),
    "count": frozenset({"count", "sessions", "months"}),
}


def _alike(units: frozenset[str]) -> frozenset[str]:
    return frozenset().union(*(STAND_FOR.get(u, frozenset({u})) for u in units))


def _as_gap(units: frozenset[str]) -> frozenset[str]:
    return units - {"percent"} | {"pp"} if "percent" in units else units


def _unit_kind(fact: Fact) -> str:
    want = fact.params.get("want", "")
    for kind, wants in ENGINE_UNITS[fact.op].items():
        if (not wants and want == "") or want in wants.split():
            return kind
    raise CheckError(f"{fact.op} has no want {quote(want)}")


def _allowed_units(fact: Fact, rows: list[Rows], input_units: frozenset[str]) -> frozenset[str] | None:
    """Return the units that a fact may have; None for any."""
    kind = _unit_kind(fact)
    used = rows[:1] if fact.op == "extreme_row" else rows
    own = input_units.union(*(r.units for r in used))
    if kind == "candidate":
        if fact.params.get("candidate") == "log":
            return frozenset({"percent"})
        own, kind = rows[2].units if len(rows) > 2 else own, "gap"
    if kind == "kept":
        return input_units
    if kind == "any" or (kind in ("own", "gap") and fact.params.get("scale", 1) != 1):
        return None
    if kind == "legs":
        return frozenset({"percent" if len(rows) == 1 else "pp"})
    if kind in ("own", "gap"):
        return _alike(_as_gap(own) if kind == "gap" else own)
    return _alike(frozenset({kind}))


def check_engine_unit(fact: Fact, rows: list[Rows], input_units: frozenset[str]) -> None:
    """The unit must be the one that the operation gives. Raises CheckError (unit-differs)."""
    if fact.op not in ENGINE_UNITS:
        return
    if fact.op == "contribution" and input_units - {"percent"}:
        raise CheckError("weights and returns of a contribution are in percent", "unit-differs")
    allowed = _allowed_units(fact, rows, input_units)
    if allowed is not None and fact.unit not in allowed:
        raise CheckError(f"{fact.op} gives {' or '.join(sorted(allowed))}, not {fact.unit}", "unit-differs")


def check_engine_series(
    fact: Fact, series_of: Callable[[str], frozenset[str]], picked: tuple[str, ...] | None
) -> None:
    """The series must be those of the inputs. Raises CheckError (series-differs).

    series_of: the series of a fact and of its inputs, at any depth. picked: the series of the input fact
    that params.index names, or of the only one.
    """
    if fact.op not in ENGINE_UNITS:
        return
    own = tuple(w.series for w in fact.rows_inputs())
    if fact.op in FROM_FACTS:
        good = set(fact.series) <= frozenset().union(*(series_of(name) for name in fact.fact_inputs()))
    elif fact.op in ("adjusted_p", "deflated_sharpe", "trigger"):
        good = fact.series == picked
    elif fact.op in ("breadth", "member_breadth", "dispersion_windows"):
        good = set(fact.series) <= set(own)
    elif fact.op in ("effective_number", "sum_rows"):
        parent = f"HOLD.{fact.series[0]}." if fact.series else ""
        good = len(fact.series) <= 1 and all(name.startswith(parent) for name in own)
    else:
        about = {
            "nearest": own[:2],
            "signal": own[:2],
            "regime_rank": own[:-1],
            "extreme_row": own[:1],
            "sum_windows": own[:1],
        }.get(fact.op, own)
        good = fact.series == about
    if not good:
        raise CheckError(
            f"the series {quote(', '.join(fact.series))} are not those that {fact.op} is about",
            "series-differs",
        )


def _grid_dates(call: Call) -> tuple[str | None, str]:
    """Return the first and the last date that the current value of a grid uses."""
    end = grid_values(call)[0][-1]
    days = common_levels(call)[0]
    if call.params["grid"] == "sessions":
        return days[-1 - call.whole("length", 1)], end
    if call.params["grid"] == "months":
        return _month_before(days, end), end
    return None, end


def _month_before(days: Sequence[str], end: str) -> str:
    """Return the last date of an earlier month than that of `end`."""
    return max(d for d in days if d[:7] < end[:7])


def _ranked_dates(op: str, call: Call) -> tuple[str, str]:
    """Return the first and the last date of the current window of `window_rank` or `precedents`."""
    days = common_levels(call)[0]
    if op == "precedents":
        return _month_before(days, days[-1]), days[-1]
    end = rank_windows(call)[0][-1]
    if call.params["grid"] == "sessions":
        return days[-1 - call.whole("length", 1)], end
    return _month_before(days, end), end


def _driver_dates(call: Call) -> tuple[str, str]:
    grid = call.choice("grid", "sessions", "months")
    log = call.choice("candidate", "difference", "log") == "log"
    dates = call.remember("driver", lambda: driver_changes(call, grid, log), grid, log).dates
    return dates[-1 - call.whole("window", 1)], dates[-1]


def used_dates(op: str, call: Call) -> tuple[str | None, str]:
    """Return the `start_used` and `end_used` that a window of an operation has; None where it gives none."""
    if op in LAST_WINDOW:
        return _grid_dates(first_inputs(call, len(call.rows) - 1) if op == "regime_rank" else call)
    if op in WHOLE_GRID:
        return common_levels(call)[0][0], grid_values(call)[0][-1]
    if op == "driver":
        return _driver_dates(call)
    if op == "breadth":
        first = min(rows.known()[0][0] for rows in call.rows if rows.known()[0])
        return first if call.params.get("want") == "line" else None, real_day(call, "on")
    if op == "spread_range":
        return range_windows(call)[0][-1]
    if op == "signal":
        ends = held_months(call).ends
        return ends[0], ends[-1]
    if op == "member_breadth":
        return None, real_day(call, "on")
    if op in ("effective_number", "sum_rows"):
        return None, max(rows.days[-1] for rows in call.rows)
    if op in ("extreme_row", "sum_windows"):
        return None, call.rows[1].days[-1]
    if op == "co_movement":
        return co_dates(call)
    days = common_levels(call)[0]
    if op == "rotation":
        return None, days[-1 - call.whole("back", 0)]
    return days[0] if op in ("relative_strength", "drawdown") else None, days[-1]


def check_engine_window(fact: Fact, call: Call) -> None:
    """The dates that count must be those of the values used. Raises CheckError (window-differs)."""
    known = fact.op in ENGINE_UNITS or fact.op in RANKED
    if not known or not call.rows or not {"start_used", "end_used"} & fact.window.keys():
        return
    dates = _ranked_dates if fact.op in RANKED else used_dates
    start, end = dates(fact.op, call)
    if fact.window.get("end_used", end) != end:
        raise CheckError(f"end_used is not {end}, the date of the last value used", "window-differs")
    given = fact.window.get("start_used")
    if given is None:
        return
    if fact.op == "extreme_row" and given < call.rows[1].days[0]:
        return
    if given != start:
        shown = "before the first session" if fact.op == "extreme_row" else start or "not given"
        raise CheckError(f"start_used {given} is wrong: for {fact.op} it is {shown}", "window-differs")
