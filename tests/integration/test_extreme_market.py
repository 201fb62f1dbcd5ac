"""Windows in which the whole market moved as it seldom does, from the market files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rotascope.app import workflows
from rotascope.app.settings import Settings
from rotascope.model.documents import Block, Document


def written(home: Path, start: date, end: date, as_of: date) -> Document:
    request = workflows.ReportRequest(start=start, end=end, as_of=as_of, formats=("markdown",), related=False)
    return workflows.draft_report(Settings(home), request).document


def lines_of(document: Document) -> list[str]:
    return [b.inline.text for b in document.blocks if isinstance(b, Block)]


def test_an_extreme_market_leads_where_no_lead_is_large(market_home: Path) -> None:
    document = written(market_home, date(2025, 4, 1), date(2025, 4, 8), date(2025, 4, 20))
    # 5,633.07 to 4,982.77 is -11.5%
    assert document.title == "The S&P 500 fell 11.5% while Value beat Growth, 1 April 2025 to 8 April 2025"
    lines = lines_of(document)
    standfirst = next(
        line for line in lines if line.startswith("The S&P 500 fell 11.5% between the closes of")
    )
    assert "an extreme move by its record since January" in standfirst
    assert any(
        line.startswith("The move of the S&P 500 (−11.5%) is an extreme one, in the 99th") for line in lines
    )


def test_beside_extreme_leads_it_comes_second(market_home: Path) -> None:
    document = written(market_home, date(2020, 2, 28), date(2020, 3, 31), date(2020, 4, 10))
    assert document.title.startswith(
        "Value trailed Growth and small companies trailed large ones in March 2020"
    )
    standfirst = next(line for line in lines_of(document) if line.startswith("Russell 1000 Value trailed"))
    # 2,954.22 to 2,584.59 is -12.5%
    assert "The S&P 500 fell 12.5%, an extreme move by its record" in standfirst


def test_an_ordinary_market_is_not_dressed_up(market_home: Path) -> None:
    document = written(market_home, date(2025, 12, 31), date(2026, 1, 30), date(2026, 2, 10))
    assert not any("The move of the S&P 500" in line for line in lines_of(document))
