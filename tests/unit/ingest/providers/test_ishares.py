"""iShares: files as recorded, flows by hand, and what is unknown stays unknown."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope.ingest import calendar
from rotascope.ingest.fetch.base import FetchError, Response
from rotascope.ingest.providers.base import Task
from rotascope.ingest.providers.ishares import FUNDS, SITE, IShares, daily_flows, flow_block
from rotascope.model.errors import BadInputError
from rotascope.model.observations import Field, Frequency, SeriesMeta
from rotascope.model.units import Unit
from rotascope.store.blocks import validate
from rotascope.store.series import DateArray, FloatArray, ParsedFile, SeriesBlock
from standin.server import Reply, Seen, StandIn

AT = datetime(2026, 9, 1, 12, tzinfo=UTC)
TASK = Task("ishares", "ishares:IWM", ("HOLD.IWM", "IWM"))
NAN = float("nan")
FILE = """iShares Russell 2000 ETF
Fund Holdings as of,"{day}"
Shares Outstanding,"{shares}"
\u00a0
Ticker,Name,Sector,Asset Class,Market Value,Weight (%),Quantity
"AAA","ALPHA","Energy","Equity","600.00","60.00","6.00"
"BBB","BETA","Energy","Equity","400.00","40.00","4.00"
"""


def answer(body: str | bytes, status: int = 200) -> Response:
    data = body.encode() if isinstance(body, str) else body
    return Response(f"{SITE}/{FUNDS['IWM']}/1467271812596.ajax", status, {}, data, AT)


def parse(*bodies: str | bytes) -> ParsedFile:
    parsed = IShares().parse(TASK, [answer(body) for body in bodies])
    validate(parsed)
    return parsed


def values(parsed: ParsedFile, series: str, field: str) -> dict[str, float]:
    for block in parsed.blocks:
        if (block.meta.series, str(block.meta.field)) == (series, field):
            return {str(d): float(v) for d, v in zip(block.dates, block.values, strict=True)}
    return {}


def days(*texts: str) -> DateArray:
    return np.array(texts, dtype="datetime64[D]")


def flows(share_days: DateArray, shares: list[float], prices: dict[str, float]) -> dict[str, float | None]:
    price_days = days(*sorted(prices))
    price: FloatArray = np.array([prices[d] for d in sorted(prices)])
    found, out = daily_flows(share_days, np.array(shares), price_days, price)
    return {str(d): None if np.isnan(v) else float(v) for d, v in zip(found, out, strict=True)}


# ---- files ---------------------------------------------------------------------------------------------


def test_a_recorded_file(market: Path) -> None:
    parsed = parse((market / "holdings/IWM_holdings_2026-05-05.csv").read_bytes())
    assert values(parsed, "IWM", "shares") == {"2026-05-05": 278_750_000.0}
    assert values(parsed, "HOLD.IWM.BE", "weight") == {"2026-05-05": 1.93}
    assert parsed.source.url.startswith(SITE)
    assert len(parsed.source.sha256) == 64


def test_files_of_several_days_become_one_history() -> None:
    parsed = parse(
        FILE.format(day="Aug 27, 2026", shares="1,000.00"),
        FILE.format(day="Aug 28, 2026", shares="1,100.00"),
    )
    assert values(parsed, "IWM", "shares") == {"2026-08-27": 1000.0, "2026-08-28": 1100.0}
    assert values(parsed, "HOLD.IWM.AAA", "weight") == {"2026-08-27": 60.0, "2026-08-28": 60.0}


def test_yesterdays_file_again_is_a_finding_and_no_new_day() -> None:
    same = FILE.format(day="Aug 27, 2026", shares="1,000.00")
    parsed = parse(same, same)
    assert values(parsed, "IWM", "shares") == {"2026-08-27": 1000.0}
    assert "repeated_file" in {f.code for f in parsed.findings}


def found(change: tuple[str, str]) -> dict[str, tuple[str, str]]:
    """Return code, severity and series of the findings in a file with one thing changed."""
    text = FILE.format(day="Aug 27, 2026", shares="1,000.00")
    assert change[0] in text
    return {f.code: (str(f.severity), f.series) for f in parse(text.replace(*change)).findings}


def test_holdings_that_do_not_go_together() -> None:
    assert found(("ALPHA", "OMEGA")) == {}
    # one weight as a share of one: 0.6 and 40 are 40.6 percent in all
    assert found(("60.00", "0.60"))["implausible_units"] == ("quarantine", "")
    assert found(('"1,000.00"', '"-1"'))["negative_value"] == ("quarantine", "IWM")
    assert found(("6.00", "-6.00"))["negative_value"] == ("warning", "HOLD.IWM.AAA")
    # two more of a tenth of a percent: ten dollars for each percent
    more = '4.00"\n"CCC","GAMMA","Energy","Equity","{}","0.10","1"\n'
    more += '"DDD","DELTA","Energy","Equity","1.00","0.10","1"\n'
    assert found(('4.00"\n', more.format("1.00"))) == {}
    assert found(('4.00"\n', more.format("2.50"))) == {"weight_and_value": ("warning", "HOLD.IWM.CCC")}
    assert found(('"600.00","60.00"', '"600.00","-"'))["blank_values"] == ("info", "")


def test_recorded_files_have_nothing_of_the_kind(market: Path) -> None:
    for path in sorted((market / "holdings").glob("IW*_holdings_2*.csv")):
        task = Task("ishares", f"ishares:{path.name[:3]}", ())
        parsed = IShares().parse(task, [answer(path.read_bytes())])
        assert {f.code for f in parsed.findings} <= {"holdings_named"}, path.name


def test_a_file_without_shares_has_none_rather_than_zero() -> None:
    parsed = parse(FILE.format(day="Aug 27, 2026", shares="-"))
    assert values(parsed, "IWM", "shares") == {}
    assert values(parsed, "HOLD.IWM.AAA", "weight") == {"2026-08-27": 60.0}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "empty"),
        ("<!DOCTYPE html><html><body>Please accept our terms</body></html>", "wall"),
        (FILE.format(day="Aug 27, 2026", shares="1").replace("Weight (%)", "Gewicht"), "unexpected_shape"),
        (FILE.format(day="Dec 24, 2026", shares="1"), "no_usable_rows"),  # after it was fetched
        (FILE.format(day="-", shares="1"), "no_usable_rows"),  # describes no day
        (FILE.format(day="Aug 27, 2026", shares="-").split('"AAA"')[0], "no_usable_rows"),
    ],
)
def test_content_that_is_not_what_it_should_be(body: str, code: str) -> None:
    with pytest.raises(FetchError) as caught:
        parse(body)
    assert caught.value.code == code


def test_since_fetches_the_sessions_before_the_newest_file(tmp_path: Path) -> None:
    def by_day(seen: Seen) -> Reply:
        asked = seen.query.get("asOfDate", "20260831")
        day = date(int(asked[:4]), int(asked[4:6]), int(asked[6:]))
        return Reply.csv(FILE.format(day=f"{day:%b %d, %Y}", shares=f"{day.day}"))

    with StandIn() as server:
        server.add(f"{SITE}/{FUNDS['IWM']}/1467271812596.ajax", by_day)
        fetcher = server.fetcher(tmp_path)
        responses = IShares().fetch(TASK, fetcher, since=date(2026, 8, 27))
        parsed = IShares().parse(TASK, responses)
    # Thursday and Friday, then Monday
    assert values(parsed, "IWM", "shares") == {"2026-08-27": 27.0, "2026-08-28": 28.0, "2026-08-31": 31.0}


def test_only_known_funds_are_asked_for() -> None:
    wanted = ["HOLD.IWM.BE", "HOLD.IWM", "ishares:IWB", "IWM", "HOLD.NOSUCH", "yahoo:IWD"]
    assert [task.key for task in IShares().tasks(wanted)] == ["ishares:IWM", "ishares:IWB"]
    assert [task.key for task in IShares().tasks()] == [
        "ishares:IWM",
        "ishares:IWB",
        "ishares:IWD",
        "ishares:IWF",
    ]


# ---- flows ---------------------------------------------------------------------------------------------

WEEK = days("2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08", "2026-01-09")
PRICES = {str(d): 10.0 + i for i, d in enumerate(WEEK)}


def test_a_flow_is_the_change_to_the_next_session_at_the_price_of_the_day() -> None:
    # (110-100)x10, (105-110)x11, (105-105)x12, (115-105)x13; the last day has none yet
    assert flows(WEEK, [100, 110, 105, 105, 115], PRICES) == {
        "2026-01-05": 100.0,
        "2026-01-06": -55.0,
        "2026-01-07": 0.0,
        "2026-01-08": 130.0,
    }


def test_a_missing_day_makes_two_flows_unknown_and_none_zero() -> None:
    kept = WEEK[[0, 1, 3, 4]]
    assert flows(kept, [100, 110, 105, 115], PRICES) == {
        "2026-01-05": 100.0,
        "2026-01-06": None,
        "2026-01-07": None,
        "2026-01-08": 130.0,
    }
    assert flows(WEEK, [100, 110, NAN, 105, 115], PRICES)["2026-01-06"] is None


def test_a_missing_price_makes_one_flow_unknown() -> None:
    prices = {d: p for d, p in PRICES.items() if d != "2026-01-06"}
    found = flows(WEEK, [100, 110, 105, 105, 115], prices)
    assert [d for d, v in found.items() if v is None] == ["2026-01-06"]


def test_weekends_and_holidays_are_bridged_and_their_rows_left_out() -> None:
    # 2026-01-19 is a holiday; the count of Saturday the 17th belongs to no session
    share_days = days("2026-01-15", "2026-01-16", "2026-01-17", "2026-01-20")
    prices = {"2026-01-15": 1.0, "2026-01-16": 2.0, "2026-01-20": 3.0}
    assert flows(share_days, [100, 110, 999, 115], prices) == {"2026-01-15": 10.0, "2026-01-16": 10.0}


def test_published_flows_of_iwm_follow_from_its_shares(market: Path) -> None:
    """The issuer's counts with closes, against flows that others published; a close is not quite a NAV."""
    counts = _column(market / "flows/IWM_shares__kittycapital.csv", "Date", "shares_outstanding")
    closes = _column(market / "etfs/IWM.csv", "Date", "Close")
    printed = _column(market / "flows/etf_flows.csv", "date", "flow_usd", ticker="IWM")
    kept = sorted(day for day in counts if day <= "2026-03-30")
    found = flows(days(*kept), [counts[day] for day in kept], closes)
    both = {day: (flow, printed[day]) for day, flow in found.items() if flow is not None and day in printed}
    assert len(both) == 18 and min(both) == "2026-03-04" and max(both) == "2026-03-27"
    assert all(got == pytest.approx(said, rel=0.025) for got, said in both.values())


def _column(path: Path, day: str, value: str, *, ticker: str = "") -> dict[str, float]:
    with path.open(newline="") as file:
        rows = [r for r in csv.DictReader(file) if not ticker or r["ticker"] == ticker]
    return {r[day][:10]: float(r[value]) for r in rows if r[value]}


@given(st.lists(st.one_of(st.none(), st.integers(0, 10**9)), min_size=2, max_size=30))
def test_flows_add_up_to_the_change_of_shares(counts: list[int | None]) -> None:
    sessions = calendar.sessions(date(2026, 1, 2), date(2026, 6, 30))[: len(counts)]
    shares = np.array([NAN if c is None else float(c) for c in counts])
    present = ~np.isnan(shares)
    dates, out = daily_flows(sessions[present], shares[present], sessions, np.ones(len(sessions)))
    by_day = dict(zip(dates.tolist(), out.tolist(), strict=True))
    for i in range(len(counts) - 1):
        a, b = counts[i], counts[i + 1]
        flow = by_day.get(sessions[i].item(), NAN)
        if a is None or b is None:
            assert np.isnan(flow)
        else:
            assert flow == b - a


@pytest.mark.parametrize(
    ("share_days", "shares", "said"),
    [
        (days("2026-01-06", "2026-01-05"), [1.0, 2.0], "do not ascend"),
        (days("2026-01-05", "2026-01-05"), [1.0, 2.0], "do not ascend"),
        (days("2026-01-05"), [1.0, 2.0], "one for each"),
        (days("2026-01-05", "2026-01-06"), [1.0, -2.0], "negative on 2026-01-06"),
    ],
)
def test_columns_that_are_none_are_refused(share_days: DateArray, shares: list[float], said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        daily_flows(share_days, np.array(shares), WEEK, np.ones(5))


def block(series: str, field: Field, unit: Unit, dates: DateArray, column: list[float]) -> SeriesBlock:
    return SeriesBlock(SeriesMeta(series, field, unit, Frequency.DAILY, "s"), dates, np.array(column))


def test_a_flow_is_known_only_when_the_next_count_is() -> None:
    shares = block("IWM", Field.SHARES, Unit.SHARES, WEEK, [100, 110, 105, 105, 115])
    price = block("IWM", Field.CLOSE, Unit.USD, WEEK, [10, 11, 12, 13, 14])
    made = flow_block(shares, price)
    assert made is not None
    assert (made.meta.field, made.meta.unit) == (Field.FLOW, Unit.USD)
    assert made.meta.vintage == date(2026, 1, 9)
    assert made.meta.attributes["price"] == "close from s"
    assert made.values.tolist() == [100.0, -55.0, 0.0, 130.0]
    alone = block("IWM", Field.SHARES, Unit.SHARES, WEEK[:1], [1])
    assert flow_block(alone, price) is None


def test_a_flow_needs_the_funds_own_price_in_dollars() -> None:
    shares = block("IWM", Field.SHARES, Unit.SHARES, WEEK, [1, 2, 3, 4, 5])
    for price, said in (
        (block("RUT", Field.CLOSE, Unit.USD, WEEK, [1, 1, 1, 1, 1]), "not RUT"),
        (block("IWM", Field.CLOSE, Unit.INDEX_LEVEL, WEEK, [1, 1, 1, 1, 1]), "in index_level"),
        (block("IWM", Field.OPEN, Unit.USD, WEEK, [1, 1, 1, 1, 1]), "nav or close"),
    ):
        with pytest.raises(BadInputError, match=said):
            flow_block(shares, price)
