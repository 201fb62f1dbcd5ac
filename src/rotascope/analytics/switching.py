"""Regimes by a Markov chain: the filter of Hamilton (1989), fitted by maximum likelihood.

y(t) is normal with variance v(s), and its mean is

    mu(s) + phi_1 * (y(t-1) - mu(s at t-1)) + ... + phi_p * (y(t-p) - mu(s at t-p)),

where s is one of K states; P[i, j] is the chance that state i is followed by state j. Only filtered
probabilities are given: what was known at the end of day t. Smoothed ones use the future.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rotascope.analytics.arrays import FloatArray, require_known
from rotascope.analytics.hamilton import Chains, filter_chains, log_likelihoods, long_run_shares
from rotascope.analytics.optimise import Minimum, minimise
from rotascope.model.errors import BadInputError, MissingDataError

__all__ = [
    "SwitchingFit",
    "SwitchingModel",
    "filtered_probabilities",
    "fit_switching",
    "log_likelihood",
    "long_run_shares",
    "walk_forward",
]

# A variance below this share of the variance of the series belongs to a state that holds a few equal values.
COLLAPSED = 1e-3


@dataclass(frozen=True, slots=True)
class SwitchingModel:
    """A chain: transition (K, K), rows sum to 1; means (K,), ascending; variances (K,); ar (p,).

    In the unit of the series (variances in its square).
    """

    transition: FloatArray
    means: FloatArray
    variances: FloatArray
    ar: FloatArray


@dataclass(frozen=True, slots=True)
class SwitchingFit:
    """A fitted chain. Use `model` only if `converged`; `reason` says why the search stopped.

    log_likelihood: of y[p:], given its first p values. gradient: largest slope left at the end.
    """

    model: SwitchingModel
    log_likelihood: float
    converged: bool
    iterations: int
    gradient: float
    reason: str


def filtered_probabilities(values: FloatArray, model: SwitchingModel) -> FloatArray:
    """Return the chance of each state at the end of each session, shape (n, K); rows sum to 1.

    values: shape (n,), known. The first p rows, on which the model conditions, are NaN. Row t uses values up
    to t and the model; whether the model itself looked ahead is the caller's to say: see `walk_forward`.
    Raises BadInputError where the chain has several groups of states that are never left.
    """
    order = model.ar.size
    out = np.full((values.size, model.means.size), np.nan)
    out[order:] = filter_chains(require_known(values, "regimes"), _batch([model]), keep=True)[1][0]
    return out


def log_likelihood(values: FloatArray, model: SwitchingModel) -> float:
    """Return the log likelihood of values[p:] given values[:p]. Raises as `filtered_probabilities`."""
    return float(filter_chains(require_known(values, "regimes"), _batch([model]))[0][0])


def fit_switching(
    values: FloatArray,
    *,
    regimes: int = 2,
    order: int = 0,
    switching_variance: bool = False,
    starts: int = 4,
    tolerance: float = 1e-5,
) -> SwitchingFit:
    """Fit a chain by maximum likelihood: BFGS from several fixed starts, the best one kept.

    values: shape (n,), known. States come back in ascending order of their means. tolerance: the search has
    converged when no slope of the log likelihood, in standardised units, is greater. Nothing is random.
    starts: 1 to 4. Raises MissingDataError if there are too few values, or if they do not vary.
    """
    if regimes < 2 or order < 0 or not 1 <= starts <= 4:
        raise BadInputError(f"{regimes} regimes of order {order} from {starts} starts cannot be fitted.")
    count = regimes * (regimes - 1) + regimes + order + (regimes if switching_variance else 1)
    if require_known(values, "regimes").size < 3 * count + order:
        raise MissingDataError(f"{values.size} values are too few for {count} parameters.")
    centre, scale = float(values.mean()), float(values.std())
    if scale <= 1e-12 * max(1.0, abs(centre)):
        raise MissingDataError("The values do not vary; they show no regimes.")
    z = (values - centre) / scale
    shape = _Shape(regimes, order, switching_variance)

    def cost(points: FloatArray) -> FloatArray:
        return -log_likelihoods(z, shape.unpack(points))

    ends = [minimise(cost, s, tolerance) for s in shape.starts(z, starts)]
    best = min(ends, key=lambda m: (shape.collapsed(m.point), m.value))
    return _finish(best, shape, centre, scale, values.size - order)


def walk_forward(
    values: FloatArray, *, minimum: int, every: int, order: int = 0, switching_variance: bool = False
) -> FloatArray:
    """Return the chance of the state with the highest mean, each date with a model fitted on data before it.

    values: shape (n,). The model is fitted on the first `minimum` values and again every `every` rows, always
    on all rows before; shape (n,), NaN for the first `minimum` rows and wherever the fit did not converge.
    Later rows never change an earlier one.
    """
    if minimum < 1 or every < 1:
        raise BadInputError(f"A walk from {minimum} in steps of {every} is impossible.")
    out = np.full(values.size, np.nan)
    for start in range(minimum, values.size, every):
        fit = fit_switching(values[:start], order=order, switching_variance=switching_variance)
        stop = min(start + every, values.size)
        if fit.converged:
            out[start:stop] = filtered_probabilities(values[:stop], fit.model)[start:, -1]
    return out


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a chain is laid out as a point of free numbers: logits of each row, means, log variances, ar."""

    regimes: int
    order: int
    switching_variance: bool

    def unpack(self, points: FloatArray) -> Chains:
        """Return the chains that the rows of `points` stand for."""
        k, count = self.regimes, len(points)
        cut = np.cumsum([k * (k - 1), k, k if self.switching_variance else 1])
        logits, means, logs, ar = np.split(points, cut, axis=1)
        full = np.concatenate([logits.reshape(count, k, k - 1), np.zeros((count, k, 1))], axis=2)
        # no chance underflows to zero, so that every chain of the search says how it starts
        odds = np.exp(np.maximum(full - full.max(axis=2, keepdims=True), -600.0))
        variances = np.broadcast_to(np.exp(np.clip(logs, -30.0, 30.0)), (count, k))
        return Chains(odds / odds.sum(axis=2, keepdims=True), means, variances, ar)

    def collapsed(self, point: FloatArray) -> bool:
        """Say whether a state shrank to a point, where the likelihood has no upper bound."""
        return bool(self.unpack(point[None]).variances.min() < COLLAPSED)

    def starts(self, z: FloatArray, count: int) -> list[FloatArray]:
        """Return fixed starting points: means near and far apart, states that last and that do not."""
        k = self.regimes
        found = []
        for width, stay in [(0.8, 0.9), (0.5, 0.75), (0.95, 0.6), (0.3, 0.97)][:count]:
            means = np.quantile(z, np.linspace(0.5 - width / 2, 0.5 + width / 2, k))
            chain = np.full((k, k), (1.0 - stay) / (k - 1)) + np.eye(k) * (stay - (1.0 - stay) / (k - 1))
            logits = np.log(chain[:, :-1] / chain[:, -1:]).ravel()
            logs = np.full(k if self.switching_variance else 1, np.log(0.5))
            found.append(np.concatenate([logits, means, logs, np.zeros(self.order)]))
        return found


def _batch(models: list[SwitchingModel]) -> Chains:
    return Chains(
        *(np.stack([getattr(m, f) for m in models]) for f in ("transition", "means", "variances", "ar"))
    )


def _finish(best: Minimum, shape: _Shape, centre: float, scale: float, used: int) -> SwitchingFit:
    """Return the fit in the units of the series, states in ascending order of their means."""
    chain = shape.unpack(best.point[None])
    order = np.argsort(chain.means[0])
    model = SwitchingModel(
        chain.transition[0][np.ix_(order, order)],
        centre + scale * chain.means[0][order],
        scale**2 * chain.variances[0][order],
        chain.ar[0],
    )
    likelihood = -best.value - used * float(np.log(scale))
    if shape.collapsed(best.point):
        return SwitchingFit(
            model, likelihood, False, best.iterations, best.gradient, "a state shrank to a point"
        )
    return SwitchingFit(model, likelihood, best.converged, best.iterations, best.gradient, best.reason)
