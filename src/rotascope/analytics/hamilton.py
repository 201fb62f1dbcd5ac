"""The filter of Hamilton (1989) over many chains at once: likelihoods, filtered probabilities, shares.

The model is that of `switching`. One after the other, a row costs some calls of numpy however few chains
there are. Without lags the likelihood is a product of matrices, which may be taken in any grouping:
neighbours are multiplied, then neighbours of those, and all rows of a stretch of time are worked on at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rotascope.analytics.arrays import FloatArray
from rotascope.model.errors import BadInputError

# Rows whose densities are worked out at once: bounds the memory.
_CHUNK = 512
# Cells of the matrices that are multiplied at once: 2 MB.
_CELLS = 1 << 18
_TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, slots=True)
class Chains:
    """B chains at once: transition (B, K, K), means (B, K), variances (B, K), ar (B, p)."""

    transition: FloatArray
    means: FloatArray
    variances: FloatArray
    ar: FloatArray


def long_run_shares(transition: FloatArray) -> FloatArray:
    """Return the long-run share of each state of B chains, shape (B, K). transition: shape (B, K, K).

    States are taken out one by one (Grassmann, Taksar and Heyman 1985). Nothing is subtracted, so a state
    that is left for good has a share of exactly zero: a linear solve would leave it 1e-17, and a value that
    only that state explains would bring it back. Raises BadInputError where a chain falls into groups of
    states that are never left, so that it does not say how it starts.
    """
    if (transition > 0.0).all():
        return _shares(transition)
    out = np.zeros(transition.shape[:2])
    for share, chain in zip(out, transition, strict=True):
        group = _lasting(chain)
        share[group] = _shares(chain[np.ix_(group, group)][None])[0]
    return out


def log_likelihoods(values: FloatArray, chains: Chains) -> FloatArray:
    """Return the log likelihood of values[p:] given values[:p] under each of B chains, shape (B,).

    values: shape (n,), known. As `filter_chains` to rounding, and several times as fast where p is 0. Minus
    infinity where every path of states is too unlikely for a float. Raises as `long_run_shares`.
    """
    count, k = chains.means.shape
    if chains.ar.shape[1]:
        return filter_chains(values, chains)[0]
    # the long-run shares stay as they are from one row to the next, so a step into the first row is harmless
    state, logs = long_run_shares(chains.transition).T, np.zeros(count)
    rows = max(_CELLS // (count * k * k), 2)
    with np.errstate(divide="ignore"):
        for start in range(0, values.size, rows):
            product, scale = _stretch(values[start : start + rows], chains)
            state = (state[:, None] * product).sum(axis=0)
            total = state.sum(axis=0)
            logs += scale + np.log(total)
            state /= np.maximum(total, _TINY)
    return logs


def _stretch(values: FloatArray, chains: Chains) -> tuple[FloatArray, FloatArray]:
    """Return the chance of (start state, values and end state), (K, K, B), and the log of its scale, (B,).

    The matrix of a row is the transition times the densities of the value, which are scaled so that the
    largest is 1; products are scaled in the same way, and the logs of all scales are added up.
    """
    spread = chains.variances.T[:, :, None]
    density = values - chains.means.T[:, :, None]
    density *= density
    density *= -0.5 / spread
    density -= 0.5 * np.log(2.0 * np.pi * spread)
    best = density.max(axis=0)
    density -= best
    product = chains.transition.transpose(1, 2, 0)[..., None] * np.exp(density, out=density)
    logs = best.sum(axis=1)
    due = True
    while (length := product.shape[3]) > 1:
        left, right = product[..., : length - 1 : 2], product[..., 1::2]
        pairs = left[:, 0, None] * right[None, 0]
        for i in range(1, len(product)):
            pairs += left[:, i, None] * right[None, i]
        due = not due or length == 2
        if (
            due
        ):  # products of four rows do not underflow where the largest chance of each row is 1e-70 or more
            scale = np.maximum.reduce(pairs, axis=(0, 1))
            logs += np.log(scale).sum(axis=1)
            pairs *= 1.0 / np.maximum(scale, _TINY)
        product = np.concatenate([pairs, product[..., -1:]], axis=3) if length % 2 else pairs
    return product[..., 0], logs


def filter_chains(values: FloatArray, chains: Chains, keep: bool = False) -> tuple[FloatArray, FloatArray]:
    """Return log likelihoods (B,) and, if kept, filtered probabilities (B, n - p, K) of B chains.

    The joint chance of (s(t), s(t-1), ..., s(t-p)) is held with one axis each, newest first.
    """
    count, k = chains.means.shape
    order = chains.ar.shape[1]
    joint = _initial(chains, order)
    step = chains.transition.transpose(0, 2, 1).reshape(count, k, k, *([1] * max(order - 1, 0)))
    last_axes, all_axes = tuple(range(2, order + 2)), tuple(range(1, order + 2))
    used = values.size - order
    logs, kept = np.zeros(count), np.empty((count, used if keep else 0, k))
    for start in range(0, used, _CHUNK):
        density = _densities(values[start : start + _CHUNK + order], chains)
        totals = np.empty((len(density), count))
        for i, here in enumerate(density):
            joint = (joint if start + i == 0 else _forward(joint, step, order)) * here
            total = np.maximum(joint.sum(axis=all_axes, keepdims=True), 1e-300)
            joint /= total
            totals[i] = total.reshape(count)
            if keep:
                kept[:, start + i] = joint.sum(axis=last_axes)
        logs += np.log(totals).sum(axis=0)
    return logs, kept


def _densities(values: FloatArray, chains: Chains) -> FloatArray:
    """Return the density of values[p:] under every combination of states, shape (n - p, B, K, ..., K)."""
    count, k = chains.means.shape
    order = chains.ar.shape[1]
    ones = [1] * (order + 1)
    lags = [values[order - i : values.size - i] for i in range(1, order + 1)]
    own = np.zeros((values.size - order, count))
    for i, lagged in enumerate(lags):
        own += lagged[:, None] * chains.ar[:, i]
    spread = chains.variances.reshape(count, k, *([1] * order))
    gap = (values[order:, None] - own).reshape(-1, count, *ones) - _mean_shift(chains, order)
    return np.asarray(np.exp(-0.5 * (np.log(2.0 * np.pi * spread) + gap**2 / spread)))


def _forward(joint: FloatArray, step: FloatArray, order: int) -> FloatArray:
    """Return the chance of (s(t+1), s(t), ...) from that of (s(t), ...), with the oldest state summed out."""
    if order == 0:
        return np.asarray((step * joint[:, None, :]).sum(axis=2))
    return np.asarray(step * joint.sum(axis=-1)[:, None])


def _initial(chains: Chains, order: int) -> FloatArray:
    """Return the joint chance of the first p + 1 states, newest first, from long-run shares."""
    count, k = chains.means.shape
    joint = long_run_shares(chains.transition)
    for _ in range(order):
        step = chains.transition.transpose(0, 2, 1).reshape(count, k, k, *([1] * (joint.ndim - 2)))
        joint = step * joint[:, None]
    return joint


def _shares(transition: FloatArray) -> FloatArray:
    """Return the long-run shares of chains (B, K, K) in which every state leads to every other."""
    left = transition.copy()
    states = left.shape[1]
    for last in range(states - 1, 0, -1):
        away = left[:, last, :last].sum(axis=1, keepdims=True)
        left[:, :last, last] /= away
        left[:, :last, :last] += left[:, :last, last, None] * left[:, last, None, :last]
    out = np.ones(left.shape[:2])
    for last in range(1, states):
        out[:, last] = (out[:, :last] * left[:, :last, last]).sum(axis=1)
    return np.asarray(out / out.sum(axis=1, keepdims=True))


def _lasting(chain: FloatArray) -> npt.NDArray[np.intp]:
    """Return the states of the one group that a chain (K, K) ends in. Raises BadInputError for several."""
    leads = (chain > 0.0) | np.eye(len(chain), dtype=np.bool_)
    for _ in range(len(chain).bit_length()):  # squared often enough, a step is any number of steps
        leads = leads @ leads
    lasting = np.flatnonzero((leads <= leads.T).all(axis=1))
    if not leads[np.ix_(lasting, lasting)].all():
        raise BadInputError(
            "The chain has groups of states that are never left, so it does not say how it starts.",
            fix="Give each state a chance above zero of leading to the others.",
        )
    return lasting


def _mean_shift(chains: Chains, order: int) -> FloatArray:
    """Return mu(s) - sum of phi_i * mu(s at t-i) for every combination of states."""
    count, k = chains.means.shape
    out = np.zeros((count, *([1] * (order + 1))))
    for lag in range(order + 1):
        weight = np.ones(count) if lag == 0 else -chains.ar[:, lag - 1]
        axes = [1] * (order + 1)
        axes[lag] = k
        out = out + (weight[:, None] * chains.means).reshape(count, *axes)
    return out
