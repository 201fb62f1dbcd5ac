"""Tables about securities rather than values of them: today's members of an index, manifests, summaries.

They are recognised so that nobody wonders where they went, and not stored yet.
"""

from __future__ import annotations

from rotascope.ingest.readers.base import Context, nothing
from rotascope.ingest.readers.sample import Sample
from rotascope.model.findings import Severity
from rotascope.store.series import ParsedFile

_TABLES = {
    "a list of the members of an index": (
        {"symbol", "gicssector"},
        {"symbol", "security"},
    ),
    "a manifest of files": (
        {"symbol", "source", "startdate"},
        {"file", "licence"},
        {"file", "license"},
        {"file", "sha256"},
    ),
}


def what_is(sample: Sample) -> str:
    """Return what kind of reference table a file is, or an empty text."""
    if sample.kind == "text" and len(sample.lines) > 1:
        names = set(sample.names)
        return next((kind for kind, sets in _TABLES.items() if any(s <= names for s in sets)), "")
    document = sample.document
    if not isinstance(document, dict) or not document:
        return ""
    if "sector_allocation" in document or "holdings_count" in document:
        return "a summary of a fund's sectors"
    rows = list(document.values())
    if all(isinstance(row, dict) and {"file", "rows"} <= row.keys() for row in rows):
        return "a manifest of files"
    return ""


def matches(sample: Sample) -> bool:
    """Return whether a file is a reference table."""
    return bool(what_is(sample))


def parse(context: Context) -> ParsedFile:
    """Return no values, and the finding that says what the file is."""
    kind = what_is(Sample(context.path, context.data)) or "a reference table"
    message = f"{context.name} is {kind}: recognised, not stored yet."
    return nothing(context, "recognised_not_stored", Severity.INFO, message)
