"""Families and proxies by date: what a fund followed then, not what it follows today."""

from __future__ import annotations

from datetime import date

import pytest

from rotascope.model.facts import Window
from rotascope.model.universe import Instrument, load_universe
from rotascope.report.prose import Prose

VTV = load_universe("us").instrument("VTV")
SWITCH = date(2013, 4, 17)  # the supplement to the prospectus, "effective immediately", has this date


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2008, 9, 30), date(2008, 10, 31), "MSCI US Prime Market Value index"),
        (date(2008, 9, 30), date(2013, 4, 16), "MSCI US Prime Market Value index"),
        (SWITCH, date(2013, 4, 30), "CRSP US Large Cap Value index"),
        (date(2025, 12, 31), date(2026, 1, 30), "CRSP US Large Cap Value index"),
        (
            date(2012, 12, 31),
            date(2013, 12, 31),
            "MSCI US Prime Market Value index, and from 17 April 2013 for the CRSP US Large Cap Value index",
        ),
    ],
)
def test_what_a_fund_stood_in_for(start: date, end: date, expected: str) -> None:
    assert VTV.proxy_in(start, end) == expected


def test_a_fund_that_never_changed_has_one_index() -> None:
    universe = load_universe("us")
    for name in ("IWD", "IWM", "IVE"):
        fund = universe.instrument(name)
        assert fund.proxy_in(date(1990, 1, 1), date(2030, 1, 1)) == fund.proxy_for != ""
    assert Instrument("X", ("X",), "other").proxy_in(date(1990, 1, 1), date(2030, 1, 1)) == ""


def test_every_vanguard_pair_is_dated() -> None:
    """The four funds of the family changed their provider, so each has a day and an index before it."""
    universe = load_universe("us")
    family = universe.family("crsp")
    for name in (*family.value, *family.growth, *family.small, *family.large):
        fund = universe.instrument(name)
        assert date(2013, 1, 1) < fund.proxy_from <= family.label_from
        assert fund.earlier_proxy.startswith("MSCI US")
    assert (family.label, family.earlier_label) == ("CRSP", "Vanguard")


def test_the_note_of_a_name_follows_the_window() -> None:
    """Without a window the note is that of today."""
    universe = load_universe("us")
    for window, expected in (
        (Window(date(2008, 9, 30), date(2008, 10, 31)), "proxy for the MSCI US Prime Market Value index"),
        (None, "proxy for the CRSP US Large Cap Value index"),
    ):
        prose = Prose(universe, window)
        prose.name("VTV")
        assert prose.entities["VTV"].note == expected
