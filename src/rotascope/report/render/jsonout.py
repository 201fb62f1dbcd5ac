"""The JSON files of a bundle: UTF-8, sorted keys, two-space indent, newline at the end, no NaN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rotascope.model.documents import ChartData, Document
from rotascope.model.facts import Fact
from rotascope.model.observations import Source
from rotascope.model.units import Unit
from rotascope.report.render.jsontext import indented

FORMAT = "rotascope-report/1"


def canonical_json(value: Any) -> str:
    """Return the one text that a bundle uses for a JSON value.

    Raises: ValueError for NaN and infinities, which JSON cannot say.

    >>> canonical_json({"b": [1.5], "a": "−"})
    '{\\n  "a": "−",\\n  "b": [\\n    1.5\\n  ]\\n}\\n'
    """
    return indented(value) + "\n"


def render_json(doc: Document) -> str:
    """Return report.json. Related reading and quotations are there only if there are any."""
    related = {"related": [entry.as_json() for entry in doc.related]} if doc.related else {}
    quotes = {"quotes": {k: q.as_json() for k, q in doc.quotes.items()}} if doc.quotes else {}
    return canonical_json(
        {
            **related,
            **quotes,
            "format": FORMAT,
            "as_of": doc.as_of.isoformat(),
            "window": doc.window.as_json(),
            "case": doc.case,
            "blocks": [block.as_json() for block in doc.blocks],
            "claims": [claim.as_json() for claim in doc.claims],
            "entities": {key: entity.as_json() for key, entity in doc.entities.items()},
            "sources": sources_json(doc.sources),
            "citations": [{"n": c.n, "sources": list(c.sources)} for c in doc.citations],
        }
    )


def facts_json(facts: Sequence[Fact]) -> str:
    """Return facts.json, in the order given. Dates are integers (20260130), not floats."""
    return canonical_json([fact_json(fact) for fact in facts])


def charts_json(charts: Mapping[str, ChartData]) -> str:
    """Return charts.json: each chart's specification and datasets by its name."""
    return canonical_json({name: chart.as_json() for name, chart in charts.items()})


def fact_json(fact: Fact) -> dict[str, Any]:
    """Return a fact as in facts.json. Dates are integers (20260130), not floats."""
    out = fact.as_json()
    if fact.unit is Unit.DATE:
        out["value"] = int(fact.value)
    return out


def sources_json(sources: Mapping[str, Source]) -> dict[str, dict[str, str]]:
    """Return the `sources` of report.json; what is absent is an empty string."""
    return {key: _source_json(source) for key, source in sources.items()}


def _source_json(source: Source) -> dict[str, str]:
    return {
        "publisher": source.publisher,
        "title": source.title,
        "url": source.url,
        "licence": source.licence,
        "published": source.published.isoformat() if source.published else "",
        "retrieved_at": source.retrieved_at.isoformat() if source.retrieved_at else "",
        "sha256": source.sha256,
        "standing": str(source.standing),
    }
