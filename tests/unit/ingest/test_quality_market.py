"""The gates on real files: the known defects are found, sound files are left alone."""

from __future__ import annotations

import csv
import json
import time
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from rotascope.ingest import calendar
from rotascope.ingest.importer import import_paths
from rotascope.ingest.quality import Known, looks_like_wall, run_gates
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.model.units import Unit
from rotascope.store.series import ParsedFile, SeriesBlock
from rotascope.store.store import Store

TODAY = date(2026, 7, 1)
COLUMNS = {
    "open": Field.OPEN,
    "high": Field.HIGH,
    "low": Field.LOW,
    "close": Field.CLOSE,
    "adjclose": Field.ADJUSTED_CLOSE,
    "volume": Field.VOLUME,
    "dividends": Field.DIVIDEND,
    "stocksplits": Field.SPLIT,
}


def read(path: Path, only: tuple[Field, ...] = tuple(COLUMNS.values())) -> list[SeriesBlock]:
    """Read a plain price file without the project's readers, so that only the gates are tested."""
    rows = [r for r in csv.reader(path.read_text(encoding="utf-8-sig").splitlines()) if r]
    names = [c.lower().replace(" ", "").replace("_", "") for c in rows[0]]
    rows = [r for r in rows[1:] if r[0][:1].isdigit()]
    dates, first = np.unique(np.array([r[0][:10] for r in rows], dtype="datetime64[D]"), return_index=True)
    unit = Unit.INDEX_LEVEL if path.parent.name == "indices" or "caret" in path.name else Unit.USD
    blocks = []
    for column, name in enumerate(names):
        field = COLUMNS.get(name)
        if field is None or field not in only:
            continue
        cells = [rows[i][column] if column < len(rows[i]) else "" for i in first]
        values = np.array([float(c) if c else np.nan for c in cells])
        events = field in (Field.DIVIDEND, Field.SPLIT)
        kept = values > 0 if events else np.ones(len(values), dtype=bool)
        meta = SeriesMeta(path.stem, field, unit, Frequency.DAILY, "test")
        blocks.append(SeriesBlock(meta, dates[kept], values[kept]))
    return blocks


def none_known(series: str, field: Field) -> SeriesBlock | None:
    return None


def gates(blocks: list[SeriesBlock], known: Known = none_known) -> list[Finding]:
    return run_gates(ParsedFile(Source("test", "Test"), blocks), today=TODAY, known=known)


def files(market: Path, folder: str) -> list[Path]:
    found = [p for p in sorted((market / folder).glob("*.csv")) if not p.name.startswith("_")]
    assert found
    return found


@pytest.mark.parametrize(("folder", "count"), [("etfs", 58), ("indices", 5), ("stocks", 15)])
def test_nothing_sound_is_quarantined(market: Path, folder: str, count: int) -> None:
    paths = files(market, folder)
    assert len(paths) == count
    for path in paths:
        held = [f for f in gates(read(path)) if f.severity in (Severity.QUARANTINE, Severity.REJECTED)]
        assert held == [], path.name


def test_alarms_on_an_import_of_funds_stocks_and_indices(market: Path, tmp_path: Path) -> None:
    """By series: each was looked up. QQQ repeats a dividend; the volumes are as in the files."""

    def now() -> datetime:
        return datetime(2026, 7, 1, tzinfo=UTC)

    folders = [market / name for name in ("etfs", "stocks", "indices")]
    with Store.open(tmp_path / "home", clock=now) as store:
        report = import_paths(folders, store=store, clock=now)
    grave = [f for f in report.findings if f.severity is not Severity.INFO]
    found = sorted((f.code, f.series) for f in grave)
    print(f"\nImport of {len(report.files)} files: {len(grave)} findings of warning and above")
    assert found == [
        ("copied_volume", "RUT"),
        ("large_move", "VIX"),  # +116% on 2018-02-05
        ("off_calendar", "VIX"),  # a value on Memorial Day 2026
        ("repeated_dividend", "QQQ"),
        ("zero_volume", "SIZE"),
        ("zero_volume", "SPMO"),
        ("zero_volume", "VLUE"),
    ]
    assert {f.severity for f in grave} == {Severity.WARNING}


def test_close_and_adjusted_close_alone_are_sound_too(market: Path) -> None:
    """Without the dividends and the other close, the fingerprint of the prices has to do."""
    for path in files(market, "etfs") + files(market, "stocks"):
        for field in (Field.CLOSE, Field.ADJUSTED_CLOSE):
            codes = [f.code for f in gates(read(path, only=(field,)))]
            assert not {"adjustment_switch", "raw_tail"} & set(codes), (path.name, field)


def test_the_yield_file_among_the_funds(market: Path) -> None:
    codes = {f.code for f in gates(read(market / "etfs" / "_IRX.csv", only=(Field.CLOSE,)))}
    assert "adjustment_switch" not in codes and "raw_tail" not in codes


def test_iwm_adjusted_then_raw(market: Path) -> None:
    found = [f for f in gates(read(market / "traps" / "iwm_adjusted_then_raw.csv")) if f.severity > "q"]
    switch = [f for f in found if f.code == "adjustment_switch"]
    # 2025-12-15 has the last adjusted close; the dividend was paid on the 16th.
    assert [(f.field, f.severity, f.first) for f in switch] == [
        ("close", Severity.QUARANTINE, date(2025, 12, 16))
    ]


def test_series_adjusted_to_their_last_day_are_sound(market: Path) -> None:
    for path in files(market, "traps"):
        if path.name != "iwm_adjusted_then_raw.csv":
            assert not [f for f in gates(read(path)) if f.severity is Severity.QUARANTINE], path.name


STOOQ = {
    "eem_us_d__olcp.csv": date(2024, 12, 17),
    "iwm_us_d__olcp.csv": date(2022, 9, 26),
    "qqq_us_d__2026.csv": date(2025, 3, 24),
    "qqq_us_d__olcp.csv": date(2025, 3, 24),
    "spy_us_d__2026.csv": date(2025, 3, 21),
    "spy_us_d__olcp.csv": date(2025, 3, 21),
}


def test_stooq_stopped_adjusting(market: Path) -> None:
    """No quarantine by fingerprint; a warning for the funds that Stooq no longer adjusts for dividends."""
    for path in files(market, "wire/stooq"):
        found = gates(read(path))
        assert not [f for f in found if f.severity is Severity.QUARANTINE], path.name
        tails = [f for f in found if f.code == "raw_tail"]
        assert len(tails) == (path.name in STOOQ), path.name
        for tail in tails:
            assert tail.first is not None
            assert abs((tail.first - STOOQ[path.name]).days) <= 4, path.name


@pytest.mark.parametrize(("name", "fund"), [("spy_us_d__2026", "SPY"), ("iwm_us_d__olcp", "IWM")])
def test_stooq_against_raw_closes(market: Path, name: str, fund: str) -> None:
    """The raw closes of another source prove it: the ratio is one although dividends were paid."""
    stored = {b.meta.field: b for b in read(market / "etfs" / f"{fund}.csv")}
    blocks = read(market / "wire" / "stooq" / f"{name}.csv", only=(Field.CLOSE,))
    found = [f for f in gates(blocks, lambda _, field: stored.get(field)) if f.code == "adjustment_switch"]
    assert [f.severity for f in found] == [Severity.QUARANTINE]
    assert found[0].first == STOOQ[f"{name}.csv"]
    # By hand: equal closes, and dividends in between.
    dividends = stored[Field.DIVIDEND]
    assert np.count_nonzero(dividends.dates > np.datetime64(found[0].first)) >= 4


def test_russell_copies_the_volume_of_the_s_and_p(market: Path) -> None:
    blocks = read(market / "indices" / "GSPC.csv") + read(market / "indices" / "RUT.csv")
    found = [f for f in gates(blocks) if f.code == "copied_volume"]
    assert [(f.series, f.field, f.severity) for f in found] == [("RUT", "volume", Severity.WARNING)]
    volumes = {b.meta.series: b for b in blocks if b.meta.field is Field.VOLUME}
    stored = gates(
        read(market / "indices" / "RUT.csv"), lambda s, f: volumes.get(s) if f is Field.VOLUME else None
    )
    assert [f.series for f in stored if f.code == "copied_volume"] == ["RUT"]


def test_days_without_trades(market: Path) -> None:
    found = {p.stem: f for p in files(market, "etfs") for f in gates(read(p)) if f.code == "zero_volume"}
    assert {name: f.count for name, f in found.items()} == {
        "MTUM": 2,
        "QUAL": 1,
        "SIZE": 192,
        "SPMO": 374,
        "USMV": 7,
        "VLUE": 87,
        "XLRE": 5,
    }
    warned = {name for name, f in found.items() if f.severity is Severity.WARNING}
    assert warned == {"SIZE", "SPMO", "VLUE"}


def test_real_funds_keep_the_sessions(market: Path) -> None:
    for path in files(market, "etfs"):
        codes = {f.code for f in gates(read(path, only=(Field.CLOSE,)))}
        assert not {"calendar_gaps", "off_calendar"} & codes, path.name


@pytest.mark.parametrize(
    "name",
    [
        "4063-T-1d-bad-stock-split",
        "DEX-AX-1d-bad-stock-split",
        "LA-V-1d-bad-stock-split",
        "AET-L-1d-100x-error",
        "SSW-JO-1d-100x-error",
    ],
)
def test_broken_and_repaired_prices(market: Path, name: str) -> None:
    folder = market / "wire" / "yahoo_bad_prices"
    code = "missing_split" if "split" in name else "unit_jump"
    broken = {f.field for f in gates(read(folder / f"{name}.csv")) if f.code == code}
    assert "close" in broken
    assert not [f for f in gates(read(folder / f"{name}-fixed.csv")) if f.severity is Severity.QUARANTINE]


def test_walls_as_recorded(market: Path) -> None:
    for record in json.loads((market / "wire" / "wire_error_bodies.json").read_text()):
        body = record.get("body", record.get("body_contains"))
        if body is None:
            continue
        wall = looks_like_wall(body.encode())
        # One record is no error: observations of FRED, kept there because its values are strings.
        assert (wall is None) == (record["source"] == "fred api observations"), body
        if "body_contains" in record:
            page = f"<!DOCTYPE html><html><head><title>x</title></head><body><p>{body}</p></body></html>"
            assert looks_like_wall(page.encode()) is not None


def test_no_real_file_is_a_wall(market: Path) -> None:
    paths = [p for p in market.rglob("*") if p.is_file()]
    assert len(paths) > 300
    assert [str(p.relative_to(market)) for p in paths if looks_like_wall(p.read_bytes())] == []


def test_all_gates_take_a_few_milliseconds(market: Path) -> None:
    """Measured: 1.3 ms for 5,366 rows of eight fields; the limit leaves room for a busy machine."""
    blocks = read(market / "etfs" / "SPY.csv")
    calendar.is_session(TODAY)  # the table is built once
    taken = []
    for _ in range(7):
        start = time.perf_counter()
        gates(blocks)
        taken.append(time.perf_counter() - start)
    assert min(taken) < 0.010
