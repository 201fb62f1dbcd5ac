"""Rotation, breadth, regimes and change points on arrays in memory, beside pandas and statsmodels."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from benchmarks.analytics_bootstrap_speed import SEED, seconds
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

    def by_pandas() -> pd.DataFrame:
        line = np.log(pd.DataFrame(closes).div(index, axis=0))
        strong = line - line.rolling(chosen.trend).mean()
        return strong - strong.rolling(chosen.momentum).mean()

    frame = pd.DataFrame(closes)
    rows = [
        ("relative rotation", seconds(lambda: rotation(closes, index)), seconds(by_pandas)),
        (
            "share above 200-session average",
            seconds(lambda: breadth.share_above_average(closes, members, 200)),
            seconds(lambda: (frame > frame.rolling(200).mean()).mean(axis=1)),
        ),
        (
            "new highs minus lows, 252 sessions",
            seconds(lambda: breadth.highs_lows(closes, members)),
            seconds(lambda: (frame.rolling(252).max(), frame.rolling(252).min())),
        ),
    ]
    print(f"{NAMES} names x {SESSIONS} sessions")
    for name, own, peer in rows:
        print(f"  {name:<36} {own:6.2f} s   pandas {peer:6.2f} s   {peer / own:.1f}x as fast")
    _regimes(rng)


def _regimes(rng: np.random.Generator) -> None:
    from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

    states = np.cumsum(rng.random(1_200) < 0.02) % 2
    values = np.where(states == 1, 1.0, -0.4) + rng.normal(0, 0.8, states.size)
    own = seconds(lambda: switching.fit_switching(values))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = seconds(lambda: MarkovRegression(values, k_regimes=2).fit(disp=False), runs=1)
    name = f"Markov switching, {values.size} months"
    print(f"  {name:<36} {own:6.2f} s   statsmodels {peer:6.2f} s   {peer / own:.1f}x as fast")
    long = np.concatenate([rng.normal(m, 1, 2_600) for m in range(10)])
    alone = seconds(lambda: changepoints.pelt(long), runs=1)
    print(f"  {f'PELT, {long.size} days':<36} {alone:6.2f} s   no peer is installed")


if __name__ == "__main__":
    main()
