"""Saved articles: versions, the trash, raw bytes, and a disk that fails."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rotascope.model.errors import StoreError, UnknownNameError
from rotascope.store import tables
from rotascope.store.articles import Articles, NewArticle
from rotascope.store.check import check
from rotascope.store.store import Store

NEW = NewArticle(
    publisher="Example News",
    title="Small caps lead",
    url="https://news.example.org/1",
    published=date(2026, 1, 30),
    retrieved_at=datetime(2026, 2, 1, tzinfo=UTC),
    media="html",
    text="The Russell 2000 rose 5%.\nMore.",
    notes=("a note",),
)


def files(home: Path) -> set[str]:
    return {str(p.relative_to(home)) for p in (home / "raw").glob("*")} if (home / "raw").is_dir() else set()


def test_an_article_comes_back_as_it_was_saved(store: Store) -> None:
    articles = Articles(store)
    added = articles.add(NEW, b"<html>1</html>")
    assert added.outcome == "added"
    found = articles.find(added.article.id)
    assert found == added.article
    assert (found.text, found.published, found.notes, found.version) == (
        NEW.text,
        NEW.published,
        NEW.notes,
        1,
    )
    assert articles.raw(found) == b"<html>1</html>"
    assert found.id.startswith("example-news-2026-01-30-")
    assert check(store) == []


def test_the_same_article_twice_is_one(store: Store) -> None:
    """Also where the page's bytes differ in what is not text; their bytes are not kept twice."""
    articles = Articles(store)
    first = articles.add(NEW, b"<html>1</html>").article
    again = articles.add(replace(NEW, retrieved_at=datetime(2026, 3, 1, tzinfo=UTC)), b"<html>2</html>")
    assert (again.outcome, again.article) == ("unchanged", first)
    assert len(articles.saved()) == 1
    assert len(files(store.lake.home)) == 1


@pytest.mark.parametrize("change", [{"text": "The Russell 2000 rose 6%."}, {"title": "Corrected"}])
def test_a_changed_one_is_a_new_version(store: Store, change: dict[str, str]) -> None:
    articles = Articles(store)
    first = articles.add(NEW, b"1").article
    second = articles.add(replace(NEW, **change), b"2")  # type: ignore[arg-type]
    assert (second.outcome, second.article.version) == ("new_version", 2)
    assert second.article.id != first.id
    assert articles.raw(first) == b"1"


def test_without_an_address_publisher_and_title_tell_versions(store: Store) -> None:
    articles = Articles(store)
    bare = replace(NEW, url="")
    articles.add(bare, b"1")
    assert articles.add(replace(bare, text="other words"), b"2").article.version == 2
    assert articles.add(replace(bare, title="Another"), b"3").article.version == 1


def test_the_trash_keeps_until_it_is_emptied(store: Store) -> None:
    articles = Articles(store)
    one = articles.add(NEW, b"1").article
    articles.remove(one.id)
    assert articles.saved() == []
    with pytest.raises(UnknownNameError, match="source list"):
        articles.find(one.id)
    assert articles.restore(one.id[:12]) == one
    articles.remove(one.id)
    assert [a.id for a in articles.purge()] == [one.id]
    assert files(store.lake.home) == set()
    with pytest.raises(UnknownNameError):
        articles.restore(one.id)
    assert check(store) == []


def test_adding_what_is_in_the_trash_brings_it_back(store: Store) -> None:
    articles = Articles(store)
    one = articles.add(NEW, b"1").article
    articles.remove(one.id)
    back = articles.add(NEW, b"1")
    assert (back.outcome, back.article) == ("restored", one)


def test_a_beginning_that_fits_several_is_refused(store: Store) -> None:
    articles = Articles(store)
    articles.add(NEW, b"1")
    articles.add(replace(NEW, text="x"), b"2")
    with pytest.raises(UnknownNameError, match="Several"):
        articles.find("exam")
    with pytest.raises(UnknownNameError):
        articles.find("exa")


def test_bytes_shared_with_another_version_outlive_a_purge(store: Store) -> None:
    articles = Articles(store)
    one = articles.add(NEW, b"1").article
    two = articles.add(replace(NEW, title="Named by hand"), b"1").article
    articles.remove(one.id)
    articles.purge()
    assert articles.raw(two) == b"1"


def test_a_failing_catalogue_leaves_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    articles = Articles(store)

    def fail(statement: object) -> None:
        raise StoreError("no room")

    monkeypatch.setattr(articles, "_write", fail)
    with pytest.raises(StoreError, match="no room"):
        articles.add(NEW, b"1")
    assert files(store.lake.home) == set()
    assert Articles(store).saved() == []
    assert check(store) == []


def test_a_failing_disk_leaves_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(raw: bytes, sha256: str) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.lake, "stage_raw", fail)
    with pytest.raises(StoreError, match="No space"):
        Articles(store).add(NEW, b"1")
    assert Articles(store).saved() == []


def test_imports_do_not_take_the_bytes_away(store: Store) -> None:
    """An import removes leftovers of others; the bytes of articles are listed and stay."""
    articles = Articles(store)
    one = articles.add(NEW, b"1").article
    with store.begin_import():
        pass
    assert articles.raw(one) == b"1"


def test_damaged_bytes_are_found(store: Store) -> None:
    one = Articles(store).add(NEW, b"1").article
    store.lake.raw_path(one.sha256).write_bytes(b"junk")
    assert [f.code for f in check(store)] == ["raw_damaged"]


def test_a_catalogue_of_version_1_gets_the_table(open_store: Callable[[], Store], tmp_path: Path) -> None:
    """What was there stays, and the number is that of this program afterwards."""
    store = open_store()
    path = store.lake.home / "catalogue.db"
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE articles")
        connection.execute("UPDATE schema_version SET version = 1")
        connection.execute("INSERT INTO imports (created_at, program) VALUES ('2026-01-01T00:00:00', 'old')")
    connection.close()
    again = open_store()
    assert again.catalogue.version() == tables.SCHEMA_VERSION
    assert again.catalogue.last_import() == 1
    assert Articles(again).add(NEW, b"1").outcome == "added"
