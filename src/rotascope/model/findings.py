"""Findings: what a check saw. Checks return them as values; only the edge raises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Severity(StrEnum):
    """What a finding does to the data it is about."""

    INFO = "info"  # worth knowing; the data is used
    WARNING = "warning"  # the data is used, and whoever prints it says so where it matters
    QUARANTINE = "quarantine"  # the data is kept and shown, but no fact reads it unless asked by name
    REJECTED = "rejected"  # the row or file did not come in


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation about data quality.

    `code` is a stable name (`duplicate_dates`); `row` counts from 1 in the file as a person sees it.
    """

    code: str
    severity: Severity
    message: str
    series: str = ""
    field: str = ""
    file: str = ""
    row: int | None = None
    first: date | None = None
    last: date | None = None
    count: int = 1
