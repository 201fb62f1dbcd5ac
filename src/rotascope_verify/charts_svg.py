"""Drawings of charts: read the SVG and hold each shape against the datum it stands for.

docs/bundle-format.md, "Drawing".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

from rotascope_verify.charts_spec import Axis, Layer, Plan
from rotascope_verify.failures import CheckError, quote

SVG_SPACE = "{http://www.w3.org/2000/svg}"
SVG_TAGS = frozenset(["svg", "g", "path", "line", "text"])
SVG_KEYS = frozenset(
    [
        *(
            "version",
            "class",
            "width",
            "height",
            "viewBox",
            "transform",
            "d",
            "x2",
            "y2",
            "fill",
            "fill-opacity",
        ),
        *("stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "stroke-miterlimit", "opacity"),
        *("text-anchor", "font-family", "font-size", "font-weight"),
    ]
)
SVG_ROLES = ("grid", "tick", "label", "domain", "title")
LEGEND_ROLES = ("role-legend-symbol", "role-legend-label")
NUMBER = r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?"
MOVE = re.compile(rf"translate\(({NUMBER}),({NUMBER})\)")
TURNED = re.compile(rf"{MOVE.pattern}(?: rotate\(-90\))?(?: {MOVE.pattern})?")
CORNER = re.compile(rf"([ML])({NUMBER}),({NUMBER})")
BAR = re.compile(rf"M({NUMBER}),({NUMBER})h({NUMBER})v({NUMBER})h({NUMBER})Z")
PAINT = re.compile(r"none|transparent|#[0-9a-f]{6}")
CLASS = re.compile(r"marks|root|mark-(group|rule|line|rect|symbol|text)|role-[a-z-]+|[a-z_]+_marks")
DASHES = re.compile(r"\d+(?:,\d+)*")
LETTERS = re.compile(r"(\d+)px")
NEAR, NEAR_TEXT, BESIDE = 0.6, 1.0, 24.0
FAINT = 0.15
THICKEST, WIDEST_DOT, SMALLEST, LARGEST = 6.0, 12.0, 8, 24

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Shape:
    """A path, line or text: its element, and where its own (0, 0) lies in the data area."""

    element: ElementTree.Element
    at: Place

    def get(self, key: str) -> str:
        """Return an attribute; empty if it is not there."""
        return self.element.get(key, "")

    def text(self) -> str:
        """Return its text."""
        return self.element.text or ""


@dataclass(slots=True)
class Drawing:
    """The shapes of a drawing by role: a layer's name, or the role of a part of an axis or the legend."""

    layers: dict[str, list[Shape]] = field(default_factory=dict)
    parts: dict[str, list[Shape]] = field(default_factory=dict)


def check_drawing(content: bytes, plan: Plan) -> None:
    """Compare a drawing with what the specification draws. Raises CheckError (drawing-bad)."""
    drawing = _read_drawing(content, plan)
    for layer in plan.layers:
        shapes = drawing.layers.get(layer.name, [])
        count = 1 if layer.mark == "line" else layer.data.rows()
        if len(shapes) != count:
            raise CheckError(f"layer {layer.name} has {len(shapes)} shapes, not {count}")
        _check_colours_of(layer, shapes, plan)
        if layer.mark == "line":
            _check_line(layer, shapes[0], plan)
        elif layer.mark in ("bar", "rect"):
            _check_bars(layer, shapes, plan)
        elif layer.mark == "rule":
            _check_rules(layer, shapes, plan)
        else:
            _check_places(layer, shapes, plan)
    _check_axes(drawing, plan)
    _check_legend(drawing, plan)


def _read_drawing(content: bytes, plan: Plan) -> Drawing:
    if b"<!" in content or b"<?" in content:
        raise CheckError("a drawing has no comments, entities or instructions")
    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError) as error:
        raise CheckError(f"is not XML: {error}") from None
    for element in root.iter():
        _check_element(element)
    size = root.get("width", ""), root.get("height", "")
    if root.tag != f"{SVG_SPACE}svg" or root.get("viewBox") != f"0 0 {size[0]} {size[1]}":
        raise CheckError("the view box is not the whole drawing")
    out = Drawing()
    frames = [(at, e) for at, e, _ in _walk(root, (0.0, 0.0), "") if "role-frame" in _classes(e)]
    if len(frames) != 1:
        raise CheckError("there must be one data area")
    origin = frames[0][0]
    names = {f"{layer.name}_marks": layer.name for layer in plan.layers}
    for at, element, role in _walk(root, (0.0, 0.0), ""):
        if element.tag in (f"{SVG_SPACE}svg", f"{SVG_SPACE}g"):
            continue
        shape = Shape(element, (at[0] - origin[0], at[1] - origin[1]))
        if role.startswith("mark:"):
            if role[5:] not in names:
                raise CheckError(f"there is no layer {quote(role[5:])}")
            out.layers.setdefault(names[role[5:]], []).append(shape)
        elif role:
            out.parts.setdefault(role, []).append(shape)
        else:
            raise CheckError(f"a {element.tag.removeprefix(SVG_SPACE)} belongs to nothing")
    return out


def _check_element(element: ElementTree.Element) -> None:
    tag = element.tag.removeprefix(SVG_SPACE) if isinstance(element.tag, str) else ""
    if tag not in SVG_TAGS or not element.tag.startswith(SVG_SPACE):
        raise CheckError(f"there is an element {quote(str(element.tag))}")
    if unknown := sorted(set(element.keys()) - SVG_KEYS):
        raise CheckError(f"there is an attribute {quote(unknown[0])}")
    if (tag != "text" and (element.text or "").strip()) or (element.tail or "").strip():
        raise CheckError("text stands outside of a text element")
    if tag == "text" and len(element):
        raise CheckError("a text has other elements in it")
    for key in ("fill", "stroke"):
        if not PAINT.fullmatch(element.get(key, "none")):
            raise CheckError(f"{quote(element.get(key))} is no colour")
    for key in ("opacity", "fill-opacity", "stroke-opacity"):
        if number_in(element.get(key, "1"), key) < FAINT or (tag == "g" and key in element.keys()):  # noqa: SIM118
            raise CheckError("a shape is too faint to be seen")
    _check_look(element, tag)
    if tag == "svg" and element.get("transform") is not None:
        raise CheckError("the drawing as a whole is moved")


def _check_look(element: ElementTree.Element, tag: str) -> None:
    """Nothing hides a shape or makes more of it: no group that paints, no long dashes, no odd sizes."""
    if tag in ("svg", "g") and any(element.get(key, "none") != "none" for key in ("fill", "stroke")):
        raise CheckError("a group gives its colour to what is in it")
    if number_in(element.get("stroke-width", "1"), "stroke-width") > THICKEST:
        raise CheckError("a line is too thick")
    dashes = element.get("stroke-dasharray", "1")
    if not DASHES.fullmatch(dashes) or not all(1 <= int(n) <= 12 for n in dashes.split(",")):
        raise CheckError(f"the dashes are {quote(dashes)}")
    letters = LETTERS.fullmatch(element.get("font-size", "15px"))
    if letters is None or not SMALLEST <= int(letters[1]) <= LARGEST:
        raise CheckError(f"letters are {quote(element.get('font-size'))} high")
    if tag == "text" and element.get("fill", "#000000") in ("none", "transparent"):
        raise CheckError("a text cannot be seen")
    if unknown := [name for name in _classes(element) if not CLASS.fullmatch(name)]:
        raise CheckError(f"there is a class {quote(unknown[0])}")


def number_in(text: str, what: str) -> float:
    """Return a number of an attribute. Raises CheckError."""
    if not re.fullmatch(NUMBER, text):
        raise CheckError(f"{what} is {quote(text)}, not a number")
    return float(text)


def _classes(element: ElementTree.Element) -> list[str]:
    return element.get("class", "").split()


def _role_of(element: ElementTree.Element, outer: str) -> str:
    """Return the role that a group gives to the shapes in it: the innermost one counts."""
    for name in _classes(element):
        if name in LEGEND_ROLES or name.removeprefix("role-axis-") in SVG_ROLES:
            return name
    if "role-mark" in _classes(element):
        return f"mark:{_classes(element)[-1]}"
    return outer


def _walk(
    element: ElementTree.Element, at: Place, role: str
) -> Iterator[tuple[Place, ElementTree.Element, str]]:
    """Yield each element with its place on the drawing and its role."""
    move = element.get("transform")
    if move is not None:
        hit = MOVE.fullmatch(move) or (role == "role-axis-title" and TURNED.fullmatch(move)) or None
        if hit is None:
            raise CheckError(f"a transform is {quote(move)}, not a move")
        at = (at[0] + float(hit[1]), at[1] + float(hit[2]))
    if element.tag == f"{SVG_SPACE}g":
        role = _role_of(element, role)
    yield at, element, role
    for child in element:
        yield from _walk(child, at, role)


def _across(plan: Plan, value: object) -> float:
    return plan.axes["x"].at(value) * plan.width


def _down(plan: Plan, value: object, row: int = 0, layer: Layer | None = None) -> float:
    """Return the place of a value from the top; of a name, the middle of its row."""
    if plan.axes["y"].kind == "nominal" and layer is not None:
        return (row + 0.5) * plan.height / layer.data.rows()
    return (1 - plan.axes["y"].at(value)) * plan.height


def _require_near(got: float, want: float, what: str, limit: float = NEAR) -> None:
    if not abs(got - want) <= limit:
        raise CheckError(f"{what} lies at {got:.1f}, not {want:.1f}")


def _check_colours_of(layer: Layer, shapes: list[Shape], plan: Plan) -> None:
    key = (
        "stroke"
        if layer.mark in ("line", "rule") or (layer.mark == "point" and "filled" not in layer.look)
        else "fill"
    )
    wanted = layer.colours(plan.colours)
    for shape, colour in zip(shapes, wanted, strict=False):
        if shape.get(key) != colour:
            raise CheckError(f"a shape of layer {layer.name} is {quote(shape.get(key))}, not {colour}")


def _check_dot(shape: Shape) -> None:
    """The outline of a dot or of a symbol stays about its place."""
    if any(abs(float(n)) > WIDEST_DOT for n in re.findall(NUMBER, shape.get("d"))):
        raise CheckError("a dot is too wide")


def _check_line(layer: Layer, shape: Shape, plan: Plan) -> None:
    if shape.get("fill") not in ("", "none", "transparent"):
        raise CheckError(f"layer {layer.name} fills what it should only draw")
    d = shape.get("d")
    corners = CORNER.findall(d)
    if "".join(f"{m}{x},{y}" for m, x, y in corners) != d or [c[0] for c in corners] != ["M"] + ["L"] * (
        len(corners) - 1
    ):
        raise CheckError(f"layer {layer.name} is not one line of straight pieces")
    if len(corners) != layer.data.rows():
        raise CheckError(f"layer {layer.name} has {len(corners)} corners, not {layer.data.rows()}")
    for (_, x, y), v, w in zip(corners, layer.column("x"), layer.column("y"), strict=True):
        _require_near(float(x) + shape.at[0], _across(plan, v), f"a corner of layer {layer.name}")
        _require_near(float(y) + shape.at[1], _down(plan, w), f"a corner of layer {layer.name}")


def _check_places(layer: Layer, shapes: list[Shape], plan: Plan) -> None:
    texts = layer.column("text") if layer.mark == "text" else [""] * len(shapes)
    limit = BESIDE if layer.mark == "text" else NEAR
    rows = zip(shapes, layer.column("x"), layer.column("y"), texts, strict=True)
    for i, (shape, v, w, text) in enumerate(rows):
        if layer.mark == "point":
            _check_dot(shape)
        if layer.mark == "text" and shape.text() != text:
            raise CheckError(f"layer {layer.name} shows {quote(shape.text())}, not {quote(text)}")
        _require_near(shape.at[0], _across(plan, v), f"a shape of layer {layer.name}", limit)
        _require_near(shape.at[1], _down(plan, w, i, layer), f"a shape of layer {layer.name}", limit)


def _check_rules(layer: Layer, shapes: list[Shape], plan: Plan) -> None:
    for i, shape in enumerate(shapes):
        ends = number_in(shape.get("x2") or "0", "x2"), number_in(shape.get("y2") or "0", "y2")
        if "x" in layer.fields:
            along, across, full = ends[1], ends[0], plan.height
            at, start = shape.at
            want = _across(plan, layer.column("x")[i])
        else:
            along, across, full = ends[0], ends[1], plan.width
            start, at = shape.at
            want = _down(plan, layer.column("y")[i])
        _require_near(at, want, f"a line of layer {layer.name}")
        _require_near(across, 0, f"the end of a line of layer {layer.name}")
        _require_near(min(start, start + along), 0, f"the end of a line of layer {layer.name}")
        _require_near(abs(along), full, f"the length of a line of layer {layer.name}")


def _box(shape: Shape) -> tuple[float, float, float, float]:
    """Return left, right, top and bottom of a bar."""
    hit = BAR.fullmatch(shape.get("d"))
    if hit is None or float(hit[5]) != -float(hit[3]):
        raise CheckError("a bar is not a rectangle")
    x, y, w, h = (float(hit[i]) for i in (1, 2, 3, 4))
    x, y = x + shape.at[0], y + shape.at[1]
    return min(x, x + w), max(x, x + w), min(y, y + h), max(y, y + h)


def _check_bars(layer: Layer, shapes: list[Shape], plan: Plan) -> None:
    where = f"a bar of layer {layer.name}"
    for i, shape in enumerate(shapes):
        left, right, top, bottom = _box(shape)
        start = layer.column("x")[i]
        if layer.mark == "rect":
            edges = sorted((_across(plan, start), _across(plan, layer.column("x2")[i])))
        elif plan.axes["y"].kind == "nominal":
            edges = sorted((_across(plan, 0), _across(plan, start)))
        else:
            half = float(layer.look["width"]) / 2
            edges = [_across(plan, start) - half, _across(plan, start) + half]
        _require_near(left, edges[0], where, NEAR_TEXT)
        _require_near(right, edges[1], where, NEAR_TEXT)
        if layer.mark == "bar" and plan.axes["y"].kind == "nominal":
            half = plan.height / layer.data.rows() / 2
            _require_near((top + bottom) / 2, _down(plan, "", i, layer), where, NEAR_TEXT)
            if bottom - top > 2 * half:
                raise CheckError(f"{where} reaches into the next row")
            continue
        ends = [0.0, float(plan.height)]
        if "y" in layer.fields:
            ends = sorted((_down(plan, 0), _down(plan, layer.column("y")[i])))
        _require_near(top, ends[0], where, NEAR_TEXT)
        _require_near(bottom, ends[1], where, NEAR_TEXT)


def _check_axes(drawing: Drawing, plan: Plan) -> None:
    labels = drawing.parts.get("role-axis-label", [])
    beside = [s for s in labels if s.at[0] < -1]
    below = [s for s in labels if s.at[0] >= -1]
    if any(s.at[1] < plan.height for s in below):
        raise CheckError("the label of an axis stands in the data area")
    _check_ticks_of("x", plan.axes["x"], below, 0, plan)
    _check_ticks_of("y", plan.axes["y"], beside, 1, plan)
    _check_lines_of_axes(drawing, plan)
    titles = sorted(s.text() for s in drawing.parts.get("role-axis-title", []))
    wanted = sorted(axis.title for axis in plan.axes.values() if axis.title)
    if titles != wanted:
        raise CheckError(f"the axes are called {quote(titles)}, not {quote(wanted)}")
    if plan.axes["y"].kind == "nominal":
        _check_bands(beside, plan)


def _check_lines_of_axes(drawing: Drawing, plan: Plan) -> None:
    """Grid lines, ticks and the lines of axes are upright or level, each at a tick or at an edge."""
    stops = {}
    for name, size in (("x", plan.width), ("y", plan.height)):
        axis = plan.axes[name]
        places = [_down(plan, v) if name == "y" else _across(plan, v) for v in axis.values]
        if axis.kind == "nominal":
            rows = max(layer.data.rows() for layer in plan.layers)
            places = [i * size / rows / 2 for i in range(2 * rows)]
        stops[name] = [0.0, float(size), *places]
    for role in ("role-axis-grid", "role-axis-tick", "role-axis-domain"):
        for shape in drawing.parts.get(role, []):
            x2, y2 = (number_in(shape.get(key) or "0", key) for key in ("x2", "y2"))
            upright = x2 == 0
            if not shape.element.tag.endswith("}line") or (x2 and y2):
                raise CheckError("a line of an axis is neither level nor upright")
            at = shape.at[0] if upright else shape.at[1]
            if all(abs(at - stop) > NEAR_TEXT + 0.1 for stop in stops["x" if upright else "y"]):
                raise CheckError(f"a line of an axis lies at {at:.1f}, where there is no tick")


def _check_ticks_of(name: str, axis: Axis, labels: list[Shape], along: int, plan: Plan) -> None:
    if axis.kind == "nominal":
        return
    if [s.text() for s in labels] != [axis.printed(v) for v in axis.values]:
        raise CheckError(f"the labels of {name} are {quote([s.text() for s in labels])}")
    shift = None
    for shape, value in zip(labels, axis.values, strict=True):
        off = shape.at[along] - (_down(plan, value) if along else _across(plan, value))
        shift = off if shift is None else shift
        if abs(off) > (8 if along else NEAR_TEXT) or abs(off - shift) > NEAR:
            raise CheckError(f"the label {quote(shape.text())} of {name} stands {off:.1f} off its place")


def _check_bands(beside: list[Shape], plan: Plan) -> None:
    """Names stand one below the other in the order of the rows, each beside what is drawn for it."""
    for layer in plan.layers:
        if "y" not in layer.fields:
            continue
        names = layer.column("y")
        if [s.text() for s in beside] != names or len(set(names)) != len(names):
            raise CheckError(f"the names beside the axis are {quote([s.text() for s in beside])}")
        band = plan.height / len(names)
        for i, shape in enumerate(beside):
            if not abs(shape.at[1] - (i + 0.5) * band) <= max(8.0, band / 4):
                raise CheckError(f"the name {quote(shape.text())} does not stand in its row")


def _check_legend(drawing: Drawing, plan: Plan) -> None:
    texts = [s.text() for s in drawing.parts.get("role-legend-label", [])]
    symbols = drawing.parts.get("role-legend-symbol", [])
    wanted = list(plan.colours) if plan.legend else []
    if texts != wanted or len(symbols) != len(wanted):
        raise CheckError(f"the legend names {quote(texts)}, not {quote(wanted)}")
    for shape, colour in zip(symbols, plan.colours.values(), strict=False):
        _check_dot(shape)
        if shape.at[1] > 0:
            raise CheckError("the legend lies in the data area")
        if colour not in (shape.get("stroke"), shape.get("fill")):
            raise CheckError(f"a symbol of the legend is not {colour}")
