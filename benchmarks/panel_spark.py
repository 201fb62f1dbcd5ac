"""The large panel on Spark, held against DuckDB: every point and every count.

    python tools/spark_cluster.py -- python -m benchmarks.panel_spark

The master is that of ROTASCOPE_TEST_SPARK_MASTER; the size is that of `panel_speed`. Exit code 1 if a value
differs by more than one part in a billion.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from benchmarks.panel_data import generate, size
from rotascope.panel import PanelTables, open_engine

MEASURES = ("rotation", "breadth")
LIMIT = 1e-9


def run(name: str, tables: PanelTables, out: Path) -> None:
    """Write the measures with one engine, and say how long each took."""
    with open_engine(name, tables, threads=os.cpu_count() or 1, check=False) as engine:
        for measure in MEASURES:
            begun = time.perf_counter()
            engine.write(measure, out / measure)
            print(f"{name:<24} {measure:<9} {time.perf_counter() - begun:8.1f} s", flush=True)


def largest_gap(measure: str, a: Path, b: Path) -> tuple[int, float]:
    """Return how many rows differ by more than LIMIT, or are in one only, and the largest relative gap."""
    keys = "day, security" if measure == "rotation" else "day"
    with duckdb.connect(":memory:", config={"memory_limit": "3GB"}) as database:
        names = [
            row[0]
            for row in database.execute(f"DESCRIBE SELECT * FROM '{a}/*.parquet'").fetchall()
            if row[0] not in keys.split(", ")
        ]
        gaps = [f"abs(a.{n} - b.{n}) / (1e0 + abs(a.{n}))" for n in names]
        one_only = " OR ".join(f"(a.{n} IS NULL) <> (b.{n} IS NULL)" for n in names)
        worst = f"greatest({', '.join(f'coalesce({g}, 0e0)' for g in gaps)})"
        found = database.execute(
            f"SELECT count(CASE WHEN {one_only} OR {worst} > {LIMIT} THEN 1 END), max({worst}) "
            f"FROM '{a}/*.parquet' a FULL JOIN '{b}/*.parquet' b USING ({keys})"
        ).fetchone()
    assert found is not None
    return int(found[0]), float(found[1])


def main() -> int:
    """Run both engines and compare."""
    master = os.environ.get("ROTASCOPE_TEST_SPARK_MASTER", "local[2]")
    securities, sessions = size()
    print(f"{securities:,} securities x {sessions:,} sessions, {securities * sessions:,} rows", flush=True)
    differ = 0
    with tempfile.TemporaryDirectory(prefix="panel-spark-") as scratch:
        folder = Path(scratch)
        tables = generate(folder / "panel", securities, sessions)
        run("duckdb", tables, folder / "duckdb")
        run(master, tables, folder / "spark")
        for measure in MEASURES:
            rows, gap = largest_gap(measure, folder / "duckdb" / measure, folder / "spark" / measure)
            print(f"{measure}: {rows} rows differ, largest relative gap {gap:.1e}")
            differ += rows
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
