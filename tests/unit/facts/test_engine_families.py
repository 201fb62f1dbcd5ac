"""Families and pure spreads: by hand, and real files against a plain reading of them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from engine_desk import ask, data, desk, run

from rotascope.app import wiring
from rotascope.app.settings import Settings
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import find_metric
from rotascope.model.errors import BadWindowError, NotAvailableError, RotascopeError, UnknownNameError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field, Frequency
from rotascope.model.units import Unit
from rotascope.model.universe import load_universe
from rotascope.store.series import SeriesData
from rotascope_verify import supported_ops

DAYS = [date(2024, 1, 2), date(2024, 1, 3), date(2024, 1, 4)]
MONTH = (date(2023, 12, 29), date(2024, 1, 31))
ENDS = [date(2023, 11, 30), date(2023, 12, 29), date(2024, 1, 31)]
FUNDS = {
    # November to December, then December to January
    "IWD": (100, 110, 121), "IWF": (100, 100, 110),  # +10, then 0 points
    "VTV": (50, 55, 55), "VUG": (20, 20, 20),  # +10, then 0
    "IVE": (10, 11, 11), "IVW": (10, 10, 10.5),  # +10, then -5
}  # fmt: skip


def funds(*fields: Field) -> list[SeriesData]:
    return [
        data(name, values, ENDS, field=field)
        for name, values in FUNDS.items()
        for field in fields or (Field.CLOSE,)
    ]


def months(name: str, values: list[float]) -> SeriesData:
    """Return monthly returns of a portfolio, from November 2023 on."""
    days = [date(2023, 11, 30), date(2023, 12, 31), date(2024, 1, 31)]
    return data(name, values, days, field=Field.VALUE, unit=Unit.PERCENT, frequency=Frequency.MONTHLY)


def test_range_of_two_pairs() -> None:
    """One session: 10 - 0 and 0 - 10 percent lie 20 points apart; the next: 0 and 0."""
    pairs = [
        data(n, v, DAYS)
        for n, v in zip("ABCD", [(100, 110, 110), (1, 1, 1), (5, 5, 5), (10, 11, 11)], strict=True)
    ]
    one = {"grid": "sessions", "length": 1}
    assert run("spread_range", *pairs, want="value", **one) == 0
    assert run("spread_range", *pairs, want="median", **one) == pytest.approx(10)
    assert run("spread_range", *pairs, want="percentile", **one) == 50
    assert run("spread_range", *pairs, want="rank", **one) == 2
    assert run("spread_range", *pairs, want="value", grid="sessions", length=2) == pytest.approx(20)
    for inputs in (pairs[:2], pairs[:3]):
        with pytest.raises(RotascopeError):
            run("spread_range", *inputs, want="value", **one)


def test_disagreement_of_families() -> None:
    at = desk(*funds())
    gap = ask(at, "family_disagreement", [], *MONTH)
    assert (gap.value, gap.unit) == (pytest.approx(5), Unit.PP)
    assert ask(at, "family_disagreement", [], *MONTH, of="russell,crsp").value == pytest.approx(0)
    # two months: 0 and 5 points apart
    assert ask(at, "family_disagreement_percentile", [], *MONTH).value == 100
    assert ask(at, "family_disagreement_median", [], *MONTH).value == pytest.approx(2.5)
    assert ask(at, "family_disagreement_count", [], *MONTH).value == 2
    history = ask(at, "family_disagreement_percentile", [], *MONTH)
    assert history.series == ("IWD", "IWF", "VTV", "VUG", "IVE", "IVW")
    assert history.recipe.params["grid"] == "months"


def test_families_without_closes_are_left_out_unless_named() -> None:
    at = desk(*(d for d in funds() if d.meta.series not in ("IVE", "VTV")))
    with pytest.raises(NotAvailableError, match="two families"):
        ask(at, "family_disagreement", [], *MONTH)
    with pytest.raises(RotascopeError):
        ask(at, "family_disagreement", [], *MONTH, of="russell,sp")
    with pytest.raises(UnknownNameError):
        ask(desk(*funds()), "family_disagreement", [], *MONTH, of="russell")
    with pytest.raises(UnknownNameError):
        ask(desk(*funds()), "family_disagreement_percentile", ["IWD", "IWF"], *MONTH)


def french() -> list[SeriesData]:
    return [
        months(f"FF.6_2x3.VW.{name}.M", values)
        for name, values in {
            "SMALL_HiBM": [1.0, 10.0, 10.0], "SMALL_LoBM": [1.0, 0.0, 5.0],
            "BIG_HiBM": [1.0, 4.0, 6.0], "BIG_LoBM": [1.0, 2.0, -1.0],
            "ME1_BM2": [1.0, 0.0, 0.0], "ME2_BM2": [1.0, 0.0, 0.0],
        }.items()
    ]  # fmt: skip


def test_pure_spreads() -> None:
    """Two months, leg by leg: small value 21 percent, small growth 5; big value 10.24, big growth 0.98."""
    at, window = desk(*french()), (date(2023, 11, 30), date(2024, 1, 31))
    expected = {
        "value_minus_growth_small": 21 - 5,
        "value_minus_growth_big": 10.24 - 0.98,
        "small_minus_large_value": 21 - 10.24,
        "small_minus_large_growth": 5 - 0.98,
    }
    for name, value in expected.items():
        fact = ask(at, name, [], *window)
        assert (fact.value, fact.unit) == (pytest.approx(value), Unit.PP), name
    assert ask(at, "value_minus_growth_big", [], *window).series == (
        "FF.6_2x3.VW.BIG_HiBM.M",
        "FF.6_2x3.VW.BIG_LoBM.M",
    )
    with pytest.raises(NotAvailableError):
        ask(at, "value_minus_growth_big", [], *window, grid="5x5")
    with pytest.raises(RotascopeError):
        ask(at, "value_minus_growth_big", [], *window, grid="4x4")
    with pytest.raises(UnknownNameError):
        ask(at, "value_minus_growth_big", ["A"], *window)


def test_french_beside_funds_in_whole_months_only() -> None:
    """January: value legs 8, growth legs 2 percent by his portfolios, 6 points; the funds 0, 0 and -5."""
    at = desk(*funds(Field.CLOSE, Field.ADJUSTED_CLOSE), *french())
    total = {"kind": "total_return"}
    assert ask(at, "family_spread", ["french"], *MONTH, **total).value == pytest.approx(6)
    assert ask(at, "family_disagreement", [], *MONTH, of="russell,sp,french", **total).value == pytest.approx(
        11
    )
    with pytest.raises(UnknownNameError, match="total returns only"):
        ask(at, "family_spread", ["french"], *MONTH)
    later = [
        data(n, [*v, v[-1]], [*ENDS, date(2024, 2, 9)], field=Field.ADJUSTED_CLOSE) for n, v in FUNDS.items()
    ]
    with pytest.raises(BadWindowError, match="French's months"):
        ask(
            desk(*later, *french()),
            "family_disagreement",
            [],
            MONTH[0],
            date(2024, 2, 9),
            of="russell,french",
            **total,
        )


def test_what_dividends_add() -> None:
    """Prices: 10 and 10 percent; with dividends 11 and 10.5: half a point more for value."""
    held = [
        data("IWD", (100, 110), ENDS[1:]), data("IWF", (100, 110), ENDS[1:]),
        data("IWD", (50, 55.5), ENDS[1:], field=Field.ADJUSTED_CLOSE),
        data("IWF", (100, 110.5), ENDS[1:], field=Field.ADJUSTED_CLOSE),
    ]  # fmt: skip
    fact = ask(desk(*held), "total_minus_price_spread", [], *MONTH)
    assert (fact.value, fact.series) == (pytest.approx(0.5), ("IWD", "IWF"))


@pytest.fixture(scope="module")
def real(market_home: Path) -> Iterator[Desk]:
    with wiring.open_reader(Settings(market_home)) as reader:
        yield Desk(reader, load_universe("us"), date(2026, 7, 15), verifiable=supported_ops())


def of_real(at: Desk, metric: str, *series: str, **params: object) -> Fact:
    return find_metric(metric).fact(at, series, Window(date(2025, 12, 31), date(2026, 1, 30)), **params)


@pytest.mark.market
def test_january_2026_by_family(real: Desk) -> None:
    """6.079 (Russell), 5.880 (CRSP) and 1.927 (S&P): 4.152 apart, more than in most months since 2005."""
    assert of_real(real, "family_disagreement").value == pytest.approx(6.079 - 1.927, abs=0.002)
    assert of_real(real, "family_disagreement_count").value == 252
    assert of_real(real, "family_disagreement_percentile").value > 95


@pytest.mark.market
@pytest.mark.parametrize(
    ("file", "grid"), [("6_Portfolios_2x3.csv", "2x3"), ("25_Portfolios_5x5.csv", "5x5")]
)
def test_pure_spreads_as_a_plain_reading_of_the_file(real: Desk, market: Path, file: str, grid: str) -> None:
    """The first monthly block of the file, read line by line, compounded leg by leg over 2024 and 2025."""
    lines = (market / "french" / file).read_text("latin-1").splitlines()
    at = next(i for i, text in enumerate(lines) if text.startswith(",") and "LoBM" in text)
    names = [cell.strip() for cell in next(csv.reader([lines[at]]))]
    grown = dict.fromkeys(names[1:], 1.0)
    for text in lines[at + 1 :]:
        cells = [cell.strip() for cell in text.split(",")]
        if len(cells) != len(names) or not cells[0].isdigit():
            break
        if "202401" <= cells[0] <= "202512":
            for name, cell in zip(names[1:], cells[1:], strict=True):
                grown[name] *= 1 + float(cell) / 100
    corner = {
        size + style: f"{size.upper()} {style}BM" for size in ("Small", "Big") for style in ("Lo", "Hi")
    }
    total = {key: 100 * (grown[name] - 1) for key, name in corner.items()}
    expected = {
        "value_minus_growth_small": total["SmallHi"] - total["SmallLo"],
        "value_minus_growth_big": total["BigHi"] - total["BigLo"],
        "small_minus_large_value": total["SmallHi"] - total["BigHi"],
        "small_minus_large_growth": total["SmallLo"] - total["BigLo"],
    }
    window = Window(date(2023, 12, 29), date(2025, 12, 31))
    for name, value in expected.items():
        assert find_metric(name).fact(real, (), window, grid=grid).value == pytest.approx(value), name
