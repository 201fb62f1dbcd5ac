"""Relative rotation by Rotascope's own formula: where a line stands against its trend, and where it heads.

Let l(t) = ln(asset(t) / benchmark(t)), the relative strength line in logs. With N = `trend` and
M = `momentum` sessions, and averages that are simple and end at t:

    strength(t) = 100 * exp( l(t) - mean of l over the last N sessions )
    momentum(t) = 100 * exp( s(t) - mean of s over the last M sessions ),   s = ln(strength / 100)

A strength of 103 says that the relative line is 3 percent above its own (geometric) average; a momentum of
101 that strength is 1 percent above its average. Both use the last N + M - 1 sessions and nothing else:
no later row can move an earlier point, and the first row of the data does not matter. Averages are simple,
not exponential, because then a point is a function of a stated number of rows and is the same in SQL.

For a relative line that is a sine wave with a period longer than M sessions, momentum is ahead of strength
by less than half a turn, so the point circles the centre clockwise: improving, leading, weakening, lagging.
The two letters and colours of commercial rotation charts stand for another, unpublished formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

import numpy as np

from rotascope.analytics.arrays import FloatArray, require_positive
from rotascope.analytics.rolling import sums_of_windows, tiles
from rotascope.model.errors import BadInputError, MissingDataError

CENTRE = 100.0
# Closer to the centre than this, in points, a position has no quadrant: it is rounding.
AT_CENTRE = 1e-9


class Quadrant(StrEnum):
    """Where a point lies. A point on an axis counts as strong, or as gaining."""

    LEADING = "leading"  # strength >= 100, momentum >= 100
    WEAKENING = "weakening"  # strength >= 100, momentum < 100
    LAGGING = "lagging"  # strength < 100, momentum < 100
    IMPROVING = "improving"  # strength < 100, momentum >= 100
    CENTRE = "centre"  # no relative move at all, as for a benchmark against itself


@dataclass(frozen=True, slots=True)
class RotationParameters:
    """How long the averages are. trend: N sessions of the line; momentum: M sessions of strength.

    step: sessions between two points of a tail, over which heading and velocity are measured.
    """

    trend: int = 63
    momentum: int = 21
    step: int = 5

    def __post_init__(self) -> None:
        for name in ("trend", "momentum"):
            if getattr(self, name) < 2:
                raise BadInputError(f"{name} is {getattr(self, name)}; an average needs 2 sessions or more.")
        if self.step < 1:
            raise BadInputError(f"step is {self.step}; a tail needs steps of 1 session or more.")

    @property
    def rows_needed(self) -> int:
        """Return how many sessions one point uses."""
        return self.trend + self.momentum - 1


# Settings that a reasonable person could have chosen instead: two to nine months, and two to six weeks.
STABILITY_GRID: tuple[RotationParameters, ...] = tuple(
    RotationParameters(n, m) for n, m in product((42, 63, 84, 126, 189), (10, 15, 21, 31))
)


@dataclass(frozen=True, slots=True)
class Rotation:
    """Points in date order. strength, momentum: shape (n,) or (n, k), centre 100; NaN before the first point.

    The first trend - 1 strengths and the first trend + momentum - 2 momentums are unknown.
    """

    strength: FloatArray
    momentum: FloatArray
    parameters: RotationParameters

    @property
    def distance(self) -> FloatArray:
        """Return the distance of each point from the centre, in points (>= 0)."""
        return np.hypot(self.strength - CENTRE, self.momentum - CENTRE)

    @property
    def velocity(self) -> FloatArray:
        """Return how far each point moved over the last `step` sessions, in points; NaN where unknown."""
        return np.hypot(*self._moves())

    @property
    def heading(self) -> FloatArray:
        """Return the bearing of that move in degrees [0, 360): 0 gains momentum, 90 gains strength.

        NaN where unknown, and where the point did not move. Between 0 and 90 both gain.
        """
        right, up = self._moves()
        degrees = np.degrees(np.arctan2(right, up)) % 360.0
        still = np.hypot(right, up) < AT_CENTRE
        return np.where(still, np.nan, degrees)

    def quadrant(self, at: int = -1) -> Quadrant | None:
        """Return the quadrant of one point of a single line, or None where it is unknown."""
        return quadrant_of(float(self.strength[at]), float(self.momentum[at]))

    def tail(self, count: int) -> FloatArray:
        """Return the last points, `step` sessions apart, newest last: shape (count, 2).

        Raises MissingDataError if one of them is unknown.
        """
        points = np.column_stack([self.strength, self.momentum])[:: -self.parameters.step][:count][::-1]
        if len(points) < count or np.isnan(points).any():
            raise MissingDataError(f"A tail of {count} points needs a longer history.")
        return points

    def _moves(self) -> tuple[FloatArray, FloatArray]:
        step = self.parameters.step
        return _lagged(self.strength, step), _lagged(self.momentum, step)


@dataclass(frozen=True, slots=True)
class Stability:
    """How many settings of a grid agree with the quadrant. unknown: settings that need a longer history."""

    quadrant: Quadrant
    agreeing: int
    settings: int
    unknown: int

    @property
    def share(self) -> float:
        """Return the share of the settings with an answer that agree, 0..1."""
        return self.agreeing / self.settings


def relative_strength(asset: FloatArray, benchmark: FloatArray) -> FloatArray:
    """Return the relative strength line, 100 at the first session.

    asset: shape (n,) or (n, k); benchmark: shape (n,); positive levels of common dates, one currency and
    one kind of return. Raises MissingDataError at a gap.

    >>> relative_strength(np.array([10.0, 11.0]), np.array([50.0, 50.0])).round(6).tolist()
    [100.0, 110.0]
    """
    _check_levels(asset, benchmark)
    line = np.log(asset / (benchmark if asset.ndim == 1 else benchmark[:, None]))
    return np.asarray(100.0 * np.exp(line - line[0]))


def rotation(
    asset: FloatArray, benchmark: FloatArray, parameters: RotationParameters | None = None
) -> Rotation:
    """Return strength and momentum of one line (n,) or of k lines (n, k) against a benchmark (n,).

    Levels are positive, on common dates, in one currency; multiplying either by a constant changes
    nothing, and neither does turning both into another currency. With fewer rows than one point needs
    all points are unknown. Formula: top of this module. Raises MissingDataError at a gap.

    With N = M = 2 and a line that rises by 10 percent in the last session only, strength is
    100 * 1.1 ** 0.5 = 104.88 and momentum 100 * 1.1 ** 0.25 = 102.41:

    >>> line, flat = np.array([1.0, 1.0, 1.1]), np.ones(3)
    >>> found = rotation(line, flat, RotationParameters(trend=2, momentum=2))
    >>> round(float(found.strength[-1]), 2), round(float(found.momentum[-1]), 2), str(found.quadrant())
    (104.88, 102.41, 'leading')
    """
    chosen = parameters or RotationParameters()
    _check_levels(asset, benchmark)
    strength, momentum = np.empty(asset.shape), np.empty(asset.shape)
    first, second = chosen.trend - 1, chosen.momentum - 1
    strength[:first] = momentum[: first + second] = np.nan
    table, base = asset.reshape(len(asset), -1), benchmark[:, None]
    columns = [out.reshape(table.shape) for out in (strength, momentum)]
    for start, end, some in tiles(table.shape, first):
        lead = max(start - first - second, 0)  # further back there are no points
        line = np.log(table[lead:end, some] / base[lead:end])
        strong = _above_mean(line, chosen.trend)
        gain = _above_mean(strong, chosen.momentum)
        for out, found in zip(columns, (strong, gain), strict=True):
            np.exp(found, out=found)
            np.multiply(found, CENTRE, out=out[end - len(found) : end, some])
    return Rotation(strength, momentum, chosen)


def quadrant_of(strength: float, momentum: float) -> Quadrant | None:
    """Return the quadrant of one point, or None if a coordinate is unknown.

    >>> str(quadrant_of(102.0, 99.0))
    'weakening'
    """
    if np.isnan(strength) or np.isnan(momentum):
        return None
    if abs(strength - CENTRE) < AT_CENTRE and abs(momentum - CENTRE) < AT_CENTRE:
        return Quadrant.CENTRE
    if strength >= CENTRE - AT_CENTRE:
        return Quadrant.LEADING if momentum >= CENTRE - AT_CENTRE else Quadrant.WEAKENING
    return Quadrant.IMPROVING if momentum >= CENTRE - AT_CENTRE else Quadrant.LAGGING


def quadrant_stability(
    asset: FloatArray,
    benchmark: FloatArray,
    parameters: RotationParameters | None = None,
    grid: Sequence[RotationParameters] = STABILITY_GRID,
) -> Stability:
    """Return how many settings of a grid put the last session in the same quadrant as `parameters`.

    asset, benchmark: shape (n,), as in `rotation`. Settings that need more rows are left out and counted.
    Raises MissingDataError if the quadrant itself, or that of every setting, is unknown.
    """
    here = rotation(asset, benchmark, parameters).quadrant()
    found = [last_quadrant(asset, benchmark, p) for p in grid]
    known = [q for q in found if q is not None]
    if here is None or not known:
        raise MissingDataError(f"{asset.size} sessions are too few for a quadrant.")
    return Stability(here, sum(q is here for q in known), len(known), len(found) - len(known))


def last_quadrant(
    asset: FloatArray, benchmark: FloatArray, parameters: RotationParameters
) -> Quadrant | None:
    """Return the quadrant of the last session from just the rows it needs; None if there are too few."""
    rows = parameters.rows_needed
    return rotation(asset[-rows:], benchmark[-rows:], parameters).quadrant()


def _above_mean(values: FloatArray, length: int) -> FloatArray:
    """Return each row minus the mean of the `length` that end with it, shape (max(n - length + 1, 0), k)."""
    if len(values) < length:
        return values[:0]
    (total,) = sums_of_windows(values, (length,))
    total /= length
    return np.subtract(values[length - 1 :], total, out=total)


def _check_levels(asset: FloatArray, benchmark: FloatArray) -> None:
    if len(asset) != len(benchmark):
        raise BadInputError(f"{len(asset)} levels cannot be set against {len(benchmark)}: align the dates.")
    require_positive(asset, "levels")
    require_positive(benchmark, "benchmark levels")


def _lagged(values: FloatArray, step: int) -> FloatArray:
    out = np.full(values.shape, np.nan)
    if len(values) > step:
        out[step:] = values[step:] - values[:-step]
    return out
