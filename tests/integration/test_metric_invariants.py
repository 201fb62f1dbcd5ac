"""What must hold of every metric: later rows change no earlier answer, and neither do the units of prices.

Each metric is asked of one window twice: as of the last day of its month, and as of a later date, when the
database knows more rows. The value, the recipe and the rows that went in must be the same. A metric that is
about the as-of date itself is named below, with the reason. Then it is asked with prices in another unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rotascope.app import wiring
from rotascope.app.settings import Settings
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import load_metrics
from rotascope.model.errors import RotascopeError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.model.universe import load_universe
from rotascope.store.reader import Reader
from rotascope.store.series import SeriesData
from rotascope_verify import supported_ops

# The metric speaks of the as-of date, and is meant to move with it.
OF_THE_AS_OF_DATE = {
    "sessions_since",  # sessions between the end of the window and the as-of date
}
PORTFOLIOS = tuple(
    f"FF.6_2x3.VW.{n}.M" for n in ("SMALL_LoBM", "ME1_BM2", "SMALL_HiBM", "BIG_LoBM", "ME2_BM2", "BIG_HiBM")
)
# One of these fits nearly every metric.
SERIES: tuple[tuple[str, ...], ...] = (
    (),
    ("RUT", "GSPC"),
    ("GSPC", "IXIC"),
    ("IWD", "IWF"),
    ("GSPC",),
    ("IWM",),
    ("russell",),
    ("FF.SMB.M",),
    ("FF.HML.M", "FF.SMB.M"),
    PORTFOLIOS,
    ("DGS10",),
    ("BAA", "AAA"),
    ("VIX",),
    ("XLE",),
    ("SPY",),
    ("SPY", "IWM"),
)
# What a metric cannot do without, beside series; tried only where plain asking fails.
PARAMS: tuple[Mapping[str, Any], ...] = (
    {},
    {"index": 0},
    {"horizon": 3},
    {"k": 5},
    {"names": ("AAPL", "MSFT")},
    {"weights": tuple(n.replace(".VW.", ".FIRMS.") for n in PORTFOLIOS)},
    {"at_least": 1.0},
    {"driver": "ten_year_yield"},
    {"date": "2018-05-31"},
    {"field": "value"},
)


def first_fact(
    metric: str, desk: Desk, window: Window
) -> tuple[tuple[str, ...], Mapping[str, Any], Fact] | None:
    """Return the first way of asking that a metric answers, and the answer."""
    found = load_metrics()[metric]
    for params in PARAMS:
        if not set(params) <= set(found.params):
            continue
        for series in SERIES:
            try:
                return series, params, found.fact(desk, series, window, **params)
            except RotascopeError:
                continue
    return None


def all_alike(reader: Reader, window: Window, month_end: date, later: date) -> set[str]:
    """Ask every metric on both dates, and return the names of those that answered.

    month_end: of the window's last month. A value of a month is dated on it, and it may not be a session.
    """
    reached = set()
    then, now = (
        Desk(reader, load_universe("us"), day, verifiable=supported_ops()) for day in (month_end, later)
    )
    for metric in sorted(load_metrics().keys() - OF_THE_AS_OF_DATE):
        asked = first_fact(metric, then, window)
        if asked is None:
            continue
        series, params, before = asked
        after = load_metrics()[metric].fact(now, series, window, **params)
        assert (metric, after.value, after.unit) == (metric, before.value, before.unit)
        assert (metric, after.recipe) == (metric, before.recipe)
        rows = [[i for i in f.inputs if not hasattr(i, "id")] for f in (before, after)]
        assert (metric, rows[1]) == (metric, rows[0])
        reached.add(metric)
    return reached


PRICES = (Field.CLOSE, Field.OPEN, Field.ADJUSTED_CLOSE, Field.TOTAL_RETURN_INDEX)
# These print a level, or set one beside a sum of money.
OF_A_LEVEL = {"level", "level_change", "fund_assets", "flow_share_of_assets"}


class Rescaled:
    """A reader that gives prices in another unit: each series times a power of two of its own.

    Powers of two leave every quotient as it is, to the last bit. Yields, spreads and the VIX are no prices.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def read(self, series: str, field: Field, **asked: Any) -> SeriesData:
        found = self._reader.read(series, field, **asked)
        if field not in PRICES or series == "VIX":
            return found
        return replace(found, values=found.values * 2.0 ** (len(series) % 3 + 1))


def scaled_alike(reader: Reader, window: Window, as_of: date) -> set[str]:
    """Ask every metric in both units, and return the names of those that answered."""
    reached = set()
    plain, scaled = (
        Desk(r, load_universe("us"), as_of, verifiable=supported_ops()) for r in (reader, Rescaled(reader))
    )
    for metric in sorted(load_metrics().keys() - OF_A_LEVEL):
        asked = first_fact(metric, plain, window)
        if asked is None:
            continue
        series, params, found = asked
        again = load_metrics()[metric].fact(scaled, series, window, **params)
        assert again.value == pytest.approx(found.value, rel=1e-9, abs=1e-9), metric
        reached.add(metric)
    return reached


def test_later_rows_on_the_history_in_the_wheel(tmp_path: Path) -> None:
    with wiring.open_reader(Settings(tmp_path)) as reader:
        window = Window(date(2018, 3, 29), date(2018, 6, 29))
        reached = all_alike(reader, window, date(2018, 6, 30), date(2018, 11, 30))
    assert len(reached) >= 0.5 * len(load_metrics())


def test_units_of_prices_on_the_history_in_the_wheel(tmp_path: Path) -> None:
    with wiring.open_reader(Settings(tmp_path)) as reader:
        window = Window(date(2018, 3, 29), date(2018, 6, 29))
        reached = scaled_alike(reader, window, date(2018, 11, 30))
    assert len(reached) >= 0.5 * len(load_metrics())


@pytest.fixture(scope="module")
def reader(market_home: Path) -> Iterator[Reader]:
    with wiring.open_reader(Settings(market_home)) as opened:
        yield opened


@pytest.mark.market
@pytest.mark.slow
def test_later_rows_on_the_market_files(reader: Reader) -> None:
    window = Window(date(2025, 12, 31), date(2026, 1, 30))
    reached = all_alike(reader, window, date(2026, 1, 31), date(2026, 2, 10))
    assert len(reached) >= 0.8 * len(load_metrics())


@pytest.mark.market
@pytest.mark.slow
def test_units_of_prices_on_the_market_files(reader: Reader) -> None:
    window = Window(date(2025, 12, 31), date(2026, 1, 30))
    reached = scaled_alike(reader, window, date(2026, 2, 10))
    assert len(reached) >= 0.8 * len(load_metrics())
