"""Two sources of a series beside each other, and printed figures beside the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from rotascope.ingest.refresh.reconcile import Pair, Reconciliation, reconcile, tolerance
from rotascope.model.errors import NotAvailableError
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source, Standing
from rotascope.model.units import Unit
from rotascope.store.reader import Reader
from rotascope.store.series import ParsedFile, SeriesBlock
from rotascope.store.store import Store
from standin.made_up import noon

TODAY = date(2026, 2, 11)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "data", clock=lambda: noon("2026-02-11"))


def put(
    store: Store,
    source: str,
    values: Sequence[float],
    *,
    field: Field = Field.CLOSE,
    unit: Unit = Unit.USD,
    frequency: Frequency = Frequency.DAILY,
    quarantine: bool = False,
    days: Sequence[str] = ("2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08"),
    retrieved: str = "2026-02-02",
    vintage: date | None = None,
) -> None:
    meta = SeriesMeta("SPY", field, unit, frequency, source, vintage, noon(retrieved))
    block = SeriesBlock(meta, np.array(days[: len(values)], dtype="datetime64[D]"), np.array(values))
    found = [Finding("unit_jump", Severity.QUARANTINE, "no")] if quarantine else []
    parsed = ParsedFile(Source(source, source.split(":")[0]), [block], found, reader="r/1")
    store.commit([(parsed, f"{source} {values} {field} {retrieved}".encode())])


def result(store: Store) -> Reconciliation:
    with Reader(store) as reader:
        return reconcile(reader, ["SPY"], as_of=TODAY)


def pair(store: Store) -> Pair:
    (found,) = result(store).pairs
    return found


@pytest.mark.parametrize(
    ("field", "unit", "level", "expected"),
    [
        (Field.CLOSE, Unit.USD, 100.0, 0.02),
        (Field.CLOSE, Unit.USD, 1000.0, 0.1),
        (Field.CLOSE, Unit.INDEX_LEVEL, 50_000.0, 5.0),
        (Field.VALUE, Unit.PERCENT, 4.5, 0.01),
        (Field.VOLUME, Unit.SHARES, 2e6, 2e4),
        (Field.ADJUSTED_CLOSE, Unit.USD, 0.01, 1e-4),
        (Field.DIVIDEND, Unit.USD, 1.5, 0.005),
    ],
)
def test_tolerances(field: Field, unit: Unit, level: float, expected: float) -> None:
    assert tolerance(field, unit, np.array([level])) == pytest.approx([expected])


def test_a_difference_at_the_limit_is_none_and_one_beyond_it_is_counted(store: Store) -> None:
    put(store, "yahoo:SPY:00000001", [100.0, 101.0, 102.0, 103.0])
    put(store, "stooq:SPY:00000002", [100.02, 101.0, 102.03, 102.9])
    found = pair(store)
    assert (found.common, found.beyond) == (4, 2)
    assert found.largest is not None
    assert (found.largest.day, found.largest.left, found.largest.right) == (
        date(2026, 1, 8),
        103.0,
        102.9,
    ) or (
        found.largest.left,
        found.largest.right,
    ) == (102.9, 103.0)
    assert (found.first, found.last) == (date(2026, 1, 7), date(2026, 1, 8))
    assert not result(store).agrees


def test_only_common_dates_count_and_an_unknown_value_is_not_a_zero(store: Store) -> None:
    put(store, "yahoo:SPY:00000001", [4.0, float("nan"), 4.1], field=Field.VALUE, unit=Unit.PERCENT)
    put(
        store,
        "fred:SPY:00000002",
        [4.0, 4.1, 9.9],
        field=Field.VALUE,
        unit=Unit.PERCENT,
        days=("2026-01-05", "2026-01-06", "2026-01-09"),
    )
    found = pair(store)
    assert (found.common, found.beyond, found.unknown) == (1, 0, 1)


def test_adjusted_closes_are_compared_by_returns(store: Store) -> None:
    """One was fetched after a dividend: all its levels are lower, its returns are the same but one."""
    put(store, "yahoo:SPY:00000001", [100.0, 101.0, 102.01, 103.0301], field=Field.ADJUSTED_CLOSE)
    put(store, "tiingo:SPY:00000002", [50.0, 50.5, 51.005, 51.25], field=Field.ADJUSTED_CLOSE)
    found = pair(store)
    assert (found.common, found.beyond) == (3, 1)
    assert found.last == date(2026, 1, 8)


def test_versions_of_one_source_are_no_two_sources(store: Store) -> None:
    put(store, "french:x:202605", [1.0, 2.0], field=Field.VALUE, unit=Unit.PERCENT)
    put(store, "french-crsp-201811", [9.0, 8.0], field=Field.VALUE, unit=Unit.PERCENT)
    assert result(store).pairs == ()


def test_the_newest_version_counts_and_none_in_quarantine(store: Store) -> None:
    put(store, "yahoo:SPY:00000001", [100.0, 101.0])
    put(store, "stooq:SPY:00000002", [90.0, 91.0], retrieved="2026-02-02")
    put(store, "stooq:SPY:00000003", [100.0, 101.0], retrieved="2026-02-03")
    put(store, "stooq:SPY:00000004", [1.0, 1.0], retrieved="2026-02-04", quarantine=True)
    assert pair(store).agrees


@pytest.mark.parametrize(
    ("unit", "frequency", "why"),
    [
        (Unit.INDEX_LEVEL, Frequency.DAILY, "one is in usd, the other in index_level"),
        (Unit.USD, Frequency.WEEKLY, "one is daily, the other weekly"),
    ],
)
def test_what_cannot_be_compared_is_said(store: Store, unit: Unit, frequency: Frequency, why: str) -> None:
    put(store, "yahoo:SPY:00000001", [100.0, 101.0], retrieved="2026-02-01")
    put(store, "stooq:SPY:00000002", [100.0, 101.0], unit=unit, frequency=frequency)
    assert (pair(store).why_not, result(store).agrees) == (why, False)


def test_an_unknown_series_names_what_is_near(store: Store) -> None:
    put(store, "yahoo:SPY:00000001", [100.0])
    with Reader(store) as reader, pytest.raises(NotAvailableError, match="SPY"):
        reconcile(reader, ["SPX"], as_of=TODAY)


def test_printed_figures_beside_the_database(store: Store) -> None:
    """As the press rounds them: the same, a hundredth off, far off, and one the database lacks."""
    printed = {
        "2026-02-05": (50_115.66, "ainvest"),
        "2026-02-09": (50_135.88, "ginlix"),
        "2026-02-10": (50_188.0, "other"),
        "2026-01-02": (48_382.39, "topnews"),
    }
    papers = [
        Source(name, name, published=date(2026, 2, 10), standing=Standing.REPORTED)
        for _, name in printed.values()
    ]
    days = sorted(printed)
    meta = SeriesMeta("DJI", Field.CLOSE, Unit.INDEX_LEVEL, Frequency.DAILY, "*")
    reported = SeriesBlock(
        meta,
        np.array(days, dtype="datetime64[D]"),
        np.array([printed[d][0] for d in days]),
        tuple(printed[d][1] for d in days),
    )
    database = SeriesBlock(
        SeriesMeta("DJI", Field.CLOSE, Unit.INDEX_LEVEL, Frequency.DAILY, "file:DJI:00000001"),
        np.array(["2026-02-05", "2026-02-09", "2026-02-10"], dtype="datetime64[D]"),
        np.array([50_115.6640625, 50_135.87109375, 50_121.0]),
    )
    store.commit(
        [
            (ParsedFile(Source("*", "several"), [reported], references=papers, reader="r/1"), b"press"),
            (ParsedFile(Source("file:DJI:00000001", "local file"), [database], reader="r/1"), b"file"),
        ]
    )
    with Reader(store) as reader:
        found = reconcile(reader, ["DJI"], as_of=TODAY)
        early = reconcile(reader, ["DJI"], as_of=date(2026, 2, 9))
    assert [(str(r.day), r.verdict, r.decimals, r.publication) for r in found.reported] == [
        ("2026-02-05", "equal", 2, "ainvest"),
        ("2026-02-09", "within_tolerance", 2, "ginlix"),
        ("2026-02-10", "differs", 0, "other"),
    ]
    assert (found.unmatched, found.agrees) == (1, False)
    assert early.reported == ()  # none of it was published by then


def test_the_dow_of_the_press_and_of_the_file(market: Path, tmp_path: Path) -> None:
    """The press prints 50,135.88 for 2026-02-09; the file of the index has 50,135.87."""
    from rotascope.app import wiring
    from rotascope.ingest.importer import import_paths

    with Store.open(tmp_path / "data", clock=wiring.now) as store:
        import_paths([market / "indices" / "DJI.csv"], store=store, clock=wiring.now)
        with Reader(store, wiring.packs()) as reader:
            found = reconcile(reader, ["DJI"], as_of=date(2026, 6, 30))
    (row,) = [r for r in found.reported if r.day == date(2026, 2, 9) and r.field is Field.CLOSE]
    assert (row.printed, f"{row.database:.2f}", row.verdict) == (50_135.88, "50135.87", "within_tolerance")
    (first,) = [r for r in found.reported if r.day == date(2026, 1, 2) and r.field is Field.CLOSE]
    assert first.verdict == "equal"
