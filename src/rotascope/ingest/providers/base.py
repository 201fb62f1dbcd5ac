"""What a source must offer. A provider knows addresses and formats; it neither stores nor retries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from rotascope.ingest.fetch.base import Fetcher, Response
from rotascope.store.series import ParsedFile


@dataclass(frozen=True, slots=True)
class Terms:
    """What a user should know of a source before using it; docs/data-sources.md is generated from it.

    live: whether this connector has been run against the live service, or only against recordings.
    """

    publisher: str
    what: str
    licence: str
    terms_url: str
    revisions: str
    limits: str
    needs: str = ""  # a key, a contact address; empty if nothing
    tested: str = "recorded and documented responses"
    live: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """One unit of work of an update: it fails or succeeds as a whole, apart from all others.

    key: unique and stable (`fred:DGS10`); it names the source of what is parsed. series: what it will bring.
    """

    provider: str
    key: str
    series: tuple[str, ...]


class Provider(Protocol):
    """One public source."""

    name: str
    terms: Terms

    def tasks(self, series: Sequence[str] | None = None) -> list[Task]:
        """Return the tasks for these series, or for all that the provider brings by default.

        Series that are not this provider's are ignored.
        """

    def fetch(self, task: Task, fetcher: Fetcher, *, since: date | None = None) -> list[Response]:
        """Fetch what the task needs, most often one response. Raises FetchError."""

    def parse(self, task: Task, responses: Sequence[Response]) -> ParsedFile:
        """Return the columns, the source and the findings. What does not parse becomes a finding.

        Raises: FetchError with the code of the case where the content as a whole is not what it should be.
        """


class VintageProvider(Provider, Protocol):
    """A source that tells what was known when, so that one answer holds several vintages."""

    def parse_vintages(self, task: Task, responses: Sequence[Response]) -> list[ParsedFile]:
        """Return one file for each vintage, the oldest first. `parse` returns the newest of them."""


def raw_of(responses: Sequence[Response]) -> bytes:
    """Return the bytes whose hash is `ParsedFile.source.sha256` of a task: all bodies, one after another."""
    return b"".join(response.body for response in responses)


def asked_for(provider: str, series: str) -> str | None:
    """Return the name of a series without a provider before it, or None if it names another provider.

    >>> asked_for("yahoo", "yahoo:AZT.OL"), asked_for("yahoo", "RUT"), asked_for("yahoo", "fred:DGS10")
    ('AZT.OL', 'RUT', None)
    """
    before, colon, name = series.partition(":")
    if not colon:
        return series
    return name if before == provider else None


def environment_key(name: str, environment: Mapping[str, str]) -> str:
    """Return a key from the environment that wiring passes in, or an empty string."""
    return environment.get(name, "").strip()
