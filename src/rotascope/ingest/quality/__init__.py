"""Quality gates: what is checked on import. They warn, quarantine or inform; they never repair."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from rotascope.ingest.quality.adjustment import adjustment_switch
from rotascope.ingest.quality.context import Gate, GateContext, Known, keeps_nyse_sessions
from rotascope.ingest.quality.dates import calendar_gaps, future_date, off_calendar, stale_tail
from rotascope.ingest.quality.dividends import dividends
from rotascope.ingest.quality.duplicates import collapse_duplicates
from rotascope.ingest.quality.moves import large_move, missing_split, unit_jump
from rotascope.ingest.quality.prices import high_low_order, non_positive_price
from rotascope.ingest.quality.volume import copied_volume, zero_volume
from rotascope.ingest.quality.wall import looks_like_wall
from rotascope.model.findings import Finding
from rotascope.store.series import ParsedFile, SeriesBlock

__all__ = [
    "GATES",
    "Gate",
    "GateContext",
    "Known",
    "collapse_duplicates",
    "keeps_nyse_sessions",
    "looks_like_wall",
    "run_gates",
]

GATES: Mapping[str, Gate] = MappingProxyType(
    {
        "non_positive_price": non_positive_price,
        "unit_jump": unit_jump,
        "missing_split": missing_split,
        "large_move": large_move,
        "high_low_order": high_low_order,
        "adjustment_switch": adjustment_switch,
        "dividends": dividends,
        "zero_volume": zero_volume,
        "copied_volume": copied_volume,
        "calendar_gaps": calendar_gaps,
        "off_calendar": off_calendar,
        "future_date": future_date,
        "stale_tail": stale_tail,
    }
)


def run_gates(
    parsed: ParsedFile,
    *,
    today: date,
    known: Known,
    nyse: Callable[[SeriesBlock], bool] = keeps_nyse_sessions,
) -> list[Finding]:
    """Run all gates over a parsed file and return what they found, in the order of `GATES`.

    today: the day of the import. known: returns the stored values of a series and field, or None. nyse:
    says which series should have a value on each session of New York. The file is not changed, and the
    findings that its reader made are not repeated.
    """
    context = GateContext(today=today, known=known, nyse=nyse)
    made = {replace(found, file="") for found in parsed.findings}
    found = (f for gate in GATES.values() for f in gate(parsed.blocks, context))
    return [f for f in found if f not in made]
