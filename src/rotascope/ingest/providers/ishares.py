"""iShares funds: what they hold, how many shares are outstanding, and what flowed in or out.

`HOLD.<fund>.<holding>` and the field `shares` of `<fund>` come from the holdings file, which says itself
which day it describes. Flows are derived from shares and prices by `flow_block`, never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from rotascope.ingest import calendar
from rotascope.ingest.fetch.base import Fetcher, FetchError, Request, Response
from rotascope.ingest.providers.base import Task, Terms, asked_for
from rotascope.ingest.providers.checks import check_content, refuse
from rotascope.ingest.providers.holdings_checks import holdings_findings
from rotascope.ingest.providers.parsing import finish
from rotascope.ingest.readers.base import Context
from rotascope.ingest.readers.holdings import parse_csv
from rotascope.ingest.readers.sample import Sample, lines_of
from rotascope.model.errors import BadInputError
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field, Frequency, SeriesMeta
from rotascope.model.units import Unit
from rotascope.store.series import DateArray, FloatArray, ParsedFile, SeriesBlock, to_date

SITE = "https://www.ishares.com/us/products"
MOST_DAYS = 30
"""Sessions of history that one update asks for at most: one request each."""
READER = "ishares/1"

FUNDS = {
    "IWM": "239710/ishares-russell-2000-etf",
    "IWN": "239712/ishares-russell-2000-value-etf",
    "IWO": "239709/ishares-russell-2000-growth-etf",
    "IWB": "239707/ishares-russell-1000-etf",
    "IWD": "239708/ishares-russell-1000-value-etf",
    "IWF": "239706/ishares-russell-1000-growth-etf",
    "IWV": "239714/ishares-russell-3000-etf",
    "IVV": "239726/ishares-core-sp-500-etf",
    "IVE": "239728/ishares-sp-500-value-etf",
    "IVW": "239725/ishares-sp-500-growth-etf",
    "IJR": "239774/ishares-core-sp-smallcap-etf",
}
"""Funds whose pages are known: number and name of the product."""
DEFAULT = ("IWM", "IWB", "IWD", "IWF")


class IShares:
    """Holdings and shares outstanding of iShares funds."""

    name = "ishares"
    terms = Terms(
        publisher="iShares (BlackRock)",
        what="holdings of its funds with weights, and shares outstanding with the day they are as of; flows "
        "are derived from shares and prices",
        licence="all rights reserved; for your own research, not for passing on",
        terms_url="https://www.ishares.com/us/legal/terms-and-conditions",
        revisions="a day's file is seldom changed afterwards; shares outstanding run a day ahead of prices",
        limits="none published; two requests a second at most are sent; programs at times get a web page",
        tested="recorded holdings files of IWM, IWB and IWV",
    )

    def tasks(self, series: Sequence[str] | None = None) -> list[Task]:
        """Return a task for each fund: of `HOLD.<fund>`, of a holding, or `ishares:<fund>`."""
        funds = DEFAULT if series is None else tuple(dict.fromkeys(f for s in series if (f := _fund(s))))
        return [Task(self.name, f"ishares:{fund}", (f"HOLD.{fund}", fund)) for fund in funds]

    def fetch(self, task: Task, fetcher: Fetcher, *, since: date | None = None) -> list[Response]:
        """Fetch the newest file; with `since` also those of the sessions before, 30 at most."""
        fund = task.key.removeprefix("ishares:")
        newest = fetcher.get(request_of(fund))
        check_holdings(newest)
        if since is None:
            return [newest]
        described = parse_day_file(fund, newest)
        days = [to_date(b.dates[0]) for b in described.blocks[:1]]
        if not days or since >= days[0]:
            return [newest]
        earlier = calendar.sessions(since, days[0] - timedelta(days=1))[-MOST_DAYS:]
        out = []
        for day in earlier:
            response = fetcher.get(request_of(fund, to_date(day)))
            if response.body != newest.body:
                out.append(response)
        return [*out, newest]

    def parse(self, task: Task, responses: Sequence[Response]) -> ParsedFile:
        """Return the holdings and shares of all files, one row for each day a file describes.

        A file for a day without data (a table of no rows) is a finding, and so is a second file for a day.
        Raises: FetchError `wall`, `unexpected_shape`, `empty`, `no_usable_rows`.
        """
        fund = task.key.removeprefix("ishares:")
        files = []
        for response in responses:
            check_holdings(response)
            parsed = parse_day_file(fund, response)
            parsed.findings += holdings_findings(fund, parsed)
            files.append(parsed)
        if not files:
            raise FetchError("empty", "iShares brought no answer to read.", url=SITE, fix="Fetch it again.")
        out = files[-1]
        if len(files) > 1:
            out = _joined(fund, files)
        out.reader = READER
        return finish(out, task, responses)


def _fund(series: str) -> str:
    """Return the fund a series is about, empty if it is none of ours."""
    name = asked_for("ishares", series) or ""
    head, _, rest = name.partition(".")
    fund = rest.split(".")[0] if head == "HOLD" else name if ":" in series else ""
    return fund if fund in FUNDS else ""


def request_of(fund: str, day: date | None = None) -> Request:
    """Return the request for a fund's holdings, of the newest day unless one is given."""
    if fund not in FUNDS:
        raise BadInputError(f"The page of the fund '{fund}' is not known.", fix=f"Known: {', '.join(FUNDS)}.")
    params = {"fileType": "csv", "fileName": f"{fund}_holdings", "dataType": "fund"}
    if day is not None:
        params["asOfDate"] = day.strftime("%Y%m%d")
    return Request(f"{SITE}/{FUNDS[fund]}/1467271812596.ajax", params=params, accept="csv")


def check_holdings(response: Response) -> None:
    """Raise FetchError if a response is no holdings file: a page, an error, or other columns."""
    check_content(response, "iShares", "csv")
    header = next((line for line in lines_of(response.body)[:30] if "Ticker" in line or "Name," in line), "")
    names = [cell.strip().strip('"').lower() for cell in header.split(",")]
    need = {"ticker", "name", "weight (%)", "market value"}
    if not need <= set(names):
        missing = ", ".join(sorted(need - set(names)))
        raise refuse(
            response,
            "unexpected_shape",
            f"iShares sent a file without the columns {missing}.",
            "The issuer may have changed its format; report it, and keep the last good data.",
        )


def parse_day_file(fund: str, response: Response) -> ParsedFile:
    """Return what one file holds; the fund's name is that of the request."""
    context = Context(Path(f"{fund}_holdings.csv"), response.body, response.fetched_at)
    if Sample(context.path, response.body).kind != "text":
        raise refuse(response, "wall", f"iShares sent something else than a table of {fund}.")
    parsed = parse_csv(context)
    parsed.source = replace(parsed.source, url=response.url)
    return parsed


def _joined(fund: str, files: Sequence[ParsedFile]) -> ParsedFile:
    """Return the files of several days as one, by series and field; a later file of a day comes first."""
    newest = files[-1]
    source = replace(newest.source, id=f"ishares:{fund}:{newest.source.sha256[:8]}", title=f"{fund} holdings")
    out = ParsedFile(source=source)
    by_key: dict[tuple[str, Field], dict[np.datetime64, float]] = {}
    metas: dict[tuple[str, Field], SeriesMeta] = {}
    seen: set[np.datetime64] = set()
    for parsed in reversed(files):
        out.findings.extend(parsed.findings)
        out.rows_read += parsed.rows_read
        days = {day for block in parsed.blocks for day in block.dates}
        if days & seen:
            message = f"Two files of {fund} describe {min(days & seen)}; the one fetched last is used."
            out.findings.append(Finding("repeated_file", Severity.INFO, message, series=f"HOLD.{fund}"))
            continue
        seen |= days
        for block in parsed.blocks:
            key = (block.meta.series, block.meta.field)
            metas.setdefault(key, replace(block.meta, source=source.id))
            by_key.setdefault(key, {}).update(zip(block.dates, block.values, strict=True))
    for key, rows in by_key.items():
        dates = np.array(sorted(rows), dtype="datetime64[D]")
        out.blocks.append(SeriesBlock(metas[key], dates, np.array([rows[day] for day in dates])))
    return out


def daily_flows(
    share_days: DateArray, shares: FloatArray, price_days: DateArray, price: FloatArray
) -> tuple[DateArray, FloatArray]:
    """Return the net flow of each session: (shares of the next session - shares of the day) x NAV of the day.

    Shares files run a day ahead: what was created on a day is in the count of the next session. Positive is
    money coming in, in the unit of the price.

    Parameters: share_days, shape (n,), and price_days, shape (m,): datetime64[D], strictly ascending; shares
    and price (NAV per share, or a price in its place) of the same shapes, NaN = unknown.
    Returns: the sessions from the first to the one before the last day with shares, shape (k,), and their
    flows, NaN where the shares of the day or of the next session, or the NAV, are unknown: a missing day
    makes two flows unknown, none of them zero. The last day has no flow yet. Days that are no session are
    left out.
    Raises: BadInputError if days do not ascend, shapes differ, or a value is negative.

    >>> days = np.array(["2026-01-05", "2026-01-06", "2026-01-07"], dtype="datetime64[D]")
    >>> daily_flows(days, np.array([100.0, 110.0, 105.0]), days, np.array([10.0, 20.0, 30.0]))[1].tolist()
    [100.0, -100.0]
    """
    _check("shares", share_days, shares)
    _check("prices", price_days, price)
    if len(share_days) == 0:
        return share_days[:0], shares[:0]
    sessions = calendar.sessions(to_date(share_days[0]), to_date(share_days[-1]))
    known = _on(sessions, share_days, shares)
    nav = _on(sessions, price_days, price)
    return sessions[:-1].copy(), (known[1:] - known[:-1]) * nav[:-1]


def _check(what: str, days: DateArray, values: FloatArray) -> None:
    if days.shape != values.shape or days.ndim != 1:
        raise BadInputError(
            f"There are {days.shape} days and {values.shape} {what}.", fix="Give one for each."
        )
    if bool((np.diff(days).astype(np.int64) <= 0).any()):
        raise BadInputError(f"The days of the {what} do not ascend.", fix="Sort them and keep one row a day.")
    if bool((values < 0).any()):
        day = days[int(np.argmax(values < 0))]
        raise BadInputError(f"The {what} are negative on {day}.", fix="Leave the value out, as unknown.")


def _on(sessions: DateArray, days: DateArray, values: FloatArray) -> FloatArray:
    """Return the values on the sessions, NaN where there is none."""
    out = np.full(len(sessions), np.nan)
    _, at, of = np.intersect1d(sessions, days, assume_unique=True, return_indices=True)
    out[at] = values[of]
    return out


def flow_block(shares: SeriesBlock, price: SeriesBlock) -> SeriesBlock | None:
    """Return the flows of a fund from its shares and its NAV or closes, None without two sessions.

    The vintage is the last day with shares, since the last flow cannot be known before; nothing is visible
    earlier. What stands for the NAV is in the attributes. Raises: BadInputError as `daily_flows`, or if the
    blocks are not shares and a price in dollars.
    """
    if shares.meta.field is not Field.SHARES or price.meta.field not in (Field.NAV, Field.CLOSE):
        raise BadInputError(
            f"A flow needs shares and nav or close, not {shares.meta.field} and {price.meta.field}.",
            fix="Give the shares first.",
        )
    if price.meta.unit is not Unit.USD or price.meta.series != shares.meta.series:
        raise BadInputError(
            f"A flow of {shares.meta.series} needs its own price in dollars, not {price.meta.series} "
            f"in {price.meta.unit}.",
            fix="Give the price of the fund itself.",
        )
    dates, values = daily_flows(shares.dates, shares.values, price.dates, price.values)
    if not len(dates):
        return None
    meta = SeriesMeta(
        series=shares.meta.series,
        field=Field.FLOW,
        unit=Unit.USD,
        frequency=Frequency.DAILY,
        source=shares.meta.source,
        vintage=to_date(shares.dates[-1]),
        retrieved_at=shares.meta.retrieved_at,
        attributes={
            "derived": "(shares of the next session - shares of the day) x price of the day",
            "price": f"{price.meta.field} from {price.meta.source}",
        },
    )
    return SeriesBlock(meta, dates, values)
