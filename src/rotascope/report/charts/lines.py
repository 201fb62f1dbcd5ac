"""Charts of lines over time, each called by its name where it ends, or by a legend where the ends lie too close."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rotascope.model.documents import ChartData
from rotascope.report.charts.data import Dataset
from rotascope.report.charts.spec import HEIGHT, WIDTH, Axis, Layer, colours, layer, specification

_LETTERS = "abcdef"
_FARTHEST = 18  # pixels that a name may be moved up or down from the end of its line
_APART = 17  # pixels between two names
_READABLE = 4  # colours dark enough for letters
_GAP, _LETTER = 8, 8  # pixels before a name, and of one letter of it


def line_chart(
    lines: Mapping[str, Dataset], x: Axis, y: Axis, below: Sequence[Layer], more: Mapping[str, Dataset]
) -> ChartData:
    """Return a chart of paths with labels, at most six.

    lines: by the key of each in the chart. below, more: layers drawn before the lines, and their data.
    """
    names = {key: str(data["label"]["text"]) for key, data in lines.items()}
    moved = name_shifts([1 - y.at(line["columns"]["value"][-1]) for line in lines.values()])
    direct = moved is not None and len(lines) <= _READABLE and _end_together(lines)
    colour = colours(list(names.values()), legend=not direct)
    at = {"x": x.channel("date"), "y": y.channel("value")}
    layers, datasets = list(below), {**more, **lines}
    for letter, key in zip(_LETTERS, lines, strict=False):
        layers.append(layer(f"line_{letter}", key, "line", {**at, "color": {"datum": names[key], **colour}}))
    if not direct or moved is None:
        return ChartData(specification(layers), datasets)
    for letter, key, shift in zip(_LETTERS, lines, moved, strict=False):
        datasets[f"end-{letter}"] = _end(key, lines[key])
        encoding = {
            **at,
            "text": {"field": "label", "type": "nominal"},
            "color": {"datum": names[key], **colour},
        }
        look = {"align": "left", "baseline": "middle", "dx": _GAP, "dy": shift, "fontSize": 15}
        layers.append(layer(f"end_{letter}", f"end-{letter}", "text", encoding, **look))
    room = _GAP + _LETTER * max(len(name) for name in names.values())
    return ChartData(specification(layers, width=WIDTH - room), datasets)


def name_shifts(places: Sequence[float], height: int = HEIGHT) -> list[int] | None:
    """Return by how many pixels down each name is moved so that none lies on another, or None if too far.

    places: where each line ends, from the top, as a share of the height.

    >>> name_shifts([0.5, 0.1]), name_shifts([0.5, 0.5]), name_shifts([0.5] * 4)
    ([0, 0], [-8, 8], None)
    """
    order = sorted(range(len(places)), key=lambda i: places[i])
    groups: list[list[int]] = []  # names that touch each other, spread about their middle
    for i in order:
        groups.append([i])
        while len(groups) > 1 and _span(groups[-2], places, height)[1] > _span(groups[-1], places, height)[0]:
            last = groups.pop()
            groups[-1] += last
    shifts = [0] * len(places)
    for group in groups:
        top = _span(group, places, height)[0] + _APART / 2
        for n, i in enumerate(group):
            shifts[i] = round(top + n * _APART - places[i] * height)
    return shifts if max(map(abs, shifts)) <= _FARTHEST else None


def _span(group: Sequence[int], places: Sequence[float], height: int) -> tuple[float, float]:
    """Return top and bottom of names set one below the other about the middle of their lines' ends."""
    middle = height * sum(places[i] for i in group) / len(group)
    return middle - len(group) * _APART / 2, middle + len(group) * _APART / 2


def _end_together(lines: Mapping[str, Dataset]) -> bool:
    return len({line["columns"]["date"][-1] for line in lines.values()}) == 1


def _end(key: str, line: Dataset) -> Dataset:
    columns = line["columns"]
    last = {field: [columns[field][-1]] for field in ("date", "value")}
    return {"kind": "end", "of": key, "columns": {**last, "label": [line["label"]["text"]]}}
