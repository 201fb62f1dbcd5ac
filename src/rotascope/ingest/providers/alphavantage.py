"""Alpha Vantage: daily adjusted prices, with a key. Its messages come with status 200, like data."""

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

KEY = "ALPHAVANTAGE_API_KEY"
URL = "https://www.alphavantage.co/query"
COLUMNS = Columns(
    date="timestamp",
    fields={
        "open": Field.OPEN,
        "high": Field.HIGH,
        "low": Field.LOW,
        "close": Field.CLOSE,
        "volume": Field.VOLUME,
        "adjusted_close": Field.ADJUSTED_CLOSE,
        "dividend_amount": Field.DIVIDEND,
        "split_coefficient": Field.SPLIT,
    },
    as_traded=True,
)


class AlphaVantage:
    """Daily bars from Alpha Vantage. `key`: the value of ALPHAVANTAGE_API_KEY, empty if there is none."""

    name = "alphavantage"
    terms = Terms(
        publisher="Alpha Vantage",
        what="daily prices, volume, dividends and splits of stocks and funds; ask for `alphavantage:TICKER`",
        licence="by contract: for your own use, not for passing on",
        terms_url="https://www.alphavantage.co/terms_of_service/",
        revisions="adjusted closes are restated at each dividend and split",
        limits="by plan; the free one allows few requests a day and may leave out adjusted prices",
        needs="`ALPHAVANTAGE_API_KEY`",
        tested="documented answers, messages with status 200 among them",
    )

    def __init__(self, key: str = "") -> None:
        self._key = key.strip()

    def tasks(self, series: Sequence[str] | None = None) -> list[Task]:
        """Return a task for each `alphavantage:TICKER`; nothing by default."""
        return keyed.named_tasks(self.name, series)

    def fetch(self, task: Task, fetcher: Fetcher, *, since: date | None = None) -> list[Response]:
        """Fetch the whole history, whatever `since`: adjusted closes are restated, and are never spliced.

        Raises: FetchError `missing_key` before anything is sent, `quota`, `unauthorised`, `forbidden` (not in
        the plan), and the fetcher's.
        """
        key = need_key(self._key, KEY, "Alpha Vantage", URL)
        request = Request(
            URL,
            params={
                "function": "TIME_SERIES_DAILY_ADJUSTED",
                "symbol": keyed.ticker_of(task),
                "outputsize": "full",
                "datatype": "csv",
            },
            secret_params={"apikey": key},
            accept="csv",
        )
        return [keyed.get(fetcher, request, key_name=KEY, source="Alpha Vantage")]

    def parse(self, task: Task, responses: Sequence[Response]) -> ParsedFile:
        """Return the daily bars. Raises FetchError `unexpected_shape`, `no_usable_rows`, and as `fetch`."""
        response = first_response(responses, "Alpha Vantage")
        keyed.check(response, "csv", key_name=KEY, source="Alpha Vantage")
        header, rows = keyed.csv_rows(response)
        need_columns(response, "Alpha Vantage", header, ("timestamp", "close", "split_coefficient"))
        out = bars(
            response,
            rows,
            COLUMNS,
            keyed.ticker_of(task),
            publisher="Alpha Vantage",
            url="https://www.alphavantage.co",
            licence=self.terms.licence,
        )
        out.reader = "alphavantage/1"
        return finish(out, task, responses)
