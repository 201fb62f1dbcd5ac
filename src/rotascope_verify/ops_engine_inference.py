"""Engine operations on how sure a figure is: errors, block lengths, the bootstrap. docs/bundle-format.md."""

from __future__ import annotations

import math
from itertools import accumulate
from operator import mul
from random import Random

from rotascope_verify.failures import CheckError
from rotascope_verify.ops import MAX_WORK, Call, operation
from rotascope_verify.ops_engine_grid import check_params, grid_key, grid_names, grid_values, mean_of

ALL_GRIDS = ("sessions", "months", "rows")
MAX_BLOCKS = 3_000_000  # blocks that one bootstrap may draw
FLAT = 1e-30


def _lagged(e: list[float], lag: int) -> float:
    """Return the sum of e[j] * e[j - lag]."""
    return math.fsum(map(mul, e[lag:], e))


def _deviations(values: list[float]) -> list[float]:
    middle = mean_of(values)
    return [x - middle for x in values]


@operation("newey_west", "grid length lags want", rows=(1, 2))
def op_newey_west(call: Call) -> float:
    """The mean of values and its error, where neighbours are alike."""
    check_params(call, "lags want", grid_names(call, *ALL_GRIDS))
    want = call.choice("want", "mean", "standard_error", "t", "count")
    _, values = grid_values(call)
    n = len(values)
    if n < 2:
        raise CheckError("there are fewer than two values")
    lags = call.whole("lags", 0, n - 1)

    def spread() -> float:
        if n * (lags + 1) > MAX_WORK:
            raise CheckError("too many lags to recompute")
        e = _deviations(values)
        tail = math.fsum((1 - k / (lags + 1)) * (_lagged(e, k) / n) for k in range(1, lags + 1))
        return _lagged(e, 0) / n + 2 * tail

    variance = call.remember("newey_west", spread, *grid_key(call), lags)
    if variance <= 0:
        raise CheckError("the variance is not greater than zero")
    mean, error = mean_of(values), math.sqrt(variance / n)
    return {"mean": mean, "standard_error": error, "t": mean / error, "count": n}[want]


def block_lengths(x: list[float]) -> tuple[float, float]:
    """Return the block lengths for the stationary and the circular bootstrap of a list of values."""
    n = len(x)
    if n < 10:
        raise CheckError("a block length needs ten values")
    e = _deviations(x)
    k_max = max(5, math.floor(math.log10(n)))
    q_max = min(math.ceil(math.sqrt(n)) + k_max, n - 2)
    p = [_lagged(e, i) for i in range(q_max + 1)]
    if p[0] / n <= FLAT * max(1.0, max(map(abs, x)) ** 2):
        return 1.0, 1.0
    width = _bandwidth(e, p, k_max, q_max)
    weights = [min(1.0, 2 * (1 - k / width)) for k in range(1, width + 1)]
    pairs = list(zip(range(1, width + 1), weights, p[1 : width + 1], strict=True))
    g = 2 * math.fsum(w * k * pk / n for k, w, pk in pairs)
    f = p[0] / n + 2 * math.fsum(w * pk / n for _, w, pk in pairs)
    cap = float(math.ceil(min(3 * math.sqrt(n), n / 3)))
    if f == 0:
        return cap, cap
    ratio = g * g / (f * f) if f * f else math.inf
    stationary, circular = (min(max((c * n * ratio) ** (1 / 3), 1.0), cap) for c in (1.0, 1.5))
    return stationary, circular


def _bandwidth(e: list[float], p: list[float], k_max: int, q_max: int) -> int:
    """Return G: twice the lag after which correlations are no more than noise."""
    n = len(e)
    sums = list(accumulate((x * x for x in e), initial=0.0))
    bound = 2 * math.sqrt(math.log10(n) / n)
    quiet = 0
    for i in range(q_max):
        product = (sums[n] - sums[i + 1]) * sums[n - i - 1]
        r = abs(p[i]) / math.sqrt(product) if product > 0 else 0.0
        quiet = quiet + 1 if r < bound else 0
        if quiet == k_max:
            return min(q_max, 2 * max(i - k_max + 1, 1))
    return q_max


def _hits(call: Call, values: list[float]) -> list[float]:
    """Return 1 where a value is at most the current one, else 0."""
    return call.remember("hits", lambda: [float(v <= values[-1]) for v in values], *grid_key(call))


@operation("block_length", "grid length of want", rows=(1, 2))
def op_block_length(call: Call) -> float:
    """How long the blocks of a bootstrap should be."""
    check_params(call, "of want", grid_names(call, *ALL_GRIDS))
    want, of = call.choice("want", "stationary", "circular"), call.choice("of", "values", "hits")
    stationary, circular = _lengths(call, of)
    return stationary if want == "stationary" else circular


def _lengths(call: Call, of: str) -> tuple[float, float]:
    _, values = grid_values(call)
    x = values if of == "values" else _hits(call, values)
    return call.remember("block_lengths", lambda: block_lengths(x), *grid_key(call), of)


def draw_shares(hits: list[float], b: float, seed: int, replications: int) -> list[float]:
    """Return the percentage of hits in each replication of the stationary bootstrap, sorted upwards."""
    n = len(hits)
    before = list(accumulate((int(h) for h in hits + hits), initial=0))
    stream = Random(seed).random
    scale = math.log(1 - 1 / b) if b > 1 else 0.0
    if b > 1 and scale == 0:
        raise CheckError("params.block_length is too large")
    log, out = math.log, []
    for _ in range(replications):
        rows = total = 0
        while rows < n:
            u, v = stream(), stream()
            start = int(u * n)
            size = 1 + int(min(n, log(1 - v) / scale)) if b > 1 else 1
            size = min(size, n - rows)
            total += before[start + size] - before[start]
            rows += size
        out.append(100 * total / n)
    return sorted(out)


def _quantile(x: list[float], q: float) -> float:
    z = (len(x) - 1) * q
    j = math.floor(z)
    return x[j] + (z - j) * (x[j + 1] - x[j]) if j + 1 < len(x) else x[-1]


@operation("bootstrap_window", "grid length seed replications block_length level want", rows=(1, 2))
def op_bootstrap_window(call: Call) -> float:
    """The percentile of the current value and the range in which the stationary bootstrap finds it."""
    check_params(call, "seed replications block_length level want", grid_names(call, *ALL_GRIDS))
    want = call.choice("want", "low", "high", "percentile", "block_length")
    replications, level = call.whole("replications", 100, 1000), call.number("level")
    seed = call.params["seed"]
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise CheckError("params.seed is not a whole number from 0 on")
    if not 0 < level < 1:
        raise CheckError("params.level is not between 0 and 1")
    _, values = grid_values(call)
    hits = _hits(call, values)
    auto = call.params["block_length"] == "auto"
    b = _lengths(call, "hits")[0] if auto else call.number("block_length")
    if b < 1:
        raise CheckError("params.block_length is less than 1")
    if len(hits) * replications / b > MAX_BLOCKS:
        raise CheckError("too many blocks to draw")
    if want in ("percentile", "block_length"):
        return 100 * mean_of(hits) if want == "percentile" else b
    drawn = call.remember(
        "bootstrap", lambda: draw_shares(hits, b, seed, replications), *grid_key(call), b, seed, replications
    )
    return _quantile(drawn, (1 - level) / 2 if want == "low" else (1 + level) / 2)
