"""What one session did to a lead, said of the side in front: signs fit the names beside them."""

from __future__ import annotations

import csv
import math
from datetime import date
from itertools import pairwise
from pathlib import Path

from rotascope.app import workflows
from rotascope.app.settings import Settings
from rotascope.model.documents import Block, Chart, Document


def written(home: Path, start: date, end: date, as_of: date) -> Document:
    request = workflows.ReportRequest(start=start, end=end, as_of=as_of, formats=("markdown",), related=False)
    return workflows.draft_report(Settings(home), request).document


def without_best_session(market: Path, a: str, b: str, start: str, end: str) -> tuple[str, float, float]:
    """Return the best session of a against b, the gap in points without it, and the gap, from the files."""
    one, other = (closes(market / "etfs" / f"{name}.csv", start, end) for name in (a, b))
    days = sorted(one.keys() & other.keys())
    steps = {d: (one[d] / one[p], other[d] / other[p]) for p, d in pairwise(days)}
    best = max(steps, key=lambda d: steps[d][0] - steps[d][1])
    rest = [math.prod(s[leg] for d, s in steps.items() if d != best) for leg in (0, 1)]
    whole = [math.prod(s[leg] for s in steps.values()) for leg in (0, 1)]
    return best, 100 * (rest[0] - rest[1]), 100 * (whole[0] - whole[1])


def closes(path: Path, start: str, end: str) -> dict[str, float]:
    with path.open(newline="") as file:
        return {r["Date"]: float(r["Close"]) for r in csv.DictReader(file) if start <= r["Date"] <= end}


def alt_of(document: Document, name: str) -> str:
    return next(b.alt.text for b in document.blocks if isinstance(b, Chart) and b.name == name)


def test_a_lead_that_one_session_made(market: Path, market_home: Path) -> None:
    best, rest, lead = without_best_session(market, "IWD", "IWF", "2020-05-05", "2020-06-04")
    assert (best, f"{rest:.1f}", f"{lead:.1f}") == ("2020-05-26", "-0.1", "2.7")
    document = written(market_home, date(2020, 5, 5), date(2020, 6, 4), date(2021, 7, 9))
    lines = [b.inline.text for b in document.blocks if isinstance(b, Block)]
    assert (
        "That no single session mattered much. Without 26 May 2020 Value would have ended behind by 0.1 "
        "points instead of ahead by 2.7 points." in lines
    )
    assert "without that session IWD − IWF would end at −0.1 pp" in alt_of(document, "styles")


def test_the_chart_names_the_side_in_front(market: Path, market_home: Path) -> None:
    best, rest, lead = without_best_session(market, "IWF", "IWD", "2015-12-31", "2025-12-31")
    assert (best, f"{rest:.1f}", f"{lead:.1f}") == ("2025-04-09", "225.6", "260.8")
    document = written(market_home, date(2015, 12, 31), date(2025, 12, 31), date(2026, 1, 10))
    alt = alt_of(document, "styles")
    assert "ends with IWD − IWF at −260.8 pp" in alt
    assert alt.endswith("without that session IWF − IWD would end at +225.6 pp.")
