"""Articles of the press: as they are saved, and what the check of their figures found.

`CheckedArticle` is all that a report gets to see of the audit: plain data, no code of the judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from rotascope.model.facts import Window
from rotascope.model.observations import Source, Standing
from rotascope.model.units import Unit


@dataclass(frozen=True, slots=True)
class SavedArticle:
    """One version of an article in the market database.

    `key` is shared by all versions; `version` counts from 1. `sha256` is that of the raw bytes, `text` what
    was read from them, one paragraph a line. `published` None: the page states no day, and nothing may
    cite it. `removed_at`: when it went to the trash, None outside of it.
    """

    id: str
    key: str
    version: int
    publisher: str
    title: str
    url: str
    published: date | None
    retrieved_at: datetime
    sha256: str
    media: str
    text: str
    added_at: datetime
    removed_at: datetime | None = None
    notes: tuple[str, ...] = ()

    def source(self) -> Source:
        """Return the article as the source of what it printed."""
        return Source(
            id=self.id,
            publisher=self.publisher,
            title=self.title,
            url=self.url,
            licence="the publisher's copyright",
            published=self.published,
            retrieved_at=self.retrieved_at,
            sha256=self.sha256,
            standing=Standing.REPORTED,
        )

    def as_json(self, *, with_text: bool = False) -> dict[str, Any]:
        """Return the article as JSON values."""
        out: dict[str, Any] = {
            "id": self.id,
            "version": self.version,
            "publisher": self.publisher,
            "title": self.title,
            "url": self.url,
            "published": self.published.isoformat() if self.published else None,
            "retrieved_at": self.retrieved_at.isoformat(),
            "added_at": self.added_at.isoformat(),
            "removed_at": self.removed_at.isoformat() if self.removed_at else None,
            "sha256": self.sha256,
            "media": self.media,
            "characters": len(self.text),
            "notes": list(self.notes),
        }
        return out | ({"text": self.text} if with_text else {})


class Verdict(StrEnum):
    """What the data say of a printed figure. docs/auditing.md explains each."""

    CONFIRMED = "confirmed"
    OTHER_BASE = "confirmed_with_another_base"
    ROUNDING = "rounding"
    CONTRADICTED = "contradicted"
    NOT_CHECKABLE = "not_checkable"
    REPORTED_ONLY = "reported_only"


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a figure: which metric of which series over which window.

    `label` says in words what sets this reading apart. `guessed`: nothing in the article names it.
    """

    metric: str
    series: tuple[str, ...]
    window: Window
    params: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A reading with the number that the data give, in the unit of the metric."""

    reading: Reading
    value: float
    unit: Unit
    display: str

    def as_json(self) -> dict[str, Any]:
        """Return the answer as JSON values."""
        return {
            "metric": self.reading.metric,
            "series": list(self.reading.series),
            "window": self.reading.window.as_json(),
            "params": dict(self.reading.params),
            "reading": self.reading.label,
            "value": self.value,
            "unit": str(self.unit),
            "display": self.display,
        }


@dataclass(frozen=True, slots=True)
class CheckedFigure:
    """A printed figure and its verdict.

    `printed` is in `unit` (money in millions), with its sign; `quantum` is one unit of its last printed
    digit. `literal`: what the data give for what the article says. `matching`: the reading that gives the
    printed figure, if there is one. `start`, `end`: the figure's place in the article's text.
    """

    text: str
    sentence: str
    start: int
    end: int
    printed: Decimal
    unit: Unit | None
    quantum: Decimal
    hedged: bool
    verdict: Verdict
    reason: str
    literal: Answer | None = None
    matching: Answer | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the figure as JSON values."""
        return {
            "text": self.text,
            "sentence": self.sentence,
            "start": self.start,
            "end": self.end,
            "printed": str(self.printed),
            "unit": str(self.unit) if self.unit else None,
            "quantum": str(self.quantum),
            "hedged": self.hedged,
            "verdict": str(self.verdict),
            "reason": self.reason,
            "data": self.literal.as_json() if self.literal else None,
            "matching": self.matching.as_json() if self.matching else None,
        }


@dataclass(frozen=True, slots=True)
class Remark:
    """A named pattern that the article shows: `open_as_base`, `mixed_as_of` and so on."""

    pattern: str
    message: str
    start: int = 0
    end: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the remark as JSON values."""
        return {"pattern": self.pattern, "message": self.message, "start": self.start, "end": self.end}


@dataclass(frozen=True, slots=True)
class CheckedArticle:
    """An article with the verdicts on its figures, as of one day."""

    source: Source
    as_of: date
    figures: tuple[CheckedFigure, ...]
    remarks: tuple[Remark, ...]
    quotations: tuple[str, ...] = ()
    """Sentences of the article that may be quoted, exactly as they stand in its text."""

    def as_json(self) -> dict[str, Any]:
        """Return the check as JSON values."""
        counts = {str(v): sum(f.verdict is v for f in self.figures) for v in Verdict}
        return {
            "source": self.source.id,
            "sha256": self.source.sha256,
            "as_of": self.as_of.isoformat(),
            "counts": counts,
            "figures": [f.as_json() for f in self.figures],
            "remarks": [r.as_json() for r in self.remarks],
        }


def figure_series(article: CheckedArticle, figure: CheckedFigure) -> str:
    """Return the name of the series that a printed figure is: the article and the figure's place in it."""
    return f"PRESS.{article.source.id}.{figure.start}"
