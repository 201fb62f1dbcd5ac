"""Stooq: never fetched, read from a person's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotascope.ingest.fetch.base import FetchError, Response
from rotascope.ingest.providers.stooq import Stooq
from rotascope.model.observations import Field
from standin import answers
from standin.clock import NOON
from standin.server import StandIn

STOOQ = Stooq()


def test_it_is_nobodys_default() -> None:
    assert STOOQ.tasks() == [] and STOOQ.tasks(["SPY", "yahoo:SPY"]) == []
    assert [(t.key, t.series) for t in STOOQ.tasks(["stooq:spy"])] == [("stooq:spy", ("SPY",))]


@pytest.mark.parametrize(
    ("ticker", "address"), [("spy", "?s=spy.us"), ("^spx", "?s=^spx"), ("vod.uk", "?s=vod.uk")]
)
def test_it_refuses_to_fetch_and_says_how(tmp_path: Path, ticker: str, address: str) -> None:
    with StandIn() as server:
        with pytest.raises(FetchError) as caught:
            STOOQ.fetch(STOOQ.tasks([f"stooq:{ticker}"])[0], server.fetcher(tmp_path))
        assert server.seen == []
    assert caught.value.code == "not_fetched"
    assert address in str(caught.value) and "import" in str(caught.value)


def test_a_downloaded_file() -> None:
    task = STOOQ.tasks(["stooq:IWM"])[0]
    parsed = STOOQ.parse(task, [Response("file:iwm_us_d.csv", 200, {}, answers.stooq().encode(), NOON)])
    assert {b.meta.field for b in parsed.blocks} == {Field.ADJUSTED_CLOSE, Field.VOLUME}
    assert {b.meta.series for b in parsed.blocks} == {"IWM"}


def test_real_files(market: Path) -> None:
    for name, key, field in (
        ("iwm_us_d__olcp.csv", "stooq:iwm", Field.ADJUSTED_CLOSE),
        ("caret_spx_d__2020.csv", "stooq:^spx", Field.CLOSE),
    ):
        body = (market / "wire" / "stooq" / name).read_bytes()
        parsed = STOOQ.parse(STOOQ.tasks([key])[0], [Response(f"file:{name}", 200, {}, body, NOON)])
        assert field in {b.meta.field for b in parsed.blocks}
        assert {b.meta.series for b in parsed.blocks} == {key.partition(":")[2].strip("^").upper()}
