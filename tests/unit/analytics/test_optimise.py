"""The quasi-Newton search, against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from rotascope.analytics.optimise import minimise


def rosenbrock(points: np.ndarray) -> np.ndarray:
    return np.array([optimize.rosen(p) for p in points])


@pytest.mark.parametrize("start", [[-1.2, 1.0], [3.0, -2.0, 1.0], [0.0, 0.0, 0.0, 0.0]])
def test_finds_the_minimum_that_scipy_finds(start: list[float]) -> None:
    found = minimise(rosenbrock, np.array(start), 1e-6)
    theirs = optimize.minimize(optimize.rosen, start, method="BFGS")
    assert found.converged
    np.testing.assert_allclose(found.point, theirs.x, atol=1e-4)
    assert found.gradient <= 1e-6


def test_says_when_it_did_not_converge() -> None:
    found = minimise(rosenbrock, np.array([-1.2, 1.0]), 1e-6, limit=3)
    assert not found.converged
    assert found.iterations == 3
    slope = minimise(lambda p: p.sum(axis=1), np.array([1.0, 0.3]), 1e-9)  # no bottom anywhere
    assert not slope.converged


def test_walls_of_infinity_are_not_crossed() -> None:
    def cost(points: np.ndarray) -> np.ndarray:
        return np.where(points[:, 0] > 0, points[:, 0] - np.log(np.abs(points[:, 0])), np.inf)

    found = minimise(cost, np.array([5.0]), 1e-6)
    assert found.converged
    assert found.point[0] == pytest.approx(1.0, abs=1e-5)
