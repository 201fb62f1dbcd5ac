"""Published results, from the files of the Ken French data library. The vintage is part of each answer."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from rotascope.analytics.inference import newey_west
from rotascope.analytics.returns import return_drawdown

pytestmark = pytest.mark.market
ROW = re.compile(r"\s*(\d{6})\s*,")


def first_months(file: Path) -> tuple[list[str], dict[str, np.ndarray]]:
    """Return the months and the columns of the first monthly section."""
    if not file.is_file():
        pytest.skip(f"{file.name} is not in {file.parent}")
    names: list[str] = []
    rows: list[list[str]] = []
    for line in file.read_text(errors="replace").splitlines():
        if ROW.match(line):
            rows.append([cell.strip() for cell in line.split(",")])
        elif rows:
            break
        elif line.lstrip().startswith(","):
            names = [cell.strip() for cell in line.split(",")[1:]]
    table = np.array([[float(v) for v in r[1 : len(names) + 1]] for r in rows])
    return [r[0] for r in rows], {n: table[:, i] for i, n in enumerate(names)}


def between(months: list[str], values: np.ndarray, first: str, last: str) -> np.ndarray:
    return values[months.index(first) : months.index(last) + 1]


def yearly(values: np.ndarray) -> tuple[float, float, float]:
    """Return mean times 12, standard deviation (divisor n - 1) times root 12, and their ratio."""
    mean, spread = 12 * values.mean(), 12**0.5 * values.std(ddof=1)
    return mean, spread, mean / spread


def test_size_deciles_1936_to_1975(market: Path) -> None:
    months, columns = first_months(market / "french" / "Portfolios_Formed_on_ME__crsp202211.CSV")
    spread = between(months, columns["Lo 10"] - columns["Hi 10"], "193601", "197512")
    assert spread.size == 480
    mean, volatility, sharpe = yearly(spread)
    assert round(mean, 2) == 7.12
    assert round(volatility, 2) == 25.24
    assert round(sharpe, 2) == 0.28


def test_smb_1936_to_1975(market: Path) -> None:
    # Alquist, Israel and Moskowitz (2018) print 1.9, 10 and 0.19. This release gives 1.87 and 9.76, that of
    # 2018-11 gives 1.89 and 9.77.
    months, columns = first_months(market / "french" / "F-F_Research_Data_Factors.csv")
    mean, volatility, sharpe = yearly(between(months, columns["SMB"], "193601", "197512"))
    assert mean == pytest.approx(1.88, abs=0.02)
    assert volatility == pytest.approx(9.77, abs=0.02)
    assert round(sharpe, 2) == 0.19


def test_size_in_the_pack_of_2018() -> None:
    french = pytest.importorskip("arch.data.frenchdata").load()
    months = [str(int(m)) for m in french.index.astype("int64")]
    mean, volatility, sharpe = yearly(between(months, french["SMB"].to_numpy(), "193601", "197512"))
    assert mean == pytest.approx(1.88, abs=0.01)
    assert round(volatility, 2) == 9.77
    assert round(sharpe, 2) == 0.19


def test_market_of_fama_and_french_2015() -> None:
    # mean 0.499, standard deviation 4.49, t 2.74: to the digit in the release of 2018-11
    french = pytest.importorskip("arch.data.frenchdata").load()
    months = [str(int(m)) for m in french.index.astype("int64")]
    values = between(months, french["Mkt-RF"].to_numpy(), "196307", "201312")
    assert values.size == 606
    assert round(values.mean(), 3) == 0.499
    assert round(values.std(ddof=1), 2) == 4.49
    plain = newey_west(values, lags=0)
    small_sample = plain.t * ((values.size - 1) / values.size) ** 0.5  # divisor n - 1, as in the paper
    assert round(small_sample, 2) == 2.74


def test_market_in_a_later_vintage_moves_in_the_third_digit(market: Path) -> None:
    months, columns = first_months(market / "french" / "F-F_Research_Data_5_Factors_2x3.csv")
    values = between(months, columns["Mkt-RF"], "196307", "201312")
    assert values.mean() == pytest.approx(0.499, abs=0.003)
    assert values.std(ddof=1) == pytest.approx(4.49, abs=0.01)


def test_drawdown_of_value_2006_to_2020(market: Path) -> None:
    # HML of each month compounded as one position, from its high at the end of 2006-12 to 2020-06. The
    # release of 2021-11 gives 0.5543; the library has since been revised, and this release gives 0.5460.
    # Both print as the 55 percent of Arnott, Harvey, Kalesnik and Linnainmaa (2021).
    months, columns = first_months(market / "french" / "F-F_Research_Data_Factors.csv")
    found = return_drawdown(between(months, columns["HML"], "200701", "202006"))
    assert round(found, 2) == -0.55
    assert found == pytest.approx(-0.5460, abs=5e-5)
    with_peak_month = return_drawdown(between(months, columns["HML"], "200612", "202006"))
    assert found == pytest.approx(with_peak_month, abs=1e-12)
