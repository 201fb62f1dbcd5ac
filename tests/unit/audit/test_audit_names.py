"""Names of instruments, and what only looks like one."""

from __future__ import annotations

import pytest

from rotascope.audit.names import find_subjects
from rotascope.audit.passage import passages
from rotascope.audit.patterns.units import typo
from rotascope.model.universe import load_universe


def names(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(s.text, s.series[:1]) for s in find_subjects(text, load_universe())]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the Russell 2000 Index", [("Russell 2000 Index", ("RUT",))]),
        ("the Russell 2000 Value", [("Russell 2000 Value", ())]),
        ("the Russell 1000 Value Index", [("Russell 1000 Value Index", ("IWD",))]),
        ("S&P 500 futures", [("S&P 500 futures", ())]),
        ("S&P 500's earnings", [("S&P 500's earnings", ())]),
        ("S&P Global", []),
        ("the S&P", [("S&P", ("GSPC",))]),
        ("Dow Jones Industrial Average", [("Dow Jones Industrial Average", ("DJI",))]),
        ("NASDAQ Composite", [("NASDAQ Composite", ("IXIC",))]),
        ("Nasdaq-100", [("Nasdaq-100", ("QQQ",))]),
        ("Energy prices rose", []),
        ("energy policy", []),
        ("energy stocks", [("energy stocks", ("XLE",))]),
        ("earnings growth", []),
        ("value beat growth", [("value", ("value",)), ("growth", ("growth",))]),
        ("#IWM $IWM", []),
        ("IWM and VTV", [("IWM", ("IWM",)), ("VTV", ("VTV",))]),
    ],
)
def test_names(text: str, found: list[tuple[str, tuple[str, ...]]]) -> None:
    assert names(text) == found


def test_a_text_cannot_bring_its_own_tokens() -> None:
    """Characters that stand for names in a shape are spaces if they come with the text."""
    from datetime import date

    (passage,) = passages("\ue000 rose \ue400 in \ue800", load_universe(), date(2026, 1, 1))
    assert passage.shape.strip() == "rose   in"
    assert not passage.subjects and not passage.mentions and not passage.dates


@pytest.mark.parametrize(
    ("printed", "true", "how"),
    [
        ("2698.05", "2689.05004", "two digits that changed places"),
        ("2689.15", "2689.05004", "one digit"),
        ("26689.05", "2689.05004", "one digit"),
        ("2700.00", "2689.05004", ""),
        ("2689.05", "2689.05004", ""),
    ],
)
def test_slips_of_the_hand(printed: str, true: str, how: str) -> None:
    from decimal import Decimal

    assert typo(Decimal(printed), Decimal(true), Decimal("0.01")) == how
