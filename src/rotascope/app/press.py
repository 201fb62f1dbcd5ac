"""Workflows of the press: save articles, check their figures, hand the outcome to a report."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rotascope.app import wiring
from rotascope.app.settings import Settings
from rotascope.ingest.fetch.base import Fetcher
from rotascope.model.errors import BadInputError, NotAvailableError
from rotascope.model.facts import Window
from rotascope.model.press import CheckedArticle, SavedArticle
from rotascope.model.universe import load_universe

if TYPE_CHECKING:
    from rotascope.ingest.providers.articles import Article
    from rotascope.store.articles import Added, NewArticle


@dataclass(frozen=True, slots=True)
class Stated:
    """What a person says of an article; None leaves it to the page."""

    publisher: str | None = None
    title: str | None = None
    published: date | None = None
    url: str | None = None


def add_source(
    settings: Settings, what: str, stated: Stated | None = None, *, fetcher: Fetcher | None = None
) -> Added:
    """Save the article at an address or in a file. `fetcher`: another than the real one.

    Raises: FetchError for walls, private hosts and failures; BadInputError for what is no article, or states
    no publisher or title. Nothing is saved then.
    """
    from rotascope.store.articles import Articles

    new, raw = _read(settings, what, stated or Stated(), fetcher)
    with wiring.open_store(settings) as store:
        return Articles(store).add(new, raw)


def _read(settings: Settings, what: str, stated: Stated, fetcher: Fetcher | None) -> tuple[NewArticle, bytes]:
    from rotascope.ingest.article_files import LARGEST, read_article

    if what.lower().startswith(("http://", "https://")):
        article, raw = _fetched(settings, what, fetcher)
        return _new(article, "html", stated), raw
    path = Path(what).expanduser()
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadInputError(
            f"{what} cannot be read: {reason}.", fix="Give a file, or an address with https:// in front."
        ) from error
    found, media = read_article(str(path), raw, url=_web(stated.url), now=wiring.now())
    return _new(found, media, stated), raw


def _web(url: str | None) -> str:
    from rotascope.ingest.providers.feeds import web_address

    return web_address(url) if url else ""


def _fetched(settings: Settings, url: str, fetcher: Fetcher | None) -> tuple[Article, bytes]:
    from rotascope.ingest.article_files import media_of
    from rotascope.ingest.fetch.base import Request
    from rotascope.ingest.providers.articles import parse_article
    from rotascope.ingest.providers.feeds import web_address

    request = Request(web_address(url), accept="html")
    with ExitStack() as stack:
        if fetcher is None:
            fetcher = stack.enter_context(_public_fetcher(settings))
        response = fetcher.get(request)
    media_of("page", response.body)  # refuses PDF and the like before anything reads it as a page
    return parse_article(response), response.body


def _public_fetcher(settings: Settings) -> Any:
    from rotascope.ingest.fetch.client import HttpFetcher
    from rotascope.ingest.fetch.evidence import Evidence
    from rotascope.ingest.fetch.limits import Clock
    from rotascope.ingest.fetch.private import public_only

    clock = Clock(now=wiring.now, monotonic=time.monotonic, sleep=time.sleep)
    return HttpFetcher(Evidence(settings.home / "evidence"), clock=clock, route=public_only())


def _new(article: Article, media: str, stated: Stated) -> NewArticle:
    from rotascope.ingest.providers.articles import SHORTEST_TEXT
    from rotascope.store.articles import NewArticle, check_fields

    if media == "html" and len(article.text) < SHORTEST_TEXT:
        raise BadInputError(
            (
                f"The page has {len(article.text)} characters of text: it is built by a script, or "
                f"wants payment."
            ),
            fix="Open it in a browser, save it (or copy its text into a .txt file), and add the file.",
        )
    published = stated.published or article.published
    if published is not None and published > wiring.today():
        raise BadInputError(
            f"The article is dated {published}, which is in the future.", fix="Give its day with --date."
        )
    notes = tuple(f"{f.code}: {f.message}" for f in article.findings)
    if stated.published is not None:
        notes = tuple(n for n in notes if not n.startswith("undated_article"))
    new = NewArticle(
        publisher=_line(stated.publisher) or _line(article.publisher),
        title=_line(stated.title) or _line(article.title),
        url=_web(stated.url) or article.url,
        published=published,
        retrieved_at=article.fetched_at,
        media=media,
        text=article.text,
        notes=notes,
    )
    check_fields(new)
    return new


def _line(text: str | None) -> str:
    """Return text as one line without characters that are not for printing."""
    words = " ".join((text or "").split())
    return "".join(c for c in words if c.isprintable())[:500]


def list_sources(settings: Settings, *, trash: bool = False) -> list[SavedArticle]:
    """Return the saved articles, or those in the trash."""
    if settings.database_url is None and not (settings.home / "catalogue.db").is_file():
        return []
    from rotascope.store.articles import Articles

    with wiring.open_store(settings) as store:
        found = Articles(store).saved(with_trash=True)
    return [a for a in found if (a.removed_at is not None) == trash]


def find_source(settings: Settings, name: str) -> SavedArticle:
    """Return a saved article by its id or the beginning of it."""
    from rotascope.store.articles import Articles

    with wiring.open_store(settings) as store:
        return Articles(store).find(name)


def remove_source(settings: Settings, name: str) -> SavedArticle:
    """Put an article into the trash."""
    from rotascope.store.articles import Articles

    with wiring.open_store(settings) as store:
        return Articles(store).remove(name)


def restore_source(settings: Settings, name: str) -> SavedArticle:
    """Bring an article back from the trash."""
    from rotascope.store.articles import Articles

    with wiring.open_store(settings) as store:
        return Articles(store).restore(name)


def purge_sources(settings: Settings) -> list[SavedArticle]:
    """Delete what is in the trash for good."""
    from rotascope.store.articles import Articles

    with wiring.open_store(settings) as store:
        return Articles(store).purge()


def check_source(
    settings: Settings, name: str, *, as_of: date | None = None, universe: str = "us"
) -> CheckedArticle:
    """Check the figures of a saved article against the data known on the day it appeared.

    `as_of`: another day to look from; it may not be before the article, which could not be checked then.
    """
    article = find_source(settings, name)
    with wiring.open_reader(settings) as reader:
        return check_article(reader, article, as_of=as_of, universe=universe)


def check_article(
    reader: Any, article: SavedArticle, *, as_of: date | None = None, universe: str = "us"
) -> CheckedArticle:
    """Check one article with a reader that is open."""
    from rotascope.audit.check import check
    from rotascope.facts.build import Desk

    day = as_of or article.published
    if day is None:
        raise BadInputError(
            f"'{article.id}' states no day on which it appeared.",
            fix="Give --as-of, or add the article again with --date.",
        )
    if article.published is not None and day < article.published:
        raise BadInputError(
            f"--as-of is {day}, before the article of {article.published}.",
            fix=f"Give {article.published} or a later day.",
        )
    if day > wiring.today():
        raise BadInputError(f"--as-of is {day}, which is in the future.", fix="Give an earlier day.")
    desk = Desk(reader, load_universe(universe), day)
    return check(article, desk)


def cited(
    settings: Settings,
    reader: Any,
    names: Sequence[str],
    *,
    saved: bool,
    window: Window,
    as_of: date,
    universe: str,
) -> list[CheckedArticle]:
    """Return the articles that a report cites, checked as of the day each appeared.

    `names`: ids, in the order asked for. `saved`: also those whose day lies from the
    window's start to `as_of` and of which some figure was understood.
    Raises: NotAvailableError for an article that is undated or appeared after `as_of`.
    """
    if not names and not saved:
        return []
    chosen = {a.id: a for a in (find_source(settings, name) for name in names)}
    for article in chosen.values():
        if article.published is None or article.published > as_of:
            when = f"of {article.published}" if article.published else "without a day"
            raise NotAvailableError(
                f"'{article.id}' is an article {when}; a report as of {as_of} cannot cite it.",
                fix="Choose a later --as-of, or add the article again with --date.",
            )
    checked = [check_article(reader, a, universe=universe) for a in chosen.values()]
    if saved:
        newest: dict[str, SavedArticle] = {}
        for article in list_sources(settings):
            if article.published is not None and window.start <= article.published <= as_of:
                known = newest.setdefault(article.key, article)
                newest[article.key] = max(known, article, key=lambda a: a.version)
        others = [a for a in newest.values() if a.id not in chosen]
        found = [check_article(reader, a, universe=universe) for a in others]
        checked += [c for c in found if any(f.literal is not None for f in c.figures)]
    return checked
