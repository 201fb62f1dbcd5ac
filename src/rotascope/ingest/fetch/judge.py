"""Whether an answer is what was asked for. Its content decides; its status only adds to that."""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from dataclasses import dataclass

from rotascope.ingest.quality.wall import looks_like_wall

_QUOTA = re.compile(
    r"exceeded|hits limit|too many requests|rate limit|call frequency|calls? per (minute|day)|quota|"
    r"request rate threshold|requests? per (day|minute)|hourly|daily.{0,20}(limit|allocation)",
    re.IGNORECASE,
)
_DENIED = re.compile(r"unauthori[sz]ed|invalid (crumb|api ?key|token)|not registered|api_key|log ?in", re.I)
_NOTHING = re.compile(r"no data|not found|delisted", re.IGNORECASE)
_ROOT = re.compile(r"\A\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*<([\w:.-]+)", re.DOTALL)
_PEOPLE = re.compile(
    r"captcha|verify (your browser|you are)|enable javascript|requires javascript|access denied"
)
_SHORT_PAGE = 1200  # visible characters below which a page that speaks of browsers is no article


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why an answer is refused. code: one of `base.CODES`."""

    code: str
    message: str


def judge(body: bytes, accept: str) -> Verdict | None:
    """Return why a body is not what `accept` says, or None if it is.

    accept: any (whatever is not empty), json, csv, zip, xml, html.
    """
    if not body.removeprefix(b"\xef\xbb\xbf").strip():
        return Verdict("empty", "The answer is empty.")
    return _JUDGES[accept](body)


def quote(body: bytes, length: int = 160) -> str:
    """Return the start of a body as one line of text that people can read: tags and line ends left out."""
    text = body[:4096].decode("utf-8", errors="replace")
    text = re.sub(r"<(script|style)\b.*?(</\1>|\Z)|<[^>]*>", " ", text, flags=re.IGNORECASE | re.DOTALL)
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f"{words[:length]}..." if len(words) > length else words


def _any(body: bytes) -> Verdict | None:
    return None


def _walled(body: bytes) -> Verdict | None:
    found = looks_like_wall(body)
    if found is None:
        return None
    text = body[:4096].decode("utf-8", errors="replace")
    start = text.lstrip("\ufeff \t\r\n")
    if _QUOTA.search(quote(body, 4096)):
        return Verdict("quota", found.message)
    if start[:1] == "<":
        return Verdict("source_error" if "error in XML" in found.message else "wall", found.message)
    if start[:1] in "{[":
        if "empty JSON" in found.message:
            return Verdict("empty", found.message)
        if "damaged JSON" in found.message:
            return Verdict("not_json", found.message)
        return Verdict(_stated(text), found.message)
    return Verdict("not_found" if _NOTHING.search(text) else "wall", found.message)


def _stated(text: str) -> str:
    """Return the code for an error that a source states in place of data."""
    if _DENIED.search(text):
        return "unauthorised"
    return "not_found" if _NOTHING.search(text) else "source_error"


def _json(body: bytes) -> Verdict | None:
    try:
        value = json.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        walled = _walled(body)
        return walled or Verdict("not_json", f"The answer is not JSON: '{quote(body)}'.")
    if not isinstance(value, dict | list):
        return Verdict("unexpected_shape", f"The answer is only '{quote(body, 40)}', not a JSON document.")
    return _walled(body)


def _csv(body: bytes) -> Verdict | None:
    if (walled := _walled(body)) is not None:
        return walled
    head = body[:65536].decode("utf-8", errors="replace").lstrip("\ufeff \r\n\t")
    if head[:1] in "{[<" or b"\x00" in body[:4096]:
        return Verdict("unexpected_shape", f"The answer is not a table of text: '{quote(body, 60)}'.")
    if not any(mark in line for line in head.splitlines()[:60] for mark in ",;\t|"):
        return Verdict("unexpected_shape", f"The answer has no columns: '{quote(body, 60)}'.")
    return None


def _zip(body: bytes) -> Verdict | None:
    if not body.startswith(b"PK\x03\x04"):
        walled = _walled(body)
        return walled or Verdict("unexpected_shape", f"The answer is not a zip file: '{quote(body, 60)}'.")
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            broken = archive.testzip()
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        return Verdict("damaged", f"The zip file cannot be opened: {error}.")
    return Verdict("damaged", f"{broken} in the zip file is damaged.") if broken else None


def _xml(body: bytes) -> Verdict | None:
    # Not `looks_like_wall`: a feed has a <title> too.
    text = body[:4096].decode("utf-8", errors="replace").lstrip("\ufeff")
    root = _ROOT.match(text)
    if root is None:
        return _walled(body) or Verdict("unexpected_shape", f"The answer is not XML: '{quote(body, 60)}'.")
    name = root.group(1).rpartition(":")[2].lower()
    if name in ("html", "head", "body", "script"):
        code = "quota" if _QUOTA.search(quote(body, 4096)) else "wall"
        return Verdict(code, f"The answer is a web page: '{quote(body, 80)}'.")
    if name in ("error", "fault", "exception"):
        return Verdict("source_error", f"The answer is an error in XML: '{quote(body, 80)}'.")
    return None


def _html(body: bytes) -> Verdict | None:
    text = body[:4096].decode("utf-8", errors="replace")
    if "<" not in text:
        code = "quota" if len(body) < _SHORT_PAGE and _QUOTA.search(text) else "unexpected_shape"
        return Verdict(code, f"The answer is not a web page: '{quote(body, 60)}'.")
    visible = quote(body, 4096)
    if len(body) < 8 * _SHORT_PAGE and len(visible) < _SHORT_PAGE and _PEOPLE.search(visible.lower()):
        return Verdict("wall", f"The page asks for a person or a browser: '{visible[:80]}'.")
    return None


_JUDGES = {"any": _any, "json": _json, "csv": _csv, "zip": _zip, "xml": _xml, "html": _html}
