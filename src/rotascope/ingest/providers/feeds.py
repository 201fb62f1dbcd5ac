"""RSS and Atom feeds: which articles a publisher lists, with their dates.

Feeds come from strangers. A document type declaration, the door for entity bombs and for reading local files,
is refused before the parser sees the text; so are documents that are too large or too deep.
"""

from __future__ import annotations

import html
import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import cast
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from rotascope.ingest.fetch.base import Fetcher, Request, Response
from rotascope.ingest.providers.base import Terms
from rotascope.ingest.providers.checks import check_content, refuse
from rotascope.model.errors import BadInputError
from rotascope.model.findings import Finding, Severity

LARGEST = 16 * 1024 * 1024
MOST_ENTRIES = 5000
DEEPEST = 60

_WIDE = (b"\xff\xfe", b"\xfe\xff")
_DECLARATION = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9_.:-]+)""")

TERMS = Terms(
    publisher="the publisher of each feed or page",
    what="title, publisher, day and text of articles that a report cites",
    licence="the publisher's copyright; title and day are cited, texts are not passed on",
    terms_url="",
    revisions="pages change silently: the bytes that were read are kept by their hash",
    limits="two requests a second for each host; pages that want a person or a payment are refused",
    tested="documented forms of RSS 2.0, RSS 1.0, Atom and JSON-LD; hostile pages",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One article as a feed lists it. `published` is None if the feed gives no date that can be read."""

    url: str
    title: str
    published: date | None
    updated: date | None = None
    summary: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says, and what was wrong with it. `sha256`: of the bytes it was read from."""

    url: str
    title: str
    entries: tuple[Entry, ...]
    findings: tuple[Finding, ...] = field(default=())
    sha256: str = ""
    fetched_at: datetime | None = None


def fetch_feed(url: str, fetcher: Fetcher) -> Feed:
    """Fetch and read a feed. Raises FetchError; BadInputError for an address that is not on the web."""
    return parse_feed(fetcher.get(Request(web_address(url), accept="xml")))


def web_address(url: str) -> str:
    """Return an address of the web. BadInputError for anything else: a file, a script, this machine."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or _is_inside(parts.hostname):
        raise BadInputError(f"'{url[:80]}' is no address on the web.", fix="Give one with https:// in front.")
    return url.strip()


def _is_inside(host: str) -> bool:
    """Return whether a host is this machine or one of its network: a feed may not send us there."""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def parse_feed(response: Response) -> Feed:
    """Return the entries of an RSS or Atom document, in its order.

    An entry without an address is left out, one without a readable date is kept without; both are findings,
    and so is a feed without any entry.
    Raises: FetchError `wall` (a page), `unexpected_shape` (no feed, a document type declaration, damaged or
    too deep XML), `too_large`.
    """
    if len(response.body) > LARGEST:
        message = f"The document has {len(response.body)} bytes; {LARGEST} are read at most."
        raise refuse(response, "too_large", message)
    wide = response.body.startswith(_WIDE)
    check_content(replace(response, body=_from_utf16(response)) if wide else response, "The feed", "xml")
    root = safe_xml(response)
    name = _local(root.tag)
    if name not in ("rss", "rdf", "feed"):
        raise refuse(response, "unexpected_shape", f"The document is <{name}>, not an RSS or Atom feed.")
    channel = root if name == "feed" else next(_children(root, "channel"), root)
    items = list(_children(root, "entry") if name == "feed" else _items(root, channel))
    findings: list[Finding] = []
    if not items:
        message = "The feed has no entry: it is empty, or its form has changed."
        findings.append(Finding("no_entries", Severity.WARNING, message))
    if len(items) > MOST_ENTRIES:
        message = f"The feed has {len(items)} entries; the first {MOST_ENTRIES} are read."
        findings.append(
            Finding("too_many_entries", Severity.WARNING, message, count=len(items) - MOST_ENTRIES)
        )
    entries = []
    for at, item in enumerate(items[:MOST_ENTRIES], start=1):
        entry = _entry(item, response.url)
        if entry is None:
            message = f"Entry {at} has no address on the web."
            findings.append(Finding("entry_without_address", Severity.REJECTED, message, row=at))
            continue
        if entry.published is None:
            message = f"Entry {at}, '{entry.title[:60]}', has no date that can be read."
            findings.append(Finding("undated_article", Severity.WARNING, message, row=at))
        entries.append(entry)
    return Feed(
        url=response.url,
        title=_text(channel, "title"),
        entries=tuple(entries),
        findings=tuple(findings),
        sha256=response.sha256,
        fetched_at=response.fetched_at,
    )


def safe_xml(response: Response) -> Element:
    """Return the root of an XML document that declares no types and no entities.

    Raises: FetchError `unexpected_shape` for a declaration, an encoding that could hide one, damaged XML, or
    elements nested deeper than 60; `empty`.
    """
    body = response.body
    if body.startswith(_WIDE):
        body = _from_utf16(response)
    elif b"\x00" in body:
        raise refuse(response, "unexpected_shape", "The document is in an encoding that is not read.")
    if _DECLARATION.search(body):
        message = "The document declares types or entities, which feeds do not need; it is not read."
        raise refuse(response, "unexpected_shape", message)
    found = _ENCODING.match(body.removeprefix(b"\xef\xbb\xbf").lstrip())
    if found and found[1].lower().startswith((b"utf-16", b"utf-32", b"utf-7", b"ucs")):
        # After the step above these names are wrong, or a way round the search for declarations.
        raise refuse(
            response, "unexpected_shape", f"The document says it is {found[1].decode()}, and is not."
        )
    parser: ElementTree.XMLPullParser[Element] = ElementTree.XMLPullParser(events=("start", "end"))
    depth = 0
    root: Element | None = None
    try:
        for at in range(0, len(body), 65536):
            parser.feed(body[at : at + 65536])
            for event, element in cast(Iterator[tuple[str, Element]], parser.read_events()):
                root = element if root is None else root
                depth += 1 if event == "start" else -1
                if depth > DEEPEST:
                    raise refuse(
                        response, "unexpected_shape", f"The document is nested deeper than {DEEPEST}."
                    )
        parser.close()
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        message = f"The document is no XML that can be read: {str(error)[:100]}."
        raise refuse(response, "unexpected_shape", message) from error
    if root is None:
        raise refuse(response, "empty", "The document has no element.")
    return root


def _from_utf16(response: Response) -> bytes:
    try:
        text = response.body.decode("utf-16")
    except UnicodeDecodeError as error:
        raise refuse(
            response, "unexpected_shape", "The document is in an encoding that is not read."
        ) from error
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text).encode()


def _local(tag: object) -> str:
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _children(element: Element, *names: str) -> Iterator[Element]:
    return (child for child in element if _local(child.tag) in names)


def _items(root: Element, channel: Element) -> Iterator[Element]:
    """Yield the items of RSS 2.0, inside the channel, and of RSS 1.0, beside it."""
    yield from _children(channel, "item")
    if channel is not root:
        yield from _children(root, "item")


def _text(element: Element, *names: str) -> str:
    """Return the text of the first child with one of the names, in their order, as one line."""
    for name in names:
        for child in _children(element, name):
            words = " ".join("".join(child.itertext()).split())
            if words:
                return words
    return ""


def _entry(item: Element, base: str) -> Entry | None:
    own = _text(item, "guid", "id")
    url = _link(item, base) or (own if urlsplit(own).scheme in ("http", "https") else "")
    if not url:
        return None
    return Entry(
        url=url,
        title=plain_text(_text(item, "title")),
        published=read_day(_text(item, "pubdate", "published", "date", "issued")),
        updated=read_day(_text(item, "updated", "modified")),
        summary=plain_text(_text(item, "description", "summary"))[:2000],
        id=own,
    )


def _link(item: Element, base: str) -> str:
    for child in _children(item, "link"):
        rel = child.get("rel", "alternate")
        address = (child.get("href") or child.text or "").strip()
        if rel == "alternate" and address:
            full = urljoin(base, address)
            if urlsplit(full).scheme in ("http", "https"):
                return full
    return ""


def plain_text(text: str) -> str:
    """Return a text without tags, as one line.

    >>> plain_text("<b>Small caps</b> lead &amp; rise")
    'Small caps lead & rise'
    """
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", text)).split())


def read_day(text: str) -> date | None:
    """Return the calendar day that a date states, in the zone it is written in; None if it states none.

    Understood: RFC 822, as in RSS, and ISO 8601, as in Atom and in pages. A month alone is no day.

    >>> read_day("Fri, 30 Jan 2026 23:30:00 -0500"), read_day("2026-01-30T23:30:00-05:00")
    (datetime.date(2026, 1, 30), datetime.date(2026, 1, 30))
    >>> read_day("2026-01") is None
    True
    """
    text = text.strip()
    if re.match(r"\d{4}-\d{2}-\d{2}(?!\d)", text):
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            return None
    try:
        found = parsedate_to_datetime(text) if re.search(r"\d{4}|\s\d{2}\s", text) else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found.date() if found is not None else None
