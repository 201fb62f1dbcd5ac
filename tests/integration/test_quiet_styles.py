"""A month in which styles said little and one sector said much: March 2026, from the market files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rotascope.app import workflows
from rotascope.app.settings import Settings
from rotascope.model.documents import Block


@pytest.fixture(scope="module")
def lines(market_home: Path) -> list[str]:
    request = workflows.ReportRequest(
        start=date(2026, 2, 27),
        end=date(2026, 3, 31),
        as_of=date(2026, 9, 1),
        formats=("markdown",),
        related=False,
    )
    document = workflows.draft_report(Settings(market_home), request).document
    return [b.inline.text for b in document.blocks if isinstance(b, Block)]


def test_the_title_names_the_sector_and_how_little_lay_between_styles(lines: list[str]) -> None:
    # closes: XLE 55.92 to 61.26 is +9.55%, SPY 685.99 to 650.34 is -5.20%: 14.7 points apart
    assert (
        "Energy beat the S&P 500 ETF by 14.7 points in March 2026; between Value and Growth lay a slight gap"
        in lines
    )


def test_the_standfirst_says_level_where_the_gap_prints_as_nothing(lines: list[str]) -> None:
    standfirst = next(
        line for line in lines if line.startswith("Energy beat the S&P 500 ETF by 14.7 points between")
    )
    assert "27 February 2026 and 31 March 2026, a large distance by the record of a decade" in standfirst
    assert "Russell 1000 Value and Growth ended level, 0.0 points apart" in standfirst
    assert not any("by 0.0 points" in line for line in lines)
