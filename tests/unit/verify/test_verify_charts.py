"""Charts of the tiny bundle: good as drawn by hand, and bad after any planted change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from builder import inline, number
from chart_samples import BLUE, RED, ChartBundle, Json

from rotascope_verify.bundle import verify

Change = Callable[[ChartBundle], Any]


def codes(bundle: ChartBundle, folder: Path) -> set[str]:
    return {f.code for f in verify(bundle.write(folder)).failures}


def test_the_charts_drawn_by_hand_hold(tmp_path: Path) -> None:
    assert [f.line() for f in verify(ChartBundle().write(tmp_path)).failures] == []


def data(bundle: ChartBundle, chart: str, key: str) -> Json:
    found: Json = bundle.charts[chart]["datasets"][key]
    return found


def layer(bundle: ChartBundle, chart: str = "lines", at: int = 1) -> Json:
    found: Json = bundle.charts[chart]["spec"]["layer"][at]
    return found


def axis(bundle: ChartBundle, channel: str, key: str, value: Any, chart: str = "lines") -> None:
    """Set a key of an axis or its scale in every layer."""
    for each in bundle.charts[chart]["spec"]["layer"]:
        said = each["encoding"].get(channel, {})
        for part in ("axis", "scale"):
            if key in said.get(part, {}):
                said[part] = said[part] | {key: value}


def scale(bundle: ChartBundle, **values: Any) -> None:
    for each in bundle.charts["lines"]["spec"]["layer"]:
        each["encoding"]["y"]["scale"] = each["encoding"]["y"]["scale"] | values


def swap_lines(b: ChartBundle) -> None:
    """Exchange the rows of the two lines, labels left as they are."""
    sets = b.charts["lines"]["datasets"]
    for key in ("columns", "inputs"):
        sets["IWM"][key], sets["SPY"][key] = sets["SPY"][key], sets["IWM"][key]


def swap_layers(b: ChartBundle) -> None:
    """Draw each line from the other's data, in spec and legend as before."""
    for at, key in ((1, "SPY"), (2, "IWM")):
        layer(b, at=at)["data"]["name"] = key


DATA: dict[str, tuple[Change, str]] = {
    "a value": (lambda b: data(b, "lines", "IWM")["columns"]["value"].__setitem__(1, 102.1), "chart-value"),
    "a value by little": (
        lambda b: data(b, "lines", "IWM")["columns"]["value"].__setitem__(1, 102.000001),
        "chart-value",
    ),
    "a date": (
        lambda b: data(b, "lines", "IWM")["columns"]["date"].__setitem__(1, "2026-01-05"),
        "chart-value",
    ),
    "a row gone": (lambda b: [c.pop(1) for c in data(b, "lines", "IWM")["columns"].values()], "chart-value"),
    "a row more": (
        lambda b: [c.append(c[-1]) for c in data(b, "lines", "IWM")["columns"].values()],
        "chart-value",
    ),
    "a column more": (lambda b: data(b, "lines", "IWM")["columns"].update(x=[1, 2, 3]), "chart-shape"),
    "uneven columns": (lambda b: data(b, "lines", "IWM")["columns"]["date"].pop(), "chart-shape"),
    "another op": (lambda b: data(b, "lines", "IWM").update(op="levels"), "path-failed"),
    "no such op": (lambda b: data(b, "lines", "IWM").update(op="smoothed"), "path-failed"),
    "another parameter": (lambda b: data(b, "lines", "IWM")["params"].update(thin=2), "chart-value"),
    "a parameter more": (lambda b: data(b, "lines", "IWM")["params"].update(scale=1), "path-failed"),
    "a digest": (lambda b: data(b, "lines", "IWM")["inputs"][0].update(sha256="0" * 64), "digest-differs"),
    "fewer rows said": (lambda b: data(b, "lines", "IWM")["inputs"][0].update(rows=2), "rows-differ"),
    "another source": (
        lambda b: data(b, "lines", "IWM")["inputs"][0].update(source="news"),
        "source-differs",
    ),
    "another name": (lambda b: data(b, "lines", "IWM")["label"].update(text="S&P 500"), "chart-name"),
    "another entity": (
        lambda b: data(b, "lines", "IWM").update(label={"text": "S&P 500", "entities": ["large"]}),
        "chart-name",
    ),
    "swapped lines": (swap_lines, "chart-name"),
    "swapped layers": (swap_layers, "chart-name"),
    "a tick line off": (lambda b: data(b, "lines", "ticks")["columns"].update(at=[101]), "spec-bad"),
    "a fact's value": (
        lambda b: data(b, "bars", "rows")["columns"]["change"].__setitem__(0, 5.1),
        "chart-value",
    ),
    "facts swapped": (
        lambda b: data(b, "bars", "rows")["bindings"]["change"]["refs"].reverse(),
        "chart-value",
    ),
    "names swapped": (lambda b: data(b, "bars", "rows")["columns"]["name"].reverse(), "chart-name"),
    "names and entities swapped": (
        lambda b: [
            data(b, "bars", "rows")["columns"]["name"].reverse(),
            data(b, "bars", "rows")["bindings"]["name"]["refs"].reverse(),
        ],
        "chart-name",
    ),
    "no such fact": (
        lambda b: data(b, "bars", "rows")["bindings"]["change"]["refs"].__setitem__(0, "x"),
        "ref-missing",
    ),
    "an unused dataset": (
        lambda b: b.charts["lines"]["datasets"].update(extra={"kind": "ticks", "columns": {"at": [100]}}),
        "spec-bad",
    ),
    "no such kind": (lambda b: data(b, "lines", "ticks").update(kind="rows"), "chart-shape"),
    "a chart gone": (lambda b: b.charts.pop("bars"), "chart-missing"),
    "a chart more": (lambda b: b.charts.update(more=b.charts["bars"]), "chart-unknown"),
    "a drawing gone": (lambda b: b.drawings.pop("bars"), "chart-missing"),
    "a drawing more": (lambda b: b.drawings.update(more=b.drawings["bars"]), "chart-missing"),
}

SPEC: dict[str, tuple[Change, str]] = {
    "data inside": (lambda b: layer(b)["data"].update(values=[]), "spec-bad"),
    "an address": (lambda b: layer(b).update(data={"url": "https://example.org"}), "spec-bad"),
    "a transform": (lambda b: layer(b).update(transform=[{"filter": "datum.value > 101"}]), "spec-bad"),
    "a transform of all": (lambda b: b.charts["lines"]["spec"].update(transform=[]), "spec-bad"),
    "a parameter": (lambda b: b.charts["lines"]["spec"].update(params=[]), "spec-bad"),
    "an expression": (lambda b: axis(b, "y", "title", {"expr": "1"}), "spec-bad"),
    "a label expression": (
        lambda b: [
            each["encoding"]["y"]["axis"].update(labelExpr="'9'")
            for each in b.charts["lines"]["spec"]["layer"]
        ],
        "spec-bad",
    ),
    "another schema": (lambda b: b.charts["lines"]["spec"].update({"$schema": "x"}), "spec-bad"),
    "another field": (lambda b: layer(b)["encoding"]["y"].update(field="date"), "spec-bad"),
    "no such field": (lambda b: layer(b)["encoding"]["y"].update(field="close"), "spec-bad"),
    "an aggregate": (lambda b: layer(b)["encoding"]["y"].update(aggregate="mean"), "spec-bad"),
    "reversed": (lambda b: scale(b, reverse=True), "spec-bad"),
    "ends exchanged": (lambda b: axis(b, "y", "domain", [106, 100]), "spec-bad"),
    "a domain too small": (lambda b: axis(b, "y", "domain", [100, 104]), "spec-bad"),
    "data outside": (
        lambda b: [scale(b, domain=[100, 104]), axis(b, "y", "values", [100, 102, 104])],
        "chart-domain",
    ),
    "layers that differ": (
        lambda b: layer(b)["encoding"]["y"].update(
            scale=layer(b)["encoding"]["y"]["scale"] | {"domain": [100, 107]}
        ),
        "spec-bad",
    ),
    "a log scale unsaid": (lambda b: scale(b, type="log"), "spec-bad"),
    "a square root": (lambda b: scale(b, type="sqrt"), "spec-bad"),
    "a number in a title": (lambda b: axis(b, "y", "title", "Up 9%"), "chart-text"),
    "a number word in a title": (lambda b: axis(b, "y", "title", "Twelve points"), "chart-text"),
    "a comparison in a title": (lambda b: axis(b, "y", "title", "Small caps led"), "chart-text"),
    "ticks out of order": (lambda b: axis(b, "y", "values", [102, 100, 104, 106]), "spec-bad"),
    "a tick that is rounded": (lambda b: axis(b, "y", "values", [100, 102, 104.4, 106]), "spec-bad"),
    "a format unknown": (lambda b: axis(b, "y", "format", "$,.0f"), "spec-bad"),
    "another unit": (lambda b: axis(b, "x", "title", "Points", "bars"), "chart-text"),
    "another title": (lambda b: axis(b, "y", "title", "Points"), "chart-text"),
    "no title": (lambda b: axis(b, "y", "title", None), "chart-text"),
    "a legend called": (
        lambda b: [
            each["encoding"]["color"].update(legend={"title": "Winners", "orient": "top"})
            for each in b.charts["lines"]["spec"]["layer"][1:]
        ],
        "spec-bad",
    ),
    "one colour for both": (
        lambda b: [
            each["encoding"]["color"].update(
                scale={"domain": ["Small caps", "S&P 500"], "range": [BLUE, BLUE]}
            )
            for each in b.charts["lines"]["spec"]["layer"][1:]
        ],
        "spec-bad",
    ),
    "another datum": (lambda b: layer(b)["encoding"]["color"].update(datum="S&P 500"), "chart-name"),
    "sorted otherwise": (lambda b: layer(b, "bars", 0)["encoding"]["y"].update(sort="-x"), "spec-bad"),
    "a bar from elsewhere": (lambda b: axis(b, "x", "domain", [1, 5], "bars"), "spec-bad"),
    "faint": (lambda b: layer(b)["mark"].update(opacity=0.01), "spec-bad"),
    "smoothed": (lambda b: layer(b)["mark"].update(interpolate="monotone"), "spec-bad"),
    "a mark unknown": (lambda b: layer(b)["mark"].update(type="area"), "spec-bad"),
    "two layers of one name": (lambda b: layer(b, at=2).update(name="line_a"), "spec-bad"),
}


@pytest.mark.parametrize("name", [*DATA, *SPEC])
def test_a_change_in_the_data_or_the_specification_is_found(name: str, tmp_path: Path) -> None:
    bundle = ChartBundle()
    change, code = (DATA | SPEC)[name]
    change(bundle)
    assert code in codes(bundle, tmp_path)


def draw(old: str, new: str, chart: str = "lines") -> Change:
    """Return a change of a drawing that must find what it replaces."""

    def change(bundle: ChartBundle) -> None:
        assert old in bundle.drawings[chart], old
        bundle.drawings[chart] = bundle.drawings[chart].replace(old, new, 1)

    return change


GRID = '<g class="mark-rule role-mark rule_marks">'
DRAWN: dict[str, Change] = {
    "a line as a grid line": draw(
        GRID, '<g class="mark-rule role-axis-grid"><path d="M0,0L300,120" stroke="#0072b2"/></g>' + GRID
    ),
    "a slanted grid line": draw(
        GRID,
        '<g class="mark-rule role-axis-grid"><line transform="translate(0,80)" x2="300" y2="-40"/></g>'
        + GRID,
    ),
    "a grid line elsewhere": draw(
        GRID,
        '<g class="mark-rule role-axis-grid"><line transform="translate(0,70)" x2="300" y2="0"/></g>' + GRID,
    ),
    "a symbol across the chart": draw('d="M-5,0L5,0"', 'd="M-5,0L250,90"'),
    "a symbol in the chart": draw('<path transform="translate(6,6)"', '<path transform="translate(6,60)"'),
    "a filled line": draw(f'L300,20" stroke="{BLUE}"', f'L300,20" fill="{BLUE}" stroke="{BLUE}"'),
    "a thick line": draw(f'L300,20" stroke="{BLUE}"', f'L300,20" stroke-width="90" stroke="{BLUE}"'),
    "all gap": draw(f'L300,20" stroke="{BLUE}"', f'L300,20" stroke-dasharray="1,999" stroke="{BLUE}"'),
    "letters too small": draw("<text ", '<text font-size="0px" '),
    "letters of no colour": draw(' fill="#30363f">5 Jan', ' fill="none">5 Jan'),
    "a class of the page": draw('class="mark-line role-mark', 'class="tip role-mark'),
    "a group that paints": draw(
        '<g class="mark-line role-mark line_a', f'<g fill="{RED}" class="mark-line role-mark line_a'
    ),
    "a group half seen": draw(
        '<g class="mark-line role-mark line_a', '<g opacity="0.5" class="mark-line role-mark line_a'
    ),
    "a corner up": draw("L20,80", "L20,78"),
    "a corner sideways": draw("L20,80", "L22,80"),
    "a corner gone": draw("L20,80", ""),
    "a corner more": draw("L20,80", "L20,80L30,80"),
    "a curve": draw("L20,80L300,20", "C20,80,20,80,300,20"),
    "turned over": draw("M0,120L20,80L300,20", "M0,0L20,40L300,100"),
    "backwards": draw("M0,120L20,80L300,20", "M300,120L280,80L0,20"),
    "lines exchanged": draw("M0,120L20,80L300,20", "M0,120L20,100L300,80"),
    "a line gone": draw(f'<path d="M0,120L20,80L300,20" stroke="{BLUE}"/>', ""),
    "a line twice": draw(
        '<path d="M0,120L20,80L300,20"', f'<path d="M0,0L1,1" stroke="{BLUE}"/><path d="M0,120L20,80L300,20"'
    ),
    "another colour": draw(f'L300,20" stroke="{BLUE}"', f'L300,20" stroke="{RED}"'),
    "a line moved": draw('<path d="M0,120L20,80', '<path transform="translate(0,-5)" d="M0,120L20,80'),
    "a line stretched": draw('<path d="M0,120L20,80', '<path transform="scale(2)" d="M0,120L20,80'),
    "a layer moved": draw(
        'class="mark-line role-mark line_a_marks"',
        'transform="translate(0,9)" class="mark-line role-mark line_a_marks"',
    ),
    "the area moved": draw(
        'role-frame root"><g transform="translate(0,0)"', 'role-frame root"><g transform="translate(0,9)"'
    ),
    "the rule moved": draw('translate(0,120)" x2="300"', 'translate(0,100)" x2="300"'),
    "the rule slanted": draw('x2="300" y2="0"', 'x2="300" y2="-20"'),
    "a label": draw(">102<", ">103<"),
    "labels exchanged": lambda b: [
        draw(">102<", ">x<")(b),
        draw(">104<", ">102<")(b),
        draw(">x<", ">104<")(b),
    ],
    "a label moved": draw('translate(-5,85)">102', 'translate(-5,65)">102'),
    "a day": draw(">5 Jan<", ">6 Jan<"),
    "a day moved": draw('translate(50,20)" fill="#30363f">5 Jan', 'translate(150,20)" fill="#30363f">5 Jan'),
    "a label gone": draw('<text transform="translate(-5,85)">102</text>', ""),
    "the title": draw("First close = a hundred", "First close = nought"),
    "a name in the legend": draw(">Small caps<", ">S&amp;P 500<"),
    "colours in the legend": draw(f'd="M-5,0L5,0" stroke="{BLUE}"', f'd="M-5,0L5,0" stroke="{RED}"'),
    "the legend gone": draw('<text transform="translate(16,9)">Small caps</text>', ""),
    "more text": draw("</g></g></g></svg>", "</g></g><text>Up 9%</text></g></svg>"),
    "text beside": draw("</g></g></g></svg>", "</g></g>Up 9%</g></svg>"),
    "a script": draw("</g></g></g></svg>", "</g></g></g><script>1</script></svg>"),
    "a picture": draw("</g></g></g></svg>", '</g></g></g><image href="x"/></svg>'),
    "a handler": draw("<svg ", '<svg onload="1" '),
    "a style": draw("<svg ", '<svg style="display:none" '),
    "a comment": draw("</svg>", "<!-- 9% --></svg>"),
    "an entity": draw("<svg ", '<!DOCTYPE svg [<!ENTITY a "9%">]><svg '),
    "a faint line": draw(f'L300,20" stroke="{BLUE}"', f'L300,20" opacity="0.01" stroke="{BLUE}"'),
    "no colour": draw(f'L300,20" stroke="{BLUE}"', 'L300,20" stroke="none"'),
    "another view": draw('viewBox="0 0 380 200"', 'viewBox="0 0 380 100"'),
    "a shape on its own": draw("</g></g></g></svg>", f'</g></g><path d="M0,0L9,9" fill="{BLUE}"/></g></svg>'),
    "a layer unknown": draw("line_b_marks", "line_c_marks"),
    "no SVG": lambda b: b.drawings.update(lines="nothing"),
    "half of it": lambda b: b.drawings.update(lines=b.drawings["lines"][:900]),
    "empty": lambda b: b.drawings.update(lines=""),
    "a bar longer": draw("M0,46h40v28h-40Z", "M0,46h45v28h-45Z", "bars"),
    "a bar from elsewhere": draw("M0,46h40v28h-40Z", "M20,46h20v28h-20Z", "bars"),
    "bars exchanged": draw("M0,6h100v28h-100Z", "M0,6h40v28h-40Z", "bars"),
    "a bar elsewhere": draw("M0,46h40v28h-40Z", "M0,56h40v14h-40Z", "bars"),
    "a bar too high": draw("M0,46h40v28h-40Z", "M0,30h40v60h-40Z", "bars"),
    "no rectangle": draw("M0,46h40v28h-40Z", "M0,46h40v28h-90Z", "bars"),
    "names exchanged": lambda b: [
        draw(">Small caps<", ">x<", "bars")(b),
        draw(">Large caps<", ">Small caps<", "bars")(b),
        draw(">x<", ">Large caps<", "bars")(b),
    ],
    "names moved": lambda b: [
        draw("translate(-5,25)", "translate(-5,26.5)", "bars")(b),
        draw("translate(-5,65)", "translate(-5,25)", "bars")(b),
    ],
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_change_in_a_drawing_is_found(name: str, tmp_path: Path) -> None:
    bundle = ChartBundle()
    DRAWN[name](bundle)
    assert codes(bundle, tmp_path) == {"drawing-bad"}


GOOD: dict[str, Change] = {
    "a corner within half a unit": draw("L20,80", "L20.4,79.6"),
    "moved as a whole": draw("translate(50,40)", "translate(55,45)"),
    "labels a little lower": lambda b: [
        draw(f"translate(-5,{y})", f"translate(-5,{y + 1})")(b) for y in (125, 85, 45, 5)
    ],
    "another size of letters": draw("<text ", '<text font-size="12px" '),
    "a thicker line": draw(f'L300,20" stroke="{BLUE}"', f'L300,20" stroke="{BLUE}" stroke-width="4"'),
    "grid lines at ticks": draw(
        GRID,
        '<g class="mark-rule role-axis-grid"><line transform="translate(0,80)" x2="300" y2="0"/></g>' + GRID,
    ),
    "an upright tick": draw(
        GRID,
        '<g class="mark-rule role-axis-tick"><line transform="translate(50,120)" x2="0" y2="5"/></g>' + GRID,
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_changes_nothing_passes(name: str, tmp_path: Path) -> None:
    bundle = ChartBundle()
    GOOD[name](bundle)
    assert codes(bundle, tmp_path) == set()


@pytest.mark.parametrize("block", ["chart", "caption", "alt", "id"])
def test_a_chart_block_has_all_its_keys(block: str, tmp_path: Path) -> None:
    bundle = ChartBundle()
    del bundle.block("c-lines")[block]
    assert "block-shape" in codes(bundle, tmp_path)


@pytest.mark.parametrize("name", ["Lines", "../x", "lines2", "", "-", 3])
def test_names_of_charts_are_plain_words(name: Any, tmp_path: Path) -> None:
    bundle = ChartBundle()
    bundle.block("c-lines")["chart"] = name
    assert "block-shape" in codes(bundle, tmp_path)


UNSPOKEN: dict[str, Any] = {
    "a path": lambda b: b.block("c-lines").update(alt=inline("One line is ", number("5.0%", "iwm"), ".")),
    "a fact": lambda b: b.block("c-bars").update(alt=inline("One bar is ", number("5.0%", "iwm"), ".")),
    "anything": lambda b: b.block("c-bars").update(alt=inline("Some bars.")),
}


@pytest.mark.parametrize("name", UNSPOKEN)
def test_what_is_drawn_is_what_the_words_are_about(name: str, tmp_path: Path) -> None:
    bundle = ChartBundle()
    UNSPOKEN[name](bundle)
    assert codes(bundle, tmp_path) == {"chart-unrelated"}


def test_two_blocks_do_not_show_one_chart(tmp_path: Path) -> None:
    bundle = ChartBundle()
    bundle.block("c-lines")["chart"] = "bars"
    assert {"block-shape", "chart-unknown"} <= codes(bundle, tmp_path)


def test_the_words_of_a_chart_are_held_as_any_text_is(tmp_path: Path) -> None:
    bundle = ChartBundle()
    bundle.block("c-lines")["alt"] = {"text": "Up 9%, and small caps led.", "spans": []}
    assert {"digit-uncovered", "word-uncovered"} <= codes(bundle, tmp_path)


@pytest.mark.parametrize(
    "junk", [None, [], {}, "x", 3, {"spec": 1, "datasets": 2}, {"spec": {}, "datasets": {}}]
)
def test_junk_is_a_failure_and_no_crash(junk: Any, tmp_path: Path) -> None:
    bundle = ChartBundle()
    bundle.charts["lines"] = junk if isinstance(junk, dict) else {}
    bundle.whole = False
    folder = bundle.write(tmp_path)
    if not isinstance(junk, dict):
        (folder / "charts.json").write_text(f"{junk!r}\n".replace("None", "null"))
    assert not verify(folder).ok
