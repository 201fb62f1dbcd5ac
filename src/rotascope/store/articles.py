"""Articles of the press in the market database: raw bytes in the lake, everything else in the catalogue."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

import sqlalchemy as sa

from rotascope.model.errors import BadInputError, UnknownNameError
from rotascope.model.press import SavedArticle
from rotascope.store import tables as t
from rotascope.store.lake import hash_raw
from rotascope.store.store import Store

Outcome = Literal["added", "new_version", "unchanged", "restored"]
_SHORTEST_PREFIX = 4
_HASH_LETTERS = 6


@dataclass(frozen=True, slots=True)
class NewArticle:
    """What is known of an article before it is saved; see `SavedArticle`."""

    publisher: str
    title: str
    url: str
    published: date | None
    retrieved_at: datetime
    media: str
    text: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Added:
    """What became of an article: its saved version, and whether that is new."""

    article: SavedArticle
    outcome: Outcome


class Articles:
    """The articles of a store. Every change is one transaction under the store's write lock."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, new: NewArticle, raw: bytes) -> Added:
        """Save an article, unless it is there already.

        The same text under the same title, day and address is the same article, even where the raw bytes of
        the page differ in what is not text; of it the first bytes are kept. Another text under the same
        address (or, without one, of the same publisher under the same title) is a new version. One found in
        the trash comes back.
        Raises: StoreError, and nothing is saved then.
        """
        with self._store.keeping(raw) as sha256:
            known = [a for a in self.saved(with_trash=True) if a.key == _key(new)]
            same = next((a for a in known if _content(a) == _content(new)), None)
            if same is not None:
                return self._again(same, kept=sha256)
            saved = SavedArticle(
                id=self._free_id(new, sha256),
                key=_key(new),
                version=1 + max((a.version for a in known), default=0),
                sha256=sha256,
                added_at=self._store.clock(),
                **{name: getattr(new, name) for name in NewArticle.__slots__},
            )
            self._write(t.articles.insert().values(**_row(saved)))
        return Added(saved, "new_version" if saved.version > 1 else "added")

    def _again(self, same: SavedArticle, *, kept: str) -> Added:
        back = same
        if same.removed_at is not None:
            back = replace(same, removed_at=None)
            self._mark(back)
        self._forget(kept)
        return Added(back, "unchanged" if same.removed_at is None else "restored")

    def saved(self, *, with_trash: bool = False) -> list[SavedArticle]:
        """Return all articles, the latest published first; versions of one article, newest first."""
        rows = self._store.catalogue.select(sa.select(t.articles))
        found = [_article(row) for row in rows if with_trash or row["removed_at"] is None]
        return sorted(found, key=lambda a: (a.published or date.min, a.key, a.version), reverse=True)

    def find(self, name: str, *, in_trash: bool = False) -> SavedArticle:
        """Return an article by its id, or by the beginning of it if that is plain. UnknownNameError."""
        among = [a for a in self.saved(with_trash=True) if (a.removed_at is not None) == in_trash]
        exact = [a for a in among if a.id == name]
        near = [a for a in among if len(name) >= _SHORTEST_PREFIX and a.id.startswith(name)]
        found = exact or near
        if len(found) == 1:
            return found[0]
        where = "in the trash" if in_trash else "saved"
        if found:
            raise UnknownNameError(
                f"Several articles that are {where} begin with '{name}'.",
                fix=f"Name one: {', '.join(a.id for a in found)}.",
            )
        fix = "`rotascope source list --trash` shows the trash." if in_trash else "`rotascope source list`."
        raise UnknownNameError(f"No article that is {where} is called '{name}'.", fix=fix)

    def remove(self, name: str) -> SavedArticle:
        """Put an article into the trash, from which `restore` brings it back. UnknownNameError."""
        with self._store.exclusive():
            article = replace(self.find(name), removed_at=self._store.clock())
            self._mark(article)
        return article

    def restore(self, name: str) -> SavedArticle:
        """Bring an article back from the trash. UnknownNameError."""
        with self._store.exclusive():
            article = replace(self.find(name, in_trash=True), removed_at=None)
            self._mark(article)
        return article

    def purge(self) -> list[SavedArticle]:
        """Delete what is in the trash, with its raw bytes, for good; return what was deleted."""
        with self._store.exclusive():
            gone = [a for a in self.saved(with_trash=True) if a.removed_at is not None]
            self._write(t.articles.delete().where(t.articles.c.id.in_([a.id for a in gone])))
            for article in gone:
                self._forget(article.sha256)
        return gone

    def raw(self, article: SavedArticle) -> bytes:
        """Return the raw bytes of an article. Raises: StoreError if they are missing or damaged."""
        return self._store.raw(article.sha256)

    def _mark(self, article: SavedArticle) -> None:
        values = {"removed_at": article.removed_at}
        self._write(t.articles.update().where(t.articles.c.id == article.id).values(**values))

    def _write(self, statement: sa.sql.dml.UpdateBase) -> None:
        catalogue = self._store.catalogue
        with catalogue.guarded(), catalogue.engine.begin() as connection:
            connection.execute(statement)

    def _forget(self, sha256: str) -> None:
        """Delete raw bytes that nothing lists."""
        path = self._store.lake.raw_path(sha256)
        if path.relative_to(self._store.lake.home).as_posix() not in self._store.catalogue.listed_files():
            path.unlink(missing_ok=True)

    def _free_id(self, new: NewArticle, sha256: str) -> str:
        slug = re.sub(r"[^a-z0-9]+", "-", new.publisher.lower()).strip("-")[:60] or "press"
        text = "\n".join((sha256, *(str(part) for part in _content(new))))
        digest = hashlib.sha256(text.encode()).hexdigest()
        taken = {a.id for a in self.saved(with_trash=True)}
        stem = f"{slug}-{new.published or 'undated'}"
        lengths = range(_HASH_LETTERS, len(digest) + 1)
        return next(i for n in lengths if (i := f"{stem}-{digest[:n]}") not in taken)


def check_fields(new: NewArticle) -> None:
    """Refuse an article without publisher, title or text. Raises BadInputError."""
    for name in ("publisher", "title"):
        if not getattr(new, name).strip():
            raise BadInputError(f"The article states no {name}.", fix=f"Give it with --{name}.")
    if not new.text.strip():
        raise BadInputError(
            "The article has no text.", fix="Save the page from a browser, or as a text file."
        )


def _key(new: NewArticle) -> str:
    return new.url or f"{new.publisher}\n{new.title}"


def _content(article: NewArticle | SavedArticle) -> tuple[object, ...]:
    return (
        article.publisher,
        article.title,
        article.url,
        article.published,
        hash_raw(article.text.encode()),
    )


def _row(article: SavedArticle) -> dict[str, Any]:
    row = {name: getattr(article, name) for name in SavedArticle.__slots__}
    return row | {"notes": list(article.notes)}


def _article(row: Mapping[Any, Any]) -> SavedArticle:
    values = {name: row[name] for name in SavedArticle.__slots__}
    return SavedArticle(**values | {"notes": tuple(row["notes"])})
