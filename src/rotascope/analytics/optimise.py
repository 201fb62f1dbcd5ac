"""A quasi-Newton search (BFGS) for smooth functions of a few numbers, evaluated in batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rotascope.analytics.arrays import FloatArray

Cost = Callable[[FloatArray], FloatArray]  # points (b, d) to values (b,)
# Step of the central difference, relative to the size of a coordinate: cube root of the precision of a float.
RELATIVE_STEP = 6e-6
_TRIES = 0.5 ** np.arange(12)


@dataclass(frozen=True, slots=True)
class Minimum:
    """Where a search ended. gradient: the largest slope there. converged: it is within the tolerance."""

    point: FloatArray
    value: float
    gradient: float
    iterations: int
    converged: bool
    reason: str


def minimise(cost: Cost, start: FloatArray, tolerance: float, limit: int = 300) -> Minimum:
    """Return a local minimum near a starting point, shape (d,).

    cost takes points (b, d) and returns (b,); slopes are central differences, so one iteration makes two
    calls. A search that cannot go down any further ends unconverged unless its slope is within the tolerance.
    """
    point, inverse = start.astype(np.float64), np.eye(start.size)
    value, slope = _slope(cost, point)
    for count in range(limit):
        size = float(np.abs(slope).max())
        if size <= tolerance:
            return Minimum(point, value, size, count, True, "the slope is within the tolerance")
        direction = -inverse @ slope
        if float(direction @ slope) >= 0.0:
            inverse, direction = np.eye(start.size), -slope
        direction *= min(1.0, 5.0 / float(np.abs(direction).max()))
        found = _line(cost, point, value, direction, float(direction @ slope))
        if found is None:
            if np.array_equal(inverse, np.eye(start.size)):
                return Minimum(point, value, size, count, False, "no step goes down any further")
            inverse = np.eye(start.size)
            continue
        step = found * direction
        new_value, new_slope = _slope(cost, point + step)
        inverse = _update(inverse, step, new_slope - slope)
        point, value, slope = point + step, new_value, new_slope
    return Minimum(point, value, float(np.abs(slope).max()), limit, False, f"{limit} iterations were used up")


def _slope(cost: Cost, point: FloatArray) -> tuple[float, FloatArray]:
    steps = np.diag(RELATIVE_STEP * np.maximum(1.0, np.abs(point)))
    values = cost(np.concatenate([point[None], point + steps, point - steps]))
    d = point.size
    return float(values[0]), (values[1 : d + 1] - values[d + 1 :]) / (2.0 * np.diag(steps))


def _line(cost: Cost, point: FloatArray, value: float, direction: FloatArray, descent: float) -> float | None:
    """Return the largest of the halved steps that goes down enough (Armijo), or None."""
    values = cost(point + _TRIES[:, None] * direction)
    enough = np.flatnonzero(np.isfinite(values) & (values <= value + 1e-4 * _TRIES * descent))
    return float(_TRIES[enough[0]]) if enough.size else None


def _update(inverse: FloatArray, step: FloatArray, change: FloatArray) -> FloatArray:
    """Return the next inverse Hessian; unchanged where the curvature along the step is not positive."""
    curve = float(step @ change)
    if curve <= 1e-12:
        return inverse
    left = np.eye(step.size) - np.outer(step, change) / curve
    return np.asarray(left @ inverse @ left.T + np.outer(step, step) / curve)
