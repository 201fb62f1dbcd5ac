"""Bodies that are a wall instead of data: a page for people, an error, a plain refusal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from rotascope.model.findings import Finding, Severity

CODE = "text_instead_of_data"

_HEAD = 4096  # bytes that are looked at; a wall shows itself at once
_LARGEST_ERROR = 65536  # no error body in JSON is longer
_HTML = re.compile(r"<(!doctype\s+html|html|head|body|script|meta|title|noscript)\b", re.IGNORECASE)
_XML_ERROR = re.compile(r"^\s*(<\?xml[^>]*>)?\s*<(\w+:)?(error|fault|exception)\b", re.IGNORECASE)
_PHRASES = re.compile(
    r"exceeded the (daily|hourly|api)|hits limit|too many requests|rate limit|request rate threshold|"
    r"invalid crumb|unauthori[sz]ed|forbidden|access denied|undeclared automated tool|"
    r"requires javascript|verify (your browser|you are (a )?human)|captcha|service unavailable|"
    r"bad gateway|gateway time-?out|internal server error|will be right back|temporarily unavailable|"
    r"no data( found)?\b|not found|invalid api key|api_key",
    re.IGNORECASE,
)
_ROW = re.compile(r"^[^\n]*\d[^\n]*[,;\t|][^\n]*$|^[^\n]*[,;\t|][^\n]*\d[^\n]*$", re.MULTILINE)
_HEADER = re.compile(r"^\W*\w[\w .%^/()-]*([,;\t|][\w .%^/()\"-]+)+\s*$")
_NUMBERS = re.compile(r"^\s*[-+\d]", re.MULTILINE)
# Keys (lower case, spaces and hyphens dropped) that say what failed, and those that go with them.
_TELLING = frozenset(
    (
        *("error", "errors", "error_code", "error_message", "errormessage", "fault"),
        *("message", "detail", "note", "information", "reason"),
    )
)
_BESIDES = _TELLING | frozenset(
    ("status", "statuscode", "code", "description", "title", "type", "success", "path", "timestamp")
)


def looks_like_wall(data: bytes) -> Finding | None:
    """Return a finding if a body holds a page, an error or a refusal where data should be, else None.

    Sources answer so with any status, 200 included. Recognised: nothing at all, HTML, JSON or XML that
    holds only an error, and text without a row of values. Binary data and JSON or XML with content pass.
    """
    body = data.removeprefix(b"\xef\xbb\xbf")
    head = body[:_HEAD]
    if not head.strip():
        return _wall("The file is empty.")
    if b"\x00" in head:
        return None  # a workbook, a compressed file
    text = head.decode("utf-8", errors="replace").strip()
    if not text:
        return _wall("The file is empty.")
    if text.startswith("<"):
        return _markup(text)
    if text[0] in "{[":
        return _json(body, text)
    return _plain(text, whole=len(body) <= _HEAD)


def _wall(message: str) -> Finding:
    return Finding(CODE, Severity.REJECTED, message)


def _quote(text: str) -> str:
    words = " ".join(text.split())
    return f"'{words[:80]}{'...' if len(words) > 80 else ''}'"


def _markup(text: str) -> Finding | None:
    if _XML_ERROR.match(text):
        return _wall(f"The file is an error in XML: {_quote(text)}.")
    if not _HTML.search(text[:1024]):
        return None
    visible = re.sub(r"<(script|style)\b.*?(</\1>|$)|<[^>]*>", " ", text, flags=re.IGNORECASE | re.DOTALL)
    shown = f": {_quote(visible)}" if visible.strip() else ""
    return _wall(f"The file is a web page, not data{shown}.")


def _json(body: bytes, text: str) -> Finding | None:
    if len(body) > _LARGEST_ERROR:
        return None
    try:
        value = json.loads(body)
    except ValueError:
        return _wall(f"The file is damaged JSON: {_quote(text)}.")
    if value in ({}, []):
        return _wall("The file is an empty JSON document.")
    return _wall(f"The file is an error, not data: {_quote(text)}.") if _only_error(value) else None


def _only_error(value: Any, depth: int = 0) -> bool:
    """Return whether a JSON value says that something failed and holds nothing besides."""
    if not isinstance(value, Mapping):
        return False
    full = {re.sub(r"[\s-]", "", str(k).lower()): v for k, v in value.items() if v not in (None, [], {}, "")}
    if _TELLING & full.keys() and full.keys() <= _BESIDES:
        return True
    # {"chart": {"result": null, "error": {...}}}: one envelope around the error.
    return depth < 2 and len(full) == 1 and _only_error(next(iter(full.values())), depth + 1)


def _plain(text: str, *, whole: bool) -> Finding | None:
    if _ROW.search(text) and not (_PHRASES.match(text) and whole and len(text) < 500):
        return None
    if _PHRASES.search(text):
        return _wall(f"The file is a message, not data: {_quote(text)}.")
    first = text.splitlines()[0]
    if _HEADER.match(first) or len(_NUMBERS.findall(text)) > 1:
        return None  # a table without rows, or a single column: for the reader to judge
    return _wall(f"The file is text without a row of values: {_quote(text)}.") if whole else None
