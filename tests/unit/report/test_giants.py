"""The Magnificent 7: by hand, with all of them, with one missing, and before anybody named them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from rotascope.app import workflows
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import find_metric
from rotascope.model.documents import Block
from rotascope.model.errors import NotAvailableError
from rotascope.model.facts import Window
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.model.units import Unit
from rotascope.model.universe import load_universe
from rotascope.report.bundle import write_bundle
from rotascope.store.packs import load_pack, write_pack
from rotascope.store.reader import Reader
from rotascope.store.series import ParsedFile, SeriesBlock
from rotascope_verify import supported_ops, verify

BASE, END = date(2024, 1, 31), date(2024, 2, 29)
SOURCE = Source("made-up", "A test", "numbers made up")
SEVEN = {"AAPL": 7.0, "MSFT": -3.0, "NVDA": 21.0, "AMZN": 2.0, "GOOGL": 0.5, "META": 4.0, "TSLA": -10.5}
# their mean: (7 - 3 + 21 + 2 + 0.5 + 4 - 10.5) / 7 = 21 / 7 = 3
VALUE_LED = {"IWD": 5.0, "IWF": 1.0, "GSPC": 2.5, "IWM": 6.0, "IWB": 2.0}
GROWTH_LED = {"IWD": 1.0, "IWF": 5.0, "GSPC": 2.5, "IWM": 1.5, "IWB": 2.0}


def closes(name: str, change: float, base: date, end: date) -> SeriesBlock:
    meta = SeriesMeta(name, Field.CLOSE, Unit.USD, Frequency.DAILY, SOURCE.id)
    return SeriesBlock(meta, np.array([base, end], dtype="datetime64[D]"), np.array([100.0, 100.0 + change]))


def opened(folder: Path, changes: dict[str, float], base: date = BASE, end: date = END) -> Reader:
    blocks = [closes(name, change, base, end) for name, change in changes.items()]
    write_pack(folder / "pack", "made-up", "Made up", [ParsedFile(SOURCE, blocks)])
    return Reader(None, [load_pack(folder / "pack")])


def lines_of(folder: Path, changes: dict[str, float], base: date = BASE, end: date = END) -> Sequence[str]:
    """Write an article from these closes alone, let the verifier check it, and return its text by blocks."""
    with opened(folder, changes, base, end) as reader:
        desk = Desk(reader, load_universe("us"), date(2024, 3, 28), verifiable=supported_ops())
        document, files = workflows.article(desk, Window(base, end), None)
        write_bundle(files, folder / "out")
    assert [f.line() for f in verify(folder / "out").failures] == []
    return [b.inline.text for b in document.blocks if isinstance(b, Block)]


def test_the_mean_and_the_gaps_by_hand(tmp_path: Path) -> None:
    with opened(tmp_path, {**SEVEN, **VALUE_LED}) as reader:
        desk = Desk(reader, load_universe("us"), date(2024, 3, 28))
        mean = find_metric("mega_caps_return").fact(desk, ("GSPC",), Window(BASE, END))
        gap = find_metric("mega_caps_minus").fact(desk, ("GSPC",), Window(BASE, END))
    assert mean.unit is Unit.PERCENT and mean.value == pytest.approx(3.0)
    assert gap.unit is Unit.PP and gap.value == pytest.approx(0.5)


def test_giants_that_rose_while_value_led(tmp_path: Path) -> None:
    lines = lines_of(tmp_path, {**SEVEN, **VALUE_LED})
    at = next(i for i, line in enumerate(lines) if line.startswith("The Magnificent 7 gained"))
    assert " ".join(lines[at : at + 2]) == (  # two paragraphs: five measures are too many for one
        "The Magnificent 7 gained 3.0% on average, each counted once; that average beat the S&P 500 by 0.5 "
        "points and trailed small companies by 3.0 points. Of the seven, five rose and three beat the S&P "
        "500. The best was Nvidia (+21.0%), the worst Tesla (−10.5%)."
    )
    assert "That the Magnificent 7 were sold as one: five of them rose." in lines


def test_few_that_carried_growth(tmp_path: Path) -> None:
    lines = lines_of(tmp_path, {**SEVEN, **GROWTH_LED})
    assert "That the Magnificent 7 carried Growth as one: only three of them beat the S&P 500." in lines


@pytest.mark.parametrize(
    ("sign", "words"), [(1, "every one rose"), (-1, "none held its level and none came out")]
)
def test_all_alike(tmp_path: Path, sign: int, words: str) -> None:
    moves = {name: sign * (3.0 + i) for i, name in enumerate(SEVEN)}
    lines = lines_of(tmp_path, {**moves, **VALUE_LED, "GSPC": 2.5 if sign < 0 else -1.0})
    assert any(words in line for line in lines)


def test_six_are_not_seven(tmp_path: Path) -> None:
    six = {name: move for name, move in SEVEN.items() if name != "META"}
    assert not any("Magnificent" in line for line in lines_of(tmp_path, {**six, **VALUE_LED}))


def test_no_hindsight(tmp_path: Path) -> None:
    base, end = date(2023, 5, 31), date(2023, 6, 30)
    assert not any("Magnificent" in line for line in lines_of(tmp_path, {**SEVEN, **VALUE_LED}, base, end))
    with opened(tmp_path / "again", {**SEVEN, **VALUE_LED}, base, end) as reader:
        desk = Desk(reader, load_universe("us"), date(2024, 3, 28))
        with pytest.raises(NotAvailableError, match="named in June 2023"):
            find_metric("mega_caps_return").fact(desk, ("GSPC",), Window(base, end))
