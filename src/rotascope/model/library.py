"""Earlier reports and saved articles that a new report may point to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rotascope.model.press import SavedArticle

LABELS = ("", "positive", "negative", "mixed", "neutral")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Published:
    """A report as it was published: what it is about, and where it lies.

    `readings`: the metrics that stand for its subjects, each with its series, as `metric series series`.
    `digest`: the sha256 of its bundle, from its manifest. `label` is empty where it has none.
    """

    title: str
    universe: str
    as_of: date
    start: date
    end: date
    label: str
    tags: tuple[str, ...]
    readings: tuple[str, ...]
    folder: str
    digest: str

    def as_json(self) -> dict[str, Any]:
        """Return the entry as JSON values."""
        return {
            "title": self.title,
            "universe": self.universe,
            "as_of": self.as_of.isoformat(),
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "label": self.label,
            "tags": list(self.tags),
            "readings": list(self.readings),
            "folder": self.folder,
            "digest": self.digest,
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Published:
        """Return the entry of JSON values.

        Raises: KeyError, TypeError or ValueError for another shape, or what a report may not print.
        """
        title, digest, label = (_text(raw[k]) for k in ("title", "digest", "label"))
        if not (title.isprintable() and title.strip() and _DIGEST.fullmatch(digest)):
            raise ValueError("the title or the digest is not one")
        if label not in LABELS:
            raise ValueError(f"{label!r} is not a label")
        return cls(
            title=title,
            universe=_text(raw["universe"]),
            as_of=date.fromisoformat(raw["as_of"]),
            start=date.fromisoformat(raw["start"]),
            end=date.fromisoformat(raw["end"]),
            label=label,
            tags=tuple(_text(v) for v in raw["tags"]),
            readings=tuple(_text(v) for v in raw["readings"]),
            folder=_text(raw["folder"]),
            digest=digest,
        )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a report may point to. An empty one gives no related reading."""

    reports: tuple[Published, ...] = ()
    articles: tuple[SavedArticle, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Related:
    """One entry of related reading, as report.json lists it.

    `as_of`: of a report the day it looks from, of an article the day it appeared. `window` and `label` are
    those of a report. `why`: what it has in common with this one, a clause without a full stop.
    """

    title: str
    publisher: str
    as_of: date
    digest: str
    why: str
    window: tuple[date, date] | None = None
    label: str = ""
    url: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the entry as in report.json."""
        start, end = self.window or (None, None)
        window = {"start": start.isoformat(), "end": end.isoformat()} if start and end else None
        return {
            "title": self.title,
            "publisher": self.publisher,
            "as_of": self.as_of.isoformat(),
            "window": window,
            "label": self.label,
            "digest": self.digest,
            "url": self.url,
            "why": self.why,
        }

    def text(self) -> str:
        """Return the text of its item; what is empty is left out."""
        parts = [f'"{self.title}"', self.publisher, self.as_of.isoformat()]
        if self.window is not None:
            parts.append(f"{self.window[0].isoformat()} to {self.window[1].isoformat()}")
        if self.label:
            parts.append(f"label {self.label}")
        url = f" {self.url}" if self.url else ""
        return f"{', '.join(parts)}. {self.why}.{url}"
