"""Workflows that keep the database up to date: update, compare versions and sources, quote."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from rotascope.app import wiring
from rotascope.app.settings import Settings
from rotascope.facts.freshness import freshness
from rotascope.ingest.fetch.base import Fetcher
from rotascope.ingest.providers.base import Provider
from rotascope.ingest.refresh.journal import Attempt, attempts
from rotascope.ingest.refresh.outcome import UpdateReport
from rotascope.ingest.refresh.plan import plan
from rotascope.ingest.refresh.quotes import Quote, QuoteSource, from_close, from_live, live_quotes
from rotascope.ingest.refresh.reconcile import Reconciliation
from rotascope.ingest.refresh.reconcile import reconcile as compare_sources
from rotascope.ingest.refresh.refresh import UpdateProgress
from rotascope.ingest.refresh.refresh import update as run_update
from rotascope.ingest.refresh.revisions import Revision, compare
from rotascope.ingest.refresh.versions import find_version, known_on, last_two, read_block, versions
from rotascope.model.errors import BadInputError, NotAvailableError
from rotascope.model.observations import Field
from rotascope.store.blocks import BlockInfo

_NEW_YORK = "America/New_York"
_OFFLINE = "not asked for"


@dataclass(frozen=True, slots=True)
class VersionDiff:
    """Two versions of a series and what changed from one to the other."""

    old: BlockInfo
    new: BlockInfo
    revision: Revision

    def as_json(self) -> dict[str, Any]:
        """Return the versions and the difference as JSON values."""
        return {
            "from": _version_json(self.old),
            "to": _version_json(self.new),
            **self.revision.as_json(),
        }


def _version_json(block: BlockInfo) -> dict[str, Any]:
    return {
        "vintage": block.meta.vintage.isoformat() if block.meta.vintage else None,
        "version": known_on(block).isoformat(),
        "snapshot": block.snapshot,
        "source": block.source,
        "first": block.first.isoformat(),
        "last": block.last.isoformat(),
        "rows": block.rows,
        "quarantined": block.quarantined,
    }


def sources(environment: Mapping[str, str] | None = None) -> dict[str, Provider]:
    """Return all sources, with the keys that the environment has."""
    from rotascope.ingest.providers.registry import providers

    return providers(os.environ if environment is None else environment, clock=wiring.now)


@contextmanager
def open_fetcher(settings: Settings) -> Iterator[Fetcher]:
    """Open a fetcher that keeps what it gets in the data folder, and close it again."""
    from rotascope.ingest.fetch.client import HttpFetcher
    from rotascope.ingest.fetch.evidence import Evidence
    from rotascope.ingest.fetch.limits import Clock

    clock = Clock(now=wiring.now, monotonic=time.monotonic, sleep=time.sleep)
    with HttpFetcher(Evidence(settings.home / "evidence"), clock=clock) as fetcher:
        yield fetcher


def update_data(
    settings: Settings,
    names: Sequence[str] = (),
    *,
    since: date | None = None,
    progress: Callable[[UpdateProgress], None] = lambda _: None,
    known: Mapping[str, Provider] | None = None,
    fetcher: Fetcher | None = None,
) -> UpdateReport:
    """Bring series up to date from their sources. `known`, `fetcher`: others than the real ones."""
    if since is not None and since > wiring.today():
        raise BadInputError(f"--since is {since}, which is in the future.", fix="Give an earlier date.")
    with wiring.open_store(settings) as store:
        stored = store.catalogue.blocks(store.catalogue.last_import())
        tasks = plan(sources() if known is None else known, names, stored)

        def with_fetcher(fetcher: Fetcher) -> UpdateReport:
            return run_update(
                tasks,
                store=store,
                fetcher=fetcher,
                clock=wiring.now,
                today=wiring.today(),
                freshness=freshness,
                since=since,
                progress=progress,
            )

        if fetcher is not None:
            return with_fetcher(fetcher)
        with open_fetcher(settings) as opened:
            return with_fetcher(opened)


def last_attempts(settings: Settings) -> dict[str, Attempt]:
    """Return how each task of an update last ended, by its key."""
    return attempts(settings.home)


def failed_attempts(settings: Settings, series: str | None = None) -> list[Attempt]:
    """Return the tasks whose last update failed, by key: all, or those that bring a series."""
    last = sorted(last_attempts(settings).items())
    return [one for _, one in last if one.state == "failed" and (series is None or series in one.series)]


def diff(
    settings: Settings,
    series: str,
    field: Field | None = None,
    *,
    from_vintage: str | None = None,
    to_vintage: str | None = None,
) -> VersionDiff:
    """Compare two stored versions of a series: the last two of its newest source, or those named."""
    with wiring.open_reader(settings) as reader:
        blocks = reader.blocks(series)
        if not blocks:
            reader.read(series, Field.CLOSE, as_of=wiring.today())  # raises the error that names what is near
        chosen = field or _main_field({b.field for b in blocks})
        found = versions(reader, series, chosen)
        if not found:
            fields = ", ".join(sorted({b.field for b in blocks}))
            raise NotAvailableError(f"No database row is {series} {chosen}.", fix=f"It has: {fields}.")
        if from_vintage is None and to_vintage is None:
            old, new = last_two(found)
        else:
            new = find_version(found, to_vintage, "--to-vintage") if to_vintage else found[-1]
            upto = [b for b in found if b is not new] if from_vintage else found[: found.index(new) + 1]
            old = (
                find_version(upto or found, from_vintage, "--from-vintage")
                if from_vintage
                else last_two(upto)[0]
            )
        if old.meta.unit is not new.meta.unit:
            raise NotAvailableError(
                f"One version of {series} is in {old.meta.unit}, the other in {new.meta.unit}.",
                fix="Name two versions in one unit.",
            )
        return VersionDiff(old, new, compare(read_block(reader, old), read_block(reader, new)))


def _main_field(fields: set[Field]) -> Field:
    usual = (Field.CLOSE, Field.VALUE, Field.ADJUSTED_CLOSE, Field.FLOW)
    return next((f for f in usual if f in fields), min(fields))


def reconcile(settings: Settings, series: Sequence[str] = ()) -> Reconciliation:
    """Compare the sources of series, and printed figures with the database."""
    with wiring.open_reader(settings) as reader:
        return compare_sources(reader, series, as_of=wiring.today())


def quote(
    settings: Settings,
    tickers: Sequence[str],
    *,
    offline: bool = False,
    source: QuoteSource | None = None,
    fetcher: Fetcher | None = None,
) -> list[Quote]:
    """Return quotes in the order asked for: live where that can be had, else the last stored close.

    Raises: NotAvailableError for a ticker that has neither.
    """
    from rotascope.ingest.readers.naming import clean_ticker

    names = list(dict.fromkeys(clean_ticker(t) for t in tickers))
    found: dict[str, Quote] = {}
    reasons = dict.fromkeys(names, _OFFLINE)
    if not offline:
        live, reasons = _ask(settings, names, source, fetcher)
        found = {name: from_live(one, ZoneInfo(_NEW_YORK)) for name, one in live.items()}
    missing = [name for name in names if name not in found]
    if missing:
        with wiring.open_reader(settings) as reader:
            for name in missing:
                found[name] = _close(reader, name, reasons[name])
    return [found[name] for name in names]


def _ask(
    settings: Settings, names: Sequence[str], source: QuoteSource | None, fetcher: Fetcher | None
) -> tuple[dict[str, Any], dict[str, str]]:
    from rotascope.ingest.providers.yahoo import Yahoo

    asked = source or Yahoo(os.environ.get("ROTASCOPE_YAHOO_COOKIE", ""))
    if fetcher is not None:
        return live_quotes(names, asked, fetcher)
    with open_fetcher(settings) as opened:
        return live_quotes(names, asked, opened)


def _close(reader: Any, name: str, why: str) -> Quote:
    try:
        return from_close(reader, name, wiring.today(), freshness, why)
    except NotAvailableError as error:
        raise NotAvailableError(f"{name} has no quote ({why}) and no stored close.", fix=str(error)) from None
