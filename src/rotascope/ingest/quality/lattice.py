"""Which fixed step prices are multiples of: the fingerprint of raw prices, split or dividend adjustment.

An exchange prints cents (before 2001 sixteenths and their halves). A raw close is therefore a whole number
of cents, up to the noise of single precision in which vendors keep prices. A split divides all earlier
prices by its ratio, so they are whole numbers of a cent over that ratio. A dividend multiplies all earlier
prices by a factor just below one that no later price shares: between two dividends prices are whole
numbers of 0.01 times a factor such as 0.99663, and the factor differs from one interval to the next.
"""

from __future__ import annotations

import numpy as np

from rotascope.ingest.quality.context import BoolArray
from rotascope.store.series import FloatArray

_SINGLE = 8e-8  # relative error of single precision (6e-8), and of the double it is written in
_NEARLY_ALL = 0.9
_TOO_COARSE = 0.2  # where noise spans this part of a step, prices fall on it by chance

# Ratios of splits, and powers of ten for vendors that write three or four decimals.
_USUAL = (2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)
_UNUSUAL = (1.5, 2.5, 1.25, 0.5, 0.25, 0.2, 0.125, 0.1, 0.05, 100.0)
MULTIPLES = _USUAL + _UNUSUAL

FACTOR_ROWS = 17  # less than the shortest interval between dividends, a month
_LOWEST_FACTOR = 0.5
_WIDEST = 25.0  # dollars from one close to the next, beyond which steps cannot be told apart
_HIGHEST = 2000.0  # dollars; above, single precision leaves too little of a cent
_DIFFERENCES = 13  # the smaller ones; the largest would ask for a finer first look
_CANDIDATES = 6
_COHERENT = 0.8
_OFF_STEP = 0.05  # of a step, root mean square; prices at random are 0.29 off


def is_round(price: FloatArray, multiple: float = 1.0) -> BoolArray:
    """Return whether each price times `multiple` is a whole number of cents or of 1/64 dollars.

    Parameters: price, shape (n,); NaN is not round. Differences within single precision do not count, so
    above some 100,000 dollars almost any price is round.
    """
    cents = price * (100.0 * multiple)
    noise = np.abs(cents) * _SINGLE + 1e-9
    ticks = price * (64.0 * multiple)
    whole: BoolArray = (np.abs(cents - np.rint(cents)) <= noise) | (np.abs(ticks - np.rint(ticks)) <= noise)
    return whole


def common_multiple(price: FloatArray) -> float | None:
    """Return a ratio that makes nearly all prices round, or None: these prices are adjusted for a split,
    or written with more decimals, but not adjusted for dividends."""
    for multiple in MULTIPLES:
        if float(np.abs(price).max()) * 100.0 * multiple * _SINGLE > _TOO_COARSE:
            continue
        if np.count_nonzero(is_round(price, multiple)) >= _NEARLY_ALL * len(price):
            return multiple
    return None


def is_decimal_text(price: FloatArray) -> bool:
    """Return whether all prices are exact decimal numbers of at most four places, not single precision."""
    scaled = price * 1e4
    return bool(np.all(np.abs(scaled - np.rint(scaled)) <= 1e-9 * np.maximum(np.abs(scaled), 1.0)))


def cent_factor(price: FloatArray) -> float | None:
    """Return the factor f in [0.5, 1) with all prices whole multiples of f cents, or None if there is none.

    Parameters: price, shape (n,), n about 17, positive. None too where prices exceed 2,000 dollars or move
    by more than 25 dollars a day.

    Two looks: from one price to the next the differences are small, so the first may be coarse. The second
    refines the best places with the prices themselves.
    """
    if len(price) < FACTOR_ROWS // 2:
        return None
    step = np.sort(np.abs(np.diff(price)))[:_DIFFERENCES]
    reach = float(step[-1])
    if not 0.0 < reach <= _WIDEST or price.max() > _HIGHEST:
        return None
    width = 1.0 / (8.0 * max(reach, 0.5))
    coarse = np.arange(100.0, 100.0 / _LOWEST_FACTOR, width)
    score = np.cos(2.0 * np.pi * np.outer(coarse, step)).mean(axis=1)
    places = coarse[np.argsort(score)[-_CANDIDATES:]]
    # Within 1/16 turn of the largest price: the rounding below then finds the right whole numbers.
    offsets = np.arange(-width, width, 1.0 / (16.0 * float(price.max())))
    fine = (places[:, None] + offsets).ravel()
    fine = fine[np.cos(2.0 * np.pi * np.outer(fine, price)).mean(axis=1) > _COHERENT]
    if not len(fine):
        return None
    whole = np.rint(np.outer(fine, price))
    fitted = (whole @ price) / float(price @ price)
    off = np.sqrt(np.square(whole - np.outer(fitted, price)).mean(axis=1))
    best = int(np.argmin(off))
    if np.gcd.reduce(whole[best].astype(np.int64)) > 1:
        return None  # ticks of several cents fit many factors
    factor = 100.0 / float(fitted[best])
    return factor if off[best] < _OFF_STEP and factor < 1.0 - 1e-5 else None
