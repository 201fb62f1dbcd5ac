"""Rows of the field `scheduled`: the dates of events that lay ahead. docs/bundle-format.md, "Events"."""

from __future__ import annotations

import re
from datetime import date, timedelta

from rotascope_verify.failures import CheckError, quote
from rotascope_verify.observations import Rows, RowsInput
from rotascope_verify.reading import day_number, is_day

SCHEDULED = "scheduled"
EVENT_SERIES = re.compile(r"EVENT\.([A-Z_]+)\.(\d{4}-\d{2}-\d{2})")
QUARTER_MONTHS = (3, 6, 9, 12)
SATURDAY = 5  # the exchange traded on Saturdays until May 1952
LAST_SATURDAY = "1952-05-24"


def check_event(want: RowsInput, got: Rows) -> None:
    """The row of an event says what its series is called. Raises CheckError (event-bad).

    Checked for the field `scheduled` and for series whose name begins with EVENT: they belong together.
    """
    named = EVENT_SERIES.fullmatch(want.series)
    if want.field != SCHEDULED and not want.series.startswith("EVENT."):
        return
    where = quote(want.series)
    if want.field != SCHEDULED or named is None or not is_day(named[2]):
        raise CheckError(f"{where}/{quote(want.field)} is not EVENT.KIND.YYYY-MM-DD/scheduled", "event-bad")
    kind, day = named.groups()
    if len(got.days) != 1 or got.units != {"date"}:
        raise CheckError(f"{where} has not one row of the unit date", "event-bad")
    if got.values[0] != day_number(day):
        raise CheckError(f"{where} holds {got.values[0]!r}, not the date of its name", "event-bad")
    if got.days[0] > day:
        raise CheckError(f"{where} became known on {got.days[0]}, after its own date", "event-bad")
    if problem := _against_rule(kind, date.fromisoformat(day)):
        raise CheckError(f"{where}: {problem}", "event-bad")


def _against_rule(kind: str, day: date) -> str:
    """Return what a date breaks of the rule of its kind; empty if nothing, or if the kind has no rule."""
    open_until = SATURDAY if day.isoformat() <= LAST_SATURDAY else SATURDAY - 1
    if kind == "OPTION_EXPIRY":
        first = day.replace(day=1)
        third = first + timedelta(days=(4 - first.weekday()) % 7 + 14)
        if day not in (third, third - timedelta(days=1)):
            return "options expire on the third Friday of a month, or on the day before it"
    elif kind == "QUARTER_END":
        if day.month not in QUARTER_MONTHS or day.day < 28 or day.weekday() > open_until:
            return "it is no day on which the last session of a quarter can be"
    elif kind in ("FOMC", "CPI", "EMPLOYMENT", "RECONSTITUTION") and day.weekday() >= SATURDAY:
        return "it is a Saturday or a Sunday"
    return ""
