"""Services with a key: splits by hand, messages with status 200, and keys that never show."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope.ingest.fetch.base import CODES, FetchError, Response
from rotascope.ingest.providers import alphavantage, fmp, tiingo
from rotascope.ingest.providers.alphavantage import AlphaVantage
from rotascope.ingest.providers.base import Provider, Task
from rotascope.ingest.providers.fmp import Fmp
from rotascope.ingest.providers.openbb import OpenBB
from rotascope.ingest.providers.tables import adjust_for_splits
from rotascope.ingest.providers.tiingo import Tiingo
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.blocks import validate
from rotascope.store.series import FloatArray, ParsedFile
from standin.server import Reply, StandIn

AT = datetime(2026, 9, 1, 12, tzinfo=UTC)
SECRET = "k3y-9f8e7d6c5b4a"

TIINGO = """date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor
2026-01-05,100.0,102.0,98.0,99.0,1000,24.5,1,1,1,4000,0.0,1.0
2026-01-06,104.0,105.0,99.0,100.0,1100,25.7,1,1,1,4400,2.0,1.0
2026-01-07,26.5,27.0,26.0,26.2,4000,26.5,1,1,1,4000,0.0,4.0
"""
ALPHA = """timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient
2026-01-07,26.2,27.0,26.0,26.5,26.5,4000,0.0000,4.0
2026-01-06,100.0,105.0,99.0,104.0,25.7,1100,2.0000,1.0
2026-01-05,99.0,102.0,98.0,100.0,24.5,1000,0.0000,1.0
"""


def fmp_full() -> list[dict[str, Any]]:
    rows = [("2026-01-07", 26.5, 4000), ("2026-01-06", 26.0, 4400), ("2026-01-05", 25.0, 4000)]
    return [
        {"symbol": "AAA", "date": d, "open": c, "high": c, "low": c, "close": c, "volume": v}
        for d, c, v in rows
    ]


def fmp_adjusted() -> list[dict[str, Any]]:
    rows = [("2026-01-07", 26.5), ("2026-01-06", 25.7), ("2026-01-05", 24.5)]
    return [{"symbol": "AAA", "date": d, "adjOpen": c, "adjClose": c, "volume": 1} for d, c in rows]


def answer(body: Any, status: int = 200) -> Response:
    data = (
        body.encode()
        if isinstance(body, str)
        else body
        if isinstance(body, bytes)
        else json.dumps(body).encode()
    )
    return Response("https://example.org/x", status, {}, data, AT)


def column(parsed: ParsedFile, field: Field) -> dict[str, float]:
    for block in parsed.blocks:
        if block.meta.field is field:
            return {str(d): float(v) for d, v in zip(block.dates, block.values, strict=True)}
    return {}


def parse(provider: Provider, *bodies: Any, ticker: str = "AAA") -> ParsedFile:
    task = Task(provider.name, f"{provider.name}:{ticker}", (ticker,))
    parsed = provider.parse(task, [answer(body) for body in bodies])
    validate(parsed)
    return parsed


def code_of(provider: Provider, *bodies: Any) -> str:
    with pytest.raises(FetchError) as caught:
        parse(provider, *bodies)
    assert caught.value.code in CODES
    return caught.value.code


# ---- values --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("provider", "body"), [(Tiingo(SECRET), TIINGO), (AlphaVantage(SECRET), ALPHA)])
def test_prices_as_traded_are_adjusted_for_later_splits_only(provider: Provider, body: str) -> None:
    parsed = parse(provider, body)
    # four new shares for one on the 7th: what came before is a quarter, dividends too, volume four times
    assert column(parsed, Field.CLOSE) == {"2026-01-05": 25.0, "2026-01-06": 26.0, "2026-01-07": 26.5}
    assert column(parsed, Field.OPEN)["2026-01-05"] == 24.75
    assert column(parsed, Field.VOLUME) == {"2026-01-05": 4000, "2026-01-06": 4400, "2026-01-07": 4000}
    assert column(parsed, Field.DIVIDEND) == {"2026-01-06": 0.5}
    assert column(parsed, Field.SPLIT) == {"2026-01-07": 4.0}
    assert column(parsed, Field.ADJUSTED_CLOSE)["2026-01-05"] == 24.5
    assert {b.meta.unit for b in parsed.blocks if b.meta.field is Field.CLOSE} == {Unit.USD}


def test_fmp_joins_its_two_answers() -> None:
    parsed = parse(Fmp(SECRET), fmp_full(), fmp_adjusted())
    assert column(parsed, Field.CLOSE) == {"2026-01-05": 25.0, "2026-01-06": 26.0, "2026-01-07": 26.5}
    assert column(parsed, Field.ADJUSTED_CLOSE)["2026-01-06"] == 25.7
    assert "answers_differ" not in {f.code for f in parsed.findings}
    shorter = parse(Fmp(SECRET), fmp_full(), fmp_adjusted()[1:])
    assert "answers_differ" in {f.code for f in shorter.findings}
    assert "2026-01-07" not in column(shorter, Field.ADJUSTED_CLOSE)
    alone = parse(Fmp(SECRET), fmp_full())
    assert "no_adjusted_close" in {f.code for f in alone.findings}
    older = parse(Fmp(SECRET), {"symbol": "AAA", "historical": fmp_full()})
    assert column(older, Field.CLOSE) == column(alone, Field.CLOSE)


@given(
    st.lists(
        st.tuples(st.floats(1, 1000), st.sampled_from([1.0, 1.0, 2.0, 0.5, 3.0])), min_size=1, max_size=20
    )
)
def test_returns_after_adjusting_are_those_of_a_holder(rows: list[tuple[float, float]]) -> None:
    """The plain reference: follow one share through its splits."""
    close: FloatArray = np.array([price for price, _ in rows])
    splits: FloatArray = np.array([split for _, split in rows])
    held, wealth = 1.0, []
    for price, split in rows:
        held *= split
        wealth.append(held * price)
    values = {Field.CLOSE: close.copy(), Field.SPLIT: splits}
    adjust_for_splits(values)
    # the first split turned shares bought before the first row, so it is outside
    expected = np.array(wealth) / wealth[-1] * close[-1]
    assert values[Field.CLOSE] == pytest.approx(expected)
    assert values[Field.CLOSE][-1] == close[-1]


def test_rows_that_do_not_parse_are_named_and_an_empty_cell_is_no_zero() -> None:
    body = TIINGO.replace("2026-01-06,104.0", "06.01.2026,104.0").replace("4000,26.5,1", ",26.5,1")
    parsed = parse(Tiingo(SECRET), body)
    assert [(f.code, f.row) for f in parsed.findings if f.row] == [("unreadable_date", 2)]
    assert "2026-01-07" not in column(parsed, Field.VOLUME)
    bad = parse(Tiingo(SECRET), TIINGO.replace("26.5,27.0", "x,27.0"))
    assert [(f.code, f.row) for f in bad.findings if f.row] == [("unreadable_number", 3)]
    late = parse(Tiingo(SECRET), TIINGO.replace("2026-01-07", "2026-12-07"))
    assert "future_date" in {f.code for f in late.findings}


def test_columns_may_change_their_order_but_not_their_names() -> None:
    frame = pd.read_csv(pd.io.common.StringIO(TIINGO))
    turned = frame[frame.columns[::-1]].to_csv(index=False)
    assert column(parse(Tiingo(SECRET), turned), Field.CLOSE)["2026-01-05"] == 25.0
    assert code_of(Tiingo(SECRET), TIINGO.replace("splitFactor", "split")) == "unexpected_shape"
    assert code_of(AlphaVantage(SECRET), ALPHA.replace("timestamp", "day")) == "unexpected_shape"
    renamed = [{"date": r["date"], "price": r["close"]} for r in fmp_full()]
    assert code_of(Fmp(SECRET), renamed) == "unexpected_shape"


# ---- refusals ------------------------------------------------------------------------------------------

NOTE = {"Note": "Thank you! Our standard API call frequency is 5 calls per minute and 500 calls per day."}
INFO = {"Information": "The rate limit is 25 requests per day. Please subscribe to a premium plan."}
PREMIUM = {
    "Information": "Thank you! This is a premium endpoint. You may subscribe to any of the premium plans."
}
NO_KEY = {"Error Message": "the parameter apikey is invalid or missing. Please claim your free API key."}
NO_SYMBOL = {"Error Message": "Invalid API call. Please retry or visit the documentation."}
FMP_KEY = {"Error Message": "Invalid API KEY. Feel free to create a Free API Key."}


@pytest.mark.parametrize(
    ("provider", "body", "code"),
    [
        (AlphaVantage(SECRET), NOTE, "quota"),
        (AlphaVantage(SECRET), INFO, "quota"),
        (AlphaVantage(SECRET), PREMIUM, "forbidden"),
        (AlphaVantage(SECRET), NO_KEY, "unauthorised"),
        (AlphaVantage(SECRET), NO_SYMBOL, "source_error"),
        (AlphaVantage(SECRET), "", "empty"),
        (AlphaVantage(SECRET), ALPHA.splitlines()[0] + "\n", "no_usable_rows"),
        (Tiingo(SECRET), {"detail": "Not found."}, "not_found"),
        (Tiingo(SECRET), "Error: You have run over your hourly request allocation", "quota"),
        (Tiingo(SECRET), "<!DOCTYPE html><html><body>Sorry</body></html>", "wall"),
        (Fmp(SECRET), FMP_KEY, "unauthorised"),
        (Fmp(SECRET), {"Error Message": "Limit Reach. Please upgrade your plan"}, "quota"),
        (Fmp(SECRET), [], "empty"),
        (Fmp(SECRET), "null", "unexpected_shape"),
        (Fmp(SECRET), {"historical": [1]}, "unexpected_shape"),
        (Fmp(SECRET), '[{"date": "2026-01-05", "close": NaN}]', "not_json"),
        (Fmp(SECRET), '[{"date": "2026-01-05", "close": 1', "not_json"),
        (Fmp(SECRET), [{**fmp_full()[0], "symbol": "BBB"}], "unexpected_shape"),
    ],
)
def test_messages_in_place_of_data_are_named(provider: Provider, body: Any, code: str) -> None:
    assert code_of(provider, body) == code


ALL: Mapping[str, tuple[type[Any], str, str]] = {
    "tiingo": (Tiingo, tiingo.KEY, "https://api.tiingo.com/tiingo/daily/AAA/prices"),
    "alphavantage": (AlphaVantage, alphavantage.KEY, alphavantage.URL),
    "fmp": (Fmp, fmp.KEY, fmp.URL + "*"),
}


@pytest.mark.parametrize("name", ALL)
def test_without_a_key_nothing_is_sent(name: str, tmp_path: Path) -> None:
    make, key_name, _ = ALL[name]
    task = Task(name, f"{name}:AAA", ("AAA",))
    with StandIn() as server, pytest.raises(FetchError, match=key_name) as caught:
        make("").fetch(task, server.fetcher(tmp_path))
    assert caught.value.code == "missing_key" and not server.seen


@pytest.mark.parametrize("name", ALL)
def test_the_key_is_sent_and_shows_nowhere(name: str, tmp_path: Path) -> None:
    make, _, url = ALL[name]
    provider = make(SECRET)
    task = Task(name, f"{name}:AAA", ("AAA",))
    bodies = {"tiingo": Reply.csv(TIINGO), "alphavantage": Reply.csv(ALPHA), "fmp": Reply.json(fmp_full())}
    with StandIn() as server:
        server.add(url, bodies[name])
        if name == "fmp":
            server.add(fmp.URL + "dividend-adjusted", Reply.json(fmp_adjusted()))
        fetcher = server.fetcher(tmp_path)
        responses = provider.fetch(task, fetcher)
        sent = server.seen[0]
        assert SECRET in json.dumps([dict(sent.query), dict(sent.headers)])
        assert SECRET not in repr([r.url for r in responses]) + repr(provider) + repr(task)
        parsed = provider.parse(task, responses)
        assert SECRET not in repr(parsed.source) + repr(parsed.findings)
        echo = {"Information": f"We have detected your API key as {SECRET}: 25 requests per day"}
        for status, body in (
            (200, echo),
            (401, {"detail": f"Invalid token {SECRET}"}),
            (403, {"message": SECRET}),
        ):
            server.add(url, Reply.json(body, status))
            server.add(fmp.URL + "full", Reply.json(body, status))
            with pytest.raises(FetchError) as caught:
                provider.fetch(task, fetcher)
            assert caught.value.code == {200: "quota", 401: "unauthorised", 403: "forbidden"}[status]
            error: BaseException | None = caught.value
            while error is not None:
                assert SECRET not in f"{error} {error!r} {vars(error)}"
                error = error.__cause__
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes()


def test_they_answer_only_when_named() -> None:
    for make, _, _ in ALL.values():
        provider = make(SECRET)
        assert provider.tasks() == [] and provider.tasks(["IWM", "yahoo:IWM"]) == []
        (task,) = provider.tasks([f"{provider.name}:iwm", "x:y", f"{provider.name}:", f"{provider.name}:a/b"])
        assert task.series == ("IWM",)


# ---- OpenBB --------------------------------------------------------------------------------------------


def stand_in(frame: Any) -> ModuleType:
    """Return a module that looks like the library, with one data frame in it."""
    asked: list[dict[str, Any]] = []

    def historical(**query: Any) -> Any:
        asked.append(query)
        if isinstance(frame, Exception):
            raise frame
        return SimpleNamespace(to_df=lambda: frame)

    module = ModuleType("openbb")
    module.obb = SimpleNamespace(equity=SimpleNamespace(price=SimpleNamespace(historical=historical)))  # type: ignore[attr-defined]
    module.asked = asked  # type: ignore[attr-defined]
    return module


TASK = Task("openbb", "openbb:AAA", ("AAA",))


class _NoFetcher:
    def get(self, request: Any) -> Response:
        raise AssertionError("OpenBB fetches by itself")


def test_a_frame_becomes_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    index = pd.Index(pd.to_datetime(["2026-01-05", "2026-01-06"]).date, name="date")
    frame = pd.DataFrame({"open": [1.0, 2.0], "close": [1.5, float("nan")], "volume": [10, 20]}, index=index)
    module = stand_in(frame)
    monkeypatch.setitem(sys.modules, "openbb", module)
    provider = OpenBB(lambda: AT, behind="cboe")
    responses = provider.fetch(TASK, _NoFetcher())
    assert module.asked[0]["provider"] == "cboe" and module.asked[0]["symbol"] == "AAA"
    parsed = provider.parse(TASK, responses)
    validate(parsed)
    assert column(parsed, Field.CLOSE) == {"2026-01-05": 1.5}
    assert column(parsed, Field.VOLUME) == {"2026-01-05": 10.0, "2026-01-06": 20.0}
    assert parsed.source.retrieved_at == AT and "cboe" in parsed.source.licence


def test_errors_of_the_library_show_their_class_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openbb", stand_in(RuntimeError(f"https://x.org/?apikey={SECRET}")))
    with pytest.raises(FetchError, match="RuntimeError") as caught:
        OpenBB(lambda: AT).fetch(TASK, _NoFetcher())
    assert caught.value.code == "source_error"
    assert SECRET not in str(caught.value) and caught.value.__cause__ is None


def test_a_frame_of_another_form_or_without_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    for frame, code in (
        (pd.DataFrame({"day": ["2026-01-05"], "close": [1.0]}), "unexpected_shape"),
        (pd.DataFrame({"date": ["2026-01-05"], "close": ["x"]}), "no_usable_rows"),
    ):
        monkeypatch.setitem(sys.modules, "openbb", stand_in(frame))
        provider = OpenBB(lambda: AT)
        with pytest.raises(FetchError) as caught:
            provider.parse(TASK, provider.fetch(TASK, _NoFetcher()))
        assert caught.value.code == code


def test_without_the_extra_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openbb", None)
    with pytest.raises(FetchError, match=r"rotascope\[openbb\]") as caught:
        OpenBB(lambda: AT).fetch(TASK, _NoFetcher())
    assert caught.value.code == "not_installed"
