"""What services with a key share: how a series asks for them by name, and their errors."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from typing import Any

from rotascope.ingest.fetch.base import Fetcher, FetchError, Request, Response
from rotascope.ingest.providers.base import Task
from rotascope.ingest.providers.checks import about_key, check_content
from rotascope.ingest.readers.naming import clean_ticker
from rotascope.ingest.readers.sample import lines_of

_TICKER = re.compile(r"[A-Z0-9][A-Z0-9.\-]{0,14}")


def named_tasks(provider: str, series: Sequence[str] | None) -> list[Task]:
    """Return a task for each `provider:TICKER` among the series.

    Prices have several sources. One with a key answers only where it is asked for by name, so that a series
    never changes its source by itself; by default it brings nothing.

    >>> named_tasks("tiingo", ["IWM", "tiingo:spy"])
    [Task(provider='tiingo', key='tiingo:SPY', series=('SPY',))]
    """
    tickers: dict[str, None] = {}
    for name in series or ():
        head, mark, rest = name.partition(":")
        ticker = clean_ticker(rest)
        if mark and head.lower() == provider and _TICKER.fullmatch(ticker):
            tickers[ticker] = None
    return [Task(provider, f"{provider}:{ticker}", (ticker,)) for ticker in tickers]


def ticker_of(task: Task) -> str:
    """Return the ticker of a task."""
    return task.key.partition(":")[2]


def get(fetcher: Fetcher, request: Request, *, key_name: str, source: str) -> Response:
    """Fetch, and say what a refusal means for a service with a key. Raises FetchError."""
    try:
        return fetcher.get(request)
    except FetchError as error:
        # not chained: what the fetcher kept of the answer is in `detail`, without the key
        raise about_key(error, key_name, source) from None


def check(response: Response, accept: str, *, key_name: str, source: str) -> None:
    """Raise FetchError if a response is a message of the service instead of data."""
    try:
        check_content(response, source, accept)
    except FetchError as error:
        raise about_key(error, key_name, source) from None


def csv_rows(response: Response) -> tuple[list[str], list[Mapping[str, Any]]]:
    """Return the header of a CSV body and its rows by name. Cells beyond the header are dropped."""
    reader = csv.reader(line for line in lines_of(response.body) if line.strip())
    header = [cell.strip() for cell in next(reader, [])]
    return header, [dict(zip(header, cells, strict=False)) for cells in reader]
