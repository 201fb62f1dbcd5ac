"""facts.json as typed records, in an order in which each fact comes after its inputs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from rotascope_verify.failures import CheckError, Log, quote
from rotascope_verify.numerals import UNITS
from rotascope_verify.observations import RowsInput
from rotascope_verify.reading import (
    as_list,
    as_number,
    as_object,
    as_whole,
    check_keys,
    get_day,
    get_text,
    get_texts,
    parse_window,
    round12,
)

FACT_KEYS = "id metric series value unit decimals display window as_of recipe inputs sources notes"
MAX_DECIMALS = 12  # a fact has 12 significant digits
MAX_ROWS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact as facts.json states it. Inputs are RowsInput, or the id of another fact."""

    id: str
    metric: str
    series: tuple[str, ...]
    value: float
    unit: str
    decimals: int
    display: str
    window: dict[str, str]
    as_of: str
    op: str
    params: dict[str, Any]
    inputs: tuple[RowsInput | str, ...]
    sources: tuple[str, ...]

    def rows_inputs(self) -> tuple[RowsInput, ...]:
        """Return the observation inputs in order."""
        return tuple(i for i in self.inputs if isinstance(i, RowsInput))

    def fact_inputs(self) -> tuple[str, ...]:
        """Return the ids of the input facts in order."""
        return tuple(i for i in self.inputs if isinstance(i, str))


def _parse_input(value: Any) -> RowsInput | str:
    obj = as_object(value, "an input")
    if obj.get("kind") == "fact":
        check_keys(obj, "kind id")
        return get_text(obj, "id")
    return parse_rows_input(obj)


def parse_rows_input(value: Any) -> RowsInput:
    """Return an observation input. Raises CheckError."""
    obj = as_object(value, "an input")
    if obj.get("kind") != "observations":
        raise CheckError(f"an input has the kind {quote(obj.get('kind'))}, not observations or fact")
    check_keys(obj, "kind series field first last rows sha256 source vintage")
    out = RowsInput(
        series=get_text(obj, "series"),
        field=get_text(obj, "field"),
        first=get_day(obj, "first"),
        last=get_day(obj, "last"),
        rows=as_whole(obj["rows"], "rows", 0, MAX_ROWS),
        sha256=get_text(obj, "sha256"),
        source=get_text(obj, "source"),
        vintage=None if obj["vintage"] is None else get_day(obj, "vintage"),
    )
    if out.first > out.last:
        raise CheckError(f"an input starts on {out.first}, after its end {out.last}")
    return out


def parse_fact(value: Any) -> Fact:
    """Return a fact. Raises CheckError if a key is missing, unknown or of the wrong type."""
    obj = as_object(value, "a fact")
    check_keys(obj, FACT_KEYS)
    recipe = as_object(obj["recipe"], "recipe")
    check_keys(recipe, "op params")
    get_texts(obj, "notes")
    fact = Fact(
        id=get_text(obj, "id"),
        metric=get_text(obj, "metric"),
        series=get_texts(obj, "series"),
        value=as_number(obj["value"], "value"),
        unit=get_text(obj, "unit"),
        decimals=as_whole(obj["decimals"], "decimals", 0, MAX_DECIMALS),
        display=get_text(obj, "display"),
        window={} if obj["window"] is None else parse_window(obj["window"]),
        as_of=get_day(obj, "as_of"),
        op=get_text(recipe, "op"),
        params=as_object(recipe["params"], "params"),
        inputs=tuple(_parse_input(i) for i in as_list(obj["inputs"], "inputs")),
        sources=get_texts(obj, "sources"),
    )
    if fact.unit not in UNITS:
        raise CheckError(f"{quote(fact.unit)} is not a unit")
    if fact.id == "report" or fact.id.startswith("source:"):
        raise CheckError(f"{quote(fact.id)} cannot be the id of a fact: date spans use it")
    if round12(fact.value) != fact.value:
        raise CheckError(f"the value {fact.value!r} has more than 12 significant digits")
    return fact


def expected_id(name: str, raw: dict[str, Any]) -> str:
    """Return the id that a fact must have: its own name, then a digest that binds all but value and display.

    The name is what stands before the last point of the stated id.
    """
    bound = {k: v for k, v in raw.items() if k not in ("id", "value", "display")}
    text = json.dumps(bound, sort_keys=True, separators=(",", ":"))
    return f"{name.rpartition('.')[0]}.{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def parse_facts(raw: Any, log: Log) -> dict[str, Fact]:
    """Return the facts by id. Failures: fact-shape, fact-twice, id-differs (the fact is kept)."""
    out: dict[str, Fact] = {}
    if not isinstance(raw, list):
        log.add("fact-shape", "facts.json", "is not a list")
        return out
    for i, item in enumerate(raw):
        name = item.get("id") if isinstance(item, dict) else None
        where = name if isinstance(name, str) and name else f"facts.json[{i}]"
        with log.guard("fact-shape", where):
            fact = parse_fact(item)
            if fact.id in out:
                raise CheckError("another fact has the same id", "fact-twice")
            out[fact.id] = fact
            if fact.id != expected_id(fact.id, item):
                raise CheckError(f"the id should be {quote(expected_id(fact.id, item))}", "id-differs")
    return out


def in_order(facts: dict[str, Fact], log: Log) -> list[Fact]:
    """Return the facts so that each comes after its inputs. Failures: input-missing, fact-cycle.

    Facts on a cycle, and those that need one, are left out. An input that does not exist is one
    failure of each fact that names it; the fact stays in the order.
    """
    waits: dict[str, int] = {}
    needed_by: dict[str, list[str]] = {}
    for fact in facts.values():
        needs = set(fact.fact_inputs())
        for missing in sorted(needs - facts.keys()):
            log.add("input-missing", fact.id, f"there is no fact {quote(missing)}")
        waits[fact.id] = len(needs & facts.keys())
        for need in needs & facts.keys():
            needed_by.setdefault(need, []).append(fact.id)
    ready = [name for name, n in waits.items() if n == 0]
    for name in ready:  # grows while it is walked
        for other in needed_by.get(name, ()):
            waits[other] -= 1
            if waits[other] == 0:
                ready.append(other)
    done = set(ready)
    for name in facts:
        if name not in done:
            log.add("fact-cycle", name, "needs itself, directly or through other facts")
    return [facts[name] for name in ready]
