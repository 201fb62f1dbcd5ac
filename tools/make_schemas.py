"""Write what the JSON schemas and the XBRL taxonomy take from the program; part of `make docs`.

    python tools/make_schemas.py [--check]

In the schemas that is the operations and predicates with their parameters; the rest is written by hand.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).resolve().parent.parent / "src" / "rotascope" / "report" / "schema"
DAY = {"$ref": "#/$defs/day"}
TEXT, NUMBER = {"type": "string", "minLength": 1}, {"type": "number"}
COUNTS = (
    "apart back count horizon index k lags last least length lookback minimum momentum months names "
    "offset replications seed skip split state step trend window"
)
WORDS = "by candidate grid kind list measure method of path rule test want"
NUMBERS = "at_least band cost enter high leave level low penalty scale than threshold"
LISTS = "ar means measures transition variances"
TYPES: dict[str, Any] = {  # of parameters by name; any other may be anything
    **{name: {"type": "integer"} for name in COUNTS.split()},
    **dict.fromkeys(WORDS.split(), TEXT),
    **dict.fromkeys(NUMBERS.split(), NUMBER),
    **{name: {"type": "array"} for name in LISTS.split()},
    "block_length": {"anyOf": [NUMBER, {"const": "auto"}]},
    "end_after": DAY,
    "from": DAY,
    "on": DAY,
    "regime": {"type": "object"},
}


def facts_schema() -> str:
    """Return facts.schema.json with the operations that the verifier knows."""
    from rotascope_verify import supported_ops
    from rotascope_verify.ops import OPS

    known = {name: sorted(OPS[name].params) for name in sorted(supported_ops())}
    return _with("facts", "recipe", _recipe(known))


def _recipe(known: dict[str, list[str]]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["op", "params"],
        "properties": {"op": {"enum": list(known)}, "params": {"type": "object"}},
        "allOf": [
            _choice("op", op, {name: _type(op, name) for name in names}) for op, names in known.items()
        ],
    }


def _type(op: str, name: str) -> Any:
    if (op, name) == ("rotation", "grid"):
        return {"type": "array"}
    return TYPES.get(name, True)


def report_schema() -> str:
    """Return report.schema.json with the predicates that the verifier knows."""
    from rotascope_verify.claims import PREDICATES

    who = {"anyOf": [{"type": "null"}, TEXT]}
    choices = []
    for name, p in PREDICATES.items():
        params = dict.fromkeys(f"{p.need} {p.may}".split(), NUMBER)
        choice = _choice("predicate", name, params)
        choice["then"]["properties"]["params"]["required"] = p.need.split()
        choice["then"]["properties"]["facts"] = {"minItems": p.least, "maxItems": p.most}
        choices.append(choice)
    claim = {
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "predicate", "facts", "params", "subject", "object"],
        "properties": {
            "id": TEXT,
            "predicate": {"enum": list(PREDICATES)},
            "facts": {"type": "array", "items": TEXT},
            "params": {"type": "object"},
            "subject": who,
            "object": who,
        },
        "allOf": choices,
    }
    return _with("report", "claim", claim)


def _choice(key: str, value: str, params: dict[str, Any]) -> dict[str, Any]:
    """Return the rule that an object whose `key` has this value has these parameters and no others."""
    allowed = {"additionalProperties": False, "properties": params}
    return {"if": {"properties": {key: {"const": value}}}, "then": {"properties": {"params": allowed}}}


def _with(name: str, part: str, content: dict[str, Any]) -> str:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    schema["$defs"][part] = content
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def taxonomy() -> str:
    """Return the taxonomy of the Inline XBRL report, from the catalogue of metrics."""
    from rotascope.report.render.xbrl_taxonomy import make_taxonomy

    return make_taxonomy()


FILES = {
    SCHEMAS / "facts.schema.json": facts_schema,
    SCHEMAS / "report.schema.json": report_schema,
    SCHEMAS.parent / "render" / "taxonomy" / "rotascope-2026.xsd": taxonomy,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Write the files, or with `--check` say which are out of date."""
    check = "--check" in (sys.argv[1:] if argv is None else argv)
    stale = [path for path, make in FILES.items() if path.read_text(encoding="utf-8") != make()]
    for path in stale:
        if not check:
            path.write_text(FILES[path](), encoding="utf-8")
        print(f"{path.name} {'is out of date; run `make docs`' if check else 'written'}")
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main())
