"""A panel from a seed: random walks around a common market, with gaps, as Parquet sorted by security.

    python -m benchmarks.panel_data FOLDER [SECURITIES SESSIONS]

One row for each security and session; one close in 500 is unknown (NULL). Everyone is a member throughout, so
that other programs need no membership to do the same. The same arguments give the same values.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import duckdb
import numpy as np

from rotascope.panel import PanelTables

SEED = 20260130
BLOCK = 250
GAPS = 0.002


def size() -> tuple[int, int]:
    """Return how many securities and sessions: 5,000 each, or what the environment says.

    ROTASCOPE_BENCH_SECURITIES, ROTASCOPE_BENCH_SESSIONS; a tenth of the rows says enough for a quick look.
    """
    return tuple(int(os.environ.get(f"ROTASCOPE_BENCH_{n}", 5000)) for n in ("SECURITIES", "SESSIONS"))  # type: ignore[return-value]


def tables(folder: Path) -> PanelTables:
    """Return where the tables of a folder are."""
    return PanelTables(
        folder / "prices",
        *(folder / f"{name}.parquet" for name in ("members", "benchmark", "calendar")),
    )


def generate(folder: Path, securities: int, sessions: int) -> PanelTables:
    """Write a panel into a new folder."""
    (folder / "prices").mkdir(parents=True)
    rng = np.random.default_rng(SEED)
    market = np.cumsum(rng.normal(0.0003, 0.01, sessions))
    with duckdb.connect(":memory:") as database:
        for i, first in enumerate(range(0, securities, BLOCK)):
            _prices(
                database,
                rng,
                market,
                first,
                min(BLOCK, securities - first),
                folder / "prices" / f"{i:04}.parquet",
            )
        days = f"SELECT CAST(range + 1 AS INTEGER) AS day FROM range({sessions})"
        _copy(
            database,
            f"SELECT day AS day_number, DATE '1990-01-01' + day AS date FROM ({days})",
            folder / "calendar.parquet",
        )
        _copy(
            database,
            "SELECT CAST(range AS INTEGER) AS security, 1 AS first_day, CAST(NULL AS INTEGER) AS last_day "
            f"FROM range({securities})",
            folder / "members.parquet",
        )
        database.register(
            "levels", {"day": np.arange(1, sessions + 1, dtype=np.int32), "close": 1000 * np.exp(market)}
        )
        _copy(database, "SELECT * FROM levels", folder / "benchmark.parquet")
    return tables(folder)


def _prices(
    database: duckdb.DuckDBPyConnection,
    rng: np.random.Generator,
    market: np.ndarray,
    first: int,
    count: int,
    path: Path,
) -> None:
    sessions = market.size
    own = np.cumsum(rng.normal(0.0, 0.015, (count, sessions)), axis=1)
    close = np.round(np.exp(4.0 + rng.normal(0.0, 0.5, (count, 1)) + market + own), 4) + 1e-4
    close[rng.random((count, sessions)) < GAPS] = np.nan
    rows = {
        "security": np.repeat(np.arange(first, first + count, dtype=np.int32), sessions),
        "day": np.tile(np.arange(1, sessions + 1, dtype=np.int32), count),
        "close": close.ravel(),
    }
    database.register("rows", rows)
    _copy(
        database,
        "SELECT security, day, CASE WHEN isnan(close) THEN NULL ELSE close END AS close FROM rows",
        path,
    )
    database.unregister("rows")


def _copy(database: duckdb.DuckDBPyConnection, text: str, path: Path) -> None:
    database.execute(f"COPY ({text}) TO '{path}' (FORMAT parquet)")


if __name__ == "__main__":
    generate(Path(sys.argv[1]), *(map(int, sys.argv[2:4]) if len(sys.argv) > 2 else size()))
