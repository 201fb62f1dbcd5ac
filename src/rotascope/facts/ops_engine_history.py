"""Operations that set today against the past: precedents, drivers, ratios, drawdowns, single rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rotascope.analytics import breadth, drivers, inference, nearest, valuation
from rotascope.analytics.arrays import FloatArray, require_positive
from rotascope.facts.columns import Column
from rotascope.facts.ops import Inputs, Params, columns, op
from rotascope.facts.ops_engine_grid import as_day, by_month, known, on_common_dates, pick
from rotascope.model.errors import BadInputError, MissingDataError
from rotascope.store.series import DateArray

# Log ratios that differ by less are equal: rounding, not the market, set them apart.
LOG_TIE = 1e-12
_VERDICTS = {
    drivers.Verdict.CONSISTENT: 1,
    drivers.Verdict.TOO_LITTLE: 0,
    drivers.Verdict.INCONSISTENT: -1,
}


@op("nearest")
def _nearest(params: Params, inputs: Inputs) -> float:
    dates, values = on_common_dates(columns(inputs))
    today = dates.size - 1
    measures = np.column_stack([_measure(m, values) for m in params["measures"]])
    found = nearest.nearest_rows(measures, today, count=int(params["count"]), apart=int(params["apart"]))
    want = params["want"]
    if want in ("date", "distance"):
        index = int(params["index"])
        if not 0 <= index < found.rows.size:
            raise MissingDataError(
                f"There are {found.rows.size} precedents; number {index} is not among them."
            )
        return as_day(dates[found.rows[index]]) if want == "date" else float(found.distances[index])
    if want in ("found", "looked_at", "left_out"):
        return pick(
            want,
            {
                "found": lambda: found.rows.size,
                "looked_at": lambda: found.looked_at,
                "left_out": lambda: found.left_out,
            },
        )
    return _followed(str(want), values[0], values[1], found, today, int(params["horizon"]))


def _followed(
    want: str, a: FloatArray, b: FloatArray, found: nearest.Nearest, today: int, horizon: int
) -> float:
    if horizon > today:
        raise MissingDataError(f"A horizon of {horizon} sessions does not fit into {today + 1}.")
    (sequel,) = nearest.what_followed(a, b, found, today, [horizon])
    if sequel.counted == 0 and want in ("hit_rate", "mean", "lowest", "highest"):
        raise MissingDataError("None of the precedents has a known sequel of that length.")

    def spreads() -> FloatArray:
        rows = found.rows[found.rows + horizon <= today]
        return np.asarray(100.0 * (a[rows + horizon] / a[rows] - b[rows + horizon] / b[rows]))

    return pick(
        want,
        {
            "counted": lambda: sequel.counted,
            "ahead": lambda: float((spreads() > 0).sum()),
            "hit_rate": lambda: sequel.hit_rate,
            "mean": lambda: sequel.mean,
            "lowest": lambda: float(spreads().min()),
            "highest": lambda: float(spreads().max()),
            "base_count": lambda: sequel.base_count,
            "base_independent": lambda: sequel.base_independent,
            "base_hit_rate": lambda: sequel.base_hit_rate,
            "base_mean": lambda: sequel.base_mean,
        },
    )


def _measure(said: Mapping[str, Any], values: Sequence[FloatArray]) -> FloatArray:
    """Return one measure on every common date, NaN where its history is too short."""
    chosen = [values[int(i)] for i in said["inputs"]]
    kind = said["kind"]
    if kind == "level":
        return chosen[0]
    length = int(said["length"])
    out = np.full(chosen[0].size, np.nan)
    if length >= out.size:
        raise MissingDataError(f"A measure over {length} sessions does not fit into {out.size}.")
    if kind == "breadth":
        closes = np.column_stack([require_positive(v, "closes") for v in chosen])
        return breadth.share_above_average(closes, np.ones(closes.shape, dtype=np.bool_), length).share
    if kind == "change":
        out[length:] = chosen[0][length:] - chosen[0][:-length]
    elif kind == "return":
        out[length:] = inference.window_returns(require_positive(chosen[0], "levels"), length)
    elif kind == "spread":
        first, second = (require_positive(v, "levels") for v in chosen)
        out[length:] = 100.0 * (first[length:] / first[:-length] - second[length:] / second[:-length])
    else:
        raise BadInputError(f"There is no measure '{kind}'.")
    return out


@op("driver")
def _driver(params: Params, inputs: Inputs) -> float:
    dates, a, b, level = _driver_rows(params, columns(inputs))
    window, lookback = int(params["window"]), int(params["lookback"])
    spread = 100.0 * (np.diff(np.log(a)) - np.diff(np.log(b)))
    scale = 1.0 if params["candidate"] == "log" else float(params["scale"])
    if params["candidate"] == "log":
        moves = 100.0 * np.diff(np.log(require_positive(level, "candidate")))
    else:
        moves = np.diff(level) * scale
    if params["grid"] == "months":
        follows = np.diff(dates.astype("datetime64[M]").astype(np.int64)) == 1
        if not follows[-window:].all():
            raise MissingDataError("A month inside the window is missing.")
        spread, moves = spread[follows], moves[follows]
    if not 1 <= window < spread.size:
        raise MissingDataError(f"A window of {window} changes needs more than {spread.size} of them.")
    found = drivers.judge(spread, moves, window, lookback)

    def change() -> float:
        if params["candidate"] == "log":
            return float(100.0 * (level[-1] / level[-1 - window] - 1.0))
        return float((level[-1] - level[-1 - window]) * scale)

    return pick(
        params["want"],
        {
            "change": change,
            "percentile": lambda: found.percentile,
            "beta": lambda: _told(found.beta, found),
            "correlation": lambda: _told(found.correlation, found),
            "t": lambda: _told(found.t, found),
            "implied": lambda: _told(found.implied, found),
            "pairs": lambda: found.pairs,
            "actual": lambda: found.actual,
            "verdict": lambda: _VERDICTS[found.verdict],
        },
    )


def _driver_rows(
    params: Params, cols: Sequence[Column]
) -> tuple[DateArray, FloatArray, FloatArray, FloatArray]:
    """Return the dates of the grid, the levels of both legs, and the level of the candidate."""
    if params["grid"] == "months":
        dates, (a, b, *rest) = by_month(cols)
    else:
        dates, (a, b, *rest) = on_common_dates(cols)
    if len(rest) == 2 and params["candidate"] == "log":
        raise BadInputError("The difference of two series has no growth rate; use candidate difference.")
    level = rest[0] if len(rest) == 1 else rest[0] - rest[1]
    return dates, require_positive(a, "levels"), require_positive(b, "levels"), level


def _told(value: float, found: drivers.Driver) -> float:
    if not np.isfinite(value):
        raise MissingDataError(f"There is no relation to state: {found.reason}.")
    return value


@op("level_percentile")
def _level_percentile(params: Params, inputs: Inputs) -> float:
    (column,) = columns(inputs)
    percentile = valuation.level_percentile(column.values)
    dates, values = known(column)

    def last_as_large() -> float:
        earlier = np.flatnonzero(values[:-1] >= values[-1])
        if earlier.size == 0:
            raise MissingDataError("No earlier value is as large.")
        return as_day(dates[earlier[-1]])

    return pick(
        params["want"],
        {
            "percentile": lambda: percentile,
            "count": lambda: values.size,
            "median": lambda: float(np.median(values)),
            "last_as_large": last_as_large,
        },
    )


@op("ratio_gap")
def _ratio_gap(params: Params, inputs: Inputs) -> float:
    dates, (a, b) = on_common_dates(columns(inputs))
    found = valuation.valuation_gap((dates, a), (dates, b))
    gaps = np.log(a) - np.log(b)
    last = float(gaps[-1])

    def wider_since() -> float:
        wide = gaps[:-1] >= last - LOG_TIE if last >= 0 else gaps[:-1] <= last + LOG_TIE
        if not wide.any():
            raise MissingDataError("No earlier date has a gap as wide.")
        return as_day(dates[np.flatnonzero(wide)[-1]])

    return pick(
        params["want"],
        {
            "times": lambda: found.times,
            "log_gap": lambda: found.log_gap,
            "median_times": lambda: found.median_times,
            "percentile": lambda: inference.standing(gaps, last + LOG_TIE).percentile,
            "count": lambda: found.count,
            "wider_since": wider_since,
        },
    )


@op("drawdown")
def _drawdown(params: Params, inputs: Inputs) -> float:
    dates, found = on_common_dates(columns(inputs))
    levels = [require_positive(v, "levels") for v in found]
    path = levels[0] if len(levels) == 1 else levels[0] / levels[1]
    falls = path / np.maximum.accumulate(path) - 1.0
    trough = int(np.argmin(falls))
    return pick(
        params["want"],
        {
            "deepest": lambda: falls[trough],
            "current": lambda: falls[-1],
            "trough": lambda: as_day(dates[trough]),
            "peak": lambda: as_day(dates[int(np.argmax(path[: trough + 1]))]),
        },
    )


@op("extreme_row")
def _extreme_row(params: Params, inputs: Inputs) -> float:
    column, sessions = columns(inputs)
    dates, found = known(column)
    days = sessions.dates
    values = np.full(days.size, np.nan)
    at, inside = np.searchsorted(days, dates), np.isin(dates, days)
    values[at[inside]] = found[inside]
    if np.isnan(values).all():
        raise MissingDataError("Every value of the window is unknown.")
    sizes = {"max": values, "min": -values, "abs": np.abs(values)}[str(params["by"])]
    place = int(np.nanargmax(sizes)) + int(params["offset"])
    if not 0 <= place < values.size or np.isnan(values[place]):
        raise MissingDataError("The session asked for is outside of the window, or its value is unknown.")
    return pick(
        params["want"],
        {
            "value": lambda: float(values[place]) * float(params["scale"]),
            "date": lambda: as_day(days[place]),
        },
    )
