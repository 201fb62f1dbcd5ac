"""The shelf of a data home: reports published from it, and articles saved in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from rotascope.app.settings import Settings
from rotascope.model.documents import Block, Document
from rotascope.model.errors import StoreError
from rotascope.model.facts import Fact
from rotascope.model.library import Published, Shelf


class Written(Protocol):
    """A report with its facts and the files of its bundle."""

    @property
    def document(self) -> Document:
        """The text."""

    @property
    def facts(self) -> Mapping[str, Fact]:
        """The facts by id."""

    @property
    def files(self) -> Mapping[str, bytes]:
        """The files by name."""


def shelf(settings: Settings) -> Shelf:
    """Return what a new report may point to. A home that is not there yet has nothing.

    Raises: StoreError if the list of reports is damaged.
    """
    from rotascope.app.press import list_sources
    from rotascope.store.library import Library

    return Shelf(tuple(Library(settings.home).reports()), tuple(list_sources(settings)))


def remember(settings: Settings, report: Written, folder: Path, universe: str) -> str:
    """List a published report for later ones. Returns why that failed, or an empty text.

    The report itself is complete: a list that cannot be written is no reason to take it back.
    """
    from rotascope.store.library import Library

    try:
        Library(settings.home).add(entry_of(report, folder, universe))
    except StoreError as error:
        return str(error)
    return ""


def entry_of(report: Written, folder: Path, universe: str) -> Published:
    """Return the entry of a report."""
    from rotascope.report.sections.related import label_of, readings, tags_of

    document = report.document
    tags = (b.inline.text for b in document.blocks if isinstance(b, Block) and b.kind == "tags")
    return Published(
        title=document.title,
        universe=universe,
        as_of=document.as_of,
        start=document.window.start,
        end=document.window.end,
        label=label_of(document.claims),
        tags=tags_of(" ".join(tags)),
        readings=readings(report.facts.values()),
        folder=str(folder.resolve()),
        digest=str(json.loads(report.files["manifest.json"])["bundle"]),
    )
