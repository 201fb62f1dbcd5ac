"""Every source with small answers of its own, and what can be wrong with their content."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rotascope.ingest.providers import alphavantage, fmp, ishares, sec_groups, tiingo
from rotascope.ingest.providers.alphavantage import AlphaVantage
from rotascope.ingest.providers.base import Provider, Task
from rotascope.ingest.providers.fmp import Fmp
from rotascope.ingest.providers.fred import API_URL, CSV_URL, Fred
from rotascope.ingest.providers.french import FOLDER, French
from rotascope.ingest.providers.ishares import IShares
from rotascope.ingest.providers.openbb import OpenBB
from rotascope.ingest.providers.sec import FACTS_URL, Sec
from rotascope.ingest.providers.sec_answers import TICKERS_URL
from rotascope.ingest.providers.stooq import Stooq
from rotascope.ingest.providers.tiingo import Tiingo
from rotascope.ingest.providers.treasury import URL as TREASURY_URL
from rotascope.ingest.providers.treasury import Treasury
from rotascope.ingest.providers.yahoo import CHART_URL, Yahoo
from standin import answers, bars, companies, content, press
from standin.clock import NOON
from standin.server import Reply

KEY = "0123456789abcdef0123456789abcdef"
CONTACT = "Jane Doe jane@example.org"
YEARS = (2025, 2026)
Change = Callable[[bytes], bytes]

RATES, PRICES, REPORTS = "Rates and factors", "Prices", "Companies, funds and the press"
SPLIT = "missing split"
_NO_SPLITS = "there are no splits"
_PRESS = {
    "other units": "there are no figures in a citation",
    "hundredfold": "there are no figures in a citation",
    "negative": "there are no figures in a citation",
    "nan": "there are no figures in a citation",
    SPLIT: _NO_SPLITS,
}


@dataclass(frozen=True)
class Subject:
    """A source under test: its provider, a task, its good answers by address, and how to spoil their content.

    spoils: by the name of the case; what is spoilt is the answer at `spoilt`, the first address where that is
    empty. without: cases that make no sense here, and why. file: its bytes come from a person or from a
    library; nothing is fetched.
    """

    name: str
    group: str
    provider: Provider
    task: Task
    good: Mapping[str, Reply]
    spoils: Mapping[str, Change]
    without: Mapping[str, str] = field(default_factory=dict)
    spoilt: str = ""
    file: bool = False

    @property
    def main(self) -> str:
        """Return the address whose answer is spoilt."""
        return self.spoilt or next(iter(self.good))


def subjects() -> list[Subject]:
    """Return the sources, those with rates first, each with small answers of its own."""
    return [
        *(_fred(), _fred_api(), _french(), _treasury()),
        *(_yahoo(), _tiingo(), _alpha_vantage(), _fmp(), _stooq(), _openbb()),
        *(_sec(), _sec_groups(), _ishares(), _feed(), _page()),
    ]


def _same(body: bytes) -> bytes:
    return body


def _of_chart(change: Callable[[content.Chart], None]) -> Change:
    return lambda body: answers.as_json(content.changed(json.loads(body), change))


def _of_table(change: Callable[[content.Rows], None], header: str) -> Change:
    return lambda body: content.table(body.decode(), change, header).encode()


def _of_zip(change: Callable[[content.Rows], None]) -> Change:
    return lambda body: answers.zipped(content.table(answers.unzipped(body), change, ",Mkt-RF"))


def _of_api(change: Callable[[list[dict[str, str]]], None]) -> Change:
    def changed(body: bytes) -> bytes:
        document = json.loads(body)
        change(document["observations"])
        return answers.as_json(document)

    return changed


def _api_scale(factor: float, first: int, last: int | None = None) -> Change:
    def change(rows: list[dict[str, str]]) -> None:
        for row in rows[first:last]:
            row["value"] = f"{float(row['value']) * factor:.6g}"

    return _of_api(change)


def _api_put(text: str) -> Change:
    return _of_api(lambda rows: rows[40].update(value=text))


def _api_rename(rows: list[dict[str, str]]) -> None:
    for row in rows:
        row["observation"] = row.pop("value")


def _api_reorder(rows: list[dict[str, str]]) -> None:
    rows.reverse()
    for row in rows:
        row["date"] = row.pop("date")


def _tables(wrap: Callable[[Callable[[content.Rows], None]], Change]) -> dict[str, Change]:
    return {
        "renamed": wrap(content.rename),
        "reordered": wrap(content.reorder),
        "other units": wrap(content.scale(0.01)),
        "hundredfold": wrap(content.scale(100.0, 30, 35)),
        "negative": wrap(content.negate),
        "nan": wrap(content.put("NaN")),
        "text": wrap(content.put("n.m.")),
        "same again": _same,
    }


# ---- rates and factors ---------------------------------------------------------------------------------


def _fred() -> Subject:
    provider = Fred()
    good = {CSV_URL: Reply.csv(answers.fredgraph())}
    spoils = _tables(lambda change: _of_table(change, "observation_date"))
    del spoils["reordered"]
    without = {SPLIT: _NO_SPLITS, "reordered": "there is one column"}
    return Subject("FRED, CSV", RATES, provider, provider.tasks(["DGS10"])[0], good, spoils, without)


def _fred_api() -> Subject:
    provider = Fred(KEY)
    spoils = {
        "renamed": _of_api(_api_rename),
        "reordered": _of_api(_api_reorder),
        "other units": _api_scale(0.01, 0),
        "hundredfold": _api_scale(100.0, 30, 35),
        "negative": _api_scale(-1.0, 40, 41),
        "nan": _api_put("NaN"),
        "text": _api_put("n.m."),
        "same again": _same,
    }
    good = {API_URL: Reply.json(answers.api_rates())}
    task = provider.tasks(["DGS10"])[0]
    return Subject("FRED, API", RATES, provider, task, good, spoils, {SPLIT: _NO_SPLITS})


def _french() -> Subject:
    provider = French()
    task = next(t for t in provider.tasks(["FF.HML.M"]))
    good = {f"{FOLDER}*": Reply(answers.zipped(answers.factors()), content_type="application/zip")}
    return Subject("Ken French", RATES, provider, task, good, _tables(_of_zip), {SPLIT: _NO_SPLITS})


def _treasury() -> Subject:
    provider = Treasury(date(2026, 10, 1), first_year=YEARS[0])
    good = {TREASURY_URL.format(year=year): Reply.csv(answers.par_yields(year)) for year in YEARS}
    spoils = _tables(lambda change: _of_table(change, "Date"))
    newest = list(good)[-1]
    without = {SPLIT: _NO_SPLITS}
    return Subject("Treasury", RATES, provider, provider.tasks()[0], good, spoils, without, newest)


# ---- prices --------------------------------------------------------------------------------------------


def _yahoo() -> Subject:
    provider = Yahoo()
    chart = answers.chart("IWM", split=(150, 4.0))
    session = {
        "https://fc.yahoo.com/": Reply(b"", 404, headers=(("Set-Cookie", "A3=d=abcdef&S=xyz; Path=/"),)),
        "https://query1.finance.yahoo.com/v1/test/getcrumb": Reply(b"nEwCrumb.12"),
    }
    spoils = {
        "renamed": _of_chart(content.chart_rename),
        "reordered": _of_chart(content.chart_reorder),
        "other units": _of_chart(content.chart_scale(0.01, 0)),
        "hundredfold": _of_chart(content.chart_scale(100.0, 30, 35)),
        "negative": _of_chart(content.chart_scale(-1.0, 40, 41)),
        "nan": _of_chart(content.chart_put(float("nan"), 40)),
        "text": _of_chart(content.chart_put("n.m.", 40)),  # type: ignore[arg-type]
        SPLIT: _of_chart(content.chart_unsplit(150, 4.0)),
        "same again": _same,
    }
    good = {CHART_URL.format(symbol="IWM"): Reply.json(chart), **session}
    return Subject("Yahoo", PRICES, provider, provider.tasks(["IWM"])[0], good, spoils)


def _tiingo() -> Subject:
    provider = Tiingo(KEY)
    good = {tiingo.URL.format(ticker="IWM"): Reply.csv(bars.tiingo())}
    spoils = _price_tables("date", ("open", "high", "low", "close", "adjClose"))
    spoils[SPLIT] = _of_table(bars.unstate("splitFactor"), "date")
    return Subject("Tiingo", PRICES, provider, provider.tasks(["tiingo:IWM"])[0], good, spoils)


def _alpha_vantage() -> Subject:
    provider = AlphaVantage(KEY)
    good = {alphavantage.URL: Reply.csv(bars.alpha_vantage())}
    spoils = _price_tables("timestamp", ("open", "high", "low", "close", "adjusted_close"))
    spoils[SPLIT] = _of_table(bars.unstate("split_coefficient"), "timestamp")
    return Subject("Alpha Vantage", PRICES, provider, provider.tasks(["alphavantage:IWM"])[0], good, spoils)


def _fmp() -> Subject:
    provider = Fmp(KEY)
    full, adjusted = (fmp.URL + kind for kind in fmp.KINDS)
    good = {full: Reply.json(bars.fmp_full("IWM")), adjusted: Reply.json(bars.fmp_adjusted("IWM"))}
    names = ("open", "high", "low", "close")
    spoils = {
        "renamed": bars.of_list(bars.rename("close", "price")),
        "reordered": bars.of_list(bars.turn),
        "other units": bars.of_list(bars.multiply(names, 0.01, 0)),
        "hundredfold": bars.of_list(bars.multiply(names, 100.0, 30, 35)),
        "negative": bars.of_list(bars.multiply(names, -1.0, 40, 41)),
        "nan": bars.of_list(bars.write(names, float("nan"), 40)),
        "text": bars.of_list(bars.write(names, "n.m.", 40)),
        SPLIT: bars.of_list(bars.multiply(names, bars.RATIO, bars.COUNT - bars.SPLIT_AT)),
        "same again": _same,
    }
    return Subject("FMP", PRICES, provider, provider.tasks(["fmp:IWM"])[0], good, spoils)


def _stooq() -> Subject:
    provider = Stooq()
    spoils = _tables(lambda change: _of_table(change, "Date"))
    good = {"file": Reply.csv(answers.stooq())}
    spoils[SPLIT] = _of_table(bars.scale(("Open", "High", "Low", "Close"), 4.0, 1, 151), "Date")
    task = provider.tasks(["stooq:IWM"])[0]
    return Subject("Stooq, file", PRICES, provider, task, good, spoils, file=True)


def _openbb() -> Subject:
    provider = OpenBB(lambda: NOON)
    good = {"file": Reply.csv(bars.frame())}
    names = ("open", "high", "low", "close")
    spoils = _price_tables("date", names)
    spoils[SPLIT] = _of_table(bars.unsplit(names, "split_ratio"), "date")
    task = provider.tasks(["openbb:IWM"])[0]
    return Subject("OpenBB, frame", PRICES, provider, task, good, spoils, file=True)


def _price_tables(header: str, names: Sequence[str]) -> dict[str, Change]:
    """Return the changes of a CSV whose prices are in some of its columns."""

    def of(change: Callable[[content.Rows], None]) -> Change:
        return _of_table(change, header)

    return {
        "renamed": of(content.rename),
        "reordered": of(content.reorder),
        "other units": of(bars.scale(names, 0.01, 1)),
        "hundredfold": of(bars.scale(names, 100.0, 30, 35)),
        "negative": of(bars.scale(names, -1.0, 40, 41)),
        "nan": of(bars.put(names, "NaN")),
        "text": of(bars.put(names, "n.m.")),
        "same again": _same,
    }


# ---- companies, funds, the press -----------------------------------------------------------------------


def _sec() -> Subject:
    provider = Sec(CONTACT)
    task = provider.tasks(["SEC.ACME.EPS", "SEC.ACME.NETINCOME", "SEC.ACME.REVENUE"])[0]
    good = {
        FACTS_URL.format(cik=companies.CIK): Reply.json(companies.facts()),
        TICKERS_URL: Reply.json(companies.tickers()),
    }
    spoils = _records(companies.of_facts)
    return Subject("SEC, companies", REPORTS, provider, task, good, spoils, {SPLIT: _NO_SPLITS})


def _sec_groups() -> Subject:
    provider = Sec(CONTACT)
    frames = [sec_groups.FRAME_URL.format(period=p) for p in companies.periods(NOON.date())]
    made = [Reply.json(companies.frame(p)) for p in companies.periods(NOON.date())]
    good = {
        **dict(zip(frames, made, strict=True)),
        TICKERS_URL: Reply.json(companies.tickers()),
        **{
            ishares.request_of(fund).url: Reply.csv(companies.holdings(fund, date(2026, 9, 29), members=m))
            for fund, m in companies.MEMBERS.items()
        },
    }
    spoils = _records(companies.of_frame)
    del spoils["negative"]
    without = {SPLIT: _NO_SPLITS, "negative": "a company may lose money, and frames are revised"}
    return Subject("SEC, groups", REPORTS, provider, provider.tasks()[0], good, spoils, without)


def _records(wrap: Callable[[Callable[[list[dict[str, Any]]], None]], Change]) -> dict[str, Change]:
    return {
        "renamed": wrap(bars.rename("val", "value")),
        "reordered": wrap(bars.turn),
        "other units": wrap(bars.multiply(["val"], 0.01, 0)),
        "hundredfold": wrap(bars.multiply(["val"], 100.0, 5, 8)),
        "negative": wrap(bars.multiply(["val"], -1.0, 2, 3)),
        "nan": wrap(bars.write(["val"], float("nan"), 2)),
        "text": wrap(bars.write(["val"], "n.m.", 2)),
        "same again": _same,
    }


def _ishares() -> Subject:
    provider = IShares()
    good = {ishares.request_of("IWM").url: Reply.csv(companies.holdings("IWM", date(2026, 9, 29)))}
    names = ("Market Value", "Weight (%)", "Quantity")
    spoils = {
        "renamed": companies.held(content.rename),
        "reordered": companies.held(content.reorder),
        "other units": companies.held(bars.scale(names, 0.01, 1)),
        "hundredfold": companies.held(bars.scale(names, 100.0, 30, 35)),
        "negative": companies.held(bars.scale(names, -1.0, 40, 41)),
        "nan": companies.held(bars.put(names, "NaN")),
        "text": companies.held(bars.put(names, "n.m.")),
        "same again": _same,
    }
    task = provider.tasks(["HOLD.IWM"])[0]
    return Subject("iShares", REPORTS, provider, task, good, spoils, {SPLIT: _NO_SPLITS})


def _feed() -> Subject:
    provider = press.Pages()
    day = press.FIRST.strftime("%a, %d %b %Y")
    spoils = {
        "renamed": press.replaced(("<item>", "<entry>"), ("</item>", "</entry>")),
        "reordered": press.reversed_items,
        "text": press.replaced((day, "n.m.")),
        "same again": _same,
    }
    good = {press.FEED_URL: Reply(press.feed().encode(), content_type="application/rss+xml")}
    return Subject("Feed", REPORTS, provider, provider.tasks()[0], good, spoils, _PRESS)


def _page() -> Subject:
    provider = press.Pages()
    spoils = {
        "renamed": press.replaced(("article:published_time", "field_1"), ("datePublished", "field_2")),
        "reordered": press.reversed_head,
        "text": press.replaced(("2026-09-28T20:00:00Z", "n.m.")),
        "same again": _same,
    }
    good = {press.PAGE_URL: Reply.html(press.page())}
    return Subject("Article", REPORTS, provider, provider.tasks()[1], good, spoils, _PRESS)
