"""Stooq: read from files that a person has downloaded. It is not fetched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rotascope.ingest.fetch.base import Fetcher, FetchError, Response
from rotascope.ingest.fetch.judge import judge
from rotascope.ingest.providers.base import Task, Terms, asked_for
from rotascope.ingest.providers.parsing import finish, only, read, refused
from rotascope.ingest.readers import prices
from rotascope.ingest.readers.sample import Sample
from rotascope.store.series import ParsedFile

WHY = (
    "Stooq answers programs with a page for browsers and status 200, and limits what an address may have in "
    "a day, so nothing is fetched from it."
)
HOW = (
    "Open https://stooq.com/q/d/?s={ticker} in a browser, choose 'Download data in csv file...', and import "
    "the file: rotascope data import {ticker}_d.csv"
)


class Stooq:
    """Prices from Stooq's CSV files. Only a series asked for as `stooq:SPY` is this provider's."""

    name = "stooq"
    terms = Terms(
        publisher="Stooq",
        what="daily prices of funds, stocks and indices, as files from the browser",
        licence="for personal use; no licence for redistribution",
        terms_url="https://stooq.com",
        revisions="closes of funds were adjusted for dividends until some day, and are raw since",
        limits="a number of downloads a day, not stated",
        needs="a person: the file is downloaded in a browser",
        tested="files as downloaded",
    )

    def tasks(self, series: Sequence[str] | None = None) -> list[Task]:
        """Return a task for each series that names this provider; none by default."""
        names = [s for s in series or () if s.startswith(f"{self.name}:") and asked_for(self.name, s)]
        return [Task(self.name, name, (name.partition(":")[2].upper(),)) for name in names]

    def fetch(self, task: Task, fetcher: Fetcher, *, since: date | None = None) -> list[Response]:
        """Refuse, and say what to do. Raises: FetchError not_fetched, always."""
        ticker = task.key.partition(":")[2].lower()
        if "." not in ticker and not ticker.startswith("^"):
            ticker += ".us"
        raise FetchError("not_fetched", WHY, url="https://stooq.com", fix=HOW.format(ticker=ticker))

    def parse(self, task: Task, responses: Sequence[Response]) -> ParsedFile:
        """Read the bytes of a downloaded file."""
        response = only(task, responses)
        name = f"{task.key.partition(':')[2].lower().removesuffix('.us').replace('^', 'caret_')}_us_d.csv"
        if "caret_" in name:
            name = name.replace("_us_d", "_d")
        verdict = judge(response.body, "csv")
        if verdict is not None:
            raise refused(verdict.code, verdict.message, responses, fix=WHY)
        shape = prices.text_shape(Sample(Path(name), response.body))
        if shape is None or not shape.stooq:
            # In another order it is not known to be Stooq's, and neither is what its closes are adjusted for.
            raise refused("unexpected_shape", "The file's columns are not those of Stooq's files.", responses)
        return finish(
            read(prices.parse, "prices/1", name, response.body, response.fetched_at), task, responses
        )
