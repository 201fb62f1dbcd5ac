"""Related reading: the list in report.json, and its items in the text. docs/bundle-format.md."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from rotascope_verify.failures import CheckError, Log, quote
from rotascope_verify.reading import as_list, as_object, check_keys, get_day, get_text
from rotascope_verify.spans import Inline

MOST_RELATED = 5
DIGEST_TEXT = re.compile(r"[0-9a-f]{64}")
RELATED_LABELS = ("", "positive", "negative", "mixed", "neutral")


def parse_related(raw: Any, as_of: str, log: Log) -> tuple[str, ...]:
    """Return the text of each entry. Failures: related-shape, related-late."""
    texts: list[str] = []
    if raw is None:
        return ()
    with log.guard("related-shape", "related"):
        items = as_list(raw, "related")
        if not 1 <= len(items) <= MOST_RELATED:
            raise CheckError(f"lists {len(items)} entries, not 1 to {MOST_RELATED}")
        seen: set[str] = set()
        for n, item in enumerate(items):
            texts.append("")  # keeps the place of an entry that cannot be read
            with log.guard("related-shape", f"related[{n}]"):
                obj = as_object(item, "an entry")
                texts[n] = _entry_text(obj)
                if obj["digest"] in seen:
                    raise CheckError("the same document is listed twice")
                seen.add(obj["digest"])
                if as_of and obj["as_of"] > as_of:
                    raise CheckError(f"is of {obj['as_of']}, after the report's {as_of}", "related-late")
    return tuple(texts)


def _entry_text(obj: dict[str, Any]) -> str:
    check_keys(obj, "title publisher as_of window label digest url why")
    shown = [f'"{get_text(obj, "title")}"', get_text(obj, "publisher"), get_day(obj, "as_of")]
    label = get_text(obj, "label", empty=True)
    if not DIGEST_TEXT.fullmatch(get_text(obj, "digest")):
        raise CheckError(f"the digest {quote(obj['digest'])} is not 64 hex digits")
    if label not in RELATED_LABELS:
        raise CheckError(f"{quote(label)} is not a label")
    if obj["window"] is None:
        if label:
            raise CheckError("an article has no label")
    else:
        window = as_object(obj["window"], "window")
        check_keys(window, "start end")
        start, end = get_day(window, "start"), get_day(window, "end")
        if start > end:
            raise CheckError("the window is reversed")
        shown.append(f"{start} to {end}")
    if label:
        shown.append(f"label {label}")
    url = get_text(obj, "url", empty=True)
    return f"{', '.join(shown)}. {get_text(obj, 'why')}." + (f" {url}" if url else "")


def check_related_items(inlines: Iterable[Inline], texts: tuple[str, ...], log: Log) -> None:
    """Each entry has one item, in order. Failures: related-block."""
    found = [span.data["n"] for inline in inlines for span in inline.spans if span.kind == "related"]
    if found != list(range(len(texts))):
        log.add("related-block", "related", f"{len(texts)} entries are listed, and the text shows {found}")
