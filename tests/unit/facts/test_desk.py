"""The desk: what it reads, what it refuses, and what a fact says about itself. A market made by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pytest

from rotascope.facts.build import Desk, fact_identity
from rotascope.facts.catalogue import find_metric
from rotascope.facts.freshness import freshness
from rotascope.facts.ops import OPS
from rotascope.ingest import calendar
from rotascope.model.errors import (
    BadInputError,
    BadWindowError,
    MissingDataError,
    NotAvailableError,
    RotascopeError,
    UnknownNameError,
    UnverifiableError,
)
from rotascope.model.facts import Base, Fact, Window
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source, Standing
from rotascope.model.units import Unit
from rotascope.model.universe import load_universe
from rotascope.store.series import SeriesData
from rotascope_verify import supported_ops

AS_OF = date(2026, 2, 10)
FILE = Source("file:1", "A publisher")
NAN = float("nan")
Cells = Mapping[str, float]


def series(
    name: str,
    cells: Cells,
    field: Field = Field.CLOSE,
    unit: Unit = Unit.INDEX_LEVEL,
    frequency: Frequency = Frequency.DAILY,
    source: Source = FILE,
) -> SeriesData:
    """Return a series from dates and values."""
    meta = SeriesMeta(name, field, unit, frequency, source.id)
    dates = np.array(list(cells), dtype="datetime64[D]")
    return SeriesData(meta, dates, np.array(list(cells.values()), dtype=float), "snapshot", source)


class Market:
    """A market database of a few series in memory."""

    def __init__(self, *content: SeriesData) -> None:
        self.content = {(s.meta.series, s.meta.field): s for s in content}
        self.reads = 0

    def read(
        self,
        series: str,
        field: Field,
        *,
        as_of: date,
        covers: tuple[date, date] | None = None,
        source: str | None = None,
    ) -> SeriesData:
        self.reads += 1
        found = self.content.get((series, field))
        if found is None:
            raise NotAvailableError(f"There is no {field} of {series}.")
        known = found.dates <= np.datetime64(as_of)
        return dataclasses.replace(found, dates=found.dates[known], values=found.values[known])

    def source(self, source_id: str, snapshot: str) -> Source:
        return FILE

    def find_source(self, source_id: str) -> Source:
        raise NotAvailableError(source_id)


def desk(*content: SeriesData, as_of: date = AS_OF) -> Desk:
    return Desk(Market(*content), load_universe("us"), as_of, verifiable=supported_ops())


def make(
    found: Desk, metric: str, *names: str, start: str, end: str, base: Base = "prior_close", **params: object
) -> Fact:
    window = Window(date.fromisoformat(start), date.fromisoformat(end), base)
    return find_metric(metric).fact(found, names, window, **params)


def january(**levels: float) -> dict[str, float]:
    """Return a level for each session from 31 December 2025 to 30 January 2026, rising by one a day."""
    days = calendar.sessions(date(2025, 12, 31), date(2026, 1, 30))
    return {str(d): 100.0 + i for i, d in enumerate(days)} | {
        k.replace("_", "-"): v for k, v in levels.items()
    }


JANUARY = {"start": "2025-12-31", "end": "2026-01-30"}


def test_a_window_runs_from_close_to_close() -> None:
    """21 closes from 31 December to 30 January: 100 to 120."""
    fact = make(desk(series("A", january())), "price_return", "A", **JANUARY)
    assert fact.value == 20.0
    assert fact.display == "20.000%"
    assert fact.window == Window(
        date(2025, 12, 31), date(2026, 1, 30), "prior_close", date(2025, 12, 31), date(2026, 1, 30)
    )
    assert [i.rows for i in fact.inputs] == [1, 1]
    assert fact.sources == ("file:1",)
    assert fact.notes == ()


def test_where_a_day_is_no_session_the_close_before_counts_and_the_fact_says_so() -> None:
    """1 January is a holiday and 31 January a Saturday."""
    fact = make(desk(series("A", january())), "price_return", "A", start="2026-01-01", end="2026-01-31")
    assert fact.value == 20.0
    assert fact.window is not None
    assert (fact.window.start_used, fact.window.end_used) == (date(2025, 12, 31), date(2026, 1, 30))
    assert fact.notes == (
        "Base 1 January 2026: the last close of A on or before it is of 31 December 2025.",
        "End 31 January 2026: the last close of A on or before it is of 30 January 2026.",
    )


@pytest.mark.parametrize(("missing", "good"), [(3, True), (4, False)])
def test_a_stale_close_does_not_stand_in(missing: int, good: bool) -> None:
    """Three sessions late is a note, four are too old."""
    cells = dict(list(january().items())[:-missing])
    found = desk(series("A", cells))
    if good:
        assert len(make(found, "price_return", "A", **JANUARY).notes) == 1
        return
    with pytest.raises(NotAvailableError, match="4 sessions before it: too old"):
        make(found, "price_return", "A", **JANUARY)


def test_an_unknown_close_is_passed_over_and_not_zero() -> None:
    found = desk(series("A", january(**{"2026_01_30": NAN})))
    fact = make(found, "price_return", "A", **JANUARY)
    assert fact.value == 19.0
    assert len(fact.notes) == 1


def test_a_level_of_zero_has_no_return() -> None:
    with pytest.raises(MissingDataError, match="positive"):
        make(desk(series("A", january(**{"2025_12_31": 0.0}))), "price_return", "A", **JANUARY)


def test_the_open_is_a_base_only_by_name_and_only_on_a_session() -> None:
    opens = series("A", {"2026-01-02": 110.0}, Field.OPEN)
    found = desk(series("A", january()), opens)
    fact = make(found, "price_return", "A", start="2026-01-02", end="2026-01-30", base="open")
    assert fact.value == pytest.approx(100 * (120 / 110 - 1))
    assert fact.window is not None
    assert fact.window.base == "open"
    with pytest.raises(BadWindowError, match="no open on 2026-01-03"):
        make(found, "price_return", "A", start="2026-01-03", end="2026-01-30", base="open")


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2026-01-30", "2025-12-31", "comes before the end"),
        ("2026-01-30", "2026-01-30", "comes before the end"),
        ("2026-01-30", "2026-02-11", "after the as-of date 2026-02-10"),
        ("1900-01-02", "1900-02-02", "1926-01-01"),
        ("2026-01-31", "2026-02-01", "at least one session"),
    ],
)
def test_impossible_windows(start: str, end: str, said: str) -> None:
    with pytest.raises(BadWindowError, match=said):
        make(desk(series("A", january())), "price_return", "A", start=start, end=end)


def test_nothing_later_than_the_as_of_date_is_read() -> None:
    found = desk(series("A", january()), as_of=date(2026, 1, 15))
    fact = make(found, "price_return", "A", start="2025-12-31", end="2026-01-15")
    assert all(i.last <= date(2026, 1, 15) for i in fact.inputs)  # type: ignore[union-attr]
    assert fact.value == 10.0  # ten sessions into the year


def test_legs_with_closes_of_different_days_are_not_subtracted() -> None:
    short = dict(list(january().items())[:-1])
    with pytest.raises(MissingDataError, match="Windows are not mixed"):
        make(desk(series("A", january()), series("B", short)), "return_spread", "A", "B", **JANUARY)


def test_a_gap_inside_a_series_is_refused_where_each_session_counts() -> None:
    gap = {d: v for d, v in january().items() if d != "2026-01-14"}
    found = desk(series("A", january()), series("B", gap))
    assert make(found, "return_spread", "A", "B", **JANUARY).value == 0.0
    with pytest.raises(MissingDataError, match=r"20 closes .* 21 sessions"):
        make(found, "outperformance_streak", "A", "B", **JANUARY)


def test_a_spread_of_percents_is_in_points_and_rests_on_its_legs() -> None:
    found = desk(series("A", january()), series("B", january(**{"2026_01_30": 110.0})))
    fact = make(found, "return_spread", "A", "B", **JANUARY)
    assert (fact.value, fact.unit, fact.display) == (10.0, Unit.PP, "10.000 pp")
    legs = found.closure([fact])
    assert {f.metric for f in legs} == {"return_spread", "price_return"}
    assert {i.id for i in fact.inputs} < {f.id for f in legs}  # type: ignore[union-attr]


def test_the_same_question_is_the_same_fact() -> None:
    found = desk(series("A", january()))
    assert make(found, "price_return", "A", **JANUARY) is make(found, "price_return", "A", **JANUARY)


def test_an_id_binds_all_but_value_and_display() -> None:
    fact = make(desk(series("A", january())), "price_return", "A", **JANUARY)
    assert fact.id == fact_identity(fact)
    changed = {
        "metric": "x", "series": ("B",), "unit": Unit.PP, "decimals": 4, "window": None,
        "as_of": date(2026, 2, 9), "inputs": (), "sources": (), "notes": ("x",),
    }  # fmt: skip
    for name, value in changed.items():
        assert fact_identity(dataclasses.replace(fact, **{name: value})) != fact.id
    for name, value in {"value": 1.0, "display": "x", "id": "y"}.items():
        assert fact_identity(dataclasses.replace(fact, **{name: value})) == fact.id


def test_what_the_verifier_does_not_know_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPS, "magic", lambda params, inputs: 42.0)
    with pytest.raises(UnverifiableError, match="magic"):
        desk().make("m", ("A",), "magic", [], unit=Unit.COUNT, decimals=0)


def test_a_value_without_an_end_is_refused() -> None:
    found = desk(series("A", january(**{"2025_12_31": 1e-320})))
    with pytest.raises(MissingDataError, match="no finite value"):
        make(found, "price_return", "A", **JANUARY)


def test_a_press_figure_stands_for_its_own_day_only() -> None:
    """A printed level is not carried on to a later session."""
    press = Source("press:1", "A newspaper", standing=Standing.REPORTED, published=date(2026, 1, 29))
    found = desk(series("A", {"2025-12-31": 100.0, "2026-01-29": 110.0}, source=press))
    with pytest.raises(NotAvailableError, match="too old"):
        make(found, "price_return", "A", **JANUARY)


# Monthly periods: dated on the last day of the month, over with its last session

MONTHLY = {
    "2025-10-31": 1.0, "2025-11-30": 2.0, "2025-12-31": 4.0, "2026-01-31": 8.0,
}  # fmt: skip


def monthly() -> Desk:
    cells = series("F", MONTHLY, Field.VALUE, Unit.PERCENT, Frequency.MONTHLY)
    return desk(cells, as_of=date(2026, 3, 10))


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2025-12-31", "2026-01-30", [8.0]),  # 31 January is a Saturday: the month ends with Friday's close
        ("2025-12-31", "2026-01-31", [8.0]),
        ("2025-11-28", "2026-01-30", [4.0, 8.0]),  # 30 November is a Sunday: November is over on the 28th
        ("2025-10-31", "2025-12-31", [2.0, 4.0]),
        ("2025-10-31", "2025-12-30", [2.0]),  # December is not over before its last session
    ],
)
def test_a_window_holds_the_months_that_end_inside_it(start: str, end: str, months: list[float]) -> None:
    fact = make(monthly(), "factor_return", "F", start=start, end=end)
    assert fact.inputs[0].rows == len(months)  # type: ignore[union-attr]
    expected = 100 * (np.prod([1 + m / 100 for m in months]) - 1)
    assert fact.value == pytest.approx(expected)


def test_a_window_that_reaches_beyond_the_months_is_refused() -> None:
    with pytest.raises(NotAvailableError):
        make(monthly(), "factor_return", "F", start="2025-12-31", end="2026-03-09")
    with pytest.raises(NotAvailableError, match="no base"):
        make(monthly(), "factor_return", "F", start="2025-09-30", end="2025-12-31")


# Flows: a blank day is unknown


def test_flows_are_summed_over_the_known_days() -> None:
    cells = dict.fromkeys(list(january())[1:], 1000000.0) | {"2026-01-14": NAN}
    found = desk(series("A", cells, Field.FLOW, Unit.USD))
    fact = make(found, "net_flow", "A", **JANUARY)
    assert fact.value == 19.0  # millions, of 20 sessions one is unknown
    assert fact.notes == ("The flow of A is unknown on 1 of 20 sessions: 14 January 2026.",)
    assert make(found, "unknown_flow_sessions", "A", **JANUARY).value == 1
    assert make(found, "unknown_flow_on", "A", **JANUARY).display == "2026-01-14"
    with pytest.raises(MissingDataError, match="1 unknown"):
        make(found, "unknown_flow_on", "A", **JANUARY, index=1)


def test_a_part_of_a_window_is_not_its_sum() -> None:
    cells = dict.fromkeys(list(january())[1:-1], 1000000.0)
    with pytest.raises(NotAvailableError, match="not its sum"):
        make(desk(series("A", cells, Field.FLOW, Unit.USD)), "net_flow", "A", **JANUARY)


# Parameters


@pytest.mark.parametrize(
    ("metric", "params"),
    [
        ("rolling_win_share", {"months": "x"}),
        ("rolling_win_share", {"months": 1.5}),
        ("rolling_win_share", {"months": 0}),
        ("rolling_win_share", {"since": "yesterday"}),
        ("era_count", {"threshold": "nan"}),
        ("era_count", {"threshold": 0}),
        ("era_length", {"index": -2}),
        ("level", {"field": "x"}),
    ],
)
def test_bad_parameters_are_named(metric: str, params: dict[str, object]) -> None:
    name = next(iter(params))
    with pytest.raises(BadInputError, match=name):
        make(monthly(), metric, "F", start="2025-10-31", end="2026-01-30", **params)


def test_unknown_parameters_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="no parameter 'colour'"):
        make(monthly(), "factor_return", "F", start="2025-10-31", end="2026-01-30", colour="red")


@pytest.mark.parametrize("metric", ["portfolio_spread", "rolling_win_share", "era_count", "history_sessions"])
def test_no_series_at_all_is_an_error_that_a_person_can_act_on(metric: str) -> None:
    with pytest.raises(RotascopeError):
        make(monthly(), metric, start="2025-10-31", end="2026-01-30")


# Freshness


@pytest.mark.parametrize(
    ("frequency", "last", "today", "state"),
    [
        (Frequency.DAILY, "2026-01-30", "2026-01-31", "fresh"),  # a Saturday: Monday is the next session
        (Frequency.DAILY, "2026-01-30", "2026-02-02", "due"),
        (Frequency.DAILY, "2026-01-30", "2026-02-03", "due"),
        (Frequency.DAILY, "2026-01-30", "2026-02-04", "late"),
        (Frequency.DAILY, "2024-01-30", "2026-02-04", "ended"),
        (Frequency.MONTHLY, "2025-12-31", "2026-01-30", "fresh"),
        (Frequency.MONTHLY, "2025-12-31", "2026-02-10", "due"),
        (Frequency.MONTHLY, "2025-12-31", "2026-04-30", "late"),
        (Frequency.IRREGULAR, "2020-01-01", "2026-01-01", "unscheduled"),
    ],
)
def test_freshness(frequency: Frequency, last: str, today: str, state: str) -> None:
    found = freshness(frequency, date.fromisoformat(last), date.fromisoformat(today))
    assert found.state == state
    if found.due is not None:
        assert found.due > date.fromisoformat(last) + timedelta(days=0)
