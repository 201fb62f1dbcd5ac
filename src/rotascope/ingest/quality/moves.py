"""Moves from one value to the next that are too large, and those that are no moves at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rotascope.ingest.quality.context import (
    BAR,
    PRICES,
    GateContext,
    by_series,
    finding,
    is_daily,
    listing,
    main_close,
)
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field, Frequency
from rotascope.model.units import Unit
from rotascope.store.series import DateArray, FloatArray, SeriesBlock

# A day beyond these is rare enough to look up: the S&P 500 lost 20.5% on 1987-10-19, its worst.
LARGE = {Unit.USD: 0.35, Unit.INDEX_LEVEL: 0.15}
_SIGMAS = 10.0  # a series as wild as the VIX sets its own measure

_CLOSE_FIRST = (Field.CLOSE, *(f for f in PRICES if f is not Field.CLOSE))
UNITS = (100.0, 1000.0)  # cents for dollars, pence for pounds, thousandths
SPLITS = (2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)
_UNIT_NOISE = 0.35  # in logs: what a market may do on the day of a 100-fold error
_REVERT_ROWS = 60
_FAR = 6.0  # usual days that a step has to exceed to be no market move
_SPLIT_DAYS = 10  # a vendor may apply a split some days early or late
_QUICK = 0.14  # no smaller move is looked at
_SMALLEST = float(np.log(1.25))  # no smaller step is a split


@dataclass(frozen=True, slots=True)
class Jump:
    """A step by a factor that is no market move, from row `at` on; it ends before row `until`, if it does."""

    code: str
    at: int
    until: int | None
    factor: float  # new over old level
    stated: bool  # a split row near it states the same factor


@dataclass(frozen=True, slots=True)
class Moves:
    """Changes between the known positive values of a block: `log[i]` leads to `dates[i + 1]`."""

    dates: DateArray
    log: FloatArray
    sigma: float  # the usual size of a move; the few outliers in question hardly count


def moves_of(block: SeriesBlock) -> Moves:
    """Return the log changes between a block's known, positive values."""
    known = (block.values > 0.0) & np.isfinite(block.values)
    log = np.diff(np.log(block.values[known]))
    if not len(log):
        return Moves(block.dates[known], log, 0.0)
    middle, high = np.quantile(np.abs(log), (0.5, 0.9))
    # Of normal moves half are within 0.6745 and nine in ten within 1.645 times the standard deviation.
    return Moves(block.dates[known], log, max(float(middle) / 0.6745, float(high) / 1.645))


def large_move(blocks: Sequence[SeriesBlock], context: GateContext) -> list[Finding]:
    """A daily change of the close beyond 35% (funds, stocks) or 15% (indices): worth a look, so a warning.

    For a series whose usual day is already wild the limit is ten times that day. Steps that `unit_jump`
    or `missing_split` reports are not repeated here.
    """
    findings = []
    for series, fields in by_series(blocks).items():
        block = main_close(fields)
        if block is None or not is_daily(block) or block.meta.unit not in LARGE or _is_calm(block):
            continue
        moves = moves_of(block)
        change = np.expm1(moves.log)
        limit = max(LARGE[block.meta.unit], _SIGMAS * moves.sigma)
        found = jumps(block, moves, _splits(series, fields, context))
        reported = {j.at for j in found} | {j.until for j in found}
        rows = [int(r) for r in np.flatnonzero(np.abs(change) > limit) if int(r) + 1 not in reported]
        if not rows:
            continue
        days = moves.dates[np.array(rows) + 1]
        worst = max(rows, key=lambda r: abs(change[r]))
        message = (
            f"{len(days)} daily moves exceed {limit:.0%}: {listing(days)}. "
            f"The largest is {change[worst]:+.1%} on {moves.dates[worst + 1]}."
        )
        findings.append(finding("large_move", Severity.WARNING, message, block, days))
    return findings


def unit_jump(blocks: Sequence[SeriesBlock], context: GateContext) -> list[Finding]:
    """A price that is suddenly a hundred or a thousand times another: cents for dollars. Quarantined."""
    return _report(blocks, context, "unit_jump")


def missing_split(blocks: Sequence[SeriesBlock], context: GateContext) -> list[Finding]:
    """A step by the ratio of a split. Prices here are adjusted for splits, so none may show. Quarantined.

    Series in percent are left alone: a yield has no splits, and near zero it moves by any ratio.
    Either a split row near the step states its ratio, and the price was not adjusted for it; or none
    does, the step is within 2% to 6% (three usual days) of a usual ratio and far beyond a usual day. A
    step that is undone within 60 rows is one finding over the rows between. An open, high or low counts
    only with the close: on 2010-05-06 sound lows were half the lows of the day before.
    """
    return _report(blocks, context, "missing_split")


def _report(blocks: Sequence[SeriesBlock], context: GateContext, code: str) -> list[Finding]:
    findings = []
    for series, fields in by_series(blocks).items():
        in_close: set[tuple[np.datetime64, float]] | None = None
        for name in _CLOSE_FIRST:
            block = fields.get(name)
            if block is None or block.meta.frequency not in (Frequency.DAILY, Frequency.WEEKLY):
                continue
            found: list[Jump] = []
            if not _is_calm(block):
                moves = moves_of(block)
                found = jumps(block, moves, _splits(series, fields, context))
            if name is Field.CLOSE:
                in_close = {(moves.dates[j.at], j.factor) for j in found}
            for jump in found:
                if jump.code != code:
                    continue
                alone = name in BAR and in_close is not None and not _goes_with(moves, jump, in_close)
                if code == "unit_jump" or not alone:
                    findings.append(_describe(block, moves, jump))
    return findings


def _goes_with(moves: Moves, jump: Jump, in_close: set[tuple[np.datetime64, float]]) -> bool:
    """Return whether the close makes the same step on the day, or on the one before or after."""
    days = moves.dates[max(jump.at - 1, 0) : jump.at + 2]
    return any((day, jump.factor) in in_close for day in days)


def _is_calm(block: SeriesBlock) -> bool:
    """Return whether no value is far from the one before: the quick way out for nearly all blocks."""
    values = block.values
    if len(values) < 2:
        return True
    if not (values > 0.0).all():
        return False  # blanks hide steps across them from the quick look
    ratio = values[1:] / values[:-1]
    return bool(ratio.max() < 1.0 + _QUICK and ratio.min() > 1.0 / (1.0 + _QUICK))


def _splits(series: str, fields: Mapping[Field, SeriesBlock], context: GateContext) -> SeriesBlock | None:
    return fields.get(Field.SPLIT) or context.known(series, Field.SPLIT)


def _describe(block: SeriesBlock, moves: Moves, jump: Jump) -> Finding:
    days = moves.dates[jump.at : jump.until]
    factor = jump.factor if jump.factor > 1 else 1 / jump.factor
    size = f"{factor:g} times " + ("higher" if jump.factor > 1 else "lower")
    where = f"on {days[0]}" if jump.until is None else f"from {days[0]} to {days[-1]}"
    if jump.code == "unit_jump":
        why = "as if the unit had changed"
    elif jump.stated:
        why = "the ratio of a split that the source states: the price is not adjusted for it"
    else:
        why = "the ratio of a split that no split row states"
    return finding(
        jump.code,
        Severity.QUARANTINE,
        f"The {block.meta.field} is about {size} {where}, {why}.",
        block,
        days if jump.until is not None else days[:1],
        count=len(days) if jump.until is not None else 1,
    )


def jumps(block: SeriesBlock, moves: Moves, splits: SeriesBlock | None) -> list[Jump]:
    """Return the steps of a block that are units or splits, in order; a step and its undoing are one."""
    if not len(moves.log):
        return []
    far = _FAR if splits is None else _FAR / 2  # a stated ratio needs less evidence
    large = np.abs(moves.log) > max(_SMALLEST, far * moves.sigma)
    found: list[tuple[int, str, float, bool]] = []
    for i in np.flatnonzero(large):
        kind = _kind(block, moves, int(i), splits)
        if kind is not None:
            found.append((int(i) + 1, *kind))
    return _paired(found)


def _kind(
    block: SeriesBlock, moves: Moves, i: int, splits: SeriesBlock | None
) -> tuple[str, float, bool] | None:
    """Return code, factor and whether a split row states it, or None for a move that may be one."""
    move = float(moves.log[i])
    sign = 1.0 if move > 0 else -1.0
    for unit in UNITS:
        if abs(abs(move) - np.log(unit)) < _UNIT_NOISE:
            return "unit_jump", unit**sign, False
    if block.meta.unit is Unit.PERCENT:
        return None  # a yield has no splits; near zero it doubles in a day
    tolerance = float(np.clip(3.0 * moves.sigma, 0.02, 0.06))
    if splits is not None:
        near = np.abs((splits.dates - moves.dates[i + 1]).astype(np.int64)) <= _SPLIT_DAYS
        for ratio in splits.values[near & (splits.values > 0.0) & (splits.values != 1.0)]:
            # Undoing an error looks like the split the other way round.
            if abs(abs(move) - abs(np.log(ratio))) < 2 * tolerance:
                return "missing_split", float(max(ratio, 1 / ratio) ** sign), True
    if abs(move) < _FAR * moves.sigma:
        return None
    usual = SPLITS if block.meta.unit is not Unit.INDEX_LEVEL else (10.0,)
    for ratio in usual:
        if abs(abs(move) - np.log(ratio)) < tolerance:
            return "missing_split", ratio**sign, False
    return None


def _paired(found: Sequence[tuple[int, str, float, bool]]) -> list[Jump]:
    """Join a step with the next one that undoes it within `_REVERT_ROWS`."""
    out: list[Jump] = []
    used: set[int] = set()
    for n, (at, code, factor, stated) in enumerate(found):
        if n in used:
            continue
        until = None
        for m in range(n + 1, len(found)):
            other_at, other_code, other, _ = found[m]
            if other_at - at > _REVERT_ROWS:
                break
            if m not in used and other_code == code and abs(np.log(factor * other)) < 0.1:
                used.add(m)
                until = other_at
                break
        out.append(Jump(code, at, until, factor, stated))
    return out
