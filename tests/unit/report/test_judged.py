"""Which gap the candidate drivers are set beside: two indices of the wheel where there are no style funds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rotascope.app import workflows
from rotascope.app.settings import Settings
from rotascope.model.documents import Block, Document, Table


def written(home: Path, start: date, end: date) -> Document:
    request = workflows.ReportRequest(
        start=start, end=end, as_of=date(2019, 1, 15), formats=("markdown",), related=False
    )
    return workflows.draft_report(Settings(home), request).document


def test_without_style_funds_two_indices_stand_in_and_are_named(tmp_path: Path) -> None:
    document = written(tmp_path, date(2008, 8, 29), date(2008, 9, 30))
    lines = [b.inline.text for b in document.blocks if isinstance(b, Block)]
    told = next(line for line in lines if "the moves are set beside" in line)
    assert "beside the Nasdaq gap: the Nasdaq Composite trailed the S&P 500 by 2.6 points." in told
    assert (
        "Of two candidates one fits: by its relation to the Nasdaq gap over the 252 sessions before" in told
    )
    assert not any("style gap" in line for line in lines)
    table = next(b for b in document.blocks if isinstance(b, Table) and "Candidates beside" in b.caption.text)
    # Nasdaq 2,367.52 to 2,091.88 and S&P 1,282.83 to 1,166.36: ln gives -12.38 and -9.52
    assert "The one that came was −2.9 points, in logs" in told
    assert [row[0].text for row in table.rows] == ["Moody's BAA yield less its AAA yield", "West Texas crude"]
    assert "drivers" not in document.charts  # two dots are read faster in the table


def test_before_the_indices_nothing_is_said(tmp_path: Path) -> None:
    document = written(tmp_path, date(1974, 1, 31), date(1974, 12, 31))
    lines = [b.inline.text for b in document.blocks if isinstance(b, Block)]
    assert "What moved with it" not in lines
