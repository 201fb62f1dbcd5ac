"""A small market made by hand, so that every figure of the corpus can be checked on paper.

Closes stand at the days below and move in equal steps between them. All but the Russell 2000 and the S&P 500,
whose run of sessions is counted, swing a little on the days between. Opens are the close before, except where
one is given; highs and lows lie a fifth of a percent outside of open and close.
"""

from __future__ import annotations

import math
from datetime import date

import numpy as np

from rotascope.facts.build import Desk
from rotascope.ingest import calendar
from rotascope.model.errors import NotAvailableError
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.model.units import Unit
from rotascope.model.universe import load_universe
from rotascope.store.series import SeriesData, to_day

D = date
DAYS = (D(2025, 10, 31), D(2025, 12, 31), D(2026, 1, 2), D(2026, 1, 30), D(2026, 2, 3), D(2026, 2, 6),
        D(2026, 2, 9), D(2026, 2, 10))  # fmt: skip
CLOSES: dict[str, tuple[float, ...]] = {
    "RUT": (1900, 2000, 2020, 2100, 2120, 2150, 2140, 2130),
    "GSPC": (5900, 6000, 6012, 6090, 6102, 6120, 6150, 6144),
    "DJI": (47000, 48000, 48240, 48960, 49200, 49600, 50000, 50050),
    "IXIC": (19500, 20000, 19980, 19900, 19950, 20000, 20050, 19990),
    "IWD": (190, 200, 201, 209, 214.7, 216, 218.5, 218),
    "IWF": (410, 400, 399, 394, 404.26, 402, 401.8, 400),
    "VTV": (170, 180, 181, 188.1, 190, 191, 192, 192),
    "VUG": (490, 480, 479, 475.2, 476, 477, 478, 477),
    "IVE": (215, 220, 220.5, 224.4, 225, 226, 227, 227),
    "IVW": (118, 120, 119.9, 120.6, 121, 121, 121.5, 121.4),
    "IWM": (228, 240, 242.4, 252, 254.4, 258, 256.8, 255.6),
    "IWB": (355, 360, 360.7, 365.4, 366, 367, 369, 368.6),
    "SPY": (590, 600, 601.2, 609, 610.2, 612, 615, 614.4),
    "XLE": (78, 80, 81, 92, 93, 94, 95, 94),
    "XLB": (39, 40, 40.4, 43.2, 43.5, 44, 44.6, 44.8),
    "XLP": (74, 75, 75, 79.5, 80, 81, 80.5, 80.4),
    "XLI": (148, 150, 151, 157.5, 158, 160, 161, 161),
    "XLRE": (40, 40, 40, 41, 41.2, 41.3, 41.4, 41.6),
    "XLC": (109, 110, 110, 112.2, 112, 113, 113, 113),
    "XLY": (119, 120, 119, 121.2, 121, 120, 119.6, 120),
    "XLU": (79, 80, 80.2, 80.8, 81, 81.5, 81.7, 83),
    "XLV": (138, 140, 140.2, 139.3, 140, 142, 141, 140),
    "XLK": (252, 250, 249, 247.5, 246, 250, 254, 252),
    "XLF": (59, 60, 60.1, 58.8, 59, 60, 60.2, 60),
}
OPENS = {"RUT": 2010.0, "GSPC": 6030.0, "DJI": 48100.0, "IXIC": 20200.0}  # of 2 January 2026
YIELDS = (4.05, 4.10, 4.12, 4.22, 4.20, 4.19, 4.18, 4.16)
SOURCE = Source(id="by-hand", publisher="made by hand")


def sessions() -> list[date]:
    """Return the sessions of the market."""
    found: list[date] = calendar.sessions(DAYS[0], DAYS[-1]).tolist()
    return found


def path(values: tuple[float, ...], swing: float = 0.0) -> list[float]:
    """Return a value for each session: in equal steps between the days, with a swing on the days between."""
    days = sessions()
    marks = [days.index(d) for d in DAYS]
    steps = np.interp(range(len(days)), marks, values)
    return [
        round(float(v) * (1 if i in marks else 1 + 0.004 * math.sin(swing * i)), 6)
        for i, v in enumerate(steps)
    ]


def closes(name: str) -> list[float]:
    """Return the closes of a series, one for each session."""
    swing = 0.0 if name in ("RUT", "GSPC") else 1.0 + 0.37 * list(CLOSES).index(name)
    return path(CLOSES[name], swing)


def flows() -> list[float]:
    """Return IWM's daily flow in dollars: 100 million out on each day to January, then as written."""
    special = {D(2026, 2, 2): -1200e6, D(2026, 2, 3): 1400e6}
    return [special.get(d, -100e6 if d < D(2026, 2, 1) else -50e6) for d in sessions()]


class HandReader:
    """Reads the market as of a date."""

    def __init__(self) -> None:
        self.columns: dict[tuple[str, Field], tuple[Unit, list[float]]] = {}
        for name in CLOSES:
            close = closes(name)
            opened = [close[0], *close[:-1]]
            if name in OPENS:
                opened[sessions().index(D(2026, 1, 2))] = OPENS[name]
            unit = Unit.INDEX_LEVEL if name in OPENS else Unit.USD
            self.columns[(name, Field.CLOSE)] = (unit, close)
            self.columns[(name, Field.OPEN)] = (unit, opened)
            both = list(zip(opened, close, strict=True))
            self.columns[(name, Field.HIGH)] = (unit, [max(x) * 1.002 for x in both])
            self.columns[(name, Field.LOW)] = (unit, [min(x) * 0.998 for x in both])
        self.columns[("IWM", Field.FLOW)] = (Unit.USD, flows())
        self.columns[("DGS10", Field.VALUE)] = (Unit.PERCENT, path(YIELDS))

    def read(self, series: str, field: Field, *, as_of: date, **_: object) -> SeriesData:
        """Return the rows up to a date."""
        if (series, field) not in self.columns:
            raise NotAvailableError(f"There is no {series} {field}.")
        unit, values = self.columns[(series, field)]
        days = np.array(sessions(), dtype="datetime64[D]")
        keep = days <= to_day(as_of)
        meta = SeriesMeta(series, field, unit, Frequency.DAILY, SOURCE.id)
        return SeriesData(meta, days[keep], np.array(values)[keep], snapshot="f" * 64, source=SOURCE)

    def source(self, source_id: str, snapshot: str) -> Source:
        """Return the one source."""
        return SOURCE

    def find_source(self, source_id: str) -> Source:
        """Return the one source."""
        return SOURCE


def desk(day: date) -> Desk:
    """Return a desk on the market as of a day."""
    return Desk(HandReader(), load_universe(), day)
