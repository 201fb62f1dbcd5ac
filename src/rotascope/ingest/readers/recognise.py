"""Which reader a file is for: by its content first, by its name only where contents look alike."""

from __future__ import annotations

from pathlib import Path

from rotascope.ingest.readers import (
    flows,
    fred,
    french,
    holdings,
    membership,
    prices,
    reference,
    shiller,
    yahoo_chart,
)
from rotascope.ingest.readers.base import Reader
from rotascope.ingest.readers.sample import Sample

READERS = (
    # The number after the slash rises when a reader makes something else of the same bytes.
    Reader("french/1", french.matches, french.parse),
    Reader("holdings-csv/1", holdings.matches_csv, holdings.parse_csv),
    Reader("holdings-json/1", holdings.matches_json, holdings.parse_json),
    Reader("yahoo-chart/1", yahoo_chart.matches, yahoo_chart.parse),
    Reader("fred-json/1", fred.matches_json, fred.parse_json),
    Reader("membership/1", membership.matches, membership.parse),
    Reader("reference/1", reference.matches, reference.parse),
    Reader("flows/1", flows.matches, flows.parse),
    Reader("fred-csv/1", fred.matches_csv, fred.parse_csv),
    Reader("prices/1", prices.matches, prices.parse),
    Reader("shiller/1", shiller.matches, shiller.parse),
)
"""In this order: formats that say what they are come before those that are known by their columns."""


def recognise(path: Path, data: bytes) -> Reader | None:
    """Return the reader for a file, or None if it is no market data that is known here.

    Parameters: path, for its name only; data, the whole content. Never raises for strange content.
    """
    sample = Sample(path, data)
    return next((reader for reader in READERS if reader.matches(sample)), None)
