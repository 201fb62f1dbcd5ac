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
_ENOUGH = 1e-4  # of the descent that the slope promises


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

    cost takes points (b, d) and returns (b,); slopes are central differences. An iteration makes two calls,
    for the length of the step and for the slope at its end; after one that took the whole step, mostly one. A
    search that cannot go down any further ends unconverged unless its slope is within the tolerance.
    """
    point, inverse, bold = start.astype(np.float64), np.eye(start.size), False
    value, slope = _slope(cost, point)
    for count in range(limit):
        size = float(np.abs(slope).max())
        if size <= tolerance:
            return Minimum(point, value, size, count, True, "the slope is within the tolerance")
        direction = -inverse @ slope
        if float(direction @ slope) >= 0.0:
            inverse, direction = np.eye(start.size), -slope
        direction *= min(1.0, 5.0 / float(np.abs(direction).max()))
        there = _go(cost, point, value, direction, float(direction @ slope), bold)
        if there is None:
            if np.array_equal(inverse, np.eye(start.size)):
                return Minimum(point, value, size, count, False, "no step goes down any further")
            inverse = np.eye(start.size)
            continue
        share, new_value, new_slope = there
        step, bold = share * direction, share == 1.0
        inverse = _update(inverse, step, new_slope - slope)
        point, value, slope = point + step, new_value, new_slope
    return Minimum(point, value, float(np.abs(slope).max()), limit, False, f"{limit} iterations were used up")


def _slope(cost: Cost, point: FloatArray) -> tuple[float, FloatArray]:
    steps = np.diag(RELATIVE_STEP * np.maximum(1.0, np.abs(point)))
    values = cost(np.concatenate([point[None], point + steps, point - steps]))
    d = point.size
    with np.errstate(invalid="ignore"):  # beyond a wall there is no slope, and the value says so
        slope = (values[1 : d + 1] - values[d + 1 :]) / (2.0 * np.diag(steps))
    return float(values[0]), slope


def _go(
    cost: Cost, point: FloatArray, value: float, direction: FloatArray, descent: float, bold: bool
) -> tuple[float, float, FloatArray] | None:
    """Return the largest of the halved steps that goes down enough (Armijo), as a share, or None.

    With it come the value and the slope at its end. `bold`: the whole step is tried first, with its slope.
    """
    if bold:
        whole = _slope(cost, point + direction)
        if np.isfinite(whole[0]) and whole[0] <= value + _ENOUGH * descent:
            return 1.0, *whole
    values = cost(point + _TRIES[:, None] * direction)
    enough = np.flatnonzero(np.isfinite(values) & (values <= value + _ENOUGH * _TRIES * descent))
    if not enough.size:
        return None
    share = float(_TRIES[enough[0]])
    return share, *_slope(cost, point + share * direction)


def _update(inverse: FloatArray, step: FloatArray, change: FloatArray) -> FloatArray:
    """Return the next inverse Hessian; unchanged where the curvature along the step is not positive."""
    curve = float(step @ change)
    if curve <= 1e-12:
        return inverse
    left = np.eye(step.size) - np.outer(step, change) / curve
    return np.asarray(left @ inverse @ left.T + np.outer(step, step) / curve)
