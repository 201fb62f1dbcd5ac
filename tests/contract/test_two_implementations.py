"""The writer and the verifier implement docs/bundle-format.md twice; on any input they agree.

Each operation runs on random small inputs, full of ties, gaps and unknown values. Where the writer gives a
number, the verifier must find the fact right in every respect; where the writer refuses, it must refuse too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rotascope.facts.build import Desk
from rotascope.facts.columns import Column
from rotascope.facts.ops import OPS
from rotascope.model.errors import MissingDataError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.model.units import Unit
from rotascope.model.universe import load_universe
from rotascope.report.observed import observation_runs, observations_csv
from rotascope.report.render import facts_json
from rotascope.report.render.jsonout import sources_json
from rotascope.store.series import SeriesData
from rotascope_verify import supported_ops
from rotascope_verify.evaluate import Facts
from rotascope_verify.facts import parse_facts
from rotascope_verify.failures import Log
from rotascope_verify.observations import read_observations
from rotascope_verify.sources import parse_sources

AS_OF = date(2012, 1, 1)
FIRST = np.datetime64("2000-01-03")
SOURCE = Source("file:1", "A publisher", "a file")
SERIES = ("A", "B", "C", "D", "E", "F", "G", "H")

Draw = Callable[[st.SearchStrategy[Any]], Any]


@dataclass
class Call:
    """One recipe with its inputs, and the unit and series that suit it."""

    inputs: Sequence[Column | Fact]
    params: dict[str, Any] = field(default_factory=dict)
    unit: Unit = Unit.PERCENT
    series: tuple[str, ...] | None = None


def desk() -> Desk:
    """Return a desk that reads nothing: its columns are made by hand."""
    return Desk(mock.Mock(), load_universe("us"), AS_OF, verifiable=supported_ops())


def column(
    name: str,
    days: Sequence[int],
    values: Sequence[float],
    unit: Unit = Unit.PERCENT,
    kind: Field = Field.VALUE,
    cut: tuple[int, int] | None = None,
) -> Column:
    """Return a column; `days` count from FIRST, `cut` leaves rows of the series out of the column."""
    dates = FIRST + np.array(days, dtype="timedelta64[D]")
    meta = SeriesMeta(name, kind, unit, Frequency.DAILY, SOURCE.id)
    data = SeriesData(meta, dates, np.array(values, dtype=np.float64), "snapshot", SOURCE)
    lo, hi = cut or (0, len(days))
    return Column(data, lo, hi)


def failures(found: Desk, facts: Sequence[Fact]) -> list[str]:
    """Return what the verifier says about facts and the rows that they used."""
    log = Log()
    closure = found.closure(facts)
    observations = read_observations(observations_csv(observation_runs(found, closure)), log)
    sources = parse_sources(sources_json(found.sources), log)
    Facts(parse_facts(json.loads(facts_json(closure)), log), observations, sources, log)
    observations.check_used(log)
    return [f.line() for f in log.failures]


# Random inputs

values_of_returns = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 10.0, -10.0, 25.0]),
    st.integers(-3000, 3000).map(lambda n: n / 100),
    st.floats(-90, 200, allow_nan=False),
)
values_of_levels = st.one_of(
    st.sampled_from([1.0, 2.0, 4.0, 5.0, 10.0]),
    st.integers(50, 150).map(float),
    st.floats(0.01, 1e6, allow_nan=False),
)


def with_gaps(draw: Draw, values: list[float]) -> list[float]:
    """Now and then make one value unknown."""
    if values and draw(st.integers(0, 9)) == 0:
        values[draw(st.integers(0, len(values) - 1))] = float("nan")
    return values


def some_days(draw: Draw, least: int = 1, most: int = 40, step: int = 4) -> list[int]:
    """Return ascending days with gaps."""
    gaps = draw(st.lists(st.integers(1, step), min_size=least, max_size=most))
    return np.cumsum(gaps).tolist()


def many(draw: Draw, of: st.SearchStrategy[float], n: int) -> list[float]:
    """Return n values, with a gap now and then."""
    return with_gaps(draw, draw(st.lists(of, min_size=n, max_size=n)))


def aligned(draw: Draw, count: int, least: int = 1, most: int = 40) -> list[Column]:
    """Return columns of returns; their dates are equal, or now and then they are not."""
    days = some_days(draw, least, most)
    out = []
    for name in SERIES[:count]:
        own = days[:-1] if len(days) > 1 and draw(st.integers(0, 19)) == 0 else days
        out.append(column(name, own, many(draw, values_of_returns, len(own))))
    return out


def levels(draw: Draw, count: int, step: int = 4, most: int = 60) -> list[Column]:
    """Return columns of levels with dates of their own."""
    shared = some_days(draw, 2, most, step)
    out = []
    for name in SERIES[:count]:
        own = [d for d in shared if draw(st.integers(0, 11))] or shared
        cells = many(draw, values_of_levels, len(own))
        out.append(column(name, own, cells, Unit.INDEX_LEVEL, Field.CLOSE))
    return out


def one_row(draw: Draw, name: str, of: st.SearchStrategy[float], unit: Unit = Unit.PERCENT) -> Column:
    """Return a column of one row out of a longer series."""
    days = some_days(draw)
    at = draw(st.integers(0, len(days) - 1))
    return column(name, days, many(draw, of, len(days)), unit, cut=(at, at + 1))


def given_facts(draw: Draw, found: Desk, least: int, most: int) -> list[Fact]:
    """Return facts, each an observed value, some of them equal."""
    count = draw(st.integers(least, most))
    values = draw(st.lists(values_of_returns, min_size=count, max_size=count))
    cells = [column(SERIES[i % 8], [i], [v]) for i, v in enumerate(values)]
    return [
        found.make(f"m{i}", (c.data.meta.series,), "observed", [c], unit=Unit.PERCENT, decimals=2)
        for i, c in enumerate(cells)
    ]


# One case for each operation

CASES: dict[str, Callable[[Draw, Desk], Call]] = {}


def case(op: str) -> Callable[[Callable[[Draw, Desk], Call]], Callable[[Draw, Desk], Call]]:
    """Register how to draw the inputs of an operation."""

    def register(make: Callable[[Draw, Desk], Call]) -> Callable[[Draw, Desk], Call]:
        CASES[op] = make
        return make

    return register


@case("observed")
def _observed(draw: Draw, found: Desk) -> Call:
    scale = draw(st.sampled_from([None, 1, 100, 1e-6]))
    params = {} if scale is None else {"scale": scale}
    return Call([one_row(draw, "A", values_of_returns)], params)


@case("pct_change")
def _pct_change(draw: Draw, found: Desk) -> Call:
    # only positive levels have a return; zero and below must be refused by both
    of = st.one_of(values_of_levels, st.sampled_from([0.0, -1.0]))
    days = some_days(draw, 2)
    cells = many(draw, of, len(days))
    a, b = sorted(draw(st.lists(st.integers(0, len(days) - 1), min_size=2, max_size=2, unique=True)))
    base = column("A", days, cells, cut=(a, a + 1))
    return Call([base, Column(base.data, b, b + 1)])


@case("change")
def _change(draw: Draw, found: Desk) -> Call:
    days = some_days(draw, 2)
    base = column("A", days, many(draw, values_of_returns, len(days)), cut=(0, 1))
    params, unit = draw(st.sampled_from([({}, Unit.PP), ({"scale": 100}, Unit.BP)]))
    return Call([base, Column(base.data, len(days) - 1, len(days))], dict(params), unit)


@case("difference")
def _difference(draw: Draw, found: Desk) -> Call:
    a, b = given_facts(draw, found, 2, 2)
    return Call([a, b], {}, Unit.PP, (a.series[0], b.series[0]))


@case("ratio")
def _ratio(draw: Draw, found: Desk) -> Call:
    a, b = given_facts(draw, found, 2, 2)
    return Call([a, b], {}, Unit.RATIO, (a.series[0], b.series[0]))


@case("relative_fall")
def _relative_fall(draw: Draw, found: Desk) -> Call:
    (a,) = given_facts(draw, found, 1, 1)
    return Call([a], {}, Unit.SHARE, (a.series[0],))


@case("sum_values")
def _sum_values(draw: Draw, found: Desk) -> Call:
    days = some_days(draw)
    cells = [draw(st.one_of(values_of_returns, st.just(float("nan")))) for _ in days]
    return Call([column("A", days, cells)], draw(st.sampled_from([{}, {"scale": 1e-6}])))


@case("count_missing")
def _count_missing(draw: Draw, found: Desk) -> Call:
    sessions = some_days(draw)
    own = [d for d in sessions if draw(st.booleans())] or sessions[:1]
    cells = [draw(st.one_of(values_of_returns, st.just(float("nan")))) for _ in own]
    want = draw(st.sampled_from(["count", "date"]))
    params: dict[str, Any] = {"want": want} | ({"index": draw(st.integers(0, 5))} if want == "date" else {})
    calendar = column("NYSE", sessions, [1.0] * len(sessions), Unit.COUNT, Field.SESSION)
    unit = Unit.DATE if want == "date" else Unit.COUNT
    return Call([column("A", own, cells), calendar], params, unit, ("A",))


@case("count_rows")
def _count_rows(draw: Draw, found: Desk) -> Call:
    days = some_days(draw)
    cells = [draw(st.one_of(values_of_returns, st.just(float("nan")))) for _ in days]
    return Call([column("A", days, cells)], {}, Unit.COUNT)


@case("compound")
def _compound(draw: Draw, found: Desk) -> Call:
    return Call(aligned(draw, draw(st.integers(1, 4))))


@case("compound_legs")
def _compound_legs(draw: Draw, found: Desk) -> Call:
    count = draw(st.integers(2, 5))
    return Call(aligned(draw, count), {"split": draw(st.integers(1, count - 1))}, Unit.PP)


@case("return_drawdown")
def _return_drawdown(draw: Draw, found: Desk) -> Call:
    return Call(aligned(draw, 1), {}, Unit.RATIO)


@case("rolling_share")
def _rolling_share(draw: Draw, found: Desk) -> Call:
    want = draw(st.sampled_from(["share", "count"]))
    params: dict[str, Any] = {"want": want, "months": draw(st.integers(1, 6))}
    if draw(st.booleans()):
        params["end_after"] = str(FIRST + np.timedelta64(draw(st.integers(0, 90)), "D"))
    count = draw(st.integers(1, 5))
    split = {"rule": "legs", "split": draw(st.integers(1, max(count - 1, 1)))}
    params |= {"rule": "log_sum"} if count == 1 else split
    return Call(aligned(draw, count), params, Unit.SHARE if want == "share" else Unit.COUNT)


@case("eras")
def _eras(draw: Draw, found: Desk) -> Call:
    rule = draw(st.sampled_from(["log_sum", "legs", "weighted_legs"]))
    count = 1 if rule == "log_sum" else draw(st.integers(2, 4))
    inputs = aligned(draw, count, 2, 60)
    want, unit = draw(
        st.sampled_from(
            [
                ("count", Unit.COUNT),
                ("years", Unit.YEARS),
                ("direction", Unit.COUNT),
                ("start", Unit.DATE),
                ("end", Unit.DATE),
            ]
        )
    )
    params: dict[str, Any] = {"rule": rule, "want": want, "threshold": draw(st.sampled_from([0.05, 0.3, 1]))}
    if rule != "log_sum":
        params["split"] = draw(st.integers(1, count - 1))
    if rule == "weighted_legs":
        days = (inputs[0].dates - FIRST).astype(int).tolist()
        weights = [
            draw(st.lists(st.integers(0, 9).map(float), min_size=len(days), max_size=len(days)))
            for _ in inputs
        ]
        inputs += [column(f"W{i}", days, w, Unit.COUNT) for i, w in enumerate(weights)]
    if want != "count":
        params["index"] = draw(st.integers(-1, 3))
    if draw(st.integers(0, 2)) == 0:
        params["from"] = str(FIRST + np.timedelta64(draw(st.integers(0, 90)), "D"))
    return Call(inputs, params, unit)


@case("window_rank")
def _window_rank(draw: Draw, found: Desk) -> Call:
    want, unit = draw(
        st.sampled_from(
            [
                ("rank", Unit.RANK),
                ("percentile", Unit.PERCENTILE),
                ("percentile_below", Unit.PERCENTILE),
                ("count", Unit.COUNT),
                ("independent", Unit.COUNT),
                ("last_as_large", Unit.DATE),
            ]
        )
    )
    months = draw(st.booleans())
    params: dict[str, Any] = {"want": want, "grid": "months" if months else "sessions"}
    if not months:
        params["length"] = draw(st.integers(1, 8))
    return Call(levels(draw, draw(st.integers(1, 2)), 25 if months else 4), params, unit)


@case("streak")
def _streak(draw: Draw, found: Desk) -> Call:
    wants = ["from_start", "first_failure", "longest", "wins", "sessions", "wins_last", "wins_first"]
    want = draw(st.sampled_from(wants))
    kind = draw(st.sampled_from(["levels", "returns"]))
    params: dict[str, Any] = {"want": want, "kind": kind}
    if want.startswith("wins_"):
        params["k"] = draw(st.integers(0, 12))
    inputs = levels(draw, 2) if kind == "levels" else aligned(draw, 2)
    unit = Unit.DATE if want == "first_failure" else Unit.SESSIONS
    return Call(inputs, params, unit)


@case("extreme_day")
def _extreme_day(draw: Draw, found: Desk) -> Call:
    want = draw(st.sampled_from(["max_value", "max_date", "min_value", "min_date", "without_max"]))
    return Call(levels(draw, 2), {"want": want}, Unit.DATE if want.endswith("date") else Unit.PP)


@case("sequels")
def _sequels(draw: Draw, found: Desk) -> Call:
    want = draw(st.sampled_from(["counted", "ahead", "share", "independent"]))
    params: dict[str, Any] = {
        "want": want,
        "length": draw(st.integers(1, 4)),
        "horizon": draw(st.integers(1, 4)),
    }
    if draw(st.booleans()):
        params["at_least"] = draw(st.sampled_from([0, 1, 10.0, -1.0, -10, 25]))
    unit = Unit.SHARE if want == "share" else Unit.COUNT
    if draw(st.booleans()):
        return Call(levels(draw, 2, 25), {**params, "grid": "months"}, unit)
    return Call(aligned(draw, 1, most=15), {**params, "grid": "rows"}, unit)


@case("precedents")
def _precedents(draw: Draw, found: Desk) -> Call:
    want, unit = draw(
        st.sampled_from(
            [("count", Unit.COUNT), ("counted", Unit.COUNT), ("ahead", Unit.COUNT), ("mean", Unit.PP)]
        )
    )
    threshold = draw(st.sampled_from([-10.0, -1.0, 0.0, 1.0, 5.0, 100.0]))
    params = {"want": want, "at_least": threshold, "horizon": draw(st.integers(0, 4))}
    return Call(levels(draw, 2, 25), params, unit)


@case("parameter")
def _parameter(draw: Draw, found: Desk) -> Call:
    months = draw(st.integers(1, 3))
    path, unit = draw(st.sampled_from([("months", Unit.MONTHS), ("end_after", Unit.DATE)]))
    params = {"rule": "log_sum", "want": "count", "months": months, "end_after": "2000-01-04"}
    days = [2, 3, 4, 5, 6]
    base = found.make(
        "m",
        ("A",),
        "rolling_share",
        [column("A", days, [1.0] * 5)],
        unit=Unit.COUNT,
        decimals=0,
        params=params,
    )
    return Call([base], {"path": path}, unit, ("A",))


@case("window_date")
def _window_date(draw: Draw, found: Desk) -> Call:
    row = date(2000, 1, 4)
    first, last = (date(1999, 12, 31), draw(st.dates(row, date(2000, 1, 7))))
    window = Window(first, last, "prior_close", None, row if draw(st.booleans()) else None)
    base = found.make(
        "m", ("A",), "observed", [column("A", [1], [2.0])], unit=Unit.PERCENT, decimals=0, window=window
    )
    path = draw(st.sampled_from(["start", "end", "start_used", "end_used"]))
    return Call([base], {"path": path}, Unit.DATE, ("A",))


@case("count_where")
def _count_where(draw: Draw, found: Desk) -> Call:
    test = draw(st.sampled_from(["positive", "negative", "above", "below"]))
    params: dict[str, Any] = {"test": test}
    if test in ("above", "below"):
        params["than"] = draw(st.sampled_from([-1.0, 0.0, 1.0, 10.0]))
    return Call(given_facts(draw, found, 1, 8), params, Unit.COUNT, ())


@case("rank_of")
def _rank_of(draw: Draw, found: Desk) -> Call:
    facts = given_facts(draw, found, 1, 8)
    index = draw(st.integers(0, len(facts) - 1))
    return Call(facts, {"index": index}, Unit.RANK, facts[index].series)


@case("extreme")
def _extreme(draw: Draw, found: Desk) -> Call:
    want = draw(st.sampled_from(["max", "min", "range", "median"]))
    facts = given_facts(draw, found, 1, 8)
    return Call(facts, {"want": want}, Unit.PP if want == "range" else Unit.PERCENT, ())


@case("count_facts")
def _count_facts(draw: Draw, found: Desk) -> Call:
    return Call(given_facts(draw, found, 1, 8), {}, Unit.COUNT, ())


# The contract


def test_both_sides_know_the_same_operations() -> None:
    """An operation that only the writer knows cannot reach a report: the desk refuses it."""
    assert supported_ops() <= set(OPS)
    assert set(CASES) <= supported_ops()  # test_engine_two_implementations.py holds the other cases


def _make(found: Desk, op: str, call: Call) -> Fact:
    series = call.series
    if series is None:
        names = [i.data.meta.series for i in call.inputs if isinstance(i, Column)]
        series = tuple(dict.fromkeys(n for n in names if n[0] != "W"))  # W0, W1, ... are weights
    decimals = 0 if call.unit in (Unit.DATE, Unit.COUNT, Unit.RANK, Unit.SESSIONS, Unit.MONTHS) else 2
    return found.make(
        "metric", series, op, call.inputs, unit=call.unit, decimals=decimals, params=call.params
    )


@pytest.mark.parametrize("op", sorted(CASES))
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_both_sides_agree(op: str, data: st.DataObject) -> None:
    found = desk()
    call = CASES[op](data.draw, found)
    assume(all(len(i) for i in call.inputs if isinstance(i, Column)))
    try:
        fact = _make(found, op, call)
    except MissingDataError:
        stand_in = 20000103.0 if call.unit is Unit.DATE else 1.0
        with mock.patch.dict(OPS, {op: lambda params, inputs: stand_in}):
            fact = _make(found, op, call)
        assert any(line.startswith("FAIL op-failed metric.") for line in failures(found, [fact]))
        return
    assert failures(found, [fact]) == []
