"""A panel of 25 million rows: relative rotation and breadth, beside pandas and polars doing the same.

    python -m benchmarks panel_speed

ROTASCOPE_BENCH_SECURITIES and ROTASCOPE_BENCH_SESSIONS (5000 each) make it smaller. Every way is a process of
its own: its wall time, processor time and peak memory are those of the whole process. The ways take turns
for ROTASCOPE_BENCH_ROUNDS rounds (2), and the fastest turn of each counts, so that other work on the machine
hits no way alone. The results are held against each other: no way can be fast by doing something else.
"""

from __future__ import annotations

import os
import shutil
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

from benchmarks.panel_data import size
from benchmarks.panel_data import tables as tables_of
from benchmarks.panel_ways import COUNTS
from rotascope.panel import PanelState, PanelTables

WAYS = ("arrays", "duckdb", "polars", "pandas", "pandas_wide")
PEERS = ("pandas", "pandas_wide", "polars")
ADDED = 11
# What the arrays have to reach: times as fast as each peer, megabytes, and the gain of adding a session.
BARS = {"pandas": 3.0, "pandas_wide": 3.0, "polars": 1.0}
MOST_MEMORY, LEAST_GAIN = 2_000, 50


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
    with PanelState.begin(tables, threads=os.cpu_count() or 1) as state:
        state.save(folder / "state")
        rng = np.random.default_rng(7)
        securities = state.run("rotation_day").columns["security"].tolist()
        for i in range(ADDED):
            closes = dict(zip(securities, rng.uniform(20, 80, len(securities)).tolist(), strict=True))
            on = date(2100, 1, 1) + timedelta(days=i)
            begun = time.perf_counter()
            held = _add(state, on, closes)
            memory.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            with PanelState.open(folder / "state") as opened:
                stored = _add(opened, on, closes)
            disk.append(time.perf_counter() - begun)
            if held != stored:
                raise SystemExit("a session added on disk differs from the same one added in memory")
    return statistics.median(memory), statistics.median(disk)


def _add(state: PanelState, on: date, closes: dict[int, float]) -> list[tuple[object, ...]]:
    state.add(state.last + 1, on, closes, 1000.0)
    state.run("rotation_day")
    return state.run("breadth_day").rows()


def take_turns(panel: Path, folder: Path) -> tuple[dict[str, Cost], dict[str, Path]]:
    """Return the fastest turn of each way, and where its results are."""
    best: dict[str, Cost] = {}
    for turn in range(int(os.environ.get("ROTASCOPE_BENCH_ROUNDS", 2))):
        for way in WAYS:
            shutil.rmtree(folder / way, ignore_errors=True)
            cost = measure(way, panel, folder / way)
            print(
                f"{turn + 1} {way:<12} {cost.wall:8.2f} {cost.processor:8.2f} {cost.memory:8.0f}", flush=True
            )
            if way not in best or cost.wall < best[way].wall:
                best[way] = cost
    return best, {way: folder / way for way in best}


def ratios(costs: dict[str, Cost]) -> None:
    """Print how many times as fast each of our engines is, by the clock and by processor time."""
    for way in ("arrays", "duckdb"):
        for what, seconds in (("wall", lambda c: c.wall), ("processor", lambda c: c.processor)):
            told = [f"{seconds(costs[p]) / seconds(costs[way]):.1f}x {p}" for p in PEERS]
            print(f"{way}, {what} time: {', '.join(told)}")
    for peer, bar in BARS.items():
        print(bar_line(f"arrays, times {peer}", costs[peer].wall / costs["arrays"].wall, bar))
    memory = costs["arrays"].memory
    print(f"{'arrays, peak MB':<44} {memory:8.0f}   at most {MOST_MEMORY}: {verdict(memory <= MOST_MEMORY)}")


def bar_line(name: str, found: float, bar: float) -> str:
    """Return a line that says whether a bar is reached."""
    return f"{name:<44} {found:8.1f}   at least {bar:g}: {verdict(found >= bar)}"


def verdict(reached: bool) -> str:
    """Return the word for a bar that is reached or not."""
    return "reached" if reached else "MISSED"


def main() -> None:
    """Generate, measure, compare, print."""
    securities, sessions = size()
    with tempfile.TemporaryDirectory(prefix="panel-speed-") as scratch:
        folder = Path(scratch)
        # in a process of its own: a child's peak memory begins with what its parent holds when it is started
        made = ["-m", "benchmarks.panel_data", str(folder / "panel"), str(securities), str(sessions)]
        subprocess.run([sys.executable, *made], check=True)
        tables = tables_of(folder / "panel")
        print(f"{securities:,} securities x {sessions:,} sessions, {securities * sessions:,} rows")
        print(f"{'':<14} {'wall s':>8} {'cpu s':>8} {'peak MB':>8}")
        costs, outs = take_turns(folder / "panel", folder)
        print(f"all agree: breadth in every count, rotation to {disagreement(outs):.1e}")
        ratios(costs)
        memory, disk = add_sessions(tables, folder)
        print(f"one more session: {1000 * memory:.0f} ms in memory, {1000 * disk:.0f} ms from disk and back")
        for way, name in (("arrays", "all of it on arrays"), ("duckdb", "all of it on DuckDB")):
            for seconds, where in ((memory, "in memory"), (disk, "on disk")):
                print(bar_line(f"times {name}, {where}", costs[way].wall / seconds, LEAST_GAIN))


if __name__ == "__main__":
    main()
