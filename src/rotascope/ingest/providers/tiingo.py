"""Tiingo: end-of-day prices of stocks and funds, with a key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rotascope.ingest.fetch.base import Fetcher, Request, Response
from rotascope.ingest.providers import keyed
from rotascope.ingest.providers.base import Task, Terms
from rotascope.ingest.providers.checks import first_response, need_columns, need_key
from rotascope.ingest.providers.parsing import finish
from rotascope.ingest.providers.tables import Columns, bars
from rotascope.model.observations import Field
from rotascope.store.series import ParsedFile

KEY = "TIINGO_API_KEY"
URL = "https://api.tiingo.com/tiingo/daily/{ticker}/prices"
FIRST = "1960-01-01"
COLUMNS = Columns(
    date="date",
    fields={
        "open": Field.OPEN,
        "high": Field.HIGH,
        "low": Field.LOW,
        "close": Field.CLOSE,
        "volume": Field.VOLUME,
        "adjClose": Field.ADJUSTED_CLOSE,
        "divCash": Field.DIVIDEND,
        "splitFactor": Field.SPLIT,
    },
    as_traded=True,
)


class Tiingo:
    """Daily bars from Tiingo. `key`: the value of TIINGO_API_KEY, empty if there is none."""

    name = "tiingo"
    terms = Terms(
        publisher="Tiingo",
        what="daily prices, volume, dividends and splits of US stocks and funds; ask for `tiingo:TICKER`",
        licence="by contract: for your own use, not for passing on",
        terms_url="https://www.tiingo.com/about/terms",
        revisions="corrected during the evening; adjusted closes are restated at each dividend and split",
        limits="by plan; the free one has hourly, daily and monthly allowances",
        needs="`TIINGO_API_KEY`",
        tested="documented answers",
    )

    def __init__(self, key: str = "") -> None:
        self._key = key.strip()

    def tasks(self, series: Sequence[str] | None = None) -> list[Task]:
        """Return a task for each `tiingo:TICKER`; nothing by default."""
        return keyed.named_tasks(self.name, series)

    def fetch(self, task: Task, fetcher: Fetcher, *, since: date | None = None) -> list[Response]:
        """Fetch the whole history, whatever `since`: adjusted closes are restated, and are never spliced.

        Raises: FetchError `missing_key` before anything is sent, `unauthorised`, `quota`, and the fetcher's.
        """
        ticker = keyed.ticker_of(task)
        url = URL.format(ticker=ticker.replace(".", "-"))
        key = need_key(self._key, KEY, "Tiingo", url)
        request = Request(
            url,
            params={"startDate": FIRST, "format": "csv"},
            secret_headers={"Authorization": f"Token {key}"},
            accept="csv",
        )
        return [keyed.get(fetcher, request, key_name=KEY, source="Tiingo")]

    def parse(self, task: Task, responses: Sequence[Response]) -> ParsedFile:
        """Return the daily bars. Raises FetchError `unexpected_shape`, `no_usable_rows`, and as `fetch`."""
        response = first_response(responses, "Tiingo")
        keyed.check(response, "csv", key_name=KEY, source="Tiingo")
        header, rows = keyed.csv_rows(response)
        need_columns(response, "Tiingo", header, ("date", "close", "splitFactor"))
        out = bars(
            response,
            rows,
            COLUMNS,
            keyed.ticker_of(task),
            publisher="Tiingo",
            url="https://www.tiingo.com",
            licence=self.terms.licence,
        )
        out.reader = "tiingo/1"
        return finish(out, task, responses)
