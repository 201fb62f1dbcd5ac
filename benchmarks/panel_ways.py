"""Relative rotation and breadth of a whole panel, each way in a process of its own.

    python -m benchmarks.panel_ways WAY PANEL OUT

Each way reads the same Parquet files, writes every point of relative rotation as Parquet and the counts of
breadth of every session as Parquet. The peers are written as their manuals advise: grouped rolling windows in
pandas and polars, and, because it is the faster habit in pandas, a second time with one column a security.
All use as many threads as they can.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from benchmarks.panel_data import tables

COUNTS = ("advancers", "decliners", "above_short", "above_long", "beating", "highs", "lows")
ON = 1.0 + 1e-9


def engine(name: str, panel: Path, out: Path) -> None:
    """Run our own measures. The tables are not checked: the peers check nothing either."""
    from rotascope.panel import open_engine

    threads = os.cpu_count() or 1
    with open_engine(name, tables(panel), threads=threads, memory="1400MB", check=False) as opened:
        opened.write_all({"rotation": out / "rotation", "breadth": out / "breadth"})


def polars(panel: Path, out: Path) -> None:
    """Windows `over` the security, lazily."""
    import polars as pl

    prices = pl.scan_parquet(panel / "prices" / "*.parquet")
    index = pl.scan_parquet(panel / "benchmark.parquet")
    both = prices.join(index, on="day", how="inner", suffix="_index", maintain_order="left")
    close, line, s = pl.col("close"), pl.col("l"), pl.col("s")
    (
        both.select("security", "day", l=(close / pl.col("close_index")).log())
        .with_columns(s=line - line.rolling_mean(63).over("security"))
        .with_columns(g=s - s.rolling_mean(21).over("security"))
        .filter(s.is_not_null())
        .select("day", "security", strength=100 * s.exp(), momentum=100 * pl.col("g").exp())
        .collect()
        .write_parquet(out / "rotation" / "rows.parquet", compression="snappy")
    )
    before = close.shift(1)
    lead = (close / close.shift(21) - 1) - (pl.col("close_index") / pl.col("close_index").shift(21) - 1)
    (
        both.select(
            "day",
            advancers=(close > before).over("security"),
            decliners=(close < before).over("security"),
            above_short=close > close.rolling_mean(50).over("security") * ON,
            above_long=close > close.rolling_mean(200).over("security") * ON,
            beating=(lead > 0).over("security"),
            highs=close > before.rolling_max(251).over("security"),
            lows=close < before.rolling_min(251).over("security"),
        )
        .group_by("day")
        .agg(pl.col(name).sum().cast(pl.Int64) for name in COUNTS)
        .collect()
        .write_parquet(out / "breadth" / "rows.parquet")
    )


def pandas(panel: Path, out: Path) -> None:
    """Rolling windows of groups, on the long table."""
    import numpy as np
    import pandas as pd

    prices = pd.read_parquet(panel / "prices")
    index = prices["day"].map(pd.read_parquet(panel / "benchmark.parquet").set_index("day")["close"])
    security, close = prices["security"], prices["close"]

    def roll(values: pd.Series, what: str, length: int) -> pd.Series:
        return getattr(values.groupby(security, sort=False).rolling(length), what)().droplevel(0)

    line = np.log(close / index)
    s = line - roll(line, "mean", 63)
    g = s - roll(s, "mean", 21)
    points = {
        "day": prices["day"],
        "security": security,
        "strength": 100 * np.exp(s),
        "momentum": 100 * np.exp(g),
    }
    pd.DataFrame(points).dropna(subset=["strength"]).to_parquet(out / "rotation" / "rows.parquet")
    del points, line, s, g
    groups = close.groupby(security, sort=False)
    before = groups.shift(1)
    lead = (close / groups.shift(21) - 1) - (index / index.groupby(security, sort=False).shift(21) - 1)
    counts = {
        "day": prices["day"],
        "advancers": close > before,
        "decliners": close < before,
        "above_short": close > roll(close, "mean", 50) * ON,
        "above_long": close > roll(close, "mean", 200) * ON,
        "beating": lead > 0,
        "highs": close > roll(before, "max", 251),
        "lows": close < roll(before, "min", 251),
    }
    pd.DataFrame(counts).groupby("day").sum().reset_index().to_parquet(out / "breadth" / "rows.parquet")


def pandas_wide(panel: Path, out: Path) -> None:
    """Rolling windows of a table with one column a security."""
    import numpy as np
    import pandas as pd

    close = pd.read_parquet(panel / "prices").pivot(index="day", columns="security", values="close")
    index = pd.read_parquet(panel / "benchmark.parquet").set_index("day")["close"]
    line = np.log(close.div(index, axis=0))
    s = line - line.rolling(63).mean()
    g = s - s.rolling(21).mean()
    points = pd.DataFrame({"strength": (100 * np.exp(s)).stack(), "momentum": (100 * np.exp(g)).stack()})
    points.dropna(subset=["strength"]).reset_index().to_parquet(out / "rotation" / "rows.parquet")
    del points, line, s, g
    before = close.shift(1)
    lead = (close / close.shift(21) - 1).sub(index / index.shift(21) - 1, axis=0)
    counts = {
        "advancers": close > before,
        "decliners": close < before,
        "above_short": close > close.rolling(50).mean() * ON,
        "above_long": close > close.rolling(200).mean() * ON,
        "beating": lead > 0,
        "highs": close > before.rolling(251).max(),
        "lows": close < before.rolling(251).min(),
    }
    found = pd.DataFrame({name: mask.sum(axis=1) for name, mask in counts.items()})
    found.reset_index().to_parquet(out / "breadth" / "rows.parquet")


PEERS = {"pandas": pandas, "pandas_wide": pandas_wide, "polars": polars}


def main() -> None:
    """Run one way."""
    way, panel, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if way in PEERS:
        for name in ("rotation", "breadth"):
            (out / name).mkdir(parents=True)
        PEERS[way](panel, out)
    else:
        engine(way, panel, out)


if __name__ == "__main__":
    main()
