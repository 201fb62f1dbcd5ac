"""Rotation rules as facts: figures by hand, trials counted, and real data against another implementation."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from engine_desk import ask, data, desk, facts, run, sessions

from rotascope.app import wiring
from rotascope.app.settings import Settings
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import find_metric
from rotascope.model.errors import NotAvailableError, RotascopeError, UnknownNameError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field, Standing
from rotascope.model.units import Unit
from rotascope.model.universe import load_universe
from rotascope_verify import supported_ops

LEG = (100.0, 110.0, 99.0, 118.8, 118.8, 130.68)
ENDS = [date(2024, month, 28) for month in range(1, 7)]


def momentum(want: str, cost: float = 0, **more: object) -> float:
    pair = data("A", LEG, ENDS), data("B", (100.0,) * 6, ENDS)
    return run("signal", *pair, want=want, rule="momentum", long=1, skip=0, cost=cost, **more)


def test_a_rule_walked_by_hand() -> None:
    """Positions 1 0 1 0 earn -10, 0, 0 and 0 percent; half of each -5, +10, 0 and +5: e = -5, -10, 0, -5."""
    expected = {
        "count": 4, "position": 1, "trades": 3, "exposure": 0.5, "hit_rate": 0, "beaten": 0,
        "mean_excess": -60, "against_first": -90, "against_second": -30,
        "sharpe": -math.sqrt(1.5), "sharpe_year": -math.sqrt(18), "kurtosis": 2,
    }  # fmt: skip
    for want, value in expected.items():
        assert momentum(want) == pytest.approx(value), want
    assert momentum("skewness") == pytest.approx(0, abs=1e-9)
    assert momentum("t", lags=0) == pytest.approx(-math.sqrt(8))
    assert momentum("against_second", cost=100) == pytest.approx(1200 * (-0.169 / 4 + 0.01 / 4))


def test_the_papers_example_of_a_deflated_ratio() -> None:
    """Bailey and Lopez de Prado (2014): hurdle 0.1132 a day, probability 90.04%; see the verifier's test."""
    own, variance, k = 2.5 / math.sqrt(250), 0.5 / 250, 100
    m = -own / (k - 1)
    d = math.sqrt((variance * (k - 1) - own**2 - (k - 1) * m**2) / (k - 2))
    at = desk()
    made = facts(at, [own, m, *([m + d] * 49), *([m - d] * 49), 1250, -3, 10], Unit.RATIO)

    def deflated(want: str) -> float:
        return at.make(
            want, made[0].series, "deflated_sharpe", made, params={"index": 0, "want": want}, unit=Unit.RATIO,
            decimals=3,
        ).value  # fmt: skip

    assert deflated("hurdle") == pytest.approx(0.1132, abs=5e-5)
    assert deflated("p") == pytest.approx(1 - 0.9004, abs=5e-5)


def years(count: int = 7, seed: int = 3) -> Desk:
    """Return a desk with so many years of two legs, equal and cap weights, closes and adjusted closes."""
    days = sessions(date(2015, 1, 2), date(2015 + count - 1, 12, 31))
    held = []
    for i, name in enumerate(
        ("IWD", "IWF", "RSP", "SPY", "XLE", "XLB", "XLP", "XLI", "XLY", "XLU", "XLV", "XLK", "XLF")
    ):
        steps = np.random.default_rng(seed + i).standard_normal(len(days)) * 0.01
        price = (100 * np.exp(np.cumsum(steps))).tolist()
        total = (100 * np.exp(np.cumsum(steps + 0.0001))).tolist()
        held += [data(name, price, days), data(name, total, days, field=Field.ADJUSTED_CLOSE)]
    return desk(*held)


WINDOW = (date(2021, 10, 29), date(2021, 12, 15))


@pytest.mark.parametrize("rule", ["momentum", "crossing", "equal_weight", "thrust"])
def test_every_rule_has_its_facts(rule: str) -> None:
    at = years()
    for name in (
        *("signal_excess", "signal_over_first", "signal_over_second", "signal_sharpe", "signal_t"),
        *("signal_beaten_shuffles", "signal_hit_rate", "signal_exposure", "signal_trades", "signal_position"),
    ):
        fact = ask(at, name, ["IWD", "IWF"], *WINDOW, rule=rule)
        assert math.isfinite(fact.value)
        assert fact.series == ("IWD", "IWF")
        assert fact.window is not None
        assert fact.window.end_used == date(2021, 11, 30), "December had begun, and is no whole month"
    assert "dividends" in fact.notes[0]


def test_prices_where_they_are_asked_for() -> None:
    at = years()
    total = ask(at, "signal_over_second", [], *WINDOW)
    price = ask(at, "signal_over_second", [], *WINDOW, field="close")
    assert total.series == price.series == ("IWD", "IWF")
    assert total.value != price.value
    assert "without dividends" in price.notes[0]


def test_costs_only_take_away() -> None:
    at = years()
    free, dear = (ask(at, "signal_over_second", [], *WINDOW, cost=c).value for c in (0, 100))
    assert dear < free


def test_years_too_few_are_not_judged() -> None:
    with pytest.raises(NotAvailableError, match="fewer than 60"):
        ask(years(4), "signal_excess", [], date(2018, 10, 31), date(2018, 12, 14))


def test_every_trial_counts() -> None:
    """More dull trials raise the hurdle; the same best rule looks more like luck."""
    at = years()
    two, four = (
        ask(at, "signal_deflated_p", ["IWD", "IWF"], *WINDOW, rules=rules)
        for rules in ("momentum,crossing", "momentum,crossing,equal_weight,thrust")
    )
    sharpes = [f for f in at.closure([four]) if f.metric == "signal_monthly_sharpe"]
    assert len(sharpes) == 4
    assert 0 <= two.value <= 1 and 0 <= four.value <= 1
    with pytest.raises(UnknownNameError):
        ask(at, "signal_deflated_p", ["IWD"], *WINDOW)
    with pytest.raises(RotascopeError):
        ask(at, "signal_excess", [], *WINDOW, rule="hunch")


@pytest.fixture(scope="module")
def real(market_home: Path) -> Iterator[Desk]:
    with wiring.open_reader(Settings(market_home)) as reader:
        yield Desk(reader, load_universe("us"), date(2026, 7, 15), verifiable=supported_ops())


def of_real(at: Desk, metric: str, *series: str, **params: object) -> Fact:
    return find_metric(metric).fact(at, series, Window(date(2025, 12, 31), date(2026, 1, 30)), **params)


@pytest.mark.market
def test_momentum_on_real_funds_as_pandas_has_it(real: Desk, market: Path) -> None:
    """Twelve months less the last, in 252 and 21 sessions, on adjusted closes, 10 basis points."""
    pd = pytest.importorskip("pandas")
    read = {
        leg: pd.read_csv(market / "etfs" / f"{leg}.csv", parse_dates=["Date"]).set_index("Date")
        for leg in ("IWD", "IWF")
    }
    table = pd.DataFrame({leg: frame["AdjClose"] for leg, frame in read.items()}).dropna()
    table = table.loc[:"2026-01-30"]
    ratio = table["IWD"] / table["IWF"]
    sign = (ratio.shift(21) > ratio.shift(252)).astype(float).where(ratio.shift(252).notna())
    last = table.index.to_series().groupby(table.index.to_period("M")).max()
    held = sign.loc[last].dropna()
    gains = table.loc[last].pct_change().shift(-1).loc[held.index].dropna()
    weight = held.loc[gains.index]
    net = (weight * gains["IWD"] + (1 - weight) * gains["IWF"] + 1) * (
        1 - 0.001 * np.r_[1.0, 2.0 * weight.diff().abs().iloc[1:]]
    ) - 1
    rival = (gains["IWD"] + gains["IWF"]) / 2
    drift = (0.5 * (1 + gains["IWD"]) / (1 + rival)).shift(1)
    rival = (1 + rival) * (1 - 0.001 * np.r_[1.0, 2.0 * (0.5 - drift).abs().iloc[1:]]) - 1
    excess = net - rival
    assert of_real(real, "signal_months").value == len(excess)
    assert of_real(real, "signal_excess").value == pytest.approx(1200 * excess.mean(), rel=1e-6)
    assert of_real(real, "signal_sharpe").value == pytest.approx(
        math.sqrt(12) * excess.mean() / excess.std(ddof=1), rel=1e-6
    )
    assert of_real(real, "signal_trades").value == weight.diff().abs().sum()
    assert of_real(real, "signal_exposure").value == pytest.approx(weight.mean())


@pytest.mark.market
def test_the_published_null_is_cited_from_its_day_on(market_home: Path) -> None:
    """Jacobsen, Stangl and Visaltanachoti: at best 2.3% a year; their paper is dated December 2009."""
    with wiring.open_reader(Settings(market_home)) as reader:
        late, early = (Desk(reader, load_universe("us"), date(y, 1, 29)) for y in (2010, 2009))
        window = Window(date(2008, 11, 28), date(2008, 12, 31))
        fact = find_metric("reported").fact(late, ("PUBLISHED.SECTOR_ROTATION.FORESIGHT",), window)
        assert (fact.value, fact.unit) == (2.3, Unit.PP)
        assert late.sources[fact.sources[0]].standing is Standing.REPORTED
        with pytest.raises(NotAvailableError):
            find_metric("reported").fact(early, ("PUBLISHED.SECTOR_ROTATION.FORESIGHT",), window)
