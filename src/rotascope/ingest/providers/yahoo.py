"""Yahoo Finance: daily prices from its chart service, for funds, stocks and indices."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from urllib.parse import quote

from rotascope.ingest.fetch.base import Fetcher, FetchError, Request, Response
from rotascope.ingest.providers import yahoo_chart as chart
from rotascope.ingest.providers.base import Task, Terms, asked_for
from rotascope.ingest.providers.parsing import finish, only, read, refused
from rotascope.ingest.providers.quotes import Quote
from rotascope.ingest.providers.yahoo_quotes import QUOTE_URL, quote_of_chart, quotes_of
from rotascope.ingest.providers.yahoo_session import YahooSession
from rotascope.ingest.quality.dividends import dividend_findings
from rotascope.ingest.readers import naming, yahoo_chart
from rotascope.ingest.readers.known import fred_kind, is_index, price_unit
from rotascope.model.units import Unit
from rotascope.store.series import ParsedFile

CHART_URL = "https://query2.finance.yahoo.com/v8/finance/chart/{symbol}"
DEFAULTS = (
    *("RUT", "GSPC", "DJI", "IXIC", "VIX"),
    *("IWM", "IWB", "IWD", "IWF", "VTV", "VUG", "VB", "VV", "IVE", "IVW", "IJR", "IVV", "SPY", "RSP", "QQQ"),
    *("XLE", "XLB", "XLP", "XLI", "XLRE", "XLC", "XLY", "XLU", "XLV", "XLK", "XLF"),
)
_START = -2_208_988_800  # 1900: before any of its prices
_END = 9_999_999_999  # an address that changed from day to day would never be asked what is new
_TICKER = re.compile(r"[A-Z]{1,5}([.-][A-Z]{1,2})?")
_CLASS = re.compile(r"([A-Z]{1,5})\.([ABC])")  # BRK.B is BRK-B there; other endings are exchanges
_NOT_PRICES = ("FF.", "UST.", "SEC.", "PRESS.")


class Yahoo:
    """Daily open, high, low, close, adjusted close, volume, dividends and splits; one task for a symbol.

    `close` is adjusted for splits, `adjusted_close` for dividends too and restated with each: the whole
    history is therefore fetched each time, and a part only if `since` asks for it. `cookie`: of a browser,
    for places where Yahoo wants a person's consent.
    """

    name = "yahoo"
    terms = Terms(
        publisher="Yahoo Finance",
        what="daily prices of funds, stocks and indices, dividends, splits; quotes",
        licence="for personal use; no licence for redistribution",
        terms_url="https://legal.yahoo.com/us/en/yahoo/terms/otos/index.html",
        revisions="adjusted closes are restated with each dividend, closes with each split",
        limits="not stated; one request a second is sent",
        needs="nothing; a browser's cookie (`ROTASCOPE_YAHOO_COOKIE`) where it asks for consent",
        tested="58 recorded responses, 37 pairs of broken and repaired price files, documented quotes",
    )

    def __init__(self, cookie: str = "", defaults: Sequence[str] = DEFAULTS) -> None:
        self._session = YahooSession(cookie)
        self._defaults = tuple(defaults)

    def tasks(self, series: Sequence[str] | None = None) -> list[Task]:
        """Return a task for each ticker or index, or for what is asked for as `yahoo:SYMBOL`."""
        out = []
        for wanted in self._defaults if series is None else series:
            name = asked_for(self.name, wanted)
            if name and (":" in wanted or _is_ours(name)):
                series_id = naming.clean_ticker(name)
                out.append(Task(self.name, f"{self.name}:{series_id}", (series_id,)))
        return list(dict.fromkeys(out))

    def fetch(self, task: Task, fetcher: Fetcher, *, since: date | None = None) -> list[Response]:
        """Fetch the chart, with cookie and crumb only if Yahoo asks for them."""
        begin = _START if since is None else int(datetime.combine(since, time(), UTC).timestamp())
        params = {
            "period1": str(begin),
            "period2": str(_END),
            "interval": "1d",
            "events": "div,splits",
            "includeAdjustedClose": "true",
        }
        url = CHART_URL.format(symbol=_quoted(symbol_of(task.series[0])))
        try:
            return [self._get(Request(url, params, accept="json"), fetcher)]
        except FetchError as error:
            if error.code == "bad_request" and "exist" in error.detail:
                message = f"Yahoo has no prices of {task.series[0]} in this window."
                raise FetchError("empty", message, url=error.url, status=error.status) from None
            raise

    def parse(self, task: Task, responses: Sequence[Response]) -> ParsedFile:
        """Read a chart. A last row of a session that is not over is left out, with a finding."""
        response = only(task, responses)
        series = task.series[0]
        found = chart.checked(response)
        symbol = str(found["meta"].get("symbol", ""))
        if naming.clean_ticker(symbol) != naming.clean_ticker(symbol_of(series)):
            raise refused(
                "unexpected_shape", f"The answer is about {symbol or 'nothing'}, not {series}.", responses
            )
        body, findings = chart.finished_days(found, response.fetched_at)
        parsed = read(yahoo_chart.parse, "yahoo-chart/1", f"{series}.json", body, response.fetched_at)
        parsed.findings += [*findings, *chart.oddities(response.body, found)]
        parsed.findings += dividend_findings(parsed.blocks, told=True)
        chart.rename(parsed, naming.clean_ticker(symbol), series)
        return finish(parsed, task, responses)

    def quotes(self, series: Sequence[str], fetcher: Fetcher) -> dict[str, Quote]:
        """Return quotes by series, from one request with cookie and crumb. No price, no quote."""
        symbols = {symbol_of(s): s for s in series}
        request = Request(QUOTE_URL, {"symbols": ",".join(symbols)}, accept="json", conditional=False)
        return quotes_of(self._get(self._session.signed(request, fetcher), fetcher), symbols)

    def quote(self, series: str, fetcher: Fetcher) -> Quote:
        """Return the quote of one series from its chart, which needs no cookie but states no delay."""
        params = {"range": "1d", "interval": "1d"}
        url = CHART_URL.format(symbol=_quoted(symbol_of(series)))
        response = self._get(Request(url, params, accept="json", conditional=False), fetcher)
        return quote_of_chart(chart.checked(response, rows=False), response, series)

    def _get(self, request: Request, fetcher: Fetcher) -> Response:
        try:
            return fetcher.get(request)
        except FetchError as error:
            if error.code != "unauthorised":
                raise
        # The crumb may be missing or have run out: one more try with a new one.
        self._session.forget()
        return fetcher.get(self._session.signed(request, fetcher))


def symbol_of(series: str) -> str:
    """Return Yahoo's symbol for a series.

    >>> symbol_of("RUT"), symbol_of("IWM"), symbol_of("BRK.B"), symbol_of("AZT.OL"), symbol_of("TNX")
    ('^RUT', 'IWM', 'BRK-B', 'AZT.OL', '^TNX')
    """
    if is_index(series) or price_unit(series) is Unit.PERCENT:
        return f"^{series}"
    share_class = _CLASS.fullmatch(series)
    return f"{share_class[1]}-{share_class[2]}" if share_class else series


def _is_ours(name: str) -> bool:
    if name.startswith(_NOT_PRICES) or fred_kind(name).known:
        return is_index(name)
    return is_index(name) or price_unit(name) is Unit.PERCENT or _TICKER.fullmatch(name) is not None


def _quoted(symbol: str) -> str:
    return quote(symbol, safe="")
