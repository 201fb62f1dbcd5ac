"""Tables with dates become a panel; real prices give what the array functions give."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pytest

from rotascope.analytics import breadth
from rotascope.analytics.rotation import RotationParameters, rotation
from rotascope.model.errors import BadInputError
from rotascope.panel import PanelTables, build_panel, open_engine

# Friday, Monday, Tuesday, Thursday
SESSIONS = np.array(["2026-01-02", "2026-01-05", "2026-01-06", "2026-01-08"], dtype="datetime64[D]")


def write(path: Path, columns: str, rows: Sequence[str]) -> Path:
    """Write rows, given as the text of literals, as Parquet."""
    with duckdb.connect(":memory:") as database:
        values = ", ".join(rows)
        database.execute(f"COPY (SELECT * FROM (VALUES {values}) v({columns})) TO '{path}' (FORMAT parquet)")
    return path


def inputs(folder: Path) -> dict[str, Path]:
    """Return three good files with dates."""
    return {
        "prices": write(
            folder / "p.parquet",
            "security, date, close",
            [
                "('B', DATE '2026-01-05', 5e0)",
                "('A', DATE '2026-01-08', 12e0)",
                "('A', DATE '2026-01-02', 10e0)",
            ],
        ),
        "members": write(
            folder / "m.parquet",
            "security, first_date, last_date",
            [
                "('A', DATE '2025-01-01', NULL)",
                "('B', DATE '2026-01-03', DATE '2026-01-07')",
                "('C', DATE '2026-01-07', DATE '2026-01-07')",
                "('D', DATE '2026-02-01', NULL)",
                "('E', DATE '2025-01-01', DATE '2025-12-31')",
            ],
        ),
        "benchmark": write(
            folder / "b.parquet", "date, close", ["(DATE '2026-01-08', 101e0)", "(DATE '2026-01-02', 100e0)"]
        ),
    }


def rows(path: Path) -> list[tuple[object, ...]]:
    """Return the rows of a file."""
    with duckdb.connect(":memory:") as database:
        return database.execute(f"SELECT * FROM read_parquet('{path}')").fetchall()


def test_days_are_session_numbers(tmp_path: Path) -> None:
    tables = build_panel(tmp_path / "panel", SESSIONS, **inputs(tmp_path))
    assert rows(tables.prices) == [("A", 1, 10.0), ("A", 4, 12.0), ("B", 2, 5.0)]
    assert rows(tables.benchmark) == [(1, 100.0), (4, 101.0)]
    # B: from Monday the 5th to Tuesday the 6th; C, D and E have no session here
    assert rows(tables.members) == [("A", 1, None), ("B", 2, 3)]
    assert [n for n, _ in rows(tables.calendar)] == [1, 2, 3, 4]
    with open_engine("duckdb", tables) as engine:
        assert engine.run("advance_decline").columns["left_out"].tolist() == [1, 2, 2, 1]


@pytest.mark.parametrize(
    ("name", "columns", "row", "message"),
    [
        ("prices", "security, date, close", "('A', DATE '2026-01-04', 1e0)", "no session.*2026-01-04"),
        ("benchmark", "date, close", "(DATE '2026-01-07', 1e0)", "no session.*2026-01-07"),
        (
            "prices",
            "ticker, date, close",
            "('A', DATE '2026-01-02', 1e0)",
            "table prices at .* cannot be read",
        ),
    ],
)
def test_bad_tables_leave_no_folder(tmp_path: Path, name: str, columns: str, row: str, message: str) -> None:
    files = inputs(tmp_path)
    write(files[name], columns, [row])
    with pytest.raises(BadInputError, match=message):
        build_panel(tmp_path / "panel", SESSIONS, **files)
    assert not [p for p in tmp_path.iterdir() if p.is_dir()]


@pytest.fixture(scope="module")
def real(
    market: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[np.ndarray, np.ndarray, PanelTables]:
    """Return closes of about 500 stocks (n, k), levels of their index (n,), and both as a panel."""
    folder = tmp_path_factory.mktemp("real")
    source = market / "panel" / "sp500_daily_prices__timothee.parquet"
    with duckdb.connect(":memory:") as database:
        database.execute(
            f"CREATE TABLE wide AS SELECT * REPLACE (CAST(Date AS DATE) AS Date) FROM '{source}'"
        )
        found = database.execute("SELECT * FROM wide ORDER BY Date").fetchnumpy()
        names = sorted(n for n in found if n != "Date")
        closes = np.column_stack([np.ma.filled(found[n], np.nan) for n in names])
        level = np.nanmean(closes, axis=1)
        days = np.asarray(found["Date"]).astype("datetime64[D]")
        database.execute(
            "COPY (SELECT security, Date AS date, close FROM "
            "(UNPIVOT wide ON COLUMNS(* EXCLUDE Date) INTO NAME security VALUE close)) "
            f"TO '{folder / 'p.parquet'}' (FORMAT parquet)"
        )
        database.execute(
            "COPY (SELECT DISTINCT security, DATE '2000-01-01' AS first_date, "
            f"CAST(NULL AS DATE) AS last_date FROM '{folder / 'p.parquet'}') "
            f"TO '{folder / 'm.parquet'}' (FORMAT parquet)"
        )
        database.register("levels", {"date": days.astype("datetime64[us]"), "close": level})
        database.execute(f"COPY (SELECT * FROM levels) TO '{folder / 'b.parquet'}' (FORMAT parquet)")
    files = {n: folder / f"{n[0]}.parquet" for n in ("prices", "members", "benchmark")}
    return closes, level, build_panel(folder / "panel", days, **files)


@pytest.mark.market
@pytest.mark.parametrize("engine", ["duckdb", "arrays"])
def test_real_prices_give_what_the_array_functions_give(real, engine: str) -> None:  # type: ignore[no-untyped-def]
    closes, level, tables = real
    everyone = np.ones(closes.shape, dtype=bool)
    with open_engine(engine, tables) as opened:
        counts = opened.run("breadth").columns
        points = opened.run("rotation").columns
    moved = breadth.advance_decline(closes, everyone)
    extremes = breadth.highs_lows(closes, everyone)
    for name, expected in (
        ("moved", moved.counted),
        ("advancers", moved.advancers),
        ("decliners", moved.decliners),
        ("counted_short", breadth.share_above_average(closes, everyone, 50).counted),
        ("counted_long", breadth.share_above_average(closes, everyone, 200).counted),
        ("compared", breadth.share_beating(closes, everyone, level, 21).counted),
        ("ranged", extremes.counted),
        ("highs", extremes.highs),
        ("lows", extremes.lows),
    ):
        assert counts[name].tolist() == expected.tolist(), name
    for name, counted, share in (
        ("above_short", "counted_short", breadth.share_above_average(closes, everyone, 50).share),
        ("above_long", "counted_long", breadth.share_above_average(closes, everyone, 200).share),
        ("beating", "compared", breadth.share_beating(closes, everyone, level, 21).share),
    ):
        known = ~np.isnan(share)
        np.testing.assert_allclose(counts[name][known] / counts[counted][known], share[known], rtol=1e-12)
    whole = ~np.isnan(closes).any(axis=0)
    expected = rotation(closes[:, whole], level, RotationParameters())
    names = np.unique(points["security"].astype(str))
    for column, line in zip(np.flatnonzero(whole)[::40], range(0, int(whole.sum()), 40), strict=True):
        at = points["security"] == names[column]
        np.testing.assert_allclose(points["strength"][at], expected.strength[62:, line], rtol=1e-9)
        np.testing.assert_allclose(points["momentum"][at], expected.momentum[62:, line], rtol=1e-9)
