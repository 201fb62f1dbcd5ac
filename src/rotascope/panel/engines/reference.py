"""Slow and plain: each measure from its definition, one security and one session at a time.

It shares no formula with the texts or the arrays, so that all three can be held against each other. It is
for tables that fit on a screen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import fmean, median, quantiles

from rotascope.model.errors import BadInputError
from rotascope.panel.engines.common import OneByOne
from rotascope.panel.engines.duckdb_engine import DuckDBEngine
from rotascope.panel.measures import find_measure
from rotascope.panel.result import PanelResult, from_rows
from rotascope.panel.tables import PanelTables

Row = tuple[object, ...]
ROUNDING = 1e-9


class ReferenceEngine(OneByOne):
    """A panel in dictionaries. DuckDB reads the files and does nothing else."""

    name = "reference"

    def __init__(self, tables: PanelTables, *, check: bool = True):
        with DuckDBEngine(tables, check=check) as files:
            prices = files.query("SELECT security, day, close FROM prices WHERE close IS NOT NULL")
            spells = files.query("SELECT security, first_day, last_day FROM members")
            index = files.query("SELECT day, close FROM benchmark WHERE close IS NOT NULL")
            days = files.query("SELECT day_number FROM calendar ORDER BY day_number")
        self._price = {(s, d): float(c) for s, d, c in prices}  # type: ignore[arg-type]
        self._index = {d: float(c) for d, c in index}  # type: ignore[arg-type]
        self._spells = spells
        self._days: list[int] = [d for (d,) in days]  # type: ignore[misc]
        self._names = sorted({s for s, _, _ in prices}, key=str)

    def run(self, measure: str, **parameters: int) -> PanelResult:
        """Run one measure and return its rows."""
        chosen = find_measure(measure)
        settled = chosen.settle(parameters)
        rows: Callable[..., Iterator[Row]] = getattr(self, f"_{measure}")
        return from_rows(chosen, chosen.text(settled), settled, self.name, list(rows(**settled)))

    def write(self, measure: str, folder: Path, **parameters: int) -> str:
        """Refuse: this engine is for tables that fit on a screen."""
        raise BadInputError("The engine reference writes no files.", fix="Use duckdb.")

    # what everything below is made of

    def _close(self, name: object, day: int) -> float | None:
        return self._price.get((name, day))

    def _last(self, name: object, day: int, count: int) -> list[float] | None:
        """Return the closes of `count` sessions that end at `day`, or None if one is unknown."""
        found = [self._price.get((name, d)) for d in range(day - count + 1, day + 1)]
        return None if None in found else found  # type: ignore[return-value]

    def _change(self, name: object, day: int, length: int) -> float | None:
        now, base = self._price.get((name, day)), self._price.get((name, day - length))
        return None if now is None or base is None else now / base - 1.0

    def _index_change(self, day: int, length: int) -> float | None:
        now, base = self._index.get(day), self._index.get(day - length)
        return None if now is None or base is None else now / base - 1.0

    def _members(self, day: int) -> list[object]:
        return [s for s, first, last in self._spells if first <= day and (last is None or day <= last)]  # type: ignore[operator]

    def _line(self, name: object, day: int) -> float | None:
        price, level = self._price.get((name, day)), self._index.get(day)
        return None if price is None or level is None else math.log(price / level)

    def _trend(self, name: object, day: int, trend: int) -> float | None:
        line = [self._line(name, d) for d in range(day - trend + 1, day + 1)]
        if None in line:
            return None
        return line[-1] - math.fsum(line) / trend  # type: ignore[arg-type, operator]

    def _point(self, name: object, day: int, trend: int, momentum: int) -> tuple[float, float | None] | None:
        run = [self._trend(name, d, trend) for d in range(day - momentum + 1, day + 1)]
        if run[-1] is None:
            return None
        gain = None if None in run else run[-1] - math.fsum(run) / momentum  # type: ignore[arg-type]
        return 100.0 * math.exp(run[-1]), None if gain is None else 100.0 * math.exp(gain)

    def _everything(self) -> Iterator[tuple[int, object]]:
        return ((day, name) for day in self._days for name in self._names)

    # the measures

    def _window_return(self, length: int) -> Iterator[Row]:
        for day, name in self._everything():
            change = self._change(name, day, length)
            if change is not None:
                yield day, name, 100.0 * change

    def _relative_strength(self, start: int) -> Iterator[Row]:
        for day, name in self._everything():
            line, base = self._line(name, day), self._line(name, start)
            if line is not None and base is not None and day >= start:
                yield day, name, 100.0 * math.exp(line - base)

    def _rotation(self, trend: int, momentum: int) -> Iterator[Row]:
        for day, name in self._everything():
            point = self._point(name, day, trend, momentum)
            if point is not None:
                yield day, name, *point

    def _rotation_day(self, trend: int, momentum: int, day: int) -> Iterator[Row]:
        for name in self._names:
            point = self._point(name, day, trend, momentum)
            if point is not None and point[1] is None:
                yield day, name, point[0], None, None, None
            elif point is not None:
                x, y = point[0], point[1]
                assert y is not None
                yield day, name, x, y, math.hypot(x - 100.0, y - 100.0), quadrant(x, y)

    def _rotation_moves(self, trend: int, momentum: int, step: int) -> Iterator[Row]:
        for day, name in self._everything():
            now = self._point(name, day, trend, momentum)
            base = self._point(name, day - step, trend, momentum)
            if now is None or base is None or now[1] is None or base[1] is None:
                continue
            across, up = now[0] - base[0], now[1] - base[1]
            velocity = math.hypot(across, up)
            heading = math.degrees(math.atan2(across, up)) % 360.0
            yield day, name, velocity, None if velocity < ROUNDING else heading

    def _quadrants(self, trend: int, momentum: int) -> Iterator[Row]:
        for day in self._days:
            members = self._members(day)
            points = [self._point(name, day, trend, momentum) for name in members]
            places = [quadrant(p[0], p[1]) for p in points if p is not None and p[1] is not None]
            order = ("leading", "weakening", "lagging", "improving", "centre")
            yield day, len(places), len(members) - len(places), *(places.count(q) for q in order)

    def _counted(self, day: int, values: Sequence[float | None]) -> tuple[list[float], Row]:
        known = [v for v in values if v is not None]
        return known, (day, len(known), len(values) - len(known))

    def _advance_decline(self) -> Iterator[Row]:
        for day in self._days:
            known, start = self._counted(day, [self._change(n, day, 1) for n in self._members(day)])
            up, down = sum(v > 0 for v in known), sum(v < 0 for v in known)
            yield *start, up, down, up / len(known) if known else None

    def _excess(self, name: object, day: int, length: int) -> float | None:
        closes = self._last(name, day, length)
        return None if closes is None else closes[-1] / fmean(closes) - 1.0

    def _above_average(self, length: int) -> Iterator[Row]:
        for day in self._days:
            known, start = self._counted(day, [self._excess(n, day, length) for n in self._members(day)])
            above = sum(v > ROUNDING for v in known)
            yield *start, above, above / len(known) if known else None

    def _lead(self, name: object, day: int, length: int) -> float | None:
        mine, theirs = self._change(name, day, length), self._index_change(day, length)
        return None if mine is None or theirs is None else mine - theirs

    def _beating(self, length: int) -> Iterator[Row]:
        for day in self._days:
            known, start = self._counted(day, [self._lead(n, day, length) for n in self._members(day)])
            won = sum(v > 0 for v in known)
            yield *start, won, won / len(known) if known else None

    def _highs_lows(self, length: int) -> Iterator[Row]:
        for day in self._days:
            found = [self._last(name, day, length) for name in self._members(day)]
            known = [closes for closes in found if closes is not None]
            high = sum(c[-1] > max(c[:-1]) for c in known)
            low = sum(c[-1] < min(c[:-1]) for c in known)
            yield day, len(known), len(found) - len(known), high, low, high - low

    def _breadth(self, short: int, long: int, beat: int, extreme: int) -> Iterator[Row]:
        parts = zip(
            self._advance_decline(), self._above_average(short), self._above_average(long),
            self._beating(beat), self._highs_lows(extreme), strict=True,
        )  # fmt: skip
        for moved, near, far, won, range_ in parts:
            members = moved[1] + moved[2]  # type: ignore[operator]
            yield moved[0], members, moved[1], moved[3], moved[4], near[1], near[3], far[1], far[3], *(
                won[1], won[3], range_[1], range_[3], range_[4],
            )  # fmt: skip

    def _breadth_day(self, day: int, **lengths: int) -> Iterator[Row]:
        return (row for row in self._breadth(**lengths) if row[0] == day)

    def _ranking(self, length: int, day: int) -> Iterator[Row]:
        changes = {name: self._change(name, day, length) for name in self._members(day)}
        known = {name: 100.0 * v for name, v in changes.items() if v is not None}
        for name, value in known.items():
            greater = sum(v > value for v in known.values())
            equal = sum(v == value for v in known.values())
            yield day, name, value, greater + (equal + 1) / 2

    def _dispersion(self, length: int) -> Iterator[Row]:
        for day in self._days:
            values = [self._change(n, day, length) for n in self._members(day)]
            known, start = self._counted(day, [None if v is None else 100.0 * v for v in values])
            if not known:
                yield *start, *([None] * 5)
                continue
            mean = fmean(known)
            deviation = math.sqrt(fmean([(v - mean) ** 2 for v in known]))
            low, _, high = quantiles(known, n=4, method="inclusive") if len(known) > 1 else known * 3
            gap = fmean([abs(v - mean) for v in known])
            yield *start, deviation, max(known) - min(known), gap, high - low, median(known)

    def _persistence(self, length: int) -> Iterator[Row]:
        for day in self._days:
            members = self._members(day)
            pairs = [(self._change(n, day, length), self._change(n, day - length, length)) for n in members]
            known = [(a, b) for a, b in pairs if a is not None and b is not None]
            rho = spearman([a for a, _ in known], [b for _, b in known])
            yield day, len(known), len(members) - len(known), rho


def quadrant(x: float, y: float) -> str:
    """Return the quadrant of a point; on an axis it counts as strong, or as gaining."""
    right, up = x - 100.0, y - 100.0
    if abs(right) < ROUNDING and abs(up) < ROUNDING:
        return "centre"
    if right >= -ROUNDING:
        return "leading" if up >= -ROUNDING else "weakening"
    return "improving" if up >= -ROUNDING else "lagging"


def spearman(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Return the correlation of ranks, equal values sharing theirs; None where one side has no order."""
    x, y = ([sum(v < w for v in side) + sum(v <= w for v in side) for w in side] for side in (a, b))
    if not x or len(set(x)) == 1 or len(set(y)) == 1:
        return None
    mx, my = fmean(x), fmean(y)
    top = sum((i - mx) * (j - my) for i, j in zip(x, y, strict=True))
    return top / math.sqrt(sum((i - mx) ** 2 for i in x) * sum((j - my) ** 2 for j in y))
