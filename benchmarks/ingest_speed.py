"""How fast price files come in: from CSV to a committed snapshot, all checks included.

    python benchmarks/ingest_speed.py [--rows 1000000] [--files 200] [--repeat 3] [--json]

Two data sets are generated from a seed: one file for each security, and one long table of all of them. Each
is read three ways in the same run: by the importer (recognised, parsed, held against all quality gates,
hashed, the raw bytes kept, written as a snapshot and listed in a catalogue), by pandas (`read_csv`, then
`to_parquet`; needs pyarrow) and by one COPY of DuckDB. The other two check nothing, keep no raw bytes and
no findings: the ratios say what the checks cost.

A row is a line of CSV with a date, open, high, low, close, adjusted close and volume.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from rotascope.ingest import calendar
from rotascope.ingest.importer import ImportReport, import_paths
from rotascope.store.store import Store

SEED = 20260130
LAST_DAY = date(2026, 1, 30)
NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
Way = Callable[[Path, Path], object]
BAR = 500_000
"""Rows a second, on two cores, that the importer has to reach."""


def generate(folder: Path, securities: int, rows: int) -> tuple[Path, Path]:
    """Write `securities` files of `rows` days each, and the same rows as one table; return both folders.

    Prices are random walks of 1% a day in whole cents; every 63rd day pays a dividend of half a percent,
    which the adjusted close takes out of the days before it.
    """
    days = calendar.sessions(date(1990, 1, 2), LAST_DAY)[-rows:].astype(str)
    if len(days) < rows:
        raise SystemExit(f"--rows / --files is {rows} days for each file; at most {len(days)} are there")
    rng = np.random.default_rng(SEED)
    many, one = folder / "many", folder / "one"
    many.mkdir(parents=True)
    one.mkdir()
    with (one / "prices.csv").open("w") as table:
        table.write("date,ticker,open,high,low,close,adj_close,volume\n")
        for n in range(securities):
            ticker = f"S{n:04}"
            cells = _security(rng, rows)
            lines = [f"{day},{text}" for day, text in zip(days, cells, strict=True)]
            head = "Date,Open,High,Low,Close,Adj Close,Volume\n"
            (many / f"{ticker}.csv").write_text(head + "\n".join(lines) + "\n")
            table.writelines(f"{day},{ticker},{text}\n" for day, text in zip(days, cells, strict=True))
    return many, one


def _security(rng: np.random.Generator, rows: int) -> list[str]:
    close = np.round(100 * np.exp(np.cumsum(rng.normal(0.0, 0.01, rows))) + 5, 2)
    start = np.round(close * np.exp(rng.normal(0.0, 0.004, rows)), 2)
    high = np.round(np.maximum(start, close) * (1 + rng.uniform(0.0, 0.01, rows)), 2)
    low = np.round(np.minimum(start, close) * (1 - rng.uniform(0.0, 0.01, rows)), 2)
    dividends_after = (rows - 1 - np.arange(rows)) // 63
    adjusted = np.round(close * 0.995**dividends_after, 6)
    volume = rng.integers(100_000, 9_000_000, rows)
    columns = (c.tolist() for c in (start, high, low, close, adjusted, volume))
    return [f"{o},{h},{w},{c},{a},{v}" for o, h, w, c, a, v in zip(*columns, strict=True)]


def ours(paths: Path, scratch: Path) -> ImportReport:
    """Import into a new store."""
    with Store.open(scratch / "home", clock=lambda: NOW) as store:
        return import_paths([paths], store=store, clock=lambda: NOW)


def with_pandas(paths: Path, scratch: Path) -> None:
    """Read each file with pandas and write it as Parquet, all values; no checks."""
    import pandas as pd

    for path in sorted(paths.iterdir()):
        frame = pd.read_csv(path, parse_dates=[0])
        frame.to_parquet(scratch / f"{path.stem}.parquet", compression="zstd")


def with_duckdb(paths: Path, scratch: Path) -> None:
    """Copy all files with one statement into one Parquet file, with as many threads as there are cores."""
    engine = duckdb.connect(":memory:", config={"threads": os.cpu_count() or 1})
    source = f"read_csv('{paths}/*.csv', filename = true)"
    target = scratch / "copy.parquet"
    engine.execute(f"COPY (SELECT * FROM {source}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
    engine.close()


def once(way: Way, paths: Path) -> tuple[float, float, object]:
    """Return the seconds that a way takes, those that all threads spent computing, and what it returned."""
    scratch = Path(tempfile.mkdtemp(prefix="ingest-speed-"))
    try:
        begun, computed = time.perf_counter(), time.process_time()
        result = way(paths, scratch)
        return time.perf_counter() - begun, time.process_time() - computed, result
    finally:
        shutil.rmtree(scratch)


def measure(name: str, paths: Path, rows: int, repeat: int) -> dict[str, Any]:
    """Return the figures of one data set: of each way the fastest of several runs, which take turns."""
    ways: dict[str, Way] = {"rotascope": ours, "duckdb_copy": with_duckdb}
    if importlib.util.find_spec("pandas") and importlib.util.find_spec("pyarrow"):
        ways["pandas_to_parquet"] = with_pandas
    size = sum(p.stat().st_size for p in paths.iterdir())
    figures: dict[str, Any] = {"data": name, "rows": rows, "megabytes": round(size / 1e6, 1)}
    best: dict[str, tuple[float, float]] = {}
    for _ in range(repeat):
        for way, function in ways.items():
            seconds, computed, result = once(function, paths)
            best[way] = min(best.get(way, (seconds, computed)), (seconds, computed))
            if isinstance(result, ImportReport):
                check(result, rows)
                figures["values"] = sum(f.values for f in result.files)
    for way, (seconds, computed) in best.items():
        figures[way] = {
            "seconds": round(seconds, 3),
            "cpu_seconds": round(computed, 3),
            "rows_per_second": round(rows / seconds),
            "takes_times": round(best["rotascope"][0] / seconds, 2),
        }
    return figures


def check(report: ImportReport, rows: int) -> None:
    """Stop if the import that was measured did not bring everything in, cleanly."""
    read = sum(f.rows for f in report.files)
    values = sum(f.values for f in report.files)
    bad = [f.message for f in report.findings if f.severity != "info"]
    if read != rows or values != 6 * rows or bad:
        raise SystemExit(f"{read} of {rows} rows and {values} values came in: {bad[:3]}")


def main() -> None:
    """Generate, measure, print; exit code 1 if the bar is not reached."""
    parser = argparse.ArgumentParser(description="Measure how fast price files come in.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="ingest-speed-data-"))
    try:
        many, one = generate(folder, chosen.files, chosen.rows // chosen.files)
        rows = chosen.rows // chosen.files * chosen.files
        results = [
            measure(f"{chosen.files} files", many, rows, chosen.repeat),
            measure("one long table", one, rows, chosen.repeat),
        ]
    finally:
        shutil.rmtree(folder)
    print(json.dumps(results, indent=2) if chosen.json else "\n".join(map(describe, results)))
    if any(speed(r) < BAR for r in results):
        sys.exit(1)


def speed(figures: dict[str, Any]) -> int:
    """Return the importer's rows a second."""
    return int(figures["rotascope"]["rows_per_second"])


def describe(figures: dict[str, Any]) -> str:
    """Return the figures of one data set as text."""
    lines = [f"{figures['data']}: {figures['rows']:,} rows, {figures['megabytes']} MB"]
    for way in ("rotascope", "duckdb_copy", "pandas_to_parquet"):
        told = figures.get(way)
        if told is None:
            lines.append(f"  {way:<18} not measured: pandas and pyarrow are not installed")
            continue
        beside = f"; rotascope takes {told['takes_times']} times as long" if way != "rotascope" else ""
        lines.append(
            f"  {way:<18} {told['seconds']:7.3f} s ({told['cpu_seconds']:.3f} s of computing) "
            f"{told['rows_per_second']:>10,} rows/s{beside}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
