"""A feed and an article of a publisher that does not exist, and readers in the shape of providers."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import numpy as np

from rotascope.ingest.fetch.base import Fetcher, Request, Response
from rotascope.ingest.providers.articles import fetch_article, parse_article
from rotascope.ingest.providers.base import Task
from rotascope.ingest.providers.feeds import TERMS, Feed, fetch_feed, parse_feed
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.model.units import Unit
from rotascope.store.series import ParsedFile, SeriesBlock

FEED_URL = "https://news.example.org/feed.xml"
PAGE_URL = "https://news.example.org/markets/small-caps-lead"
FIRST = date(2026, 9, 1)


def feed(count: int = 12) -> str:
    """Return a feed in RSS 2.0, one entry a day."""
    items = [
        f"<item><title>Small caps lead, day {at}</title><link>https://news.example.org/{at}</link>"
        f"<pubDate>{FIRST + timedelta(days=at):%a, %d %b %Y} 21:00:00 GMT</pubDate>"
        f"<description>Value was ahead of growth.</description></item>"
        for at in range(count)
    ]
    body = "\n".join(items)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>Example News</title>\n'
        f"<link>https://news.example.org/</link>\n{body}\n</channel></rss>\n"
    )


def page() -> str:
    """Return an article with what publishers state for machines."""
    text = "Small companies were ahead of large ones for the fourth week in a row. " * 6
    linked = (
        '{"@type": "NewsArticle", "headline": "Small caps lead", "datePublished": "2026-09-28T20:00:00Z", '
        '"publisher": {"name": "Example News"}}'
    )
    return (
        "<!DOCTYPE html><html><head><title>Small caps lead - Example News</title>\n"
        '<meta property="og:site_name" content="Example News">\n'
        '<meta property="og:title" content="Small caps lead">\n'
        '<meta property="article:published_time" content="2026-09-28T20:00:00Z">\n'
        f'<link rel="canonical" href="{PAGE_URL}">\n'
        f'<script type="application/ld+json">{linked}</script></head>\n'
        f"<body><article><h1>Small caps lead</h1><p>{text}</p></article></body></html>\n"
    )


def reversed_items(body: bytes) -> bytes:
    """Turn the order of a feed's entries."""
    lines = body.decode().split("\n")
    items = [line for line in lines if line.startswith("<item>")]
    rest = iter(reversed(items))
    return "\n".join(next(rest) if line.startswith("<item>") else line for line in lines).encode()


def replaced(*pairs: tuple[str, str]) -> Callable[[bytes], bytes]:
    """Return a change that writes one text for another, wherever it stands."""

    def change(body: bytes) -> bytes:
        for old, new in pairs:
            assert old.encode() in body
            body = body.replace(old.encode(), new.encode())
        return body

    return change


def reversed_head(body: bytes) -> bytes:
    """Turn the order of an article's meta tags."""
    lines = body.decode().split("\n")
    tags = [line for line in lines if line.startswith("<meta")]
    rest = iter(reversed(tags))
    return "\n".join(next(rest) if line.startswith("<meta") else line for line in lines).encode()


class _Keeping:
    """A fetcher that remembers what it brought."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self.brought: list[Response] = []

    def get(self, request: Request) -> Response:
        response = self._fetcher.get(request)
        self.brought.append(response)
        return response


class Pages:
    """Feeds and articles in the shape of a provider: a citation is a row on the day it appeared.

    Its value is a checksum of the title, so that a title that changes shows.
    """

    name = "feeds"
    terms = TERMS

    def tasks(self, series: Sequence[str] | None = None) -> list[Task]:
        """Return the two tasks."""
        return [Task(self.name, "feeds:feed", ()), Task(self.name, "feeds:page", ())]

    def fetch(self, task: Task, fetcher: Fetcher, *, since: date | None = None) -> list[Response]:
        """Fetch and read the feed or the page."""
        keeping = _Keeping(fetcher)
        if task.key == "feeds:feed":
            fetch_feed(FEED_URL, keeping)
        else:
            fetch_article(PAGE_URL, keeping)
        return keeping.brought

    def parse(self, task: Task, responses: Sequence[Response]) -> ParsedFile:
        """Return a row for each dated citation."""
        (response,) = responses
        source = Source(id=task.key, publisher="Example News", url=response.url)
        if task.key == "feeds:feed":
            found: Feed = parse_feed(response)
            rows = [(entry.url, entry.published, entry.title) for entry in found.entries]
            return ParsedFile(source, _blocks(source, rows), list(found.findings))
        article = parse_article(response)
        rows = [(article.url, article.published, article.title)]
        rows.append((f"{article.url}#text", article.published, article.text))
        return ParsedFile(source, _blocks(source, rows), list(article.findings))


def _blocks(source: Source, rows: Sequence[tuple[str, date | None, str]]) -> list[SeriesBlock]:
    return [
        SeriesBlock(
            SeriesMeta(url, Field.VALUE, Unit.COUNT, Frequency.IRREGULAR, source.id),
            np.array([day], dtype="datetime64[D]"),
            np.array([float(zlib.crc32(text.encode()))]),
        )
        for url, day, text in rows
        if day is not None
    ]
