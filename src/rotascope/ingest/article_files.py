"""Articles from files: saved pages, plain text, Markdown. Their day is stated, never taken from the clock."""

from __future__ import annotations

import html
import re
from datetime import date, datetime
from pathlib import PurePath

from rotascope.ingest.fetch.base import Response
from rotascope.ingest.providers.articles import LONGEST_TEXT, Article, parse_article
from rotascope.ingest.providers.feeds import read_day
from rotascope.ingest.readers.sample import decode
from rotascope.model.errors import BadInputError

LARGEST = 16 * 1024 * 1024
_HEAD_LINES = 20
_LONGEST_TITLE = 300
_PAGE = re.compile(rb"<\s*(!doctype\s+html|html|head|body|article|meta|p|div)\b", re.IGNORECASE)
_CANONICAL = (
    re.compile(r"<link\b[^>]*\brel\s*=\s*[\"']?canonical\b[^>]*?\bhref\s*=\s*[\"']([^\"']+)", re.IGNORECASE),
    re.compile(
        r"<link\b[^>]*\bhref\s*=\s*[\"']([^\"']+)[\"'][^>]*\brel\s*=\s*[\"']?canonical\b", re.IGNORECASE
    ),
    re.compile(
        r"<meta\b[^>]*\bproperty\s*=\s*[\"']og:url[\"'][^>]*?\bcontent\s*=\s*[\"']([^\"']+)", re.IGNORECASE
    ),
)
_MARKS = re.compile(r"(?<!\w)(\*\*|__|\*|_|`)(?=\S)(.+?)(?<=\S)\1(?!\w)")
_LINK = re.compile(r"!?\[([^\]\n]*)\]\((?:[^()\n]|\([^()\n]*\))*\)")
_MONTH_DAY = re.compile(r"^(?:published:?\s*)?([A-Z][a-z]{2,8})\.? (\d{1,2}),? (\d{4})$", re.IGNORECASE)
_DAY_MONTH = re.compile(r"^(?:published:?\s*)?(\d{1,2}) ([A-Z][a-z]{2,8})\.? (\d{4})$", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def media_of(name: str, raw: bytes) -> str:
    """Return `html`, `markdown` or `text`. Raises BadInputError for PDF and other binary files."""
    shown = PurePath(name).name
    if len(raw) > LARGEST:
        raise BadInputError(f"{shown} has {len(raw):,} bytes; an article has {LARGEST:,} at most.")
    if raw[:1024].lstrip().startswith(b"%PDF"):
        raise BadInputError(
            f"{shown} is a PDF, whose text has no sure order and whose columns and minus signs get lost.",
            fix="Add the web page, or copy the text into a .txt file.",
        )
    if b"\x00" in raw[:8192] and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInputError(f"{shown} is not text.", fix="Give a web page, plain text or Markdown.")
    suffix = PurePath(name).suffix.lower()
    if suffix in (".html", ".htm", ".xhtml") or (
        suffix not in (".md", ".markdown", ".txt") and _PAGE.search(raw[:4096])
    ):
        return "html"
    return "markdown" if suffix in (".md", ".markdown") else "text"


def read_article(name: str, raw: bytes, *, url: str, now: datetime) -> tuple[Article, str]:
    """Return the article in a file and its media. `url`: where it appeared, empty if unknown.

    Of plain text and Markdown the first line is the title, and a date that stands alone on one of the first
    lines is the day; who published it must be told by the caller.
    Raises: BadInputError; FetchError `wall` and the like for a page that is no article.
    """
    media = media_of(name, raw)
    if media == "html":
        page = Response(url or _own_address(decode(raw)), 200, {}, raw, now)
        return parse_article(page), media
    lines = [" ".join(line.split()) for line in decode(raw).splitlines()]
    if media == "markdown":
        lines = [_unmarked(line) for line in lines]
    lines = [line for line in lines if line]
    if not lines:
        raise BadInputError(f"{PurePath(name).name} is empty.", fix="Give a file with the article's text.")
    days = (_day(line) for line in lines[:_HEAD_LINES])
    body = Response(url, 200, {}, raw, now)
    article = Article(
        url=url,
        title=lines[0][:_LONGEST_TITLE],
        publisher="",
        published=next((d for d in days if d is not None), None),
        updated=None,
        text="\n".join(lines)[:LONGEST_TEXT],
        sha256=body.sha256,
        fetched_at=now,
    )
    return article, media


def _own_address(text: str) -> str:
    """Return the address that a saved page gives as its own; empty if it gives none on the web."""
    found = (m for pattern in _CANONICAL if (m := pattern.search(text[:200_000])))
    url = html.unescape(next((m[1] for m in found), "")).strip()
    return url if url.startswith(("https://", "http://")) else ""


def _unmarked(line: str) -> str:
    line = re.sub(r"^(#{1,6}|>|[-*+]|\d{1,3}[.)]) +", "", line)
    line = _LINK.sub(r"\1", line)
    for _ in range(3):
        line = _MARKS.sub(r"\2", line)
    return (
        "" if re.fullmatch(r"[-*_=| :]{3,}", line) else re.sub(r"\\([\\`*_{}\[\]()#+\-.!|<>])", r"\1", line)
    )


def _day(line: str) -> date | None:
    """Return the date that a line consists of, or None."""
    for pattern, order in ((_MONTH_DAY, (3, 1, 2)), (_DAY_MONTH, (3, 2, 1))):
        if found := pattern.match(line):
            year, month, day = (found[i] for i in order)
            if month[:3].lower() not in _MONTHS:
                return None
            try:
                return date(int(year), _MONTHS.index(month[:3].lower()) + 1, int(day))
            except ValueError:
                return None
    return read_day(line) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", line) else None
