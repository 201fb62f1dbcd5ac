"""The summary and the correlations in whole reports: complete, bound to facts, and ready to be monitored."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rotascope.app import wiring
from rotascope.app.settings import Settings
from rotascope.facts.build import Desk
from rotascope.model.documents import Block, Document, Table
from rotascope.model.facts import Fact, FactInput, Window
from rotascope.model.universe import load_universe
from rotascope.report.compose import compose
from rotascope_verify import supported_ops

AS_OF = date(2026, 2, 10)
JANUARY = Window(date(2025, 12, 31), date(2026, 1, 30))


def write(home: Path, window: Window, as_of: date) -> tuple[Document, dict[str, Fact]]:
    with wiring.open_reader(Settings(home)) as reader:
        desk = Desk(reader, load_universe("us"), as_of, verifiable=supported_ops())
        document, used = compose(desk, window)
        return document, {f.id: f for f in desk.closure(used)}


@pytest.fixture(scope="module")
def january(market_home: Path) -> tuple[Document, dict[str, Fact]]:
    return write(market_home, JANUARY, AS_OF)


def under(document: Document, title: str) -> list[Block | Table]:
    """Return the blocks below a heading, up to the next one."""
    out: list[Block | Table] = []
    inside = False
    for block in document.blocks:
        if isinstance(block, Block) and block.kind == "heading":
            inside = block.inline.text == title
        elif inside and isinstance(block, Block | Table):
            out.append(block)
    return out


def table(document: Document, title: str) -> Table:
    return next(b for b in under(document, title) if isinstance(b, Table))


def test_every_dimension_has_its_row(january: tuple[Document, dict[str, Fact]]) -> None:
    rows = {row[0].text: [c.text for c in row[1:]] for row in table(january[0], "Performance").rows}
    assert list(rows) == [
        "S&P 500", "Value minus growth, Russell", "Value minus growth, CRSP", "Value minus growth, S&P",
        "Small minus big, Russell", "Small minus big, CRSP", "Small minus big, S&P", "First sector: Energy",
        "Last sector: Financials", "Equal weights minus weights by size",
        "Net flow, iShares Russell 2000 ETF",
    ]  # fmt: skip
    assert rows["Value minus growth, Russell"] == ["+6.1 pp", "99th percentile", "extreme"]
    assert rows["First sector: Energy"][0] == "+14.2%"


def test_triggers_are_ready_for_a_monitor(january: tuple[Document, dict[str, Fact]]) -> None:
    """Each trigger names a test and a number; its input names the metric, the series and the base."""
    document, facts = january
    rows = table(document, "Monitoring priorities").rows
    assert len(rows) >= 5
    for row in rows:
        (limit,) = [facts[s.data["ref"]] for s in row[2].spans if s.kind == "fact"]
        (now,) = [facts[s.data["ref"]] for s in row[1].spans if s.kind == "fact"]
        assert limit.recipe.op == "trigger"
        assert limit.inputs == (FactInput(now.id),)
        assert limit.series == now.series
        assert now.window is not None and now.window.start == JANUARY.start
        test, than = limit.recipe.params["test"], limit.recipe.params["than"]
        assert (now.value > than) if test == "below" else (now.value < than)
        assert row[2].text.startswith(f"{test} ")


def test_pairs_end_before_the_window(january: tuple[Document, dict[str, Fact]]) -> None:
    document, facts = january
    shown = table(document, "Cross-domain correlations and what they imply")
    used = [
        facts[s.data["ref"]] for row in shown.rows for cell in row for s in cell.spans if s.kind == "fact"
    ]
    assert {f.recipe.op for f in used} == {"co_movement"}
    for fact in used:
        last = max(i.last for i in fact.inputs if not isinstance(i, FactInput))
        assert last <= JANUARY.start


def test_equal_weights_and_styles_count_as_one(january: tuple[Document, dict[str, Fact]]) -> None:
    """From the closes of 2025 the two gaps correlate at 0.91: the next test does the arithmetic."""
    first = under(january[0], "Cross-domain correlations and what they imply")[0]
    assert isinstance(first, Block)
    assert "measured much the same thing" in first.inline.text
    assert "0.91" in first.inline.text


def test_a_correlation_by_pandas(market_home: Path, january: tuple[Document, dict[str, Fact]]) -> None:
    import numpy as np
    import pandas as pd

    from rotascope.model.observations import Field

    fact = next(f for f in january[1].values() if f.metric == "pair_correlation" and "RSP" in f.series)
    with wiring.open_reader(Settings(market_home)) as reader:
        closes = {}
        for name in fact.series:
            data = reader.read(name, Field.CLOSE, as_of=AS_OF)
            closes[name] = pd.Series(data.values, index=pd.DatetimeIndex(data.dates))
    logs = np.log(pd.DataFrame(closes).dropna().loc[: pd.Timestamp(JANUARY.start)]).diff()
    a, b, c, d = fact.series
    found = (logs[a] - logs[b]).iloc[-252:].corr((logs[c] - logs[d]).iloc[-252:])
    assert fact.value == pytest.approx(found, abs=1e-9)


def test_the_wheel_alone_gives_the_parts_that_it_can(tmp_path: Path) -> None:
    document, _ = write(tmp_path, Window(date(2000, 1, 31), date(2000, 2, 29)), date(2000, 3, 31))
    rows = {row[0].text for row in table(document, "Performance").rows}
    assert "S&P 500" in rows
    assert under(document, "Sector pattern") == []
    assert under(document, "Monitoring priorities")
