"""A fact in words: what it is made of, down to the rows."""

from __future__ import annotations

import json
from collections.abc import Mapping

from rotascope.model.facts import Fact, FactInput, ObservationInput


def describe(fact: Fact, known: Mapping[str, Fact], indent: str = "") -> str:
    """Return a fact as lines for people, with what it was made from. `known` holds its input facts by id."""
    lines = [f"{indent}{fact.display}  {fact.metric}({', '.join(fact.series)})"]
    if fact.window is not None:
        used = f"{fact.window.start_used or fact.window.start} to {fact.window.end_used or fact.window.end}"
        lines.append(f"{indent}  window {used}, base {fact.window.base}; as of {fact.as_of}")
    settings = json.dumps(dict(fact.recipe.params)) if fact.recipe.params else ""
    lines.append(f"{indent}  recipe {fact.recipe.op} {settings}".rstrip())
    lines += [f"{indent}  note: {note}" for note in fact.notes]
    for item in fact.inputs:
        if isinstance(item, FactInput):
            lines.append(describe(known[item.id], known, indent + "    "))
        else:
            lines.append(f"{indent}    {_describe_rows(item)}")
    lines.append(f"{indent}  sources {', '.join(fact.sources)}")
    return "\n".join(lines)


def _describe_rows(item: ObservationInput) -> str:
    when = str(item.first) if item.first == item.last else f"{item.first} to {item.last}"
    vintage = f", vintage {item.vintage}" if item.vintage else ""
    return f"{item.series} {item.field}, {when}: {item.rows} rows{vintage}, sha256 {item.sha256[:12]}…"
