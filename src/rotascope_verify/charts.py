"""charts.json and the drawings: what is drawn is what was computed. docs/bundle-format.md, "Charts"."""

from __future__ import annotations

import re
from typing import Any

from rotascope_verify.charts_data import Dataset, check_caption, check_related, read_dataset, row_titles
from rotascope_verify.charts_spec import read_plan
from rotascope_verify.charts_svg import check_drawing
from rotascope_verify.document import Document
from rotascope_verify.failures import CheckError, Log, quote
from rotascope_verify.reading import as_object, check_keys
from rotascope_verify.spans import Context

CHARTS = "charts.json"
DRAWING = re.compile(r"chart-([a-z]+(?:-[a-z]+)*)\.svg")


def check_charts(
    raw: Any, drawings: dict[str, bytes], document: Document, context: Context, log: Log
) -> None:
    """Check the charts of a report against its chart blocks, facts and observations.

    raw: the content of charts.json, or None where there is none. drawings: by the chart's name.
    Failures: chart-missing, chart-unknown, chart-shape, chart-value, chart-name, chart-text, chart-domain,
    path-failed, spec-bad, drawing-bad, and those of the inputs of facts.
    """
    blocks = {b.chart: b for b in document.blocks if b.kind == "chart"}
    charts: dict[str, Any] = {}
    if raw is not None:
        with log.guard("chart-shape", CHARTS):
            charts = as_object(raw, "the file")
            if not charts:
                raise CheckError("holds no chart")
    for name in sorted(blocks.keys() ^ charts.keys()):
        code = "chart-missing" if name in blocks else "chart-unknown"
        log.add(code, f"{CHARTS}:{quote(name)}", "blocks of the report and charts.json have different charts")
    for name in sorted(drawings.keys() ^ charts.keys()):
        log.add("chart-missing", f"chart-{name}.svg", "each chart of charts.json has one drawing")
    displays = frozenset(fact.display for fact in context.facts.stated.values())
    for name, chart in sorted(charts.items()):
        where = f"{CHARTS}:{quote(name)}"
        with log.guard("chart-shape", where):
            obj = as_object(chart, "a chart")
            check_keys(obj, "spec datasets")
            caption = blocks[name].caption if name in blocks else None
            if name in blocks:
                with log.guard("chart-unrelated", where):
                    check_related(obj["datasets"], blocks[name], context)
                with log.guard("chart-unrelated", f"{where}:caption"):
                    layers = as_object(obj["spec"], "a spec").get("layer")
                    check_caption(obj["datasets"], layers, blocks[name], context)
            free = displays | ({caption.text} if caption else set())
            datasets = _read_datasets(obj["datasets"], context, row_titles(document), where, log)
            if datasets is not None:
                _check_spec(obj["spec"], datasets, free, name, drawings.get(name), log)


def _read_datasets(
    raw: Any, context: Context, titles: dict[str, set[str]], where: str, log: Log
) -> dict[str, Dataset] | None:
    out: dict[str, Dataset] = {}
    items = as_object(raw, "datasets")
    for key, value in sorted(items.items(), key=lambda item: "of" in as_object(item[1], "a dataset")):
        with log.guard("chart-shape", f"{where}:{quote(key)}"):
            out[key] = read_dataset(value, context, titles, out, f"{where}:{quote(key)}")
    return out if len(out) == len(items) else None


def _check_spec(
    raw: Any, datasets: dict[str, Dataset], free: frozenset[str], name: str, drawing: bytes | None, log: Log
) -> None:
    plan = None
    with log.guard("spec-bad", f"{CHARTS}:{quote(name)}:spec"):
        plan = read_plan(raw, datasets, free)
    if plan is not None and drawing is not None:
        with log.guard("drawing-bad", f"chart-{name}.svg"):
            check_drawing(drawing, plan)
