"""SEC: what was known when, worked out by hand; recorded documents; refusals with their fix."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope.ingest.fetch.base import FetchError, Response
from rotascope.ingest.providers import sec_groups
from rotascope.ingest.providers.base import Task
from rotascope.ingest.providers.sec import FACTS_URL, Sec
from rotascope.ingest.providers.sec_answers import TICKERS_URL
from rotascope.ingest.providers.sec_facts import CONCEPTS, quarters
from rotascope.model.findings import Severity
from rotascope.model.observations import Standing
from rotascope.store.blocks import validate
from rotascope.store.reader import Reader
from rotascope.store.series import ParsedFile
from rotascope.store.store import Store
from standin.server import Reply, StandIn

AT = datetime(2026, 9, 1, 12, tzinfo=UTC)
CONTACT = "Jane Doe jane@example.org"
EPS, INCOME, _ = CONCEPTS


def answer(body: Any, *, url: str = "https://data.sec.gov/x.json", status: int = 200) -> Response:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(url, status, {}, data, AT)


def fact(start: str, end: str, value: float, filed: str, accn: str) -> dict[str, Any]:
    return {"start": start, "end": end, "val": value, "accn": accn, "form": "10-Q", "filed": filed}


def company(rows: list[dict[str, Any]], tag: str = "NetIncomeLoss", unit: str = "USD") -> dict[str, Any]:
    return {"cik": 7, "entityName": "Acme", "facts": {"us-gaap": {tag: {"units": {unit: rows}}}}}


def parse(body: Any, key: str = "sec:ACME") -> ParsedFile:
    parsed = Sec(CONTACT).parse(Task("sec", key, ()), [answer(body)])
    validate(parsed)
    return parsed


def rows_of(parsed: ParsedFile, series: str) -> list[tuple[str, float, str]]:
    """Return day, value and day of filing of each row."""
    filed = {source.id: str(source.published) for source in parsed.references}
    for block in parsed.blocks:
        if block.meta.series == series and block.refs is not None:
            return [
                (str(d), float(v), filed[r])
                for d, v, r in zip(block.dates, block.values, block.refs, strict=True)
            ]
    return []


# ---- what was known when -------------------------------------------------------------------------------

YEAR = [
    fact("2024-01-01", "2024-03-31", 10, "2024-05-01", "a-1"),
    fact("2024-04-01", "2024-06-30", 20, "2024-08-01", "a-2"),
    fact("2024-01-01", "2024-06-30", 30, "2024-08-01", "a-2"),  # half a year is no quarter
    fact("2024-07-01", "2024-09-30", 30, "2024-11-01", "a-3"),
    fact("2024-01-01", "2024-09-30", 60, "2024-11-01", "a-3"),
    fact("2024-01-01", "2024-12-31", 100, "2025-02-15", "a-4"),
    fact("2024-01-01", "2024-03-31", 12, "2025-05-01", "b-1"),  # restated as a comparative
    fact("2024-04-01", "2024-06-30", 20, "2025-08-01", "b-2"),  # stated again, unchanged
]


def test_quarters_are_those_first_reported_and_the_fourth_is_the_year_less_nine_months() -> None:
    parsed = parse(company(YEAR))
    assert rows_of(parsed, "SEC.ACME.NETINCOME") == [
        ("2024-03-31", 10.0, "2024-05-01"),
        ("2024-06-30", 20.0, "2024-08-01"),
        ("2024-09-30", 30.0, "2024-11-01"),
        ("2024-12-31", 40.0, "2025-02-15"),  # 100 - 60
    ]
    assert rows_of(parsed, "SEC.ACME.NETINCOME.RESTATED") == [("2024-03-31", 12.0, "2025-05-01")]
    codes = {f.code: f.count for f in parsed.findings}
    assert codes["restated"] == 1 and codes["derived_quarters"] == 1


def test_a_reader_sees_what_had_been_filed_and_no_more(tmp_path: Path) -> None:
    parsed = parse(company(YEAR))
    with Store.open(tmp_path / "home", clock=lambda: AT) as store:
        store.commit([(parsed, json.dumps(company(YEAR)).encode())])
        with Reader(store) as reader:

            def seen(as_of: date) -> list[float]:
                return list(reader.read("SEC.ACME.NETINCOME", "value", as_of=as_of).values)

            assert not reader.has("SEC.ACME.NETINCOME", "value", date(2024, 4, 30))
            assert seen(date(2024, 5, 1)) == [10]
            assert seen(date(2024, 10, 31)) == [10, 20]
            assert seen(date(2025, 2, 14)) == [10, 20, 30]  # the year has ended; nobody has said how
            assert seen(date(2026, 1, 1)) == [10, 20, 30, 40]
            assert not reader.has("SEC.ACME.NETINCOME.RESTATED", "value", date(2025, 4, 30))
            assert list(
                reader.read("SEC.ACME.NETINCOME.RESTATED", "value", as_of=date(2025, 5, 1)).values
            ) == [12]


def test_a_year_filed_before_its_nine_months_gives_no_fourth_quarter() -> None:
    late = [fact("2024-01-01", "2024-09-30", 60, "2025-06-01", "z"), YEAR[5]]
    assert rows_of(parse(company([*late, YEAR[0]])), "SEC.ACME.NETINCOME")[-1][0] == "2024-03-31"


def test_earnings_per_share_have_no_fourth_quarter_since_shares_change() -> None:
    parsed = parse(company(YEAR, "EarningsPerShareDiluted", "USD/shares"))
    assert [r[0] for r in rows_of(parsed, "SEC.ACME.EPS")] == ["2024-03-31", "2024-06-30", "2024-09-30"]


def test_the_tag_that_was_filed_first_counts_and_on_one_day_the_first_of_the_list() -> None:
    early = fact("2024-01-01", "2024-03-31", 1, "2024-05-01", "a")
    late = fact("2024-01-01", "2024-03-31", 2, "2025-05-01", "b")
    facts = {
        "us-gaap": {"ProfitLoss": {"units": {"USD": [early]}}, "NetIncomeLoss": {"units": {"USD": [late]}}}
    }
    assert quarters(facts, INCOME).first[date(2024, 3, 31)].value == 1
    same = {**late, "filed": "2024-05-01", "accn": "a"}
    facts["us-gaap"]["NetIncomeLoss"]["units"]["USD"] = [same]
    assert quarters(facts, INCOME).first[date(2024, 3, 31)].value == 2


def test_two_values_in_one_filing_are_none() -> None:
    torn = [YEAR[0], {**YEAR[0], "val": 11}, YEAR[1]]
    parsed = parse(company(torn))
    assert [r[0] for r in rows_of(parsed, "SEC.ACME.NETINCOME")] == ["2024-06-30"]
    assert {f.code for f in parsed.findings} >= {"contradictory_facts"}


@pytest.mark.parametrize(
    "change",
    [
        {"end": "2024-02-30"},
        {"filed": "2024-03-30"},  # before the quarter was over
        {"val": None},
        {"val": True},
        {"val": "10"},
        {"start": "2024-03-31"},
        {"accn": ""},
        {"accn": None},
    ],
)
def test_facts_that_make_no_sense_are_left_out_and_counted(change: Mapping[str, Any]) -> None:
    parsed = parse(company([{**YEAR[0], **change}, YEAR[1]]))
    assert [r[0] for r in rows_of(parsed, "SEC.ACME.NETINCOME")] == ["2024-06-30"]
    assert next(f for f in parsed.findings if f.code == "unreadable_facts").count == 1


@given(st.permutations(YEAR))
def test_the_order_of_facts_does_not_matter(rows: list[dict[str, Any]]) -> None:
    got, wanted = (quarters(company(r)["facts"], INCOME) for r in (rows, YEAR))
    assert (got.first, got.last) == (wanted.first, wanted.last)


def test_one_number_for_filings_of_two_days_lends_neither_the_others_date() -> None:
    twice = [{**YEAR[0], "accn": "x"}, {**YEAR[1], "accn": "x"}]
    assert [r[2] for r in rows_of(parse(company(twice)), "SEC.ACME.NETINCOME")] == [
        "2024-05-01",
        "2024-08-01",
    ]


# ---- recorded documents --------------------------------------------------------------------------------


def test_snowflake_as_recorded(market: Path) -> None:
    parsed = parse((market / "wire/sec_edgar/snow_facts.json").read_bytes(), "sec:SNOW")
    income = rows_of(parsed, "SEC.SNOW.NETINCOME")
    assert ("2024-07-31", -316_899_000.0, "2024-08-29") in income  # as in the document
    # fiscal year to 2025-01-31: -1,285,640,000; nine months: -958,166,000
    assert ("2025-01-31", -327_474_000.0, "2025-03-21") in income
    assert ("2020-10-31", -1.01, "2020-12-03") in rows_of(parsed, "SEC.SNOW.EPS")
    assert all(filed > day for day, _, filed in income)
    assert {s.standing for s in parsed.references} == {Standing.REPORTED}
    assert parsed.blocks[0].meta.attributes["company"] == "SNOWFLAKE INC."


def test_a_company_that_reports_once_a_year_is_named(market: Path) -> None:
    with pytest.raises(FetchError, match="no quarterly NETINCOME") as caught:
        parse((market / "wire/sec_edgar/lpa_facts.json").read_bytes(), "sec:LPA")
    assert caught.value.code == "no_usable_rows"


def test_facts_of_another_company_are_refused() -> None:
    with pytest.raises(FetchError, match="CIK 7, not of CIK8") as caught:
        parse(company(YEAR), "sec:CIK8")
    assert caught.value.code == "unexpected_shape"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty"),
        (b"null", "unexpected_shape"),
        (b"[]", "empty"),
        (b'{"cik": 7, "facts": {"us-gaap"', "not_json"),
        (b'{"cik": 7, "fact": {"a": 1}}', "unexpected_shape"),
        (b'{"cik": 7, "facts": {"us-gaap": {"NetIncomeLoss": [1]}}}', "no_usable_rows"),
        (b"<!DOCTYPE html><html><body>We will be right back</body></html>", "wall"),
    ],
)
def test_content_that_is_not_what_it_should_be(body: bytes, code: str) -> None:
    with pytest.raises(FetchError) as caught:
        parse(body)
    assert caught.value.code == code


# ---- fetching ------------------------------------------------------------------------------------------


def test_no_contact_sends_nothing_and_says_what_to_set(tmp_path: Path) -> None:
    for contact in ("", "Jane Doe"):
        with StandIn() as server, pytest.raises(FetchError, match="ROTASCOPE_CONTACT") as caught:
            Sec(contact).fetch(Task("sec", "sec:SNOW", ()), server.fetcher(tmp_path))
        assert caught.value.code == "missing_key" and not server.seen


def test_a_ticker_is_looked_up_and_the_contact_is_sent(tmp_path: Path, market: Path) -> None:
    with StandIn() as server:
        server.add(TICKERS_URL, _tickers(market))
        server.add(FACTS_URL.format(cik=1640147), Reply.json(company(YEAR)))
        provider = Sec(CONTACT)
        (task,) = provider.tasks(["SEC.SNOW.EPS", "SEC.SNOW.NETINCOME", "IWM"])
        assert task == Task("sec", "sec:SNOW", ("SEC.SNOW.EPS", "SEC.SNOW.NETINCOME"))
        responses = provider.fetch(task, server.fetcher(tmp_path))
        assert {seen.headers["user-agent"] for seen in server.seen} == {f"rotascope {CONTACT}"}
        assert len(rows_of(provider.parse(task, responses), "SEC.SNOW.NETINCOME")) == 4


def _tickers(market: Path) -> Reply:
    return Reply(
        (market / "wire/sec_edgar/company_tickers.json").read_bytes(), content_type="application/json"
    )


def test_an_unknown_ticker_is_named_and_a_number_needs_no_list(tmp_path: Path, market: Path) -> None:
    with StandIn() as server:
        server.add(TICKERS_URL, _tickers(market))
        with pytest.raises(FetchError, match="ticker NOSUCH") as caught:
            Sec(CONTACT).fetch(Task("sec", "sec:NOSUCH", ()), server.fetcher(tmp_path))
        assert caught.value.code == "not_found"
        server.add(FACTS_URL.format(cik=7), Reply.json(company(YEAR)))
        Sec(CONTACT).fetch(Task("sec", "sec:CIK0000000007", ()), server.fetcher(tmp_path))
        assert server.seen[-1].url.endswith("CIK0000000007.json")


AGENT_PAGE = b"<html><body>Your Request Originates from an Undeclared Automated Tool</body></html>"
RATE_PAGE = b"<html><body>Request Rate Threshold Exceeded</body></html>"


def _cassette(path: Path) -> tuple[int, bytes]:
    """Return status and body of the first answer in a recorded file."""
    text = path.read_text(encoding="utf-8")
    start = text.index("string: '") + len("string: '")
    body = text[start : text.index("'\n", start)].replace("\n\n        ", "\n")
    return int(text.split("code: ")[1].split()[0]), body.encode()


@pytest.mark.parametrize(
    ("status", "body", "code", "fix"),
    [
        (403, AGENT_PAGE, "forbidden", "ROTASCOPE_CONTACT"),
        (200, AGENT_PAGE, "forbidden", "ROTASCOPE_CONTACT"),
        (403, RATE_PAGE, "rate_limited", "ten minutes"),
        (429, b"Too Many Requests", "rate_limited", "ten minutes"),
    ],
)
def test_refusals_say_what_to_do(tmp_path: Path, status: int, body: bytes, code: str, fix: str) -> None:
    url = FACTS_URL.format(cik=7)
    task = Task("sec", "sec:CIK7", ())
    with StandIn() as server:
        server.add(url, Reply(body, status, "text/html"))
        with pytest.raises(FetchError, match=fix) as fetched:
            Sec(CONTACT).fetch(task, server.fetcher(tmp_path))
    with pytest.raises(FetchError, match=fix) as parsed:
        Sec(CONTACT).parse(task, [answer(body, status=status)])
    assert fetched.value.code == parsed.value.code == code


def test_recorded_refusals(tmp_path: Path, market: Path) -> None:
    folder = market / "wire/sec_edgar"
    for name, status, code in (
        ("TestEdgeCases.test_date_range_no_results.yaml", 403, "forbidden"),
        ("test_no_company_for_cik.yaml", 404, "not_found"),
    ):
        recorded, body = _cassette(folder / name)
        assert recorded == status
        with StandIn() as server:
            server.add(FACTS_URL.format(cik=7), Reply(body, status, "application/xml"))
            with pytest.raises(FetchError) as caught:
                Sec(CONTACT).fetch(Task("sec", "sec:CIK7", ()), server.fetcher(tmp_path / name))
        assert (caught.value.code, caught.value.status) == (code, status)
        assert caught.value.fix


# ---- growth by size group ------------------------------------------------------------------------------


def test_growth_by_hand() -> None:
    before = {1: 100.0, 2: 50.0, 3: 7.0}
    now = {1: 120.0, 2: 45.0, 4: 1000.0}
    # companies 1 and 2 have both: 165 against 150
    one = sec_groups.growth(now, before, [1, 2, 3])
    assert (round(one.percent, 9), one.companies, one.members) == (10.0, 2, 3)
    assert sec_groups.growth(now, before, [1, 3, 4, 5, 6]).why == "too few members have both values"
    loss = sec_groups.growth({1: 5.0}, {1: -5.0}, [1])
    assert np.isnan(loss.percent) and loss.why == "there was no profit a year before"
    assert np.isnan(sec_groups.growth({}, {}, []).percent)


def test_which_quarters_and_frames_are_asked_for() -> None:
    # sixty days after 2026-06-30 is 2026-08-29
    assert sec_groups.last_quarters(date(2026, 8, 28), 1) == [(2026, 1)]
    assert sec_groups.last_quarters(date(2026, 8, 29), 1) == [(2026, 2)]
    assert sec_groups.periods_for([(2026, 1)]) == ["CY2025Q1", "CY2026Q1"]
    assert sec_groups.periods_for([(2025, 4)]) == [
        *("CY2024", "CY2024Q1", "CY2024Q2", "CY2024Q3"),
        *("CY2025", "CY2025Q1", "CY2025Q2", "CY2025Q3"),
    ]


def frame(period: str, *rows: tuple[int, str, str, float]) -> dict[str, Any]:
    data = [{"accn": "x", "cik": c, "entityName": "N", "start": s, "end": e, "val": v} for c, s, e, v in rows]
    return {"taxonomy": "us-gaap", "tag": "NetIncomeLoss", "ccp": period, "uom": "USD", "data": data}


HOLDINGS = """iShares Test ETF
Fund Holdings as of,"Aug 28, 2026"
Shares Outstanding,"1,000.00"
\u00a0
Ticker,Name,Sector,Asset Class,Market Value,Weight (%),Quantity
"{a}","A CORP","Energy","Equity","60.00","60.00","1.00"
"{b}","B CORP","Energy","Equity","39.00","39.00","1.00"
"USD","US DOLLAR","Cash and/or Derivatives","Cash","1.00","1.00","1.00"
"""


def test_growth_of_groups_from_frames_to_blocks() -> None:
    listed = {"0": {"cik_str": 1, "ticker": "BRK-B"}, "1": {"cik_str": 2, "ticker": "TWO"}}
    listed |= {"2": {"cik_str": 3, "ticker": "SML"}, "3": {"cik_str": 4, "ticker": "TINY"}}
    span = ("2026-01-01", "2026-03-31")
    ago = ("2025-01-01", "2025-03-31")
    responses = [
        answer(listed),
        answer(HOLDINGS.format(a="BRKB", b="TWO").encode()),
        answer(HOLDINGS.format(a="SML", b="NOCIK").encode()),
        answer(frame("CY2025Q1", (1, *ago, 100), (2, *ago, 100), (3, *ago, 10), (9, *ago, 5))),
        answer(frame("CY2026Q1", (1, *span, 130), (2, *span, 90), (3, *span, 8), (9, *span, 500))),
    ]
    parsed = Sec(CONTACT).parse(Task("sec", "sec:groups", ()), responses)
    validate(parsed)
    values = {b.meta.series: float(b.values[0]) for b in parsed.blocks}
    # 220 against 200; 8 against 10; company 9 is in neither fund
    assert values["SEC.GROUP.IWB.EARNINGS_GROWTH"] == pytest.approx(10.0)
    assert values["SEC.GROUP.IWM.EARNINGS_GROWTH"] == pytest.approx(-20.0)
    assert values["SEC.GROUP.IWM.COMPANIES"] == 1
    assert {str(b.dates[0]) for b in parsed.blocks} == {"2026-03-31"}
    assert {b.meta.vintage for b in parsed.blocks} == {AT.date()}  # frames do not say when they were known
    assert next(f for f in parsed.findings if f.code == "members_unknown").count == 1


def test_a_fourth_quarter_is_the_year_less_three_quarters_of_the_same_fiscal_year() -> None:
    q1, q2, q3 = ("2025-01-01", "2025-03-31"), ("2025-04-01", "2025-06-30"), ("2025-07-01", "2025-09-30")
    year, other = ("2025-01-01", "2025-12-31"), ("2024-10-01", "2025-09-30")
    frames = {
        period: sec_groups.parse_frame(answer(frame(period, *rows)))[1]
        for period, rows in {
            "CY2025Q1": [(1, *q1, 1.0), (2, *q1, 1.0), (3, *q1, 1.0)],
            "CY2025Q2": [(1, *q2, 2.0), (2, *q2, 2.0)],
            "CY2025Q3": [(1, *q3, 3.0), (2, *q3, 3.0), (3, *q3, 1.0)],
            "CY2025": [(1, *year, 10.0), (2, *other, 10.0), (3, *year, 10.0)],
        }.items()
    }
    # 1: 10 - 6; 2 has another fiscal year; 3 lacks a quarter
    assert sec_groups.quarter_values(frames, (2025, 4)) == {1: 4.0}


def test_a_frame_with_two_values_or_no_dates_for_a_company_has_none_for_it() -> None:
    span = ("2026-01-01", "2026-03-31")
    body = frame("CY2026Q1", (1, *span, 1), (1, *span, 2), (2, *span, 5))
    body["data"] += [{"cik": 3, "val": 1}, "x", {"cik": True, "val": 1}]
    period, values, bad = sec_groups.parse_frame(answer(body))
    assert (period, {c: v.value for c, v in values.items()}, bad) == ("CY2026Q1", {2: 5.0}, 4)
    renamed = {**body, "data": [{"value" if k == "val" else k: v for k, v in body["data"][2].items()}]}
    for wrong in ({**body, "uom": "EUR"}, {**body, "data": None}, {"ccp": "x"}, renamed):
        with pytest.raises(FetchError) as caught:
            sec_groups.parse_frame(answer(wrong))
        assert caught.value.code == "unexpected_shape"
    with pytest.raises(FetchError) as caught:
        sec_groups.parse_frame(answer({**body, "data": []}))
    assert caught.value.code == "empty"


QUARTER = (2026, 1)


def test_a_frame_in_other_units_hides_all_groups() -> None:
    before = {c: 100.0 * c for c in range(1, 8)}
    assert sec_groups.other_units(QUARTER, {c: 4 * v for c, v in before.items()}, before) == []
    (found,) = sec_groups.other_units(QUARTER, {c: v / 1000 for c, v in before.items()}, before)
    assert (found.code, found.severity, found.series) == ("implausible_units", Severity.QUARANTINE, "")
    assert sec_groups.other_units(QUARTER, {1: 1e9}, {1: 1.0}) == []  # one company is no usual one


def test_one_company_in_thousands_hides_its_group() -> None:
    before = dict.fromkeys(range(1, 11), 100.0)  # 1000 in all, so that a fifth is 200
    members = range(1, 11)
    for now, expected in (
        ({**before, 3: 100_000.0}, ["unit_jump"]),
        ({**before, 3: -100_000.0}, ["unit_jump"]),
        ({**before, 3: 1900.0}, []),  # nineteen times
        ({**before, 11: 1e9}, []),  # no member
    ):
        found = sec_groups.one_decides("IWM", QUARTER, now, {**before, 11: 1.0}, members)
        assert [f.code for f in found] == expected
        assert all(f.series == "SEC.GROUP.IWM.EARNINGS_GROWTH" for f in found)
    # a small company may earn a thousand times of before: 10 of 910
    assert sec_groups.one_decides("IWM", QUARTER, {**before, 3: 10.0}, {**before, 3: 0.01}, members) == []


def test_groups_are_default_only_with_a_contact() -> None:
    assert Sec("").tasks() == []
    (task,) = Sec(CONTACT).tasks()
    assert task.key == "sec:groups" and "SEC.GROUP.IWM.EARNINGS_GROWTH" in task.series
