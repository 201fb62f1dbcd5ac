"""Percentiles of every window of 60 series of 26,000 days, beside pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.analytics_bootstrap_speed import DAYS, LENGTH, SEED, seconds
from rotascope.analytics.inference import all_percentiles, expanding_percentiles, window_returns

SERIES = 60


def main() -> None:
    """Print the time for all windows, over the whole history and looking back only."""
    steps = np.random.default_rng(SEED).normal(0, 0.01, (DAYS, SERIES))
    levels = np.exp(np.cumsum(steps, axis=0))
    windows = pd.DataFrame(window_returns(levels, LENGTH))
    some = windows.iloc[:, :6]
    whole = seconds(lambda: all_percentiles(window_returns(levels, LENGTH)))
    so_far = seconds(lambda: expanding_percentiles(window_returns(levels, LENGTH)))
    rank = seconds(lambda: windows.rank(pct=True, method="max"), runs=1)
    rank_so_far = SERIES / 6 * seconds(lambda: some.expanding().rank(method="max", pct=True), runs=1)
    print(f"{SERIES} series of {DAYS} days, every window of {LENGTH} sessions")
    print(f"  whole history      rotascope {whole:6.2f} s   pandas {rank:6.2f} s")
    print(f"  data up to a date  rotascope {so_far:6.2f} s   pandas {rank_so_far:6.2f} s, from 6 series")


if __name__ == "__main__":
    main()
