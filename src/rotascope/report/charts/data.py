"""Datasets of charts: rows of facts, paths of observations, and marks on an axis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rotascope.facts.build import Desk
from rotascope.facts.columns import Column
from rotascope.model.documents import Document
from rotascope.model.facts import Fact
from rotascope.model.numerals import from_number
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.report.charts.paths import PATHS
from rotascope.report.story import Story

Dataset = dict[str, Any]
MOST_POINTS = 400  # of a path: more cannot be told apart at the width of a page
MINUS = " \u2212 "


@dataclass(frozen=True, slots=True)
class Bound:
    """One column of a dataset of facts: what is drawn, and what each entry stands for."""

    what: str
    refs: tuple[str, ...]
    drawn: tuple[Any, ...]


def values(story: Story, facts: Sequence[Fact]) -> Bound:
    """Return facts as a column of their values; facts of unit date as a column of dates."""
    for fact in facts:
        story.prose.facts.setdefault(fact.id, fact)
    if facts[0].unit is Unit.DATE:
        drawn: tuple[Any, ...] = tuple(from_number(f.value).isoformat() for f in facts)
        return Bound("date", tuple(f.id for f in facts), drawn)
    return Bound("value", tuple(f.id for f in facts), tuple(f.value for f in facts))


def names(story: Story, series: Sequence[str], choices: Iterable[int | str]) -> Bound:
    """Return series as a column of their names."""
    drawn = [story.prose.name(s, c).text for s, c in zip(series, choices, strict=True)]
    return Bound("name", tuple(series), tuple(drawn))


def words(story: Story, facts: Sequence[Fact], meaning: Mapping[int, str]) -> Bound:
    """Return facts that are codes as a column of the words of these codes."""
    for fact in facts:
        story.prose.facts.setdefault(fact.id, fact)
    return Bound("word", tuple(f.id for f in facts), tuple(meaning[int(f.value)] for f in facts))


def row_names(texts: Sequence[str], facts: Sequence[Fact]) -> Bound:
    """Return texts that name the rows of a table in which the facts are printed."""
    return Bound("row", tuple(f.id for f in facts), tuple(texts))


def fact_rows(columns: Mapping[str, Bound]) -> Dataset:
    """Return a dataset of facts."""
    return {
        "kind": "facts",
        "columns": {field: list(bound.drawn) for field, bound in columns.items()},
        "bindings": {f: {"as": bound.what, "refs": list(bound.refs)} for f, bound in columns.items()},
    }


def path_rows(
    op: str,
    columns: Sequence[Column],
    params: Mapping[str, Any],
    label: tuple[str, Sequence[str]] = ("", ()),
) -> Dataset:
    """Return a path: what an operation makes of columns. Raises MissingDataError where it cannot."""
    text, entities = label
    return {
        "kind": "path",
        "op": op,
        "params": dict(params),
        "inputs": [column.as_input().as_json() for column in columns],
        "label": {"text": text, "entities": list(entities)},
        "columns": PATHS[op](params, columns),
    }


def tick_marks(*at: float) -> Dataset:
    """Return values of an axis at which a line is drawn."""
    return {"kind": "ticks", "columns": {"at": list(at)}}


def named(story: Story, *series: str, choices: Sequence[int | str] = (0, 0)) -> tuple[str, list[str]]:
    """Return the label of a path about one series, or about the gap between two."""
    found = [story.prose.name(s, c).text for s, c in zip(series, choices, strict=False)]
    return MINUS.join(found), list(series)


def thinning(points: int) -> int:
    """Return k such that every k-th of so many points, and the last, are no more than can be drawn.

    >>> [thinning(n) for n in (20, 400, 401, 4000)]
    [1, 1, 2, 11]
    """
    return 1 if points <= MOST_POINTS else -(-points // (MOST_POINTS - 1))


def spread_of(datasets: Iterable[Dataset], field: str) -> tuple[Any, Any]:
    """Return the smallest and the largest entry of a field in some datasets."""
    found = [v for data in datasets for v in data["columns"].get(field, ())]
    return min(found), max(found)


def columns_drawn(desk: Desk, document: Document) -> list[Column]:
    """Return the observations that the charts of a document were made of."""
    with desk.looking_at(document.window):
        return [
            desk.column(
                i["series"], Field(i["field"]), date.fromisoformat(i["first"]), date.fromisoformat(i["last"])
            )
            for chart in document.charts.values()
            for data in chart.datasets.values()
            for i in data.get("inputs", ())
        ]
