"""Single articles by their address: who published what, and when, so that a report can cite it.

The day matters most: nothing may be cited before it appeared. It is taken from where publishers state it for
machines, in this order: JSON-LD, meta tags, a `time` element. A page that states none gives an article
without a day and a finding; the day of the fetch never stands in for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from rotascope.ingest.fetch.base import Fetcher, Request, Response
from rotascope.ingest.providers.checks import check_content, refuse
from rotascope.ingest.providers.feeds import read_day, web_address
from rotascope.ingest.readers.sample import decode
from rotascope.model.errors import BadInputError
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Source, Standing

LARGEST = 16 * 1024 * 1024
LONGEST_TEXT = 200_000
SHORTEST_TEXT = 200
_DEEPEST = 64  # parts without text inside one another that are told apart
_LONGEST_TAG = 4096
"""Characters below which a page has no text to speak of: an index page, or one that is built by a script."""

_SILENT = frozenset(
    ("script", "style", "noscript", "template", "svg", "nav", "footer", "form", "aside", "button")
)
_BLOCKS = frozenset(("p", "h1", "h2", "h3", "h4", "li", "blockquote", "figcaption", "td", "th", "div", "br"))
_TITLES = ("og:title", "twitter:title", "dc.title", "citation_title")
_SITES = ("og:site_name", "application-name", "dc.publisher", "citation_publisher")
_PUBLISHED = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dc.date.issued",
    "citation_publication_date",
    "parsely-pub-date",
    "sailthru.date",
    "pubdate",
)
_UPDATED = ("article:modified_time", "og:updated_time", "datemodified", "last-modified")
_KINDS = re.compile(
    r"(News|Blog|Analysis|Report|Opinion|Scholarly|Tech|Liveblog)?\w*(Article|Posting|Report)\b"
)


@dataclass(frozen=True, slots=True)
class Article:
    """An article as its page states it. `published` is None if it states no day; `url`: canonical."""

    url: str
    title: str
    publisher: str
    published: date | None
    updated: date | None
    text: str
    sha256: str
    fetched_at: datetime
    findings: tuple[Finding, ...] = field(default=())

    def source(self, id: str) -> Source:
        """Return the article as the source of what it printed. Raises BadInputError if its day is unknown."""
        if self.published is None:
            raise BadInputError(
                f"'{self.title or self.url}' states no day on which it appeared.",
                fix="State the day yourself, from the page; without it no report may cite the article.",
            )
        return Source(
            id=id,
            publisher=self.publisher,
            title=self.title,
            url=self.url,
            licence="the publisher's copyright",
            published=self.published,
            retrieved_at=self.fetched_at,
            sha256=self.sha256,
            standing=Standing.REPORTED,
        )


def fetch_article(url: str, fetcher: Fetcher) -> Article:
    """Fetch and read a page. Raises FetchError; BadInputError for an address that is not on the web."""
    return parse_article(fetcher.get(Request(web_address(url), accept="html")))


def parse_article(response: Response) -> Article:
    """Return what a page says about itself, and its text with one paragraph a line.

    Findings: `undated_article`, `untitled_article`, `article_without_text`, `future_date`, `dates_disagree`,
    `foreign_canonical` (a page that names a page of another site as itself keeps its own address).
    Raises: FetchError `wall`, `empty`, `unexpected_shape`, `too_large`.
    """
    if len(response.body) > LARGEST:
        raise refuse(response, "too_large", f"The page has {len(response.body)} bytes; {LARGEST} at most.")
    check_content(response, "The page", "html")
    page = _Page()
    page.feed(decode(response.body))
    page.close()
    return _Made(response, page).article()


class _Page(HTMLParser):
    """What a page holds for machines, and its visible text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.meta: dict[str, str] = {}
        self.canonical = ""
        self.title = ""
        self.heading = ""
        self.times: list[str] = []
        self.linked: list[str] = []
        self.lines: list[str] = []
        self.article_lines: list[str] = []
        self._silent: list[str] = []
        self._in_article = 0
        self._capture = ""
        self._words: list[str] = []
        self._size = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "meta":
            name = (told.get("property") or told.get("name") or told.get("itemprop") or "").strip().lower()
            if name:
                self.meta.setdefault(name, told.get("content", "").strip())
        elif tag == "link" and "canonical" in told.get("rel", "").lower().split():
            self.canonical = self.canonical or told.get("href", "").strip()
        elif tag == "time" and told.get("datetime"):
            self.times.append(told["datetime"])
        if tag in _BLOCKS:
            self._end_line()
        if tag == "script" and told.get("type", "").strip().lower() == "application/ld+json":
            self._capture, self._words = "linked", []
        elif tag in ("title", "h1") and not self._silent:
            self._end_line()
            self._capture = tag
        if tag in _SILENT and len(self._silent) < _DEEPEST:
            self._silent.append(tag)
        elif tag == "article":
            self._end_line()
            self._in_article += 1

    def handle_endtag(self, tag: str) -> None:
        if self._capture == "linked" and tag == "script":
            self.linked.append("".join(self._words))
            self._capture, self._words = "", []
        elif tag in _BLOCKS or tag == "title":
            self._end_line()
        if tag in self._silent:
            # What was opened inside and never closed ends with it.
            del self._silent[self._silent.index(tag) :]
        elif tag == "article" and self._in_article:
            self._end_line()
            self._in_article -= 1

    def handle_data(self, data: str) -> None:
        if self._capture == "linked" or (not self._silent and self._size < LONGEST_TEXT * 4):
            self._words.append(data)
            self._size += len(data)

    def close(self) -> None:
        if len(self.rawdata) > _LONGEST_TAG:
            # A tag that never ends: the parser would go through the rest once for each "<" in it.
            self.rawdata = ""
        super().close()
        self._end_line()

    def _end_line(self) -> None:
        if self._capture == "linked":
            return
        line = " ".join("".join(self._words).split())
        self._words = []
        capture, self._capture = self._capture, ""
        if not line:
            self._capture = capture if capture == "h1" else ""
        elif capture == "title":
            self.title = self.title or line
        else:
            if capture == "h1":
                self.heading = self.heading or line
            (self.article_lines if self._in_article else self.lines).append(line)


class _Made:
    """An article put together from a page."""

    def __init__(self, response: Response, page: _Page) -> None:
        self._response = response
        self._page = page
        self._linked = list(_articles(page.linked))
        self._findings: list[Finding] = []

    def article(self) -> Article:
        url = self._url()
        title = self._first("headline") or self._meta(_TITLES) or self._page.heading or self._page.title
        published, updated = self._published(), self._updated()
        text = "\n".join(self._page.article_lines or self._page.lines)[:LONGEST_TEXT]
        if not title:
            self._note("untitled_article", "The page has no title.")
        if len(text) < SHORTEST_TEXT:
            message = (
                f"The page has {len(text)} characters of text; it may be built by a script or want payment."
            )
            self._note("article_without_text", message)
        return Article(
            url=url,
            title=title,
            publisher=self._publisher() or urlsplit(url).hostname or "",
            published=published,
            updated=updated,
            text=text,
            sha256=self._response.sha256,
            fetched_at=self._response.fetched_at,
            findings=tuple(self._findings),
        )

    def _note(self, code: str, message: str, severity: Severity = Severity.WARNING) -> None:
        self._findings.append(Finding(code, severity, f"{message} ({self._response.url[:200]})"))

    def _first(self, key: str) -> str:
        return next((_line(entry[key]) for entry in self._linked if _line(entry.get(key))), "")

    def _meta(self, names: tuple[str, ...]) -> str:
        return next((" ".join(self._page.meta[n].split()) for n in names if self._page.meta.get(n)), "")

    def _publisher(self) -> str:
        for entry in self._linked:
            told = entry.get("publisher")
            for one in told if isinstance(told, list) else [told]:
                name = _line(one.get("name")) if isinstance(one, Mapping) else _line(one)
                if name:
                    return name
        return self._meta(_SITES)

    def _url(self) -> str:
        own = self._response.url
        told = self._page.canonical or self._page.meta.get("og:url", "")
        if not told:
            return own
        full = urljoin(own, told)
        if urlsplit(full).scheme not in ("http", "https") or not _same_site(full, own):
            self._note(
                "foreign_canonical", f"The page names another site's address as its own: {full[:100]}."
            )
            return own
        return full

    def _published(self) -> date | None:
        told = [(where, day) for where, day in self._days() if day is not None]
        if not told:
            self._note("undated_article", "The page states no day on which it appeared.")
            return None
        day = told[0][1]
        others = {d for _, d in told[1:]}
        if any(abs((d - day).days) > 1 for d in others):
            days = ", ".join(f"{d} ({where})" for where, d in told)
            self._note("dates_disagree", f"The page states several days: {days}; the first is used.")
        # A day of slack: the publisher's clock may be east of ours.
        if day > self._response.fetched_at.date() + timedelta(days=1):
            self._note("future_date", f"The page says it appeared on {day}, after it was fetched; not used.")
            return None
        return day

    def _days(self) -> Iterator[tuple[str, date | None]]:
        yield "JSON-LD", read_day(self._first("datePublished"))
        yield "meta", next((d for n in _PUBLISHED if (d := read_day(self._page.meta.get(n, "")))), None)
        if not any(self._page.meta.get(n) for n in _PUBLISHED) and not self._first("datePublished"):
            yield "time", next((d for t in self._page.times if (d := read_day(t))), None)

    def _updated(self) -> date | None:
        return read_day(self._first("dateModified")) or next(
            (d for n in _UPDATED if (d := read_day(self._page.meta.get(n, "")))), None
        )


def _line(value: Any) -> str:
    return " ".join(value.split())[:500] if isinstance(value, str) else ""


def _same_site(one: str, other: str) -> bool:
    a, b = (urlsplit(u).hostname or "" for u in (one, other))
    # news.example.org and www.example.org are one site, example.org and example.net are two.
    return a == b or a.endswith(f".{b.removeprefix('www.')}") or b.endswith(f".{a.removeprefix('www.')}")


def _articles(texts: list[str]) -> Iterator[Mapping[str, Any]]:
    """Yield what JSON-LD says of articles. Damaged blocks, which are common, say nothing."""
    for text in texts:
        try:
            value = json.loads(text.strip())
        except (ValueError, RecursionError):
            continue
        yield from _walk(value, 0)


def _walk(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    if depth > 4:
        return
    if isinstance(value, list):
        for one in value[:200]:
            yield from _walk(one, depth + 1)
    elif isinstance(value, Mapping):
        kinds = value.get("@type")
        told = kinds if isinstance(kinds, list) else [kinds]
        if any(isinstance(kind, str) and _KINDS.fullmatch(kind) for kind in told):
            yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            if key in value:
                yield from _walk(value[key], depth + 1)
