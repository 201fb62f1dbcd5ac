"""Which reader takes a file, Yahoo's charts, and content that no reader may fall over."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reader_files import NOW, findings, keys, meta, read, rows

from rotascope.ingest.readers import READERS, recognise
from rotascope.ingest.readers.unpack import members
from rotascope.model.errors import BadInputError
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.blocks import validate


def chart(**changes: Any) -> dict[str, Any]:
    """Return a chart answer with two days of Tokyo, the second without figures."""
    result: dict[str, Any] = {
        "meta": {
            "currency": "USD",
            "symbol": "^ABC",
            "dataGranularity": "1d",
            "exchangeTimezoneName": "Asia/Tokyo",
            "gmtoffset": 32400,
        },
        "timestamp": [1577923200, 1578009600],  # 2020-01-02 and 03, 00:00 UTC: 09:00 there
        "indicators": {
            "quote": [
                {"open": [1, None], "high": [3, None], "low": [1, None], "close": [2, None], "volume": [9, 0]}
            ],
            "adjclose": [{"adjclose": [1.5, None]}],
        },
        "events": {
            "dividends": {"1577923200": {"amount": 0.25, "date": 1577923200}},
            "splits": {"1577923200": {"numerator": 4, "denominator": 1, "date": 1577923200}},
        },
    }
    result["meta"] |= changes.pop("meta", {})
    return {"chart": {"result": [result | changes], "error": None}}


def test_a_chart_of_daily_prices() -> None:
    parsed = read("x.json", json.dumps(chart()))
    assert rows(parsed, "ABC", Field.CLOSE) == {"2020-01-02": 2}
    assert rows(parsed, "ABC", Field.ADJUSTED_CLOSE) == {"2020-01-02": 1.5}
    assert rows(parsed, "ABC", Field.DIVIDEND) == {"2020-01-02": 0.25}
    assert rows(parsed, "ABC", Field.SPLIT) == {"2020-01-02": 4}
    assert "blank_close" in findings(parsed)


@pytest.mark.parametrize("wrap", ["bodyJson", "body"])
def test_a_recorded_answer(wrap: str) -> None:
    body: Any = chart() if wrap == "bodyJson" else json.dumps(chart())
    parsed = read("x.json", json.dumps({"request": {}, "response": {"status": 200, wrap: body}}))
    assert ("ABC", "close") in keys(parsed)


def test_charts_that_are_not_daily_prices() -> None:
    assert findings(read("x.json", json.dumps(chart(meta={"dataGranularity": "1h"})))) == {
        "intraday_prices": [None]
    }
    assert findings(read("x.json", json.dumps(chart(timestamp=None)))) == {"no_rows": [None]}
    assert findings(read("x.json", json.dumps(chart(timestamp=[1])))) == {"unreadable_file": [None]}
    assert recognise(Path("x.json"), b'{"chart": {"result": null, "error": {"code": "Not Found"}}}') is None


def test_charts_in_other_currencies() -> None:
    parsed = read("x.json", json.dumps(chart(meta={"currency": "GBp", "symbol": "VOD.L"})))
    assert meta(parsed, "VOD.L", Field.CLOSE).unit is Unit.INDEX_LEVEL


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("constituents.csv", "Symbol,Security,GICS Sector\nMMM,3M,Industrials\n"),
        (
            "_manifest.csv",
            "symbol,safe_name,category,source,start_date,end_date\nA,A,x,y,2010-01-01,latest\n",
        ),
        ("SOURCES.csv", "file,repository,path,licence\na,b,c,d\n"),
        ("_meta.json", '{"SPY": {"file": "SPY.csv", "rows": 5}}'),
        ("IWM.meta.json", '{"ticker": "IWM", "holdings_count": 5, "sector_allocation": {"Energy": 5}}'),
    ],
)
def test_reference_tables_are_recognised_and_not_stored(name: str, text: str) -> None:
    parsed = read(name, text)
    assert parsed.blocks == [] and findings(parsed) == {"recognised_not_stored": [None]}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"# A page about data\n\nwords, and more words\n",
        b"<!DOCTYPE html><html><body>Date,Close</body></html>",
        b"Exceeded the daily hits limit",
        b'{"cik": "1", "facts": {}}',
        b"[1, 2, 3]",
        b"[]",
        b"{broken",
        b"\x00\x01\x02\x03",
        b"name,colour\nx,red\n",
        b"Date,Close",
        b"date,name,colour\n2026-01-02,x,red\n",
    ],
)
def test_what_is_no_market_data_has_no_reader(data: bytes) -> None:
    assert recognise(Path("x.csv"), data) is None


def test_names_of_readers_are_unique_and_carry_a_version() -> None:
    names = [reader.name for reader in READERS]
    assert len(set(names)) == len(names)
    assert all(name.rpartition("/")[2].isdigit() for name in names)


SEEDS = [
    "Date,Open,High,Low,Close,Adj Close,Volume\n2026-01-02,1,2,1,2,2,5\n2026-01-05,1,2,1,2,2,5\n",
    "Price,Close\nTicker,SPY\nDate,\n2026-01-02,1\n",
    "using the 202605 CRSP database\n\n  Average Value Weighted Returns\n,A,B\n202601, 1, 2\n202602, 1, 2\n",
    "observation_date,GS10\n2026-01-01,1\n2026-02-01,.\n2026-03-01,2\n",
    "date,ticker,flow_usd\n2026-01-02,IWM,\n",
    'Fund Holdings as of,"May 05, 2026"\n\nTicker,Name,Weight (%)\n"A","B","100"\n\nend',
    json.dumps(chart()),
    json.dumps({"observations": [{"date": "2026-01-02", "value": "1"}]}),
    json.dumps([{"ticker": "A", "name": "B", "weight": 1}]),
]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_damaged_files_give_findings_and_not_errors(seed: str, data: st.DataObject) -> None:
    raw = bytearray(seed.encode())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw)))
        kind = data.draw(st.sampled_from(["cut", "drop", "put"]))
        if kind == "cut":
            del raw[at:]
        elif kind == "drop":
            del raw[at : at + data.draw(st.integers(1, 8))]
        else:
            raw[at:at] = data.draw(
                st.sampled_from([b",", b'"', b"\n", b"\r", b"\xff", b"-", b"9", b"null", b"\x00"])
            )
    reader = recognise(Path("X.csv"), bytes(raw))
    if reader is not None:
        validate(reader.read(Path("X.csv"), bytes(raw), retrieved_at=NOW))


@pytest.mark.parametrize("stamp", [15779232001578009600, "noon", None, -1e300])
def test_a_time_that_is_none_refuses_the_chart(stamp: object) -> None:
    body = chart()
    body["chart"]["result"][0]["timestamp"][0] = stamp
    data = json.dumps(body).encode()
    reader = recognise(Path("X.json"), data)
    assert reader is not None
    parsed = reader.read(Path("X.json"), data, retrieved_at=NOW)
    assert [f.code for f in parsed.findings] == ["unreadable_file"]
    assert parsed.blocks == []


def test_packed_files_are_read_as_what_is_in_them() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a/SPY.csv", "one")
        archive.writestr("__MACOSX/SPY.csv", "junk")
        archive.writestr("IWM.csv", "two")
    assert list(members(Path("all.zip"), out.getvalue())) == [
        (Path("all.zip/SPY.csv"), b"one"),
        (Path("all.zip/IWM.csv"), b"two"),
    ]
    assert list(members(Path("SPY.csv.gz"), gzip.compress(b"one"))) == [(Path("SPY.csv"), b"one")]
    assert list(members(Path("SPY.csv"), b"one")) == [(Path("SPY.csv"), b"one")]
    with pytest.raises(BadInputError):
        list(members(Path("all.zip"), b"PK\x03\x04 broken"))
    with pytest.raises(BadInputError):
        list(members(Path("x.gz"), b"\x1f\x8b broken"))
