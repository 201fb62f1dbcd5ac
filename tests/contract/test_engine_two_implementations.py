"""The operations of the rotation engine, implemented twice; on any input the two sides agree.

As in test_two_implementations: where the writer gives a number, the verifier must find the fact right, and
where the writer refuses, it must refuse too. Parameters are now and then out of range.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from test_two_implementations import (
    CASES,
    FIRST,
    SERIES,
    Call,
    Draw,
    column,
    desk,
    failures,
    given_facts,
    levels,
    some_days,
    values_of_returns,
)

from rotascope.facts.build import Desk
from rotascope.facts.columns import Column
from rotascope.facts.ops import OPS
from rotascope.model.errors import RotascopeError
from rotascope.model.facts import Fact
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope_verify import supported_ops

ENGINE_CASES: dict[str, Callable[[Draw, Desk], Call]] = {}
Wants = dict[str, Unit]
PERCENTILE, RATIO, SHARE, COUNT = Unit.PERCENTILE, Unit.RATIO, Unit.SHARE, Unit.COUNT


def case(op: str) -> Callable[[Callable[[Draw, Desk], Call]], Callable[[Draw, Desk], Call]]:
    """Register how to draw the inputs of an operation."""

    def register(make: Callable[[Draw, Desk], Call]) -> Callable[[Draw, Desk], Call]:
        ENGINE_CASES[op] = make
        return make

    return register


def choose(draw: Draw, wants: Wants) -> tuple[str, Unit]:
    """Return a want and its unit."""
    return draw(st.sampled_from(sorted(wants.items())))


def names(inputs: Sequence[Column | Fact]) -> tuple[str, ...]:
    """Return the series of columns, in order."""
    return tuple(i.data.meta.series for i in inputs if isinstance(i, Column))


def rates(draw: Draw, count: int, most: int = 60, step: int = 4) -> list[Column]:
    """Return columns of rates, some rows unknown, with dates of their own."""
    shared = some_days(draw, 2, most, step)
    out = []
    for name in SERIES[:count]:
        own = [d for d in shared if draw(st.integers(0, 11))] or shared
        cells = [draw(values_of_returns) if draw(st.integers(0, 15)) else float("nan") for _ in own]
        out.append(column(name, own, cells))
    return out


def smooth(draw: Draw, count: int, rows: int, step: int = 1, unit: Unit = Unit.INDEX_LEVEL) -> list[Column]:
    """Return long columns of levels without ties, made from a drawn seed."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    out = []
    for name in SERIES[:count]:
        days = np.flatnonzero(rng.random(rows * step) < 0.95 / step if step > 1 else np.ones(rows)).tolist()
        cells = (100 * np.exp(np.cumsum(rng.standard_normal(len(days)) * 0.02))).tolist()
        out.append(column(name, days or [0], cells or [1.0], unit, Field.CLOSE))
    return out


def gridded(draw: Draw, rows: bool = True, least: int = 1) -> tuple[list[Column], dict[str, Any]]:
    """Return one or two inputs and the parameters of a grid over them."""
    count = draw(st.integers(1, 2))
    grid = draw(st.sampled_from(["sessions", "months", "rows"] if rows else ["sessions", "months"]))
    if grid == "sessions":
        some = levels(draw, count) if draw(st.booleans()) else smooth(draw, count, draw(st.integers(20, 90)))
        return some, {"grid": grid, "length": draw(st.integers(1, 6))}
    if grid == "months":
        some = (
            levels(draw, count, 25)
            if draw(st.booleans())
            else smooth(draw, count, draw(st.integers(20, 60)), 25)
        )
        return some, {"grid": grid}
    return rates(draw, count), {"grid": grid}


def legs(inputs: Sequence[Column]) -> Unit:
    return Unit.PERCENT if len(inputs) == 1 else Unit.PP


@case("relative_strength")
def _relative_strength(draw: Draw, found: Desk) -> Call:
    inputs = levels(draw, 2)
    return Call(inputs, {}, Unit.INDEX_LEVEL, names(inputs))


ROTATION: Wants = {
    **dict.fromkeys(["strength", "momentum", "distance", "velocity"], Unit.INDEX_LEVEL),
    **dict.fromkeys(["agreeing", "settings", "unknown", "quadrant"], COUNT),
    "heading": RATIO,
    "stability": SHARE,
}


@case("rotation")
def _rotation(draw: Draw, found: Desk) -> Call:
    want, unit = choose(draw, ROTATION)
    length = st.integers(2, 12)
    params: dict[str, Any] = {"want": want, "trend": draw(length), "momentum": draw(length)}
    params["back"] = draw(st.sampled_from([0, 0, 1, 5, 30]))
    if want in ("heading", "velocity"):
        params["step"] = draw(st.integers(1, 5))
    if want in ("stability", "agreeing", "settings", "unknown"):
        params["grid"] = draw(st.lists(st.tuples(length, length).map(list), max_size=6))
    inputs = levels(draw, 2) if draw(st.booleans()) else smooth(draw, 2, draw(st.integers(10, 90)))
    return Call(inputs, params, unit, names(inputs))


MEASURES: dict[str, Wants] = {
    "up": {"share": SHARE, **dict.fromkeys(["advancers", "decliners", "net", "line"], COUNT)},
    "above_average": {"share": SHARE},
    "beating": {"share": SHARE},
    "highs_lows": dict.fromkeys(["highs", "lows", "net"], COUNT),
}


@case("breadth")
def _breadth(draw: Draw, found: Desk) -> Call:
    measure = draw(st.sampled_from(sorted(MEASURES)))
    want, unit = choose(draw, {**MEASURES[measure], "counted": COUNT, "left_out": COUNT})
    inputs = levels(draw, draw(st.integers(2, 6)), most=12)
    days = sorted({str(d) for i in inputs for d in i.dates[~np.isnan(i.values)]})
    on = draw(st.sampled_from([days[-1], *days[len(days) // 2 :]])) if days else str(FIRST)
    params: dict[str, Any] = {"measure": measure, "on": on, "want": want}
    if measure != "up":
        params["length"] = draw(st.integers(1, 6))
    return Call(inputs, params, unit, ())


@case("rank_correlation")
def _rank_correlation(draw: Draw, found: Desk) -> Call:
    facts = given_facts(draw, found, 4, 9)
    return Call(facts, {}, RATIO, ())


@case("dispersion")
def _dispersion(draw: Draw, found: Desk) -> Call:
    want = draw(st.sampled_from(["standard_deviation", "range", "mean_gap"]))
    return Call(given_facts(draw, found, 2, 9), {"want": want}, Unit.PP, ())


@case("group_gap")
def _group_gap(draw: Draw, found: Desk) -> Call:
    facts = given_facts(draw, found, 2, 9)
    want, unit = choose(draw, {"first": Unit.PERCENT, "second": Unit.PERCENT, "gap": Unit.PP})
    return Call(facts, {"want": want, "split": draw(st.integers(0, len(facts)))}, unit, facts[0].series)


@case("effective_number")
def _effective_number(draw: Draw, found: Desk) -> Call:
    wants = {"effective": RATIO, "herfindahl": RATIO, "top_share": SHARE, "counted": COUNT, "left_out": COUNT}
    want, unit = choose(draw, wants)
    value = st.one_of(st.floats(0, 10), st.just(float("nan")), st.sampled_from([0.0, 1.0, -1.0]))
    cells = draw(st.lists(value, min_size=1, max_size=8))
    inputs = [column(f"HOLD.P.{SERIES[i]}", [i], [v]) for i, v in enumerate(cells)]
    params: dict[str, Any] = {"want": want}
    if want == "top_share":
        params["names"] = draw(st.integers(0, 9))
    return Call(inputs, params, unit, ("P",))


@case("contribution")
def _contribution(draw: Draw, found: Desk) -> Call:
    wants = {"points": Unit.PP, "residual": Unit.PP, "without": Unit.PERCENT, "weight": Unit.PERCENT}
    want, unit = choose(draw, wants)
    return Call(given_facts(draw, found, 3, 8), {"want": want}, unit, ())


@case("product")
def _product(draw: Draw, found: Desk) -> Call:
    scale = draw(st.sampled_from([1, 0.01, -2.5, 0]))
    return Call(given_facts(draw, found, 2, 2), {"scale": scale}, Unit.PERCENT, ())


@case("extreme_row")
def _extreme_row(draw: Draw, found: Desk) -> Call:
    want, unit = choose(draw, {"value": Unit.PERCENT, "date": Unit.DATE})
    params: dict[str, Any] = {"by": draw(st.sampled_from(["max", "min", "abs"])), "want": want}
    params["offset"] = draw(st.integers(-3, 3))
    if want == "value":
        params["scale"] = draw(st.sampled_from([1, 100, 0.5]))
    values = rates(draw, 1, 20)[0]
    sessions = some_days(draw, 1, 20)
    calendar = column("NYSE", sessions, [1.0] * len(sessions), Unit.COUNT, Field.SESSION)
    return Call([values, calendar], params, unit, ("A",))


@case("newey_west")
def _newey_west(draw: Draw, found: Desk) -> Call:
    inputs, grid = gridded(draw)
    mean = legs(inputs)
    want, unit = choose(draw, {"mean": mean, "standard_error": mean, "t": RATIO, "count": COUNT})
    return Call(inputs, {"want": want, "lags": draw(st.integers(0, 8)), **grid}, unit, names(inputs))


@case("adjusted_p")
def _adjusted_p(draw: Draw, found: Desk) -> Call:
    facts = given_facts(draw, found, 1, 8)
    index = draw(st.integers(0, len(facts) - 1))
    method = draw(st.sampled_from(["none", "holm", "benjamini_hochberg"]))
    return Call(facts, {"index": index, "method": method}, RATIO, facts[index].series)


@case("block_length")
def _block_length(draw: Draw, found: Desk) -> Call:
    inputs, grid = gridded(draw)
    params = {"of": draw(st.sampled_from(["values", "hits"])), **grid}
    return Call(
        inputs, {"want": draw(st.sampled_from(["stationary", "circular"])), **params}, RATIO, names(inputs)
    )


@case("bootstrap_window")
def _bootstrap_window(draw: Draw, found: Desk) -> Call:
    inputs, grid = gridded(draw)
    wants = {"low": PERCENTILE, "high": PERCENTILE, "percentile": PERCENTILE, "block_length": RATIO}
    want, unit = choose(draw, wants)
    params = {"seed": draw(st.integers(0, 2**40)), "replications": draw(st.sampled_from([99, 100, 137]))}
    params["block_length"] = draw(st.sampled_from(["auto", "auto", 1, 2.5, 20, 0.5]))
    params["level"] = draw(st.sampled_from([0.5, 0.9, 0.95]))
    return Call(inputs, {"want": want, **params, **grid}, unit, names(inputs))


def rule(draw: Draw) -> dict[str, Any]:
    """Return the rule of a state."""
    name = draw(st.sampled_from(["direction", "percentile", "hysteresis"]))
    if name == "direction":
        return {
            "rule": name,
            "length": draw(st.integers(1, 4)),
            "band": draw(st.sampled_from([0, 1, 5.5, -1])),
        }
    if name == "percentile":
        low, high = draw(st.sampled_from([(20, 80), (50, 75), (30.5, 31), (60, 60)]))
        return {"rule": name, "low": low, "high": high, "minimum": draw(st.integers(1, 8))}
    enter, leave = draw(st.sampled_from([(5, 0), (0, 0), (10, -10), (0, 1)]))
    return {"rule": name, "enter": enter, "leave": leave}


@case("state")
def _state(draw: Draw, found: Desk) -> Call:
    inputs = rates(draw, 1)
    want, unit = choose(draw, {"state": COUNT, "age": Unit.SESSIONS})
    return Call(inputs, {"want": want, **rule(draw)}, unit, names(inputs))


@case("regime_rank")
def _regime_rank(draw: Draw, found: Desk) -> Call:
    inputs, grid = gridded(draw, rows=False)
    signal = rates(draw, 1, step=25)[0]
    cells = np.array(signal.values, dtype=np.float64).tolist()
    days = (signal.dates.astype("datetime64[D]") - FIRST).astype(int).tolist()
    signal = column("S", days, cells)
    wants = {"rank": Unit.RANK, "percentile": PERCENTILE, "count": COUNT, "independent": COUNT}
    want, unit = choose(draw, wants)
    return Call([*inputs, signal], {"want": want, "regime": rule(draw), **grid}, unit, names(inputs))


@case("switching")
def _switching(draw: Draw, found: Desk) -> Call:
    inputs, grid = gridded(draw)
    k = draw(st.integers(2, 3))
    weights = draw(
        st.lists(
            st.lists(st.sampled_from([0, 1, 2, 7]), min_size=k, max_size=k).filter(any),
            min_size=k,
            max_size=k,
        )
    )
    want, unit = choose(draw, {"probability": SHARE, "log_likelihood": RATIO, "count": COUNT})
    params: dict[str, Any] = {
        "transition": [[w / sum(row) for w in row] for row in weights],
        "means": draw(st.lists(st.sampled_from([-3, 0, 0.5, 4]), min_size=k, max_size=k)),
        "variances": draw(st.lists(st.sampled_from([0.5, 1, 30, 200]), min_size=k, max_size=k)),
        "ar": draw(st.lists(st.sampled_from([0.3, -0.2, 0]), max_size=2)),
    }
    if want == "probability":
        params["state"] = draw(st.integers(0, k))
    return Call(inputs, {"want": want, **params, **grid}, unit, names(inputs))


@case("changepoints")
def _changepoints(draw: Draw, found: Desk) -> Call:
    inputs, grid = gridded(draw)
    mean = legs(inputs)
    wants = {"count": COUNT, "last_change": Unit.DATE, "last_mean": mean, "mean_before": mean}
    want, unit = choose(draw, wants)
    params = {"penalty": draw(st.sampled_from([1.7, 20.3, 300.1])), "least": draw(st.integers(1, 6))}
    return Call(inputs, {"want": want, **params, **grid}, unit, names(inputs))


NEAREST: Wants = {
    "date": Unit.DATE,
    **dict.fromkeys(["distance", "hit_rate", "base_hit_rate"], RATIO),
    **dict.fromkeys(["found", "looked_at", "left_out", "counted", "ahead"], COUNT),
    **dict.fromkeys(["base_count", "base_independent"], COUNT),
    **dict.fromkeys(["mean", "lowest", "highest", "base_mean"], Unit.PP),
}


def measure(draw: Draw, count: int) -> dict[str, Any]:
    """Return a measure of nearness over some inputs."""
    kind = draw(st.sampled_from(["spread", "return", "change", "level", "breadth"]))
    number = {"spread": 2, "breadth": draw(st.integers(1, count))}.get(kind, 1)
    places = draw(st.lists(st.integers(0, count - 1), min_size=number, max_size=number, unique=True))
    out: dict[str, Any] = {"kind": kind, "inputs": places}
    return out if kind == "level" else out | {"length": draw(st.integers(1, 5))}


@case("nearest")
def _nearest(draw: Draw, found: Desk) -> Call:
    count = draw(st.integers(2, 4))
    inputs = smooth(draw, count, draw(st.integers(3, 80)))
    want, unit = choose(draw, NEAREST)
    params: dict[str, Any] = {
        "want": want,
        "measures": [measure(draw, count) for _ in range(draw(st.integers(1, 3)))],
        "count": draw(st.integers(1, 6)),
        "apart": draw(st.integers(1, 12)),
    }
    if want in ("date", "distance"):
        params["index"] = draw(st.integers(0, 6))
    elif want not in ("found", "looked_at", "left_out"):
        params["horizon"] = draw(st.integers(1, 12))
    return Call(inputs, params, unit, names(inputs[:2]))


DRIVER: Wants = {
    "percentile": PERCENTILE,
    **dict.fromkeys(["beta", "correlation", "t"], RATIO),
    **dict.fromkeys(["pairs", "verdict"], COUNT),
    **dict.fromkeys(["implied", "actual"], Unit.PP),
}


@case("driver")
def _driver(draw: Draw, found: Desk) -> Call:
    log = draw(st.booleans())
    months = draw(st.booleans())
    inputs = smooth(
        draw, draw(st.integers(3, 3 if log else 4)), draw(st.integers(5, 130)), 25 if months else 1
    )
    change = Unit.PERCENT if log else Unit.INDEX_LEVEL
    want, unit = choose(draw, {**DRIVER, "change": change})
    params: dict[str, Any] = {
        "want": want,
        "grid": "months" if months else "sessions",
        "candidate": "log" if log else "difference",
        "window": draw(st.integers(1, 12)),
        "lookback": draw(st.sampled_from([1, 60, 70, 500])),
    }
    if not log:
        params["scale"] = draw(st.sampled_from([1, 100]))
    return Call(inputs, params, unit, names(inputs))


@case("co_movement")
def _co_movement(draw: Draw, found: Desk) -> Call:
    wants = {**dict.fromkeys(["correlation", "low", "high", "earlier", "shift"], RATIO), "pairs": COUNT}
    want, unit = choose(draw, {**wants, "earlier_pairs": COUNT})
    months = draw(st.integers(0, 3)) == 0
    sides = ["ratio", "gap", "log", "difference", "value" if months else "sum"]
    first, second = draw(st.sampled_from(sides)), draw(st.sampled_from([*sides, "value"]))
    count = sum(2 if s in ("ratio", "gap") else 1 for s in (first, second)) + (draw(st.integers(0, 19)) == 0)
    inputs = smooth(draw, count, draw(st.integers(5, 160)), 25 if months else 1)
    if draw(st.booleans()):
        inputs[0].data.values[draw(st.integers(0, len(inputs[0]) - 1))] = float("nan")
    params: dict[str, Any] = {
        "want": want,
        "first": first,
        "second": second,
        "last": draw(st.integers(1, 90)),
    }
    params["grid"] = "months" if months else "sessions"
    if not months:
        params["step"] = draw(st.sampled_from([1, 1, 2, 5]))
    if want in ("low", "high"):
        params["level"] = draw(st.sampled_from([0.95, 0.5, 0.999, 0.0, 1.0]))
    return Call(inputs, params, unit, names(inputs))


STANDING: Wants = {**dict.fromkeys(["percentile", "percentile_below"], PERCENTILE), "independent": COUNT}


@case("sum_windows")
def _sum_windows(draw: Draw, found: Desk) -> Call:
    sessions = some_days(draw)
    own = [d + draw(st.sampled_from([0, 0, 0, 1])) for d in sessions if draw(st.booleans())] or sessions[-1:]
    own = sorted(set(own))
    cells = [draw(st.one_of(values_of_returns, st.just(float("nan")))) for _ in own]
    calendar = column("NYSE", sessions, [1.0] * len(sessions), COUNT, Field.SESSION)
    want, unit = choose(draw, {**STANDING, "count": COUNT})
    params = {"want": want, "length": draw(st.integers(0, 6))}
    return Call([column("A", own, cells), calendar], params, unit, ("A",))


@case("return_windows")
def _return_windows(draw: Draw, found: Desk) -> Call:
    inputs = rates(draw, 1)
    if draw(st.booleans()):
        inputs = [Column(inputs[0].data, 0, 1)] if np.isnan(inputs[0].values).any() else inputs
    want, unit = choose(draw, {**STANDING, "count": COUNT})
    return Call(inputs, {"want": want, "length": draw(st.integers(0, 8))}, unit, names(inputs))


@case("dispersion_windows")
def _dispersion_windows(draw: Draw, found: Desk) -> Call:
    want, unit = choose(draw, {**STANDING, "count": COUNT, "median": Unit.PP})
    months = draw(st.booleans())
    params: dict[str, Any] = {"want": want, "grid": "months" if months else "sessions"}
    if not months:
        params["length"] = draw(st.integers(0, 6))
    inputs = levels(draw, draw(st.integers(2, 4)), 25 if months else 4)
    return Call(inputs, params, unit, ())


@case("trigger")
def _trigger(draw: Draw, found: Desk) -> Call:
    (fact,) = given_facts(draw, found, 1, 1)
    than = draw(st.one_of(values_of_returns, st.just(fact.value)))
    test = draw(st.sampled_from(["above", "below", "beside"]))
    return Call([fact], {"test": test, "than": than}, fact.unit, fact.series)


@case("level_percentile")
def _level_percentile(draw: Draw, found: Desk) -> Call:
    inputs = rates(draw, 1)
    wants = {"percentile": PERCENTILE, "count": COUNT, "median": Unit.PERCENT, "last_as_large": Unit.DATE}
    want, unit = choose(draw, wants)
    return Call(inputs, {"want": want}, unit, names(inputs))


@case("ratio_gap")
def _ratio_gap(draw: Draw, found: Desk) -> Call:
    wants = {"times": RATIO, "log_gap": RATIO, "median_times": RATIO, "percentile": PERCENTILE}
    want, unit = choose(draw, {**wants, "count": COUNT, "wider_since": Unit.DATE})
    inputs = levels(draw, 2)
    return Call(inputs, {"want": want}, unit, names(inputs))


@case("drawdown")
def _drawdown(draw: Draw, found: Desk) -> Call:
    want, unit = choose(draw, {"deepest": RATIO, "current": RATIO, "peak": Unit.DATE, "trough": Unit.DATE})
    inputs = levels(draw, draw(st.integers(1, 2)))
    return Call(inputs, {"want": want}, unit, names(inputs))


def test_breadth_on_the_first_session() -> None:
    """A change needs two sessions; on the first one both sides refuse."""
    found = desk()
    inputs = [column("A", [1], [5.0], Unit.INDEX_LEVEL, Field.CLOSE)]
    params = {"measure": "up", "on": str(FIRST + 1), "want": "advancers"}
    with pytest.raises(RotascopeError):
        _make(found, "breadth", Call(inputs, params, COUNT, ()))


def test_chains_with_several_distributions() -> None:
    """Where the chain does not say how it starts, both sides refuse."""
    found = desk()
    params = {
        "grid": "rows",
        "transition": [[1, 0], [0, 1]],
        "means": [0, 1],
        "variances": [1, 1],
        "ar": [],
        "want": "log_likelihood",
    }
    with pytest.raises(RotascopeError):
        _make(found, "switching", Call([column("A", [1, 2], [0.5, 2.0])], params, RATIO, ("A",)))


def test_states_that_are_left_for_good() -> None:
    """The second state has no chance at all, however well it would fit."""
    found = desk()
    params = {
        "grid": "rows",
        "transition": [[1, 0], [2 / 9, 7 / 9]],
        "means": [-3, -3],
        "variances": [0.5, 30],
        "ar": [],
        "want": "log_likelihood",
    }
    fact = _make(found, "switching", Call([column("A", [1, 2], [10.0, 10.0])], params, RATIO, ("A",)))
    assert failures(found, [fact]) == []


@case("spread_range")
def _spread_range(draw: Draw, found: Desk) -> Call:
    wants = {"value": Unit.PP, "median": Unit.PP, "percentile": PERCENTILE, "rank": Unit.RANK}
    want, unit = choose(draw, {**wants, "count": COUNT, "independent": COUNT, "last_as_large": Unit.DATE})
    months = draw(st.booleans())
    count = draw(st.sampled_from([4, 4, 6, 5]))
    some = levels(draw, count, 25 if months else 4)
    inputs = some if draw(st.booleans()) else smooth(draw, count, draw(st.integers(20, 90)))
    params: dict[str, Any] = {"want": want, "grid": "months" if months else "sessions"}
    if not months:
        params["length"] = draw(st.integers(1, 6))
    return Call(inputs, params, unit, names(inputs))


def by_months(draw: Draw, count: int) -> list[Column]:
    """Return columns with a few dates in each month; some share their ups and downs, and some stand still."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    days = np.cumsum(rng.integers(4, 12, draw(st.integers(40, 90)))).tolist()
    coarse = draw(st.booleans())
    out = []
    for name in SERIES[:count]:
        steps = (
            rng.choice([-0.5, 0.0, 0.0, 1.0], len(days)) if coarse else rng.standard_normal(len(days)) * 0.05
        )
        cells = (100 * np.exp(np.cumsum(steps))).tolist()
        own = [i for i in range(len(days)) if rng.random() < 0.97]
        out.append(
            column(name, [days[i] for i in own], [cells[i] for i in own], Unit.INDEX_LEVEL, Field.CLOSE)
        )
    return out


SIGNAL: Wants = {
    **dict.fromkeys(["mean_excess", "against_first", "against_second"], Unit.PP),
    **dict.fromkeys(["sharpe", "sharpe_year", "t", "skewness", "kurtosis"], RATIO),
    **dict.fromkeys(["beaten", "hit_rate", "exposure"], SHARE),
    **dict.fromkeys(["trades", "position", "count"], COUNT),
}


@case("signal")
def _signal(draw: Draw, found: Desk) -> Call:
    want, unit = choose(draw, SIGNAL)
    rule = draw(st.sampled_from(["momentum", "crossing", "thrust"]))
    count = draw(
        st.sampled_from(
            {"momentum": [2, 4, 2, 4, 3], "crossing": [2, 2, 2, 2, 3], "thrust": [3, 4, 6, 5, 2]}[rule]
        )
    )
    params: dict[str, Any] = {
        "want": want,
        "rule": rule,
        "cost": draw(st.sampled_from([0, 10, 250.5, 10, 0, 0, 33, 100, -1])),
    }
    if rule == "momentum":
        params |= {"long": draw(st.integers(1, 9)), "skip": draw(st.integers(0, 4))}
    elif rule == "crossing":
        params |= {"trend": draw(st.integers(2, 9)), "momentum": draw(st.integers(2, 6))}
    else:
        low, high = draw(st.sampled_from([(0, 1), (0.25, 0.5), (0.4, 0.6), (0.5, 0.5)]))
        params |= {
            "low": low,
            "high": high,
            "length": draw(st.integers(1, 5)),
            "within": draw(st.integers(1, 9)),
        }
    if want == "t":
        params["lags"] = draw(st.integers(0, 4))
    inputs = levels(draw, count, 12) if draw(st.integers(0, 9)) == 0 else by_months(draw, count)
    return Call(inputs, params, unit, names(inputs[:2]))


@case("deflated_sharpe")
def _deflated_sharpe(draw: Draw, found: Desk) -> Call:
    count = draw(st.integers(1, 6))
    small = st.one_of(st.floats(-1, 1), st.sampled_from([0.0, 0.1, 0.1]))
    ratios = draw(st.lists(small, min_size=count, max_size=count))
    rest = [draw(st.sampled_from([1, 2, 60, 1200])), draw(st.floats(-3, 3)), draw(st.floats(1, 20))]
    cells = [column(SERIES[i % 8], [i], [v], RATIO) for i, v in enumerate([*ratios, *rest])]
    facts = [
        found.make(f"m{i}", (c.data.meta.series,), "observed", [c], unit=RATIO, decimals=2)
        for i, c in enumerate(cells)
    ]
    index = draw(st.integers(0, count - 1))
    want = draw(st.sampled_from(["p", "hurdle"]))
    return Call(facts, {"want": want, "index": index}, RATIO, facts[index].series)


@case("member_breadth")
def _member_breadth(draw: Draw, found: Desk) -> Call:
    wants = {"share": SHARE, "coverage": SHARE}
    counts = dict.fromkeys(["hits", "counted", "members", "left_out"], COUNT)
    want, unit = choose(draw, {**wants, **counts})
    closes = levels(draw, draw(st.integers(1, 5)), most=12)
    days = sorted({str(d) for i in closes for d in i.dates[~np.isnan(i.values)]})
    assume(days)
    state = st.sampled_from(
        [0.0, 1.0, 1.0, 1.0, float("nan"), *([2.0] if draw(st.integers(0, 9)) == 0 else [])]
    )
    inside = []
    for name in SERIES[: draw(st.integers(1, 6))]:
        on = some_days(draw, 1, 4)
        cells = draw(st.lists(state, min_size=len(on), max_size=len(on)))
        inside.append(
            column(f"MEMBER.{draw(st.sampled_from(['L', 'L', 'L', 'L', 'K']))}.{name}", on, cells, COUNT)
        )
    params = {
        "want": want,
        "list": "L",
        "closes": len(closes),
        "on": draw(st.sampled_from([days[-1], *days[len(days) // 2 :]])),
        "measure": draw(st.sampled_from(["up", "above_average"])),
        "length": draw(st.integers(1, 5)),
    }
    return Call([*closes, *inside], params, unit, ())


@case("sum_rows")
def _sum_rows(draw: Draw, found: Desk) -> Call:
    cells = draw(st.lists(st.one_of(st.floats(0, 10), st.just(float("nan"))), min_size=1, max_size=8))
    inputs = [column(f"HOLD.P.{SERIES[i]}", [i], [v]) for i, v in enumerate(cells)]
    return Call(inputs, {}, Unit.PERCENT, ("P",))


def test_every_engine_operation_has_a_case() -> None:
    assert supported_ops() == set(CASES) | set(ENGINE_CASES)


def _make(found: Desk, op: str, call: Call) -> Fact:
    whole = (Unit.DATE, Unit.COUNT, Unit.RANK, Unit.SESSIONS)
    decimals = 0 if call.unit in whole else 2
    return found.make(
        "metric", call.series or (), op, call.inputs, unit=call.unit, decimals=decimals, params=call.params
    )


@pytest.mark.parametrize("op", sorted(ENGINE_CASES))
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_both_sides_agree_on_the_engine(op: str, data: st.DataObject) -> None:
    found = desk()
    call = ENGINE_CASES[op](data.draw, found)
    assume(all(len(i) for i in call.inputs if isinstance(i, Column)))
    try:
        fact = _make(found, op, call)
    except RotascopeError:
        stand_in = 20000103.0 if call.unit is Unit.DATE else 1.0
        with mock.patch.dict(OPS, {op: lambda params, inputs: stand_in}):
            fact = _make(found, op, call)
        assert any(line.startswith("FAIL op-failed metric.") for line in failures(found, [fact]))
        return
    assert failures(found, [fact]) == []
