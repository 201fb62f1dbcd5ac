"""The article that circulated, on real data: the verdicts that a recomputation by hand gave.

The text and the data are not part of the project; the test reads them beside the market folder, and skips.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rotascope.app.wiring import packs
from rotascope.audit.check import check
from rotascope.facts.build import Desk
from rotascope.model.press import CheckedArticle, CheckedFigure, SavedArticle, Verdict
from rotascope.model.universe import load_universe
from rotascope.store.reader import Reader
from rotascope.store.store import Store

DAY = date(2026, 2, 10)
pytestmark = pytest.mark.market


@pytest.fixture(scope="module")
def found(market: Path, market_home: Path) -> CheckedArticle:
    path = market.parent / "article" / "target-article.txt"
    if not path.is_file():
        pytest.skip(f"the article is not at {path}")
    raw = path.read_bytes()
    now = datetime(2026, 9, 1, tzinfo=UTC)
    lines = [" ".join(line.split()) for line in raw.decode().splitlines()]
    text = "\n".join(line for line in lines if line)
    article = SavedArticle(
        "ginlix", "k", 1, "ginlix.ai", "t", "", DAY, now, hashlib.sha256(raw).hexdigest(), "text", text, now
    )
    store = Store.open(market_home, clock=lambda: now)
    with Reader(store, packs()) as reader:
        out = check(article, Desk(reader, load_universe(), DAY))
    store.close()
    return out


def only(found: CheckedArticle, text: str, *, last: bool = False) -> CheckedFigure:
    among = [f for f in found.figures if f.text == text]
    return among[-1 if last else 0]


@pytest.mark.parametrize(
    ("text", "data", "matching"),
    [("7.92%", 8.346, 7.915), ("4.22%", 4.312, 4.219), ("1.26%", 1.743, 1.261), ("1.03%", -0.014, -1.034)],
)
def test_changes_hold_only_from_the_open(
    found: CheckedArticle, text: str, data: float, matching: float
) -> None:
    for figure in [f for f in found.figures if f.text == text]:
        assert figure.verdict is Verdict.OTHER_BASE
        assert figure.literal is not None and figure.literal.value == pytest.approx(data, abs=0.001)
        assert figure.matching is not None and figure.matching.reading.window.base == "open"
        assert figure.matching.value == pytest.approx(matching, abs=0.002)


@pytest.mark.parametrize("text", ["$2,491.82", "$48,105.98", "$6,878.11", "$23,481.49"])
def test_levels_of_january_2_are_opens(found: CheckedArticle, text: str) -> None:
    figure = only(found, text)
    assert figure.verdict is Verdict.OTHER_BASE
    assert figure.matching is not None and figure.matching.reading.params == {"field": "open"}


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("$2,689.05", Verdict.CONFIRMED), ("$50,135.88", Verdict.ROUNDING), ("$6,964.81", Verdict.ROUNDING),
     ("$23,238.67", Verdict.CONFIRMED)],
)  # fmt: skip
def test_levels_of_february_9(found: CheckedArticle, text: str, verdict: Verdict) -> None:
    assert only(found, text).verdict is verdict


def test_spreads_of_january_hold(found: CheckedArticle) -> None:
    value, size = only(found, "six percentage points"), only(found, "four percentage points")
    assert (value.verdict, size.verdict) == (Verdict.CONFIRMED, Verdict.CONFIRMED)
    assert value.literal is not None and value.literal.value == pytest.approx(6.079, abs=0.001)
    assert size.literal is not None and size.literal.value == pytest.approx(4.136, abs=0.001)


def test_fourteen_percent_holds_to_february_3_only(found: CheckedArticle) -> None:
    figure = only(found, "14%")
    assert figure.verdict is Verdict.OTHER_BASE
    assert figure.literal is not None and figure.literal.value == pytest.approx(14.867, abs=0.001)
    assert figure.matching is not None and figure.matching.reading.window.end == date(2026, 2, 3)
    assert figure.matching.value == pytest.approx(13.913, abs=0.001)


def test_the_flow_of_one_day(found: CheckedArticle) -> None:
    figure = only(found, "$1.4 billion")
    assert figure.verdict is Verdict.CONFIRMED
    (remark,) = [r for r in found.remarks if r.pattern == "one_day_flow"]
    assert "1,167m" in remark.message and "2,490m" in remark.message


def test_moves_of_sectors_without_a_window_are_not_contradicted(found: CheckedArticle) -> None:
    for text in ("2.09%", "1.81%", "1.59%", "1.20%", "-0.76%", "-0.27%"):
        assert only(found, text).verdict is Verdict.NOT_CHECKABLE
    (leader,) = [r for r in found.remarks if r.pattern == "sector_leader"]
    assert "Energy led" in leader.message and "8 of 11" in leader.message


def test_two_thirds_and_what_is_no_figure(found: CheckedArticle) -> None:
    assert only(found, "two-thirds").verdict is Verdict.CONFIRMED
    assert only(found, "6 to 16 years").verdict is Verdict.NOT_CHECKABLE
    assert only(found, "nine percentage point").verdict is Verdict.NOT_CHECKABLE


def test_nothing_is_contradicted_and_every_pattern_is_seen(found: CheckedArticle) -> None:
    assert not [f for f in found.figures if f.verdict is Verdict.CONTRADICTED]
    assert Counter(r.pattern for r in found.remarks) == Counter(
        ["open_as_base", "mixed_as_of", "percent_for_points", "index_in_dollars", "unnamed_difference",
         "sector_leader", "one_day_as_month", "one_day_flow"]
    )  # fmt: skip


def test_nothing_dated_after_the_article_was_read(found: CheckedArticle) -> None:
    for figure in found.figures:
        for answer in (figure.literal, figure.matching):
            assert answer is None or answer.reading.window.end <= DAY
