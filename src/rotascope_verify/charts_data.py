"""Datasets of charts: every number drawn is a fact, or is recomputed. docs/bundle-format.md, "Datasets"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rotascope_verify.charts_paths import run_path
from rotascope_verify.document import Block, Document
from rotascope_verify.evaluate import TOLERANCE
from rotascope_verify.facts import parse_rows_input
from rotascope_verify.failures import CheckError, quote
from rotascope_verify.lexicon import CODES, LITERAL_MONTHS
from rotascope_verify.observations import RowsInput
from rotascope_verify.ops_engine_rotation import quadrant_of
from rotascope_verify.reading import (
    as_list,
    as_number,
    as_object,
    check_keys,
    get_text,
    get_texts,
    is_day,
    number_day,
)
from rotascope_verify.spans import Context

MOST_ROWS = 600
NAME_GAP = " \u2212 "
NUMBERS = "quantitative"
UNIT_TITLES = {
    "percent": frozenset({"Percent", "Change in percent"}),
    "pp": frozenset({"Points"}),
    "percentile": frozenset({"Percentile", "Percentile of its change"}),
    "ratio": frozenset({"Times", "Times, log scale"}),
    "usd_m": frozenset({"Millions of dollars"}),
}
LEVEL_TITLES = {
    ("usd", 1e-6): frozenset({"Millions of dollars"}),
    ("usd", 1e-9): frozenset({"Billions of dollars"}),
    ("usd_m", 1): frozenset({"Millions of dollars"}),
    ("usd", 1): frozenset({"Dollars"}),
    ("percent", 1): frozenset({"Percent"}),
    ("index_level", 1): frozenset({"Level"}),
}
PATH_TITLES = {
    ("rebased", "value"): frozenset({"First close = a hundred"}),
    ("cumulative_spread", "value"): frozenset({"Points"}),
    ("ratio_path", "value"): frozenset({"Times", "Times, log scale"}),
    ("rotation_tail", "strength"): frozenset({"Strength"}),
    ("rotation_tail", "momentum"): frozenset({"Momentum"}),
    ("rolling_share_path", "value"): frozenset({"Share of windows won"}),
    ("era_path", "value"): frozenset({"Logarithm of the ratio"}),
}
CODE_OPS = {"rotation": ("quadrant", (1, 2, 3, 4)), "driver": ("verdict", (-1, 0, 1))}


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset that holds: its columns by field, their types, its label and the names in it.

    types: `quantitative`, `temporal` or `nominal`. tagged: fields whose texts are names or words of codes.
    titles: for a field of numbers, what an axis along which it is drawn may be called; ticks have none.
    """

    kind: str
    columns: dict[str, list[Any]]
    types: dict[str, str]
    label: str
    tagged: frozenset[str]
    titles: dict[str, frozenset[str]]

    def rows(self) -> int:
        """Return the number of rows."""
        return len(next(iter(self.columns.values())))


def _type_of(column: list[Any]) -> str:
    if all(isinstance(v, str) for v in column):
        return "temporal" if all(is_day(v) for v in column) else "nominal"
    for value in column:
        as_number(value, "a value")
    return "quantitative"


def parse_columns(raw: Any) -> tuple[dict[str, list[Any]], dict[str, str]]:
    """Return the columns of a dataset with their types. Raises CheckError."""
    columns = {
        key: as_list(value, f"column {quote(key)}") for key, value in as_object(raw, "columns").items()
    }
    lengths = {len(column) for column in columns.values()}
    if len(lengths) != 1 or not 1 <= max(lengths) <= MOST_ROWS or not all(columns):
        raise CheckError(f"columns must be equally long, of 1 to {MOST_ROWS} values, and named")
    return columns, {key: _type_of(column) for key, column in columns.items()}


def row_titles(document: Document) -> dict[str, set[str]]:
    """Return, for each fact printed in a table, the texts of the first cells of its rows."""
    out: dict[str, set[str]] = {}
    for block in document.blocks:
        for row in block.rows:
            for span in (s for cell in row for s in cell.spans if s.kind == "fact"):
                out.setdefault(span.data["ref"], set()).add(row[0].text)
    return out


def check_related(raw: Any, block: Block, context: Context) -> None:
    """What is drawn rests on facts that caption and alt speak of, or on what those rest on.

    Raises CheckError (chart-unrelated).
    """
    spoken: set[str] = set()
    for inline in block.inlines():
        for span in inline.spans:
            claim = context.claims.get(span.data["ref"]) if span.kind == "claim" else None
            refs = claim.facts if claim else (span.data["ref"],) if span.kind in ("fact", "date") else ()
            spoken |= {ref for ref in refs if ref in context.facts.stated}
    facts, series = _closure(spoken, context)
    for data in as_object(raw, "datasets").values():
        obj = as_object(data, "a dataset")
        for item in as_list(obj.get("inputs", []), "inputs"):
            if as_object(item, "an input").get("series") not in series:
                raise CheckError(f"no fact of caption or alt rests on {quote(item.get('series'))}")
        for binding in as_object(obj.get("bindings", {}), "bindings").values():
            bound = as_list(as_object(binding, "a binding").get("refs"), "refs")
            if binding.get("as") != "name" and (far := [r for r in bound if r not in facts]):
                raise CheckError(f"neither caption nor alt speaks of {quote(far[0])}")


def check_caption(raw: Any, layers: Any, block: Block, context: Context) -> None:
    """Names of a caption are those of what is drawn, in the order of the layers; so are lengths of windows.

    Raises CheckError (chart-unrelated).
    """
    datasets = as_object(raw, "datasets")
    drawn: list[str] = []
    lengths: set[Any] = set()
    for layer in as_list(layers, "layers"):
        key = get_text(as_object(as_object(layer, "a layer").get("data"), "data"), "name")
        data = as_object(datasets.get(key, {}), "a dataset")
        drawn += [
            get_text(as_object(i, "an input"), "series") for i in as_list(data.get("inputs", []), "inputs")
        ]
        for binding in as_object(data.get("bindings", {}), "bindings").values():
            refs = as_list(as_object(binding, "a binding").get("refs"), "refs")
            facts = [context.facts.stated[r] for r in refs if r in context.facts.stated]
            drawn += [
                s for fact in facts for s in sorted(context.facts.series(fact.id), key=_own(fact.series))
            ]
        lengths.add(as_object(data.get("params", {}), "params").get("months"))
    caption, last = block.caption, -1
    for span in caption.spans if caption else ():
        words = caption.words(span) if caption else ""
        if span.kind == "name" and span.data["ref"] in context.entities:
            series = context.entities[span.data["ref"]].series
            if series not in drawn:
                raise CheckError(f"the chart does not show {quote(words)}")
            if drawn.index(series) <= last:
                raise CheckError(f"{quote(words)} comes twice, or not in the order of what is drawn")
            last = drawn.index(series)
        months = LITERAL_MONTHS.get(words.lower()) if span.kind == "literal" else None
        if months is not None and lengths - {None} and months not in lengths:
            raise CheckError(f"{quote(words)} is not the length of the windows drawn")


def _own(series: tuple[str, ...]) -> Callable[[str], tuple[int, str]]:
    """Sort what a fact is about before what it rests on."""
    return lambda name: (series.index(name) if name in series else len(series), name)


def _closure(spoken: set[str], context: Context) -> tuple[set[str], set[str]]:
    """Return facts with all that they rest on, and the series of all of these."""
    facts, series, left = set(spoken), set[str](), list(spoken)
    while left:
        fact = context.facts.stated[left.pop()]
        series |= {*fact.series, *(item.series for item in fact.rows_inputs())}
        fresh = [n for n in fact.fact_inputs() if n in context.facts.stated and n not in facts]
        facts.update(fresh)
        left += fresh
    return facts, series


def read_dataset(
    raw: Any, context: Context, titles: dict[str, set[str]], others: dict[str, Dataset], where: str
) -> Dataset:
    """Return a dataset after checking it against facts and observations. Raises CheckError.

    titles: the texts that name the rows of tables in which each fact stands. others: what was read before.
    """
    obj = as_object(raw, "a dataset")
    kind = get_text(obj, "kind")
    more = {"facts": "bindings", "path": "op params inputs label", "ticks": "", "quadrants": "", "end": "of"}
    if kind not in more:
        raise CheckError(f"there is no kind of dataset {quote(kind)}")
    check_keys(obj, f"kind columns {more[kind]}")
    columns, types = parse_columns(obj["columns"])
    label, tagged, called = "", frozenset[str](), dict[str, frozenset[str]]()
    if kind == "facts":
        tagged = _check_bindings(obj, columns, context, titles)
        called = {f: fact_titles(obj["bindings"][f]["refs"], context) for f in columns if types[f] == NUMBERS}
    elif kind == "path":
        label, tagged = _check_path(obj, columns, context, where), frozenset(columns)
        called = {f: path_titles(obj, f, context) for f in columns if types[f] == NUMBERS}
    elif kind == "end":
        path = _check_end(obj, columns, others)
        label, tagged, called = path.label, frozenset({"label"}), {"value": path.titles["value"]}
    elif kind == "quadrants":
        tagged = _check_quadrants(columns)
        called = {f: frozenset({f.capitalize()}) for f in ("strength", "momentum")}
    elif list(types.values()) != [NUMBERS]:
        raise CheckError("ticks have one field, of numbers")
    return Dataset(kind, columns, types, label, tagged, called)


def fact_titles(refs: list[str], context: Context) -> frozenset[str]:
    """Return what an axis may be called along which facts are drawn; all have one unit and one want."""
    facts = [context.facts.fact(ref) for ref in refs]
    if len({(f.unit, f.params.get("want") if f.op == "rotation" else None) for f in facts}) != 1:
        raise CheckError("the facts of one column differ in what they are")
    if facts[0].op == "rotation":
        return frozenset({str(facts[0].params.get("want")).capitalize()})
    return UNIT_TITLES.get(facts[0].unit, frozenset())


def path_titles(obj: dict[str, Any], field: str, context: Context) -> frozenset[str]:
    """Return what an axis may be called along which a column of a path is drawn."""
    op, params = obj["op"], obj["params"]
    if op == "window_values":
        per = {"sessions": "Windows", "months": "Months", "rows": "Periods"}[params["grid"]]
        return frozenset({per if field == "count" else "Percent" if len(obj["inputs"]) == 1 else "Points"})
    if op == "levels":
        want = parse_rows_input(obj["inputs"][0])
        units = context.facts.path_units(want)
        return LEVEL_TITLES.get((next(iter(units)), params["scale"]), frozenset())
    return PATH_TITLES.get((op, field), frozenset())


def _check_bindings(
    obj: dict[str, Any], columns: dict[str, list[Any]], context: Context, titles: dict[str, set[str]]
) -> frozenset[str]:
    bindings = as_object(obj["bindings"], "bindings")
    if bindings.keys() != columns.keys():
        raise CheckError("bindings and columns have different fields")
    facts: list[list[str]] = []
    entities: list[list[str]] = []
    for field, column in columns.items():
        binding = as_object(bindings[field], "a binding")
        check_keys(binding, "as refs")
        refs = list(get_texts(binding, "refs"))
        if len(refs) != len(column):
            raise CheckError(f"{quote(field)} has {len(column)} values and {len(refs)} refs")
        if binding["as"] not in BOUND:
            raise CheckError(f"a binding is as value, date, name, word or row, not {quote(binding['as'])}")
        for ref, value in zip(refs, column, strict=True):
            if binding["as"] == "row" and value not in titles.get(ref, ()):
                raise CheckError(f"no row of a table called {quote(value)} prints {quote(ref)}", "chart-name")
            BOUND[binding["as"]](ref, value, context)
        (entities if binding["as"] == "name" else facts).append(refs)
    for names in entities:
        for i, name in enumerate(names):
            for ref in (refs[i] for refs in facts):
                if context.entities[name].series not in context.facts.series(ref):
                    raise CheckError(f"{quote(ref)} is not about {quote(name)}", "chart-name")
    return frozenset(f for f in columns if bindings[f]["as"] in ("name", "word", "row"))


def _bound_value(ref: str, value: Any, context: Context) -> None:
    exact = context.facts.value(ref)
    if abs(as_number(value, "a value") - exact) > TOLERANCE * max(1.0, abs(exact)):
        raise CheckError(f"{quote(ref)} is {exact!r}, not {value!r}", "chart-value")


def _bound_date(ref: str, value: Any, context: Context) -> None:
    if context.facts.fact(ref).unit != "date" or value != number_day(context.facts.value(ref)):
        raise CheckError(f"{quote(value)} is not the date of {quote(ref)}", "chart-value")


def _bound_name(ref: str, value: Any, context: Context) -> None:
    entity = context.entities.get(ref)
    if entity is None or value not in entity.names:
        raise CheckError(f"{quote(value)} is not a name of {quote(ref)}", "chart-name")


def _bound_word(ref: str, value: Any, context: Context) -> None:
    fact = context.facts.fact(ref)
    want, codes = CODE_OPS.get(fact.op, ("", ()))
    code = CODES.get(value) if isinstance(value, str) else None
    if not want or fact.params.get("want") != want or code not in codes or context.facts.value(ref) != code:
        raise CheckError(f"{quote(value)} is not the word of {quote(ref)}", "chart-value")


def _bound_row(ref: str, value: Any, context: Context) -> None:
    context.facts.fact(ref)


BOUND = {
    "value": _bound_value,
    "date": _bound_date,
    "name": _bound_name,
    "word": _bound_word,
    "row": _bound_row,
}


def _check_path(obj: dict[str, Any], columns: dict[str, list[Any]], context: Context, where: str) -> str:
    inputs = [parse_rows_input(item) for item in as_list(obj["inputs"], "inputs")]
    params = as_object(obj["params"], "params")
    call = context.facts.path_call(inputs, params, where, context.report_days.get("as_of", ""))
    found = run_path(obj["op"], call)
    if found.keys() != columns.keys():
        raise CheckError(f"the columns are {quote(', '.join(sorted(columns)))}, not {', '.join(found)}")
    for field, column in columns.items():
        want = found[field]
        if len(column) != len(want):
            raise CheckError(f"{quote(field)} has {len(column)} values, not {len(want)}", "chart-value")
        for i, (value, exact) in enumerate(zip(column, want, strict=True)):
            if not _agree(value, exact):
                raise CheckError(f"{quote(field)}[{i}] is {quote(value)}, not {exact!r}", "chart-value")
    return _check_label(obj["label"], inputs, context)


def _agree(value: Any, exact: Any) -> bool:
    if isinstance(exact, str):
        return bool(value == exact)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return bool(abs(value - exact) <= TOLERANCE * max(1.0, abs(exact)))


def _check_label(raw: Any, inputs: list[RowsInput], context: Context) -> str:
    """A path is called by the names of the series that it is made of."""
    obj = as_object(raw, "label")
    check_keys(obj, "text entities")
    text, refs = get_text(obj, "text", empty=True), get_texts(obj, "entities")
    parts = text.split(NAME_GAP) if refs else [""] if not text else []
    if len(refs) > 2 or len(parts) != max(1, len(refs)) or len(refs) > len(inputs):
        raise CheckError(f"the label {quote(text)} does not name {quote(', '.join(refs))}", "chart-name")
    for ref, part, want in zip(refs, parts, inputs, strict=False):
        _bound_name(ref, part, context)
        if context.entities[ref].series != want.series:
            raise CheckError(f"{quote(part)} is not what is drawn, {quote(want.series)}", "chart-name")
    return text


def _check_end(obj: dict[str, Any], columns: dict[str, list[Any]], others: dict[str, Dataset]) -> Dataset:
    """Return the path whose last row and label stand in a dataset of kind `end`."""
    path = others.get(get_text(obj, "of"))
    if path is None or path.kind != "path" or path.columns.keys() != {"date", "value"} or not path.label:
        raise CheckError(f"{quote(obj['of'])} is no path of values with a label")
    want = {field: column[-1:] for field, column in path.columns.items()} | {"label": [path.label]}
    if columns != want:
        raise CheckError(f"{quote(columns)} is not the end of {quote(obj['of'])}", "chart-value")
    return path


def _check_quadrants(columns: dict[str, list[Any]]) -> frozenset[str]:
    if columns.keys() != {"strength", "momentum", "word"}:
        raise CheckError("quadrants have strength, momentum and word")
    for x, y, word in zip(columns["strength"], columns["momentum"], columns["word"], strict=True):
        place = (as_number(x, "strength"), as_number(y, "momentum"))
        if not isinstance(word, str) or CODES.get(word) != quadrant_of(place):
            raise CheckError(f"{quote(word)} does not lie at {place}", "chart-value")
    return frozenset({"word"})
