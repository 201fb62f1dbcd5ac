"""Feeds: the three common forms, dates, and documents written to do harm."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope.ingest.fetch.base import FetchError, Response
from rotascope.ingest.providers.feeds import LARGEST, fetch_feed, parse_feed, read_day, web_address
from rotascope.model.errors import BadInputError
from standin.server import Reply, StandIn

AT = datetime(2026, 2, 1, 12, tzinfo=UTC)
URL = "https://news.example.org/feed.xml"
RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>Example News</title><link>https://news.example.org/</link>
<item><title>Small caps &amp;amp; value lead</title><link>https://news.example.org/a</link>
<pubDate>Fri, 30 Jan 2026 23:30:00 -0500</pubDate><guid isPermaLink="false">1</guid>
<description><![CDATA[<p>The <b>Russell 2000</b> rose</p><script>x()</script>]]></description></item>
<item><title>No date</title><link>/b?x=1&amp;y=2</link></item>
<item><title>By guid</title><guid>https://news.example.org/c</guid><dc:date>2026-01-29T10:00:00Z</dc:date></item>
<item><title>No address</title><link>javascript:alert(1)</link></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Atom</title>
<entry><title type="html">&lt;i&gt;Leaders&lt;/i&gt;</title><id>tag:x,2026:1</id>
<link rel="edit" href="https://news.example.org/edit"/><link href="d"/>
<published>2026-01-28T23:59:00+09:00</published><updated>2026-01-31T00:00:00Z</updated>
<summary>Short</summary></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>One</title></channel>
<item><title>Old form</title><link>https://news.example.org/e</link><dc:date>2026-01-27</dc:date></item></rdf:RDF>"""


def answer(body: str | bytes, status: int = 200) -> Response:
    return Response(URL, status, {}, body.encode() if isinstance(body, str) else body, AT)


def refused(body: str | bytes) -> str:
    with pytest.raises(FetchError) as caught:
        parse_feed(answer(body))
    return caught.value.code


def test_rss() -> None:
    feed = parse_feed(answer(RSS))
    assert feed.title == "Example News"
    assert [(e.url, e.title, e.published) for e in feed.entries] == [
        # the day is the publisher's: it was still Friday in New York
        ("https://news.example.org/a", "Small caps & value lead", date(2026, 1, 30)),
        ("https://news.example.org/b?x=1&y=2", "No date", None),
        ("https://news.example.org/c", "By guid", date(2026, 1, 29)),
    ]
    assert "Russell 2000 rose" in feed.entries[0].summary and "<" not in feed.entries[0].summary
    assert [(f.code, f.row) for f in feed.findings] == [("undated_article", 2), ("entry_without_address", 4)]
    assert feed.sha256 == answer(RSS).sha256


def test_atom_and_rss_1() -> None:
    (entry,) = parse_feed(answer(ATOM)).entries
    assert (entry.url, entry.title) == ("https://news.example.org/d", "Leaders")
    assert (entry.published, entry.updated) == (date(2026, 1, 28), date(2026, 1, 31))
    (old,) = parse_feed(answer(RDF)).entries
    assert (old.url, old.published) == ("https://news.example.org/e", date(2026, 1, 27))


def test_a_date_of_change_is_no_date_of_publication() -> None:
    text = ATOM.replace("<published>2026-01-28T23:59:00+09:00</published>", "")
    (entry,) = parse_feed(answer(text)).entries
    assert (entry.published, entry.updated) == (None, date(2026, 1, 31))


def test_other_encodings() -> None:
    latin = RSS.replace("UTF-8", "ISO-8859-1").replace("No date", "Börse").encode("latin-1")
    assert parse_feed(answer(latin)).entries[1].title == "Börse"
    wide = RSS.replace("UTF-8", "UTF-16").replace("No date", "Börse").encode("utf-16")
    assert parse_feed(answer(wide)).entries[1].title == "Börse"


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
    + "]><rss><channel><title>&j;</title></channel></rss>"
)


@pytest.mark.parametrize(
    "body",
    [
        BOMB,
        '<!DOCTYPE rss SYSTEM "file:///etc/passwd"><rss><channel/></rss>',
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><title>&x;</title></rss>',
        BOMB.encode("utf-16"),
        BOMB.replace('version="1.0"', 'version="1.0" encoding="utf-7"'),
        # UTF-16 without a mark, where a search for the declaration in bytes finds nothing
        BOMB.replace('version="1.0"', 'version="1.0" encoding="utf-16le"').encode("utf-16-le"),
        "<rss>" + "<a>" * 200 + "</a>" * 200 + "</rss>",
        "<rss><channel><item></channel></rss>",
        "<rss><channel>&undefined;</channel></rss>",
        "<opml><body/></opml>",
        '{"items": [1]}',
    ],
)
def test_harmful_or_damaged_documents_are_refused_at_once(body: str | bytes) -> None:
    begun = time.monotonic()
    assert refused(body) in ("unexpected_shape", "wall")
    assert time.monotonic() - begun < 1.0


def test_pages_and_empty_answers_are_named() -> None:
    assert refused("") == "empty"
    assert refused("<!DOCTYPE html><html><body>Verify you are human</body></html>") in (
        "wall",
        "unexpected_shape",
    )
    assert refused("<html><body>Rate limit: too many requests</body></html>") == "quota"
    assert refused(b"<rss>" + b" " * LARGEST + b"</rss>") == "too_large"


def test_only_addresses_on_the_web_are_fetched() -> None:
    assert web_address(" https://example.org/a ") == "https://example.org/a"
    for bad in (
        *("file:///etc/passwd", "javascript:alert(1)", "example.org", "", "ftp://example.org"),
        *("http://127.0.0.1/x", "http://localhost:8080/", "http://[::1]/", "http://169.254.169.254/latest"),
        *("http://10.0.0.1/", "http://printer.local/"),
    ):
        with pytest.raises(BadInputError):
            web_address(bad)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Sat, 31 Jan 2026 00:15:00 +0900", date(2026, 1, 31)),
        ("30 Jan 2026 10:00 GMT", date(2026, 1, 30)),
        ("2026-01-30", date(2026, 1, 30)),
        ("2026-01-30 10:00:00", date(2026, 1, 30)),
        ("2026-02-30T10:00:00Z", None),
        ("2026-01", None),
        ("30/01/2026", None),  # could be either in another year: not guessed
        ("yesterday", None),
        ("", None),
        ("Jan 2026", None),
        ("32 Jan 2026 00:00:00 GMT", None),
    ],
)
def test_days(text: str, day: date | None) -> None:
    assert read_day(text) == day


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_days(text: str) -> None:
    day = read_day(text)
    assert day is None or day.year >= 1


@given(st.binary(max_size=200))
def test_no_bytes_break_the_parser(tail: bytes) -> None:
    for body in (b"<rss><channel><item>" + tail, tail, RSS.encode()[:400] + tail):
        with suppress(FetchError):
            parse_feed(answer(body))


def test_over_http(tmp_path: Path) -> None:
    with StandIn() as server:
        server.add(URL, Reply(RSS.encode(), content_type="application/rss+xml", packed=True))
        assert len(fetch_feed(URL, server.fetcher(tmp_path)).entries) == 3
        server.spoil("403", times=1)
        with pytest.raises(FetchError) as caught:
            fetch_feed(URL, server.fetcher(tmp_path))
        assert caught.value.code == "forbidden"
