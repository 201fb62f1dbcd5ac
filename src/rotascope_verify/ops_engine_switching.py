"""Engine operations on hidden states: a switching model that is given, and changes of a mean.

docs/bundle-format.md, "Operations of the rotation engine".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise, product
from typing import Any

from rotascope_verify.failures import CheckError
from rotascope_verify.ops import Call, operation
from rotascope_verify.ops_engine_grid import check_params, grid_key, grid_names, grid_values, mean_of
from rotascope_verify.reading import as_list, as_number, day_number

MAX_PATHS = 8_000_000  # values times joint states of one filter
MAX_SPLITS = 20_000_000  # segments that one search may look at
BLOCK = 64  # starts of a segment that are ruled out together
TINY_DENSITY = 1e-300
CHANCE_SUM = 1e-9


@dataclass(frozen=True)
class Model:
    """A switching model: chances of the next state, means, variances, weights of earlier deviations."""

    transition: tuple[tuple[float, ...], ...]
    means: tuple[float, ...]
    variances: tuple[float, ...]
    ar: tuple[float, ...]


def _numbers(value: Any, what: str, low: int, high: int) -> tuple[float, ...]:
    items = as_list(value, what)
    if not low <= len(items) <= high:
        raise CheckError(f"{what} has {len(items)} items, not {low} to {high}")
    return tuple(as_number(x, what) for x in items)


def read_model(params: dict[str, Any]) -> Model:
    """Return the model that parameters state. Raises CheckError where they are out of range."""
    rows = as_list(params.get("transition"), "params.transition")
    k = len(rows)
    if not 2 <= k <= 4:
        raise CheckError(f"params.transition has {k} states, not 2 to 4")
    transition = tuple(_numbers(row, "a list of params.transition", k, k) for row in rows)
    for chances in transition:
        if min(chances) < 0 or abs(math.fsum(chances) - 1) > CHANCE_SUM:
            raise CheckError("the chances of a list of params.transition must sum to 1, none below zero")
    means = _numbers(params.get("means"), "params.means", k, k)
    variances = _numbers(params.get("variances"), "params.variances", k, k)
    if min(variances) <= 0:
        raise CheckError("params.variances must be greater than zero")
    return Model(transition, means, variances, _numbers(params.get("ar"), "params.ar", 0, 4))


def stationary_chances(p: tuple[tuple[float, ...], ...]) -> list[float]:
    """Return the one distribution that a chain keeps. Raises CheckError where there are several.

    There are several if states fall into groups that are never left. Within the one such group states
    are taken out one by one (Grassmann, Taksar and Heyman 1985), which subtracts nothing.
    """
    k = len(p)
    reach = [{j for j in range(k) if p[i][j] > 0} | {i} for i in range(k)]
    for via, i in product(range(k), range(k)):
        if via in reach[i]:
            reach[i] |= reach[via]
    closed = {frozenset(r) for i, r in enumerate(reach) if all(i in reach[j] for j in r)}
    if len(closed) != 1:
        raise CheckError("the chain has several stationary distributions")
    group = sorted(next(iter(closed)))
    a = [[p[i][j] for j in group] for i in group]
    weights = [1.0]
    for last in range(len(group) - 1, 0, -1):
        away = math.fsum(a[last][:last])
        for i in range(last):
            a[i][last] /= away
            for j in range(last):
                a[i][j] += a[i][last] * a[last][j]
    for last in range(1, len(group)):
        weights.append(math.fsum(weights[i] * a[i][last] for i in range(last)))
    total, out = math.fsum(weights), [0.0] * k
    for i, w in zip(group, weights, strict=True):
        out[i] = w / total
    return out


def run_filter(y: Sequence[float], model: Model) -> tuple[list[float], float]:
    """Return the chance of each state at the last value, and the log likelihood.

    Joint states (s(t), s(t-1), .., s(t-p)) are numbered in base K, s(t) first.
    """
    k, p = len(model.means), len(model.ar)
    states = list(product(range(k), repeat=p + 1))
    if len(y) * len(states) > MAX_PATHS:
        raise CheckError("too many values to filter")
    pi, chances = stationary_chances(model.transition), model.transition
    joint = []
    for s in states:
        links = (chances[before][after] for after, before in pairwise(s))
        joint.append(pi[s[-1]] * math.prod(links))
    centre = [
        model.means[s[0]] - math.fsum(a * model.means[x] for a, x in zip(model.ar, s[1:], strict=True))
        for s in states
    ]
    front = [1 / math.sqrt(2 * math.pi * model.variances[s[0]]) for s in states]
    slope = [-0.5 / model.variances[s[0]] for s in states]
    logs = []
    for t in range(p, len(y)):
        if t > p:
            joint = _step(joint, chances, k, p)
        rest = y[t] - math.fsum(a * y[t - i] for i, a in enumerate(model.ar, 1))
        joint = [
            x * c * math.exp(w * (rest - m) * (rest - m))
            for x, c, w, m in zip(joint, front, slope, centre, strict=True)
        ]
        density = max(math.fsum(joint), TINY_DENSITY)
        joint = [x / density for x in joint]
        logs.append(math.log(density))
    size = k**p
    return [math.fsum(joint[j * size : (j + 1) * size]) for j in range(k)], math.fsum(logs)


def _step(joint: list[float], chances: tuple[tuple[float, ...], ...], k: int, p: int) -> list[float]:
    """Return the chances of the joint states one value later: the oldest state summed out, one added."""
    if p == 0:
        return [math.fsum(joint[i] * chances[i][j] for i in range(k)) for j in range(k)]
    kept = [math.fsum(joint[i : i + k]) for i in range(0, len(joint), k)]
    size = k ** (p - 1)
    return [x * chances[i // size][j] for j in range(k) for i, x in enumerate(kept)]


@operation("switching", "grid length transition means variances ar state want", rows=(1, 2))
def op_switching(call: Call) -> float:
    """What a switching model with stated parameters says of the last value."""
    want = call.choice("want", "probability", "log_likelihood", "count")
    more = [*grid_names(call, "sessions", "months", "rows"), *(["state"] if want == "probability" else [])]
    check_params(call, "transition means variances ar want", more)
    model = read_model(call.params)
    state = call.whole("state", 0, len(model.means) - 1) if want == "probability" else 0
    _, values = grid_values(call)
    count = len(values) - len(model.ar)
    if count < 1:
        raise CheckError("there are no more values than params.ar")
    last, likelihood = call.remember("switching", lambda: run_filter(values, model), *grid_key(call), model)
    return {"probability": last[state], "log_likelihood": likelihood, "count": count}[want]


@dataclass
class Starts:
    """Neighbouring starts of a last segment, ruled out together where none of them can be the best.

    low: least best cost less running sum of squares; small, large: least and most running sum. until: from
    here on every start is worse than to begin the last segment later (Killick and others 2012).
    """

    first: int
    last: int
    low: float
    small: float
    large: float
    until: float = math.inf


def find_changes(v: Sequence[float], penalty: float, least: int) -> list[int]:
    """Return the first row of each segment but the first, where segments have the least cost.

    Every start of the last segment that can be the best is compared. Raises CheckError where that is too
    much work.
    """
    n, middle = len(v), mean_of(v)
    e = [x - middle for x in v]
    sums, squares = list(accumulate(e, initial=0.0)), list(accumulate((x * x for x in e), initial=0.0))
    slack = 1e-9 * squares[n]  # far more than rounding can move a cost
    best, back = [math.inf] * (n + 1), [0] * (n + 1)
    best[0] = -penalty
    blocks: list[Starts] = []
    tail, work = least, 0  # the first start that is in no full block
    for t in range(least, n + 1):
        s_t, q_t, top = sums[t], squares[t], t - least  # the last start that leaves `least` rows
        if top - tail + 1 == BLOCK:
            span = slice(tail, top + 1)
            low = min(a - b for a, b in zip(best[span], squares[span], strict=True))
            blocks.append(Starts(tail, top, low, min(sums[span]), max(sums[span])))
            tail = top + 1
            blocks = [b for b in blocks if b.until > t]
        found, at = best[0] + max(0.0, q_t - s_t * s_t / t) + penalty, 0
        floors: list[float] = []  # of each block: no start in it costs less
        for block in [*blocks, Starts(tail, top, -math.inf, 0.0, 0.0)]:
            far = max(s_t - block.small, block.large - s_t)
            floor = block.low + q_t + penalty - far * far / max(t - block.last, 1)
            if floor <= found + slack and block.until > t:
                floor = math.inf
                for s in range(block.first, block.last + 1):
                    gap = s_t - sums[s]
                    cost = q_t - squares[s] - gap * gap / (t - s)
                    total = best[s] + (cost if cost > 0 else 0.0) + penalty
                    floor = total if total < floor else floor
                    if total < found:
                        found, at = total, s
                work += block.last - block.first + 1
            floors.append(floor)
        best[t], back[t] = found, at
        for block, floor in zip(blocks, floors, strict=False):
            if floor - penalty > found + slack and math.isinf(block.until):
                block.until = t + least
        work += len(blocks) + 1
        if work > MAX_SPLITS:
            raise CheckError("too many segments to compare")
    out, t = [], n
    while t:
        t = back[t]
        if t:
            out.append(t)
    return out[::-1]


@operation("changepoints", "grid length penalty least want", rows=(1, 2))
def op_changepoints(call: Call) -> float:
    """When the mean of values changed, by the cheapest cut into segments."""
    check_params(call, "penalty least want", grid_names(call, "sessions", "months", "rows"))
    want = call.choice("want", "count", "last_change", "last_mean", "mean_before")
    penalty, least = call.number("penalty"), call.whole("least", 1)
    if penalty < 0:
        raise CheckError("params.penalty is less than zero")
    days, values = grid_values(call)
    if len(values) < least:
        raise CheckError("there are fewer values than params.least")
    changes = call.remember(
        "changes", lambda: find_changes(values, penalty, least), *grid_key(call), penalty, least
    )
    if want == "count":
        return len(changes)
    start = changes[-1] if changes else 0
    if want == "last_mean":
        return mean_of(values[start:])
    if not changes:
        raise CheckError("there is no change")
    if want == "last_change":
        return day_number(days[start])
    return mean_of(values[changes[-2] if len(changes) > 1 else 0 : start])
