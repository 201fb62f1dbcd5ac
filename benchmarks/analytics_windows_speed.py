"""Percentiles of every window of 60 series of 26,000 days, beside pandas; and one window more.

The second part adds windows to a history of 26,000 (a hundred years of days) and computes everything again
for the same answer: percentile, rank and the last as large. What is added costs in proportion to what is new.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from benchmarks.analytics_bootstrap_speed import DAYS, LENGTH, SEED, in_turns, seconds
from rotascope.analytics.incremental import WindowHistory
from rotascope.analytics.inference import all_percentiles, expanding_percentiles, window_returns
from rotascope.analytics.windows import session_windows

SERIES = 60
ADDED = 1_000


def main() -> None:
    """Print the time for all windows, over the whole history and looking back only, and for new ones."""
    steps = np.random.default_rng(SEED).normal(0, 0.01, (DAYS, SERIES))
    levels = np.exp(np.cumsum(steps, axis=0))
    windows = pd.DataFrame(window_returns(levels, LENGTH))
    some = windows.iloc[:, :6]
    np.testing.assert_allclose(
        all_percentiles(windows.to_numpy()), 100.0 * windows.rank(pct=True, method="max")
    )
    np.testing.assert_allclose(
        expanding_percentiles(some.to_numpy()), 100.0 * some.expanding().rank(method="max", pct=True)
    )
    whole, rank = in_turns(
        lambda: all_percentiles(window_returns(levels, LENGTH)),
        lambda: windows.rank(pct=True, method="max"),
        turns=3,
    )
    so_far, rank_so_far = in_turns(
        lambda: expanding_percentiles(window_returns(levels, LENGTH)),
        lambda: some.expanding().rank(method="max", pct=True),
        turns=3,
    )
    print(f"{SERIES} series of {DAYS} days, every window of {LENGTH} sessions; processor seconds")
    for name, own, peer, note in (
        ("whole history", whole, rank, ""),
        ("data up to a date", so_far, SERIES / 6 * rank_so_far, ", from 6 series"),
    ):
        print(f"  {name:<18} rotascope {own:6.2f} s   pandas {peer:6.2f} s   {peer / own:.1f}x as fast{note}")
    one_more()


def one_more() -> None:
    """Print what new windows cost, one by one and in batches, beside computing all of them again."""
    rng = np.random.default_rng(SEED)
    a, b = (np.exp(np.cumsum(rng.normal(0, 0.01, DAYS + 4 * ADDED))) for _ in range(2))
    dates = np.datetime64("1926-07-01") + np.arange(a.size)

    def again() -> None:
        found = session_windows(dates[:DAYS], a[:DAYS], b[:DAYS], LENGTH)
        assert 1 <= found.rank() <= found.values.size and 0 <= found.percentile() <= 100
        assert found.last_as_large() < found.ends[-1]
        expanding_percentiles(found.values)

    everything = seconds(again, runs=5)
    print(f"windows of {LENGTH} sessions added to {DAYS:,}; all of them again: {1e3 * everything:.2f} ms")
    for days in (DAYS // 100, DAYS // 10, DAYS):
        cost = one_by_one(dates, a, b, days, ADDED) / ADDED
        gain = f"   {everything / cost:.0f}x faster than all of them again" if days == DAYS else ""
        print(f"  one new window on {days:>6,}   {1e6 * cost:8.1f} microseconds{gain}")
    for count in (ADDED, 2 * ADDED, 4 * ADDED):
        total = one_by_one(dates, a, b, DAYS, count)
        print(f"  {count:,} new windows one by one   {1e3 * total:8.1f} ms")


def one_by_one(dates: np.ndarray, a: np.ndarray, b: np.ndarray, days: int, count: int) -> float:
    """Return the seconds of adding `count` sessions to a history of `days`, with their standing each."""
    best = np.inf
    for _ in range(3):
        history = WindowHistory(LENGTH)
        history.add(dates[:days], a[:days], b[:days])
        begun = time.perf_counter()
        for i in range(days, days + count):
            history.add(dates[i : i + 1], a[i : i + 1], b[i : i + 1])
            history.standing()
        best = min(best, time.perf_counter() - begun)
    return float(best)


if __name__ == "__main__":
    main()
