"""Articles from files, and addresses that are not fetched."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from rotascope.ingest.article_files import read_article
from rotascope.ingest.fetch.base import FetchError
from rotascope.ingest.fetch.private import public_only
from rotascope.model.errors import BadInputError

NOW = datetime(2026, 3, 1, tzinfo=UTC)
BODY = "Small companies were ahead of large ones for the fourth week in a row. " * 6


def page(extra: str = "") -> bytes:
    return (
        f"<!doctype html><html><head><title>T</title>{extra}"
        '<meta property="article:published_time" content="2026-01-30T20:00:00Z">'
        '<meta property="og:site_name" content="Example News"></head>'
        f"<body><article><h1>Small caps lead</h1><p>{BODY}</p></article></body></html>"
    ).encode()


def test_text_takes_its_title_and_day_from_its_first_lines() -> None:
    raw = b"Small caps lead\n\nFebruary 10, 2026\nThe   Russell 2000 rose 5%.\n"
    found, media = read_article("a.txt", raw, url="", now=NOW)
    assert (found.title, found.published, media) == ("Small caps lead", date(2026, 2, 10), "text")
    assert found.text == "Small caps lead\nFebruary 10, 2026\nThe Russell 2000 rose 5%."


def test_a_date_inside_a_sentence_is_no_day_of_the_article() -> None:
    found, _ = read_article("a.txt", b"A title\nIt rose on January 2, 2026 and fell later.", url="", now=NOW)
    assert found.published is None


def test_markdown_loses_its_marks_and_keeps_its_numbers() -> None:
    raw = (
        "# Small caps *lead*\n\n3 February 2026\n\n- up **7.92%** in [January](https://x.org/a_(b))\n"
        "> 5 * 4 is 20\n---\n"
    )
    found, media = read_article("a.md", raw.encode(), url="", now=NOW)
    assert media == "markdown"
    assert found.text.splitlines() == [
        "Small caps lead",
        "3 February 2026",
        "up 7.92% in January",
        "5 * 4 is 20",
    ]


def test_a_saved_page_knows_its_address() -> None:
    link = '<link rel="canonical" href="https://news.example.org/small?a=1&amp;b=2">'
    found, media = read_article("saved.html", page(link), url="", now=NOW)
    assert (found.url, media) == ("https://news.example.org/small?a=1&b=2", "html")
    assert (found.publisher, found.published) == ("Example News", date(2026, 1, 30))
    assert found.findings == ()


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("a.pdf", b"%PDF-1.7 ...", "PDF"),
        ("a.txt", b"%PDF-1.7 ...", "PDF"),
        ("a.txt", b"\x00\x01\x02", "not text"),
        ("a.txt", b"  \n \n", "empty"),
    ],
)
def test_what_is_no_text_is_refused(name: str, raw: bytes, said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        read_article(name, raw, url="", now=NOW)


def test_a_wall_is_refused_though_it_is_a_page() -> None:
    wall = b"<html><head><title>x</title></head><body>Please verify you are a human: captcha</body></html>"
    with pytest.raises(FetchError) as caught:
        read_article("saved.html", wall, url="https://news.example.org/", now=NOW)
    assert caught.value.code == "wall"


PRIVATE = {
    "intranet.example.org": "10.0.0.5",
    "metadata.example.org": "169.254.169.254",
    "six.example.org": "::ffff:127.0.0.1",
    "loop.example.org": "127.0.0.1",
    "shared.example.org": "100.64.0.1",
}


@pytest.mark.parametrize(
    "host",
    [*PRIVATE, "127.0.0.1", "localhost", "localhost.", "[::1]", "192.168.1.1", "10.1.1.1", "2130706433",
     "0x7f000001",
     "printer.local", "0.0.0.0", "169.254.169.254", "[fd00::1]", "[::ffff:10.0.0.1]"],
)  # fmt: skip
def test_private_hosts_are_refused(host: str) -> None:
    route = public_only(lambda name: [PRIVATE[name]] if name in PRIVATE else ["93.184.216.34"])
    with pytest.raises(FetchError) as caught:
        route(f"http://{host}/x?key=secret")
    assert caught.value.code == "not_fetched"
    assert "secret" not in str(caught.value) and "secret" not in caught.value.url


def test_one_private_address_among_several_is_enough() -> None:
    route = public_only(lambda _: ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(FetchError):
        route("https://news.example.org/")


def test_public_hosts_pass() -> None:
    route = public_only(lambda _: ["93.184.216.34", "2606:2800:220:1::1"])
    assert route("https://news.example.org/a?b=1") == "https://news.example.org/a?b=1"
    assert public_only(lambda _: [])("https://only-the-proxy-knows.example/") != ""
