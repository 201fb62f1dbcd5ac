"""Articles from the web, over a server that stands in for it: pages, walls, redirects, what stays behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rotascope.app import press
from rotascope.app.settings import Settings
from rotascope.ingest.fetch.base import FetchError
from rotascope.ingest.fetch.client import HttpFetcher
from rotascope.ingest.fetch.private import public_only
from rotascope.model.errors import BadInputError, RotascopeError
from rotascope.store.articles import Added
from standin.press import PAGE_URL, page
from standin.server import Reply, StandIn

DATED = page().replace("2026-09-28", "2026-02-10")


@pytest.fixture
def web() -> Iterator[StandIn]:
    with StandIn() as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "home")


def add(web: StandIn, settings: Settings) -> Added:
    return press.add_source(settings, PAGE_URL, fetcher=web.fetcher(settings.home))


def test_a_page_is_saved_with_what_it_states(web: StandIn, settings: Settings) -> None:
    web.add(PAGE_URL, Reply.html(DATED))
    added = add(web, settings)
    article = added.article
    assert added.outcome == "added"
    assert (article.publisher, article.title) == ("Example News", "Small caps lead")
    assert article.published is not None and article.published.isoformat() == "2026-02-10"
    assert "ahead of large ones" in article.text
    assert article.url == PAGE_URL
    assert press.find_source(settings, article.id) == article


def test_a_page_that_changed_only_around_its_text_is_the_same(web: StandIn, settings: Settings) -> None:
    web.add(PAGE_URL, Reply.html(DATED))
    add(web, settings)
    web.add(PAGE_URL, Reply.html(DATED.replace("<head>", "<head><meta name='nonce' content='a9'>")))
    assert add(web, settings).outcome == "unchanged"
    web.add(PAGE_URL, Reply.html(DATED.replace("fourth week", "fifth week")))
    again = add(web, settings)
    assert (again.outcome, again.article.version) == ("new_version", 2)


WALLS = {
    "captcha": Reply.html("<html><body>Please verify you are a human. captcha</body></html>"),
    "empty": Reply(b"", 200),
    "script": Reply.html("<html><head><title>News</title></head><body><div id=app></div></body></html>"),
    "json": Reply.json({"error": "log in"}),
    "missing": Reply.html("<html><body>no such page</body></html>", 404),
    "pdf": Reply(b"%PDF-1.7 <x>", 200),
}


@pytest.mark.parametrize("kind", sorted(WALLS))
def test_what_is_no_article_leaves_nothing(web: StandIn, settings: Settings, kind: str) -> None:
    web.add(PAGE_URL, replace(WALLS[kind]))
    with pytest.raises(RotascopeError):
        add(web, settings)
    assert press.list_sources(settings) == []
    assert not (settings.home / "raw").exists()


def test_an_article_of_the_future_is_refused(
    web: StandIn, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import date

    from rotascope.app import wiring

    monkeypatch.setattr(wiring, "today", lambda: date(2026, 2, 1))
    web.add(PAGE_URL, Reply.html(DATED))
    with pytest.raises(BadInputError, match="future"):
        add(web, settings)


def test_a_redirect_into_a_private_network_is_not_followed(web: StandIn, settings: Settings) -> None:
    """The guard sees each address before it is asked, the first one and those that it is sent on to."""
    web.add(PAGE_URL, Reply(b"", 302, headers=(("Location", "http://169.254.169.254/latest/meta-data"),)))
    guard = public_only(lambda host: ["93.184.216.34"] if host == "news.example.org" else ["10.0.0.1"])
    inner: HttpFetcher = web.fetcher(settings.home)
    inner._route = lambda url: web.route(guard(url))
    with pytest.raises(FetchError) as caught:
        press.add_source(settings, PAGE_URL, fetcher=inner)
    assert caught.value.code == "not_fetched"
    assert [seen.url for seen in web.seen] == [PAGE_URL]
    assert press.list_sources(settings) == []
