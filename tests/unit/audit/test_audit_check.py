"""What the check must survive, and what it must never do."""

from __future__ import annotations

import hashlib
import time
from datetime import UTC, date, datetime
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from rotascope.audit.check import check
from rotascope.audit.quotations import may_quote
from rotascope.audit.text import LONGEST, sentences
from rotascope.model.press import CheckedArticle, SavedArticle, Verdict

DAY = date(2026, 2, 10)


@cache
def hand() -> ModuleType:
    spec = spec_from_file_location("corpus_market_checks", Path(__file__).parents[2] / "corpus" / "market.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(text: str, day: date = DAY) -> CheckedArticle:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    digest = hashlib.sha256(text.encode()).hexdigest()
    article = SavedArticle("e", "k", 1, "E", "T", "", day, moment, digest, "text", text, moment)
    return check(article, hand().desk(day))


@pytest.mark.parametrize(
    "text",
    ["", "\n\n", "The Dow rose 1% since 1901.", "In 1925 the S&P 500 rose 5%.",
     "From 1900 to 2300 the Dow rose 5%.",
     "On January 1, 1800 the Dow rose 5%.", "The Dow rose 1% in 2099.", "7 of 0, 0 of 0 and 0%", "S&P 500 0%",
     "The S&P 500 rose 999999999999999999999999999999.99% on February 9, 2026."],
)  # fmt: skip
def test_odd_texts_are_survived(text: str) -> None:
    for figure in run(text).figures:
        assert figure.verdict in Verdict


def test_a_page_of_one_line_ends_in_time() -> None:
    text = "The Russell 2000 rose 5.0% in January 2026, " * 3000
    begun = time.monotonic()
    found = run(text)
    assert len(found.figures) > 2900
    assert time.monotonic() - begun < 30
    assert max(len(s.text) for s in sentences(text)) <= LONGEST


def test_places_are_those_of_the_text_as_it_was_saved() -> None:
    text = "In\u00a0January the Russell\u202f2000 rose “5.0%”, not −3.0%."
    for figure in run(text).figures:
        assert text[figure.start : figure.end] == figure.text


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("In January 2026 the S&P 500 rose 0.49%.", "one_day_as_month"),
        ("The Nasdaq Composite gained 4.0% in January 2026, its best month since 2019.", "rank_claim"),
    ],
)
def test_patterns(text: str, pattern: str) -> None:
    """6,150.00 over 6,120.00 on 9 February is 0.49%, the move of a day; January was 1.5%."""
    found = run(text)
    assert [r.pattern for r in found.remarks] == [pattern]


def test_a_spread_against_the_words_is_contradicted() -> None:
    found = run("The Russell 1000 Growth beat the Russell 1000 Value by 6.0 points in January 2026.")
    assert [f.verdict for f in found.figures] == [Verdict.CONTRADICTED]
    assert found.figures[0].literal is not None and found.figures[0].literal.value == pytest.approx(-6.0)


def test_what_the_database_does_not_hold_is_reported_only() -> None:
    found = run("VB rose 3.0% in January 2026. QQQ saw inflows of $2.0 billion on February 3, 2026.")
    assert [f.verdict for f in found.figures] == [Verdict.REPORTED_ONLY, Verdict.REPORTED_ONLY]


@pytest.mark.parametrize(
    ("sentence", "yes"),
    [
        ("The Russell 2000 rose five percent in January, more than any other.", True),
        ("Too short.", False),
        ("The Russell 2000 rose five percent in January and no full stop", False),
        ("He said “the Russell 2000 rose five percent in January” to us.", False),
        ("The Russell 2000 rose five percent in January, more than others [2].", False),
        ("The Russell 2000 rose five\u202epercent in January, more than others.", False),
        ("x" * 400 + ".", False),
    ],
)
def test_what_may_be_quoted(sentence: str, yes: bool) -> None:
    assert may_quote(sentence) is yes
