"""Financial Modeling Prep: end-of-day prices, with a key, from two answers for each security."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rotascope.ingest.fetch.base import Fetcher, Request, Response
from rotascope.ingest.providers import keyed
from rotascope.ingest.providers.base import Task, Terms
from rotascope.ingest.providers.checks import first_response, need_columns, need_key, read_json, refuse
from rotascope.ingest.providers.parsing import finish
from rotascope.ingest.providers.tables import Columns, bars
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field
from rotascope.store.series import ParsedFile

KEY = "FMP_API_KEY"
URL = "https://financialmodelingprep.com/stable/historical-price-eod/"
KINDS = ("full", "dividend-adjusted")
FIRST = "1970-01-01"
COLUMNS = Columns(
    date="date",
    fields={
        "open": Field.OPEN,
        "high": Field.HIGH,
        "low": Field.LOW,
        "close": Field.CLOSE,
        "volume": Field.VOLUME,
        "adjClose": Field.ADJUSTED_CLOSE,
    },
    as_traded=False,
)


class Fmp:
    """Daily bars from Financial Modeling Prep. `key`: the value of FMP_API_KEY, empty if there is none."""

    name = "fmp"
    terms = Terms(
        publisher="Financial Modeling Prep",
        what="daily prices and volume of stocks, funds and indices; ask for `fmp:TICKER`",
        licence="by contract: for your own use, not for passing on",
        terms_url="https://site.financialmodelingprep.com/terms-of-service",
        revisions="adjusted closes are restated at each dividend, all closes at each split",
        limits="by plan; the free one allows few requests a day and some years",
        needs="`FMP_API_KEY`",
        tested="documented answers",
    )

    def __init__(self, key: str = "") -> None:
        self._key = key.strip()

    def tasks(self, series: Sequence[str] | None = None) -> list[Task]:
        """Return a task for each `fmp:TICKER`; nothing by default."""
        return keyed.named_tasks(self.name, series)

    def fetch(self, task: Task, fetcher: Fetcher, *, since: date | None = None) -> list[Response]:
        """Fetch both whole histories, whatever `since`: adjusted closes are restated, and are never spliced.

        Raises: FetchError `missing_key` before anything is sent, `quota`, `unauthorised`, `forbidden` (not in
        the plan), and the fetcher's.
        """
        key = need_key(self._key, KEY, "Financial Modeling Prep", URL)
        ticker = keyed.ticker_of(task)
        requests = [
            Request(
                URL + kind,
                params={"symbol": ticker, "from": FIRST},
                secret_params={"apikey": key},
                accept="json",
            )
            for kind in KINDS
        ]
        return [keyed.get(fetcher, r, key_name=KEY, source="Financial Modeling Prep") for r in requests]

    def parse(self, task: Task, responses: Sequence[Response]) -> ParsedFile:
        """Return the daily bars; without the second answer there is no adjusted close, and a finding.

        Raises: FetchError `unexpected_shape`, `no_usable_rows` and those of a wall.
        """
        ticker = keyed.ticker_of(task)
        full = first_response(responses, "Financial Modeling Prep")
        rows = _rows(full, ticker, "close")
        adjusted = _rows(responses[1], ticker, "adjClose") if len(responses) > 1 else []
        by_day = {row.get("date"): row.get("adjClose") for row in adjusted}
        merged = [{**row, "adjClose": by_day.get(row.get("date"))} for row in rows] if adjusted else rows
        out = bars(
            full,
            merged,
            COLUMNS,
            ticker,
            publisher="FMP",
            url="https://financialmodelingprep.com",
            licence=self.terms.licence,
        )
        only = {row.get("date") for row in rows} ^ set(by_day) if adjusted else set()
        if only:
            message = f"{len(only)} days of {ticker} are in one of the two answers only."
            out.findings.append(Finding("answers_differ", Severity.WARNING, message, ticker, count=len(only)))
        if not adjusted:
            message = f"There is no answer with adjusted closes of {ticker}."
            out.findings.append(Finding("no_adjusted_close", Severity.WARNING, message, ticker))
        out.reader = "fmp/1"
        return finish(out, task, responses)


def _rows(response: Response, ticker: str, column: str) -> list[Mapping[str, Any]]:
    """Return the rows of an answer: a list, or the older form with the list under `historical`."""
    keyed.check(response, "json", key_name=KEY, source="Financial Modeling Prep")
    document = read_json(response, "Financial Modeling Prep")
    rows = document.get("historical") if isinstance(document, dict) else document
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise refuse(response, "unexpected_shape", "Financial Modeling Prep sent no list of days.")
    if not rows:
        raise refuse(
            response, "empty", f"Financial Modeling Prep has no prices of {ticker}.", "Check the ticker."
        )
    need_columns(response, "Financial Modeling Prep", rows[0], ("date", column))
    others = {str(row["symbol"]) for row in rows if "symbol" in row} - {ticker}
    if others:
        raise refuse(
            response, "unexpected_shape", f"The prices are those of {', '.join(sorted(others)[:3])}."
        )
    return rows
