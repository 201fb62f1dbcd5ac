"""The label: each signal, its stand-in where no funds are, and what is too small to count."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from rotascope.app import wiring, workflows
from rotascope.app.settings import Settings
from rotascope.facts.build import Desk
from rotascope.model.documents import Block, Document
from rotascope.model.facts import Window
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.model.units import Unit
from rotascope.model.universe import load_universe
from rotascope.report.bundle import write_bundle
from rotascope.store.packs import load_pack, write_pack
from rotascope.store.reader import Reader
from rotascope.store.series import ParsedFile, SeriesBlock
from rotascope_verify import supported_ops, verify

SOURCE = Source("made-up", "A test", "numbers made up")
MONTHS = (date(1974, 1, 31), date(1974, 2, 28), date(1974, 3, 29))
WINDOW = Window(MONTHS[0], MONTHS[-1])
INDUSTRIES = load_universe("us").role("french", "industries")


def monthly(name: str, returns: Sequence[float]) -> SeriesBlock:
    """Return a series of percent returns; the first is that of the month at whose end the window begins."""
    meta = SeriesMeta(name, Field.VALUE, Unit.PERCENT, Frequency.MONTHLY, SOURCE.id)
    return SeriesBlock(meta, np.array(MONTHS, dtype="datetime64[D]"), np.array(returns, dtype=float))


def label_note(document: Document) -> str:
    return next(
        b.inline.text
        for b in document.blocks
        if isinstance(b, Block) and b.kind == "note" and b.inline.text.startswith("Label:")
    )


def labelled(blocks: list[SeriesBlock], folder: Path) -> str:
    """Write an article of two months of 1974 from these series alone; the verifier must pass its label."""
    write_pack(folder / "pack", "made-up", "Made up", [ParsedFile(SOURCE, blocks)])
    with Reader(None, [load_pack(folder / "pack")]) as reader:
        desk = Desk(reader, load_universe("us"), date(1974, 4, 10), verifiable=supported_ops())
        document, files = workflows.article(desk, WINDOW, None)
        write_bundle(files, folder / "out")
    assert [f.line() for f in verify(folder / "out").failures if "label" in f.line()] == []
    return label_note(document)


def from_wheel(tmp_path: Path, start: date, end: date) -> str:
    with wiring.open_reader(Settings(tmp_path)) as reader:
        desk = workflows._desk(reader, "us", date(2019, 1, 15))
        document, _ = workflows.article(desk, Window(start, end), None, ("json",))
    return label_note(document)


def test_industries_stand_in_for_sectors(tmp_path: Path) -> None:
    """Of twelve industries nine gained, two fell and one ended where it began: nine less two."""
    returns = [*[(0.0, 1.0, 1.0)] * 9, *[(0.0, -1.0, -2.0)] * 2, (0.0, 0.0, 0.0)]
    blocks = [monthly(name, row) for name, row in zip(INDUSTRIES, returns, strict=True)]
    blocks += [monthly("FF.MKT-RF.M", (0, 2, 1)), monthly("FF.SMB.M", (0, 0, -3))]
    text = labelled(blocks, tmp_path)
    assert text.startswith(
        "Label: Mixed. Signals: the market factor +3.0%, gaining industries minus falling ones +7, "
    )
    assert "the size factor \u22123.0%." in text  # 1.02 * 1.01 = 1.0302


def test_two_industries_are_no_breadth(tmp_path: Path) -> None:
    blocks = [monthly(name, (0, 1, 1)) for name in INDUSTRIES[:2]]
    text = labelled([*blocks, monthly("FF.MKT-RF.M", (0, -2, -1))], tmp_path)
    assert text.startswith("Label: Negative. The one signal at hand: the market factor \u22123.0%.")


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((0, 0.5, 0.4), "Negative"),  # 0.9%: less than one percent is no signal
        ((0, 0.6, 0.5), "Mixed"),  # 1.1%
        ((0, -0.6, -0.5), "Negative"),
    ],
)
def test_a_small_move_of_the_size_factor_is_no_signal(
    size: tuple[float, ...], expected: str, tmp_path: Path
) -> None:
    text = labelled([monthly("FF.MKT-RF.M", (0, -2, -1)), monthly("FF.SMB.M", size)], tmp_path)
    assert text.startswith(f"Label: {expected}.")
    assert ("the size factor" in text) is (size != (0, 0.5, 0.4))


def test_a_bear_market_in_which_small_companies_led_is_mixed(tmp_path: Path) -> None:
    text = from_wheel(tmp_path, date(2000, 3, 31), date(2002, 9, 30))
    assert text.startswith("Label: Mixed. Signals: the broad index \u221245.6%, the size factor +12.9%.")


def test_a_crash_before_the_index_is_known_is_negative(tmp_path: Path) -> None:
    """The wheel knows the crash by the market factor alone, compounded here from its own rows."""
    text = from_wheel(tmp_path, date(1929, 8, 31), date(1932, 6, 30))
    with wiring.open_reader(Settings(tmp_path)) as reader:
        series = workflows._desk(reader, "us", date(2019, 1, 15)).series("FF.MKT-RF.M", Field.VALUE)
    rows = zip(series.dates.astype(str).tolist(), series.values.tolist(), strict=True)
    wealth = math.prod(1 + value / 100 for day, value in rows if "1929-09-01" < day <= "1932-06-30")
    loss = f"{100 * (1 - wealth):.1f}"
    assert text.startswith(f"Label: Negative. The one signal at hand: the market factor \u2212{loss}%.")


def test_the_page_names_the_fund_that_is_read() -> None:
    page = (Path(__file__).parents[3] / "docs" / "label.md").read_text("utf-8")
    universe = load_universe("us")
    assert f"({universe.roles['flows']['small']})" in page
    assert f"({universe.role('weighting', 'equal')[0]})" in page
    assert universe.instrument(universe.role("indices", "broad")[0]).name in page
