"""Rules that hold one of two legs for a month at a time, walked forward.

A rule's state on each session (1: the first leg, 0: the second) comes from data up to that session. It is
looked at on the last session of each month, paid for there, and held to the last session of the next month.
docs/bundle-format.md, `signal`, is the definition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from rotascope.analytics.arrays import DateArray, FloatArray, month_ends, require_positive
from rotascope.analytics.breadth import rolling_average
from rotascope.analytics.rotation import CENTRE, RotationParameters, rotation
from rotascope.analytics.signals import constant_rule, thrust_rule, walk
from rotascope.model.errors import BadInputError, MissingDataError

SAME = 1e-12  # logs, returns and means that differ by no more are equal
ABOVE = 1e-9  # above an average by more than this share of it
LEAST_MONTHS = 3
MOST_TURNS = 4_000_000
_YEAR = 12.0


@dataclass(frozen=True, slots=True)
class Held:
    """A rule by month; all arrays have the shape (n + 1,).

    ends: last sessions of months. weights: 0 or 1, decided there; the last one earns nothing yet.
    first, second: levels of the legs there.
    """

    ends: DateArray
    weights: FloatArray
    first: FloatArray
    second: FloatArray

    @property
    def months(self) -> int:
        """Return n, the number of months held."""
        return int(self.weights.size) - 1

    def net(self, weights: FloatArray, cost_bp: float) -> FloatArray:
        """Return what weights, shape (n + 1,), earned after costs, ratio, shape (n,)."""
        return walk(weights, self.first, self.second, cost_bp).net

    def excess(self, cost_bp: float, rival: float = 0.5) -> FloatArray:
        """Return the rule's net return less that of a constant weight of the first leg, ratio, shape (n,)."""
        steady = self.net(constant_rule(self.months + 1, rival), cost_bp)
        return np.asarray(self.net(self.weights, cost_bp) - steady)

    def mean_excess(self, cost_bp: float, rival: float = 0.5) -> float:
        """Return the mean excess in points a year: 1200 times the mean of a month."""
        return 100.0 * _YEAR * float(self.excess(cost_bp, rival).mean())

    def beaten(self, cost_bp: float) -> float:
        """Return the share, 0..1, of all turns of the rule's own months that earned less.

        A turn moves every position by the same number of months, around the end: positions last as long and
        cost as much, but stand on other dates. All turns are looked at, so no seed decides.
        """
        n = self.months
        if n * (n - 1) > MOST_TURNS:
            raise BadInputError(f"{n} months are too many to turn.", fix="Start later: since=YYYY-MM-DD.")
        own = float(self.net(self.weights, cost_bp).mean())
        held = self.weights[:-1]
        turned = (np.append(np.roll(held, s), self.weights[-1]) for s in range(1, n))
        return sum(float(self.net(w, cost_bp).mean()) < own - SAME for w in turned) / (n - 1)

    def hit_rate(self) -> float:
        """Return the share of months in which the leg held beat the other. A tie is not a hit."""
        gap = self.first[1:] / self.first[:-1] - self.second[1:] / self.second[:-1]
        return float(((2.0 * self.weights[:-1] - 1.0) * gap > SAME).mean())

    def trades(self) -> int:
        """Return how often the rule changed legs."""
        return int((np.diff(self.weights[:-1]) != 0).sum())


@dataclass(frozen=True, slots=True)
class Moments:
    """Of excess returns a month: Sharpe ratio (divisor n - 1), skewness and kurtosis (normal: 0 and 3)."""

    sharpe: float
    skewness: float
    kurtosis: float

    @property
    def sharpe_year(self) -> float:
        """Return the Sharpe ratio in yearly terms: times the root of 12."""
        return self.sharpe * sqrt(_YEAR)


def moments(excess: FloatArray) -> Moments:
    """Return the moments of excess returns, shape (n,), two or more.

    Raises MissingDataError if they do not vary: a rule that never leaves a steady weight has no Sharpe ratio.

    >>> round(moments(np.array([0.01, 0.03, 0.02])).sharpe, 6)
    2.0
    """
    gaps = excess - excess.mean()
    if float(np.abs(gaps).max()) <= SAME:
        raise MissingDataError("The excess returns do not vary, and have no Sharpe ratio.")
    m2, m3, m4 = (float((gaps**k).mean()) for k in (2, 3, 4))
    ratio = float(excess.mean()) / sqrt(m2 * excess.size / (excess.size - 1))
    return Moments(ratio, m3 / m2**1.5, m4 / m2**2)


def momentum_states(first: FloatArray, second: FloatArray, length: int, skip: int) -> FloatArray:
    """Return 1 where the first line gained on the second from `length` to `skip` sessions ago, NaN before.

    first, second: shape (n,), positive levels. Twelve months less the last one are 252 and 21 sessions.
    """
    if not 0 <= skip < length:
        raise BadInputError(f"A momentum of {length} sessions cannot leave out the last {skip}.")
    line = np.log(require_positive(first, "levels") / require_positive(second, "levels"))
    out = np.full(line.size, np.nan)
    if line.size > length:
        out[length:] = line[length - skip : line.size - skip] - line[: line.size - length] > SAME
    return out


def crossing_states(first: FloatArray, second: FloatArray, trend: int, momentum: int) -> FloatArray:
    """Return 1 where relative-rotation momentum of the first line is above its centre, else 0, NaN before."""
    gain = np.log(rotation(first, second, RotationParameters(trend, momentum)).momentum / CENTRE)
    return np.where(np.isnan(gain), np.nan, (gain > SAME).astype(np.float64))


def thrust_states(
    members: Sequence[FloatArray], length: int, low: float, high: float, within: int
) -> FloatArray:
    """Return 1 from a breadth thrust on, 0 from its collapse on, NaN before the average is known.

    members: levels, each of shape (n,). The breadth is the share above their mean of `length` sessions; a
    thrust takes it from `low` or less to `high` or more within `within` sessions.
    """
    if not members or not 0 <= low < high <= 1 or length < 1:
        raise BadInputError(f"A thrust from {low} to {high} over {len(members)} members is impossible.")
    out = np.full(members[0].size, np.nan)
    if out.size >= length:
        above = [x > rolling_average(x[:, None], length)[:, 0] * (1.0 + ABOVE) for x in members]
        share = np.mean(np.array(above, dtype=np.float64)[:, length - 1 :], axis=0)
        out[length - 1 :] = thrust_rule(share, low, high, within)
    return out


def by_month(dates: DateArray, states: FloatArray, first: FloatArray, second: FloatArray) -> Held:
    """Return a rule by month from its state on each session.

    dates, states, first, second: shape (n,); states are NaN only at the start. Raises MissingDataError if a
    calendar month is missing or fewer than three months can be held.
    """
    at = month_ends(dates)
    months = dates[at].astype("datetime64[M]").astype(np.int64)
    if (np.diff(months) != 1).any():
        raise MissingDataError("A calendar month is missing, and gaps are not filled.")
    at = at[~np.isnan(states[at])]
    if at.size < LEAST_MONTHS + 1:
        raise MissingDataError(f"The rule can be held for {max(at.size - 1, 0)} months; three are needed.")
    return Held(dates[at], states[at], first[at], second[at])
