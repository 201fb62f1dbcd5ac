"""Articles: where the day comes from, what is refused, and pages written to mislead."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope.ingest.fetch.base import FetchError, Response
from rotascope.ingest.providers.articles import Article, fetch_article, parse_article
from rotascope.model.errors import BadInputError
from rotascope.model.observations import Standing
from standin.server import Reply, StandIn

AT = datetime(2026, 2, 10, 12, tzinfo=UTC)
URL = "https://www.example.org/markets/a?utm=1"
TEXT = "".join(
    f"<p>The Russell 2000 rose {n} percent in a month that favoured small companies.</p>" for n in range(6)
)


def page(head: str = "", body: str = "") -> str:
    return f"<!DOCTYPE html><html><head>{head}</head><body><article>{TEXT}{body}</article></body></html>"


def linked(**told: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **told})}</script>'


def read(html: str | bytes, *, at: datetime = AT, url: str = URL) -> Article:
    return parse_article(Response(url, 200, {}, html.encode() if isinstance(html, str) else html, at))


def codes(article: Article) -> set[str]:
    return {f.code for f in article.findings}


def test_json_ld_comes_first() -> None:
    article = read(
        page(
            '<title>Site | x</title><link rel="canonical" href="/markets/a">'
            '<meta property="article:published_time" content="2026-01-30T08:00:00Z">'
            + linked(
                headline="Small caps  lead",
                datePublished="2026-01-30T09:30:00-05:00",
                dateModified="2026-02-01",
                publisher={"@type": "Organization", "name": "Example Times"},
            )
        )
    )
    assert (article.title, article.publisher) == ("Small caps lead", "Example Times")
    assert (article.published, article.updated) == (date(2026, 1, 30), date(2026, 2, 1))
    assert article.url == "https://www.example.org/markets/a"
    assert article.text.splitlines()[0].startswith("The Russell 2000 rose 0 percent")
    assert not article.findings
    source = article.source("press:1")
    assert (source.standing, source.published) == (Standing.REPORTED, date(2026, 1, 30))
    assert source.sha256 == article.sha256


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="2026-01-30T23:59:00-05:00">',
        '<meta name="date" content="2026-01-30">',
        '<meta itemprop="datePublished" content="2026-01-30">',
        '<meta name="DC.date.issued" content="2026-01-30">',
        linked(datePublished="2026-01-30").replace("NewsArticle", "BlogPosting"),
        '<script type="application/ld+json">{"@graph": [{"@type": "WebPage", "datePublished": "2020-01-01"},'
        '{"@type": ["ReportageNewsArticle"], "datePublished": "2026-01-30"}]}</script>',
        '<script type="application/ld+json">{damaged</script>' + linked(datePublished="2026-01-30"),
    ],
)
def test_where_the_day_may_stand(head: str) -> None:
    assert read(page(head)).published == date(2026, 1, 30)


def test_a_time_element_counts_if_nothing_else_is_stated() -> None:
    element = '<time datetime="2026-01-30T10:00Z">Friday</time>'
    assert read(page(body=element)).published == date(2026, 1, 30)
    assert read(page(linked(datePublished="2026-01-29"), element)).published == date(2026, 1, 29)


def test_a_page_without_a_day_has_none_and_cannot_be_cited() -> None:
    article = read(page('<meta property="og:title" content="X"><meta name="date" content="last week">'))
    assert article.published is None and "undated_article" in codes(article)
    with pytest.raises(BadInputError, match="'X' states no day"):
        article.source("press:1")


def test_a_date_of_change_alone_is_no_day_of_publication() -> None:
    article = read(page('<meta property="article:modified_time" content="2026-02-01">'))
    assert (article.published, article.updated) == (None, date(2026, 2, 1))


def test_a_day_after_the_fetch_is_not_used() -> None:
    article = read(page(linked(datePublished="2027-01-30")))
    assert article.published is None and "future_date" in codes(article)
    # the publisher may be ahead of us by a day
    assert read(page(linked(datePublished="2026-02-11"))).published == date(2026, 2, 11)


def test_days_that_disagree_are_a_finding_and_the_first_is_used() -> None:
    article = read(page('<meta name="date" content="2026-01-12">' + linked(datePublished="2026-01-30")))
    assert article.published == date(2026, 1, 30) and "dates_disagree" in codes(article)


@pytest.mark.parametrize(
    "address", ["https://evil.example.net/a", "javascript:alert(1)", "file:///etc/passwd"]
)
def test_a_page_may_not_pass_itself_off_as_another_sites(address: str) -> None:
    article = read(page(f'<link rel="canonical" href="{address}">' + linked(datePublished="2026-01-30")))
    assert article.url == URL and "foreign_canonical" in codes(article)
    assert read(page('<link rel="canonical" href="https://example.org/a">')).url == "https://example.org/a"


def test_scripts_styles_and_navigation_are_no_text() -> None:
    html = (
        "<html><head><title>T</title><style>p{}</style></head><body><nav><p>Menu</p></nav><h1>Head</h1>"
        f"<script>var x = '<p>hidden</p>';</script>{TEXT}<footer>Imprint</footer></body></html>"
    )
    article = read(html)
    assert article.title == "Head"
    for word in ("Menu", "hidden", "Imprint", "p{}"):
        assert word not in article.text
    assert article.text.count("\n") == 6


def test_a_page_built_by_a_script_is_named() -> None:
    html = '<html><head><title>X</title></head><body><div id="root"></div><script src="a.js"></script>'
    assert "article_without_text" in codes(read(html))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "unexpected_shape"),
        (b"<html><body>Access denied. Enable JavaScript to verify you are human</body></html>", "wall"),
    ],
)
def test_walls(body: bytes, code: str) -> None:
    with pytest.raises(FetchError) as caught:
        read(body)
    assert caught.value.code == code


def test_hostile_markup_is_read_quickly() -> None:
    begun = time.monotonic()
    read("<html>" + "<div>" * 100_000 + "x")
    read("<html>" + "<nav><p>" * 20_000 + "</article>" * 20_000)
    read(page('<script type="application/ld+json">' + "[" * 100_000 + "</script>"))
    read("<html><body>" + "<a href='" * 50_000)
    read("<html><!--" + "-" * 200_000)
    read("<html>" + "<nav>" * 100_000 + "</nav>" * 100_000)
    assert time.monotonic() - begun < 10.0


def test_wrong_types_in_json_ld_are_no_error() -> None:
    told = {"headline": ["a"], "datePublished": 20260130, "publisher": [1, {"name": ["x"]}]}
    article = read(page(linked(**told)))
    assert (article.published, article.publisher) == (None, "www.example.org")


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(tail: str) -> None:
    try:
        article = read(f"<html><body><p>{tail}")
    except FetchError:
        return
    assert "\x00" not in article.url


def test_over_http(tmp_path: Path) -> None:
    with StandIn() as server:
        server.add("https://www.example.org/markets/a", Reply.html(page(linked(datePublished="2026-01-30"))))
        article = fetch_article(URL, server.fetcher(tmp_path))
    assert article.published == date(2026, 1, 30)
    assert article.url == URL
