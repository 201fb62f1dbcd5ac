"""A few rotation rules, walked forward with costs, against holding and against shuffled dates.

A rule gives the weight of the first leg, 0..1, at the close of each session from data up to it; the rest is
in the second leg. The weight earns the return of the next session. Between sessions weights drift with
returns, and each change is paid for: cost * |new weight - drifted weight| * 2, since one leg is sold and the
other bought.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from rotascope.analytics.arrays import FloatArray, require_known, require_positive
from rotascope.analytics.inference import DeflatedSharpe, deflated_sharpe
from rotascope.analytics.rotation import CENTRE, RotationParameters, rotation
from rotascope.model.errors import BadInputError, MissingDataError


@dataclass(frozen=True, slots=True)
class Walk:
    """Returns of one rule. net: shape (n - 1,), ratio per session after costs, for sessions 1..n-1.

    turnover: sum of |change of weight| of the first leg, its first setting included. cost: ratio per unit
    traded.
    """

    net: FloatArray
    turnover: float
    cost: float

    @property
    def growth(self) -> float:
        """Return what one unit became."""
        return float(np.prod(1.0 + self.net))


@dataclass(frozen=True, slots=True)
class Judgement:
    """A rule against what it must beat. Excess figures are in percent a session, mean net return.

    against_first, against_second, against_half: excess over holding one leg, and over half of each,
    rebalanced every session. shuffled_share: share of shuffles that did as well or better, the rule itself
    counted as one (a p value, in (0, 1]). deflated: chance that the excess over half of each is more than
    the best of `trials`.
    """

    against_first: float
    against_second: float
    against_half: float
    shuffled_share: float
    shuffles: int
    turnover: float
    deflated: DeflatedSharpe


def momentum_rule(first: FloatArray, second: FloatArray, length: int) -> FloatArray:
    """Return weight 1 where the first leg beat the second over `length` sessions, 0 where not, NaN before.

    first, second: shape (n,), positive levels. A tie is not a win.
    """
    line = np.log(require_positive(first, "levels")) - np.log(require_positive(second, "levels"))
    out = np.full(line.shape, np.nan)
    if line.size > length:
        out[length:] = line[length:] - line[:-length] > 0
    return out


def rotation_rule(
    first: FloatArray, second: FloatArray, parameters: RotationParameters | None = None
) -> FloatArray:
    """Return weight 1 where relative-rotation momentum of the first leg is above 100, else 0; NaN before."""
    momentum = rotation(first, second, parameters).momentum
    return np.where(np.isnan(momentum), np.nan, (momentum > CENTRE).astype(np.float64))


def thrust_rule(share: FloatArray, low: float, high: float, within: int) -> FloatArray:
    """Return weight 1 from a breadth thrust on: from `low` or less to `high` or more in `within` sessions.

    share: shape (n,), a breadth share, 0..1. The weight falls to 0 when the share is at or below `low`
    again. A missing share keeps the weight. Before the first thrust it is 0.
    """
    if not low < high or within < 1:
        raise BadInputError(f"A thrust from {low} to {high} within {within} sessions is impossible.")
    out, weight, last_low = np.zeros(share.size), 0.0, -within - 1
    for i, value in enumerate(share.tolist()):
        if value <= low:
            weight, last_low = 0.0, i
        elif value >= high and i - last_low <= within:
            weight = 1.0
        out[i] = weight
    return out


def constant_rule(sessions: int, weight: float) -> FloatArray:
    """Return the same weight on every session: 1 holds the first leg, 0 the second, 0.5 half of each."""
    return np.full(sessions, weight)


def walk(weights: FloatArray, first: FloatArray, second: FloatArray, cost_bp: float) -> Walk:
    """Return what a rule earned.

    weights: shape (n,), 0..1, known; first, second: shape (n,), positive levels.
    cost_bp: basis points per unit traded. The last weight earns nothing yet. Setting up the first weight is
    paid for, from cash: one unit traded.

    >>> levels, flat = np.array([1.0, 1.1, 1.21]), np.ones(3)
    >>> found = walk(np.array([1.0, 0.0, 0.0]), levels, flat, cost_bp=0.0)
    >>> found.net.round(12).tolist()
    [0.1, 0.0]
    """
    if not weights.shape == first.shape == second.shape or weights.size < 2:
        raise BadInputError("Weights and levels need the same sessions, two or more.")
    if ((require_known(weights, "weights") < 0) | (weights > 1)).any() or cost_bp < 0:
        raise BadInputError("Weights lie between 0 and 1, and costs are not negative.")
    a, b = (require_positive(x, "levels")[1:] / x[:-1] - 1.0 for x in (first, second))
    w = weights[:-1]
    gross = w * a + (1.0 - w) * b
    drifted = w * (1.0 + a) / (1.0 + gross)
    moves = np.abs(w[1:] - drifted[:-1])
    cost = cost_bp / 10_000.0
    paid = cost * np.concatenate([[1.0], 2.0 * moves])
    return Walk((1.0 + gross) * (1.0 - paid) - 1.0, 1.0 + float(moves.sum()), cost)


def judge_rule(
    weights: FloatArray,
    first: FloatArray,
    second: FloatArray,
    *,
    cost_bp: float,
    trial_variance: float,
    trials: int,
    shuffles: int,
    rng: np.random.Generator,
) -> Judgement:
    """Return a rule's excess over holding and over itself on shuffled dates, and its deflated Sharpe ratio.

    weights: shape (n,); leading NaN, where the rule has no answer yet, are cut off and so are those sessions
    for all comparisons. A shuffle shifts all weights by one random number of sessions, floor(u * (n - 1)) +
    1 with u from the generator, around the end: it keeps how long positions last and breaks their tie to
    dates. trial_variance, trials: over all rules tried, as in `inference.deflated_sharpe`.
    """
    w, a, b = _answered(weights, first, second)
    mine = walk(w, a, b, cost_bp)
    over = [100.0 * float((mine.net - _held(w.size, c, a, b, cost_bp)).mean()) for c in (1.0, 0.0, 0.5)]
    n = w.size - 1
    shifts = (rng.random(shuffles) * (n - 1)).astype(np.int64) + 1
    means = [walk(_shifted(w, int(s)), a, b, cost_bp).net.mean() for s in shifts]
    beaten = (1 + sum(m >= mine.net.mean() for m in means)) / (shuffles + 1)
    return Judgement(
        against_first=over[0],
        against_second=over[1],
        against_half=over[2],
        shuffled_share=beaten,
        shuffles=shuffles,
        turnover=mine.turnover,
        deflated=deflated_sharpe(mine.net - _held(w.size, 0.5, a, b, cost_bp), trial_variance, trials),
    )


def excess_over_half(
    weights: FloatArray, first: FloatArray, second: FloatArray, cost_bp: float
) -> FloatArray:
    """Return a rule's net return less that of half of each leg, ratio, from its first answer on."""
    w, a, b = _answered(weights, first, second)
    return np.asarray(walk(w, a, b, cost_bp).net - _held(w.size, 0.5, a, b, cost_bp))


def trial_variance(returns: Sequence[FloatArray]) -> float:
    """Return the variance (divisor m - 1) of the Sharpe ratios per session of all rules tried; 0 for one.

    returns: one array per rule tried, failures included, as from `excess_over_half`.
    """
    ratios = np.array([sharpe(r) for r in returns])
    return float(ratios.var(ddof=1)) if ratios.size > 1 else 0.0


def sharpe(returns: FloatArray) -> float:
    """Return the mean over the standard deviation (divisor n - 1), per session; NaN-free, two or more."""
    spread = float(require_known(returns, "returns").std(ddof=1)) if returns.size > 1 else 0.0
    if spread <= 1e-12 * float(np.abs(returns).max()):
        raise MissingDataError("Returns that do not vary have no Sharpe ratio.")
    return float(returns.mean()) / spread


def yearly(ratio: float, sessions: float = 252.0) -> float:
    """Return a Sharpe ratio per session in yearly terms: ratio * sqrt(sessions in a year)."""
    return ratio * sqrt(sessions)


def _shifted(weights: FloatArray, by: int) -> FloatArray:
    """Return the weights that earn (all but the last) shifted around their end."""
    return np.append(np.roll(weights[:-1], by), weights[-1])


def _held(sessions: int, weight: float, a: FloatArray, b: FloatArray, cost_bp: float) -> FloatArray:
    return walk(constant_rule(sessions, weight), a, b, cost_bp).net


def _answered(weights: FloatArray, *levels: FloatArray) -> tuple[FloatArray, ...]:
    """Return weights and levels from the first session on which the rule has an answer."""
    known = np.flatnonzero(~np.isnan(weights))
    if known.size == 0:
        raise MissingDataError("The rule has no answer on any session.")
    return tuple(x[int(known[0]) :] for x in (weights, *levels))
