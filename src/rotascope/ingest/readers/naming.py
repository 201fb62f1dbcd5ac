"""Names: the series of a file from its name, and what column headings mean."""

from __future__ import annotations

import re
from pathlib import Path

from rotascope.ingest.readers.sample import plain
from rotascope.model.observations import Field

_STOOQ_STEM = re.compile(r"(?P<index>\^|caret_)?(?P<ticker>[a-z0-9.\-]+?)(?:_(?P<market>[a-z]{2}))?_d")

DATE_NAMES = frozenset(
    {"date", "datetime", "timestamp", "day", "tradedate", "tradingday", "observationdate", "dateyyyymmdd"}
)
TICKER_NAMES = frozenset({"ticker", "symbol", "tic", "tickersymbol"})
_FIELDS = {
    Field.OPEN: ("open", "openprice"),
    Field.HIGH: ("high", "highprice"),
    Field.LOW: ("low", "lowprice"),
    Field.CLOSE: ("close", "closeprice", "last", "closelast", "lastprice", "pxlast"),
    Field.ADJUSTED_CLOSE: ("adjclose", "adjustedclose", "adjcloseprice", "closeadj", "closeadjusted"),
    Field.VOLUME: ("volume", "vol", "sharevolume"),
    Field.DIVIDEND: ("dividends", "dividend", "divcash", "dividendamount"),
    Field.SPLIT: ("stocksplits", "stocksplit", "splits", "splitfactor", "splitcoefficient"),
}
_BY_NAME = {name: field for field, names in _FIELDS.items() for name in names}

SPLIT_IS_ONE = frozenset({"splitfactor", "splitcoefficient"})
"""Columns in which no split is written as 1 and not as 0."""


def price_field(heading: str) -> Field | None:
    """Return what a column of a price file holds, or None.

    >>> price_field("Adj Close"), price_field("Repaired?")
    (<Field.ADJUSTED_CLOSE: 'adjusted_close'>, None)
    """
    return _BY_NAME.get(plain(heading))


def clean_ticker(name: str) -> str:
    """Return a ticker as a series id: upper case, no leading caret or underscore, no spaces.

    >>> clean_ticker("^rut"), clean_ticker("_IRX"), clean_ticker("brk.b")
    ('RUT', 'IRX', 'BRK.B')
    """
    return re.sub(r"\s+", "_", name.strip().lstrip("^_").strip().upper())


def plain_stem(path: Path) -> str:
    """Return a file's name without its ending and without what stands after two underscores.

    >>> plain_stem(Path("prices__vendor.parquet"))
    'prices'
    """
    stem = path.name
    for _ in path.suffixes:
        head, dot, tail = stem.rpartition(".")
        # only endings such as .csv or .json.gz: in BRK.B.csv the B belongs to the ticker
        if not dot or tail.lower() not in {
            "csv",
            "txt",
            "tsv",
            "json",
            "parquet",
            "gz",
            "zip",
            "xls",
            "xlsx",
        }:
            break
        stem = head
    return stem.split("__")[0].strip() or stem


def series_of(path: Path) -> str:
    """Return the series id that a file name stands for.

    >>> series_of(Path("indices/^GSPC.csv")), series_of(Path("IWM__x.csv")), series_of(Path("spy_us_d.csv"))
    ('GSPC', 'IWM', 'SPY')
    """
    stem = plain_stem(path)
    found = stooq_name(stem)
    return clean_ticker(found[0] if found else stem)


def stooq_name(stem: str) -> tuple[str, bool] | None:
    """Return ticker and whether it is an index, if a file is named as Stooq names its downloads.

    >>> stooq_name("spy_us_d"), stooq_name("caret_spx_d"), stooq_name("SPY")
    (('SPY', False), ('SPX', True), None)
    """
    found = _STOOQ_STEM.fullmatch(stem.replace("^", "caret_", 1) if stem.startswith("^") else stem)
    if not found or not (found["index"] or found["market"]):
        return None
    return clean_ticker(found["ticker"]), found["index"] is not None
