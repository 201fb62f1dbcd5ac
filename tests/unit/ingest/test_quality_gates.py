"""Each gate with a sound example and a bad one. Expected dates and counts are put in by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotascope.ingest import calendar
from rotascope.ingest.quality import GATES, GateContext, collapse_duplicates, run_gates
from rotascope.ingest.quality.context import keeps_nyse_sessions
from rotascope.model.errors import BadInputError
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.model.units import Unit
from rotascope.store.series import ParsedFile, SeriesBlock

TODAY = date(2026, 1, 30)


def block(
    values: Sequence[float] | np.ndarray,
    field: Field = Field.CLOSE,
    *,
    dates: Sequence[str] | np.ndarray | None = None,
    series: str = "IWM",
    unit: Unit = Unit.USD,
    frequency: Frequency = Frequency.DAILY,
    attributes: dict[str, str] | None = None,
) -> SeriesBlock:
    """Build a block; without dates it ends with the last session before TODAY."""
    if dates is None:
        days = calendar.sessions(date(1990, 1, 1), TODAY)[-len(values) :] if len(values) else []
    else:
        days = dates
    meta = SeriesMeta(series, field, unit, frequency, "test", attributes=attributes or {})
    return SeriesBlock(meta, np.array(days, dtype="datetime64[D]"), np.array(values, dtype=float))


def run(gate: str, *blocks: SeriesBlock, **context: Any) -> list[Finding]:
    return GATES[gate](blocks, GateContext(today=TODAY, **context))


def known(*blocks: SeriesBlock) -> Callable[[str, Field], SeriesBlock | None]:
    table = {(b.meta.series, b.meta.field): b for b in blocks}
    return lambda series, field: table.get((series, field))


def walk(n: int, start: float = 100.0, seed: int = 1) -> np.ndarray:
    """Return prices in whole cents that move about one percent a day."""
    steps = np.random.default_rng(seed).normal(0.0003, 0.01, n)
    return np.round(start * np.exp(np.cumsum(steps)), 2)


def single(price: np.ndarray) -> np.ndarray:
    """Return prices as a vendor writes them that keeps them in single precision."""
    return price.astype(np.float32).astype(np.float64)


# --- all gates


@pytest.mark.parametrize("gate", GATES)
def test_a_sound_file_passes_each_gate(gate: str) -> None:
    close = walk(300)
    blocks = [
        block(close * 0.999, Field.OPEN),
        block(close * 1.01, Field.HIGH),
        block(close * 0.99, Field.LOW),
        block(close),
        block(np.arange(300) + 1e6, Field.VOLUME, unit=Unit.SHARES),
    ]
    assert run(gate, *blocks) == []


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("values", [[], [1.0], [float("nan")] * 40, [0.0] * 40, [float("inf"), -1.0] * 20])
@pytest.mark.parametrize("field", list(Field))
def test_no_gate_fails_on_strange_values(gate: str, values: list[float], field: Field) -> None:
    run(gate, block(values, field), block(values[::-1], field, series="OTHER"), block(values))


@pytest.mark.parametrize("gate", GATES)
def test_each_gate_says_what_it_means(gate: str) -> None:
    assert GATES[gate].__name__ == gate
    assert len(GATES[gate].__doc__ or "") > 60


def test_run_gates_runs_all_and_leaves_the_file_alone() -> None:
    close = block([10.0, 0.0, 10.1])
    parsed = ParsedFile(Source("test", "Test"), [close], [Finding("of_the_reader", Severity.INFO, "")])
    found = run_gates(parsed, today=TODAY, known=known())
    assert [f.code for f in found] == ["non_positive_price"]
    assert (found[0].series, found[0].field, found[0].severity) == ("IWM", "close", Severity.QUARANTINE)
    assert parsed.blocks == [close] and len(parsed.findings) == 1
    assert close.values.tolist() == [10.0, 0.0, 10.1]


# --- duplicates


def days(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[D]")


def test_dates_that_occur_once_are_only_sorted() -> None:
    dates, values, found = collapse_duplicates(days("2026-01-05", "2026-01-02"), np.array([2.0, 1.0]))
    assert dates.astype(str).tolist() == ["2026-01-02", "2026-01-05"]
    assert values.tolist() == [1.0, 2.0]
    assert found == []


def test_repeats_are_dropped_and_conflicts_rejected() -> None:
    dates, values, found = collapse_duplicates(
        days("2026-01-02", "2026-01-05", "2026-01-02", "2026-01-05", "2026-01-06", "2026-01-02"),
        np.array([1.0, 2.0, 1.0, 2.5, 3.0, 1.0]),
        series="IWM",
        field="close",
    )
    assert dates.astype(str).tolist() == ["2026-01-02", "2026-01-06"]
    assert values.tolist() == [1.0, 3.0]
    repeat, conflict = found
    assert (repeat.severity, repeat.count, repeat.first) == (Severity.WARNING, 2, date(2026, 1, 2))
    assert (conflict.severity, conflict.count, conflict.first) == (Severity.REJECTED, 2, date(2026, 1, 5))
    assert "2.0 and 2.5" in conflict.message and conflict.series == "IWM" and conflict.field == "close"


def test_a_blank_is_not_a_number() -> None:
    nan = float("nan")
    twice = days("2026-01-02", "2026-01-02")
    _, values, found = collapse_duplicates(twice, np.array([nan, nan]))
    assert len(values) == 1 and np.isnan(values[0]) and found[0].severity is Severity.WARNING
    _, values, found = collapse_duplicates(twice, np.array([nan, 5.0]))
    assert len(values) == 0 and found[0].severity is Severity.REJECTED and "blank and 5.0" in found[0].message


def test_duplicates_need_dates() -> None:
    with pytest.raises(BadInputError, match="no date"):
        collapse_duplicates(days("2026-01-02", "NaT"), np.array([1.0, 2.0]))
    with pytest.raises(BadInputError, match="1 dates do not go with 2 values"):
        collapse_duplicates(days("2026-01-02"), np.array([1.0, 2.0]))


# --- prices


def test_high_low_order() -> None:
    bars = {
        Field.HIGH: block([11.0, 11.0, 11.0], Field.HIGH),
        Field.LOW: block([9.0, 9.0, 12.0], Field.LOW),
        Field.CLOSE: block([10.0, 11.5, 11.0]),
    }
    found = run("high_low_order", *bars.values())
    assert [(f.field, f.first, f.count) for f in found] == [
        ("low", date(2026, 1, 30), 1),
        ("close", date(2026, 1, 29), 1),
        ("close", date(2026, 1, 30), 1),
    ]
    assert {f.severity for f in found} == {Severity.WARNING}


def test_noise_of_single_precision_is_no_disorder() -> None:
    close = single(np.array([250.9399]))
    assert run("high_low_order", block(close), block(np.array([250.9399]), Field.HIGH)) == []


# --- moves


def with_step(factor: float, at: int = 100, until: int | None = None, n: int = 200) -> np.ndarray:
    prices = walk(n)
    prices[at:until] *= factor
    return prices


def test_large_move_by_kind() -> None:
    stock = run("large_move", block(with_step(0.62)))
    assert [(f.severity, f.count) for f in stock] == [(Severity.WARNING, 1)]
    assert run("large_move", block(with_step(0.75))) == []
    index = run("large_move", block(with_step(0.75), unit=Unit.INDEX_LEVEL))
    day = calendar.sessions(date(2020, 1, 1), TODAY)[-100]
    assert index[0].first == day.item() and "-25" in index[0].message


def test_a_wild_series_sets_its_own_measure() -> None:
    wild = np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.06, 500)))
    assert run("large_move", block(20 * wild, unit=Unit.INDEX_LEVEL)) == []


@pytest.mark.parametrize("factor", [100.0, 0.01, 1000.0])
def test_unit_jump(factor: float) -> None:
    found = run("unit_jump", block(with_step(factor, 100, 110)))
    assert [(f.severity, f.count) for f in found] == [(Severity.QUARANTINE, 10)]
    sessions = calendar.sessions(date(2020, 1, 1), TODAY)[-200:]
    assert (found[0].first, found[0].last) == (sessions[100].item(), sessions[109].item())
    assert run("large_move", block(with_step(factor, 100, 110))) == []  # said once


@pytest.mark.parametrize("factor", [1 / 2, 1 / 3, 1 / 4, 1 / 10, 1 / 20, 2.0, 10.0])
def test_missing_split(factor: float) -> None:
    found = run("missing_split", block(with_step(factor)))
    assert [(f.severity, f.count) for f in found] == [(Severity.QUARANTINE, 1)]
    assert "no split row" in found[0].message


def test_a_crash_is_no_split() -> None:
    assert run("missing_split", block(with_step(0.44))) == []  # between one half and one third


def test_a_stated_split_that_the_price_is_not_adjusted_for() -> None:
    sessions = calendar.sessions(date(2020, 1, 1), TODAY)[-200:]
    split = block([1.25], Field.SPLIT, dates=sessions[100:101], unit=Unit.RATIO)
    found = run("missing_split", block(with_step(0.79)), split)
    assert len(found) == 1 and "states" in found[0].message
    assert run("missing_split", block(with_step(0.79))) == []
    assert run("missing_split", block(walk(200)), split) == []  # adjusted for it


def test_a_low_of_a_flash_crash_is_no_split() -> None:
    low = walk(200)
    low[100] /= 2
    assert run("missing_split", block(walk(200)), block(low, Field.LOW)) == []
    both = run("missing_split", block(with_step(0.5)), block(with_step(0.5), Field.LOW))
    assert sorted(f.field for f in both) == ["close", "low"]


def test_indices_have_no_splits() -> None:
    assert run("missing_split", block(with_step(0.5), unit=Unit.INDEX_LEVEL)) == []
    assert len(run("missing_split", block(with_step(0.1), unit=Unit.INDEX_LEVEL))) == 1


def test_a_yield_has_no_splits() -> None:
    """Near zero a bill rate triples in a day, and that is a rate."""
    for factor in (1 / 3, 2.0, 5.0, 10.0):
        rate = block(with_step(factor) / 1000, series="IRX", unit=Unit.PERCENT)
        assert run("missing_split", rate) == []
        assert len(run("missing_split", block(with_step(factor)))) == 1
    assert len(run("unit_jump", block(with_step(100.0), series="IRX", unit=Unit.PERCENT))) == 1


# --- dividends


def paying(amount: float, adjusted_before: float) -> list[SeriesBlock]:
    """Return closes of 10.00 that fall to 9.50 on the last day, where a dividend comes off."""
    close = [10.0] * 9 + [9.5]
    days_ = block(close).dates
    return [
        block(close),
        block([adjusted_before] * 9 + [9.5], Field.ADJUSTED_CLOSE),
        block([amount], Field.DIVIDEND, dates=days_[-1:]),
    ]


def test_dividends_that_go_with_the_prices() -> None:
    assert run("dividends", *paying(0.5, 9.5)) == []  # 9.5 / 10 = 1 - 0.5 / 10
    assert run("dividends", *paying(0.5, 9.5)[:2]) == []  # without dividends nothing is said


def test_dividends_that_do_not() -> None:
    (alone,) = run("dividends", *paying(0.5, 10.0))
    # the adjusted close ought to move by a twentieth of the price
    assert (alone.code, alone.severity, alone.count) == ("dividend_adjustment", Severity.QUARANTINE, 1)
    assert (alone.field, alone.first) == ("adjusted_close", date(2026, 1, 30))
    both = {f.code: f for f in run("dividends", *paying(50.0, 9.5))}
    assert set(both) == {"dividend_adjustment", "dividend_too_large"}
    assert both["dividend_too_large"].field == "dividend"
    small = run("dividends", *paying(0.5, 9.55))  # half a hundredth of the price
    assert [(f.code, f.severity) for f in small] == [("dividend_adjustment", Severity.WARNING)]


def test_what_a_reader_has_found_is_not_found_again() -> None:
    blocks = paying(0.5, 10.0)
    (found,) = run("dividends", *blocks)
    parsed = ParsedFile(Source("test", "Test"), blocks, [replace(found, file="yahoo:IWM")])
    assert run_gates(parsed, today=TODAY, known=known()) == []
    parsed.findings.clear()
    assert [f.code for f in run_gates(parsed, today=TODAY, known=known())] == ["dividend_adjustment"]


# --- volume


def test_zero_volume() -> None:
    def volume(zeros: int) -> SeriesBlock:
        return block([0.0] * zeros + [5.0] * (1000 - zeros), Field.VOLUME, unit=Unit.SHARES)

    assert [(f.severity, f.count) for f in run("zero_volume", volume(3))] == [(Severity.INFO, 3)]
    assert [(f.severity, f.count) for f in run("zero_volume", volume(30))] == [(Severity.WARNING, 30)]
    assert [(f.severity, f.count) for f in run("zero_volume", volume(1000))] == [(Severity.INFO, 1000)]
    assert run("zero_volume", block([0.0, 0.0])) == []  # a price, not a volume
    # an index and a yield are not traded; a stock in pounds is, though its price is a bare level
    for unit, traded in ((Unit.INDEX_LEVEL, False), (Unit.PERCENT, False), (Unit.USD, True)):
        (found,) = run("zero_volume", block([1.0] * 1000, unit=unit), volume(30))
        assert (found.severity is Severity.WARNING) == traded
    pounds = block([1.0] * 1000, unit=Unit.INDEX_LEVEL, attributes={"currency": "GBp"})
    assert [f.severity for f in run("zero_volume", pounds, volume(30))] == [Severity.WARNING]


def test_copied_volume_within_a_file_and_from_the_store() -> None:
    traded = np.random.default_rng(1).integers(10**9, 4 * 10**9, 500).astype(float)
    original = block(traded, Field.VOLUME, series="GSPC", unit=Unit.SHARES)
    copy = block(np.r_[1.0, traded[1:]], Field.VOLUME, series="RUT", unit=Unit.SHARES)
    inside = run("copied_volume", original, copy)
    assert [(f.series, f.severity) for f in inside] == [("RUT", Severity.WARNING)]
    assert "GSPC on 99.8% of 500 days" in inside[0].message
    assert run("copied_volume", copy, known=known(original))[0].series == "RUT"
    assert run("copied_volume", original, known=known(original)) == []  # not of itself
    other = block(traded[::-1], Field.VOLUME, series="NDX", unit=Unit.SHARES)
    assert run("copied_volume", original, other) == []


@settings(max_examples=150, deadline=None)
@given(
    st.integers(20, 400), st.integers(20, 400), st.floats(0, 0.04), st.booleans(), st.integers(0, 2**32 - 1)
)
def test_a_copy_is_found_wherever_it_differs(n: int, m: int, share: float, late: bool, seed: int) -> None:
    """Against a plain count over common days with trades: differences first, last or anywhere."""
    rng = np.random.default_rng(seed)
    days = calendar.sessions(date(2020, 1, 2), TODAY)
    traded = rng.integers(0, 9, days.size).astype(float) * (rng.random(days.size) < 0.97)
    changed = traded.copy()
    count = int(share * min(n, m))
    place = rng.choice(min(n, m), count, replace=False) if seed % 2 else np.arange(count)
    changed[-1 - place if late else days.size - min(n, m) + place] += 1.0
    one = block(traded[-n:], Field.VOLUME, series="ONE", unit=Unit.SHARES, dates=days[-n:])
    two = block(changed[-m:], Field.VOLUME, series="TWO", unit=Unit.SHARES, dates=days[-m:])
    left, right = traded[-min(n, m) :], changed[-min(n, m) :]
    both = (left > 0) & (right > 0)
    equal = int(((left == right) & both).sum())
    expected = both.sum() >= 20 and equal / both.sum() >= 0.98
    assert bool(run("copied_volume", two, known=known(one), volume_of=("ONE",))) == expected


# --- dates


def test_calendar_gaps_and_days_off() -> None:
    sessions = calendar.sessions(date(2025, 1, 2), date(2025, 12, 31))
    dates = np.sort(np.r_[np.delete(sessions, [4, 50]), days("2025-01-09", "2025-07-05")])
    close = block(np.linspace(100, 120, len(dates)), dates=dates)
    gaps = run("calendar_gaps", close)
    assert [(f.severity, f.count, f.first) for f in gaps] == [(Severity.WARNING, 2, date(2025, 1, 8))]
    strays = run("off_calendar", close)
    assert [(f.severity, f.count, f.first) for f in strays] == [(Severity.WARNING, 2, date(2025, 1, 9))]
    assert run("calendar_gaps", close, nyse=lambda _: False) == []


def test_a_blank_on_a_session_is_a_gap() -> None:
    gaps = run("calendar_gaps", block([1.0, float("nan"), 1.1]))
    assert gaps[0].first == date(2026, 1, 29)


def test_monthly_values_have_no_gaps() -> None:
    close = block([1, 2], dates=["2025-11-28", "2025-12-31"], frequency=Frequency.MONTHLY)
    assert run("calendar_gaps", close) == []


def test_sessions_before_the_calendar_are_not_asked_for() -> None:
    close = block([1, 1.01, 1.02], dates=["1925-12-01", "1926-01-02", "1926-01-04"], unit=Unit.INDEX_LEVEL)
    assert run("calendar_gaps", close) == []
    assert run("off_calendar", close) == []


@pytest.mark.parametrize(
    ("series", "unit", "attributes", "expected"),
    [
        ("IWM", Unit.USD, {}, True),
        ("BRK.B", Unit.USD, {}, True),
        ("KAP.IL", Unit.USD, {}, False),
        ("BTC-USD", Unit.USD, {}, False),
        ("GC=F", Unit.USD, {}, False),
        ("KAP.IL", Unit.USD, {"calendar": "NYSE"}, True),
        ("IWM", Unit.USD, {"calendar": "LSE"}, False),
        ("DGS10", Unit.PERCENT, {}, False),
        ("RUT", Unit.INDEX_LEVEL, {}, True),
    ],
)
def test_which_series_keep_new_york_hours(
    series: str, unit: Unit, attributes: dict[str, str], expected: bool
) -> None:
    assert keeps_nyse_sessions(block(walk(50), series=series, unit=unit, attributes=attributes)) is expected


def test_a_foreign_index_does_not_keep_new_york_hours() -> None:
    weekdays = np.arange("2024-01-01", "2026-01-01", dtype="datetime64[D]")
    weekdays = weekdays[np.is_busday(weekdays)]
    index = block(walk(len(weekdays)), dates=weekdays, unit=Unit.INDEX_LEVEL, series="N225")
    assert not keeps_nyse_sessions(index)


def test_future_date() -> None:
    found = run("future_date", block([1, 2], dates=["2026-01-30", "2206-01-30"]))
    assert [(f.severity, f.first) for f in found] == [(Severity.QUARANTINE, date(2206, 1, 30))]
    assert run("future_date", block([1.0], dates=["2026-01-31"])) == []  # tomorrow, further east


def test_stale_tail() -> None:
    same = run("stale_tail", block([10, 11, 12, 12, 12, 12, 12]))
    assert [(f.severity, f.count) for f in same] == [(Severity.INFO, 5)]
    assert run("stale_tail", block([10, 11, 12, 12, 12, 12])) == []
    old = run("stale_tail", block([1, 2], dates=["2025-12-01", "2025-12-02"]))
    assert [(f.severity, f.last) for f in old] == [(Severity.INFO, date(2025, 12, 2))]
    monthly = block([1, 2], Field.VALUE, dates=["2025-11-30", "2025-12-31"], frequency=Frequency.MONTHLY)
    assert run("stale_tail", monthly) == []


# --- adjustment


def dividend_adjusted(raw: np.ndarray, paid_every: int = 63, share: float = 0.004) -> np.ndarray:
    """Return prices times (1 - share) for each dividend that follows, the last `paid_every` rows back."""
    later = (len(raw) - 1 - np.arange(len(raw))) // paid_every
    return raw * (1.0 - share) ** later


def test_adjusted_then_raw() -> None:
    raw = walk(1500, 200)
    prices = single(np.r_[dividend_adjusted(raw)[:1300], raw[1300:]])
    found = run("adjustment_switch", block(prices))
    assert [(f.code, f.severity) for f in found] == [("adjustment_switch", Severity.QUARANTINE)]
    assert found[0].first is not None
    switch = calendar.sessions(date(1990, 1, 1), TODAY)[-200].item()
    assert abs(calendar.count(min(switch, found[0].first), max(switch, found[0].first)) - 1) <= 3


def test_raw_then_adjusted() -> None:
    raw = walk(1500, 200)
    found = run("adjustment_switch", block(single(np.r_[raw[:700], dividend_adjusted(raw)[700:]])))
    assert [f.code for f in found] == ["adjustment_switch"]
    switch = calendar.sessions(date(1990, 1, 1), TODAY)[-800].item()
    assert found[0].first is not None
    assert abs((found[0].first - switch).days) <= 5


@pytest.mark.parametrize("paid_every", [21, 63, 126, 252])
def test_a_series_adjusted_to_its_last_day_is_sound(paid_every: int) -> None:
    prices = single(dividend_adjusted(walk(1500, 200), paid_every))
    assert run("adjustment_switch", block(prices)) == []
    assert run("adjustment_switch", block(prices, Field.ADJUSTED_CLOSE)) == []
    assert run("adjustment_switch", block(prices, Field.ADJUSTED_CLOSE), block(single(walk(1500, 200)))) == []


@pytest.mark.parametrize("ratio", [2.0, 3.0, 1.5, 20.0, 1.231, 0.125])
def test_a_split_is_no_switch(ratio: float) -> None:
    raw = walk(1500, 200)
    prices = single(np.r_[raw[:1000] / ratio, raw[1000:]])
    assert run("adjustment_switch", block(prices)) == []


def test_old_prices_in_fractions_are_raw() -> None:
    raw = walk(1500, 60)
    fractions = np.r_[np.round(raw[:700] * 16) / 16, raw[700:]]
    assert run("adjustment_switch", block(single(fractions))) == []


def test_three_decimals_are_raw() -> None:
    raw = walk(1000, 50) + np.r_[np.arange(400) % 10 / 1000, np.zeros(600)]
    assert run("adjustment_switch", block(single(raw))) == []


def test_prices_too_high_for_a_fingerprint_are_left_alone() -> None:
    raw = walk(800, 700_000)
    calm = 700_000 + np.random.default_rng(2).integers(0, 100, 800) / 100
    for prices in (raw, calm):
        assert run("adjustment_switch", block(single(np.r_[prices[:600] * 0.9973, prices[600:]]))) == []


def test_four_decimals_only_warn() -> None:
    raw = walk(1500, 200)
    prices = np.round(np.r_[dividend_adjusted(raw)[:1300], raw[1300:]], 4)
    found = run("adjustment_switch", block(prices))
    assert [(f.code, f.severity) for f in found] == [("raw_tail", Severity.WARNING)]


def test_a_reference_decides() -> None:
    raw = walk(1500, 200)
    prices = np.round(np.r_[dividend_adjusted(raw)[:1300], raw[1300:]], 4)
    switch = calendar.sessions(date(1990, 1, 1), TODAY)[-200].item()
    stored = run("adjustment_switch", block(prices), known=known(block(raw)))
    assert [(f.code, f.first) for f in stored] == [("adjustment_switch", switch)]
    in_file = run("adjustment_switch", block(prices, Field.ADJUSTED_CLOSE), block(raw))
    assert [(f.field, f.first) for f in in_file] == [("adjusted_close", switch)]


def test_dividends_decide() -> None:
    raw = walk(1500, 200)
    adjusted = single(
        np.r_[dividend_adjusted(raw)[:1440], raw[1440:]]
    )  # a raw end of 60: no longer than usual
    sessions = calendar.sessions(date(1990, 1, 1), TODAY)
    assert run("adjustment_switch", block(adjusted)) == []
    late = block([0.5], Field.DIVIDEND, dates=sessions[-20:-19])
    early = block([0.5], Field.DIVIDEND, dates=sessions[-120:-119])
    assert [f.code for f in run("adjustment_switch", block(adjusted), late)] == ["adjustment_switch"]
    assert run("adjustment_switch", block(adjusted), early) == []
