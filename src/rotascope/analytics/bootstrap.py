"""The stationary bootstrap of Politis and Romano (1994), and how long its blocks should be.

One stream of uniform numbers in [0, 1) is the only source of chance, and it is read in a stated order, so
that another program can repeat a result: for each replication, blocks are drawn until they cover n rows;
each block takes two numbers u, v: it starts at row floor(u * n) and has 1 + floor(ln(1 - v) / ln(1 - 1/b))
rows (geometric with mean b), running past the last row to the first; the last block is cut at n rows.
`stream(seed)` gives the numbers of Python's `random.Random(seed)`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rotascope.analytics.arrays import FloatArray, require_known
from rotascope.model.errors import BadInputError, MissingDataError

IntArray = npt.NDArray[np.int64]
# Uniform pairs held at a time: bounds the memory whatever the number of replications.
CHUNK_BLOCKS = 1 << 18
# Rows of resampled data held at a time by `resample` (8 bytes each).
CHUNK_ROWS = 1 << 21


@dataclass(frozen=True, slots=True)
class BlockLength:
    """Optimal mean block length in rows, for the stationary and for the circular bootstrap."""

    stationary: float
    circular: float


@dataclass(frozen=True, slots=True)
class Interval:
    """What the data say, and the range in which the middle `level` of the replications lies.

    In the unit of the statistic. standard_error: standard deviation of the replications (divisor B - 1).
    """

    estimate: float
    low: float
    high: float
    level: float
    standard_error: float
    replications: int
    block_length: float


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of some replications, one after the other. first: index of the first block of each."""

    starts: IntArray
    lengths: IntArray
    first: IntArray


def stream(seed: int) -> np.random.Generator:
    """Return a generator whose `random()` gives the numbers of `random.Random(seed).random()`.

    >>> stream(7).random(2).tolist() == [(r := random.Random(7)).random(), r.random()]
    True
    """
    bits = np.random.MT19937(0)
    _, state, _ = random.Random(seed).getstate()
    key = np.array(state[:-1], dtype=np.uint32)
    bits.state = {"bit_generator": "MT19937", "state": {"key": key, "pos": state[-1]}}
    return np.random.Generator(bits)


def optimal_block_length(values: FloatArray) -> BlockLength:
    """Return the block length of Politis and White (2004), as corrected by Patton, Politis and White (2009).

    values: shape (n,), n >= 10, known, in date order. The lag at which correlation has died out is the first
    m after which K = max(5, floor(log10 n)) correlations in a row lie within 2 * sqrt(log10(n) / n); the
    flat-top window reaches to 2m. Capped at min(3 * sqrt(n), n / 3), rounded up. A constant series has 1.

    Following A. Patton's published program, a correlation is divided by the root of the sums of squares
    of the two parts that are compared, each without the first or last lag + 1 rows.
    """
    require_known(values, "block length")
    n = values.size
    if n < 10:
        raise MissingDataError(f"{n} values are too few to choose a block length; 10 or more are needed.")
    centred = values - values.mean()
    cap = float(np.ceil(min(3.0 * np.sqrt(n), n / 3.0)))
    lag, covariance = _cutoff(centred)
    if covariance[0] <= 1e-30 * max(1.0, float(np.abs(values).max()) ** 2):
        return BlockLength(1.0, 1.0)
    k = np.arange(1, lag + 1)
    window = np.minimum(1.0, 2.0 * (1.0 - k / lag))
    slope = 2.0 * float((window * k * covariance[1 : lag + 1]).sum())
    spectrum = float(covariance[0] + 2.0 * (window * covariance[1 : lag + 1]).sum())
    if spectrum == 0.0:
        return BlockLength(cap, cap)
    base = 2.0 * slope**2 / spectrum**2 * n
    stationary, circular = (base / 2.0) ** (1 / 3), (base * 3.0 / 4.0) ** (1 / 3)
    return BlockLength(max(1.0, min(stationary, cap)), max(1.0, min(circular, cap)))


def _cutoff(centred: FloatArray) -> tuple[int, FloatArray]:
    """Return the reach of the window and the autocovariances up to the largest lag looked at."""
    n = centred.size
    run = max(5, int(np.log10(n)))
    most = min(int(np.ceil(np.sqrt(n))) + run, n - 2)
    bound = 2.0 * np.sqrt(np.log10(n) / n)
    squares = np.concatenate([[0.0], np.cumsum(centred**2)])
    products = np.array([float(centred[i:] @ centred[: n - i]) for i in range(most + 1)])
    lags = np.arange(most + 1)
    late, early = squares[-1] - squares[lags + 1], squares[n - lags - 1]
    scale = np.sqrt(np.maximum(late * early, 0.0))
    correlation = np.divide(np.abs(products), scale, out=np.zeros(most + 1), where=scale > 0)
    small = np.concatenate([[0], np.cumsum(correlation < bound)])
    quiet = np.flatnonzero(small[run : most + 1] - small[: most + 1 - run] == run)
    lag = 2 * max(int(quiet[0]), 1) if quiet.size else most
    return min(lag, most), products / n


def draw_blocks(
    rows: int,
    block_length: float,
    replications: int,
    rng: np.random.Generator,
    chunk: int = CHUNK_BLOCKS,
) -> Iterator[Blocks]:
    """Yield the blocks of all replications, some replications at a time, each covering `rows` rows.

    block_length: mean length b >= 1. The order of the draws is stated at the top of this module; the
    chunk bounds the memory and does not change the result. Numbers drawn beyond the last block are lost.
    """
    _check(rows, block_length, replications)
    starts, lengths = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    left = replications
    while left:
        wanted = min(chunk, int(left * (rows / block_length + 1) * 1.02) + 64)
        more_starts, more_lengths = _draw(rows, block_length, wanted, rng)
        starts, lengths = np.concatenate([starts, more_starts]), np.concatenate([lengths, more_lengths])
        edges = _edges(np.cumsum(lengths), rows, left)
        if len(edges) == 1:
            continue
        done = edges[-1]
        yield Blocks(starts[:done], _cut(lengths[:done], edges, rows), np.array(edges[:-1]))
        starts, lengths, left = starts[done:], lengths[done:], left - len(edges) + 1


def _draw(rows: int, block_length: float, count: int, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    pairs = rng.random(2 * count)
    starts = (pairs[0::2] * rows).astype(np.int64)
    if block_length == 1.0:
        return starts, np.ones(count, dtype=np.int64)
    tail = np.log1p(-pairs[1::2]) / np.log1p(-1.0 / block_length)
    return starts, 1 + np.minimum(tail, rows).astype(np.int64)


def _edges(reach: IntArray, rows: int, most: int) -> list[int]:
    """Return the index of the first block of each complete replication, and of the one after the last."""
    edges, before = [0], 0
    find = reach.searchsorted
    while len(edges) <= most:
        at = int(find(before + rows))
        if at >= reach.size:
            break
        edges.append(at + 1)
        before = int(reach[at])
    return edges


def _cut(lengths: IntArray, edges: list[int], rows: int) -> IntArray:
    out = lengths.copy()
    firsts, lasts = np.array(edges[:-1]), np.array(edges[1:]) - 1
    out[lasts] -= np.add.reduceat(lengths, firsts) - rows
    return out


def bootstrap_means(
    values: FloatArray, block_length: float, replications: int, rng: np.random.Generator
) -> FloatArray:
    """Return the mean of each replication of a series, shape (replications,), in the unit of the values.

    values: shape (n,), known. Sums over a block come from running sums, so the cost is the number of
    blocks and not of rows: about n / b per replication.
    """
    require_known(values, "bootstrap")
    n = values.size
    shift = float(values.mean())
    running = np.concatenate([[0.0], np.cumsum(np.concatenate([values, values]) - shift)])
    out = [
        np.add.reduceat(running[b.starts + b.lengths] - running[b.starts], b.first)
        for b in draw_blocks(n, block_length, replications, rng)
    ]
    return np.asarray(shift + np.concatenate(out) / n)


def bootstrap_counts(
    hits: npt.NDArray[np.bool_], block_length: float, replications: int, rng: np.random.Generator
) -> IntArray:
    """Return how many rows of each replication are hits, exactly; shape (replications,)."""
    if hits.size == 0:
        raise MissingDataError("Nothing to draw from: there are no rows.")
    twice = np.concatenate([hits, hits])
    running = np.concatenate([[0], np.cumsum(twice, dtype=np.int64)])
    out = [
        np.add.reduceat(running[b.starts + b.lengths] - running[b.starts], b.first)
        for b in draw_blocks(hits.size, block_length, replications, rng)
    ]
    return np.concatenate(out)


def resample(
    rows: int, block_length: float, replications: int, rng: np.random.Generator, chunk: int = CHUNK_ROWS
) -> Iterator[IntArray]:
    """Yield row numbers for replications of any statistic, shape (some replications, rows).

    At most about `chunk` numbers are held at a time (never less than one replication).
    """
    per = max(1, chunk // rows)
    for blocks in draw_blocks(rows, block_length, replications, rng):
        edges = np.append(blocks.first, blocks.starts.size)
        for i in range(0, blocks.first.size, per):
            part = slice(edges[i], edges[min(i + per, blocks.first.size)])
            starts, lengths = blocks.starts[part], blocks.lengths[part]
            ends = np.cumsum(lengths)
            within = np.arange(int(ends[-1])) - np.repeat(ends - lengths, lengths)
            yield ((np.repeat(starts, lengths) + within) % rows).reshape(-1, rows)


def bootstrap_statistic(
    values: FloatArray,
    statistic: Callable[[FloatArray], FloatArray],
    block_length: float,
    replications: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Return a statistic of each replication, shape (replications,).

    values: shape (n,). statistic: takes (r, n), one replication a row, and returns (r,).
    """
    require_known(values, "bootstrap")
    rows = resample(values.size, block_length, replications, rng)
    return np.concatenate([np.asarray(statistic(values[index])) for index in rows])


def interval(estimate: float, replicated: FloatArray, block_length: float, level: float = 0.90) -> Interval:
    """Return the percentile interval of replications: their (1 - level) / 2 quantile and its mirror.

    Quantiles are linear between order statistics. level in (0, 1).
    """
    if not 0.0 < level < 1.0 or replicated.size < 2:
        raise BadInputError(f"A level of {level} with {replicated.size} replications gives no interval.")
    low, high = np.quantile(replicated, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    error = float(replicated.std(ddof=1))
    return Interval(estimate, float(low), float(high), level, error, replicated.size, block_length)


def mean_interval(
    values: FloatArray,
    replications: int,
    rng: np.random.Generator,
    *,
    block_length: float | None = None,
    level: float = 0.90,
) -> Interval:
    """Return the mean of a series with its interval. block_length None: the optimal stationary one."""
    length = optimal_block_length(values).stationary if block_length is None else block_length
    means = bootstrap_means(values, length, replications, rng)
    return interval(float(values.mean()), means, length, level)


def percentile_interval(
    windows: FloatArray,
    current: float,
    replications: int,
    rng: np.random.Generator,
    *,
    block_length: float | None = None,
    level: float = 0.90,
) -> Interval:
    """Return the percentile of a value among all windows, 0..100, with its bootstrap interval.

    windows: shape (n,), the value of every window in date order, overlapping ones included. The percentile
    is the share with a value no greater than `current`: a mean of ones and zeros, whose dependence decides
    the block length unless one is given. The value itself is held fixed; the history is drawn again.
    """
    hits = require_known(windows, "windows") <= current
    length = (
        optimal_block_length(hits.astype(np.float64)).stationary if block_length is None else block_length
    )
    shares = 100.0 * bootstrap_counts(hits, length, replications, rng) / hits.size
    return interval(100.0 * float(hits.mean()), shares, length, level)


def _check(rows: int, block_length: float, replications: int) -> None:
    if rows < 1 or replications < 1:
        raise BadInputError(f"{replications} replications of {rows} rows cannot be drawn.")
    if not block_length >= 1.0:
        raise BadInputError(f"A mean block length of {block_length} is below 1 row.")
