"""Where the level of a series changed: in hindsight (PELT, binary segmentation) and as the data come (CUSUM).

A hindsight segmentation may move when data are added, so it dates nothing by itself: a change found today
was not known on its own date. The online rule says on which day a change was called.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rotascope.analytics.arrays import FloatArray, require_known
from rotascope.model.errors import BadInputError, MissingDataError


@dataclass(frozen=True, slots=True)
class Segmentation:
    """changes: index of the first row of each segment after the first. means: of each segment, in its unit.

    cost: sum of squared distances from the segment means. penalty: what one more change had to save.
    """

    changes: tuple[int, ...]
    means: tuple[float, ...]
    cost: float
    penalty: float


@dataclass(frozen=True, slots=True)
class Alarm:
    """A change called online. called: the row on which it was known. began: where the run that led to it
    started, an estimate. direction: +1 for a higher level, -1 for a lower one."""

    called: int
    began: int
    direction: int


def noise_variance(values: FloatArray) -> float:
    """Return the variance of the noise around a level that seldom changes, robustly.

    From the median absolute difference of neighbours: (median / (0.6745 * sqrt(2))) ** 2, which a few
    changes of level hardly touch. Autocorrelation biases it: downwards if positive. values: shape (n,), n >=
    3, known.
    """
    if require_known(values, "changes").size < 3:
        raise MissingDataError(f"{values.size} values are too few to tell noise from change.")
    return float((np.median(np.abs(np.diff(values))) / (0.674489750196082 * np.sqrt(2.0))) ** 2)


def default_penalty(values: FloatArray) -> float:
    """Return the penalty used unless one is given: 3 * noise variance * ln(n).

    One change adds a place and a mean; the criterion of Schwarz asks 2 * variance * ln(n) for them in
    squared error. A third part more is asked because returns have fat tails.
    """
    return 3.0 * noise_variance(values) * float(np.log(values.size))


def pelt(values: FloatArray, penalty: float | None = None, least: int = 2) -> Segmentation:
    """Return the changes of mean with the smallest sum of squares plus penalty per change, exactly.

    PELT, Killick, Fearnhead and Eckley (2012). values: shape (n,), known. penalty: in squared units, >= 0;
    None for `default_penalty`. least: rows a segment must have. Ties go to the earlier last change.

    >>> pelt(np.array([0.0, 0.0, 0.0, 9.0, 9.0, 9.0]), penalty=1.0).changes
    (3,)
    """
    price = _price(values, penalty, least)
    n, (first, second) = values.size, _sums(values)
    best = np.full(n + 1, np.inf)
    best[0], last = -price, np.zeros(n + 1, dtype=np.int64)
    open_rows = np.array([0], dtype=np.int64)
    closes = np.full(n + 1, n + 1)  # the end from which on a start can never win again
    for end in range(least, n + 1):
        open_rows = open_rows[closes[open_rows] > end]
        costs = best[open_rows] + _costs(first, second, open_rows, end)
        pick = int(np.argmin(costs))
        best[end], last[end] = costs[pick] + price, open_rows[pick]
        # a start that is dearer than a change at `end` loses to it once a segment fits behind that change
        beaten = open_rows[costs > best[end]]
        closes[beaten] = np.minimum(closes[beaten], end + least)
        if end - least + 1 >= least:
            open_rows = np.append(open_rows, end - least + 1)
    return _segments(values, _walk_back(last, n), price)


def binary_segmentation(values: FloatArray, penalty: float | None = None, least: int = 2) -> Segmentation:
    """Return changes of mean found one at a time: the split that saves most, while it saves the penalty.

    Faster and simpler than `pelt`, not exact. Parameters as there.

    >>> binary_segmentation(np.array([0.0, 0.0, 0.0, 9.0, 9.0, 9.0]), penalty=1.0).changes
    (3,)
    """
    price = _price(values, penalty, least)
    first, second = _sums(values)
    changes: list[int] = []
    todo = [(0, values.size)]
    while todo:
        start, end = todo.pop()
        places = np.arange(start + least, end - least + 1)
        if places.size == 0:
            continue
        whole = _costs(first, second, np.array([start]), end)[0]
        left = _prefix_costs(first, second, start, places)
        saved = whole - left - _costs(first, second, places, end)
        at = int(places[int(np.argmax(saved))])
        if float(saved.max()) > price:
            changes.append(at)
            todo += [(start, at), (at, end)]
    return _segments(values, sorted(changes), price)


def online_changes(
    values: FloatArray, *, drift: float = 0.5, threshold: float = 5.0, learn: int = 60
) -> list[Alarm]:
    """Return the changes of level that a two-sided CUSUM (Page 1954) calls, each on the day it was known.

    values: shape (n,), known. After the start, and after each alarm, mean and standard deviation (divisor n)
    are learned from the next `learn` rows and then stay. From there, up = max(0, up + z - drift) and
    down = max(0, down - z - drift) with z in those units; an alarm is called when one exceeds `threshold`.
    Row t uses rows up to t: more data never change an alarm. Rows that do not vary while learning are
    skipped until some do.
    """
    require_known(values, "changes")
    if learn < 2 or threshold <= 0 or drift < 0:
        raise BadInputError(f"learn {learn}, threshold {threshold}, drift {drift}: one is out of range.")
    alarms: list[Alarm] = []
    start = 0
    while start + learn < values.size:
        base = values[start : start + learn]
        mean, scale = float(base.mean()), float(base.std())
        if scale <= 1e-12 * max(1.0, abs(mean)):
            start += 1
            continue
        alarm = _first_alarm(((values[start + learn :] - mean) / scale).tolist(), drift, threshold)
        if alarm is None:
            break
        called, began, direction = alarm
        alarms.append(Alarm(start + learn + called, start + learn + began, direction))
        start += learn + called + 1
    return alarms


def _first_alarm(scores: list[float], drift: float, threshold: float) -> tuple[int, int, int] | None:
    up = down = 0.0
    up_from = down_from = 0
    for i, z in enumerate(scores):
        up, down = up + z - drift, down - z - drift
        if up <= 0:
            up, up_from = 0.0, i + 1
        if down <= 0:
            down, down_from = 0.0, i + 1
        if up > threshold:
            return i, up_from, 1
        if down > threshold:
            return i, down_from, -1
    return None


def _price(values: FloatArray, penalty: float | None, least: int) -> float:
    require_known(values, "changes")
    if least < 1 or values.size < least:
        raise MissingDataError(f"Segments of {least} rows do not fit into {values.size}.")
    price = default_penalty(values) if penalty is None else penalty
    if price < 0:
        raise BadInputError(f"A penalty of {price} rewards changes; it must be 0 or more.")
    return price


def _sums(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    centred = values - values.mean()
    zero = np.zeros(1)
    return np.concatenate([zero, np.cumsum(centred)]), np.concatenate([zero, np.cumsum(centred**2)])


def _costs(first: FloatArray, second: FloatArray, starts: np.ndarray, end: int) -> FloatArray:
    """Return the sum of squares about the mean of rows start..end-1 for several starts."""
    total = first[end] - first[starts]
    return np.asarray(np.maximum(second[end] - second[starts] - total**2 / (end - starts), 0.0))


def _prefix_costs(first: FloatArray, second: FloatArray, start: int, ends: np.ndarray) -> FloatArray:
    total = first[ends] - first[start]
    return np.asarray(np.maximum(second[ends] - second[start] - total**2 / (ends - start), 0.0))


def _walk_back(last: np.ndarray, n: int) -> list[int]:
    changes: list[int] = []
    end = n
    while last[end] > 0:
        end = int(last[end])
        changes.append(end)
    return changes[::-1]


def _segments(values: FloatArray, changes: list[int], price: float) -> Segmentation:
    parts = np.split(values, changes)
    cost = sum(float(((p - p.mean()) ** 2).sum()) for p in parts)
    return Segmentation(tuple(changes), tuple(float(p.mean()) for p in parts), cost, price)
