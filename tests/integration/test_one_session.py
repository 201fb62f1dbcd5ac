"""What one session did to a lead, said of the side in front: signs fit the names beside them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rotascope.app import workflows
from rotascope.app.settings import Settings
from rotascope.model.documents import Block, Chart, Document


def written(home: Path, start: date, end: date, as_of: date) -> Document:
    request = workflows.ReportRequest(start=start, end=end, as_of=as_of, formats=("markdown",), related=False)
    return workflows.draft_report(Settings(home), request).document


def alt_of(document: Document, name: str) -> str:
    return next(b.alt.text for b in document.blocks if isinstance(b, Chart) and b.name == name)


def test_a_lead_that_one_session_made(market_home: Path) -> None:
    document = written(market_home, date(2020, 5, 5), date(2020, 6, 4), date(2021, 7, 9))
    lines = [b.inline.text for b in document.blocks if isinstance(b, Block)]
    assert (
        "That no single session mattered much. Without 26 May 2020 Value would have ended behind by 0.1 "
        "points instead of ahead by 2.7 points." in lines
    )
    assert "without that session IWD − IWF would end at −0.1 pp" in alt_of(document, "styles")


def test_the_chart_names_the_side_in_front(market_home: Path) -> None:
    document = written(market_home, date(2015, 12, 31), date(2025, 12, 31), date(2026, 1, 10))
    alt = alt_of(document, "styles")
    assert "ends with IWD − IWF at −260.8 pp" in alt
    assert alt.endswith("without that session IWF − IWD would end at +225.6 pp.")
