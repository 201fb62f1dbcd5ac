"""Any other source of daily prices through OpenBB, which is an extra: `pip install rotascope[openbb]`.

OpenBB does the fetching. What it returns is written down as CSV, and those bytes are the evidence: what the
service behind it sent is not seen here, and the source says so.
"""

from __future__ import annotations

import importlib
import io
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from rotascope.ingest.fetch.base import Fetcher, FetchError, Response
from rotascope.ingest.providers import keyed
from rotascope.ingest.providers.base import Task, Terms
from rotascope.ingest.providers.checks import first_response, need_columns
from rotascope.ingest.providers.parsing import finish
from rotascope.ingest.providers.tables import Columns, bars
from rotascope.model.observations import Field
from rotascope.store.series import ParsedFile

COLUMNS = Columns(
    date="date",
    fields={
        "open": Field.OPEN,
        "high": Field.HIGH,
        "low": Field.LOW,
        "close": Field.CLOSE,
        "volume": Field.VOLUME,
        "adj_close": Field.ADJUSTED_CLOSE,
        "dividend": Field.DIVIDEND,
        "split_ratio": Field.SPLIT,
    },
    as_traded=False,
)
FIRST = "1990-01-01"
_URL = "openbb:equity.price.historical"


class OpenBB:
    """Daily bars through OpenBB. clock: dates what came; behind: OpenBB's name of the service to ask."""

    name = "openbb"
    terms = Terms(
        publisher="the service that OpenBB asks",
        what="daily prices of whatever OpenBB reaches, adjusted for splits; ask for `openbb:TICKER`",
        licence="that of the service; OpenBB itself is under the AGPL",
        terms_url="https://docs.openbb.co",
        revisions="as the service behind it",
        limits="as the service behind it",
        needs="the extra `openbb`, and the keys that OpenBB asks for",
        tested="a stand-in for the library",
    )

    def __init__(self, clock: Callable[[], datetime], *, behind: str = "") -> None:
        self._clock = clock
        self._behind = behind

    def tasks(self, series: Sequence[str] | None = None) -> list[Task]:
        """Return a task for each `openbb:TICKER`; nothing by default."""
        return keyed.named_tasks(self.name, series)

    def fetch(self, task: Task, fetcher: Fetcher, *, since: date | None = None) -> list[Response]:
        """Ask OpenBB for the whole history. `fetcher` is not used.

        Raises: FetchError `not_installed` if the extra is not installed, `source_error` for whatever OpenBB
        raises, with its class only: its messages may hold addresses with keys.
        """
        query = {"symbol": keyed.ticker_of(task), "start_date": FIRST, "interval": "1d"}
        if self._behind:
            query["provider"] = self._behind
        url = f"{_URL}?{urlencode(query)}"
        ask = _historical(url)
        try:
            frame = ask(**query).to_df()
        except Exception as error:  # the library's errors have no common class
            message = f"OpenBB failed for {keyed.ticker_of(task)}: {type(error).__name__}."
            raise FetchError("source_error", message, url=url, fix="Try it in OpenBB itself.") from None
        return [Response(url, 200, {"content-type": "text/csv"}, frame_bytes(frame), self._clock())]

    def parse(self, task: Task, responses: Sequence[Response]) -> ParsedFile:
        """Return the daily bars. Raises FetchError `empty`, `unexpected_shape`, `no_usable_rows`."""
        response = first_response(responses, "OpenBB")
        keyed.check(response, "csv", key_name="the keys of OpenBB", source="OpenBB")
        header, rows = keyed.csv_rows(response)
        need_columns(response, "OpenBB", header, ("date", "close"))
        licence = f"that of the service behind OpenBB{f' ({self._behind})' if self._behind else ''}"
        out = bars(
            response,
            rows,
            COLUMNS,
            keyed.ticker_of(task),
            publisher="OpenBB",
            url=response.url,
            licence=licence,
        )
        out.reader = "openbb/1"
        return finish(out, task, responses)


def _historical(url: str) -> Callable[..., Any]:
    """Return OpenBB's function for histories; the library is imported here and nowhere else."""
    try:
        library = importlib.import_module("openbb")
    except ImportError as error:
        raise FetchError(
            "not_installed",
            "This needs OpenBB, which is not installed.",
            url=url,
            fix="Install it: pip install 'rotascope[openbb]'.",
        ) from error
    found: Callable[..., Any] = library.obb.equity.price.historical
    return found


def frame_bytes(frame: Any) -> bytes:
    """Return a data frame as CSV: the index, if it is named, and all columns; missing cells are empty."""
    named = getattr(frame.index, "name", None)
    out = io.StringIO()
    (frame.reset_index() if named else frame).to_csv(out, index=False, lineterminator="\n")
    return out.getvalue().encode()
