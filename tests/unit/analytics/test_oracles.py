"""Other programs as oracles: where they answer the same question, and where they do not.

docs/oracles.md prints every disagreement with the calculation by hand. The tests read its table, and pin both
figures: ours and theirs. A program that is not installed is skipped; `oracles` is a dependency group.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from rotascope.analytics import drivers, inference, returns, rolling, signals, streaks, windows
from rotascope.model.errors import MissingDataError

DOC = Path(__file__).resolve().parents[3] / "docs" / "oracles.md"
ROW = re.compile(r"^\| `(?P<key>\w+)` \|(?P<question>[^|]*)\|(?P<ours>[^|]*)\|(?P<theirs>[^|]*)\|", re.M)
MONTHS = pd.date_range("2020-01-31", periods=12, freq="ME")
ONE_PERCENT = pd.Series([0.01] * 12, index=MONTHS)
TWELVE = pd.Series([0.04, -0.02, 0.03, 0.01, -0.05, 0.06, 0.02, -0.01, 0.03, 0.0, 0.05, -0.03], index=MONTHS)


def need(name: str) -> ModuleType:
    return pytest.importorskip(name, reason=f"{name} is not installed; it is in the group 'oracles'")


def days(values: list[float], start: str = "2020-01-02") -> pd.Series:
    return pd.Series(values, index=pd.bdate_range(start, periods=len(values)))


def drawn(seed: int, count: int = 400) -> tuple[pd.Series, pd.Series]:
    """Return made-up daily returns (ratios) and the closes that they make, the first one 100."""
    rng = np.random.default_rng(seed)
    r = np.round(rng.normal(0.0004, 0.012, count), 6)
    r[0] = -0.03  # the first day loses: a peak that leaves out the start would miss it
    closes = 100.0 * np.cumprod(np.concatenate([[1.0], 1.0 + r]))
    return days(r.tolist()), days(closes.tolist(), "2020-01-01")


@pytest.fixture(params=[1, 2, 3])
def made(request: pytest.FixtureRequest) -> tuple[pd.Series, pd.Series]:
    return drawn(request.param)


def percents(r: pd.Series) -> np.ndarray:
    return 100.0 * r.to_numpy()


# The same question, the same answer


def test_compounded_return(made: tuple[pd.Series, pd.Series]) -> None:
    r, closes = made
    mine = returns.compound([percents(r)]) / 100.0
    assert mine == pytest.approx(need("quantstats").stats.comp(r), rel=1e-10)
    assert mine == pytest.approx(need("empyrical").cum_returns_final(r), rel=1e-10)
    assert mine == pytest.approx(need("ffn").calc_total_return(closes), rel=1e-10)


def test_drawdown_counts_the_start_as_a_peak(made: tuple[pd.Series, pd.Series]) -> None:
    r, closes = made
    mine = returns.return_drawdown(percents(r))
    assert mine == pytest.approx(need("quantstats").stats.max_drawdown(r), rel=1e-12)
    assert mine == pytest.approx(need("empyrical").max_drawdown(r), rel=1e-12)
    assert mine == pytest.approx(need("ffn").calc_max_drawdown(closes), rel=1e-12)


def test_rolling_drawdown(made: tuple[pd.Series, pd.Series]) -> None:
    r, _ = made
    theirs = need("empyrical").roll_max_drawdown(r, window=60)
    x = percents(r)
    mine = [returns.return_drawdown(x[i : i + 60]) for i in range(len(x) - 59)]
    np.testing.assert_allclose(mine, theirs.to_numpy(), rtol=1e-10)


def test_sharpe_ratio_with_its_period_stated(made: tuple[pd.Series, pd.Series]) -> None:
    r, _ = made
    mine = signals.yearly(signals.sharpe(r.to_numpy()), 252.0)
    assert mine == pytest.approx(need("quantstats").stats.sharpe(r, periods=252), rel=1e-12)
    assert mine == pytest.approx(need("empyrical").sharpe_ratio(r, annualization=252), rel=1e-10)
    assert mine == pytest.approx(need("ffn").calc_sharpe(r, nperiods=252, annualize=True), rel=1e-12)


def test_volatility_is_that_of_the_sharpe_ratio(made: tuple[pd.Series, pd.Series]) -> None:
    """The program prints no volatility; that under its Sharpe ratio is the one the others print."""
    r, _ = made
    mine = float(r.mean()) / signals.sharpe(r.to_numpy()) * 252**0.5
    assert mine == pytest.approx(need("quantstats").stats.volatility(r, periods=252), rel=1e-12)
    assert mine == pytest.approx(need("empyrical").annual_volatility(r, annualization=252), rel=1e-12)


def test_beta(made: tuple[pd.Series, pd.Series]) -> None:
    r, _ = made
    market = days(np.round(np.random.default_rng(9).normal(0.0003, 0.01, len(r)), 6).tolist())
    asset = 0.7 * market + r
    beta, correlation = drivers.rolling_relation(asset.to_numpy(), market.to_numpy(), len(r))
    assert beta[-1] == pytest.approx(need("empyrical").beta(asset, market), rel=1e-9)
    greeks = need("quantstats").stats.greeks(asset, market, periods=252)
    assert beta[-1] == pytest.approx(greeks["beta"], rel=1e-9)
    assert correlation[-1] == pytest.approx(stats.pearsonr(asset, market).statistic, rel=1e-9)


def test_longest_run_of_wins(made: tuple[pd.Series, pd.Series]) -> None:
    r, _ = made
    assert streaks.longest(r.to_numpy() > 0) == need("quantstats").stats.consecutive_wins(r)


def test_win_rate_without_ties(made: tuple[pd.Series, pd.Series]) -> None:
    r, _ = made
    r = r[r != 0]
    assert (r > 0).mean() == pytest.approx(need("quantstats").stats.win_rate(r), rel=1e-12)


def test_months_against_empyrical(made: tuple[pd.Series, pd.Series]) -> None:
    """All months that have the last close of the month before them."""
    r, closes = made
    found = windows.month_windows(
        closes.index.to_numpy().astype("datetime64[D]"), closes.to_numpy(), None
    ).values
    theirs = need("empyrical").aggregate_returns(r, "monthly").to_numpy()
    np.testing.assert_allclose(found, 100.0 * theirs[1:], rtol=1e-9, atol=1e-10)


def test_rolling_returns_against_ffn(made: tuple[pd.Series, pd.Series]) -> None:
    _, closes = made
    need("ffn")
    theirs = [closes.iloc[i : i + 61].calc_total_return() for i in range(0, len(closes) - 60, 17)]
    mine = inference.window_returns(closes.to_numpy(), 60)[::17]
    np.testing.assert_allclose(mine, 100.0 * np.array(theirs), rtol=1e-9)


# Disagreements: ours and theirs, printed in docs/oracles.md

Answer = float | str
Pair = tuple[Callable[[], Answer], Callable[[], Answer]]


def cagr(found: pd.Series, years: float) -> float:
    return 100.0 * ((1.0 + returns.compound([percents(found)]) / 100.0) ** (1.0 / years) - 1.0)


def refused(ask: Callable[[], object]) -> str:
    with pytest.raises(MissingDataError):
        ask()
    return "refused"


def fall(closes: list[float]) -> float:
    p = np.array(closes)
    return 100.0 * returns.return_drawdown(100.0 * (p[1:] / p[:-1] - 1.0))


def peak_of(closes: pd.Series) -> str:
    p = closes.to_numpy()
    trough = int(np.argmin(p / np.maximum.accumulate(p)))
    return str(closes.index[int(np.argmax(p[: trough + 1]))].date())


def newey_west(correction: bool) -> float:
    import statsmodels.api as sm

    how = {"maxlags": 1, "use_correction": correction}
    return float(sm.OLS([1.0, 2.0, 3.0, 4.0], np.ones(4)).fit(cov_type="HAC", cov_kwds=how).tvalues[0])


def first_month() -> pd.Series:
    return pd.Series(
        [100.0, 102.0, 104.0, 101.0, 103.02],
        index=pd.to_datetime(["2020-01-15", "2020-01-31", "2020-02-14", "2020-02-28", "2020-03-31"]),
    )


def my_months() -> windows.Windows:
    d = first_month()
    return windows.month_windows(d.index.to_numpy().astype("datetime64[D]"), d.to_numpy(), None)


def their_months() -> pd.DataFrame:
    return need("quantstats").stats.monthly_returns(first_month(), eoy=False)


GAP = days([0.1, float("nan"), -0.05])
FLAT = days([0.01, 0.0, 0.0, -0.01, 0.02])
DIP = days([100.0, 90.0, 95.0, 101.0])
FAR = np.array([2.88159628e-03, 6.03003060e-06, 1.17024716e00, 9.49938890e-04, 2.29771249e-05])
CASES: dict[str, Pair] = {
    "cagr_months_as_days": (
        lambda: cagr(ONE_PERCENT, 1.0),
        lambda: 100.0 * need("quantstats").stats.cagr(ONE_PERCENT),
    ),
    "cagr_months_as_days_too": (
        lambda: cagr(ONE_PERCENT, 1.0),
        lambda: 100.0 * need("empyrical").cagr(ONE_PERCENT),
    ),
    "cagr_by_the_calendar": (
        lambda: cagr(ONE_PERCENT, 1.0),
        lambda: (
            100.0
            * need("ffn").calc_cagr(
                pd.Series(
                    100 * 1.01 ** np.arange(13), index=pd.date_range("2019-12-31", periods=13, freq="ME")
                )
            )
        ),
    ),
    "sharpe_months_as_days": (
        lambda: signals.yearly(signals.sharpe(TWELVE.to_numpy()), 12.0),
        lambda: need("quantstats").stats.sharpe(TWELVE),
    ),
    "drawdown_below_one": (
        lambda: fall([0.90, 0.45, 0.60]),
        lambda: 100.0 * need("quantstats").stats.max_drawdown(days([0.90, 0.45, 0.60])),
    ),
    "drawdown_start": (
        lambda: peak_of(DIP),
        lambda: str(need("ffn").drawdown_details(need("ffn").to_drawdown_series(DIP))["Start"][0].date()),
    ),
    "win_rate_of_ties": (
        lambda: 100.0 * float((FLAT > 0).sum()) / len(FLAT),
        lambda: 100.0 * need("quantstats").stats.win_rate(FLAT),
    ),
    "gap_in_returns": (
        lambda: refused(lambda: returns.compound([percents(GAP)])),
        lambda: 100.0 * need("empyrical").cum_returns_final(GAP),
    ),
    "first_month": (
        lambda: str(my_months().ends[0])[:7],
        lambda: f"2020-{list(their_months().columns).index('JAN') + 1:02d}",
    ),
    "months_to_come": (
        lambda: float(my_months().values.size),
        lambda: float(their_months().iloc[0].notna().sum()),
    ),
    "percentile_of_ties": (
        lambda: inference.standing(np.array([1.0, 2.0, 2.0, 3.0]), 2.0).percentile,
        lambda: stats.percentileofscore([1.0, 2.0, 2.0, 3.0], 2.0),
    ),
    "newey_west_small_sample": (
        lambda: inference.newey_west(np.array([1.0, 2.0, 3.0, 4.0]), 1).t,
        lambda: newey_west(True),
    ),
    "chance_of_skill": (
        lambda: 100.0 * inference.deflated_sharpe(TWELVE.to_numpy(), 0.0, 1).probability,
        lambda: (
            100.0 * need("quantstats").stats.probabilistic_sharpe_ratio(TWELVE, periods=12, annualize=False)
        ),
    ),
    "mean_after_large_prices": (
        lambda: float(rolling.window_sums(_far(), 5)[-1] / 5),
        lambda: float(pd.Series(_far()).rolling(5).mean().iloc[-1]),
    ),
}


def _far() -> np.ndarray:
    """Return prices that span fifteen orders of magnitude, small ones at the end."""
    return np.concatenate([10.0 ** np.random.default_rng(0).uniform(-6, 9, 300), FAR])


def printed() -> dict[str, tuple[str, str]]:
    """Return both figures of each row of the table in docs/oracles.md."""
    found = {m["key"]: (m["ours"].strip(), m["theirs"].strip()) for m in ROW.finditer(DOC.read_text())}
    return {k: (a.rstrip("%"), b.rstrip("%")) for k, (a, b) in found.items()}


def test_the_page_has_every_disagreement_and_no_other() -> None:
    assert set(printed()) == set(CASES)


@pytest.mark.parametrize("key", CASES)
@pytest.mark.parametrize("side", [0, 1], ids=["ours", "theirs"])
def test_the_page_prints_both_figures(key: str, side: int) -> None:
    text, value = printed()[key][side], CASES[key][side]()
    if isinstance(value, str):
        assert text == value
        return
    decimals = len(text.partition(".")[2])
    assert f"{value:,.{decimals}f}" == text


def test_the_agreeing_settings_of_those_who_disagree() -> None:
    """Asked in our words, they give our figures: the disagreement is about the question."""
    assert need("quantstats").stats.cagr(ONE_PERCENT, periods=12) == pytest.approx(1.01**12 - 1)
    assert need("empyrical").cagr(ONE_PERCENT, period="monthly") == pytest.approx(1.01**12 - 1)
    assert stats.percentileofscore([1.0, 2.0, 2.0, 3.0], 2.0, kind="weak") == 75.0
    assert newey_west(False) == pytest.approx(inference.newey_west(np.array([1.0, 2.0, 3.0, 4.0]), 1).t)


def test_chance_of_skill_by_hand() -> None:
    """Bailey and Lopez de Prado (2012): moments of the sample with divisor n; the ratio with n - 1."""
    x = TWELVE.to_numpy()
    e = x - x.mean()
    m2, m3, m4 = ((e**k).mean() for k in (2, 3, 4))
    ratio = x.mean() / np.sqrt((e**2).sum() / 11)
    width = 1 - m3 / m2**1.5 * ratio + (m4 / m2**2 - 1) / 4 * ratio**2
    by_hand = stats.norm.cdf(ratio * np.sqrt(11) / np.sqrt(width))
    assert inference.deflated_sharpe(x, 0.0, 1).probability == pytest.approx(by_hand, rel=1e-12)
    # with moments corrected for bias instead (divisors of pandas), by the same formula
    corrected = 1 - stats.skew(x, bias=False) * ratio + (stats.kurtosis(x, bias=False) + 2) / 4 * ratio**2
    theirs = need("quantstats").stats.probabilistic_sharpe_ratio(TWELVE, periods=12, annualize=False)
    assert theirs == pytest.approx(stats.norm.cdf(ratio * np.sqrt(11) / np.sqrt(corrected)), rel=1e-12)
