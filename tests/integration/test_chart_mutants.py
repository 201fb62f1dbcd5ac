"""Every kind of chart from real data: single errors planted at random, each of which must be found."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rotascope.app import wiring, workflows
from rotascope.app.settings import Settings
from rotascope_verify.charts import DRAWING, check_charts
from rotascope_verify.claims import parse_claims
from rotascope_verify.document import Document, parse_document
from rotascope_verify.evaluate import Facts
from rotascope_verify.facts import parse_facts
from rotascope_verify.failures import Log
from rotascope_verify.observations import read_observations
from rotascope_verify.reading import parse_json
from rotascope_verify.sources import parse_citations, parse_entities, parse_sources
from rotascope_verify.spans import Context

pytestmark = pytest.mark.market
COUNT = 400
KINDS = {
    "indices",
    "styles",
    "sizes",
    "past-windows",
    "sectors",
    "rotation",
    "flows",
    "drivers",
    "ten-years",
    "eras",
    "valuation",
}


class Checked:
    """One report, read once; `codes` checks other charts and drawings against it."""

    def __init__(self, files: dict[str, bytes]) -> None:
        log = Log()
        text = {name: content.decode() for name, content in files.items() if not name.endswith(".pdf")}
        report, raw = parse_json(text["report.json"]), parse_json(text["facts.json"])
        sources = parse_sources(report["sources"], log)
        facts = Facts(parse_facts(raw, log), read_observations(text["observations.csv"], log), sources, log)
        series = frozenset(s for f in facts.stated.values() for s in f.series)
        entities = parse_entities(report["entities"], series, log)
        self.document: Document = parse_document(report, log)
        self.context = Context(
            facts=facts,
            claims=parse_claims(report["claims"], entities, log),
            entities=entities,
            sources=sources,
            citations=parse_citations(report["citations"], sources, log),
            report_days=self.document.days,
        )
        assert log.failures == []
        self.charts: dict[str, Any] = parse_json(text["charts.json"])
        self.drawings = {hit[1]: files[n] for n in files if (hit := DRAWING.fullmatch(n))}

    def codes(self, charts: dict[str, Any], drawings: dict[str, bytes]) -> list[str]:
        log = Log()
        check_charts(charts, drawings, self.document, self.context, log)
        return [f.code for f in log.failures]


@pytest.fixture(scope="module")
def checked(market_home: Path) -> Checked:
    request = workflows.ReportRequest(start=date(2025, 12, 31), end=date(2026, 4, 2), as_of=date(2026, 7, 15))
    window, as_of, case, universe = workflows._resolve(request)
    with wiring.open_reader(Settings(market_home)) as reader:
        _, files = workflows.article(workflows._desk(reader, universe, as_of), window, case, ("markdown",))
    return Checked(files)


def test_every_chart_is_there_and_holds(checked: Checked) -> None:
    assert checked.charts.keys() == KINDS
    assert checked.codes(checked.charts, checked.drawings) == []


def change_number(rng: random.Random, charts: dict[str, Any], name: str) -> bool:
    """Change one number that is drawn, by a thousandth or more."""
    columns = [
        c
        for d in charts[name]["datasets"].values()
        if d["kind"] != "quadrants"
        for c in d["columns"].values()
    ]
    column = rng.choice([c for c in columns if not isinstance(c[0], str)])
    at = rng.randrange(len(column))
    column[at] = column[at] + rng.choice([-1, 1]) * max(1e-3, abs(column[at]) * rng.choice([1e-3, 0.1, 1]))
    return True


def exchange(rng: random.Random, charts: dict[str, Any], name: str) -> bool:
    """Exchange two different entries of one column."""
    columns = [c for d in charts[name]["datasets"].values() for c in d["columns"].values() if len(set(c)) > 1]
    column = rng.choice(columns)
    a, b = rng.sample(range(len(column)), 2)
    column[a], column[b] = column[b], column[a]
    return bool(column[a] != column[b])


def change_day(rng: random.Random, charts: dict[str, Any], name: str) -> bool:
    columns = [c for d in charts[name]["datasets"].values() for c in d["columns"].values()]
    days = [c for c in columns if isinstance(c[0], str) and re.fullmatch(r"\d{4}-\d\d-\d\d", c[0])]
    if not days:
        return False
    column = rng.choice(days)
    at = rng.randrange(len(column))
    column[at] = f"{int(column[at][:4]) + rng.choice([-1, 1])}{column[at][4:]}".replace("-02-29", "-02-28")
    return True


def drop_row(rng: random.Random, charts: dict[str, Any], name: str) -> bool:
    data = rng.choice([d for d in charts[name]["datasets"].values() if d["kind"] == "path"] or [{}])
    if not data:
        return False
    at = rng.randrange(len(next(iter(data["columns"].values()))))
    for column in data["columns"].values():
        del column[at]
    return True


def move_axis(rng: random.Random, charts: dict[str, Any], name: str) -> bool:
    """Move an end of a domain in every layer: the drawing no longer fits."""
    channel = rng.choice("xy")
    done = False
    for layer in charts[name]["spec"]["layer"]:
        scale = layer["encoding"].get(channel, {}).get("scale")
        if scale and scale["type"] != "utc":
            low, high = scale["domain"]
            scale["domain"] = [low, high + (high - low) * 0.1]
            done = True
    return done


def retitle(rng: random.Random, charts: dict[str, Any], name: str) -> bool:
    done = False
    for layer in charts[name]["spec"]["layer"]:
        for channel in ("x", "y"):
            axis = layer["encoding"].get(channel, {}).get("axis", {})
            if axis.get("title"):
                axis["title"] = rng.choice(["Other words", "Up 9%", "Value led"])
                done = True
    return done


DATA: list[Callable[[random.Random, dict[str, Any], str], bool]] = [
    change_number, exchange, change_day, drop_row, move_axis, retitle,
]  # fmt: skip


def test_each_error_in_the_data_of_a_chart_is_found(checked: Checked) -> None:
    rng = random.Random(1)
    planted, alive = 0, []
    while planted < COUNT:
        name, plant = rng.choice(sorted(KINDS)), rng.choice(DATA)
        charts = copy.deepcopy(checked.charts)
        if not plant(rng, charts, name) or charts == checked.charts:
            continue
        planted += 1
        if not checked.codes(
            {name: charts[name]} | {n: c for n, c in charts.items() if n != name}, checked.drawings
        ):
            alive.append((name, plant.__name__))
    assert alive == []


def shift_number(rng: random.Random, svg: str) -> str:
    """Move one end of one shape of a layer by two to forty units."""
    spots = [
        m for g in re.finditer(r'role-mark (?!names|corners)\w+_marks">(.*?)</g>', svg) for m in _numbers(g)
    ]
    spot = rng.choice(spots)
    value = float(svg[spot[0] : spot[1]]) + rng.choice([-1, 1]) * rng.uniform(2, 40)
    return svg[: spot[0]] + f"{value:.3f}" + svg[spot[1] :]


def _numbers(group: re.Match[str]) -> list[tuple[int, int]]:
    """Return where the numbers of places stand in the shapes of a layer: in corners, in moves, in bars."""
    out = []
    for part in re.finditer(r'(?:translate\(|(?<!stroke-)(?<=[ ])d="M)([^")]*)', group[1]):
        if re.match(r"[\d.]+,0A|0,|[\d.]+,0C", part[1]) and "A" in part[1]:
            continue  # the outline of a dot says nothing of its place
        out += [
            (group.start(1) + part.start(1) + n.start(), group.start(1) + part.start(1) + n.end())
            for n in re.finditer(r"-?\d+(?:\.\d+)?", part[1])
        ]
    return out


def change_text(rng: random.Random, svg: str) -> str:
    hit = rng.choice(list(re.finditer(r">([^<>]+)</text>", svg)))
    return svg[: hit.start(1)] + rng.choice(["9%", "Other words", hit[1] + "0"]) + svg[hit.end(1) :]


def exchange_texts(rng: random.Random, svg: str) -> str:
    a, b = sorted(rng.sample(list(re.finditer(r">([^<>]+)</text>", svg)), 2), key=lambda m: m.start())
    return svg[: a.start(1)] + b[1] + svg[a.end(1) : b.start(1)] + a[1] + svg[b.end(1) :]


def drop_shape(rng: random.Random, svg: str) -> str:
    shapes = [
        (g.start(1) + s.start(), g.start(1) + s.end())
        for g in re.finditer(r'role-mark \w+_marks">(.*?)</g>', svg)
        for s in re.finditer(r"<(?:path|line|text)\b[^>]*?(?:/>|>[^<]*</text>)", g[1])
    ]
    start, end = rng.choice(shapes)
    return svg[:start] + svg[end:]


def recolour(rng: random.Random, svg: str) -> str:
    spots = [
        (g.start(1) + c.start(1), g.start(1) + c.end(1))
        for g in re.finditer(r'role-mark \w+_marks">(.*?)</g>', svg)
        for c in re.finditer(r'(?:fill|stroke)="(#[0-9a-f]{6})"', g[1])
    ]
    start, end = rng.choice(spots)
    return svg[:start] + "#123456" + svg[end:]


DRAWN: list[Callable[[random.Random, str], str]] = [
    shift_number, change_text, exchange_texts, drop_shape, recolour,
]  # fmt: skip


def test_each_error_in_a_drawing_is_found(checked: Checked) -> None:
    rng = random.Random(2)
    planted, alive = 0, []
    while planted < COUNT:
        name, plant = rng.choice(sorted(KINDS)), rng.choice(DRAWN)
        before = checked.drawings[name].decode()
        after = plant(rng, before)
        if after == before:
            continue
        planted += 1
        if not checked.codes(checked.charts, checked.drawings | {name: after.encode()}):
            alive.append((name, plant.__name__, _difference(before, after)))
    assert alive == []


def _difference(a: str, b: str) -> str:
    at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), 0)
    return json.dumps([a[at - 60 : at + 20], b[at - 60 : at + 20]])
