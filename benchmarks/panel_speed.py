"""A panel of 25 million rows: relative rotation and breadth, beside pandas and polars doing the same.

    python -m benchmarks panel_speed

ROTASCOPE_BENCH_SECURITIES and ROTASCOPE_BENCH_SESSIONS (5000 each) make it smaller. Every way is a process of
its own: its wall time, processor time and peak memory are those of the whole process. The results are held
against each other, so that no way can be fast by doing something else.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np

from benchmarks.panel_data import generate, size
from benchmarks.panel_ways import COUNTS
from rotascope.panel import PanelState, PanelTables

WAYS = ("arrays", "duckdb", "polars", "pandas", "pandas_wide")
ADDED = 5


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took. wall, processor: seconds; memory: MB at the peak."""

    way: str
    wall: float
    processor: float
    memory: float


def measure(way: str, panel: Path, out: Path) -> Cost:
    """Run one way as a process and return its cost."""
    command = [sys.executable, "-m", "benchmarks.panel_ways", way, str(panel), str(out)]
    begun = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{way} failed with exit code {process.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(way, wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit / 1e6)


def disagreement(outs: dict[str, Path]) -> float:
    """Return the largest relative gap between the ways, in totals of all points and last points.

    Stops if the counts of breadth differ in any session.
    """
    worst = 0.0
    with duckdb.connect(":memory:") as database:
        totals, lasts, counts = [], [], []
        for out in outs.values():
            points, breadth = (f"read_parquet('{out / n / '*.parquet'}')" for n in ("rotation", "breadth"))
            totals.append(database.execute(
                f"SELECT count(strength), count(momentum), sum(strength), sum(momentum) FROM {points}"
            ).fetchone())  # fmt: skip
            lasts.append(database.execute(
                f"SELECT strength, coalesce(momentum, 0) FROM {points} "
                f"WHERE day = (SELECT max(day) FROM {points}) ORDER BY security"
            ).fetchall())  # fmt: skip
            counts.append(
                database.execute(f"SELECT {', '.join(COUNTS)} FROM {breadth} ORDER BY day").fetchall()
            )
    for way, total, last, count in zip(outs, totals, lasts, counts, strict=True):
        if count != counts[0]:
            raise SystemExit(f"breadth of {way} differs from that of {next(iter(outs))}")
        for found, first in ((total, totals[0]), (last, lasts[0])):
            a, b = np.array(found, dtype=float), np.array(first, dtype=float)
            worst = max(worst, float(np.max(np.abs(a - b) / np.abs(b).clip(1e-300))))
    return worst


def add_sessions(tables: PanelTables, folder: Path) -> tuple[float, float]:
    """Return the median seconds of adding a session, with rotation and breadth: in memory, and by disk."""
    memory, disk = [], []
    state = PanelState.begin(tables, threads=os.cpu_count() or 1)
    state.save(folder / "state0")
    rng = np.random.default_rng(7)
    securities = state.run("rotation_day").columns["security"].tolist()
    for i in range(ADDED):
        closes = dict(zip(securities, rng.uniform(20, 80, len(securities)).tolist(), strict=True))
        on = date(2100, 1, 1) + timedelta(days=i)
        begun = time.perf_counter()
        _add(state, on, closes)
        memory.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        with PanelState.load(folder / f"state{i}", threads=os.cpu_count() or 1) as loaded:
            _add(loaded, on, closes)
            loaded.save(folder / f"state{i + 1}")
        disk.append(time.perf_counter() - begun)
    state.close()
    return statistics.median(memory), statistics.median(disk)


def _add(state: PanelState, on: date, closes: dict[int, float]) -> None:
    state.add(state.last + 1, on, closes, 1000.0)
    state.run("rotation_day")
    state.run("breadth_day")


def main() -> None:
    """Generate, measure, compare, print."""
    securities, sessions = size()
    with tempfile.TemporaryDirectory(prefix="panel-speed-") as scratch:
        folder = Path(scratch)
        tables = generate(folder / "panel", securities, sessions)
        print(f"{securities:,} securities x {sessions:,} sessions, {securities * sessions:,} rows")
        print(f"{'':<12} {'wall s':>8} {'cpu s':>8} {'peak MB':>8}")
        costs, outs = {}, {}
        for way in WAYS:
            costs[way] = cost = measure(way, folder / "panel", folder / way)
            outs[way] = folder / way
            print(f"{way:<12} {cost.wall:8.2f} {cost.processor:8.2f} {cost.memory:8.0f}", flush=True)
        print(f"all agree: breadth in every count, rotation to {disagreement(outs):.1e}")
        for way in ("arrays", "duckdb"):
            ratios = (
                f"{costs[p].wall / costs[way].wall:.1f}x {p}" for p in ("pandas", "pandas_wide", "polars")
            )
            print(f"{way} is as fast as {', '.join(ratios)}")
        memory, disk = add_sessions(tables, folder)
        print(f"one more session: {1000 * memory:.0f} ms in memory, {1000 * disk:.0f} ms from disk and back")
        for way in ("arrays", "duckdb"):
            held, stored = (costs[way].wall / seconds for seconds in (memory, disk))
            print(f"  {held:.0f}x and {stored:.0f}x faster than all of it on {way}")


if __name__ == "__main__":
    main()
