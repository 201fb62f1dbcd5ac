"""Figures that were really published, put into plain sentences, on real data: none may be contradicted.

The figures are those of the case that ships. Further sentences, true and false, over the whole history are
made here from the raw files.
"""

from __future__ import annotations

import csv
import hashlib
import random
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rotascope.app.wiring import packs, packs_root
from rotascope.audit.check import check
from rotascope.facts.build import Desk
from rotascope.model.press import CheckedFigure, SavedArticle, Verdict
from rotascope.model.universe import load_universe
from rotascope.store.reader import Reader
from rotascope.store.store import Store

pytestmark = pytest.mark.market
NAMES = {"RUT": "Russell 2000", "GSPC": "S&P 500", "DJI": "Dow", "IXIC": "Nasdaq Composite"}
SETTLED = (Verdict.CONFIRMED, Verdict.ROUNDING, Verdict.OTHER_BASE)


class Checker:
    """Judges one text as of a day."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def __call__(self, text: str, day: date) -> list[CheckedFigure]:
        moment = datetime(2026, 9, 1, tzinfo=UTC)
        digest = hashlib.sha256(text.encode()).hexdigest()
        article = SavedArticle("e", "k", 1, "E", "T", "", day, moment, digest, "text", text, moment)
        return list(check(article, Desk(self._reader, load_universe(), day)).figures)


@pytest.fixture(scope="module")
def judge(market_home: Path):  # type: ignore[no-untyped-def]
    store = Store.open(market_home, clock=lambda: datetime(2026, 9, 1, tzinfo=UTC))
    with Reader(store, packs()) as reader:
        yield Checker(reader)
    store.close()


def said(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def sentence(row: dict[str, str]) -> tuple[str, date] | None:
    """Return a plain sentence for a published figure, and the day it appeared."""
    name = NAMES.get(row["series"].split(".")[0])
    if name is None or len(row["article_date"]) != 10:
        return None
    value, end = row["value"], date.fromisoformat(row["date"])
    day = max(date.fromisoformat(row["article_date"]), end)
    verb = "fell" if value.startswith("-") else "rose"
    size = value.lstrip("-")
    if row["kind"] == "day_change":
        return f"The {name} {verb} {size}% on {said(end)}.", day
    if row["kind"] == "day_points":
        return f"The {name} {verb} {size} points on {said(end)}.", day
    if row["kind"] == "level_close":
        return f"The {name} closed at {float(value):,.2f} on {said(end)}.", day
    return None


def test_published_figures(judge: Checker) -> None:
    told: Counter[str] = Counter()
    with (packs_root() / "january_2026" / "figures.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            made = sentence(row)
            if made is None:
                continue
            (figure,) = judge(*made)
            assert figure.verdict in SETTLED, (made, figure.verdict, figure.reason)
            told[str(figure.verdict)] += 1
    assert sum(told.values()) >= 50
    assert told["confirmed"] + told["rounding"] == sum(told.values()), told


def closes(market: Path, series: str) -> list[tuple[date, float]]:
    with (market / "indices" / f"{series}.csv").open(encoding="utf-8") as file:
        rows = [{k.lower(): v for k, v in r.items()} for r in csv.DictReader(file)]
    return [(date.fromisoformat(r["date"][:10]), float(r["close"])) for r in rows if r["close"]]


def test_true_and_false_sentences_of_sixteen_years(judge: Checker, market: Path) -> None:
    """Of true sentences none is contradicted; of false ones nearly all are, and none is confirmed."""
    draw = random.Random(11)
    right = wrong = 0
    for _ in range(60):
        series = draw.choice(sorted(NAMES))
        path = closes(market, series)
        i = draw.randrange(1, len(path) - 30)
        j = draw.randrange(i + 1, min(i + 200, len(path)))
        (first, a), (last, b) = path[i], path[j]
        move = 100 * (b / a - 1)
        off = move + draw.choice((-1, 1)) * draw.uniform(3, 9)
        for value in (move, off):
            if abs(value) < 0.1:
                continue
            verb = "gained" if value > 0 else "lost"
            text = f"From {said(first)} to {said(last)}, the {NAMES[series]} {verb} {abs(value):.2f}%."
            (figure,) = judge(text, last)
            if value == move:
                assert figure.verdict in (Verdict.CONFIRMED, Verdict.ROUNDING), (text, figure.reason)
                right += 1
            else:
                assert figure.verdict in (Verdict.CONTRADICTED, Verdict.OTHER_BASE), (text, figure.reason)
                wrong += figure.verdict is Verdict.CONTRADICTED
    assert right >= 55
    assert wrong >= 50
