"""All sources in one place, and which of them a series is asked from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from rotascope.ingest.providers import alphavantage, feeds, fmp, openbb, sec, tiingo
from rotascope.ingest.providers.base import Provider, Terms, environment_key
from rotascope.ingest.providers.fred import Fred
from rotascope.ingest.providers.french import French
from rotascope.ingest.providers.ishares import IShares
from rotascope.ingest.providers.stooq import Stooq
from rotascope.ingest.providers.treasury import Treasury
from rotascope.ingest.providers.yahoo import Yahoo
from rotascope.model.errors import UnknownNameError

KEYS = {
    "fred": "FRED_API_KEY",  # optional: without it the CSV downloads are used
    "yahoo": "ROTASCOPE_YAHOO_COOKIE",  # optional: without it a cookie is fetched where one is asked for
    "sec": "ROTASCOPE_CONTACT",
    "tiingo": tiingo.KEY,
    "alphavantage": alphavantage.KEY,
    "fmp": fmp.KEY,
    "openbb": "ROTASCOPE_OPENBB_PROVIDER",  # optional: which service OpenBB asks
}
"""What each provider reads from the environment."""

KEYLESS = ("fred", "french", "treasury", "ishares", "yahoo")
"""Sources that need neither a key, nor a contact, nor a person."""


def _now() -> datetime:
    return datetime.now(UTC)


def providers(environment: Mapping[str, str], *, clock: Callable[[], datetime] = _now) -> dict[str, Provider]:
    """Return all sources by name, in the order in which a series is looked for.

    environment: keys and contact by their names in `KEYS`. Sources without their key are there too; their
    `fetch` says what is missing. clock: dates what does not come over HTTP, and tells the last year.
    """

    def told(name: str) -> str:
        return environment_key(KEYS[name], environment)

    found: tuple[Provider, ...] = (
        Fred(told("fred")),
        French(),
        Treasury(clock().date()),
        sec.Sec(told("sec")),
        IShares(),
        Yahoo(told("yahoo")),
        tiingo.Tiingo(told("tiingo")),
        alphavantage.AlphaVantage(told("alphavantage")),
        fmp.Fmp(told("fmp")),
        Stooq(),
        openbb.OpenBB(clock, behind=told("openbb")),
    )
    return {provider.name: provider for provider in found}


def provider_of(series: str, known: Mapping[str, Provider]) -> str:
    """Return the name of the one source that a series is asked from.

    That is the source named before a colon (`tiingo:IWM`), otherwise the first of `known` that brings it.
    Sources that need a key never come by themselves. Raises: UnknownNameError, which lists the sources.

    >>> provider_of("fred:DGS10", providers({})), provider_of("FF.HML.M", providers({}))
    ('fred', 'french')
    """
    before, colon, _ = series.partition(":")
    if colon and before not in known:
        raise UnknownNameError(f"No source is called '{before}'.", fix=f"Sources: {', '.join(known)}.")
    for name, provider in known.items():
        if (not colon or before == name) and provider.tasks([series]):
            return name
    where = f"{before} has no series" if colon else "No source brings"
    fix = (
        f"Name the source before a colon, as in yahoo:{series}." if not colon else "See docs/data-sources.md."
    )
    raise UnknownNameError(f"{where} '{series}'.", fix=fix)


def all_terms(known: Mapping[str, Provider]) -> dict[str, Terms]:
    """Return the terms of all sources, and those of feeds and articles, by name."""
    return {**{name: provider.terms for name, provider in known.items()}, "feeds": feeds.TERMS}
