"""The peer: quantstats' HTML report on the S&P 500 closes of the history pack."""

from __future__ import annotations

import warnings
from importlib import resources

import duckdb
import pandas as pd


def main() -> None:
    """Write the report."""
    warnings.simplefilter("ignore")
    import quantstats as qs

    pack = resources.files("rotascope") / "ingest" / "packs" / "history" / "data.parquet"
    rows = duckdb.execute(
        f"select date, value from read_parquet('{pack}') "
        "where series = 'GSPC' and field = 'close' order by date"
    ).fetchall()
    closes = pd.Series([v for _, v in rows], index=pd.DatetimeIndex([d for d, _ in rows]), name="GSPC")
    qs.reports.html(closes.pct_change().dropna(), output="quantstats.html", title="GSPC")


if __name__ == "__main__":
    main()
