"""FRED: the CSV that needs no key, and the API with what was known when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotascope.ingest.fetch.base import FetchError, Response
from rotascope.ingest.providers.base import raw_of
from rotascope.ingest.providers.fred import API_URL, CSV_URL, DEFAULTS, Fred
from rotascope.model.units import Unit
from rotascope.store.blocks import identity, validate
from rotascope.store.series import ParsedFile
from standin import answers
from standin.clock import NOON
from standin.server import Reply, Seen, StandIn

KEY = "0123456789abcdef0123456789abcdef"


def response(body: bytes | str, at: datetime = NOON) -> Response:
    return Response("https://x", 200, {}, body.encode() if isinstance(body, str) else body, at)


def rows(parsed: ParsedFile) -> dict[str, float]:
    validate(parsed)
    block = parsed.blocks[0]
    return {str(d): float(v) for d, v in zip(block.dates, block.values, strict=True)}


def test_tasks() -> None:
    fred = Fred()
    assert [t.series[0] for t in fred.tasks()] == list(DEFAULTS)
    assert [
        t.key for t in fred.tasks(["DGS10", "RUT", "IWM", "fred:GDPC1", "NOSUCH", "yahoo:DGS2", "DGS10"])
    ] == [
        "fred:DGS10",
        "fred:GDPC1",
    ]


def test_without_a_key(tmp_path: Path) -> None:
    fred = Fred()
    task = fred.tasks(["DGS10"])[0]
    with StandIn() as server:
        server.add(f"{CSV_URL}?id=DGS10", Reply.csv("observation_date,DGS10\n2026-09-29,4.11\n2026-09-30,\n"))
        responses = fred.fetch(task, server.fetcher(tmp_path), since=date(2026, 9, 1))
        assert server.seen[0].query == {"id": "DGS10"}  # all of it: a part would hide the rest
    parsed = fred.parse(task, responses)
    assert rows(parsed) == {"2026-09-29": 4.11}
    meta = parsed.blocks[0].meta
    assert (meta.unit, meta.vintage) == (Unit.PERCENT, None)
    assert parsed.source.id.startswith("fred:DGS10:") and parsed.source.url.startswith(CSV_URL)


def test_a_revised_series_without_a_key_has_the_day_of_the_fetch_as_vintage() -> None:
    fred = Fred()
    task = fred.tasks(["CPIAUCSL"])[0]
    text = "observation_date,CPIAUCSL\n2026-05-01,320.9\n2026-06-01,321.1\n2026-07-01,321.5\n"
    parsed = fred.parse(task, [response(text)])
    assert parsed.blocks[0].meta.vintage == NOON.date()
    with pytest.raises(FetchError, match="how often"):
        fred.parse(task, [response("observation_date,CPIAUCSL\n2026-07-01,321.5\n")])


def test_vintages_by_hand() -> None:
    """January was 319.1, then 319.0, then 318.8; each vintage has what was known on its day, no more."""
    fred = Fred(KEY)
    task = fred.tasks(["CPIAUCSL"])[0]
    body = answers.as_json(answers.observations(answers.PRICE_INDEX))
    vintages = fred.parse_vintages(task, [response(body)])
    autumn = {"2025-10-31": 317.1, "2025-11-30": 317.9, "2025-12-31": 318.4}
    assert [(v.blocks[0].meta.vintage, rows(v)) for v in vintages] == [
        (date(2026, 1, 13), autumn),
        (date(2026, 2, 11), autumn | {"2026-01-31": 319.1}),
        (date(2026, 3, 11), autumn | {"2026-01-31": 319.0, "2026-02-28": 320.2}),
        (date(2026, 4, 10), autumn | {"2026-01-31": 318.8, "2026-02-28": 320.2, "2026-03-31": 321.4}),
    ]
    assert [v.source.id for v in vintages[2:]] == ["fred:CPIAUCSL:2026-03-11", "fred:CPIAUCSL:2026-04-10"]
    for vintage in vintages:
        assert vintage.blocks[0].meta.source == vintage.source.id
        assert vintage.blocks[0].meta.retrieved_at == vintage.source.retrieved_at == NOON
        assert vintage.source.sha256 == response(body).sha256
    assert rows(fred.parse(task, [response(body)])) == rows(vintages[-1])
    # The store keeps them apart though they come out of the same bytes.
    assert len({identity(v, v.blocks, v.source.sha256) for v in vintages}) == 4


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_each_vintage_is_what_a_plain_reading_gives(data: st.DataObject) -> None:
    """The reference: for each day of change, walk all rows and keep those that cover it."""
    told = [("2025-01-15", "9999-12-31", f"2024-{month:02d}-01", "300") for month in range(1, 13)]
    for month in range(1, data.draw(st.integers(1, 6)) + 1):
        published = date(2025, month, 28) + timedelta(days=15)
        changes = sorted(data.draw(st.sets(st.integers(0, 200), max_size=3)) | {0})
        days = [published + timedelta(days=d) for d in changes]
        ends = [*[d - timedelta(days=1) for d in days[1:]], date(9999, 12, 31)]
        for day, end in zip(days, ends, strict=True):
            value = data.draw(st.integers(100, 400))
            told.append((str(day), str(end), f"2025-{month:02d}-01", str(value)))
    fred = Fred(KEY)
    body = answers.as_json(answers.observations(told))
    at = datetime(2027, 1, 1, tzinfo=UTC)
    for vintage in fred.parse_vintages(fred.tasks(["CPIAUCSL"])[0], [response(body, at)]):
        day = str(vintage.blocks[0].meta.vintage)
        expected = {month: float(value) for a, b, month, value in told if a <= day <= b}
        assert sorted(expected.values()) == sorted(rows(vintage).values())
        assert len(expected) == len(rows(vintage))


def test_rates_have_no_vintages() -> None:
    fred = Fred(KEY)
    told = [
        ("2026-01-05", "2026-01-06", "2026-01-05", "4.1"),
        ("2026-01-07", "9999-12-31", "2026-01-05", "4.2"),
    ]
    found = fred.parse_vintages(
        fred.tasks(["DGS10"])[0], [response(answers.as_json(answers.observations(told)))]
    )
    assert (
        len(found) == 1 and rows(found[0]) == {"2026-01-05": 4.2} and found[0].blocks[0].meta.vintage is None
    )


def test_with_a_key_it_is_sent_and_not_kept(tmp_path: Path) -> None:
    fred = Fred(KEY)
    task = fred.tasks(["CPIAUCSL"])[0]
    with StandIn() as server:
        server.add(API_URL, Reply.json(answers.observations(answers.PRICE_INDEX)))
        responses = fred.fetch(task, server.fetcher(tmp_path), since=date(2026, 2, 1))
        sent = server.seen[0].query
    assert sent["api_key"] == KEY
    assert (sent["realtime_start"], sent["realtime_end"]) == ("2026-02-01", "9999-12-31")
    parsed = fred.parse(task, responses)
    shown = repr(fred) + repr(task) + repr(responses) + repr(parsed)
    shown += "".join(p.read_text() for p in tmp_path.rglob("*.json"))
    assert KEY not in shown and "Fred(with a key)" in shown


def test_pages(tmp_path: Path) -> None:
    rows_of_all = [("2026-02-11", "9999-12-31", f"20{y:02d}-01-01", str(100 + y)) for y in range(10, 16)]

    def page(seen: Seen) -> Reply:
        at = int(seen.query.get("offset", "0")) // 100_000 * 2
        return Reply.json(answers.observations(rows_of_all[at : at + 2], count=6))

    fred = Fred(KEY)
    task = fred.tasks(["fred:GDPC1"])[0]
    with StandIn() as server:
        server.add(API_URL, page)
        responses = fred.fetch(task, server.fetcher(tmp_path))
    assert len(responses) == 3
    parsed = fred.parse(task, responses)
    assert parsed.blocks[0].values.tolist() == [110.0, 111.0, 112.0, 113.0, 114.0, 115.0]
    assert parsed.source.sha256 == Response("", 200, {}, raw_of(responses), NOON).sha256


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('{"observations": []}', "empty"),
        ('{"observations": {}}', "unexpected_shape"),
        ('{"observations": [{"date": "2026-01-01"}]}', "unexpected_shape"),
        ('{"observations": [17]}', "unexpected_shape"),
        ('{"observations": [{"date": "x", "value": "1"}]}', "no_usable_rows"),
        ('{"observations": [{"date": "2026-01-01", "value": "."}]}', "no_usable_rows"),
        ("[1]", "unexpected_shape"),
        ('{"obs', "not_json"),
        ("observation_date,DGS2\n2026-01-05,4.1\n", "unexpected_shape"),
        ("observation_date,DGS10\n", "no_usable_rows"),
        ("observation_date,DGS10\n2026-13-45,4\n", "no_usable_rows"),
        ("DGS10,observation_date\n4.1,2026-01-05\n", "unexpected_shape"),
    ],
)
def test_other_shapes(body: str, code: str) -> None:
    fred = Fred(KEY)
    with pytest.raises(FetchError) as caught:
        fred.parse(fred.tasks(["DGS10"])[0], [response(body)])
    assert caught.value.code == code


def test_oil_was_negative_once() -> None:
    """On 20 April 2020 it was -36.98 dollars: true, and no finding."""
    fred = Fred()
    text = "observation_date,DCOILWTICO\n2020-04-17,18.31\n2020-04-20,-36.98\n2020-04-21,8.91\n"
    parsed = fred.parse(fred.tasks(["DCOILWTICO"])[0], [response(text)])
    assert not parsed.findings and rows(parsed)["2020-04-20"] == -36.98


def test_real_files_have_no_false_alarm(market: Path) -> None:
    paths = sorted((market / "fred" / "fredgraph").glob("*.csv"))
    assert len(paths) == 15
    for path in paths:
        fred = Fred()
        parsed = fred.parse(fred.tasks([path.stem])[0], [response(path.read_bytes())])
        assert {f.code for f in parsed.findings} <= {"blank_values"}, path.name
        assert np.count_nonzero(~np.isnan(parsed.blocks[0].values)) > 500
