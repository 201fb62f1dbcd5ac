"""Relative rotation of the sectors: where each stands, and the way it came."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from rotascope.analytics.rotation import RotationParameters
from rotascope.facts.metrics.engine_rows import full_history, last_rows
from rotascope.facts.metrics.lists import count_of, count_where
from rotascope.model.documents import ChartData, Inline
from rotascope.model.facts import Fact
from rotascope.model.observations import Field
from rotascope.report.charts.data import (
    Dataset,
    fact_rows,
    named,
    names,
    path_rows,
    spread_of,
    tick_marks,
    values,
    words,
)
from rotascope.report.charts.spec import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    VERMILION,
    WIDTH,
    Axis,
    Channel,
    Layer,
    colours,
    layer,
    number_axis,
    rule_at,
    specification,
)
from rotascope.report.parts import ChartPart, Parts
from rotascope.report.prose import number
from rotascope.report.story import MISSING, Story

_WORDS = {1: "leading", 2: "weakening", 3: "lagging", 4: "improving"}
_COLOURS = {1: GREEN, 2: ORANGE, 3: VERMILION, 4: BLUE}
_STEP, _POINTS = 2, 6  # two weeks of sessions behind each dot
_HEIGHT = 400
Box = tuple[float, float, float, float]
# How a name is set on each side of its dot, and where its middle lies from there.
_BESIDE: dict[str, tuple[dict[str, Any], tuple[float, float]]] = {
    "right": ({"align": "left", "dx": 9}, (1, 0)),
    "left": ({"align": "right", "dx": -9}, (-1, 0)),
    "above": ({"align": "center", "dy": -14}, (0, -1)),
    "below": ({"align": "center", "dy": 14}, (0, 1)),
}


def chart(story: Story, placed: Sequence[tuple[str, Fact]], broad: str) -> Parts:
    """Return the chart of sectors with their quadrant facts, or nothing where tails lack a history."""
    tails = {s: tail for s, quadrant in placed if (tail := _tail(story, s, broad, quadrant)) is not None}
    if len(tails) < len(placed):
        return []
    heads = _heads(story, placed, broad)
    low_x, high_x = spread_of([*tails.values(), heads], "strength")
    low_y, high_y = spread_of([*tails.values(), heads], "momentum")
    room = 0.06 * (high_y - low_y)  # for the names in the corners
    x = number_axis(low_x, high_x, "Strength", holds=(99, 101), grid=False)
    y = number_axis(low_y - room, high_y + room, "Momentum", holds=(99, 101), grid=False)
    corners = _corners(x.ticks[0], x.ticks[-1], y.ticks[0], y.ticks[-1])
    layers = [rule_at(x, "x", name="middle"), rule_at(y, "y", name="centre")]
    at = {"x": x.channel("strength"), "y": y.channel("momentum")}
    layers.append(_texts("corners", "corners", at, "word", color=GREY))
    for i, (series, quadrant) in enumerate(placed):
        order = {"order": {"field": "date", "type": "temporal"}}
        look = {"color": _COLOURS[int(quadrant.value)], "strokeWidth": 1.5, "opacity": 0.6}
        layers.append(layer(f"tail_{chr(97 + i)}", series, "line", {**at, **order}, **look))
    codes = [c for c in _WORDS if any(int(q.value) == c for _, q in placed)]
    shade = colours([_WORDS[c] for c in codes], [_COLOURS[c] for c in codes], legend=False)
    dots = {**at, "color": {"field": "quadrant", **shade}}
    layers.append(layer("heads", "heads", "point", dots, filled=True, size=130, opacity=1))
    sides = _sides(heads["columns"], [tail["columns"] for tail in tails.values()], x, y)
    shown = [s for s, _ in placed]
    labels = {side: _labels(story, [shown[i] for i in rows], broad) for side, rows in sides.items()}
    for side in labels:
        layers.append(
            _texts(f"names_{side}", f"names-{side}", at, "name", color=INK, fontSize=13, **_BESIDE[side][0])
        )
    data = {**tails, "heads": heads, "corners": corners, "ticks": tick_marks(100)}
    data |= {f"names-{side}": rows for side, rows in labels.items()}
    return [
        ChartPart(
            "rotation",
            _caption(story, broad),
            _alt(story, placed, broad),
            ChartData(specification(layers, height=_HEIGHT), data),
        )
    ]


def _texts(name: str, data: str, at: dict[str, Channel], field: str, **look: Any) -> Layer:
    encoding = {**at, "text": {"field": field, "type": "nominal"}}
    return layer(name, data, "text", encoding, **({"fontSize": 15, "baseline": "middle"} | look))


def _tail(story: Story, series: str, broad: str, quadrant: Fact) -> Dataset | None:
    said = quadrant.recipe.params
    chosen = RotationParameters(int(said["trend"]), int(said["momentum"]), _STEP)
    params = {"trend": chosen.trend, "momentum": chosen.momentum, "step": _STEP, "points": _POINTS}
    try:
        history = full_history(story.desk, (series, broad), [Field.CLOSE] * 2, story.window)
        columns = last_rows(story.desk, history, chosen.rows_needed + _STEP * (_POINTS - 1))
        return path_rows("rotation_tail", columns, params, named(story, series))
    except MISSING:
        return None


def _labels(story: Story, series: Sequence[str], broad: str) -> Dataset:
    return fact_rows(
        {
            "name": names(story, series, [_ticker(story, s) for s in series]),
            "strength": values(story, [story.fact("rotation_strength", s, broad) for s in series]),
            "momentum": values(story, [story.fact("rotation_momentum", s, broad) for s in series]),
        }
    )


def _heads(story: Story, placed: Sequence[tuple[str, Fact]], broad: str) -> Dataset:
    rows = _labels(story, [s for s, _ in placed], broad)
    own = fact_rows({"quadrant": words(story, [q for _, q in placed], _WORDS)})
    return {**rows, **{key: rows[key] | own[key] for key in ("columns", "bindings")}}


def _sides(
    columns: dict[str, list[Any]], tails: Sequence[dict[str, list[Any]]], x: Axis, y: Axis
) -> dict[str, list[int]]:
    """Return on which side of its dot each name stands: where it lies on no name and no dot, and on few lines."""

    def places(of: dict[str, list[Any]]) -> list[tuple[float, float]]:
        pairs = zip(of["strength"], of["momentum"], strict=True)
        return [(x.at(a) * WIDTH, (1 - y.at(b)) * _HEIGHT) for a, b in pairs]

    at = places(columns)
    lines = [pair for tail in tails for pair in pairwise(places(tail))]
    ((across, down),) = places({"strength": [100], "momentum": [100]})
    lines += [((across, 0), (across, _HEIGHT)), ((0, down), (WIDTH, down))]
    taken: list[Box] = [(px - 6, py - 6, px + 6, py + 6) for px, py in at]
    found: dict[str, list[int]] = {}
    for i, (px, py) in enumerate(at):
        wide = 8.5 * len(columns["name"][i])
        boxes = {side: _box(px, py, wide, shift) for side, (_, shift) in _BESIDE.items()}
        # a name under another, or cut off at the edge, cannot be read; one under a line can
        cost = {
            side: 100 * sum(_overlap(box, other) for other in taken)
            + 100 * (box[1] < 0 or box[3] > _HEIGHT)
            + sum(_crosses(line, box) for line in lines)
            for side, box in boxes.items()
        }
        side = min(cost, key=lambda name: cost[name])
        taken.append(boxes[side])
        found.setdefault(side, []).append(i)
    return found


def _box(px: float, py: float, wide: float, shift: tuple[float, float]) -> Box:
    middle = px + shift[0] * (9 + wide / 2), py + shift[1] * 14
    return middle[0] - wide / 2, middle[1] - 7, middle[0] + wide / 2, middle[1] + 7


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _crosses(line: tuple[tuple[float, float], tuple[float, float]], box: Box) -> bool:
    """Whether a piece of a line runs through a box: what is left of it between each two edges is not empty."""
    (ax, ay), (bx, by) = line
    low, high = 0.0, 1.0
    for start, step, first, last in ((ax, bx - ax, box[0], box[2]), (ay, by - ay, box[1], box[3])):
        if step == 0:
            if not first <= start <= last:
                return False
            continue
        ends = sorted(((first - start) / step, (last - start) / step))
        low, high = max(low, ends[0]), min(high, ends[1])
    return low <= high


def _ticker(story: Story, series: str) -> int | str:
    return series if series in story.desk.universe.instrument(series).names else 0


def _corners(left: float, right: float, bottom: float, top: float) -> Dataset:
    """Return the names of the quadrants in their corners."""
    dx, dy = 0.09 * (right - left), 0.05 * (top - bottom)
    at = [(right - dx, top - dy), (right - dx, bottom + dy), (left + dx, bottom + dy), (left + dx, top - dy)]
    return {
        "kind": "quadrants",
        "columns": {
            "strength": [round(x, 4) for x, _ in at],
            "momentum": [round(y, 4) for _, y in at],
            "word": [_WORDS[c] for c in (1, 2, 3, 4)],
        },
    }


def _caption(story: Story, broad: str) -> Inline:
    p = story.prose
    return p.say(
        "Sectors by strength and momentum, measured by the {broad}, with the path of the last sessions",
        broad=p.name(broad),
    )


def _alt(story: Story, placed: Sequence[tuple[str, Fact]], broad: str) -> Inline:
    p = story.prose
    strengths = [story.fact("rotation_strength", s, broad) for s, _ in placed]
    momenta = [story.fact("rotation_momentum", s, broad) for s, _ in placed]
    return p.say(
        "Each dot is a sector fund at the end of the window, its tail the sessions up to it. Of {m} in all, on the right, where "
        "strength is: {n}; in the upper part, where it builds: {k}; at the upper right, leading: {j}.",
        m=number(count_of(story.desk, strengths, "sectors_counted"), "word"),
        n=number(count_where(story.desk, strengths, "above", 100), "word"),
        k=number(count_where(story.desk, momenta, "above", 100), "word"),
        j=number(count_where(story.desk, [q for _, q in placed], "below", 1.5), "word"),
    )
