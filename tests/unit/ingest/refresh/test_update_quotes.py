"""Quotes: live where they can be had, else the last stored close, never called the price of now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from rotascope.facts.freshness import freshness
from rotascope.ingest.fetch.base import Fetcher, FetchError
from rotascope.ingest.providers.quotes import Quote as LiveQuote
from rotascope.ingest.refresh.quotes import from_close, from_live, live_quotes
from rotascope.model.errors import NotAvailableError
from rotascope.store.reader import Reader
from standin.made_up import answer, column, noon

NEW_YORK = ZoneInfo("America/New_York")


def told(series: str, last: float = 101.5, delay: int | None = 15) -> LiveQuote:
    at = datetime.fromisoformat("2026-01-30T20:45:00+00:00")
    return LiveQuote(series, last, 100.0, at, "open", delay, "USD", "Made Up", at)


class Source:
    """A source of quotes; what is an error is raised."""

    def __init__(self, all_at_once: object, one_by_one: Mapping[str, object] | None = None) -> None:
        self.all_at_once = all_at_once
        self.one_by_one = one_by_one or {}
        self.asked: list[str] = []

    def quotes(self, series: Sequence[str], fetcher: Fetcher) -> Mapping[str, LiveQuote]:
        self.asked.append("all")
        return _give(self.all_at_once)

    def quote(self, series: str, fetcher: Fetcher) -> LiveQuote:
        self.asked.append(series)
        return _give(self.one_by_one.get(series, FetchError("not_found", "No such ticker.", url="")))


def _give(what):  # type: ignore[no-untyped-def]
    if isinstance(what, Exception):
        raise what
    return what


def failure(code: str) -> FetchError:
    return FetchError(code, "It does not work.", url="https://made-up.example/")


def test_a_live_quote_says_its_time_delay_and_state() -> None:
    quote = from_live(told("SPY"), NEW_YORK)
    assert quote.change == pytest.approx(1.5)
    assert quote.change_percent == pytest.approx(1.5)
    assert quote.when() == "2026-01-30 15:45 EST, delayed by 15 minutes, the market is open"
    assert "delay not stated" in from_live(told("SPY", delay=None), NEW_YORK).when()
    assert quote.as_json()["time"] == "2026-01-30T15:45:00-05:00"


def test_each_ticker_without_a_quote_is_asked_again_the_other_way() -> None:
    source = Source({"SPY": told("SPY")}, {"IWM": told("IWM")})
    found, reasons = live_quotes(["SPY", "IWM", "NOPE"], source, None)  # type: ignore[arg-type]
    assert set(found) == {"SPY", "IWM"}
    assert reasons == {"NOPE": "not_found: No such ticker."}
    assert source.asked == ["all", "IWM", "NOPE"]


def test_a_refused_crumb_leaves_the_charts() -> None:
    source = Source(failure("unauthorised"), {"SPY": told("SPY")})
    found, reasons = live_quotes(["SPY", "IWM"], source, None)  # type: ignore[arg-type]
    assert set(found) == {"SPY"}
    assert reasons["IWM"].startswith("unauthorised")


def test_an_unreachable_source_is_asked_once() -> None:
    source = Source(failure("unreachable"))
    found, reasons = live_quotes(["SPY", "IWM"], source, None)  # type: ignore[arg-type]
    assert (found, source.asked) == ({}, ["all"])
    assert set(reasons) == {"SPY", "IWM"}


def put(bench, rows: dict[str, float | None], unit: str = "usd") -> None:  # type: ignore[no-untyped-def]
    bench.give("2026-02-02", A=answer(column("A", rows, field="close", unit=unit, frequency="daily")))
    bench.update("A")


def test_without_a_network_it_is_the_close_of_a_day(bench) -> None:
    put(bench, {"2026-01-28": 99.0, "2026-01-29": 100.0, "2026-01-30": 98.0, "2026-02-02": None})
    with Reader(bench.store) as reader:
        quote = from_close(reader, "A", date(2026, 2, 2), freshness, "unreachable: no")
        later = from_close(reader, "A", date(2026, 2, 20), freshness, "unreachable: no")
    assert (quote.kind, quote.last, quote.day, quote.prior_close) == ("close", 98.0, date(2026, 1, 30), 100.0)
    assert quote.change_percent == pytest.approx(-2.0)
    assert quote.when() == "close of 2026-01-30"
    assert "now" not in quote.when()
    assert quote.why_not_live == "unreachable: no"
    assert later.when() == "close of 2026-01-30 (late: a newer one was due)"


def test_a_close_long_before_is_no_prior_close(bench) -> None:
    put(bench, {"2025-06-30": 99.0, "2026-01-30": 98.0}, unit="index_level")
    with Reader(bench.store) as reader:
        quote = from_close(reader, "A", noon("2026-02-02").date(), freshness, "")
    assert (quote.prior_close, quote.change, quote.unit) == (None, None, "points")


def test_neither_live_nor_stored_is_an_error(bench) -> None:
    with Reader(bench.store) as reader, pytest.raises(NotAvailableError):
        from_close(reader, "A", date(2026, 2, 2), freshness, "unreachable")
    put(bench, {"2026-01-30": None})
    with Reader(bench.store) as reader, pytest.raises(NotAvailableError, match="No close of A is known"):
        from_close(reader, "A", date(2026, 2, 2), freshness, "unreachable")
