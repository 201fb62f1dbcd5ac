"""Words of publications that the text quotes. docs/bundle-format.md, "Quotations"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rotascope_verify.failures import CheckError, Log, quote
from rotascope_verify.reading import as_object, check_keys, get_text
from rotascope_verify.sources import Source

MAX_QUOTE = 300
QUOTE_MARKS = frozenset('"\u201c\u201d\u201e\u201f')


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words of a publication, as they stand in it."""

    source: str
    excerpt: str


def parse_quotes(raw: Any, sources: dict[str, Source], log: Log) -> dict[str, Quotation]:
    """Return the quotations by id; `raw` is None if there are none. Failures: quote-shape, quote-bad."""
    out: dict[str, Quotation] = {}
    if raw is None:
        return out
    with log.guard("quote-shape", "quotes"):
        values = as_object(raw, "quotes")
        if not values:
            raise CheckError("quotes is empty; a report without quotations does not have it")
        for key, value in values.items():
            with log.guard("quote-shape", f"quote:{key}"):
                out[key] = _parse_quote(value, sources)
    return out


def _parse_quote(value: Any, sources: dict[str, Source]) -> Quotation:
    obj = as_object(value, "a quotation")
    check_keys(obj, "source sha256 excerpt")
    name, excerpt = get_text(obj, "source"), get_text(obj, "excerpt")
    source = sources.get(name)
    if source is None or source.standing != "reported":
        raise CheckError(f"{quote(name)} is not a source of standing reported", "quote-bad")
    if not source.sha256 or get_text(obj, "sha256") != source.sha256:
        raise CheckError(f"its sha256 is not that of the source {quote(name)}", "quote-bad")
    if len(excerpt) > MAX_QUOTE or excerpt != " ".join(excerpt.split()) or QUOTE_MARKS & set(excerpt):
        raise CheckError(
            f"an excerpt is one line of at most {MAX_QUOTE} characters without quotation marks", "quote-bad"
        )
    return Quotation(name, excerpt)


def check_quotes_used(used: set[str], quotes: dict[str, Quotation], log: Log) -> None:
    """Each quotation stands in the text. Failures: quote-unused."""
    for key in sorted(quotes.keys() - used):
        log.add("quote-unused", f"quote:{key}", "no quote span of the text refers to it")
