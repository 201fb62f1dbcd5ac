"""Specifications of charts: which keys they may have, and what axes and texts must hold.

docs/bundle-format.md, "Specification".
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rotascope_verify.charts_data import Dataset
from rotascope_verify.failures import CheckError, quote
from rotascope_verify.lexicon import FIND_COMPARISON_WORDS, FIND_NUMBER_WORDS, LITERALS
from rotascope_verify.numerals import MONTHS
from rotascope_verify.reading import as_list, as_number, as_object, as_whole, check_keys, get_text, is_day

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
LAYER_NAME = re.compile(r"[a-z]+(_[a-z]+)*")
COLOUR = re.compile(r"#[0-9a-f]{6}")
LOG_WORD = re.compile(r"\blog\b")
CHART_MARKS = ("line", "bar", "rect", "point", "rule", "text")
MARK_NUMBERS = {
    "opacity": (0.15, 1),
    "strokeWidth": (0.5, 6),
    "size": (10, 400),
    "width": (2, 60),
    "height": (2, 60),
    "dx": (-20, 20),
    "dy": (-20, 20),
    "fontSize": (8, 24),
}
MARK_WORDS = {"align": ("left", "center", "right"), "baseline": ("top", "middle", "bottom")}
MARK_KEYS = "color strokeDash filled " + " ".join([*MARK_NUMBERS, *MARK_WORDS])
# Each form of a mark: the channels of place that it has, and no other.
SHAPES = {
    "line": ("x y", "x y order"),
    "point": ("x y",),
    "text": ("x y text",),
    "rule": ("x", "y"),
    "bar": ("x y",),
    "rect": ("x x2", "x x2 y y2"),
}
SCALE_TYPES = {"quantitative": ("linear", "log"), "temporal": ("utc",)}
NUMBER_FORMATS = {",.0f": 0, ",.1f": 1, ",.2f": 2, ".0%": 0}
DATE_FORMATS = ("%Y", "%b %Y", "%-d %b")
LONGEST_DAYS = 366
SHORT_MONTHS = tuple(name[:3] for name in MONTHS)


@dataclass(frozen=True, slots=True)
class Axis:
    """The scale and the axis along x or y: where a value lies between 0 and 1, and how it is printed.

    low, high: ends of the domain as numbers (days for dates, logarithms for a log scale); none for names.
    """

    kind: str
    scale: str
    low: float
    high: float
    title: str | None
    values: tuple[Any, ...]
    form: str

    def at(self, value: Any) -> float:
        """Return the place of a value: 0 at the low end, 1 at the high end."""
        return (self.number(value) - self.low) / (self.high - self.low)

    def number(self, value: Any) -> float:
        """Return a value as a number of the scale."""
        return scale_number(value, self.kind, self.scale)

    def printed(self, value: Any) -> str:
        """Return the text of a tick."""
        return tick_text(value, self.form)


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: its data, the form of its mark, and the fields and colour that it draws."""

    name: str
    data: Dataset
    mark: str
    look: dict[str, Any]
    fields: dict[str, str]
    colour: str
    label: str
    colour_field: str

    def column(self, channel: str) -> list[Any]:
        """Return the values drawn along a channel."""
        return self.data.columns[self.fields[channel]]

    def colours(self, scale: dict[str, str]) -> list[str]:
        """Return the colour of each row."""
        if self.colour_field:
            return [scale[text] for text in self.data.columns[self.colour_field]]
        return [self.colour or scale[self.label]] * self.data.rows()


@dataclass(frozen=True, slots=True)
class Plan:
    """A specification that holds."""

    width: int
    height: int
    layers: tuple[Layer, ...]
    axes: dict[str, Axis]
    colours: dict[str, str]
    legend: bool


def scale_number(value: Any, kind: str, scale: str) -> float:
    """Return a date as a number of days, a number on a log scale as its logarithm, any other as it is."""
    if kind == "temporal":
        if not isinstance(value, str) or not is_day(value):
            raise CheckError(f"{quote(value)} is not a date")
        return float(datetime.date.fromisoformat(value).toordinal())
    number = as_number(value, "a value")
    if scale != "log":
        return number
    if number <= 0:
        raise CheckError(f"{number!r} has no place on a log scale")
    return math.log(number)


def tick_text(value: Any, form: str) -> str:
    """Return the text of a tick. Raises CheckError if it would not say the value exactly.

    >>> tick_text(-1500, ",.0f"), tick_text("2020-01-01", "%Y"), tick_text("2026-01-05", "%-d %b")
    ('−1,500', '2020', '5 Jan')
    """
    if form in NUMBER_FORMATS:
        number = as_number(value, "a tick") * (100 if form == ".0%" else 1)
        text = f"{abs(number):,.{NUMBER_FORMATS[form]}f}"
        if abs(float(text.replace(",", "")) - abs(number)) > 1e-9 * max(1.0, abs(number)):
            raise CheckError(f"the format {form} does not print the tick {value!r} exactly")
        sign = "\u2212" if number < 0 else ""
        return f"{sign}{text}{'%' if form == '.0%' else ''}"
    if form not in DATE_FORMATS or not isinstance(value, str) or not is_day(value):
        raise CheckError(f"{quote(form)} cannot print the tick {quote(value)}")
    year, month, day = value.split("-")
    if (form == "%Y" and (month, day) != ("01", "01")) or (form == "%b %Y" and day != "01"):
        raise CheckError(f"the format {form} does not print the tick {value} exactly")
    name = SHORT_MONTHS[int(month) - 1]
    return {"%Y": year, "%b %Y": f"{name} {year}", "%-d %b": f"{int(day)} {name}"}[form]


def read_plan(raw: Any, datasets: dict[str, Dataset], free: frozenset[str]) -> Plan:
    """Return what a specification draws, after checking all of it. Raises CheckError (spec-bad).

    free: texts that may stand in it whatever they hold: the caption, and what facts display.
    """
    spec = as_object(raw, "spec")
    check_keys(spec, "$schema width height layer")
    if spec["$schema"] != SCHEMA:
        raise CheckError(f"$schema is not {SCHEMA}")
    width, height = (as_whole(spec[key], key, 80, 1000) for key in ("width", "height"))
    shared: dict[str, Any] = {}
    layers = tuple(_read_layer(item, datasets, shared) for item in as_list(spec["layer"], "layer"))
    if len({layer.name for layer in layers}) != len(layers) or not layers:
        raise CheckError("layers need names of their own, and there must be one")
    used = {id(layer.data) for layer in layers}
    if unused := sorted(key for key, data in datasets.items() if id(data) not in used):
        raise CheckError(f"no layer draws the dataset {quote(unused[0])}")
    axes: dict[str, Axis] = {key: _read_axis(shared[key], free) for key in ("x", "y") if key in shared}
    if axes.keys() != {"x", "y"}:
        raise CheckError("a chart has x and y")
    colours, legend = _read_colours(shared.get("color"), layers)
    for layer in layers:
        _check_layer(layer, axes, free)
    return Plan(width, height, layers, axes, colours, legend)


def _read_layer(raw: Any, datasets: dict[str, Dataset], shared: dict[str, Any]) -> Layer:
    obj = as_object(raw, "a layer")
    check_keys(obj, "name data mark encoding")
    name = get_text(obj, "name")
    if not LAYER_NAME.fullmatch(name):
        raise CheckError(f"{quote(name)} cannot be the name of a layer")
    source = as_object(obj["data"], "data")
    check_keys(source, "name")
    key = get_text(source, "name")
    if key not in datasets:
        raise CheckError(f"there is no dataset {quote(key)}")
    mark = as_object(obj["mark"], "mark")
    _check_mark(mark)
    channels = as_object(obj["encoding"], "encoding")
    form = " ".join(c for c in ("x", "x2", "y", "y2", "text", "order") if c in channels)
    if form not in SHAPES[mark["type"]] or channels.keys() - {"color", *form.split()}:
        raise CheckError(f"a {mark['type']} has not the channels {quote(', '.join(channels))}")
    data = datasets[key]
    fields: dict[str, str] = {}
    for channel, said in channels.items():
        if channel != "color":
            field = _read_field(channel, as_object(said, channel), data, shared)
            fields |= {channel: field} if field else {}
    label, field = _read_colour(channels.get("color"), data, shared)
    if ("color" in mark) == bool(label or field):
        raise CheckError("a layer has its colour from the mark or from a channel, not both")
    return Layer(name, data, mark["type"], mark, fields, mark.get("color", ""), label, field)


def _check_mark(mark: dict[str, Any]) -> None:
    check_keys(mark, "type", MARK_KEYS)
    if mark["type"] not in CHART_MARKS:
        raise CheckError(f"there is no mark {quote(mark['type'])}")
    for key, (low, high) in MARK_NUMBERS.items():
        if key in mark and not low <= as_number(mark[key], key) <= high:
            raise CheckError(f"{key} is {mark[key]!r}, not {low} to {high}")
    for key, allowed in MARK_WORDS.items():
        if key in mark and mark[key] not in allowed:
            raise CheckError(f"{key} is {quote(mark[key])}, not one of {', '.join(allowed)}")
    if "filled" in mark and mark["filled"] is not True:
        raise CheckError("filled is true, or is left out")
    if "color" in mark:
        _check_colour(mark["color"])
    dash = mark.get("strokeDash", [4, 4])
    if len(as_list(dash, "strokeDash")) != 2 or not all(1 <= as_number(v, "strokeDash") <= 12 for v in dash):
        raise CheckError("strokeDash is two numbers from 1 to 12")


def _check_colour(value: Any) -> None:
    if not isinstance(value, str) or not COLOUR.fullmatch(value):
        raise CheckError(f"{quote(value)} is not a colour # with six hex digits")


def _read_field(channel: str, said: dict[str, Any], data: Dataset, shared: dict[str, Any]) -> str:
    if channel == "y2":
        if said != {"datum": 0} or isinstance(said["datum"], bool):
            raise CheckError("y2 is zero")
        return ""
    field = get_text(said, "field")
    if field not in data.columns:
        raise CheckError(f"the data has no field {quote(field)}")
    kind = data.types[field]
    if channel in ("x", "y"):
        check_keys(said, "field type axis " + ("sort" if kind == "nominal" else "scale"))
        rest = {k: v for k, v in said.items() if k != "field"}
        if shared.setdefault(channel, rest) != rest:
            raise CheckError(f"the layers differ in {channel}")
    else:
        check_keys(said, "field" if channel == "x2" else "field type")
    wanted = {"order": "temporal", "text": "nominal"}.get(channel, kind)
    if kind != wanted or said.get("type", kind) != kind:
        raise CheckError(f"the field {quote(field)} is {kind}")
    return field


def _read_axis(said: dict[str, Any], free: frozenset[str]) -> Axis:
    kind, axis = said["type"], as_object(said["axis"], "axis")
    title = axis.get("title")
    if kind == "nominal":
        check_keys(axis, "title")
        if said["sort"] is not None:
            raise CheckError("names stand in the order of their rows: sort is null")
        _check_title(title, free)
        return Axis(kind, "band", 0, 1, title, (), "")
    check_keys(axis, "title values format labelOverlap", "grid")
    if axis["labelOverlap"] is not False or not isinstance(axis.get("grid", False), bool):
        raise CheckError("labelOverlap is false, and grid true or false")
    _check_title(title, free)
    scale = as_object(said["scale"], "scale")
    check_keys(scale, "type domain nice padding" + (" zero" if kind == "quantitative" else ""))
    if scale["nice"] is not False or scale.get("zero", False) is not False or scale["padding"] != 0:
        raise CheckError("nice and zero are false, padding is 0: the domain is as it is said")
    if scale["type"] not in SCALE_TYPES[kind]:
        raise CheckError(f"a {kind} scale is not {quote(scale['type'])}")
    if scale["type"] == "log" and not LOG_WORD.search(title or ""):
        raise CheckError("the title of a log axis says log")
    ends = [scale_number(v, kind, scale["type"]) for v in as_list(scale["domain"], "domain")]
    if len(ends) != 2 or not ends[0] < ends[1]:
        raise CheckError("a domain is a low and a high end, in this order")
    form, values = get_text(axis, "format"), as_list(axis["values"], "values")
    out = Axis(kind, scale["type"], ends[0], ends[1], title, tuple(values), form)
    if (form in NUMBER_FORMATS) != (kind == "quantitative"):
        raise CheckError(f"the format {quote(form)} does not suit the axis")
    if form == "%-d %b" and ends[1] - ends[0] > LONGEST_DAYS:
        raise CheckError("an axis of more than a year says the year")
    _check_ticks(out)
    return out


def _check_ticks(axis: Axis) -> None:
    places = [axis.at(v) for v in axis.values]
    for value in axis.values:
        axis.printed(value)
    if len(places) < 2 or any(a >= b for a, b in pairwise(places)):
        raise CheckError("an axis has two ticks at least, in ascending order")
    if places[0] < -1e-9 or places[-1] > 1 + 1e-9:
        raise CheckError("a tick lies outside of the domain")


def _check_title(title: Any, free: frozenset[str]) -> None:
    if title is not None:
        if not isinstance(title, str) or not title:
            raise CheckError(f"a title is a text or null, not {quote(title)}")
        check_plain(title, free)


def check_plain(text: str, free: frozenset[str]) -> None:
    """A text of a chart says nothing that would need a fact. Raises CheckError (chart-text)."""
    if text in free:
        return
    rest = text
    for literal in sorted(LITERALS, key=len, reverse=True):
        rest = rest.replace(literal, " ")
    if any(c.isnumeric() or c.isdigit() for c in rest):
        raise CheckError(f"a number stands in {quote(text)}", "chart-text")
    if not all(c == " " or c.isprintable() for c in rest):
        raise CheckError(f"a character that is not seen stands in {quote(text)}", "chart-text")
    for find in (FIND_NUMBER_WORDS, FIND_COMPARISON_WORDS):
        if hit := find.search(rest):
            raise CheckError(f"the word {quote(hit[1])} stands in {quote(text)}", "chart-text")


def _read_colour(said: Any, data: Dataset, shared: dict[str, Any]) -> tuple[str, str]:
    """Return the label or the field that a layer is coloured by."""
    if said is None:
        return "", ""
    obj = as_object(said, "color")
    check_keys(obj, "type scale legend", "datum field")
    rest = {k: v for k, v in obj.items() if k not in ("datum", "field")}
    if shared.setdefault("color", rest) != rest:
        raise CheckError("the layers differ in color")
    if ("datum" in obj) == ("field" in obj) or obj["type"] != "nominal":
        raise CheckError("color has a datum or a field, and is nominal")
    if "datum" in obj:
        if obj["datum"] != data.label or not data.label:
            raise CheckError(f"{quote(obj['datum'])} is not the label of the data", "chart-name")
        return data.label, ""
    field = get_text(obj, "field")
    if data.types.get(field) != "nominal":
        raise CheckError(f"the data has no texts {quote(field)}")
    return "", field


def _read_colours(said: Any, layers: tuple[Layer, ...]) -> tuple[dict[str, str], bool]:
    drawn: set[str] = set()
    for layer in layers:
        drawn |= set(layer.data.columns[layer.colour_field]) if layer.colour_field else {layer.label} - {""}
    if said is None:
        return {}, False
    scale = as_object(said["scale"], "scale")
    check_keys(scale, "domain range")
    texts, colours = as_list(scale["domain"], "domain"), as_list(scale["range"], "range")
    for colour in colours:
        _check_colour(colour)
    if len(texts) != len(colours) or len(set(texts)) != len(texts) or len(set(colours)) != len(colours):
        raise CheckError("each text has a colour of its own")
    if set(texts) != drawn:
        raise CheckError(
            f"the colours are of {quote(sorted(map(str, texts)))}, the data of {quote(sorted(drawn))}"
        )
    if said["legend"] not in (None, {"title": None, "orient": "top"}):
        raise CheckError("the legend is null or stands at the top without a title")
    if said["legend"] is None:
        _check_named(layers)
    return dict(zip(texts, colours, strict=True)), said["legend"] is not None


def _check_named(layers: Iterable[Layer]) -> None:
    """Without a legend, each line that its label gives a colour has the label written at its end."""
    written = {layer.label for layer in layers if layer.mark == "text"}
    if missing := sorted({layer.label for layer in layers} - written - {""}):
        raise CheckError(f"neither a legend nor a text at its end says which line is {quote(missing[0])}")


def _check_layer(layer: Layer, axes: dict[str, Axis], free: frozenset[str]) -> None:
    """All data lie in the domain; bars begin at zero; ticks are ticks; bare texts are plain."""
    for channel, field in layer.fields.items():
        axis = axes.get(channel[0]) if channel in ("x", "y", "x2") else None
        column = layer.data.columns[field]
        if axis is not None and axis.kind != layer.data.types[field]:
            raise CheckError(f"the field {quote(field)} does not suit its axis")
        free_title = layer.data.kind == "ticks" or layer.data.types[field] != "quantitative"
        if axis is not None and not free_title and axis.title not in layer.data.titles.get(field, ()):
            raise CheckError(f"an axis of {quote(field)} is not called {quote(axis.title)}", "chart-text")
        if axis is not None and axis.kind != "nominal":
            if any(not -1e-9 <= axis.at(v) <= 1 + 1e-9 for v in column):
                raise CheckError(f"a value of {quote(field)} lies outside of the domain", "chart-domain")
            if layer.data.kind == "ticks" and not set(column) <= set(axis.values):
                raise CheckError("a line is drawn that is no tick of its axis")
        if layer.data.types[field] == "nominal" and field not in layer.data.tagged:
            for text in column:
                check_plain(text, free)
    if layer.mark in ("bar", "rect"):
        _check_bar(layer, axes)


def _check_bar(layer: Layer, axes: dict[str, Axis]) -> None:
    kinds = axes["x"].kind, axes["y"].kind
    if layer.mark == "rect":
        if kinds[0] == "nominal":
            raise CheckError("a rect lies between two numbers or dates")
        if "y" not in layer.fields:
            return
        allowed, along = kinds == ("quantitative", "quantitative"), "y"
    else:
        allowed = kinds in (("quantitative", "nominal"), ("temporal", "quantitative"))
        along = "x" if kinds[1] == "nominal" else "y"
    if not allowed:
        raise CheckError(f"there is no {layer.mark} of {kinds[0]} by {kinds[1]}")
    if layer.mark == "bar" and along == "y" and "width" not in layer.look:
        raise CheckError("a bar at a date has a width")
    axis = axes[along]
    if axis.scale != "linear" or not axis.low <= 0 <= axis.high:
        raise CheckError("bars start at zero, and the domain must hold it", "chart-domain")
