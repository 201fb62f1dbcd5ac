"""Members of the day, weights and earnings: by hand, and real files against pandas."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from engine_desk import ask, data, desk, sessions

from rotascope.app import wiring
from rotascope.app.settings import Settings
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import find_metric
from rotascope.ingest.importer import ImportOptions, import_paths
from rotascope.ingest.readers.base import ReadOptions
from rotascope.model.errors import MissingDataError, NotAvailableError, UnknownNameError
from rotascope.model.facts import Window
from rotascope.model.observations import Field, Frequency
from rotascope.model.units import Unit
from rotascope.model.universe import load_universe
from rotascope.store.series import SeriesData
from rotascope_verify import supported_ops

START, END = date(2024, 1, 2), date(2024, 1, 5)
DAYS = sessions(START, END)  # four sessions


def member(name: str, *rows: tuple[date, float]) -> SeriesData:
    days, states = zip(*rows, strict=True)
    return data(f"MEMBER.SP500.{name}", states, days, field=Field.VALUE, unit=Unit.COUNT)


def index() -> Desk:
    """Return closes of four names, of which one left on the last day and one has never been a member."""
    closes = {"A": (1, 2, 3, 4), "B": (4, 3, 2, 1), "C": (1, 1, 1, 2), "D": (1, 2, 3, 4)}
    first = date(2023, 6, 1)
    inside = [
        member("A", (first, 1.0)), member("B", (first, 1.0), (END, 0.0)),
        member("C", (first, 0.0), (DAYS[1], 1.0)), member("E", (first, 1.0)),
    ]  # fmt: skip
    return desk(*(data(n, v, DAYS) for n, v in closes.items()), *inside)


def test_breadth_asks_the_members_of_the_day() -> None:
    at = index()
    # the 5th: A and C rose; E has no closes; B is out. The 4th: A rose, B fell, C stood still
    assert ask(at, "member_breadth_up", [], START, END).value == 1
    assert ask(at, "member_breadth_members", [], START, END).value == 3
    assert ask(at, "member_breadth_left_out", [], START, END).value == 1
    assert ask(at, "member_breadth_coverage", [], START, END).value == pytest.approx(2 / 3)
    assert ask(at, "member_breadth_up", [], START, DAYS[2]).value == pytest.approx(1 / 3)
    assert ask(at, "member_breadth_above_average", [], START, END, length=2).value == 1
    fact = ask(at, "member_breadth_up", [], START, END)
    assert "1 of its 3 members have no closes here." in fact.notes
    assert fact.recipe.params["length"] == 3


def test_lists_that_say_nothing_about_a_day() -> None:
    with pytest.raises(NotAvailableError, match="is not known"):
        ask(desk(data("A", (1, 2, 3, 4), DAYS)), "member_breadth_up", [], START, END)
    old = desk(data("A", (1, 2, 3, 4), DAYS), member("A", (date(2020, 1, 2), 1.0)))
    with pytest.raises(NotAvailableError, match="ends on 2020-01-02"):
        ask(old, "member_breadth_up", [], START, END)
    names = [member(n, (date(2023, 6, 1), 1.0)) for n in "ABC"]
    few = desk(data("A", (1, 2, 3, 4), DAYS), *names)
    with pytest.raises(NotAvailableError, match="1 of the 3"):
        ask(few, "member_breadth_up", [], START, END)
    assert ask(few, "member_breadth_coverage", [], START, END).value == pytest.approx(1 / 3)
    with pytest.raises(UnknownNameError):
        ask(few, "member_breadth_up", ["A"], START, END)


def holding(name: str, weight: float, sector: str) -> SeriesData:
    return data(
        f"HOLD.SPY.{name}", [weight], [START], field=Field.WEIGHT, unit=Unit.PERCENT,
        attributes={"sector": sector, "asset_class": "Equity"},
    )  # fmt: skip


def fund() -> Desk:
    """Return a fund of four shares, 50, 30, 15 and 5 percent; +10, -10, +20 percent and no change."""
    closes = {"A": (100, 110), "BRK-B": (100, 90), "C": (10, 12), "D": (5, 5), "SPY": (100, 105)}
    closes |= {"XLK": (10, 11), "XLF": (10, 9)}
    return desk(
        *(data(n, v, [START, END]) for n, v in closes.items()),
        holding("A", 50, "Information Technology"), holding("BRKB", 30, "Financials"),
        holding("C", 15, "Technology"), holding("D", 5, "Financial Services"),
        holding("CASH", float("nan"), "Cash"),
    )  # fmt: skip


def test_what_the_largest_names_add() -> None:
    """Two names: 50% of +10 and 30% of -10 add 2 points; the rest, (5 - 2) / 0.2, is 15 percent."""
    at = fund()
    assert ask(at, "largest_names_points", ["SPY"], START, END, names=2).value == pytest.approx(2)
    assert ask(at, "largest_names_weight", ["SPY"], START, END, names=2).value == 80
    assert ask(at, "return_without_largest", ["SPY"], START, END, names=2).value == pytest.approx(15)
    assert ask(at, "largest_names_points", ["SPY"], START, END, names=2).notes[0] == "Names: A, BRKB."
    with pytest.raises(NotAvailableError, match="fewer than 10"):
        ask(at, "largest_names_points", ["SPY"], START, END)


def test_what_sectors_add() -> None:
    """Technology 65% of +10, financials 35% of -10 percent: 6.5 and -3.5 points of 5, which leaves 2."""
    at = fund()
    assert ask(at, "sector_weight", ["SPY", "XLK"], START, END).value == 65
    assert ask(at, "sector_contribution", ["SPY", "XLK"], START, END).value == pytest.approx(6.5)
    assert ask(at, "sector_contribution", ["SPY", "XLF"], START, END).value == pytest.approx(-3.5)
    assert ask(at, "sector_contribution_residual", ["SPY"], START, END).value == pytest.approx(2)
    with pytest.raises(UnknownNameError, match="no shares of XLE"):
        ask(at, "sector_weight", ["SPY", "XLE"], START, END)


def test_old_weights_say_nothing_of_the_base() -> None:
    later = [data(n, (1, 2), [date(2024, 2, 1), date(2024, 2, 29)]) for n in ("A", "SPY", "XLK", "XLF")]
    at = desk(*later, holding("A", 60, "Technology"), holding("B", 40, "Financials"))
    with pytest.raises(NotAvailableError, match="too old"):
        ask(at, "largest_names_points", ["SPY"], date(2024, 2, 1), date(2024, 2, 29), names=1)


def quarter(fund_: str, what: str, values: list[float], ends: list[date]) -> SeriesData:
    unit = Unit.PERCENT if what == "EARNINGS_GROWTH" else Unit.COUNT
    return data(
        f"SEC.GROUP.{fund_}.{what}", values, ends, field=Field.VALUE, unit=unit, frequency=Frequency.QUARTERLY
    )


Q3, Q4 = date(2023, 9, 30), date(2023, 12, 31)


def test_earnings_by_size() -> None:
    at = desk(
        quarter("IWM", "EARNINGS_GROWTH", [1.0, -4.0], [Q3, Q4]),
        quarter("IWM", "COMPANIES", [900, 950], [Q3, Q4]),
        quarter("IWB", "EARNINGS_GROWTH", [2.0, 6.5], [Q3, Q4]),
    )  # fmt: skip
    window = (date(2024, 3, 28), date(2024, 4, 30))
    assert ask(at, "earnings_growth", ["IWM"], *window).value == -4
    assert ask(at, "earnings_companies", ["IWM"], *window).value == 950
    gap = ask(at, "earnings_growth_small_minus_large", [], *window)
    assert (gap.value, gap.unit) == (-10.5, Unit.PP)
    assert "31 December 2023" in gap.notes[0]
    with pytest.raises(NotAvailableError, match="too old"):
        ask(at, "earnings_growth", ["IWM"], date(2024, 8, 30), date(2024, 9, 30))


def test_earnings_of_different_quarters_are_not_compared() -> None:
    small = quarter("IWM", "EARNINGS_GROWTH", [1.0], [Q3])
    at = desk(small, quarter("IWB", "EARNINGS_GROWTH", [2.0, 6.5], [Q3, Q4]))
    with pytest.raises(MissingDataError, match="2023-09-30"):
        ask(at, "earnings_growth_small_minus_large", [], date(2024, 1, 31), date(2024, 2, 29))
    unknown = desk(quarter("IWM", "EARNINGS_GROWTH", [float("nan")], [Q4]))
    with pytest.raises(MissingDataError):
        ask(unknown, "earnings_growth", ["IWM"], date(2024, 3, 28), date(2024, 4, 30))


@pytest.fixture(scope="module")
def real(market_home: Path) -> Iterator[Desk]:
    with wiring.open_reader(Settings(market_home)) as reader:
        yield Desk(reader, load_universe("us"), date(2026, 7, 20), verifiable=supported_ops())


@pytest.mark.market
def test_members_of_june_2024_as_pandas_has_them(real: Desk, market: Path) -> None:
    """Rose in June 2024, of those in the S&P 500 on the 28th: three names stand in quarantine here."""
    pd = pytest.importorskip("pandas")
    path = market / "panel" / "sp500_daily_prices__timothee.parquet"
    prices = duckdb.read_parquet(str(path)).df().set_index("Date")  # pandas alone would need pyarrow
    spans = pd.read_csv(
        market / "panel" / "sp500_ticker_start_end__fja.csv", parse_dates=["start_date", "end_date"]
    )
    on = pd.Timestamp("2024-06-28")
    inside = spans[(spans.start_date <= on) & ~(spans.end_date <= on)].ticker.str.replace(".", "-")
    names = [n for n in inside if n in prices.columns and n not in ("AON", "ACN", "INTC")]
    rose = (prices.loc["2024-06-28", names] > prices.loc["2024-05-31", names]).sum()
    window = Window(date(2024, 5, 31), date(2024, 6, 28))
    found = find_metric("member_breadth_up").fact(real, (), window, field="adjusted_close")
    assert found.value == pytest.approx(rose / len(names))
    members = find_metric("member_breadth_members").fact(real, (), window, field="adjusted_close")
    assert members.value == len(inside) == 503


@pytest.mark.market
def test_concentration_of_real_holdings(market: Path, tmp_path: Path) -> None:
    """Weights of the S&P 500 fund on 24 November 2025, added up from the file itself."""
    from rotascope.store.store import Store

    path = market / "holdings" / "sector_weights_2025-11" / "SPY.json"
    rows = [r for r in json.loads(path.read_text("utf-8")) if r.get("ticker")]
    weights = sorted((float(r["weight"]) for r in rows), reverse=True)
    now, options = datetime(2026, 9, 1, tzinfo=UTC), ImportOptions(ReadOptions(date=date(2025, 11, 24)))
    store = Store.open(tmp_path / "home", clock=lambda: now)
    import_paths([path], store=store, clock=lambda: now, options=options)
    store.close()
    with wiring.open_reader(Settings(tmp_path / "home")) as reader:
        at = Desk(reader, load_universe("us"), date(2026, 7, 20), verifiable=supported_ops())
        window = Window(date(2025, 11, 28), date(2025, 12, 31))
        top = find_metric("largest_names_weight").fact(at, ("SPY",), window).value
        assert top == pytest.approx(sum(weights[:10]), abs=1e-9)
        shares = [w / sum(weights) for w in weights]
        effective = find_metric("effective_number").fact(at, ("SPY",), window).value
        assert effective == pytest.approx(1 / sum(s * s for s in shares), rel=0.01)
