"""A whole desk of sources on the stand-in server, as they answer on one day and on a later one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from rotascope.ingest.providers import alphavantage, fmp, ishares, tiingo
from rotascope.ingest.providers.alphavantage import AlphaVantage
from rotascope.ingest.providers.base import Provider
from rotascope.ingest.providers.fmp import Fmp
from rotascope.ingest.providers.fred import CSV_URL, Fred
from rotascope.ingest.providers.french import FOLDER, French
from rotascope.ingest.providers.ishares import IShares
from rotascope.ingest.providers.sec import FACTS_URL, Sec
from rotascope.ingest.providers.sec_answers import TICKERS_URL
from rotascope.ingest.providers.tiingo import Tiingo
from rotascope.ingest.providers.treasury import URL as TREASURY_URL
from rotascope.ingest.providers.treasury import Treasury
from rotascope.ingest.providers.yahoo import CHART_URL, Yahoo
from rotascope.model.observations import Field
from standin import answers, bars, companies
from standin.server import Reply
from standin.subjects import CONTACT, KEY


@dataclass(frozen=True)
class Day:
    """A day of an update: when it runs, the last session and release that the sources have by then."""

    now: datetime
    session: date
    release: str
    months: int
    filed: str
    held: date


FIRST = Day(
    datetime(2026, 7, 31, 12, tzinfo=UTC), date(2026, 7, 30), "202605", 117, "2026-07-31", date(2026, 7, 29)
)
SECOND = Day(
    datetime(2026, 10, 1, 12, tzinfo=UTC), date(2026, 9, 30), "202608", 120, "2026-10-01", date(2026, 9, 29)
)

# One series of each source by the key of its task, with the field that people mean.
SHOWN: Mapping[str, tuple[str, Field]] = {
    "fred:DGS10": ("DGS10", Field.VALUE),
    "french:F-F_Research_Data_Factors": ("FF.HML.M", Field.VALUE),
    "treasury:par-yields": ("UST.10Y", Field.VALUE),
    "yahoo:IWM": ("IWM", Field.CLOSE),
    "tiingo:IWB": ("IWB", Field.CLOSE),
    "alphavantage:IWD": ("IWD", Field.CLOSE),
    "fmp:IWF": ("IWF", Field.CLOSE),
    "sec:ACME": ("SEC.ACME.REVENUE", Field.VALUE),
    "ishares:IWN": ("IWN", Field.SHARES),
}


def known() -> dict[str, Provider]:
    """Return the sources by name, with keys where they want one."""
    found: tuple[Provider, ...] = (
        *(Fred(), French(), Treasury(date(2026, 7, 31), first_year=2025), Yahoo()),
        *(Tiingo(KEY), AlphaVantage(KEY), Fmp(KEY), Sec(CONTACT), IShares()),
    )
    return {provider.name: provider for provider in found}


NAMES = (
    *("DGS10", "FF.HML.M", "UST.10Y", "IWM", "tiingo:IWB", "alphavantage:IWD", "fmp:IWF"),
    *("SEC.ACME.REVENUE", "ishares:IWN"),
)
"""What an update is asked for: one task of each source."""


def good(day: Day) -> dict[str, Reply]:
    """Return the answers of all sources on a day, by address. Those of a later day go on where these end."""
    rates = [row for row in answers.rates() if row[0] <= day.session]
    sessions = [d for d in answers.sessions(200) if d <= day.session]
    chart = answers.chart("IWM", sessions, dividend=(50, 0.9))
    factors = answers.zipped(answers.factors(months=day.months, release=day.release))
    return {
        CSV_URL: Reply.csv(answers.fredgraph(rows=rates)),
        f"{FOLDER}*": Reply(factors, content_type="application/zip"),
        **{TREASURY_URL.format(year=year): Reply.csv(_yields(year, day)) for year in (2025, 2026)},
        CHART_URL.format(symbol="IWM"): Reply.json(chart),
        tiingo.URL.format(ticker="IWB"): Reply.csv(bars.tiingo(day.session)),
        alphavantage.URL: Reply.csv(bars.alpha_vantage(day.session)),
        fmp.URL + fmp.KINDS[0]: Reply.json(bars.fmp_full("IWF", day.session)),
        fmp.URL + fmp.KINDS[1]: Reply.json(bars.fmp_adjusted("IWF", day.session)),
        FACTS_URL.format(cik=companies.CIK): Reply.json(_facts(day)),
        TICKERS_URL: Reply.json(companies.tickers()),
        ishares.request_of("IWN").url: Reply.csv(companies.holdings("IWN", day.held)),
    }


TABLES = {
    "fmp": fmp.URL + fmp.KINDS[0],
}
"""Where the content of a source is spoilt, if it has several answers."""

ADDRESSES = {
    "fred": CSV_URL,
    "french": f"{FOLDER}*",
    "treasury": TREASURY_URL.format(year=2026),
    "yahoo": CHART_URL.format(symbol="IWM"),
    "tiingo": tiingo.URL.format(ticker="IWB"),
    "alphavantage": alphavantage.URL,
    "fmp": fmp.URL + "*",
    "sec": FACTS_URL.format(cik=companies.CIK),
    "ishares": ishares.request_of("IWN").url,
}
"""Where each source is made to fail: addresses that no other source has."""


def _yields(year: int, day: Day) -> str:
    header, *rows = answers.par_yields(year).splitlines()
    kept = [row for row in rows if datetime.strptime(row[:10], "%m/%d/%Y").date() <= day.session]
    return "\n".join([header, *kept, ""])


def _facts(day: Day) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(companies.facts()))
    for concept in document["facts"]["us-gaap"].values():
        for unit, rows in concept["units"].items():
            concept["units"][unit] = [row for row in rows if row["filed"] <= day.filed]
    return document


HOLDINGS_OF_IWM = ishares.request_of("IWM").url


def holdings_of_iwm(day: Day) -> Reply:
    """Return the holdings of a fund that has prices from another source."""
    return Reply.csv(companies.holdings("IWM", day.held))
