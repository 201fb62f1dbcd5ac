"""10,000 stationary-bootstrap replications of a spread's percentile over 26,000 days, beside arch."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from arch.bootstrap import StationaryBootstrap

from rotascope.analytics import bootstrap
from rotascope.analytics.inference import window_returns

DAYS, LENGTH, REPLICATIONS, SEED = 26_000, 21, 10_000, 20260130


def seconds(work: Callable[[], object], runs: int = 3) -> float:
    """Return the median wall time of some runs."""
    found = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return float(np.median(found))


def in_turns(own: Callable[[], object], peer: Callable[[], object], turns: int = 5) -> tuple[float, float]:
    """Return the processor seconds of the fastest of some turns of each, taken one after the other."""
    best = [np.inf, np.inf]
    for _ in range(turns):
        for i, work in enumerate((own, peer)):
            begun = time.process_time()
            work()
            best[i] = min(best[i], time.process_time() - begun)
    return float(best[0]), float(best[1])


def main() -> None:
    """Print both, and both intervals: the same question has the same answer."""
    rng = np.random.default_rng(SEED)
    a, b = (np.exp(np.cumsum(rng.standard_t(4, DAYS) * 0.006)) for _ in range(2))
    spreads = window_returns(a, LENGTH) - window_returns(b, LENGTH)
    current = float(np.quantile(spreads, 0.93))
    hits = (spreads <= current).astype(np.float64)
    length = bootstrap.optimal_block_length(hits).stationary

    def mine() -> bootstrap.Interval:
        return bootstrap.percentile_interval(
            spreads, current, REPLICATIONS, bootstrap.stream(SEED), block_length=length
        )

    def theirs() -> np.ndarray:
        draws = StationaryBootstrap(length, hits, seed=np.random.default_rng(SEED))
        return 100.0 * draws.apply(np.mean, REPLICATIONS)[:, 0]

    def general() -> np.ndarray:
        return bootstrap.bootstrap_statistic(
            hits, lambda rows: rows.mean(axis=1), length, REPLICATIONS // 10, bootstrap.stream(SEED)
        )

    own, peer, slow = seconds(mine), seconds(theirs, runs=1), 10 * seconds(general, runs=1)
    found, low_high = mine(), np.quantile(theirs(), [0.05, 0.95])
    print(f"{DAYS} days, windows of {LENGTH}, {REPLICATIONS} replications, mean block {length:.1f}")
    print(f"  rotascope, running sums over blocks  {own:7.3f} s   {found.low:.2f} .. {found.high:.2f}")
    print(f"  arch {'':32}{peer:7.3f} s   {low_high[0]:.2f} .. {low_high[1]:.2f}   {peer / own:.0f}x slower")
    print(f"  rotascope, any statistic (no sums)   {slow:7.3f} s   from a tenth of the replications")


if __name__ == "__main__":
    main()
