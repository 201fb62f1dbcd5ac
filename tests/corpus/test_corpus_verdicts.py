"""Articles with truths and planted errors, and what the auditor has to make of each figure.

The docstring of each case is its file: `figures` lists the checked figures in the order of the text with the
verdict that the market of `market.py` gives on paper, `errors` counts the planted errors.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from datetime import UTC, date, datetime
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rotascope.audit.check import check
from rotascope.model.press import CheckedArticle, SavedArticle, Verdict

HERE = Path(__file__).parent
FILES = sorted((HERE / "articles").glob("*.toml"))


@cache
def market_by_hand() -> ModuleType:
    spec = spec_from_file_location("corpus_market", HERE / "market.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def article(text: str, published: date) -> SavedArticle:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    return SavedArticle(
        "example-1", "k", 1, "Example News", "A title", "", published, moment,
        hashlib.sha256(text.encode()).hexdigest(), "text", text, moment,
    )  # fmt: skip


@cache
def checked(path: Path) -> tuple[dict[str, Any], CheckedArticle]:
    case = tomllib.loads(path.read_text("utf-8"))
    desk = market_by_hand().desk(case["published"])
    return case, check(article(case["text"].strip(), case["published"]), desk)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_verdicts(path: Path) -> None:
    case, found = checked(path)
    told = [(f.text, str(f.verdict)) for f in found.figures]
    if "figures" in case:
        expected = [(text, verdict) for text, verdict in case["figures"]]
        assert len(told) == len(expected), told
        for (text, verdict), (want_text, want) in zip(told, expected, strict=True):
            assert text == want_text
            assert want in ("*", verdict), (
                text,
                verdict,
                [f.reason for f in found.figures if f.text == text],
            )
    else:
        assert told
        assert {v for _, v in told} <= set(case["allowed"]), told


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_remarks(path: Path) -> None:
    case, found = checked(path)
    assert Counter(r.pattern for r in found.remarks) == Counter(case.get("remarks", []))


def test_precision_and_recall() -> None:
    """No true figure is called wrong; nearly all planted errors are found. docs/auditing.md prints these."""
    planted = contradicted = right = figures = settled = 0
    for path in FILES:
        case, found = checked(path)
        wrong = [f for f in found.figures if f.verdict is Verdict.CONTRADICTED]
        leaders = sum(r.pattern == "sector_leader" for r in found.remarks)
        planted += case["errors"]
        contradicted += len(wrong) + leaders
        right += min(case["errors"], len(wrong) + leaders)
        figures += len(found.figures)
        settled += sum(
            f.literal is not None and f.verdict is not Verdict.NOT_CHECKABLE for f in found.figures
        )
    assert contradicted == right, "a true figure was contradicted"
    assert right >= 0.9 * planted
    assert planted >= 11
    assert settled / figures > 0.6
    print(
        f"{figures} figures, {settled} settled; {planted} planted, {right} found, {contradicted} called wrong"
    )


def test_nothing_after_the_article_is_looked_at() -> None:
    """The same text is judged with the closes of its own day, whatever comes later."""
    hand = market_by_hand()
    text = (
        "The Russell 2000 rose 2.38% in February 2026.\nThe S&P 500 closed at 6,150.00 on February 9, 2026."
    )
    found = check(article(text, date(2026, 2, 6)), hand.desk(date(2026, 2, 6)))
    assert found.figures[0].verdict is Verdict.CONFIRMED
    for figure in found.figures:
        for answer in (figure.literal, figure.matching):
            assert answer is None or answer.reading.window.end <= date(2026, 2, 6)
