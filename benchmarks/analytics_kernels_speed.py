"""Rotation, breadth, regimes and change points on arrays in memory, beside pandas and statsmodels.

Each pair gives the same answer, which is looked at first. Ours and the peer take turns, and the fastest turn
of each counts. Times are a processor's: on a machine that others use a wall clock measures them as well.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks.analytics_bootstrap_speed import SEED, in_turns, seconds
from rotascope.analytics import breadth, changepoints, switching
from rotascope.analytics.rotation import RotationParameters, rotation

NAMES, SESSIONS = 500, 5_000


def main() -> None:
    """Print one line for each kernel."""
    rng = np.random.default_rng(SEED)
    closes = np.exp(np.cumsum(rng.normal(0, 0.01, (SESSIONS, NAMES)), axis=0))
    index = closes.mean(axis=1)
    members = np.ones(closes.shape, dtype=bool)
    chosen = RotationParameters()

    frame = pd.DataFrame(closes)

    def points() -> tuple[pd.DataFrame, pd.DataFrame]:
        line = np.log(frame.div(index, axis=0))
        strong = line - line.rolling(chosen.trend).mean()
        gain = strong - strong.rolling(chosen.momentum).mean()
        return 100.0 * np.exp(strong), 100.0 * np.exp(gain)

    def above() -> pd.Series:
        average = frame.rolling(200).mean()
        counts = average.notna() & members
        return ((frame > average) & counts).sum(axis=1) / counts.sum(axis=1)

    def net_highs() -> pd.Series:
        earlier = frame.shift().rolling(251)
        highs, lows = (frame > earlier.max()) & members, (frame < earlier.min()) & members
        return highs.sum(axis=1) - lows.sum(axis=1)

    found = rotation(closes, index)
    for own, theirs in zip((found.strength, found.momentum), points(), strict=True):
        np.testing.assert_allclose(own, theirs, rtol=1e-9)
    np.testing.assert_allclose(breadth.share_above_average(closes, members, 200).share, above())
    np.testing.assert_array_equal(breadth.highs_lows(closes, members).net, net_highs())

    print(f"{NAMES} names x {SESSIONS} sessions")
    line("relative rotation", lambda: rotation(closes, index), "pandas", points)
    line(
        "share above 200-session average",
        lambda: breadth.share_above_average(closes, members, 200),
        "pandas",
        above,
    )
    line(
        "new highs minus lows, 252 sessions",
        lambda: breadth.highs_lows(closes, members).net,
        "pandas",
        net_highs,
    )
    _regimes(rng)


def line(name: str, own: Callable[[], object], peer: str, theirs: Callable[[], object]) -> None:
    """Print what both take, and the ratio."""
    mine, other = in_turns(own, theirs)
    print(f"  {name:<36} {1e3 * mine:6.0f} ms   {peer} {1e3 * other:6.0f} ms   {other / mine:.1f}x as fast")


def _regimes(rng: np.random.Generator) -> None:
    from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

    states = np.cumsum(rng.random(1_200) < 0.02) % 2
    values = np.where(states == 1, 1.0, -0.4) + rng.normal(0, 0.8, states.size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        line(
            f"Markov switching, {values.size} months",
            lambda: switching.fit_switching(values),
            "statsmodels",
            lambda: MarkovRegression(values, k_regimes=2).fit(disp=False),
        )
    long = np.concatenate([rng.normal(m, 1, 2_600) for m in range(10)])
    alone = seconds(lambda: changepoints.pelt(long), runs=1)
    print(f"  {f'PELT, {long.size} days':<36} {alone:6.2f} s   no peer is installed")


if __name__ == "__main__":
    main()
