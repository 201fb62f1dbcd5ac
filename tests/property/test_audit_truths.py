"""Sentences made from true and from false numbers: what the data give is never contradicted, and a figure
that is far from every reading is never confirmed."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from hypothesis import given, settings
from hypothesis import strategies as st

from rotascope.audit.check import check
from rotascope.model.press import CheckedFigure, SavedArticle, Verdict

NAMES = {
    "RUT": "Russell 2000",
    "GSPC": "S&P 500",
    "DJI": "Dow Jones Industrial Average",
    "IXIC": "Nasdaq Composite",
}
TODAY = date(2026, 2, 10)
GOOD = (Verdict.CONFIRMED, Verdict.ROUNDING)


@cache
def hand() -> ModuleType:
    spec = spec_from_file_location("corpus_market_again", Path(__file__).parents[1] / "corpus" / "market.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def closes(series: str) -> dict[date, float]:
    return dict(zip(hand().sessions(), hand().closes(series), strict=True))


@cache
def desk():  # type: ignore[no-untyped-def]
    return hand().desk(TODAY)


def judge(text: str) -> list[CheckedFigure]:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    digest = hashlib.sha256(text.encode()).hexdigest()
    article = SavedArticle("e", "k", 1, "E", "T", "", TODAY, moment, digest, "text", text, moment)
    return list(check(article, desk()).figures)


def said(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


SERIES = st.sampled_from(sorted(NAMES))
SESSIONS = st.sampled_from(hand().sessions()[1:])


@settings(max_examples=60, deadline=None)
@given(SERIES, SESSIONS, st.integers(1, 3))
def test_a_true_day_is_confirmed(series: str, day: date, places: int) -> None:
    path = closes(series)
    days = list(path)
    move = 100 * (path[day] / path[days[days.index(day) - 1]] - 1)
    shown = f"{abs(move):.{places}f}"
    if float(shown) == 0:
        return
    verb = "rose" if move > 0 else "fell"
    (figure,) = judge(f"The {NAMES[series]} {verb} {shown}% on {said(day)}.")
    assert figure.verdict in GOOD, figure.reason


@settings(max_examples=60, deadline=None)
@given(SERIES, SESSIONS, st.sampled_from([-1, 1]), st.floats(1.0, 9.0))
def test_a_false_day_is_contradicted(series: str, day: date, sign: int, off: float) -> None:
    path = closes(series)
    days = list(path)
    move = 100 * (path[day] / path[days[days.index(day) - 1]] - 1)
    wrong = move + sign * (4 + off)  # no session of this market moves by three points
    verb = "gained" if wrong > 0 else "lost"
    (figure,) = judge(f"The {NAMES[series]} {verb} {abs(wrong):.2f}% on {said(day)}.")
    assert figure.verdict is Verdict.CONTRADICTED, (move, figure.reason)


@settings(max_examples=60, deadline=None)
@given(SERIES, SESSIONS, SESSIONS)
def test_a_true_range_is_never_contradicted(series: str, one: date, other: date) -> None:
    """The base is the close of the first day or the one before it: such a sentence may mean both."""
    first, last = sorted((one, other))
    path = closes(series)
    days = list(path)
    if first == last:
        return
    for base in (first, days[days.index(first) - 1]):
        move = 100 * (path[last] / path[base] - 1)
        if abs(move) < 0.05:
            continue
        verb = "climbed" if move > 0 else "declined"
        (figure,) = judge(f"From {said(first)} to {said(last)} the {NAMES[series]} {verb} {abs(move):.2f}%.")
        assert figure.verdict in GOOD, figure.reason


@settings(max_examples=60, deadline=None)
@given(SERIES, SESSIONS, st.sampled_from([0.0, 0.03, -0.03]))
def test_closes(series: str, day: date, off: float) -> None:
    """A close is confirmed; one that is three percent off lies outside of its session and is contradicted."""
    level = closes(series)[day] * (1 + off)
    (figure,) = judge(f"The {NAMES[series]} closed at {level:,.2f} on {said(day)}.")
    if off == 0.0:
        assert figure.verdict in GOOD, figure.reason
    else:
        assert figure.verdict in (Verdict.CONTRADICTED, Verdict.OTHER_BASE), figure.reason
        assert figure.verdict is Verdict.CONTRADICTED or figure.matching is not None


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_judged_without_an_error(text: str) -> None:
    for figure in judge(text):
        assert figure.verdict in Verdict
        assert text.translate({})[figure.start : figure.end] == figure.text
